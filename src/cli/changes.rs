//! `changes`: what is new.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::output::{Format, View, column, print_rows};
use super::{Exit, Failure, context::Context, feed};
use crate::query;

/// Show what is new, revised, published again, vanished or failed, and what the letters flag.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens changes --since 2026-01-01")]
pub struct Command {
    /// From this day on [default: what the last finished run brought].
    #[arg(long, value_name = "DATE", value_parser = super::terms::date)]
    since: Option<Date>,
    /// At most so many rows.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Also write the changes as an Atom feed into this file, for people to subscribe to.
    #[arg(long, value_name = "FILE")]
    feed: Option<PathBuf>,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

const VIEW: View = View {
    table: &[
        column("When", "at"),
        column("Change", "change"),
        column("Area", "area"),
        column("Kind", "kind"),
        column("Outcome", "outcome"),
        column("Flagged for", "flagged"),
        column("Document", "address"),
        column("Reason", "reason"),
    ],
    csv: &[
        "at",
        "change",
        "status",
        "letter_id",
        "kind",
        "area",
        "outcome",
        "flagged",
        "source",
        "title",
        "address",
        "reason",
    ],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let mut changes = query::changes(&dataset, self.since)?;
        changes.truncate(self.limit.unwrap_or(usize::MAX));
        if let Some(file) = &self.feed {
            std::fs::write(file, feed::atom(&changes, &query::theme_labels(&dataset)?.into_iter().collect()))?;
        }
        if print_rows(self.format, &VIEW, changes)? == 0 {
            context.say("Nothing changed since then.");
        }
        Ok(Exit::Fine)
    }
}
