//! The significant weaknesses of an outcome letter: bullets or paragraphs below the sentence that asks for a written
//! statement, a table, or what that sentence says after its colon.

use std::ops::Range;

use super::bullets;
use crate::domain::{Block, BlockKind, Role, Section};
use crate::parse::passages::{Item, Passages};
use crate::parse::pattern::pattern;
use crate::parse::quote::normalise;
use crate::parse::tidy::{ends_complete, starts_lower};
use crate::parse::view::View;

pattern! {
    REQUIRED = r"(?i)\b(?:is|are)\s+(?:(?:also|therefore|jointly|now)\s+)*required\s+to\s+(?:(?:jointly|work\s+together\s+to)\s+)?(?:produce|prepare|write|submit|develop)\b[^.]*\b(?:statement\s+of\s+action|WSOA)\b";
    /// The head of a column in a table of weaknesses, or the number of a row.
    COLUMN_HEAD = r"(?i)^(?:no\.?|number|ref(?:erence)?\.?|#|\(?\d{1,2}[.)]?|(?:areas?\s+of\s+)?(?:significant\s+)?weakness(?:es)?|areas?|descriptions?|responsible\b.{0,40}|leads?)\s*:?$";
    STATEMENT = r"(?i)\bstatement\b|\bWSOA\b|\bsubmit";
    WEAKNESSES = r"(?i)\bfollowing\s+(?:\w+\s+){0,3}(?:weakness(?:es)?|concerns?)\b";
}

/// Whether a text demands a written statement of action.
#[must_use]
pub fn is_demand(text: &str) -> bool {
    REQUIRED.is_match(text)
}

/// The weaknesses: the bullets after the sentence that asks for the statement, or what it says after its colon.
pub fn read(view: &View<'_>, range: Range<usize>, who: Option<&str>, passages: &mut Passages) {
    let blocks = &view.blocks()[range.clone()];
    let asks = |b: &Block| is_demand(&b.text) || WEAKNESSES.is_match(&b.text);
    let tabled = weaknesses_in_table(blocks);
    if !tabled.is_empty() {
        for mut item in tabled {
            item.responsible = who.map(str::to_owned);
            passages.item(Role::SignificantWeakness, Section::Wsoa, item);
        }
        for index in range.filter(|&i| view.blocks()[i].table.is_none() && !asks(&view.blocks()[i])) {
            passages.paragraph(Role::Narrative, Section::Wsoa, &view.running(index..index + 1));
        }
        return;
    }
    let listed = blocks.iter().any(|b| b.kind == BlockKind::ListItem);
    // Paragraphs are weaknesses only where a colon announces them.
    let announces = |b: &Block| asks(b) && b.text.trim_end().ends_with(':');
    let first = if listed {
        blocks.iter().position(|b| b.kind == BlockKind::ListItem)
    } else {
        blocks.iter().position(announces).map(|at| at + 1)
    };
    let first = first.unwrap_or(blocks.len());
    for index in range.start..range.start + first {
        let text = view.running(index..index + 1);
        if !asks(&view.blocks()[index]) && ends_complete(&text.text) {
            passages.paragraph(Role::Narrative, Section::Wsoa, &text);
        }
    }
    let mut list: Vec<&Block> = Vec::new();
    let mut after: Vec<usize> = Vec::new();
    // What stands between two bullets belongs to the first of them; where bullets have such paragraphs, so does the last.
    let last = blocks.iter().rposition(|b| b.kind == BlockKind::ListItem).unwrap_or(0);
    let explained =
        blocks.iter().take(last).skip(first).any(|b| b.kind != BlockKind::ListItem && !starts_lower(&b.text));
    for (at, block) in blocks.iter().enumerate().skip(first) {
        let of_last = explained && at == last + 1 && !STATEMENT.is_match(&block.text);
        let in_list = at < last || block.kind == BlockKind::ListItem || starts_lower(&block.text);
        let of_list = !listed || in_list || of_last;
        // A bullet may announce a list of its own; a paragraph that does so only introduces one.
        let leads_in = block.kind != BlockKind::ListItem && block.text.trim_end().ends_with(':');
        if of_list && !leads_in && !is_demand(&block.text) {
            list.push(block);
        } else if !asks(block) {
            after.push(range.start + at);
        }
    }
    let mut items = bullets::items(&list, true);
    if let [only] = items.as_slice()
        && !listed
    {
        items = one_by_one(&only.text, only.page);
    }
    if items.is_empty()
        && let Some(at) = blocks.iter().position(asks)
        && let Some((_, said)) = blocks[at].text.rsplit_once(':')
    {
        items = one_by_one(said, blocks[at].page_at(blocks[at].text.len() - said.len()));
    }
    for mut item in items {
        item.responsible = who.map(str::to_owned);
        passages.item(Role::SignificantWeakness, Section::Wsoa, item);
    }
    for index in after {
        passages.paragraph(Role::Narrative, Section::Wsoa, &view.running(index..index + 1));
    }
}

/// The weaknesses of one sentence, between which semicolons stand.
fn one_by_one(said: &str, page: u32) -> Vec<Item> {
    let pieces = said.split(';').map(|p| p.trim().trim_start_matches("and ").trim()).filter(|p| !p.is_empty());
    pieces.map(|p| Item { text: normalise(p), page, ..Default::default() }).collect()
}

/// The weaknesses of a table of several columns, one in each row: in the column that says most.
fn weaknesses_in_table(blocks: &[Block]) -> Vec<Item> {
    let cells: Vec<&Block> = blocks.iter().filter(|b| b.table.is_some() && !COLUMN_HEAD.is_match(&b.text)).collect();
    let length = |column: u32| cells.iter().filter(|b| b.column == Some(column)).map(|b| b.text.len()).sum::<usize>();
    let Some(widest) = cells.iter().filter_map(|b| b.column).max().filter(|widest| *widest > 1) else {
        return Vec::new();
    };
    let column = (1..=widest).max_by_key(|column| length(*column));
    let told: Vec<&Block> = cells.into_iter().filter(|b| b.column == column).collect();
    let rows = told.chunk_by(|a, b| (a.table, a.row) == (b.table, b.row));
    rows.flat_map(|row| {
        // A row that begins with text is one weakness; what is listed in it belongs to that.
        let listed = row.first().is_some_and(|b| b.kind == BlockKind::ListItem);
        let whole = row.iter().skip(1).any(|b| b.kind == BlockKind::ListItem) && !listed;
        let mut items = bullets::items(if whole { &row[1..] } else { row }, false);
        if whole {
            let subs = std::mem::take(&mut items);
            let mut text = normalise(&row[0].text);
            for sub in &subs {
                text.push_str("\n- ");
                text.push_str(&sub.text);
            }
            let count = subs.iter().map(|sub| 1 + sub.sub_items).sum();
            items.push(Item { text, page: row[0].page, sub_items: count, ..Item::default() });
        }
        items
    })
    .collect()
}
