//! The passages of current letters as they were stored, for coding them again without their documents.

use rusqlite::{OptionalExtension, Row};

use super::Dataset;
use super::error::StoreError;
use super::values::Columns;
use crate::domain::{Polarity, Role, Section};

/// A passage of a current letter, with its present polarity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassage {
    /// Id of its finding.
    pub finding_id: String,
    /// Id of its letter.
    pub letter_id: String,
    /// Area: three-digit code.
    pub la_code: String,
    /// The exact quote.
    pub text: String,
    /// The sentence before it.
    pub previous: Option<String>,
    /// Where it stands.
    pub section: Section,
    /// The part that it plays.
    pub role: Role,
    /// Its polarity in the dataset.
    pub polarity: Polarity,
    /// Its themes in the dataset.
    pub themes: Vec<String>,
}

const SELECT: &str =
    "SELECT f.id AS id, l.id AS letter_id, l.la_code AS la_code, f.text AS text, f.previous AS previous,
        f.section AS section, f.role AS role, f.polarity AS polarity,
        (SELECT coalesce(json_group_array(x.theme), '[]') FROM
            (SELECT t.theme FROM all_finding_themes AS t WHERE t.finding_no = f.finding_no ORDER BY t.position) AS x)
        AS themes
    FROM all_findings AS f JOIN all_letters AS l ON l.letter_no = f.letter_no WHERE l.current = 1";

impl Dataset {
    /// The passage with this finding id, if a current letter has it.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn passage(&self, finding_id: &str) -> Result<Option<StoredPassage>, StoreError> {
        let sql = format!("{SELECT} AND f.id = ?1 LIMIT 1");
        self.connection.prepare_cached(&sql)?.query_row([finding_id], |row| Ok(passage(row))).optional()?.transpose()
    }

    /// All passages of current letters, letter by letter in the order of their ids.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn passages(&self) -> Result<Vec<StoredPassage>, StoreError> {
        let mut statement = self.connection.prepare(&format!("{SELECT} ORDER BY l.id, f.position"))?;
        let mut rows = statement.query([])?;
        let mut passages = Vec::new();
        while let Some(row) = rows.next()? {
            passages.push(passage(row)?);
        }
        Ok(passages)
    }
}

fn passage(row: &Row<'_>) -> Result<StoredPassage, StoreError> {
    let columns = Columns::of(row);
    Ok(StoredPassage {
        finding_id: columns.get("id")?,
        letter_id: columns.get("letter_id")?,
        la_code: columns.get("la_code")?,
        text: columns.get("text")?,
        previous: columns.get("previous")?,
        section: columns.term("section")?,
        role: columns.term("role")?,
        polarity: columns.term("polarity")?,
        themes: columns.json("themes")?,
    })
}
