//! Text that no structure describes: paragraphs, list items and headings from lines and their places, and the cells of
//! tables.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::Piece;
use super::columns;
use super::content::{MarkId, Shown};
use super::draft::{Draft, Place, Role};
use super::error::Result;
use super::label::{is_label, number_of, starts_item};
use super::limits::Budget;
use super::lines::{Line, lines};
use super::running::{reaches_text, running};
use super::structure::Walked;
use super::tables::{self, Table};

/// Drafts of a document without structure.
pub(super) fn drafts(shown: &Shown, budget: &Budget) -> Result<Vec<Draft>> {
    let all: Vec<u32> = (0..shown.spans.len() as u32).collect();
    let length = |artifact: bool| -> usize {
        let spans = shown.spans.iter().filter(|span| (span.mark == MarkId::ARTIFACT) == artifact);
        spans.map(|span| shown.text_of(span).trim().len()).sum()
    };
    // Some writers mark everything as an artifact; then the mark says nothing.
    let trust_artifacts = length(true) < length(false);
    let is_text = |i: &u32| !trust_artifacts || shown.spans[*i as usize].mark != MarkId::ARTIFACT;
    let spans: Vec<u32> = all.into_iter().filter(is_text).collect();
    let mut tables = tables::find(shown, budget)?;
    let (_, cells) = in_cells(shown, &spans, &tables, budget)?;
    let is_of_text = |table: &Table| reaches_text(shown, table.page, table.bottom(), table.top());
    let of_tables = cells.iter().filter(|((table, ..), _)| is_of_text(&tables[*table]));
    let of_tables: BTreeSet<u32> = of_tables.flat_map(|(_, spans)| spans.iter().copied()).collect();
    let running = running(shown, &spans, &of_tables);
    let spans: Vec<u32> = spans.into_iter().filter(|span| !running.contains(span)).collect();
    let (outside, _) = in_cells(shown, &spans, &tables, budget)?;
    let outside = lines(shown, &outside);
    let unruled = columns::find(shown, &outside, budget)?;
    if tables.is_empty() && unruled.is_empty() {
        return Ok(paragraphs(&outside));
    }
    tables.extend(unruled);
    tables.sort_by(|a, b| a.page.cmp(&b.page).then(b.top().total_cmp(&a.top())));
    let (outside, cells) = in_cells(shown, &spans, &tables, budget)?;
    let outside = lines(shown, &outside);
    let added = cells_of_tables(shown, &tables, cells, &outside);
    insert_by_place(shown, paragraphs(&outside), added, budget)
}

/// The text of each cell, by table, row and column.
type Cells = BTreeMap<(usize, u32, u32), Vec<u32>>;

/// The spans outside tables, and those in their cells.
fn in_cells(shown: &Shown, spans: &[u32], tables: &[Table], budget: &Budget) -> Result<(Vec<u32>, Cells)> {
    let mut outside = Vec::new();
    let mut cells = Cells::new();
    for &index in spans {
        let span = &shown.spans[index as usize];
        let first = tables.partition_point(|table| table.page < span.page);
        let end = tables.partition_point(|table| table.page <= span.page);
        budget.scanned((end - first) * 64)?;
        match (first..).zip(&tables[first..end]).filter_map(|(number, table)| Some((number, table.cell(span)?))).next()
        {
            Some((number, (row, column))) => cells.entry((number, row, column)).or_default().push(index),
            None => outside.push(index),
        }
    }
    Ok((outside, cells))
}

