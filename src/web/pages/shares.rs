//! How often a theme is found, in tables and charts: theme by theme, or for one theme by year, region or type of area.
//! Page, CSV and SVG are made from the same rows in the same order.

use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::params::Params;
use super::super::sort::{Column, Key, Order, Sorted};
use super::super::{components, download};
use crate::domain::{LaType, Term};
use crate::query::{By, FEW, ThemeShare, Themes};
use crate::view::citation::Citation;
use crate::view::figure::Figure;
use crate::view::{chart, tables, words};

const SHARE: &str = "Share (95% interval)";

/// The columns of the table of all themes.
pub(super) const THEMES: [Column<'static>; 4] = [
    Column::text("theme", "Theme"),
    Column::bar(),
    Column::number("letters", "Letters"),
    Column::number("share", SHARE),
];

/// What the letters of one theme are grouped by.
pub(super) struct Grouping {
    /// The name of its files, and of its table on the page.
    pub(super) name: &'static str,
    pub(super) by: By,
    /// "year", within a title.
    pub(super) word: &'static str,
    pub(super) columns: &'static [Column<'static>],
}

/// The groupings of the page of a theme.
pub(super) const GROUPINGS: [Grouping; 3] = [
    Grouping {
        name: "years",
        by: By::Year,
        word: "year",
        columns: &[
            Column::text("year", "Year"),
            Column::number("year-letters", "Letters"),
            Column::number("year-share", SHARE),
        ],
    },
    Grouping {
        name: "regions",
        by: By::Region,
        word: "region",
        columns: &[
            Column::text("region", "Region"),
            Column::bar(),
            Column::number("region-letters", "Letters"),
            Column::number("region-share", SHARE),
        ],
    },
    Grouping {
        name: "types",
        by: By::LaType,
        word: "type of area",
        columns: &[
            Column::text("type", "Type of area"),
            Column::bar(),
            Column::number("type-letters", "Letters"),
            Column::number("type-share", SHARE),
        ],
    },
];

/// The mixes that shares of groups can be standardised to: address, words.
const MIXES: [(By, &str, &str); 2] = [(By::Region, "region", "regions"), (By::LaType, "la_type", "types of area")];

/// The mix that an address asks for.
pub(super) fn mix(params: &Params) -> Result<Option<By>, Failure> {
    let Some(given) = params.get("standardise") else { return Ok(None) };
    let found = MIXES.iter().find(|(_, name, _)| *name == given).map(|(by, ..)| *by);
    found.map(Some).ok_or_else(|| Failure::BadRequest("\"standardise\" must be region or la_type.".to_owned()))
}

/// Offers shares as if all groups had the same mix of letters.
pub(super) fn mixes(params: &Params, path: &str, mix: Option<By>) -> Markup {
    html! {
        p.no-print { "Also show each share as if all groups had the same mix:" }
        nav.no-print aria-label="The same mix" {
            ul.switch {
                li { a href=(params.with(path, "standardise", None)) aria-current=[mix.is_none().then_some("true")] { "No" } }
                @for (by, name, words) in MIXES {
                    li { a href=(params.with(path, "standardise", Some(name))) aria-current=[(mix == Some(by)).then_some("true")] { "Of " (words) } }
                }
            }
        }
    }
}

/// A share as if the group had the mix of all letters, or why there is none.
fn to_one_mix(row: &ThemeShare) -> Markup {
    html! {
        @if let Some(to) = row.standardised.as_ref().filter(|_| row.of_letters >= FEW) {
            div { small {
                "same mix: "
                @match (to.standardised_share, to.standardised_low, to.standardised_high) {
                    (Some(share), Some(low), Some(high)) => { (words::percent(share)) " (" (words::percent(low)) " to " (words::percent(high)) ")" }
                    _ => { "none, " (to.not_standardised.as_deref().unwrap_or("too few letters")) }
                }
            } }
        }
    }
}

