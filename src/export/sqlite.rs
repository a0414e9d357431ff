//! A copy of the dataset in one SQLite file: plain tables with the columns of all other exports, indexed, with full
//! text search, made in one fixed order so that the same dataset gives the same bytes.

use std::path::Path;

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};
use serde_json::Value;

use super::error::ExportError;
use super::tables::{Kind, Table, at};

/// A database under construction.
pub struct Sqlite {
    connection: Connection,
    insert: String,
    table: Option<&'static Table>,
}

impl Sqlite {
    /// Begins the database in an empty file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(path: &Path) -> Result<Self, ExportError> {
        let connection = Connection::open(path)?;
        // Nobody reads the file before it is complete and renamed.
        connection.execute_batch(
            "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;
             BEGIN;",
        )?;
        Ok(Self { connection, insert: String::new(), table: None })
    }

    /// Makes a table.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn begin(&mut self, table: &'static Table) -> Result<(), ExportError> {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| {
                let kind = match column.kind {
                    Kind::Text | Kind::Day | Kind::Texts | Kind::Records(_) => "TEXT",
                    Kind::Whole | Kind::Truth => "INTEGER",
                    Kind::Number => "REAL",
                };
                let key = if column.path == "id" { " PRIMARY KEY" } else { "" };
                format!("\"{}\" {kind}{key}", column.name())
            })
            .collect();
        self.connection.execute_batch(&format!("CREATE TABLE {} ({});", table.name, columns.join(", ")))?;
        let marks = vec!["?"; table.columns.len()].join(", ");
        self.insert = format!("INSERT INTO {} VALUES ({marks})", table.name);
        self.table = Some(table);
        Ok(())
    }

    /// Writes one row into the table that was begun last.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn row(&mut self, row: &Value) -> Result<(), ExportError> {
        let Some(table) = self.table else { return Ok(()) };
        let values = table.columns.iter().map(|column| match at(row, column.path) {
            Value::Null => Sql::Null,
            Value::Bool(truth) => Sql::Integer(i64::from(*truth)),
            Value::Number(number) => {
                number.as_i64().map_or_else(|| Sql::Real(number.as_f64().unwrap_or(f64::NAN)), Sql::Integer)
            }
            Value::String(text) => Sql::Text(text.clone()),
            list => Sql::Text(list.to_string()),
        });
        self.connection.prepare_cached(&self.insert)?.execute(params_from_iter(values))?;
        Ok(())
    }

    /// Adds indexes, full text search and what areas were flagged for, and closes the file.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn finish(self) -> Result<(), ExportError> {
        self.connection.execute_batch(
            "CREATE INDEX letters_by_area ON letters (la_code, inspection_start);
             CREATE INDEX findings_by_letter ON findings (letter_id);
             CREATE INDEX finding_themes_by_finding ON finding_themes (finding_id);
             CREATE INDEX finding_themes_by_theme ON finding_themes (theme, role);
             CREATE VIEW flags AS
                 SELECT DISTINCT letter_id, la_code, framework, inspection_start, theme FROM finding_themes
                 WHERE role IN ('significant_weakness', 'priority_action', 'area_for_improvement', 'area_for_development');
             CREATE VIRTUAL TABLE findings_fts USING fts5 (
                 text, content = 'findings', tokenize = 'porter unicode61 remove_diacritics 2'
             );
             INSERT INTO findings_fts (findings_fts) VALUES ('rebuild');
             COMMIT;",
        )?;
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}
