//! Where every area stands today, across both frameworks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::Serialize;

use super::error::QueryError;
use super::filter::Filter;
use super::index::letters_with_findings;
use super::scope::{LaCode, ScopeLetter, letters_in, neighbours};
use crate::domain::{LaType, LetterKind, OfficialOutcome, Outcome, Region};
use crate::store::Dataset;
use crate::store::values::Columns;

/// How an area stands after its latest inspection; both frameworks in one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Neither a letter nor the official register shows an inspection.
    NotInspected,
    /// 2016-2022: no written statement of action was required.
    NoWsoa,
    /// 2016-2022: a written statement was required, and no revisit is known.
    WsoaNotRevisited,
    /// 2016-2022: sufficient progress on every weakness at the revisit.
    WsoaProgressAll,
    /// 2016-2022: not on every weakness.
    WsoaProgressNotAll,
    /// 2023 on: typically positive experiences and outcomes.
    TypicallyPositive,
    /// 2023 on: inconsistent.
    Inconsistent,
    /// 2023 on: widespread and/or systemic failings.
    WidespreadFailings,
}

/// The latest letter about an area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LatestLetter {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: LetterKind,
    /// First day of the inspection.
    pub inspection_start: Date,
    /// Day of publication.
    pub published_on: Option<Date>,
    /// Its conclusion.
    pub outcome: Option<Outcome>,
    /// Its address.
    pub url: Option<String>,
}

/// A current area, inspected or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreaRow {
    /// Three-digit code.
    pub la_code: String,
    /// Code of the Office for National Statistics.
    pub ons_code: String,
    /// Name.
    pub area: String,
    /// Region.
    pub region: Region,
    /// Type.
    pub la_type: LaType,
    /// How it stands; nothing where its latest inspection's conclusion could not be read.
    pub standing: Option<Standing>,
    /// What the standing rests on: `letter`, or `register` where the letter is not in the dataset.
    pub standing_from: Option<&'static str>,
    /// First day of the inspection that the standing rests on.
    pub standing_since: Option<Date>,
    /// The latest letter.
    pub latest_letter: Option<LatestLetter>,
    /// Number of letters.
    pub letters: usize,
    /// When the next full inspection is due: the latest one's first day and the months that its report states.
    pub next_full_inspection_due: Option<Date>,
    /// When the monitoring inspection is due, if it has not been.
    pub monitoring_due: Option<Date>,
    /// Whether one of the two days has passed.
    pub overdue: bool,
}

/// Every current area with its standing, by name. `today` decides what is overdue.
///
/// Filters of areas choose the rows. Any other filter keeps the areas whose latest letter it means.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn areas(dataset: &Dataset, filter: &Filter, today: Date) -> Result<Vec<AreaRow>, QueryError> {
    filter.check(dataset)?;
    let of_areas = Filter {
        areas: filter.areas.clone(),
        regions: filter.regions.clone(),
        la_types: filter.la_types.clone(),
        neighbours_of: filter.neighbours_of.clone(),
        ..Filter::default()
    };
    let mut by_area: BTreeMap<LaCode, Vec<ScopeLetter>> = BTreeMap::new();
    for letter in letters_in(dataset, &of_areas)? {
        by_area.entry(letter.la_code).or_default().push(letter);
    }
    let mut register: BTreeMap<String, Vec<OfficialOutcome>> = BTreeMap::new();
    for entry in official_register(dataset)? {
        register.entry(entry.la_code.clone()).or_default().push(entry);
    }
    let meant: Option<HashSet<i64>> = if filter.restricts_letters() {
        Some(letters_with_findings(dataset, filter)?.into_iter().map(|letter| letter.number).collect())
    } else {
        None
    };
    let mut rows = Vec::new();
    for mut row in blank_rows(dataset, &of_areas)? {
        let mut own = by_area.remove(row.la_code.as_str()).unwrap_or_default();
        own.sort_by_key(|letter| Reverse(letter.start));
        if meant.as_ref().is_none_or(|meant| own.first().is_some_and(|latest| meant.contains(&latest.number))) {
            let official = register.get(&row.la_code).map_or(&[][..], Vec::as_slice);
            fill(dataset, &mut row, &own, official, today)?;
            rows.push(row);
        }
    }
    Ok(filter.page(rows))
}

fn blank_rows(dataset: &Dataset, filter: &Filter) -> Result<Vec<AreaRow>, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT la_code, ons_code, area, region, la_type FROM areas WHERE abolished_on IS NULL ORDER BY area, la_code",
    )?;
    let neighbours = neighbours(dataset, filter)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        let row = AreaRow {
            la_code: c.get("la_code")?,
            ons_code: c.get("ons_code")?,
            area: c.get("area")?,
            region: c.term("region")?,
            la_type: c.term("la_type")?,
            standing: None,
            standing_from: None,
            standing_since: None,
            latest_letter: None,
            letters: 0,
            next_full_inspection_due: None,
            monitoring_due: None,
            overdue: false,
        };
        let meant = (filter.areas.is_empty() || filter.areas.contains(&row.la_code))
            && (filter.regions.is_empty() || filter.regions.contains(&row.region))
            && (filter.la_types.is_empty() || filter.la_types.contains(&row.la_type))
            && neighbours.as_ref().is_none_or(|n| n.contains(&row.la_code));
        if meant {
            found.push(row);
        }
    }
    Ok(found)
}

