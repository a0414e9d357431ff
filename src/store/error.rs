//! What can go wrong with the database, and what to do about it.

use std::path::{Path, PathBuf};

/// Why the dataset could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no database in the data directory.
    #[error(
        "there is no dataset in {}; make one with `sendlens ingest FILE...` or `sendlens update`, \
         or name another directory with --data", .0.display()
    )]
    NoDataset(PathBuf),
    /// A newer version of the program made the database.
    #[error(
        "the dataset {} has schema {found}, this program knows {known}; use the newer sendlens that wrote it \
         (nothing was changed)", path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// An older version of the program made the database, and it could not be brought forward.
    #[error(
        "the dataset {} is of an older sendlens (schema {found}, this one needs {known}) and could not be brought \
         forward: {why}; run `sendlens status` once where it may be written, or use a copy with --data", path.display()
    )]
    Older {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The schema that this program needs.
        known: i64,
        /// What the system said.
        why: String,
    },
    /// The file is a database of another program.
    #[error("{} is not a sendlens dataset; name another directory with --data", .0.display())]
    NotOurs(PathBuf),
    /// Another process held the database for too long.
    #[error("another sendlens is writing to this dataset; wait until it is done and try again")]
    Busy,
    /// The disk is full.
    #[error("the disk is full; make room and run the command again: what was recorded before is safe")]
    Full,
    /// The question took too long and was stopped.
    #[error("the question was stopped because it took too long; ask for less, with a filter or --limit")]
    Interrupted,
    /// The file is damaged, or not a database.
    #[error(
        "the dataset is damaged ({0}); move `sendlens.sqlite` away, then run `sendlens update`, or `sendlens ingest` on \
         the folder `archive` beside it: the documents in the archive are not touched"
    )]
    Damaged(String),
    /// The database says something that this program does not understand.
    #[error("the dataset holds {what} \"{value}\", which this program does not know; run `sendlens rebuild`")]
    Unknown {
        /// The column or vocabulary.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// The disk or the system does not let the dataset be read or written.
    #[error(
        "cannot read or write {}: {reason}; check that the disk has room and that you may write there (reading needs it, too): \
         what was recorded before is safe", path.display()
    )]
    Disk {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// SQLite refused.
    #[error("the dataset could not be used: {0}")]
    Sqlite(rusqlite::Error),
    /// A file could not be made or read.
    #[error("cannot use {}: {source}; check that the disk has room and that you may write there", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StoreError {
    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoDataset(_) => "no_dataset",
            Self::Newer { .. } => "newer_dataset",
            Self::Older { .. } => "older_dataset",
            Self::NotOurs(_) => "not_a_dataset",
            Self::Busy => "dataset_busy",
            Self::Interrupted => "interrupted",
            Self::Full => "disk_full",
            Self::Damaged(_) => "dataset_damaged",
            Self::Unknown { .. } => "dataset_unknown_value",
            Self::Disk { .. } => "dataset_disk",
            Self::Sqlite(_) => "dataset_sqlite",
            Self::Io { .. } => "dataset_io",
        }
    }

    /// Adds the database's path to an error that is about the file.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Disk { reason, .. } => Self::Disk { path: path.to_owned(), reason },
            other => other,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy,
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::OperationInterrupted) => Self::Interrupted,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            Some(
                rusqlite::ErrorCode::CannotOpen
                | rusqlite::ErrorCode::ReadOnly
                | rusqlite::ErrorCode::PermissionDenied
                | rusqlite::ErrorCode::SystemIoFailure,
            ) => Self::Disk { path: super::FILE_NAME.into(), reason: error.to_string() },
            _ => Self::Sqlite(error),
        }
    }
}
