//! How good the coding is: the measured figures, as the document beside the code has them.
//!
//! The tables are taken from `corpus/QUALITY.md` as they stand there, so that pages cannot say something else.

use maud::{Markup, html};

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

/// How often codes agree with a person's, in a sentence: F1 of the first kind of text and of formal items, in tenths, of
/// the coder that really coded the documents.
#[must_use]
pub fn agreement(coder: Coder) -> Option<String> {
    let tables = tables();
    let first = tables.first()?;
    let (column, by) = match coder {
        Coder::Model => ("theme micro-F1", ""),
        Coder::Patterns => ("patterns alone: micro-F1", " that patterns alone gave"),
    };
    let column = first.head.iter().position(|name| *name == column)?;
    let tenths = |row: &[&str]| Some(format!("{:.0} in 10", row.get(column)?.parse::<f64>().ok()? * 10.0));
    let sentences = first.rows.first()?;
    let items = first.rows.iter().find(|row| row.first() == Some(&"formal items"))?;
    Some(format!(
        "About {} theme codes of {}{by} agree with a person\u{2019}s, and about {} of {}.",
        tenths(sentences)?,
        sentences.first()?,
        tenths(items)?,
        items.first()?
    ))
}

/// What coded documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coder {
    /// Patterns and the language model.
    Model,
    /// Patterns alone (`--no-model`).
    Patterns,
}

/// What the figures are of, and what their names mean.
#[must_use]
pub fn explained() -> Markup {
    html! {
        p { "Measured on labelled sentences and formal items, each scored by a model that had seen nothing of its document. Precision: how many of the themes given are right. Recall: how many of the right themes are given. F1 is between the two; 1 would be perfect. Micro counts texts alike, macro counts themes alike." }
    }
}

/// A table of figures; `first` writes the first cell of a row.
#[must_use]
pub fn figures(table: &Table, caption: &str, first: impl Fn(&str) -> Markup) -> Markup {
    html! {
        div.table-frame tabindex="0" role="region" aria-label=(caption) {
            table {
                thead { tr { @for (i, name) in table.head.iter().enumerate() { th.n[i > 0].wrapping[i > 0] scope="col" { (name) } } } }
                tbody {
                    @for row in &table.rows {
                        tr { @for (i, cell) in row.iter().enumerate() { @if i == 0 { th scope="row" { (first(cell)) } } @else { td.n { (cell) } } } }
                    }
                }
            }
        }
    }
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
    fn the_method_begins_with_the_measured_agreement() {
        let said = agreement(Coder::Model).unwrap();
        assert!(said.starts_with("About 8 in 10 theme codes of report sentences"), "{said}");
        let less = agreement(Coder::Patterns).unwrap();
        assert!(less.starts_with("About 7 in 10 theme codes of report sentences that patterns alone gave"), "{less}");
    }

    #[test]
    fn the_document_has_figures_for_kinds_of_text_and_for_themes() {
        let tables = tables();
        assert!(tables.first().is_some_and(|t| t.rows.len() >= 2 && t.head.len() >= 4), "{tables:#?}");
        assert!(tables.iter().any(|t| t.head[0] == "theme" && t.rows.len() >= 30), "{tables:#?}");
    }
}
