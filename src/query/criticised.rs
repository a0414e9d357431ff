//! Criticism outside the formal items: a theme that is no formal item may be criticised all the same, and "not flagged"
//! must not read as "not criticised".

use std::collections::BTreeSet;

use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::index::{letters_by_theme, which_have};
use super::scope::letters_in;
use crate::domain::{Polarity, Role, Term};
use crate::store::Dataset;

/// Criticism as findings have it.
const CRITICAL: [Polarity; 2] = [Polarity::Weakness, Polarity::Mixed];

/// The roles of everything that is no formal item.
fn other_roles() -> Vec<Role> {
    let formal = flag_roles();
    Role::ALL.iter().copied().filter(|role| !formal.contains(role)).collect()
}

/// The themes that letters of an area criticise outside their formal items. Filters of letters apply, filters of areas
/// do not.
///
/// # Errors
/// The dataset could not be read.
pub fn criticised_themes(dataset: &Dataset, la_code: &str, filter: &Filter) -> Result<BTreeSet<String>, QueryError> {
    let own = Filter { areas: vec![la_code.to_owned()], ..filter.of_all_areas().unpaged() };
    let letters = letters_in(dataset, &own)?;
    let themes = letters_by_theme(dataset, &letters, &other_roles(), &CRITICAL, filter.confident)?;
    Ok(themes.into_iter().filter(|(_, letters)| !letters.is_empty()).map(|(theme, _)| theme).collect())
}

/// The areas of which a letter criticises a theme outside its formal items.
///
/// # Errors
/// The dataset could not be read, or the theme is unknown.
pub fn criticised_areas(dataset: &Dataset, theme: &str, filter: &Filter) -> Result<BTreeSet<String>, QueryError> {
    let filter = Filter {
        themes: vec![theme.to_owned()],
        roles: other_roles(),
        polarities: CRITICAL.to_vec(),
        ..filter.unpaged()
    };
    filter.check(dataset)?;
    let letters = letters_in(dataset, &filter)?;
    let criticised = which_have(dataset, &letters, &filter)?;
    Ok(letters.iter().zip(criticised).filter(|(_, has)| *has).map(|(letter, _)| letter.la_code.to_string()).collect())
}
