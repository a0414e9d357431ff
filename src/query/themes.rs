//! How often each theme is found: shares of letters, by year, region and so on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use serde::Serialize;

use super::SMALL;
use super::correction::{Adjusted, Correction, Counted, checked_by_people};
use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::index::letters_by_theme;
use super::scope::{Scope, ScopeLetter, eligible, left_out, letters_in, nationwide};
use super::stats::{self, CLEAR, Share, TrendTest, adjust_for_comparisons, trend};
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
    /// The share corrected for the coder's errors.
    #[serde(flatten)]
    pub adjusted: Adjusted,
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

/// A trend needs so many years of [`SMALL`] letters or more.
const LEAST_PERIODS: usize = 3;

/// Whether a theme became more or less frequent over the years.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trend {
    /// Theme id.
    pub theme: String,
    /// Armitage's statistic over the years of ten letters or more.
    pub z: f64,
    /// `rising` or `falling` where that is clear, else `no_clear_trend`.
    pub direction: &'static str,
    /// The probability of a statistic this far from zero without any trend.
    pub p: f64,
    /// The same, adjusted for the number of themes compared.
    pub adjusted_p: f64,
    /// Themes compared.
    pub compared: usize,
    /// The trend for people: "rising: 23% of 26 letters in 2023, 46% of 28 in 2025; could still be chance".
    pub words: String,
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
    /// Whether people checked all formal items of a letter.
    checked: Vec<bool>,
    correction: Correction,
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
    /// Letters of each group that people checked whole.
    checked: Vec<usize>,
    /// For each theme the corrected shares of the groups, once asked for.
    adjusted: Vec<OnceLock<Vec<Adjusted>>>,
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
        let correction = Correction::of(dataset, filter, &roles)?;
        let checked = checked_by_people(dataset, &letters, &roles)?;
        Ok(Self { letters, scope, roles, themes, checked, correction, groups: Default::default() })
    }

    fn themes(&self, filter: &Filter, by: Option<By>) -> Themes {
        let groups = self.groups[by.map_or(0, |by| by as usize + 1)].get_or_init(|| Groups::of(self, by));
        let counts: Vec<Vec<usize>> = self.themes.iter().map(|(.., letters)| groups.count(letters)).collect();
        let standing_out = if by.is_some_and(|by| by != By::Year) { groups.standing_out(&counts) } else { Vec::new() };
        let asked = |id: &str| filter.themes.is_empty() || filter.themes.iter().any(|theme| theme == id);
        let mut rows = Vec::new();
        for (theme, (id, label, letters)) in self.themes.iter().enumerate().filter(|(_, (id, ..))| asked(id)) {
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
        let mut trends = if by == Some(By::Year) && one_framework { self.trends(groups, &counts) } else { Vec::new() };
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
            trends,
        }
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

    fn trends(&self, groups: &Groups, counts: &[Vec<usize>]) -> Vec<Trend> {
        let year = |name: &Option<Cow<'_, str>>| name.as_deref().and_then(|name| name.parse::<i16>().ok());
        let years: Vec<(i16, usize)> = groups
            .names
            .iter()
            .filter_map(|(name, place)| Some((year(name)?, *place)))
            .filter(|(_, place)| groups.scopes[*place].letters >= SMALL)
            .collect();
        if years.len() < LEAST_PERIODS {
            return Vec::new();
        }
        let points_of = |theme: usize| -> Vec<(i16, usize, usize)> {
            years.iter().map(|(year, place)| (*year, counts[theme][*place], groups.scopes[*place].letters)).collect()
        };
        let tested: Vec<(usize, TrendTest)> =
            (0..self.themes.len()).filter_map(|theme| Some((theme, trend(&points_of(theme))?))).collect();
        let adjusted = adjust_for_comparisons(&tested.iter().map(|(_, test)| test.p).collect::<Vec<_>>());
        let trend_of = |((theme, test), adjusted_p): (&(usize, TrendTest), f64)| {
            let clear = adjusted_p < CLEAR;
            Trend {
                theme: self.themes[*theme].0.clone(),
                z: test.z,
                direction: match clear {
                    true if test.z > 0.0 => "rising",
                    true => "falling",
                    false => "no_clear_trend",
                },
                p: test.p,
                adjusted_p,
                compared: tested.len(),
                words: in_words(&points_of(*theme), test.z, clear),
            }
        };
        tested.iter().zip(adjusted).map(trend_of).collect()
    }
}

/// "rising: 23% of 26 letters in 2023, 46% of 28 in 2025; could still be chance".
fn in_words(points: &[(i16, usize, usize)], z: f64, clear: bool) -> String {
    let share = |point: &(i16, usize, usize)| 100.0 * Share::of(point.1, point.2).share.unwrap_or_default();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    format!(
        "{}: {:.0}% of {} letters in {}, {:.0}% of {} in {}; {}",
        if z >= 0.0 { "rising" } else { "falling" },
        share(first),
        first.2,
        first.0,
        share(last),
        last.2,
        last.0,
        if clear { "clear" } else { "could still be chance" }
    )
}

impl Groups {
    fn of(found: &Found, by: Option<By>) -> Self {
        let letters = &found.letters;
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
        let scopes: Vec<Scope> = members.iter().map(|letters| Scope::over(letters, Vec::new())).collect();
        let mut checked = vec![0; scopes.len()];
        of_letter.iter().zip(&found.checked).for_each(|(group, known)| checked[*group] += usize::from(*known));
        let adjusted = found.themes.iter().map(|_| OnceLock::new()).collect();
        Self { names, of_letter, scopes, checked, adjusted }
    }

    /// How many of these letters are in each group.
    fn count(&self, letters: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.scopes.len()];
        letters.iter().for_each(|letter| counts[self.of_letter[*letter]] += 1);
        counts
    }

    /// Every theme and group that was compared with all other letters, and how it stands out. Groups of too few letters
    /// are not compared.
    fn standing_out(&self, counts: &[Vec<usize>]) -> Vec<((usize, usize), &'static str)> {
        let total: usize = self.scopes.iter().map(|scope| scope.letters).sum();
        let mut compared = Vec::new();
        for (theme, counts) in counts.iter().enumerate() {
            let flagged: usize = counts.iter().sum();
            for (place, (count, scope)) in counts.iter().zip(&self.scopes).enumerate() {
                let rest = total - scope.letters;
                if flagged > 0 && scope.letters >= SMALL && rest >= SMALL {
                    let p = stats::fisher((*count, scope.letters), (flagged - count, rest)).unwrap_or(1.0);
                    // Cross-multiplied, so that no share is rounded.
                    let above = count * rest > (flagged - count) * scope.letters;
                    compared.push(((theme, place), p, above));
                }
            }
        }
        let adjusted = adjust_for_comparisons(&compared.iter().map(|(_, p, _)| *p).collect::<Vec<_>>());
        let words = |above, adjusted_p| match above {
            _ if adjusted_p >= CLEAR => "could_be_chance",
            true => "above",
            false => "below",
        };
        compared.iter().zip(adjusted).map(|((of, _, above), p)| (*of, words(*above, p))).collect()
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
