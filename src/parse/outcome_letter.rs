//! The letter after a joint local area SEND inspection, 2016-2022.
//!
//! The letter is walked once, from heading to heading: main findings, then three questions, each with strengths and
//! areas for development, then, where a written statement of action is required, the significant weaknesses. Strengths,
//! areas for development and weaknesses are formal items, one for each bullet; all other text is one finding for each
//! sentence.

use std::ops::Range;

use super::area_send_full::belongs_to;
use super::joint_area::front::Opening;
use super::joint_area::subheadings::{self, Announces};
use super::joint_area::{self, bodies, bullets, front, weaknesses};
use super::partnership::front::record;
use super::passages::Passages;
use super::pattern::pattern;
use super::tidy::{ends_complete, starts_lower};
use super::view::{Running, View};
use super::{Format, ParseError};
use crate::domain::{
    Block, BlockKind, Evidence, Letter, LetterKind, Outcome, PreviousInspection, PreviousStatus, Role, Section,
    Suspicion,
};
use crate::reference::Reference;

/// The format.
pub(super) const FORMAT: Format = Format { kind: LetterKind::OutcomeLetter, recognise, read };

pattern! {
    /// What the inspectorates' letter says and a council's own documents do not.
    LETTER = r"(?im)^\s*dear\b|\bthis\s+letter\s+(?:outlines|summarises|sets\s+out|reports)\b|^\s*yours\s+(?:sincerely|faithfully)\b";
    QUESTION = r"(?i)^(?:\d+\.?\s*)?(?:the\s+effectiveness|how\s+effective(?:ly)?)\b.{0,80}?\b(?:(?P<identify>identif\w+)|(?P<meet>assess\w*|meeting|meets?)|(?P<improve>improv\w*\s+(?:the\s+)?outcomes))\b";
    /// A heading that is complete; one that wraps continues in the next block.
    WHOLE_QUESTION = r"(?i)\b(?:needs|disabilit(?:y|ies)|SEND\)?|people|outcomes)\s*[:)]?$";
    /// A question in other words, where it is set apart as a heading.
    OTHER_QUESTION = r"(?i)^(?:\d+\.?\s*)?(?:how\s+well|(?P<identify>identif\w+)|(?P<meet>assess\w*|meeting)|(?P<improve>improving))\b.{0,60}?(?:(?P<identify2>\bidentif\w+)|(?P<meet2>\bassess\w*|\bmeet(?:s|ing)?\b)|(?P<improve2>\boutcomes\b)|\bneeds\b|\bSEND\b|\bpeople\b)";
    CONCERNS = r"(?i)^the\s+(?:joint\s+)?(?:local\s+area\s+)?inspection\s+(?:has\s+)?rais(?:es|ed)\s+(?:serious|significant)\s+concerns\b|^(?:areas?\s+of\s+)?significant\s+(?:areas?\s+of\s+)?weakness(?:es)?\s*:?$|^(?:the\s+)?written\s+statement\s+of\s+action\s*(?:\([^)]*\))?\s*:?$";
    DETERMINED = r"(?is)\b(?:determined|decided|concluded)\s+that\s+(?:an?\s+)?(?:joint\s+)?written\s+statement\s+of\s+action\s*(?:\([^)]*\)\s*)?(?:is|was|will\s+be)\s+(?P<not>not\s+)?(?:also\s+)?required\b|\brequires?\s+(?:the\s+)?[^.]{3,120}?\bto\s+(?:produce|prepare|submit)[^.]{0,40}\bwritten\s+statement\s+of\s+action\b";
}

/// The sections that the three questions head.
const QUESTIONS: [Section; 3] = [Section::Identification, Section::MeetingNeeds, Section::ImprovingOutcomes];

/// What a block may be besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Main,
    Question(Section),
    Items(Role),
    /// A sub-heading that announces neither strengths nor areas for development.
    Unknown,
    Weaknesses,
}

