//! Labels in the project's own format: `labels-*.jsonl`, one JSON object a line.
//!
//! The first line says what the file is: `{"format":"sendlens labels","version":1,"set":"describing"}`. The others are
//! labels, in one of two forms. A text of our own stands in the file:
//! `{"id","letter_kind","section","role","text","previous","polarity","themes"}`. A sentence of a published letter is
//! named by the hash of its document and of its words, so that the file holds no text of others:
//! `{"document","section","sentences":{HASH: POLARITY}}`; only its polarity is scored. A file of a later version is
//! refused, and so is a set or a field that is not known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::gold::{Gold, GoldError, GoldText, Set, bare, files_below, labelled, letter_of, read};
use crate::code::Labelled;
use crate::domain::{LetterKind, Passage, Polarity, Role, Section};
use crate::reference::Reference;

/// The version of the format that this program reads.
const VERSION: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    set: String,
    /// How the labels were made, for people.
    #[serde(rename = "made")]
    _made: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Label {
    Own(Own),
    Published(Published),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    id: String,
    letter_kind: LetterKind,
    section: Section,
    role: Role,
    text: String,
    previous: Option<String>,
    polarity: Polarity,
    themes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    document: String,
    section: Section,
    sentences: BTreeMap<String, Polarity>,
}

/// The files of a folder that are in this format, in the order of their names.
pub(super) fn files(dir: &Path) -> Result<Vec<PathBuf>, GoldError> {
    let unreadable = |source| GoldError::Unreadable { path: dir.display().to_string(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("labels-") && name.ends_with(".jsonl") {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Adds the labels of one file.
pub(super) fn load(
    path: &Path,
    letters: Option<&Path>,
    reference: &Reference,
    gold: &mut Gold,
) -> Result<(), GoldError> {
    let text = read(path)?;
    let problem = |line: usize, problem: String| GoldError::Line { path: path.display().to_string(), line, problem };
    let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line)).filter(|(_, line)| !line.trim().is_empty());
    let first = lines.next().map(|(_, line)| line).unwrap_or_default();
    let header: Header = serde_json::from_str(first).map_err(|e| problem(1, e.to_string()))?;
    if header.format != "sendlens labels" || header.version != VERSION {
        let found = format!("\"{}\" version {}", header.format, header.version);
        return Err(problem(1, format!("it is {found}; this program reads \"sendlens labels\" version {VERSION}")));
    }
    let set = match header.set.as_str() {
        "describing" => Set::Describing,
        "written" => Set::Written,
        other => return Err(problem(1, format!("unknown set \"{other}\"; use describing or written"))),
    };
    let mut published = Vec::new();
    for (number, line) in lines {
        match serde_json::from_str(line).map_err(|e| problem(number, e.to_string()))? {
            Label::Own(own) => gold.texts.push(own_text(set, own)),
            Label::Published(label) => published.push(label),
        }
    }
    if !published.is_empty() {
        find_sentences(set, &published, letters, reference, gold);
    }
    Ok(())
}

fn own_text(set: Set, own: Own) -> GoldText {
    GoldText {
        id: own.id,
        set,
        letter_kind: own.letter_kind,
        with_themes: true,
        subtheme: None,
        labelled: Labelled {
            document: None,
            text: own.text,
            previous: own.previous,
            section: Some(own.section),
            role: Some(own.role),
            polarity: own.polarity,
            themes: own.themes,
        },
    }
}

/// Finds labelled sentences in the letters that hold them.
fn find_sentences(set: Set, labels: &[Published], letters: Option<&Path>, reference: &Reference, gold: &mut Gold) {
    let mut open: BTreeMap<&str, Vec<&Published>> = BTreeMap::new();
    for label in labels {
        open.entry(&label.document).or_default().push(label);
    }
    for (file, path) in letters.map(files_below).unwrap_or_default() {
        let Ok(bytes) = std::fs::read(path) else { continue };
        let digest: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        let Some(labels) = open.remove(digest.as_str()) else { continue };
        let Some(letter) = letter_of(&bytes, reference) else { continue };
        for label in labels {
            for (hash, polarity) in &label.sentences {
                let is_meant = |p: &&Passage| p.section == label.section && sentence_hash(&p.text) == *hash;
                let Some(passage) = letter.passages.iter().find(is_meant) else {
                    gold.missing_labels += 1;
                    continue;
                };
                gold.texts.push(GoldText {
                    id: format!("{file}#{hash}"),
                    set,
                    letter_kind: letter.kind,
                    with_themes: false,
                    subtheme: None,
                    labelled: labelled(&file, passage, *polarity, Vec::new()),
                });
            }
        }
    }
    gold.missing_labels += open.values().flatten().map(|label| label.sentences.len()).sum::<usize>();
}

/// The name of a sentence in a file of labels: sixteen hexadecimal digits of its letters and digits alone.
#[must_use]
fn sentence_hash(text: &str) -> String {
    Sha256::digest(bare(text)).iter().take(8).map(|b| format!("{b:02x}")).collect()
}
