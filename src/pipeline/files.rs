//! Finds the documents that paths on the command line stand for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::archive::is_address;

/// A document to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The path, as given or below a folder as given.
    pub path: PathBuf,
}

impl Found {
    /// The file's own name.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
    }
}

/// A path that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It does not exist.
    #[error("there is no file or folder {0}; check the path")]
    Missing(PathBuf),
    /// It cannot be listed.
    #[error("cannot read the folder {path}: {source}")]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder without any PDF.
    #[error("there is no PDF in {0}; sendlens reads files whose name ends in .pdf, and those of an archive")]
    Empty(PathBuf),
}

/// Files as given, and every document below folders as given: sorted, each once. A document is a file whose name ends
/// in `.pdf`, or is an address of an archive, so that a lost database can be made again from the archive's folder.
///
/// # Errors
/// When a path does not exist, a folder cannot be read, or a folder holds no PDF.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Found>, InputError> {
    let mut found = BTreeSet::new();
    for path in paths {
        if path.is_dir() {
            if walk(path, &mut found)? == 0 {
                return Err(InputError::Empty(path.clone()));
            }
        } else if path.exists() {
            found.insert(Found { path: path.clone() });
        } else {
            return Err(InputError::Missing(path.clone()));
        }
    }
    Ok(found.into_iter().collect())
}

/// Walks without recursion and without following links to folders, so that no tree can trap it; returns the
/// number of PDFs met.
fn walk(folder: &Path, found: &mut BTreeSet<Found>) -> Result<usize, InputError> {
    let mut count = 0;
    let mut open = vec![folder.to_path_buf()];
    while let Some(dir) = open.pop() {
        let unreadable = |source| InputError::Unreadable { path: dir.clone(), source };
        for entry in std::fs::read_dir(&dir).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("pdf"))
                || path.file_name().and_then(|n| n.to_str()).is_some_and(is_address)
            {
                found.insert(Found { path });
                count += 1;
            }
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::sha256;

    #[test]
    fn folders_give_their_pdfs_sorted_and_once() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("inner")).unwrap();
        let archived = format!("inner/{}", sha256(b"x"));
        for name in ["b.pdf", "a.PDF", "inner/c.pdf", "notes.txt", &archived] {
            std::fs::write(dir.path().join(name), b"x").unwrap();
        }
        let twice = [dir.path().to_path_buf(), dir.path().join("b.pdf")];
        let names: Vec<_> = find(&twice).unwrap().iter().map(Found::name).collect();
        assert_eq!(names, ["a.PDF", "b.pdf", &archived[6..], "c.pdf"]);
    }

    #[test]
    fn a_missing_path_and_an_empty_folder_are_errors() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(find(&[dir.path().join("gone")]), Err(InputError::Missing(_))));
        assert!(matches!(find(&[dir.path().to_path_buf()]), Err(InputError::Empty(_))));
    }
}
