//! Full-text search over the findings of current letters.
//!
//! Best matches first, by SQLite's bm25. A search that matches more than [`BROAD`] findings cannot be ranked in
//! reasonable time, nor would ranking help: its newest matches are shown, and the answer says so.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params, params_from_iter};
use serde::Serialize;

use super::error::QueryError;
use super::facets::{Facets, Tally};
use super::filter::{Conditions, Filter};
use super::findings::{self, FindingRow};
use super::index::{ThemeNumbers, each_indexed};
use super::scope::{ScopeLetter, letters_in};
use super::syntax::expression;
use crate::store::Dataset;
use crate::store::values::Columns;

/// A search that matches more findings than this is not ranked.
pub const BROAD: usize = 20_000;
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
    let understood = expression(query)?;
    let connection = dataset.connection();
    let matches: usize = connection
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM findings_fts WHERE findings_fts MATCH ?1 LIMIT ?2)")?
        .query_row(params![understood, as_i64(BROAD + 1)], |row| row.get::<_, i64>(0))
        .map(|n| usize::try_from(n).unwrap_or(0))?;
    let letters = letters_in(dataset, filter)?;
    let mut candidates = if matches <= BROAD {
        ranked(connection, &understood, filter)?
    } else if letters.len() <= FEW_LETTERS {
        of_letters(connection, &understood, filter, &letters)?
    } else {
        return newest(connection, understood, filter);
    };
    let in_scope: HashSet<i64> = letters.iter().map(|l| l.number).collect();
    candidates.retain(|c| in_scope.contains(&c.letter_no));
    let facets = facets(dataset, &candidates, &letters)?;
    let total = candidates.len();
    let page = filter.page(candidates);
    let numbers: Vec<i64> = page.into_iter().map(|c| c.finding_no).collect();
    Ok(Found {
        hits: hits(connection, &understood, &numbers)?,
        total: Some(total),
        ranked: matches <= BROAD,
        facets,
        understood,
    })
}

struct Candidate {
    finding_no: i64,
    letter_no: i64,
    position: usize,
}

/// Conditions on findings, joined to the search only where there are any.
fn candidates_sql(conditions: &Conditions, rest: &str) -> String {
    format!(
        "SELECT f.finding_no, f.letter_no, f.position FROM findings_fts AS x
         CROSS JOIN all_findings AS f ON f.finding_no = x.rowid
         WHERE findings_fts MATCH ? AND {} {rest}",
        conditions.sql()
    )
}

fn read_candidate(row: &rusqlite::Row<'_>) -> rusqlite::Result<Candidate> {
    let position: i64 = row.get(2)?;
    Ok(Candidate {
        finding_no: row.get(0)?,
        letter_no: row.get(1)?,
        position: usize::try_from(position).unwrap_or(usize::MAX),
    })
}

/// All matches, the best first. Equally good ones by id, so that the order does not depend on how the dataset grew.
fn ranked(connection: &Connection, understood: &str, filter: &Filter) -> Result<Vec<Candidate>, QueryError> {
    let conditions = filter.finding_conditions();
    let sql = candidates_sql(&conditions, "ORDER BY x.rank, f.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let values = std::iter::once(understood.to_owned().into()).chain(conditions.values);
    let found = statement.query_map(params_from_iter(values), read_candidate)?.collect::<Result<_, _>>()?;
    Ok(found)
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
    let sql = candidates_sql(&conditions, "AND x.rowid BETWEEN ? AND ? ORDER BY x.rowid");
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
        let rows = statement.query_map(params_from_iter(values), read_candidate)?;
        for candidate in rows {
            found.push(candidate?);
        }
    }
    Ok(found)
}

/// One page of a search that is too broad to rank: what was recorded last comes first.
fn newest(connection: &Connection, understood: String, filter: &Filter) -> Result<Found, QueryError> {
    let conditions = filter.letter_conditions();
    let of_findings = filter.finding_conditions();
    let sql = format!(
        "SELECT f.finding_no FROM findings_fts AS x
         CROSS JOIN all_findings AS f ON f.finding_no = x.rowid
         CROSS JOIN all_letters AS l ON l.letter_no = f.letter_no
         LEFT JOIN areas AS a ON a.la_code = l.la_code
         WHERE findings_fts MATCH ? AND {} AND {} ORDER BY x.rowid DESC LIMIT ? OFFSET ?",
        of_findings.sql(),
        conditions.sql()
    );
    let mut values: Vec<rusqlite::types::Value> = vec![understood.clone().into()];
    values.extend(of_findings.values);
    values.extend(conditions.values);
    values.push(as_i64(filter.limit.unwrap_or(BROAD)).into());
    values.push(as_i64(filter.offset).into());
    let mut statement = connection.prepare_cached(&sql)?;
    let numbers: Vec<i64> =
        statement.query_map(params_from_iter(values), |row| row.get(0))?.collect::<Result<_, _>>()?;
    let hits = hits(connection, &understood, &numbers)?;
    Ok(Found { understood, total: None, ranked: false, hits, facets: Facets::new() })
}

fn facets(dataset: &Dataset, candidates: &[Candidate], letters: &[ScopeLetter]) -> Result<Facets, QueryError> {
    let mut positions: HashMap<i64, HashSet<usize>> = HashMap::new();
    for candidate in candidates {
        positions.entry(candidate.letter_no).or_default().insert(candidate.position);
    }
    let letters: Vec<ScopeLetter> = letters.iter().filter(|l| positions.contains_key(&l.number)).cloned().collect();
    let themes = ThemeNumbers::of(dataset)?;
    let mut tally = Tally::over(&letters, &themes);
    each_indexed(dataset, &letters, |letter, position, finding| {
        if positions[&letters[letter].number].contains(&position) {
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
        let finding = findings::read(connection, &Columns(row))?;
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
