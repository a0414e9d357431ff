//! The tables of the page on method and data: sorted as the address asks, and as CSV.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::{Column, Key, Order, Sorted};
use super::super::{components, download};
use crate::codebook::Codebook;
use crate::query::{KindCount, Status, status};
use crate::view::quality::{self, Measured};
use crate::view::words;

/// The path of the page.
const PATH: &str = "/about";

const KINDS: [Column<'static>; 3] =
    [Column::text("kind", "Kind"), Column::number("letters", "Letters"), Column::number("areas", "Areas")];

const PROBLEMS: [Column<'static>; 2] = [Column::text("problem", "What"), Column::number("documents", "How many")];

/// A table of the measured figures with its columns on the page.
struct Shown {
    measured: Measured,
    columns: &'static [Column<'static>],
}

const BY_TEXT: Shown = Shown {
    measured: quality::BY_TEXT,
    columns: &[
        Column::text("texts", "Texts of"),
        Column::wrapping_number("number", "Number"),
        Column::wrapping_number("micro", "Theme micro-F1"),
        Column::wrapping_number("macro", "Macro-F1"),
        Column::wrapping_number("polarity", "Polarity right"),
        Column::wrapping_number("patterns-micro", "Patterns alone: micro-F1"),
        Column::wrapping_number("patterns-polarity", "Patterns alone: polarity right"),
    ],
};

const BY_THEME: Shown = Shown {
    measured: quality::BY_THEME,
    columns: &[
        Column::text("theme", "Theme"),
        Column::wrapping_number("theme-texts", "Texts"),
        Column::wrapping_number("precision", "Precision"),
        Column::wrapping_number("recall", "Recall"),
        Column::wrapping_number("f1", "F1"),
    ],
};

impl Shown {
    fn place(&self, column: &str) -> usize {
        self.columns.iter().position(|known| known.name == column).unwrap_or(0)
    }

    fn key(&self, row: &[&str], column: &str) -> Key {
        match self.place(column) {
            0 => row.first().copied().unwrap_or_default().into(),
            place => row.get(place).and_then(|cell| quality::number(cell)).into(),
        }
    }

    /// The table; `first` writes the first cell of a row.
    fn table(&self, params: &Params, order: Option<&Order>, first: impl Fn(&str) -> Markup) -> Markup {
        let key = |row: &Vec<&'static str>, column: &str| self.key(row, column);
        let table = Sorted { id: self.measured.name, columns: self.columns, key: &key, order };
        let mut rows = self.measured.read().rows;
        table.sort(&mut rows);
        html! {
            div.table-frame tabindex="0" role="region" aria-label=(self.measured.title) {
                table.sortable id=(table.id) {
                    thead { (table.head(params, PATH)) }
                    tbody {
                        @for row in &rows {
                            tr data-keys=(table.keys(row)) {
                                @for (i, cell) in row.iter().enumerate() {
                                    @if i == 0 { th scope="row" { (first(cell)) } } @else { td.n { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
            (csv_link(params, self.measured.name))
        }
    }

    fn csv(&self, query: Option<&str>) -> Result<Response, Failure> {
        let order = order(&Params::parse(query)?)?;
        let key = |row: &Vec<&'static str>, column: &str| self.key(row, column);
        let mut table = self.measured.read();
        Sorted { id: "", columns: self.columns, key: &key, order: order.as_ref() }.sort(&mut table.rows);
        download::csv(&self.measured.file(&table))
    }
}

/// The order that an address asks of one of the page's tables.
pub(super) fn order(params: &Params) -> Result<Option<Order>, Failure> {
    Order::read(params, &[&KINDS, BY_TEXT.columns, BY_THEME.columns, &PROBLEMS])
}

fn csv_link(params: &Params, name: &str) -> Markup {
    html! { p.no-print { small { a href=(params.with(&format!("{PATH}/{name}.csv"), "page", None)) { "This table as CSV" } } } }
}

fn kinds_sorted(order: Option<&Order>) -> Sorted<'_, KindCount> {
    let key = &|row: &KindCount, column: &str| match column {
        "letters" => row.letters.into(),
        "areas" => row.areas.into(),
        _ => words::kind(row.kind).into(),
    };
    Sorted { id: "kinds", columns: &KINDS, key, order }
}

/// How many letters of each kind are held.
pub(super) fn kinds(params: &Params, status: &Status, order: Option<&Order>) -> Markup {
    let table = kinds_sorted(order);
    let mut rows = status.kinds.clone();
    table.sort(&mut rows);
    html! {
        table.sortable id=(table.id) {
            caption.visually-hidden { "Letters and areas by kind of letter" }
            thead { (table.head(params, PATH)) }
            tbody {
                @for row in &rows {
                    tr data-keys=(table.keys(row)) { th scope="row" { (words::kind(row.kind)) } td.n { (words::thousands(row.letters)) } td.n { (words::thousands(row.areas)) } }
                }
            }
        }
        (csv_link(params, "kinds"))
    }
}

/// What went wrong while reading, counted.
type Problem = (&'static str, usize);

fn counted_problems(status: &Status) -> Vec<Problem> {
    vec![
        (
            "Documents set aside because they are not SEND letters",
            status.set_aside.iter().map(|reason| reason.documents).sum(),
        ),
        ("Documents that could not be fetched or read", status.failed.len()),
        ("Documents whose text is poor or an image", status.text_problems.len()),
        ("Values that a person should check", status.doubts.len()),
        ("Progress judgements not matched to a weakness", status.unlinked.len()),
    ]
}

fn problems_sorted(order: Option<&Order>) -> Sorted<'_, Problem> {
    let key = &|(what, count): &Problem, column: &str| match column {
        "documents" => (*count).into(),
        _ => (*what).into(),
    };
    Sorted { id: "problem-counts", columns: &PROBLEMS, key, order }
}

/// How much could not be read.
pub(super) fn problems(params: &Params, status: &Status, order: Option<&Order>) -> Markup {
    let table = problems_sorted(order);
    let mut rows = counted_problems(status);
    table.sort(&mut rows);
    html! {
        table.sortable id=(table.id) {
            caption.visually-hidden { "What went wrong while reading" }
            thead { (table.head(params, PATH)) }
            tbody { @for row in &rows { tr data-keys=(table.keys(row)) { th scope="row" { (row.0) } td.n { (words::thousands(row.1)) } } } }
        }
        (csv_link(params, "problems"))
    }
}

/// The figures by kind of text and by theme.
pub(super) fn measured(params: &Params, order: Option<&Order>, codebook: &Codebook) -> Markup {
    let of_themes = Sorted::<()> { id: "", columns: BY_THEME.columns, key: &|(), _| Key::None, order };
    html! {
        (quality::explained())
        (BY_TEXT.table(params, order, |cell| html! { (cell) }))
        details open[of_themes.is_asked_for()] {
            summary { "Quality by theme" }
            (BY_THEME.table(params, order, |id| html! { a href={ "/themes/" (id) } { (components::theme_label(id, codebook)) } }))
        }
    }
}

/// The measured figures by kind of text as CSV.
pub async fn quality_csv(RawQuery(query): RawQuery) -> Result<Response, Failure> {
    BY_TEXT.csv(query.as_deref())
}

/// The measured figures by theme as CSV.
pub async fn quality_themes_csv(RawQuery(query): RawQuery) -> Result<Response, Failure> {
    BY_THEME.csv(query.as_deref())
}

/// How many letters of each kind are held, as CSV.
pub async fn kinds_csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let order = order(&Params::parse(query.as_deref())?)?;
    let mut rows = site.pool.ask(status).await?.kinds.clone();
    kinds_sorted(order.as_ref()).sort(&mut rows);
    download::csv(&download::Table {
        name: "kinds".to_owned(),
        columns: vec![
            download::Column::new("kind", "Kind"),
            download::Column::new("letters", "Letters"),
            download::Column::new("areas", "Areas"),
        ],
        rows: rows.iter().map(|row| vec![words::kind(row.kind).into(), row.letters.into(), row.areas.into()]).collect(),
        more: Vec::new(),
        about: "Letters and areas by kind of letter.".to_owned(),
    })
}

/// How much could not be read, as CSV.
pub async fn problems_csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let order = order(&Params::parse(query.as_deref())?)?;
    let mut rows = counted_problems(&*site.pool.ask(status).await?);
    problems_sorted(order.as_ref()).sort(&mut rows);
    download::csv(&download::Table {
        name: "problems".to_owned(),
        columns: vec![download::Column::new("problem", "What"), download::Column::new("documents", "How many")],
        rows: rows.iter().map(|(what, count)| vec![(*what).into(), (*count).into()]).collect(),
        more: Vec::new(),
        about: "What went wrong while reading.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_document() {
        for shown in [BY_TEXT, BY_THEME] {
            let labels: Vec<String> = shown.columns.iter().map(|column| column.label.to_lowercase()).collect();
            let head: Vec<String> = shown.measured.read().head.iter().map(|heading| heading.to_lowercase()).collect();
            assert_eq!(labels, head);
        }
    }
}
