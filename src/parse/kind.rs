//! Which kind of letter a document is, by the weight of all that speaks for each.
//!
//! No single heading decides: reports of 2023 on and letters of 2016 to 2022 share most of their words ("Areas for
//! improvement", "SEND inspection in"). Titles, opening sentences, dates and headings are each a sign with a weight; a
//! format must also recognise its own letters. Where two kinds are recognised and neither outweighs the other, the
//! document is refused, with what speaks for both.

use regex::Regex;
use serde::Serialize;

use super::dates::dates;
use super::pattern::pattern;
use super::view::View;
use crate::domain::{Evidence, Framework, LetterKind};

/// How much a kind must outweigh another one that is recognised, too.
const MIN_LEAD: u32 = 2;

pattern! {
    JOINT_TITLE = r"(?i)\bjoint\s+(?:local\s+)?area\s+(?:SEND\s+)?(?:inspection|re-?visit)\b";
    REVISIT_TITLE = r"(?i)\bjoint\s+(?:local\s+)?area\s+(?:SEND\s+)?re-?visit\b";
    PARTNERSHIP = r"(?i)\blocal\s+area\s+partnership\b";
    MONITORING_TITLE = r"(?i)\bmonitoring\s+(?:inspection|visit)\s+(?:report\s+)?(?:of|in|for)\b";
    SALUTATION = r"(?im)^\s*dear\b|^\s*yours\s+(?:sincerely|faithfully)\b";
    THREE_QUESTIONS = r"(?i)\bthe\s+effectiveness\s+of\s+the\s+(?:local\s+)?area\s+in\s+(?:identif|assess|meet|improv)";
    MAIN_FINDINGS = r"(?im)^\s*(?:main|key)\s+findings\s*:?\s*$";
    REVISITED = r"(?i)\bre-?visited\b";
    WHAT_IS_IT_LIKE = r"(?i)\bwhat\s+is\s+it\s+like\s+to\s+be\s+a\s+child\b";
    PARTNERSHIP_DOES = r"(?i)\bwhat\s+(?:is|does)\s+the\s+(?:local\s+)?area\s+partnership\b";
    OUTCOME_BOX = r"(?im)^\s*inspection\s+outcome\s*:?\s*$";
    PRIORITY_ACTION = r"(?i)\bareas?\s+for\s+priority\s+action\b";
    EFFECTIVE_ACTION = r"(?i)\beffective\s+action\b";
}

/// One sign of a kind that a document shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sign {
    /// What it is ("salutation").
    pub what: &'static str,
    /// How much it counts.
    pub weight: u32,
    /// The words.
    pub evidence: Evidence,
}

/// What speaks for one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// The kind.
    pub kind: LetterKind,
    /// The words by which its format recognises it; `None` where it does not.
    pub recognised: Option<Evidence>,
    /// All signs that were found.
    pub signs: Vec<Sign>,
}

impl Weighed {
    /// The weight of all signs together.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.signs.iter().map(|sign| sign.weight).sum()
    }

    /// The signs in words, the heaviest first.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut signs: Vec<&Sign> = self.signs.iter().collect();
        signs.sort_by_key(|sign| std::cmp::Reverse(sign.weight));
        let said = signs.iter().map(|sign| format!("{} \"{}\"", sign.what, sign.evidence.quote));
        said.collect::<Vec<_>>().join(", ")
    }
}

/// The signs of a kind that are found by their words: what, weight, wording, and on how many of the first pages.
fn signs_of(kind: LetterKind) -> Vec<(&'static str, u32, &'static Regex, u32)> {
    const ALL: u32 = u32::MAX;
    match kind {
        LetterKind::OutcomeLetter => vec![
            ("title", 3, &*JOINT_TITLE, 2),
            ("section heading", 3, &*THREE_QUESTIONS, ALL),
            ("salutation or close", 2, &*SALUTATION, ALL),
            ("heading", 1, &*MAIN_FINDINGS, ALL),
        ],
        LetterKind::RevisitLetter => vec![
            ("title", 4, &*REVISIT_TITLE, 2),
            ("opening", 4, &*REVISITED, 2),
            ("salutation or close", 2, &*SALUTATION, ALL),
            ("heading", 1, &*MAIN_FINDINGS, ALL),
        ],
        LetterKind::AreaSendFull => vec![
            ("partnership named at the top", 2, &*PARTNERSHIP, 1),
            ("heading", 3, &*WHAT_IS_IT_LIKE, ALL),
            ("heading", 3, &*PARTNERSHIP_DOES, ALL),
            ("heading", 2, &*OUTCOME_BOX, ALL),
        ],
        LetterKind::AreaSendMonitoring => vec![
            ("title", 6, &*MONITORING_TITLE, 1),
            ("partnership named at the top", 2, &*PARTNERSHIP, 1),
            ("heading", 2, &*OUTCOME_BOX, ALL),
            ("areas for priority action", 1, &*PRIORITY_ACTION, ALL),
            ("verdict", 2, &*EFFECTIVE_ACTION, ALL),
        ],
        LetterKind::Other => Vec::new(),
    }
}

/// Everything that speaks for a kind.
#[must_use]
pub fn weigh(kind: LetterKind, recognised: Option<Evidence>, view: &View<'_>) -> Weighed {
    let found = signs_of(kind).into_iter().filter_map(|(what, weight, pattern, pages)| {
        Some(Sign { what, weight, evidence: view.find(pattern, view.first_pages(pages))? })
    });
    let mut signs: Vec<Sign> = found.collect();
    if let (Some((year, evidence)), Some(framework)) = (first_year(view), kind.framework()) {
        let of_2016 = year < 2023;
        if of_2016 == (framework == Framework::F2016) {
            signs.push(Sign { what: "date", weight: 2, evidence });
        }
    }
    Weighed { kind, recognised, signs }
}

/// The year of the first date on the first two pages.
fn first_year(view: &View<'_>) -> Option<(i16, Evidence)> {
    let top = view.running(view.first_pages(2));
    let first = dates(&top.text).into_iter().next()?;
    Some((first.date.year(), top.evidence(first.range)))
}

/// The kind that outweighs all others; where two are recognised and neither does, both.
#[must_use]
pub fn decide(weighed: &[Weighed]) -> Option<(&Weighed, Option<&Weighed>)> {
    let mut recognised: Vec<&Weighed> = weighed.iter().filter(|w| w.recognised.is_some()).collect();
    recognised.sort_by_key(|w| std::cmp::Reverse(w.weight()));
    let (first, rest) = recognised.split_first()?;
    let rival = rest.first().filter(|second| second.weight() + MIN_LEAD > first.weight());
    Some((first, rival.copied()))
}
