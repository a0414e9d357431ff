//! Formal items one by one: areas for priority action and areas for improvement.
//!
//! Both are tables in the form, and both break: over page ends inside an item, with the first cell of the continued
//! row empty or holding the orphaned rest of a name; with a cell that holds several numbered items; with one body
//! for all rows; or with the table's lines lost altogether, so that only paragraphs and list items are left. What
//! decides is whether the text before is complete and how the next begins.

use std::collections::BTreeSet;

use crate::domain::{Block, BlockKind};
use crate::parse::passages::Item;
use crate::parse::pattern::pattern;
use crate::parse::tidy::{ends_complete, starts_lower};

pattern! {
    HEADER = r"(?i)^(?:responsible\s+(?:bod(?:y|ies)|partners?|organisations?)|(?:areas?\s+(?:for|of)\s+)?(?:priority\s+actions?|improvements?)|actions?(?:\s+required)?|no\.?|number|ref(?:erence)?\.?)(?:\s*/?\s*\(?(?:areas?\s+for\s+)?(?:priority\s+actions?|responsible\s+bod(?:y|ies))\)?)?:?$";
    BODY_HEAD = r"(?i)^responsible\s+(?:bod(?:y|ies)|partners?|organisations?)\b";
    BODY_LABEL = r"(?i)^responsible\s+(?:bod(?:y|ies)|partners?|organisations?)\s*:\s*";
    NUMBERED = r"^\(?(\d{1,2}|[a-h]|[ivx]{1,4})[.)]\s+";
    NUMBER_LABEL = r"^\(?\d{1,2}[.)]?$";
    LEANS_BACK = r"^(?:This|These|They|It|Their|Its|Such|In\s+(?:addition|particular|doing\s+so)|Furthermore|Additionally|Also|Moreover|The\s+(?:plan|plans|action|actions)\b)";
    DEMANDS = r"(?i)\b(?:should|must|needs?(?:\s+\w+)?\s+to|(?:is|are)\s+required\s+to|has\s+to|have\s+to|ensure|improve)\b";
    ALSO = r"(?i)^\W*(?:[\w’']+\s+){1,8}?(?:should|must|needs?\s+to|need)\s+also\b";
    CONNECTS = r"(?i)(?:[,;:&–-]|\b(?:and|or|of|the|to|a|an|in|for|with|by|on|at|from|that|which|who|as|is|are|be|their|its|this|NHS|including|between|across|through))$";
    BODY_END = r"(?i)(?:council|boards?|ICBs?|\)|trusts?|leaders|authorit(?:y|ies)|first|partnership|partners|providers|commissioners|corporation|services|schools|colleges|settings)\.?$";
}

/// Whether a block heads a column of responsible bodies.
#[must_use]
pub fn heads_bodies(block: &Block) -> bool {
    BODY_HEAD.is_match(block.text.trim())
}

/// One row of a formal table, or one paragraph where there is no table.
#[derive(Default)]
struct Row<'a> {
    body: Vec<&'a Block>,
    action: Vec<&'a Block>,
}

/// The items of a part, in order.
#[must_use]
pub fn items(blocks: &[(usize, &Block)]) -> Vec<Item> {
    let mut blocks: Vec<&Block> = blocks.iter().map(|(_, b)| *b).filter(|b| !HEADER.is_match(b.text.trim())).collect();
    // A column that only numbers the rows.
    let numbers = |b: &Block| b.label.is_none() && NUMBER_LABEL.is_match(b.text.trim());
    let counting: BTreeSet<_> = blocks.iter().filter(|b| numbers(b)).filter_map(|b| b.column).collect();
    let worded: BTreeSet<_> = blocks.iter().filter(|b| !numbers(b)).filter_map(|b| b.column).collect();
    blocks.retain(|b| b.column.is_none_or(|column| !counting.contains(&column) || worded.contains(&column)));
    let body_column = body_column(&blocks);
    let mut items = Builder::default();
    for run in blocks.chunk_by(|a, b| a.table.is_some() == b.table.is_some()) {
        if run.first().is_some_and(|b| b.table.is_some()) {
            items.table(&rows(run, body_column));
        } else {
            for block in run {
                items.loose(block);
            }
        }
    }
    items.finish()
}

/// The column of the responsible bodies, where the table has two or more.
fn body_column(blocks: &[&Block]) -> Option<u32> {
    let widest = blocks.iter().filter_map(|b| b.column).max()?;
    (widest >= 2).then_some(())?;
    // Names of bodies make no demands; the column whose cells make fewest is theirs.
    (1..=widest).filter(|c| blocks.iter().any(|b| b.column == Some(*c))).min_by_key(|column| {
        let cells = blocks.iter().filter(|b| b.column == Some(*column));
        let (demands, length) =
            cells.fold((0, 0), |(d, l), b| (d + usize::from(DEMANDS.is_match(&b.text)), l + b.text.len()));
        (demands, length)
    })
}

