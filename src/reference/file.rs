//! The form of a reference table's file, and errors that name its line.
//!
//! A table is a CSV file that opens with lines of "# key: value"; `source`, `licence` and `retrieved` must be there,
//! so that no table can be replaced without saying where the new one comes from.

use std::path::PathBuf;
use std::str::FromStr;

/// What is wrong with the reference tables.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// A table could not be read.
    #[error(
        "cannot read the reference table {path}: {source}; a reference directory needs areas.csv, neighbours.csv and register.csv"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of a table is wrong.
    #[error("{file}, line {line}: {problem}")]
    Line {
        /// The file.
        file: String,
        /// Its line, from 1.
        line: u64,
        /// What is wrong there.
        problem: String,
    },
}

impl ReferenceError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "reference_unreadable",
            Self::Line { .. } => "reference_invalid",
        }
    }
}

/// Where a table comes from, as its first lines say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSource {
    /// The table's file name.
    pub table: String,
    /// Who publishes the facts.
    pub source: String,
    /// The licence that they are published under.
    pub licence: String,
    /// Year and month in which they were taken ("2025-05").
    pub retrieved: String,
}

/// A table's name for messages, and its text.
pub(super) struct Text {
    pub(super) file: String,
    pub(super) text: String,
}

pub(super) fn source_of(table: &str, text: &Text) -> Result<TableSource, ReferenceError> {
    let value = |key: &str| {
        text.text
            .lines()
            .map_while(|line| line.strip_prefix('#'))
            .find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(':'))
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .ok_or_else(|| ReferenceError::Line {
                file: text.file.clone(),
                line: 1,
                problem: format!("the table must open with a line \"# {key}: ...\""),
            })
    };
    Ok(TableSource {
        table: table.to_owned(),
        source: value("source")?,
        licence: value("licence")?,
        retrieved: value("retrieved")?,
    })
}

/// One line of a table, with what is needed to say where it stands.
pub(super) struct Row<'a> {
    file: &'a str,
    line: u64,
    columns: &'a [&'a str],
    record: csv::StringRecord,
}

impl Row<'_> {
    pub(super) fn wrong(&self, problem: impl Into<String>) -> ReferenceError {
        ReferenceError::Line { file: self.file.to_owned(), line: self.line, problem: problem.into() }
    }

    pub(super) fn get(&self, column: &str) -> &str {
        let index = self.columns.iter().position(|c| *c == column);
        index.and_then(|index| self.record.get(index)).unwrap_or("").trim()
    }

    pub(super) fn needed(&self, column: &str) -> Result<&str, ReferenceError> {
        Some(self.get(column)).filter(|v| !v.is_empty()).ok_or_else(|| self.wrong(format!("{column} is empty")))
    }

    pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, column: &str) -> Result<T, ReferenceError> {
        let value = self.needed(column)?;
        value.parse().map_err(|e| self.wrong(format!("{column} \"{value}\": {e}")))
    }

    pub(super) fn optional<T: FromStr<Err: std::fmt::Display>>(
        &self,
        column: &str,
    ) -> Result<Option<T>, ReferenceError> {
        if self.get(column).is_empty() { Ok(None) } else { self.parsed(column).map(Some) }
    }

    pub(super) fn words(&self, column: &str) -> Vec<String> {
        self.get(column).split_whitespace().map(str::to_owned).collect()
    }
}

pub(super) fn rows<'a>(text: &'a Text, columns: &'a [&'a str]) -> Result<Vec<Row<'a>>, ReferenceError> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.text.as_bytes());
    let wrong = |error: &csv::Error| ReferenceError::Line {
        file: text.file.clone(),
        line: error.position().map_or(1, csv::Position::line),
        problem: error.to_string(),
    };
    let header = reader.headers().map_err(|e| wrong(&e))?.clone();
    if !header.iter().eq(columns.iter().copied()) {
        let comments = text.text.lines().take_while(|line| line.starts_with('#')).count();
        let line = u64::try_from(comments).unwrap_or(0) + 1;
        let problem = format!("the columns must be {}", columns.join(","));
        return Err(ReferenceError::Line { file: text.file.clone(), line, problem });
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| wrong(&e))?;
        let line = record.position().map_or(1, csv::Position::line);
        rows.push(Row { file: &text.file, line, columns, record });
    }
    Ok(rows)
}
