//! Labelled data -> how good the parser and the coder are.
//!
//! A text that the coder was fitted to is scored by a model and weights that were fitted without its document (see [`code::held_out_codings`](crate::code::held_out_codings)). Any other text is
//! simply coded. Texts that the model was fitted to and that no other model has scored are left out. The answer says
//! how many were of which kind.

mod agreement;
mod coverage;
mod error_rates;
mod floors;
mod gold;
mod labels;
mod load;
mod reliability;
mod score;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::code::{Coder, held_out_codings, was_fitted_to};
use crate::domain::Coding;

pub use agreement::{Agreement, Codes, agreement};
pub use coverage::{Coverage, FEW_LABELS};
pub use error_rates::error_rates;
pub use floors::{Floors, FloorsError};
pub use gold::{Gold, GoldDocument, GoldError, GoldText, Set, training_lines};
pub use load::load;
pub use reliability::{Bin, Reliability};
pub use score::{Counter, SetScore, Tally, ThemeScore};

/// A text that the coder got wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// The collection.
    pub set: String,
    /// Id of the text.
    pub id: String,
    /// The text.
    pub text: String,
    /// The sentence before it.
    pub previous: Option<String>,
    /// Themes given but not expected.
    pub wrong: Vec<String>,
    /// Themes expected but not given.
    pub missed: Vec<String>,
    /// Polarity expected and given, where they differ.
    pub polarity: Option<(String, String)>,
}

/// What the parser found in one document against what was counted by hand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DocumentScore {
    /// File name.
    pub file: String,
    /// Whether every count agrees.
    pub agrees: bool,
    /// Counted by hand.
    pub expected: BTreeMap<&'static str, u32>,
    /// Counted by the parser, or nothing if the document could not be read.
    pub found: Option<BTreeMap<&'static str, u32>>,
}

/// The whole evaluation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Texts that were scored with a model that had not seen their documents.
    pub held_out: u32,
    /// Texts that the coder has never seen.
    pub unseen: u32,
    /// Texts left out: the encoder was fitted to them, and no other encoder has scored them.
    pub skipped: u32,
    /// One entry for each collection, and one for all together.
    pub sets: Vec<SetScore>,
    /// How many labels there are for each section of each kind of letter.
    pub coverage: Vec<Coverage>,
    /// Labelled sentences that were found in no letter at hand.
    pub missing_labels: usize,
    /// Themes given, by their probability.
    pub theme_reliability: Reliability,
    /// Polarities given, by their probability.
    pub polarity_reliability: Reliability,
    /// Theme F1 of each document, with its number of texts.
    pub documents: BTreeMap<String, (u32, Option<f64>)>,
    /// Subthemes: the number right, and the total.
    pub subthemes: (u32, u32),
    /// Counts of the parser.
    pub parser: Vec<DocumentScore>,
    /// Formal items whose text was not found.
    pub missing_items: Vec<String>,
    /// The worst mistakes first.
    pub mistakes: Vec<Mistake>,
}

