//! The `sendlens` program; everything is in the library's `cli` module.

fn main() -> std::process::ExitCode {
    sendlens::cli::main()
}
