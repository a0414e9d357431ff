//! The letter after a revisit, December 2018 to early 2023: has there been sufficient progress on each weakness?
//!
//! The opening paragraphs say when the written statement was required and what inspectors conclude of all weaknesses;
//! the findings restate them one by one (see [`progress`]). The numbers of the two are compared.

use std::ops::Range;

use jiff::civil::Date;

use super::joint_area::front::Opening;
use super::joint_area::progress::Progress;
use super::joint_area::verdicts::{self, Overall};
use super::joint_area::{self, bodies, front};
use super::partnership::front::{previous_in, record};
use super::passages::Passages;
use super::pattern::pattern;
use super::view::{Running, View};
use super::{Format, ParseError, dates, quote, sentences};
use crate::domain::{
    DateSpan, Evidence, Fact, Letter, LetterKind, Outcome, PreviousInspection, PreviousStatus, Revisit, Section,
    Suspicion, Verdict,
};
use crate::reference::Reference;

/// The format.
pub(super) const FORMAT: Format = Format { kind: LetterKind::RevisitLetter, recognise, read };

pattern! {
    SUFFICIENT = r"(?i)\bsufficient\s+progress\b";
    ISSUED = r"(?i)\b(?:statement\s+of\s+action|WSOA|letter)\b.{0,80}?\b(?:issued|required|requested|published)\b";
    /// The letter of the first inspection, dated by its publication: that is not the day on which a statement was required.
    LETTER_PUBLISHED = r"(?i)\b(?:letter|report)\b[^.]{0,40}?\b(?:published|issued)\b";
    FIT = r"(?i)\bfit\s+for\s+purpose\b";
    /// The paragraphs about the visit itself.
    PREAMBLE = r"(?i)\bthis\s+letter\s+(?:outlines|summarises|sets\s+out|reports)\b|\b(?:inspection|revisit|visit|team)\s+was\s+led\s+by\b|^inspectors\s+(?:also\s+)?(?:spoke|met|looked|visited|considered|took|reviewed|gathered)\b|\bfit\s+for\s+purpose\b|\bresponsible\s+for\s+(?:submitting|producing|preparing)\b";
    /// An inspection that is not the revisit.
    INSPECTION = r"(?i)\b(?:(?:initial|first|original|previous|last|full|joint|SEND)\s+inspection|inspected)\b";
}

fn recognise(view: &View<'_>) -> Option<Evidence> {
    let evidence = front::recognise(view, Opening::Revisited)?;
    view.find(&SUFFICIENT, view.all())?;
    Some(evidence)
}

fn read(view: &View<'_>, reference: &Reference) -> Result<Letter, ParseError> {
    let kind = LetterKind::RevisitLetter;
    let mut facts = Vec::new();
    let mut suspicious = Vec::new();
    let front = front::read(kind, view, Opening::Revisited, reference, &mut facts, &mut suspicious)?;
    let close = joint_area::close(view, front.opening_block);
    let bodies = bodies::read(view, front.opening_block, close, &front.la_code, reference, &mut facts);
    let body = view.running(front.opening_block..close);
    let responsible = bodies::responsible(&body);
    if let Some((_, evidence)) = &responsible {
        record(&mut facts, &["responsible_for_statement"], evidence);
    }
    let previous_inspection = previous(view, &body, front.inspection, &mut facts, &mut suspicious);
    let (required_on, fit_on) = statement_dates(view, &body, front.inspection, &mut facts, &mut suspicious);

    let start = body_start(view, front.opening_block, close);
    // The paragraphs above the findings say it; where they do not, the findings may.
    let top = view.running(front.opening_block..start);
    let (mut overall, mut place) = verdicts::overall(&top.text);
    if place.is_none() {
        (overall, place) = verdicts::overall(&body.text);
    }
    let progress = Progress::read(view, front.opening_block..start, start..close, overall);
    let restated: Vec<Verdict> = progress.verdicts();
    suspicious.extend(progress.unjudged().iter().map(|heading| unjudged(heading)));
    let revisit_counts = counts(overall, &restated, &mut suspicious);
    let outcome = revisit_counts.and_then(|(met, unmet)| match (met, unmet) {
        (0, 0) => None,
        (_, 0) => Some(Outcome::SufficientProgressAll),
        (0, _) => Some(Outcome::SufficientProgressNone),
        _ => Some(Outcome::SufficientProgressSome),
    });
    let outcome = outcome.or_else(|| {
        overall.same_on_all.map(|verdict| match verdict {
            Verdict::Sufficient => Outcome::SufficientProgressAll,
            Verdict::Insufficient => Outcome::SufficientProgressNone,
        })
    });
    if outcome.is_some() {
        let judges = |sentence: &Range<usize>| {
            let text = &body.text[sentence.clone()];
            verdicts::on_list(text).or_else(|| verdicts::on_one(text)).is_some()
        };
        let place = place.or_else(|| sentences::split(&body.text).into_iter().find(judges));
        if let Some(place) = place {
            record(&mut facts, &["outcome"], &body.evidence(place));
        }
    }
    let mut passages = Passages::default();
    progress.add_to(&mut passages);
    let (sufficient, insufficient) = revisit_counts.unwrap_or_default();
    Ok(Letter {
        kind,
        la_code: front.la_code,
        area_as_printed: front.area_as_printed,
        inspection: front.inspection,
        letter_date: front.letter_date,
        previous_inspection,
        outcome,
        wsoa_required: None,
        priority_action_plan_required: None,
        next_full_inspection_months: None,
        monitoring_inspection_months: None,
        local_authorities: bodies.local_authorities,
        health_bodies: bodies.health_bodies,
        responsible_for_statement: responsible.map(|(who, _)| bodies::one_by_one(&who)).unwrap_or_default(),
        counts: passages.counts(),
        revisit: Some(Revisit { wsoa_required_on: required_on, fit_for_purpose_on: fit_on, sufficient, insufficient }),
        facts,
        suspicious,
        passages: passages.into_vec(),
    })
}

