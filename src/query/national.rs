//! Which areas of England are flagged for which themes: what peers are compared with.

use std::collections::{BTreeSet, HashMap};

use super::correction::{Adjusted, Correction, Counted, checked_by_people};
use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::index::letters_by_theme;
use super::scope::{LaCode, Scope, ScopeLetter, eligible, left_out, letters_in};
use crate::domain::{Framework, Role};
use crate::store::Dataset;

/// Which areas are flagged for which themes.
pub(super) struct National {
    pub letters: Vec<ScopeLetter>,
    pub roles: Vec<Role>,
    pub scope: Scope,
    /// For each theme and area the latest letter that flags it, as its place in `letters`.
    pub flagged: HashMap<String, Vec<Option<usize>>>,
    /// The number of each area that has a letter.
    pub numbers: HashMap<LaCode, usize>,
    /// The letters of each area.
    pub by_area: Vec<Vec<usize>>,
    /// Whether people checked all formal items of a letter.
    checked: Vec<bool>,
    correction: Correction,
}

impl National {
    pub(super) fn read(dataset: &Dataset, filter: &Filter) -> Result<Self, QueryError> {
        let roles: Vec<Role> =
            flag_roles().into_iter().filter(|r| filter.roles.is_empty() || filter.roles.contains(r)).collect();
        let (letters, ineligible) = eligible(letters_in(dataset, filter)?, &roles);
        let mut numbers: HashMap<LaCode, usize> = HashMap::new();
        let mut by_area: Vec<Vec<usize>> = Vec::new();
        let mut area_of = Vec::with_capacity(letters.len());
        for (place, letter) in letters.iter().enumerate() {
            let number = *numbers.entry(letter.la_code).or_insert(by_area.len());
            by_area.resize_with(by_area.len().max(number + 1), Vec::new);
            by_area[number].push(place);
            area_of.push(number);
        }
        let latest_of_each_area = |flagged: Vec<usize>| {
            let mut latest = vec![None; by_area.len()];
            flagged.into_iter().for_each(|letter| latest[area_of[letter]] = latest[area_of[letter]].max(Some(letter)));
            latest
        };
        let flagged = letters_by_theme(dataset, &letters, &roles, &filter.polarities, filter.counts_confident())?;
        let flagged = flagged.into_iter().map(|(theme, letters)| (theme, latest_of_each_area(letters))).collect();
        let scope = Scope::over(&letters, left_out(&ineligible, dataset)?);
        let correction = Correction::of(dataset, filter, &roles)?;
        let checked = checked_by_people(dataset, &letters, &roles)?;
        Ok(Self { letters, roles, scope, flagged, numbers, by_area, checked, correction })
    }

    /// The letters of the areas that have a place; nothing where one of them has several, since errors were counted by
    /// letter and an area of two letters has two chances of an error.
    pub(super) fn letters_of(&self, places: &[Option<usize>]) -> Option<Vec<usize>> {
        let areas = self.by_area.iter().zip(places).filter(|(_, place)| place.is_some());
        areas.map(|(letters, _)| <[usize; 1]>::try_from(letters.as_slice()).ok().map(|[letter]| letter)).collect()
    }

    /// The corrected share among areas with one letter each.
    pub(super) fn adjusted(&self, theme: &str, letters: &Option<Vec<usize>>, flagged: &[Option<usize>]) -> Adjusted {
        let Some(letters) = letters else {
            return Adjusted::refused("some peers have several letters that count; choose one framework or period");
        };
        let flagged: BTreeSet<usize> = flagged.iter().flatten().copied().collect();
        let mut counted = Counted::default();
        for letter in letters {
            let found = usize::from(flagged.contains(letter));
            if self.checked[*letter] {
                counted.known += found;
                counted.of_known += 1;
            } else {
                counted.coded += found;
                counted.of_coded += 1;
            }
        }
        let frameworks: BTreeSet<Framework> = letters.iter().filter_map(|l| self.letters[*l].framework).collect();
        self.correction.correct(theme, &frameworks.into_iter().collect::<Vec<_>>(), counted)
    }
}
