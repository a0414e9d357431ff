//! On how many: the words for numbers, and sentences that leave the number open.

use super::pattern::pattern;
use crate::domain::Verdict;

/// The pattern of a number in figures or words, for use within patterns.
macro_rules! number_word {
    () => {
        r"(?:\d{1,2}|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen)"
    };
}
pub(crate) use number_word;

pattern! {
    EVERY_ONE = r"(?i)\b(?:all|both|each|every)\b";
}

/// The number that a word or its figures mean.
#[must_use]
pub fn number(word: &str) -> Option<u32> {
    const WORDS: [&str; 15] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen",
    ];
    let lower = word.to_lowercase();
    let in_words = WORDS.iter().position(|w| *w == lower).and_then(|n| u32::try_from(n).ok());
    in_words.or_else(|| lower.parse().ok())
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
        assert!(leaves_open(Verdict::Insufficient, "The area has not made progress on all of them."));
        assert!(!leaves_open(Verdict::Insufficient, "It has not made progress on any of them."));
        assert!(!leaves_open(Verdict::Sufficient, "It has made progress on all of them."));
    }
}
