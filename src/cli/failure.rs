//! How a command ends: the exit codes, and the one message that a failure prints.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was done.
    Fine,
    /// Some documents failed; the rest was done.
    SomeFailed,
    /// A source looks changed; what was found was done.
    SourceChanged,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::SomeFailed => 2,
            Exit::SourceChanged => 3,
        }
    }
}

/// A fatal error at the edge of the program: whatever went wrong, ready to be printed.
#[derive(Debug)]
pub struct Failure {
    message: String,
    broken_pipe: bool,
}

impl Failure {
    /// A failure with a message of its own. It should say what to do next.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), broken_pipe: false }
    }

    /// Whether the reader of our output went away, which is a clean end ("sendlens findings | head").
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }

    /// The message, with the causes that it does not already name.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut broken_pipe = is_broken_pipe(&error);
        let mut cause = error.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            if !message.contains(&text) {
                // Writing to a string cannot fail.
                let _ = write!(message, ": {text}");
            }
            broken_pipe |= is_broken_pipe(inner);
            cause = inner.source();
        }
        Self { message, broken_pipe }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
        || error
            .downcast_ref::<serde_json::Error>()
            .is_some_and(|e| e.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
        || error
            .downcast_ref::<csv::Error>()
            .is_some_and(|e| matches!(e.kind(), csv::ErrorKind::Io(inner) if inner.kind() == io::ErrorKind::BrokenPipe))
}
