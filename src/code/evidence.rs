//! The phrase that is shown for a theme that no pattern found.
//!
//! The model points at some words, but the words that weigh most for it may be "This" or "of the 2023 to". What is shown
//! is a phrase within one clause that holds a word of the theme, as near to those words as possible; it neither begins
//! nor ends with a joining word, and where it can it goes from one joining word to the next, so that no noun is cut off.
//! Where the text has no such phrase, the sentence before is tried, and else the whole text is the evidence, which the
//! rule says.

use std::collections::BTreeSet;

use crate::codebook::{Theme, is_function_word, stem};

/// Words in a phrase, at the most.
const MAX_WORDS: usize = 7;

/// What counts against a phrase that begins or ends between two words that belong together.
const CUT: f32 = 0.9;

/// A word of a text.
struct Word {
    span: (usize, usize),
    joins: bool,
    stem: Option<String>,
    /// Whether a new clause begins with it.
    opens: bool,
}

/// The byte span of the phrase that bears on a theme, if there is one; `near` are the words that the model points at.
pub(super) fn phrase(theme: &Theme, text: &str, near: Option<(usize, usize)>) -> Option<(usize, usize)> {
    let words = words(text);
    let mut best: Option<(f32, (usize, usize))> = None;
    for first in 0..words.len() {
        if words[first].joins {
            continue;
        }
        let (mut bearing, mut overlap) = (BTreeSet::new(), 0.0f32);
        for (length, word) in (1u8..).zip(words[first..].iter().take(MAX_WORDS)) {
            if length > 1 && word.opens {
                break;
            }
            bearing.extend(word.stem.as_deref().filter(|stem| belongs(theme, stem)));
            if near.is_some_and(|(start, end)| word.span.0 < end && start < word.span.1) {
                overlap += 1.0;
            }
            if word.joins || bearing.is_empty() {
                continue;
            }
            let after = words.get(first + usize::from(length));
            let cut = |within: bool| if within { CUT } else { 0.0 };
            #[expect(clippy::cast_precision_loss, reason = "at most seven words")]
            let worth = 3.0 * bearing.len() as f32 + 0.4 * overlap
                - 0.2 * f32::from(length)
                - cut(!words[first].opens && !words[first - 1].joins)
                - cut(after.is_some_and(|after| !after.opens && !after.joins))
                - if length == 1 { 1.0 } else { 0.0 };
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, (words[first].span.0, word.span.1)));
            }
        }
    }
    best.map(|(_, span)| span)
}

/// Words after which a phrase must go on, though they are no joining words.
const HANGING: [&str; 6] = ["cannot", "never", "not", "suitable", "timely", "useful"];
/// Words that such a phrase may go on for.
const FURTHER: usize = 6;

/// The wording that a pattern found in a text, as a phrase that can be read. It begins and ends with whole words
/// ("sharing" of "information-sharing" to all of it). Where it breaks off before its noun or verb it goes on to the end
/// of these ("tell their" to "tell their story"). A joining word that ends its clause stays ("are not looked after.");
/// any other is left out. Wording of such words alone stays as it is.
pub(super) fn readable<'t>(text: &'t str, wording: &'t str) -> &'t str {
    let wording = in_whole_words(text, wording);
    let last = wording.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    if !hangs(&last) {
        return wording.trim();
    }
    match offset(text, wording).and_then(|start| text.get(start..)).map(|rest| gone_on(rest, wording.trim_end().len()))
    {
        Some(Next::Words(whole)) => whole,
        Some(Next::EndOfClause) => wording.trim(),
        Some(Next::TooFar) | None => without_loose_end(wording),
    }
}

/// Where a part of a text begins in it.
fn offset(text: &str, part: &str) -> Option<usize> {
    (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)
}

/// The wording with the rest of its first and its last word.
fn in_whole_words<'t>(text: &'t str, wording: &'t str) -> &'t str {
    let Some(start) = offset(text, wording) else { return wording };
    let end = start + wording.len();
    let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else { return wording };
    let first = if wording.starts_with(is_in_word) { before.trim_end_matches(is_in_word).len() } else { start };
    let last =
        if wording.ends_with(is_in_word) { text.len() - after.trim_start_matches(is_in_word).len() } else { end };
    text.get(first..last).unwrap_or(wording).trim_matches(['-', '\'', '\u{2019}'])
}

/// A phrase that holds one word of a text and the words beside it that belong together.
pub(super) fn around<'t>(text: &'t str, word: &'t str) -> &'t str {
    let Some(start) = offset(text, word) else { return word };
    let words = words(text);
    let Some(at) = words.iter().position(|own| own.span.0 >= start && own.span.1 <= start + word.len()) else {
        return word;
    };
    let mut first = at;
    while first > 0 && !words[first].opens && !words[first - 1].joins && at - first < MAX_WORDS / 2 {
        first -= 1;
    }
    let goes_on = |next: &&Word| !next.opens && !next.joins;
    let last = at + words[at + 1..].iter().take(MAX_WORDS / 2).take_while(goes_on).count();
    text.get(words[first].span.0..words[last].span.1).unwrap_or(word)
}

/// Whether a phrase does not end well with this lower-case word.
fn hangs(word: &str) -> bool {
    is_function_word(word) || HANGING.contains(&word)
}

