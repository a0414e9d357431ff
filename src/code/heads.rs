//! The decision: from the model's scores and the patterns together to themes and polarity.
//!
//! The model reads well but can be surprised; the patterns are narrow but sure. For each theme a handful of weights
//! joins the two, fitted on scores that the model gave to sentences it had never seen. They are few enough to be
//! read by a person and to be fitted again in a second after the codebook was edited.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Input;
use super::model::Scores;
use super::patterns::Hits;
use super::polarity::{self, Cues};
use super::text::leans_back;
use crate::domain::{Polarity, Term};

/// Number of facts about one theme in one text.
pub(super) const THEME_FACTS: usize = 9;
/// Number of facts about the polarity of one text.
pub(super) const POLARITY_FACTS: usize = 22;

/// The fitted weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Heads {
    /// Weights of the facts, for each theme.
    pub themes: BTreeMap<String, Vec<f32>>,
    /// Weights of the facts, for each polarity in the order of the vocabulary.
    pub polarity: Vec<Vec<f32>>,
    /// A theme is given from this probability on.
    pub threshold: f32,
    /// Themes with a threshold of their own, decided on texts that the scores had not been fitted to.
    #[serde(default)]
    pub own_thresholds: BTreeMap<String, f32>,
    /// The likeliest theme is given from this probability on, if no other is.
    pub alone: f32,
}

/// What is known about one theme in one text.
pub(super) fn theme_facts(
    codebook_position: usize,
    output: usize,
    hits: &Hits,
    scores: &Scores,
    outputs: usize,
    long: bool,
) -> [f32; THEME_FACTS] {
    let leaning = leans_back(&hits.folded.text);
    let of = |hit: &&super::patterns::Hit| hit.theme == codebook_position;
    let sure = hits.text.iter().find(|h| of(h) && h.sure);
    let likely = hits.text.iter().any(|h| of(&h) && !h.sure);
    let before = hits.previous.iter().any(|h| of(&h) && h.sure);
    let clamp = |v: f32| v.clamp(-8.0, 8.0);
    let rival = (0..outputs).filter(|o| *o != output).map(|o| scores.value(o)).fold(-8.0, f32::max);
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    [
        1.0,
        clamp(scores.value(output)),
        flag(sure.is_some()),
        flag(likely && sure.is_none()),
        flag(before && leaning),
        flag(before && !leaning),
        flag(sure.is_some_and(|h| h.span.0 * 3 < hits.folded.text.len())),
        clamp(rival) / 2.0,
        flag(long),
    ]
}

/// Texts of this many bytes hold several demands or sentences.
pub(super) fn is_long(text: &str) -> bool {
    text.len() > 260
}

/// What is known about the polarity of one text.
pub(super) fn polarity_facts(input: &Input<'_>, cues: &Cues<'_>, scores: &Scores) -> [f32; POLARITY_FACTS] {
    let mut facts = [0.0; POLARITY_FACTS];
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    facts[0] = 1.0;
    let outputs = scores.values.len();
    for (i, fact) in facts[1..5].iter_mut().enumerate() {
        *fact = scores.value(outputs - 4 + i).clamp(-8.0, 8.0);
    }
    if let Some(prior) = polarity::prior(input) {
        facts[5 + place(prior)] = 1.0;
    }
    facts[9 + place(cues.judge(input).0)] = 1.0;
    facts[13] = flag(is_long(input.text));
    let words = [cues.early, cues.plan, cues.aware, cues.good, cues.bad, cues.good.and(cues.bad), cues.contrast];
    for (fact, word) in facts[14..21].iter_mut().zip(words) {
        *fact = flag(word.is_some());
    }
    facts[21] = flag(cues.turns_back);
    facts
}

/// Position of a polarity in the vocabulary, which is the order of the model's last outputs.
pub(super) fn place(polarity: Polarity) -> usize {
    Polarity::ALL.iter().position(|p| *p == polarity).unwrap_or_default()
}

impl Heads {
    /// The probability from which on a theme is given.
    pub fn threshold_of(&self, theme: &str) -> f32 {
        self.own_thresholds.get(theme).copied().unwrap_or(self.threshold)
    }

    /// The probability of a theme; `None` for a theme that it does not know.
    pub fn probability(&self, theme: &str, facts: &[f32]) -> Option<f32> {
        let weights = self.themes.get(theme)?;
        Some(1.0 / (1.0 + (-dot(weights, facts)).exp()))
    }

    /// The likeliest polarity, and how likely it is.
    pub fn polarity(&self, facts: &[f32]) -> (Polarity, f32) {
        let scores = self.polarity.iter().map(|weights| dot(weights, facts));
        // The first of equals, so that the answer does not depend on chance.
        let mut best = (f32::NEG_INFINITY, Polarity::Neutral);
        for (polarity, score) in Polarity::ALL.iter().zip(scores.clone()) {
            if score > best.0 {
                best = (score, *polarity);
            }
        }
        let sum: f32 = scores.map(|score| (score - best.0).exp()).sum();
        (best.1, 1.0 / sum.max(1.0))
    }
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
