//! Cuts a report into its parts by the wording of the headings.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::{Block, BlockKind};
use crate::parse::pattern::pattern;
use crate::parse::tidy::ends_complete;
use crate::parse::view::View;

/// A part of a report, in the order in which parts follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Kicker, title and dates.
    Front,
    /// The box with the outcome.
    Outcome,
    /// Information about the local area partnership.
    Information,
    /// Monitoring: progress on the areas for priority action.
    Progress,
    /// What it is like to be a child or young person with SEND in the area.
    Experience,
    /// What is effective.
    Effective,
    /// What must be better.
    NeedsToImprove,
    /// Areas for priority action.
    PriorityActions,
    /// Areas for improvement.
    AreasForImprovement,
    /// Local area partnership details.
    Details,
    /// Information about the inspection and the team, and everything after.
    Back,
}

pattern! {
    OUTCOME = r"(?i)^(?:monitoring\s+)?inspection\s+outcomes?(?:\s+and\s+next\s+steps)?:?$";
    INFORMATION = r"(?i)^(?:background\s+)?information\s+about\s+the\s+(?:local\s+)?area(?:\s+partnership)?:?$|^about\s+the\s+(?:local\s+)?area\s+partnership$";
    PROGRESS = r"(?i)^(?:(?:what|how)\s+.*progress.*\??|progress\s+(?:on|against|since|made|towards|in)\b.{0,120}|the\s+progress\b.{0,120}|(?:monitoring\s+)?inspection\s+findings|findings)$";
    ACTION = r"(?i)^(?:area\s+(?:for\s+|of\s+)?priority\s+action|priority\s+action(?:\s+area)?|priority\s+area|area\s+for\s+action)\s*(?:no\.?\s*|number\s+)?(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|[a-h]\b)?\s*[:.–-]?\s*(?P<rest>[\s\S]*)$";
    SINGULAR_TITLE = r"(?i)^(?:area\s+(?:for\s+|of\s+)?priority\s+action|priority\s+action(?:\s+area)?|priority\s+area|area\s+for\s+action)\s*(?:no\.?\s*|number\s+)?(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|[a-h])?\s*(?:[:.–-]|$)";
    EXPERIENCE = r"(?i)^what\s+(?:(?:it\s+is|it\s+was|is\s+it|was\s+it|is\s+life|life\s+is)\s+like|do\s+children)\b.*(?:\?|\barea|\bpartnership)$";
    EFFECTIVE = r"(?i)^what\s+(?:is|does)\s+.*\b(?:area|partnership|leaders)\b.*\b(?:do|doing|does)\b.*\b(?:effective(?:ly)?|well)\b.{0,20}$|^what\s+is\s+(?:working\s+well|effective)\b.{0,60}$|^what\s+the\s+(?:local\s+)?area\s+partnership\s+(?:is\s+doing|does)\b.{0,60}$";
    NEEDS = r"(?i)^what\s+(?:does|do|must|should|the)\s+.*\b(?:area|partnership|leaders)\b.*\b(?:better|improve|improved|improvement)\b\s*\??$|^what\s+needs\s+to\s+(?:be\s+(?:better|improved)|improve)\b.{0,60}$";
    PRIORITY = r"(?i)^(?:areas?|issues)\s+(?:for|of|requiring)\s+priority\s+actions?:?$|^priority\s+actions?:?$";
    IMPROVEMENT = r"(?i)^areas?\s+(?:for|of|requiring)\s+improvements?:?$|^recommendations?(?:\s+for\s+improvement)?:?$";
    DETAILS = r"(?i)^(?:local\s+)?(?:area\s+)?partnership\s+details:?$|^details\s+of\s+the\s+(?:local\s+)?area\s+partnership:?$";
    DETAILS_CELL = r"(?i)^local\s+authorit(?:y|ies):?$";
    ACTIONS_CELL = r"(?i)^responsible\s+(?:bod(?:y|ies)|partners?|organisations?):?$";
    DEMAND = r"(?i)\b(?:should|must)\b";
    QUESTION = r"(?i)^(?:what|how)\b.{8,150}\?$";
    BACK = r"(?i)^information\s+about\s+(?:this|the)\s+(?:monitoring\s+|area\s+SEND\s+)*inspection:?$|^inspection\s+team:?$|^the\s+office\s+for\s+standards\s+in\s+education,?\s+children.s\s+services\s+and\s+skills\b.*";
}

