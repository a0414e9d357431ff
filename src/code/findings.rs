//! A letter's passages, coded, each with an id that stays the same from run to run.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Coder, Input};
use crate::domain::{Finding, Letter, Passage};

/// Codes every passage of a letter, in the order of the document.
#[must_use]
pub fn findings(letter: &Letter, coder: &Coder) -> Vec<Finding> {
    let letter_id = letter.id();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let inputs: Vec<Input<'_>> = letter.passages.iter().map(Input::from).collect();
    letter
        .passages
        .iter()
        .zip(coder.code_in_order(&inputs))
        .map(|(passage, coding)| {
            let key = identity(passage);
            let occurrence = seen.entry(key.clone()).or_insert(0);
            *occurrence += 1;
            let id = finding_id(&letter_id, &key, *occurrence);
            Finding { id, letter_id: letter_id.clone(), passage: passage.clone(), coding }
        })
        .collect()
}

/// What makes a passage itself: its role, its section and its words. Quotes, hyphens and spaces are evened out, so
/// that a better extraction of the same document does not make another finding of it.
fn identity(passage: &Passage) -> String {
    let folded = super::text::Folded::new(&passage.text).text;
    let words: Vec<&str> = folded.split_whitespace().collect();
    format!("{}|{}|{}", passage.role, passage.section, words.join(" "))
}

/// The id of a finding: the letter's id, a dot, and eight hexadecimal digits of role, section, quote and occurrence.
#[must_use]
fn finding_id(letter_id: &str, identity: &str, occurrence: u32) -> String {
    let digest = Sha256::digest(format!("{identity}|{occurrence}").as_bytes());
    let hex: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("{letter_id}.{hex}")
}
