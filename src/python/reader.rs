//! Reading documents and coding texts, from Python.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::{of_json, raise, with_code};
use crate::archive;
use crate::code::{Coder, Input};
use crate::codebook::Codebook;
use crate::domain::{
    JoinedBy, LetterKind, LocalArea, Neighbour, ParseTermError, Processed, Reading, Reason, Role, Section, Term,
};
use crate::extract::{self, Limits};
use crate::parse::verdicts::{self, Items};
use crate::pipeline::{DocumentRecord, Stages};
use crate::query::{FindingRow, LetterRow};
use crate::reference::Reference;

/// Reads documents with one set of reference tables and one codebook. May be used by several threads at once.
#[pyclass(module = "sendlens._native", frozen)]
pub(super) struct Reader {
    stages: Stages,
}

#[pymethods]
impl Reader {
    /// The tables and the codebook that sendlens was built with, unless a folder or file is given.
    #[new]
    #[pyo3(signature = (reference=None, codebook=None, patterns_only=false))]
    fn new(
        py: Python<'_>,
        reference: Option<PathBuf>,
        codebook: Option<PathBuf>,
        patterns_only: bool,
    ) -> PyResult<Self> {
        let reference = match reference {
            Some(dir) => Reference::load(&dir).map_err(|e| with_code(py, "reference", &e))?,
            None => Reference::bundled().clone(),
        };
        let codebook = match codebook {
            Some(file) => Codebook::load(&file).map_err(|e| with_code(py, "codebook", &e))?,
            None => Codebook::bundled(),
        };
        let coder = if patterns_only { Coder::patterns_only(codebook) } else { Coder::new(codebook) };
        Ok(Self { stages: Stages { limits: Limits::default(), reference, coder } })
    }

    /// The text of a document as JSON, as `sendlens extract` prints it.
    fn extract(&self, py: Python<'_>, data: &[u8]) -> PyResult<String> {
        let text =
            py.detach(|| extract::extract(data, &self.stages.limits)).map_err(|e| with_code(py, e.code(), &e))?;
        let answer = json!({
            "sha256": archive::sha256(data), "pages": text.pages, "method": text.method, "status": text.status,
            "blocks": text.blocks,
        });
        Ok(answer.to_string())
    }

    /// The letter and its findings as JSON, in the form of `sendlens letters` and `sendlens findings`.
    #[pyo3(signature = (data, file=None))]
    fn read_letter(&self, py: Python<'_>, data: &[u8], file: Option<&str>) -> PyResult<String> {
        let answer = py.detach(|| {
            let processed = self.stages.process(data);
            if let Reading::Failed(reason) = processed.reading {
                return Err(reason);
            }
            let letter = LetterRow::of(&processed, file, &self.stages.reference);
            let findings = FindingRow::of(&processed, &self.stages.reference);
            Ok(json!({ "letter": letter, "findings": findings }).to_string())
        });
        answer.map_err(|reason| raise(py, &reason.code, &reason.message))
    }

    /// A document as one row of the table `documents`, as JSON. A document that cannot be read is a row too.
    fn record(&self, py: Python<'_>, data: &[u8], path: &str) -> PyResult<String> {
        let answer = py.detach(|| {
            let processed = self.stages.process(data);
            let record = DocumentRecord::new(&processed, path, &self.stages.reference)?;
            serde_json::to_string(&record)
        });
        answer.map_err(|e| of_json(py, &e))
    }

    /// The row of a document whose bytes nobody read, as JSON.
    fn unread_record(&self, py: Python<'_>, path: &str, size: u64, code: &str, message: &str) -> PyResult<String> {
        let reason = Reason { code: code.to_owned(), message: message.to_owned() };
        let processed = Processed {
            sha256: String::new(),
            size,
            text: None,
            reading: Reading::Failed(reason),
            versions: self.stages.versions(),
        };
        DocumentRecord::new(&processed, path, &self.stages.reference)
            .map(|record| DocumentRecord { sha256: None, ..record })
            .and_then(|record| serde_json::to_string(&record))
            .map_err(|e| of_json(py, &e))
    }

    /// Polarity and themes of a text as JSON, as `sendlens tag` prints them.
    #[pyo3(signature = (text, previous=None, section=None, role=None))]
    fn tag(
        &self,
        py: Python<'_>,
        text: &str,
        previous: Option<&str>,
        section: Option<&str>,
        role: Option<&str>,
    ) -> PyResult<String> {
        let unknown = |error: ParseTermError| raise(py, "unknown_word", &error.to_string());
        let section = section.map(str::parse::<Section>).transpose().map_err(unknown)?;
        let role = role.map(str::parse::<Role>).transpose().map_err(unknown)?;
        let coding = py.detach(|| self.stages.coder.code(&Input { text, previous, section, role }));
        Ok(json!({ "text": text, "polarity": coding.polarity, "themes": coding.themes }).to_string())
    }

