//! What SQLite itself can say about the database's health.

use super::Dataset;
use super::error::StoreError;

impl Dataset {
    /// What is wrong with the database's pages, indexes and links; nothing where all is well.
    ///
    /// # Errors
    /// The database is too damaged to be asked.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut wrong: Vec<String> = self
            .connection
            .prepare("PRAGMA integrity_check")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        wrong.retain(|line| line != "ok");
        let mut broken = self.connection.prepare("PRAGMA foreign_key_check")?;
        let mut rows = broken.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            wrong.push(format!("a row of {table} refers to a row of {parent} that is not there"));
        }
        Ok(wrong)
    }
}
