//! Real area SEND reports are read as people read them: every field, every formal item, both bullet counts, and the
//! wording of every sentence. Skipped, with a message, where the reports are not beside the checkout.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sendlens::domain::{DocumentText, Letter, Method, Role};
use sendlens::extract::{Limits, extract};
use sendlens::parse::{Parsed, parse, quote};
use sendlens::reference::Reference;
use support::untagged::without_structure;

/// The folder of labelled reports, or `None` where there is none.
fn shared(what: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !path.join("gold/reports.csv").exists() {
        println!("skipped: no labelled reports beside the checkout, so {what} was not compared");
        return None;
    }
    Some(path)
}

fn read_all(shared: &Path) -> BTreeMap<String, (DocumentText, Result<Letter, String>)> {
    let mut read = BTreeMap::new();
    for entry in std::fs::read_dir(shared.join("letters/area-send-2023")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = extract(&std::fs::read(&path).unwrap(), &Limits::default()).unwrap();
        let letter = match parse(&text, Reference::bundled()) {
            Ok(Parsed::Letter(letter)) => Ok(*letter),
            Ok(Parsed::SetAside(aside)) => Err(format!("set aside as {}", aside.what)),
            Err(error) => Err(error.to_string()),
        };
        read.insert(name, (text, letter));
    }
    read
}

fn months(text: &str) -> Option<u32> {
    let (number, unit) = text.split_once(' ')?;
    let number: u32 = number.parse().unwrap();
    Some(if unit.starts_with("year") { number * 12 } else { number })
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

/// Notes each difference in one line.
struct Differences(String);

impl Differences {
    fn check(
        &mut self,
        file: &str,
        field: &str,
        expected: impl PartialEq + std::fmt::Debug,
        got: impl std::fmt::Debug,
    ) {
        let (expected, got) = (format!("{expected:?}"), format!("{got:?}"));
        if expected != got {
            writeln!(self.0, "{file}: {field}: expected {expected}, read {got}").unwrap();
        }
    }
}

#[test]
fn every_field_of_every_report_is_read() {
    let Some(shared) = shared("the reports' fields") else { return };
    let read = read_all(&shared);
    let mut differences = Differences(String::new());
    let mut rows = csv::Reader::from_path(shared.join("gold/reports.csv")).unwrap();
    let headers = rows.headers().unwrap().clone();
    let mut compared = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let gold = |name: &str| row[headers.iter().position(|h| h == name).unwrap()].to_owned();
        let file = gold("file");
        let (text, letter) = &read[&file];
        let letter = match letter {
            Ok(letter) => letter,
            Err(problem) => {
                writeln!(differences.0, "{file}: {problem}").unwrap();
                continue;
            }
        };
        compared += 1;
        let d = &mut differences;
        let area = Reference::bundled().area(&letter.la_code).unwrap();
        let expected_area = Reference::bundled().resolve(&gold("area")).unwrap();
        d.check(&file, "area", &expected_area.la_code, &area.la_code);
        d.check(&file, "inspection_start", gold("inspection_start"), letter.inspection.start.to_string());
        d.check(&file, "inspection_end", gold("inspection_end"), or_empty(letter.inspection.end));
        let previous = &letter.previous_inspection;
        d.check(&file, "previous_inspection_start", gold("previous_inspection_start"), or_empty(previous.start));
        d.check(&file, "previous_inspection_end", gold("previous_inspection_end"), or_empty(previous.end));
        let status = if gold("previous_inspection_start").is_empty() { "none_stated" } else { "found" };
        d.check(&file, "previous status", status, previous.status.to_string());
        d.check(&file, "outcome", gold("outcome"), or_empty(letter.outcome));
        d.check(&file, "next_full", months(&gold("next_full_inspection")), letter.next_full_inspection_months);
        d.check(&file, "monitoring", months(&gold("monitoring_inspection")), letter.monitoring_inspection_months);
        let plan = Some(gold("priority_action_plan_required") == "yes");
        d.check(&file, "priority_action_plan_required", plan, letter.priority_action_plan_required);
        d.check(&file, "local_authorities", vec![gold("local_authority")], &letter.local_authorities);
        d.check(&file, "health_bodies", vec![gold("icb")], &letter.health_bodies);
        d.check(&file, "n_priority", gold("n_priority"), letter.counts.priority_action.to_string());
        d.check(&file, "n_improvement", gold("n_improvement"), letter.counts.area_for_improvement.to_string());
        d.check(&file, "n_pages", gold("n_pages"), text.pages.to_string());
        d.check(&file, "suspicious", 0, letter.suspicious.len());
    }
    assert!(differences.0.is_empty(), "{}", differences.0);
    assert_eq!(compared, 35);
}

