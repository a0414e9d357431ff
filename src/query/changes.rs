//! What is new since a day.

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use super::error::QueryError;
use super::filter::flag_roles;
use crate::store::Dataset;
use crate::store::values::{Columns, date, json};

/// What happened to a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Its document was seen for the first time.
    New,
    /// A letter that was held has another text, in this publication or in one that takes its place.
    Revised,
    /// A document that was held, or one with the same text, under another file number or at another source.
    Republished,
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
    /// Its area; where it is no letter, the provider whose page shows it.
    pub area: Option<String>,
    /// Its conclusion.
    pub outcome: Option<String>,
    /// Ids of the themes that its formal items flag, in the order of the codebook.
    pub flagged: Vec<String>,
    /// Its source.
    pub source: String,
    /// Title in the listing.
    pub title: Option<String>,
    /// Address, file or key.
    pub address: String,
    /// Why it was set aside or failed.
    pub reason: Option<String>,
}

/// Rows since the moment ?1, and of the run ?2 or a later one: by the clock alone, what the last run brought could not be
/// told from what a run of the same second, or for what vanished of the same day, had brought before it. A revision
/// without a letter of its own, having the same text as the one before it, stands for that one's letter.
const CHANGES: &str = "
    SELECT * FROM (
        SELECT r.seen_at AS moment,
            CASE
                WHEN r.revision > 1 THEN CASE WHEN r.material THEN 'revised' ELSE 'same_text' END
                WHEN EXISTS (
                    SELECT 1 FROM revisions AS o
                    WHERE o.sha256 = r.sha256 AND (o.seen_at, o.publication_no) < (r.seen_at, r.publication_no)
                ) THEN 'republished'
                ELSE coalesce((
                    SELECT CASE WHEN max(e.text_sha256 IS d.text_sha256) THEN 'republished' ELSE 'revised' END
                    FROM all_letters AS x
                    JOIN documents AS e ON e.sha256 = x.sha256
                    JOIN revisions AS o ON o.sha256 = x.sha256
                    WHERE x.id = l.id AND o.publication_no <> r.publication_no
                        AND (o.seen_at, o.publication_no) < (r.seen_at, r.publication_no)
                    HAVING count(*) > 0
                ), 'new')
            END AS change,
            d.status, l.letter_no, l.id, l.kind, coalesce(a.area, l.area_as_printed, p.provider) AS area, l.outcome, p.source,
            p.title, coalesce(p.url, p.file, p.key) AS place, d.reason_message AS reason
        FROM revisions AS r
        JOIN publications AS p ON p.publication_no = r.publication_no
        JOIN documents AS d ON d.sha256 = r.sha256
        LEFT JOIN all_letters AS l ON l.sha256 = (
            SELECT n.sha256 FROM revisions AS n
            WHERE n.publication_no = r.publication_no AND n.material AND n.revision <= r.revision
            ORDER BY n.revision DESC LIMIT 1
        )
        LEFT JOIN areas AS a ON a.la_code = l.la_code
        WHERE r.seen_at >= ?1 AND coalesce(r.run_no, 0) >= ?2
        UNION ALL
        SELECT p.vanished_on, 'vanished', p.status, l.letter_no, l.id, l.kind, coalesce(a.area, l.area_as_printed, p.provider),
            l.outcome, p.source, p.title, coalesce(p.url, p.file, p.key), p.reason_message
        FROM publications AS p
        LEFT JOIN all_letters AS l ON l.sha256 = (
            SELECT n.sha256 FROM revisions AS n
            WHERE n.publication_no = p.publication_no AND n.material ORDER BY n.revision DESC LIMIT 1
        )
        LEFT JOIN areas AS a ON a.la_code = l.la_code
        WHERE p.vanished_on >= ?1 AND coalesce(p.missed_run, 0) >= ?2
        UNION ALL
        SELECT p.last_seen, 'failed', p.status, NULL, NULL, NULL, p.provider, NULL, p.source, p.title,
            coalesce(p.url, p.file, p.key), p.reason_message
        FROM publications AS p
        WHERE p.status = 'failed' AND p.last_seen >= ?1 AND coalesce(p.seen_run, 0) >= ?2 AND NOT EXISTS (
            SELECT 1 FROM revisions AS r
            WHERE r.publication_no = p.publication_no AND r.seen_at >= ?1 AND coalesce(r.run_no, 0) >= ?2
        )
    ) ORDER BY moment DESC, source, place, change";

/// Everything that changed on a day or later, latest first. Without a day: what the last finished run brought, and any
/// run after it.
///
/// # Errors
/// The dataset could not be read.
pub fn changes(dataset: &Dataset, since: Option<Date>) -> Result<Vec<ChangeRow>, QueryError> {
    let connection = dataset.connection();
    let (since, run): (String, i64) = match since {
        Some(day) => (date(day), 0),
        None => {
            let last = connection
                .prepare_cached("SELECT max(run_no) FROM runs WHERE finished_at IS NOT NULL AND command <> 'rebuild'")?
                .query_row([], |row| row.get::<_, Option<i64>>(0))?;
            (String::new(), last.unwrap_or(0))
        }
    };
    let mut statement = connection.prepare_cached(CHANGES)?;
    let mut rows = statement.query((since, run))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        let change: String = c.get("change")?;
        let letter_no: Option<i64> = c.get("letter_no")?;
        found.push(ChangeRow {
            at: c.get("moment")?,
            change: match change.as_str() {
                "new" => Change::New,
                "revised" => Change::Revised,
                "republished" => Change::Republished,
                "same_text" => Change::SameText,
                "vanished" => Change::Vanished,
                _ => Change::Failed,
            },
            status: c.get("status")?,
            letter_id: c.get("id")?,
            kind: c.get("kind")?,
            area: c.get("area")?,
            outcome: c.get("outcome")?,
            flagged: letter_no.map(|number| flagged(connection, number)).transpose()?.unwrap_or_default(),
            source: c.get("source")?,
            title: c.get("title")?,
            address: c.get("place")?,
            reason: c.get("reason")?,
        });
    }
    Ok(found)
}

/// Ids of the themes that the formal items of a current letter flag, in the order of the codebook; none where there is
/// no such letter.
///
/// # Errors
/// The dataset could not be read.
pub fn flagged_in(dataset: &Dataset, letter_id: &str) -> Result<Vec<String>, QueryError> {
    let connection = dataset.connection();
    let number: Option<i64> = connection
        .prepare_cached("SELECT letter_no FROM all_letters WHERE id = ?1 AND current = 1")?
        .query_row([letter_id], |row| row.get(0))
        .optional()?;
    Ok(number.map(|number| flagged(connection, number)).transpose()?.unwrap_or_default())
}

/// Ids of the themes that a letter's formal items flag, in the order of the codebook.
fn flagged(connection: &Connection, letter_no: i64) -> Result<Vec<String>, QueryError> {
    let roles = json(&flag_roles().iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let mut statement = connection.prepare_cached(
        "SELECT t.theme FROM all_findings AS f
         JOIN all_finding_themes AS t ON t.finding_no = f.finding_no
         LEFT JOIN themes AS h ON h.id = t.theme
         WHERE f.letter_no = ?1 AND f.role IN (SELECT value FROM json_each(?2))
         GROUP BY t.theme ORDER BY h.position, t.theme",
    )?;
    let themes = statement.query_map((letter_no, roles), |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(themes)
}
