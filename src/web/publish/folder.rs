//! The folder that a published site is written to.
//!
//! Only files that an earlier run wrote are ever replaced or removed: a list in the folder names them, and while a run
//! is under way a journal does, so that the next run cleans up after one that was cut off. Hidden files (`.git`,
//! `.nojekyll`) are left alone. A folder with anything else in it is refused.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::PublishError;

/// The list of the files of a finished site.
const LIST: &str = "sendlens-site.json";
/// The files of a run that has not ended.
const JOURNAL: &str = ".sendlens-site-journal";

/// The folder while it is written.
pub(super) struct Folder {
    root: PathBuf,
    before: BTreeSet<String>,
    state: Mutex<State>,
}

struct State {
    journal: std::fs::File,
    written: BTreeSet<String>,
    bytes: u64,
}

impl Folder {
    /// Makes the folder, or reuses one that an earlier run wrote.
    pub(super) fn claim(root: &Path) -> Result<Self, PublishError> {
        let failed = |source| PublishError::Write { path: root.to_owned(), source };
        std::fs::create_dir_all(root).map_err(failed)?;
        let (list, journal) = (root.join(LIST), root.join(JOURNAL));
        let mut before = BTreeSet::new();
        let known = list.exists() || journal.exists();
        if let Ok(text) = std::fs::read_to_string(&list) {
            let value: serde_json::Value =
                serde_json::from_str(&text).map_err(|_| PublishError::Foreign(root.to_owned()))?;
            let files = value["files"].as_array().into_iter().flatten();
            before.extend(files.filter_map(|file| file.as_str()).map(ToOwned::to_owned));
        }
        if let Ok(text) = std::fs::read_to_string(&journal) {
            before.extend(text.lines().map(ToOwned::to_owned));
        }
        before.retain(|file| is_within(file));
        if !known {
            let entries = std::fs::read_dir(root).map_err(failed)?;
            let visible = entries.flatten().any(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
            if visible {
                return Err(PublishError::Foreign(root.to_owned()));
            }
        }
        let journal = std::fs::OpenOptions::new().create(true).append(true).open(journal).map_err(failed)?;
        let state = Mutex::new(State { journal, written: BTreeSet::new(), bytes: 0 });
        Ok(Self { root: root.to_owned(), before, state })
    }

    /// Writes a file, unless it holds the same already.
    pub(super) fn write(&self, file: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let path = self.root.join(file);
        let failed = |source| PublishError::Write { path: path.clone(), source };
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            writeln!(state.journal, "{file}").map_err(failed)?;
            state.written.insert(file.to_owned());
            state.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        }
        if std::fs::read(&path).is_ok_and(|held| held == bytes) {
            return Ok(());
        }
        let parent = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(parent).map_err(failed)?;
        let mut partial = tempfile::Builder::new().prefix(".sendlens-").tempfile_in(parent).map_err(failed)?;
        partial.write_all(bytes).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // A web server of another user must be able to read it.
            partial.as_file().set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(failed)?;
        }
        partial.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Removes what earlier runs wrote and this one did not, and leaves the list. Gives the number of files and bytes.
    pub(super) fn finish(self) -> Result<(usize, u64), PublishError> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        for file in self.before.difference(&state.written) {
            // What is gone already needs no removing; a folder that is not empty stays.
            let path = self.root.join(file);
            let _ = std::fs::remove_file(&path);
            let mut parent = path.parent();
            while let Some(dir) = parent.filter(|dir| *dir != self.root && std::fs::remove_dir(dir).is_ok()) {
                parent = dir.parent();
            }
        }
        let list = json!({ "made_by": "sendlens", "version": 1, "files": state.written });
        let path = self.root.join(LIST);
        let failed = |source| PublishError::Write { path: path.clone(), source };
        std::fs::write(&path, format!("{list:#}\n")).map_err(failed)?;
        drop(state.journal);
        std::fs::remove_file(self.root.join(JOURNAL)).map_err(failed)?;
        Ok((state.written.len(), state.bytes))
    }
}

/// Whether a name of the list stays within the folder, whoever wrote the list.
fn is_within(file: &str) -> bool {
    !file.is_empty() && Path::new(file).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_removes_what_is_no_longer_part_of_the_site_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("site");
        let first = Folder::claim(&root).unwrap();
        first.write("a/index.html", b"1").unwrap();
        first.write("b/index.html", b"2").unwrap();
        first.finish().unwrap();
        std::fs::write(root.join("CNAME"), "mine").unwrap();
        let second = Folder::claim(&root).unwrap();
        second.write("a/index.html", b"1").unwrap();
        assert_eq!(second.finish().unwrap(), (1, 1));
        assert!(root.join("a/index.html").exists() && !root.join("b").exists());
        assert_eq!(std::fs::read_to_string(root.join("CNAME")).unwrap(), "mine");
    }

    #[test]
    fn a_run_that_was_cut_off_is_cleaned_up_by_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let cut_off = Folder::claim(dir.path()).unwrap();
        cut_off.write("old/index.html", b"1").unwrap();
        drop(cut_off);
        let next = Folder::claim(dir.path()).unwrap();
        next.write("index.html", b"1").unwrap();
        next.finish().unwrap();
        assert!(!dir.path().join("old").exists() && dir.path().join("index.html").exists());
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused_and_names_never_leave_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".nojekyll"), "").unwrap();
        drop(Folder::claim(dir.path()).unwrap());
        std::fs::remove_file(dir.path().join(JOURNAL)).unwrap();
        std::fs::write(dir.path().join("thesis.txt"), "mine").unwrap();
        assert!(matches!(Folder::claim(dir.path()), Err(PublishError::Foreign(_))));
        assert!(!is_within("../thesis.txt") && !is_within("/etc/passwd") && is_within("a/b.html"));
    }
}
