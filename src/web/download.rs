//! What readers take away: tables as CSV and XLSX, charts as SVG.
//!
//! CSV from a page begins with a byte order mark, CSV for programs has none ([`crate::view::table`]). In XLSX text
//! is written as strings, so that none of it becomes a formula.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Url, Workbook, Worksheet, XlsxError};

use super::error::Failure;
use crate::view::figure::{Figure, file};
use crate::view::table::Reader;
pub use crate::view::table::{Cell, Column, Sheet, Table};

/// The media type of workbooks.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The most rows in one file; whoever needs more exports the dataset.
pub const MAX_ROWS: usize = 20_000;

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Internal(format!("a download could not be written: {error}"))
}

/// The table as CSV with a header row, for whoever opens it in a spreadsheet program.
///
/// # Errors
/// It could not be written.
pub fn csv(table: &Table) -> Result<Response, Failure> {
    written(table, Reader::Spreadsheet)
}

/// The same for programs: without the mark.
///
/// # Errors
/// It could not be written.
pub fn plain_csv(table: &Table) -> Result<Response, Failure> {
    written(table, Reader::Program)
}

fn written(table: &Table, reader: Reader) -> Result<Response, Failure> {
    attachment(&table.name, "csv", "text/csv; charset=utf-8", table.csv(reader).map_err(failed)?)
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
