//! What to prepare for, theme by theme: questions that an area should be able to answer and evidence that convinces.
//!
//! The text is data (`corpus/briefing.toml`), written from the published focus of both frameworks. A theme of the
//! codebook without an entry simply has no questions; the bundled pair is complete, which a test checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::query::{History, PeerOrder, PeerTheme, Peers};

/// Themes of peers that a briefing takes up; with the area's own, one to print stays within four pages.
const PEER_THEMES: usize = 5;
/// Themes for which a briefing has questions.
const QUESTION_THEMES: usize = 4;

const BUNDLED: &str = include_str!("../../corpus/briefing.toml");

/// Why a briefing file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum BriefingError {
    /// The file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not in the expected form.
    #[error("{path} is not a briefing file: {source}; compare it with corpus/briefing.toml")]
    Form {
        /// The file.
        path: String,
        /// What is wrong with it, with line and column.
        source: Box<toml::de::Error>,
    },
    /// A theme has two entries.
    #[error("{path} has two entries for the theme \"{theme}\"; keep one")]
    Twice {
        /// The file.
        path: String,
        /// The theme.
        theme: String,
    },
}

/// Questions and evidence for one theme, or for every inspection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// What an area should be able to answer.
    pub questions: Vec<String>,
    /// What inspectors look for.
    pub evidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    questions: Vec<String>,
    evidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    general: Advice,
    theme: Vec<Entry>,
}

/// The advice for all themes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Briefing {
    /// For every inspection.
    pub general: Advice,
    themes: BTreeMap<String, Advice>,
}

impl Briefing {
    /// The advice that comes with the program.
    ///
    /// # Panics
    /// Never in a released program: a test reads the bundled text.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the text is part of the program and read by a test")]
    pub fn bundled() -> Self {
        Self::parse(BUNDLED, "the bundled briefing").expect("the bundled briefing is well formed")
    }

    /// Reads a briefing file.
    ///
    /// # Errors
    /// When the file cannot be read or is not in the form of `corpus/briefing.toml`.
    pub fn load(path: &Path) -> Result<Self, BriefingError> {
        let shown = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| BriefingError::Read { path: shown.clone(), source })?;
        Self::parse(&text, &shown)
    }

    fn parse(text: &str, path: &str) -> Result<Self, BriefingError> {
        let file: File =
            toml::from_str(text).map_err(|e| BriefingError::Form { path: path.to_owned(), source: Box::new(e) })?;
        let mut themes = BTreeMap::new();
        for entry in file.theme {
            let advice = Advice { questions: entry.questions, evidence: entry.evidence };
            if themes.insert(entry.id.clone(), advice).is_some() {
                return Err(BriefingError::Twice { path: path.to_owned(), theme: entry.id });
            }
        }
        Ok(Self { general: file.general, themes })
    }

    /// The advice for one theme, if there is any.
    #[must_use]
    pub fn theme(&self, id: &str) -> Option<&Advice> {
        self.themes.get(id)
    }

    /// The themes that have advice.
    pub fn theme_ids(&self) -> impl Iterator<Item = &str> {
        self.themes.keys().map(String::as_str)
    }
}

/// The order of the themes of peers in a briefing, on the page and as a document.
pub const ORDER: PeerOrder = PeerOrder::MostFlagged;

/// The themes of peers that a briefing takes up, of a comparison in that order.
#[must_use]
pub fn taken_up(comparison: &Peers) -> Vec<&PeerTheme> {
    comparison.themes.iter().filter(|theme| theme.peers_flagged > 0).take(PEER_THEMES).collect()
}

/// A theme to be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuestionTheme<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub label: &'a str,
    /// Whether the area itself was flagged for it; else areas like it were.
    pub own: bool,
}

/// The themes to be asked about: first those of the area's own formal items at its latest inspection
/// that has some, in the order of the items, then those that came back in the area, then what most of its peers were
/// flagged for. `themes` are all themes of the comparison, which names them.
#[must_use]
pub fn question_themes<'a>(own: &History, themes: &'a [PeerTheme]) -> Vec<QuestionTheme<'a>> {
    let latest = own.inspections.iter().rev().find(|inspection| !inspection.flagged.is_empty());
    let items = latest.iter().flat_map(|inspection| &inspection.items).filter(|item| item.finding.role.flags());
    let of_items = items.flat_map(|item| item.finding.themes.iter().map(|theme| theme.id.as_str()));
    let again = own.recurrences.iter().map(|again| again.theme.as_str());
    let mut peers: Vec<&PeerTheme> = themes.iter().filter(|theme| theme.peers_flagged > 0).collect();
    peers.sort_by_key(|theme| std::cmp::Reverse(theme.peers_flagged));
    let mut seen = BTreeSet::new();
    let own_first = of_items.chain(again).map(|id| (id, true));
    own_first
        .chain(peers.iter().map(|theme| (theme.theme.as_str(), false)))
        .filter(|(id, _)| seen.insert(*id))
        .filter_map(|(id, own)| {
            let theme = themes.iter().find(|theme| theme.theme == id)?;
            Some(QuestionTheme { id: &theme.theme, label: &theme.label, own })
        })
        .take(QUESTION_THEMES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_briefing_gives_every_theme_questions_and_evidence() {
        let briefing = Briefing::bundled();
        assert!(briefing.theme_ids().count() >= 30);
        for id in briefing.theme_ids() {
            let advice = briefing.theme(id).unwrap();
            assert!(advice.questions.len() >= 2 && advice.evidence.len() >= 2, "{id}");
            assert!(advice.questions.iter().all(|q| q.contains('?')), "{id}: a question asks");
        }
    }

    #[test]
    fn a_theme_twice_is_refused_by_name() {
        let entry = "[[theme]]\nid = \"a\"\nquestions = []\nevidence = []\n";
        let text = format!("[general]\nquestions = []\nevidence = []\n{entry}{entry}");
        let message = Briefing::parse(&text, "mine.toml").unwrap_err().to_string();
        assert_eq!(message, "mine.toml has two entries for the theme \"a\"; keep one");
    }
}
