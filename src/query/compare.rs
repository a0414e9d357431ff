//! A few named areas side by side: how they stand, what each was flagged for, what they share, and where one stands
//! alone.
//!
//! "Flagged" means here what it means for peers: an area was flagged for a theme when a letter in scope has a formal
//! item on it, and an area counts once. An area without a letter in which a formal item could stand is neither flagged
//! nor not flagged; its answer is null and it does not count in the denominator.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use super::areas::{AreaRow, areas};
use super::criticised::criticised_themes;
use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::history::{History, Inspection, history};
use super::quotes::Quote;
use super::scope::kinds_with;
use super::themes::labels;
use crate::domain::{LetterKind, Outcome};
use crate::store::Dataset;

/// The fewest areas that can be compared.
pub const MIN_COMPARED: usize = 2;
/// The most areas that fit side by side.
pub const MAX_COMPARED: usize = 6;

/// An inspection of a compared area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedLetter {
    /// Id of its letter.
    pub id: String,
    /// Kind of the letter.
    pub kind: LetterKind,
    /// First day of the inspection.
    pub inspection_start: Option<Date>,
    /// Its conclusion.
    pub outcome: Option<Outcome>,
}

/// One of the areas.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedArea {
    /// Three-digit code.
    pub la_code: String,
    /// Name.
    pub area: String,
    /// How it stands today; nothing for an abolished area.
    pub standing: Option<AreaRow>,
    /// Its letters in scope, the earliest first.
    pub letters: Vec<ComparedLetter>,
    /// Inspections and revisits of the official register whose letters are not in the dataset.
    pub not_held: usize,
    /// Whether a letter in scope could flag a theme at all.
    pub can_be_flagged: bool,
    /// Themes for which none of the other areas was flagged.
    pub alone_in: Vec<String>,
}

/// A theme for which at least one of the areas was flagged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedTheme {
    /// Theme id.
    pub theme: String,
    /// Its name.
    pub label: String,
    /// Areas flagged for it.
    pub areas_flagged: usize,
    /// Areas that could be flagged.
    pub of_areas: usize,
    /// Whether each area was flagged, in the order of the areas; null where none of its letters could flag a theme.
    pub flagged: Vec<Option<bool>>,
    /// Whether a letter of each area in scope criticises the theme outside its formal items, in the order of the areas.
    pub criticised: Vec<bool>,
    /// From each flagged area the most telling wording of its latest flagged letter.
    pub quotes: Vec<Quote>,
}

/// The areas side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The areas, in the order in which they were named.
    pub areas: Vec<ComparedArea>,
    /// Themes for which all areas that could be flagged were flagged; empty where fewer than two could be.
    pub shared: Vec<String>,
    /// Every theme for which one of them was flagged, the most widely shared first.
    pub themes: Vec<ComparedTheme>,
}

impl Comparison {
    /// The name of a theme of the comparison; its id where none of the areas was flagged for it.
    #[must_use]
    pub fn theme_label<'a>(&'a self, id: &'a str) -> &'a str {
        self.themes.iter().find(|theme| theme.theme == id).map_or(id, |theme| theme.label.as_str())
    }
}

/// Compares the areas that `filter` names, in their order. Its filters of letters (framework, kind, outcome, period)
/// set the scope; other filters of areas do not apply.
///
/// # Errors
/// Fewer than [`MIN_COMPARED`] or more than [`MAX_COMPARED`] areas are named, or one twice; an area or theme is
/// unknown; the dataset could not be read.
pub fn compare(dataset: &Dataset, filter: &Filter, today: Date) -> Result<Comparison, QueryError> {
    let codes = &filter.areas;
    let distinct: BTreeSet<&String> = codes.iter().collect();
    if !(MIN_COMPARED..=MAX_COMPARED).contains(&codes.len()) || distinct.len() != codes.len() {
        return Err(QueryError::NotComparable { given: codes.len(), distinct: distinct.len() });
    }
    filter.check(dataset)?;
    let scope = filter.of_all_areas().unpaged();
    let histories: Vec<Arc<History>> =
        codes.iter().map(|code| history(dataset, code, &scope, today)).collect::<Result<_, _>>()?;
    let could: Vec<bool> = histories.iter().map(|history| history.inspections.iter().any(can_flag)).collect();
    let of_areas = could.iter().filter(|could| **could).count();
    let criticised: Vec<BTreeSet<String>> =
        codes.iter().map(|code| criticised_themes(dataset, code, &scope)).collect::<Result<_, _>>()?;

    let mut themes = Vec::new();
    for (theme, label) in labels(dataset)? {
        if !(filter.themes.is_empty() || filter.themes.contains(&theme)) {
            continue;
        }
        let quotes: Vec<Option<Quote>> = histories.iter().map(|history| latest_quote(history, &theme)).collect();
        let areas_flagged = quotes.iter().flatten().count();
        if areas_flagged > 0 {
            let flagged = quotes.iter().zip(&could).map(|(quote, could)| could.then_some(quote.is_some())).collect();
            let quotes = quotes.into_iter().flatten().collect();
            let criticised = criticised.iter().map(|themes| themes.contains(&theme)).collect();
            themes.push(ComparedTheme { theme, label, areas_flagged, of_areas, flagged, criticised, quotes });
        }
    }
    // The sort is stable, so equals stay in the codebook's order.
    themes.sort_by_key(|theme| std::cmp::Reverse(theme.areas_flagged));
    let shared = themes.iter().filter(|t| of_areas > 1 && t.areas_flagged == of_areas);
    let shared = shared.map(|t| t.theme.clone()).collect();
    let of_codes = Filter { areas: codes.clone(), ..Filter::default() };
    let standings = areas(dataset, &of_codes, today)?;
    let areas = histories.iter().zip(&could).enumerate().map(|(place, (history, could))| ComparedArea {
        la_code: history.la_code.clone(),
        area: history.area.clone(),
        standing: standings.iter().find(|row| row.la_code == history.la_code).cloned(),
        letters: history.inspections.iter().map(compared_letter).collect(),
        not_held: history.not_held.len(),
        can_be_flagged: *could,
        alone_in: themes
            .iter()
            .filter(|t| of_areas > 1 && t.areas_flagged == 1 && t.flagged.get(place) == Some(&Some(true)))
            .map(|t| t.theme.clone())
            .collect(),
    });
    Ok(Comparison { areas: areas.collect(), shared, themes })
}

fn compared_letter(inspection: &Inspection) -> ComparedLetter {
    let letter = &inspection.letter;
    ComparedLetter {
        id: letter.id.clone(),
        kind: letter.kind,
        inspection_start: letter.inspection_start,
        outcome: letter.outcome,
    }
}

/// Whether a formal item can stand in a letter of this kind.
fn can_flag(inspection: &Inspection) -> bool {
    flag_roles().into_iter().any(|role| kinds_with(role).contains(&inspection.letter.kind))
}

/// The most telling wording on a theme in the latest letter that flags it: about this theme rather than many, then the
/// shortest.
fn latest_quote(history: &History, theme: &str) -> Option<Quote> {
    history.inspections.iter().rev().find_map(|inspection| {
        let items = inspection.items.iter().map(|item| &item.finding);
        let on_theme = items.filter(|f| f.role.flags() && f.themes.iter().any(|tag| tag.id == theme));
        let best = on_theme.min_by_key(|f| (f.themes.len(), f.text.len(), f.ordinal))?;
        Some(Quote {
            area: best.area.clone(),
            text: best.text.clone(),
            page: best.page,
            letter_id: best.letter_id.clone(),
            finding_id: best.id.clone(),
            url: best.url.clone(),
        })
    })
}
