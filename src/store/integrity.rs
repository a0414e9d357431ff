//! Checks that the database agrees with itself, and repairs what can be derived from its own rows.

use std::collections::BTreeMap;

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;
use super::pack::unpack;
use super::values::Columns;
use super::{Dataset, current, finding_index, links};
use crate::domain::{Letter, Role};

/// A finding as it is stored, for comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    /// Its id.
    pub id: String,
    /// The word of its role.
    pub role: String,
    /// The quote.
    pub text: String,
}

/// A letter as it is stored, with everything that must agree with it.
#[derive(Debug, Clone)]
pub struct StoredLetter {
    /// Its id.
    pub id: String,
    /// Its document.
    pub sha256: String,
    /// How many findings of each formal role it counts.
    pub counts: Vec<(Role, usize)>,
    /// Whether it is the copy that counts.
    pub current: bool,
    /// The letter as it was read; none if it is lost.
    pub read: Option<Letter>,
    /// Its findings in their order.
    pub findings: Vec<StoredFinding>,
    /// Whether the finding index agrees with them.
    pub index_agrees: bool,
    /// Whether the rule about copies and revisions makes it current, under its publication.
    pub current_agrees: bool,
}

/// Tables whose rows are made from documents, each with the table and columns that it refers to.
const DERIVED: &[(&str, &str, &str)] = &[
    ("document_texts", "sha256", "documents"),
    ("all_letters", "sha256", "documents"),
    ("all_findings", "letter_no", "all_letters"),
    ("all_finding_themes", "finding_no", "all_findings"),
    ("finding_index", "letter_no", "all_letters"),
];

