//! How far the text of a document can be relied on, page by page and on the whole.

use std::collections::BTreeSet;

use super::content::{PageFacts, Shown};
use crate::domain::{PageQuality, TextStatus};

/// Pictures covering at least this share of a page may be the page itself, scanned.
const SCANNED_SHARE: f32 = 0.5;
/// Shorter text on a scanned page is a stamp or a letterhead, in characters.
const STAMP_CHARACTERS: u32 = 400;
/// A document's text is unreliable if more than this share of its characters could not be mapped.
const UNMAPPED_SHARE: f64 = 0.02;

/// What is known of the text of each page.
pub(super) fn of_pages(shown: &Shown) -> Vec<PageQuality> {
    // A picture that lies behind the text of some page is a background wherever it appears.
    let is_text = |facts: &&PageFacts| facts.characters >= STAMP_CHARACTERS;
    let backgrounds: BTreeSet<u32> = shown.pages.iter().filter(is_text).filter_map(|facts| facts.picture).collect();
    let is_scan = |facts: &PageFacts| {
        facts.pictured >= SCANNED_SHARE
            && facts.characters < STAMP_CHARACTERS
            && facts.picture.is_none_or(|picture| !backgrounds.contains(&picture))
    };
    let page = |(number, facts): (u32, &PageFacts)| PageQuality {
        page: number,
        characters: facts.characters,
        unmapped: facts.unmapped,
        image_only: facts.has_image && facts.characters == 0 || is_scan(facts),
    };
    (1..).zip(&shown.pages).map(page).collect()
}

/// The status of the whole document.
pub(super) fn status(pages: &[PageQuality]) -> TextStatus {
    let characters: u64 = pages.iter().map(|page| u64::from(page.characters)).sum();
    let unmapped: u64 = pages.iter().map(|page| u64::from(page.unmapped)).sum();
    if pages.iter().any(|page| page.image_only) {
        TextStatus::NeedsOcr
    } else if unmapped as f64 > UNMAPPED_SHARE * characters as f64 {
        TextStatus::PoorText
    } else {
        TextStatus::Good
    }
}
