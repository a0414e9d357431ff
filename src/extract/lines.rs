//! Lines of a page, from the places of the pieces of text alone.

use std::collections::BTreeMap;

use super::assemble::{Piece, assemble, is_same_line};
use super::content::{Dot, Shown};

/// A line, or the part of one that lies in one column.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The page's index.
    pub(super) page: u32,
    pub(super) spans: Vec<u32>,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) baseline: f32,
    /// Of most of the text.
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) text: String,
    /// A bullet is drawn before it.
    pub(super) bullet: bool,
    /// It ends within a word, with a soft hyphen.
    pub(super) parts_word: bool,
}

/// A gap of more than this many times the size parts columns.
const COLUMN_GAP_SIZES: f32 = 2.0;

/// Puts spans together to lines, in the order in which they were painted unless that jumps about the page.
pub(super) fn lines(shown: &Shown, spans: &[u32]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for page in spans.chunk_by(|&a, &b| shown.spans[a as usize].page == shown.spans[b as usize].page) {
        let painted = lines_in_order(shown, page);
        let upward = painted.windows(2).filter(|pair| pair[1].baseline > pair[0].baseline + pair[0].size).count();
        if upward * 4 <= painted.len() {
            lines.extend(painted);
        } else {
            lines.extend(lines_by_place(shown, page));
        }
    }
    mark_bullets(shown, &mut lines);
    lines
}

/// The lines of some spans of one page, from top to bottom.
pub(super) fn lines_by_place(shown: &Shown, spans: &[u32]) -> Vec<Line> {
    lines_in_order(shown, &sorted_by_place(shown, spans))
}

/// A drawn bullet stands so far before the text of its item at most, in sizes.
const MAX_BULLET_INDENT_SIZES: f32 = 2.2;

/// Finds the lines that have a bullet drawn before them.
fn mark_bullets(shown: &Shown, lines: &mut [Line]) {
    let dots: BTreeMap<u32, &[Dot]> =
        shown.dots.chunk_by(|a, b| a.page == b.page).filter_map(|dots| Some((dots.first()?.page, dots))).collect();
    for line in lines {
        let Some(dots) = dots.get(&line.page) else { continue };
        line.bullet = dots.iter().any(|dot| {
            let (before, above) = (line.left - dot.at[0], dot.at[1] - line.baseline);
            (0.3 * line.size..MAX_BULLET_INDENT_SIZES * line.size).contains(&before)
                && (0.0..0.7 * line.size).contains(&above)
        });
    }
}

/// From top to bottom, and from left to right where the height is the same.
fn sorted_by_place(shown: &Shown, spans: &[u32]) -> Vec<u32> {
    let place = |&i: &u32| (shown.spans[i as usize].from, shown.spans[i as usize].size);
    let mut sorted = spans.to_vec();
    sorted.sort_by(|a, b| place(b).0[1].total_cmp(&place(a).0[1]));
    let mut rows: Vec<Vec<u32>> = Vec::new();
    for i in sorted {
        match rows.last_mut() {
            Some(row)
                if row.first().is_some_and(|first| (place(first).0[1] - place(&i).0[1]).abs() < 0.4 * place(&i).1) =>
            {
                row.push(i)
            }
            _ => rows.push(vec![i]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| place(a).0[0].total_cmp(&place(b).0[0]));
    }
    rows.into_iter().flatten().collect()
}

fn lines_in_order(shown: &Shown, spans: &[u32]) -> Vec<Line> {
    let apart = parted(shown, spans, &[]);
    // Where a line of a column fills it, the gap to the next column is narrower than elsewhere.
    let columns: Vec<Column> = apart
        .windows(2)
        .filter(|pair| (pair[0].baseline - pair[1].baseline).abs() < 0.3 * pair[1].size && pair[1].left > pair[0].right)
        .map(|pair| Column { left: pair[1].left, baseline: pair[1].baseline })
        .take(MAX_COLUMNS)
        .collect();
    if columns.is_empty() { apart } else { parted(shown, spans, &columns) }
}

/// Where a column begins, as the gap before one of its lines shows.
struct Column {
    left: f32,
    baseline: f32,
}

/// Columns of a page that are looked for in all its lines.
const MAX_COLUMNS: usize = 40;
/// A column is known so far above and below the line that shows it, in points.
const COLUMN_REACH_POINTS: f32 = 120.0;

fn parted(shown: &Shown, spans: &[u32], columns: &[Column]) -> Vec<Line> {
    let goes_on = |a: u32, b: u32| {
        let (last, next) = (&shown.spans[a as usize], &shown.spans[b as usize]);
        let gap = next.from[0] - last.to[0];
        // A space of its own may stand anywhere.
        let blank = shown.text_of(next).trim().is_empty();
        let of_column = |column: &Column| {
            (column.left - next.from[0]).abs() < 1.5 && (column.baseline - next.from[1]).abs() < COLUMN_REACH_POINTS
        };
        let begins_column = gap > 0.6 * next.size && columns.iter().any(of_column);
        is_same_line(last, next)
            && !begins_column
            && (blank || gap > -last.size.max(next.size) * 2.0 && gap < COLUMN_GAP_SIZES * last.size.max(next.size))
    };
    spans.chunk_by(|&a, &b| goes_on(a, b)).filter_map(|spans| line(shown, spans)).collect()
}

fn line(shown: &Shown, spans: &[u32]) -> Option<Line> {
    let pieces: Vec<Piece> = spans.iter().map(|&span| Piece::of(span)).collect();
    let text = assemble(shown, &pieces);
    if text.text.is_empty() {
        return None;
    }
    let visible =
        || spans.iter().map(|&i| &shown.spans[i as usize]).filter(|span| !shown.text_of(span).trim().is_empty());
    let first = visible().next()?;
    let parts_word = visible().next_back().is_some_and(|last| shown.text_of(last).trim_end().ends_with('\u{ad}'));
    Some(Line {
        page: first.page,
        spans: spans.to_vec(),
        left: visible().map(|span| span.from[0].min(span.to[0])).fold(f32::MAX, f32::min),
        right: visible().map(|span| span.from[0].max(span.to[0])).fold(f32::MIN, f32::max),
        baseline: first.from[1],
        size: text.size,
        bold: text.bold,
        text: text.text,
        bullet: false,
        parts_word,
    })
}
