//! A workbook for people: letters, findings, themes, areas, and a sheet about them.
//!
//! Rows are written to disk as they come, so any number fits into memory. Text is always written as text: whatever it
//! begins with, it cannot run as a formula.

use std::path::Path;

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};
use serde_json::Value;

use super::contained::contained;
use super::error::ExportError;
use super::tables::{Column, FINDINGS, Kind, LETTERS, STANDINGS, THEME_SHARES, Table, at};

/// What one sheet can hold, the header included.
const MAX_SHEET_ROWS: u32 = 1_048_576;
/// What one cell can hold, in the 16-bit units of spreadsheets.
const MAX_CELL_UNITS: usize = 32_767;
/// Links that one sheet can hold.
const MAX_SHEET_LINKS: u32 = 65_000;
/// Length of an address that can be a link.
const MAX_LINK_CHARS: usize = 2_000;

/// The sheet's name for a table; nothing for a table that only other programs need.
#[must_use]
pub fn sheet_name(table: &Table) -> Option<&'static str> {
    [(&LETTERS, "letters"), (&FINDINGS, "findings"), (&THEME_SHARES, "themes"), (&STANDINGS, "areas")]
        .into_iter()
        .find_map(|(t, name)| (t == table).then_some(name))
}

/// A workbook under construction.
pub struct Xlsx {
    workbook: Workbook,
    header: Format,
    day: Format,
    sheet: Option<Sheet>,
}

/// The sheet that is being written: the last one of the workbook.
struct Sheet {
    table: &'static Table,
    name: &'static str,
    part: u32,
    next_row: u32,
    links: u32,
}

impl Xlsx {
    /// An empty workbook. Its date is fixed, so that the same rows give the same bytes.
    ///
    /// # Errors
    /// The library refused.
    pub fn new() -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        let properties = DocProperties::new()
            .set_title("Findings of local area SEND inspections")
            .set_company("sendlens")
            .set_comment("Contains public sector information licensed under the Open Government Licence v3.0.")
            .set_creation_datetime(&ExcelDateTime::from_ymd(2016, 5, 1)?);
        workbook.set_properties(&properties);
        let header = Format::new().set_bold().set_text_wrap();
        let day = Format::new().set_num_format("yyyy-mm-dd");
        Ok(Self { workbook, header, day, sheet: None })
    }

    /// Starts the sheet of a table.
    ///
    /// # Errors
    /// The library refused.
    pub fn begin(&mut self, table: &'static Table, name: &'static str) -> Result<(), ExportError> {
        contained(|| self.begin_part(table, name, 1))
    }

    fn begin_part(&mut self, table: &'static Table, name: &'static str, part: u32) -> Result<(), ExportError> {
        let header = self.header.clone();
        let worksheet = self.workbook.add_worksheet_with_constant_memory()?;
        worksheet.set_name(if part == 1 { name.to_owned() } else { format!("{name} {part}") })?;
        worksheet.set_freeze_panes(1, 0)?;
        for (place, column) in (0_u16..).zip(table.columns) {
            worksheet.set_column_width(place, width(column))?;
            worksheet.write_string_with_format(0, place, column.name(), &header)?;
        }
        self.sheet = Some(Sheet { table, name, part, next_row: 1, links: 0 });
        Ok(())
    }

    /// Writes one row into the sheet that was begun last.
    ///
    /// # Errors
    /// The library refused.
    pub fn row(&mut self, row: &Value) -> Result<(), ExportError> {
        contained(|| self.write_row(row))
    }

    fn write_row(&mut self, row: &Value) -> Result<(), ExportError> {
        if let Some(Sheet { table, name, part, next_row, .. }) = self.sheet
            && next_row == MAX_SHEET_ROWS
        {
            self.end()?;
            self.begin_part(table, name, part + 1)?;
        }
        let Some(sheet) = &mut self.sheet else { return Ok(()) };
        let last = self.workbook.worksheets().len().saturating_sub(1);
        let worksheet = self.workbook.worksheet_from_index(last)?;
        for (place, column) in (0_u16..).zip(sheet.table.columns) {
            let value = at(row, column.path);
            let link = column.name().ends_with("url") && sheet.links < MAX_SHEET_LINKS && sheet.table != &FINDINGS;
            match value.as_str() {
                Some(address) if link && address.starts_with("http") && address.len() <= MAX_LINK_CHARS => {
                    worksheet.write_url_with_text(sheet.next_row, place, address, address)?;
                    sheet.links += 1;
                }
                _ => write_cell(worksheet, sheet.next_row, place, column.kind, value, &self.day)?,
            }
        }
        sheet.next_row += 1;
        Ok(())
    }

    /// Ends the sheet: its filter covers all its rows.
    ///
    /// # Errors
    /// The library refused.
    pub fn end(&mut self) -> Result<(), ExportError> {
        if let Some(sheet) = self.sheet.take() {
            let last = self.workbook.worksheets().len().saturating_sub(1);
            let columns = u16::try_from(sheet.table.columns.len()).unwrap_or(1);
            let worksheet = self.workbook.worksheet_from_index(last)?;
            worksheet.autofilter(0, 0, sheet.next_row - 1, columns.saturating_sub(1))?;
        }
        Ok(())
    }

    /// Adds the sheet about the others.
    ///
    /// # Errors
    /// The library refused.
    pub fn about(&mut self, lines: &[(String, String)]) -> Result<(), ExportError> {
        contained(|| self.write_about(lines))
    }

    fn write_about(&mut self, lines: &[(String, String)]) -> Result<(), ExportError> {
        let header = self.header.clone();
        let worksheet = self.workbook.add_worksheet_with_constant_memory()?;
        worksheet.set_name("about")?;
        worksheet.set_column_width(0, 24)?.set_column_width(1, 100)?;
        for (row, (what, text)) in (0_u32..).zip(lines) {
            worksheet.write_string_with_format(row, 0, what, &header)?;
            worksheet.write_string(row, 1, fit(text))?;
        }
        Ok(())
    }

    /// Writes the workbook to a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(mut self, path: &Path) -> Result<(), ExportError> {
        self.end()?;
        contained(|| Ok(self.workbook.save(path)?))
    }

    /// The workbook's bytes.
    ///
    /// # Errors
    /// The library refused.
    pub fn into_bytes(mut self) -> Result<Vec<u8>, ExportError> {
        self.end()?;
        contained(|| Ok(self.workbook.save_to_buffer()?))
    }
}