/// The parts of a report and the blocks of each, headings left out.
#[derive(Debug, Default)]
pub struct Parts {
    bodies: BTreeMap<Part, Vec<usize>>,
    headings: BTreeMap<Part, Range<usize>>,
}

impl Parts {
    /// Cuts a report into parts. Parts only ever follow in their order, so a heading's wording that recurs inside a
    /// later part does not lead back.
    #[must_use]
    pub fn of(view: &View<'_>, monitoring: bool) -> Self {
        let mut parts = Self::default();
        let mut current = Part::Front;
        let mut at = 0;
        while at < view.blocks().len() {
            if monitoring && current <= Part::Progress && action_heading(&view.blocks()[at]).is_some() {
                current = Part::Progress;
                parts.bodies.entry(current).or_default().push(at);
                at += 1;
                continue;
            }
            let found =
                heading_at(view.blocks(), at, monitoring).map(|(part, end)| (about(part, current, monitoring), end));
            let found = found.or_else(|| {
                let part = if monitoring { None } else { unknown_question(&view.blocks()[at], current) };
                part.map(|part| (part, at + 1))
            });
            if let Some((part, end)) = found
                && part >= current
            {
                current = part;
                parts.headings.entry(part).or_insert(at..end);
                at = end;
                continue;
            }
            // The table of the partnership's details is known by its first cell, should its heading be lost.
            if current > Part::Information && current < Part::Details && heads_details(&view.blocks()[at]) {
                current = Part::Details;
            }
            // So is that of the priority actions.
            let acts = current > Part::Information && current < Part::PriorityActions;
            if !monitoring && acts && heads_actions(&view.blocks()[at]) {
                current = Part::PriorityActions;
            }
            parts.bodies.entry(current).or_default().push(at);
            at += 1;
        }
        if !monitoring && !parts.bodies.contains_key(&Part::AreasForImprovement) {
            parts.find_unheaded_improvements(view);
        }
        parts
    }

    /// Areas for improvement that neither a heading nor a header row announces end the part before them.
    fn find_unheaded_improvements(&mut self, view: &View<'_>) {
        for part in [Part::PriorityActions, Part::NeedsToImprove] {
            let blocks: Vec<&Block> = self.blocks(view, part).into_iter().map(|(_, block)| block).collect();
            if let Some(start) = unheaded_demands(&blocks)
                && let Some(body) = self.bodies.get_mut(&part)
            {
                let found = body.split_off(start);
                self.bodies.insert(Part::AreasForImprovement, found);
                return;
            }
        }
    }

    /// The blocks of a part, without headings.
    #[must_use]
    pub fn blocks<'a>(&self, view: &View<'a>, part: Part) -> Vec<(usize, &'a Block)> {
        let all = view.blocks();
        self.bodies.get(&part).into_iter().flatten().map(|&i| (i, &all[i])).collect()
    }

    /// The range of blocks from a part's first to its last, heading left out.
    #[must_use]
    pub fn range(&self, part: Part) -> Option<Range<usize>> {
        let body = self.bodies.get(&part)?;
        Some(*body.first()?..*body.last()? + 1)
    }

    /// The heading of a part.
    #[must_use]
    pub fn heading(&self, part: Part) -> Option<Range<usize>> {
        self.headings.get(&part).cloned()
    }
}

fn heads_actions(block: &Block) -> bool {
    block.table.is_some() && ACTIONS_CELL.is_match(block.text.trim())
}

fn heads_details(block: &Block) -> bool {
    block.table.is_some() && DETAILS_CELL.is_match(block.text.trim())
}

/// In a monitoring report, "information about this inspection" may open the report, and the areas for priority
/// action are what progress is on.
fn about(part: Part, current: Part, monitoring: bool) -> Part {
    match part {
        Part::Back if monitoring && current < Part::Information => Part::Information,
        Part::PriorityActions if monitoring => Part::Progress,
        _ => part,
    }
}

