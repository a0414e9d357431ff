//! The search index of the published site: small files that the reader's browser fetches as it needs them.
//!
//! `search/index.json` names the first word of each part of the word list. A part (`search/words/N.json`) maps words to
//! the findings that hold them, as distances from one to the next, where `-3` stands for the next three; words with a
//! colon stand for what a finding has (`theme:leadership`, `area:971`). `search/texts/N.json` holds the findings
//! themselves. Findings are numbered with the latest inspection first, so the first results need no further file to be
//! the latest ones.
//!
//! Words that very many findings hold are only named in the head (`common`), and the script looks for them in the texts: a
//! list of all those findings would be larger than the texts of the first results.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Folder;
use super::PublishError;
use crate::query::FindingRow;
use crate::reference::Reference;
use crate::view::words;
use crate::web::components::anchor;

/// A part of the word list ends after so many bytes.
const PART_BYTES: usize = 24 * 1024;
/// A word whose list of findings is longer than so many bytes is common.
const COMMON_BYTES: usize = 16 * 1024;
/// Findings in one file of texts.
const FINDINGS_PER_FILE: usize = 40;

/// Writes the index of these findings.
pub(super) fn write(folder: &Folder, findings: &mut [FindingRow], reference: &Reference) -> Result<(), PublishError> {
    // The sort is stable: within a letter findings stay in its order.
    findings.sort_by(|a, b| (b.inspection_start, &a.letter_id).cmp(&(a.inspection_start, &b.letter_id)));
    let mut index: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (number, finding) in (0u32..).zip(findings.iter()) {
        for word in terms(finding, reference) {
            let numbers = index.entry(word).or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
    }
    for (number, chunk) in findings.chunks(FINDINGS_PER_FILE).enumerate() {
        let rows: Vec<Value> = chunk.iter().map(row).collect();
        folder.write(&format!("search/texts/{number}.json"), Value::from(rows).to_string().as_bytes())?;
    }
    let (mut first, mut common): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut part = serde_json::Map::new();
    let mut size = 0;
    for (word, numbers) in &index {
        let distances = distances(numbers);
        let bytes = word.len() + distances.iter().map(|d| d.to_string().len() + 1).sum::<usize>();
        // What a finding has besides words cannot be looked for in its text.
        if bytes > COMMON_BYTES && !word.contains(':') {
            common.push(word);
            continue;
        }
        if part.is_empty() {
            first.push(word);
        }
        size += bytes;
        part.insert(word.clone(), json!(distances));
        if size >= PART_BYTES {
            folder.write(&part_name(first.len()), Value::Object(std::mem::take(&mut part)).to_string().as_bytes())?;
            size = 0;
        }
    }
    if !part.is_empty() {
        folder.write(&part_name(first.len()), Value::Object(part).to_string().as_bytes())?;
    }
    let head = json!({ "findings": findings.len(), "texts": FINDINGS_PER_FILE, "first": first, "common": common });
    folder.write("search/index.json", head.to_string().as_bytes())
}

/// The distances from each number to the next. A run of neighbours is one negative number: what a letter has, each of its
/// findings has.
fn distances(numbers: &[u32]) -> Vec<i64> {
    let mut distances: Vec<i64> = Vec::new();
    let mut last = 0;
    for &number in numbers {
        match (number - last, distances.last_mut()) {
            (1, Some(run)) if *run < 0 => *run -= 1,
            (1, Some(_)) => distances.push(-1),
            (distance, _) => distances.push(i64::from(distance)),
        }
        last = number;
    }
    distances
}

fn part_name(parts: usize) -> String {
    format!("search/words/{}.json", parts - 1)
}

fn row(finding: &FindingRow) -> Value {
    json!([
        finding.area,
        finding.letter_id,
        anchor(&finding.id),
        finding.page,
        words::month_year(finding.inspection_start),
        words::polarity(finding.polarity),
        finding.text,
    ])
}

/// The words of a finding, and what it has.
fn terms(finding: &FindingRow, reference: &Reference) -> Vec<String> {
    let mut found: Vec<String> =
        finding.text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(fold).collect();
    found.push(format!("area:{}", finding.la_code));
    found.push(format!("polarity:{}", finding.polarity));
    found.push(format!("role:{}", finding.role));
    found.push(format!("kind:{}", finding.kind));
    found.extend(finding.framework.map(|framework| format!("framework:{framework}")));
    found.extend(reference.area(&finding.la_code).map(|area| format!("region:{}", area.region)));
    found.extend(finding.themes.iter().map(|theme| format!("theme:{}", theme.id)));
    found
}

/// A word without the plural's s. The script folds what is searched for in the same way.
fn fold(word: &str) -> String {
    match word.strip_suffix('s') {
        Some(stem) if stem.chars().count() >= 3 && !stem.ends_with('s') => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plural_is_found_by_its_singular() {
        assert_eq!(
            ["therapies", "waits", "access", "bus", "send"].map(fold),
            ["therapie", "wait", "access", "bus", "send"]
        );
    }
    #[test]
    fn neighbours_are_one_number() {
        assert_eq!(distances(&[0, 1, 2, 3, 7, 8, 10]), [0, -3, 4, -1, 2]);
        assert_eq!(distances(&[1, 2]), [1, -1]);
    }
}
