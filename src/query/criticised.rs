//! Criticism outside the formal items: a theme that is no formal item may be criticised all the same, and "not flagged"
//! must not read as "not criticised".
//!
//! A judgement on progress restates an earlier weakness, so its words criticise even where it is favourable. It counts by
//! its verdict: insufficient progress is criticism, sufficient progress is none.

use std::collections::BTreeSet;

use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::index::{letters_by_theme, which_have};
use super::scope::{ScopeLetter, letters_in};
use crate::domain::{LetterKind, Polarity, Role, Term, Verdict};
use crate::store::Dataset;

/// Criticism as findings have it.
const CRITICAL: [Polarity; 2] = [Polarity::Weakness, Polarity::Mixed];

/// The roles of everything that is neither a formal item nor a judgement on progress.
fn other_roles() -> Vec<Role> {
    let formal = flag_roles();
    let counts = |role: &Role| !formal.contains(role) && *role != Role::ProgressVerdict;
    Role::ALL.iter().copied().filter(counts).collect()
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
    let mut found: BTreeSet<String> =
        themes.into_iter().filter(|(_, letters)| !letters.is_empty()).map(|(theme, _)| theme).collect();
    for letter in &letters {
        found.extend(insufficient_progress(dataset, letter)?);
    }
    Ok(found)
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
    let with_criticism = letters.iter().zip(criticised).filter(|(_, has)| *has);
    let mut areas: BTreeSet<String> = with_criticism.map(|(letter, _)| letter.la_code.to_string()).collect();
    for letter in &letters {
        // Judgements are slow to look up, so only where nothing else criticises.
        if !areas.contains(&*letter.la_code)
            && insufficient_progress(dataset, letter)?.iter().any(|judged| judged == theme)
        {
            areas.insert(letter.la_code.to_string());
        }
    }
    Ok(areas)
}

/// The themes on which a revisit or monitoring inspection found insufficient progress.
fn insufficient_progress(dataset: &Dataset, letter: &ScopeLetter) -> Result<Vec<String>, QueryError> {
    if !matches!(letter.kind, LetterKind::RevisitLetter | LetterKind::AreaSendMonitoring) {
        return Ok(Vec::new());
    }
    let mut statement = dataset.connection().prepare_cached(
        "SELECT DISTINCT t.theme FROM all_findings AS f JOIN all_finding_themes AS t ON t.finding_no = f.finding_no
         WHERE f.letter_no = ?1 AND f.role = ?2 AND f.verdict = ?3",
    )?;
    let judged = rusqlite::params![letter.number, Role::ProgressVerdict.as_str(), Verdict::Insufficient.as_str()];
    Ok(statement.query_map(judged, |row| row.get(0))?.collect::<Result<_, _>>()?)
}