/// What follows the number in a heading over one area for priority action ("Area for priority action 2: ...").
#[must_use]
pub fn action_heading(block: &Block) -> Option<&str> {
    let text = block.text.trim();
    let apart = block.kind == BlockKind::Heading || block.column.is_none() && (block.bold || text.len() < 60);
    if !apart || block.kind == BlockKind::ListItem || !SINGULAR_TITLE.is_match(text) {
        return None;
    }
    Some(ACTION.captures(text)?.name("rest")?.as_str().trim())
}

/// The part whose heading starts at this block, and the block after the heading.
fn heading_at(blocks: &[Block], start: usize, monitoring: bool) -> Option<(Part, usize)> {
    let first = &blocks[start];
    if first.kind == BlockKind::ListItem || first.text.len() > 200 && !BACK.is_match(&first.text) {
        return None;
    }
    let mut text = String::new();
    for (end, block) in blocks.iter().enumerate().skip(start).take(3) {
        let alike = block.kind == first.kind
            && (block.table, block.row, block.column) == (first.table, first.row, first.column);
        if end > start && (!alike || text.ends_with(['?', '.'])) {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(block.text.trim());
        if let Some(part) = part_of(&text, monitoring) {
            return Some((part, end + 1));
        }
    }
    None
}

fn part_of(heading: &str, monitoring: bool) -> Option<Part> {
    const PATTERNS: [(&std::sync::LazyLock<regex::Regex>, Part); 9] = [
        (&OUTCOME, Part::Outcome),
        (&INFORMATION, Part::Information),
        (&EXPERIENCE, Part::Experience),
        (&EFFECTIVE, Part::Effective),
        (&NEEDS, Part::NeedsToImprove),
        (&PRIORITY, Part::PriorityActions),
        (&IMPROVEMENT, Part::AreasForImprovement),
        (&DETAILS, Part::Details),
        (&BACK, Part::Back),
    ];
    if monitoring && PROGRESS.is_match(heading) {
        return Some(Part::Progress);
    }
    let (_, part) = PATTERNS.iter().find(|(pattern, _)| pattern.is_match(heading))?;
    Some(*part)
}

/// A heading that asks what no known heading asks opens the next of the three parts that are headed by questions.
fn unknown_question(block: &Block, current: Part) -> Option<Part> {
    let question = block.kind == BlockKind::Heading && QUESTION.is_match(block.text.trim());
    match current {
        Part::Information if question => Some(Part::Experience),
        Part::Experience if question => Some(Part::Effective),
        Part::Effective if question => Some(Part::NeedsToImprove),
        _ => None,
    }
}

/// Where a part ends in a table of one column, or in a numbered list, whose every item demands something, while what
/// stands before it is another table or list: the first block of it.
fn unheaded_demands(blocks: &[&Block]) -> Option<usize> {
    let number = |b: &Block| {
        let label = b.label.as_deref().filter(|_| b.kind == BlockKind::ListItem)?;
        label.trim_end_matches(['.', ')']).parse::<u32>().ok()
    };
    let last = blocks.last()?;
    let wide = blocks.iter().any(|b| b.table == last.table && b.column.is_some_and(|column| column > 1));
    let of_table = || {
        let start = blocks.iter().position(|b| b.table == last.table).filter(|_| last.table.is_some() && !wide)?;
        let rows = blocks[start..].chunk_by(|a, b| a.row == b.row).map(|row| row[0]);
        let plain = rows.clone().all(|first| first.kind != BlockKind::ListItem || number(first).is_some());
        (plain && rows.into_iter().all(|first| DEMAND.is_match(&first.text))).then_some(start)
    };
    let of_numbers = || {
        let start = blocks.iter().rposition(|b| number(b) == Some(1))?;
        let mut numbered = blocks[start..].iter().filter(|b| number(b).is_some());
        let bullets_after = blocks[start..]
            .iter()
            .any(|b| b.kind == BlockKind::ListItem && b.level <= blocks[start].level && number(b).is_none());
        (!bullets_after && numbered.all(|b| DEMAND.is_match(&b.text))).then_some(start)
    };
    let start = of_table().or_else(of_numbers).filter(|&start| start > 0)?;
    ends_complete(&blocks[start - 1].text).then_some(start)
}

/// Whether a block heads what follows without being one of the known headings: it is no finding.
#[must_use]
pub fn is_subheading(block: &Block) -> bool {
    block.kind == BlockKind::Heading && block.text.len() <= 120 && !ends_complete(&block.text)
}
