//! Read-only handles of the dataset, one for each question under way.
//!
//! SQLite's readers do not wait for the writer, so pages stay up while an update runs. A question waits a little for a
//! free handle, then is refused; one that takes too long, or whose client has gone, is interrupted.
//!
//! All handles hold one state of the dataset still, and share what was read of it, so that much is read once and not for
//! every question. A state serves as long as it is the present one. While a run writes, the present state is another many
//! times a minute: then a state serves for [`HELD`], and a while longer until the next one has been made ready beside it,
//! so that nobody waits for that.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex as Turn, Semaphore};

use super::error::Failure;
use super::site::Stamp;
use crate::query;
use crate::store::{Dataset, InterruptHandle, StoreError};

/// How long a question waits for a free handle.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a state serves while a run writes, and how long one is held that nobody asks.
const HELD: Duration = Duration::from_secs(30);

/// How long it may serve until the next one is ready.
pub const LONGEST_HELD: Duration = Duration::from_secs(60);

/// Memory for pages of the database, in MiB for each handle.
const PAGES: i64 = 64;

/// A state of the dataset, held by as many handles as there may be questions at once.
#[derive(Debug)]
struct State {
    stamp: Arc<Stamp>,
    since: Instant,
    asked: Mutex<Instant>,
    idle: Mutex<Vec<Dataset>>,
}

impl State {
    /// Takes hold of the present state.
    fn take(data_dir: &Path, handles: usize, stamp: &Arc<Stamp>) -> Result<Self, StoreError> {
        let open = |_| {
            let handle = Dataset::open_read_only(data_dir)?;
            handle.keep_pages(PAGES)?;
            Ok(handle)
        };
        let handles: Vec<Dataset> = (0..handles).map(open).collect::<Result<_, StoreError>>()?;
        while !Dataset::hold_together(&handles)? {}
        let now = Instant::now();
        Ok(Self { stamp: Arc::clone(stamp), since: now, asked: Mutex::new(now), idle: Mutex::new(handles) })
    }

    /// Whether questions may be answered from it for so long, though another may be the present one.
    fn serves(&self, present: &Stamp, longest: Duration) -> bool {
        self.stamp.version == present.version
            || (self.stamp.writing && present.writing && self.since.elapsed() < longest)
    }
}

/// The handles and their limits.
#[derive(Debug)]
pub struct Pool {
    data_dir: PathBuf,
    readers: usize,
    present: Mutex<Option<Arc<Stamp>>>,
    state: Arc<Mutex<Option<Arc<State>>>>,
    renewing: Arc<Turn<()>>,
    permits: Arc<Semaphore>,
    longest: Duration,
}

impl Pool {
    /// Up to `readers` questions at once on the dataset of `data_dir`, each for at most `longest`.
    #[must_use]
    pub fn new(data_dir: PathBuf, readers: usize, longest: Duration) -> Self {
        let readers = readers.max(1);
        Self {
            data_dir,
            readers,
            present: Mutex::default(),
            state: Arc::default(),
            renewing: Arc::default(),
            permits: Arc::new(Semaphore::new(readers)),
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

    /// What the state that questions are answered from was when it was taken hold of, or earlier; nothing as long as nobody
    /// has said what the present one is.
    ///
    /// # Errors
    /// There is no dataset, or it cannot be read.
    pub async fn answering(&self) -> Result<Option<Arc<Stamp>>, Failure> {
        Ok(self.state().await?.map(|state| Arc::clone(&state.stamp)))
    }

    /// The state that questions are answered from; nothing as long as nobody has said what the present one is.
    async fn state(&self) -> Result<Option<Arc<State>>, Failure> {
        let Some(present) = lock(&self.present).clone() else { return Ok(None) };
        let serving = |longest| lock(&self.state).clone().filter(|state| state.serves(&present, longest));
        if let Some(state) = serving(LONGEST_HELD) {
            if !state.serves(&present, HELD)
                && let Ok(turn) = Arc::clone(&self.renewing).try_lock_owned()
            {
                let renewed = self.renew(&present, true);
                tokio::spawn(async move {
                    // Where it fails the next question finds out why.
                    let _ = renewed.await;
                    drop(turn);
                });
            }
            return Ok(Some(state));
        }
        let _turn = self.renewing.lock().await;
        // Somebody else may have renewed it meanwhile.
        match serving(HELD) {
            Some(state) => Ok(Some(state)),
            None => self.renew(&present, false).await.map(Some),
        }
    }

    /// Takes hold of the present state, and first makes it ready if it need not serve at once.
    fn renew(
        &self,
        present: &Arc<Stamp>,
        ready: bool,
    ) -> impl Future<Output = Result<Arc<State>, Failure>> + Send + use<> {
        let (data_dir, readers, present) = (self.data_dir.clone(), self.readers, Arc::clone(present));
        let place = Arc::clone(&self.state);
        async move {
            let made = spawn(move || -> Result<State, Failure> {
                let state = State::take(&data_dir, readers, &present)?;
                if ready && let Some(handle) = lock(&state.idle).first() {
                    query::prepare(handle)?;
                }
                Ok(state)
            });
            let state = Arc::new(made.await??);
            *lock(&place) = Some(Arc::clone(&state));
            tokio::spawn(let_go(place, Arc::downgrade(&state)));
            Ok(state)
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
        let state = self.state().await?;
        let handle = state.as_ref().and_then(|state| {
            *lock(&state.asked) = Instant::now();
            lock(&state.idle).pop()
        });
        let dataset = match handle {
            Some(handle) => handle,
            None => {
                // A question that broke off took its handle with it: the next one has them all again.
                *lock(&self.state) = None;
                let data_dir = self.data_dir.clone();
                spawn(move || Dataset::open_read_only(&data_dir)).await??
            }
        };
        let under_way = StopOnDrop(Arc::new(Mutex::new(Some(dataset.interrupt_handle()))));
        let stopper = Arc::clone(&under_way.0);
        let answer = spawn(move || {
            let answer = question(&dataset);
            // From here on the handle may serve another question, which must not be stopped for this one.
            lock(&stopper).take();
            if let Some(state) = state
                && dataset.holds()
            {
                lock(&state.idle).push(dataset);
            }
            drop(permit);
            answer.map_err(Into::into)
        });
        match tokio::time::timeout(self.longest, answer).await {
            Ok(answer) => answer?,
            Err(_) => Err(Failure::TooSlow),
        }
    }
}

/// Lets go of a state that nobody asks, so that the write-ahead log can be folded back.
async fn let_go(place: Arc<Mutex<Option<Arc<State>>>>, state: Weak<State>) {
    loop {
        tokio::time::sleep(HELD).await;
        let Some(state) = state.upgrade() else { return };
        let mut serving = lock(&place);
        if lock(&state.asked).elapsed() >= HELD && serving.as_ref().is_some_and(|serving| Arc::ptr_eq(serving, &state))
        {
            *serving = None;
        }
    }
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
    use crate::query::Latest;
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
        let stamp = |version: &str, writing| Stamp { version: version.to_owned(), latest: Latest::default(), writing };
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
