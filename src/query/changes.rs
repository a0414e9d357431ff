//! What is new since a day.

use jiff::civil::Date;
use serde::Serialize;

use super::error::QueryError;
use crate::store::Dataset;
use crate::store::values::{Columns, date};

/// What happened to a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Its document was seen for the first time.
    New,
    /// Its document has other bytes and another text.
    Revised,
    /// Its document has other bytes and the same text.
    SameText,
    /// Its source no longer shows it.
    Vanished,
    /// It could not be fetched or read.
    Failed,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeRow {
    /// When: a moment (UTC), or a day for what vanished.
    pub at: String,
    /// What happened.
    pub change: Change,
    /// What the document is: `letter`, `set_aside` or `failed`.
    pub status: String,
    /// The letter.
    pub letter_id: Option<String>,
    /// Its kind.
    pub kind: Option<String>,
    /// Its area.
    pub area: Option<String>,
    /// Its conclusion.
    pub outcome: Option<String>,
    /// Its source.
    pub source: String,
    /// Title in the listing.
    pub title: Option<String>,
    /// Address, file or key.
    pub address: String,
    /// Why it was set aside or failed.
    pub reason: Option<String>,
}

/// Everything that changed on a day or later, latest first. Without a day: since the last finished
/// run began, so that the answer is what it brought.
///
/// # Errors
/// The dataset could not be read.
pub fn changes(dataset: &Dataset, since: Option<Date>) -> Result<Vec<ChangeRow>, QueryError> {
    let connection = dataset.connection();
    let since: String = match since {
        Some(day) => date(day),
        None => connection
            .prepare_cached(
                "SELECT coalesce(max(started_at), '') FROM runs WHERE finished_at IS NOT NULL AND command <> 'rebuild'",
            )?
            .query_row([], |row| row.get(0))?,
    };
    let mut statement = connection.prepare_cached(
        "SELECT * FROM (
             SELECT r.seen_at AS moment,
                 CASE WHEN r.revision = 1 THEN 'new' WHEN r.material THEN 'revised' ELSE 'same_text' END AS change,
                 d.status, l.id, l.kind, coalesce(a.area, l.area_as_printed) AS area, l.outcome, p.source, p.title,
                 coalesce(p.url, p.file, p.key) AS place, d.reason_message AS reason
             FROM revisions AS r
             JOIN publications AS p ON p.publication_no = r.publication_no
             JOIN documents AS d ON d.sha256 = r.sha256
             LEFT JOIN all_letters AS l ON l.sha256 = r.sha256
             LEFT JOIN areas AS a ON a.la_code = l.la_code
             WHERE r.seen_at >= ?1
             UNION ALL
             SELECT p.vanished_on, 'vanished', p.status, l.id, l.kind, coalesce(a.area, l.area_as_printed), l.outcome,
                 p.source, p.title, coalesce(p.url, p.file, p.key), p.reason_message
             FROM publications AS p
             LEFT JOIN all_letters AS l ON l.publication_no = p.publication_no
             LEFT JOIN areas AS a ON a.la_code = l.la_code
             WHERE p.vanished_on >= substr(?1, 1, 10) AND p.vanished_on IS NOT NULL
             UNION ALL
             SELECT p.last_seen, 'failed', p.status, NULL, NULL, NULL, NULL, p.source, p.title,
                 coalesce(p.url, p.file, p.key), p.reason_message
             FROM publications AS p
             WHERE p.status = 'failed' AND p.last_seen >= ?1
                 AND NOT EXISTS (SELECT 1 FROM revisions AS r WHERE r.publication_no = p.publication_no AND r.seen_at >= ?1)
         ) ORDER BY moment DESC, source, place, change",
    )?;
    let mut rows = statement.query([since])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let c = Columns(row);
        let change: String = c.get("change")?;
        found.push(ChangeRow {
            at: c.get("moment")?,
            change: match change.as_str() {
                "new" => Change::New,
                "revised" => Change::Revised,
                "same_text" => Change::SameText,
                "vanished" => Change::Vanished,
                _ => Change::Failed,
            },
            status: c.get("status")?,
            letter_id: c.get("id")?,
            kind: c.get("kind")?,
            area: c.get("area")?,
            outcome: c.get("outcome")?,
            source: c.get("source")?,
            title: c.get("title")?,
            address: c.get("place")?,
            reason: c.get("reason")?,
        });
    }
    Ok(found)
}
