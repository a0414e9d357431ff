//! How often areas are flagged again for a theme, against how often others are flagged for it for the first time.
//!
//! Counted are areas with a letter that can flag under both frameworks. An area that was created or abolished in between
//! has no letters of both frameworks under one code, and does not count.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::SMALL;
use super::error::QueryError;
use super::filter::{Filter, Kinds, flag_roles};
use super::index::each_theme_set;
use super::scope::{eligible, letters_in};
use super::stats::Share;
use crate::domain::{Framework, LetterKind, Outcome};
use crate::store::Dataset;

/// Areas flagged since 2023, among some areas inspected under both frameworks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AreaShare {
    /// Areas flagged for the theme since 2023.
    pub flagged: usize,
    /// Of so many areas.
    pub of_areas: usize,
    /// The share with its interval.
    #[serde(flatten)]
    pub share: Share,
}

impl AreaShare {
    fn among<'a>(areas: impl Iterator<Item = &'a String>, flagged: &BTreeSet<String>) -> Self {
        let (mut count, mut total) = (0, 0);
        for area in areas {
            total += 1;
            count += usize::from(flagged.contains(area));
        }
        Self { flagged: count, of_areas: total, share: Share::of(count, total) }
    }
}

/// How many areas flagged for a theme in 2016-2022 were flagged for it again from 2023 on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlaggedAgain {
    /// Theme id.
    pub theme: String,
    /// Its name.
    pub label: String,
    /// Areas flagged in 2016-2022 that have a full report since 2023 and were flagged again.
    pub again: usize,
    /// Areas flagged in 2016-2022 that have a full report since 2023.
    pub of_areas: usize,
    /// The share with its interval.
    #[serde(flatten)]
    pub share: Share,
    /// For comparison, the areas that were not flagged in 2016-2022: how many were flagged for the first time since.
    pub first_time: AreaShare,
    /// Of the areas flagged in 2016-2022, those whose revisit found sufficient progress on every weakness.
    pub after_positive_revisit: AreaShare,
    /// The others of them: no revisit, or one that found too little progress.
    pub without_positive_revisit: AreaShare,
    /// Areas flagged in 2016-2022 that have no full report since; not counted.
    pub no_later_report: usize,
    /// Too few areas to rank.
    pub small: bool,
}

/// Areas that were inspected under a framework, and those flagged for each theme.
struct Flagged {
    inspected: BTreeSet<String>,
    by_theme: BTreeMap<String, BTreeSet<String>>,
}

impl Flagged {
    fn under(framework: Framework, dataset: &Dataset, filter: &Filter) -> Result<Self, QueryError> {
        let meant = Filter { frameworks: vec![framework], roles: Vec::new(), ..filter.unpaged() };
        let (letters, _) = eligible(letters_in(dataset, &meant)?, &flag_roles());
        let mut themes: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        let ids = each_theme_set(
            dataset,
            &letters,
            &flag_roles(),
            &meant.polarities,
            meant.counts_confident(),
            |letter, theme| {
                themes.entry(theme).or_default().insert(letters[letter].la_code.to_string());
            },
        )?;
        let by_theme = themes.into_iter().map(|(theme, areas)| (ids[theme].clone(), areas)).collect();
        Ok(Self { inspected: letters.into_iter().map(|letter| letter.la_code.to_string()).collect(), by_theme })
    }
}

/// Areas of which a revisit found sufficient progress on every weakness. Filters of letters do not apply: what lay
/// between two inspections stays true whichever of them are meant.
fn positively_revisited(dataset: &Dataset) -> Result<BTreeSet<String>, QueryError> {
    let revisits = Filter {
        kinds: Kinds::Only(vec![LetterKind::RevisitLetter]),
        outcomes: vec![Outcome::SufficientProgressAll],
        ..Filter::default()
    };
    Ok(letters_in(dataset, &revisits)?.into_iter().map(|letter| letter.la_code.to_string()).collect())
}

/// For each theme of the filter that was flagged in 2016-2022; `names` are ids and names of all themes.
pub(super) fn flagged_again(
    dataset: &Dataset,
    filter: &Filter,
    names: &[(String, String)],
) -> Result<Vec<FlaggedAgain>, QueryError> {
    let before = Flagged::under(Framework::F2016, dataset, filter)?;
    let after = Flagged::under(Framework::F2023, dataset, filter)?;
    let revisited = positively_revisited(dataset)?;
    let nobody = BTreeSet::new();
    let of_theme = |(theme, label): &(String, String)| {
        let first = before.by_theme.get(theme)?;
        let later = after.by_theme.get(theme).unwrap_or(&nobody);
        let (seen, unseen): (Vec<&String>, Vec<&String>) = first.iter().partition(|a| after.inspected.contains(*a));
        let again = AreaShare::among(seen.iter().copied(), later);
        let unflagged = before.inspected.intersection(&after.inspected).filter(|area| !first.contains(*area));
        let with_revisit = |positive: bool| {
            AreaShare::among(seen.iter().copied().filter(|area| revisited.contains(*area) == positive), later)
        };
        Some(FlaggedAgain {
            theme: theme.clone(),
            label: label.clone(),
            again: again.flagged,
            of_areas: again.of_areas,
            share: again.share,
            first_time: AreaShare::among(unflagged, later),
            after_positive_revisit: with_revisit(true),
            without_positive_revisit: with_revisit(false),
            no_later_report: unseen.len(),
            small: seen.len() < SMALL,
        })
    };
    let asked = |theme: &str| filter.themes.is_empty() || filter.themes.iter().any(|asked| asked == theme);
    Ok(names.iter().filter(|(theme, _)| asked(theme)).filter_map(of_theme).collect())
}