/// Scores parser and coder. With `patterns_only` the coder's model plays no part, and every text is scored.
#[must_use]
pub fn evaluate(gold: &Gold, coder: &Coder, patterns_only: bool) -> Evaluation {
    let order: Vec<&str> = coder.codebook().themes().iter().map(|t| t.id.as_str()).collect();
    let mut counters: BTreeMap<Set, Counter> = BTreeMap::new();
    let mut documents: BTreeMap<String, Counter> = BTreeMap::new();
    let mut all = Counter::default();
    let (mut held_out, mut unseen, mut skipped, mut subthemes) = (0, 0, 0, (0, 0));
    let mut mistakes = Vec::new();
    let (mut theme_codes, mut polarity_codes) = (Vec::new(), Vec::new());
    let labelled: Vec<_> = gold.texts.iter().map(|text| &text.labelled).collect();
    let known = if patterns_only { vec![None; labelled.len()] } else { held_out_codings(coder.codebook(), &labelled) };
    for (text, known) in gold.texts.iter().zip(known) {
        let input = text.labelled.input();
        if known.is_some() {
            held_out += 1;
        } else if !patterns_only && was_fitted_to(&input) {
            skipped += 1;
            continue;
        } else {
            unseen += 1;
        }
        let coding = known.unwrap_or_else(|| coder.code(&input));
        let given: Vec<String> = coding.themes.iter().map(|t| t.id.clone()).collect();
        let expected = &text.labelled.themes;
        let polarity = (text.labelled.polarity, coding.polarity);
        polarity_codes.extend(coding.probability.map(|p| (p, polarity.0 == polarity.1)));
        if !text.with_themes {
            counters.entry(text.set).or_default().add_polarity(polarity);
            mistakes.extend(mistake(text, &coding, expected));
            continue;
        }
        let likely = coding.themes.iter().filter_map(|t| Some((t.probability?, expected.contains(&t.id))));
        theme_codes.extend(likely);
        counters.entry(text.set).or_default().add(&order, expected, &given, polarity);
        all.add(&order, expected, &given, polarity);
        if let Some(document) = &text.labelled.document {
            documents.entry(document.clone()).or_default().add(&order, expected, &given, polarity);
        }
        if let Some(expected) = &text.subtheme {
            subthemes.1 += 1;
            let given = coding.themes.iter().find_map(|t| t.subtheme.as_ref());
            subthemes.0 += u32::from(given == Some(expected));
        }
        mistakes.extend(mistake(text, &coding, &given));
    }
    mistakes.sort_by_key(|m: &Mistake| {
        let weight = m.wrong.len() + m.missed.len() + if m.polarity.is_some() { 2 } else { 0 };
        (std::cmp::Reverse(weight), m.set.clone(), m.id.clone())
    });
    let mut sets: Vec<SetScore> = counters.iter().map(|(set, c)| c.score(set.name(), &order)).collect();
    sets.push(all.score("all", &order));
    Evaluation {
        held_out,
        unseen,
        skipped,
        sets,
        coverage: coverage::coverage(gold),
        missing_labels: gold.missing_labels,
        theme_reliability: Reliability::of(&theme_codes),
        polarity_reliability: Reliability::of(&polarity_codes),
        documents: documents
            .iter()
            .map(|(file, c)| {
                let score = c.score(file, &order);
                (file.clone(), (score.texts, score.micro_f1))
            })
            .collect(),
        subthemes,
        parser: gold.documents.iter().map(document_score).collect(),
        missing_items: gold.missing_items.clone(),
        mistakes,
    }
}

impl Evaluation {
    /// The scores of one collection.
    #[must_use]
    pub fn set(&self, name: &str) -> Option<&SetScore> {
        self.sets.iter().find(|s| s.set == name)
    }
}

fn mistake(text: &GoldText, coding: &Coding, given: &[String]) -> Option<Mistake> {
    let labelled = &text.labelled;
    let without = |a: &[String], b: &[String]| a.iter().filter(|t| !b.contains(t)).cloned().collect::<Vec<_>>();
    let wrong = without(given, &labelled.themes);
    let missed = without(&labelled.themes, given);
    let polarity =
        (coding.polarity != labelled.polarity).then(|| (labelled.polarity.to_string(), coding.polarity.to_string()));
    (!wrong.is_empty() || !missed.is_empty() || polarity.is_some()).then(|| Mistake {
        set: text.set.name().to_owned(),
        id: text.id.clone(),
        text: labelled.text.clone(),
        previous: labelled.previous.clone(),
        wrong,
        missed,
        polarity,
    })
}

fn document_score(document: &GoldDocument) -> DocumentScore {
    DocumentScore {
        file: document.file.clone(),
        agrees: document.found.as_ref() == Some(&document.expected),
        expected: document.expected.clone(),
        found: document.found.clone(),
    }
}
