//! Tables that no structure describes, from the lines that are ruled between their cells.
//!
//! Lines that touch make one table; where a line is missing between two fields of its grid they are one cell. A table
//! that goes on at the top of the next page in the same columns is one table, as it is in a document with structure.

use super::content::{Rule, Shown, Span};
use super::error::Result;
use super::limits::Budget;

/// Lines that lie or end within so many points of each other meet; double lines are one.
const NEAR_POINTS: f32 = 4.0;
/// A single box of more than this part of a page's height is the page's frame.
const FRAME_SHARE: f32 = 0.85;
/// Grids of more fields are pictures.
const MAX_FIELDS: usize = 4_000;
/// So many lines of one direction on one page are a picture.
const MAX_LINES: usize = 1_500;

/// A table on one page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// The page's index.
    pub(super) page: u32,
    /// Where the columns begin and end, from the left.
    columns: Vec<f32>,
    /// Where the rows begin and end, from the top.
    rows: Vec<f32>,
    /// For each field of the grid, row by row, the first field of the cell that it belongs to.
    cell_of: Vec<usize>,
}

/// A line of one direction, with the places where it begins and ends along it.
#[derive(Debug, Clone, Copy)]
struct Line {
    at: f32,
    from: f32,
    to: f32,
}

/// The tables of all pages, from the first page to the last and from top to bottom.
pub(super) fn find(shown: &Shown, budget: &Budget) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for rules in shown.rules.chunk_by(|a, b| a.page == b.page) {
        budget.scanned(rules.len() * 64)?;
        let Some(page) = rules.first().map(|rule| rule.page) else { continue };
        let height = shown.pages.get(page as usize).map_or(842.0, |page| page.height);
        let is_level = |rule: &&Rule| rule.to[0] - rule.from[0] >= rule.to[1] - rule.from[1];
        let level = joined(rules.iter().filter(is_level).map(|r| Line { at: r.from[1], from: r.from[0], to: r.to[0] }));
        let upright = rules.iter().filter(|r| !is_level(r));
        let upright = joined(upright.map(|r| Line { at: r.from[0], from: r.from[1], to: r.to[1] }));
        if level.len().max(upright.len()) > MAX_LINES {
            continue;
        }
        budget.scanned(level.len() * upright.len() * 16)?;
        let mut found: Vec<Table> = Vec::new();
        for (level, upright) in groups_that_touch(&level, &upright) {
            budget.scanned(level.len() * upright.len() * (level.len() + upright.len()) * 4)?;
            let table = Table::of_lines(page, &level, &upright);
            found.extend(table.filter(|table| !(table.cells() == 1 && table.height() > FRAME_SHARE * height)));
        }
        found.sort_by(|a, b| b.top().total_cmp(&a.top()));
        tables.extend(found.iter().filter(|table| table.counts_among(&found)).cloned());
    }
    Ok(tables)
}

/// Lines at the same place that meet end to end are one line.
fn joined(lines: impl Iterator<Item = Line>) -> Vec<Line> {
    let mut lines: Vec<Line> = lines.collect();
    lines.sort_by(|a, b| a.at.total_cmp(&b.at));
    // Lines a little apart are one line, which lies where the first of them does.
    let mut place = f32::MIN;
    for line in &mut lines {
        if line.at - place > NEAR_POINTS {
            place = line.at;
        }
        line.at = place;
    }
    lines.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.from.total_cmp(&b.from)));
    let mut joined: Vec<Line> = Vec::new();
    for line in lines {
        match joined.last_mut() {
            Some(last) if last.at == line.at && line.from <= last.to + NEAR_POINTS => last.to = last.to.max(line.to),
            _ => joined.push(line),
        }
    }
    // A piece no longer than a line is thick separates nothing.
    joined.retain(|line| line.to - line.from > NEAR_POINTS);
    joined
}

/// Horizontal and vertical lines that touch, directly or through others.
fn groups_that_touch(level: &[Line], upright: &[Line]) -> Vec<(Vec<Line>, Vec<Line>)> {
    let mut group: Vec<Option<usize>> = vec![None; level.len() + upright.len()];
    let mut groups = 0;
    for first in 0..group.len() {
        if group[first].is_some() {
            continue;
        }
        group[first] = Some(groups);
        let mut reached = vec![first];
        while let Some(line) = reached.pop() {
            let others = if line < level.len() { level.len()..group.len() } else { 0..level.len() };
            for other in others {
                let (l, u) = (line.min(other), line.max(other) - level.len());
                if group[other].is_none() && touch(&level[l], &upright[u]) {
                    group[other] = Some(groups);
                    reached.push(other);
                }
            }
        }
        groups += 1;
    }
    let mut parted = vec![(Vec::new(), Vec::new()); groups];
    for (line, group) in group.into_iter().enumerate() {
        let Some((levels, uprights)) = group.and_then(|group| parted.get_mut(group)) else { continue };
        match level.get(line) {
            Some(level) => levels.push(*level),
            None => uprights.push(upright[line - level.len()]),
        }
    }
    parted.retain(|(level, upright)| !level.is_empty() && !upright.is_empty());
    parted
}

fn touch(level: &Line, upright: &Line) -> bool {
    let reaches = |line: &Line, at: f32| line.from - NEAR_POINTS <= at && at <= line.to + NEAR_POINTS;
    reaches(level, upright.at) && reaches(upright, level.at)
}

