//! What was searched for, marked in the texts that match.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::error::QueryError;

/// How the search index takes texts apart; the schema says the same.
const TOKENIZE: &str = "porter unicode61 remove_diacritics 2";
/// Marks that stand in no letter, around what was searched for.
const MARKS: [char; 2] = ['\u{2}', '\u{3}'];

/// A piece of a found text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// The piece.
    pub text: String,
    /// Whether it is what was searched for.
    pub hit: bool,
}

/// Each of the texts in pieces. They are indexed by themselves: in the index of all findings SQLite would look up every
/// word anew for each text.
pub(super) fn highlight(expression: &str, texts: &[&str]) -> Result<Vec<Vec<Segment>>, QueryError> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let connection = Connection::open_in_memory()?;
    connection
        .execute_batch(&format!("BEGIN; CREATE VIRTUAL TABLE shown USING fts5 (text, tokenize = '{TOKENIZE}')"))?;
    let mut insert = connection.prepare("INSERT INTO shown (rowid, text) VALUES (?1, ?2)")?;
    for (number, text) in (0_i64..).zip(texts) {
        insert.execute(params![number, text])?;
    }
    let mut pieces: Vec<Vec<Segment>> = texts.iter().map(|text| segments(text)).collect();
    let mut marked =
        connection.prepare("SELECT rowid, highlight(shown, 0, char(2), char(3)) FROM shown WHERE shown MATCH ?1")?;
    let mut rows = marked.query([expression])?;
    while let Some(row) = rows.next()? {
        let place = usize::try_from(row.get::<_, i64>(0)?).ok();
        if let Some(pieces) = place.and_then(|place| pieces.get_mut(place)) {
            *pieces = segments(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
        }
    }
    Ok(pieces)
}

fn segments(marked: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut hit = false;
    for piece in marked.split_inclusive(MARKS) {
        let text = piece.trim_end_matches(MARKS);
        if !text.is_empty() {
            segments.push(Segment { text: text.to_owned(), hit });
        }
        hit = match piece.chars().last() {
            Some(c) if c == MARKS[0] => true,
            Some(c) if c == MARKS[1] => false,
            _ => hit,
        };
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Dataset;

    #[test]
    fn texts_are_taken_apart_as_in_the_index_of_all_findings() {
        let dir = tempfile::tempdir().unwrap();
        let dataset = Dataset::open(dir.path()).unwrap();
        let schema: String = dataset
            .connection()
            .query_row("SELECT sql FROM sqlite_schema WHERE name = 'findings_fts'", [], |row| row.get(0))
            .unwrap();
        assert!(schema.contains(&format!("tokenize = '{TOKENIZE}'")), "{schema}");
        let found =
            highlight("(\"waits\" AND \"cafe\")", &["Long waiting, café.", "No match.", "Cafés: wait."]).unwrap();
        let marked = |text: &str| {
            let hits = found.iter().flatten().filter(|piece| piece.text == text);
            hits.map(|piece| piece.hit).collect::<Vec<_>>()
        };
        assert_eq!((marked("waiting"), marked("café"), marked("wait")), (vec![true], vec![true], vec![true]));
        assert_eq!(found[1], [Segment { text: "No match.".to_owned(), hit: false }]);
        assert_eq!(found[0].iter().map(|piece| piece.text.as_str()).collect::<String>(), "Long waiting, café.");
    }
}
