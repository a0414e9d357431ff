//! Decides which of several documents of one letter counts.
//!
//! A document is *live* in a publication if it is the newest revision there that changed the text and could be read. Of a
//! letter's live documents, the one with the latest publication date is current; equal dates are decided by the hash, and a
//! publication that its source replaced by another comes last. The rule looks at the documents alone, so the order in which
//! they arrived does not matter.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::links;

/// The ids of the letters in a publication's documents, of all its revisions.
pub(super) fn ids_of_publication(connection: &Connection, number: i64) -> Result<BTreeSet<String>, StoreError> {
    ids(
        connection,
        "SELECT l.id FROM revisions AS r JOIN all_letters AS l ON l.sha256 = r.sha256 WHERE r.publication_no = ?1",
        &number,
    )
}

/// The ids of the letters in the documents of every publication that ever showed this document.
pub(super) fn ids_around_document(connection: &Connection, sha256: &str) -> Result<BTreeSet<String>, StoreError> {
    ids(
        connection,
        "SELECT l.id FROM revisions AS own JOIN revisions AS r ON r.publication_no = own.publication_no
         JOIN all_letters AS l ON l.sha256 = r.sha256 WHERE own.sha256 = ?1",
        &sha256,
    )
}

fn ids(connection: &Connection, sql: &str, key: &dyn rusqlite::ToSql) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([key], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(found)
}

/// Joined in this order: by itself SQLite goes through all publications of the source, as the answer is ordered by them.
const SUCCESSOR: &str = "SELECT n.key FROM publications AS o
     CROSS JOIN revisions AS ro ON ro.publication_no = o.publication_no
     CROSS JOIN all_letters AS lo ON lo.sha256 = ro.sha256
     CROSS JOIN all_letters AS ln ON ln.id = lo.id
     CROSS JOIN revisions AS rn ON rn.sha256 = ln.sha256
     CROSS JOIN publications AS n ON n.publication_no = rn.publication_no
     WHERE o.publication_no = ?1 AND n.source = o.source AND n.publication_no <> o.publication_no AND n.vanished_on IS NULL
     ORDER BY n.key LIMIT 1";

/// Another publication of the same source, still there, that shows a letter of this publication.
pub(super) fn successor(connection: &Connection, number: i64) -> Result<Option<String>, StoreError> {
    Ok(connection.prepare_cached(SUCCESSOR)?.query_row([number], |row| row.get(0)).optional()?)
}

/// The document that counts for a letter, and the publication under which it is shown.
pub(super) fn chosen(connection: &Connection, id: &str) -> Result<Option<(i64, i64)>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT l.letter_no, p.publication_no
                 FROM all_letters AS l
                 JOIN revisions AS r ON r.sha256 = l.sha256 AND r.material = 1
                 JOIN publications AS p ON p.publication_no = r.publication_no
                 WHERE l.id = ?1 AND r.revision = (
                     SELECT max(n.revision) FROM revisions AS n JOIN documents AS d ON d.sha256 = n.sha256
                     WHERE n.publication_no = r.publication_no AND n.material = 1 AND d.status <> 'failed'
                 )
                 ORDER BY p.vanished_on IS NOT NULL AND EXISTS (
                     SELECT 1 FROM all_letters AS x JOIN revisions AS y ON y.sha256 = x.sha256
                     JOIN publications AS q ON q.publication_no = y.publication_no
                     WHERE x.id = l.id AND q.source = p.source AND q.vanished_on IS NULL
                 ), coalesce(p.published_on, '') DESC, l.sha256 DESC, p.url IS NULL, p.source, p.key
                 LIMIT 1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Decides again which document is current for each of these letters, and under which publication it is shown. Then links
/// the verdicts that this can affect.
pub(super) fn refresh(connection: &Connection, letters: &BTreeSet<String>) -> Result<(), StoreError> {
    for id in letters {
        let chosen = chosen(connection, id)?;
        // First none, then the one: the index allows only one current document of a letter at any time.
        connection
            .prepare_cached("UPDATE all_letters SET current = 0, publication_no = NULL WHERE id = ?1 AND current = 1")?
            .execute([id])?;
        if let Some((letter, publication)) = chosen {
            connection
                .prepare_cached("UPDATE all_letters SET current = 1, publication_no = ?2 WHERE letter_no = ?1")?
                .execute(params![letter, publication])?;
        }
    }
    links::refresh(connection, letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Dataset;

    #[test]
    fn a_successor_is_sought_by_its_letter_not_among_all_publications() {
        let dir = tempfile::tempdir().unwrap();
        let dataset = Dataset::open(dir.path()).unwrap();
        let mut plan = dataset.connection().prepare(&format!("EXPLAIN QUERY PLAN {SUCCESSOR}")).unwrap();
        let steps: Vec<String> =
            plan.query_map([1], |row| row.get("detail")).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(steps.len() >= 6 && steps.iter().all(|step| !step.contains("source=?")), "{steps:#?}");
    }
}
