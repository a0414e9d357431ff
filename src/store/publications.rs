//! Publications, the entries of listings: when each was seen, what became of it, and which have vanished.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::error::StoreError;
use super::runs::{RunId, note_document};
use super::values::{Columns, date, moment};
use super::{Dataset, current};
use crate::domain::{DocumentStatus, Publication, Reason};

/// When, and in which run, something is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Occasion {
    /// The run that it belongs to.
    pub run: Option<RunId>,
    /// The moment. Nothing in answers or exports depends on it, except `status` and `changes`.
    pub at: Timestamp,
}

impl Dataset {
    /// Notes that a listing still shows a publication whose document need not be fetched again.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn record_seen(&mut self, publication: &Publication, occasion: &Occasion) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        seen(&transaction, publication, occasion)?;
        transaction.commit()?;
        Ok(())
    }

    /// Notes that a publication's document could not be fetched. What was stored of it stays.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn record_failure(
        &mut self,
        publication: &Publication,
        reason: &Reason,
        occasion: &Occasion,
    ) -> Result<DocumentStatus, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number = upsert(&transaction, publication, occasion)?;
        set_status(&transaction, number, "failed", Some(reason))?;
        note_document(&transaction, occasion, number, None, DocumentStatus::Failed, Some(reason))?;
        current::refresh(&transaction, &current::ids_of_publication(&transaction, number)?)?;
        transaction.commit()?;
        Ok(DocumentStatus::Failed)
    }

    /// All publications of a source, by key.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn publications(&self, source: &str) -> Result<Vec<Publication>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM publications WHERE source = ?1 ORDER BY key")?;
        let mut rows = statement.query([source])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }
}

pub(super) fn seen(connection: &Connection, publication: &Publication, occasion: &Occasion) -> Result<(), StoreError> {
    let number = upsert(connection, publication, occasion)?;
    // The listing may have corrected the date of publication, on which the choice among copies rests.
    current::refresh(connection, &current::ids_of_publication(connection, number)?)
}

/// Marks the publications that the complete listing of a source no longer shows, with the run that missed them, and returns
/// them. Their letters stay.
pub(super) fn mark_vanished(
    connection: &Connection,
    source: &str,
    seen: &BTreeSet<String>,
    on: Date,
    run: Option<RunId>,
) -> Result<Vec<Publication>, StoreError> {
    let mut gone = Vec::new();
    let mut statement = connection
        .prepare_cached("SELECT * FROM publications WHERE source = ?1 AND vanished_on IS NULL ORDER BY key")?;
    let mut rows = statement.query([source])?;
    while let Some(row) = rows.next()? {
        let publication = read(row)?;
        if !seen.contains(&publication.key) {
            gone.push(publication);
        }
    }
    for publication in &gone {
        connection
            .prepare_cached("UPDATE publications SET vanished_on = ?3, missed_run = ?4 WHERE source = ?1 AND key = ?2")?
            .execute(params![source, publication.key, date(on), run.map(|run| run.0)])?;
    }
    Ok(gone)
}

pub(super) fn read(row: &Row<'_>) -> Result<Publication, StoreError> {
    let columns = Columns::of(row);
    Ok(Publication {
        source: columns.get("source")?,
        key: columns.get("key")?,
        url: columns.get("url")?,
        file: columns.get("file")?,
        title: columns.get("title")?,
        provider: columns.get("provider")?,
        published_on: columns.optional_date("published_on")?,
    })
}

/// Inserts or updates a publication and returns its number. What a listing no longer says is kept.
pub(super) fn upsert(
    connection: &Connection,
    publication: &Publication,
    occasion: &Occasion,
) -> Result<i64, StoreError> {
    let number = connection
        .prepare_cached(
            "INSERT INTO publications
                 (source, key, url, file, title, provider, published_on, first_seen, last_seen, seen_run, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, 'pending')
             ON CONFLICT (source, key) DO UPDATE SET
                 url = coalesce(excluded.url, url), file = coalesce(excluded.file, file),
                 title = coalesce(excluded.title, title), provider = coalesce(excluded.provider, provider),
                 published_on = coalesce(excluded.published_on, published_on),
                 last_seen = excluded.last_seen, seen_run = excluded.seen_run, vanished_on = NULL, missed_run = NULL
             RETURNING publication_no",
        )?
        .query_row(
            params![
                publication.source,
                publication.key,
                publication.url,
                publication.file,
                publication.title,
                publication.provider,
                publication.published_on.map(date),
                moment(occasion.at),
                occasion.run.map(|run| run.0),
            ],
            |row| row.get(0),
        )?;
    Ok(number)
}

pub(super) fn set_status(
    connection: &Connection,
    number: i64,
    status: &str,
    reason: Option<&Reason>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE publications SET status = ?2, reason_code = ?3, reason_message = ?4 WHERE publication_no = ?1",
        )?
        .execute(params![number, status, reason.map(|r| &r.code), reason.map(|r| &r.message)])?;
    Ok(())
}

/// The newest revision of a publication: its number and its document.
pub(super) fn latest_revision(connection: &Connection, number: i64) -> Result<Option<(i64, String)>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT revision, sha256 FROM revisions WHERE publication_no = ?1 ORDER BY revision DESC LIMIT 1",
        )?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}