fn recognise(view: &View<'_>) -> Option<Evidence> {
    let evidence = front::recognise(view, Opening::Inspected)?;
    view.find(&LETTER, view.all())?;
    let headed = (0..view.blocks().len())
        .any(|i| matches!(mark_at(view.blocks(), i), Some((Mark::Main | Mark::Question(_) | Mark::Weaknesses, _))));
    headed.then_some(evidence)
}

fn read(view: &View<'_>, reference: &Reference) -> Result<Letter, ParseError> {
    let kind = LetterKind::OutcomeLetter;
    let mut facts = Vec::new();
    let mut suspicious = Vec::new();
    let front = front::read(kind, view, Opening::Inspected, reference, &mut facts, &mut suspicious)?;
    let close = joint_area::close(view, front.opening_block);
    let bodies = bodies::read(view, front.opening_block, close, &front.la_code, reference, &mut facts);

    let body = view.running(front.opening_block..close);
    let determined = DETERMINED.captures(&body.text);
    let mut required = determined.as_ref().is_some_and(|found| found.name("not").is_none());
    let responsible = bodies::responsible(&body).filter(|_| required);
    let who = responsible.as_ref().map(|(who, _)| who.clone());

    let mut passages = Passages::default();
    let first_weakness = sections(view, front.opening_block + 1..close, who.as_deref(), &mut passages, &mut suspicious);
    let counts = passages.counts();
    required |= counts.significant_weakness > 0;

    let evidence = determined.and_then(|found| found.get(0)).map(|m| body.evidence(m.range())).or(first_weakness);
    if let Some(evidence) = evidence {
        record(&mut facts, &["wsoa_required", "outcome"], &evidence);
    }
    if let Some((_, evidence)) = &responsible {
        record(&mut facts, &["responsible_for_statement"], evidence);
    }
    Ok(Letter {
        kind,
        la_code: front.la_code,
        area_as_printed: front.area_as_printed,
        inspection: front.inspection,
        letter_date: front.letter_date,
        previous_inspection: PreviousInspection { status: PreviousStatus::Absent, start: None, end: None },
        outcome: Some(if required { Outcome::WsoaRequired } else { Outcome::WsoaNotRequired }),
        wsoa_required: Some(required),
        priority_action_plan_required: None,
        next_full_inspection_months: None,
        monitoring_inspection_months: None,
        local_authorities: bodies.local_authorities,
        health_bodies: bodies.health_bodies,
        responsible_for_statement: who.as_deref().map(bodies::one_by_one).unwrap_or_default(),
        counts,
        revisit: None,
        facts,
        suspicious,
        passages: passages.into_vec(),
    })
}

/// Reads the letter's own text, and gives the words that ask for a written statement where the list of weaknesses is.
fn sections(
    view: &View<'_>,
    range: Range<usize>,
    who: Option<&str>,
    passages: &mut Passages,
    suspicious: &mut Vec<Suspicion>,
) -> Option<Evidence> {
    let mut section = None;
    let mut role = None;
    let mut asked = None;
    let mut start = range.start;
    let mut index = range.start;
    while index < range.end {
        // Above the findings, the statement is only announced.
        // Among the weaknesses, it is the head of their table's column.
        let in_table = section == Some(Section::Wsoa) && view.blocks()[index].table.is_some();
        let found = mark_at(view.blocks(), index)
            .filter(|(mark, _)| *mark != Mark::Weaknesses || section.is_some() && !in_table)
            .or_else(|| subheading_at(view.blocks(), index, section));
        let Some((mark, taken)) = found else {
            index += 1;
            continue;
        };
        flush(view, start..index, section, role, who, passages, suspicious);
        if let (Some(section), Some(columns)) = (section, columns_at(view.blocks(), index)) {
            index = side_by_side(view.blocks(), index, section, &columns, passages);
            (start, role) = (index, None);
            continue;
        }
        (section, role) = match mark {
            Mark::Main => (Some(Section::MainFindings), Some(Role::MainFinding)),
            Mark::Question(section) => (Some(section), None),
            Mark::Items(role) => (section, Some(role)),
            Mark::Unknown => {
                if let Some(section) = section {
                    suspicious.push(unknown_heading(section, &view.blocks()[index]));
                }
                (section, None)
            }
            Mark::Weaknesses => {
                asked.get_or_insert_with(|| {
                    let text = view.running(index..index + taken);
                    text.evidence(0..text.text.len())
                });
                (Some(Section::Wsoa), Some(Role::SignificantWeakness))
            }
        };
        // The paragraph that asks for the statement is itself part of what follows: it may hold the only weakness.
        let asks = mark == Mark::Weaknesses && weaknesses::is_demand(&view.blocks()[index].text);
        start = if asks { index } else { index + taken };
        index += taken;
    }
    flush(view, start..range.end, section, role, who, passages, suspicious);
    asked
}

