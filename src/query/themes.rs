//! How often each theme is found: shares of letters, by year, region and so on.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use serde::Serialize;

use super::SMALL;
use super::correction::{Adjusted, Correction, Counted, checked_by_people};
use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::groups::{By, Groups};
use super::index::letters_by_theme;
use super::mix::{self, Standardised};
use super::scope::{Scope, ScopeLetter, eligible, left_out, letters_in, nationwide};
use super::stats::Share;
use super::trends::{Trend, trends};
use crate::domain::{Framework, Role, Term};
use crate::store::Dataset;

/// One theme, in one group of letters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThemeShare {
    /// Theme id.
    pub theme: String,
    /// Its name.
    pub label: String,
    /// What letters are grouped by, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The group ("2024", "London", "county").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Letters with such a finding on the theme.
    pub letters: usize,
    /// Letters that could have one.
    pub of_letters: usize,
    /// The share with its interval.
    #[serde(flatten)]
    pub share: Share,
    /// The share corrected for the coder's errors.
    #[serde(flatten)]
    pub adjusted: Adjusted,
    /// The share standardised to one mix, where that was asked for.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub standardised: Option<Standardised>,
    /// Too few letters to rank or compare.
    pub small: bool,
    /// How the group compares with all other letters: `above` or `below` where the difference is clear after the
    /// correction for all such comparisons, else `could_be_chance`; nothing where it was not compared.
    pub stands_out: Option<&'static str>,
    /// Frameworks of the letters counted.
    pub frameworks: Vec<Framework>,
    /// First day of the earliest inspection counted.
    pub first_inspection: Option<Date>,
    /// First day of the latest inspection counted.
    pub last_inspection: Option<Date>,
}

/// Frequencies of themes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Themes {
    /// What the answer rests on.
    pub scope: Scope,
    /// The roles counted.
    pub roles: Vec<Role>,
    /// Most frequent first; with groups by theme, then by group.
    pub rows: Vec<ThemeShare>,
    /// How many differences between groups were looked at; what is marked is corrected for this number.
    pub compared: usize,
    /// Where the groups are not alike: what differs, in sentences.
    pub cautions: Vec<String>,
    /// Over the years, where they are the groups and one framework is in scope: comparing the formal items of two
    /// frameworks would compare unlike things.
    pub trends: Vec<Trend>,
}

/// How often each theme is found, as a share of the letters in which such a finding can stand.
///
/// Without a role, formal items are meant (what areas are flagged for); without a role but with a polarity, all
/// findings of that polarity. A letter counts as praising or criticising by its confident codes alone.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn themes(dataset: &Dataset, filter: &Filter, by: Option<By>) -> Result<Themes, QueryError> {
    themes_to_one_mix(dataset, filter, by, None)
}

/// The same, with every group's share standardised to the mix of regions, say, of all letters in scope.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn themes_to_one_mix(
    dataset: &Dataset,
    filter: &Filter,
    by: Option<By>,
    to_one_mix_of: Option<By>,
) -> Result<Themes, QueryError> {
    Ok(Found::by(dataset, filter)?.themes(filter, by, to_one_mix_of))
}

/// The same by several groupings, from one reading. A grouping is not standardised to its own mix.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn themes_by<const N: usize>(
    dataset: &Dataset,
    filter: &Filter,
    by: [Option<By>; N],
    to_one_mix_of: Option<By>,
) -> Result<[Themes; N], QueryError> {
    let found = Found::by(dataset, filter)?;
    Ok(by.map(|by| found.themes(filter, by, to_one_mix_of.filter(|mix| by.is_some_and(|by| by != *mix)))))
}

/// Readings of as many filters are remembered.
const CACHED_READINGS: usize = 16;

/// The letters that count and which of them have findings on which theme.
struct Found {
    letters: Vec<ScopeLetter>,
    scope: Scope,
    roles: Vec<Role>,
    /// All themes with their names, in the codebook's order, and the letters of each as places in `letters`.
    themes: Vec<(String, String, Vec<usize>)>,
    /// Whether people checked all formal items of a letter.
    checked: Vec<bool>,
    correction: Correction,
    /// The letters in each of the groupings, once one was asked for.
    groups: [OnceLock<Groups>; 6],
}

impl Found {
    fn by(dataset: &Dataset, filter: &Filter) -> Result<Arc<Self>, QueryError> {
        filter.check(dataset)?;
        nationwide(dataset, &filter.of_all_themes(), CACHED_READINGS, Self::read)
    }

    fn read(dataset: &Dataset, filter: &Filter) -> Result<Self, QueryError> {
        let roles = roles_meant(filter);
        let (letters, ineligible) = eligible(letters_in(dataset, filter)?, &roles);
        let mut found = letters_by_theme(dataset, &letters, &roles, &filter.polarities, filter.counts_confident())?;
        let with_letters = |(id, label): (String, String)| {
            let letters = found.remove(&id).unwrap_or_default();
            (id, label, letters)
        };
        let themes = labels(dataset)?.into_iter().map(with_letters).collect();
        let scope = Scope::over(&letters, left_out(&ineligible, dataset)?);
        let correction = Correction::of(dataset, filter, &roles)?;
        let checked = checked_by_people(dataset, &letters, &roles)?;
        Ok(Self { letters, scope, roles, themes, checked, correction, groups: Default::default() })
    }

