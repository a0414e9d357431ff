//! A lock on a data directory, so that one run works at a time. The system releases it when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::values::moment;

/// Name of the lock's file in the data directory. The file stays; only the lock on it counts.
const FILE_NAME: &str = "update.lock";

/// The lock, held until this is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Why the lock was not acquired.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("another update of {} is under way ({holder}); wait until it is done, or stop it", data_dir.display())]
    Held {
        /// The data directory.
        data_dir: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The file can't be used.
    #[error("cannot use {}: {source}; check that the disk has room and that you may write there", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Lock {
    /// Acquires the lock of a data directory, which is created if needed.
    ///
    /// # Errors
    /// Another process holds it, or its file can't be used.
    pub fn take(data_dir: &Path) -> Result<Self, LockError> {
        let path = data_dir.join(FILE_NAME);
        let unusable = |source| LockError::Io { path: path.clone(), source };
        std::fs::create_dir_all(data_dir).map_err(unusable)?;
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who it is only helps people; the answer is the same if it can't be read.
                _ = file.read_to_string(&mut holder);
                let holder = holder.trim();
                let holder = if holder.is_empty() { "by an unknown process" } else { holder }.to_owned();
                return Err(LockError::Held { data_dir: data_dir.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let holder = format!("process {}, since {}\n", std::process::id(), moment(Timestamp::now()));
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(holder.as_bytes()))
            .map_err(unusable)?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Nothing is left to do if this fails: the system lets go of the lock with the file.
        _ = self.file.set_len(0);
        _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it_and_gets_it_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let first = Lock::take(dir.path()).unwrap();
        let refusal = Lock::take(dir.path()).unwrap_err().to_string();
        assert!(refusal.contains(&format!("process {}", std::process::id())), "{refusal}");
        drop(first);
        Lock::take(dir.path()).unwrap();
    }
}
