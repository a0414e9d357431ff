//! The report of a monitoring inspection, 2023 on: progress on each area for priority action, and nothing else.
//!
//! The form is young and varies, so the verdicts are looked for in three ways: areas under headings of their own, areas
//! in a table beside the findings, and lists that a verdict introduces.

use super::joint_area;
use super::partnership::front::record;
use super::partnership::parts::{Part, Parts, action_heading, is_subheading};
use super::partnership::{actors, bodies, formal, front, outcome, verdicts};
use super::passages::{Item, Passages};
use super::pattern::pattern;
use super::view::{Running, View};
use super::{Format, ParseError};
use crate::domain::{
    Block, BlockKind, Evidence, Fact, Letter, LetterKind, Outcome, Revisit, Role, Section, Suspicion, Verdict,
};
use crate::reference::Reference;

/// The format.
pub(super) const FORMAT: Format = Format { kind: LetterKind::AreaSendMonitoring, recognise, read };

pattern! {
    TITLE = r"(?i)\barea\s+SEND\s+(?:\w+\s+)?monitoring\s+(?:inspection|visit)(?:\s+report)?\s*(?:of|in|for|:|–|-)[^\n]{0,120}|\bmonitoring\s+inspection\s+(?:report\s+)?(?:of|in|for)\b[^\n]{2,90}\blocal\s+area\s+partnership\b";
    SIGN = r"(?i)\bpriority\s+action|\blocal\s+area\s+partnership|\bSEND\b";
    DEMAND = r"(?i)\b(?:should|must|needs?(?:\s+\w+)?\s+to|(?:is|are)\s+required\s+to)\b";
    ACTION_COLUMN = r"(?i)^(?:areas?\s+for\s+)?priority\s+actions?\b.{0,40}$|^areas?\s+for\s+priority\b.{0,40}$";
    BODY_LINE = r"(?i)^responsible\s+(?:bod(?:y|ies)|partners?|organisations?)\s*:";
    COLUMN_HEAD = r"(?i)^(?:inspectors?.{0,3}\s+)?(?:findings?|evaluation|verdicts?|outcomes?|progress|judgements?|impact|evidence|effective\s+action)\b.{0,60}$";
    AFTERWARDS = r"(?i)^(?:next\s+steps|what\s+happens\s+next|recommendations?|areas?\s+for\s+improvement|conclusions?|other\s+findings)\b";
    QUOTED = r"^[‘“]";
}

fn recognise(view: &View<'_>) -> Option<Evidence> {
    let front = view.running(view.first_pages(1));
    let title = TITLE.find(&front.text)?;
    view.find(&SIGN, view.first_pages(2))?;
    Some(front.evidence(title.range()))
}

fn read(view: &View<'_>, reference: &Reference) -> Result<Letter, ParseError> {
    let kind = LetterKind::AreaSendMonitoring;
    let parts = Parts::of(view, true);
    let mut facts = Vec::new();
    let mut suspicious = Vec::new();
    let front = front::read(kind, view, &parts, reference, &mut facts, &mut suspicious)?;
    let letter_date = joint_area::front::date_of_letter(view, front.inspection, &mut facts, &mut suspicious);
    let outcome_range = parts.range(Part::Outcome).unwrap_or_else(|| view.first_pages(1));
    let box_text = view.running(outcome_range);
    let conclusion = outcome::read(&box_text, &mut facts);
    // The box speaks of the full inspection's conclusion too; this report's is the verdict on progress.
    facts.retain(|f: &Fact| f.field != "outcome");
    let bodies = bodies::read(view, &parts, reference, &mut facts);

    let mut passages = Passages::default();
    for (index, block) in parts.blocks(view, Part::Information) {
        if !is_subheading(block) {
            passages.paragraph(Role::Narrative, Section::Context, &view.running(index..index + 1));
        }
    }
    let progress = progress(view, &parts);
    let (overall, place) = verdicts::overall(&box_text.text).unzip();
    let (revisit, outcome) = judge(&progress, overall, &mut suspicious);
    let told = place.map(|range| box_text.evidence(range));
    let told = told.or_else(|| progress.areas.iter().find_map(|a| a.verdict_evidence.clone()));
    if let (Some(evidence), true) = (told, outcome.is_some()) {
        record(&mut facts, &["outcome", "revisit"], &evidence);
    }
    progress.into_passages(overall.and_then(|o| o.same_on_all), &mut passages);
    for (part, section) in [
        (Part::Experience, Section::Experience),
        (Part::Effective, Section::Effective),
        (Part::NeedsToImprove, Section::NeedsToImprove),
    ] {
        super::area_send_full::prose(view, &parts, part, section, &mut passages);
    }
    for mut item in formal::items(&parts.blocks(view, Part::AreasForImprovement)) {
        item.responsible = item.responsible.or_else(|| actors::named(&item.text));
        passages.item(Role::AreaForImprovement, Section::AreasForImprovement, item);
    }
    Ok(Letter {
        kind,
        la_code: front.la_code,
        area_as_printed: front.area_as_printed,
        inspection: front.inspection,
        letter_date,
        previous_inspection: front.previous,
        outcome,
        wsoa_required: None,
        priority_action_plan_required: Some(conclusion.plan_required),
        next_full_inspection_months: conclusion.next_full_months,
        monitoring_inspection_months: conclusion.monitoring_months,
        local_authorities: bodies.local_authorities,
        health_bodies: bodies.health_bodies,
        responsible_for_statement: conclusion.plan_by.into_iter().collect(),
        counts: passages.counts(),
        revisit,
        facts,
        suspicious,
        passages: passages.into_vec(),
    })
}

