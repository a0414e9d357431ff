//! The labelled side of the coder: scores given to texts while they were held out, and weights fitted on them.
//!
//! A model that is measured on sentences it was fitted to looks far better than it is. So for every labelled text a
//! second score is kept, from a model that had seen nothing of the same document, and weights are fitted and
//! measured on those: [`held_out_codings`] is how the coder would have coded the texts without their labels.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::around::{Around, Seen, around};
use super::fit::{self, Example};
use super::heads::{Heads, polarity_facts, theme_facts};
use super::model::Scores;
use super::polarity::{self, Cues};
use super::{Input, bundled_model, decide, patterns};
use crate::codebook::Codebook;
use crate::domain::{Coding, Polarity, Role, Section, Term};

/// The fitted weights that sendlens was built with.
pub(super) const HEADS: &str = include_str!("../../corpus/heads.json");
/// Scores of the labelled texts from models that had not seen their documents: no text, only hashes and numbers.
static HELD_OUT: &[u8] = include_bytes!("../../corpus/held-out.bin");

/// In place of a fold: the encoder was fitted to the text, and no other encoder has scored it.
const NO_SCORE: u8 = u8::MAX;

/// Fitted weights as they are stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HeadsFile {
    /// Hash of the model's weights that they belong to.
    pub model: String,
    /// Number of labelled texts that they rest on.
    pub texts: usize,
    /// Fitted to all labelled texts.
    pub heads: Heads,
    /// For each fold, fitted to the texts of all others.
    pub folds: Vec<Heads>,
}

/// A text with the codes that a reader gave it.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The document that it comes from, if any.
    pub document: Option<String>,
    /// The text.
    pub text: String,
    /// The sentence before it.
    pub previous: Option<String>,
    /// The section in which it stands.
    pub section: Option<Section>,
    /// The part that it plays.
    pub role: Option<Role>,
    /// The polarity that the reader gave.
    pub polarity: Polarity,
    /// The themes that the reader gave.
    pub themes: Vec<String>,
}

impl Labelled {
    /// The text as the coder receives it.
    #[must_use]
    pub fn input(&self) -> Input<'_> {
        Input { text: &self.text, previous: self.previous.as_deref(), section: self.section, role: self.role }
    }
}

/// Weights fitted anew.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The contents of `corpus/heads.json`.
    pub json: String,
    /// Labelled texts that had a held-out score and were used.
    pub used: usize,
    /// Labelled texts without one.
    pub without_score: usize,
}

/// Fits the weights that join model and patterns to labelled texts, for all texts and for each fold without its own.
///
/// # Errors
/// If the weights cannot be written as JSON, which happens only where they are not finite.
pub fn fit_heads(codebook: &Codebook, labelled: &[&Labelled]) -> Result<Fitted, serde_json::Error> {
    let model = bundled_model();
    let mut examples: Vec<(u8, Example)> = Vec::new();
    let (seen, folds_of) = see_held_out(codebook, labelled);
    let around = around(&seen, &chained(labelled));
    for (i, text) in labelled.iter().enumerate() {
        if let (Some(seen), Some(fold)) = (&seen[i], folds_of[i]) {
            examples.push((fold, example(codebook, model.themes(), text, seen, &around[i])));
        }
    }
    let all: Vec<Example> = examples.iter().map(|e| e.1.clone()).collect();
    let folds = examples.iter().map(|e| e.0).max().map_or(0, |f| f + 1);
    let without = |fold: u8| examples.iter().filter(|e| e.0 != fold).map(|e| e.1.clone()).collect::<Vec<_>>();
    let file = HeadsFile {
        model: model.version().to_owned(),
        texts: all.len(),
        heads: fit::fit(model.themes(), &all),
        folds: (0..folds).map(|f| fit::fit(model.themes(), &without(f))).collect(),
    };
    let json = serde_json::to_string_pretty(&file)?;
    Ok(Fitted { json, used: all.len(), without_score: labelled.len() - all.len() })
}

