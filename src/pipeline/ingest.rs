//! Local documents into the dataset: read and understood in parallel, recorded by one writer in the order given.
//!
//! The order of recording is the order of the list, whatever finishes first, so that threads cannot change what a run
//! says. Bytes reach the archive before anything else happens, so that everything after can be done again.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::files::Found;
use super::ordered::{self, ThreadsError};
use super::report::{DocumentReport, RunReport, suspicions};
use super::run::Run;
use super::stages::Stages;
use super::titles::hold_against_titles;
use crate::archive::{Archive, ArchiveError};
use crate::domain::{DocumentStatus, Processed, Publication, Reason};
use crate::extract::Limits;
use crate::store::{Dataset, DocumentState, Occasion, StoreError};

/// The source under which local files are entered.
pub const LOCAL: &str = "local";

/// What ends a run early. What was recorded before stays.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

/// A file that cannot be taken as a document.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("cannot read this file: {0}; check that it exists and may be read")]
    Io(#[from] std::io::Error),
    /// It is too large.
    #[error("this file is larger than the limit of {limit} bytes for one document")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
}

impl ReadError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "unreadable_file",
            Self::TooLarge { .. } => "too_large",
        }
    }
}

/// Reads a file, but never more of it than a document may have.
///
/// # Errors
/// When it cannot be read or is too large.
pub fn read_document(path: &Path, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    let limit = limits.file_bytes;
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge { limit }) } else { Ok(bytes) }
}

/// What reading one file gave.
enum Taken {
    /// Held already, and read by these very versions.
    Held(String),
    Read(Box<Processed>),
    Unreadable(Reason),
}

/// Reads documents and records them. `done` is called with each as it is recorded.
///
/// # Errors
/// When archive or database fail. A document that fails is no error: it is in the report.
pub fn ingest(
    files: &[Found],
    stages: &Stages,
    archive: &Archive,
    dataset: &mut Dataset,
    threads: usize,
    mut done: impl FnMut(&DocumentReport),
) -> Result<RunReport, IngestError> {
    let held = held_already(files, stages, dataset)?;
    let mut run = Run::begin(dataset, "ingest")?;
    let occasion = run.occasion();
    let work: Vec<_> = files.iter().zip(held).collect();
    ordered::in_order::<_, _, _, IngestError>(
        &work,
        threads,
        || (),
        |(), (file, held)| take(file, held.as_deref(), stages, archive),
        |(file, _), taken| {
            let document = record(file, taken?, dataset, &occasion)?;
            done(&document);
            run.add(document);
            Ok(())
        },
    )?;
    Ok(run.end(dataset)?)
}

/// For each file the document that it showed when it was last read, if nothing would be read differently today.
fn held_already(files: &[Found], stages: &Stages, dataset: &Dataset) -> Result<Vec<Option<String>>, StoreError> {
    let versions = stages.versions();
    files
        .iter()
        .map(|file| {
            let document = dataset.newest_document(LOCAL, &key(file))?;
            Ok(document
                .filter(|d| d.versions == versions && !matches!(d.state, DocumentState::Failed(_)))
                .map(|d| d.sha256))
        })
        .collect()
}

fn take(file: &Found, held: Option<&str>, stages: &Stages, archive: &Archive) -> Result<Taken, ArchiveError> {
    let bytes = match read_document(&file.path, &stages.limits) {
        Ok(bytes) => bytes,
        Err(error) => {
            return Ok(Taken::Unreadable(Reason { code: error.code().to_owned(), message: error.to_string() }));
        }
    };
    // Also where the document is held: this puts a damaged or lost file of the archive right.
    let sha256 = archive.put(&bytes)?;
    if held == Some(sha256.as_str()) {
        return Ok(Taken::Held(sha256));
    }
    Ok(Taken::Read(Box::new(stages.process(&bytes))))
}

fn record(
    file: &Found,
    taken: Taken,
    dataset: &mut Dataset,
    occasion: &Occasion,
) -> Result<DocumentReport, StoreError> {
    let publication = Publication {
        source: LOCAL.to_owned(),
        key: key(file),
        url: None,
        file: Some(file.name()),
        title: None,
        provider: None,
        published_on: None,
    };
    let mut suspicious = Vec::new();
    let (sha256, status, reason) = match taken {
        Taken::Held(sha256) => {
            dataset.record_seen(&publication, occasion)?;
            (Some(sha256), DocumentStatus::Unchanged, None)
        }
        Taken::Read(processed) => {
            let publications = dataset.publications_of(&processed.sha256)?;
            let processed = hold_against_titles(*processed, &publications);
            let status = dataset.record(&publication, &processed, occasion)?;
            let reason = processed.reading.reason();
            suspicious = suspicions(&processed.reading);
            (Some(processed.sha256), status, reason)
        }
        Taken::Unreadable(reason) => {
            let status = dataset.record_failure(&publication, &reason, occasion)?;
            (None, status, Some(reason))
        }
    };
    Ok(DocumentReport { file: Some(key(file)), url: None, sha256, status, reason, suspicious })
}

/// A local file's identity is its path as given.
fn key(file: &Found) -> String {
    file.path.display().to_string()
}
