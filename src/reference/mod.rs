//! Which areas there are, who their statistical neighbours are, and what the official register says of 2016 to 2022.
//!
//! The tables of `corpus/reference/` are compiled into the program and can be replaced with a directory of the same
//! form. They are checked as a whole when they are read, so that everything after this module can rely on them: every
//! code that one table names exists in the other, areas that share a name never existed at the same time, and an
//! abolished area names its successors. An area is found by name, code or Ofsted number, never by guessing: what
//! cannot be resolved comes back with the nearest names.

mod file;
mod names;
mod register;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::Date;

use crate::domain::{LocalArea, Neighbour, OfficialOutcome};

pub use file::{ReferenceError, TableSource};
pub use register::{Compared, RegisteredFacts, is_difference};

/// The reference tables, checked and indexed.
#[derive(Debug, Clone)]
pub struct Reference {
    areas: Vec<LocalArea>,
    neighbours: BTreeMap<String, Vec<Neighbour>>,
    register: Vec<OfficialOutcome>,
    sources: Vec<TableSource>,
    /// Normalised names to positions in `areas`, the area that exists today first.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Three-digit codes, codes of the Office for National Statistics (previous ones too) and Ofsted numbers.
    by_code: BTreeMap<String, usize>,
}

/// An area that the tables do not have, or did not have on that day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownArea {
    /// What was asked for.
    pub given: String,
    /// Why an area of that name does not count ("Cumbria was abolished on 2023-04-01"); `None` if no area has the name.
    pub problem: Option<String>,
    /// The nearest areas, best first: code and name.
    pub suggestions: Vec<(String, String)>,
}

impl fmt::Display for UnknownArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Some(problem) => write!(f, "{problem}")?,
            None => write!(f, "no local area is called \"{}\"", self.given)?,
        }
        if self.suggestions.is_empty() {
            return write!(f, "; `sendlens areas` lists all of them");
        }
        let names: Vec<String> = self.suggestions.iter().map(|(code, name)| format!("{name} ({code})")).collect();
        write!(f, "; did you mean {}?", names.join(", "))
    }
}

#[expect(clippy::expect_used, reason = "the bundled tables are part of the program; a test reads them")]
static BUNDLED: LazyLock<Reference> =
    LazyLock::new(|| Reference::from_tables(tables::bundled()).expect("bundled tables"));

impl Reference {
    /// The tables that are compiled into the program.
    #[must_use]
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// Reads `areas.csv`, `neighbours.csv` and `register.csv` of a directory.
    ///
    /// # Errors
    /// If a table is missing, or anything in it is wrong; the message names the file and the line.
    pub fn load(dir: &Path) -> Result<Self, ReferenceError> {
        Self::from_tables(tables::read(dir)?)
    }

    /// Tables that were checked when they were first read, such as those that a dataset keeps.
    #[must_use]
    pub fn from_parts(areas: Vec<LocalArea>, neighbours: Vec<Neighbour>, register: Vec<OfficialOutcome>) -> Self {
        let mut by_area: BTreeMap<String, Vec<Neighbour>> = BTreeMap::new();
        for neighbour in neighbours {
            by_area.entry(neighbour.la_code.clone()).or_default().push(neighbour);
        }
        Self::index(tables::Tables { areas, neighbours: by_area, register, sources: Vec::new() })
    }

    fn from_tables(texts: tables::Texts) -> Result<Self, ReferenceError> {
        Ok(Self::index(tables::parse(&texts)?))
    }

