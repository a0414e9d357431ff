//! Read-only handles of the dataset, one for each question under way.
//!
//! SQLite's readers do not wait for the writer, so pages stay up while an update runs. A question waits a little for a
//! free handle, then is refused; one that takes too long, or whose client has gone, is interrupted.
//!
//! A handle holds the state of the dataset still from question to question, so that much need not be read again: as
//! long as it is the present state, and for [`HELD`] at most.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::error::Failure;
use super::site::Stamp;
use crate::store::{Dataset, InterruptHandle};

/// How long a question waits for a free handle.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a handle holds a state.
pub const HELD: Duration = Duration::from_secs(30);

/// A handle, and which state it holds since when.
#[derive(Debug)]
struct Handle {
    dataset: Dataset,
    held: Option<(Arc<Stamp>, Instant)>,
}

impl Handle {
    /// Makes sure that the state held is the present one, or while a run writes a recent one. Whether a state was
    /// taken hold of.
    fn refresh(&mut self, present: Option<&Arc<Stamp>>) -> Result<bool, Failure> {
        let good =
            |stamp: &Stamp, present: &Stamp| stamp.version == present.version || (stamp.writing && present.writing);
        if let (Some((stamp, since)), Some(present)) = (&self.held, present)
            && good(stamp, present)
            && since.elapsed() < HELD
        {
            return Ok(false);
        }
        self.release()?;
        if let Some(present) = present {
            self.dataset.hold()?;
            self.held = Some((Arc::clone(present), Instant::now()));
        }
        Ok(self.held.is_some())
    }

    fn release(&mut self) -> Result<(), Failure> {
        self.held = None;
        Ok(self.dataset.release()?)
    }
}

/// The handles and their limits.
#[derive(Debug)]
pub struct Pool {
    data_dir: PathBuf,
    idle: Arc<Mutex<Vec<Handle>>>,
    present: Mutex<Option<Arc<Stamp>>>,
    permits: Arc<Semaphore>,
    longest: Duration,
}

impl Pool {
    /// Up to `readers` questions at once on the dataset of `data_dir`, each for at most `longest`.
    #[must_use]
    pub fn new(data_dir: PathBuf, readers: usize, longest: Duration) -> Self {
        Self {
            data_dir,
            idle: Arc::default(),
            present: Mutex::default(),
            permits: Arc::new(Semaphore::new(readers.max(1))),
            longest,
        }
    }

    /// Says what the present state of the dataset is.
    pub fn now(&self, stamp: &Stamp) {
        let mut present = lock(&self.present);
        if present.as_deref() != Some(stamp) {
            *present = Some(Arc::new(stamp.clone()));
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
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| Failure::Busy)?
            .map_err(|_| Failure::Busy)?;
        let idle = lock(&self.idle).pop();
        let mut handle = match idle {
            Some(handle) => handle,
            None => {
                let data_dir = self.data_dir.clone();
                Handle { dataset: spawn(move || Dataset::open_read_only(&data_dir)).await??, held: None }
            }
        };
        let under_way = StopOnDrop(Arc::new(Mutex::new(Some(handle.dataset.interrupt_handle()))));
        let (idle, stopper) = (Arc::clone(&self.idle), Arc::clone(&under_way.0));
        let (present, runtime) = (lock(&self.present).clone(), tokio::runtime::Handle::current());
        let answer = spawn(move || {
            let taken = handle.refresh(present.as_ref())?;
            let answer = question(&handle.dataset);
            // From here on the handle may serve another question, which must not be stopped for this one.
            lock(&stopper).take();
            if answer.is_err() {
                // Whatever broke off may have ended the transaction too.
                handle.release()?;
            }
            lock(&idle).push(handle);
            drop(permit);
            if taken {
                runtime.spawn(let_go(idle));
            }
            answer.map_err(Into::into)
        });
        match tokio::time::timeout(self.longest, answer).await {
            Ok(answer) => answer?,
            Err(_) => Err(Failure::TooSlow),
        }
    }
}

/// Lets go of states that nobody asks for, so that the write-ahead log can be folded back.
async fn let_go(idle: Arc<Mutex<Vec<Handle>>>) {
    tokio::time::sleep(HELD).await;
    lock(&idle).retain_mut(|handle| match handle.held {
        Some((_, since)) if since.elapsed() >= HELD => handle.release().is_ok(),
        _ => true,
    });
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|panic| Failure::Internal(panic.to_string()))
}

/// Interrupts the question when its answer is no longer awaited: too slow, or the client has gone.
struct StopOnDrop(Arc<Mutex<Option<InterruptHandle>>>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(stopper) = lock(&self.0).as_ref() {
            stopper.interrupt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

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
    async fn a_state_is_held_while_it_is_the_present_one() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Dataset::open(dir.path()).unwrap();
        let pool = Pool::new(dir.path().to_owned(), 1, Duration::from_secs(60));
        let stamp = |version: &str, writing| Stamp { version: version.to_owned(), updated: None, writing };
        let runs = |dataset: &Dataset| dataset.runs(10).map(|runs| runs.len());
        pool.now(&stamp("1", false));
        assert_eq!(pool.ask(runs).await, Ok(0));
        writer.start_run("update", jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(pool.ask(runs).await, Ok(0), "nobody said that anything has changed");
        pool.now(&stamp("2", true));
        assert_eq!(pool.ask(runs).await, Ok(1));
        writer.start_run("update", jiff::Timestamp::UNIX_EPOCH).unwrap();
        pool.now(&stamp("3", true));
        assert_eq!(pool.ask(runs).await, Ok(1), "while a run writes, a recent state will do");
        pool.now(&stamp("4", false));
        assert_eq!(pool.ask(runs).await, Ok(2), "the run has ended");
        assert_eq!(pool.ask(|_| Err::<(), _>(StoreError::Interrupted)).await, Err(Failure::TooSlow));
        assert_eq!(pool.ask(runs).await, Ok(2), "a question that broke off does no harm");
    }
}
