//! `update`: the sources are crawled, and what is new is read and recorded, all at the same time.
//!
//! Three parts run side by side and are joined by bounded channels. The *crawl* (`walk`) is asynchronous and waits
//! for hosts most of the time; the *pool* of rayon threads reads documents; the *writer* (`writer`), on the calling
//! thread, is the only one that touches the database. Every step is committed before the next depends on it, so the
//! run can be killed at any moment and goes on where it was. Bytes reach the archive before anything else is done.
//!
//! What a run found is judged at its end (`checks`): against the listing's own count, and against the run before.

mod checks;
mod decide;
mod report;
mod walk;
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rayon::ThreadPool;
use tokio::sync::{Semaphore, mpsc};

use super::stages::Stages;
use crate::archive::{Archive, ArchiveError};
use crate::crawl::{Fetcher, HostStatistics, Settings, SetupError, Source};
use crate::store::{Dataset, NewTask, Occasion, RunResult, StoreError, Task, TaskKind, TaskState};

pub use report::{Event, PageFailure, PublishedTooEarly, SourceReport, UpdateReport, Vanished};

/// An interrupted run is resumed for so long; after that the listings are read afresh.
const RESUMABLE_FOR: SignedDuration = SignedDuration::from_hours(20);

/// Documents that may wait to be read or recorded, for each thread.
const QUEUED_PER_THREAD: usize = 4;

/// What a run is asked to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Ask for every page and every held document anew, to find changes under the same number.
    pub full: bool,
    /// Leave out publications before this day.
    pub since: Option<Date>,
    /// Read the listings only, and change nothing.
    pub dry_run: bool,
    /// Threads that read documents.
    pub threads: usize,
}

/// What a run works with.
pub struct Means {
    /// The sources to crawl.
    pub sources: Vec<Box<dyn Source>>,
    /// Manners and limits.
    pub settings: Settings,
    /// How documents are read.
    pub stages: Stages,
    /// Where their bytes go.
    pub archive: Archive,
}

/// Why a run ended early. What was recorded stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The HTTP layer could not be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// Threads could not be started.
    #[error("the threads of the update could not be started: {0}; try a smaller --threads")]
    Threads(String),
    /// A task in the queue can't be understood.
    #[error("the queue of the interrupted run can't be read ({0}); `sendlens update --full` begins a new one")]
    Queue(String),
    /// A part of the run ended without saying why.
    #[error("the crawl stopped by a defect in sendlens; please report what the lines above say")]
    Defect,
}

/// What all parts of a run share.
struct Shared {
    fetcher: Fetcher,
    stages: Stages,
    archive: Archive,
    pool: ThreadPool,
    /// One permit for each document that is read or waits to be recorded.
    room: Arc<Semaphore>,
    options: Options,
}

