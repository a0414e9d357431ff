//! `areas`: where every area stands today.

use clap::Args;

use super::filters::{QuestionArgs, TodayArg};
use super::output::{Format, View, column};
use super::{Exit, Failure, context::Context};
use crate::query;

/// List every area with its standing, its latest letter, and when the next inspection is due.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens areas --region \"South West\" --format csv")]
pub struct Command {
    #[command(flatten)]
    asked: QuestionArgs,
    #[command(flatten)]
    today: TodayArg,
}

const VIEW: View = View {
    table: &[
        column("Area", "area"),
        column("Region", "region").rank(1),
        column("Latest outcome", "standing"),
        column("Since", "standing_since").whole(),
        column("From", "standing_from").rank(3),
        column("Letters", "letters").whole().rank(2),
        column("Next full inspection", "next_full_inspection_due").whole(),
        column("Monitoring", "monitoring_due").whole(),
        column("Date passed", "overdue").whole().rank(4),
    ],
    csv: &[
        "la_code",
        "ons_code",
        "area",
        "region",
        "la_type",
        "standing",
        "standing_from",
        "standing_since",
        "letters",
        "latest_letter.id",
        "latest_letter.kind",
        "latest_letter.inspection_start",
        "latest_letter.published_on",
        "latest_letter.outcome",
        "latest_letter.url",
        "next_full_inspection_due",
        "monitoring_due",
        "overdue",
    ],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        // All areas are few enough for one table.
        let filter = self.asked.filters.resolve(&dataset.reference()?)?;
        let today = self.today.day();
        let areas = query::areas(&dataset, &filter, today)?;
        let from_register = areas.iter().filter(|a| a.standing_from == Some("register")).count();
        let overdue = areas.iter().any(|a| a.overdue);
        let exit = context.rows(self.asked.format, &VIEW, &filter, areas, "areas")?;
        if overdue && self.asked.format == Format::Table {
            context.say(crate::view::words::passed_note(query::held_to(&dataset)?));
        }
        if from_register > 0 && self.asked.format == Format::Table {
            context.say(format_args!(
                "The standing of {from_register} areas rests on the official register of 2016-2022: the dataset holds \
                 no later letter about them."
            ));
        }
        Ok(exit)
    }
}
