//! The top of a letter: its date, the sentence that says when and where inspectors were, and the area.
//!
//! The opening sentence distinguishes these letters from all others. Its structure has stayed the same over the years,
//! while its words changed places. Dates are taken from beside its verb, so that neither the letter's own date nor that
//! of an earlier letter can be mistaken for the inspection's.

use std::ops::Range;

use jiff::civil::Date;
use regex::Regex;

use crate::domain::{DateSpan, Evidence, Fact, LetterKind, Suspicion};
use crate::parse::dates::{Horizon, SpanFound, dates, spans};
use crate::parse::partnership::front::record;
use crate::parse::pattern::pattern;
use crate::parse::quote::normalise;
use crate::parse::view::{Running, View};
use crate::parse::{ParseError, resolve_area};
use crate::reference::Reference;

pattern! {
    /// "conducted a joint inspection of X to judge the effectiveness".
    INSPECTED = r"(?is)\b(?:(?:conducted|carried\s+out|undertook|completed|held)\s+an?\s+(?:joint\s+)?(?:(?:local\s+)?area\s+)?(?:SEND\s+)?inspection\s+(?:of|in)|jointly\s+inspected)\s+(?P<area>.{2,160}?)[,\s]+(?:in\s+order\s+)?to\s+(?:judge|evaluate|assess|determine|consider)\s+(?:the\s+effectiveness|how\s+effective)";
    /// "revisited the area of X to decide whether".
    REVISITED = r"(?is)\b(?:re-?visited|(?:conducted|carried\s+out|undertook|completed|made)\s+an?\s+(?:joint\s+)?(?:(?:local\s+)?area\s+)?(?:SEND\s+)?re-?visit\s+(?:to|of|in))\s+(?P<area>.{2,160}?)[,\s]+(?:in\s+order\s+)?to\s+(?:decide|determine|judge|assess|consider|evaluate|establish)\s+(?:whether|if|how|the\s+progress)";
    /// "the outcome of the joint inspection of the local area of X, which Ofsted and CQC carried out ... to judge".
    INSPECTED_INDIRECTLY = r"(?is)\bjoint\s+(?:local\s+area\s+)?(?:SEND\s+)?inspection\s+of\s+(?P<area>the\s+(?:local\s+)?area\s+of\s+.{2,100}?)(?:,|\s+(?:which|that|conducted|carried|undertaken|by|between|from|on)\b).{0,400}?\b(?:judge|judged|evaluate|assess|determine|consider)\s+(?:the\s+effectiveness|how\s+effective)";
    /// "the outcome of the revisit to the local area of X, which took place ... to decide whether".
    REVISITED_INDIRECTLY = r"(?is)\bre-?visit\s+(?:to|of|in)\s+(?P<area>the\s+(?:local\s+)?area\s+of\s+.{2,100}?)(?:,|\s+(?:which|that|conducted|carried|undertaken|by|between|from|on)\b).{0,400}?\b(?:decide|determine|judge|assess|consider|evaluate|establish)\s+(?:whether|if|how|the\s+progress)";
    TITLE = r"(?i)\bjoint\s+(?:local\s+)?area\s+(?:SEND\s+)?(?:inspection|re-?visit)(?:\s+of\s+(?:special\s+educational\s+needs|SEND)(?:\s+and(?:/or)?\s+disabilit(?:y|ies))?)?\s+(?:in|of|to)\s+(?P<area>.+)$";
    DEAR = r"(?im)^\s*dear\b";
    /// What can follow the area's name before the purpose of the visit.
    WHEN = r"(?i)[,\s]+(?:between|from|on|during)\s+(?:the\s+)?(?:\w+day\s+)?\d.*$";
    BEFORE_NAME = r"(?i)^(?:the\s+)?(?:local\s+)?area(?:\s+of)?\s+|^the\s+(?:arrangements\s+in\s+)?";
    AFTER_NAME = r"(?i)(?:['’]s?)?\s+(?:local\s+)?area$|['’]s$";
}

