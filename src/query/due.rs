//! Which inspections are due, and when.
//!
//! A report under the 2023 framework states in how many months the next full inspection will follow and, after
//! widespread failings, the monitoring inspection. Both days are counted from the first day of the inspection. The
//! dataset cannot know of an inspection whose letter it does not hold, so every row also says how far the letters go: a
//! day that has passed means only that *no later report is held here*.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Serialize;

use super::areas::{Standing, areas};
use super::error::QueryError;
use super::filter::{Filter, Kinds};
use super::latest::latest;
use super::scope::letters_in;
use crate::domain::{LaType, LetterKind, Region};
use crate::store::Dataset;

/// What kind of inspection is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// A monitoring inspection of the priority actions.
    Monitoring,
    /// The next full inspection.
    FullInspection,
}

impl DueKind {
    /// How it is spelled in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monitoring => "monitoring",
            Self::FullInspection => "full_inspection",
        }
    }
}

/// One inspection that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueRow {
    /// Month in which it is due ("2026-03").
    pub month: String,
    /// The day by which it is due.
    pub due: Date,
    /// What is due.
    pub what: DueKind,
    /// Three-digit code of the area.
    pub la_code: String,
    /// Name of the area.
    pub area: String,
    /// Region of the area.
    pub region: Region,
    /// Type of the area.
    pub la_type: LaType,
    /// How the area stands.
    pub standing: Option<Standing>,
    /// The report that states the months.
    pub letter_id: String,
    /// First day of that report's inspection, from which the months count.
    pub inspection_start: Date,
    /// Whether the day has passed. True only as far as the letters held go: see `held_to`.
    pub overdue: bool,
    /// How far the letters go: the last day of the latest inspection that is held.
    pub held_to: Option<Date>,
}

/// The inspections that are due, the earliest first. `today` decides what is overdue.
///
/// Filters of areas choose the rows; any other filter keeps the areas whose latest letter it means, as for
/// [`areas`](super::areas()).
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn due(dataset: &Dataset, filter: &Filter, today: Date) -> Result<Vec<DueRow>, QueryError> {
    let held_to = held_to(dataset)?;
    let reports = Filter { kinds: Kinds::Only(vec![LetterKind::AreaSendFull]), ..Filter::default() };
    // Letters come with the earliest inspection first, so the latest report of an area stays.
    let reports: HashMap<String, (String, Date)> = letters_in(dataset, &reports)?
        .into_iter()
        .map(|letter| (letter.la_code.to_string(), (letter.id(), letter.start)))
        .collect();
    let mut rows = Vec::new();
    for area in areas(dataset, &filter.clone().unpaged(), today)? {
        let Some((letter_id, inspection_start)) = reports.get(&area.la_code) else { continue };
        let days =
            [(DueKind::Monitoring, area.monitoring_due), (DueKind::FullInspection, area.next_full_inspection_due)];
        for (what, day) in days {
            let Some(due) = day else { continue };
            rows.push(DueRow {
                month: due.strftime("%Y-%m").to_string(),
                due,
                what,
                la_code: area.la_code.clone(),
                area: area.area.clone(),
                region: area.region,
                la_type: area.la_type,
                standing: area.standing,
                letter_id: letter_id.clone(),
                inspection_start: *inspection_start,
                overdue: due < today,
                held_to,
            });
        }
    }
    rows.sort_by(|a, b| (a.due, &a.area, a.what).cmp(&(b.due, &b.area, b.what)));
    Ok(filter.page(rows))
}

/// How far the letters go: the last day of the latest inspection that is held. Nothing for an empty dataset.
///
/// # Errors
/// The dataset could not be read.
pub fn held_to(dataset: &Dataset) -> Result<Option<Date>, QueryError> {
    Ok(latest(dataset)?.inspection)
}
