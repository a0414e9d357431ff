//! Links each verdict of a later letter to the weakness or priority action that it is about.
//!
//! Links depend on the current letters alone and are made again for an area whenever one of its letters changes. So the order
//! in which letters arrived, were revised or were read again does not matter. The item is looked for in the latest earlier
//! letter with such items, of the same area or of one that it took over from.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Dataset;
use super::error::StoreError;
use crate::domain::{LetterKind, Role};
use crate::parse::verdicts;

/// A verdict that is linked to no earlier item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlinkedVerdict {
    /// Its letter.
    pub letter_id: String,
    /// The verdict.
    pub finding_id: String,
    /// The letter in which the item was looked for; none if there is no such letter.
    pub sought_in: Option<String>,
}

impl Dataset {
    /// The verdicts of current letters that are linked to no earlier item, letter by letter in their order.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unlinked_verdicts(&self) -> Result<Vec<UnlinkedVerdict>, StoreError> {
        let mut found = Vec::new();
        let mut statement = self.connection.prepare_cached(
            "SELECT f.id FROM all_findings AS f WHERE f.letter_no = ?1 AND f.role = ?2
             AND NOT EXISTS (SELECT 1 FROM verdict_links AS k WHERE k.verdict_no = f.finding_no) ORDER BY f.position",
        )?;
        for judging in judging_letters(&self.connection)? {
            let ids: Vec<String> = statement
                .query_map(params![judging.letter_no, Role::ProgressVerdict.to_string()], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            if ids.is_empty() {
                continue;
            }
            let sought_in = original(&self.connection, &judging)?.map(|original| original.id);
            found.extend(ids.into_iter().map(|finding_id| UnlinkedVerdict {
                letter_id: judging.id.clone(),
                finding_id,
                sought_in: sought_in.clone(),
            }));
        }
        Ok(found)
    }
}

/// Links again the verdicts that a change of these letters can affect: their own, and those of later letters up to the first
/// whose items are in a still later one. So the work does not grow with the number of an area's letters.
pub(super) fn refresh(connection: &Connection, letters: &BTreeSet<String>) -> Result<(), StoreError> {
    for id in letters {
        // A letter's id begins with the code of its area and the first day of its inspection.
        let Some((area, day)) = id.split_once('-').and_then(|(area, rest)| Some((area, rest.get(..10)?))) else {
            continue;
        };
        let mut statement = connection
            .prepare_cached("SELECT s.value FROM areas AS a JOIN json_each(a.successors) AS s WHERE a.la_code = ?1")?;
        let mut concerned: Vec<String> = statement.query_map([area], |row| row.get(0))?.collect::<Result<_, _>>()?;
        concerned.push(area.to_owned());
        for area in concerned {
            refresh_area(connection, &area, day)?;
        }
    }
    Ok(())
}

/// Links again the verdicts of an area that a change of a letter of this day can affect.
fn refresh_area(connection: &Connection, area: &str, day: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT letter_no, id, la_code, kind, inspection_start FROM all_letters
         WHERE current = 1 AND la_code = ?1 AND kind = ?2 AND inspection_start >= ?3 ORDER BY inspection_start, id",
    )?;
    for kind in JUDGING {
        let mut rows = statement.query(params![area, kind.to_string(), day])?;
        while let Some(row) = rows.next()? {
            let judging = judging_letter(row)?;
            let original = original(connection, &judging)?;
            let elsewhere = original.as_ref().is_some_and(|original| original.inspection_start.as_str() > day);
            if elsewhere && judging.inspection_start.as_str() > day {
                break;
            }
            link(connection, &judging, original)?;
        }
    }
    Ok(())
}

/// Links all verdicts again.
pub(super) fn refresh_all(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("DELETE FROM verdict_links", [])?;
    for judging in judging_letters(connection)? {
        let original = original(connection, &judging)?;
        link(connection, &judging, original)?;
    }
    Ok(())
}

/// The kinds of letters that give verdicts on earlier items.
const JUDGING: [LetterKind; 2] = [LetterKind::RevisitLetter, LetterKind::AreaSendMonitoring];

/// A current letter of a revisit or monitoring inspection.
struct Judging {
    letter_no: i64,
    id: String,
    la_code: String,
    kind: LetterKind,
    inspection_start: String,
}

/// A letter with items that a later one gives verdicts on.
struct Original {
    letter_no: i64,
    id: String,
    la_code: String,
    inspection_start: String,
}

fn judging_letters(connection: &Connection) -> Result<Vec<Judging>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT letter_no, id, la_code, kind, inspection_start FROM all_letters
         WHERE current = 1 AND kind IN (?1, ?2) ORDER BY id",
    )?;
    let mut rows = statement.query(JUDGING.map(|kind| kind.to_string()))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(judging_letter(row)?);
    }
    Ok(found)
}

fn judging_letter(row: &Row<'_>) -> Result<Judging, StoreError> {
    Ok(Judging {
        letter_no: row.get(0)?,
        id: row.get(1)?,
        la_code: row.get(2)?,
        kind: super::values::term(&row.get::<_, String>(3)?)?,
        inspection_start: row.get(4)?,
    })
}

