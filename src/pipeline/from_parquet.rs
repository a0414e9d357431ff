//! A dataset that an engine wrote as Parquet files, taken into a data directory.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::exchange::{DocumentRecord, RecordError};
use super::ingest::read_document;
use super::report::{DocumentReport, RunReport};
use super::run::Run;
use super::stages::Stages;
use crate::archive::{self, Archive, ArchiveError};
use crate::domain::{DocumentStatus, Versions};
use crate::store::{Dataset, DocumentState, Occasion, StoreError};

/// The table of such a dataset that has one row for each document.
pub const DOCUMENTS: &str = "documents";

/// Documents that are held in memory at a time.
const ROWS_PER_BATCH: usize = 32;

/// What ends the ingest of a dataset. What was recorded before stays, and the same command continues from there.
#[derive(Debug, thiserror::Error)]
pub enum FromParquetError {
    /// No such dataset.
    #[error(
        "{} holds no Parquet files in a folder \"documents\"; give the folder that the Spark job wrote (the files of \
         `sendlens export` are for analysis: copy a data directory with `--format sqlite`)", .0.display()
    )]
    NoDataset(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not Parquet, or damaged.
    #[error("cannot read {} as Parquet: {source}; run the job that wrote it again", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// Columns are missing or of other types.
    #[error("{} lacks the column {column} ({wanted}); it was written by something else, or by another version", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// Its type.
        wanted: &'static str,
    },
    /// A row cannot be understood.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Takes a dataset of Parquet files into a data directory, one transaction for each document. `done` is called with
/// each.
///
/// A document that lies on this machine under the path that the engine saw, with the same bytes, goes into the archive
/// too. One that the data directory holds as read by newer versions is left as it is.
///
/// # Errors
/// When there is no such dataset, a file is damaged, or archive or database fail.
pub fn ingest_parquet(
    dir: &Path,
    stages: &Stages,
    archive: &Archive,
    dataset: &mut Dataset,
    mut done: impl FnMut(&DocumentReport),
) -> Result<RunReport, FromParquetError> {
    let files = parquet_files(dir)?;
    let mut run = Run::begin(dataset, "ingest")?;
    let occasion = run.occasion();
    for path in files {
        let file = File::open(&path).map_err(|source| FromParquetError::Io { path: path.clone(), source })?;
        let damaged = |source| FromParquetError::Parquet { path: path.clone(), source };
        let batches = ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(|builder| builder.with_batch_size(ROWS_PER_BATCH).build())
            .map_err(damaged)?;
        for batch in batches {
            let batch = batch.map_err(|e| damaged(e.into()))?;
            for record in records(&path, &batch)? {
                let document = take(&record, stages, archive, dataset, &occasion)?;
                done(&document);
                run.add(document);
            }
        }
    }
    Ok(run.end(dataset)?)
}

/// The Parquet files of the documents, at any depth of partitions, those of earlier runs of the job first. Hidden files
/// and markers are left out.
fn parquet_files(dir: &Path) -> Result<Vec<PathBuf>, FromParquetError> {
    let root = dir.join(DOCUMENTS);
    if !root.is_dir() {
        return Err(FromParquetError::NoDataset(dir.to_owned()));
    }
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(folder) = open.pop() {
        let unreadable = |source| FromParquetError::Io { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (path, name) = (entry.path(), entry.file_name());
            if name.to_string_lossy().starts_with(['.', '_']) {
                continue;
            }
            if entry.file_type().map_err(unreadable)?.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "parquet") {
                found.insert((run_of(&path), path));
            }
        }
    }
    if found.is_empty() {
        Err(FromParquetError::NoDataset(dir.to_owned()))
    } else {
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }
}

/// The job's run that wrote a file, from the partition folder `run=N`.
fn run_of(path: &Path) -> u64 {
    let of_part = |part: std::path::Component<'_>| part.as_os_str().to_str()?.strip_prefix("run=")?.parse().ok();
    path.components().rev().find_map(of_part).unwrap_or(0)
}

