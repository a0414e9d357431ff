//! Read-only database handles, one for each question under way.
//!
//! A question waits up to [`ACQUIRE_TIMEOUT`] for a free handle and is refused after that. It is interrupted when it
//! takes too long or when its client has gone. Readers never wait for a writer, so pages stay up while an update runs.
//!
//! Questions are answered from a [`Snapshot`]. It serves for as long as the dataset keeps its version. While a run writes,
//! the version changes many times a minute; a snapshot then serves for [`SNAPSHOT_LIFETIME`], and a little longer while
//! the next one is made ready beside it, so that no question waits for that.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::error::Failure;
use super::lock;
use super::snapshot::{Snapshot, Version};
use crate::query;
use crate::store::{Dataset, InterruptHandle, StoreError};

/// How long a question waits for a free handle.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the dataset's version is reused before it is read again.
const VERSION_LIFETIME: Duration = Duration::from_secs(1);

/// How long a snapshot serves while a run writes, and how long one is held that nobody uses.
const SNAPSHOT_LIFETIME: Duration = Duration::from_secs(30);

/// How long a snapshot may serve until the next one is ready.
pub const SNAPSHOT_MAX_LIFETIME: Duration = Duration::from_secs(60);

/// The handles and their limits.
#[derive(Debug)]
pub struct Pool {
    data_dir: PathBuf,
    readers: usize,
    question_timeout: Duration,
    version_lifetime: Duration,
    watch: Arc<Mutex<Watch>>,
    snapshot: Arc<Mutex<Option<Arc<Snapshot>>>>,
    renewing: Arc<tokio::sync::Mutex<()>>,
    permits: Arc<Semaphore>,
}

/// A handle that only looks whether the dataset has changed, and what it saw last.
#[derive(Debug, Default)]
struct Watch {
    dataset: Option<Dataset>,
    seen: Option<(Instant, Version)>,
}

impl Pool {
    /// Up to `readers` questions at once on the dataset of `data_dir`, each for at most `question_timeout`. Nothing is
    /// opened before the first question.
    #[must_use]
    pub fn new(data_dir: PathBuf, readers: usize, question_timeout: Duration) -> Self {
        let readers = readers.max(1);
        Self {
            data_dir,
            readers,
            question_timeout,
            version_lifetime: VERSION_LIFETIME,
            watch: Arc::default(),
            snapshot: Arc::default(),
            renewing: Arc::default(),
            permits: Arc::new(Semaphore::new(readers)),
        }
    }

    /// The dataset's version, at most [`VERSION_LIFETIME`] old.
    async fn present_version(&self) -> Result<Version, Failure> {
        if let Some((seen, version)) = &lock(&self.watch).seen
            && seen.elapsed() < self.version_lifetime
        {
            return Ok(version.clone());
        }
        let (watch, data_dir) = (Arc::clone(&self.watch), self.data_dir.clone());
        let look = move || -> Result<Version, StoreError> {
            let mut watch = lock(&watch);
            let dataset = match watch.dataset.take() {
                Some(dataset) => dataset,
                None => Dataset::open_read_only(&data_dir)?,
            };
            let version = Version::of(&dataset)?;
            *watch = Watch { dataset: Some(dataset), seen: Some((Instant::now(), version.clone())) };
            Ok(version)
        };
        Ok(spawn(look).await??)
    }

    /// The snapshot that questions are answered from.
    ///
    /// # Errors
    /// There is no dataset, or it cannot be read.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, Failure> {
        let present = self.present_version().await?;
        let serving = |lifetime| lock(&self.snapshot).clone().filter(|it| it.may_serve(&present, lifetime));
        if let Some(snapshot) = serving(SNAPSHOT_MAX_LIFETIME) {
            if !snapshot.may_serve(&present, SNAPSHOT_LIFETIME)
                && let Ok(guard) = Arc::clone(&self.renewing).try_lock_owned()
            {
                let renewed = self.renew(true);
                tokio::spawn(async move {
                    // If it fails, the next question finds out why.
                    let _ = renewed.await;
                    drop(guard);
                });
            }
            return Ok(snapshot);
        }
        let _guard = self.renewing.lock().await;
        // Another question may have renewed it meanwhile.
        match serving(SNAPSHOT_LIFETIME) {
            Some(snapshot) => Ok(snapshot),
            None => self.renew(false).await,
        }
    }

    /// Opens a snapshot of the present version; with `warm` it serves only once the tables that most questions need are
    /// derived.
    fn renew(&self, warm: bool) -> impl Future<Output = Result<Arc<Snapshot>, Failure>> + Send + use<> {
        let (data_dir, readers, current) = (self.data_dir.clone(), self.readers, Arc::clone(&self.snapshot));
        async move {
            let open = move || -> Result<Snapshot, Failure> {
                let snapshot = Snapshot::open(&data_dir, readers)?;
                if warm {
                    snapshot.with_idle_handle(query::prepare).transpose()?;
                }
                Ok(snapshot)
            };
            let snapshot = Arc::new(spawn(open).await??);
            *lock(&current) = Some(Arc::clone(&snapshot));
            tokio::spawn(close_when_unused(current, Arc::downgrade(&snapshot)));
            Ok(snapshot)
        }
    }

    /// Asks the dataset.
    ///
    /// # Errors
    /// There is no dataset, every handle is in use, the question takes too long, or the question itself fails.
    pub async fn ask<T, E, F>(&self, question: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        E: Into<Failure> + Send + 'static,
        F: FnOnce(&Dataset) -> Result<T, E> + Send + 'static,
    {
        let permit = tokio::time::timeout(ACQUIRE_TIMEOUT, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| Failure::Busy)?
            .map_err(|_| Failure::Busy)?;
        let snapshot = self.snapshot().await?;
        let dataset = match snapshot.take_handle() {
            Some(handle) => handle,
            None => {
                // A question that broke off took its handle with it; the next snapshot has them all again.
                *lock(&self.snapshot) = None;
                let data_dir = self.data_dir.clone();
                spawn(move || Dataset::open_read_only(&data_dir)).await??
            }
        };
        let under_way = InterruptOnDrop(Arc::new(Mutex::new(Some(dataset.interrupt_handle()))));
        let interrupt = Arc::clone(&under_way.0);
        let answer = spawn(move || {
            let answer = question(&dataset);
            // From here on the handle may serve another question, which must not be interrupted for this one.
            lock(&interrupt).take();
            snapshot.return_handle(dataset);
            drop(permit);
            answer.map_err(Into::into)
        });
        match tokio::time::timeout(self.question_timeout, answer).await {
            Ok(answer) => answer?,
            Err(_) => Err(Failure::TooSlow),
        }
    }
}