fn rows<'a>(blocks: &[&'a Block], body_column: Option<u32>) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for run in blocks.chunk_by(|a, b| (a.table, a.row) == (b.table, b.row)) {
        let mut row = Row::default();
        for block in run {
            if body_column.is_some() && block.column == body_column {
                row.body.push(block)
            } else {
                row.action.push(block)
            }
        }
        rows.push(row);
    }
    rows
}

/// An item under construction.
#[derive(Default)]
struct Draft {
    text: String,
    page: u32,
    last_page: u32,
    sub_items: u32,
    in_list: bool,
    in_table: bool,
    /// The level of the list whose bullet it is, and of the innermost list in it.
    levels: Option<(u8, u8)>,
    body: String,
}

impl Draft {
    /// Whether a bullet stands beside this one's own, after a list inside it.
    fn is_left_by(&self, block: &Block) -> bool {
        let outside = self.levels.is_some_and(|(own, inner)| inner > own && block.level <= own);
        block.kind == BlockKind::ListItem && outside
    }
}

#[derive(Default)]
struct Builder {
    done: Vec<Draft>,
}

impl Builder {
    fn table(&mut self, rows: &[Row<'_>]) {
        // One body for all rows: a merged cell. Then an empty first cell says nothing.
        let merged = rows.iter().filter(|r| !r.body.is_empty()).count() == 1;
        let single = rows.len() == 1 && self.done.is_empty();
        for row in rows {
            let body = joined(&row.body);
            if self.is_rest_of_body(row) {
                self.add_body(&joined(&row.action));
                continue;
            }
            if row.action.is_empty() {
                self.add_body(&body);
                continue;
            }
            if self.continues(row, &body, merged) {
                self.add_body(&body);
                for block in &row.action {
                    self.extend(block);
                }
                continue;
            }
            self.new_row(row, &body, single);
        }
    }

    /// Adds the item or items of a row that does not continue the one before.
    fn new_row(&mut self, row: &Row<'_>, body: &str, single: bool) {
        let body = match self.done.last() {
            Some(last) if body.is_empty() => last.body.clone(),
            _ => body.to_owned(),
        };
        let opens_with_list = row.action.first().is_some_and(|b| b.kind == BlockKind::ListItem);
        for (position, block) in row.action.iter().enumerate() {
            let numbered = number_of(block).is_some();
            let new = position == 0
                || numbered && !self.awaits_list()
                || self.done.last().is_some_and(|last| last.is_left_by(block))
                || opens_with_list
                    && block.kind == BlockKind::ListItem
                    && !self.awaits_list()
                    && !starts_lower(&block.text)
                || single && block.kind != BlockKind::ListItem && is_new_demand(block) && self.is_complete();
            if new {
                self.start(block, &body);
            } else {
                self.extend(block);
            }
        }
    }

    /// Whether a row holds nothing but the last words of the body before it, whichever column they fell into.
    fn is_rest_of_body(&self, row: &Row<'_>) -> bool {
        let (Some(last), [only]) = (self.done.last(), row.action.as_slice()) else { return false };
        let body_open = !last.body.is_empty() && !BODY_END.is_match(last.body.trim());
        let short = only.text.split_whitespace().count() <= 6 && !DEMANDS.is_match(&only.text);
        row.body.is_empty() && body_open && short && ends_complete(&last.text) && BODY_END.is_match(only.text.trim())
    }

    /// Whether a row goes on with the item before it.
    fn continues(&self, row: &Row<'_>, body: &str, merged: bool) -> bool {
        let (Some(last), Some(first)) = (self.done.last(), row.action.first()) else { return false };
        let open = !ends_complete(&last.text);
        if number_of(first).is_some() && (!open || !last.in_list) {
            return false;
        }
        let body_open = !last.body.is_empty() && !BODY_END.is_match(last.body.trim());
        if open {
            let connects = CONNECTS.is_match(last.text.trim_end());
            let listed = first.kind == BlockKind::ListItem || last.in_list && starts_lower(&first.text);
            return starts_lower(&first.text)
                || connects
                || listed
                || body_open
                || body.is_empty() && first.page > last.last_page;
        }
        // Complete so far; the row may still add a list item or a sentence that depends on the item.
        let turned = first.page > last.last_page;
        let leans = LEANS_BACK.is_match(&first.text) || ALSO.is_match(&first.text) || starts_lower(&first.text);
        let own_body = !body.is_empty() && !body_open;
        !own_body
            && (first.kind == BlockKind::ListItem && last.in_list
                || turned && (leans || body_open || !merged && !last.body.is_empty() && body.is_empty()))
    }

    /// A paragraph or list item outside tables.
    fn loose(&mut self, block: &Block) {
        if block.kind != BlockKind::ListItem && is_body(&block.text) && self.is_complete() {
            // A responsible body on a line of its own: the item follows.
            self.done.push(Draft { body: joined(&[block]), page: block.page, ..Draft::default() });
            return;
        }
        let Some(last) = self.done.last() else {
            return self.start(block, "");
        };
        if last.text.is_empty() {
            let body = last.body.clone();
            self.done.pop();
            return self.start(block, &body);
        }
        // A remark below a table, such as a note, is none of its items.
        let below_table = last.in_table && last.last_page == block.page && self.is_complete();
        if below_table && block.kind != BlockKind::ListItem && !DEMANDS.is_match(&block.text) {
            return;
        }
        let numbered = number_of(block).is_some();
        let new = if numbered {
            !self.awaits_list() || !last.in_list && !starts_lower(&block.text) && !last.text.trim_end().ends_with(':')
        } else if block.kind == BlockKind::ListItem && last.is_left_by(block) {
            true
        } else if block.kind == BlockKind::ListItem {
            !last.in_list && !self.awaits_list() && !starts_lower(&block.text) && self.is_complete()
        } else {
            is_new_demand(block) && (self.is_complete() || last.in_list && !CONNECTS.is_match(last.text.trim_end()))
        };
        if new {
            let body = last.body.clone();
            self.start(block, &body);
        } else {
            self.extend(block);
        }
    }

    fn start(&mut self, block: &Block, body: &str) {
        self.done.push(Draft {
            text: unnumbered(block).to_owned(),
            page: block.page,
            last_page: last_page(block),
            body: body.to_owned(),
            in_table: block.table.is_some(),
            levels: (block.kind == BlockKind::ListItem).then_some((block.level, block.level)),
            ..Draft::default()
        });
    }

    /// Adds a block to the item that is under construction: a sub-bullet, the rest of a sentence, or a paragraph.
    fn extend(&mut self, block: &Block) {
        let Some(last) = self.done.last_mut() else { return self.start(block, "") };
        let text = if block.kind == BlockKind::ListItem { unnumbered(block) } else { block.text.trim() };
        if block.kind == BlockKind::ListItem {
            last.text.push_str("\n- ");
            last.sub_items += 1;
            last.levels = last.levels.map(|(own, inner)| (own, inner.max(block.level)));
            last.in_list = true;
        } else if last.in_list && ends_complete(&last.text) {
            last.text.push('\n');
            last.in_list = false;
        } else {
            last.text.push(' ');
        }
        last.text.push_str(text);
        last.last_page = last_page(block);
    }

    fn add_body(&mut self, rest: &str) {
        if let Some(last) = self.done.last_mut()
            && !rest.is_empty()
        {
            last.body = format!("{} {rest}", last.body.trim()).trim().to_owned();
        }
    }

    /// Whether the item so far announces a list.
    fn awaits_list(&self) -> bool {
        self.done.last().is_some_and(|d| d.in_list && !ends_complete(&d.text) || d.text.trim_end().ends_with(':'))
    }

    fn is_complete(&self) -> bool {
        self.done.last().is_none_or(|d| d.text.is_empty() || ends_complete(&d.text))
    }

    fn finish(self) -> Vec<Item> {
        let whole = self.done.into_iter().filter(|d| !d.text.is_empty());
        whole
            .map(|d| Item {
                text: d.text,
                page: d.page,
                sub_items: d.sub_items,
                responsible: (!d.body.is_empty()).then_some(d.body),
                verdict: None,
            })
            .collect()
    }
}

/// The number that marks a block as an item of a numbered list, from its label or its text.
fn number_of(block: &Block) -> Option<&str> {
    if let Some(label) = &block.label {
        return NUMBER_LABEL.is_match(label.trim()).then_some(label.as_str());
    }
    let found = NUMBERED.captures(&block.text)?.get(1)?;
    found.as_str().starts_with(|c: char| c.is_ascii_digit()).then_some(found.as_str())
}

/// The text of a block without the number of its item.
fn unnumbered(block: &Block) -> &str {
    let number = NUMBERED.find(&block.text).filter(|_| number_of(block).is_some()).map_or(0, |m| m.end());
    block.text[number..].trim()
}

/// Whether a paragraph is a demand of its own rather than a remark on the one before.
fn is_new_demand(block: &Block) -> bool {
    DEMANDS.is_match(&block.text)
        && !LEANS_BACK.is_match(&block.text)
        && !ALSO.is_match(&block.text)
        && !starts_lower(&block.text)
}

/// Whether a text names bodies and nothing else.
fn is_body(text: &str) -> bool {
    text.len() < 250 && BODY_END.is_match(text.trim()) && !DEMANDS.is_match(text) && !text.contains(". ")
}

fn last_page(block: &Block) -> u32 {
    block.page_breaks.last().map_or(block.page, |b| b.page)
}

/// The names in a cell as one text: lines of one name run on, names on lines of their own are set apart by commas.
fn joined(blocks: &[&Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        let next = crate::parse::quote::normalise(&BODY_LABEL.replace(block.text.trim(), ""));
        if !text.is_empty() {
            let separate = BODY_END.is_match(&text) && !starts_lower(&next) && !next.starts_with('&');
            text.push_str(if separate { ", " } else { " " });
        }
        text.push_str(&next);
    }
    text
}
