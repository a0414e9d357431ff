//! Sentences of verdict in monitoring reports: on one area for priority action, and on all of them together.

use std::ops::Range;

use crate::domain::Verdict;
use crate::parse::amounts::{leaves_open, number, number_word};
use crate::parse::pattern::pattern;
use crate::parse::sentences;

pattern! {
    JUDGES = r"(?ix)
        \b(?:taken|taking|takes?|took)\s+(?:\w+\s+)?(?P<in1>in)?effective\s+(?:\w+\s+)?action
        |\b(?P<in2>in)?effective\s+action(?:s)?\s+(?:(?:has|have|is|are|was|were)\s+)(?P<not1>not\s+)?(?:yet\s+)?(?:been|being)\s+taken
        |\b(?:made|making|makes?)\s+(?:\w+\s+)?(?P<in3>in)?(?:sufficient|enough|adequate)\s+(?:\w+\s+)?progress
        |\b(?P<in4>in)?sufficient\s+progress\s+(?:has|have)\s+(?P<not2>not\s+)?(?:yet\s+)?been\s+made
        |\bactions?\b[^.]{0,120}\b(?:is|are|has\s+been|have\s+been|was|were)\s+(?P<not3>not\s+)?(?:yet\s+)?(?:sufficiently\s+)?(?P<in5>in)?effective\b
        |^\s*(?P<not4>(?:not|no)\s+(?:yet\s+)?)?(?P<in6>in)?effective\s+action(?:\s+(?P<not5>not\s+)?taken)?\W*$
        |^\s*(?P<not6>not\s+(?:yet\s+)?)?(?P<in7>in)?(?:effective|sufficient)(?:\s+progress)?\W*$";
    NEGATED = r"(?i)(?:\bnot|\bneither|\bnor|n[’']t|\byet\s+to|\bfail(?:ed|ing|s)?\s+to|\bunable\s+to|\bwithout)\b[^.;]{0,40}$|\bno\s+[^.]{0,40}$|\bnone\s+of\b";
    COUNT = concat!(
        r"(?i)\b(?P<some>", number_word!(), r")\s+(?:out\s+)?of\s+(?:the\s+|its\s+|these\s+|those\s+)?(?P<all>", number_word!(), r")\b"
    );
    /// A number of areas, not out of a total ("one area for priority action").
    NUMBERED = concat!(
        r"(?i)\b(?P<n>", number_word!(), r")\s+(?:(?:other|remaining|further)\s+)?(?:areas?|priority\s+actions?|actions?|priorit(?:y|ies))\b"
    );
    /// Numbers of areas with and without effective action in one sentence.
    BOTH_NUMBERS = concat!(
        r"(?i)\b(?P<met>", number_word!(), r")\s+(?:areas?|priority\s+actions?|actions?)\b[^.]{0,160}?\bnot\b[^.]{0,160}?\b(?P<unmet>",
        number_word!(), r")\s+(?:(?:other|remaining|further)\s+)?(?:areas?|priority\s+actions?|actions?|others?)\b"
    );
    EVERY = r"(?i)\b(?:all|both|each|every|any|either)\b(?:\s+\w+){0,6}?\s+(?:areas?|actions?|priorit(?:y|ies))\b";
    PLURAL = r"(?i)\b(?:areas\s+for\s+priority\s+action|priority\s+actions|areas)\b";
    ONE = r"(?i)\bthis\s+(?:\w+\s+){0,2}(?:area|action|priority|aspect)\b|\bin\s+this\s+(?:area|regard|respect)\b";
    PURPOSE = r"(?i)^(?:the\s+)?(?:purpose|aim|inspectors\s+(?:looked|considered|evaluated))\b|\b(?:whether|to\s+decide|to\s+determine|to\s+evaluate|how\s+well|if)\b[^.]{0,80}$";
}

/// What a report says of all areas for priority action together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overall {
    /// Number with effective action, and number without.
    pub counted: Option<(u32, u32)>,
    /// The verdict, where it is the same on all.
    pub same_on_all: Option<Verdict>,
}

/// The verdict that a sentence gives, if it gives one.
#[must_use]
pub fn of_sentence(sentence: &str) -> Option<Verdict> {
    let found = JUDGES.captures(sentence)?;
    let whole = found.get(0)?;
    let before = &sentence[..whole.start()];
    if PURPOSE.is_match(before) {
        return None;
    }
    let named = |name: &str| (1..=7).any(|n| found.name(&format!("{name}{n}")).is_some());
    let negative = named("not") || named("in") || NEGATED.is_match(before);
    Some(if negative { Verdict::Insufficient } else { Verdict::Sufficient })
}

/// The verdict that a sentence gives on one area alone.
#[must_use]
pub fn on_one(sentence: &str) -> Option<Verdict> {
    let verdict = of_sentence(sentence)?;
    let together = EVERY.is_match(sentence) || COUNT.is_match(sentence) || PLURAL.is_match(sentence);
    (ONE.is_match(sentence) || !together).then_some(verdict)
}

/// The last verdict on one area that a text gives.
#[must_use]
pub fn last_in(text: &str) -> Option<Verdict> {
    sentences::split(text).into_iter().rev().find_map(|range| on_one(&text[range]))
}

/// The verdict of a text that introduces a list of areas ("... effective action on the following areas:").
#[must_use]
pub fn leading_list(text: &str) -> Option<Verdict> {
    let last = sentences::split(text).pop()?;
    let sentence = &text[last];
    let leads = sentence.trim_end().ends_with(':') || sentence.to_lowercase().contains("following");
    leads.then(|| of_sentence(sentence)).flatten()
}

