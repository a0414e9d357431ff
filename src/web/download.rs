//! Tables as files: CSV for programs, XLSX for spreadsheet programs.
//!
//! Text stays text: in XLSX it is written as strings; in CSV a cell that a spreadsheet program would take for a
//! formula gets an apostrophe before it.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rust_xlsxwriter::{Format, Url, Workbook, Worksheet, XlsxError};

use super::error::Failure;

/// The most rows in one file; whoever needs more exports the dataset.
pub const ROW_LIMIT: usize = 20_000;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A whole number.
    Count(usize),
    /// Any number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::from)
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Count(number)
    }
}

/// A table that is to be downloaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of the file, without its ending.
    pub name: String,
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// What the table shows and rests on, in a sentence or two.
    pub about: String,
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Internal(format!("a download could not be written: {error}"))
}

/// The table as CSV with a header row.
///
/// # Errors
/// It could not be written.
pub fn csv(table: &Table) -> Result<Response, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.columns).map_err(failed)?;
    for row in &table.rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => harmless(text),
            Cell::Count(n) => n.to_string().into(),
            Cell::Number(n) => n.to_string().into(),
            Cell::Flag(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        });
        writer.write_record(cells.map(|c| c.into_owned())).map_err(failed)?;
    }
    attachment(&table.name, "csv", "text/csv; charset=utf-8", writer.into_inner().map_err(failed)?)
}

/// Text that no spreadsheet program takes for a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}

/// The table as a workbook, with a second sheet that says what it is and where it comes from.
///
/// # Errors
/// It could not be written.
pub fn xlsx(table: &Table) -> Result<Response, Failure> {
    let bytes = workbook(table).map_err(failed)?;
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    attachment(&table.name, "xlsx", media, bytes)
}

fn workbook(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new().set_bold().set_text_wrap();
    let sheet = book.add_worksheet();
    sheet.set_name("Result")?.set_freeze_panes(1, 0)?;
    for (column, name) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, column, *name, &head)?;
        sheet.set_column_width(column, if matches!(*name, "text" | "label") { 60.0 } else { 16.0 })?;
    }
    for (row, cells) in (1u32..).zip(&table.rows) {
        for (column, cell) in (0u16..).zip(cells) {
            write(sheet, row, column, cell)?;
        }
    }
    if let (Some(last), Ok(rows)) = (table.columns.len().checked_sub(1), u32::try_from(table.rows.len())) {
        sheet.autofilter(0, 0, rows, u16::try_from(last).unwrap_or(u16::MAX))?;
    }
    let about = book.add_worksheet();
    about.set_name("About")?.set_column_width(0, 110.0)?;
    let lines = [
        table.about.as_str(),
        "Source: letters and reports of local area SEND inspections by Ofsted and the Care Quality Commission.",
        "Crown copyright; Open Government Licence v3.0. Themes are assigned by sendlens and may be wrong: check the quote.",
    ];
    for (row, line) in (0u32..).zip(lines) {
        about.write_string_with_format(row, 0, line, &Format::new().set_text_wrap())?;
    }
    book.save_to_buffer()
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) if text.starts_with("https://") && text.len() < 2000 => {
            sheet.write_url(row, column, Url::new(text.as_str()))?;
        }
        Cell::Text(text) => {
            // The longest text that a cell may hold.
            sheet.write_string(row, column, text.chars().take(32_767).collect::<String>())?;
        }
        Cell::Count(n) => {
            sheet.write_number(row, column, u32::try_from(*n).map_or(f64::INFINITY, f64::from))?;
        }
        Cell::Number(n) => {
            sheet.write_number(row, column, *n)?;
        }
        Cell::Flag(yes) => {
            sheet.write_boolean(row, column, *yes)?;
        }
    }
    Ok(())
}

fn attachment(name: &str, extension: &str, media_type: &'static str, bytes: Vec<u8>) -> Result<Response, Failure> {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let disposition =
        HeaderValue::from_str(&format!("attachment; filename=\"sendlens-{name}.{extension}\"")).map_err(failed)?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from(bytes)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_a_formula() {
        assert_eq!(
            ["=1+1", "+a", "-b", "@c", "d-e"].map(|t| harmless(t).into_owned()),
            ["'=1+1", "'+a", "'-b", "'@c", "d-e"]
        );
    }
}
