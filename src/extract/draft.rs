//! Drafts: blocks before their text is put together, and the rules that turn them into blocks, which are the same for
//! both ways of reading.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::{Assembled, Piece, assemble};
use super::content::Shown;
use crate::domain::{Block, BlockKind};

/// Bold type of this size or more sets a heading apart, in points.
const HEADING_SIZE: f32 = 13.5;
/// No heading is longer, in characters.
const LONGEST_HEADING: usize = 220;

/// Where in which table a block lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) table: u32,
    pub(super) row: u32,
    pub(super) column: u32,
}

/// What a draft is taken for so far.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Role {
    Heading(u8),
    Paragraph,
    Item { level: u8, label: Vec<Piece> },
}

/// A block before its text is put together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) role: Role,
    /// The cell it lies in, and a number that only this cell has.
    pub(super) cell: Option<(Place, u32)>,
    pub(super) pieces: Vec<Piece>,
}

impl Draft {
    /// All pieces, those of the label first.
    pub(super) fn all_pieces(&self) -> impl Iterator<Item = &Piece> {
        let label: &[Piece] = if let Role::Item { label, .. } = &self.role { label } else { &[] };
        label.iter().chain(&self.pieces)
    }
}

/// Turns drafts into blocks; those without text are left out.
pub(super) fn finish(shown: &Shown, drafts: &[Draft]) -> Vec<Block> {
    let mut read: Vec<(&Draft, Assembled, Option<String>)> = Vec::new();
    for draft in drafts {
        let (mut text, mut label) = (assemble(shown, &draft.pieces), None);
        if let Role::Item { label: pieces, .. } = &draft.role {
            let printed = assemble(shown, pieces);
            if is_label(&printed.text) {
                label = Some(printed.text).filter(|label| !label.is_empty());
            } else {
                // What is marked as a label is the beginning of the text.
                let all: Vec<Piece> = draft.all_pieces().cloned().collect();
                text = assemble(shown, &all);
            }
        }
        if label.is_none() {
            label = take_bullet(&mut text);
        }
        if !text.text.is_empty() {
            read.push((draft, text, label));
        }
    }
    join_hyphens(&mut read);
    let tables = Tables::new(read.iter().map(|(draft, ..)| *draft));
    let mut blocks: Vec<Block> =
        read.into_iter().map(|(draft, text, label)| block(draft, text, label, &tables)).collect();
    rank_headings(&mut blocks);
    blocks
}

fn block(draft: &Draft, text: Assembled, label: Option<String>, tables: &Tables) -> Block {
    let short = text.text.chars().count() <= LONGEST_HEADING;
    let (kind, level) = match &draft.role {
        Role::Item { level, .. } => (BlockKind::ListItem, *level),
        _ if label.is_some() => (BlockKind::ListItem, 1),
        Role::Heading(level) if short => (BlockKind::Heading, *level),
        // The level is found when all headings are known.
        _ if text.bold && text.size >= HEADING_SIZE && short => (BlockKind::Heading, 0),
        _ if tables.is_whole_cell(draft) => (BlockKind::TableCell, 0),
        _ => (BlockKind::Paragraph, 0),
    };
    let place = draft.cell.map(|(place, _)| place);
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

/// Levels of headings that only their style marks: by size, below those that are marked as headings.
fn rank_headings(blocks: &mut [Block]) {
    let tenths = |block: &Block| (block.size * 10.0).round() as u32;
    let unranked = |block: &&Block| block.kind == BlockKind::Heading && block.level == 0;
    let sizes: BTreeSet<u32> = blocks.iter().filter(unranked).map(tenths).collect();
    let sizes: Vec<u32> = sizes.into_iter().rev().collect();
    for block in blocks.iter_mut().filter(|block| block.kind == BlockKind::Heading && block.level == 0) {
        let rank = sizes.iter().position(|&size| size == tenths(block)).unwrap_or(0);
        block.level = (rank + 1).min(6) as u8;
    }
}

/// What is known of the tables: their numbers without empty ones, and the blocks in each cell.
struct Tables {
    numbers: BTreeMap<u32, u32>,
    cells: BTreeMap<u32, BTreeSet<u32>>,
    blocks: BTreeMap<u32, u32>,
}

impl Tables {
    fn new<'d>(drafts: impl Iterator<Item = &'d Draft>) -> Self {
        let mut tables = Self { numbers: BTreeMap::new(), cells: BTreeMap::new(), blocks: BTreeMap::new() };
        for (place, cell) in drafts.filter_map(|draft| draft.cell) {
            tables.cells.entry(place.table).or_default().insert(cell);
            *tables.blocks.entry(cell).or_default() += 1;
        }
        tables.numbers = tables.cells.keys().zip(1..).map(|(&table, number)| (table, number)).collect();
        tables
    }

    fn number(&self, table: u32) -> Option<u32> {
        self.numbers.get(&table).copied()
    }

    /// Whether the draft is all that its cell holds, in a table of more than one cell.
    fn is_whole_cell(&self, draft: &Draft) -> bool {
        draft.cell.is_some_and(|(place, cell)| {
            self.blocks.get(&cell) == Some(&1) && self.cells.get(&place.table).is_some_and(|cells| cells.len() > 1)
        })
    }
}