#[test]
fn every_formal_item_is_whole_and_every_bullet_counted() {
    let Some(shared) = shared("formal items") else { return };
    let read = read_all(&shared);
    let gold: serde_json::Value =
        serde_json::from_slice(&std::fs::read(shared.join("gold/recommendations.json")).unwrap()).unwrap();
    let mut differences = Differences(String::new());
    let gold = gold.as_object().unwrap();
    for (file, expected) in gold {
        let Ok(letter) = &read[file].1 else {
            writeln!(differences.0, "{file}: not read").unwrap();
            continue;
        };
        let d = &mut differences;
        let number = |name: &str| u32::try_from(expected[name].as_u64().unwrap()).unwrap();
        d.check(file, "effective_bullets", number("effective_bullets"), letter.counts.effective_bullets);
        d.check(
            file,
            "needs_to_improve_bullets",
            number("needs_to_improve_bullets"),
            letter.counts.needs_to_improve_bullets,
        );
        let items: Vec<String> = letter
            .passages
            .iter()
            .filter(|p| matches!(p.role, Role::PriorityAction | Role::AreaForImprovement))
            .map(|p| {
                let first: Vec<&str> = p.text.split_whitespace().take(8).collect();
                // The labels have only the bodies in a column of the table. Other bodies are named in the words of the item.
                let column = p.responsible.clone().filter(|_| p.role == Role::PriorityAction);
                let named = p.responsible.clone().unwrap_or_default();
                assert!(column.is_some() || quote::normalise(&p.text).contains(&named), "{file}: {named}");
                let responsible = column.unwrap_or_default();
                format!("{} {} | {} | {} | {responsible}", p.role, p.ordinal, first.join(" "), p.sub_items)
            })
            .collect();
        let expected: Vec<String> = expected["recommendations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| {
                let s = |name: &str| r[name].as_str().unwrap().to_owned();
                format!(
                    "{} {} | {} | {} | {}",
                    s("kind"),
                    r["ordinal"],
                    s("first_words"),
                    r["sub_bullets"],
                    s("responsible")
                )
            })
            .collect();
        for at in 0..items.len().max(expected.len()) {
            d.check(file, "item", expected.get(at), items.get(at));
        }
    }
    assert!(differences.0.is_empty(), "{}", differences.0);
    assert_eq!(gold.len(), 35);
}

#[test]
fn formal_items_are_the_same_without_the_structure_of_the_document() {
    let Some(shared) = shared("reports without structure") else { return };
    let formal = |letter: &Letter| -> Vec<String> {
        let items = letter.passages.iter().filter(|p| p.role.flags());
        let described = items.map(|p| format!("{} {:?} {} {}", p.role, p.responsible, p.sub_items, p.text));
        described.chain([format!("{:?} {:?}", letter.local_authorities, letter.health_bodies)]).collect()
    };
    let mut differences = Differences(String::new());
    for (file, (_, letter)) in read_all(&shared) {
        let bytes = std::fs::read(shared.join("letters/area-send-2023").join(&file)).unwrap();
        let text = extract(&without_structure(&bytes), &Limits::default()).unwrap();
        assert_eq!(text.method, Method::Layout, "{file}");
        let again = match parse(&text, Reference::bundled()) {
            Ok(Parsed::Letter(letter)) => formal(&letter),
            other => vec![format!("{other:?}")],
        };
        let expected = formal(&letter.unwrap());
        for at in 0..expected.len().max(again.len()) {
            differences.check(&file, "without structure", expected.get(at), again.get(at));
        }
    }
    assert!(differences.0.is_empty(), "{}", differences.0);
}

#[test]
fn every_passage_is_found_again_in_the_extracted_text() {
    let Some(shared) = shared("quotes") else { return };
    let mut lost = String::new();
    for (file, (text, letter)) in read_all(&shared) {
        let Ok(letter) = letter else { continue };
        let searchable = quote::Searchable::new(&text);
        for passage in &letter.passages {
            if !searchable.contains(&passage.text) || passage.page == 0 || passage.page > text.pages {
                writeln!(lost, "{file}: page {}: {}", passage.page, passage.text).unwrap();
            }
        }
        for fact in &letter.facts {
            if !searchable.contains(&fact.evidence.quote) {
                writeln!(lost, "{file}: {}: {}", fact.field, fact.evidence.quote).unwrap();
            }
        }
    }
    assert!(lost.is_empty(), "{lost}");
}

/// Wording without hyphens and the spaces after them: the labelled sentences keep the hyphens of line ends.
fn wording(text: &str) -> String {
    quote::normalise(text).replace("- ", "-").replace('-', "")
}

/// At least this share of the labelled sentences must be read word for word, in their section.
const SENTENCE_FLOOR: f64 = 0.995;

#[test]
fn sentences_are_divided_as_readers_divide_them() {
    let Some(shared) = shared("sentences") else { return };
    let read = read_all(&shared);
    let mut sentences: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
    for (file, (_, letter)) in &read {
        let Ok(letter) = letter else { continue };
        let of_letter = letter.passages.iter().map(|p| (p.section.to_string(), wording(&p.text)));
        sentences.insert(file, of_letter.collect());
    }
    let gold = std::fs::read_to_string(shared.join("gold/sentences.jsonl")).unwrap();
    let (mut found, mut all, mut missing) = (0, 0, String::new());
    for line in gold.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let s = |name: &str| row[name].as_str().unwrap().to_owned();
        let sentence = (s("section"), wording(&s("text")));
        all += 1;
        if sentences.get(s("file").as_str()).is_some_and(|read| read.contains(&sentence)) {
            found += 1;
        } else {
            writeln!(missing, "{} {}: {}", s("file"), sentence.0, sentence.1).unwrap();
        }
    }
    let share = f64::from(found) / f64::from(all);
    println!("{found} of {all} sentences ({:.2}%)\n{missing}", share * 100.0);
    assert!(share >= SENTENCE_FLOOR, "only {:.2}% of sentences\n{missing}", share * 100.0);
}
