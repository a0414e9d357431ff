//! Tables without ruled lines: text that stands side by side in two columns.
//!
//! Three or more lines whose right-hand neighbours start at the same place make a column. A new row begins where painting
//! jumps from the second column back to the first, as it does in programs that write cell by cell. If text was painted
//! line by line, only a wider gap separates rows.

use super::content::Shown;
use super::error::Result;
use super::label::is_label;
use super::limits::Budget;
use super::lines::Line;
use super::tables::Table;

/// Fewest side-by-side lines that count as columns.
const MIN_PAIRS: usize = 3;
/// Narrowest column, in points.
const MIN_WIDTH_POINTS: f32 = 70.0;
/// Largest difference between the left edges of one column, in points.
const ALIGNED_POINTS: f32 = 2.0;
/// Largest distance between lines of one paragraph, in font sizes.
const MAX_LEADING_SIZES: f32 = 1.6;
/// Largest gap inside a table, in font sizes.
const MAX_GAP_SIZES: f32 = 5.0;
/// Most positions of a second column that are tried on a page.
const MAX_COLUMNS: usize = 4;
/// Pages with more lines are skipped.
const MAX_LINES: usize = 400;

/// Finds tables among the lines outside ruled tables.
pub(super) fn find(shown: &Shown, lines: &[Line], budget: &Budget) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for page in lines.chunk_by(|a, b| a.page == b.page).filter(|page| page.len() <= MAX_LINES) {
        let width = page.first().and_then(|line| shown.pages.get(line.page as usize)).map_or(595.0, |page| page.width);
        budget.scanned(page.len() * page.len() * 64)?;
        let pairs = pairs(page);
        let mut found: Vec<Table> = Vec::new();
        for left in starts(&pairs) {
            let of_column: Vec<Pair> =
                pairs.iter().copied().filter(|pair| (pair.second.left - left).abs() <= ALIGNED_POINTS).collect();
            for run in runs(page, left, &of_column) {
                let table = table(&run, left, &of_column, width);
                found.extend(table.filter(|table| !found.iter().any(|other| other.overlaps(table))));
            }
        }
        tables.extend(found);
    }
    Ok(tables)
}

/// Two lines at the same height.
#[derive(Clone, Copy)]
struct Pair<'l> {
    first: &'l Line,
    second: &'l Line,
}

fn pairs(page: &[Line]) -> Vec<Pair<'_>> {
    let beside = |first: &'_ Line, second: &'_ Line| {
        (first.baseline - second.baseline).abs() < 0.3 * second.size
            && second.left > first.right + 0.5 * second.size
            && second.left - first.left >= MIN_WIDTH_POINTS
    };
    let is_entry = |line: &Line| line.text.ends_with(':') || is_label(&line.text);
    let neighbour = |first: &'_ Line| {
        let beside = page.iter().filter(|second| beside(first, second));
        beside.min_by(|a, b| a.left.total_cmp(&b.left))
    };
    let firsts = page.iter().filter(|line| !is_entry(line));
    firsts.filter_map(|first| neighbour(first).map(|second| Pair { first, second })).collect()
}

