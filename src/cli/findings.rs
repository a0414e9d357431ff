//! `findings`: coded sentences and formal items, each with its page and the evidence of its codes.

use clap::Args;

use super::filters::QuestionArgs;
use super::output::{View, column};
use super::{Exit, Failure, context::Context};
use crate::query;

/// List findings: by letter, the latest inspection first, and within a letter its formal items first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens findings --theme waiting-times --role priority_action --format csv")]
pub struct Command {
    #[command(flatten)]
    asked: QuestionArgs,
}

const VIEW: View = View {
    table: &[
        column("Area", "area"),
        column("Inspected", "inspection_start").whole(),
        column("Role", "role"),
        column("Polarity", "polarity"),
        column("Themes", "themes").rank(1),
        column("Page", "page").whole().rank(2),
        column("Finding", "text").at_least(30),
    ],
    csv: &[
        "id",
        "letter_id",
        "la_code",
        "area",
        "kind",
        "framework",
        "inspection_start",
        "role",
        "section",
        "ordinal",
        "paragraph",
        "polarity",
        "cue",
        "coded_by",
        "themes",
        "text",
        "page",
        "sub_items",
        "responsible",
        "verdict",
        "judges",
        "similarity",
        "joined_by",
        "url",
    ],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let filter = context.filter(&self.asked.filters, &dataset, self.asked.format)?;
        context.each_row(self.asked.format, &VIEW, &filter, "findings", |print| {
            query::each_finding(&dataset, &filter, print)
        })
    }
}
