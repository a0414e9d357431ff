//! The words that belong to a theme, as their first letters.
//!
//! They say whether a phrase bears on a theme, where no pattern was found. Words that many themes share ("services",
//! "support") belong to none.

use std::collections::{BTreeMap, BTreeSet};

use super::Theme;

/// Letters of a word that are compared, so that "identify" and "identification" are the same.
const COMPARED_LETTERS: usize = 6;

/// A word in more themes than this belongs to none of them.
const MAX_THEMES_OF_WORD: usize = 6;

/// Words without a meaning of their own.
const FUNCTION_WORDS: [&str; 76] = [
    "a", "about", "after", "all", "also", "an", "and", "are", "as", "at", "be", "been", "before", "being", "between",
    "but", "by", "can", "do", "does", "each", "every", "for", "from", "had", "has", "have", "he", "her", "his", "how",
    "however", "if", "in", "into", "is", "it", "its", "may", "more", "most", "of", "on", "or", "other", "our", "she",
    "so", "some", "such", "than", "that", "the", "their", "them", "there", "these", "they", "this", "those", "through",
    "to", "too", "very", "was", "were", "what", "when", "where", "which", "while", "who", "will", "with", "would",
    "you",
];

/// Beginnings of words that inspectors use of everything; they bear on no theme by themselves.
const GENERAL: [&str; 60] = [
    "across", "area", "areas", "better", "care", "child", "childr", "develo", "effect", "enough", "ensure", "experi",
    "given", "good", "health", "help", "helps", "high", "improv", "includ", "increa", "inform", "joint", "keep",
    "know", "local", "made", "make", "need", "needs", "number", "offers", "organi", "people", "person", "plan",
    "plans", "practi", "profes", "provid", "receiv", "right", "school", "send", "servic", "settin", "suppor", "take",
    "taken", "team", "teams", "use", "useful", "using", "well", "work", "workin", "works", "year", "young",
];

/// Whether a lower-case word only joins others.
pub(crate) fn is_function_word(word: &str) -> bool {
    FUNCTION_WORDS.binary_search(&word).is_ok()
}

/// The beginning by which a lower-case word is compared; `None` for words that mean nothing by themselves.
pub(crate) fn stem(word: &str) -> Option<&str> {
    let meant = word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase()) && !is_function_word(word);
    meant.then(|| &word[..word.len().min(COMPARED_LETTERS)])
}

/// Gives every theme its words.
pub(super) fn assign(themes: &mut [Theme]) {
    let mut used: Vec<BTreeSet<String>> = Vec::new();
    let mut themes_with: BTreeMap<String, usize> = BTreeMap::new();
    for theme in &*themes {
        let label = theme.label.to_lowercase();
        let patterns = theme.sure.patterns().iter().map(|pattern| pattern.source.as_str());
        let words = patterns.chain([label.as_str()]).flat_map(|text| text.split(|c: char| !c.is_ascii_lowercase()));
        let stems: BTreeSet<String> = words.filter_map(stem).map(str::to_owned).collect();
        for stem in &stems {
            *themes_with.entry(stem.clone()).or_default() += 1;
        }
        used.push(stems);
    }
    for (theme, mut stems) in themes.iter_mut().zip(used) {
        let own = |stem: &str| themes_with.get(stem).is_none_or(|themes| *themes <= MAX_THEMES_OF_WORD);
        stems.retain(|stem| own(stem) && GENERAL.binary_search(&stem.as_str()).is_err());
        theme.stems = stems;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;

    #[test]
    fn function_words_are_sorted_for_the_search() {
        assert!(FUNCTION_WORDS.is_sorted() && GENERAL.is_sorted());
    }

    #[test]
    fn themes_keep_their_own_words_and_share_none_of_the_common_ones() {
        let codebook = Codebook::bundled();
        let stems = &codebook.theme("waiting-times").unwrap().stems;
        assert!(stems.contains("wait") || stems.contains("waitin"), "{stems:?}");
        for theme in codebook.themes() {
            assert!(!theme.stems.is_empty(), "{} has no word of its own", theme.id);
            assert!(!theme.stems.contains("servic"), "{}", theme.id);
        }
    }
}
