//! The letter after a revisit, December 2018 to early 2023: has there been sufficient progress on each weakness?
//!
//! Letters restate the weaknesses in one of four forms, and keep to one: under a heading each, in a sentence each ("The
//! initial inspection found that ..."), as bullets each followed by paragraphs, or in two lists of what was met and
//! what was not. The form is told first; then every weakness gets the verdict that follows it, and the numbers are
//! held against what the letter says of all of them.

use std::ops::Range;

use jiff::civil::Date;

use super::joint_area::front::Opening;
use super::joint_area::verdicts::{self, Overall};
use super::joint_area::{self, bodies, front};
use super::partnership::front::record;
use super::passages::{Item, Passages};
use super::pattern::pattern;
use super::tidy::{ends_complete, starts_lower};
use super::view::{Running, View};
use super::{Format, ParseError, dates, quote, sentences};
use crate::domain::{
    Block, BlockKind, DateSpan, Evidence, Fact, Letter, LetterKind, Outcome, PreviousInspection, PreviousStatus,
    Revisit, Role, Section, Suspicion, Verdict,
};
use crate::reference::Reference;

/// The format.
pub(super) const FORMAT: Format = Format { kind: LetterKind::RevisitLetter, recognise, read };

pattern! {
    SUFFICIENT = r"(?i)\bsufficient\s+progress\b";
    ISSUED = r"(?i)\b(?:statement\s+of\s+action|WSOA|letter)\b.{0,80}?\b(?:issued|required|requested|published)\b";
    FIT = r"(?i)\bfit\s+for\s+purpose\b";
    /// Words with which a sentence restates what the first inspection found.
    RESTATES = r"(?i)\b(?:initial|first|original|previous|last|full|20\d\d)\s+(?:joint\s+)?(?:local\s+area\s+)?(?:SEND\s+)?inspection\b.{0,120}?\b(?:found|identified|determined|noted|reported|highlighted|concluded|raised|judged|showed|revealed|was|were|had|there)\b|^(?:at|during|in)\s+(?:the\s+time\s+of\s+)?(?:the\s+)?(?:initial|first|original|previous|last)\s+inspection\b|^in\s+\w*\s*20\d\d,?\s+inspectors\b|\binspectors\s+(?:identified|found|reported)\b.{0,60}\b(?:initial|first|original|previous|last)\s+inspection\b|\bwas\s+(?:identified\s+as\s+)?a\s+significant\s+weakness\s+(?:at|in|during)\b";
    OTHER_HEADING = r"(?i)^(?:next\s+steps|overall\s+(?:findings|verdict|judg\w+)|conclusions?|summary|areas?\s+of\s+significant\s+weakness(?:es)?|significant\s+weaknesses|progress\s+(?:made\s+)?(?:in|on|against)\b.*|joint\s+(?:local\s+)?area\b.*|what\s+happens\s+next)\s*:?$";
    /// The paragraphs about the visit itself.
    PREAMBLE = r"(?i)\bthis\s+letter\s+(?:outlines|summarises|sets\s+out|reports)\b|\b(?:inspection|revisit|visit|team)\s+was\s+led\s+by\b|^inspectors\s+(?:also\s+)?(?:spoke|met|looked|visited|considered|took|reviewed|gathered)\b|\bfit\s+for\s+purpose\b|\bresponsible\s+for\s+(?:submitting|producing|preparing)\b";
    NUMBERED = r"(?i)^(?:(?:area\s+of\s+)?(?:significant\s+)?weakness\s+)?\d{1,2}\s*[.:)]?\s*$";
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
    let (required_on, fit_on) = statement_dates(view, &body, front.inspection, &mut facts, &mut suspicious);

    let (overall, place) = verdicts::overall(&body.text);
    let progress = Progress::read(view, body_start(view, front.opening_block, close)..close, overall);
    let restated: Vec<Verdict> = progress.verdicts();
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
        let place = place.or_else(|| SUFFICIENT.find(&body.text).map(|m| m.range()));
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
        previous_inspection: PreviousInspection { status: PreviousStatus::Absent, start: None, end: None },
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

/// Where the findings begin: below "Main findings", or below the last of the opening paragraphs.
fn body_start(view: &View<'_>, opening: usize, close: usize) -> usize {
    const PARAGRAPHS: usize = 12;
    let text = |i: usize| view.blocks()[i].text.trim();
    let main = (opening..close).find(|&i| joint_area::is_main_findings(text(i)));
    let opens = |i: &usize| PREAMBLE.is_match(text(*i)) && verdicts::on_list(text(*i)).is_none();
    let last = main.or_else(|| (opening..close.min(opening + PARAGRAPHS)).rev().find(opens));
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

/// Numbers met and not met. The weaknesses one by one decide; what the letter says of all of them fills what they
/// leave open, and a contradiction is told.
fn counts(overall: Overall, restated: &[Verdict], suspicious: &mut Vec<Suspicion>) -> Option<(u32, u32)> {
    let number = |verdict| u32::try_from(restated.iter().filter(|v| **v == verdict).count()).unwrap_or(u32::MAX);
    let (met, unmet) = (number(Verdict::Sufficient), number(Verdict::Insufficient));
    let stated = overall.sufficient.zip(overall.insufficient);
    if let Some(stated) = stated {
        if !restated.is_empty() && stated != (met, unmet) {
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

/// One thing of the findings: a weakness restated, or text about it.
enum Piece {
    Weakness(Item),
    Text(Running),
}

/// The findings in order.
struct Progress {
    pieces: Vec<Piece>,
}

/// How a letter restates the weaknesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    TwoLists,
    Headings,
    Sentences,
    Bullets,
}

impl Progress {
    fn read(view: &View<'_>, range: Range<usize>, overall: Overall) -> Self {
        let mut progress = Self { pieces: Vec::new() };
        match form(view, range.clone()) {
            Form::TwoLists => progress.two_lists(view, range),
            form => {
                // Where one verdict holds for all, none may follow each; then every restatement begins a new weakness.
                let one_for_all =
                    overall.same_on_all.is_some() && !view.blocks()[range.clone()].iter().any(says_verdict);
                progress.one_by_one(view, range, form, one_for_all);
            }
        }
        if let Some(same) = overall.same_on_all {
            for piece in &mut progress.pieces {
                if let Piece::Weakness(item) = piece {
                    item.verdict.get_or_insert(same);
                }
            }
        }
        progress.drop_mere_headings(overall);
        progress
    }

    /// Headings over text without a verdict are no weaknesses, unless the letter counts more than have one.
    fn drop_mere_headings(&mut self, overall: Overall) {
        let judged = self.verdicts().len();
        let stated = overall.sufficient.zip(overall.insufficient).map(|(met, unmet)| met + unmet);
        let missing = stated.is_some_and(|n| usize::try_from(n).is_ok_and(|n| n > judged));
        if judged > 0 && !missing {
            self.pieces.retain(|piece| !matches!(piece, Piece::Weakness(item) if item.verdict.is_none()));
        }
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |piece: &Piece| match piece {
            Piece::Weakness(item) => item.verdict,
            Piece::Text(_) => None,
        };
        self.pieces.iter().filter_map(verdict).collect()
    }

    fn add_to(self, passages: &mut Passages) {
        for piece in self.pieces {
            match piece {
                Piece::Weakness(item) => passages.item(Role::ProgressVerdict, Section::Progress, item),
                Piece::Text(text) => passages.paragraph(Role::Narrative, Section::Progress, &text),
            }
        }
    }

    fn weakness(&mut self, text: &str, page: u32, verdict: Option<Verdict>) {
        self.pieces.push(Piece::Weakness(Item { text: quote::normalise(text), page, verdict, ..Item::default() }));
    }

    fn last_weakness(&mut self) -> Option<&mut Item> {
        self.pieces.iter_mut().rev().find_map(|piece| match piece {
            Piece::Weakness(item) => Some(item),
            Piece::Text(_) => None,
        })
    }

    fn two_lists(&mut self, view: &View<'_>, range: Range<usize>) {
        let mut verdict = None;
        for index in range {
            let block = &view.blocks()[index];
            if let Some(leads) = verdicts::on_list(&block.text) {
                verdict = Some(leads);
                continue;
            }
            match verdict {
                Some(_) if is_listed(block) => self.weakness(&block.text, block.page, verdict),
                _ if is_structural(block) => verdict = None,
                _ => {
                    // A paragraph below its list ends the list; what follows are findings.
                    verdict = None;
                    self.pieces.push(Piece::Text(view.running(index..index + 1)));
                }
            }
        }
    }

    fn one_by_one(&mut self, view: &View<'_>, range: Range<usize>, form: Form, one_for_all: bool) {
        for index in range {
            let block = &view.blocks()[index];
            if is_structural(block) || NUMBERED.is_match(block.text.trim()) {
                continue;
            }
            let open = !one_for_all && self.last_weakness().is_some_and(|item| item.verdict.is_none());
            let text = view.running(index..index + 1);
            let mut rest = 0;
            match form {
                Form::Headings if is_heading(view, index) => {
                    if starts_lower(&block.text)
                        && let Some(Piece::Weakness(wrapped)) = self.pieces.last_mut()
                    {
                        wrapped.text = format!("{} {}", wrapped.text, quote::normalise(&block.text));
                        continue;
                    }
                    self.weakness(&block.text, block.page, None);
                    continue;
                }
                Form::Sentences if !open && RESTATES.is_match(&text.text) => rest = self.sentence(&text),
                Form::Bullets if !open && block.kind == BlockKind::ListItem => rest = self.sentence(&text),
                _ => {}
            }
            let mut said = Running::default();
            said.push(index, block);
            let tail = text.text[rest..].trim();
            if tail.is_empty() {
                continue;
            }
            for sentence in sentences::split(&text.text[rest..]) {
                let sentence = &text.text[rest..][sentence];
                if let Some(verdict) = verdicts::on_one(sentence)
                    && let Some(item) = self.last_weakness().filter(|item| item.verdict.is_none())
                {
                    item.verdict = Some(verdict);
                }
            }
            let tail_block =
                Block { page: block.page_at(rest), text: tail.to_owned(), page_breaks: vec![], ..block.clone() };
            let mut piece = Running::default();
            piece.push(index, if rest == 0 { block } else { &tail_block });
            self.pieces.push(Piece::Text(piece));
        }
    }

    /// Takes the first sentence of a block as the weakness restated; gives where the rest begins.
    fn sentence(&mut self, text: &Running) -> usize {
        let first = sentences::split(&text.text).into_iter().next().unwrap_or(0..text.text.len());
        let evidence = text.evidence(first.clone());
        self.weakness(&evidence.quote, evidence.page, None);
        first.end
    }
}

/// Whether a block holds the verdict on one weakness.
fn says_verdict(block: &Block) -> bool {
    sentences::split(&block.text).into_iter().any(|sentence| verdicts::on_one(&block.text[sentence]).is_some())
}

fn form(view: &View<'_>, range: Range<usize>) -> Form {
    let blocks = &view.blocks()[range.clone()];
    let leads = |b: &Block| b.kind != BlockKind::ListItem && verdicts::on_list(&b.text).is_some();
    if blocks.windows(2).any(|pair| leads(&pair[0]) && is_listed(&pair[1])) {
        return Form::TwoLists;
    }
    let headings = range.clone().filter(|&i| is_heading(view, i) && !is_structural(&view.blocks()[i])).count();
    if headings > 0 {
        return Form::Headings;
    }
    if blocks.iter().any(|b| RESTATES.is_match(&b.text)) { Form::Sentences } else { Form::Bullets }
}

/// Whether a block is an entry of a list of weaknesses: a bullet, or a phrase that lost its mark.
fn is_listed(block: &Block) -> bool {
    block.kind == BlockKind::ListItem || starts_lower(&block.text)
}

/// A heading that belongs to the letter's frame, not to a weakness.
fn is_structural(block: &Block) -> bool {
    let text = block.text.trim();
    block.kind != BlockKind::ListItem && (OTHER_HEADING.is_match(text) || joint_area::is_main_findings(text))
}

/// Whether a block heads what follows: marked or bold, or a phrase without a stop above full sentences.
fn is_heading(view: &View<'_>, index: usize) -> bool {
    const LONGEST: usize = 400;
    let block = &view.blocks()[index];
    let text = block.text.trim();
    if text.len() > LONGEST || verdicts::on_one(text).is_some() {
        return false;
    }
    if block.kind == BlockKind::Heading || block.bold {
        return true;
    }
    let next = view.blocks().get(index + 1);
    let above_sentences = next.is_some_and(|n| n.kind == BlockKind::Paragraph && ends_complete(&n.text));
    !ends_complete(text) && !text.ends_with([':', ';', ',']) && above_sentences
}
