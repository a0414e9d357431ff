//! Labelled data as they lie in a folder.
//!
//! `sentences.jsonl` and `statements.jsonl` hold texts with codes; `recommendations.json` holds the codes of formal
//! items, whose words are read from the reports themselves. Files `labels-*.jsonl` have a version (see `labels`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::code::Labelled;
use crate::domain::{Letter, LetterKind, Passage, Polarity, Role, Section};
use crate::extract::{Limits, extract};
use crate::parse::{Parsed, parse};
use crate::reference::Reference;

/// Labelled data that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GoldError {
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{path} line {line}: {problem}")]
    Line {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// There is nothing to score.
    #[error(
        "{0} holds neither sentences.jsonl nor statements.jsonl nor recommendations.json nor labels-*.jsonl; give the folder with the labelled data"
    )]
    Empty(String),
}

/// Which collection a labelled text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// Sentences of reports.
    Sentences,
    /// Statements in the style of letters.
    Statements,
    /// Whole formal items.
    Formal,
    /// Sentences of the section that describes the area and the inspection.
    Describing,
    /// Sentences that were written to be coded, in the manner of letters.
    Written,
}

impl Set {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sentences => "sentences",
            Self::Statements => "statements",
            Self::Formal => "formal_items",
            Self::Describing => "describing",
            Self::Written => "written",
        }
    }
}

/// One labelled text.
#[derive(Debug, Clone)]
pub struct GoldText {
    /// Its id, unique within its set.
    pub id: String,
    /// The collection.
    pub set: Set,
    /// The kind of letter that it comes from, or in whose manner it is written.
    pub letter_kind: LetterKind,
    /// Whether a reader gave themes; else only the polarity is scored.
    pub with_themes: bool,
    /// The text with its codes.
    pub labelled: Labelled,
    /// The subtheme of identification, where one was given.
    pub subtheme: Option<String>,
}

/// What the parser should find in one document.
#[derive(Debug, Clone)]
pub struct GoldDocument {
    /// File name.
    pub file: String,
    /// What was counted by hand: formal items and bullets.
    pub expected: BTreeMap<&'static str, u32>,
    /// What the parser counted; `None` if the document could not be read.
    pub found: Option<BTreeMap<&'static str, u32>>,
}

/// All labelled data of a folder.
#[derive(Debug, Clone, Default)]
pub struct Gold {
    /// Labelled texts, in the order of the files.
    pub texts: Vec<GoldText>,
    /// Documents with their counts, where the documents themselves were found.
    pub documents: Vec<GoldDocument>,
    /// Formal items whose text could not be found, by document.
    pub missing_items: Vec<String>,
    /// Labelled sentences that stand in none of the letters at hand.
    pub missing_labels: usize,
}

impl Gold {
    /// Adds the labelled data of another folder.
    pub fn merge(&mut self, other: Self) {
        self.texts.extend(other.texts);
        self.documents.extend(other.documents);
        self.missing_items.extend(other.missing_items);
        self.missing_labels += other.missing_labels;
    }
}

#[derive(Deserialize)]
struct Line {
    id: String,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    section: Option<Section>,
    #[serde(default, alias = "role")]
    kind: Option<Role>,
    text: String,
    #[serde(default)]
    previous: Option<String>,
    polarity: Polarity,
    themes: Vec<String>,
    #[serde(default)]
    identification_subtheme: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    effective_bullets: Option<u32>,
    #[serde(default)]
    needs_to_improve_bullets: Option<u32>,
    recommendations: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    kind: Role,
    ordinal: u32,
    first_words: String,
    themes: Vec<String>,
}

/// Adds what the files with codes and `recommendations.json` of a folder hold; false if there is none.
pub(super) fn add_files(
    gold: &mut Gold,
    dir: &Path,
    letters: Option<&Path>,
    reference: &Reference,
) -> Result<bool, GoldError> {
    let mut any = false;
    for (name, set) in [("sentences.jsonl", Set::Sentences), ("statements.jsonl", Set::Statements)] {
        let path = dir.join(name);
        if path.is_file() {
            any = true;
            gold.texts.extend(lines(&path, set)?);
        }
    }
    let path = dir.join("recommendations.json");
    if path.is_file() {
        any = true;
        let documents: BTreeMap<String, Document> = serde_json::from_str(&read(&path)?).map_err(|e| {
            GoldError::Line { path: path.display().to_string(), line: e.line(), problem: e.to_string() }
        })?;
        let files = letters.map(files_below).unwrap_or_default();
        for (file, document) in documents {
            if let Some(path) = files.get(&file) {
                formal(gold, &file, &document, read_letter(path, reference).as_deref());
            }
        }
    }
    Ok(any)
}

