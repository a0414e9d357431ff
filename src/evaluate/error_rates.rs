//! Labelled reports -> how often the coder errs, by letter.
//!
//! Shares count letters, so errors are counted by letter too: a letter has a theme when a reader gave it to one of its
//! formal items, and is coded with it when the coder did. Every item is coded as if its document had been held out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Gold, Set};
use crate::code::{self, Coder, held_out_codings};
use crate::domain::{ErrorRates, Framework, LetterCounts, Role};

/// What reader and coder gave one letter.
#[derive(Default)]
struct Given {
    has: BTreeSet<(Role, String)>,
    coded: BTreeSet<(Role, String)>,
}

/// Counts the coder's errors on the labelled reports.
///
/// A report of which a formal item could not be found or was not held out is left out whole: its letter would be
/// counted from a part of it.
#[must_use]
pub fn error_rates(gold: &Gold, coder: &Coder) -> ErrorRates {
    let damaged: BTreeSet<&str> = gold.missing_items.iter().filter_map(|id| id.split('#').next()).collect();
    let mut letters: BTreeMap<&str, Option<Given>> = gold
        .documents
        .iter()
        .map(|document| (document.file.as_str(), document.found.is_some() && !damaged.contains(document.file.as_str())))
        .map(|(file, usable)| (file, usable.then(Given::default)))
        .collect();
    let formal: Vec<_> = gold.texts.iter().filter(|text| text.set == Set::Formal).collect();
    let labelled: Vec<_> = formal.iter().map(|text| &text.labelled).collect();
    for (text, coding) in formal.iter().zip(held_out_codings(coder.codebook(), &labelled)) {
        let (Some(file), Some(role)) = (&text.labelled.document, text.labelled.role) else { continue };
        let Some(letter) = letters.get_mut(file.as_str()) else { continue };
        let Some(given) = letter else { continue };
        match coding {
            Some(coding) => {
                given.has.extend(text.labelled.themes.iter().map(|theme| (role, theme.clone())));
                given.coded.extend(coding.themes.into_iter().map(|theme| (role, theme.id)));
            }
            None => *letter = None,
        }
    }
    let letters: Vec<Given> = letters.into_values().flatten().collect();
    let themes: Vec<&str> = coder.codebook().themes().iter().map(|theme| theme.id.as_str()).collect();
    let count = |role: Option<Role>| -> BTreeMap<String, LetterCounts> {
        let any = |given: &BTreeSet<(Role, String)>, theme: &str| {
            given.iter().any(|(r, t)| t == theme && role.is_none_or(|role| role == *r))
        };
        let of_theme = |theme: &&str| {
            let mut counts = LetterCounts::default();
            letters.iter().for_each(|letter| counts.count(any(&letter.has, theme), any(&letter.coded, theme)));
            ((*theme).to_owned(), counts)
        };
        themes.iter().map(of_theme).collect()
    };
    ErrorRates {
        code: code::VERSION,
        codebook: coder.fingerprint(),
        framework: Framework::F2023,
        letters: u32::try_from(letters.len()).unwrap_or(u32::MAX),
        flagged: count(None),
        roles: [Role::PriorityAction, Role::AreaForImprovement].map(|role| (role, count(Some(role)))).into(),
    }
}