/// A sub-heading within one of the three sections that questions head.
fn subheading_at(blocks: &[Block], index: usize, section: Option<Section>) -> Option<(Mark, usize)> {
    section.filter(|s| QUESTIONS.contains(s))?;
    let mark = match subheadings::announces(blocks, index)? {
        Announces::Items(role) => Mark::Items(role),
        Announces::Nothing => Mark::Unknown,
    };
    Some((mark, 1))
}

fn unknown_heading(section: Section, block: &Block) -> Suspicion {
    Suspicion {
        field: section.to_string(),
        problem: "a heading tells neither strengths nor areas for development, so what stands below it has no role"
            .to_owned(),
        quote: super::quote::normalise(&block.text),
    }
}

/// Where paragraphs stand for bullets, one at the head of a page may be the rest of the one before it.
fn at_page_head(section: Section, last: &Block, block: &Block) -> Option<Suspicion> {
    bullets::page_turned(last, block).then(|| Suspicion {
        field: section.to_string(),
        problem: format!("a paragraph at the head of page {} may go on with the one before it", block.page),
        quote: super::quote::normalise(&block.text),
    })
}

/// The columns that the headings of one row of a table set apart: strengths beside areas for development.
fn columns_at(blocks: &[Block], index: usize) -> Option<Vec<(u32, Role)>> {
    let place = |b: &Block| (b.table, b.row);
    blocks[index].table?;
    let row = blocks[index..].iter().take_while(|b| place(b) == place(&blocks[index]));
    let role = |b: &Block| match subheadings::announces(std::slice::from_ref(b), 0)? {
        Announces::Items(role) => Some((b.column?, role)),
        Announces::Nothing => None,
    };
    let columns: Vec<(u32, Role)> = row.filter_map(role).collect();
    (columns.len() > 1).then_some(columns)
}

/// Adds the items of columns that stand side by side below their headings; gives where their table ends.
fn side_by_side(
    blocks: &[Block],
    head: usize,
    section: Section,
    columns: &[(u32, Role)],
    passages: &mut Passages,
) -> usize {
    let (table, row) = (blocks[head].table, blocks[head].row);
    let end = blocks[head..].iter().position(|b| b.table != table).map_or(blocks.len(), |at| head + at);
    for &(column, role) in columns {
        let of_column = blocks[head..end].iter().filter(|b| b.row != row && b.column == Some(column));
        for item in bullets::items(&of_column.collect::<Vec<_>>(), false) {
            passages.item(role, section, item);
        }
    }
    end
}

