//! The report of a full area SEND inspection, 2023 on.

use super::joint_area::bullets::goes_on;
use super::partnership::front::record;
use super::partnership::parts::{Part, Parts, is_subheading};
use super::partnership::{actors, bodies, formal, front, outcome};
use super::passages::Passages;
use super::pattern::pattern;
use super::tidy::{ends_complete, starts_lower};
use super::view::{Running, View};
use super::{Format, ParseError};
use crate::domain::{Block, BlockKind, Evidence, Letter, LetterKind, Outcome, Role, Section, Suspicion};
use crate::reference::Reference;

/// The format.
pub(super) const FORMAT: Format = Format { kind: LetterKind::AreaSendFull, recognise, read };

pattern! {
    TITLE = r"(?i)\barea\s+SEND\s+(?:full\s+|re-?)*inspection(?:\s+report)?\s*(?:of|in|for|:|–|-)[^\n]{0,120}";
    SIGN = r"(?i)\bwhat\s+is\s+(?:it\s+like\s+to\s+be\s+a\s+child|the\s+(?:local\s+)?area\s+partnership\s+doing)|\binformation\s+about\s+the\s+(?:local\s+)?area\s+partnership|\blocal\s+area\s+partnership\s+details|\blocal\s+area\s+partnership.s\s+arrangements|\bareas\s+for\s+(?:priority\s+action|improvement)";
    MONITORING = r"(?i)\bmonitoring\s+(?:inspection|visit)\s+(?:report\s+)?(?:of|in|for)\b";
}

/// The parts that every full report has.
const EVALUATIVE: [(Part, Section); 3] = [
    (Part::Experience, Section::Experience),
    (Part::Effective, Section::Effective),
    (Part::NeedsToImprove, Section::NeedsToImprove),
];

fn recognise(view: &View<'_>) -> Option<Evidence> {
    let front = view.running(view.first_pages(1));
    let title = TITLE.find(&front.text)?;
    if MONITORING.find(&front.text).is_some_and(|m| m.start() <= title.start()) {
        return None;
    }
    view.find(&SIGN, view.first_pages(3))?;
    Some(front.evidence(title.range()))
}

fn read(view: &View<'_>, reference: &Reference) -> Result<Letter, ParseError> {
    let kind = LetterKind::AreaSendFull;
    let parts = Parts::of(view, false);
    let mut facts = Vec::new();
    let mut suspicious = Vec::new();
    let front = front::read(kind, view, &parts, reference, &mut facts, &mut suspicious)?;
    let outcome_range = parts.range(Part::Outcome).unwrap_or_else(|| view.first_pages(1));
    let mut conclusion = outcome::read(&view.running(outcome_range), &mut facts);
    let bodies = bodies::read(view, &parts, reference, &mut facts);

    let mut passages = Passages::default();
    context(view, &parts, &mut passages);
    prose(view, &parts, Part::Experience, Section::Experience, &mut passages);
    let effective = prose(view, &parts, Part::Effective, Section::Effective, &mut passages);
    let needs = prose(view, &parts, Part::NeedsToImprove, Section::NeedsToImprove, &mut passages);
    for item in formal::items(&parts.blocks(view, Part::PriorityActions)) {
        passages.item(Role::PriorityAction, Section::PriorityActions, item);
    }
    let improvements = parts.blocks(view, Part::AreasForImprovement);
    let in_column = improvements.iter().any(|(_, block)| formal::heads_bodies(block));
    for mut item in formal::items(&improvements) {
        item.responsible = item.responsible.filter(|_| in_column).or_else(|| actors::named(&item.text));
        passages.item(Role::AreaForImprovement, Section::AreasForImprovement, item);
    }

    for (part, section) in EVALUATIVE {
        if passages.paragraphs(section) == 0 {
            let heading = parts.heading(part).map(|h| view.running(h).text).unwrap_or_default();
            suspicious.push(Suspicion {
                field: section.to_string(),
                problem: "this part of the report was not found or is empty".to_owned(),
                quote: super::quote::normalise(&heading),
            });
        }
    }
    let mut counts = passages.counts();
    counts.effective_bullets = effective;
    counts.needs_to_improve_bullets = needs;
    if !conclusion.plan_required && (conclusion.plan_mentioned || counts.priority_action > 0) {
        // The box says it in other words; the items themselves say that a plan is required.
        conclusion.plan_required = true;
        if let Some(heading) = parts.heading(Part::PriorityActions) {
            let text = view.running(heading);
            record(&mut facts, &["priority_action_plan_required"], &text.evidence(0..text.text.len()));
        }
    }
    Ok(Letter {
        kind,
        la_code: front.la_code,
        area_as_printed: front.area_as_printed,
        inspection: front.inspection,
        letter_date: None,
        previous_inspection: front.previous,
        outcome: conclusion.outcome,
        wsoa_required: None,
        priority_action_plan_required: Some(
            conclusion.plan_required || conclusion.outcome == Some(Outcome::WidespreadFailings),
        ),
        next_full_inspection_months: conclusion.next_full_months,
        monitoring_inspection_months: conclusion.monitoring_months,
        local_authorities: bodies.local_authorities,
        health_bodies: bodies.health_bodies,
        responsible_for_statement: conclusion.plan_by.into_iter().collect(),
        counts,
        revisit: None,
        facts,
        suspicious,
        passages: passages.into_vec(),
    })
}

