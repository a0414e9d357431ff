//! How often each theme is found: shares of letters, by year, region and so on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use serde::Serialize;

use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::index::letters_by_theme;
use super::scope::{Scope, ScopeLetter, eligible, left_out, letters_in, nationwide};
use super::stats::{Share, trend};
use super::{SMALL, stats};
use crate::domain::{Framework, LaType, Outcome, Region, Role, Term};
use crate::store::Dataset;

/// What letters are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Year in which the inspection began.
    Year,
    /// Region of the area.
    Region,
    /// Type of the area.
    LaType,
    /// Framework.
    Framework,
    /// Outcome.
    Outcome,
}

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
    /// Too few letters to rank or compare.
    pub small: bool,
    /// Frameworks of the letters counted.
    pub frameworks: Vec<Framework>,
    /// First day of the earliest inspection counted.
    pub first_inspection: Option<Date>,
    /// First day of the latest inspection counted.
    pub last_inspection: Option<Date>,
}

/// Whether a theme became more or less frequent over the years.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trend {
    /// Theme id.
    pub theme: String,
    /// Armitage's statistic; beyond 1.96 on either side a trend is unlikely to be chance.
    pub z: f64,
    /// `rising`, `falling` or `no_clear_trend`.
    pub direction: &'static str,
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
    /// Over the years, where they are the groups and one framework is in scope: comparing the formal items of two
    /// frameworks would compare unlike things.
    pub trends: Vec<Trend>,
}

/// How often each theme is found, as a share of the letters in which such a finding can stand.
///
/// Without a role, formal items are meant (what areas are flagged for); without a role but with a polarity, all
/// findings of that polarity.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn themes(dataset: &Dataset, filter: &Filter, by: Option<By>) -> Result<Themes, QueryError> {
    Ok(Found::by(dataset, filter)?.themes(filter, by))
}

/// The same by several groupings, from one reading.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn themes_by<const N: usize>(
    dataset: &Dataset,
    filter: &Filter,
    by: [Option<By>; N],
) -> Result<[Themes; N], QueryError> {
    let found = Found::by(dataset, filter)?;
    Ok(by.map(|by| found.themes(filter, by)))
}

/// Readings of as many filters are remembered.
const MOST: usize = 16;

/// The letters that count and which of them have findings on which theme.
struct Found {
    letters: Vec<ScopeLetter>,
    scope: Scope,
    roles: Vec<Role>,
    /// All themes with their names, in the codebook's order, and the letters of each as places in `letters`.
    themes: Vec<(String, String, Vec<usize>)>,
    /// The letters in each of the groupings, once one was asked for.
    groups: [OnceLock<Groups>; 6],
}

/// Letters in groups.
struct Groups {
    /// Names of the groups in their order, each with its place in `scopes`.
    names: BTreeMap<Option<Cow<'static, str>>, usize>,
    /// The group of each letter.
    of_letter: Vec<usize>,
    scopes: Vec<Scope>,
}

impl Found {
    fn by(dataset: &Dataset, filter: &Filter) -> Result<Arc<Self>, QueryError> {
        filter.check(dataset)?;
        nationwide(dataset, &filter.of_all_themes(), MOST, Self::read)
    }

    fn read(dataset: &Dataset, filter: &Filter) -> Result<Self, QueryError> {
        let roles = roles_meant(filter);
        let (letters, ineligible) = eligible(letters_in(dataset, filter)?, &roles);
        let mut found = letters_by_theme(dataset, &letters, &roles, &filter.polarities)?;
        let with_letters = |(id, label): (String, String)| {
            let letters = found.remove(&id).unwrap_or_default();
            (id, label, letters)
        };
        let themes = labels(dataset)?.into_iter().map(with_letters).collect();
        let scope = Scope::over(&letters, left_out(&ineligible, dataset)?);
        Ok(Self { letters, scope, roles, themes, groups: Default::default() })
    }

