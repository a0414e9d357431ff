//! Splits running text into sentences.
//!
//! Sentences are ranges of the text that was given, so that each is an exact quote of it. The rules err on the side
//! of not splitting: two sentences in one finding lose less than half a sentence in each of two.

use std::ops::Range;

use super::pattern::pattern;

/// Abbreviations after which a full stop never ends a sentence, in lower case.
const NEVER_LAST: &[&str] = &[
    "e.g", "eg", "i.e", "ie", "cf", "vs", "viz", "dr", "mr", "mrs", "ms", "mx", "prof", "rev", "revd", "hon", "messrs",
    "cllr", "st", "ste", "approx", "ca", "fig", "figs", "para", "paras", "pp", "incl", "esp", "op",
];

/// Words that open sentences and are no surnames: after a single capital with a full stop they distinguish "in section
/// F. The plan ..." from "A. Smith".
const OPENERS: &[&str] = &[
    "A",
    "Across",
    "After",
    "All",
    "Also",
    "Although",
    "An",
    "Area",
    "As",
    "At",
    "Because",
    "Both",
    "But",
    "By",
    "Children",
    "Consequently",
    "Despite",
    "During",
    "Each",
    "Education",
    "Families",
    "Few",
    "For",
    "From",
    "Health",
    "However",
    "If",
    "In",
    "Inspectors",
    "It",
    "Leaders",
    "Many",
    "Most",
    "No",
    "Not",
    "Nor",
    "On",
    "Once",
    "Others",
    "Our",
    "Parents",
    "Plans",
    "Practitioners",
    "Professionals",
    "Pupils",
    "Schools",
    "Several",
    "Since",
    "So",
    "Social",
    "Some",
    "Staff",
    "Such",
    "That",
    "The",
    "Their",
    "Then",
    "There",
    "Therefore",
    "These",
    "They",
    "This",
    "Those",
    "Though",
    "Through",
    "Thus",
    "To",
    "Too",
    "Until",
    "We",
    "What",
    "When",
    "Where",
    "Which",
    "While",
    "With",
    "Without",
    "You",
    "Young",
];

pattern! {
    // A stop with whatever closes after it, then white space or nothing.
    STOP = r#"[.!?]+[”’"'»)\]]*(?:\s+|$)|[a-z]{2}[.!?][”’"']?(?:[A-Z][a-z’']|[A-Z]{2})"#;
}

/// The sentences of a text, in order, without the white space around them. Text without a stop is one sentence.
#[must_use]
pub fn split(text: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(found) = STOP.find_at(text, from) {
        let (end, next) = boundary(text, found.range());
        from = next.max(found.start() + 1);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        if next < text.len() && !ends_sentence(text, start, found.range(), end, next) {
            continue;
        }
        push_trimmed(text, start..end, &mut sentences);
        start = next;
    }
    push_trimmed(text, start..text.len(), &mut sentences);
    sentences
}

/// Where the sentence that stops here would end, and where the next would begin.
fn boundary(text: &str, found: Range<usize>) -> (usize, usize) {
    let matched = &text[found.clone()];
    if matched.starts_with(|c: char| c.is_ascii_lowercase()) {
        // "data.The": the space after the stop was lost.
        let letters = matched.len() - matched.trim_end_matches(|c: char| c.is_alphabetic() || "’'".contains(c)).len();
        let tail = &matched[matched.len() - letters..];
        let quote = tail.len() - tail.trim_start_matches(['’', '\'']).len();
        let end = found.end - letters + quote;
        (end, end)
    } else {
        (found.start + matched.trim_end().len(), found.end)
    }
}

fn ends_sentence(text: &str, start: usize, found: Range<usize>, end: usize, next: usize) -> bool {
    let stop = found.start + text[found.clone()].find(['.', '!', '?']).unwrap_or(0);
    let before = &text[start..stop];
    let after = &text[next..];
    let Some(first) = after.trim_start_matches(['“', '‘', '"', '\'', '(', '[', '«']).chars().next() else {
        return true;
    };
    if first.is_lowercase() || after.starts_with([',', ';', ')', ']', '–', '—']) {
        return false;
    }
    if !text[stop..end].starts_with('.') {
        // "?" and "!" end a sentence unless it goes on in lower case (seen above).
        return !inside_brackets(&text[start..end]);
    }
    let word = before.rsplit(|c: char| c.is_whitespace() || "([“‘\"/".contains(c)).next().unwrap_or("");
    if NEVER_LAST.contains(&word.to_lowercase().as_str()) && text[stop..end].trim_end_matches(')').len() == 1 {
        return false;
    }
    if word.eq_ignore_ascii_case("no") && first.is_ascii_digit() {
        return false;
    }
    if is_initial(word) && !opener_follows(after) && !before.trim_end_matches(word).trim_end().is_empty() {
        return false;
    }
    !inside_brackets(&text[start..end])
}

