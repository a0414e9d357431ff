//! A cache of what the model said of each text, so that after an edit of the codebook only the patterns run again.
//!
//! Entries are addressed by the text, its neighbour and its section, and belong to one set of weights.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::Input;
use super::model::Scores;
use crate::domain::Term;

type Key = [u8; 16];

/// First line of a stored cache, with the version of the weights behind it.
const MAGIC: &str = "sendlens scores 1 ";

/// Scores of texts that the model has read before.
#[derive(Debug)]
pub struct ScoreCache {
    model: String,
    entries: Mutex<BTreeMap<Key, Scores>>,
    stored: usize,
}

impl Default for ScoreCache {
    fn default() -> Self {
        Self::of(super::model_version())
    }
}

impl ScoreCache {
    /// An empty cache for the model of this version.
    #[must_use]
    pub fn of(model: &str) -> Self {
        Self { model: model.to_owned(), entries: Mutex::default(), stored: 0 }
    }

    /// Reads a stored cache of the built-in model. See [`ScoreCache::read_of`].
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn read(source: impl Read) -> std::io::Result<Self> {
        Self::read_of(super::model_version(), source)
    }

    /// Reads a stored cache of the model of this version. One that was written with other weights, or is damaged, counts as empty: it holds
    /// nothing that cannot be computed again.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn read_of(model: &str, mut source: impl Read) -> std::io::Result<Self> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes)?;
        let entries = parse(model, &bytes).unwrap_or_default();
        Ok(Self { model: model.to_owned(), stored: entries.len(), entries: Mutex::new(entries) })
    }

    /// Stores the cache.
    ///
    /// # Errors
    /// If the target cannot be written.
    pub fn write(&self, mut target: impl Write) -> std::io::Result<()> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(target, "{MAGIC}{}", self.model)?;
        for (key, scores) in entries.iter() {
            let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_le_bytes();
            let mut entry = key.to_vec();
            entry.extend(count(scores.values.len()));
            entry.extend(count(scores.spans.len()));
            entry.extend(scores.values.iter().flat_map(|v| v.to_le_bytes()));
            entry.extend(scores.spans.iter().flat_map(|(a, b)| [*a, *b]).flat_map(u32::to_le_bytes));
            target.write_all(&entry)?;
        }
        target.flush()
    }

    /// Number of texts in the cache.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether it holds scores that its file does not.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.len() > self.stored
    }

    /// Whether the cache is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The scores of a text, computed if they are not known.
    pub(super) fn get_or(&self, input: &Input<'_>, compute: impl FnOnce() -> Scores) -> Scores {
        let key = key(input);
        if let Some(scores) = self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return scores.clone();
        }
        // Computed without the lock, so that other threads go on; two may compute the same text, to the same result.
        let scores = compute();
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).insert(key, scores.clone());
        scores
    }
}

fn key(input: &Input<'_>) -> Key {
    let section = input.place().map_or("", Term::as_str);
    let mut hash = Sha256::new();
    for part in [input.text, input.previous.unwrap_or_default(), section] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let mut key = Key::default();
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

fn parse(model: &str, bytes: &[u8]) -> Option<BTreeMap<Key, Scores>> {
    let header = format!("{MAGIC}{model}\n");
    let mut rest = bytes.strip_prefix(header.as_bytes())?;
    let mut entries = BTreeMap::new();
    while !rest.is_empty() {
        let (key, after) = rest.split_first_chunk::<16>()?;
        let (values, after) = after.split_first_chunk::<2>()?;
        let (spans, after) = after.split_first_chunk::<2>()?;
        let (values, spans) = (usize::from(u16::from_le_bytes(*values)), usize::from(u16::from_le_bytes(*spans)));
        let (value_bytes, after) = after.split_at_checked(values * 2)?;
        let (span_bytes, after) = after.split_at_checked(spans * 8)?;
        let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        let scores = Scores {
            values: value_bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect(),
            spans: span_bytes.chunks_exact(8).map(|b| (number(b), number(&b[4..]))).collect(),
        };
        entries.insert(*key, scores);
        rest = after;
    }
    Some(entries)
}