/// The places of some lines, and those where the lines across them begin and end, in ascending order.
fn edges(lines: &[Line], across: &[Line]) -> Vec<f32> {
    let ends = across.iter().map(|line| line.from).fold(f32::MAX, f32::min);
    let ends = [ends, across.iter().map(|line| line.to).fold(f32::MIN, f32::max)];
    let mut places: Vec<f32> = lines.iter().map(|line| line.at).chain(ends).collect();
    places.sort_by(f32::total_cmp);
    places.dedup_by(|next, last| *next - *last <= NEAR_POINTS);
    places
}

/// Whether one of the lines stands at this place and covers the middle between two others.
fn parts(lines: &[Line], at: f32, middle: f32) -> bool {
    lines.iter().any(|line| (line.at - at).abs() <= NEAR_POINTS && line.from <= middle && middle <= line.to)
}

impl Table {
    fn of_lines(page: u32, level: &[Line], upright: &[Line]) -> Option<Self> {
        let columns = edges(upright, level);
        let mut rows = edges(level, upright);
        rows.reverse();
        if columns.len() < 2 || rows.len() < 2 || (columns.len() - 1) * (rows.len() - 1) > MAX_FIELDS {
            return None;
        }
        let width = columns.len() - 1;
        let mut cell_of: Vec<usize> = (0..width * (rows.len() - 1)).collect();
        // Fields are gone through row by row, so each finds those above and to its left settled.
        for field in 0..cell_of.len() {
            let (row, column) = (field / width, field % width);
            let middle = [(columns[column] + columns[column + 1]) / 2.0, (rows[row] + rows[row + 1]) / 2.0];
            if column > 0 && !parts(upright, columns[column], middle[1]) {
                merge(&mut cell_of, field - 1, field);
            }
            if row > 0 && !parts(level, rows[row], middle[0]) {
                merge(&mut cell_of, field - width, field);
            }
        }
        Some(Self { page, columns, rows, cell_of })
    }

    /// A table of all the cells that these edges make: columns from the left, rows from the top.
    pub(super) fn of_edges(page: u32, columns: Vec<f32>, rows: Vec<f32>) -> Self {
        let fields = columns.len().saturating_sub(1) * rows.len().saturating_sub(1);
        Self { page, columns, rows, cell_of: (0..fields).collect() }
    }

    /// Whether both take up some of the same height of a page.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.page == other.page && self.top() > other.bottom() && other.top() > self.bottom()
    }

    pub(super) fn top(&self) -> f32 {
        self.rows.first().copied().unwrap_or_default()
    }

    pub(super) fn bottom(&self) -> f32 {
        self.rows.last().copied().unwrap_or_default()
    }

    fn height(&self) -> f32 {
        self.top() - self.bottom()
    }

    /// Number of rows of the grid.
    pub(super) fn row_count(&self) -> u32 {
        (self.rows.len() - 1) as u32
    }

    fn cells(&self) -> usize {
        (0..self.cell_of.len()).filter(|&field| self.cell_of[field] == field).count()
    }

    fn lies_in(&self, other: &Self) -> bool {
        let ends = |edges: &[f32]| (edges.first().copied().unwrap_or(0.0), edges.last().copied().unwrap_or(0.0));
        let ((left, right), (outer_left, outer_right)) = (ends(&self.columns), ends(&other.columns));
        let inside = left >= outer_left && right <= outer_right;
        self != other && inside && self.top() <= other.top() && self.bottom() >= other.bottom()
    }

    /// Whether this table counts beside those inside it and around it: a box gives way to a table in it, and
    /// whatever lies in a table to that table.
    fn counts_among(&self, all: &[Self]) -> bool {
        let is_box = self.cells() == 1;
        !all.iter().any(|other| is_box && other.lies_in(self) || self.lies_in(other) && other.cells() > 1)
    }

    /// Row and column, from 1, of the cell in which a span begins.
    pub(super) fn cell(&self, span: &Span) -> Option<(u32, u32)> {
        let (x, y) = (span.from[0] + 0.1 * span.size, span.from[1] + 0.25 * span.size);
        if span.page != self.page || y > self.top() || y < self.bottom() {
            return None;
        }
        let column = self.columns.windows(2).position(|edges| edges[0] <= x && x < edges[1])?;
        let row = self.rows.windows(2).position(|edges| edges[0] >= y && y > edges[1])?;
        let width = self.columns.len() - 1;
        let first = self.cell_of[row * width + column];
        Some(((first / width) as u32 + 1, (first % width) as u32 + 1))
    }

    /// Whether the other table has the same columns.
    pub(super) fn has_columns_of(&self, other: &Self) -> bool {
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= NEAR_POINTS;
        self.columns.len() == other.columns.len() && self.columns.iter().zip(&other.columns).all(near)
    }
}

/// Makes two fields, of which the second was gone through last, one cell.
fn merge(cell_of: &mut [usize], before: usize, field: usize) {
    let (first, second) = (cell_of[before].min(cell_of[field]), cell_of[before].max(cell_of[field]));
    if first != second {
        cell_of.iter_mut().take(field + 1).filter(|cell| **cell == second).for_each(|cell| *cell = first);
    }
}
