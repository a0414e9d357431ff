//! Snapshots: one version of the dataset, fixed for many questions, and the tables derived from it.
//!
//! A service is asked the same things thousands of times between two changes. Within a snapshot, which is a read
//! transaction, nothing that is read can change, so questions can keep what they derived from whole tables. Writers are not
//! kept waiting, but the write-ahead log grows meanwhile: hold a snapshot for seconds, not for hours.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Dataset, StoreError};

type AnyTable = Arc<dyn Any + Send + Sync>;
/// Derived tables by type and name. An entry is locked while its table is made, so that it is made once.
type Tables = Mutex<BTreeMap<(TypeId, String), Arc<Mutex<Option<AnyTable>>>>>;

/// The tables derived from a handle's snapshot; none if it has no snapshot.
#[derive(Debug, Default)]
pub(super) struct Derived(RefCell<Option<Arc<Tables>>>);

impl Dataset {
    /// Fixes the present version until [`Dataset::end_snapshot`]: this handle answers all questions from it.
    ///
    /// # Errors
    /// SQLite refused, as it does if the handle has a snapshot already.
    pub fn begin_snapshot(&self) -> Result<(), StoreError> {
        Self::begin_shared_snapshot(std::slice::from_ref(self)).map(drop)
    }

    /// Fixes the present version for several handles, which then share the tables derived from it. False if the version
    /// changed meanwhile: then none of them has a snapshot.
    ///
    /// # Errors
    /// SQLite refused, as it does if a handle has a snapshot already.
    pub fn begin_shared_snapshot(handles: &[Self]) -> Result<bool, StoreError> {
        let begin = |handle: &Self| {
            handle.connection.execute_batch("BEGIN")?;
            // The first read fixes the version.
            handle.version()
        };
        let versions: Result<Vec<u64>, StoreError> = handles.iter().map(begin).collect();
        let same = versions.as_ref().is_ok_and(|versions| versions.windows(2).all(|pair| pair[0] == pair[1]));
        if !same {
            handles.iter().try_for_each(Self::end_snapshot)?;
        }
        versions?;
        if same {
            let tables: Arc<Tables> = Arc::default();
            handles.iter().for_each(|handle| *handle.derived.0.borrow_mut() = Some(Arc::clone(&tables)));
        }
        Ok(same)
    }

    /// Whether this handle reads from a snapshot.
    #[must_use]
    pub fn in_snapshot(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Ends the snapshot and forgets what was derived from it.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn end_snapshot(&self) -> Result<(), StoreError> {
        *self.derived.0.borrow_mut() = None;
        if self.in_snapshot() {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }

    /// What `make` gives, made once for the snapshot, whoever asks first. Nothing without a snapshot.
    pub(crate) fn derived<T, E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Option<Arc<T>>, E>
    where
        T: Any + Send + Sync,
    {
        if self.derived.0.borrow().is_none() {
            return Ok(None);
        }
        self.derived_as("", 1, make).map(Some)
    }

    /// The same for one of several tables of a type, told apart by name. At most `max_tables` of the type are kept;
    /// further ones, and all without a snapshot, are made each time.
    pub(crate) fn derived_as<T, E>(
        &self,
        name: &str,
        max_tables: usize,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E>
    where
        T: Any + Send + Sync,
    {
        let Some(tables) = self.derived.0.borrow().clone() else { return make().map(Arc::new) };
        let entry = {
            let (mut tables, key) = (lock(&tables), (TypeId::of::<T>(), name.to_owned()));
            let full = || tables.keys().filter(|(of, _)| *of == key.0).count() >= max_tables;
            if !tables.contains_key(&key) && full() {
                return make().map(Arc::new);
            }
            Arc::clone(tables.entry(key).or_default())
        };
        let mut entry = lock(&entry);
        if let Some(known) = entry.clone().and_then(|known| known.downcast::<T>().ok()) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        *entry = Some(Arc::clone(&made) as AnyTable);
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
    fn a_snapshot_keeps_its_version_and_derives_a_table_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Dataset::open(dir.path()).unwrap();
        let reader = Dataset::open_read_only(dir.path()).unwrap();
        let runs = |dataset: &Dataset| dataset.runs(10).map(|runs| runs.len());
        assert_eq!(reader.derived(|| runs(&reader)).unwrap(), None, "without a snapshot nothing is kept");
        reader.begin_snapshot().unwrap();
        assert_eq!(*reader.derived(|| runs(&reader)).unwrap().unwrap(), 0);
        writer.start_run("update", jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(runs(&reader).unwrap(), 0, "the version is fixed");
        let again = reader.derived(|| -> Result<usize, StoreError> { panic!("read twice") });
        assert_eq!(*again.unwrap().unwrap(), 0);
        reader.end_snapshot().unwrap();
        reader.begin_snapshot().unwrap();
        assert_eq!(*reader.derived(|| runs(&reader)).unwrap().unwrap(), 1, "a new snapshot, new tables");
    }

    #[test]
    fn handles_of_a_shared_snapshot_share_what_is_derived_from_it() {
        let dir = tempfile::tempdir().unwrap();
        drop(Dataset::open(dir.path()).unwrap());
        let handles = [0, 1].map(|_| Dataset::open_read_only(dir.path()).unwrap());
        assert!(Dataset::begin_shared_snapshot(&handles).unwrap());
        assert_eq!(*handles[0].derived(|| Ok::<_, StoreError>(7_u8)).unwrap().unwrap(), 7);
        let again = handles[1].derived(|| -> Result<u8, StoreError> { panic!("read twice") });
        assert_eq!(*again.unwrap().unwrap(), 7);
        let named = |name: &str, value: u8| *handles[0].derived_as(name, 16, || Ok::<_, StoreError>(value)).unwrap();
        assert_eq!((named("a", 1), named("b", 2), named("a", 3)), (1, 2, 1));
        (0..100).for_each(|n| assert_eq!(named(&n.to_string(), n), n));
        assert_eq!((named("a", 3), named("99", 7)), (1, 7), "only so many are kept");
        assert!(Dataset::begin_shared_snapshot(&handles).is_err(), "once");
        assert!(handles.iter().all(|handle| !handle.in_snapshot()), "and then none has one");
        assert!(Dataset::begin_shared_snapshot(&handles).unwrap());
    }
}
