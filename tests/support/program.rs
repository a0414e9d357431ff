//! Runs the program as a user does, on folders of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The built program, without settings from the environment of whoever runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sendlens"));
    command.env_remove("SENDLENS_DATA").env_remove("COLUMNS").env("NO_COLOR", "1").stdin(Stdio::null());
    // The model is slow in a debug build and tests of the pipeline do not need it. Tests of coding use it.
    command.env("SENDLENS_NO_MODEL", "true");
    command.current_dir(std::env::temp_dir());
    command
}

/// The program on a data directory, with the invented areas of the fixtures.
pub fn sendlens(data: &Path) -> Command {
    let mut command = program();
    command.arg("--data").arg(data).arg("--reference").arg(fixtures("reference"));
    command
}

/// A path below `fixtures/`.
pub fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// A path below the folder of real documents, where there is one beside the project.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    if path.exists() {
        return path.canonicalize().ok();
    }
    println!("skipped: the folder of real documents (../shared/{name}) is not here");
    None
}

/// Standard output as text. Panics with standard error unless the exit code is the expected one.
pub fn stdout(output: &Output, code: i32) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(output.status.code(), Some(code), "standard error:\n{}", text(&output.stderr));
    text(&output.stdout)
}

/// Standard output as JSON. Panics like [`stdout`].
pub fn json(output: &Output, code: i32) -> serde_json::Value {
    serde_json::from_str(&stdout(output, code)).unwrap()
}
