//! Parquet, with the types that [`tables`](super::tables) gives.

use std::io::Write;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::Compression;
use ::parquet::file::properties::WriterProperties;
use serde_json::Value;

use super::arrow::{batch, schema};
use super::error::ExportError;
use super::tables::Table;

/// Rows that are turned into columns at a time.
const BATCH_ROWS: usize = 2_048;
/// Rows in a row group: what a writer keeps in memory before it goes to the file.
const ROW_GROUP_ROWS: usize = 16_384;

/// A table as a Parquet file.
pub struct Parquet<W: Write + Send> {
    writer: ArrowWriter<W>,
    table: &'static Table,
    waiting: Vec<Value>,
}

impl<W: Write + Send> Parquet<W> {
    /// Starts the file.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn new(table: &'static Table, out: W) -> Result<Self, ExportError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_created_by(concat!("sendlens ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = ArrowWriter::try_new(out, schema(table), Some(properties))?;
        Ok(Self { writer, table, waiting: Vec::with_capacity(BATCH_ROWS) })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// The row does not fit its columns, or the output cannot be written.
    pub fn row(&mut self, row: &Value) -> Result<(), ExportError> {
        self.waiting.push(row.clone());
        if self.waiting.len() == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ExportError> {
        if !self.waiting.is_empty() {
            self.writer.write(&batch(self.table, &self.waiting)?)?;
            self.waiting.clear();
        }
        Ok(())
    }

    /// Writes what is left, and the file's end.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(mut self) -> Result<(), ExportError> {
        self.flush()?;
        self.writer.close()?;
        Ok(())
    }
}
