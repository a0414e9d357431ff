//! Why an export failed.

use std::path::PathBuf;

use super::arrow::ArrowError;
use crate::query::QueryError;
use crate::store::StoreError;

/// Why an export failed, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The dataset could not be read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The folder to be written into is a file.
    #[error("{} is a file; name a folder, in which export writes its files", .0.display())]
    NotAFolder(PathBuf),
    /// A file could not be written.
    #[error("cannot write {}: {source}; check that the disk has room and that you may write there", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Rows and columns do not fit: a defect.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    /// The Parquet file could not be made.
    #[error("cannot write Parquet: {0}; check that the disk has room")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The spreadsheet could not be made.
    #[error("cannot write the spreadsheet: {0}; check that the disk has room")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// A temporary file of the spreadsheet could not be written.
    #[error("cannot write the spreadsheet: {0}; check that the disk has room")]
    Workbook(String),
    /// The CSV could not be made.
    #[error("cannot write CSV: {0}; check that the disk has room")]
    Csv(#[from] csv::Error),
    /// A row could not be written as JSON.
    #[error("cannot write JSON: {0}; check that the disk has room")]
    Json(#[from] serde_json::Error),
    /// Writing to a stream failed.
    #[error("cannot write: {0}; check that the disk has room")]
    Stream(#[from] std::io::Error),
    /// Not an export format.
    #[error("unknown format \"{0}\"; use some of: csv, jsonl, parquet, xlsx, sqlite")]
    Format(String),
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        Self::Query(error.into())
    }
}

impl From<rusqlite::Error> for ExportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Query(StoreError::from(error).into())
    }
}