/// A weakness or heading without a verdict of its own, which may have been lost.
fn unjudged(heading: &str) -> Suspicion {
    Suspicion {
        field: Section::Progress.to_string(),
        problem: "no verdict could be found on this, so it may be a weakness that is not counted".to_owned(),
        quote: quote::normalise(heading),
    }
}

/// Where the findings begin: below "Main findings", or below the last of the opening paragraphs.
fn body_start(view: &View<'_>, opening: usize, close: usize) -> usize {
    const MAX_OPENING_PARAGRAPHS: usize = 12;
    let text = |i: usize| view.blocks()[i].text.trim();
    let main = (opening..close).find(|&i| joint_area::is_main_findings(text(i)));
    let opens = |i: &usize| PREAMBLE.is_match(text(*i)) && verdicts::on_list(text(*i)).is_none();
    let last = main.or_else(|| (opening..close.min(opening + MAX_OPENING_PARAGRAPHS)).rev().find(opens));
    last.unwrap_or(opening) + 1
}

/// When the written statement was required and when it was declared fit for purpose.
fn statement_dates(
    view: &View<'_>,
    body: &Running,
    inspection: DateSpan,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> (Option<Date>, Option<Date>) {
    let horizon = dates::Horizon::of(view);
    let (mut required, mut fit) = (None, None);
    for (position, range) in sentences::split(&body.text).into_iter().enumerate() {
        let sentence = &body.text[range.clone()];
        let fit_at = FIT.find(sentence);
        let (field, slot) = match fit_at {
            Some(_) => ("fit_for_purpose_on", &mut fit),
            // The opening sentence says it; some letters say it in the sentence on who must submit the statement.
            None if position == 0 || ISSUED.is_match(sentence) => ("wsoa_required_on", &mut required),
            None => continue,
        };
        let spans = dates::spans(sentence);
        let outside =
            |d: &dates::DateFound| spans.iter().all(|s| d.range.end <= s.range.start || d.range.start >= s.range.end);
        let single: Vec<_> = dates::dates(sentence).into_iter().filter(outside).collect();
        let after_it = fit_at.and_then(|at| single.iter().find(|d| d.range.start >= at.end()));
        let Some(found) = after_it.or(single.last()).filter(|_| slot.is_none()) else { continue };
        let evidence = body.evidence(range.start + found.range.start..range.start + found.range.end);
        if fit_at.is_none() && LETTER_PUBLISHED.find_iter(sentence).any(|said| said.end() <= found.range.start) {
            record(facts, &["previous_letter_published_on"], &evidence);
            continue;
        }
        let late = found.date >= inspection.start;
        let problem = horizon
            .problem(found.date)
            .or_else(|| late.then(|| format!("{} is not before the revisit of {}", found.date, inspection.start)));
        match problem {
            Some(problem) => suspicious.push(Suspicion { field: field.to_owned(), problem, quote: evidence.quote }),
            None => {
                record(facts, &[field], &evidence);
                *slot = Some(found.date);
            }
        }
    }
    (required, fit)
}

/// The inspection that the revisit follows. Many letters give only its month: then the words are kept as evidence, and
/// its days are not made up.
fn previous(
    view: &View<'_>,
    body: &Running,
    revisit: DateSpan,
    facts: &mut Vec<Fact>,
    suspicious: &mut Vec<Suspicion>,
) -> PreviousInspection {
    let mut month = None;
    for sentence in sentences::split(&body.text) {
        let text = &body.text[sentence.clone()];
        let Some(said) = INSPECTION.find(text) else { continue };
        if let Some(mut found) = dates::spans(text).into_iter().find(|span| span.start != revisit.start) {
            found.range = sentence.start + found.range.start..sentence.start + found.range.end;
            record(facts, &["previous_inspection"], &body.evidence(found.range.clone()));
            return previous_in(body, found, revisit, dates::Horizon::of(view), suspicious);
        }
        if let (None, Some(found)) = (&month, dates::months(text).into_iter().next()) {
            month = Some(sentence.start + found.start.min(said.start())..sentence.start + found.end.max(said.end()));
        }
    }
    let Some(words) = month else {
        return PreviousInspection { status: PreviousStatus::Absent, start: None, end: None };
    };
    record(facts, &["previous_inspection"], &body.evidence(words));
    PreviousInspection { status: PreviousStatus::Unreadable, start: None, end: None }
}

/// Numbers met and not met. The weaknesses one by one decide; what the letter says of all of them fills what they leave
/// open, and a contradiction is reported.
fn counts(overall: Overall, restated: &[Verdict], suspicious: &mut Vec<Suspicion>) -> Option<(u32, u32)> {
    let number = |verdict| u32::try_from(restated.iter().filter(|v| **v == verdict).count()).unwrap_or(u32::MAX);
    let (met, unmet) = (number(Verdict::Sufficient), number(Verdict::Insufficient));
    let stated = overall.sufficient.zip(overall.insufficient);
    if let Some(stated) = stated {
        if stated != (met, unmet) {
            suspicious.push(Suspicion {
                field: "revisit".to_owned(),
                problem: format!(
                    "the letter counts {} met and {} not met, but {met} and {unmet} could be read one by one",
                    stated.0, stated.1
                ),
                quote: String::new(),
            });
        }
        return Some(stated);
    }
    if !restated.is_empty() {
        return Some((met, unmet));
    }
    None
}