/// One area for priority action restated, with what inspectors found.
#[derive(Default)]
struct Area {
    item: Item,
    findings: Vec<Running>,
    verdict_evidence: Option<Evidence>,
}

/// The part on progress: what stands before the areas, the areas, and what follows.
#[derive(Default)]
struct Progress {
    before: Vec<Running>,
    areas: Vec<Area>,
    after: Vec<Running>,
}

fn progress(view: &View<'_>, parts: &Parts) -> Progress {
    let mut blocks = parts.blocks(view, Part::Progress);
    let listed = blocks.is_empty();
    if listed {
        // No part of its own: the outcome and the information hold everything.
        blocks = [Part::Outcome, Part::Information].into_iter().flat_map(|p| parts.blocks(view, p)).collect();
    }
    let headed = blocks.iter().any(|(_, b)| action_heading(b).is_some());
    let mut progress = Progress::default();
    if headed {
        progress.under_headings(view, &blocks);
    } else if let Some(column) = action_column(&blocks) {
        progress.in_table(view, &blocks, column);
    } else {
        progress.in_lists(view, &blocks, listed);
    }
    for area in &mut progress.areas {
        for text in &area.findings {
            if let Some(verdict) = verdicts::last_in(&text.text) {
                area.item.verdict = Some(verdict);
                area.verdict_evidence = Some(text.evidence(0..text.text.len()));
            }
        }
    }
    progress.areas.retain(|a| !a.item.text.is_empty());
    progress
}

impl Progress {
    fn under_headings(&mut self, view: &View<'_>, blocks: &[(usize, &Block)]) {
        let mut ended = false;
        for &(index, block) in blocks {
            if let Some(rest) = action_heading(block) {
                let text = if rest.len() > 25 { rest.to_owned() } else { String::new() };
                let item = Item { text, page: block.page, ..Item::default() };
                self.areas.push(Area { item, ..Area::default() });
                ended = false;
                continue;
            }
            ended |= block.text.len() < 100 && AFTERWARDS.is_match(&block.text);
            if is_subheading(block) || ended && AFTERWARDS.is_match(&block.text) && block.text.len() < 40 {
                continue;
            }
            let text = view.running(index..index + 1);
            match self.areas.last_mut() {
                None => self.before.push(text),
                Some(_) if ended => self.after.push(text),
                Some(area) => area.take(block, text),
            }
        }
    }

    fn in_table(&mut self, view: &View<'_>, blocks: &[(usize, &Block)], column: u32) {
        for &(index, block) in blocks {
            if is_subheading(block)
                || ACTION_COLUMN.is_match(&block.text)
                || COLUMN_HEAD.is_match(&block.text) && block.bold
            {
                continue;
            }
            let text = view.running(index..index + 1);
            if block.table.is_none() {
                if self.areas.is_empty() { self.before.push(text) } else { self.after.push(text) }
            } else if block.column == Some(column) {
                match self.areas.last_mut() {
                    Some(area) if area.goes_on_with(block) => area.restate(block),
                    _ => {
                        self.areas.push(Area::default());
                        if let Some(area) = self.areas.last_mut() {
                            area.restate(block);
                        }
                    }
                }
            } else if let Some(area) = self.areas.last_mut() {
                area.findings.push(text);
            }
        }
    }

    /// Lists that a verdict introduces, or areas one after another, each with its findings.
    fn in_lists(&mut self, view: &View<'_>, blocks: &[(usize, &Block)], verdict_only: bool) {
        let mut leading: Option<Verdict> = None;
        for &(index, block) in blocks {
            let text = view.running(index..index + 1);
            let marked = block.kind == BlockKind::ListItem;
            if let (true, Some(verdict)) = (marked, leading) {
                let mut area = Area::default();
                area.restate(block);
                area.item.verdict = Some(verdict);
                area.verdict_evidence = Some(text.evidence(0..text.text.len()));
                self.areas.push(area);
                continue;
            }
            leading = if marked { None } else { verdicts::leading_list(&block.text) };
            let restates = !marked && DEMAND.is_match(&block.text) || QUOTED.is_match(&block.text);
            let free = self.areas.last().is_none_or(Area::is_judged);
            if restates && free && !verdict_only && leading.is_none() && verdicts::of_sentence(&block.text).is_none() {
                let mut area = Area::default();
                area.restate(block);
                self.areas.push(area);
            } else if !is_subheading(block) {
                match self.areas.last_mut() {
                    Some(area) if leading.is_none() && !verdict_only => area.findings.push(text),
                    _ if !verdict_only => self.before.push(text),
                    _ => {}
                }
            }
        }
    }