/// What follows a phrase that breaks off.
enum Next<'t> {
    /// The phrase with the words that it lacks.
    Words(&'t str),
    /// Nothing: its clause ends.
    EndOfClause,
    /// The words that it lacks are too far away.
    TooFar,
}

/// The beginning of a text up to `end`, and from there to the end of the next words that belong together.
fn gone_on(text: &str, end: usize) -> Next<'_> {
    let words = words(text);
    let Some(next) = words.iter().position(|word| word.span.0 >= end).filter(|next| !words[*next].opens) else {
        return Next::EndOfClause;
    };
    let clause = words[next..].iter().take(FURTHER).take_while(|word| !word.opens);
    let mut to = None;
    for word in clause {
        match (word.joins, to) {
            (true, Some(_)) => break,
            (true, None) => {}
            (false, _) => to = Some(word.span.1),
        }
    }
    to.and_then(|to| text.get(..to)).map_or(Next::TooFar, Next::Words)
}

/// The wording without joining words at its end.
fn without_loose_end(wording: &str) -> &str {
    let wording = wording.trim();
    let mut rest = wording;
    while let Some((before, last)) = rest.rsplit_once(char::is_whitespace) {
        if !hangs(&last.to_lowercase()) {
            return rest;
        }
        rest = before.trim_end();
    }
    if hangs(&rest.to_lowercase()) { wording } else { rest }
}

/// A word belongs to a theme if it begins as one of the theme's words does; short ones must be whole.
fn belongs(theme: &Theme, stem: &str) -> bool {
    theme.stems.contains(stem)
        || (stem.len() > 4 && theme.stems.iter().any(|own| own.len() > 3 && stem.starts_with(own.as_str())))
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}' | '-' | '%')
}

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut end_of_last = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        if !c.is_alphanumeric() {
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some((at, c)) = rest.next_if(|(_, c)| is_in_word(*c)) {
            end = at + c.len_utf8();
        }
        let between = &text[end_of_last..start];
        let lower = text[start..end].to_lowercase();
        let bare = lower.split(['\'', '\u{2019}']).next().unwrap_or_default();
        let opens = words.is_empty() || between.contains(['.', ',', ';', ':', '(', ')', '\u{2013}', '\u{2022}', '\n']);
        let first_part = bare.split('-').find_map(stem);
        words.push(Word {
            span: (start, end),
            joins: is_function_word(&lower),
            stem: first_part.map(str::to_owned),
            opens,
        });
        end_of_last = end;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;

    fn shown<'t>(theme: &str, text: &'t str, near: &str) -> Option<&'t str> {
        let codebook = Codebook::bundled();
        let near = text.find(near).map(|start| (start, start + near.len()));
        phrase(codebook.theme(theme).unwrap(), text, near).map(|(start, end)| &text[start..end])
    }

    /// The first place in a text that reads so, as patterns hand it over.
    fn part<'t>(text: &'t str, wording: &str) -> &'t str {
        let start = text.find(wording).unwrap();
        &text[start..start + wording.len()]
    }

    #[test]
    fn a_phrase_holds_a_word_of_the_theme_and_no_loose_ends() {
        let text = "This is because of the way in which families have to wait, and of any escalation of concern.";
        let found = shown("waiting-times", text, "of any escalation of concern").unwrap();
        assert!(found.contains("wait") && !found.starts_with("of ") && !found.contains(','), "{found}");
    }

    #[test]
    fn a_phrase_does_not_cut_off_what_belongs_together() {
        let text = "The youth zone offers dedicated short break sessions for children and young people.";
        assert_eq!(
            shown("short-breaks", text, "short break"),
            Some("youth zone offers dedicated short break sessions")
        );
    }

    #[test]
    fn wording_of_a_pattern_does_not_break_off() {
        let text = "Plans do not reflect needs, are not issued in a timely manner, and have not; pupils engage with us. \
                    They tell their story again and again. Boys are well looked after.";
        for (wording, shown) in [
            ("Plans do not", "Plans do not reflect needs"),
            ("in a timely", "in a timely manner"),
            ("and have not", "and have not"),
            ("issued in a", "issued in a timely manner"),
            ("engage with ", "engage with us"),
            ("reflect needs", "reflect needs"),
            ("tell their", "tell their story again"),
            ("looked after", "looked after"),
        ] {
            assert_eq!(readable(text, part(text, wording)), shown);
        }
    }

    #[test]
    fn wording_of_a_pattern_begins_and_ends_with_whole_words() {
        let text = "Poor information-sharing delays help; \u{2018}school-nurse\u{2019} clinics are full.";
        for (wording, shown) in
            [("sharing delays", "information-sharing delays"), ("school", "school-nurse"), ("clinics", "clinics")]
        {
            assert_eq!(readable(text, part(text, wording)), shown);
        }
    }

    #[test]
    fn a_lone_word_is_shown_with_the_words_beside_it() {
        let text = "Leaders of the new partnership board meet often, and boards of governors work together.";
        for (word, shown) in
            [("board", "new partnership board meet often"), ("work", "governors work together"), ("Leaders", "Leaders")]
        {
            assert_eq!(around(text, part(text, word)), shown);
        }
    }

    #[test]
    fn a_text_without_a_word_of_the_theme_has_no_phrase() {
        assert_eq!(shown("transport", "This has led to improvement.", "This"), None);
        assert_eq!(shown("transport", "\u{2013} .", "."), None);
    }
}
