//! `briefing`: a document about one area for people who prepare an inspection.

use std::path::PathBuf;

use clap::Args;

use super::filters::{AreaArg, TodayArg};
use super::peers::basis;
use super::{Exit, Failure, context::Context};
use crate::report::briefing::{BriefingForm, briefing};
use crate::view::briefing::Briefing;

/// Write a briefing on an area: what was found there, what became of it, and what areas like it were flagged for.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  sendlens briefing \"Area name\" --to briefing.docx\n  \
                        sendlens briefing 971 --basis region --to briefing.html")]
pub struct Command {
    #[command(flatten)]
    area: AreaArg,
    /// The file to write: a Word document (.docx) to edit, or one HTML file (.html).
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Which areas are its peers; a list is names or codes separated by commas.
    #[arg(long, value_name = "neighbours|region|type|all|LIST", default_value = "neighbours")]
    basis: String,
    #[command(flatten)]
    today: TodayArg,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let form = BriefingForm::of_file(&self.to).ok_or_else(|| {
            Failure::new(format!(
                "cannot tell what {} should be: give --to a name that ends in .docx or .html",
                self.to.display()
            ))
        })?;
        let dataset = context.questions()?;
        let reference = dataset.reference()?;
        let area = self.area.resolve(&reference)?;
        let basis = basis(&self.basis, &reference)?;
        let bytes = briefing(&dataset, &area, &basis, &Briefing::bundled(), self.today.day(), form)?;
        std::fs::write(&self.to, bytes).map_err(|error| {
            Failure::new(format!(
                "cannot write {}: {error}; check the folder and that you may write there",
                self.to.display()
            ))
        })?;
        context.say(format_args!("Wrote {}.", self.to.display()));
        Ok(Exit::Fine)
    }
}
