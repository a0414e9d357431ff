//! Tables that fit the terminal without breaking a word.
//!
//! Words wrap; dates, numbers and ids stay whole. A column without a single value is not shown. Where a table is too
//! wide even so, whole columns are left out before anything is cut, those with the highest rank first; what remains too
//! wide then ends with an ellipsis.

use super::wrap::{cut, longest_piece, shown_width, wrap};

/// One column of a table: its title, the field that it shows (dots lead into nested objects), and how it gives way.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Title.
    pub title: &'static str,
    /// Field.
    pub path: &'static str,
    /// Whether a cell stays on one line.
    whole: bool,
    /// Columns of text are not narrower than this, where they have so much to show.
    least: usize,
    /// Columns with a higher rank are left out first; those with 0 never.
    rank: u8,
}

/// A [`Column`] of words that always stays.
#[must_use]
pub const fn column(title: &'static str, path: &'static str) -> Column {
    Column { title, path, whole: false, least: 0, rank: 0 }
}

impl Column {
    /// The same with cells that stay on one line: dates, numbers, ids.
    #[must_use]
    pub const fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// The same, at least this wide.
    #[must_use]
    pub const fn at_least(self, least: usize) -> Self {
        Self { least, ..self }
    }

    /// The same; where there is no room, it is left out before columns with a lower rank.
    #[must_use]
    pub const fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// Space between two columns.
const COLUMN_GAP: usize = 2;
/// No column is cut to less than this width.
const MIN_COLUMN_WIDTH: usize = 4;

/// A column as it is laid out.
struct Placed<'a> {
    index: usize,
    column: &'a Column,
    /// Width of its longest line.
    wanted: usize,
    /// Width without which a word breaks.
    needed: usize,
    width: usize,
}

/// A table in lines, and the titles of the columns that had no room.
pub(super) fn render(
    columns: &[Column],
    rows: &[Vec<String>],
    width: usize,
    styled: bool,
) -> (Vec<String>, Vec<&'static str>) {
    let (placed, left_out) = place(columns, rows, width);
    let mut lines = Vec::new();
    let titles: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
    lines.extend(row_lines(&placed, &titles, styled, true));
    let across = placed.iter().map(|p| p.width + COLUMN_GAP).sum::<usize>().saturating_sub(COLUMN_GAP);
    lines.push("─".repeat(across));
    for row in rows {
        lines.extend(row_lines(&placed, row, false, false));
    }
    (lines, left_out)
}

fn place<'a>(columns: &'a [Column], rows: &[Vec<String>], width: usize) -> (Vec<Placed<'a>>, Vec<&'static str>) {
    let has_values =
        |(index, _): &(usize, &Column)| rows.iter().any(|row| row.get(*index).is_some_and(|c| !c.is_empty()));
    let mut placed: Vec<Placed<'a>> =
        columns.iter().enumerate().filter(has_values).map(|(index, column)| measure(index, column, rows)).collect();
    let mut left_out = Vec::new();
    let needed =
        |placed: &[Placed<'_>]| placed.iter().map(|p| p.needed + COLUMN_GAP).sum::<usize>().saturating_sub(COLUMN_GAP);
    while needed(&placed) > width
        && let Some(at) =
            (0..placed.len()).filter(|at| placed[*at].column.rank > 0).max_by_key(|at| placed[*at].column.rank)
    {
        left_out.push(placed.remove(at).column.title);
    }
    for p in &mut placed {
        p.width = p.needed;
    }
    let total =
        |placed: &[Placed<'_>]| placed.iter().map(|p| p.width + COLUMN_GAP).sum::<usize>().saturating_sub(COLUMN_GAP);
    // Still too wide: the widest give way, one column of the terminal at a time.
    while total(&placed) > width
        && let Some(widest) = placed.iter_mut().filter(|p| p.width > MIN_COLUMN_WIDTH).max_by_key(|p| p.width)
    {
        widest.width -= 1;
    }
    // Room that is left goes first to the columns that need least more, so that as many as possible have no line break.
    let mut room = width.saturating_sub(total(&placed));
    let mut order: Vec<usize> = (0..placed.len()).collect();
    order.sort_by_key(|at| placed[*at].wanted.saturating_sub(placed[*at].width));
    for at in order {
        let more = placed[at].wanted.saturating_sub(placed[at].width).min(room);
        placed[at].width += more;
        room -= more;
    }
    (placed, left_out)
}

fn measure<'a>(index: usize, column: &'a Column, rows: &[Vec<String>]) -> Placed<'a> {
    let cells = || rows.iter().filter_map(|row| row.get(index));
    let widest = |text: &String| text.lines().map(shown_width).max().unwrap_or(0);
    let wanted = cells().map(widest).max().unwrap_or(0).max(shown_width(column.title));
    let title = longest_piece(column.title);
    let needed = if column.whole {
        cells().map(widest).max().unwrap_or(0).max(title)
    } else {
        cells().map(|text| longest_piece(text)).max().unwrap_or(0).max(title).max(column.least.min(wanted))
    };
    Placed { index, column, wanted, needed, width: needed }
}