/// How the coder codes labelled texts without having seen their documents; `None` for a text that it was not fitted
/// to. The sentences around a text count as they do in a letter.
#[must_use]
pub fn held_out_codings(codebook: &Codebook, labelled: &[&Labelled]) -> Vec<Option<Coding>> {
    static FILE: OnceLock<Option<HeadsFile>> = OnceLock::new();
    let (seen, folds) = see_held_out(codebook, labelled);
    let around = around(&seen, &chained(labelled));
    let coding = |i: usize| {
        let file = FILE.get_or_init(|| serde_json::from_str(HEADS).ok()).as_ref()?;
        let heads = file.folds.get(usize::from(folds[i]?)).unwrap_or(&file.heads);
        Some(decide::decide(codebook, bundled_model().themes(), heads, seen[i].as_ref()?, &around[i]))
    };
    (0..labelled.len()).map(coding).collect()
}

/// Each text with the scores that it was given while it was held out, and its fold.
fn see_held_out<'a>(codebook: &Codebook, labelled: &[&'a Labelled]) -> (Vec<Option<Seen<'a>>>, Vec<Option<u8>>) {
    let see = |text: &&'a Labelled| {
        let input = text.input();
        let (fold, scores) = held_out().get(&key(&input)).filter(|e| e.0 != NO_SCORE)?;
        Some((Seen { input, hits: patterns::find(codebook, &input), scores: scores.clone() }, *fold))
    };
    labelled.iter().map(|text| see(text).unzip()).unzip()
}

/// For each text the one that it follows on. Labelled texts do not stand in the order of their documents, but each
/// names the words before it.
fn chained(labelled: &[&Labelled]) -> Vec<Option<usize>> {
    let mut at = BTreeMap::new();
    for (i, text) in labelled.iter().enumerate() {
        at.insert((text.document.as_ref(), text.input().place(), text.text.as_str()), i);
    }
    let before = |text: &&Labelled| {
        let document = Some(text.document.as_ref()?);
        at.get(&(document, text.input().place(), text.previous.as_deref()?)).copied()
    };
    labelled.iter().map(before).collect()
}

/// Whether the encoder was fitted to this text. What [`Coder::code`](super::Coder::code) says of it shows what the
/// encoder remembers, not what it can do.
#[must_use]
pub fn was_fitted_to(input: &Input<'_>) -> bool {
    held_out().contains_key(&key(input))
}

fn example(codebook: &Codebook, outputs: &[String], text: &Labelled, seen: &Seen<'_>, around: &Around<'_>) -> Example {
    let Seen { input, hits, .. } = seen;
    let themes = |around: &Around<'_>| {
        let of_theme = |(output, id): (usize, &String)| {
            // A theme that left the codebook has no patterns any more; its facts are the model's alone.
            let position = codebook.position(id).unwrap_or(usize::MAX);
            theme_facts(position, output, outputs.len(), seen, around)
        };
        outputs.iter().enumerate().map(of_theme).collect()
    };
    let cues = Cues::find(codebook, &hits.folded);
    Example {
        themes: themes(around),
        single: themes(&Around::default()),
        given: outputs.iter().map(|id| text.themes.contains(id)).collect(),
        facts: polarity_facts(seen, &cues, around),
        polarity: text.polarity,
        fixed: polarity::by_place(input).is_some() || cues.settled(codebook, input).is_some(),
    }
}

type Key = [u8; 8];

/// Letters and digits only, so that spacing, quotes and bullets do not matter.
fn key(input: &Input<'_>) -> Key {
    let bare = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let section = input.place().map_or("", Term::as_str);
    let whole = format!("{}|{}|{section}", bare(input.text), bare(input.previous.unwrap_or_default()));
    let mut key = Key::default();
    key.copy_from_slice(&Sha256::digest(whole)[..8]);
    key
}

fn held_out() -> &'static BTreeMap<Key, (u8, Scores)> {
    static TABLE: OnceLock<BTreeMap<Key, (u8, Scores)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let outputs = bundled_model().themes().len() + 4;
        let entries = HELD_OUT.chunks_exact(9 + 2 * outputs).map(|entry| {
            let mut key = Key::default();
            key.copy_from_slice(&entry[..8]);
            let values = entry[9..].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
            (key, (entry[8], Scores { values, spans: Vec::new() }))
        });
        entries.collect()
    })
}
