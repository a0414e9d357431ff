//! Documents as they came, addressed by the SHA-256 of their bytes and never changed.
//!
//! Bytes come first: every later stage can be run again from them, offline. A document
//! appears under its final name only when all of it is on the disk, so a run that is killed leaves at most a
//! stray temporary file, which the next [`Archive::open`] removes once it is an hour old.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

/// A temporary file that nobody has touched for this long was left by a run that died.
const ABANDONED_AFTER: Duration = Duration::from_secs(60 * 60);

/// Prefix of an incomplete file's name, here and wherever files are renamed into place.
pub(crate) const PARTIAL: &str = ".partial-";

/// Why a document could not be put into the archive or taken out.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}; check that the disk has room and that you may write there", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No document with this hash is held.
    #[error("the archive holds no document {0}; fetch it again with `sendlens update --full` or `sendlens ingest`")]
    Missing(String),
    /// The bytes on the disk are not those that were put there.
    #[error(
        "document {sha256} is damaged ({} has other bytes now); delete that file and fetch the document again",
        path.display()
    )]
    Damaged {
        /// The hash that the document should have.
        sha256: String,
        /// Its file.
        path: PathBuf,
    },
    /// Not a SHA-256 in hexadecimal.
    #[error("\"{0}\" is not a SHA-256: 64 hexadecimal digits in lower case are expected")]
    NotAHash(String),
}

impl ArchiveError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "archive_io",
            Self::Missing(_) => "archive_missing",
            Self::Damaged { .. } => "archive_damaged",
            Self::NotAHash(_) => "archive_not_a_hash",
        }
    }
}

/// The documents of one data directory, in its folder `archive/`. Safe to use from several threads and processes.
#[derive(Debug, Clone)]
pub struct Archive {
    root: PathBuf,
}

/// SHA-256 of some bytes, in lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is an address of an archive: a SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl Archive {
    /// Opens the archive of a data directory, and makes it if it is not there.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(data_dir: &Path) -> Result<Self, ArchiveError> {
        let root = data_dir.join("archive");
        fs::create_dir_all(&root).map_err(|e| io_error("make the folder", &root, e))?;
        for folder in entries(&root)?.into_iter().filter(|path| path.is_dir()) {
            remove_abandoned(&folder)?;
        }
        remove_abandoned(data_dir)?;
        Ok(Self { root })
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the document with this hash is or would be kept.
    ///
    /// # Errors
    /// It is not a hash.
    pub fn path(&self, sha256: &str) -> Result<PathBuf, ArchiveError> {
        if !is_address(sha256) {
            return Err(ArchiveError::NotAHash(sha256.to_owned()));
        }
        let (folder, _) = sha256.split_at(2);
        Ok(self.root.join(folder).join(sha256))
    }

    /// Whether a document is held; its bytes are not looked at.
    #[must_use]
    pub fn contains(&self, sha256: &str) -> bool {
        self.path(sha256).is_ok_and(|p| p.is_file())
    }

    /// Keeps a document and gives its hash. When this returns, the bytes are on the disk.
    ///
    /// A document that is held already is left alone, unless its file was damaged: then it is put right.
    ///
    /// # Errors
    /// The file system refused.
    pub fn put(&self, bytes: &[u8]) -> Result<String, ArchiveError> {
        let hash = sha256(bytes);
        let path = self.path(&hash)?;
        if let Ok(held) = fs::read(&path)
            && held == bytes
        {
            return Ok(hash);
        }
        let folder = path.parent().unwrap_or(&self.root);
        let folder_is_new = !folder.is_dir();
        fs::create_dir_all(folder).map_err(|e| io_error("make the folder", folder, e))?;
        if folder_is_new {
            sync_folder(&self.root)?;
        }
        let mut file = tempfile::Builder::new()
            .prefix(PARTIAL)
            .tempfile_in(folder)
            .map_err(|e| io_error("make a file in", folder, e))?;
        file.write_all(bytes).map_err(|e| io_error("write", file.path(), e))?;
        file.as_file().sync_all().map_err(|e| io_error("write", file.path(), e))?;
        file.persist(&path).map_err(|e| io_error("rename", &path, e.error))?;
        sync_folder(folder)?;
        Ok(hash)
    }

    /// The bytes of a document, verified against its hash.
    ///
    /// # Errors
    /// The document is not held, cannot be read, or its bytes have changed.
    pub fn get(&self, hash: &str) -> Result<Vec<u8>, ArchiveError> {
        let path = self.path(hash)?;
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(ArchiveError::Missing(hash.to_owned())),
            Err(e) => return Err(io_error("open", &path, e)),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| io_error("read", &path, e))?;
        if sha256(&bytes) == hash { Ok(bytes) } else { Err(ArchiveError::Damaged { sha256: hash.to_owned(), path }) }
    }
}

