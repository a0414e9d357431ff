//! On how many: the words for numbers, and sentences that leave the number open.

use super::pattern::pattern;
use crate::domain::Verdict;

/// The pattern of a number in figures or words, for use within patterns.
macro_rules! number_word {
    () => {
        r"(?:\d{1,2}|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
    };
}
pub(crate) use number_word;

pattern! {
    EVERY_ONE = r"(?i)\b(?:all|both|each|every)\b";
}

/// The number that figures or words mean ("5", "five", "twenty-four"), up to sixty-nine in words.
#[must_use]
pub fn number(words: &str) -> Option<u32> {
    const UNITS: [&str; 20] = [
        "none",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 5] = ["twenty", "thirty", "forty", "fifty", "sixty"];
    let lower = words.to_lowercase();
    let place = |list: &[&str], word: &str| list.iter().position(|w| *w == word).and_then(|at| u32::try_from(at).ok());
    let mut parts = lower.split(|c: char| c == '-' || c.is_whitespace()).filter(|part| !part.is_empty());
    match (parts.next()?, parts.next(), parts.next()) {
        (word, None, None) => {
            let tens = || place(&TENS, word).map(|tens| (tens + 2) * 10);
            place(&UNITS, word).or_else(tens).or_else(|| word.parse().ok())
        }
        (tens, Some(unit), None) => {
            let unit = place(&UNITS, unit).filter(|unit| (1..10).contains(unit))?;
            Some((place(&TENS, tens)? + 2) * 10 + unit)
        }
        _ => None,
    }
}

/// Whether a sentence leaves open on how many it judges: "has not made sufficient progress on all of them".
#[must_use]
pub fn leaves_open(verdict: Verdict, sentence: &str) -> bool {
    verdict == Verdict::Insufficient && EVERY_ONE.is_match(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_pattern_is_a_number_and_not_all_is_open() {
        let words = number_word!().trim_start_matches(r"(?:\d{1,2}|").trim_end_matches(')').split('|');
        for (value, word) in words.enumerate() {
            assert_eq!(number(word), u32::try_from(value).ok(), "{word}");
        }
        assert_eq!((number("12"), number("Five"), number("many")), (Some(12), Some(5), None));
        assert_eq!((number("twenty-four"), number("thirty\nsix"), number("sixty")), (Some(24), Some(36), Some(60)));
        assert_eq!((number("twenty twelve"), number("five six"), number("")), (None, None, None));
        assert!(leaves_open(Verdict::Insufficient, "The area has not made progress on all of them."));
        assert!(!leaves_open(Verdict::Insufficient, "It has not made progress on any of them."));
        assert!(!leaves_open(Verdict::Sufficient, "It has made progress on all of them."));
    }
}
