//! Drafts -> blocks: the same rules for tagged files and for those read by their layout.

use std::collections::{BTreeMap, BTreeSet};

use super::content::Shown;
use super::draft::{Draft, Passage, Place, Role};
use super::error::Result;
use super::follow::join_over_pages;
use super::hyphens::join_hyphens;
use super::limits::Budget;
use crate::domain::{Block, BlockKind};

/// Bold type of this size or more sets a heading apart, in points.
const MIN_HEADING_POINTS: f32 = 13.5;
/// No heading is longer, in characters.
const MAX_HEADING_CHARS: usize = 220;

/// Turns drafts into blocks; those without text are left out.
pub(super) fn finish(shown: &Shown, drafts: Vec<Draft>, budget: &Budget) -> Result<Vec<Block>> {
    let passages = drafts.into_iter().filter_map(|draft| Passage::read(shown, draft)).collect();
    let mut passages = join_over_pages(shown, passages, budget)?;
    nest_again(shown, &mut passages);
    join_hyphens(&mut passages);
    let tables = Tables::new(&passages);
    let mut blocks: Vec<Block> = passages.into_iter().map(|passage| block(passage, &tables)).collect();
    rank_headings(&mut blocks);
    Ok(blocks)
}

/// Items of a list in a list that a page's end cut off are the beginning of a list of their own in the structure. Their
/// place tells that they lie deeper than the items before them.
fn nest_again(shown: &Shown, passages: &mut [Passage]) {
    /// Items of the same depth begin within so many points of each other.
    const ALIGNED: f32 = 3.0;
    /// A list in a list is set in by so much at least, in points.
    const INDENT: f32 = 8.0;
    // Page, depth and left edge of the items so far of the list that is open.
    let mut list: Vec<(u32, u8, f32)> = Vec::new();
    for passage in passages {
        let left = passage.pieces.first().and_then(|piece| shown.spans.get(piece.span as usize)).map(|s| s.from[0]);
        let (Role::Item(depth), Some(left), true, None) = (passage.role, left, passage.label.is_some(), passage.cell)
        else {
            list.clear();
            continue;
        };
        let (page, last_page) = passage.pages();
        let turned = list.last().is_some_and(|(before, ..)| *before < page);
        let begun = list.iter().filter(|(on, ..)| *on == page);
        let continues = turned || begun.clone().any(|(_, d, l)| *d > depth && (l - left).abs() < ALIGNED);
        let least = list.iter().filter(|(_, d, _)| *d == depth).map(|(.., l)| *l).fold(f32::MAX, f32::min);
        let known = list.iter().rev().find(|(_, d, l)| *d > depth && (l - left).abs() < ALIGNED).map(|(_, d, _)| *d);
        let found = if continues && left > least + INDENT && least < f32::MAX {
            known.unwrap_or_else(|| depth.saturating_add(1))
        } else {
            depth
        };
        passage.role = Role::Item(found);
        list.push((last_page, found, left));
    }
}

fn block(passage: Passage, tables: &Tables) -> Block {
    let Passage { role, cell: place, text, label, .. } = passage;
    let short = text.text.chars().count() <= MAX_HEADING_CHARS;
    let (kind, level) = match role {
        Role::Item(level) => (BlockKind::ListItem, level),
        _ if label.is_some() => (BlockKind::ListItem, 1),
        Role::Heading(level) if short => (BlockKind::Heading, level),
        // The level is found when all headings are known.
        _ if text.bold && text.size >= MIN_HEADING_POINTS && short => (BlockKind::Heading, 0),
        _ if place.is_some_and(|place| tables.is_whole_cell(place)) => (BlockKind::TableCell, 0),
        _ => (BlockKind::Paragraph, 0),
    };
    Block {
        page: text.page,
        kind,
        level,
        table: place.and_then(|place| tables.number(place.table)),
        row: place.map(|place| place.row),
        column: place.map(|place| place.column),
        text: text.text,
        label,
        size: text.size,
        bold: text.bold,
        page_breaks: text.page_breaks,
    }
}

/// Levels of headings that only their style marks: the larger, the higher.
fn rank_headings(blocks: &mut [Block]) {
    let tenths = |block: &Block| (block.size * 10.0).round() as u32;
    let is_unranked = |block: &Block| block.kind == BlockKind::Heading && block.level == 0;
    let sizes: BTreeSet<u32> = blocks.iter().filter(|block| is_unranked(block)).map(tenths).collect();
    let ranks: BTreeMap<u32, u8> = sizes.into_iter().rev().zip((1..6).chain(std::iter::repeat(6))).collect();
    for block in blocks.iter_mut().filter(|block| is_unranked(block)) {
        block.level = ranks.get(&tenths(block)).copied().unwrap_or(1);
    }
}

/// What is known of the tables: their numbers without empty ones, and how many blocks each cell holds.
struct Tables {
    numbers: BTreeMap<u32, u32>,
    cells: BTreeMap<u32, BTreeMap<(u32, u32), u32>>,
}

impl Tables {
    fn new(passages: &[Passage]) -> Self {
        let mut cells: BTreeMap<u32, BTreeMap<(u32, u32), u32>> = BTreeMap::new();
        for place in passages.iter().filter_map(|passage| passage.cell) {
            *cells.entry(place.table).or_default().entry((place.row, place.column)).or_default() += 1;
        }
        let numbers = cells.keys().zip(1..).map(|(&table, number)| (table, number)).collect();
        Self { numbers, cells }
    }

    fn number(&self, table: u32) -> Option<u32> {
        self.numbers.get(&table).copied()
    }

    /// Whether one block is all that the cell holds, in a table of more than one cell.
    fn is_whole_cell(&self, place: Place) -> bool {
        let Some(cells) = self.cells.get(&place.table) else { return false };
        cells.len() > 1 && cells.get(&(place.row, place.column)) == Some(&1)
    }
}
