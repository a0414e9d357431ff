//! Questions to a data directory, from Python.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Zoned;
use jiff::civil::Date;
use pyo3::prelude::*;

use super::error::{of_json, of_query, of_store, raise};
use super::reader::lines;
use crate::domain::{LetterKind, Term};
use crate::query::{self, Basis, By, Filter, Kinds, PeerOrder, QueryError};
use crate::reference::Reference;
use crate::store;

/// Filters as Python gives them: names with one or several values each.
type Filters = BTreeMap<String, Vec<String>>;

/// A data directory, opened for questions only. Threads may share it; one question is answered at a time.
#[pyclass(module = "sendlens._native", frozen)]
pub(super) struct Dataset {
    inner: Mutex<store::Dataset>,
    reference: Reference,
}

#[pymethods]
impl Dataset {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let (inner, reference) = py.detach(|| open(&path)).map_err(|e| of_store(py, &e))?;
        Ok(Self { inner: Mutex::new(inner), reference })
    }

    /// Letters, one JSON object a line.
    fn letters(&self, py: Python<'_>, filters: Filters) -> PyResult<String> {
        self.ask(py, &filters, |dataset, filter| Ok(lines(query::letters(dataset, filter)?)))
    }

    /// Findings, one JSON object a line.
    fn findings(&self, py: Python<'_>, filters: Filters) -> PyResult<String> {
        self.ask(py, &filters, |dataset, filter| {
            let mut text = String::new();
            let mut problem = None;
            query::each_finding(dataset, filter, |finding| {
                match serde_json::to_string(&finding) {
                    Ok(line) => {
                        text.push_str(&line);
                        text.push('\n');
                    }
                    Err(error) => problem = Some(error),
                }
                Ok::<_, QueryError>(())
            })?;
            Ok(problem.map_or(Ok(text), Err))
        })
    }

    /// Areas with their standing, one JSON object a line.
    fn areas(&self, py: Python<'_>, filters: Filters) -> PyResult<String> {
        let today = Zoned::now().date();
        self.ask(py, &filters, |dataset, filter| Ok(lines(query::areas(dataset, filter, today)?)))
    }

    /// Frequencies of themes as one JSON object.
    #[pyo3(signature = (filters, by=None, standardise=None))]
    fn themes(
        &self,
        py: Python<'_>,
        filters: Filters,
        by: Option<&str>,
        standardise: Option<&str>,
    ) -> PyResult<String> {
        let group = |given: Option<&str>| {
            given.map(str::parse::<By>).transpose().map_err(|message| raise(py, "unknown_word", &message))
        };
        let (by, standardise) = (group(by)?, group(standardise)?);
        if standardise.is_some() && by.is_none() {
            return Err(raise(py, "invalid_filter", "standardise needs by: it gives every group the same mix"));
        }
        self.ask(py, &filters, |dataset, filter| {
            Ok(serde_json::to_string(&query::themes_to_one_mix(dataset, filter, by, standardise)?))
        })
    }

    /// What peers of an area were flagged for, as one JSON object. The basis is a word, or a list of areas.
    #[pyo3(signature = (area, basis, filters, sort="most-unusual"))]
    fn peers(&self, py: Python<'_>, area: &str, basis: Vec<String>, filters: Filters, sort: &str) -> PyResult<String> {
        let order: PeerOrder = sort.parse().map_err(|message: String| raise(py, "unknown_word", &message))?;
        let code = self.code(py, area)?;
        let basis = match basis.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["neighbours"] => Basis::Neighbours,
            ["region"] => Basis::Region,
            ["type"] => Basis::Type,
            ["all"] => Basis::All,
            areas => Basis::List(areas.iter().map(|a| self.code(py, a)).collect::<PyResult<_>>()?),
        };
        self.ask(py, &filters, |dataset, filter| {
            Ok(serde_json::to_string(&query::peers_in_order(dataset, &code, &basis, filter, order)?))
        })
    }
}

fn open(path: &Path) -> Result<(store::Dataset, Reference), store::StoreError> {
    let dataset = store::Dataset::open_read_only(path)?;
    let reference = dataset.reference()?;
    Ok((dataset, reference))
}

impl Dataset {
    fn code(&self, py: Python<'_>, area: &str) -> PyResult<String> {
        let found = self.reference.resolve(area).map_err(|e| raise(py, "unknown_area", &e.to_string()))?;
        Ok(found.la_code.clone())
    }

    /// Answers without the interpreter's lock.
    fn ask(
        &self,
        py: Python<'_>,
        filters: &Filters,
        question: impl FnOnce(&store::Dataset, &Filter) -> Result<serde_json::Result<String>, QueryError> + Send,
    ) -> PyResult<String> {
        let filter = self.filter(py, filters)?;
        py.detach(|| {
            // A question changes nothing, so a panic in an earlier one left nothing half done.
            let dataset = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            question(&dataset, &filter)
        })
        .map_err(|e| of_query(py, &e))?
        .map_err(|e| of_json(py, &e))
    }

    fn filter(&self, py: Python<'_>, given: &Filters) -> PyResult<Filter> {
        let mut filter = Filter::default();
        for (name, values) in given {
            match name.as_str() {
                "area" => filter.areas = values.iter().map(|v| self.code(py, v)).collect::<PyResult<_>>()?,
                "region" => filter.regions = terms(py, values)?,
                "la_type" => filter.la_types = terms(py, values)?,
                "neighbours_of" => filter.neighbours_of = Some(self.code(py, one(py, name, values)?)?),
                "kind" => filter.kinds = kinds(py, values)?,
                "framework" => filter.frameworks = terms(py, values)?,
                "outcome" => filter.outcomes = terms(py, values)?,
                "since" => filter.since = Some(day(py, one(py, name, values)?)?),
                "until" => filter.until = Some(day(py, one(py, name, values)?)?),
                "role" => filter.roles = terms(py, values)?,
                "polarity" => filter.polarities = terms(py, values)?,
                "theme" => filter.themes.clone_from(values),
                "confident" => {
                    let text = one(py, name, values)?.to_lowercase();
                    let message = "confident must be True or False";
                    filter.confident = text.parse().map_err(|_| raise(py, "invalid_filter", message))?;
                }
                "limit" => {
                    let text = one(py, name, values)?;
                    let message = format!("limit must be a whole number, not \"{text}\"");
                    filter.limit = Some(text.parse().map_err(|_| raise(py, "invalid_filter", &message))?);
                }
                _ => return Err(raise(py, "unknown_filter", &format!("there is no filter \"{name}\""))),
            }
        }
        Ok(filter)
    }
}

fn terms<T: Term>(py: Python<'_>, values: &[String]) -> PyResult<Vec<T>> {
    values.iter().map(|v| v.parse::<T>().map_err(|e| raise(py, "unknown_word", &e.to_string()))).collect()
}

fn kinds(py: Python<'_>, values: &[String]) -> PyResult<Kinds> {
    if values.iter().any(|v| v == "all") {
        return Ok(Kinds::All);
    }
    terms::<LetterKind>(py, values).map(Kinds::Only)
}

fn one<'v>(py: Python<'_>, name: &str, values: &'v [String]) -> PyResult<&'v str> {
    match values {
        [value] => Ok(value),
        _ => Err(raise(py, "invalid_filter", &format!("the filter {name} takes one value"))),
    }
}

fn day(py: Python<'_>, text: &str) -> PyResult<Date> {
    let message = format!("\"{text}\" is not a date; write it as 2024-03-18");
    text.parse().map_err(|_| raise(py, "invalid_filter", &message))
}
