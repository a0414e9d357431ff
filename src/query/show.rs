//! Back to the source: a finding in its paragraph, and a letter in full, with the evidence for everything said.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::QueryError;
use super::filter::Filter;
use super::findings::{self, FindingRow};
use super::letters::{self, LetterRow};
use super::themes::labels;
use crate::domain::{Fact, Method, Probability, TextStatus};
use crate::store::Dataset;
use crate::store::values::Columns;

/// A sentence or item of the paragraph in which a finding stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Id of the finding that it is.
    pub finding_id: String,
    /// Its text.
    pub text: String,
    /// Whether it is the finding asked for.
    pub this: bool,
}

/// Why a finding has a theme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Code {
    /// Theme id.
    pub theme: String,
    /// Its name.
    pub label: String,
    /// Subtheme id.
    pub subtheme: Option<String>,
    /// The wording that earned it.
    pub evidence: String,
    /// Whether that wording stands in the sentence before.
    pub from_previous: bool,
    /// What gave the theme: a pattern of the codebook, `model`, or `human`.
    pub rule: String,
    /// How likely the theme is right, from 0 to 1; absent where patterns alone or a person gave it.
    pub probability: Option<Probability>,
}

/// A finding with everything that is needed to check it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The finding.
    pub finding: FindingRow,
    /// The paragraph in which it stands, in order.
    pub paragraph: Vec<Part>,
    /// What gave its themes.
    pub codes: Vec<Code>,
    /// The letter, with document, address and versions.
    pub letter: LetterRow,
}

/// A document of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copy {
    /// The document.
    pub sha256: String,
    /// Whether it is the one that counts.
    pub current: bool,
    /// Addresses and files under which it was found.
    pub found_at: Vec<String>,
}

/// A letter in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WholeLetter {
    /// The letter.
    pub letter: LetterRow,
    /// Bodies that must submit the written statement or priority action plan.
    pub responsible_for_statement: Vec<String>,
    /// The area as the letter prints it.
    pub area_as_printed: String,
    /// Where each fact was read.
    pub facts: Vec<Fact>,
    /// Pages of the document.
    pub pages: Option<u32>,
    /// How its text was read.
    pub method: Option<Method>,
    /// Whether the text can be relied on.
    pub text_status: Option<TextStatus>,
    /// Its findings: formal items first, what only describes the area last.
    pub findings: Vec<FindingRow>,
    /// All documents of this letter: copies and revisions.
    pub copies: Vec<Copy>,
}

/// A finding by its id.
///
/// # Errors
/// The dataset could not be read, or no finding of a current letter has the id.
pub fn show(dataset: &Dataset, id: &str) -> Result<Shown, QueryError> {
    let connection = dataset.connection();
    let sql = format!("{} WHERE f.id = ?1 AND l.current = 1", findings::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Err(QueryError::UnknownFinding(id.to_owned())) };
    let columns = Columns::of(row);
    let (finding_no, letter_no): (i64, i64) = (columns.get("finding_no")?, columns.get("letter_no")?);
    let finding = findings::read(connection, &columns)?;
    let mut statement = connection.prepare_cached(
        "SELECT id, text, finding_no = ?1 FROM all_findings
         WHERE letter_no = ?2 AND role = ?3 AND section = ?4 AND paragraph = ?5 ORDER BY position",
    )?;
    let place = rusqlite::params![
        finding_no,
        letter_no,
        finding.role.to_string(),
        finding.section.to_string(),
        finding.paragraph
    ];
    let paragraph = statement
        .query_map(place, |row| Ok(Part { finding_id: row.get(0)?, text: row.get(1)?, this: row.get(2)? }))?
        .collect::<Result<_, _>>()?;
    let names: BTreeMap<String, String> = labels(dataset)?.into_iter().collect();
    let codes = finding
        .themes
        .iter()
        .map(|code| Code {
            theme: code.id.clone(),
            label: names.get(&code.id).unwrap_or(&code.id).clone(),
            subtheme: code.subtheme.clone(),
            evidence: code.evidence.clone(),
            from_previous: code.from_previous,
            rule: code.rule.clone(),
            probability: code.probability,
        })
        .collect();
    let letter = one_letter(dataset, &finding.letter_id)?.ok_or_else(|| QueryError::UnknownFinding(id.to_owned()))?;
    Ok(Shown { paragraph, codes, letter, finding })
}

fn one_letter(dataset: &Dataset, id: &str) -> Result<Option<LetterRow>, QueryError> {
    let sql = format!("{} WHERE l.id = ?1 AND l.current = 1", letters::COLUMNS);
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(|row| letters::read(&Columns::of(row))).transpose()
}

/// A current letter in full by its id; nothing where there is none.
///
/// # Errors
/// The dataset could not be read.
pub fn letter(dataset: &Dataset, id: &str) -> Result<Option<WholeLetter>, QueryError> {
    let Some(letter) = one_letter(dataset, id)? else { return Ok(None) };
    let connection = dataset.connection();
    let mut statement = connection.prepare_cached(
        "SELECT l.letter_no, l.responsible_for_statement, l.area_as_printed, l.facts, d.pages, d.method, d.text_status
         FROM all_letters AS l JOIN documents AS d ON d.sha256 = l.sha256 WHERE l.id = ?1 AND l.current = 1",
    )?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let c = Columns::of(row);
    let whole = WholeLetter {
        responsible_for_statement: c.json("responsible_for_statement")?,
        area_as_printed: c.get("area_as_printed")?,
        facts: c.json("facts")?,
        pages: c.get("pages")?,
        method: c.optional_term("method")?,
        text_status: c.optional_term("text_status")?,
        findings: findings::of_letter(connection, &Filter::default(), c.get("letter_no")?)?,
        copies: copies(dataset, id)?,
        letter,
    };
    Ok(Some(whole))
}

/// The id of the current letter that is stored under this name: the file, address or hash of one of its documents.
///
/// # Errors
/// The dataset could not be read.
pub fn letter_named(dataset: &Dataset, name: &str) -> Result<Option<String>, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT current.id FROM publications AS p
         JOIN revisions AS r ON r.publication_no = p.publication_no
         JOIN all_letters AS any_copy ON any_copy.sha256 = r.sha256
         JOIN all_letters AS current ON current.id = any_copy.id AND current.current = 1
         WHERE p.file = ?1 OR p.url = ?1 OR p.key = ?1 OR r.sha256 = ?1
         ORDER BY current.id LIMIT 1",
    )?;
    let mut rows = statement.query([name])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

fn copies(dataset: &Dataset, id: &str) -> Result<Vec<Copy>, QueryError> {
    let connection = dataset.connection();
    let mut statement = connection
        .prepare_cached("SELECT sha256, current FROM all_letters WHERE id = ?1 ORDER BY current DESC, sha256")?;
    let mut copies: Vec<Copy> = statement
        .query_map([id], |row| Ok(Copy { sha256: row.get(0)?, current: row.get(1)?, found_at: Vec::new() }))?
        .collect::<Result<_, _>>()?;
    let mut places = connection.prepare_cached(
        "SELECT DISTINCT coalesce(p.url, p.file, p.key) FROM revisions AS r
         JOIN publications AS p ON p.publication_no = r.publication_no WHERE r.sha256 = ?1 ORDER BY 1",
    )?;
    for copy in &mut copies {
        copy.found_at = places.query_map([&copy.sha256], |row| row.get(0))?.collect::<Result<_, _>>()?;
    }
    Ok(copies)
}
