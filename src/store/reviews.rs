//! Corrections by people, as a layer over what the program coded.
//!
//! Reviews are stored apart from the findings, by finding id, with coder and day. Whenever a letter is recorded, its reviews
//! replace the program's codes, so they survive every rebuild and hold in every answer. Such themes have the rule `human`, and a
//! corrected polarity the cue `human`.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::values::{Columns, date, json};
use super::{Dataset, finding_index};
use crate::domain::{Coding, Finding, Polarity, Probability, ThemeCode};

/// Marks codes that a person gave.
pub const HUMAN: &str = "human";

/// A theme that a person gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReviewedTheme {
    /// Theme id.
    pub id: String,
    /// Subtheme id.
    pub subtheme: Option<String>,
}

/// One finding as one person coded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The finding.
    pub finding_id: String,
    /// Who coded it.
    pub coder: String,
    /// When.
    pub reviewed_on: Date,
    /// The quote that was judged.
    pub text: String,
    /// The polarity given.
    pub polarity: Polarity,
    /// The themes given.
    pub themes: Vec<ReviewedTheme>,
    /// A remark.
    pub note: Option<String>,
}

impl Dataset {
    /// Stores all reviews and applies them to the findings, or none. An earlier review of the same finding by the same coder is
    /// replaced. Returns the number of findings whose codes changed.
    ///
    /// # Errors
    /// SQLite refused; then nothing was stored.
    pub fn add_reviews(&mut self, reviews: &[Review]) -> Result<usize, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for review in reviews {
            transaction.prepare_cached("INSERT OR REPLACE INTO reviews VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(
                params![
                    review.finding_id,
                    review.coder,
                    date(review.reviewed_on),
                    review.text,
                    review.polarity.to_string(),
                    json(&review.themes)?,
                    review.note,
                ],
            )?;
        }
        let ids: BTreeSet<&str> = reviews.iter().map(|r| r.finding_id.as_str()).collect();
        let mut changed = 0;
        let mut letters = BTreeSet::new();
        for id in ids {
            if let Some(review) = latest(&transaction, id)? {
                for (letter, differs) in apply(&transaction, &review)? {
                    letters.insert(letter);
                    changed += usize::from(differs);
                }
            }
        }
        for letter in letters {
            refresh_letter(&transaction, letter)?;
        }
        transaction.execute("UPDATE meta SET value = value + 1 WHERE key = 'version'", [])?;
        transaction.commit()?;
        Ok(changed)
    }

    /// All reviews, by finding and coder.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn reviews(&self) -> Result<Vec<Review>, StoreError> {
        let mut statement = self.connection.prepare("SELECT * FROM reviews ORDER BY finding_id, coder")?;
        let mut rows = statement.query([])?;
        let mut reviews = Vec::new();
        while let Some(row) = rows.next()? {
            reviews.push(review(&Columns::of(row))?);
        }
        Ok(reviews)
    }
}

fn review(columns: &Columns<'_, '_>) -> Result<Review, StoreError> {
    Ok(Review {
        finding_id: columns.get("finding_id")?,
        coder: columns.get("coder")?,
        reviewed_on: columns.date("reviewed_on")?,
        text: columns.get("text")?,
        polarity: columns.term("polarity")?,
        themes: columns.json("themes")?,
        note: columns.get("note")?,
    })
}

/// The review of a finding that counts: the latest; of several on one day, the one whose coder's name comes last.
fn latest(connection: &Connection, finding_id: &str) -> Result<Option<Review>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT * FROM reviews WHERE finding_id = ?1 ORDER BY reviewed_on DESC, coder DESC LIMIT 1")?;
    let mut rows = statement.query([finding_id])?;
    rows.next()?.map(|row| review(&Columns::of(row))).transpose()
}

