//! The decision: from the model's scores and the patterns together to themes and polarity.
//!
//! The model knows many wordings but makes mistakes; the patterns know few wordings but are sure. For each theme a
//! handful of weights joins the two, fitted on scores that the model gave to sentences it had never seen. They are few
//! enough to be read by a person and to be fitted again in a second after the codebook was edited.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::around::{Around, Seen};
use super::model::Scores;
use super::polarity::{self, Cues};
use super::text::leans_back;
use crate::domain::{Polarity, Section, Term};

/// Number of facts about one theme in one text.
pub(super) const THEME_FACTS: usize = 20;
/// Number of facts about the polarity of one text.
pub(super) const POLARITY_FACTS: usize = 46;

/// The fitted weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Heads {
    /// For texts among other sentences of their paragraph.
    pub among: ThemeHeads,
    /// For texts that stand by themselves. They have weights of their own, for what a neighbour does not say must be
    /// said by the text.
    pub single: ThemeHeads,
    /// Weights of the facts, for each polarity in the order of the vocabulary.
    pub polarity: Vec<Vec<f32>>,
}

/// The fitted weights of themes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ThemeHeads {
    /// Weights of the facts, for each theme.
    pub themes: BTreeMap<String, Vec<f32>>,
    /// A theme is given from this probability on.
    pub threshold: f32,
    /// Themes with a threshold of their own, decided on held-out texts.
    #[serde(default)]
    pub own_thresholds: BTreeMap<String, f32>,
    /// The likeliest theme is given from this probability on, if no other is.
    pub alone: f32,
}

/// A score that the model gives to a theme that a text does not touch.
const UNTOUCHED: f32 = -4.0;

/// Sections in which praise and criticism are told by different words.
const WEIGHED: [Section; 3] = [Section::Effective, Section::NeedsToImprove, Section::Experience];

/// What is known about one theme in one text.
pub(super) fn theme_facts(
    codebook_position: usize,
    output: usize,
    outputs: usize,
    seen: &Seen<'_>,
    around: &Around<'_>,
) -> [f32; THEME_FACTS] {
    let Seen { input, hits, scores } = seen;
    let leaning = leans_back(&hits.folded.text);
    let of = |hit: &&super::patterns::Hit| hit.theme == codebook_position;
    let sure = hits.text.iter().find(|h| of(h) && h.sure);
    let likely = hits.text.iter().any(|h| of(&h) && !h.sure);
    let before = hits.previous.iter().any(|h| of(&h) && h.sure);
    let clamp = |v: f32| v.clamp(-8.0, 8.0);
    let rival = (0..outputs).filter(|o| *o != output).map(|o| scores.value(o)).fold(-8.0, f32::max);
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    let own = clamp(scores.value(output));
    let others = hits.text.iter().filter(|h| h.sure && !of(h)).take(3).map(|_| 1.0).sum();
    // How far a neighbour's score lies above what a theme has that it does not touch.
    let near =
        |neighbour: Option<&Seen<'_>>| neighbour.map_or(0.0, |n| (clamp(n.scores.value(output)) - UNTOUCHED).max(0.0));
    let [after, after_next] = around.after;
    let [before_this, before_last] = around.before;
    let led_on = after.is_some_and(|after| leans_back(&after.hits.folded.text));
    [
        1.0,
        own,
        flag(sure.is_some()),
        flag(likely && sure.is_none()),
        flag(before && leaning),
        flag(before && !leaning),
        flag(sure.is_some_and(|h| h.span.0 * 3 < hits.folded.text.len())),
        clamp(rival) / 2.0,
        flag(is_long(input.text)),
        near(after),
        if led_on { near(after) } else { 0.0 },
        near(before_this),
        if leaning { near(before_this) } else { 0.0 },
        flag(after.is_some()),
        flag(before_this.is_some()),
        near(after_next),
        near(before_last),
        others,
        own.max(0.0),
        (own + 2.0).max(0.0),
    ]
}

/// Texts of this many bytes hold several demands or sentences.
pub(super) fn is_long(text: &str) -> bool {
    text.len() > 260
}

/// What is known about the polarity of one text.
pub(super) fn polarity_facts(seen: &Seen<'_>, cues: &Cues<'_>, around: &Around<'_>) -> [f32; POLARITY_FACTS] {
    let Seen { input, scores, .. } = seen;
    let mut facts = [0.0; POLARITY_FACTS];
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    facts[0] = 1.0;
    let own = polarities(scores);
    facts[1..5].copy_from_slice(&own);
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
    // "However, ..." tells on which side the two sentences are that it parts.
    if let Some(after) = around.after[0].filter(|after| polarity::turns_back(&after.hits.folded.text)) {
        facts[22..26].copy_from_slice(&polarities(&after.scores));
        facts[26] = 1.0;
    }
    if let Some(before) = around.before[0].filter(|_| cues.turns_back) {
        facts[27..31].copy_from_slice(&polarities(&before.scores));
    }
    if let Some(section) = WEIGHED.iter().position(|section| input.section == Some(*section)) {
        facts[31 + section] = 1.0;
        facts[34 + 4 * section..][..4].copy_from_slice(&own);
    }
    facts
}

/// The model's scores of the four polarities, its last outputs.
fn polarities(scores: &Scores) -> [f32; 4] {
    let first = scores.values.len().saturating_sub(4);
    [0, 1, 2, 3].map(|i| scores.value(first + i).clamp(-8.0, 8.0))
}

/// Position of a polarity in the vocabulary, which is the order of the model's last outputs.
pub(super) fn place(polarity: Polarity) -> usize {
    Polarity::ALL.iter().position(|p| *p == polarity).unwrap_or_default()
}

impl ThemeHeads {
    /// The probability from which on a theme is given.
    pub fn threshold_of(&self, theme: &str) -> f32 {
        self.own_thresholds.get(theme).copied().unwrap_or(self.threshold)
    }

    /// The probability of a theme; `None` for a theme that it does not know.
    pub fn probability(&self, theme: &str, facts: &[f32]) -> Option<f32> {
        let weights = self.themes.get(theme)?;
        Some(1.0 / (1.0 + (-dot(weights, facts)).exp()))
    }
}

impl Heads {
    /// The weights of themes for a text with these neighbours.
    pub fn of(&self, around: &Around<'_>) -> &ThemeHeads {
        if around.is_empty() { &self.single } else { &self.among }
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
