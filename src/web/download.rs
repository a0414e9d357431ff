//! What readers take away: tables as CSV and XLSX, charts as SVG.
//!
//! Text stays text: in XLSX it is written as strings; in CSV a cell that a spreadsheet program would take for a
//! formula gets an apostrophe before it. CSV from a page begins with a byte order mark, without which Excel takes UTF-8
//! for something else and spoils every dash and quotation mark; CSV for programs has none.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Url, Workbook, Worksheet, XlsxError};

use super::error::Failure;
use crate::export::without_formula;
use crate::view::figure::{Figure, file};

/// The media type of workbooks.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The most rows in one file; whoever needs more exports the dataset.
pub const MAX_ROWS: usize = 20_000;

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
    /// A share between 0 and 1, which workbooks show as a percentage.
    Share(f64),
    /// A difference of shares, which workbooks show in percentage points.
    Points(f64),
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// A share, where there is one.
    pub(super) fn share(share: Option<f64>) -> Self {
        share.map_or(Self::Empty, Self::Share)
    }

    /// A difference of shares, where there is one.
    pub(super) fn points(difference: Option<f64>) -> Self {
        difference.map_or(Self::Empty, Self::Points)
    }
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

impl From<Option<Date>> for Cell {
    fn from(day: Option<Date>) -> Self {
        day.map_or(Self::Empty, |day| Self::Text(day.to_string()))
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Count(number)
    }
}

impl From<Option<usize>> for Cell {
    fn from(number: Option<usize>) -> Self {
        number.map_or(Self::Empty, Self::Count)
    }
}

impl From<Option<bool>> for Cell {
    fn from(flag: Option<bool>) -> Self {
        flag.map_or(Self::Empty, Self::Flag)
    }
}

/// A column: its name for programs, and its heading for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name in CSV files, which programs rely on.
    pub name: &'static str,
    /// The heading in workbooks.
    pub heading: &'static str,
}

impl Column {
    /// A column.
    #[must_use]
    pub const fn new(name: &'static str, heading: &'static str) -> Self {
        Self { name, heading }
    }
}

/// A further sheet of a workbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Its title.
    pub title: &'static str,
    /// Headings of its columns.
    pub headings: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A table that is to be downloaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of the file, without its ending.
    pub name: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// Sheets that a workbook has besides.
    pub more: Vec<Sheet>,
    /// What the table shows and rests on, in a sentence or two.
    pub about: String,
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Internal(format!("a download could not be written: {error}"))
}

/// What says to spreadsheet programs that a file is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The table as CSV with a header row, for whoever opens it in a spreadsheet program.
///
/// # Errors
/// It could not be written.
pub fn csv(table: &Table) -> Result<Response, Failure> {
    written(table, MARK)
}

/// The same for programs: without the mark.
///
/// # Errors
/// It could not be written.
pub fn plain_csv(table: &Table) -> Result<Response, Failure> {
    written(table, &[])
}

fn written(table: &Table, mark: &[u8]) -> Result<Response, Failure> {
    let mut writer = csv::Writer::from_writer(mark.to_vec());
    writer.write_record(table.columns.iter().map(|column| column.name)).map_err(failed)?;
    for row in &table.rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => without_formula(text),
            Cell::Count(n) => n.to_string().into(),
            Cell::Number(n) | Cell::Share(n) | Cell::Points(n) => n.to_string().into(),
            Cell::Flag(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        });
        writer.write_record(cells.map(|c| c.into_owned())).map_err(failed)?;
    }
    attachment(&table.name, "csv", "text/csv; charset=utf-8", writer.into_inner().map_err(failed)?)
}

/// A chart as a file of its own.
///
/// # Errors
/// The name has signs that no header may hold.
pub fn svg(name: &str, figure: &Figure<'_>) -> Result<Response, Failure> {
    attachment(name, "svg", "image/svg+xml", file(figure).into_bytes())
}

/// The table as a workbook, with a second sheet that says what it is and where it comes from.
///
/// # Errors
/// It could not be written.
pub fn xlsx(table: &Table) -> Result<Response, Failure> {
    let bytes = workbook(table).map_err(failed)?;
    attachment(&table.name, "xlsx", XLSX, bytes)
}

fn workbook(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let headings: Vec<&str> = table.columns.iter().map(|column| column.heading).collect();
    write_sheet(book.add_worksheet(), "Result", &headings, &table.rows)?;
    for sheet in &table.more {
        write_sheet(book.add_worksheet(), sheet.title, &sheet.headings, &sheet.rows)?;
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
    // The library would write the moment: the same table gives the same bytes.
    let written = ExcelDateTime::from_ymd(2016, 5, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&written));
    book.save_to_buffer()
}

fn write_sheet(sheet: &mut Worksheet, title: &str, headings: &[&str], rows: &[Vec<Cell>]) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_text_wrap();
    sheet.set_name(title)?.set_freeze_panes(1, 0)?;
    for (column, heading) in (0u16..).zip(headings) {
        sheet.write_string_with_format(0, column, *heading, &head)?;
        let width = match *heading {
            "Quote" => 90.0,
            "Theme" | "Latest outcome" => 48.0,
            _ => 16.0,
        };
        sheet.set_column_width(column, width)?;
    }
    for (row, cells) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(cells) {
            write(sheet, row, column, cell)?;
        }
    }
    if let (Some(last), Ok(rows)) = (headings.len().checked_sub(1), u32::try_from(rows.len())) {
        sheet.autofilter(0, 0, rows, u16::try_from(last).unwrap_or(u16::MAX))?;
    }
    Ok(())
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
        Cell::Share(share) => {
            sheet.write_number_with_format(row, column, *share, &Format::new().set_num_format("0%"))?;
        }
        Cell::Points(points) => {
            sheet.write_number_with_format(
                row,
                column,
                *points * 100.0,
                &Format::new().set_num_format("+0;\u{2212}0;0"),
            )?;
        }
        Cell::Flag(yes) => {
            sheet.write_boolean(row, column, *yes)?;
        }
    }
    Ok(())
}

/// A file that browsers save under `sendlens-NAME.EXTENSION`.
///
/// # Errors
/// The name has signs that no header may hold.
pub fn attachment(name: &str, extension: &str, media_type: &'static str, bytes: Vec<u8>) -> Result<Response, Failure> {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let disposition =
        HeaderValue::from_str(&format!("attachment; filename=\"sendlens-{name}.{extension}\"")).map_err(failed)?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from(bytes)).into_response())
}
