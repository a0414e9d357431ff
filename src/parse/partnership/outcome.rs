//! The outcome box: the conclusion, when inspectors come again, and whether a priority action plan is required.

use super::front::record;
use crate::domain::{Fact, Outcome};
use crate::parse::amounts::{number, number_word};
use crate::parse::pattern::pattern;
use crate::parse::view::Running;

/// What the outcome box says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OutcomeBox {
    /// The conclusion.
    pub outcome: Option<Outcome>,
    /// Months to the next full inspection.
    pub next_full_months: Option<u32>,
    /// Months to the monitoring inspection.
    pub monitoring_months: Option<u32>,
    /// Whether a priority action plan is required, in so many words.
    pub plan_required: bool,
    /// Whether such a plan is mentioned at all, and not denied.
    pub plan_mentioned: bool,
    /// Who must submit it, as printed.
    pub plan_by: Option<String>,
}

pattern! {
    WIDESPREAD = r"(?i)\bwidespread\b[\w\s,/]{0,30}\bfailings|\bsystemic\s+failings|\bfailings\b[^.]{0,60}\bsignificant\s+concerns";
    INCONSISTENT = r"(?i)\binconsistent\b[^.]{0,60}\b(?:experiences|outcomes)\b|\b(?:experiences|outcomes)\b[^.]{0,80}\b(?:are|is)\s+inconsistent";
    POSITIVE = r"(?i)\btypically\b[^.]{0,80}\bpositive\b[^.]{0,60}\b(?:experiences|outcomes)\b|\bpositive\b[^.]{0,60}\b(?:experiences|outcomes)\b[^.]{0,80}\btypically";
    DURATION = concat!(
        r"(?i)\b(?P<n>an?|(?:twenty|thirty|forty|fifty|sixty)(?:[\s-]+", number_word!(), r")?|", number_word!(),
        r")(?:\s+(?:to|or|-|–)\s+\w+)?[\s-]*(?P<unit>months?|years?)\b"
    );
    SUBJECT = r"(?i)(?P<monitoring>\bmonitoring\s+(?:inspection|visit))|(?P<full>\bfull\b|\bre-?inspect(?:ion|ed)\b|\bnext\b[^.]{0,30}\binspection)";
    PLAN = r"(?i)\brequires?\s+(?:that\s+)?(?P<who>[^.]{3,160}?)\s+(?:to\s+)?(?:prepares?|produces?|submits?|develops?)\b[^.]{0,60}\bpriority\s+action\s+plan\b|\b(?P<who2>[^.]{3,160}?)\s+(?:must|(?:is|are)\s+required\s+to)\s+(?:prepare|produce|submit|develop)\b[^.]{0,60}\bpriority\s+action\s+plan\b";
    NO_PLAN = r"(?i)\b(?:not|no)\b[^.]{0,60}\bpriority\s+action\s+plan\b";
    PLAN_MENTIONED = r"(?i)\bpriority\s+action\s+plan\b";
}

/// Reads the outcome box.
#[must_use]
pub fn read(text: &Running, facts: &mut Vec<Fact>) -> OutcomeBox {
    let mut read = OutcomeBox::default();
    let conclusions = [
        (&*WIDESPREAD, Outcome::WidespreadFailings),
        (&*INCONSISTENT, Outcome::Inconsistent),
        (&*POSITIVE, Outcome::TypicallyPositive),
    ];
    for (pattern, outcome) in conclusions {
        if let Some(found) = pattern.find(&text.text) {
            read.outcome = Some(outcome);
            record(facts, &["outcome"], &text.evidence(found.range()));
            break;
        }
    }
    months(text, &mut read, facts);
    if !NO_PLAN.is_match(&text.text) {
        read.plan_mentioned = PLAN_MENTIONED.is_match(&text.text);
        if let Some(found) = PLAN.captures(&text.text) {
            read.plan_required = true;
            read.plan_by = found.name("who").or_else(|| found.name("who2")).map(|m| text.evidence(m.range()).quote);
            if let Some(whole) = found.get(0) {
                record(facts, &["priority_action_plan_required"], &text.evidence(whole.range()));
            }
        }
    }
    read
}

