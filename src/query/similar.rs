//! How much two wordings say the same: words that carry meaning, cut to their stems, compared as sets.

use std::collections::BTreeSet;

/// Words that say nothing of what a finding is about: function words, and the words that every finding has.
const EMPTY: &[&str] = &[
    "a",
    "about",
    "across",
    "all",
    "also",
    "an",
    "and",
    "any",
    "are",
    "area",
    "areas",
    "as",
    "at",
    "be",
    "been",
    "both",
    "but",
    "by",
    "can",
    "child",
    "children",
    "could",
    "do",
    "does",
    "education",
    "enough",
    "ensure",
    "for",
    "from",
    "further",
    "had",
    "has",
    "have",
    "health",
    "how",
    "in",
    "including",
    "into",
    "is",
    "it",
    "its",
    "leaders",
    "local",
    "made",
    "make",
    "more",
    "must",
    "need",
    "needs",
    "no",
    "not",
    "of",
    "on",
    "or",
    "other",
    "over",
    "partnership",
    "people",
    "receive",
    "send",
    "should",
    "so",
    "social",
    "care",
    "some",
    "such",
    "than",
    "that",
    "the",
    "their",
    "them",
    "there",
    "these",
    "they",
    "this",
    "those",
    "through",
    "to",
    "too",
    "well",
    "when",
    "where",
    "which",
    "who",
    "will",
    "with",
    "within",
    "young",
    "s",
    "lack",
    "weaknesses",
    "weakness",
    "progress",
    "sufficient",
    "addressing",
    "significant",
    "inspection",
    "initial",
    "found",
];

/// The stems of the words that carry meaning.
pub(super) fn stems(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 1)
        .map(str::to_lowercase)
        .filter(|word| !EMPTY.contains(&word.as_str()))
        .map(|word| stem(&word))
        .collect()
}

/// Takes off the commonest endings, so that "identified" and "identifying" meet. Not a dictionary: it need only be
/// the same for both texts.
fn stem(word: &str) -> String {
    let mut stem = word;
    for ending in
        ["ations", "ation", "ings", "ing", "ities", "ity", "ments", "ment", "ies", "ied", "ed", "es", "s", "ly", "y"]
    {
        if let Some(rest) = stem.strip_suffix(ending)
            && rest.chars().count() >= 4
        {
            stem = rest;
            break;
        }
    }
    stem.strip_suffix(['e', 'i', 'y']).filter(|rest| rest.chars().count() >= 4).unwrap_or(stem).to_owned()
}

/// The part of the first text's meaning words that the second has too, from 0 to 1.
pub(super) fn containment(of: &str, within: &str) -> f64 {
    let (of, within) = (stems(of), stems(within));
    if of.is_empty() {
        return 0.0;
    }
    super::stats::as_f64(of.intersection(&within).count()) / super::stats::as_f64(of.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet_and_common_words_do_not_count() {
        assert_eq!(stems("identifying needs"), stems("needs are identified"));
        assert_eq!(stems("The local area and its children"), BTreeSet::new());
        assert!(containment("the lack of early identification", "Early identification was lacking at the time.") > 0.9);
        assert!(containment("the lack of early identification", "Transitions are poor.") < 0.1);
        assert_eq!(containment("", "anything"), 0.0);
    }
}
