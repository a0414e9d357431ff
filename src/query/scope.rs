//! Which letters an answer rests on, and the statement of it that goes with the answer.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use jiff::civil::Date;
use rusqlite::params_from_iter;
use serde::Serialize;

use super::error::QueryError;
use super::filter::{Conditions, Filter};
use crate::domain::{Framework, LaType, LetterKind, Outcome, Region, Role};
use crate::store::values::{Columns, term};
use crate::store::{Dataset, StoreError};

/// What an answer rests on, so that nobody compares unlike with unlike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// Letters counted.
    pub letters: usize,
    /// Areas that these letters are about.
    pub areas: usize,
    /// Frameworks of these letters.
    pub frameworks: Vec<Framework>,
    /// Kinds of these letters.
    pub kinds: Vec<LetterKind>,
    /// First day of the earliest inspection among them.
    pub first_inspection: Option<Date>,
    /// First day of the latest inspection among them.
    pub last_inspection: Option<Date>,
    /// What was left out, and why.
    pub left_out: Vec<LeftOut>,
}

/// Something that an answer does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What, in the plural, and why, for people.
    pub what: String,
    /// How many.
    pub count: usize,
}

impl LeftOut {
    /// The statement for people, right for any number.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("Left out: {} ({}).", self.what, self.count)
    }
}

/// An area's three-digit code, small enough to stand in every letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaCode([u8; 3]);

impl LaCode {
    fn parse(text: &str) -> Result<Self, StoreError> {
        let code = text.as_bytes().try_into().ok().filter(|_| text.is_ascii()).map(Self);
        code.ok_or_else(|| StoreError::Unknown { what: "la_code", value: text.to_owned() })
    }
}

impl Deref for LaCode {
    type Target = str;

    fn deref(&self) -> &str {
        // Never empty: the code is ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for LaCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self)
    }
}

impl Borrow<str> for LaCode {
    fn borrow(&self) -> &str {
        self
    }
}

/// The same as of the text, so that a map can be asked for it.
impl Hash for LaCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        str::hash(self, state);
    }
}

/// A current letter as counting needs it; small, since every question goes through all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScopeLetter {
    pub number: i64,
    pub kind: LetterKind,
    pub framework: Option<Framework>,
    pub la_code: LaCode,
    pub region: Option<Region>,
    pub la_type: Option<LaType>,
    pub outcome: Option<Outcome>,
    pub start: Date,
}

impl ScopeLetter {
    pub(super) fn id(&self) -> String {
        self.kind.letter_id(&self.la_code, self.start)
    }
}

/// What `make` gives for a filter. Questions about all letters of all areas are asked again and again, so a snapshot keeps
/// their answers, for at most `most` filters.
pub(super) fn nationwide<T: Send + Sync + 'static>(
    dataset: &Dataset,
    filter: &Filter,
    most: usize,
    make: fn(&Dataset, &Filter) -> Result<T, QueryError>,
) -> Result<Arc<T>, QueryError> {
    match filter.nationwide() {
        Some(name) => dataset.derived_as(&name, most, || make(dataset, filter)),
        None => make(dataset, filter).map(Arc::new),
    }
}

/// All current letters of a snapshot.
struct AllLetters(Vec<ScopeLetter>);

/// The current letters that a filter means, earliest inspection first. Filters of findings are not applied.
pub(super) fn letters_in(dataset: &Dataset, filter: &Filter) -> Result<Vec<ScopeLetter>, QueryError> {
    let neighbours = neighbours(dataset, filter)?;
    let means = |letter: &ScopeLetter| means(filter, neighbours.as_deref(), letter);
    match dataset.derived(|| read(dataset, &[]).map(AllLetters))? {
        Some(all) => Ok(all.0.iter().filter(|letter| means(letter)).copied().collect()),
        None => {
            let mut letters = read(dataset, &filter.areas)?;
            letters.retain(means);
            Ok(letters)
        }
    }
}

/// Whether the filter means a letter.
fn means(filter: &Filter, neighbours: Option<&[String]>, letter: &ScopeLetter) -> bool {
    fn any_of<T: PartialEq>(wanted: &[T], value: Option<&T>) -> bool {
        wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
    }
    let among = |codes: &[String]| codes.iter().any(|code| **code == *letter.la_code);
    (filter.areas.is_empty() || among(&filter.areas))
        && any_of(&filter.regions, letter.region.as_ref())
        && any_of(&filter.la_types, letter.la_type.as_ref())
        && neighbours.is_none_or(among)
        && any_of(&filter.frameworks, letter.framework.as_ref())
        && any_of(&filter.outcomes, letter.outcome.as_ref())
        && filter.includes(letter.kind)
        && filter.since.is_none_or(|since| letter.start >= since)
        && filter.until.is_none_or(|until| letter.start <= until)
}

/// The codes of the neighbours that the filter asks for.
pub(super) fn neighbours(dataset: &Dataset, filter: &Filter) -> Result<Option<Vec<String>>, QueryError> {
    let Some(area) = &filter.neighbours_of else { return Ok(None) };
    let mut statement = dataset.connection().prepare_cached("SELECT neighbour FROM neighbours WHERE la_code = ?1")?;
    let codes = statement.query_map([area], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Some(codes))
}