fn take(
    record: &DocumentRecord,
    stages: &Stages,
    archive: &Archive,
    dataset: &mut Dataset,
    occasion: &Occasion,
) -> Result<DocumentReport, FromParquetError> {
    let publication = record.publication();
    let reason = record.reason();
    let status = match record.processed()? {
        Some(processed) => {
            keep_bytes(record.key(), &processed.sha256, stages, archive)?;
            let held = dataset.newest_document(&publication.source, &publication.key)?;
            let newer = held.is_some_and(|held| {
                held.sha256 == processed.sha256
                    && numbers(&held.versions) > numbers(&processed.versions)
                    && !matches!(held.state, DocumentState::Failed(_))
            });
            if newer {
                dataset.record_seen(&publication, occasion)?;
                DocumentStatus::Unchanged
            } else {
                dataset.record(&publication, &processed, occasion)?
            }
        }
        None => {
            let reason =
                reason.as_ref().ok_or_else(|| RecordError::Incomplete { path: record.path.clone(), part: "reason" })?;
            dataset.record_failure(&publication, reason, occasion)?
        }
    };
    let file = Some(publication.key);
    let suspicious = match (&record.sha256, status) {
        (Some(sha256), DocumentStatus::Stored | DocumentStatus::Revised) => {
            dataset.letter(sha256)?.map(|letter| letter.suspicious).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    Ok(DocumentReport { file, url: None, sha256: record.sha256.clone(), status, reason, suspicious })
}

fn numbers(versions: &Versions) -> (u32, u32, u32) {
    (versions.extract, versions.parse, versions.code)
}

/// Archives the document if its file can be found and is still the same.
fn keep_bytes(path: &str, sha256: &str, stages: &Stages, archive: &Archive) -> Result<(), ArchiveError> {
    let path = Path::new(path);
    if !archive.contains(sha256)
        && path.is_file()
        && let Ok(bytes) = read_document(path, &stages.limits)
        && archive::sha256(&bytes) == sha256
    {
        archive.put(&bytes)?;
    }
    Ok(())
}

fn records(path: &Path, batch: &RecordBatch) -> Result<Vec<DocumentRecord>, FromParquetError> {
    let table = Rows { path, batch };
    (0..batch.num_rows())
        .map(|row| {
            let text = |column| table.text(column, row);
            let number = |column| table.number(column, row);
            let needed = |column, value: Option<String>| value.ok_or_else(|| table.lacks(column, "a value"));
            Ok(DocumentRecord {
                sha256: text("sha256")?,
                path: needed("path", text("path")?)?,
                file: needed("file", text("file")?)?,
                size: table.size(row)?,
                status: String::new(),
                reason_code: text("reason_code")?,
                reason_message: text("reason_message")?,
                letter_id: text("letter_id")?,
                pages: number("pages")?,
                method: text("method")?,
                text_status: text("text_status")?,
                versions_extract: number("versions_extract")?.unwrap_or(0),
                versions_parse: number("versions_parse")?.unwrap_or(0),
                versions_code: number("versions_code")?.unwrap_or(0),
                versions_codebook: text("versions_codebook")?.unwrap_or_default(),
                row: None,
                letter: text("letter")?,
                findings: text("findings")?,
                set_aside: text("set_aside")?,
                text: text("text")?,
            })
        })
        .collect()
}

/// Values of a batch by column and row.
struct Rows<'a> {
    path: &'a Path,
    batch: &'a RecordBatch,
}

impl Rows<'_> {
    fn lacks(&self, column: &'static str, wanted: &'static str) -> FromParquetError {
        FromParquetError::Column { path: self.path.to_owned(), column, wanted }
    }

    fn text(&self, column: &'static str, row: usize) -> Result<Option<String>, FromParquetError> {
        let values = self.batch.column_by_name(column).ok_or_else(|| self.lacks(column, "text"))?;
        match values.data_type() {
            _ if values.is_null(row) => Ok(None),
            DataType::Utf8 => Ok(Some(values.as_string::<i32>().value(row).to_owned())),
            DataType::LargeUtf8 => Ok(Some(values.as_string::<i64>().value(row).to_owned())),
            _ => Err(self.lacks(column, "text")),
        }
    }

    /// Sizes exceed 32 bits; a whole number below 2^53 is exact in a double.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "negative sizes become 0")]
    fn size(&self, row: usize) -> Result<u64, FromParquetError> {
        let values = self.batch.column_by_name("size").ok_or_else(|| self.lacks("size", "a number"))?;
        match values.data_type() {
            DataType::Float64 if !values.is_null(row) => Ok(values.as_primitive::<Float64Type>().value(row) as u64),
            _ => Err(self.lacks("size", "a number")),
        }
    }

    fn number(&self, column: &'static str, row: usize) -> Result<Option<u32>, FromParquetError> {
        let wanted = "a whole number";
        let values = self.batch.column_by_name(column).ok_or_else(|| self.lacks(column, wanted))?;
        let number = match values.data_type() {
            _ if values.is_null(row) => return Ok(None),
            DataType::Int32 => i64::from(values.as_primitive::<Int32Type>().value(row)),
            DataType::Int64 => values.as_primitive::<Int64Type>().value(row),
            _ => return Err(self.lacks(column, wanted)),
        };
        u32::try_from(number).map(Some).map_err(|_| self.lacks(column, wanted))
    }
}
