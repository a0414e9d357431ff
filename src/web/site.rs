//! What every handler has at hand: handles of the dataset, the reference tables, and the texts that come with them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::civil::Date;

use super::error::Failure;
use super::kept::Kept;
use super::pool::Pool;
use crate::codebook::Codebook;
use crate::query::{Latest, latest};
use crate::reference::Reference;
use crate::store::Dataset;
use crate::view::briefing::Briefing;

/// How long the state of the dataset is taken as known.
const STAMP_LIFE: Duration = Duration::from_secs(1);

/// How the service is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory.
    pub data_dir: PathBuf,
    /// Questions to the dataset at once.
    pub readers: usize,
    /// The longest that one question may take.
    pub longest: Duration,
    /// Whether each request is written to standard error.
    pub log: bool,
    /// The day that due dates are compared with; `None` for the day of the request.
    pub today: Option<Date>,
}

impl Settings {
    /// The usual limits for this machine.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { data_dir, readers: (cores * 2).clamp(4, 32), longest: Duration::from_secs(10), log: true, today: None }
    }
}

/// The state of the dataset when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Changes with every change of the dataset; part of every entity tag.
    pub version: String,
    /// The latest inspection and publication that it holds.
    pub latest: Latest,
    /// Whether a run is under way, or was cut off.
    pub writing: bool,
}

/// The service's state, shared by all requests.
#[derive(Debug)]
pub struct Site {
    /// Handles of the dataset.
    pub pool: Pool,
    /// Areas, neighbours and register.
    pub reference: Arc<Reference>,
    /// Themes.
    pub codebook: Arc<Codebook>,
    /// Questions and evidence for briefings.
    pub briefing: Briefing,
    /// Answers that were given.
    pub(super) kept: Arc<Kept>,
    settings: Settings,
    watch: Arc<Mutex<Watch>>,
}

/// One handle that only looks whether the dataset has changed.
#[derive(Debug, Default)]
struct Watch {
    dataset: Option<Dataset>,
    known: Option<(Instant, Stamp)>,
}

impl Site {
    /// Brings everything together. The dataset is opened with the first question, so that the service can start
    /// before there is one.
    #[must_use]
    pub fn new(settings: Settings, reference: Arc<Reference>, codebook: Arc<Codebook>, briefing: Briefing) -> Self {
        Self {
            pool: Pool::new(settings.data_dir.clone(), settings.readers, settings.longest),
            reference,
            codebook,
            briefing,
            kept: Arc::default(),
            settings,
            watch: Arc::default(),
        }
    }

    /// The day that due dates are compared with.
    #[must_use]
    pub fn today(&self) -> Date {
        self.settings.today.unwrap_or_else(|| jiff::Zoned::now().date())
    }

    /// The state of the dataset, at most a second old.
    ///
    /// # Errors
    /// There is no dataset, or it cannot be read.
    pub async fn stamp(&self) -> Result<Stamp, Failure> {
        if let Some((seen, stamp)) = &lock(&self.watch).known
            && seen.elapsed() < STAMP_LIFE
        {
            return Ok(stamp.clone());
        }
        let (watch, data_dir) = (Arc::clone(&self.watch), self.settings.data_dir.clone());
        let stamp = tokio::task::spawn_blocking(move || look(&mut lock(&watch), &data_dir))
            .await
            .map_err(|panic| Failure::Internal(panic.to_string()))??;
        self.pool.now(&stamp);
        Ok(stamp)
    }

    /// Writes a line to the log.
    pub fn log(&self, line: &str) {
        if self.settings.log {
            eprintln!("{} {line}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"));
        }
    }
}

fn look(watch: &mut Watch, data_dir: &Path) -> Result<Stamp, Failure> {
    let dataset = match watch.dataset.take() {
        Some(dataset) => dataset,
        None => Dataset::open_read_only(data_dir)?,
    };
    let run = dataset.runs(1)?.pop();
    let writing = run.as_ref().is_some_and(|run| run.finished_at.is_none());
    // Pages show the last run too, also one that changed no document.
    let run = run.map(|run| (run.started_at, run.finished_at));
    let version = format!("{} {run:?}", dataset.version()?);
    let latest = match &watch.known {
        Some((_, known)) if known.version == version => known.latest,
        _ => latest(&dataset)?,
    };
    let stamp = Stamp { version, latest, writing };
    watch.dataset = Some(dataset);
    watch.known = Some((Instant::now(), stamp.clone()));
    Ok(stamp)
}

fn lock(watch: &Mutex<Watch>) -> std::sync::MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}