    fn index(tables: tables::Tables) -> Self {
        let mut by_code = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, area) in tables.areas.iter().enumerate() {
            by_code.insert(area.la_code.clone(), index);
            by_code.insert(area.ons_code.clone(), index);
            by_code.extend(area.previous_ons_codes.iter().map(|code| (code.clone(), index)));
            by_code.extend(area.urn.iter().map(|urn| (urn.clone(), index)));
            for name in std::iter::once(&area.name).chain(&area.also_known_as) {
                let holders = by_name.entry(names::normalise(name)).or_default();
                if !holders.contains(&index) {
                    holders.push(index);
                }
            }
        }
        for holders in by_name.values_mut() {
            holders.sort_by_key(|&index| (tables.areas[index].abolished_on.is_some(), index));
        }
        Self {
            areas: tables.areas,
            neighbours: tables.neighbours,
            register: tables.register,
            sources: tables.sources,
            by_name,
            by_code,
        }
    }

    /// All areas, current and abolished, by code.
    #[must_use]
    pub fn areas(&self) -> &[LocalArea] {
        &self.areas
    }

    /// The area with this three-digit code.
    #[must_use]
    pub fn area(&self, la_code: &str) -> Option<&LocalArea> {
        self.by_code.get(la_code).map(|&index| &self.areas[index]).filter(|area| area.la_code == la_code)
    }

    /// The statistical neighbours of an area, the nearest first; empty for an abolished area.
    #[must_use]
    pub fn neighbours_of(&self, la_code: &str) -> &[Neighbour] {
        self.neighbours.get(la_code).map_or(&[], Vec::as_slice)
    }

    /// The areas that this one took over from, by code.
    #[must_use]
    pub fn predecessors_of(&self, la_code: &str) -> Vec<&LocalArea> {
        self.areas.iter().filter(|area| area.successors.iter().any(|s| s == la_code)).collect()
    }

    /// The official register of inspections and revisits, by area and date.
    #[must_use]
    pub fn register(&self) -> &[OfficialOutcome] {
        &self.register
    }

    /// Where each table comes from.
    #[must_use]
    pub fn sources(&self) -> &[TableSource] {
        &self.sources
    }

    /// Finds an area by its name in any usual spelling, three-digit code, ONS code or Ofsted number.
    ///
    /// Where an abolished area and a current one share a name, it is the current one.
    ///
    /// # Errors
    /// [`UnknownArea`] with the nearest names.
    pub fn resolve(&self, given: &str) -> Result<&LocalArea, UnknownArea> {
        self.candidates(given)
            .first()
            .map(|&index| &self.areas[index])
            .ok_or_else(|| self.unknown(given, None, self.nearest(given)))
    }

    /// Finds an area as it was on a day: "Dorset" in January 2017 is the county that was abolished in April 2019.
    ///
    /// # Errors
    /// [`UnknownArea`] if there is no such area, or if it did not exist on that day; then the areas before or after
    /// it are the suggestions.
    pub fn resolve_on(&self, given: &str, day: Date) -> Result<&LocalArea, UnknownArea> {
        let candidates = self.candidates(given);
        if let Some(&index) = candidates.iter().find(|&&index| exists_on(&self.areas[index], day)) {
            return Ok(&self.areas[index]);
        }
        let Some(area) = candidates.first().map(|&index| &self.areas[index]) else {
            return Err(self.unknown(given, None, self.nearest(given)));
        };
        let (problem, others) = match (area.abolished_on, area.created_on) {
            (Some(abolished), _) if day >= abolished => (
                format!("{} was abolished on {abolished}", area.name),
                area.successors.iter().filter_map(|code| self.area(code)).collect(),
            ),
            (_, created) => (
                format!("{} was created on {}", area.name, created.map_or_else(String::new, |d| d.to_string())),
                self.predecessors_of(&area.la_code),
            ),
        };
        Err(self.unknown(given, Some(problem), others))
    }

    /// The codes of all areas that a name or code can mean, whenever they existed; empty if there are none.
    #[must_use]
    pub fn codes_meant(&self, given: &str) -> Vec<&str> {
        self.candidates(given).iter().map(|&index| self.areas[index].la_code.as_str()).collect()
    }

    /// Positions of the areas that are meant, best first; empty if there are none.
    fn candidates(&self, given: &str) -> &[usize] {
        let code = given.trim().to_ascii_uppercase();
        if let Some(index) = self.by_code.get(&code) {
            return std::slice::from_ref(index);
        }
        names::readings(given).iter().find_map(|key| self.by_name.get(key)).map_or(&[], Vec::as_slice)
    }

    fn nearest(&self, given: &str) -> Vec<&LocalArea> {
        let wanted = names::core(given);
        let mut best: BTreeMap<usize, f64> = BTreeMap::new();
        for (key, holders) in &self.by_name {
            let score = names::name_similarity(&wanted, key);
            if score >= names::MIN_SIMILARITY {
                let entry = best.entry(holders[0]).or_insert(0.0);
                *entry = entry.max(score);
            }
        }
        let mut ranked: Vec<(usize, f64)> = best.into_iter().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.into_iter().take(5).map(|(index, _)| &self.areas[index]).collect()
    }

    fn unknown(&self, given: &str, problem: Option<String>, nearest: Vec<&LocalArea>) -> UnknownArea {
        let suggestions = nearest.into_iter().map(|area| (area.la_code.clone(), area.name.clone())).collect();
        UnknownArea { given: given.trim().to_owned(), problem, suggestions }
    }
}

/// Whether the area existed on that day, as far as the tables know.
fn exists_on(area: &LocalArea, day: Date) -> bool {
    area.created_on.is_none_or(|created| created <= day) && area.abolished_on.is_none_or(|abolished| day < abolished)
}
