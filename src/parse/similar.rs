//! How alike two wordings of one weakness are, and which restated weakness is which of the first letter.
//!
//! Letters restate weaknesses in other words and another tense ("there was a lack of effective joint commissioning" for
//! "the lack of effective joint commissioning"), so words are compared by their stems and without the words that every
//! weakness has.

use std::collections::BTreeSet;

/// The least similarity at which two wordings are taken for the same weakness.
pub const SAME: f64 = 0.34;

/// Words that say nothing about which weakness it is.
const COMMON: &[&str] = &[
    "the",
    "and",
    "for",
    "from",
    "that",
    "this",
    "these",
    "those",
    "there",
    "their",
    "they",
    "them",
    "was",
    "were",
    "are",
    "has",
    "have",
    "had",
    "not",
    "which",
    "with",
    "into",
    "too",
    "its",
    "who",
    "been",
    "being",
    "some",
    "any",
    "all",
    "other",
    "initial",
    "inspection",
    "inspectors",
    "identified",
    "found",
    "significant",
    "serious",
    "weakness",
    "weaknesses",
    "area",
    "areas",
    "local",
    "time",
    "lack",
    "poor",
    "weak",
    "leaders",
    "children",
    "young",
    "people",
    "special",
    "educational",
    "needs",
    "disabilities",
    "send",
    "effective",
    "ineffective",
    "limited",
    "including",
    "while",
    "between",
    "across",
    "result",
    "resulted",
    "led",
    "failure",
    "failing",
    "failed",
    "absence",
    "of",
    "in",
    "on",
    "to",
    "at",
    "by",
    "as",
    "is",
];

/// How alike two texts are, from 0 (no telling word in common) to 1 (the same telling words).
#[must_use]
pub fn similarity(a: &str, b: &str) -> f64 {
    let (a, b) = (stems(a), stems(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let common = count(a.intersection(&b).count());
    let dice = 2.0 * common / (count(a.len()) + count(b.len()));
    let contained = common / count(a.len().min(b.len()));
    // A short restatement of a long weakness shares all its few words with it.
    f64::midpoint(dice, contained) * if a.len().min(b.len()) < 2 { 0.8 } else { 1.0 }
}

/// Which original each restated text is, and how alike they are; each original is taken once, the likest pairs first.
#[must_use]
pub fn link(restated: &[&str], originals: &[&str]) -> Vec<Option<(usize, f64)>> {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (r, text) in restated.iter().enumerate() {
        for (o, original) in originals.iter().enumerate() {
            let score = similarity(text, original);
            if score >= SAME {
                pairs.push((score, r, o));
            }
        }
    }
    // Letters keep the order of the weaknesses: of equally alike pairs, the one in the same place is the right one.
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.abs_diff(a.2).cmp(&b.1.abs_diff(b.2))).then(a.1.cmp(&b.1)));
    let mut links = vec![None; restated.len()];
    let mut taken = BTreeSet::new();
    for (score, r, o) in pairs {
        if links[r].is_none() && taken.insert(o) {
            links[r] = Some((o, score));
        }
    }
    links
}

#[expect(clippy::cast_precision_loss, reason = "numbers of words of one sentence")]
fn count(n: usize) -> f64 {
    n as f64
}

fn stems(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase().replace("education, health and care plan", "ehc plan");
    let lower = lower.replace("autistic spectrum", "autism").replace("ehcp", "ehc plan");
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 1 && !COMMON.contains(word))
        .map(stem)
        .collect()
}

/// The word without the endings that change with the sentence.
fn stem(word: &str) -> String {
    const ENDINGS: [&str; 14] =
        ["ations", "ation", "ities", "ments", "ment", "ings", "ing", "ness", "ity", "ies", "ed", "es", "ly", "s"];
    let ending = ENDINGS.iter().find(|e| word.ends_with(*e) && word.len() - e.len() >= 4);
    let base = ending.map_or(word, |e| &word[..word.len() - e.len()]);
    base.trim_end_matches(['e', 'y']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let found: Vec<Option<usize>> = link(&restated, &originals).into_iter().map(|l| l.map(|(o, _)| o)).collect();
        assert_eq!(found, [Some(4), Some(3), Some(1), Some(2), Some(0)]);
    }

    #[test]
    fn what_is_not_alike_is_not_linked() {
        assert_eq!(link(&["home-to-school transport was late"], &["the lack of a parent carer forum"]), [None]);
        assert_eq!(similarity("", "the lack of a plan"), 0.0);
        assert!((similarity("late annual reviews", "annual reviews that are late") - 1.0).abs() < 1e-9);
    }
}
