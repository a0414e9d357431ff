//! The history of an area across frameworks: what was found, what became of it, and what came back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use super::areas::{AreaRow, areas, official_register};
use super::error::QueryError;
use super::filter::Filter;
use super::findings::{FindingRow, findings};
use super::letters::{LetterRow, letters};
use super::peers::area_name;
use super::scope::letters_in;
use super::themes::labels;
use crate::domain::{Framework, JoinedBy, LetterKind, Role, Verdict};
use crate::store::Dataset;
use crate::store::values::Columns;

/// What a revisit or monitoring inspection said of an earlier weakness or priority action.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FollowUp {
    /// The later letter.
    pub letter_id: String,
    /// First day of the later inspection.
    pub inspection_start: Date,
    /// Whether progress was sufficient.
    pub verdict: Option<Verdict>,
    /// The finding that says so.
    pub finding_id: String,
    /// Its quote.
    pub text: String,
    /// Its page.
    pub page: u32,
    /// How alike the two wordings are, from 0 to 1.
    pub similarity: f64,
    /// What joined the two.
    pub joined_by: JoinedBy,
}

/// A formal item, or a verdict on an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// The finding.
    #[serde(flatten)]
    pub finding: FindingRow,
    /// What later inspections said of it.
    pub followed_up: Vec<FollowUp>,
}

/// One inspection or revisit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// Its letter.
    pub letter: LetterRow,
    /// Its formal items and verdicts, in order.
    pub items: Vec<Item>,
    /// Themes that its formal items flag.
    pub flagged: Vec<String>,
}

/// An inspection that the official register has and the dataset does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Area: three-digit code.
    pub la_code: String,
    /// Area: name.
    pub area: String,
    /// First day.
    pub inspection_start: Date,
    /// `inspection` or `revisit`.
    pub what: &'static str,
    /// Whether a written statement was required, for an inspection.
    pub wsoa_required: Option<bool>,
}

/// A theme for which an area was flagged again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recurrence {
    /// Theme id.
    pub theme: String,
    /// Its name.
    pub label: String,
    /// The inspections that flagged it, in order; two or more.
    pub flagged_at: Vec<FlaggedAt>,
}

/// An inspection that flagged a theme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlaggedAt {
    /// Its letter.
    pub letter_id: String,
    /// Its first day.
    pub inspection_start: Date,
    /// Its framework.
    pub framework: Option<Framework>,
    /// The findings that flag it.
    pub findings: Vec<String>,
}

/// The history of one area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    /// The area and its standing; nothing for an abolished area.
    pub standing: Option<AreaRow>,
    /// Three-digit code.
    pub la_code: String,
    /// Name.
    pub area: String,
    /// Areas that it took over from: their letters are under their own names.
    pub predecessors: Vec<(String, String)>,
    /// Areas that took over from it.
    pub successors: Vec<(String, String)>,
    /// Inspections and revisits, earliest first.
    pub inspections: Vec<Inspection>,
    /// Inspections of the official register whose letters are not in the dataset.
    pub not_held: Vec<Gap>,
    /// Themes flagged at one inspection and again at a later one, most often first.
    pub recurrences: Vec<Recurrence>,
}

/// A snapshot keeps the histories of this many areas, because every page about an area needs one.
const CACHED_HISTORIES: usize = 200;

/// The history of an area; filters of letters apply, filters of areas do not.
///
/// # Errors
/// The dataset could not be read, or it knows no such area.
pub fn history(dataset: &Dataset, la_code: &str, filter: &Filter, today: Date) -> Result<Arc<History>, QueryError> {
    let read = || read(dataset, la_code, filter, today);
    if *filter == Filter::default() {
        dataset.derived_as(&format!("{la_code} {today}"), CACHED_HISTORIES, read)
    } else {
        read().map(Arc::new)
    }
}

fn read(dataset: &Dataset, la_code: &str, filter: &Filter, today: Date) -> Result<History, QueryError> {
    let area = area_name(dataset, la_code)?;
    let own = Filter { areas: vec![la_code.to_owned()], ..Filter::default() };
    let in_scope = Filter { areas: vec![la_code.to_owned()], ..filter.of_all_areas().unpaged() };
    let mut letters = letters(dataset, &in_scope)?;
    letters.reverse();
    letters.sort_by_key(|l| l.inspection_start);
    let formal = Filter { roles: formal_roles(), confident: filter.confident, ..own.clone() };
    let mut of_letter: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for finding in findings(dataset, &formal)? {
        let item = Item { followed_up: Vec::new(), finding };
        of_letter.entry(item.finding.letter_id.clone()).or_default().push(item);
    }
    let mut inspections: Vec<Inspection> = letters
        .into_iter()
        .map(|letter| {
            let items = of_letter.remove(&letter.id).unwrap_or_default();
            let flagged: BTreeSet<String> = items
                .iter()
                .filter(|item| item.finding.role.flags())
                .flat_map(|item| item.finding.themes.iter().map(|t| t.id.clone()))
                .collect();
            Inspection { letter, items, flagged: flagged.into_iter().collect() }
        })
        .collect();
    follow_up(&mut inspections);
    let names = labels(dataset)?;
    let (predecessors, successors) = relatives(dataset, la_code)?;
    Ok(History {
        standing: areas(dataset, &own, today)?.into_iter().next(),
        la_code: la_code.to_owned(),
        area,
        predecessors,
        successors,
        not_held: gaps(dataset, Some(la_code))?,
        recurrences: recurrences(&inspections, &names),
        inspections,
    })
}