/// Closes a snapshot that nobody uses, so that SQLite can fold the write-ahead log back into the database.
async fn close_when_unused(current: Arc<Mutex<Option<Arc<Snapshot>>>>, snapshot: Weak<Snapshot>) {
    loop {
        tokio::time::sleep(SNAPSHOT_LIFETIME).await;
        let Some(snapshot) = snapshot.upgrade() else { return };
        let mut current = lock(&current);
        if snapshot.unused_for() >= SNAPSHOT_LIFETIME
            && current.as_ref().is_some_and(|current| Arc::ptr_eq(current, &snapshot))
        {
            *current = None;
        }
    }
}

async fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|panic| Failure::Internal(panic.to_string()))
}

/// Interrupts the question when its answer is no longer awaited: too slow, or the client has gone.
struct InterruptOnDrop(Arc<Mutex<Option<InterruptHandle>>>);

impl Drop for InterruptOnDrop {
    fn drop(&mut self) {
        if let Some(interrupt) = lock(&self.0).as_ref() {
            interrupt.interrupt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_question_is_refused_and_its_place_is_free_again() {
        let dir = tempfile::tempdir().unwrap();
        drop(Dataset::open(dir.path()).unwrap());
        let pool = Pool::new(dir.path().to_owned(), 1, Duration::from_millis(100));
        let slow = |_: &Dataset| {
            std::thread::sleep(Duration::from_secs(1));
            Ok::<_, StoreError>(1)
        };
        assert_eq!(pool.ask(slow).await, Err(Failure::TooSlow));
        assert_eq!(pool.ask(|_| Ok::<_, StoreError>(2)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_panic_costs_only_its_own_question() {
        let dir = tempfile::tempdir().unwrap();
        drop(Dataset::open(dir.path()).unwrap());
        let pool = Pool::new(dir.path().to_owned(), 1, Duration::from_secs(60));
        let broken = |_: &Dataset| -> Result<(), StoreError> { panic!("broken") };
        assert!(matches!(pool.ask(broken).await, Err(Failure::Internal(_))));
        assert_eq!(pool.ask(|_| Ok::<_, StoreError>(2)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_snapshot_serves_while_the_dataset_keeps_its_version_and_for_a_while_when_a_run_writes() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Dataset::open(dir.path()).unwrap();
        let mut pool = Pool::new(dir.path().to_owned(), 1, Duration::from_secs(60));
        pool.version_lifetime = Duration::ZERO;
        let at = jiff::Timestamp::UNIX_EPOCH;
        let runs = |dataset: &Dataset| dataset.runs(10).map(|runs| runs.len());
        assert_eq!(pool.ask(runs).await, Ok(0));
        let first = pool.snapshot().await.unwrap();
        assert!(Arc::ptr_eq(&first, &pool.snapshot().await.unwrap()), "nothing has changed");
        writer.start_run("update", at).unwrap();
        assert_eq!(pool.ask(runs).await, Ok(1), "a run has begun");
        let second = writer.start_run("update", at).unwrap();
        assert_eq!(pool.ask(runs).await, Ok(1), "while a run writes, a recent snapshot will do");
        writer.finish_run(second, &crate::store::RunResult::default(), at).unwrap();
        assert_eq!(pool.ask(runs).await, Ok(2), "the run has ended");
        assert_eq!(pool.ask(|_| Err::<(), _>(StoreError::Interrupted)).await, Err(Failure::TooSlow));
        assert_eq!(pool.ask(runs).await, Ok(2), "a question that broke off does no harm");
    }

    #[tokio::test]
    async fn within_its_lifetime_a_known_version_is_not_looked_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Dataset::open(dir.path()).unwrap();
        let pool = Pool::new(dir.path().to_owned(), 1, Duration::from_secs(60));
        let known = pool.present_version().await.unwrap();
        writer.start_run("update", jiff::Timestamp::UNIX_EPOCH).unwrap();
        lock(&pool.watch).seen = Some((Instant::now(), known.clone()));
        assert_eq!(pool.present_version().await, Ok(known));
    }
}
