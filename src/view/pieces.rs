//! Pieces of pages and report that are made from typed answers.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{chart, words};
use crate::domain::{LetterKind, Outcome};
use crate::query::{Adjusted, FEW, LetterRow, Scope, Standing, YearOutcome, stats};

/// How a standing looks and reads: class, sign, words.
#[must_use]
pub fn standing_look(standing: Option<Standing>) -> (&'static str, &'static str, &'static str) {
    match standing {
        Some(Standing::TypicallyPositive) => ("s-good", "P", "Typically positive (2023 framework)"),
        Some(Standing::Inconsistent) => ("s-mid", "I", "Inconsistent (2023 framework)"),
        Some(Standing::WidespreadFailings) => ("s-bad", "F", "Widespread or systemic failings (2023 framework)"),
        Some(Standing::NoWsoa) => ("s-good-old", "N", "No written statement required (2016 framework)"),
        Some(Standing::WsoaProgressAll) => {
            ("s-good-was", "A", "Written statement required; enough progress on all weaknesses")
        }
        Some(Standing::WsoaNotRevisited) => ("s-mid-old", "W", "Written statement required; no revisit held"),
        Some(Standing::WsoaProgressNotAll) => {
            ("s-bad-old", "S", "Written statement required; not enough progress on some weaknesses")
        }
        Some(Standing::NotInspected) => ("s-none", "\u{b7}", "No inspection held"),
        None => ("s-none", "?", "Outcome could not be read"),
    }
}

/// All standings in the order of a legend.
pub const STANDINGS: [Option<Standing>; 9] = [
    Some(Standing::TypicallyPositive),
    Some(Standing::Inconsistent),
    Some(Standing::WidespreadFailings),
    Some(Standing::NoWsoa),
    Some(Standing::WsoaProgressAll),
    Some(Standing::WsoaNotRevisited),
    Some(Standing::WsoaProgressNotAll),
    Some(Standing::NotInspected),
    None,
];

/// A standing with its swatch.
#[must_use]
pub fn standing(value: Option<Standing>) -> Markup {
    let (class, mark, text) = standing_look(value);
    html! { span.standing { span class={ "swatch " (class) } aria-hidden="true" { (mark) } span { (text) } } }
}

/// How an outcome looks: the same colours and signs as the standing that it leads to.
#[must_use]
pub fn outcome_look(outcome: Option<Outcome>) -> (&'static str, &'static str, &'static str) {
    let (class, mark) = match outcome {
        Some(Outcome::TypicallyPositive) => ("s-good", "P"),
        Some(Outcome::Inconsistent) => ("s-mid", "I"),
        Some(Outcome::WidespreadFailings) => ("s-bad", "F"),
        Some(Outcome::WsoaNotRequired) => ("s-good-old", "N"),
        Some(Outcome::WsoaRequired) => ("s-mid-old", "W"),
        Some(Outcome::SufficientProgressAll) => ("s-good-was", "A"),
        Some(Outcome::SufficientProgressSome | Outcome::SufficientProgressNone) => ("s-bad-old", "S"),
        None => ("s-none", "?"),
    };
    (class, mark, outcome.map_or("Could not be read", words::outcome))
}

/// An outcome with its swatch.
#[must_use]
pub fn outcome(value: Option<Outcome>) -> Markup {
    let (class, mark, text) = outcome_look(value);
    html! { span.standing { span class={ "swatch " (class) } aria-hidden="true" { (mark) } span { (text) } } }
}

/// The days of a letter's inspection.
#[must_use]
pub fn inspection_days(letter: &LetterRow) -> String {
    match (letter.inspection_start, letter.inspection_end) {
        (Some(start), Some(end)) => words::span(start, end),
        (Some(start), None) => words::date(start),
        _ => "dates could not be read".to_owned(),
    }
}