/// Runs an update and tells `listener` of each step.
///
/// `held` is asked for what is held already; without it, `dataset` is. A dry run gives an empty `dataset` beside it,
/// so that nothing of the real one changes.
///
/// # Errors
/// What ends the run early, see [`UpdateError`]. Documents and pages that fail are no error: they are in the report.
pub fn update(
    means: Means,
    options: &Options,
    dataset: &mut Dataset,
    held: Option<&Dataset>,
    mut listener: impl FnMut(Event<'_>),
) -> Result<UpdateReport, UpdateError> {
    let Means { sources, settings, stages, archive } = means;
    let sources: Vec<Arc<dyn Source>> = sources.into_iter().map(Arc::from).collect();
    let threads = options.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| UpdateError::Threads(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| UpdateError::Threads(error.to_string()))?;
    let (sender, receiver) = mpsc::channel(threads * QUEUED_PER_THREAD);
    // A weak end: the writer's channel must close although the fetcher lives on.
    let notices = sender.downgrade();
    let fetcher = Fetcher::new(settings)?.on_pause(move |pause| {
        if let Some(sender) = notices.upgrade() {
            // A notice that finds no room is no loss.
            _ = sender.try_send(writer::Message::Pause(pause));
        }
    });
    let shared = Arc::new(Shared {
        fetcher,
        stages,
        archive,
        pool,
        room: Arc::new(Semaphore::new(threads * QUEUED_PER_THREAD)),
        options: options.clone(),
    });

    let at = Timestamp::now();
    let (run, resumed) = dataset.begin_crawl(&asked(&sources, options), &first_tasks(&sources)?, at, RESUMABLE_FOR)?;
    let occasion = Occasion { run: Some(run), at };
    let tasks = dataset.tasks(run)?;
    let mut by_source: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for task in &tasks {
        by_source.entry(task.source.as_str()).or_default().push(task.clone());
    }
    let open = |task: &&Task| matches!(task.state, TaskState::Waiting | TaskState::Fetched);
    let pages = tasks.iter().filter(open).filter(|task| task.kind == TaskKind::Page).count();
    let publications = tasks.iter().filter(open).count() - pages;
    listener(Event::Started { resumed, pages });
    listener(Event::Found { pages: 0, publications });

    let walks: Vec<_> = sources
        .iter()
        .map(|source| {
            let tasks = by_source.remove(source.name()).unwrap_or_default();
            walk::Walk::new(Arc::clone(&shared), Arc::clone(source), sender.clone(), tasks)
        })
        .collect::<Result<_, _>>()?;
    drop(by_source);
    let crawling = Arc::clone(&shared);
    // The last sender is the crawl's own: when all walks and all reading threads are done, the writer's channel ends.
    let crawl = std::thread::Builder::new()
        .name("crawl".to_owned())
        .spawn(move || runtime.block_on(crawl(&crawling, walks, sender)))
        .map_err(|error| UpdateError::Threads(error.to_string()))?;
    let reference = &shared.stages.reference;
    let mut writer =
        writer::Writer { dataset, held, occasion, options, reference, sources: &sources, listener: &mut listener };
    let written = writer.work(receiver);
    let hosts = crawl.join().map_err(|_| UpdateError::Defect)?;
    written?;

    let report = checks::conclude(dataset, &sources, options, run, resumed, hosts?)?;
    let result = RunResult {
        tally: report.run.tally,
        exit_code: i32::from(report.exit_code),
        hosts: serde_json::to_value(&report.hosts).unwrap_or_default(),
        notes: report.notes(),
    };
    dataset.finish_crawl(run, &result, Timestamp::now())?;
    dataset.tidy()?;
    Ok(report)
}

/// Walks all sources at once, until they are done or the writer is gone.
async fn crawl(
    shared: &Shared,
    walks: Vec<walk::Walk>,
    writer: mpsc::Sender<writer::Message>,
) -> Result<BTreeMap<String, HostStatistics>, UpdateError> {
    let mut running: tokio::task::JoinSet<_> = walks.into_iter().map(walk::Walk::run).collect();
    let all = async {
        while let Some(ended) = running.join_next().await {
            match ended.map_err(|_| UpdateError::Defect)? {
                // The writer says by itself why it left.
                Err(walk::Stopped::WriterGone) | Ok(()) => {}
                Err(walk::Stopped::Because(error)) => return Err(*error),
            }
        }
        Ok(())
    };
    let ended = tokio::select! {
        ended = all => ended,
        () = writer.closed() => Ok(()),
    };
    running.abort_all();
    ended?;
    Ok(shared.fetcher.statistics().await)
}

/// What the run was asked to do, in one spelling; only a run that was asked the same is resumed.
fn asked(sources: &[Arc<dyn Source>], options: &Options) -> String {
    let mut names: Vec<&str> = sources.iter().map(|source| source.name()).collect();
    names.sort_unstable();
    let since = options.since.map(|day| day.to_string()).unwrap_or_default();
    format!("sources={} full={} since={since}", names.join(","), options.full)
}

fn first_tasks(sources: &[Arc<dyn Source>]) -> Result<Vec<(String, NewTask)>, UpdateError> {
    let mut tasks = Vec::new();
    for source in sources {
        for request in source.start() {
            tasks.push((source.name().to_owned(), decide::page_task(&request)?));
        }
    }
    Ok(tasks)
}

/// The JSON of a task's payload or outcome.
fn encode<T: serde::Serialize>(value: &T) -> Result<String, UpdateError> {
    serde_json::to_string(value).map_err(|error| UpdateError::Queue(error.to_string()))
}

fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, UpdateError> {
    serde_json::from_str(text).map_err(|error| UpdateError::Queue(error.to_string()))
}