/// Removes the incomplete files that a dead run left in a folder: those that nobody has touched for an hour.
pub(crate) fn remove_abandoned(folder: &Path) -> Result<(), ArchiveError> {
    let now = SystemTime::now();
    for path in entries(folder)? {
        let ours = path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(PARTIAL));
        let age = path.metadata().and_then(|m| m.modified()).ok().and_then(|t| now.duration_since(t).ok());
        if ours && age.is_some_and(|a| a > ABANDONED_AFTER) {
            // Another process may have tidied up first.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    let list = fs::read_dir(folder).map_err(|e| io_error("read the folder", folder, e))?;
    list.map(|entry| entry.map(|e| e.path()).map_err(|e| io_error("read the folder", folder, e))).collect()
}

/// Makes a rename or a new folder last through a loss of power. Needed, and possible, only on Unix.
fn sync_folder(folder: &Path) -> Result<(), ArchiveError> {
    if cfg!(unix) {
        File::open(folder).and_then(|f| f.sync_all()).map_err(|e| io_error("write the folder", folder, e))?;
    }
    Ok(())
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> ArchiveError {
    ArchiveError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_can_be_taken_out_and_is_put_once() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open(dir.path()).unwrap();
        let hash = archive.put(b"a letter").unwrap();
        assert_eq!(archive.put(b"a letter").unwrap(), hash);
        assert_eq!(archive.get(&hash).unwrap(), b"a letter");
        assert!(archive.contains(&hash));
        let folder = archive.path(&hash).unwrap().parent().unwrap().to_owned();
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "no temporary file may stay");
    }

    #[test]
    fn sha256_agrees_with_the_published_value() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn changed_bytes_are_noticed_and_put_right() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open(dir.path()).unwrap();
        let hash = archive.put(b"a letter").unwrap();
        fs::write(archive.path(&hash).unwrap(), b"a lettre").unwrap();
        assert_eq!(archive.get(&hash).unwrap_err().code(), "archive_damaged");
        archive.put(b"a letter").unwrap();
        assert_eq!(archive.get(&hash).unwrap(), b"a letter");
    }

    #[test]
    fn a_missing_document_and_a_wrong_address_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open(dir.path()).unwrap();
        assert_eq!(archive.get(&sha256(b"unseen")).unwrap_err().code(), "archive_missing");
        assert_eq!(archive.get("../../etc/passwd").unwrap_err().code(), "archive_not_a_hash");
    }

    #[test]
    fn what_a_dead_run_left_is_removed_and_work_under_way_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open(dir.path()).unwrap();
        let hash = archive.put(b"a letter").unwrap();
        let folder = archive.path(&hash).unwrap().parent().unwrap().to_owned();
        let (old, fresh) = (folder.join(".partial-old"), folder.join(".partial-new"));
        fs::write(&fresh, b"half").unwrap();
        fs::write(&old, b"half").unwrap();
        File::options().write(true).open(&old).unwrap().set_modified(SystemTime::now() - ABANDONED_AFTER * 2).unwrap();
        Archive::open(dir.path()).unwrap();
        assert!(!old.exists());
        assert!(fresh.exists());
        assert_eq!(archive.get(&hash).unwrap(), b"a letter");
    }
}