/// A share as a chart draws it, where there is one.
#[must_use]
pub fn drawn(share: stats::Share) -> Option<chart::Share> {
    Some(chart::Share { share: share.share?, low: share.low?, high: share.high? })
}

/// "43% (31% to 56%)", or a dash.
#[must_use]
pub fn share_text(share: stats::Share) -> String {
    match drawn(share) {
        Some(s) => format!("{} ({} to {})", words::percent(s.share), words::percent(s.low), words::percent(s.high)),
        None => "\u{2013}".to_owned(),
    }
}

/// The same where there are enough letters or areas to speak of a share; else nothing is told but the counts.
#[must_use]
pub fn share_of(share: stats::Share, of: usize) -> String {
    if of < FEW { "too few for a share".to_owned() } else { share_text(share) }
}

/// A bar where there are enough letters or areas for one.
#[must_use]
pub fn bar_of(share: stats::Share, of: usize, mark: Option<f64>) -> Markup {
    html! { @if let (Some(share), true) = (drawn(share), of >= FEW) { (chart::share_bar(share, mark)) } }
}

/// The share corrected for the coder's errors, where that changes it by more than a point.
#[must_use]
pub fn corrected(adjusted: &Adjusted, raw: stats::Share) -> Option<String> {
    let (share, low, high) = adjusted.where_it_matters(raw.share)?;
    Some(format!("{} ({} to {})", words::percent(share), words::percent(low), words::percent(high)))
}

/// What corrected shares are, where there are some; `of` is what the shares count.
#[must_use]
pub fn corrected_sentence<'a>(mut all: impl Iterator<Item = &'a Adjusted>, of: &str) -> Option<String> {
    let letters = all.find_map(|adjusted| adjusted.error_basis.filter(|letters| *letters > 0))?;
    Some(format!(
        "\u{201c}Corrected\u{201d} estimates the share of {of} that really have the theme. It allows for the errors that the \
         program made on {letters} letters that people coded."
    ))
}

/// The same below a table of shares of letters.
#[must_use]
pub fn corrected_note<'a>(all: impl Iterator<Item = &'a Adjusted>) -> Markup {
    html! { @if let Some(sentence) = corrected_sentence(all, "letters") { p.soft { small { (sentence) } } } }
}

/// What the bars of a table mean.
#[must_use]
pub fn bar_key(national: bool) -> Markup {
    html! {
        ul.key aria-hidden="true" {
            li { i.k-bar {} "share" }
            li { i.k-whisker {} "95% interval" }
            @if national { li { i.k-national {} "England" } }
        }
    }
}

/// What is not alike among letters or groups that stand side by side, in sentences.
#[must_use]
pub fn cautions<'a>(all: impl IntoIterator<Item = &'a String>) -> Markup {
    let mut said: Vec<&str> = Vec::new();
    for caution in all {
        if !said.contains(&caution.as_str()) {
            said.push(caution);
        }
    }
    html! { @if !said.is_empty() { div.note.warn { @for caution in said { p { (caution) } } } } }
}

/// What an answer rests on.
#[must_use]
pub fn scope(scope: &Scope) -> Markup {
    html! { p.soft { @if scope.letters > 0 { "Based on " } (scope_words(scope)) } }
}

/// The same within a sentence.
#[must_use]
pub fn scope_words(scope: &Scope) -> Markup {
    html! {
        @if let (Some(first), Some(last)) = (scope.first_inspection, scope.last_inspection) {
            (words::count(scope.letters, "letter", "letters")) " about "
            (words::count(scope.areas, "area", "areas")) ", inspected from " (words::month_year(first)) " to "
            (words::month_year(last)) ", under the "
            (words::list(&scope.frameworks.iter().map(|f| words::framework(*f)).collect::<Vec<_>>())) "."
        } @else {
            "No letter matches these filters."
        }
        @for (i, out) in scope.left_out.iter().enumerate() {
            @if i == 0 { " Left out: " } @else { "; " }
            (out.what) " (" (words::thousands(out.count)) ")"
        }
        @if !scope.left_out.is_empty() { "." }
    }
}

