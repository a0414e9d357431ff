//! `due`: which inspections are due, and when.

use std::path::PathBuf;

use clap::Args;

use super::filters::{QuestionArgs, TodayArg};
use super::output::{Format, View, column};
use super::{Exit, Failure, context::Context};
use crate::query;
use crate::view::{calendar::calendar, words};

/// List the monitoring and full inspections that are due, the earliest first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  sendlens due --region \"South West\"\n  sendlens due --overdue --format csv\n  \
                        sendlens due --area \"Area name\" --calendar due.ics")]
pub struct Command {
    /// Only those whose day has passed with no later report held here.
    #[arg(long)]
    overdue: bool,
    /// Write an iCalendar file for calendar programs instead of printing rows.
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    #[command(flatten)]
    asked: QuestionArgs,
    #[command(flatten)]
    today: TodayArg,
}

const VIEW: View = View {
    table: &[
        column("Expected by", "due").whole(),
        column("What", "what"),
        column("Area", "area"),
        column("Region", "region").rank(3),
        column("Latest outcome", "standing").rank(2),
        column("Date passed", "overdue").whole().rank(1),
        column("Stated in", "letter_id").whole(),
    ],
    csv: &[
        "month",
        "due",
        "what",
        "la_code",
        "area",
        "region",
        "la_type",
        "standing",
        "letter_id",
        "inspection_start",
        "overdue",
        "held_to",
    ],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let filter = context.filter(&self.asked.filters, &dataset, self.asked.format)?;
        let mut rows = query::due(&dataset, &filter.unpaged(), self.today.day())?;
        if self.overdue {
            rows.retain(|row| row.overdue);
        }
        if let Some(limit) = filter.limit {
            rows.truncate(limit);
        }
        let note = words::passed_note(query::held_to(&dataset)?);
        if let Some(file) = &self.calendar {
            std::fs::write(file, calendar("SEND inspections expected", &rows, "")).map_err(|error| {
                Failure::new(format!(
                    "cannot write {}: {error}; check the folder and that you may write there",
                    file.display()
                ))
            })?;
            context.say(format_args!("Wrote {} with {}.", file.display(), words::count(rows.len(), "date", "dates")));
            context.say(note);
            return Ok(Exit::Fine);
        }
        let exit = context.rows(self.asked.format, &VIEW, &filter, rows, "due inspections")?;
        if self.asked.format == Format::Table {
            context.say(note);
        }
        Ok(exit)
    }
}
