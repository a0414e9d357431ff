//! Text that continues over the end of a page. Writers split a paragraph, a list item or a table row there into two,
//! and give the second part no bullet; readers, and everyone who counts items, want it whole.

use std::collections::{BTreeMap, BTreeSet};

use super::content::Shown;
use super::draft::{Passage, Role};
use super::error::Result;
use super::limits::Budget;

/// Joins what belongs together over the ends of pages.
pub(super) fn join_over_pages(shown: &Shown, passages: Vec<Passage>, budget: &Budget) -> Result<Vec<Passage>> {
    let rules = Rules::new(shown, &passages, budget);
    let passages = join_tables(&rules, passages)?;
    let mut joined: Vec<Passage> = Vec::with_capacity(passages.len());
    for passage in passages {
        let notes = notes_before(&joined, |passage| Some(passage), &passage);
        let end = joined.len() - notes;
        match joined[..end].last_mut() {
            Some(last) if share_a_place(last, &passage) && rules.goes_on(last, &passage) => {
                rules.append(last, passage)?;
            }
            _ => joined.push(passage),
        }
    }
    Ok(joined)
}

/// Whether one of two passages may go on with the other: both in one cell, or neither beside other text. Pages that are
/// laid out with tables have all text in a first column.
fn share_a_place(last: &Passage, next: &Passage) -> bool {
    let is_beside = |passage: &Passage| passage.cell.is_some_and(|place| place.column > 1);
    last.cell == next.cell || !is_beside(last) && !is_beside(next)
}

struct Rules<'s> {
    shown: &'s Shown,
    /// Nearly all list items have a label, so that one without is no item of its own.
    labelled: bool,
    budget: &'s Budget,
}

impl<'s> Rules<'s> {
    fn new(shown: &'s Shown, passages: &[Passage], budget: &'s Budget) -> Self {
        let items = passages.iter().filter(|passage| matches!(passage.role, Role::Item(_)));
        let (labelled, all) = items
            .fold((0_usize, 0_usize), |(labelled, all), item| (labelled + usize::from(item.label.is_some()), all + 1));
        Self { shown, labelled: labelled * 10 >= all * 7 && all > 0, budget }
    }

    fn append(&self, last: &mut Passage, next: Passage) -> Result<()> {
        // The whole is read again.
        self.budget.scanned((last.text.text.len() + next.text.text.len()) * 16)?;
        last.append(self.shown, next);
        Ok(())
    }

    /// Whether the second passage continues the first on the next page.
    fn goes_on(&self, last: &Passage, next: &Passage) -> bool {
        if next.pages().0 != last.pages().1 + 1 || next.label.is_some() {
            return false;
        }
        let same_style = (last.text.size - next.text.size).abs() < 0.6 && last.text.bold == next.text.bold;
        if !same_style || matches!(last.role, Role::Heading(_)) || matches!(next.role, Role::Heading(_)) {
            return false;
        }
        // Bold text that ends a page is a heading, and so may be what stands below it.
        let starts_small = next.text.text.starts_with(|c: char| c.is_lowercase() || matches!(c, ',' | ')' | '’' | ';'));
        let goes_on = last.is_open() && (starts_small || !last.text.bold && self.fills_line(last));
        match (last.role, next.role) {
            (Role::Item(_), Role::Item(_)) => goes_on || self.labelled && last.label.is_some(),
            (Role::Paragraph, Role::Item(_)) => last.is_open() && starts_small,
            _ => goes_on,
        }
    }

    /// Whether the last line of several is about as long as the others, so that the text may go on after it.
    fn fills_line(&self, passage: &Passage) -> bool {
        let ends = || passage.spans(self.shown).map(|span| span.to[0]);
        let (Some(first), Some(last)) = (passage.spans(self.shown).next(), passage.spans(self.shown).next_back())
        else {
            return false;
        };
        let right = ends().fold(f32::MIN, f32::max);
        let left = passage.spans(self.shown).map(|span| span.from[0]).fold(f32::MAX, f32::min);
        let several_lines = (first.from[1] - last.from[1]).abs() > last.size || first.page != last.page;
        several_lines && last.to[0] > right - 0.2 * (right - left)
    }
}

/// The passages of one row, or one passage outside tables.
struct Group {
    /// Table and row.
    row: Option<(u32, u32)>,
    passages: Vec<Passage>,
}

