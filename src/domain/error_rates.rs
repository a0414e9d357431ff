//! How often the coder errs, counted by letter on labelled documents that it had not seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Framework, Role};

/// What the coder and a reader said of one theme in the labelled letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterCounts {
    /// Letters that have the theme, as a reader says.
    pub has: u32,
    /// Of these, letters that the coder gave it too.
    pub has_coded: u32,
    /// Letters that do not have it.
    pub has_not: u32,
    /// Of these, letters that the coder gave it all the same.
    pub has_not_coded: u32,
}

impl LetterCounts {
    /// Adds one letter.
    pub fn count(&mut self, has: bool, coded: bool) {
        if has {
            self.has += 1;
            self.has_coded += u32::from(coded);
        } else {
            self.has_not += 1;
            self.has_not_coded += u32::from(coded);
        }
    }
}

/// The error rates of one coder. They hold for letters of one framework, and for codes of this coder and codebook only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRates {
    /// Version of the coder.
    pub code: u32,
    /// Fingerprint of coder and codebook, as letters carry it.
    pub codebook: String,
    /// Framework of the labelled letters.
    pub framework: Framework,
    /// Labelled letters.
    pub letters: u32,
    /// By theme, whatever the role of the formal item.
    pub flagged: BTreeMap<String, LetterCounts>,
    /// The same for each role of a formal item alone.
    pub roles: BTreeMap<Role, BTreeMap<String, LetterCounts>>,
}

impl ErrorRates {
    /// The counts of all themes for these roles; nothing where they were not measured.
    #[must_use]
    pub fn themes(&self, roles: &[Role]) -> Option<&BTreeMap<String, LetterCounts>> {
        match roles {
            [role] => self.roles.get(role),
            // In letters of one framework, the roles of the other do not occur.
            _ => (roles.iter().all(|role| role.flags()) && self.roles.keys().all(|role| roles.contains(role)))
                .then_some(&self.flagged),
        }
    }
}
