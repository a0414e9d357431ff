//! Which shares of an answer can be corrected for the coder's errors, and by which rates.
//!
//! Errors were counted on labelled letters that the coder had not seen (`corpus/error-rates.json`); `query::adjusted` has the
//! formula.
//!
//! Refused: a correction with rates of another coder, codebook or framework, or of anything but formal items. The answer
//! then says why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::adjusted::known;
pub use super::adjusted::{Adjusted, Counted, correct};
use super::error::QueryError;
pub use super::error_model::ErrorModel;
use super::filter::Filter;
use super::scope::ScopeLetter;
use crate::domain::{ErrorRates, Framework, LetterCounts, Role, Term};
use crate::store::Dataset;

/// The rates by which answers over some letters are corrected, or why they are not.
#[derive(Debug, Clone)]
pub(super) struct Correction {
    roles: Vec<Role>,
    refused: Option<String>,
}

impl Correction {
    /// The correction of answers under a filter, for findings of these roles.
    pub(super) fn of(dataset: &Dataset, filter: &Filter, roles: &[Role]) -> Result<Self, QueryError> {
        let refused = match bundled() {
            None => Some("no error rates have been counted".to_owned()),
            Some(rates) => refusal(dataset, filter, roles, rates)?,
        };
        Ok(Self { roles: roles.to_vec(), refused })
    }

    /// Corrects one share of letters of these frameworks.
    pub(super) fn correct(&self, theme: &str, frameworks: &[Framework], counted: Counted) -> Adjusted {
        let total = counted.of_coded + counted.of_known;
        if total == 0 {
            return Adjusted::refused("no letters");
        }
        if counted.of_coded == 0 {
            return known(counted);
        }
        let Some(rates) = bundled().filter(|_| self.refused.is_none()) else {
            return Adjusted::refused(self.refused.clone().unwrap_or_default());
        };
        if frameworks != [rates.framework] {
            return Adjusted::refused(format!("the labelled letters are of the framework of {} only", rates.framework));
        }
        let role = <[Role; 1]>::try_from(self.roles.as_slice()).ok().map(|[role]| role);
        let Some((themes, errors)) = rates.themes(&self.roles).zip(bundled_model(role)) else {
            return Adjusted::refused("error rates were counted on formal items only");
        };
        match themes.get(theme) {
            Some(labelled) => correct(errors, labelled, counted),
            None => Adjusted::refused("the theme was not in the codebook when errors were counted"),
        }
    }
}

/// Which letters people have checked whole: every finding of these roles carries a human code. Their codes are known,
/// so the coder's errors do not touch them.
pub(super) fn checked_by_people(
    dataset: &Dataset,
    letters: &[ScopeLetter],
    roles: &[Role],
) -> Result<Vec<bool>, QueryError> {
    let marks = vec!["?"; roles.len()].join(", ");
    let sql = format!(
        "SELECT f.letter_no FROM all_findings AS f
         WHERE f.role IN ({marks}) AND f.letter_no IN (
             SELECT r.letter_no FROM all_findings AS r WHERE r.id IN (SELECT finding_id FROM reviews))
         GROUP BY f.letter_no HAVING min(f.cue = 'human') = 1"
    );
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let roles = rusqlite::params_from_iter(roles.iter().map(|role| role.as_str()));
    let numbers: BTreeSet<i64> = statement.query_map(roles, |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(letters.iter().map(|letter| numbers.contains(&letter.number)).collect())
}

fn refusal(
    dataset: &Dataset,
    filter: &Filter,
    roles: &[Role],
    rates: &ErrorRates,
) -> Result<Option<String>, QueryError> {
    if filter.confident {
        return Ok(Some("error rates were counted on all codes, the doubtful ones among them".to_owned()));
    }
    if !filter.polarities.is_empty() || roles.iter().any(|role| !role.flags()) {
        return Ok(Some("error rates were counted on formal items only".to_owned()));
    }
    let stored = dataset.derived_as("", 1, || Coders::of(dataset))?;
    let measured = stored.0.iter().all(|(code, codebook)| *code == rates.code && *codebook == rates.codebook);
    Ok((!measured).then(|| {
        "the letters were coded by another coder or codebook than the one whose errors were counted".to_owned()
    }))
}

/// Versions of coder and codebook that letters of the dataset were coded with.
struct Coders(Vec<(u32, String)>);

impl Coders {
    fn of(dataset: &Dataset) -> Result<Self, QueryError> {
        let mut statement = dataset
            .connection()
            .prepare_cached("SELECT DISTINCT code_version, codebook FROM documents WHERE status = 'letter'")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(Self(rows))
    }
}

/// The error rates that sendlens was built with.
#[must_use]
pub fn bundled() -> Option<&'static ErrorRates> {
    static RATES: OnceLock<Option<ErrorRates>> = OnceLock::new();
    RATES.get_or_init(|| serde_json::from_str(include_str!("../../corpus/error-rates.json")).ok()).as_ref()
}

/// What the bundled rates say of the coder's errors over all themes: in formal items of this role, or of any.
#[must_use]
pub fn bundled_model(role: Option<Role>) -> Option<&'static ErrorModel> {
    static MODELS: OnceLock<BTreeMap<Option<Role>, ErrorModel>> = OnceLock::new();
    let model = |themes: &BTreeMap<String, LetterCounts>| ErrorModel::of(&themes.values().copied().collect::<Vec<_>>());
    let models = MODELS.get_or_init(|| {
        let of_role = |rates: &'static ErrorRates| {
            let roles = rates.roles.iter().map(|(role, themes)| (Some(*role), themes));
            std::iter::once((None, &rates.flagged)).chain(roles)
        };
        bundled().into_iter().flat_map(of_role).map(|(role, themes)| (role, model(themes))).collect()
    });
    models.get(&role)
}