/// The findings of a letter with people's corrections applied.
pub(super) fn overlay(connection: &Connection, findings: &[Finding]) -> Result<Vec<Finding>, StoreError> {
    let mut result = findings.to_vec();
    let any: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM reviews)", [], |row| row.get(0))?;
    if any {
        for finding in &mut result {
            if let Some(review) = latest(connection, &finding.id)? {
                finding.coding = corrected(&review, &finding.coding, &finding.passage.text);
            }
        }
    }
    Ok(result)
}

/// A person's codes, with the program's evidence if both gave the theme, else with the whole quote.
fn corrected(review: &Review, machine: &Coding, text: &str) -> Coding {
    let themes = review.themes.iter().map(|theme| {
        let same = machine.themes.iter().find(|t| t.id == theme.id);
        ThemeCode {
            id: theme.id.clone(),
            subtheme: theme.subtheme.clone(),
            evidence: same.map_or_else(|| text.to_owned(), |t| t.evidence.clone()),
            from_previous: same.is_some_and(|t| t.from_previous),
            rule: HUMAN.to_owned(),
            probability: None,
        }
    });
    Coding { polarity: review.polarity, probability: None, cue: HUMAN.to_owned(), themes: themes.collect() }
}

/// Applies a review to the stored findings of its id. Returns their letters, and whether their codes changed.
fn apply(connection: &Connection, review: &Review) -> Result<Vec<(i64, bool)>, StoreError> {
    let stored: Vec<(i64, i64, String, String)> = connection
        .prepare_cached("SELECT finding_no, letter_no, polarity, text FROM all_findings WHERE id = ?1")?
        .query_map([&review.finding_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    let mut letters = Vec::new();
    for (finding_no, letter_no, polarity, text) in stored {
        let before = themes_of(connection, finding_no)?;
        let machine = Coding { polarity: review.polarity, probability: None, cue: String::new(), themes: before };
        let after = corrected(review, &machine, &text);
        connection
            .prepare_cached(
                "UPDATE all_findings SET polarity = ?2, cue = ?3, polarity_probability = NULL WHERE finding_no = ?1",
            )?
            .execute(params![finding_no, after.polarity.to_string(), after.cue])?;
        connection.prepare_cached("DELETE FROM all_finding_themes WHERE finding_no = ?1")?.execute([finding_no])?;
        for (place, theme) in (1i64..).zip(&after.themes) {
            connection
                .prepare_cached("INSERT INTO all_finding_themes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)")?
                .execute(params![
                    finding_no,
                    place,
                    theme.id,
                    theme.subtheme,
                    theme.evidence,
                    theme.from_previous,
                    theme.rule
                ])?;
        }
        let key = |themes: &[ThemeCode]| -> BTreeSet<(String, Option<String>)> {
            themes.iter().map(|t| (t.id.clone(), t.subtheme.clone())).collect()
        };
        let differs = polarity != review.polarity.to_string() || key(&machine.themes) != key(&after.themes);
        letters.push((letter_no, differs));
    }
    Ok(letters)
}

fn themes_of(connection: &Connection, finding_no: i64) -> Result<Vec<ThemeCode>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM all_finding_themes WHERE finding_no = ?1 ORDER BY position")?;
    let mut rows = statement.query([finding_no])?;
    let mut themes = Vec::new();
    while let Some(row) = rows.next()? {
        let columns = Columns::of(row);
        themes.push(ThemeCode {
            id: columns.get("theme")?,
            subtheme: columns.get("subtheme")?,
            evidence: columns.get("evidence")?,
            from_previous: columns.get("from_previous")?,
            rule: columns.get("rule")?,
            probability: columns.get::<Option<u8>>("probability")?.map(Probability::from_percent),
        });
    }
    Ok(themes)
}

/// Brings the index of a letter's findings up to date, and lets the next rebuild compare it as changed.
fn refresh_letter(connection: &Connection, letter_no: i64) -> Result<(), StoreError> {
    finding_index::refresh(connection, letter_no)?;
    connection
        .prepare_cached("UPDATE all_letters SET reading_sha256 = 'reviewed' WHERE letter_no = ?1")?
        .execute([letter_no])?;
    Ok(())
}
