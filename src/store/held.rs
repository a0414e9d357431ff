//! One state of the dataset, held still for many questions.
//!
//! A service asks the same tables thousands of times between two changes. While a state is held, by a read transaction,
//! nothing that is read can change, so questions may remember what they read from end to end. Writers are not kept from
//! writing; but the write-ahead log grows meanwhile, so a state is held for seconds, not for hours.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Dataset, StoreError};

/// What questions remember of a held state, one thing of each type; nothing where no state is held.
#[derive(Debug, Default)]
pub(super) struct Memory(RefCell<Option<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

impl Dataset {
    /// Holds the present state until [`Dataset::release`]: all questions from now on are answered from it.
    ///
    /// # Errors
    /// SQLite refused, as it does where a state is held already.
    pub fn hold(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN")?;
        // The state is that of the first reading.
        let read = self.version();
        if read.is_err() {
            self.release()?;
        }
        read?;
        *self.memory.0.borrow_mut() = Some(BTreeMap::new());
        Ok(())
    }

    /// Lets the held state go, with all that was remembered of it.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn release(&self) -> Result<(), StoreError> {
        *self.memory.0.borrow_mut() = None;
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }

    /// What `make` gives, made once for a held state; nothing where none is held.
    pub(crate) fn remembered<T, E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Option<Arc<T>>, E>
    where
        T: Any + Send + Sync,
    {
        let known = match &*self.memory.0.borrow() {
            None => return Ok(None),
            Some(memory) => memory.get(&TypeId::of::<T>()).cloned(),
        };
        if let Some(known) = known.and_then(|known| known.downcast::<T>().ok()) {
            return Ok(Some(known));
        }
        let made = Arc::new(make()?);
        if let Some(memory) = &mut *self.memory.0.borrow_mut() {
            memory.insert(TypeId::of::<T>(), Arc::clone(&made) as Arc<dyn Any + Send + Sync>);
        }
        Ok(Some(made))
    }
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
        assert!(reader.hold().is_err(), "once");
        assert_eq!(*reader.remembered(|| runs(&reader)).unwrap().unwrap(), 0);
        writer.start_run("update", jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(runs(&reader).unwrap(), 0, "the state stays");
        let again = reader.remembered(|| -> Result<usize, StoreError> { panic!("read twice") });
        assert_eq!(*again.unwrap().unwrap(), 0);
        reader.release().unwrap();
        reader.hold().unwrap();
        assert_eq!(*reader.remembered(|| runs(&reader)).unwrap().unwrap(), 1, "another state, another memory");
    }
}
