//! A fixed version of the dataset, and everything that was derived from it.
//!
//! A snapshot has as many database handles as there may be questions at once. All of them read the same version, whatever
//! a run writes meanwhile, and share the tables that questions derive from it. The responses made from a snapshot are kept
//! with it, so none outlives the version that it shows.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::HeaderMap;
use tokio::sync::OnceCell;

use super::error::Failure;
use super::lock;
use crate::query::{CodedBy, Latest, coded_by, latest};
use crate::store::{Dataset, StoreError};

/// Capacity of the response cache, in bytes of keys and bodies.
const RESPONSE_CACHE_BYTES: u64 = 96 << 20;

/// SQLite's page cache, in MiB for each handle.
const PAGE_CACHE_MIB: i64 = 64;

/// Which version of the dataset it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Changes with every change of the dataset and with every run.
    pub id: String,
    /// Whether a run is under way, or was cut off.
    pub writing: bool,
}

impl Version {
    /// The version that this handle reads.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn of(dataset: &Dataset) -> Result<Self, StoreError> {
        let run = dataset.runs(1)?.pop();
        let writing = run.as_ref().is_some_and(|run| run.finished_at.is_none());
        // Pages show the last run too, even one that changed no document.
        let run = run.map(|run| (run.started_at, run.finished_at));
        Ok(Self { id: format!("{} {run:?}", dataset.version()?), writing })
    }
}

/// A response as it was given.
#[derive(Debug, Clone)]
pub struct CachedResponse {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// A response, or the place where one request makes it while others wait.
pub type CacheEntry = Arc<OnceCell<CachedResponse>>;

/// A fixed version of the dataset. See the module.
#[derive(Debug)]
pub struct Snapshot {
    /// The version.
    pub version: Version,
    /// The latest inspection and publication that it holds.
    pub latest: Latest,
    /// What coded its letters.
    pub coded_by: CodedBy,
    /// Responses made from this snapshot, by what was asked.
    pub responses: moka::sync::Cache<String, CacheEntry>,
    opened: Instant,
    last_used: Mutex<Instant>,
    idle: Mutex<Vec<Dataset>>,
}

impl Snapshot {
    /// A snapshot of the present version.
    ///
    /// # Errors
    /// There is no dataset, or SQLite refused.
    pub fn open(data_dir: &Path, handles: usize) -> Result<Self, Failure> {
        let open = |_| {
            let handle = Dataset::open_read_only(data_dir)?;
            handle.keep_pages(PAGE_CACHE_MIB)?;
            Ok(handle)
        };
        let handles: Vec<Dataset> = (0..handles.max(1)).map(open).collect::<Result<_, StoreError>>()?;
        // A writer may commit between two handles; then they begin again.
        while !Dataset::begin_shared_snapshot(&handles)? {}
        let now = Instant::now();
        let responses = moka::sync::Cache::builder()
            .max_capacity(RESPONSE_CACHE_BYTES)
            .weigher(|key: &String, entry: &CacheEntry| {
                let body = entry.get().map_or(0, |response| response.body.len());
                u32::try_from(key.len() + body).unwrap_or(u32::MAX)
            })
            .build();
        Ok(Self {
            version: Version::of(&handles[0])?,
            latest: latest(&handles[0])?,
            coded_by: coded_by(&handles[0])?,
            responses,
            opened: now,
            last_used: Mutex::new(now),
            idle: Mutex::new(handles),
        })
    }

    /// Whether it may answer questions though `present` is the dataset's version: always if that is its own, and for
    /// `lifetime` while a run writes.
    #[must_use]
    pub fn may_serve(&self, present: &Version, lifetime: Duration) -> bool {
        self.version.id == present.id || (self.version.writing && present.writing && self.opened.elapsed() < lifetime)
    }

    /// Takes a handle for a question; nothing if none is idle.
    #[must_use]
    pub fn take_handle(&self) -> Option<Dataset> {
        *lock(&self.last_used) = Instant::now();
        lock(&self.idle).pop()
    }

    /// Gives a handle back, unless its question broke off in a way that ended its hold on the version.
    pub fn return_handle(&self, handle: Dataset) {
        if handle.in_snapshot() {
            lock(&self.idle).push(handle);
        }
    }

    /// Runs `work` with an idle handle, if there is one.
    pub(super) fn with_idle_handle<T>(&self, work: impl FnOnce(&Dataset) -> T) -> Option<T> {
        lock(&self.idle).first().map(work)
    }

    /// How long nobody has asked for anything.
    #[must_use]
    pub fn unused_for(&self) -> Duration {
        lock(&self.last_used).elapsed()
    }
}