fn formal_roles() -> Vec<Role> {
    use crate::domain::Term;
    Role::ALL.iter().copied().filter(|role| role.flags() || *role == Role::ProgressVerdict).collect()
}

/// Puts every verdict beside the weakness or priority action that it is on.
fn follow_up(inspections: &mut [Inspection]) {
    let verdicts: Vec<(String, FollowUp)> = inspections
        .iter()
        .flat_map(|inspection| &inspection.items)
        .filter_map(|Item { finding, .. }| {
            let later = FollowUp {
                letter_id: finding.letter_id.clone(),
                inspection_start: finding.inspection_start,
                verdict: finding.verdict,
                finding_id: finding.id.clone(),
                text: finding.text.clone(),
                page: finding.page,
                similarity: finding.similarity?,
                joined_by: finding.joined_by?,
            };
            Some((finding.judges.clone()?, later))
        })
        .collect();
    for item in inspections.iter_mut().flat_map(|inspection| &mut inspection.items) {
        let on_it = verdicts.iter().filter(|(judged, _)| *judged == item.finding.id);
        item.followed_up.extend(on_it.map(|(_, later)| later.clone()));
    }
}

fn recurrences(inspections: &[Inspection], names: &[(String, String)]) -> Vec<Recurrence> {
    let mut found = Vec::new();
    for (theme, label) in names {
        let flagged_at: Vec<FlaggedAt> = inspections
            .iter()
            .filter_map(|inspection| {
                let findings: Vec<String> = inspection
                    .items
                    .iter()
                    .filter(|i| i.finding.role.flags() && i.finding.themes.iter().any(|t| t.id == *theme))
                    .map(|i| i.finding.id.clone())
                    .collect();
                (!findings.is_empty()).then_some(FlaggedAt {
                    letter_id: inspection.letter.id.clone(),
                    inspection_start: inspection.letter.inspection_start?,
                    framework: inspection.letter.framework,
                    findings,
                })
            })
            .collect();
        if flagged_at.len() >= 2 {
            found.push(Recurrence { theme: theme.clone(), label: label.clone(), flagged_at });
        }
    }
    found.sort_by_key(|r| std::cmp::Reverse(r.flagged_at.len()));
    found
}

type Named = Vec<(String, String)>;

fn relatives(dataset: &Dataset, la_code: &str) -> Result<(Named, Named), QueryError> {
    let mut statement =
        dataset.connection().prepare_cached("SELECT la_code, area, successors FROM areas ORDER BY la_code")?;
    let mut rows = statement.query([])?;
    let (mut predecessors, mut after, mut names) = (Vec::new(), Vec::new(), BTreeMap::new());
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        let (code, name): (String, String) = (c.get("la_code")?, c.get("area")?);
        let successors: Vec<String> = c.json("successors")?;
        if successors.iter().any(|s| s == la_code) {
            predecessors.push((code.clone(), name.clone()));
        }
        if code == la_code {
            after = successors;
        }
        names.insert(code, name);
    }
    let successors =
        after.into_iter().map(|code| (code.clone(), names.get(&code).cloned().unwrap_or_default())).collect();
    Ok((predecessors, successors))
}

/// Inspections and revisits that the register has and the dataset has no letter for: of the same area and kind,
/// beginning within a fortnight, since the register and the letters differ by days. Of one area, or of all.
pub(super) fn gaps(dataset: &Dataset, la_code: Option<&str>) -> Result<Vec<Gap>, QueryError> {
    let areas: Vec<String> = la_code.map(ToOwned::to_owned).into_iter().collect();
    let mut held: BTreeMap<(String, &str), Vec<Date>> = BTreeMap::new();
    for letter in letters_in(dataset, &Filter { areas, frameworks: vec![Framework::F2016], ..Filter::default() })? {
        let what = if letter.kind == LetterKind::RevisitLetter { "revisit" } else { "inspection" };
        held.entry((letter.la_code.to_string(), what)).or_default().push(letter.start);
    }
    let has = |code: &str, what: &'static str, day: Date| {
        let near = |start: &Date| (start.duration_until(day).as_hours()).abs() <= 14 * 24;
        held.get(&(code.to_owned(), what)).is_some_and(|days| days.iter().any(near))
    };
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in official_register(dataset)?.into_iter().filter(|e| la_code.is_none_or(|code| e.la_code == code)) {
        if !names.contains_key(&entry.la_code) {
            let name = area_name(dataset, &entry.la_code).unwrap_or_else(|_| entry.la_code.clone());
            names.insert(entry.la_code.clone(), name);
        }
        let area = names.get(&entry.la_code).cloned().unwrap_or_default();
        let mut gap = |what: &'static str, start: Date, wsoa_required: Option<bool>| {
            if !has(&entry.la_code, what, start) {
                let (la_code, area) = (entry.la_code.clone(), area.clone());
                found.push(Gap { la_code, area, inspection_start: start, what, wsoa_required });
            }
        };
        gap("inspection", entry.inspection_start, Some(entry.wsoa_required));
        if let Some(start) = entry.revisit_start {
            gap("revisit", start, None);
        }
    }
    Ok(found)
}
