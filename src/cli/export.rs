//! `export`: the dataset as files.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure, context::Context};
use crate::export::{self, Format};

/// Write the whole dataset as files for other tools, with its description.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens export --to send-findings --format csv,parquet")]
pub struct Command {
    /// Folder for the files. It is created if needed; files of an earlier export are replaced.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Formats, separated by commas: csv, jsonl, parquet, xlsx, sqlite [default: all].
    #[arg(long, value_name = "FORMATS", value_delimiter = ',')]
    format: Vec<Format>,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let formats: BTreeSet<Format> = if self.format.is_empty() {
            Format::ALL.iter().copied().collect()
        } else {
            self.format.into_iter().collect()
        };
        let written = export::export(&dataset, &self.to, &formats)?;
        for file in &written {
            context.detail(format_args!("{} ({} bytes)", file.path, file.bytes));
        }
        context.say(format_args!(
            "{} files written to {}. DICTIONARY.md says what every column means.",
            written.len(),
            self.to.display()
        ));
        Ok(Exit::Fine)
    }
}
