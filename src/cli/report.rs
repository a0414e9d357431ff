//! `report`: the national report as one self-contained HTML file.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::filters::FilterArgs;
use super::output::Format;
use super::{Exit, Failure, context::Context};
use crate::report::report;

/// Write the national report as one HTML file that needs no other file and no network.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sendlens report --to report.html\n  sendlens report --region London --to london.html"
)]
pub struct Command {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Date of the report, which due dates are compared with [default: today].
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    #[command(flatten)]
    filters: FilterArgs,
}

impl Command {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let filter = context.filter(&self.filters, &dataset, Format::Json)?;
        let today = self.today.unwrap_or_else(|| jiff::Zoned::now().date());
        let text = report(&dataset, &filter, today)?;
        std::fs::write(&self.to, text).map_err(|error| {
            Failure::new(format!(
                "cannot write {}: {error}; check the folder and that you may write there",
                self.to.display()
            ))
        })?;
        context.say(format!("Wrote {}.", self.to.display()));
        Ok(Exit::Fine)
    }
}