/// The part about the partnership: facts, kept as context.
fn context(view: &View<'_>, parts: &Parts, passages: &mut Passages) {
    for (index, block) in parts.blocks(view, Part::Information) {
        if !is_subheading(block) {
            passages.paragraph(Role::Narrative, Section::Context, &view.running(index..index + 1));
        }
    }
}

/// Paragraphs and bullets of an evaluative part, one passage a sentence; gives the number of bullets, or of
/// paragraphs where nothing is marked.
pub(super) fn prose(view: &View<'_>, parts: &Parts, part: Part, section: Section, passages: &mut Passages) -> u32 {
    let blocks: Vec<(usize, &Block)> =
        parts.blocks(view, part).into_iter().filter(|(_, b)| !is_subheading(b)).collect();
    let outermost = blocks.iter().filter(|(_, b)| b.kind == BlockKind::ListItem).map(|(_, b)| b.level).min();
    // Where bullets are printed, an item without one is a further paragraph of the bullet before it.
    let printed = blocks.iter().any(|(_, b)| b.kind == BlockKind::ListItem && b.label.is_some());
    let mut paragraphs: Vec<(bool, Running)> = Vec::new();
    let mut before: Option<&Block> = None;
    for (position, &(index, block)) in blocks.iter().enumerate() {
        let marked = block.kind == BlockKind::ListItem;
        let next = blocks.get(position + 1).map(|(_, next)| *next);
        let rest = before.replace(block).is_some_and(|last| goes_on(last, block, next));
        if let Some((_, last)) = paragraphs.last_mut()
            && (rest || belongs_to(&last.text, block, outermost) || marked && printed && block.label.is_none())
        {
            last.push(index, block);
            continue;
        }
        paragraphs.push((marked, view.running(index..index + 1)));
    }
    for (_, paragraph) in &paragraphs {
        passages.paragraph(Role::Narrative, section, paragraph);
    }
    let bullets = paragraphs.iter().filter(|(marked, _)| *marked).count();
    let count = if bullets == 0 { paragraphs.len() } else { bullets };
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whether a block goes on with the bullet or paragraph before it: a deeper list item, an item of a list that the
/// text announced, or the rest of a sentence.
pub(super) fn belongs_to(before: &str, block: &Block, outermost: Option<u8>) -> bool {
    let open = !ends_complete(before);
    match block.kind {
        BlockKind::ListItem => {
            let deeper = outermost.is_some_and(|level| block.level > level);
            deeper || open && starts_lower(&block.text)
        }
        _ => open && (starts_lower(&block.text) || !before.trim_end().ends_with(':')),
    }
}
