//! Sentences of verdict: on one weakness, and on all of them together.

use crate::domain::Verdict;
use crate::parse::amounts::{leaves_open, number, number_word};
use crate::parse::pattern::pattern;
use crate::parse::sentences;

pattern! {
    /// "The area has (not) made sufficient progress", and the passive.
    JUDGES = r"(?ix)
        \b(?:has|have|had)\s+(?P<not1>not\s+|also\s+not\s+)?(?:\w+\s+)?made\s+(?P<little1>in)?(?:sufficient|enough|adequate)\s+(?:and\s+\w+\s+)?progress\b
        |\b(?P<little2>in)?(?:sufficient|adequate|enough)\s+progress\s+(?:has|have|had)\s+(?P<not2>not\s+)?(?:yet\s+)?been\s+made\b
        |\b(?P<not3>not\s+)?(?:making|made|make)\s+(?P<little3>in)?(?:sufficient|enough|adequate)\s+progress\b
        |\b(?:progress)\s+(?:\w+\s+){0,8}?(?:is|was|has\s+been)\s+(?P<not4>not\s+)?(?P<little4>in)?(?:sufficient|adequate)\b
        |\b(?P<not5>not)\s+(?:\w+\s+){0,2}(?:sufficient|enough)\s+progress\b
        |\bthere\s+(?:is|was|has\s+been)\s+(?P<little5>in)?sufficient\s+progress\b";
    NEGATED = r"(?i)\b(?:not|n’t|n't),?\s+(?:\w+,?\s+){0,2}$|\b(?:yet|failed|fails|unable)\s+to\s+$|^\W*(?:no|neither|none\s+of)\b";
    OF = concat!(
        r"(?i)\b(?P<some>", number_word!(), r")\s+(?:out\s+)?of\s+(?:the\s+|its\s+|these\s+|those\s+)?(?:\w+\s+)?(?P<all>", number_word!(), r")\b"
    );
    /// "all but one of the five".
    ALL_BUT = concat!(
        r"(?i)\ball\s+(?:but|except(?:\s+for)?|bar)\s+(?P<n>", number_word!(), r")\b(?:\s+(?:out\s+)?of\s+(?:the\s+|its\s+|these\s+|those\s+)?(?:\w+\s+)?(?P<all>", number_word!(), r")\b)?"
    );
    COUNTED = concat!(r"(?i)\b(?P<n>", number_word!(), r")\s+(?:(?:other|further|remaining|of\s+the|areas?\s+of|significant|serious)\s+){0,4}(?:weakness(?:es)?)\b");
    EVERY = r"(?i)\b(?:all|both|each|every|any|either)\b(?:\s+\w+){0,7}?\s+(?:weakness(?:es)?|areas?|concerns)\b";
    ONE = r"(?i)\b(?:this|that)\s+(?:(?:significant|serious|particular|specific|same|key|identified)\s+){0,2}(?:area\s+of\s+(?:\w+\s+)?)?(?:weakness|concern)\b|\bthis\s+(?:area|aspect|issue)\b|\bin\s+this\s+(?:regard|respect)\b";
    PLURAL = r"(?i)\bthe\s+(?:\w+\s+){0,2}(?:weaknesses|areas\s+of\s+(?:significant\s+|serious\s+)?(?:weakness|concern))(?:\s+(?:identified|found|detailed|set\s+out|at|from)\b.*)?\W*$";
    SINGLE = r"(?i)\bthe\s+(?:(?:one|single|only|significant|serious)\s+)*(?:area\s+of\s+(?:\w+\s+)?)?weakness\b";
    /// The verdict in a cell of its own.
    CELL = r"(?i)^(?:progress\s*(?:is|:|–|-)?\s*)?(?P<little>not\s+|in|no\s+)?(?:yet\s+)?(?:sufficient|enough|adequate)(?:\s+progress)?(?:\s+(?:has\s+been\s+)?made)?\s*[.!]?$";
    /// Sentences that speak of a verdict without giving it: the purpose of the visit, or a consequence.
    UNSAID = r"(?i)^(?:since|because|given\s+that|if|where|as\s+(?:the|not|all|there|it|its|some|local|area|leaders|sufficient))\b|\b(?:decide|determine|consider|assess|judge|establish|evaluate)\s+(?:whether|if|how|the)\b|\bwhether\b";
}

