//! Full-text search over the findings of current letters.
//!
//! Best matches first, by SQLite's bm25 over the words that distinguish matches: a word or phrase in more than
//! [`MAX_TERM_FINDINGS`] findings finds, but does not rank, because bm25 goes through all findings that hold it only to
//! give it next to no weight. A search that has no other words, or finds more than [`MAX_RANKED_MATCHES`], is not
//! ranked: the latest matches come first, and the answer says so.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, params, params_from_iter};
use serde::Serialize;

use super::error::QueryError;
use super::facets::{Facets, Tally};
use super::filter::Filter;
use super::findings::{self, FindingRow};
use super::highlight::{Segment, highlight};
use super::index::{Entry, ThemeNumbers, Wanted, each_entry};
use super::matching::{in_more_than, matches};
use super::scope::{ScopeLetter, letters_in};
use super::syntax::{Expression, expression};
use crate::store::Dataset;
use crate::store::values::{Columns, json};

/// A search that matches more findings than this is neither ranked nor counted.
pub const MAX_COUNTED_MATCHES: usize = 20_000;
/// More findings than this are not ranked: nobody reads them all, and bm25 looks each of them up.
pub const MAX_RANKED_MATCHES: usize = 5_000;
/// A word or phrase in more findings than this does not count in the order of matches.
pub const MAX_TERM_FINDINGS: usize = 50_000;
/// With at most so many letters in scope, even a broad search looks into each of them.
const FEW_LETTERS: usize = 300;

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
    let matches = matches(dataset, &meant, MAX_COUNTED_MATCHES)?;
    let letters = letters_in(dataset, filter)?;
    let broad = matches.is_none();
    let matches = match matches {
        Some(matches) => matches,
        None if letters.len() <= FEW_LETTERS => matches_in(dataset, &understood, &letters)?,
        None => return newest(connection, understood, filter, &letters),
    };
    let (mut candidates, facets) = candidates(dataset, &matches, filter, &letters)?;
    let telling = if broad || candidates.len() > MAX_RANKED_MATCHES { None } else { telling(dataset, &meant)? };
    // The latest inspection first, and in the order of the letter.
    candidates.sort_unstable_by_key(|c| (Reverse(c.letter), c.position));
    if let Some(telling) = &telling {
        let ranks = ranks(connection, telling, &candidates)?;
        let rank = |c: &Candidate| ranks.get(&c.finding_no).copied().unwrap_or(0.0);
        // The sort is stable: equally good ones stay as they are.
        candidates.sort_by(|x, y| rank(x).total_cmp(&rank(y)));
    }
    let total = candidates.len();
    let page = filter.page(candidates);
    let numbers: Vec<i64> = page.into_iter().map(|c| c.finding_no).collect();
    let hits = hits(connection, &understood, filter, &numbers)?;
    Ok(Found { hits, total: Some(total), ranked: telling.is_some(), facets, understood })
}

/// What ranks the matches of a search: the search without what is common. Nothing where all of it is.
fn telling(dataset: &Dataset, meant: &Expression) -> Result<Option<Expression>, QueryError> {
    if matches!(meant, Expression::Phrase(_)) {
        // It has so few matches that they are ranked, so it is not common.
        return Ok(Some(meant.clone()));
    }
    let mut common = Vec::new();
    for phrase in meant.phrases() {
        if in_more_than(dataset, phrase, MAX_TERM_FINDINGS)? {
            common.push(phrase);
        }
    }
    Ok(meant.without(&common))
}

/// Numbers of the matches among the findings of a few letters, in their order.
fn matches_in(dataset: &Dataset, understood: &str, letters: &[ScopeLetter]) -> Result<Vec<i64>, QueryError> {
    let mut statement = dataset
        .connection()
        .prepare_cached("SELECT rowid FROM findings_fts WHERE findings_fts MATCH ?1 AND rowid BETWEEN ?2 AND ?3")?;
    let mut found = BTreeSet::new();
    each_entry(dataset, letters, |entry| {
        let numbers = entry.numbers();
        let mut rows = statement.query(params![understood, numbers.start, numbers.end - 1])?;
        while let Some(row) = rows.next()? {
            found.insert(row.get(0)?);
        }
        Ok(())
    })?;
    Ok(found.into_iter().collect())
}

/// A match that the filter means.
struct Candidate {
    finding_no: i64,
    /// The place of its letter among those in scope.
    letter: usize,
    position: usize,
}

/// Those of the matches that the filter means, and how many of them have each property.
fn candidates(
    dataset: &Dataset,
    matches: &[i64],
    filter: &Filter,
    letters: &[ScopeLetter],
) -> Result<(Vec<Candidate>, Facets), QueryError> {
    let themes = ThemeNumbers::of(dataset)?;
    let wanted = Wanted::by(filter, &themes);
    let mut tally = Tally::over(letters, &themes, filter.confident);
    let mut found = Vec::new();
    let mut next = |entry: Entry<'_>| {
        let numbers = entry.numbers();
        let from = matches.partition_point(|number| *number < numbers.start);
        let mut left = &matches[from..];
        if left.first().is_none_or(|number| *number >= numbers.end) {
            return Ok(());
        }
        let mut finding_no = entry.first;
        entry.findings(|finding| {
            if left.first() == Some(&finding_no) {
                left = &left[1..];
                if wanted.matches(finding) {
                    tally.add(entry.letter, finding);
                    found.push(Candidate { finding_no, letter: entry.letter, position: finding.position });
                }
            }
            finding_no += 1;
        })
    };
    each_entry(dataset, letters, |entry| Ok(next(entry)?))?;
    Ok((found, tally.facets()))
}

/// How well each of these matches fits: the less, the better.
fn ranks(
    connection: &Connection,
    telling: &Expression,
    candidates: &[Candidate],
) -> Result<HashMap<i64, f64>, QueryError> {
    let numbers: Vec<i64> = candidates.iter().map(|c| c.finding_no).collect();
    // The sign keeps SQLite from searching anew for each number.
    let mut statement = connection.prepare_cached(
        "SELECT x.rowid, x.rank FROM findings_fts AS x
         WHERE findings_fts MATCH ?1 AND +x.rowid IN (SELECT value FROM json_each(?2))",
    )?;
    let ranks =
        statement.query_map(params![telling.to_string(), json(&numbers)?], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(ranks.collect::<Result<_, _>>()?)
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
    while numbers.len() < filter.limit.unwrap_or(MAX_COUNTED_MATCHES)
        && let Some(row) = rows.next()?
    {
        if in_scope.contains(&row.get(1)?) {
            passed += 1;
            if passed > filter.offset {
                numbers.push(row.get(0)?);
            }
        }
    }
    let hits = hits(connection, &understood, filter, &numbers)?;
    Ok(Found { understood, total: None, ranked: false, hits, facets: Facets::new() })
}

fn hits(connection: &Connection, understood: &str, filter: &Filter, numbers: &[i64]) -> Result<Vec<Hit>, QueryError> {
    let sql = format!("{} WHERE f.finding_no = ?1", findings::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = Vec::with_capacity(numbers.len());
    for number in numbers {
        let mut rows = statement.query([number])?;
        if let Some(row) = rows.next()? {
            found.push(findings::read(connection, &Columns::of(row))?.meant_by(filter));
        }
    }
    let texts: Vec<&str> = found.iter().map(|finding| finding.text.as_str()).collect();
    let segments = highlight(understood, &texts)?;
    Ok(found.into_iter().zip(segments).map(|(finding, segments)| Hit { finding, segments }).collect())
}
