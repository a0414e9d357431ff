//! How good the coding is: the measured figures, as the document beside the code has them.
//!
//! The tables are taken from `corpus/QUALITY.md` as they stand there, so that pages cannot say something else.

use maud::{Markup, html};

use super::table::{self, Cell, Column};

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

/// A table of the document that readers see and take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The name of its file, and of its table on a page.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// The heading of its first column in the document, which tells it from the other tables.
    first_heading: &'static str,
    /// The names of its columns in CSV.
    pub fields: &'static [&'static str],
}

/// The figures by kind of text.
pub const BY_TEXT: Measured = Measured {
    name: "quality",
    title: "Quality of the coding by kind of text",
    first_heading: "texts of",
    fields: &[
        "texts_of",
        "texts",
        "micro_f1",
        "macro_f1",
        "polarity_right",
        "patterns_micro_f1",
        "patterns_polarity_right",
    ],
};

/// The figures by theme.
pub const BY_THEME: Measured = Measured {
    name: "quality-themes",
    title: "Quality of the coding by theme",
    first_heading: "theme",
    fields: &["theme", "texts", "precision", "recall", "f1"],
};

impl Measured {
    /// The table as the document has it.
    #[must_use]
    pub fn read(&self) -> Table {
        let found = tables().into_iter().find(|table| table.head.first() == Some(&self.first_heading));
        found.unwrap_or_else(|| Table { head: Vec::new(), rows: Vec::new() })
    }

    /// The same to take away, with rows in this order.
    #[must_use]
    pub fn file(&self, table: &Table) -> table::Table {
        let cells = |row: &Vec<&'static str>| {
            let figures = row.iter().skip(1).map(|cell| number(cell).map_or(Cell::Empty, Cell::Number));
            row.first().map(|text| Cell::from(*text)).into_iter().chain(figures).collect()
        };
        table::Table {
            name: self.name.to_owned(),
            columns: self.fields.iter().zip(&table.head).map(|(name, head)| Column::new(name, head)).collect(),
            rows: table.rows.iter().map(cells).collect(),
            more: Vec::new(),
            about: self.title.to_owned(),
        }
    }
}

/// A figure of the document; nothing where it has none.
#[must_use]
pub fn number(cell: &str) -> Option<f64> {
    cell.replace(',', "").parse().ok()
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
        for (measured, rows) in [(BY_TEXT, 4), (BY_THEME, 30)] {
            let table = measured.read();
            assert!(table.rows.len() >= rows, "{table:#?}");
            assert_eq!(table.head.len(), measured.fields.len());
            let file = measured.file(&table);
            assert!(file.rows.iter().all(|row| matches!(row[1], Cell::Number(texts) if texts >= 1.0)), "{file:#?}");
        }
    }
}
