//! Hyphens at the ends of lines: part of the word ("co-produced"), or put there only because the line ended.

use std::collections::BTreeSet;

use super::assemble::Assembled;
use super::draft::Passage;

/// Hyphens of a document that are looked at.
const MAX_HYPHENS: usize = 10_000;

/// Removes a hyphen at a line's end where the document shows the word whole elsewhere, and never hyphenated.
pub(super) fn join_hyphens(passages: &mut [Passage]) {
    let candidates: BTreeSet<String> = passages
        .iter()
        .flat_map(|passage| at_line_ends(&passage.text))
        .take(MAX_HYPHENS)
        .flat_map(|(_, word, whole)| [word.to_lowercase(), whole])
        .collect();
    if candidates.is_empty() {
        return;
    }
    let shortest = candidates.iter().map(String::len).min().unwrap_or(0);
    let longest = candidates.iter().map(String::len).max().unwrap_or(0);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for text in passages.iter().map(|passage| &passage.text) {
        let mut hyphens = text.line_hyphens.iter().copied().peekable();
        for (start, word) in words_of(&text.text) {
            let mut at_line_end = false;
            while hyphens.next_if(|&at| at < start + word.len()).is_some() {
                at_line_end = true;
            }
            // Small letters may take other room than large ones, but hardly three bytes more.
            if at_line_end || word.len() + 3 < shortest || word.len() > longest + 3 {
                continue;
            }
            let word = word.to_lowercase();
            if candidates.contains(&word) {
                seen.insert(word);
            }
        }
    }
    for text in passages.iter_mut().map(|passage| &mut passage.text) {
        let is_needless = |(at, word, whole): (usize, &str, String)| {
            // Typesetters break words with a hyphen of its own; the one on the keyboard is mostly the writer's.
            let by_typesetter = text.text[at..].starts_with('\u{2010}');
            (by_typesetter || seen.contains(&whole) && !seen.contains(&word.to_lowercase())).then_some(at)
        };
        let needless: Vec<usize> = at_line_ends(text).filter_map(is_needless).collect();
        remove(text, &needless);
    }
}

/// The hyphens at which a line ended: offset, the word around it, and the word without it in small letters.
fn at_line_ends(text: &Assembled) -> impl Iterator<Item = (usize, &str, String)> {
    let mut words = words_of(&text.text).peekable();
    text.line_hyphens.iter().filter_map(move |&at| {
        while words.next_if(|(start, word)| start + word.len() <= at).is_some() {}
        let &(start, word) = words.peek()?;
        let (before, after) = word.split_at_checked(at.checked_sub(start)?)?;
        let after = after.strip_prefix(HYPHENS)?;
        Some((at, word, format!("{before}{after}").to_lowercase()))
    })
}

const HYPHENS: [char; 2] = ['-', '\u{2010}'];

/// Removes the characters at these offsets.
fn remove(text: &mut Assembled, offsets: &[usize]) {
    for &at in offsets.iter().rev() {
        let length = text.text[at..].chars().next().map_or(0, char::len_utf8);
        text.text.replace_range(at..at + length, "");
        for page_break in text.page_breaks.iter_mut().filter(|page_break| page_break.offset > at) {
            page_break.offset -= length;
        }
    }
}

/// Words with the hyphens in them, and where they start.
fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].char_indices().find(|&(_, c)| is_of_word(c))?.0;
        let length = text[start..].char_indices().find(|&(_, c)| !is_of_word(c)).map(|(length, _)| length);
        rest = length.map_or(text.len(), |length| start + length);
        Some((start, &text[start..rest]))
    })
}

#[inline]
fn is_of_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || c == '-' } else { c.is_alphanumeric() || c == '\u{2010}' }
}
