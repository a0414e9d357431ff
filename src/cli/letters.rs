//! `letters`: lists letters with everything that was read from them.

use clap::Args;

use super::filters::QuestionArgs;
use super::output::{View, column};
use super::{Exit, Failure, context::Context};
use crate::query;

/// List letters and reports.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens letters --framework 2023 --outcome widespread_failings --format csv")]
pub struct Command {
    #[command(flatten)]
    asked: QuestionArgs,
}

const VIEW: View = View {
    table: &[
        column("Area", "area"),
        column("Inspected", "inspection_start").whole(),
        column("Kind", "kind").rank(1),
        column("Outcome", "outcome"),
        column("Priority actions", "counts.priority_action").whole().rank(2),
        column("To improve", "counts.area_for_improvement").whole().rank(4),
        column("Weaknesses", "counts.significant_weakness").whole().rank(3),
        column("Letter", "id").whole(),
    ],
    csv: &[
        "id",
        "sha256",
        "file",
        "url",
        "kind",
        "framework",
        "la_code",
        "ons_code",
        "area",
        "region",
        "la_type",
        "inspection_start",
        "inspection_end",
        "letter_date",
        "published_on",
        "previous_inspection.status",
        "previous_inspection.start",
        "previous_inspection.end",
        "outcome",
        "wsoa_required",
        "priority_action_plan_required",
        "next_full_inspection_months",
        "monitoring_inspection_months",
        "local_authorities",
        "health_bodies",
        "counts.significant_weakness",
        "counts.priority_action",
        "counts.area_for_improvement",
        "counts.strength",
        "counts.area_for_development",
        "counts.effective_bullets",
        "counts.needs_to_improve_bullets",
        "revisit.wsoa_required_on",
        "revisit.fit_for_purpose_on",
        "revisit.sufficient",
        "revisit.insufficient",
        "reason",
        "versions.extract",
        "versions.parse",
        "versions.code",
        "versions.codebook",
    ],
};

/// What the table shows of documents that are not SEND letters.
const SET_ASIDE: View = View {
    table: &[column("Document", "file"), column("Address", "url"), column("Why it was set aside", "reason")],
    csv: VIEW.csv,
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let filter = context.filter(&self.asked.filters, &dataset, self.asked.format)?;
        let view = if self.asked.filters.asks_for_set_aside() { &SET_ASIDE } else { &VIEW };
        context
            .each_row(self.asked.format, view, &filter, "letters", |print| query::each_letter(&dataset, &filter, print))
    }
}
