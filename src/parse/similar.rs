//! How much two wordings say the same, and which restated weakness is which of the earlier letter.
//!
//! Letters restate weaknesses in other words and another tense ("there was a lack of effective joint commissioning" for
//! "the lack of effective joint commissioning"), so texts are compared as sets of the words that carry meaning, cut to
//! their stems.

use std::collections::BTreeSet;

use crate::domain::JoinedBy;

/// The least similarity at which two wordings are taken for the same weakness.
const MIN_SIMILARITY: f64 = 0.34;

/// Words that say nothing of what a finding is about: function words, and the words that every finding may have. One
/// space between them, in the order of the alphabet.
const EMPTY: &str = "a about absence across addressing all also an and any are area areas as at be been being between \
    both but by can child children could disabilities do does educational effective enough ensure failed failing \
    failure for found from further had has have how identified improve in including ineffective initial inspection \
    inspectors into is it its lack lacked lacking leaders led limited local made make more must need needs no not of on or other over \
    partnership people poor progress receive result resulted send serious should significant so some special such \
    sufficient than that the their them there these they this those through time to too was weak weakness weaknesses \
    well were when where which while who will with within young";

/// Endings that change with the sentence; longer ones stand before those that end them.
const ENDINGS: &[&str] = &[
    "ications",
    "ication",
    "ations",
    "ational",
    "ation",
    "ioning",
    "ioned",
    "ions",
    "ion",
    "abilities",
    "ability",
    "able",
    "ating",
    "ated",
    "ates",
    "ate",
    "ities",
    "ity",
    "liness",
    "ness",
    "ments",
    "ment",
    "ances",
    "ance",
    "ings",
    "ing",
    "ies",
    "ied",
    "ic",
    "ed",
    "es",
    "ly",
    "s",
    "y",
];

/// A restated weakness joined with the one of the earlier letter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Position of the earlier one in its list, from 0.
    pub original: usize,
    /// How alike the two wordings are, from 0 to 1, to the third place.
    pub similarity: f64,
    /// What joined them.
    pub by: JoinedBy,
}

/// Which original each restated text is. Each original is taken once: the most similar pairs first, and among equally
/// similar ones those in the same place of their lists, since letters keep the order of the weaknesses.
///
/// Where both lists are equally long and all links by wording stand in the same place of both, the rest are joined by
/// their places, if `in_order` allows it.
#[must_use]
pub fn link(restated: &[&str], originals: &[&str], in_order: bool) -> Vec<Option<Link>> {
    let stems_of = |texts: &[&str]| -> Vec<BTreeSet<String>> { texts.iter().map(|text| stems(text)).collect() };
    let (later, earlier) = (stems_of(restated), stems_of(originals));
    let alike = |r: usize, o: usize| (stem_overlap(&later[r], &earlier[o]) * 1000.0).round() / 1000.0;
    let mut pairs: Vec<(f64, usize, usize)> = (0..later.len())
        .flat_map(|r| (0..earlier.len()).map(move |o| (r, o)))
        .map(|(r, o)| (alike(r, o), r, o))
        .filter(|(score, _, _)| *score >= MIN_SIMILARITY)
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.abs_diff(a.2).cmp(&b.1.abs_diff(b.2))).then(a.1.cmp(&b.1)));
    let mut links: Vec<Option<Link>> = vec![None; restated.len()];
    let mut taken = BTreeSet::new();
    for (similarity, r, original) in pairs {
        if links[r].is_none() && taken.insert(original) {
            links[r] = Some(Link { original, similarity, by: JoinedBy::Wording });
        }
    }
    let ordered = links.iter().enumerate().all(|(r, link)| link.is_none_or(|l| l.original == r));
    if in_order && ordered && restated.len() == originals.len() {
        for (place, link) in links.iter_mut().enumerate() {
            let similarity = alike(place, place);
            link.get_or_insert(Link { original: place, similarity, by: JoinedBy::Position });
        }
    }
    links
}

