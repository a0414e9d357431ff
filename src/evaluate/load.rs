//! A folder with labelled data, whatever forms its files have.

use std::path::Path;

use super::gold::{self, Gold, GoldError};
use super::labels;
use crate::reference::Reference;

/// Reads labelled data; `letters` is the folder with the documents, searched with its subfolders.
///
/// # Errors
/// If a file is damaged, or the folder holds no labelled data.
pub fn load(dir: &Path, letters: Option<&Path>, reference: &Reference) -> Result<Gold, GoldError> {
    let mut gold = Gold::default();
    let mut any = gold::add_files(&mut gold, dir, letters, reference)?;
    for path in labels::files(dir)? {
        any = true;
        labels::load(&path, letters, reference, &mut gold)?;
    }
    if any { Ok(gold) } else { Err(GoldError::Empty(dir.display().to_string())) }
}