/// The drafts of all cells, each with the page and height where its table begins.
fn cells_of_tables(shown: &Shown, tables: &[Table], cells: Cells, outside: &[Line]) -> Vec<((u32, f32), Draft)> {
    let mut drafts = Vec::new();
    // The number of the table that each is part of, the rows that stand before it there, and its first row's text.
    let mut parts: Vec<(u32, u32, String)> = Vec::with_capacity(tables.len());
    for (index, table) in tables.iter().enumerate() {
        let first_row = text_of_first_row(shown, index, &cells);
        let goes_on = index.checked_sub(1).filter(|&last| goes_over_page(&tables[last], table, outside));
        parts.push(match goes_on {
            Some(last) => {
                let (number, rows, head) = parts[last].clone();
                (number, rows + tables[last].row_count(), head)
            }
            None => (index as u32 + 1, 0, first_row),
        });
    }
    for ((index, row, column), spans) in &cells {
        let (number, rows_before, head) = &parts[*index];
        // A row of headings that is printed again on each page is no row.
        let again = *row == 1 && *rows_before > 0 && *head == text_of_first_row(shown, *index, &cells);
        if again {
            continue;
        }
        let place = Place { table: *number, row: rows_before + row, column: *column };
        let of_cell = paragraphs(&lines(shown, spans)).into_iter();
        let at = (tables[*index].page, tables[*index].top());
        drafts.extend(of_cell.map(|draft| (at, Draft { cell: Some(place), ..draft })));
    }
    drafts
}

fn text_of_first_row(shown: &Shown, table: usize, cells: &Cells) -> String {
    let row = cells.range((table, 1, 0)..(table, 2, 0)).flat_map(|(_, spans)| spans);
    row.map(|&span| shown.text_of(&shown.spans[span as usize]).trim()).collect()
}

/// Whether a table is the rest of the one before it: in the same columns, with nothing between them but the end of a page.
fn goes_over_page(last: &Table, next: &Table, outside: &[Line]) -> bool {
    /// What stands so low on a page is its footer, in points.
    const FOOT_POINTS: f32 = 72.0;
    let between = |line: &Line| {
        line.page == last.page && line.baseline < last.bottom() && line.baseline > FOOT_POINTS
            || line.page == next.page && line.baseline > next.top()
    };
    next.page == last.page + 1 && next.has_columns_of(last) && !outside.iter().any(between)
}

/// The drafts of the structure without running headers and footers, and the spans that the structure forgot.
pub(super) fn with_leftovers(shown: &Shown, walked: Walked) -> (Vec<Draft>, Vec<u32>) {
    let text: Vec<u32> =
        (0..shown.spans.len() as u32).filter(|&i| shown.spans[i as usize].mark != MarkId::ARTIFACT).collect();
    let mut drafts = walked.drafts;
    let of_tables = drafts.iter().filter(|draft| draft.cell.is_some()).flat_map(|draft| &draft.pieces);
    let of_tables: BTreeSet<u32> = of_tables.map(|piece| piece.span).collect();
    let running = running(shown, &text, &of_tables);
    drafts.retain(|draft| {
        let is_running = |piece: &Piece| running.contains(&piece.span) || is_blank(shown, piece.span);
        draft.pieces.is_empty() || !draft.pieces.iter().all(is_running)
    });
    let is_left = |&i: &u32| {
        !walked.reached[shown.spans[i as usize].mark.0 as usize] && !is_blank(shown, i) && !running.contains(&i)
    };
    (drafts, text.into_iter().filter(is_left).collect())
}

/// Puts what the structure forgot between its drafts.
pub(super) fn insert_leftovers(
    shown: &Shown,
    drafts: Vec<Draft>,
    leftovers: &[u32],
    budget: &Budget,
) -> Result<Vec<Draft>> {
    let left = paragraphs(&lines(shown, leftovers)).into_iter();
    let left = left.filter_map(|draft| Some((start_of(shown, &draft)?, draft))).collect();
    insert_by_place(shown, drafts, left, budget)
}

