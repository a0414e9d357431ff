//! How many findings of an answer have each property: what the answer can be narrowed by.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::QueryError;
use super::filter::Filter;
use super::index::{ThemeNumbers, Wanted, each_indexed};
use super::scope::{ScopeLetter, letters_in, nationwide};
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

/// A snapshot keeps the nationwide counts of this many filters: they take longest, and every page of a list needs them.
const CACHED_FILTERS: usize = 256;

/// Counts the findings that a filter means. Limit and offset do not matter.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn facets(dataset: &Dataset, filter: &Filter) -> Result<Facets, QueryError> {
    filter.check(dataset)?;
    Ok(Arc::unwrap_or_clone(nationwide(dataset, filter, CACHED_FILTERS, count)?))
}

fn count(dataset: &Dataset, filter: &Filter) -> Result<Facets, QueryError> {
    let letters = letters_in(dataset, filter)?;
    let themes = ThemeNumbers::of(dataset)?;
    let wanted = Wanted::by(filter, &themes);
    let mut tally = Tally::over(&letters, &themes, filter.confident);
    each_indexed(dataset, &letters, |letter, finding| {
        if wanted.matches(finding) {
            tally.add(letter, finding);
        }
    })?;
    Ok(tally.facets())
}

/// How many findings were counted: every finding has one role.
#[must_use]
pub fn total(facets: &Facets) -> usize {
    facets.get("role").map_or(0, |counted| counted.iter().map(|(_, findings)| findings).sum())
}

/// Findings while they are counted.
pub(super) struct Tally<'a> {
    letters: &'a [ScopeLetter],
    themes: &'a ThemeNumbers,
    confident: bool,
    by_letter: Vec<usize>,
    by_theme: Vec<usize>,
    by_role: Vec<usize>,
    by_polarity: Vec<usize>,
}

impl<'a> Tally<'a> {
    pub(super) fn over(letters: &'a [ScopeLetter], themes: &'a ThemeNumbers, confident: bool) -> Self {
        Self {
            by_letter: vec![0; letters.len()],
            by_theme: vec![0; themes.ids.len()],
            by_role: vec![0; Role::ALL.len()],
            by_polarity: vec![0; Polarity::ALL.len()],
            letters,
            themes,
            confident,
        }
    }

    pub(super) fn add(&mut self, letter: usize, finding: Indexed<'_>) {
        self.by_letter[letter] += 1;
        self.by_role[finding.role as usize] += 1;
        self.by_polarity[finding.polarity as usize] += usize::from(finding.judged || !self.confident);
        for theme in finding.themes(self.confident).filter_map(|number| self.themes.place(number)) {
            self.by_theme[theme] += 1;
        }
    }

    pub(super) fn facets(self) -> Facets {
        let ids = self.themes.ids.iter().cloned();
        let counted = [
            ("area", self.by(|letter| Some(&letter.la_code))),
            ("region", self.by(|letter| letter.region)),
            ("la_type", self.by(|letter| letter.la_type)),
            ("kind", self.by(|letter| Some(letter.kind))),
            ("framework", self.by(|letter| letter.framework)),
            ("outcome", self.by(|letter| letter.outcome)),
            ("year", self.by(|letter| Some(letter.start.year()))),
            ("theme", ids.zip(self.by_theme).collect()),
            ("role", Role::ALL.iter().map(ToString::to_string).zip(self.by_role).collect()),
            ("polarity", Polarity::ALL.iter().map(ToString::to_string).zip(self.by_polarity).collect()),
        ];
        let mut facets = Facets::new();
        for (facet, mut values) in counted {
            values.retain(|(_, findings)| *findings > 0);
            values.sort_by(|x, y| y.1.cmp(&x.1).then_with(|| x.0.cmp(&y.0)));
            if !values.is_empty() {
                facets.insert(facet, values);
            }
        }
        facets
    }

    /// Findings by a property of their letters.
    fn by<'l, K: Ord + ToString>(&'l self, property: impl Fn(&'l ScopeLetter) -> Option<K>) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<K, usize> = BTreeMap::new();
        for (letter, findings) in self.letters.iter().zip(&self.by_letter) {
            if *findings > 0
                && let Some(value) = property(letter)
            {
                *counts.entry(value).or_default() += findings;
            }
        }
        counts.into_iter().map(|(value, findings)| (value.to_string(), findings)).collect()
    }
}
