//! The quality below which a change is refused. Lowering a floor is an edit of `corpus/floors.toml`, made on purpose.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Evaluation, SetScore};

/// Floors that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the floors are not well formed: {0}")]
pub struct FloorsError(String);

/// Least values, for each collection and measure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Floors(BTreeMap<String, BTreeMap<String, f64>>);

impl Floors {
    /// The floors that the project holds itself to.
    ///
    /// # Errors
    /// Never, as long as the bundled file is well formed; a test reads it.
    pub fn bundled() -> Result<Self, FloorsError> {
        Self::parse(include_str!("../../corpus/floors.toml"))
    }

    /// Reads floors.
    ///
    /// # Errors
    /// If they are not TOML of the form `[set]` with `measure = least`.
    pub fn parse(text: &str) -> Result<Self, FloorsError> {
        toml::from_str(text).map_err(|e| FloorsError(e.to_string()))
    }

    /// One line for each floor that an evaluation falls below, or does not measure at all.
    #[must_use]
    pub fn broken(&self, evaluation: &Evaluation) -> Vec<String> {
        let mut lines = Vec::new();
        for (set, floors) in &self.0 {
            for (measure, least) in floors {
                let value = evaluation.set(set).and_then(|s| value(s, measure));
                match value {
                    Some(value) if value >= *least => {}
                    Some(value) => lines.push(format!("{set} {measure} is {value:.4}, below the floor of {least}")),
                    None => lines.push(format!("{set} {measure} was not measured; its floor is {least}")),
                }
            }
        }
        lines
    }
}

fn value(score: &SetScore, measure: &str) -> Option<f64> {
    match measure {
        "micro_f1" => score.micro_f1,
        "macro_f1" => score.macro_f1,
        "polarity_accuracy" => score.polarity_accuracy,
        _ => None,
    }
}