/// Adds what stands between two headings.
fn flush(
    view: &View<'_>,
    range: Range<usize>,
    section: Option<Section>,
    role: Option<Role>,
    who: Option<&str>,
    passages: &mut Passages,
    suspicious: &mut Vec<Suspicion>,
) {
    let (Some(section), false) = (section, range.is_empty()) else { return };
    match role {
        Some(Role::SignificantWeakness) => weaknesses::read(view, range, who, passages),
        Some(role @ (Role::Strength | Role::AreaForDevelopment)) => {
            let blocks = &view.blocks()[range];
            let listed = blocks.iter().any(|b| b.kind == BlockKind::ListItem);
            // A heading without a meaning here is not a bullet that lost its mark.
            let heads = |b: &Block| listed && (b.kind == BlockKind::Heading || b.bold && !ends_complete(&b.text));
            let blocks: Vec<&Block> = blocks.iter().filter(|b| !heads(b)).collect();
            if !listed {
                suspicious.extend(blocks.windows(2).filter_map(|pair| at_page_head(section, pair[0], pair[1])));
            }
            for item in bullets::items(&blocks, false) {
                passages.item(role, section, item);
            }
        }
        role => {
            let role = role.unwrap_or(Role::Narrative);
            for paragraph in paragraphs(view, range) {
                passages.paragraph(role, section, &paragraph);
            }
        }
    }
}

/// Paragraphs and bullets, with what belongs to each.
fn paragraphs(view: &View<'_>, range: Range<usize>) -> Vec<Running> {
    let blocks = &view.blocks()[range.clone()];
    let outermost = blocks.iter().filter(|b| b.kind == BlockKind::ListItem).map(|b| b.level).min();
    let mut found: Vec<Running> = Vec::new();
    for index in range {
        let block = &view.blocks()[index];
        match found.last_mut() {
            Some(last)
                if belongs_to(&last.text, block, outermost)
                    || bullets::goes_on(&view.blocks()[index - 1], block, view.blocks().get(index + 1)) =>
            {
                last.push(index, block);
            }
            _ => found.push(view.running(index..index + 1)),
        }
    }
    found
}

/// The heading that starts at a block, and how many blocks it takes up: a long heading may wrap over two or three.
fn mark_at(blocks: &[Block], index: usize) -> Option<(Mark, usize)> {
    const MAX_HEADING_BYTES: usize = 260;
    let first = blocks.get(index).filter(|b| b.kind != BlockKind::ListItem)?;
    let text = first.text.trim();
    if joint_area::is_main_findings(text) {
        return Some((Mark::Main, 1));
    }
    if let Some(role) = subheadings::usual(text) {
        return Some((Mark::Items(role), 1));
    }
    if CONCERNS.is_match(text) || weaknesses::is_demand(text) {
        return Some((Mark::Weaknesses, 1));
    }
    if text.len() > MAX_HEADING_BYTES || text.ends_with('.') {
        return None;
    }
    let section = question(first)?;
    let mut taken = 1;
    let mut last = text;
    while taken < 3
        && let Some(next) = blocks.get(index + taken)
        && next.kind != BlockKind::ListItem
        && next.text.len() < 120
        && !next.text.trim_end().ends_with('.')
        && (starts_lower(&next.text) || !WHOLE_QUESTION.is_match(last))
        && mark_at(blocks, index + taken).is_none()
        && !matches!(subheadings::announces(blocks, index + taken), Some(Announces::Items(_)))
    {
        last = next.text.trim();
        taken += 1;
    }
    Some((Mark::Question(section), taken))
}

/// The section that a heading in the form of one of the three questions opens.
fn question(block: &Block) -> Option<Section> {
    let text = block.text.trim();
    let set_apart = block.bold || block.kind == BlockKind::Heading;
    let usual = QUESTION.captures(text);
    let found = usual.or_else(|| OTHER_QUESTION.captures(text).filter(|_| set_apart))?;
    let named = |name: &str| found.name(name).is_some();
    let [identify, meet, improve] = QUESTIONS;
    [("identify", identify), ("meet", meet), ("improve", improve)]
        .into_iter()
        .flat_map(|(name, section)| [(name.to_owned(), section), (format!("{name}2"), section)])
        .find_map(|(name, section)| named(&name).then_some(section))
}