fn write_cell(
    worksheet: &mut Worksheet,
    row: u32,
    place: u16,
    kind: Kind,
    value: &Value,
    day: &Format,
) -> Result<(), ExportError> {
    match value {
        Value::Null => {}
        Value::Bool(truth) => {
            worksheet.write_boolean(row, place, *truth)?;
        }
        Value::Number(number) => {
            worksheet.write_number(row, place, number.as_f64().unwrap_or(f64::NAN))?;
        }
        Value::String(text) => match (kind, text.parse::<Date>()) {
            (Kind::Day, Ok(date)) => {
                let part = |n: i8| u8::try_from(n).unwrap_or(1);
                let date = ExcelDateTime::from_ymd(
                    u16::try_from(date.year()).unwrap_or(1900),
                    part(date.month()),
                    part(date.day()),
                )?;
                worksheet.write_datetime_with_format(row, place, &date, day)?;
            }
            _ => {
                worksheet.write_string(row, place, fit(text))?;
            }
        },
        Value::Array(items) => {
            worksheet.write_string(row, place, fit(&items.iter().map(item).collect::<Vec<_>>().join("; ")))?;
        }
        Value::Object(_) => {
            worksheet.write_string(row, place, fit(&value.to_string()))?;
        }
    }
    Ok(())
}

/// A record of a list stands for its id, or for all its values.
fn item(value: &Value) -> String {
    match (value, value.get("id").and_then(Value::as_str)) {
        (_, Some(id)) => id.to_owned(),
        (Value::String(text), _) => text.clone(),
        (Value::Object(fields), _) => fields.values().filter_map(Value::as_str).collect::<Vec<_>>().join(": "),
        (other, _) => other.to_string(),
    }
}

/// Text that fits into a cell; what had to be cut ends with a mark that says so.
fn fit(text: &str) -> String {
    const MARK: &str = " [cut: see the CSV]";
    if text.encode_utf16().count() <= MAX_CELL_UNITS {
        return text.to_owned();
    }
    let mut units = MARK.len();
    let kept: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= MAX_CELL_UNITS
        })
        .collect();
    kept + MARK
}

fn width(column: &Column) -> u32 {
    match (column.kind, column.path) {
        (_, "text") => 90,
        (_, "url" | "label" | "latest_letter.url" | "local_authorities" | "health_bodies") => 40,
        (_, "id" | "letter_id" | "latest_letter.id" | "area" | "themes" | "region" | "responsible") => 28,
        (Kind::Text | Kind::Records(_) | Kind::Texts, _) => 18,
        (Kind::Day, _) => 12,
        (Kind::Whole | Kind::Number | Kind::Truth, _) => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_too_long_for_a_cell_says_that_it_was_cut() {
        let long = "\u{1F600}".repeat(20_000);
        let cut = fit(&long);
        assert!(cut.encode_utf16().count() <= MAX_CELL_UNITS && cut.ends_with("see the CSV]"));
        assert_eq!(fit("short"), "short");
    }
}