/// Puts drafts where the least of the other text is on the wrong side of them, so that a page number that was painted
/// first attracts nothing. Drafts of one place keep their order.
fn insert_by_place(
    shown: &Shown,
    drafts: Vec<Draft>,
    more: Vec<((u32, f32), Draft)>,
    budget: &Budget,
) -> Result<Vec<Draft>> {
    // A short line counts for less than a paragraph, so that it does not matter when a page's number was painted.
    let length = |draft: &Draft| {
        let spans = draft.pieces.iter().filter_map(|piece| shown.spans.get(piece.span as usize));
        spans.map(|span| shown.text_of(span).len() as i64).sum::<i64>()
    };
    let places: Vec<Option<(u32, f32, i64)>> =
        drafts.iter().map(|draft| start_of(shown, draft).map(|(page, height)| (page, height, length(draft)))).collect();
    let mut added: Vec<(usize, Draft)> = Vec::with_capacity(more.len());
    for ((page, height), draft) in more {
        budget.scanned(places.len() * 4)?;
        // How much more stands below than above so far; where that is least, most of what is above has passed.
        let (mut excess, mut least, mut at) = (0_i64, 0_i64, 0);
        for (index, place) in places.iter().enumerate() {
            let Some((p, h, length)) = *place else { continue };
            excess += if p > page || p == page && h < height { length } else { -length };
            if excess < least {
                (least, at) = (excess, index + 1);
            }
        }
        added.push((at, draft));
    }
    added.sort_by_key(|(at, _)| *at);
    let mut added = added.into_iter().peekable();
    let mut all = Vec::with_capacity(drafts.len() + added.len());
    for (i, draft) in drafts.into_iter().enumerate() {
        while let Some((_, added)) = added.next_if(|(at, _)| *at <= i) {
            all.push(added);
        }
        all.push(draft);
    }
    all.extend(added.map(|(_, draft)| draft));
    Ok(all)
}

fn is_blank(shown: &Shown, span: u32) -> bool {
    shown.spans.get(span as usize).is_none_or(|span| shown.text_of(span).trim().is_empty())
}

/// Page and height at which a draft starts.
fn start_of(shown: &Shown, draft: &Draft) -> Option<(u32, f32)> {
    let span = shown.spans.get(draft.pieces.first()?.span as usize)?;
    Some((span.page, span.from[1]))
}

/// How far the lines go that begin at about the same place of a page.
struct Margins(BTreeMap<(u32, i32), f32>);

impl Margins {
    /// Lines that begin within so many points of each other belong to the same column.
    const SAME_COLUMN_POINTS: f32 = 40.0;

    fn new(lines: &[Line]) -> Self {
        let mut right: BTreeMap<(u32, i32), f32> = BTreeMap::new();
        for line in lines {
            let column = (line.left / Self::SAME_COLUMN_POINTS) as i32;
            for column in column - 1..=column + 1 {
                let most = right.entry((line.page, column)).or_insert(line.right);
                *most = most.max(line.right);
            }
        }
        Self(right)
    }

    fn right_of(&self, line: &Line) -> f32 {
        self.0.get(&(line.page, (line.left / Self::SAME_COLUMN_POINTS) as i32)).copied().unwrap_or(line.right)
    }
}

/// About how wide a text is, in sizes of its type.
fn relative_width(text: &str) -> f32 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '’' | '(' | ')' | '-' => 0.28,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 0.5,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.85,
        'A'..='Z' => 0.69,
        _ => 0.556,
    };
    text.chars().map(of).sum()
}

/// What the lines of one paragraph have in common.
struct Open {
    draft: Draft,
    last: Line,
    /// Where the text of the paragraph, without its bullet, begins.
    left: f32,
    right: f32,
    lines: usize,
}

fn paragraphs(lines: &[Line]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut open: Option<Open> = None;
    // The left edges of the list items that are open, outermost first.
    let mut levels: Vec<f32> = Vec::new();
    let margins = Margins::new(lines);
    // The number of the last numbered item.
    let mut number = None;
    for line in lines {
        let own = number_of(&line.text);
        let last = open.as_ref().map(|open| &open.last);
        let begins_item =
            line.bullet || starts_item(&line.text) && !(own.is_some() && ends_sentence_before(own, number, line, last));
        if begins_item {
            number = own;
        }
        match open.as_mut().filter(|open| !begins_item && open.takes(line, &margins)) {
            Some(open) => open.add(line),
            None => {
                let role = if begins_item {
                    Role::Item(level_of(&mut levels, line.left))
                } else {
                    // Text to the left of a list ends it.
                    levels.retain(|&left| left < line.left - 3.0);
                    Role::Paragraph
                };
                drafts.extend(open.take().map(|open| open.draft));
                open = Some(Open::new(role, line));
            }
        }
    }
    drafts.extend(open.map(|open| open.draft));
    drafts
}

