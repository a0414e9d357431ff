//! Pieces of pages and report that are made from typed answers.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{chart, words};
use crate::domain::{LetterKind, Outcome};
use crate::query::{Adjusted, FEW, Scope, Standing, YearOutcome, stats};

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

/// What corrected shares are, below a table that has some.
#[must_use]
pub fn corrected_note<'a>(mut all: impl Iterator<Item = &'a Adjusted>) -> Markup {
    html! {
        @if let Some(letters) = all.find_map(|adjusted| adjusted.error_basis.filter(|letters| *letters > 0)) {
            p.soft { small {
                "\u{201c}Corrected\u{201d} estimates the share of letters that really have the theme. It allows for the errors that the program made on "
                (letters) " letters that people coded."
            } }
        }
    }
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

/// The outcomes of first and full inspections, by year.
#[must_use]
pub fn outcomes(years: &[YearOutcome]) -> Markup {
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
    let (Some(first), Some(last)) =
        (inspections.iter().map(|y| y.year).min(), inspections.iter().map(|y| y.year).max())
    else {
        return html! { p { "There is no inspection letter in the dataset yet." } };
    };
    let mut counts: BTreeMap<(i16, Option<Outcome>), u32> = BTreeMap::new();
    for y in &inspections {
        *counts.entry((y.year, y.outcome)).or_default() += u32::try_from(y.letters).unwrap_or(u32::MAX);
    }
    let columns: Vec<i16> = (first..=last).collect();
    let series: Vec<chart::Series> = shown
        .into_iter()
        .map(|outcome| {
            let (class, mark, label) = outcome_look(outcome);
            let counts = columns.iter().map(|year| counts.get(&(*year, outcome)).copied().unwrap_or(0)).collect();
            chart::Series { label: label.to_owned(), class, mark, counts }
        })
        .filter(|s: &chart::Series| s.counts.iter().any(|n| *n > 0))
        .collect();
    let labels: Vec<String> = columns.iter().map(ToString::to_string).collect();
    let total: u32 = series.iter().flat_map(|s| &s.counts).sum();
    let summary = format!(
        "{} inspections from {first} to {last}, by the year in which they began and their outcome.",
        words::thousands(total as usize)
    );
    let drawing =
        chart::stacked_columns("outcomes-chart", "Outcomes of inspections by year", &summary, &labels, &series);
    let table = html! {
        div.table-frame tabindex="0" role="region" aria-label="Outcomes of inspections by year" {
            table {
                thead { tr { th scope="col" { "Year" } @for s in &series { th.n scope="col" { (s.label) } } } }
                tbody {
                    @for (i, year) in labels.iter().enumerate() {
                        tr { th scope="row" { (year) } @for s in &series { td.n { (s.counts[i]) } } }
                    }
                }
            }
        }
    };
    let others: usize = years.iter().map(|y| y.letters).sum::<usize>().saturating_sub(total as usize);
    let caption = format!(
        "{} by year and outcome{}",
        words::count(total as usize, "inspection", "inspections"),
        match others {
            0 => String::new(),
            others => format!(
                " (the other {} are on revisits and monitoring inspections)",
                words::count(others, "letter", "letters")
            ),
        }
    );
    chart::with_table(&caption, &drawing, &table)
}
