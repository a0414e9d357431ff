//! The command line: arguments in, answers out.
//!
//! Each command is a file of its own with its arguments and a `run`. Data go to standard output, progress and advice
//! to standard error. Parsed arguments become settings once, in `context`; nothing below looks at the environment.

mod area;
mod areas;
mod briefing;
mod changes;
mod check;
mod codebook;
mod compare;
mod context;
mod demo;
mod due;
mod evaluate;
mod export;
mod extract;
mod failure;
mod feed;
mod figures;
mod filters;
mod findings;
mod ingest;
mod letter;
mod letters;
mod output;
mod peers;
mod progress;
mod rebuild;
mod recurring;
mod report;
mod review;
mod search;
mod serve;
mod shell;
mod show;
mod site;
mod status;
mod table;
mod tag;
mod terms;
mod themes;
mod update;
mod wrap;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand};

pub use failure::{Exit, Failure};

use context::Context;

/// Reads the letters and reports of England's local area SEND inspections and answers questions about what they find.
#[derive(Debug, Parser)]
#[command(
    name = "sendlens",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "Start with:\n  sendlens demo                    see it work on a small invented site\n  \
                  sendlens ingest FOLDER           add letters that you have as PDF\n  \
                  sendlens update                  fetch what is new from the inspectorate\n  \
                  sendlens peers \"Area name\"       what were areas like yours flagged for?"
)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
struct GlobalArgs {
    /// Data directory with the archive and the database [default: corpus/ of a checkout, else the platform's].
    #[arg(long, global = true, value_name = "DIR", env = "SENDLENS_DATA")]
    data: Option<PathBuf>,
    /// Configuration file [default: sendlens.toml here or in the user's configuration folder].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder with reference tables to use instead of the built-in ones.
    #[arg(long, global = true, value_name = "DIR")]
    reference: Option<PathBuf>,
    /// Codebook to use instead of the built-in one.
    #[arg(long, global = true, value_name = "FILE")]
    codebook: Option<PathBuf>,
    /// Threads that read documents [default: one for each core].
    #[arg(long, global = true, value_name = "N")]
    threads: Option<usize>,
    /// Code with patterns only, without the language model: much faster, but less accurate.
    #[arg(long, global = true, env = "SENDLENS_NO_MODEL", value_parser = clap::builder::BoolishValueParser::new())]
    no_model: bool,
    /// Print errors only.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Print more; given twice, also a line for every document.
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Command),
    Ingest(ingest::Command),
    Rebuild(rebuild::Command),
    Update(update::Command),
    Letters(letters::Command),
    Letter(letter::Command),
    Findings(findings::Command),
    Areas(areas::Command),
    Area(area::Command),
    Themes(themes::Command),
    Peers(peers::Command),
    Compare(compare::Command),
    Due(due::Command),
    Search(search::Command),
    Show(show::Command),
    Status(status::Command),
    Check(check::Command),
    Changes(changes::Command),
    Recurring(recurring::Command),
    Export(export::Command),
    Extract(extract::Command),
    Report(report::Command),
    Briefing(briefing::Command),
    Serve(serve::Command),
    Site(site::Command),
    Tag(tag::Command),
    Evaluate(evaluate::Command),
    Codebook(codebook::Command),
    Review(review::Command),
    Completions(shell::Completions),
    Man(shell::Man),
}

impl Command {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Command::Demo(command) => command.run(context),
            Command::Ingest(command) => command.run(context),
            Command::Rebuild(command) => command.run(context),
            Command::Update(command) => command.run(context),
            Command::Letters(command) => command.run(context),
            Command::Letter(command) => command.run(context),
            Command::Status(command) => command.run(context),
            Command::Check(command) => command.run(context),
            Command::Findings(command) => command.run(context),
            Command::Areas(command) => command.run(context),
            Command::Area(command) => command.run(context),
            Command::Themes(command) => command.run(context),
            Command::Peers(command) => command.run(context),
            Command::Compare(command) => command.run(context),
            Command::Due(command) => command.run(context),
            Command::Search(command) => command.run(context),
            Command::Show(command) => command.run(context),
            Command::Changes(command) => command.run(context),
            Command::Recurring(command) => command.run(context),
            Command::Export(command) => command.run(context),
            Command::Extract(command) => command.run(),
            Command::Report(command) => command.run(context),
            Command::Briefing(command) => command.run(context),
            Command::Serve(command) => command.run(context),
            Command::Site(command) => command.run(context),
            Command::Tag(command) => command.run(context),
            Command::Evaluate(command) => command.run(context),
            Command::Codebook(command) => command.run(context),
            Command::Review(command) => command.run(context),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

/// The day on which the program runs, where the user is.
fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

/// Prints which letters an answer rests on, and which it leaves out.
fn say_scope(context: &Context, scope: &crate::query::Scope) {
    context.say(format_args!("Scope: {}", scope.sentence()));
    for left in &scope.left_out {
        context.say(left.sentence());
    }
}

/// The definition of the command line, for completions, the manual page and tests of the docs.
#[must_use]
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Runs the program on the process's own arguments.
#[must_use]
pub fn main() -> ExitCode {
    run(std::env::args_os())
}

/// Runs a command on behalf of another, such as `demo`.
fn answer<A: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = A>) -> Result<Exit, Failure> {
    let cli = Cli::try_parse_from(arguments)?;
    cli.command.run(&Context::new(cli.global)?)
}

/// Runs the program on the arguments given, the first of which is its name.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; anything else is a mistake in the call.
            let code = if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
            return if error.print().is_ok() { code } else { ExitCode::SUCCESS };
        }
    };
    match Context::new(cli.global).and_then(|context| cli.command.run(&context)) {
        Ok(exit) => exit.into(),
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("sendlens: {}", failure.message());
            ExitCode::FAILURE
        }
    }
}