/// The outcomes of first and full inspections, by year: what chart, table and file show.
#[derive(Debug, Clone)]
pub struct OutcomesByYear {
    /// The years, without a gap.
    pub years: Vec<String>,
    /// The outcomes that occur, each with its count in every year.
    pub series: Vec<chart::Series>,
    /// Letters on revisits and monitoring inspections, which are not counted.
    others: usize,
}

/// The title of that chart.
pub const OUTCOMES_TITLE: &str = "Outcomes of inspections by year";

impl OutcomesByYear {
    /// Counts them; nothing where there is no inspection.
    #[must_use]
    pub fn of(years: &[YearOutcome]) -> Option<Self> {
        let shown = [
            Some(Outcome::TypicallyPositive),
            Some(Outcome::Inconsistent),
            Some(Outcome::WidespreadFailings),
            Some(Outcome::WsoaNotRequired),
            Some(Outcome::WsoaRequired),
            None,
        ];
        let inspections: Vec<&YearOutcome> =
            years.iter().filter(|y| matches!(y.kind, LetterKind::OutcomeLetter | LetterKind::AreaSendFull)).collect();
        let (first, last) = (inspections.iter().map(|y| y.year).min()?, inspections.iter().map(|y| y.year).max()?);
        let mut counts: BTreeMap<(i16, Option<Outcome>), u32> = BTreeMap::new();
        for y in &inspections {
            *counts.entry((y.year, y.outcome)).or_default() += u32::try_from(y.letters).unwrap_or(u32::MAX);
        }
        let columns: Vec<i16> = (first..=last).collect();
        let series = shown
            .into_iter()
            .map(|outcome| {
                let (class, mark, label) = outcome_look(outcome);
                let counts = columns.iter().map(|year| counts.get(&(*year, outcome)).copied().unwrap_or(0)).collect();
                chart::Series { label: label.to_owned(), class, mark, counts }
            })
            .filter(|s: &chart::Series| s.counts.iter().any(|n| *n > 0))
            .collect();
        let counted: usize = inspections.iter().map(|y| y.letters).sum();
        let others = years.iter().map(|y| y.letters).sum::<usize>().saturating_sub(counted);
        Some(Self { years: columns.iter().map(ToString::to_string).collect(), series, others })
    }

    fn total(&self) -> usize {
        self.series.iter().flat_map(|s| &s.counts).map(|count| *count as usize).sum()
    }

    /// The chart in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let ends = self.years.first().zip(self.years.last()).map(|(first, last)| format!(" from {first} to {last}"));
        format!(
            "{} inspections{}, by the year in which they began and their outcome. Revisits and monitoring inspections are not counted.",
            words::thousands(self.total()),
            ends.unwrap_or_default()
        )
    }

    /// Its columns.
    #[must_use]
    pub fn drawing(&self) -> chart::Drawing {
        chart::stacked_columns(&self.years, &self.series)
    }

    /// The chart with the table behind it and what can be taken away.
    #[must_use]
    pub fn figure(&self, table: &Markup, take: &Markup) -> Markup {
        let drawing = html! {
            (chart::inline("outcomes-chart", OUTCOMES_TITLE, &self.summary(), &self.drawing()))
            (chart::legend(&self.series))
        };
        let framed = html! { div.table-frame tabindex="0" role="region" aria-label=(OUTCOMES_TITLE) { (table) } };
        let caption = format!(
            "{} by year and outcome{}",
            words::count(self.total(), "inspection", "inspections"),
            match self.others {
                0 => String::new(),
                others => format!(
                    " (the other {} are on revisits and monitoring inspections)",
                    words::count(others, "letter", "letters")
                ),
            }
        );
        chart::with_table(&caption, &drawing, &framed, take)
    }
}