/// Joins tables whose last row goes on in the first row of another on the next page, and rows that were cut in two.
fn join_tables(rules: &Rules, passages: Vec<Passage>) -> Result<Vec<Passage>> {
    let mut columns: BTreeMap<u32, u32> = BTreeMap::new();
    for place in passages.iter().filter_map(|passage| passage.cell) {
        let most = columns.entry(place.table).or_default();
        *most = place.column.max(*most);
    }
    // Where the rows of a table went: the other table's number, and what to add to the row.
    let mut moved: BTreeMap<u32, (u32, i64)> = BTreeMap::new();
    let mut done: Vec<Group> = Vec::new();
    for mut group in in_rows(passages) {
        let Some((table, row)) = group.row else {
            done.push(group);
            continue;
        };
        let (to_table, shift) = moved.get(&table).copied().unwrap_or((table, 0));
        let to_row = (i64::from(row) + shift).max(1) as u32;
        let notes = group.passages.first().map_or(0, |next| notes_before(&done, |group| group.passages.first(), next));
        let end = done.len() - notes;
        let above = done[..end].last_mut().filter(|above| {
            let fits = match above.row {
                Some((t, r)) if t == to_table => to_row == r + 1,
                Some((t, _)) => columns.get(&t) == columns.get(&table),
                None => false,
            };
            fits && row_goes_on(rules, &above.passages, &group.passages)
        });
        match above.and_then(|above| Some((above.row?, &mut above.passages))) {
            Some(((to_table, to_row), passages)) => {
                moved.insert(table, (to_table, i64::from(to_row) - i64::from(row)));
                join_rows(rules, passages, group.passages, (to_table, to_row))?;
            }
            None => {
                for place in group.passages.iter_mut().filter_map(|passage| passage.cell.as_mut()) {
                    (place.table, place.row) = (to_table, to_row);
                }
                group.row = Some((to_table, to_row));
                done.push(group);
            }
        }
    }
    Ok(done.into_iter().flat_map(|group| group.passages).collect())
}

/// How many of the last ones are footnotes, which stand between the parts of what goes on over the end of a page.
fn notes_before<T>(before: &[T], passage_of: impl Fn(&T) -> Option<&Passage>, next: &Passage) -> usize {
    const MAX_FOOTNOTES: usize = 8;
    let is_note = |before: &&T| {
        passage_of(before).is_some_and(|passage| {
            let last_page = next.text.page.saturating_sub(1);
            passage.cell.is_none()
                && passage.text.size < next.text.size - 1.0
                && passage.pages() == (last_page, last_page)
        })
    };
    let notes = before.iter().rev().take(MAX_FOOTNOTES).take_while(is_note).count();
    if notes < before.len() { notes } else { 0 }
}

fn in_rows(passages: Vec<Passage>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for passage in passages {
        let row = passage.cell.map(|place| (place.table, place.row));
        match groups.last_mut() {
            Some(group) if row.is_some() && group.row == row => group.passages.push(passage),
            _ => groups.push(Group { row, passages: vec![passage] }),
        }
    }
    groups
}

/// Blocks of a row that are looked at to see whether it goes on.
const MAX_BLOCKS_IN_ROW: usize = 200;

/// Whether a row is the rest of the row above it: some cell's text goes on, and none begins anew.
fn row_goes_on(rules: &Rules, above: &[Passage], below: &[Passage]) -> bool {
    let column = |passage: &Passage| passage.cell.map(|place| place.column);
    // A row without a first cell at the head of a page is what did not fit on the page before.
    let has_first = |row: &[Passage]| row.iter().any(|passage| column(passage) == Some(1));
    let headless = has_first(above) && !has_first(below);
    let mut goes_on = false;
    let mut begun = BTreeSet::new();
    for next in below.iter().take(MAX_BLOCKS_IN_ROW) {
        let first_in_cell = begun.insert(column(next));
        let last = above.iter().rev().take(MAX_BLOCKS_IN_ROW).find(|last| column(last) == column(next));
        if let (true, Some(last)) = (first_in_cell, last) {
            let strictly = last.is_open() && next.text.text.starts_with(|c: char| c.is_lowercase() || c == ',');
            goes_on |= rules.goes_on(last, next) && (strictly || headless || last.label.is_some() || above.len() == 1);
        }
    }
    goes_on
}

/// Puts the rest of a row into the row, each cell's part at the cell's end.
fn join_rows(rules: &Rules, row: &mut Vec<Passage>, below: Vec<Passage>, (to_table, to_row): (u32, u32)) -> Result<()> {
    let mut begun = BTreeSet::new();
    for mut next in below {
        rules.budget.scanned(row.len() * 64)?;
        let Some(place) = next.cell.as_mut() else { continue };
        (place.table, place.row) = (to_table, to_row);
        let column = place.column;
        let last = row.iter().rposition(|last| last.cell.is_some_and(|place| place.column == column));
        let first_in_cell = begun.insert(column);
        match last {
            Some(last)
                if first_in_cell
                    && next.label.is_none()
                    && (rules.goes_on(&row[last], &next) || row[last].is_open()) =>
            {
                rules.append(&mut row[last], next)?;
            }
            Some(last) => row.insert(last + 1, next),
            None => row.push(next),
        }
    }
    Ok(())
}
