//! Sentences that fool simple coders are coded as a careful reader would: a word in passing, negation, solved problems,
//! "However" both ways, plain description, terms with two meanings, sentences that depend on the one before. None of them
//! was used for fitting.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;

use sendlens::code::{Coder, Input};
use sendlens::codebook::Codebook;
use sendlens::domain::{Polarity, Role, Section};
use sendlens::evaluate::Tally;
use serde::Deserialize;

#[derive(Deserialize)]
struct Sentence {
    kind: String,
    text: String,
    previous: Option<String>,
    section: Section,
    role: Option<Role>,
    polarity: Polarity,
    themes: Vec<String>,
}

/// The lowest allowed theme F1 and share of right polarities: with the model (`true`), and for patterns alone.
const FLOORS: [(bool, f64, f64); 2] = [(true, 0.91, 0.89), (false, 0.75, 0.74)];

fn sentences() -> Vec<Sentence> {
    let lines = include_str!("tricky/sentences.jsonl").lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn there_are_enough_sentences_and_every_theme_occurs() {
    let all = sentences();
    assert!(all.len() >= 200, "{}", all.len());
    for theme in Codebook::bundled().themes() {
        let n = all.iter().filter(|s| s.themes.contains(&theme.id)).count();
        assert!(n >= 4, "{} occurs {n} times", theme.id);
    }
}

#[test]
fn no_sentence_was_used_for_fitting() {
    let written = include_str!("../corpus/training/written.jsonl");
    for sentence in sentences() {
        let quoted = serde_json::to_string(&sentence.text).unwrap();
        assert!(!written.contains(&quoted), "{quoted} is also a training text");
    }
}

#[test]
fn tricky_sentences_are_coded_as_a_careful_reader_would() {
    for (with_model, least_f1, least_polarity) in FLOORS {
        let codebook = Codebook::bundled();
        let coder = if with_model { Coder::new(codebook) } else { Coder::patterns_only(codebook) };
        let (mut tally, mut right, mut kinds, mut report) = (Tally::default(), 0u32, BTreeMap::new(), String::new());
        let all = sentences();
        for s in &all {
            let previous = s.previous.as_deref();
            let coding = coder.code(&Input { text: &s.text, previous, section: Some(s.section), role: s.role });
            let given: Vec<&str> = coding.themes.iter().map(|t| t.id.as_str()).collect();
            let kind: &mut Tally = kinds.entry(s.kind.as_str()).or_default();
            for theme in coder.codebook().themes() {
                let (g, e) = (given.contains(&theme.id.as_str()), s.themes.contains(&theme.id));
                tally.count(g, e);
                kind.count(g, e);
            }
            right += u32::from(coding.polarity == s.polarity);
            let same = given.len() == s.themes.len() && given.iter().all(|g| s.themes.iter().any(|t| t == g));
            if !same || coding.polarity != s.polarity {
                report += &format!("{}: {:?} {} -> {given:?} {}\n", s.text, s.themes, s.polarity, coding.polarity);
            }
        }
        let f1 = tally.f1().unwrap();
        let polarity = f64::from(right) / f64::from(u32::try_from(all.len()).unwrap());
        let by_kind: Vec<_> = kinds.iter().map(|(k, t)| format!("{k} {:.2}", t.f1().unwrap_or(1.0))).collect();
        println!("{report}model {with_model}: theme F1 {f1:.3}, polarity {polarity:.3}; {}", by_kind.join(", "));
        assert!(f1 >= least_f1 && polarity >= least_polarity, "theme F1 {f1:.3}, polarity {polarity:.3}");
    }
}
