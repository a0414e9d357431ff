//! Full-text search over the findings of current letters.
//!
//! Best matches first, by SQLite's bm25 over the words that tell matches apart: a word or phrase in more than [`COMMON`]
//! findings finds, but does not rank, because bm25 goes through all findings that hold it only to give it next to no
//! weight. A search that has no other words, or matches more than [`BROAD`] findings, is not ranked: the latest matches
//! come first, and the answer says so.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params, params_from_iter};
use serde::Serialize;

use super::error::QueryError;
use super::facets::{Facets, Tally};
use super::filter::Filter;
use super::findings::{self, FindingRow};
use super::index::{ThemeNumbers, each_indexed};
use super::scope::{ScopeLetter, letters_in};
use super::syntax::{Expression, expression};
use crate::store::Dataset;
use crate::store::values::{Columns, json};

/// A search that matches more findings than this is not ranked.
pub const BROAD: usize = 20_000;
/// A word or phrase in more findings than this does not count in the order of matches.
pub const COMMON: usize = 50_000;
/// With at most so many letters in scope, even a broad search looks into each of them.
const FEW_LETTERS: usize = 300;

/// A piece of a found text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// The piece.
    pub text: String,
    /// Whether it is what was searched for.
    pub hit: bool,
}

/// A finding that matches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The finding.
    #[serde(flatten)]
    pub finding: FindingRow,
    /// Its text in pieces.
    pub segments: Vec<Segment>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// How the search was understood.
    pub understood: String,
    /// Findings that match; nothing where there are too many to count.
    pub total: Option<usize>,
    /// Whether the best matches come first; otherwise the newest do.
    pub ranked: bool,
    /// The matches of this page.
    pub hits: Vec<Hit>,
    /// All matches counted; empty where there are too many to count.
    pub facets: Facets,
}

/// Searches the findings that a filter means.
///
/// # Errors
/// The search cannot be understood, a theme is unknown, or the dataset could not be read.
pub fn search(dataset: &Dataset, query: &str, filter: &Filter) -> Result<Found, QueryError> {
    filter.check(dataset)?;
    let meant = expression(query)?;
    let understood = meant.to_string();
    let connection = dataset.connection();
    let matches = matches(connection, &understood, BROAD)?;
    let letters = letters_in(dataset, filter)?;
    let (candidates, ranked) = match matches {
        Some(matches) => {
            let mut candidates = of_findings(connection, &matches, filter)?;
            let in_scope: HashSet<i64> = letters.iter().map(|l| l.number).collect();
            candidates.retain(|c| in_scope.contains(&c.letter_no));
            match telling(connection, &meant)? {
                Some(telling) => (rank(connection, &telling, candidates)?, true),
                None => (latest(candidates, &letters), false),
            }
        }
        None if letters.len() <= FEW_LETTERS => (of_letters(connection, &understood, filter, &letters)?, false),
        None => return newest(connection, understood, filter, &letters),
    };
    let facets = facets(dataset, &candidates, &letters)?;
    let total = candidates.len();
    let page = filter.page(candidates);
    let numbers: Vec<i64> = page.into_iter().map(|c| c.finding_no).collect();
    Ok(Found { hits: hits(connection, &understood, &numbers)?, total: Some(total), ranked, facets, understood })
}