impl Dataset {
    /// What is wrong with the database's pages and indexes; empty if all is well.
    ///
    /// # Errors
    /// The database is too damaged to be read.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        integrity(&self.connection)
    }

    /// What is wrong with the links between its rows: how many of which table refer to nothing, and whether every
    /// finding can be searched for.
    ///
    /// # Errors
    /// The database is too damaged to be read.
    pub fn links(&self) -> Result<Vec<String>, StoreError> {
        let mut broken: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut check = self.connection.prepare("PRAGMA foreign_key_check")?;
        let mut rows = check.query([])?;
        while let Some(row) = rows.next()? {
            // A document that is lost altogether is named by its hash.
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            if (table.as_str(), parent.as_str()) != ("revisions", "documents") {
                *broken.entry((table, parent)).or_default() += 1;
            }
        }
        let mut wrong: Vec<String> = broken
            .into_iter()
            .map(|((table, parent), rows)| {
                format!("{rows} rows of {table} refer to rows of {parent} that are not there")
            })
            .collect();
        let unsearchable: i64 = self.connection.query_row(
            "SELECT (SELECT count(*) FROM all_findings AS f
                     WHERE NOT EXISTS (SELECT 1 FROM findings_fts_docsize AS s WHERE s.id = f.finding_no))
                  + (SELECT count(*) FROM findings_fts_docsize AS s
                     WHERE NOT EXISTS (SELECT 1 FROM all_findings AS f WHERE f.finding_no = s.id))",
            [],
            |row| row.get(0),
        )?;
        if unsearchable > 0 {
            wrong.push(format!("the search index has {unsearchable} findings too few or too many"));
        }
        Ok(wrong)
    }

    /// Documents that a publication shows, but of which nothing is recorded, by hash.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn lost_documents(&self) -> Result<Vec<String>, StoreError> {
        self.hashes(
            "SELECT DISTINCT sha256 FROM revisions AS r
             WHERE NOT EXISTS (SELECT 1 FROM documents AS d WHERE d.sha256 = r.sha256) ORDER BY sha256",
        )
    }

    /// Documents that are letters, but whose letter is not recorded, by hash.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn lost_letters(&self) -> Result<Vec<String>, StoreError> {
        self.hashes(
            "SELECT sha256 FROM documents AS d WHERE status = 'letter'
                 AND EXISTS (SELECT 1 FROM revisions AS r WHERE r.sha256 = d.sha256 AND r.material = 1)
                 AND NOT EXISTS (SELECT 1 FROM all_letters AS l WHERE l.sha256 = d.sha256) ORDER BY sha256",
        )
    }

    fn hashes(&self, sql: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Calls `each` with every stored letter, one at a time. Memory does not grow with their number.
    ///
    /// # Errors
    /// SQLite refused, or `each` failed.
    pub fn each_letter<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(StoredLetter) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement =
            self.connection.prepare("SELECT * FROM all_letters ORDER BY id, sha256").map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            each(self.stored_letter(&Columns::of(row))?)?;
        }
        Ok(())
    }

    fn stored_letter(&self, columns: &Columns<'_, '_>) -> Result<StoredLetter, StoreError> {
        let (number, id): (i64, String) = (columns.get("letter_no")?, columns.get("id")?);
        let findings = self
            .connection
            .prepare_cached("SELECT id, role, text FROM all_findings WHERE letter_no = ?1 ORDER BY position")?
            .query_map([number], |row| Ok(StoredFinding { id: row.get(0)?, role: row.get(1)?, text: row.get(2)? }))?
            .collect::<Result<_, _>>()?;
        let sha256: String = columns.get("sha256")?;
        let packed: Option<Option<Vec<u8>>> = {
            let mut statement =
                self.connection.prepare_cached("SELECT letter FROM document_texts WHERE sha256 = ?1")?;
            let mut rows = statement.query([&sha256])?;
            rows.next()?.map(|row| row.get(0)).transpose()?
        };
        let counts = [
            (Role::SignificantWeakness, "significant_weakness"),
            (Role::PriorityAction, "priority_action"),
            (Role::AreaForImprovement, "area_for_improvement"),
            (Role::Strength, "strength"),
            (Role::AreaForDevelopment, "area_for_development"),
        ];
        let counts = counts
            .into_iter()
            .map(|(role, column)| Ok((role, usize::try_from(columns.get::<i64>(column)?).unwrap_or(usize::MAX))))
            .collect::<Result<_, StoreError>>()?;
        let shown: (bool, Option<i64>) = (columns.get("current")?, columns.get("publication_no")?);
        let chosen = current::chosen(&self.connection, &id)?.filter(|(letter, _)| *letter == number);
        Ok(StoredLetter {
            index_agrees: finding_index::agrees(&self.connection, number)?,
            current_agrees: shown == (chosen.is_some(), chosen.map(|(_, publication)| publication)),
            current: shown.0,
            id,
            sha256,
            counts,
            // A letter that can't be unpacked is as good as lost.
            read: packed.flatten().and_then(|bytes| unpack(&bytes).ok()),
            findings,
        })
    }

    /// Rebuilds what is derived from other rows and is damaged (indexes, the search index), and deletes rows made from
    /// documents that are missing. Returns whether anything had to be done.
    ///
    /// # Errors
    /// The database is too damaged, or SQLite refused; nothing was changed then.
    pub fn repair(&mut self) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let broken: i64 =
            transaction.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
        // With 1 it compares the index with the text of the findings, too.
        let search = transaction
            .execute("INSERT INTO findings_fts (findings_fts, rank) VALUES ('integrity-check', 1)", [])
            .map_err(StoreError::from);
        match search {
            Ok(_) if broken == 0 && integrity(&transaction)?.is_empty() => return Ok(false),
            Ok(_) | Err(StoreError::Damaged(_)) => {}
            Err(other) => return Err(other),
        }
        // First the search index: findings can be removed only if their words are found there.
        let anew = "REINDEX; INSERT INTO findings_fts (findings_fts) VALUES ('rebuild');";
        transaction.execute_batch(anew)?;
        for (table, column, parent) in DERIVED {
            transaction
                .execute(&format!("DELETE FROM {table} WHERE {column} NOT IN (SELECT {column} FROM {parent})"), [])?;
        }
        links::refresh_all(&transaction)?;
        transaction.commit()?;
        Ok(true)
    }
}

fn integrity(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut wrong: Vec<String> =
        connection.prepare("PRAGMA integrity_check")?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    wrong.retain(|line| line != "ok");
    Ok(wrong)
}
