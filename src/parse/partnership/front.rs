//! The front page: which area, which days, and what it says of the previous inspection.

use std::ops::Range;

use jiff::civil::Date;

use super::parts::{Part, Parts};
use crate::domain::{DateSpan, Evidence, Fact, LetterKind, PreviousInspection, PreviousStatus, Suspicion};
use crate::parse::dates::{self, Horizon, SpanFound};
use crate::parse::pattern::pattern;
use crate::parse::view::{Running, View};
use crate::parse::{ParseError, quote};
use crate::reference::Reference;

/// What was read from the front page.
#[derive(Debug)]
pub struct Front {
    /// Code of the area.
    pub la_code: String,
    /// Its name as printed in the title.
    pub area_as_printed: String,
    /// Days of the inspection.
    pub inspection: DateSpan,
    /// The previous inspection.
    pub previous: PreviousInspection,
}

pattern! {
    TITLE = r"(?i)\barea\s+SEND\s+(?:full\s+|monitoring\s+|re-?)*inspection(?:\s+report)?\s*(?:of|in|for|:|–|-)\s*(?:the\s+)?(?P<area>[\s\S]{2,90}?)\s+(?:local\s+)?area(?:\s+partnership|\s*\n|\s*$)";
    TITLE_OF_PARTNERSHIP = r"(?i)\barea\s+SEND\s+(?:full\s+|monitoring\s+|re-?)*inspection(?:\s+report)?\s*(?:of|in|for|:|–|-)\s*(?:the\s+)?(?:local\s+)?area\s+partnership\s+(?:of|in|for)\s+(?:the\s+)?(?P<area>[^\n]{2,90})";
    TITLE_BARE = r"(?i)\barea\s+SEND\s+(?:full\s+|monitoring\s+|re-?)*inspection(?:\s+report)?\s*(?:of|in|for|:|–|-)\s*(?:the\s+)?(?P<area>[^\n]{2,90})";
    WITH_SEND_IN = r"\bwith\s+SEND\s+(?:living\s+)?in\s+(?:the\s+)?(?P<area>[A-Z][^.,;:()]{2,60}?)\s*[.,;]";
    PARTNERSHIP_OF = r"\b(?:The|the)\s+(?P<area>[A-Z][^.,;:()]{2,60}?)\s+(?:local\s+area|Local\s+Area)";
    LABEL = r"(?i)(?P<previous>dates?\s+of\s+(?:the\s+)?(?:previous|last)\s+(?:full\s+|area\s+|joint\s+|local\s+|SEND\s+)*(?:re-?)?inspections?|(?:previous|last)\s+(?:full\s+|area\s+|joint\s+|local\s+|SEND\s+)*inspections?(?:\s+dates?)?)|(?P<this>(?:monitoring\s+)?(?:inspection\s+dates?|dates?\s+of\s+(?:this\s+|the\s+)?(?:monitoring\s+)?inspection))";
    REVISIT = r"(?i)\bre-?visit";
    NONE_STATED = r"(?i)\b(?:not\s+(?:been\s+)?(?:previously|yet)?\s*(?:been\s+)?inspected|not\s+applicable|n/a|none|no\s+previous\s+inspections?|first\s+inspection|never\s+inspected)\b";
    HYPHEN_WRAP = r"([\p{L}])-\s+([\p{L}])";
}