/// How alike two sets of stems are, from 0 (too little in common to tell) to 1 (the same).
fn stem_overlap(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let (common, shorter) = (a.intersection(b).count(), a.len().min(b.len()));
    // One word in common says something only where the shorter text has no other.
    if common == 0 || (common == 1 && shorter > 1) {
        return 0.0;
    }
    let dice = 2.0 * count(common) / count(a.len() + b.len());
    // A short restatement of a long weakness shares all its few words with it; one word alone is weak evidence.
    f64::midpoint(dice, count(common) / count(shorter)) * if shorter < 2 { 0.8 } else { 1.0 }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of words of one text")]
fn count(n: usize) -> f64 {
    n as f64
}

/// The stems of the words of a text that carry meaning.
#[must_use]
pub fn stems(text: &str) -> BTreeSet<String> {
    let mut lower = text.to_lowercase().replace('-', " ");
    for (long, short) in [("education, health and care plan", "ehc plan"), ("ehcp", "ehc plan"), ("autistic", "autism")]
    {
        lower = lower.replace(long, short);
    }
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 1 && !EMPTY.split(' ').any(|empty| empty == *word))
        .map(stem)
        .collect()
}

/// The word without its ending. Not a dictionary: it need only be the same for both texts.
fn stem(word: &str) -> String {
    let rest = |ending: &&str| word.strip_suffix(*ending).filter(|rest| rest.chars().count() >= 4);
    let base = ENDINGS.iter().find_map(rest).unwrap_or(word);
    base.strip_suffix(['e', 'i', 'y']).filter(|rest| rest.chars().count() >= 4).unwrap_or(base).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet_and_common_words_do_not_count() {
        assert_eq!(stems("identifying needs"), stems("needs are identifiable, or their identification"));
        assert_eq!(stems("jointly commissioned"), stems("joint commissioning"));
        assert_eq!(stems("The local area and its children"), BTreeSet::new());
        assert!(
            ENDINGS
                .iter()
                .enumerate()
                .all(|(at, short)| ENDINGS[at..].iter().all(|e| e == short || !e.ends_with(short)))
        );
    }

    #[test]
    fn restatements_find_their_weakness() {
        let originals = [
            "weaknesses in strategic leadership, including the absence of an agreed strategy and clear lines of accountability",
            "the inconsistent quality of EHC plans, and the lack of contributions from social care",
            "the lack of effective joint commissioning, including the gaps in occupational therapy that result from it",
            "the poor quality of communication with parents, which has led to a widespread lack of confidence",
            "the poor timeliness of EHC plans",
        ];
        let restated = [
            "The initial inspection found that EHC plans were not timely.",
            "The initial inspection found that communication with parents was poor and that confidence was low.",
            "The initial inspection found that the quality of education, health and care plans was inconsistent, without social care’s contribution.",
            "Leaders did not commission services jointly, and there were gaps in occupational therapy.",
            "Strategic leadership was weak; there was no agreed strategy and accountability was unclear.",
        ];
        let found: Vec<Option<(usize, JoinedBy)>> =
            link(&restated, &originals, true).into_iter().map(|l| l.map(|l| (l.original, l.by))).collect();
        assert_eq!(found, [4, 3, 1, 2, 0].map(|original| Some((original, JoinedBy::Wording))));
    }

    #[test]
    fn what_is_not_alike_is_joined_by_its_place_or_not_at_all() {
        let (late, forum) = ("home-to-school transport was late", "the lack of a parent carer forum");
        assert_eq!(link(&[late], &[forum], false), [None]);
        assert_eq!(link(&[late], &[forum, "weak oversight"], true), [None], "lists of different length");
        let by_place =
            link(&[late, "The parent carer forum has members."], &["weak oversight of contracts", forum], true);
        assert_eq!(by_place[0], Some(Link { original: 0, similarity: 0.0, by: JoinedBy::Position }));
        assert_eq!(by_place[1].map(|l| (l.original, l.by)), Some((1, JoinedBy::Wording)));
        let crossed = link(&["There is a parent carer forum.", late], &["weak oversight of contracts", forum], true);
        assert_eq!(crossed[1], None, "the order is not that of the first letter");
        assert_eq!(link(&[""], &["the lack of a plan"], false), [None]);
        assert_eq!(
            link(&["late annual reviews"], &["annual reviews that are late"], false)[0].map(|l| l.similarity),
            Some(1.0)
        );
    }
}