/// The official register as the dataset keeps it, by area and date.
pub(super) fn official_register(dataset: &Dataset) -> Result<Vec<OfficialOutcome>, QueryError> {
    let mut statement =
        dataset.connection().prepare_cached("SELECT * FROM register ORDER BY la_code, inspection_start")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        found.push(OfficialOutcome {
            la_code: c.get("la_code")?,
            inspection_start: c.date("inspection_start")?,
            published_on: c.optional_date("published_on")?,
            wsoa_required: c.get("wsoa_required")?,
            significant_weaknesses: c.get("significant_weaknesses")?,
            revisit_start: c.optional_date("revisit_start")?,
            revisit_published_on: c.optional_date("revisit_published_on")?,
            sufficient: c.get("sufficient")?,
            insufficient: c.get("insufficient")?,
        });
    }
    Ok(found)
}

/// `letters` are the area's own, latest inspection first.
fn fill(
    dataset: &Dataset,
    row: &mut AreaRow,
    letters: &[ScopeLetter],
    register: &[OfficialOutcome],
    today: Date,
) -> Result<(), QueryError> {
    row.letters = letters.len();
    row.latest_letter = letters.first().map(|letter| latest_letter(dataset, letter)).transpose()?;
    let latest =
        events(letters, register).into_iter().max_by_key(|e| (e.start, e.standing.is_some(), e.from == "letter"));
    match latest {
        None => row.standing = Some(Standing::NotInspected),
        Some(event) => {
            row.standing = event.standing;
            row.standing_from = Some(event.from);
            row.standing_since = Some(event.start);
        }
    }
    if let Some(report) = letters.iter().find(|l| l.kind == LetterKind::AreaSendFull) {
        let (next_full, monitoring) = months_stated(dataset, report)?;
        row.next_full_inspection_due = next_full.and_then(|months| months_after(report.start, months));
        let monitored = letters.iter().any(|l| l.kind == LetterKind::AreaSendMonitoring && l.start > report.start);
        if !monitored {
            row.monitoring_due = monitoring.and_then(|months| months_after(report.start, months));
        }
    }
    row.overdue = [row.next_full_inspection_due, row.monitoring_due].into_iter().flatten().any(|due| due < today);
    Ok(())
}

fn latest_letter(dataset: &Dataset, letter: &ScopeLetter) -> Result<LatestLetter, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT p.published_on, p.url FROM all_letters AS l
         LEFT JOIN publications AS p ON p.publication_no = l.publication_no WHERE l.letter_no = ?1",
    )?;
    let mut rows = statement.query([letter.number])?;
    let (published_on, url) = match rows.next()? {
        Some(row) => (Columns::of(row).optional_date("published_on")?, Columns::of(row).get("url")?),
        None => (None, None),
    };
    Ok(LatestLetter {
        id: letter.id(),
        kind: letter.kind,
        inspection_start: letter.start,
        published_on,
        outcome: letter.outcome,
        url,
    })
}

/// Months to the next full inspection and to the monitoring inspection, as a report states them.
fn months_stated(dataset: &Dataset, report: &ScopeLetter) -> Result<(Option<u32>, Option<u32>), QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT next_full_inspection_months, monitoring_inspection_months FROM all_letters WHERE letter_no = ?1",
    )?;
    Ok(statement.query_row([report.number], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn months_after(start: Date, months: u32) -> Option<Date> {
    let span: Span = i64::from(months).months();
    start.checked_add(span).ok()
}

/// An inspection or revisit that decides the standing.
struct Event {
    start: Date,
    standing: Option<Standing>,
    from: &'static str,
}

/// Monitoring inspections are not among them: they leave the conclusion of the full inspection as it is.
fn events(letters: &[ScopeLetter], register: &[OfficialOutcome]) -> Vec<Event> {
    let mut events = Vec::new();
    for letter in letters {
        let standing = match letter.kind {
            LetterKind::OutcomeLetter | LetterKind::AreaSendFull | LetterKind::RevisitLetter => {
                letter.outcome.map(|outcome| match outcome {
                    Outcome::TypicallyPositive => Standing::TypicallyPositive,
                    Outcome::Inconsistent => Standing::Inconsistent,
                    Outcome::WidespreadFailings => Standing::WidespreadFailings,
                    Outcome::WsoaRequired => Standing::WsoaNotRevisited,
                    Outcome::WsoaNotRequired => Standing::NoWsoa,
                    Outcome::SufficientProgressAll => Standing::WsoaProgressAll,
                    Outcome::SufficientProgressSome | Outcome::SufficientProgressNone => Standing::WsoaProgressNotAll,
                })
            }
            LetterKind::AreaSendMonitoring | LetterKind::Other => continue,
        };
        events.push(Event { start: letter.start, standing, from: "letter" });
    }
    for entry in register {
        let standing = if entry.wsoa_required { Standing::WsoaNotRevisited } else { Standing::NoWsoa };
        events.push(Event { start: entry.inspection_start, standing: Some(standing), from: "register" });
        if let Some(start) = entry.revisit_start {
            let standing = match (entry.sufficient, entry.insufficient) {
                (_, Some(0)) => Some(Standing::WsoaProgressAll),
                (_, Some(_)) => Some(Standing::WsoaProgressNotAll),
                (_, None) => None,
            };
            events.push(Event { start, standing, from: "register" });
        }
    }
    events
}