/// Reads the front page.
///
/// # Errors
/// If it has no area or no dates, or none that can be right.
pub fn read(
    kind: LetterKind,
    view: &View<'_>,
    parts: &Parts,
    reference: &Reference,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> Result<Front, ParseError> {
    let front = view.running(front_range(view, parts));
    let horizon = Horizon::of(view);
    let labels = labels(&front.text);
    let inspection = inspection(kind, view, &front, &labels, horizon, facts, suspicious)?;
    let previous = previous(&front, &labels, inspection, horizon, facts, suspicious);
    let (la_code, area_as_printed) = area(kind, view, parts, &front, inspection.start, reference, facts)?;
    Ok(Front { la_code, area_as_printed, inspection, previous })
}

/// The blocks before the outcome; where that heading was not found, the first page.
fn front_range(view: &View<'_>, parts: &Parts) -> Range<usize> {
    let first_page = view.first_pages(1);
    match [Part::Outcome, Part::Information, Part::Experience].into_iter().find_map(|p| parts.heading(p)) {
        Some(heading) if heading.start > 0 => 0..heading.start,
        _ => first_page,
    }
}

/// A label of the front page and the text up to the next one.
struct Label {
    previous: bool,
    range: Range<usize>,
    value: Range<usize>,
}

fn labels(text: &str) -> Vec<Label> {
    let found: Vec<_> =
        LABEL.captures_iter(text).filter_map(|c| Some((c.name("previous").is_some(), c.get(0)?.range()))).collect();
    let ends: Vec<usize> = found.iter().skip(1).map(|(_, range)| range.start).chain([text.len()]).collect();
    let label = |((previous, range), end): ((bool, Range<usize>), usize)| {
        let value = range.end..end;
        Label { previous, range, value }
    };
    found.into_iter().zip(ends).map(label).collect()
}

/// The first span in the range, or a single day.
fn span_in(text: &str, range: Range<usize>) -> Option<SpanFound> {
    spans_in(text, range).into_iter().next()
}

/// All spans in the range; a single day counts where there is no span.
fn spans_in(text: &str, range: Range<usize>) -> Vec<SpanFound> {
    let shifted = |r: Range<usize>| r.start + range.start..r.end + range.start;
    let within = &text[range.clone()];
    let spans = dates::spans(within);
    if !spans.is_empty() {
        return spans.into_iter().map(|s| SpanFound { range: shifted(s.range.clone()), ..s }).collect();
    }
    let day = |d: dates::DateFound| SpanFound { start: d.date, end: d.date, range: shifted(d.range) };
    dates::dates(within).into_iter().map(day).collect()
}

/// All spans in the range, and all single days outside them.
fn all_in(text: &str, range: Range<usize>) -> Vec<SpanFound> {
    let within = &text[range.clone()];
    let mut found = dates::spans(within);
    for day in dates::dates(within) {
        if found.iter().all(|s| day.range.end <= s.range.start || s.range.end <= day.range.start) {
            found.push(SpanFound { start: day.date, end: day.date, range: day.range });
        }
    }
    for span in &mut found {
        span.range = span.range.start + range.start..span.range.end + range.start;
    }
    found
}

/// Whether the words around a date say that it is that of a revisit.
fn is_of_revisit(text: &str, date: Range<usize>) -> bool {
    let sentence = text[..date.start].rfind(['.', ';', '\n']).map_or(0, |at| at + 1);
    let after: String = text[date.end..].chars().take(20).collect();
    REVISIT.is_match(&text[sentence..date.start]) || REVISIT.is_match(&after)
}

fn inspection(
    kind: LetterKind,
    view: &View<'_>,
    front: &Running,
    labels: &[Label],
    horizon: Horizon,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> Result<DateSpan, ParseError> {
    let labelled = labels.iter().find(|l| !l.previous).and_then(|l| span_in(&front.text, l.value.clone()));
    // Without its label the inspection's span is the one that no label of the previous inspection claims.
    let unlabelled = || {
        let end = labels.iter().find(|l| l.previous).map_or(front.text.len(), |l| l.range.start);
        spans_in(&front.text, 0..end).into_iter().next()
    };
    let found = labelled.or_else(unlabelled);
    let mut refused = None;
    if let Some(found) = found {
        let before = suspicious.len();
        if let Some(span) = horizon.judge("inspection", &found, &front.text, suspicious) {
            record(facts, &["inspection_start", "inspection_end"], &front.evidence(found.range));
            return Ok(span);
        }
        refused = suspicious.get(before).cloned();
    }
    // The text below may still say when inspectors came.
    let all = view.running(view.all());
    for label in self::labels(&all.text).iter().filter(|l| !l.previous) {
        let end = label.value.end.min(label.value.start + 120);
        let end = (end..=label.value.end).find(|&e| all.text.is_char_boundary(e)).unwrap_or(label.value.end);
        if let Some(found) = span_in(&all.text, label.value.start..end)
            && let Some(span) = horizon.judge("inspection", &found, &all.text, &mut Vec::new())
        {
            record(facts, &["inspection_start", "inspection_end"], &all.evidence(found.range));
            return Ok(span);
        }
    }
    Err(match refused {
        Some(s) => ParseError::ImplausibleDates { kind, problem: s.problem, quote: s.quote },
        None => ParseError::NoDates { kind },
    })
}

fn previous(
    front: &Running,
    labels: &[Label],
    inspection: DateSpan,
    horizon: Horizon,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> PreviousInspection {
    let bare = |status| PreviousInspection { status, start: None, end: None };
    // "Date of previous inspection: The previous full inspection was on ...": the words of the label recur in its value.
    let mut said = labels.iter().skip_while(|l| !l.previous).take_while(|l| l.previous);
    let Some(label) = said.next() else {
        return bare(PreviousStatus::Absent);
    };
    let value = label.value.start..said.last().unwrap_or(label).value.end;
    let evidence = front.evidence(label.range.start..value.end);
    // Of several, the latest that is not a revisit.
    let mut spans = all_in(&front.text, value.clone());
    spans.retain(|span| {
        !is_of_revisit(&front.text[value.clone()], span.range.start - value.start..span.range.end - value.start)
    });
    let Some(found) = spans.into_iter().max_by_key(|s| s.start) else {
        let stated = NONE_STATED.is_match(&front.text[value]);
        record(facts, &["previous_inspection"], &evidence);
        return bare(if stated { PreviousStatus::NoneStated } else { PreviousStatus::Unreadable });
    };
    record(facts, &["previous_inspection"], &front.evidence(label.range.start..found.range.end));
    previous_in(front, found, inspection, horizon, suspicious)
}

/// The previous inspection from the span that a text gives for it; it must lie before this one.
pub fn previous_in(
    text: &Running,
    found: SpanFound,
    inspection: DateSpan,
    horizon: Horizon,
    suspicious: &mut Vec<Suspicion>,
) -> PreviousInspection {
    let unreadable = PreviousInspection { status: PreviousStatus::Unreadable, start: None, end: None };
    let Some(span) = horizon.judge("previous_inspection", &found, &text.text, suspicious) else { return unreadable };
    if span.end.unwrap_or(span.start) >= inspection.start {
        suspicious.push(Suspicion {
            field: "previous_inspection_start".to_owned(),
            problem: format!("the previous inspection is not before this one of {}", inspection.start),
            quote: quote::normalise(&text.text[found.range]),
        });
        return unreadable;
    }
    PreviousInspection { status: PreviousStatus::Found, start: Some(span.start), end: span.end }
}

/// Adds one fact for each field.
pub fn record(facts: &mut Vec<Fact>, fields: &[&str], evidence: &Evidence) {
    facts.extend(fields.iter().map(|&field| Fact { field: field.to_owned(), evidence: evidence.clone() }));
}

/// The area's name with a wrapped hyphen mended ("Stoke-on- Trent") and single spaces.
fn clean_area(raw: &str) -> String {
    let spaced = quote::normalise(raw);
    HYPHEN_WRAP.replace_all(&spaced, "$1-$2").trim_matches(|c: char| !c.is_alphanumeric() && c != ')').to_owned()
}

fn area(
    kind: LetterKind,
    view: &View<'_>,
    parts: &Parts,
    front: &Running,
    on: Date,
    reference: &Reference,
    facts: &mut Vec<Fact>,
) -> Result<(String, String), ParseError> {
    let mut candidates: Vec<(String, Evidence)> = Vec::new();
    for pattern in [&*TITLE, &*TITLE_OF_PARTNERSHIP, &*TITLE_BARE] {
        collect(pattern, front, &mut candidates);
    }
    let of_title: Vec<String> = candidates.iter().map(|(name, _)| name.clone()).collect();
    // Should the title fail, the text says the same.
    for part in [Part::Information, Part::Experience] {
        if let Some(range) = parts.range(part) {
            let text = view.running(range);
            collect(&WITH_SEND_IN, &text, &mut candidates);
            collect(&PARTNERSHIP_OF, &text, &mut candidates);
        }
    }
    let mut first_failure = None;
    for (name, evidence) in candidates {
        match reference.resolve_on(&name, on) {
            Ok(area) => {
                record(facts, &["area"], &evidence);
                let printed = if of_title.contains(&name) { name } else { of_title.into_iter().next().unwrap_or(name) };
                return Ok((area.la_code.clone(), printed));
            }
            Err(unknown) => {
                first_failure.get_or_insert(unknown);
            }
        }
    }
    Err(first_failure.map_or(ParseError::NoArea { kind }, |unknown| ParseError::UnknownArea { kind, unknown }))
}

fn collect(pattern: &regex::Regex, text: &Running, into: &mut Vec<(String, Evidence)>) {
    for found in pattern.captures_iter(&text.text).take(8) {
        if let (Some(whole), Some(area)) = (found.get(0), found.name("area")) {
            let name = clean_area(area.as_str());
            if !name.is_empty() && into.iter().all(|(known, _)| *known != name) {
                into.push((name, text.evidence(whole.range())));
            }
        }
    }
}
