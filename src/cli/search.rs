//! `search`: full text of the findings.

use std::io::Write;

use clap::Args;

use super::filters::QuestionArgs;
use super::output::{self, Format, View, print_rows, printable};
use super::{Exit, Failure, context::Context};
use crate::query::{self, Hit};

/// Matches that are printed unless `--limit` says otherwise.
const DEFAULT_LIMIT: usize = 20;

/// Search the wording of findings.
#[derive(Debug, Args)]
#[command(
    after_help = "Write words, \"a phrase\", a prefix*, AND, OR, NOT, NEAR(first second, 10), and parentheses. Words \
                  are found in all their forms.\n\nExample:\n  sendlens search '\"health visitors\" AND (delay* OR \
                  wait*) NOT autism' --polarity weakness"
)]
pub struct Command {
    /// What to search for.
    query: String,
    #[command(flatten)]
    asked: QuestionArgs,
}

const VIEW: View = View {
    table: &[],
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
        "polarity",
        "themes",
        "text",
        "page",
        "url",
    ],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let mut filter = self.asked.filters.resolve(&dataset.reference()?)?;
        if self.asked.format == Format::Table && filter.limit.is_none() {
            filter.limit = Some(DEFAULT_LIMIT);
        }
        let found = query::search(&dataset, &self.query, &filter)?;
        if self.asked.format == Format::Table {
            let mut out = output::page();
            for hit in &found.hits {
                write_hit(&mut out, hit, output::is_styled())?;
            }
            out.flush()?;
        } else {
            print_rows(self.asked.format, &VIEW, &found.hits)?;
        }
        match found.total {
            Some(0) => context.say("Nothing matches. Try fewer words, a prefix*, or OR."),
            Some(total) => {
                let order = if found.ranked { "best first" } else { "latest inspections first" };
                context.say(format_args!("{} of {total} matching findings, {order}.", found.hits.len()));
            }
            None => context.say(format_args!(
                "More than {} findings match; these were recorded last. Add words or filters to have the best first.",
                query::MAX_COUNTED_MATCHES
            )),
        }
        Ok(Exit::Fine)
    }
}

fn write_hit(out: &mut impl Write, hit: &Hit, styled: bool) -> std::io::Result<()> {
    let finding = &hit.finding;
    writeln!(
        out,
        "{} · {} · {} · page {} · {}",
        printable(&finding.area),
        finding.inspection_start,
        finding.role.to_string().replace('_', " "),
        finding.page,
        finding.id
    )?;
    write!(out, "  ")?;
    for segment in &hit.segments {
        let text = printable(&segment.text).replace('\n', "\n  ");
        match (segment.hit, styled) {
            (false, _) => write!(out, "{text}")?,
            (true, true) => write!(out, "\u{1b}[1m{text}\u{1b}[0m")?,
            (true, false) => write!(out, "**{text}**")?,
        }
    }
    writeln!(out, "\n")
}