    fn themes(&self, filter: &Filter, by: Option<By>) -> Themes {
        let groups = self.groups[by.map_or(0, |by| by as usize + 1)].get_or_init(|| Groups::of(&self.letters, by));
        let mut rows = Vec::new();
        let asked = |id: &String| filter.themes.is_empty() || filter.themes.contains(id);
        for (id, label, letters) in self.themes.iter().filter(|(id, ..)| asked(id)) {
            let mut counts = vec![0; groups.scopes.len()];
            letters.iter().for_each(|letter| counts[groups.of_letter[*letter]] += 1);
            for (group, place) in &groups.names {
                let (scope, count) = (&groups.scopes[*place], counts[*place]);
                rows.push(ThemeShare {
                    theme: id.clone(),
                    label: label.clone(),
                    by,
                    value: group.as_deref().map(ToOwned::to_owned),
                    letters: count,
                    of_letters: scope.letters,
                    share: Share::of(count, scope.letters),
                    small: scope.letters < SMALL,
                    frameworks: scope.frameworks.clone(),
                    first_inspection: scope.first_inspection,
                    last_inspection: scope.last_inspection,
                });
            }
        }
        let one_framework = self.scope.frameworks.len() == 1;
        let trends = if by == Some(By::Year) && one_framework { trends(&rows) } else { Vec::new() };
        if by.is_none() {
            // The sort is stable: themes that are equally frequent stay in the codebook's order.
            rows.sort_by_key(|row| std::cmp::Reverse(row.letters));
        }
        Themes { scope: self.scope.clone(), roles: self.roles.clone(), rows: filter.page(rows), trends }
    }
}

impl Groups {
    fn of(letters: &[ScopeLetter], by: Option<By>) -> Self {
        let mut names: BTreeMap<Option<Cow<'static, str>>, usize> = BTreeMap::new();
        let mut members: Vec<Vec<&ScopeLetter>> = Vec::new();
        let mut of_letter = Vec::with_capacity(letters.len());
        for letter in letters {
            let place = *names.entry(by.map(|by| group_of(letter, by))).or_insert(members.len());
            members.resize_with(members.len().max(place + 1), Vec::new);
            members[place].push(letter);
            of_letter.push(place);
        }
        if by.is_none() && letters.is_empty() {
            names.insert(None, 0);
            members.push(Vec::new());
        }
        let scopes = members.iter().map(|letters| Scope::over(letters, Vec::new())).collect();
        Self { names, of_letter, scopes }
    }
}

fn roles_meant(filter: &Filter) -> Vec<Role> {
    match (filter.roles.is_empty(), filter.polarities.is_empty()) {
        (false, _) => filter.roles.clone(),
        (true, true) => flag_roles(),
        (true, false) => Role::ALL.to_vec(),
    }
}

fn group_of(letter: &ScopeLetter, by: By) -> Cow<'static, str> {
    let known = match by {
        By::Year => return letter.start.year().to_string().into(),
        By::Region => letter.region.map(Region::as_str),
        By::LaType => letter.la_type.map(LaType::as_str),
        By::Framework => letter.framework.map(Framework::as_str),
        By::Outcome => letter.outcome.map(Outcome::as_str),
    };
    known.unwrap_or("unknown").into()
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

fn trends(rows: &[ThemeShare]) -> Vec<Trend> {
    let mut years: BTreeMap<&str, Vec<(i16, usize, usize)>> = BTreeMap::new();
    let mut order = Vec::new();
    for row in rows {
        let Some(year) = row.value.as_deref().and_then(|v| v.parse().ok()) else { continue };
        if !years.contains_key(row.theme.as_str()) {
            order.push(row.theme.as_str());
        }
        years.entry(&row.theme).or_default().push((year, row.letters, row.of_letters));
    }
    let enough = |points: &[(i16, usize, usize)]| points.iter().map(|p| p.2).sum::<usize>() >= SMALL;
    order
        .into_iter()
        .filter_map(|theme| {
            let points = years.get(theme).filter(|p| enough(p))?;
            let z = trend(points)?;
            let direction = match z {
                z if z >= stats::Z => "rising",
                z if z <= -stats::Z => "falling",
                _ => "no_clear_trend",
            };
            Some(Trend { theme: theme.to_owned(), z, direction })
        })
        .collect()
}

/// Parses the spellings that the command line and the web take.
impl std::str::FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "year" => Ok(Self::Year),
            "region" => Ok(Self::Region),
            "la_type" | "la-type" | "type" => Ok(Self::LaType),
            "framework" => Ok(Self::Framework),
            "outcome" => Ok(Self::Outcome),
            other => Err(format!("cannot group by \"{other}\"; use one of: year, region, la_type, framework, outcome")),
        }
    }
}