/// A single capital, or capitals with stops ("J.R"), as in a name.
fn is_initial(word: &str) -> bool {
    let mut letters = word.split('.');
    letters.all(|l| l.len() == 1 && l.starts_with(|c: char| c.is_ascii_uppercase()))
}

fn opener_follows(after: &str) -> bool {
    let word = after.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or("");
    OPENERS.contains(&word)
}

/// Whether a bracket was opened and not closed: its stops do not end the sentence around it.
fn inside_brackets(sentence: &str) -> bool {
    // A sentence that is itself in brackets ends inside them only at its own closing bracket.
    let opened = sentence.matches(['(', '[']).count();
    let closed = sentence.matches([')', ']']).count();
    opened > closed && sentence.len() - sentence.rfind(['(', '[']).unwrap_or(0) < 300
}

fn push_trimmed(text: &str, range: Range<usize>, into: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let start = range.start + (piece.len() - piece.trim_start().len());
    let end = range.start + piece.trim_end().len();
    if start < end {
        into.push(start..end);
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn sentences(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|r| &text[r]).collect()
    }

    #[track_caller]
    fn whole(text: &str) {
        assert_eq!(sentences(text), [text]);
    }

    #[track_caller]
    fn parts(expected: &[&str]) {
        assert_eq!(sentences(&expected.join(" ")), expected);
    }

    #[test]
    fn plain_sentences_are_split_and_trimmed() {
        assert_eq!(sentences("  Plans are clear.  Reviews are late. \n"), ["Plans are clear.", "Reviews are late."]);
        assert_eq!(sentences("Too many wait"), ["Too many wait"]);
        assert_eq!(sentences(" \n "), [""; 0]);
    }

    #[test]
    fn abbreviations_do_not_end_a_sentence() {
        whole("Some services, e.g. CAMHS, are slow.");
        whole("Some services (e.g. CAMHS and i.e. Portage) are slow.");
        whole("The work of Dr. Hollin at St. Breda’s is valued.");
        whole("Staff met Mrs. Orme and Cllr. Tann in room No. 4 of the centre.");
        whole("The offer reaches ages 0 to 25 across approx. 40 settings vs. 12 before.");
        parts(&["They offer swimming, music, etc.", "Parents welcome this."]);
    }

    #[test]
    fn numbers_and_ages_at_the_end_do() {
        parts(&["The team works with ages 0 to 25.", "The wait fell to 3.5 weeks in Year 9.", "90% were met."]);
        parts(&["It opened in 2021.", "16 to 25-year-olds were not asked."]);
    }

    #[test]
    fn initials_and_lettered_sections_are_told_apart() {
        whole("The review by A. Merrow and J.R. Venn is read widely.");
        parts(&["Needs are missing from section F.", "The plan is vague."]);
        parts(&["Outcomes stand in sections B, C and D.", "This helps."]);
    }

    #[test]
    fn quotes_close_with_their_sentence() {
        parts(&["One parent said, ‘We are heard.’", "Another said, “Nobody rang.”", "Both had waited."]);
        parts(&["‘You said, we did’ is in use.", "‘Early Start’ groups fill gaps."]);
        parts(&["Are children safe?", "They are!", "Leaders know it."]);
        whole("The question ‘what next?’ is asked too late.");
    }

    #[test]
    fn brackets_hold_a_sentence_together() {
        whole("Two settings (one in Orme. One in Venn) have closed.");
        parts(&["The forum is new (it began in May).", "It meets monthly."]);
        parts(&["The forum is new.", "(It began in May.)", "It meets monthly."]);
    }

    #[test]
    fn a_lost_space_after_a_stop_is_no_hindrance_and_addresses_are_left_alone() {
        assert_eq!(sentences("They share data.The plan is new."), ["They share data.", "The plan is new."]);
        whole("The local offer (www.example.org.uk) is used.");
        whole("Version 2.1 of the tool is in use.");
    }

    #[test]
    fn line_ends_are_white_space() {
        assert_eq!(sentences("A plan\nexists. It\nhelps."), ["A plan\nexists.", "It\nhelps."]);
    }
}
