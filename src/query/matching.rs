//! Which findings a search matches.
//!
//! SQLite goes through all findings that contain a word. People search for the same words again and again, so a snapshot keeps
//! the findings that contain each word, phrase or NEAR, one bit for each finding, and combines them for each search.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::params;

use super::error::QueryError;
use super::syntax::{Expression, Phrase};
use crate::store::Dataset;

/// Capacity of a snapshot's cache of matches, in bytes.
const CACHE_CAPACITY_BYTES: usize = 32 << 20;

/// Numbers of the findings that match, in their order; nothing where there are more than `most`.
pub(super) fn matches(dataset: &Dataset, meant: &Expression, most: usize) -> Result<Option<Vec<i64>>, QueryError> {
    // Of a word alone SQLite gives the first matches at once, however many there are.
    let several = !matches!(meant, Expression::Phrase(_) | Expression::Near(..));
    let words = dataset.derived(|| Words::of(dataset))?;
    if let Some(words) = words.filter(|_| several)
        && let Some(set) = words.matching(dataset, meant)?
    {
        return Ok((count(&set) <= most).then(|| words.numbers(&set)));
    }
    let numbers: Vec<i64> = dataset
        .connection()
        .prepare_cached("SELECT rowid FROM findings_fts WHERE findings_fts MATCH ?1 LIMIT ?2")?
        .query_map(params![meant.to_string(), as_i64(most + 1)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok((numbers.len() <= most).then_some(numbers))
}

/// Whether a word or phrase is in more findings than `many`.
pub(super) fn in_more_than(dataset: &Dataset, phrase: &Phrase, many: usize) -> Result<bool, QueryError> {
    if let Some(words) = dataset.derived(|| Words::of(dataset))?
        && let Some(set) = words.known(&phrase.to_string())
    {
        return Ok(count(&set) > many);
    }
    let mut statement = dataset.connection().prepare_cached(
        "SELECT count(*) > ?2 FROM (SELECT 1 FROM findings_fts WHERE findings_fts MATCH ?1 LIMIT ?2 + 1)",
    )?;
    Ok(statement.query_row(params![phrase.to_string(), as_i64(many)], |row| row.get(0))?)
}

/// A set of findings, a bit for each.
type Set = Vec<u64>;

fn count(set: &Set) -> usize {
    set.iter().map(|bits| bits.count_ones() as usize).sum()
}

/// Which findings hold which words, as far as was asked.
struct Words {
    /// Numbers of the first and the last finding.
    findings: RangeInclusive<i64>,
    known: Mutex<BTreeMap<String, Arc<Set>>>,
}

impl Words {
    fn of(dataset: &Dataset) -> Result<Self, QueryError> {
        let numbers: (Option<i64>, Option<i64>) = dataset
            .connection()
            .prepare_cached(
                "SELECT (SELECT min(finding_no) FROM all_findings), (SELECT max(finding_no) FROM all_findings)",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { findings: numbers.0.unwrap_or(1)..=numbers.1.unwrap_or(0), known: Mutex::default() })
    }

    /// Bits of one set, in words of 64.
    fn length(&self) -> usize {
        let findings = self.findings.end().saturating_sub(*self.findings.start()).saturating_add(1);
        usize::try_from(findings).unwrap_or(0).div_ceil(64)
    }

    /// The findings that match; `None` where the cache has no room for a word of the search.
    fn matching(&self, dataset: &Dataset, meant: &Expression) -> Result<Option<Arc<Set>>, QueryError> {
        let both = |first: &Expression, second: &Expression, join: fn(u64, u64) -> u64| {
            let Some(first) = self.matching(dataset, first)? else { return Ok(None) };
            let Some(second) = self.matching(dataset, second)? else { return Ok(None) };
            Ok(Some(Arc::new(first.iter().zip(&*second).map(|(x, y)| join(*x, *y)).collect())))
        };
        match meant {
            Expression::Phrase(_) | Expression::Near(..) => self.read(dataset, &meant.to_string()),
            Expression::And(first, second) => both(first, second, |x, y| x & y),
            Expression::Or(first, second) => both(first, second, |x, y| x | y),
            Expression::Not(first, second) => both(first, second, |x, y| x & !y),
        }
    }

    fn known(&self, text: &str) -> Option<Arc<Set>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned()
    }

    fn read(&self, dataset: &Dataset, text: &str) -> Result<Option<Arc<Set>>, QueryError> {
        if let Some(known) = self.known(text) {
            return Ok(Some(known));
        }
        let held = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if (held().len() + 1) * self.length() * size_of::<u64>() > CACHE_CAPACITY_BYTES {
            return Ok(None);
        }
        let mut set: Set = vec![0; self.length()];
        let mut statement =
            dataset.connection().prepare_cached("SELECT rowid FROM findings_fts WHERE findings_fts MATCH ?1")?;
        let mut rows = statement.query([text])?;
        while let Some(row) = rows.next()? {
            let place = usize::try_from(row.get::<_, i64>(0)? - self.findings.start()).unwrap_or(usize::MAX);
            if let Some(bits) = set.get_mut(place / 64) {
                *bits |= 1 << (place % 64);
            }
        }
        let set = Arc::new(set);
        held().insert(text.to_owned(), Arc::clone(&set));
        Ok(Some(set))
    }

    fn numbers(&self, set: &Set) -> Vec<i64> {
        let mut numbers = Vec::with_capacity(count(set));
        for (first, bits) in (*self.findings.start()..).step_by(64).zip(set) {
            let mut left = *bits;
            while left != 0 {
                numbers.push(first + i64::from(left.trailing_zeros()));
                left &= left - 1;
            }
        }
        numbers
    }
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