/// The labelled texts as the coder receives them, one JSON object a line: what an encoder is trained on.
///
/// # Errors
/// Not in practice: only if a text cannot be written as JSON.
pub fn training_lines(gold: &Gold) -> Result<String, serde_json::Error> {
    let mut lines = String::new();
    for text in &gold.texts {
        let input = text.labelled.input();
        let line = serde_json::json!({
            "set": text.set.name(),
            "id": text.id,
            "document": text.labelled.document,
            "section": input.place(),
            "text": input.text,
            "previous": input.previous.unwrap_or_default(),
            "polarity": text.labelled.polarity,
            "themes": text.labelled.themes,
        });
        lines += &serde_json::to_string(&line)?;
        lines.push('\n');
    }
    Ok(lines)
}

pub(super) fn read(path: &Path) -> Result<String, GoldError> {
    std::fs::read_to_string(path).map_err(|source| GoldError::Unreadable { path: path.display().to_string(), source })
}

fn lines(path: &Path, set: Set) -> Result<Vec<GoldText>, GoldError> {
    let mut texts = Vec::new();
    for (i, line) in read(path)?.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|e| GoldError::Line {
            path: path.display().to_string(),
            line: i + 1,
            problem: e.to_string(),
        })?;
        texts.push(GoldText {
            id: line.id,
            set,
            letter_kind: if line.file.is_some() { LetterKind::AreaSendFull } else { LetterKind::OutcomeLetter },
            with_themes: true,
            subtheme: line.identification_subtheme.filter(|s| !s.is_empty()),
            labelled: Labelled {
                document: line.file,
                text: line.text,
                previous: line.previous.filter(|p| !p.is_empty()),
                section: line.section,
                role: line.kind,
                polarity: line.polarity,
                themes: line.themes,
            },
        });
    }
    Ok(texts)
}

pub(super) fn files_below(dir: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if let Some(name) = path.file_name() {
                found.insert(name.to_string_lossy().into_owned(), path);
            }
        }
    }
    found
}

fn read_letter(path: &Path, reference: &Reference) -> Option<Box<Letter>> {
    letter_of(&std::fs::read(path).ok()?, reference)
}

/// The letter that a document holds.
pub(super) fn letter_of(bytes: &[u8], reference: &Reference) -> Option<Box<Letter>> {
    let text = extract(bytes, &Limits::default()).ok()?;
    match parse(&text, reference).ok()? {
        Parsed::Letter(letter) => Some(letter),
        Parsed::SetAside(_) => None,
    }
}

/// The formal items of one document: their codes from the labels, their words from the letter.
fn formal(gold: &mut Gold, file: &str, document: &Document, letter: Option<&Letter>) {
    let count =
        |role: Role| u32::try_from(document.recommendations.iter().filter(|i| i.kind == role).count()).unwrap_or(0);
    let mut expected = BTreeMap::from([
        ("priority_action", count(Role::PriorityAction)),
        ("area_for_improvement", count(Role::AreaForImprovement)),
    ]);
    expected.extend(document.effective_bullets.map(|n| ("effective_bullets", n)));
    expected.extend(document.needs_to_improve_bullets.map(|n| ("needs_to_improve_bullets", n)));
    let found = letter.map(|l| {
        BTreeMap::from([
            ("priority_action", l.counts.priority_action),
            ("area_for_improvement", l.counts.area_for_improvement),
            ("effective_bullets", l.counts.effective_bullets),
            ("needs_to_improve_bullets", l.counts.needs_to_improve_bullets),
        ])
    });
    gold.documents.push(GoldDocument { file: file.to_owned(), expected, found });
    for item in &document.recommendations {
        let id = format!("{file}#{}-{}", item.kind, item.ordinal);
        let passage = letter.and_then(|l| {
            l.passages.iter().find(|p| {
                p.role == item.kind && p.ordinal == item.ordinal && bare(&p.text).starts_with(&bare(&item.first_words))
            })
        });
        let Some(passage) = passage else {
            gold.missing_items.push(id);
            continue;
        };
        gold.texts.push(GoldText {
            id,
            set: Set::Formal,
            letter_kind: LetterKind::AreaSendFull,
            with_themes: true,
            subtheme: None,
            labelled: labelled(file, passage, Polarity::Weakness, item.themes.clone()),
        });
    }
}

/// A passage of a document with the codes that a reader gave it.
pub(super) fn labelled(document: &str, passage: &Passage, polarity: Polarity, themes: Vec<String>) -> Labelled {
    Labelled {
        document: Some(document.to_owned()),
        text: passage.text.clone(),
        previous: passage.previous.clone(),
        section: Some(passage.section),
        role: Some(passage.role),
        polarity,
        themes,
    }
}

pub(super) fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