/// Whether a line that begins with a number and a stop ("18. Support ...") only goes on with the sentence before it: that
/// sentence is open, fills its line or its page, and the number goes on with no list.
fn ends_sentence_before(own: Option<u32>, number: Option<u32>, line: &Line, last: Option<&Line>) -> bool {
    let Some(last) = last else { return false };
    let goes_on = own.is_some_and(|own| Some(own) == number.map_or(Some(1), |number| number.checked_add(1)));
    let open = last.text.ends_with(|c: char| c.is_alphanumeric() || c == '-' || c == '–');
    let runs = last.text.split(' ').count() > 4 && last.page <= line.page && line.page <= last.page + 1;
    !goes_on && open && runs && last.bold == line.bold
}

/// Lists in lists that are told apart.
const MAX_LIST_DEPTH: usize = 9;

/// How deep an item with this left edge lies among the open ones.
fn level_of(levels: &mut Vec<f32>, left: f32) -> u8 {
    levels.retain(|&other| other < left - 3.0);
    levels.truncate(MAX_LIST_DEPTH - 1);
    levels.push(left);
    levels.len() as u8
}

impl Open {
    fn new(role: Role, line: &Line) -> Self {
        let bullet = line.spans.first().filter(|_| line.bullet);
        let bullet = bullet.map(|&span| Piece { instead: Some("•".into()), label: true, ..Piece::of(span) });
        let pieces = bullet.into_iter().chain(line.spans.iter().map(|&span| Piece::of(span))).collect();
        Self {
            draft: Draft { role, cell: None, pieces },
            last: line.clone(),
            left: line.left,
            right: line.right,
            lines: 1,
        }
    }

    /// Whether a line is the next one of this paragraph.
    fn takes(&self, line: &Line, margins: &Margins) -> bool {
        let last = &self.last;
        if line.page != last.page || (line.size - last.size).abs() > 0.6 {
            return false;
        }
        let step = last.baseline - line.baseline;
        // Another part of the same line, as a tab makes it.
        if step.abs() < 0.3 * line.size {
            let is_entry = last.text.ends_with(':') || is_label(&last.text) || is_label(&line.text);
            return line.left > last.left && (is_entry || line.left - last.right < line.size);
        }
        if step < 0.0 || step > 1.45 * line.size || line.bold != last.bold {
            return false;
        }
        // A line was ended on purpose where the first word of the next would have found room.
        let word = line.text.split(' ').next().unwrap_or_default();
        let word = relative_width(word) / relative_width(&line.text).max(0.1) * (line.right - line.left);
        let is_item = matches!(self.draft.role, Role::Item(_));
        // The width of a word is a guess; where items begin, their marks tell anyway.
        let room = if is_item { 2.0 } else { 0.6 } * line.size;
        let ends_early = !last.parts_word && last.right + word + room < margins.right_of(last);
        let indented =
            if is_item && self.lines == 1 { line.left > self.left + 2.0 } else { (line.left - self.left).abs() < 12.0 };
        indented && !ends_early && line.left < self.right
    }

    fn add(&mut self, line: &Line) {
        self.draft.pieces.extend(line.spans.iter().map(|&span| Piece::of(span)));
        let is_item = matches!(self.draft.role, Role::Item(_));
        let new_line = (self.last.baseline - line.baseline).abs() >= 0.3 * line.size;
        self.left = if is_item && self.lines == 1 && new_line { line.left } else { self.left.min(line.left) };
        self.right = self.right.max(line.right);
        self.lines += usize::from(new_line);
        self.last = line.clone();
    }
}
