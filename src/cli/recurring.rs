//! `recurring`: what many areas are told again and again.

use std::io::Write;

use clap::Args;

use super::filters::QuestionArgs;
use super::output::{Format, View, print_json, print_rows, printable};
use super::{Exit, Failure, context::Context, figures};
use crate::query::{self, AreaShare, FlaggedAgain};

/// Groups that are printed unless `--limit` says otherwise.
const DEFAULT_LIMIT: usize = 15;

/// Show formal items that say the same thing in other words, and themes that areas are flagged for again.
#[derive(Debug, Args)]
#[command(mut_arg("format", |format| format.help("Form of the answer; JSON is one object, CSV one row for each group")))]
#[command(after_help = "Example:\n  sendlens recurring --theme annual-reviews")]
pub struct Command {
    #[command(flatten)]
    asked: QuestionArgs,
}

const VIEW: View = View {
    table: &[],
    csv: &[
        "theme",
        "label",
        "also",
        "areas",
        "items",
        "years",
        "shared_words",
        "exemplar.finding_id",
        "exemplar.area",
        "exemplar.inspection_start",
        "exemplar.text",
        "exemplar.page",
        "exemplar.url",
    ],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let mut filter = self.asked.filters.resolve(&dataset.reference()?)?;
        if self.asked.format == Format::Table && filter.limit.is_none() {
            filter.limit = Some(DEFAULT_LIMIT);
        }
        let answer = query::recurring(&dataset, &filter)?;
        match self.asked.format {
            Format::Json => print_json(&answer)?,
            Format::Csv => {
                print_rows(self.asked.format, &VIEW, &answer.groups)?;
            }
            Format::Table => {
                let labels = query::theme_labels(&dataset)?;
                let mut out = super::output::page();
                for group in &answer.groups {
                    let mut names = vec![group.label.as_str()];
                    names
                        .extend(labels.iter().filter(|(id, _)| group.also.contains(id)).map(|(_, name)| name.as_str()));
                    let years: Vec<String> = group.years.iter().map(ToString::to_string).collect();
                    writeln!(
                        out,
                        "{}: {} areas, {} items ({})",
                        names.join("; "),
                        group.areas,
                        group.items,
                        years.join(", ")
                    )?;
                    let exemplar = &group.exemplar;
                    let text = printable(&exemplar.text).replace('\n', "\n  ");
                    writeln!(out, "  {text}")?;
                    writeln!(
                        out,
                        "    {}, page {} · {}\n",
                        printable(&exemplar.area),
                        exemplar.page,
                        exemplar.finding_id
                    )?;
                }
                if !answer.flagged_again.is_empty() {
                    writeln!(
                        out,
                        "Flagged in 2016-2022 and again since 2023, against areas flagged for the first time since"
                    )?;
                }
                for again in &answer.flagged_again {
                    writeln!(out, "  {}: {}", again.label, compared(again))?;
                }
                out.flush()?;
                if answer.groups.is_empty() {
                    context.say("No formal items that match say the same thing in two areas.");
                }
                super::say_scope(context, &answer.scope);
            }
        }
        Ok(Exit::Fine)
    }
}

/// "5 of 12 (42%) again, 3 of 14 (21%) for the first time; after a positive revisit 1 of 5, otherwise 4 of 7".
fn compared(again: &FlaggedAgain) -> String {
    let few = |share: &AreaShare| figures::few_of(share.flagged, share.of_areas);
    let mut words = format!(
        "{} again, {} for the first time",
        figures::few_of(again.again, again.of_areas),
        few(&again.first_time)
    );
    if again.after_positive_revisit.of_areas > 0 {
        words += &format!(
            "; after a positive revisit {}, otherwise {}",
            few(&again.after_positive_revisit),
            few(&again.without_positive_revisit)
        );
    }
    words
}