/// The letter that [`verdicts::original`] would choose of all that are held.
fn original(connection: &Connection, judging: &Judging) -> Result<Option<Original>, StoreError> {
    let Some((kind, role)) = verdicts::judged(judging.kind) else { return Ok(None) };
    Ok(connection
        .prepare_cached(
            "SELECT l.letter_no, l.id, l.la_code, l.inspection_start FROM all_letters AS l
             WHERE l.current = 1 AND l.kind = ?2 AND l.inspection_start < ?3
             AND l.la_code IN (SELECT ?1 UNION SELECT a.la_code FROM areas AS a JOIN json_each(a.successors) AS s
                               WHERE s.value = ?1)
             AND EXISTS (SELECT 1 FROM all_findings AS f WHERE f.letter_no = l.letter_no AND f.role = ?4)
             ORDER BY l.inspection_start DESC, l.la_code = ?1 DESC, l.id LIMIT 1",
        )?
        .query_row(params![judging.la_code, kind.to_string(), judging.inspection_start, role.to_string()], |row| {
            Ok(Original {
                letter_no: row.get(0)?,
                id: row.get(1)?,
                la_code: row.get(2)?,
                inspection_start: row.get(3)?,
            })
        })
        .optional()?)
}

fn link(connection: &Connection, judging: &Judging, original: Option<Original>) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM verdict_links WHERE verdict_no IN (SELECT finding_no FROM all_findings WHERE letter_no = ?1)",
        )?
        .execute([judging.letter_no])?;
    let (Some(original), Some((_, role))) = (original, verdicts::judged(judging.kind)) else { return Ok(()) };
    let judgements = items(connection, judging.letter_no, Role::ProgressVerdict)?;
    let weaknesses = items(connection, original.letter_no, role)?;
    let same_area = original.la_code == judging.la_code;
    let links = verdicts::links(&texts(&judgements), &texts(&weaknesses), same_area);
    for ((verdict, _), link) in judgements.iter().zip(links) {
        if let Some(link) = link {
            connection.prepare_cached("INSERT INTO verdict_links VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                verdict,
                weaknesses[link.original].0,
                link.similarity,
                link.by.to_string()
            ])?;
        }
    }
    Ok(())
}

fn items(connection: &Connection, letter_no: i64, role: Role) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT finding_no, text FROM all_findings WHERE letter_no = ?1 AND role = ?2 ORDER BY position",
    )?;
    let found = statement
        .query_map(params![letter_no, role.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

fn texts(items: &[(i64, String)]) -> Vec<&str> {
    items.iter().map(|(_, text)| text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::migrate::{self, STEPS};
    use super::*;

    #[test]
    fn a_database_from_before_there_were_links_is_linked_when_it_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(super::super::FILE_NAME);
        let mut old = Connection::open(&path).unwrap();
        migrate::migrate(&mut old, &path, &STEPS[..3], |_| Ok(())).unwrap();
        for (number, kind, start, role, text) in [
            (1, "outcome_letter", "2018-03-05", "significant_weakness", "the lack of joint commissioning"),
            (2, "revisit_letter", "2020-01-20", "progress_verdict", "Joint commissioning was lacking."),
            (3, "area_send_full", "2023-03-06", "priority_action", "Leaders must commission therapy."),
        ] {
            old.execute_batch(&format!(
                "INSERT INTO documents VALUES ('{number}', 1, 'letter', NULL, NULL, NULL, NULL, 1, 'tagged', 'good', 't',
                     '[]', 1, 1, 1, 'c');
                 INSERT INTO all_letters (letter_no, id, sha256, current, kind, la_code, area_as_printed,
                     inspection_start, previous_status, local_authorities, health_bodies, responsible_for_statement,
                     significant_weakness, priority_action, area_for_improvement, strength, area_for_development,
                     effective_bullets, needs_to_improve_bullets, facts, suspicious, reading_sha256)
                 VALUES ({number}, 'letter {number}', '{number}', 1, '{kind}', '901', 'A', '{start}',
                     'absent', '[]', '[]', '[]', 0, 0, 1, 0, 0, 0, 0, '[]', '[]', 'r');
                 INSERT INTO all_findings (finding_no, letter_no, position, id, role, section, ordinal, paragraph,
                     polarity, cue, text, page, sub_items)
                 VALUES ({number}, {number}, 1, 'finding {number}', '{role}', 'progress', 1, 1, 'weakness', '', '{text}',
                     1, 0);"
            ))
            .unwrap();
        }
        drop(old);
        let dataset = Dataset::open(dir.path()).unwrap();
        let links: Vec<(String, String, f64, String)> = dataset
            .connection()
            .prepare("SELECT id, judges, similarity, joined_by FROM findings WHERE judges IS NOT NULL")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(links, [("finding 2".into(), "finding 1".into(), 1.0, "wording".into())]);
        assert!(dir.path().join("sendlens.sqlite.schema-3.bak").is_file());
        assert_eq!(dataset.unlinked_verdicts().unwrap(), []);
    }
}