/// All current letters, or those about some areas.
fn read(dataset: &Dataset, la_codes: &[String]) -> Result<Vec<ScopeLetter>, QueryError> {
    let areas = regions_and_types(dataset)?;
    let mut conditions = Conditions::default();
    conditions.push("l.current = 1", []);
    conditions.any_of("l.la_code", la_codes.iter().cloned());
    let sql = format!(
        "SELECT l.letter_no, l.kind, l.framework, l.la_code, l.outcome, l.inspection_start
         FROM all_letters AS l WHERE {}",
        conditions.sql()
    );
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    let mut letters = Vec::new();
    // By place and without copies: this runs for every letter of the dataset, in every question.
    while let Some(row) = rows.next()? {
        let text = |place: usize| -> Result<&str, StoreError> {
            Ok(row.get_ref(place)?.as_str().map_err(rusqlite::Error::from)?)
        };
        let optional = |place: usize| -> Result<Option<&str>, StoreError> {
            Ok(row.get_ref(place)?.as_str_or_null().map_err(rusqlite::Error::from)?)
        };
        let (la_code, start) = (text(3)?, text(5)?);
        let known = areas.get(la_code);
        letters.push(ScopeLetter {
            number: row.get(0)?,
            kind: term(text(1)?)?,
            framework: optional(2)?.map(term).transpose()?,
            la_code: LaCode::parse(la_code)?,
            region: known.map(|(region, _)| *region),
            la_type: known.map(|(_, la_type)| *la_type),
            outcome: optional(4)?.map(term).transpose()?,
            start: start
                .parse()
                .map_err(|_| StoreError::Unknown { what: "inspection_start", value: start.to_owned() })?,
        });
    }
    letters.sort_by_cached_key(|letter| (letter.start, letter.id()));
    Ok(letters)
}

/// Region and type of every area, by its code.
fn regions_and_types(dataset: &Dataset) -> Result<HashMap<String, (Region, LaType)>, QueryError> {
    let mut statement = dataset.connection().prepare_cached("SELECT la_code, region, la_type FROM areas")?;
    let mut rows = statement.query([])?;
    let mut areas = HashMap::new();
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        areas.insert(c.get("la_code")?, (c.term("region")?, c.term("la_type")?));
    }
    Ok(areas)
}

/// Kinds of letters in which findings of a role can stand at all. Counting a revisit letter among those that "did not
/// flag" a theme would be counting unlike things.
pub(super) fn kinds_with(role: Role) -> &'static [LetterKind] {
    use LetterKind::{AreaSendFull, AreaSendMonitoring, OutcomeLetter, RevisitLetter};
    match role {
        Role::SignificantWeakness | Role::Strength | Role::AreaForDevelopment => &[OutcomeLetter],
        Role::PriorityAction | Role::AreaForImprovement => &[AreaSendFull],
        Role::ProgressVerdict => &[RevisitLetter, AreaSendMonitoring],
        Role::MainFinding => &[OutcomeLetter, RevisitLetter],
        Role::Narrative => &[OutcomeLetter, RevisitLetter, AreaSendFull, AreaSendMonitoring],
    }
}

/// Parts letters into those that can hold findings of one of the roles and the rest.
pub(super) fn eligible(letters: Vec<ScopeLetter>, roles: &[Role]) -> (Vec<ScopeLetter>, Vec<ScopeLetter>) {
    letters.into_iter().partition(|letter| roles.iter().any(|role| kinds_with(*role).contains(&letter.kind)))
}

impl Scope {
    /// States what an answer over these letters rests on.
    pub(super) fn over<L: Borrow<ScopeLetter>>(letters: &[L], left_out: Vec<LeftOut>) -> Self {
        let letters: Vec<&ScopeLetter> = letters.iter().map(Borrow::borrow).collect();
        let areas: HashSet<&str> = letters.iter().map(|l| &*l.la_code).collect();
        let frameworks: BTreeSet<Framework> = letters.iter().filter_map(|l| l.framework).collect();
        let kinds: BTreeSet<LetterKind> = letters.iter().map(|l| l.kind).collect();
        Self {
            letters: letters.len(),
            areas: areas.len(),
            frameworks: frameworks.into_iter().collect(),
            kinds: kinds.into_iter().collect(),
            first_inspection: letters.iter().map(|l| l.start).min(),
            last_inspection: letters.iter().map(|l| l.start).max(),
            left_out,
        }
    }

    /// The statement in one sentence, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (Some(first), Some(last)) = (self.first_inspection, self.last_inspection) else {
            return "No letter matches.".to_owned();
        };
        let frameworks: Vec<&str> = self
            .frameworks
            .iter()
            .map(|f| match f {
                Framework::F2016 => "the framework of 2016-2022",
                Framework::F2023 => "the framework of 2023",
            })
            .collect();
        let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        format!(
            "{} about {}, inspected from {first} to {last} under {}.",
            plural(self.letters, "letter"),
            plural(self.areas, "area"),
            frameworks.join(" and ")
        )
    }
}

/// What was left out because such letters hold no findings of the roles asked for.
pub(super) fn left_out(ineligible: &[ScopeLetter], dataset: &Dataset) -> Result<Vec<LeftOut>, QueryError> {
    let mut list = Vec::new();
    for (kind, why) in [
        (LetterKind::OutcomeLetter, "outcome letters, which have no such findings"),
        (LetterKind::RevisitLetter, "revisit letters, which judge progress on earlier weaknesses"),
        (LetterKind::AreaSendFull, "full inspection reports, which have no such findings"),
        (LetterKind::AreaSendMonitoring, "monitoring reports, which judge progress on earlier priority actions"),
    ] {
        let count = ineligible.iter().filter(|l| l.kind == kind).count();
        if count > 0 {
            list.push(LeftOut { what: why.to_owned(), count });
        }
    }
    let failed: usize = dataset
        .connection()
        .prepare_cached("SELECT count(*) FROM publications WHERE status = 'failed'")?
        .query_row([], |row| row.get::<_, i64>(0))
        .map(|n| usize::try_from(n).unwrap_or(0))?;
    if failed > 0 {
        list.push(LeftOut { what: "documents that could not be fetched or read".to_owned(), count: failed });
    }
    Ok(list)
}
