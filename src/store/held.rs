//! One state of the dataset, held still for many questions.
//!
//! A service asks the same tables thousands of times between two changes. While a state is held, by a read transaction,
//! nothing that is read can change, so questions may remember what they read from end to end. Writers are not kept from
//! writing; but the write-ahead log grows meanwhile, so a state is held for seconds, not for hours.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Dataset, StoreError};

type Thing = Arc<dyn Any + Send + Sync>;
/// Things by their type and name, or that they are being made.
type Things = Mutex<BTreeMap<(TypeId, String), Arc<Mutex<Option<Thing>>>>>;

/// What questions remember of a held state; nothing where no state is held.
#[derive(Debug, Default)]
pub(super) struct Memory(RefCell<Option<Arc<Things>>>);

impl Dataset {
    /// Holds the present state until [`Dataset::release`]: all questions from now on are answered from it.
    ///
    /// # Errors
    /// SQLite refused, as it does where a state is held already.
    pub fn hold(&self) -> Result<(), StoreError> {
        Self::hold_together(std::slice::from_ref(self)).map(drop)
    }

    /// Holds the present state by several handles, which then share what is remembered of it. False where the state
    /// changed meanwhile: then none of them holds one.
    ///
    /// # Errors
    /// SQLite refused, as it does where a state is held already.
    pub fn hold_together(handles: &[Self]) -> Result<bool, StoreError> {
        let begin = |handle: &Self| {
            handle.connection.execute_batch("BEGIN")?;
            // The state is that of the first reading.
            handle.version()
        };
        let versions: Result<Vec<u64>, StoreError> = handles.iter().map(begin).collect();
        let same = versions.as_ref().is_ok_and(|versions| versions.windows(2).all(|pair| pair[0] == pair[1]));
        if !same {
            handles.iter().try_for_each(Self::release)?;
        }
        versions?;
        if same {
            let things: Arc<Things> = Arc::default();
            handles.iter().for_each(|handle| *handle.memory.0.borrow_mut() = Some(Arc::clone(&things)));
        }
        Ok(same)
    }

    /// Whether a state is held.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Lets the held state go, with all that was remembered of it.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn release(&self) -> Result<(), StoreError> {
        *self.memory.0.borrow_mut() = None;
        if self.holds() {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }

    /// What `make` gives, made once for a held state, whoever asks first; nothing where none is held.
    pub(crate) fn remembered<T, E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Option<Arc<T>>, E>
    where
        T: Any + Send + Sync,
    {
        if self.memory.0.borrow().is_none() {
            return Ok(None);
        }
        self.remembered_as("", 1, make).map(Some)
    }

    /// The same for one of several things of a type, by its name; as many at `most` are remembered, and where no state is
    /// held, none.
    pub(crate) fn remembered_as<T, E>(
        &self,
        name: &str,
        most: usize,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E>
    where
        T: Any + Send + Sync,
    {
        let Some(things) = self.memory.0.borrow().clone() else { return make().map(Arc::new) };
        let place = {
            let (mut things, key) = (lock(&things), (TypeId::of::<T>(), name.to_owned()));
            let full = || things.keys().filter(|(of, _)| *of == key.0).count() >= most;
            if !things.contains_key(&key) && full() {
                return make().map(Arc::new);
            }
            Arc::clone(things.entry(key).or_default())
        };
        let mut place = lock(&place);
        if let Some(known) = place.clone().and_then(|known| known.downcast::<T>().ok()) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        *place = Some(Arc::clone(&made) as Thing);
        Ok(made)
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_state_stays_and_what_was_read_of_it_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Dataset::open(dir.path()).unwrap();
        let reader = Dataset::open_read_only(dir.path()).unwrap();
        let runs = |dataset: &Dataset| dataset.runs(10).map(|runs| runs.len());
        assert_eq!(reader.remembered(|| runs(&reader)).unwrap(), None, "nothing is held, nothing remembered");
        reader.hold().unwrap();
        assert_eq!(*reader.remembered(|| runs(&reader)).unwrap().unwrap(), 0);
        writer.start_run("update", jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(runs(&reader).unwrap(), 0, "the state stays");
        let again = reader.remembered(|| -> Result<usize, StoreError> { panic!("read twice") });
        assert_eq!(*again.unwrap().unwrap(), 0);
        reader.release().unwrap();
        reader.hold().unwrap();
        assert_eq!(*reader.remembered(|| runs(&reader)).unwrap().unwrap(), 1, "another state, another memory");
    }

    #[test]
    fn handles_that_hold_a_state_together_share_what_was_read_of_it() {
        let dir = tempfile::tempdir().unwrap();
        drop(Dataset::open(dir.path()).unwrap());
        let handles = [0, 1].map(|_| Dataset::open_read_only(dir.path()).unwrap());
        assert!(Dataset::hold_together(&handles).unwrap());
        assert_eq!(*handles[0].remembered(|| Ok::<_, StoreError>(7_u8)).unwrap().unwrap(), 7);
        let again = handles[1].remembered(|| -> Result<u8, StoreError> { panic!("read twice") });
        assert_eq!(*again.unwrap().unwrap(), 7);
        let named = |name: &str, value: u8| *handles[0].remembered_as(name, 16, || Ok::<_, StoreError>(value)).unwrap();
        assert_eq!((named("a", 1), named("b", 2), named("a", 3)), (1, 2, 1));
        (0..100).for_each(|n| assert_eq!(named(&n.to_string(), n), n));
        assert_eq!((named("a", 3), named("99", 7)), (1, 7), "not everything is remembered");
        assert!(Dataset::hold_together(&handles).is_err(), "once");
        assert!(handles.iter().all(|handle| !handle.holds()), "and then none holds one");
        assert!(Dataset::hold_together(&handles).unwrap());
    }
}
