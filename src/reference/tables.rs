//! The three tables as files: reading them, and everything that is checked about them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;

use super::file::{ReferenceError, Row, TableSource, Text, rows, source_of};
use super::names::normalise;
use crate::domain::{LocalArea, Neighbour, OfficialOutcome};

const AREAS: &str = "areas.csv";
const NEIGHBOURS: &str = "neighbours.csv";
const REGISTER: &str = "register.csv";

/// The columns of closeness, nearest first; the Department's words with underscores.
const CLOSENESS: [&str; 5] = ["extremely_close", "very_close", "close", "somewhat_close", "not_close"];
const AREA_COLUMNS: [&str; 12] = [
    "la_code",
    "ons_code",
    "urn",
    "name",
    "also_known_as",
    "region",
    "la_type",
    "population_0_25",
    "previous_ons_codes",
    "created_on",
    "abolished_on",
    "successors",
];
const REGISTER_COLUMNS: [&str; 9] = [
    "la_code",
    "inspection_start",
    "published_on",
    "wsoa_required",
    "significant_weaknesses",
    "revisit_start",
    "revisit_published_on",
    "sufficient",
    "insufficient",
];

/// The three tables, unread.
pub(super) struct Texts {
    areas: Text,
    neighbours: Text,
    register: Text,
}

/// The three tables, read and checked.
pub(super) struct Tables {
    pub(super) areas: Vec<LocalArea>,
    pub(super) neighbours: BTreeMap<String, Vec<Neighbour>>,
    pub(super) register: Vec<OfficialOutcome>,
    pub(super) sources: Vec<TableSource>,
}

pub(super) fn bundled() -> Texts {
    let text = |name: &str, text: &str| Text { file: format!("corpus/reference/{name}"), text: text.to_owned() };
    Texts {
        areas: text(AREAS, include_str!("../../corpus/reference/areas.csv")),
        neighbours: text(NEIGHBOURS, include_str!("../../corpus/reference/neighbours.csv")),
        register: text(REGISTER, include_str!("../../corpus/reference/register.csv")),
    }
}

pub(super) fn read(dir: &Path) -> Result<Texts, ReferenceError> {
    let text = |name: &str| {
        let path = dir.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Text { file: path.display().to_string(), text }),
            Err(source) => Err(ReferenceError::Read { path, source }),
        }
    };
    Ok(Texts { areas: text(AREAS)?, neighbours: text(NEIGHBOURS)?, register: text(REGISTER)? })
}

pub(super) fn parse(texts: &Texts) -> Result<Tables, ReferenceError> {
    let areas = parse_areas(&texts.areas)?;
    let by_code: BTreeMap<&str, &LocalArea> = areas.iter().map(|area| (area.la_code.as_str(), area)).collect();
    let neighbours = parse_neighbours(&texts.neighbours, &by_code)?;
    let register = parse_register(&texts.register, &by_code)?;
    let sources = [(AREAS, &texts.areas), (NEIGHBOURS, &texts.neighbours), (REGISTER, &texts.register)]
        .into_iter()
        .map(|(table, text)| source_of(table, text))
        .collect::<Result<_, _>>()?;
    Ok(Tables { areas, neighbours, register, sources })
}

fn parse_areas(text: &Text) -> Result<Vec<LocalArea>, ReferenceError> {
    let rows = rows(text, &AREA_COLUMNS)?;
    let mut areas = Vec::with_capacity(rows.len());
    let mut codes = BTreeSet::new();
    for row in &rows {
        let area = parse_area(row)?;
        for code in [&area.la_code, &area.ons_code].into_iter().chain(&area.previous_ons_codes).chain(&area.urn) {
            if !codes.insert(code.clone()) {
                return Err(row.wrong(format!("the code {code} is used twice")));
            }
        }
        areas.push(area);
    }
    if areas.is_empty() {
        return Err(ReferenceError::Line {
            file: text.file.clone(),
            line: 1,
            problem: "the table has no areas".into(),
        });
    }
    let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, (area, row)) in areas.iter().zip(&rows).enumerate() {
        for code in &area.successors {
            let Some(successor) = areas.iter().find(|a| a.la_code == *code) else {
                return Err(row.wrong(format!("the successor {code} is not in the table")));
            };
            if successor.created_on.is_none_or(|created| Some(created) != area.abolished_on) {
                return Err(row.wrong(format!("its successor {code} must be created on the day it was abolished")));
            }
        }
        for name in std::iter::once(&area.name).chain(&area.also_known_as) {
            let holders = named.entry(normalise(name)).or_default();
            if let Some(&other) = holders.iter().find(|&&other| other != index && together(&areas[other], area)) {
                return Err(row.wrong(format!("\"{name}\" is also a name of {}", areas[other].la_code)));
            }
            holders.push(index);
        }
    }
    areas.sort_by(|a, b| a.la_code.cmp(&b.la_code));
    Ok(areas)
}

/// Whether two areas ever existed on the same day.
fn together(a: &LocalArea, b: &LocalArea) -> bool {
    let before =
        |x: &LocalArea, y: &LocalArea| x.abolished_on.zip(y.created_on).is_some_and(|(end, start)| end <= start);
    !before(a, b) && !before(b, a)
}