    /// The letters in one of the groupings.
    fn groups(&self, by: Option<By>) -> &Groups {
        let group = || Groups::of(&self.letters, &self.checked, self.themes.len(), by);
        self.groups[by.map_or(0, |by| by as usize + 1)].get_or_init(group)
    }

    fn themes(&self, filter: &Filter, by: Option<By>, to_one_mix_of: Option<By>) -> Themes {
        let groups = self.groups(by);
        let counts: Vec<Vec<usize>> = self.themes.iter().map(|(.., letters)| groups.count(letters)).collect();
        let standing_out = if by.is_some_and(|by| by != By::Year) { groups.standing_out(&counts) } else { Vec::new() };
        let asked = |id: &str| filter.themes.is_empty() || filter.themes.iter().any(|theme| theme == id);
        let parts = to_one_mix_of.map(|mix| {
            let parts = self.groups(Some(mix));
            (parts, mix::letters_in_parts(groups, parts))
        });
        let mut rows = Vec::new();
        for (theme, (id, label, letters)) in self.themes.iter().enumerate().filter(|(_, (id, ..))| asked(id)) {
            let standardised = parts.as_ref().map(|(parts, totals)| mix::standardised(groups, parts, letters, totals));
            let adjusted = groups.adjusted[theme].get_or_init(|| self.adjusted(groups, id, letters));
            for (group, place) in &groups.names {
                let (scope, count) = (&groups.scopes[*place], counts[theme][*place]);
                rows.push(ThemeShare {
                    theme: id.clone(),
                    label: label.clone(),
                    by,
                    value: group.as_deref().map(ToOwned::to_owned),
                    letters: count,
                    of_letters: scope.letters,
                    share: Share::of(count, scope.letters),
                    adjusted: adjusted[*place].clone(),
                    standardised: standardised.as_ref().map(|groups| groups[*place].clone()),
                    small: scope.letters < SMALL,
                    stands_out: standing_out.iter().find(|s| s.0 == (theme, *place)).map(|s| s.1),
                    frameworks: scope.frameworks.clone(),
                    first_inspection: scope.first_inspection,
                    last_inspection: scope.last_inspection,
                });
            }
        }
        // All themes are compared, whichever are shown.
        let one_framework = self.scope.frameworks.len() == 1;
        let mut trends = match by {
            Some(By::Year) if one_framework => {
                let ids: Vec<&str> = self.themes.iter().map(|(id, ..)| id.as_str()).collect();
                trends(&ids, groups, &counts)
            }
            _ => Vec::new(),
        };
        trends.retain(|trend| asked(&trend.theme));
        if by.is_none() {
            // The sort is stable: themes that are equally frequent stay in the codebook's order.
            rows.sort_by_key(|row| std::cmp::Reverse(row.letters));
        }
        Themes {
            scope: self.scope.clone(),
            roles: self.roles.clone(),
            rows: filter.page(rows),
            compared: standing_out.len(),
            cautions: self.cautions(groups, by),
            trends,
        }
    }

    /// What is not alike among the letters, or among the groups.
    fn cautions(&self, groups: &Groups, by: Option<By>) -> Vec<String> {
        let several = self.scope.frameworks.len() > 1;
        let roles = mix::of_roles(self.groups(Some(By::Framework)), &self.roles);
        let parts = [By::Region, By::LaType, By::Outcome].into_iter().filter(|part| {
            // Outcomes have other names under each framework, so over both they differ by themselves.
            by.is_some_and(|by| by != *part) && !(several && *part == By::Outcome)
        });
        roles.into_iter().chain(parts.filter_map(|part| mix::of_parts(groups, self.groups(Some(part)), part))).collect()
    }

    /// The corrected share of each group.
    fn adjusted(&self, groups: &Groups, theme: &str, letters: &[usize]) -> Vec<Adjusted> {
        let mut counted: Vec<Counted> = groups
            .scopes
            .iter()
            .zip(&groups.checked)
            .map(|(scope, checked)| Counted { of_known: *checked, ..Counted::by_coder(0, scope.letters - checked) })
            .collect();
        for letter in letters {
            let group = &mut counted[groups.of_letter[*letter]];
            if self.checked[*letter] { group.known += 1 } else { group.coded += 1 }
        }
        let of_group = |(scope, counted): (&Scope, Counted)| self.correction.correct(theme, &scope.frameworks, counted);
        groups.scopes.iter().zip(counted).map(of_group).collect()
    }
}

fn roles_meant(filter: &Filter) -> Vec<Role> {
    match (filter.roles.is_empty(), filter.polarities.is_empty()) {
        (false, _) => filter.roles.clone(),
        (true, true) => flag_roles(),
        (true, false) => Role::ALL.to_vec(),
    }
}

/// Ids and names of all themes, in the codebook's order.
///
/// # Errors
/// The dataset could not be read.
pub fn labels(dataset: &Dataset) -> Result<Vec<(String, String)>, QueryError> {
    let mut statement = dataset.connection().prepare_cached("SELECT id, label FROM themes ORDER BY position, id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(rows)
}