fn is_bullet(c: char) -> bool {
    matches!(
        c,
        '•' | '◦'
            | '▪'
            | '▫'
            | '■'
            | '□'
            | '●'
            | '○'
            | '◼'
            | '◻'
            | '◾'
            | '◽'
            | '‣'
            | '➢'
            | '✓'
            | '❖'
            | '∙'
            | '·'
            | '\u{e000}'..='\u{f8ff}'
    )
}

/// Whether the text is a bullet or a number, and not words.
fn is_label(text: &str) -> bool {
    if text.chars().all(is_bullet) || matches!(text, "-" | "–" | "—" | "o" | "*" | "") {
        return true;
    }
    let core = text.trim_matches(|c| matches!(c, '(' | ')' | '.' | ':' | '[' | ']'));
    let number =
        core.split('.').all(|part| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit()));
    let letter = core.len() == 1 && core.bytes().all(|b| b.is_ascii_alphabetic());
    let roman = core.len() <= 6 && !core.is_empty() && core.bytes().all(|b| b"ivxIVX".contains(&b));
    number || letter || roman
}

/// Takes a bullet off the beginning of a text.
fn take_bullet(text: &mut Assembled) -> Option<String> {
    let first = text.text.chars().next().filter(|&c| is_bullet(c))?;
    let rest = text.text[first.len_utf8()..].trim_start();
    let cut = text.text.len() - rest.len();
    text.text.drain(..cut);
    for page_break in &mut text.page_breaks {
        page_break.offset = page_break.offset.saturating_sub(cut);
    }
    if let Some(first) = text.page_breaks.first().copied().filter(|first| first.offset == 0) {
        text.page = first.page;
        text.page_breaks.remove(0);
    }
    text.line_hyphens.retain_mut(|offset| {
        *offset = offset.saturating_sub(cut);
        *offset > 0
    });
    Some(first.to_string())
}

/// Removes a hyphen at a line's end where the document shows the word whole elsewhere, and never hyphenated.
fn join_hyphens(read: &mut [(&Draft, Assembled, Option<String>)]) {
    if read.iter().all(|(_, text, _)| text.line_hyphens.is_empty()) {
        return;
    }
    let mut words: BTreeSet<String> = BTreeSet::new();
    for (_, text, _) in read.iter() {
        let hyphens = &text.line_hyphens;
        for (start, word) in words_of(&text.text) {
            if !hyphens.iter().any(|&at| (start..start + word.len()).contains(&at)) {
                words.insert(word.to_lowercase());
            }
        }
    }
    for (_, text, _) in read.iter_mut() {
        for at in std::mem::take(&mut text.line_hyphens).into_iter().rev() {
            let Some((start, word)) =
                words_of(&text.text).find(|(start, word)| (*start..start + word.len()).contains(&at))
            else {
                continue;
            };
            let (before, after) = word.split_at(at - start);
            let Some(after) = after.strip_prefix(['-', '\u{2010}']) else { continue };
            let whole = format!("{before}{after}").to_lowercase();
            if words.contains(&whole) && !words.contains(&word.to_lowercase()) {
                let length = word.len() - before.len() - after.len();
                text.text.replace_range(at..at + length, "");
                for page_break in text.page_breaks.iter_mut().filter(|page_break| page_break.offset > at) {
                    page_break.offset -= length;
                }
            }
        }
    }
}

/// Words with the hyphens in them, and where they start.
fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\u{2010}');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(is_part)?;
        let end = text[start..].find(|c| !is_part(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some((start, &text[start..end]))
    })
}