/// The order that the address of a theme's page asks of one of its tables.
pub(super) fn order(params: &Params) -> Result<Option<Order>, Failure> {
    Order::read(params, &GROUPINGS.each_ref().map(|grouping| grouping.columns))
}

/// The title of the chart of a grouping.
pub(super) fn title(label: &str, grouping: &Grouping) -> String {
    format!("{label}: share of letters by {}", grouping.word)
}

fn key(row: &ThemeShare, column: &str) -> Key {
    match column.rsplit('-').next() {
        Some("letters") => row.letters.into(),
        Some("share") => row.share.share.into(),
        _ => name(row).as_str().into(),
    }
}

/// A table of shares, sorted as the address asks.
pub(super) fn sorted<'a>(id: &'a str, columns: &'a [Column<'a>], order: Option<&'a Order>) -> Sorted<'a, ThemeShare> {
    Sorted { id, columns, key: &key, order }
}

/// The groups of an answer in the order of the table.
pub(super) fn groups(answer: &Themes, grouping: &Grouping, order: Option<&Order>) -> Vec<ThemeShare> {
    let mut rows: Vec<ThemeShare> = answer.rows.iter().filter(|row| row.value.is_some()).cloned().collect();
    sorted(grouping.name, grouping.columns, order).sort(&mut rows);
    rows
}

/// What a row is about as people read it: its theme, or its group.
pub(super) fn name(row: &ThemeShare) -> String {
    match row.value.as_deref() {
        None => row.label.clone(),
        Some(value) => LaType::ALL
            .iter()
            .find(|t| t.as_str() == value)
            .map_or_else(|| value.to_owned(), |t| words::la_type(*t).to_owned()),
    }
}

/// The rows of a table: name, bar, counts, share.
pub(super) fn row(table: &Sorted<'_, ThemeShare>, row: &ThemeShare, name: &Markup) -> Markup {
    let bars = table.columns.iter().any(|column| column.name.is_empty());
    html! {
        tr data-keys=(table.keys(row)) {
            th scope="row" { (name) }
            @if bars { td.bar-cell { (components::bar_of(row.share, row.of_letters, None)) } }
            td.n data-label="Letters" { (words::thousands(row.letters)) " of " (words::thousands(row.of_letters))
                @if row.small && bars && row.value.is_some() { " " small { "small sample" } }
                @match row.stands_out {
                    Some("above") => { div { small { strong { "clearly above the others" } } } }
                    Some("below") => { div { small { strong { "clearly below the others" } } } }
                    _ => {}
                }
            }
            td.n data-label="Share" {
                (components::share_of(row.share, row.of_letters))
                (to_one_mix(row))
                @if let (Some(share), true) = (components::corrected(&row.adjusted, row.share), row.of_letters >= FEW) { div { small { "corrected: " (share) } } }
            }
        }
    }
}

/// The figures to take away.
pub(super) fn csv(file: &str, rows: &[ThemeShare], answer: &Themes) -> Result<Response, Failure> {
    download::csv(&tables::theme_shares(file, rows, &answer.scope))
}

/// The bars of the table as a chart.
pub(super) fn bars(
    file: &str,
    rows: &[ThemeShare],
    what: &str,
    answer: &Themes,
    citation: &Citation,
) -> Result<Response, Failure> {
    let bars: Vec<chart::Bar> = rows
        .iter()
        .map(|row| chart::Bar {
            label: name(row),
            value: components::drawn(row.share).filter(|_| row.of_letters >= FEW),
            mark: None,
            says: format!("{} of {}: {}", row.letters, row.of_letters, components::share_of(row.share, row.of_letters)),
        })
        .collect();
    download::svg(
        file,
        &Figure {
            title: &citation.title,
            says: &format!("{what} Thin lines are 95% intervals. {}", answer.scope.sentence()),
            drawing: &chart::bars(&bars),
            legend: &[],
            source: &citation.sentence,
        },
    )
}
