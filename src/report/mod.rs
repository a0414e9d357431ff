//! The national report as one HTML file: readable without the program, printable, and the same for the same dataset.
//!
//! Everything is inside: style, charts, and each table as CSV; no script, no other file. Sentences are made from the figures by rules,
//! never by taste; each figure stands beside its denominator and interval. Filters make a region's or a
//! neighbours' report of it. No clock is read: the day to compare due dates with is given.

mod body;
pub mod briefing;
mod file;
mod summary;

use std::collections::BTreeSet;

use jiff::civil::Date;
use maud::html;

use crate::domain::{Framework, Polarity, Term};
use crate::query::{
    AreaRow, By, Filter, FindingRow, QueryError, Recurring, Scope, Themes, YearOutcome, areas, findings,
    outcomes_by_year, recurring, themes,
};
use crate::store::Dataset;
use crate::view::words;

/// Quotes for each theme that is taken up.
const QUOTES_PER_THEME: usize = 3;
/// Groups of recurring wordings.
const SHOWN_GROUPS: usize = 10;
/// Themes that are taken up with quotes.
const QUOTED_THEMES: usize = 8;

/// What a report is about, for its heading.
struct Subject {
    name: String,
    today: Date,
}

/// Frequencies under one framework.
struct UnderFramework {
    framework: Framework,
    all: Themes,
    by_year: Themes,
    by_region: Themes,
    quotes: Vec<(String, Vec<FindingRow>)>,
}

/// Everything that the report says, before it is written.
struct Answers {
    areas: Vec<AreaRow>,
    years: Vec<YearOutcome>,
    frameworks: Vec<UnderFramework>,
    strengths: Themes,
    recurring: Recurring,
    scope: Scope,
}

/// Writes the report of what a filter means. `today` is the day that it bears and that due dates are compared with.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn report(dataset: &Dataset, filter: &Filter, today: Date) -> Result<String, QueryError> {
    let answers = ask(dataset, filter, today)?;
    let subject = Subject { name: name(dataset, filter)?, today };
    let body = html! {
        header.masthead { div.wrap { span.wordmark { "sendlens" } span.soft { "What inspections of local SEND services find" } } }
        main.wrap { (body::body(&answers, &subject)) }
    };
    Ok(file::with_style(&format!("What SEND inspections find: {}", subject.name), &body))
}

fn ask(dataset: &Dataset, filter: &Filter, today: Date) -> Result<Answers, QueryError> {
    let mut frameworks = Vec::new();
    for framework in Framework::ALL.iter().copied().rev() {
        if !filter.frameworks.is_empty() && !filter.frameworks.contains(&framework) {
            continue;
        }
        let under = Filter { frameworks: vec![framework], ..filter.clone() };
        let all = themes(dataset, &under, None)?;
        if all.scope.letters == 0 {
            continue;
        }
        let mut quotes = Vec::new();
        let mut quoted = BTreeSet::new();
        for row in all.rows.iter().filter(|row| row.letters > 0).take(QUOTED_THEMES) {
            quotes.push((row.theme.clone(), typical(dataset, &under, &row.theme, &mut quoted)?));
        }
        frameworks.push(UnderFramework {
            framework,
            by_year: themes(dataset, &under, Some(By::Year))?,
            by_region: themes(dataset, &under, Some(By::Region))?,
            all,
            quotes,
        });
    }
    let praise = Filter { polarities: vec![Polarity::Strength, Polarity::Mixed], ..filter.clone() };
    let strengths = themes(dataset, &praise, None)?;
    Ok(Answers {
        areas: areas(dataset, &filter_of_areas(filter), today)?,
        years: outcomes_by_year(dataset, filter)?,
        scope: strengths.scope.clone(),
        recurring: recurring(dataset, &Filter { limit: Some(SHOWN_GROUPS), ..filter.clone() })?,
        frameworks,
        strengths,
    })
}

fn filter_of_areas(filter: &Filter) -> Filter {
    Filter {
        areas: filter.areas.clone(),
        regions: filter.regions.clone(),
        la_types: filter.la_types.clone(),
        neighbours_of: filter.neighbours_of.clone(),
        ..Filter::default()
    }
}

/// Formal items on a theme from different areas, the latest inspections first, none so long that it fills the page;
/// those that stand under another theme already only where there are no others.
fn typical(
    dataset: &Dataset,
    filter: &Filter,
    theme: &str,
    quoted: &mut BTreeSet<String>,
) -> Result<Vec<FindingRow>, QueryError> {
    let roles = crate::domain::Role::ALL.iter().copied().filter(|role| role.flags()).collect();
    let asked = Filter { themes: vec![theme.to_owned()], roles, limit: Some(QUOTES_PER_THEME * 12), ..filter.clone() };
    let mut found = findings(dataset, &asked)?;
    found.retain(|f| (60..600).contains(&f.text.chars().count()));
    // The sort is stable: among those not quoted yet the latest inspection stays first.
    found.sort_by_key(|f| quoted.contains(&f.id));
    let mut seen = BTreeSet::new();
    found.retain(|f| seen.insert(f.la_code.clone()));
    found.truncate(QUOTES_PER_THEME);
    quoted.extend(found.iter().map(|f| f.id.clone()));
    Ok(found)
}

/// What the filter restricts the report to, in words ("England" if nothing).
fn name(dataset: &Dataset, filter: &Filter) -> Result<String, QueryError> {
    let reference = dataset.reference()?;
    let named = |code: &String| reference.area(code).map_or_else(|| code.clone(), |area| area.name.clone());
    let mut parts: Vec<String> = Vec::new();
    parts.extend(filter.neighbours_of.as_ref().map(|code| format!("Statistical neighbours of {}", named(code))));
    if !filter.areas.is_empty() {
        parts.push(words::list(&filter.areas.iter().map(named).collect::<Vec<_>>()));
    }
    if !filter.regions.is_empty() {
        parts.push(words::list(&filter.regions.iter().map(|r| r.as_str()).collect::<Vec<_>>()));
    }
    if !filter.la_types.is_empty() {
        let types: Vec<String> = filter.la_types.iter().map(|t| words::la_type(*t).to_lowercase()).collect();
        parts.push(format!("Areas of the type {}", words::list(&types)));
    }
    if parts.is_empty() {
        parts.push("England".to_owned());
    }
    parts.extend(filter.since.map(|day| format!("inspected since {}", words::date(day))));
    parts.extend(filter.until.map(|day| format!("inspected until {}", words::date(day))));
    Ok(parts.join(", "))
}
