//! The dataset: one SQLite database in the data directory that holds every document ever met, what was read from
//! it, and the reference tables beside it.
//!
//! Invariants that everything else relies on:
//! - a document is recorded in one transaction: all of it is there, or nothing;
//! - nothing is forgotten: a letter that a revision or a better copy supersedes stays, no longer *current*;
//! - which copy of a letter is current depends on the documents only, never on the order in which they came;
//! - what is derived from several letters (`verdict_links`) follows from the current ones alone;
//! - views over current letters (`letters`, `findings`, `finding_themes`, `flags`) are what questions read.
//!
//! The schema is in `schema/`; documents say what they are in `documents`, entries of listings in `publications`.

mod areas;
mod crawl;
mod current;
mod documents;
mod error;
pub(crate) mod finding_index;
mod integrity;
mod links;
mod lock;
mod migrate;
mod pack;
mod passages;
mod publications;
mod record;
mod reference;
mod reviews;
mod runs;
mod snapshot;
pub(crate) mod values;
mod wait;

use std::path::{Path, PathBuf};

pub use rusqlite::InterruptHandle;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

pub use crawl::{Action, DocumentValidators, NewTask, PageRecord, Shown, Task, TaskKind, TaskState};
pub use documents::{DocumentState, StoredDocument};
pub use error::StoreError;
pub use integrity::{StoredFinding, StoredLetter};
pub use links::UnlinkedVerdict;
pub use lock::{Lock, LockError};
pub use passages::StoredPassage;
pub use publications::Occasion;
pub use reference::ThemeRow;
pub use reviews::{HUMAN, Review, ReviewedTheme};
pub use runs::{Run, RunId, RunResult, Tally};
pub use wait::{LockWaits, lock_waits};

/// SQLite's page cache, in MiB for each handle.
pub(crate) const PAGE_CACHE_MIB: i64 = 32;
/// How much of the file a read-only handle maps into memory, in bytes.
const MAPPED_BYTES: i64 = 512 << 20;

/// Name of the database in the data directory.
pub const FILE_NAME: &str = "sendlens.sqlite";

/// An open dataset. It cannot be shared between threads; open one for each. Readers do not wait for the writer.
#[derive(Debug)]
pub struct Dataset {
    connection: Connection,
    path: PathBuf,
    derived: snapshot::Derived,
}

/// Makes the derived rows after a migration.
fn derive(connection: &Connection) -> Result<(), StoreError> {
    links::refresh_all(connection)?;
    finding_index::refresh_all(connection)
}

impl Dataset {
    /// Opens the dataset of a data directory for writing; creates both if needed. A database of an older version is backed up
    /// and migrated.
    ///
    /// # Errors
    /// The folder or file cannot be made, or the file is not ours, damaged, or of a newer version.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(data_dir).map_err(|source| StoreError::Io { path: data_dir.to_owned(), source })?;
        let path = data_dir.join(FILE_NAME);
        Self::open_file(&path).map_err(|error| error.at(&path))
    }

    fn open_file(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path)?;
        connection.busy_handler(Some(wait::pause))?;
        migrate::check(&connection, path, migrate::STEPS)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        migrate::migrate(&mut connection, path, migrate::STEPS, derive)?;
        prepare(&connection)?;
        Ok(Self { connection, path: path.to_owned(), derived: snapshot::Derived::default() })
    }

    /// Opens the dataset of a data directory for questions.
    ///
    /// # Errors
    /// There is no dataset yet, or the file is not ours, damaged, or of a newer version.
    pub fn open_read_only(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join(FILE_NAME);
        if !path.is_file() {
            return Err(StoreError::NoDataset(data_dir.to_owned()));
        }
        Self::read_file(data_dir, &path).map_err(|error| error.at(&path))
    }

    fn read_file(data_dir: &Path, path: &Path) -> Result<Self, StoreError> {
        let (connection, found) = connect_read_only(path)?;
        if found == 0 {
            return Err(StoreError::NoDataset(data_dir.to_owned()));
        }
        let known = migrate::newest(migrate::STEPS);
        if found < known {
            drop(connection);
            return match Self::open(data_dir) {
                Ok(_) => Self::open_read_only(data_dir),
                Err(error @ (StoreError::Disk { .. } | StoreError::Sqlite(_) | StoreError::Io { .. })) => {
                    Err(StoreError::Older { path: path.to_owned(), found, known, why: error.to_string() })
                }
                Err(error) => Err(error),
            };
        }
        prepare(&connection)?;
        connection.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
        Ok(Self { connection, path: path.to_owned(), derived: snapshot::Derived::default() })
    }

    /// Uses a page cache of this size instead of mapping the file. This suits work that reads everything once, so that mapped
    /// pages do not pile up, and handles that read while a run writes, because SQLite then looks for every mapped page in the
    /// write-ahead log first.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn keep_pages(&self, mebibytes: i64) -> Result<(), StoreError> {
        self.connection.pragma_update(None, "mmap_size", 0_i64)?;
        Ok(self.connection.pragma_update(None, "cache_size", -1024 * mebibytes)?)
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The connection, for the questions of `query` and the exports.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// A number that changes with every change that an answer could show; one row read.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn version(&self) -> Result<u64, StoreError> {
        let version: String = self
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = 'version'")?
            .query_row([], |row| row.get(0))?;
        version.parse().map_err(|_| StoreError::Unknown { what: "version", value: version })
    }

    /// A handle with which another thread can stop a question that takes too long; it ends with
    /// [`StoreError::Interrupted`].
    #[must_use]
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.connection.get_interrupt_handle()
    }

    /// The connection, for tests that observe queries.
    #[cfg(test)]
    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Merges the search index after many findings were replaced. Words of deleted findings stay in it, marked as deleted, and
    /// every search has to skip them: without the merge, a search for a common word after a full rebuild takes forty times as
    /// long.
    ///
    /// # Errors
    /// SQLite refused; searches still find the same, only slower.
    pub fn merge_search_index(&self) -> Result<(), StoreError> {
        self.connection.execute("INSERT INTO findings_fts (findings_fts) VALUES ('optimize')", [])?;
        Ok(())
    }

    /// Brings statistics for the query planner up to date and folds the write-ahead log back; cheap, at the end of
    /// a run.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn tidy(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(PASSIVE);")?;
        Ok(())
    }
}

/// Opens a database for questions, and gives its schema. Where the folder can't be written, SQLite can't make the files
/// by which readers and a writer know of each other. Then nobody writes there, and the database is read as it lies.
fn connect_read_only(path: &Path) -> Result<(Connection, i64), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait::pause))?;
    match migrate::check(&connection, path, migrate::STEPS) {
        Err(StoreError::Disk { .. }) if !beside(path, "-wal").exists() => {
            let name = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
            let connection =
                Connection::open_with_flags(format!("file:{name}?immutable=1"), flags | OpenFlags::SQLITE_OPEN_URI)?;
            let found = migrate::check(&connection, path, migrate::STEPS)?;
            Ok((connection, found))
        }
        found => Ok((connection, found?)),
    }
}

/// The file beside a database whose name has this ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -1024 * PAGE_CACHE_MIB)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A plan does not depend on the values of parameters. Else SQLite, which has statistics, would plan a prepared
    // statement anew with each value that it is given: half the time of a question that runs hundreds of small ones.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}