fn row_lines(placed: &[Placed<'_>], row: &[String], styled: bool, is_title: bool) -> Vec<String> {
    let cell = |p: &Placed<'_>| -> Vec<String> {
        let text = row.get(p.index).map_or("", String::as_str);
        let lines = if p.column.whole && !is_title { vec![text.to_owned()] } else { wrap(text, p.width) };
        lines.iter().map(|line| cut(line, p.width)).collect()
    };
    let cells: Vec<Vec<String>> = placed.iter().map(cell).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|at| {
            let mut line = String::new();
            for (p, lines) in placed.iter().zip(&cells) {
                let text = lines.get(at).map_or("", String::as_str);
                let space = p.width.saturating_sub(shown_width(text)) + COLUMN_GAP;
                if styled && !text.is_empty() {
                    line.push_str(&format!("\u{1b}[1m{text}\u{1b}[0m"));
                } else {
                    line.push_str(text);
                }
                line.push_str(&" ".repeat(space));
            }
            line.truncate(line.trim_end().len());
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        column("Area", "area"),
        column("Inspected", "on").whole(),
        column("Outcome", "outcome").rank(1),
        column("Significant weaknesses", "n").whole().rank(2),
        column("Letter", "id").whole(),
    ];

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
        vec![
            row(["Fenbridge and Marsh", "2024-06-10", "inconsistent", "4", "978-2024-06-10-full"]),
            row(["Saltmere-on-Sea", "2024-02-26", "typically positive", "0", "975-2024-02-26-full"]),
        ]
    }

    #[test]
    fn words_wrap_and_dates_and_ids_stay_whole() {
        let (lines, left_out) = render(COLUMNS, &rows(), 78, false);
        assert_eq!(
            lines,
            [
                "Area          Inspected   Outcome             Significant  Letter",
                "                                              weaknesses",
                "──────────────────────────────────────────────────────────────────────────────",
                "Fenbridge     2024-06-10  inconsistent        4            978-2024-06-10-full",
                "and Marsh",
                "Saltmere-on-  2024-02-26  typically positive  0            975-2024-02-26-full",
                "Sea",
            ]
            .map(|line| line.to_owned()),
        );
        assert!(left_out.is_empty());
    }

    #[test]
    fn a_column_without_a_value_is_not_shown() {
        let mut rows = rows();
        rows.iter_mut().for_each(|row| row[2].clear());
        let (lines, left_out) = render(COLUMNS, &rows, 200, false);
        assert!(left_out.is_empty() && !lines[0].contains("Outcome"), "{lines:#?}");
        rows[1][2].push_str("inconsistent");
        assert!(render(COLUMNS, &rows, 200, false).0[0].contains("Outcome"));
    }

    #[test]
    fn columns_go_before_words_break_and_ids_are_cut_last() {
        let at = |width| render(COLUMNS, &rows(), width, false);
        assert_eq!(at(60).1, ["Significant weaknesses"]);
        assert_eq!(at(45).1, ["Significant weaknesses", "Outcome"]);
        for width in [20, 30, 45, 60, 78, 200] {
            let (lines, _) = at(width);
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{lines:#?}");
        }
        let (lines, _) = at(36);
        assert!(lines.iter().any(|line| line.contains('…') && line.contains("978-2024")), "{lines:#?}");
    }
}