/// What a letter says of all weaknesses together; `None` where it does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overall {
    /// Number with sufficient progress.
    pub sufficient: Option<u32>,
    /// Number without.
    pub insufficient: Option<u32>,
    /// The verdict, where it is the same on all.
    pub same_on_all: Option<Verdict>,
}

/// The verdict of a sentence, if it judges progress.
fn judgement(sentence: &str) -> Option<Verdict> {
    let found = JUDGES.captures(sentence).filter(|_| !UNSAID.is_match(sentence.trim_start()))?;
    let whole = found.get(0)?;
    let named = |n: &str| (1..=5).any(|i| found.name(&format!("{n}{i}")).is_some());
    let before = &sentence[..whole.start()];
    let negated = named("not") || NEGATED.is_match(before) && !before.trim_start().is_empty();
    Some(if negated || named("little") { Verdict::Insufficient } else { Verdict::Sufficient })
}

/// The verdict of a sentence on a single weakness.
#[must_use]
pub fn on_one(sentence: &str) -> Option<Verdict> {
    let verdict = judgement(sentence)?;
    let together = [&*EVERY, &*OF, &*PLURAL, &*COUNTED].iter().any(|said| said.is_match(sentence));
    (ONE.is_match(sentence) || !together).then_some(verdict)
}

/// The verdict that is all that a cell beside a weakness says ("Sufficient progress").
#[must_use]
pub fn in_cell(text: &str) -> Option<Verdict> {
    let found = CELL.captures(text.trim())?;
    Some(if found.name("little").is_some() { Verdict::Insufficient } else { Verdict::Sufficient })
}

/// The verdict of a text that introduces a list of weaknesses ("... on the following:").
#[must_use]
pub fn on_list(text: &str) -> Option<Verdict> {
    let last = sentences::split(text).pop()?;
    let last = &text[last];
    let lower = last.to_lowercase();
    let lists = lower.contains("following") || last.trim_end().ends_with(':');
    if lists { judgement(last) } else { None }
}

