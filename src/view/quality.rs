//! How good the coding is: the measured figures, as the document beside the code has them.
//!
//! The tables are taken from `corpus/QUALITY.md` as they stand there, so that pages cannot say something else.

/// The document with the figures.
const DOCUMENT: &str = include_str!("../../corpus/QUALITY.md");

/// A table of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Names of its columns.
    pub head: Vec<&'static str>,
    /// Its rows, each as long as the head.
    pub rows: Vec<Vec<&'static str>>,
}

/// The tables of the document in their order. The first has a row for each kind of text, and one has a row for each
/// theme, by its id under "theme".
#[must_use]
pub fn tables() -> Vec<Table> {
    read(DOCUMENT)
}

/// Tables as Markdown writes them: lines of cells between bars, a line of dashes below the first.
fn read(text: &'static str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut within = false;
    for line in text.lines().map(str::trim) {
        let Some(cells) = line.strip_prefix('|').and_then(|l| l.strip_suffix('|')) else {
            within = false;
            continue;
        };
        let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
        if cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':'))) {
            continue;
        }
        match tables.last_mut() {
            Some(table) if within => {
                let mut row = cells;
                row.resize(table.head.len(), "");
                table.rows.push(row);
            }
            _ => tables.push(Table { head: cells, rows: Vec::new() }),
        }
        within = true;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_as_they_stand() {
        let text = "# Title\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 |\n\nwords\n| c |\n|---|\n";
        let expected = [
            Table { head: vec!["a", "b"], rows: vec![vec!["1", "2"], vec!["3", ""]] },
            Table { head: vec!["c"], rows: Vec::new() },
        ];
        assert_eq!(read(text), expected);
    }

    #[test]
    fn the_document_has_figures_for_kinds_of_text_and_for_themes() {
        let tables = tables();
        assert!(tables.first().is_some_and(|t| t.rows.len() >= 2 && t.head.len() >= 4), "{tables:#?}");
        assert!(tables.iter().any(|t| t.head[0] == "theme" && t.rows.len() >= 30), "{tables:#?}");
    }
}
