//! Read-only handles of the dataset, one for each question under way.
//!
//! SQLite's readers do not wait for the writer, so pages stay up while an update runs. A question waits a little for a
//! free handle, then is refused; one that takes too long, or whose client has gone, is interrupted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::error::Failure;
use crate::store::{Dataset, InterruptHandle};

/// How long a question waits for a free handle.
const PATIENCE: Duration = Duration::from_secs(5);

/// The handles and their limits.
#[derive(Debug)]
pub struct Pool {
    data_dir: PathBuf,
    idle: Arc<Mutex<Vec<Dataset>>>,
    permits: Arc<Semaphore>,
    longest: Duration,
}

impl Pool {
    /// Up to `readers` questions at once on the dataset of `data_dir`, each for at most `longest`.
    #[must_use]
    pub fn new(data_dir: PathBuf, readers: usize, longest: Duration) -> Self {
        Self { data_dir, idle: Arc::default(), permits: Arc::new(Semaphore::new(readers.max(1))), longest }
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
        let dataset = match idle {
            Some(dataset) => dataset,
            None => {
                let data_dir = self.data_dir.clone();
                spawn(move || Dataset::open_read_only(&data_dir)).await??
            }
        };
        let under_way = StopOnDrop(Arc::new(Mutex::new(Some(dataset.interrupt_handle()))));
        let (idle, stopper) = (Arc::clone(&self.idle), Arc::clone(&under_way.0));
        let answer = spawn(move || {
            let answer = question(&dataset);
            // From here on the handle may serve another question, which must not be stopped for this one.
            lock(&stopper).take();
            lock(&idle).push(dataset);
            drop(permit);
            answer
        });
        match tokio::time::timeout(self.longest, answer).await {
            Ok(answer) => answer?.map_err(Into::into),
            Err(_) => Err(Failure::TooSlow),
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
}
