//! How many letters there are, by year and outcome: the first thing that anyone wants to know of a dataset.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::index::which_have;
use super::scope::{LaCode, eligible, letters_in};
use crate::domain::{LetterKind, Outcome, Term};
use crate::store::Dataset;

/// Letters of one year with one conclusion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct YearOutcome {
    /// Year in which the inspection began.
    pub year: i16,
    /// Kind of the letters.
    pub kind: LetterKind,
    /// Their conclusion; nothing where it could not be read.
    pub outcome: Option<Outcome>,
    /// Their number.
    pub letters: usize,
}

/// Letters of the filter by year, kind and conclusion, earliest year first.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn outcomes_by_year(dataset: &Dataset, filter: &Filter) -> Result<Vec<YearOutcome>, QueryError> {
    filter.check(dataset)?;
    let mut counts: BTreeMap<(i16, &str, Option<&str>), YearOutcome> = BTreeMap::new();
    for letter in letters_in(dataset, filter)? {
        let (year, kind, outcome) = (letter.start.year(), letter.kind, letter.outcome);
        counts
            .entry((year, kind.as_str(), outcome.map(|o| o.as_str())))
            .or_insert(YearOutcome { year, kind, outcome, letters: 0 })
            .letters += 1;
    }
    Ok(counts.into_values().collect())
}

/// The areas that have a letter in which a formal item can stand, and whether any of them flags the theme.
///
/// # Errors
/// The dataset could not be read, or the theme is unknown.
pub fn flagged_areas(dataset: &Dataset, theme: &str, filter: &Filter) -> Result<BTreeMap<String, bool>, QueryError> {
    let filter = Filter { themes: vec![theme.to_owned()], ..filter.clone() };
    filter.check(dataset)?;
    let roles = flag_roles();
    let (letters, _) = eligible(letters_in(dataset, &filter)?, &roles);
    let flagged = which_have(dataset, &letters, &Filter { roles, ..filter })?;
    let mut areas: HashMap<LaCode, bool> = HashMap::new();
    for (letter, flagged) in letters.iter().zip(flagged) {
        *areas.entry(letter.la_code).or_default() |= flagged;
    }
    Ok(areas.into_iter().map(|(la_code, flagged)| (la_code.to_string(), flagged)).collect())
}