fn parse_area(row: &Row<'_>) -> Result<LocalArea, ReferenceError> {
    let area = LocalArea {
        la_code: row.needed("la_code")?.to_owned(),
        ons_code: row.needed("ons_code")?.to_owned(),
        urn: row.optional("urn")?,
        name: row.needed("name")?.to_owned(),
        also_known_as: row
            .get("also_known_as")
            .split(';')
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map(str::to_owned)
            .collect(),
        region: row.parsed("region")?,
        la_type: row.parsed("la_type")?,
        population_0_25: row.optional("population_0_25")?,
        previous_ons_codes: row.words("previous_ons_codes"),
        abolished_on: row.optional("abolished_on")?,
        created_on: row.optional("created_on")?,
        successors: row.words("successors"),
    };
    let digits = |code: &str| code.bytes().all(|b| b.is_ascii_digit());
    if area.la_code.len() != 3 || !digits(&area.la_code) {
        return Err(row.wrong(format!("la_code \"{}\" must be three digits", area.la_code)));
    }
    for code in std::iter::once(&area.ons_code).chain(&area.previous_ons_codes) {
        if code.len() != 9 || !code.starts_with('E') || !digits(&code[1..]) {
            return Err(row.wrong(format!("\"{code}\" is not a code like E06000001")));
        }
    }
    if area.urn.as_deref().is_some_and(|urn| urn.len() < 4 || !digits(urn)) {
        return Err(row.wrong("urn must be a number of at least four digits"));
    }
    if area.abolished_on.is_some() == area.successors.is_empty() {
        return Err(row.wrong("an abolished area has both abolished_on and successors, a current one neither"));
    }
    Ok(area)
}

fn parse_neighbours(
    text: &Text,
    areas: &BTreeMap<&str, &LocalArea>,
) -> Result<BTreeMap<String, Vec<Neighbour>>, ReferenceError> {
    let columns: Vec<&str> = std::iter::once("la_code").chain(CLOSENESS).collect();
    let mut all = BTreeMap::new();
    for row in rows(text, &columns)? {
        let la_code = row.needed("la_code")?.to_owned();
        let known = |code: &str| areas.get(code).is_some_and(|area| area.abolished_on.is_none());
        if !known(&la_code) {
            return Err(row.wrong(format!("{la_code} is not a current area")));
        }
        let mut neighbours: Vec<Neighbour> = Vec::new();
        for column in CLOSENESS {
            for neighbour in row.words(column) {
                if !known(&neighbour) || neighbour == la_code {
                    return Err(row.wrong(format!("{column} names {neighbour}, which is not another current area")));
                }
                if neighbours.iter().any(|n| n.neighbour == neighbour) {
                    return Err(row.wrong(format!("{neighbour} is named twice")));
                }
                let rank = u8::try_from(neighbours.len() + 1).map_err(|_| row.wrong("too many neighbours"))?;
                let closeness = column.replace('_', " ");
                neighbours.push(Neighbour { la_code: la_code.clone(), rank, neighbour, closeness });
            }
        }
        if all.insert(la_code.clone(), neighbours).is_some() {
            return Err(row.wrong(format!("{la_code} has two rows")));
        }
    }
    Ok(all)
}

fn parse_register(text: &Text, areas: &BTreeMap<&str, &LocalArea>) -> Result<Vec<OfficialOutcome>, ReferenceError> {
    let mut register: Vec<OfficialOutcome> = Vec::new();
    for row in rows(text, &REGISTER_COLUMNS)? {
        let entry = OfficialOutcome {
            la_code: row.needed("la_code")?.to_owned(),
            inspection_start: row.parsed("inspection_start")?,
            published_on: row.optional("published_on")?,
            wsoa_required: match row.get("wsoa_required") {
                "yes" => true,
                "no" => false,
                other => return Err(row.wrong(format!("wsoa_required must be yes or no, not \"{other}\""))),
            },
            significant_weaknesses: row.optional("significant_weaknesses")?,
            revisit_start: row.optional("revisit_start")?,
            revisit_published_on: row.optional("revisit_published_on")?,
            sufficient: row.optional("sufficient")?,
            insufficient: row.optional("insufficient")?,
        };
        check_register(&row, &entry, areas)?;
        if register.iter().any(|e| e.la_code == entry.la_code && e.inspection_start == entry.inspection_start) {
            return Err(row.wrong("the same inspection stands in the table twice"));
        }
        register.push(entry);
    }
    register.sort_by(|a, b| (&a.la_code, a.inspection_start).cmp(&(&b.la_code, b.inspection_start)));
    Ok(register)
}

fn check_register(
    row: &Row<'_>,
    entry: &OfficialOutcome,
    areas: &BTreeMap<&str, &LocalArea>,
) -> Result<(), ReferenceError> {
    let Some(area) = areas.get(entry.la_code.as_str()) else {
        return Err(row.wrong(format!("{} is not in areas.csv", entry.la_code)));
    };
    if !super::exists_on(area, entry.inspection_start) {
        return Err(row.wrong(format!("{} did not exist on {}", area.name, entry.inspection_start)));
    }
    let mut last: Option<Date> = None;
    for day in [Some(entry.inspection_start), entry.published_on, entry.revisit_start, entry.revisit_published_on] {
        if day.zip(last).is_some_and(|(day, last)| day < last) {
            return Err(row.wrong("the dates are not in order"));
        }
        last = day.or(last);
    }
    if entry.wsoa_required != entry.significant_weaknesses.is_some_and(|n| n > 0) {
        return Err(row.wrong("there are significant weaknesses if, and only if, a written statement was required"));
    }
    let judged = entry.sufficient.zip(entry.insufficient).map(|(met, unmet)| met + unmet);
    if entry.revisit_start.is_some() != judged.is_some() {
        return Err(row.wrong("a revisit has both numbers of weaknesses, and only a revisit has them"));
    }
    if judged.is_some() && judged != entry.significant_weaknesses {
        return Err(row.wrong("sufficient and insufficient must add up to significant_weaknesses"));
    }
    Ok(())
}