/// Each length of time belongs to the inspection that was named last before it.
fn months(text: &Running, read: &mut OutcomeBox, facts: &mut Vec<Fact>) {
    let mut since = 0;
    for found in DURATION.captures_iter(&text.text) {
        let (Some(whole), Some(months)) = (found.get(0), in_months(&found["n"], &found["unit"])) else { continue };
        let before = &text.text[since..whole.start()];
        let Some(subject) = SUBJECT.captures_iter(before).last() else { continue };
        let start = since + subject.get(0).map_or(0, |m| m.start());
        let (field, slot) = if subject.name("monitoring").is_some() {
            ("monitoring_inspection_months", &mut read.monitoring_months)
        } else {
            ("next_full_inspection_months", &mut read.next_full_months)
        };
        if slot.is_none() {
            *slot = Some(months);
            record(facts, &[field], &text.evidence(start..whole.end()));
        }
        since = whole.end();
    }
}

fn in_months(amount: &str, unit: &str) -> Option<u32> {
    let count = if matches!(amount.to_lowercase().as_str(), "a" | "an") { 1 } else { number(amount)? };
    let months = if unit.to_lowercase().starts_with("year") { count * 12 } else { count };
    (1..=120).contains(&months).then_some(months)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Outcome::{Inconsistent, TypicallyPositive, WidespreadFailings};

    #[track_caller]
    fn reads(text: &str, outcome: Outcome, full: Option<u32>, monitoring: Option<u32>, plan: bool) {
        let mut facts = Vec::new();
        let read = read(&Running::of(text), &mut facts);
        assert_eq!(
            (read.outcome, read.next_full_months, read.monitoring_months, read.plan_required),
            (Some(outcome), full, monitoring, plan),
            "{text}: {facts:?}"
        );
        assert!(facts.iter().all(|f| text.replace('\n', " ").contains(&f.evidence.quote)));
    }

    #[test]
    fn the_three_outcomes_in_drifting_words() {
        for text in [
            "The local area partnership’s arrangements typically lead to positive experiences and outcomes for children. The next full area SEND inspection will be within approximately 5 years.",
            "Arrangements lead typically to positive\nexperiences and outcomes. The next full reinspection will take place within five years.",
            "Arrangements typically result in positive outcomes and experiences. The next Area SEND inspection will be in 60 months.",
        ] {
            reads(text, TypicallyPositive, Some(60), None, false);
        }
        for text in [
            "Arrangements lead to inconsistent experiences and outcomes for children with special educational needs and/disabilities (SEND). The next full inspection will be within approximately three years.",
            "The experiences and outcomes of children are inconsistent. The next full area SEND inspection will take place in about 3 years.",
            "Arrangements lead to inconsistent outcomes and experiences. A priority action plan is not needed and no priority action plan is required. The next full inspection will be within 36 months.",
        ] {
            reads(text, Inconsistent, Some(36), None, false);
        }
    }

    #[test]
    fn the_lowest_outcome_has_two_inspections_and_a_plan() {
        for text in [
            "There are widespread and/or systemic failings leading to significant concerns. A monitoring inspection will be carried out within approximately 18 months. The next full reinspection will be within approximately three years. HMCI requires the local area partnership to prepare and submit a priority action plan (area SEND).",
            "There are widespread and systemic failings, leading to significant concerns. The next full area SEND inspection will take place within approximately 3 years. A monitoring inspection will take place within eighteen months. As a result, His Majesty’s Chief Inspector of Education, Children’s Services and Skills requires the partnership to submit a priority action plan.",
            "There are systemic failings. A monitoring inspection will be carried out within 18 months and a full reinspection within 36 months. The local area partnership must prepare and submit a priority action plan.",
        ] {
            reads(text, WidespreadFailings, Some(36), Some(18), true);
        }
    }

    #[test]
    fn who_must_submit_the_plan_is_kept_as_printed() {
        let text = "HMCI requires the local area partnership to prepare and submit a priority action plan.";
        assert_eq!(read(&Running::of(text), &mut Vec::new()).plan_by.as_deref(), Some("the local area partnership"));
    }
}