    /// What the verdicts of these letters are on, one JSON object a verdict that is linked. Takes one JSON object for each
    /// formal item and verdict, by letter and in its order.
    fn verdict_links(&self, py: Python<'_>, lines_of_items: &str) -> PyResult<String> {
        py.detach(|| {
            let letters = grouped(lines_of_items)?;
            let mut areas: BTreeMap<&str, Vec<&Items<String>>> = BTreeMap::new();
            for letter in &letters {
                areas.entry(&letter.la_code).or_default().push(letter);
            }
            lines(letters.iter().flat_map(|letter| links_of(letter, &areas, &self.stages.reference)))
        })
        .map_err(|e| of_json(py, &e))
    }

    /// The versions that are stamped on everything read, as JSON.
    fn versions(&self, py: Python<'_>) -> PyResult<String> {
        serde_json::to_string(&self.stages.versions()).map_err(|e| of_json(py, &e))
    }

    /// Size in bytes above which a document is refused.
    fn max_bytes(&self) -> u64 {
        self.stages.limits.file_bytes
    }

    /// The rows of a table that comes with the reader (`areas`, `neighbours` or `themes`), one JSON object a line.
    fn reference_rows(&self, py: Python<'_>, table: &str) -> PyResult<String> {
        let reference = &self.stages.reference;
        let rows = match table {
            "areas" => lines(reference.areas().iter().map(area_row)),
            "neighbours" => {
                let of = |area: &LocalArea| reference.neighbours_of(&area.la_code).to_vec();
                lines(reference.areas().iter().flat_map(of).collect::<Vec<Neighbour>>())
            }
            "themes" => lines(self.stages.coder.codebook().themes().iter().map(|theme| {
                json!({
                    "id": theme.id, "label": theme.label, "group": theme.group, "definition": theme.definition,
                    "subthemes": theme.subthemes,
                })
            })),
            _ => {
                let message = format!("there is no reference table \"{table}\"; use one of: areas, neighbours, themes");
                return Err(raise(py, "unknown_table", &message));
            }
        };
        rows.map_err(|e| of_json(py, &e))
    }
}

/// A formal item or a verdict, with the letter that it stands in.
#[derive(Deserialize)]
struct ItemLine {
    id: String,
    letter_id: String,
    kind: LetterKind,
    la_code: String,
    inspection_start: Date,
    role: Role,
    text: String,
}

/// The verdict with this id is on the finding `judges`.
#[derive(Serialize)]
struct LinkLine<'a> {
    id: &'a str,
    judges: &'a str,
    similarity: f64,
    joined_by: JoinedBy,
}

/// The letters that these lines come from, with those of their items that verdicts are made of or are on.
fn grouped(text: &str) -> Result<Vec<Items<String>>, serde_json::Error> {
    let mut letters: Vec<Items<String>> = Vec::new();
    for line in text.lines() {
        let ItemLine { id, letter_id, kind, la_code, inspection_start, role, text } = serde_json::from_str(line)?;
        if verdicts::role(kind) != Some(role) {
            continue;
        }
        match letters.last_mut().filter(|letter| letter.letter_id == letter_id) {
            Some(letter) => letter.items.push((id, text)),
            None => letters.push(Items { letter_id, kind, la_code, inspection_start, items: vec![(id, text)] }),
        }
    }
    Ok(letters)
}

/// The links of the verdicts of one letter.
fn links_of<'a>(
    letter: &'a Items<String>,
    areas: &BTreeMap<&str, Vec<&'a Items<String>>>,
    reference: &Reference,
) -> Vec<LinkLine<'a>> {
    let before = reference.predecessors_of(&letter.la_code).into_iter().map(|area| area.la_code.as_str());
    let held = before.chain([letter.la_code.as_str()]).filter_map(|code| areas.get(code)).flatten().copied();
    let Some(original) = verdicts::original(letter, held) else { return Vec::new() };
    let same_area = original.la_code == letter.la_code;
    let links = verdicts::links(&letter.texts(), &original.texts(), same_area);
    let linked = letter.items.iter().zip(links);
    linked
        .filter_map(|((id, _), link)| {
            let link = link?;
            let (judges, _) = &original.items[link.original];
            Some(LinkLine { id, judges, similarity: link.similarity, joined_by: link.by })
        })
        .collect()
}

fn area_row(area: &LocalArea) -> serde_json::Value {
    json!({
        "la_code": area.la_code, "ons_code": area.ons_code, "urn": area.urn, "name": area.name,
        "also_known_as": area.also_known_as, "region": area.region.as_str(), "la_type": area.la_type.as_str(),
        "population_0_25": area.population_0_25, "previous_ons_codes": area.previous_ons_codes,
        "abolished_on": area.abolished_on, "created_on": area.created_on, "successors": area.successors,
    })
}

/// One JSON object a line.
pub(super) fn lines<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for row in rows {
        text.push_str(&serde_json::to_string(&row)?);
        text.push('\n');
    }
    Ok(text)
}