/// What the sentences of a text say of all areas together, and where.
#[must_use]
pub fn overall(text: &str) -> Option<(Overall, Range<usize>)> {
    let whole = sentences::split(text).into_iter().find_map(|range| {
        let sentence = &text[range.clone()];
        let verdict = of_sentence(sentence).filter(|_| !ONE.is_match(sentence))?;
        if let Some(counts) = COUNT.captures(sentence) {
            let (some, all) = (number(&counts["some"])?, number(&counts["all"])?);
            let others = all.checked_sub(some)?;
            let counted = if verdict == Verdict::Sufficient { (some, others) } else { (others, some) };
            return Some((Overall { counted: Some(counted), same_on_all: None }, range));
        }
        if NUMBERED.is_match(sentence) && !EVERY.is_match(sentence) {
            return None;
        }
        let together =
            EVERY.is_match(sentence) || PLURAL.is_match(sentence) && !sentence.to_lowercase().contains("some");
        (together && !leaves_open(verdict, sentence) && !sentence.trim_end().ends_with(':'))
            .then_some((Overall { counted: None, same_on_all: Some(verdict) }, range))
    });
    whole.or_else(|| added_up(text))
}

/// Numbers of areas with and without effective action that no sentence gives out of a total.
fn added_up(text: &str) -> Option<(Overall, Range<usize>)> {
    let (mut met, mut unmet, mut place) = (0, 0, None);
    for range in sentences::split(text) {
        let sentence = &text[range.clone()];
        let Some(verdict) = of_sentence(sentence).filter(|_| !ONE.is_match(sentence)) else { continue };
        if EVERY.is_match(sentence) || sentence.trim_end().ends_with(':') {
            continue;
        }
        if let Some(both) = BOTH_NUMBERS.captures(sentence).filter(|_| verdict == Verdict::Sufficient) {
            met += number(&both["met"])?;
            unmet += number(&both["unmet"])?;
        } else if let Some(said) = NUMBERED.captures(sentence) {
            let counted = if verdict == Verdict::Sufficient { &mut met } else { &mut unmet };
            *counted += number(&said["n"])?;
        } else {
            continue;
        }
        place.get_or_insert(range);
    }
    Some((Overall { counted: Some((met, unmet)), same_on_all: None }, place?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_total_are_added_up() {
        let counted = |text| overall(text).and_then(|(overall, _)| overall.counted);
        for text in [
            "The partnership has taken effective action to address one area for priority action. It has not taken effective action to address one area for priority action.",
            "The partnership has taken effective action to address one area for priority action, but has not taken effective action to address one area.",
            "Leaders have taken effective action on one area and have not taken effective action on one other.",
        ] {
            assert_eq!(counted(text), Some((1, 1)), "{text}");
        }
        assert_eq!(
            counted(
                "The partnership has taken effective action to address two of the three areas for priority action."
            ),
            Some((2, 1))
        );
        let all = overall("The partnership has taken effective action to address all four areas for priority action.");
        assert_eq!(all.and_then(|(all, _)| all.same_on_all), Some(Verdict::Sufficient));
    }

    #[test]
    fn verdicts_on_one_area() {
        for sentence in [
            "The local area partnership has taken effective action to address this area for priority action.",
            "The partnership is taking effective action.",
            "Leaders have taken effective action in this area.",
            "Effective action has been taken to address this priority action.",
            "As a result, the partnership has made sufficient progress in this area.",
            "The actions that leaders have taken are effective.",
            "Effective action taken",
            "Sufficient progress",
        ] {
            assert_eq!(on_one(sentence), Some(Verdict::Sufficient), "{sentence}");
        }
        for sentence in [
            "The local area partnership has not taken effective action to address this area for priority action.",
            "Leaders have not yet taken sufficiently effective action.",
            "Effective action has not been taken in this area.",
            "The partnership has yet to take effective action.",
            "Leaders have failed to take effective action in this area.",
            "The partnership has made insufficient progress in this area.",
            "The action taken by leaders has been ineffective.",
            "Not effective",
            "No effective action",
        ] {
            assert_eq!(on_one(sentence), Some(Verdict::Insufficient), "{sentence}");
        }
        for sentence in [
            "Inspectors considered whether leaders have taken effective action in this area.",
            "Leaders have taken action quickly.",
            "The partnership has taken effective action to address two of the four areas for priority action.",
            "The partnership has taken effective action to address all areas for priority action.",
        ] {
            assert_eq!(on_one(sentence), None, "{sentence}");
        }
    }

    #[test]
    fn verdicts_on_all_areas_together() {
        let read = |text: &str| overall(text).map(|(o, _)| (o.counted, o.same_on_all));
        let counted = |text| read(text).and_then(|(counted, _)| counted);
        assert_eq!(
            counted("It has taken effective action to address two of the four areas for priority action."),
            Some((2, 2))
        );
        assert_eq!(counted("It has not taken effective action on 1 of its 5 areas."), Some((4, 1)));
        assert_eq!(counted("Leaders have taken effective action on none of the three areas."), Some((0, 3)));
        let all = |text| read(text).and_then(|(_, all)| all);
        assert_eq!(all("It has taken effective action in all areas for priority action."), Some(Verdict::Sufficient));
        assert_eq!(
            all("Leaders have taken effective action to address the areas for priority action."),
            Some(Verdict::Sufficient)
        );
        assert_eq!(all("It has not taken effective action in any of the areas."), Some(Verdict::Insufficient));
        assert_eq!(read("It has not taken effective action in all areas for priority action."), None);
        assert_eq!(read("Inspectors came."), None);
    }
}
