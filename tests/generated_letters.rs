//! Letters generated from seeds are read rightly, or the program reports what it could not read.
//!
//! `cargo test` reads 150 of each kind. This reads 20,000, and prints the shares of right, reported and silently wrong
//! letters for each variation: `LETTERS=20000 cargo test --release --test generated_letters -- --ignored --nocapture`.
//! `LETTER=revisit_letter:17` reads one letter by its kind and seed, and writes its PDF to the temporary folder.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod generator;
mod support;

use std::collections::BTreeMap;

use generator::compare::{Verdict, compare};
use generator::pdf::Part;
use generator::{GeneratedLetter, KINDS, make, make_changed};
use rayon::prelude::*;
use sendlens::domain::LetterKind;
use sendlens::extract::{Limits, extract};
use sendlens::parse::parse;
use sendlens::reference::Reference;

/// The invented areas, without their register.
fn reference() -> Reference {
    let tables = Reference::load(std::path::Path::new("fixtures/reference")).unwrap();
    Reference::from_parts(tables.areas().to_vec(), Vec::new(), Vec::new())
}

fn judge(made: &GeneratedLetter, reference: &Reference) -> Verdict {
    match extract(&made.pdf, &Limits::default()) {
        Ok(text) => compare(&made.truth, &parse(&text, reference)),
        Err(error) => Verdict::Reported(error.to_string()),
    }
}

fn results(each: u64) -> Vec<(LetterKind, u64, GeneratedLetter, Verdict)> {
    let reference = reference();
    let seeds: Vec<(LetterKind, u64)> = KINDS.iter().flat_map(|k| (0..each).map(|s| (*k, s))).collect();
    seeds
        .into_par_iter()
        .map(|(kind, seed)| {
            let mut made = make(kind, seed);
            let verdict = judge(&made, &reference);
            made.pdf = Vec::new();
            (kind, seed, made, verdict)
        })
        .collect()
}

#[test]
fn generated_letters_are_read_rightly_or_their_errors_are_reported() {
    let results = results(150);
    let silent: Vec<String> = results
        .iter()
        .filter_map(|(kind, seed, made, verdict)| match verdict {
            Verdict::Silent(said) => Some(format!("{kind}:{seed} {:?}\n  {}", made.choices, said.join("\n  "))),
            _ => None,
        })
        .collect();
    let reported = results.iter().filter(|r| matches!(r.3, Verdict::Reported(_))).count();
    assert!(silent.is_empty(), "{} are silently wrong: {}", silent.len(), silent[..silent.len().min(5)].join("\n"));
    assert!(reported * 100 <= results.len() * 2, "{reported} of {} are not read", results.len());
}

/// How many letters are right, reported and silently wrong.
type Counts = [usize; 3];

#[test]
#[ignore = "reads as many letters as LETTERS says; run by hand"]
fn the_shares_of_right_reported_and_silently_wrong_letters() {
    if let Ok(one) = std::env::var("LETTER") {
        let (kind, seed) = one.split_once(':').expect("LETTER is KIND:SEED");
        let made = make(kind.parse().expect("a kind of letter"), seed.parse().expect("a number"));
        let path = std::env::temp_dir().join(format!("{kind}-{seed}.pdf"));
        std::fs::write(&path, &made.pdf).unwrap();
        println!("{}\n{:#?}\n{:#?}", path.display(), made.choices, judge(&made, &reference()));
        return;
    }
    let letters: u64 = std::env::var("LETTERS").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let results = results(letters / 4);
    let mut by_choice: BTreeMap<(String, String), Counts> = BTreeMap::new();
    let mut by_kind: BTreeMap<String, Counts> = BTreeMap::new();
    let mut reasons: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (kind, seed, made, verdict) in &results {
        let place = match verdict {
            Verdict::Right => 0,
            Verdict::Reported(_) => 1,
            Verdict::Silent(_) => 2,
        };
        by_kind.entry(kind.to_string()).or_default()[place] += 1;
        for (what, which) in &made.choices {
            by_choice.entry((format!("{kind}, {what}"), which.clone())).or_default()[place] += 1;
        }
        let said = match verdict {
            Verdict::Right => continue,
            Verdict::Reported(said) => format!("reported {said}"),
            Verdict::Silent(said) => {
                if std::env::var("ALL").is_ok() {
                    println!("{kind}:{seed} {}", said.join("\n"));
                }
                format!("SILENT {}", said[0])
            }
        };
        let key: String = said.split(':').next().unwrap_or_default().chars().take(70).collect();
        reasons.entry(format!("{kind} {key}")).or_insert((0, format!("{kind}:{seed}"))).0 += 1;
    }
    let row = |name: &str, [right, reported, silent]: Counts| {
        let all = right + reported + silent;
        println!("| {name} | {all} | {:.2}% | {reported} | {silent} |", right as f64 * 100.0 / all as f64);
    };
    println!("| | letters | right | reported | silently wrong |\n|---|--:|--:|--:|--:|");
    for (kind, shares) in by_kind {
        row(&kind, shares);
    }
    for ((what, which), shares) in by_choice {
        if std::env::var("ALL").is_ok() || shares[1] + shares[2] > 0 {
            row(&format!("{what}: {which}"), shares);
        }
    }
    for (reason, (count, first)) in reasons {
        println!("{count} {reason} ({first})");
    }
}

#[test]
fn an_outcome_in_unknown_words_is_suspicious_and_ends_the_run_with_2() {
    let made = make_changed(LetterKind::AreaSendFull, 3, |parts| {
        let is_heading = |part: &Part| matches!(part, Part::Heading(text) if text == "Inspection outcome");
        let at = parts.iter().position(is_heading).unwrap();
        parts[at + 1] = Part::Text("Children and young people in this area have mixed fortunes.".to_owned());
    });
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("report.pdf");
    std::fs::write(&file, &made.pdf).unwrap();
    let output = support::program::sendlens(&data.path().join("corpus"))
        .args(["--no-model", "ingest", "--format", "json"])
        .arg(&file)
        .output()
        .unwrap();
    let report = support::program::json(&output, 2);
    assert_eq!(report["documents"][0]["suspicious"][0]["field"], "outcome", "{report:#}");
}
