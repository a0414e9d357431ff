//! `compare`: two to six named areas side by side.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::filters::{QuestionArgs, TodayArg};
use super::output::{Format, View, column, in_words, print_json, print_rows, printable};
use super::{Exit, Failure, context::Context};
use crate::domain::Term;
use crate::query::{self, ComparedArea, Comparison};
use crate::view::words;

/// Compare two to six areas: how they stand, what each was flagged for, what they share.
#[derive(Debug, Args)]
#[command(mut_arg("format", |format| format.help("Form of the answer; JSON is one object, CSV one row for each theme and area")))]
#[command(after_help = "Filters of letters set what is compared; other filters of areas do not apply.\n\n\
                        Example:\n  sendlens compare \"One area\" \"Another area\" --framework 2023")]
pub struct Command {
    /// The areas: names in any usual spelling, three-digit codes, ONS codes or URNs.
    #[arg(id = "areas", value_name = "AREA", num_args = 1.., required = true)]
    areas: Vec<String>,
    #[command(flatten)]
    asked: QuestionArgs,
    #[command(flatten)]
    today: TodayArg,
}

const STANDINGS: View = View {
    table: &[
        column("Area", "area"),
        column("Latest outcome", "standing.standing"),
        column("Since", "standing.standing_since").whole(),
        column("Letters", "letters").whole().rank(1),
        column("Monitoring expected", "standing.monitoring_due").whole(),
        column("Full inspection expected", "standing.next_full_inspection_due").whole(),
    ],
    csv: &[],
};

const THEMES: View = View {
    table: &[
        column("Theme", "label"),
        column("Flagged", "flagged").whole(),
        column("Areas", "areas"),
        column("Criticised, but in no formal item", "criticised").rank(1),
    ],
    csv: &[
        "theme",
        "label",
        "la_code",
        "area",
        "flagged",
        "criticised",
        "text",
        "page",
        "letter_id",
        "finding_id",
        "url",
    ],
};

/// A theme as the table shows it.
#[derive(Serialize)]
struct Line {
    label: String,
    flagged: String,
    areas: String,
    criticised: String,
}

/// A theme and an area, as CSV shows them.
#[derive(Serialize)]
struct Cell<'a> {
    theme: &'a str,
    label: &'a str,
    la_code: &'a str,
    area: &'a str,
    flagged: Option<bool>,
    criticised: bool,
    text: Option<&'a str>,
    page: Option<u32>,
    letter_id: Option<&'a str>,
    finding_id: Option<&'a str>,
    url: Option<&'a str>,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let reference = dataset.reference()?;
        let mut filter = self.asked.filters.resolve(&reference)?;
        let code = |given: &String| reference.resolve(given).map(|area| area.la_code.clone());
        filter.areas = self.areas.iter().map(code).collect::<Result<_, _>>()?;
        let answer = query::compare(&dataset, &filter, self.today.day())?;
        match self.asked.format {
            Format::Json => print_json(&answer)?,
            Format::Csv => {
                print_rows(Format::Csv, &THEMES, cells(&answer))?;
            }
            Format::Table => print_tables(context, &answer)?,
        }
        if self.asked.format == Format::Table && answer.areas.iter().any(overdue) {
            context.say(words::passed_note(query::held_to(&dataset)?));
        }
        Ok(Exit::Fine)
    }
}

fn overdue(area: &ComparedArea) -> bool {
    area.standing.as_ref().is_some_and(|row| row.overdue)
}

fn cells(answer: &Comparison) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for theme in &answer.themes {
        let mut quotes = theme.quotes.iter();
        for ((area, flagged), criticised) in answer.areas.iter().zip(&theme.flagged).zip(&theme.criticised) {
            // There is a quote for each flagged area, in the order of the areas.
            let quote = if *flagged == Some(true) { quotes.next() } else { None };
            cells.push(Cell {
                theme: &theme.theme,
                label: &theme.label,
                la_code: &area.la_code,
                area: &area.area,
                flagged: *flagged,
                criticised: *criticised,
                text: quote.map(|q| q.text.as_str()),
                page: quote.map(|q| q.page),
                letter_id: quote.map(|q| q.letter_id.as_str()),
                finding_id: quote.map(|q| q.finding_id.as_str()),
                url: quote.and_then(|q| q.url.as_deref()),
            });
        }
    }
    cells
}

fn print_tables(context: &Context, answer: &Comparison) -> Result<(), Failure> {
    let areas = answer.areas.iter().map(|area| {
        let mut value = serde_json::to_value(area).unwrap_or_default();
        value["letters"] = area.letters.len().into();
        value
    });
    print_rows(Format::Table, &STANDINGS, areas)?;
    let mut out = super::output::page();
    for area in &answer.areas {
        writeln!(out, "\n{}", printable(&area.area))?;
        for letter in &area.letters {
            let start = letter.inspection_start.map(|d| d.to_string()).unwrap_or_default();
            let outcome = in_words(letter.outcome.map_or("conclusion not found", Term::as_str));
            writeln!(out, "  {start} {}: {outcome} ({})", in_words(letter.kind.as_str()), letter.id)?;
        }
        if area.letters.is_empty() {
            writeln!(out, "  no letter held that matches")?;
        }
    }
    writeln!(out)?;
    out.flush()?;
    let lines = answer.themes.iter().map(|theme| {
        let named = answer.areas.iter().zip(&theme.flagged).filter(|(_, flagged)| **flagged == Some(true));
        let named: Vec<&str> = named.map(|(area, _)| area.area.as_str()).collect();
        let others = answer.areas.iter().zip(&theme.flagged).zip(&theme.criticised);
        let others = others.filter(|((_, flagged), criticised)| **flagged == Some(false) && **criticised);
        let others: Vec<&str> = others.map(|((area, _), _)| area.area.as_str()).collect();
        Line {
            label: theme.label.clone(),
            flagged: format!("{} of {}", theme.areas_flagged, theme.of_areas),
            areas: words::list(&named),
            criticised: words::list(&others),
        }
    });
    print_rows(Format::Table, &THEMES, lines)?;
    let labels = |ids: &[String]| words::list(&ids.iter().map(|id| answer.theme_label(id)).collect::<Vec<_>>());
    let mut out = super::output::page();
    if !answer.shared.is_empty() {
        writeln!(out, "\nFlagged in all of them: {}.", labels(&answer.shared))?;
    }
    for area in answer.areas.iter().filter(|area| !area.alone_in.is_empty()) {
        writeln!(out, "Only in {}: {}.", printable(&area.area), labels(&area.alone_in))?;
    }
    for theme in answer.themes.iter().filter(|theme| answer.shared.contains(&theme.theme)).take(5) {
        writeln!(out, "\n{}", theme.label)?;
        for quote in &theme.quotes {
            let text = printable(&quote.text).replace('\n', "\n    ");
            writeln!(out, "  {} (page {}): {text}", printable(&quote.area), quote.page)?;
            writeln!(out, "    {}", quote.finding_id)?;
        }
    }
    out.flush()?;
    for area in answer.areas.iter().filter(|area| !area.can_be_flagged) {
        context.say(format_args!("{}: no letter is held that could flag a theme; it does not count.", area.area));
    }
    Ok(())
}