/// Numbers of the findings that match; nothing where there are more than `most`.
fn matches(connection: &Connection, expression: &str, most: usize) -> Result<Option<Vec<i64>>, QueryError> {
    let numbers: Vec<i64> = connection
        .prepare_cached("SELECT rowid FROM findings_fts WHERE findings_fts MATCH ?1 LIMIT ?2")?
        .query_map(params![expression, as_i64(most + 1)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok((numbers.len() <= most).then_some(numbers))
}

/// What ranks the matches of a search: the search without what is common. Nothing where all of it is.
fn telling(connection: &Connection, meant: &Expression) -> Result<Option<Expression>, QueryError> {
    if matches!(meant, Expression::Phrase(_)) {
        // It has so few matches that they are ranked, so it is not common.
        return Ok(Some(meant.clone()));
    }
    let mut many = connection.prepare_cached(
        "SELECT count(*) > ?2 FROM (SELECT 1 FROM findings_fts WHERE findings_fts MATCH ?1 LIMIT ?2 + 1)",
    )?;
    let mut common = Vec::new();
    for phrase in meant.phrases() {
        if many.query_row(params![phrase.to_string(), as_i64(COMMON)], |row| row.get(0))? {
            common.push(phrase);
        }
    }
    Ok(meant.without(&common))
}

struct Candidate {
    finding_no: i64,
    letter_no: i64,
    position: usize,
    id: String,
}

/// Candidates among these findings, in the order of the list.
fn of_findings(connection: &Connection, numbers: &[i64], filter: &Filter) -> Result<Vec<Candidate>, QueryError> {
    let conditions = filter.finding_conditions();
    let sql = format!(
        "SELECT f.finding_no, f.letter_no, f.position, f.id FROM json_each(?) AS n
         CROSS JOIN all_findings AS f ON f.finding_no = n.value WHERE {}",
        conditions.sql()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = std::iter::once(json(&numbers)?.into()).chain(conditions.values);
    let found = statement.query_map(params_from_iter(values), read_candidate)?.collect::<Result<_, _>>()?;
    Ok(found)
}

fn read_candidate(row: &rusqlite::Row<'_>) -> rusqlite::Result<Candidate> {
    let position: i64 = row.get(2)?;
    Ok(Candidate {
        finding_no: row.get(0)?,
        letter_no: row.get(1)?,
        position: usize::try_from(position).unwrap_or(usize::MAX),
        id: row.get(3)?,
    })
}

/// The best first. Equally good ones by id, so that the order does not depend on how the dataset grew.
fn rank(
    connection: &Connection,
    telling: &Expression,
    mut candidates: Vec<Candidate>,
) -> Result<Vec<Candidate>, QueryError> {
    let numbers: Vec<i64> = candidates.iter().map(|c| c.finding_no).collect();
    // The sign keeps SQLite from searching anew for each number.
    let mut statement = connection.prepare_cached(
        "SELECT x.rowid, x.rank FROM findings_fts AS x
         WHERE findings_fts MATCH ?1 AND +x.rowid IN (SELECT value FROM json_each(?2))",
    )?;
    let ranks: HashMap<i64, f64> = statement
        .query_map(params![telling.to_string(), json(&numbers)?], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let rank = |candidate: &Candidate| ranks.get(&candidate.finding_no).copied().unwrap_or(0.0);
    candidates.sort_by(|x, y| rank(x).total_cmp(&rank(y)).then_with(|| x.id.cmp(&y.id)));
    Ok(candidates)
}

/// The latest inspection first, and in the order of the letter.
fn latest(mut candidates: Vec<Candidate>, letters: &[ScopeLetter]) -> Vec<Candidate> {
    let places: HashMap<i64, usize> = letters.iter().rev().enumerate().map(|(place, l)| (l.number, place)).collect();
    candidates.sort_by_key(|c| (places.get(&c.letter_no).copied(), c.position));
    candidates
}

/// The matches in a few letters, the latest inspection first. A letter's findings were recorded together, so their
/// numbers are one range, in which the search looks.
fn of_letters(
    connection: &Connection,
    understood: &str,
    filter: &Filter,
    letters: &[ScopeLetter],
) -> Result<Vec<Candidate>, QueryError> {
    let conditions = filter.finding_conditions();
    let sql = format!(
        "SELECT f.finding_no, f.letter_no, f.position, f.id FROM findings_fts AS x
         CROSS JOIN all_findings AS f ON f.finding_no = x.rowid
         WHERE findings_fts MATCH ? AND {} AND x.rowid BETWEEN ? AND ? ORDER BY x.rowid",
        conditions.sql()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut range =
        connection.prepare_cached("SELECT min(finding_no), max(finding_no) FROM all_findings WHERE letter_no = ?1")?;
    let mut found = Vec::new();
    for letter in letters.iter().rev() {
        let (first, last): (Option<i64>, Option<i64>) =
            range.query_row([letter.number], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (Some(first), Some(last)) = (first, last) else { continue };
        let mut values = vec![understood.to_owned().into()];
        values.extend(conditions.values.iter().cloned());
        values.extend([first.into(), last.into()]);
        for candidate in statement.query_map(params_from_iter(values), read_candidate)? {
            found.extend(Some(candidate?).filter(|c| c.letter_no == letter.number));
        }
    }
    Ok(found)
}

/// One page of a search that is too broad to rank: what was recorded last comes first.
fn newest(
    connection: &Connection,
    understood: String,
    filter: &Filter,
    letters: &[ScopeLetter],
) -> Result<Found, QueryError> {
    let in_scope: HashSet<i64> = letters.iter().map(|l| l.number).collect();
    let conditions = filter.finding_conditions();
    let sql = format!(
        "SELECT f.finding_no, f.letter_no FROM findings_fts AS x
         CROSS JOIN all_findings AS f ON f.finding_no = x.rowid
         WHERE findings_fts MATCH ? AND {} ORDER BY x.rowid DESC",
        conditions.sql()
    );
    let values = std::iter::once(understood.clone().into()).chain(conditions.values);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut numbers: Vec<i64> = Vec::new();
    let mut passed = 0;
    while numbers.len() < filter.limit.unwrap_or(BROAD)
        && let Some(row) = rows.next()?
    {
        if in_scope.contains(&row.get(1)?) {
            passed += 1;
            if passed > filter.offset {
                numbers.push(row.get(0)?);
            }
        }
    }
    let hits = hits(connection, &understood, &numbers)?;
    Ok(Found { understood, total: None, ranked: false, hits, facets: Facets::new() })
}

fn facets(dataset: &Dataset, candidates: &[Candidate], letters: &[ScopeLetter]) -> Result<Facets, QueryError> {
    let mut positions: HashMap<i64, Vec<usize>> = HashMap::new();
    for candidate in candidates {
        positions.entry(candidate.letter_no).or_default().push(candidate.position);
    }
    let (letters, positions): (Vec<ScopeLetter>, Vec<Vec<usize>>) =
        letters.iter().filter_map(|l| positions.remove(&l.number).map(|found| (l.clone(), found))).unzip();
    let themes = ThemeNumbers::of(dataset)?;
    let mut tally = Tally::over(&letters, &themes);
    each_indexed(dataset, &letters, |letter, position, finding| {
        if positions[letter].contains(&position) {
            tally.add(letter, finding);
        }
    })?;
    Ok(tally.facets())
}

/// Marks that stand in no letter, around what was searched for.
const MARKS: [char; 2] = ['\u{2}', '\u{3}'];

fn hits(connection: &Connection, understood: &str, numbers: &[i64]) -> Result<Vec<Hit>, QueryError> {
    let sql = format!("{} WHERE f.finding_no = ?1", findings::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut marked = connection.prepare_cached(
        "SELECT highlight(findings_fts, 0, char(2), char(3)) FROM findings_fts WHERE findings_fts MATCH ?1 AND rowid = ?2",
    )?;
    let mut hits = Vec::with_capacity(numbers.len());
    for number in numbers {
        let mut rows = statement.query([number])?;
        let Some(row) = rows.next()? else { continue };
        let finding = findings::read(connection, &Columns::of(row))?;
        let marked: String = marked.query_row(params![understood, number], |row| row.get(0))?;
        hits.push(Hit { segments: segments(&marked), finding });
    }
    Ok(hits)
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

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
