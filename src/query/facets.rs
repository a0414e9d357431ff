//! How many findings of an answer have each property: what the answer can be narrowed by.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::error::QueryError;
use super::filter::Filter;
use super::index::{ThemeNumbers, Wanted, each_indexed};
use super::scope::{ScopeLetter, letters_in};
use crate::domain::{Polarity, Role, Term};
use crate::store::Dataset;
use crate::store::finding_index::Indexed;

/// Findings counted by a property: its values with their numbers of findings, the most frequent first, values that no
/// finding has left out.
///
/// The properties are `theme`, `role`, `polarity`, `area` (three-digit code), `region`, `la_type`, `kind`, `framework`,
/// `outcome` and `year` (in which the inspection began). All but the last are also names of filters: the count of a
/// value is the number of findings that choosing it leaves. A finding counts once for each of its themes; of every
/// other property it has one value or none.
pub type Facets = BTreeMap<&'static str, Vec<(String, usize)>>;

/// Counts the findings that a filter means. Limit and offset do not matter.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn facets(dataset: &Dataset, filter: &Filter) -> Result<Facets, QueryError> {
    filter.check(dataset)?;
    let letters = letters_in(dataset, filter)?;
    let themes = ThemeNumbers::of(dataset)?;
    let wanted = Wanted::by(filter, &themes);
    let mut tally = Tally::over(&letters, &themes);
    each_indexed(dataset, &letters, |letter, _, finding| {
        if wanted.matches(finding) {
            tally.add(letter, finding);
        }
    })?;
    Ok(tally.facets())
}

/// Findings while they are counted.
pub(super) struct Tally<'a> {
    letters: &'a [ScopeLetter],
    themes: &'a ThemeNumbers,
    by_letter: Vec<usize>,
    by_theme: Vec<usize>,
    by_role: Vec<usize>,
    by_polarity: Vec<usize>,
}

impl<'a> Tally<'a> {
    pub(super) fn over(letters: &'a [ScopeLetter], themes: &'a ThemeNumbers) -> Self {
        Self {
            by_letter: vec![0; letters.len()],
            by_theme: vec![0; themes.ids.len()],
            by_role: vec![0; Role::ALL.len()],
            by_polarity: vec![0; Polarity::ALL.len()],
            letters,
            themes,
        }
    }

    pub(super) fn add(&mut self, letter: usize, finding: Indexed<'_>) {
        self.by_letter[letter] += 1;
        self.by_role[finding.role as usize] += 1;
        self.by_polarity[finding.polarity as usize] += 1;
        for theme in finding.themes().filter_map(|number| self.themes.place(number)) {
            self.by_theme[theme] += 1;
        }
    }

    pub(super) fn facets(self) -> Facets {
        let mut counts: BTreeMap<&'static str, BTreeMap<String, usize>> = BTreeMap::new();
        let mut add = |facet: &'static str, value: Option<String>, findings: usize| {
            if let Some(value) = value
                && findings > 0
            {
                *counts.entry(facet).or_default().entry(value).or_default() += findings;
            }
        };
        for (letter, &findings) in self.letters.iter().zip(&self.by_letter).filter(|(_, findings)| **findings > 0) {
            add("area", Some(letter.la_code.to_string()), findings);
            add("region", letter.region.map(|r| r.to_string()), findings);
            add("la_type", letter.la_type.map(|t| t.to_string()), findings);
            add("kind", Some(letter.kind.to_string()), findings);
            add("framework", letter.framework.map(|f| f.to_string()), findings);
            add("outcome", letter.outcome.map(|o| o.to_string()), findings);
            add("year", Some(letter.start.year().to_string()), findings);
        }
        for (id, &findings) in self.themes.ids.iter().zip(&self.by_theme) {
            add("theme", Some(id.clone()), findings);
        }
        for (role, &findings) in Role::ALL.iter().zip(&self.by_role) {
            add("role", Some(role.to_string()), findings);
        }
        for (polarity, &findings) in Polarity::ALL.iter().zip(&self.by_polarity) {
            add("polarity", Some(polarity.to_string()), findings);
        }
        counts
            .into_iter()
            .map(|(facet, values)| {
                let mut values: Vec<(String, usize)> = values.into_iter().collect();
                // The sort is stable: of equal numbers the value that comes first by name.
                values.sort_by_key(|(_, findings)| Reverse(*findings));
                (facet, values)
            })
            .collect()
    }
}
