//! Where a letter contradicts itself: the numbers that it announces are compared with what was read, and the outcome of
//! a report with what follows from it.
//!
//! A contradiction is mostly an error of reading. It changes nothing that was read; it is reported, so that a person
//! looks.

use super::amounts::{number, number_word};
use super::pattern::pattern;
use super::sentences;
use super::view::View;
use crate::domain::{Letter, LetterKind, Outcome, Suspicion, Term};

pattern! {
    /// A number of formal items, where the letter counts what it found itself.
    ANNOUNCED = concat!(
        r"(?i)\b(?:identif\w+|found|has|have|are|were|raised|following|these|the|with)\s+(?:the\s+)?(?:following\s+)?(?P<n>", number_word!(),
        r")\s+(?:\w+\s+)?(?P<what>areas?\s+for\s+priority\s+action|priority\s+actions|areas?\s+for\s+improvement|(?:areas?\s+of\s+)?significant\s+(?:areas?\s+of\s+)?weakness(?:es)?)\b"
    );
    /// Words of a sentence that counts what another inspection found, or only some of the items.
    OF_ANOTHER = r"(?i)\b(?:previous|last|initial|first|original|earlier)\s+(?:\w+\s+){0,3}inspection|\b(?:some|\w+)\s+(?:out\s+)?of\s+(?:the|these|its)\b|\b(?:on|in|against|address\w*)\s+(?:the\s+)?\w+\s+(?:of\s+)?(?:areas?|significant|weakness)";
}

/// The months in which inspectors come again: for monitoring, and for the next full inspection.
fn months_after(outcome: Outcome) -> Option<(Option<u32>, u32)> {
    match outcome {
        Outcome::TypicallyPositive => Some((None, 60)),
        Outcome::Inconsistent => Some((None, 36)),
        Outcome::WidespreadFailings => Some((Some(18), 36)),
        _ => None,
    }
}

/// Everything in which the letter contradicts itself.
pub(super) fn contradictions(letter: &Letter, view: &View<'_>) -> Vec<Suspicion> {
    let mut told = announced(letter, view);
    if letter.kind == LetterKind::AreaSendFull {
        told.extend(against_outcome(letter));
    }
    told
}

/// Numbers of formal items that the text announces and that were not read.
fn announced(letter: &Letter, view: &View<'_>) -> Vec<Suspicion> {
    let mut told: Vec<Suspicion> = Vec::new();
    if !matches!(letter.kind, LetterKind::AreaSendFull | LetterKind::OutcomeLetter) {
        return told;
    }
    for index in view.all() {
        let text = view.running(index..index + 1);
        for range in sentences::split(&text.text) {
            let sentence = &text.text[range.clone()];
            if OF_ANOTHER.is_match(sentence) {
                continue;
            }
            for found in ANNOUNCED.captures_iter(sentence) {
                let what = found["what"].to_lowercase();
                let counts = &letter.counts;
                let (field, read) = match letter.kind {
                    LetterKind::OutcomeLetter if what.contains("weakness") => {
                        ("significant_weakness", counts.significant_weakness)
                    }
                    LetterKind::AreaSendFull if what.contains("priority") => {
                        ("priority_action", counts.priority_action)
                    }
                    LetterKind::AreaSendFull if what.contains("improvement") => {
                        ("area_for_improvement", counts.area_for_improvement)
                    }
                    _ => continue,
                };
                let Some(announced) = number(&found["n"]).filter(|n| *n != read && *n > 1) else { continue };
                if told.iter().all(|t| t.field != field) {
                    told.push(Suspicion {
                        field: field.to_owned(),
                        problem: format!("the letter announces {announced}, but {read} could be read"),
                        quote: text.evidence(range.clone()).quote,
                    });
                }
            }
        }
    }
    told
}

/// What follows from the outcome of a report and is missing in this one.
fn against_outcome(letter: &Letter) -> Vec<Suspicion> {
    let told = |field: &str, problem: String| Suspicion { field: field.to_owned(), problem, quote: String::new() };
    let Some(outcome) = letter.outcome else {
        let problem = "the outcome is worded in none of the ways that are known; read it in the document".to_owned();
        return vec![told("outcome", problem)];
    };
    let words = outcome.as_str().replace('_', " ");
    let mut found = Vec::new();
    let actions = letter.counts.priority_action;
    if outcome != Outcome::WidespreadFailings && actions > 0 {
        let problem = format!("the outcome was read as {words}, yet {actions} areas for priority action were read");
        found.push(told("outcome", problem));
    }
    let Some((monitoring, full)) = months_after(outcome) else { return found };
    let mut compare = |field: &str, what: &str, read: Option<u32>, usual: Option<u32>| {
        let problem = match (read, usual) {
            (Some(read), Some(usual)) if read != usual => {
                format!("{what} was read as due in {read} months; after this outcome ({words}) it is due in {usual}")
            }
            (Some(read), None) => {
                format!("{what} was read as due in {read} months; this outcome ({words}) brings none")
            }
            (None, Some(_)) => format!("{what} could not be read, though this outcome ({words}) brings one"),
            _ => return,
        };
        found.push(told(field, problem));
    };
    compare("monitoring_inspection_months", "a monitoring inspection", letter.monitoring_inspection_months, monitoring);
    compare("next_full_inspection_months", "the next full inspection", letter.next_full_inspection_months, Some(full));
    found
}
