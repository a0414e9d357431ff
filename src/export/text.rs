//! CSV and JSON lines.

use std::io::Write;

use serde_json::Value;

use super::error::ExportError;
use super::formula::without_formula;
use super::tables::{Table, at};

/// A table as CSV: a header row, quotes where they are needed, lists as JSON in one cell.
///
/// Text that a spreadsheet program would run as a formula gets an apostrophe before it; all other text is written as it
/// is. The other formats have every character as it is in the letter.
pub struct Csv<W: Write> {
    writer: csv::Writer<W>,
    table: &'static Table,
}

impl<W: Write> Csv<W> {
    /// Starts with the header row.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn new(table: &'static Table, out: W) -> Result<Self, ExportError> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(table.columns.iter().map(super::tables::Column::name))?;
        Ok(Self { writer, table })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn row(&mut self, row: &Value) -> Result<(), ExportError> {
        for column in self.table.columns {
            match at(row, column.path) {
                Value::Null => self.writer.write_field("")?,
                Value::String(text) => self.writer.write_field(without_formula(text).as_bytes())?,
                other => self.writer.write_field(other.to_string())?,
            }
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes out what is left.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(mut self) -> Result<(), ExportError> {
        Ok(self.writer.flush()?)
    }
}

/// One row as a line of JSON, with nested objects as the command line prints them.
///
/// # Errors
/// The output cannot be written.
pub fn json_line(out: &mut impl Write, row: &Value) -> Result<(), ExportError> {
    serde_json::to_writer(&mut *out, row)?;
    Ok(out.write_all(b"\n")?)
}