    /// Adds each area, then what was found on it, then the rest.
    fn into_passages(self, same_on_all: Option<Verdict>, passages: &mut Passages) {
        for text in &self.before {
            passages.paragraph(Role::Narrative, Section::Progress, text);
        }
        for mut area in self.areas {
            area.item.verdict = area.item.verdict.or(same_on_all);
            passages.item(Role::ProgressVerdict, Section::Progress, area.item);
            for text in &area.findings {
                passages.paragraph(Role::Narrative, Section::Progress, text);
            }
        }
        for text in &self.after {
            passages.paragraph(Role::Narrative, Section::Context, text);
        }
    }
}

impl Area {
    /// A block below the area's heading: the area restated, or what was found.
    fn take(&mut self, block: &Block, text: Running) {
        let restating = self.findings.is_empty() && (self.item.text.is_empty() || self.goes_on_with(block));
        let judges = verdicts::of_sentence(&block.text).is_some();
        if self.findings.is_empty() && BODY_LINE.is_match(&block.text) {
            let bodies = block.text.split_once(':').map_or("", |(_, b)| b.trim());
            self.item.responsible = (!bodies.is_empty()).then(|| bodies.to_owned());
        } else if restating && !judges {
            self.restate(block);
        } else {
            self.findings.push(text);
        }
    }

    fn restate(&mut self, block: &Block) {
        let item = &mut self.item;
        if item.text.is_empty() {
            item.text = block.text.trim().to_owned();
            item.page = block.page;
        } else if block.kind == BlockKind::ListItem {
            item.text.push_str("\n- ");
            item.text.push_str(block.text.trim());
            item.sub_items += 1;
        } else {
            item.text.push(' ');
            item.text.push_str(block.text.trim());
        }
    }

    /// Whether the restated area is not complete without this block.
    fn goes_on_with(&self, block: &Block) -> bool {
        let text = self.item.text.trim_end();
        !super::tidy::ends_complete(text)
            && (text.ends_with([':', ';', ',']) || super::tidy::starts_lower(&block.text))
            && verdicts::of_sentence(&block.text).is_none()
    }

    fn is_judged(&self) -> bool {
        self.item.verdict.is_some() || self.findings.iter().any(|t| verdicts::last_in(&t.text).is_some())
    }
}

/// The column of the areas in a table with findings beside them.
fn action_column(blocks: &[(usize, &Block)]) -> Option<u32> {
    let cells = || blocks.iter().map(|(_, b)| *b).filter(|b| b.table.is_some());
    let widest = cells().filter_map(|b| b.column).max().filter(|w| *w >= 2)?;
    let headed = cells().find(|b| ACTION_COLUMN.is_match(&b.text)).and_then(|b| b.column);
    headed.or_else(|| {
        (1..=widest).max_by_key(|column| {
            let demands = cells().filter(|b| b.column == Some(*column) && DEMAND.is_match(&b.text)).count();
            (demands, std::cmp::Reverse(*column))
        })
    })
}

/// Counts of verdicts and the outcome that follows from them.
fn judge(
    progress: &Progress,
    overall: Option<verdicts::Overall>,
    suspicious: &mut Vec<Suspicion>,
) -> (Option<Revisit>, Option<Outcome>) {
    let overall = overall.unwrap_or_default();
    let verdict_of = |area: &Area| area.item.verdict.or(overall.same_on_all);
    let count = |verdict| progress.areas.iter().filter(|a| verdict_of(a) == Some(verdict)).count();
    let of_areas = (count(Verdict::Sufficient), count(Verdict::Insufficient));
    let judged = u32::try_from(of_areas.0).ok().zip(u32::try_from(of_areas.1).ok()).filter(|(s, i)| s + i > 0);
    let (sufficient, insufficient) = match (judged, overall.counted) {
        (Some(areas), Some(counted)) if areas != counted => {
            suspicious.push(Suspicion {
                field: "revisit".to_owned(),
                problem: format!(
                    "the verdicts on single areas add up to {} with effective action and {} without",
                    areas.0, areas.1
                ),
                quote: format!("{} with effective action and {} without, says the outcome", counted.0, counted.1),
            });
            counted
        }
        (Some(areas), _) => areas,
        (None, Some(counted)) => counted,
        (None, None) => {
            let outcome = overall.same_on_all.map(|verdict| match verdict {
                Verdict::Sufficient => Outcome::SufficientProgressAll,
                Verdict::Insufficient => Outcome::SufficientProgressNone,
            });
            return (None, outcome);
        }
    };
    let outcome = match (sufficient, insufficient) {
        (_, 0) => Outcome::SufficientProgressAll,
        (0, _) => Outcome::SufficientProgressNone,
        _ => Outcome::SufficientProgressSome,
    };
    (Some(Revisit { wsoa_required_on: None, fit_for_purpose_on: None, sufficient, insufficient }), Some(outcome))
}