/// Where second columns begin, the one with most lines first.
fn starts(pairs: &[Pair<'_>]) -> Vec<f32> {
    let mut places: Vec<f32> = pairs.iter().map(|pair| pair.second.left).collect();
    places.sort_by(f32::total_cmp);
    let mut groups: Vec<&[f32]> = places.chunk_by(|a, b| b - a <= ALIGNED_POINTS).collect();
    groups.retain(|group| group.len() >= MIN_PAIRS);
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups.into_iter().take(MAX_COLUMNS).map(|group| group[group.len() / 2]).collect()
}

/// Runs of lines, from the top, that keep to one side of the column's edge and lie close together.
fn runs<'l>(page: &'l [Line], left: f32, pairs: &[Pair<'l>]) -> Vec<Vec<&'l Line>> {
    let mut sorted: Vec<&Line> = page.iter().collect();
    sorted.sort_by(|a, b| b.baseline.total_cmp(&a.baseline));
    let first_left = first_left(pairs);
    let keeps = |line: &Line| {
        let in_first = line.left >= first_left - ALIGNED_POINTS && line.right < left;
        in_first || in_second(left, line)
    };
    let mut runs: Vec<Vec<&Line>> = vec![Vec::new()];
    for line in sorted {
        let far = runs.last().and_then(|run| run.last()).is_some_and(|last| {
            let gap = last.baseline - line.baseline;
            gap > MAX_GAP_SIZES * line.size
        });
        if far || !keeps(line) {
            runs.push(Vec::new());
        }
        if let (true, Some(run)) = (keeps(line), runs.last_mut()) {
            run.push(line);
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Where the first column begins.
fn first_left(pairs: &[Pair<'_>]) -> f32 {
    pairs.iter().map(|pair| pair.first.left).fold(f32::MAX, f32::min)
}

/// Whether a line stands in the second column, which begins at `left`.
fn in_second(left: f32, line: &Line) -> bool {
    line.left >= left - ALIGNED_POINTS
}

/// The table of a run: from its first pair of lines to its last, plus the lines that continue either column.
fn table(run: &[&Line], left: f32, pairs: &[Pair<'_>], width: f32) -> Option<Table> {
    let (high, low) = (run.first()?.baseline, run.last()?.baseline);
    let inside = |pair: &&Pair<'_>| pair.first.baseline <= high + 1.0 && pair.first.baseline >= low - 1.0;
    let mut pairs: Vec<Pair<'_>> = pairs.iter().filter(inside).copied().collect();
    if pairs.len() < MIN_PAIRS {
        return None;
    }
    pairs.sort_by(|a, b| b.first.baseline.total_cmp(&a.first.baseline));
    let (first, last) = (pairs[0], pairs[pairs.len() - 1]);
    let is_second = |line: &Line| in_second(left, line);
    // Above the first pair only the second column may continue, alone or beside the first: the rest of a row that a page
    // break split.
    let beside_second = |line: &Line| run.iter().any(|o| is_second(o) && (o.baseline - line.baseline).abs() < 1.0);
    let mut top = first.first.baseline;
    let above = first.first.baseline + 1.0;
    for line in run.iter().rev().filter(|line| line.baseline > above) {
        if !(is_second(line) || beside_second(line)) || line.baseline - top > MAX_LEADING_SIZES * line.size {
            break;
        }
        top = line.baseline;
    }
    let mut bottom = [last.first.baseline, last.second.baseline];
    for line in run.iter().filter(|line| line.baseline < last.first.baseline - 1.0) {
        let column = &mut bottom[usize::from(is_second(line))];
        if *column - line.baseline > MAX_LEADING_SIZES * line.size && !(is_second(line) && is_label(&line.text)) {
            break;
        }
        *column = line.baseline;
    }
    let bottom = bottom[0].min(bottom[1]);
    let size = first.first.size;
    let begins: Vec<f32> = row_starts(run, &pairs, left);
    let mut rows: Vec<f32> = vec![top + size];
    rows.extend(begins.iter().filter(|&&row| row < top - 1.0).map(|row| row + 0.9 * size));
    rows.push(bottom - 0.5 * size);
    Some(Table::of_edges(
        first.first.page,
        vec![first_left(&pairs) - ALIGNED_POINTS, left - ALIGNED_POINTS, width],
        rows,
    ))
}

/// The heights at which rows begin.
fn row_starts(run: &[&Line], pairs: &[Pair<'_>], left: f32) -> Vec<f32> {
    // Where each line was painted: spans are numbered in that order.
    let painted = |line: &Line| line.spans.first().copied().unwrap_or_default();
    let is_second = |line: &Line| in_second(left, line);
    let turns_back = |pair: &Pair<'_>| {
        let before = run.iter().filter(|line| painted(line) < painted(pair.first));
        before.max_by_key(|line| painted(line)).is_none_or(|before| is_second(before))
    };
    let after_gap = |pair: &Pair<'_>| {
        let above = |line: &Line| {
            let same = |other: &&&Line| is_second(other) == is_second(line) && other.baseline > line.baseline + 1.0;
            let nearest = run.iter().filter(same).map(|other| other.baseline - line.baseline).fold(f32::MAX, f32::min);
            nearest > MAX_LEADING_SIZES * line.size
        };
        above(pair.first) && above(pair.second)
    };
    let turning = pairs.iter().filter(|pair| turns_back(pair)).count();
    let by_lines = turning > MIN_PAIRS && turning * 10 >= pairs.len() * 8;
    let begins = |pair: &&Pair<'_>| if by_lines { after_gap(pair) } else { turns_back(pair) };
    pairs.iter().filter(begins).map(|pair| pair.first.baseline).collect()
}