/// What the sentences of a text say of all weaknesses together.
#[must_use]
pub fn overall(text: &str) -> (Overall, Option<std::ops::Range<usize>>) {
    let mut overall = Overall::default();
    let mut place = None;
    for range in sentences::split(text) {
        let sentence = &text[range.clone()];
        if ONE.is_match(sentence) {
            continue;
        }
        let Some(verdict) = judgement(sentence) else { continue };
        let partial = OF.captures(sentence);
        let (some, all) = partial.as_ref().map_or((None, None), |c| (number(&c["some"]), number(&c["all"])));
        if let Some(but) = ALL_BUT.captures(sentence) {
            let (not_all, all) = (number(&but["n"]), but.name("all").and_then(|all| number(all.as_str())));
            let rest = all.zip(not_all).and_then(|(all, n)| all.checked_sub(n));
            let (met, unmet) = if verdict == Verdict::Sufficient { (rest, not_all) } else { (not_all, rest) };
            overall.sufficient = overall.sufficient.or(met);
            overall.insufficient = overall.insufficient.or(unmet);
        } else if let Some((some, all)) = some.zip(all).filter(|(some, all)| some <= all) {
            let (met, unmet) = match verdict {
                Verdict::Sufficient => (some, all - some),
                Verdict::Insufficient => (all - some, some),
            };
            overall.sufficient.get_or_insert(met);
            overall.insufficient.get_or_insert(unmet);
        } else if EVERY.is_match(sentence) {
            if !leaves_open(verdict, sentence) {
                overall.same_on_all.get_or_insert(verdict);
            }
        } else if let Some(n) = COUNTED.captures(sentence).and_then(|c| number(&c["n"])) {
            match verdict {
                Verdict::Sufficient => overall.sufficient.get_or_insert(n),
                Verdict::Insufficient => overall.insufficient.get_or_insert(n),
            };
        } else if SINGLE.is_match(sentence) {
            overall.same_on_all.get_or_insert(verdict);
        } else {
            continue;
        }
        place.get_or_insert(range);
    }
    (overall, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_may_hold_nothing_but_the_verdict() {
        use Verdict::{Insufficient, Sufficient};
        for (cell, verdict) in [
            ("Sufficient progress", Some(Sufficient)),
            ("Sufficient progress has been made.", Some(Sufficient)),
            ("Not sufficient", Some(Insufficient)),
            ("Insufficient progress made", Some(Insufficient)),
            ("Progress: insufficient", Some(Insufficient)),
            ("Progress", None),
            ("Sufficient progress in some schools", None),
        ] {
            assert_eq!(in_cell(cell), verdict, "{cell}");
        }
    }

    #[test]
    fn verdicts_on_one_weakness_in_many_wordings() {
        for sentence in [
            "The area has made sufficient progress in addressing this significant weakness.",
            "The local area has made sufficient progress to improve this area of weakness.",
            "Sufficient progress has been made in addressing this significant weakness.",
            "Leaders have, therefore, made sufficient progress in this area.",
            "The local area partners have made sufficient progress in addressing the significant weakness.",
            "As a result, the area has now made sufficient progress to address this weakness.",
            "Although not all parents are happy, the area has made sufficient progress in addressing this weakness.",
            "There is no doubt that leaders have made sufficient progress in this area.",
            "The area has made sufficient progress in addressing the weaknesses in joint commissioning.",
        ] {
            assert_eq!(on_one(sentence), Some(Verdict::Sufficient), "{sentence}");
        }
        for sentence in [
            "The area has not made sufficient progress in addressing this significant weakness.",
            "Sufficient progress has not been made in addressing this significant weakness.",
            "Insufficient progress has been made in addressing this weakness.",
            "The local area has made insufficient progress to improve this serious weakness.",
            "Leaders have not yet made sufficient progress in this area.",
            "The area has not, therefore, made sufficient progress in addressing this weakness.",
            "The progress made to address this weakness is not sufficient.",
            "The area has yet to make sufficient progress in addressing this weakness.",
            "Leaders have acted, but this is not sufficient progress.",
        ] {
            assert_eq!(on_one(sentence), Some(Verdict::Insufficient), "{sentence}");
        }
        for sentence in [
            "Leaders have made good progress.",
            "The area has made sufficient progress in addressing four of the five significant weaknesses.",
            "The area has made sufficient progress in addressing all of the significant weaknesses.",
            "Inspectors came to decide whether sufficient progress has been made in addressing each of the areas of significant weakness.",
            "Pupils make sufficient gains.",
        ] {
            assert_eq!(on_one(sentence), None, "{sentence}");
        }
    }

    #[test]
    fn overall_verdicts_are_counted() {
        let said = |text: &str| {
            let o = overall(text).0;
            (o.sufficient, o.insufficient, o.same_on_all)
        };
        let all = "The area has made sufficient progress in addressing all of the significant weaknesses identified.";
        assert_eq!(said(all), (None, None, Some(Verdict::Sufficient)));
        let some = "The area has made sufficient progress in addressing four of the five significant weaknesses. The area has not made sufficient progress in addressing one significant weakness.";
        assert_eq!(said(some), (Some(4), Some(1), None));
        let by_number = "The local area has made sufficient progress in addressing 6 of the 8 significant weaknesses.";
        assert_eq!(said(by_number), (Some(6), Some(2), None));
        let two = "The area has made sufficient progress on three significant weaknesses. It has not made sufficient progress in addressing two areas of significant weakness.";
        assert_eq!(said(two), (Some(3), Some(2), None));
        let none = "Leaders have not made sufficient progress to improve any of the serious weaknesses.";
        assert_eq!(said(none), (None, None, Some(Verdict::Insufficient)));
        let but = "The area has made sufficient progress in all but one of the five areas of significant weakness.";
        assert_eq!(said(but), (Some(4), Some(1), None));
        let both = "The area has made sufficient progress in addressing both areas of significant weakness.";
        assert_eq!(said(both), (None, None, Some(Verdict::Sufficient)));
        let open = "The area has not made sufficient progress in addressing all the significant weaknesses.";
        assert_eq!(said(open), (None, None, None));
        let single = "The area has made sufficient progress in addressing the significant weakness identified at the initial inspection.";
        assert_eq!(said(single), (None, None, Some(Verdict::Sufficient)));
        let purpose = "Inspectors visited the area to decide whether sufficient progress has been made in addressing each of the areas of significant weakness. As the area has made sufficient progress in addressing all the weaknesses, visits will cease.";
        assert_eq!(said(purpose), (None, None, None));
        let opinion = "Inspectors are of the opinion that local area leaders have made sufficient progress to improve four of the five serious weaknesses.";
        assert_eq!(said(opinion), (Some(4), Some(1), None));
    }
}
