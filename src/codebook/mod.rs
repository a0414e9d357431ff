//! The themes and the wording that shows them, loaded from one file and validated.
//!
//! A codebook is data: a researcher edits `codebook.toml` and sees at once what changes. So everything in it is
//! checked on loading, and every complaint names the line. Two codebooks with the same bytes have the same
//! [`Codebook::fingerprint`], which is stored with every letter that was coded by it.

mod check;
mod error;
mod load;
mod pattern;
mod stems;

use std::collections::BTreeSet;
use std::path::Path;

pub use check::{Advice, check};
pub use error::CodebookError;
pub use pattern::{Pattern, PatternList};
pub(crate) use stems::{is_function_word, stem};

/// The codebook that sendlens was built with.
pub const BUNDLED: &str = include_str!("../../corpus/codebook.toml");

/// One theme: what it means, and the wording that shows it.
#[derive(Debug, Clone)]
pub struct Theme {
    /// Its id in data ("waiting-times").
    pub id: String,
    /// Which question of the inspections it belongs to ("identify", "meet", "outcomes", "system").
    pub group: String,
    /// Its name for people.
    pub label: String,
    /// What it covers.
    pub definition: String,
    /// What is meant to be counted in.
    pub includes: Option<String>,
    /// What belongs elsewhere.
    pub excludes: Option<String>,
    /// Ids of its subthemes.
    pub subthemes: Vec<String>,
    /// Wording that earns the theme wherever it stands.
    pub sure: PatternList,
    /// Wording that earns the theme only where nothing else does.
    pub likely: PatternList,
    /// Wording with another meaning, blanked out before the others are tried.
    pub never: PatternList,
    /// Wording that tells the subtheme, in the order in which it is tried.
    pub subtheme_patterns: Vec<(String, PatternList)>,
    /// Beginnings of the words that its label and its `sure` patterns use and few other themes do.
    pub(crate) stems: BTreeSet<String>,
}

/// Wording that praises, blames or does neither.
#[derive(Debug, Clone)]
pub struct PolarityWords {
    /// Praise.
    pub strength: PatternList,
    /// Criticism.
    pub weakness: PatternList,
    /// Bare plans and work that goes on.
    pub neutral: PatternList,
    /// Too early to be judged.
    pub early: PatternList,
    /// Leaders know of it.
    pub aware: PatternList,
    /// Words that turn from one judgement to another.
    pub contrast: PatternList,
    /// Praise worded as the absence of something bad ("not dissatisfied").
    pub praise_by_denial: PatternList,
    /// Criticism worded as the absence of something good ("few parents know").
    pub blame_by_denial: PatternList,
    /// Wording that turns the judgement of the rest into its opposite ("this is no longer the case").
    pub reversal: PatternList,
    /// Praise and criticism in one phrase ("thorough yet hard to navigate").
    pub mixed: PatternList,
    /// What says who does what, what there is, how many, or when something changed.
    pub description: PatternList,
    /// Praise that counts even in a description.
    pub verdict_good: PatternList,
    /// Criticism that counts even in a description.
    pub verdict_bad: PatternList,
}

/// A validated codebook.
#[derive(Debug, Clone)]
pub struct Codebook {
    version: u32,
    hash: String,
    themes: Vec<Theme>,
    polarity: PolarityWords,
}

impl Codebook {
    /// The codebook that is part of the program.
    ///
    /// # Panics
    /// Never in a released program: a test loads it.
    #[must_use]
    pub fn bundled() -> Self {
        #[expect(clippy::expect_used, reason = "the bundled file is part of the program, and a test loads it")]
        load::load(BUNDLED, true).expect("the bundled codebook is valid")
    }

    /// Reads a codebook from a file.
    ///
    /// # Errors
    /// If the file cannot be read, or breaks a rule; the message names the line.
    pub fn load(path: &Path) -> Result<Self, CodebookError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CodebookError::Unreadable { path: path.display().to_string(), source })?;
        Self::parse(&text)
    }

    /// Reads a codebook from its text.
    ///
    /// # Errors
    /// If it breaks a rule; the message names the line.
    pub fn parse(text: &str) -> Result<Self, CodebookError> {
        load::load(text, false)
    }

    /// The number that its author gave to this edition.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Version and hash of the text: the same for the same bytes, different after any edit.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{}+{}", self.version, self.hash)
    }

    /// All themes, in the order of the file.
    #[must_use]
    pub fn themes(&self) -> &[Theme] {
        &self.themes
    }

    /// The theme with this id.
    #[must_use]
    pub fn theme(&self, id: &str) -> Option<&Theme> {
        self.themes.iter().find(|t| t.id == id)
    }

    /// Position of a theme in the file.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.themes.iter().position(|t| t.id == id)
    }

    /// Wording that judges.
    #[must_use]
    pub fn polarity(&self) -> &PolarityWords {
        &self.polarity
    }
}