/// The two openings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Of an inspection.
    Inspected,
    /// Of a revisit.
    Revisited,
}

impl Opening {
    /// The wordings, the usual one first.
    fn patterns(self) -> [&'static Regex; 2] {
        match self {
            Self::Inspected => [&INSPECTED, &INSPECTED_INDIRECTLY],
            Self::Revisited => [&REVISITED, &REVISITED_INDIRECTLY],
        }
    }
}

/// The top of a letter, read.
#[derive(Debug)]
pub struct Front {
    /// Code of the area on the first day.
    pub la_code: String,
    /// Its name as printed.
    pub area_as_printed: String,
    /// Days of the inspection or revisit.
    pub inspection: DateSpan,
    /// Date of the letter.
    pub letter_date: Option<Date>,
    /// The block that holds the opening sentence.
    pub opening_block: usize,
}

/// The words of the opening, where the document has it on its first pages.
#[must_use]
pub fn recognise(view: &View<'_>, opening: Opening) -> Option<Evidence> {
    opening.patterns().into_iter().find_map(|pattern| view.find(pattern, view.first_pages(2)))
}

/// Reads the top of a letter.
///
/// # Errors
/// If there is no area that the tables know, or no first day.
pub fn read(
    kind: LetterKind,
    view: &View<'_>,
    opening: Opening,
    reference: &Reference,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> Result<Front, ParseError> {
    let top = view.running(view.first_pages(2));
    let said = opening.patterns().into_iter().find_map(|pattern| pattern.captures(&top.text));
    let Some(found) = said else { return Err(ParseError::NoArea { kind }) };
    let whole = found.get(0).map_or(0..0, |m| m.range());
    let horizon = Horizon::of(view);
    let inspection = inspection(kind, &top, &whole, horizon, facts, suspicious)?;
    let letter_date = letter_date(&top, whole.start, inspection, horizon, facts, suspicious);

    let mut names: Vec<(String, Evidence)> = Vec::new();
    if let Some(area) = found.name("area") {
        names.push((bare(area.as_str()), top.evidence(whole.clone())));
    }
    for index in view.first_pages(2) {
        if let Some(title) = TITLE.captures(&view.blocks()[index].text)
            && let (Some(area), Some(all)) = (title.name("area"), title.get(0))
        {
            names.push((bare(area.as_str()), view.running(index..index + 1).evidence(all.range())));
        }
    }
    let mut refused = ParseError::NoArea { kind };
    for (position, (printed, evidence)) in names.into_iter().enumerate() {
        match resolve_area(kind, &printed, inspection.start, reference) {
            Ok(la_code) => {
                record(facts, &["area"], &evidence);
                let opening_block = top.block_at(whole.start);
                return Ok(Front { la_code, area_as_printed: printed, inspection, letter_date, opening_block });
            }
            Err(error) if position == 0 => refused = error,
            Err(_) => {}
        }
    }
    Err(refused)
}

/// The name without what stands around it in the sentence.
fn bare(area: &str) -> String {
    let area = normalise(area);
    let area = WHEN.replace(&area, "");
    let area = BEFORE_NAME.replace(area.trim(), "");
    let area = AFTER_NAME.replace(area.trim(), "");
    area.trim_matches(|c: char| c.is_whitespace() || c == ',' || c == '.').to_owned()
}

/// The span nearest before the verb of the opening, else the first after it.
fn inspection(
    kind: LetterKind,
    top: &Running,
    opening: &Range<usize>,
    horizon: Horizon,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> Result<DateSpan, ParseError> {
    const REACH: usize = 260;
    let found = spans(&top.text);
    let before = found.iter().rev().find(|s| s.range.end <= opening.start && opening.start - s.range.end < REACH);
    let after = found.iter().find(|s| s.range.start >= opening.start && s.range.start < opening.end + REACH);
    let one_day = || {
        let days = dates(&top.text);
        let day = days.iter().rev().find(|d| d.range.end <= opening.start && opening.start - d.range.end < 90)?;
        let said = top.text[..day.range.start].trim_end().to_lowercase();
        said.ends_with("on").then(|| SpanFound { start: day.date, end: day.date, range: day.range.clone() })
    };
    let Some(span) = before.or(after).cloned().or_else(one_day) else { return Err(ParseError::NoDates { kind }) };
    match horizon.judge("inspection", &span, &top.text, suspicious) {
        Some(days) => {
            let evidence = top.evidence(span.range);
            record(facts, &["inspection_start"], &evidence);
            if days.end.is_some() {
                record(facts, &["inspection_end"], &evidence);
            }
            Ok(days)
        }
        None => Err(ParseError::ImplausibleDates {
            kind,
            problem: suspicious.last().map_or_else(String::new, |s| s.problem.clone()),
            quote: normalise(&top.text[span.range]),
        }),
    }
}

/// The date of a document that is written as a letter, "Dear ...", whatever its kind.
pub fn date_of_letter(
    view: &View<'_>,
    inspection: DateSpan,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> Option<Date> {
    let top = view.running(view.first_pages(2));
    let dear = DEAR.find(&top.text)?.start();
    letter_date(&top, dear, inspection, Horizon::of(view), facts, suspicious)
}

/// The first date above "Dear ..."; it cannot lie before the inspection.
fn letter_date(
    top: &Running,
    opening: usize,
    inspection: DateSpan,
    horizon: Horizon,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> Option<Date> {
    let end = DEAR.find(&top.text).map_or(opening, |m| m.start()).min(opening);
    let found = dates(&top.text[..end]).into_iter().next()?;
    let evidence = top.evidence(found.range.clone());
    let problem = horizon.problem(found.date).or_else(|| {
        (found.date < inspection.start)
            .then(|| format!("the letter's date {} is before the inspection of {}", found.date, inspection.start))
    });
    if let Some(problem) = problem {
        suspicious.push(Suspicion { field: "letter_date".to_owned(), problem, quote: evidence.quote });
        return None;
    }
    record(facts, &["letter_date"], &evidence);
    Some(found.date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_freed_from_the_sentence() {
        for (printed, expected) in [
            ("the local area of Orme", "Orme"),
            ("the area of the London Borough of Orme", "the London Borough of Orme"),
            ("Orme", "Orme"),
            ("Orme’s local area", "Orme"),
            ("the Orme local area", "Orme"),
            ("the local area\nof Orme and Venn,", "Orme and Venn"),
            ("the local area of Orme between 5 and 9 December 2016", "Orme"),
            ("Orme from 12 to 16 June 2017", "Orme"),
        ] {
            assert_eq!(bare(printed), expected, "{printed}");
        }
    }

    #[test]
    fn openings_of_all_years_are_known_and_those_of_other_programmes_are_not() {
        for text in [
            "Ofsted and the Care Quality Commission (CQC) conducted a joint inspection of the local area of Orme to judge the effectiveness of the area",
            "Ofsted and the Care Quality Commission, conducted a joint inspection of Orme, to judge the\neffectiveness of the area",
            "Ofsted and CQC carried out a joint area SEND inspection of the area of Orme in order to evaluate how effectively",
            "Ofsted and the CQC jointly inspected the local area of Orme to judge the effectiveness",
        ] {
            assert!(INSPECTED.is_match(text), "{text}");
        }
        for text in [
            "revisited the area of Orme to decide whether sufficient progress has been made",
            "(CQC) re-visited Orme to determine if the local area has",
            "carried out a revisit to the local area of Orme to decide whether",
        ] {
            assert!(REVISITED.is_match(text), "{text}");
        }
        let targeted =
            "undertook a joint inspection of the multi-agency response to abuse and neglect in Orme. This inspection";
        assert!(!INSPECTED.is_match(targeted));
    }
}
