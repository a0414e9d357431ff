//! A small language model that judges what a sentence is about, beside the patterns.
//!
//! It was fitted to labelled sentences (see `corpus/training/`) and only ever scores: which themes are given is
//! decided by [`heads`](super::heads) from its scores and the patterns together. Its weights are part of the
//! program, it needs no network, and it computes on one thread in a fixed order.

mod encoder;
mod file;
mod math;
mod tokens;

use std::sync::{Arc, OnceLock};

use encoder::Encoder;
pub use file::ModelError;
use file::Reader;
use sha2::{Digest, Sha256};

use super::Input;

/// The weights that sendlens was built with.
static BUNDLED: &[u8] = include_bytes!("../../../corpus/encoder.bin");

/// Scores are kept in steps of 1/256, so that they can be stored and compared exactly.
const STEPS_PER_UNIT: f32 = 256.0;

/// What the model says of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scores {
    /// The log-odds of each of the model's themes, then the scores of the four polarities, in steps of 1/256.
    pub values: Vec<i16>,
    /// For each theme, the byte span of the words that speak most for it.
    pub spans: Vec<(u32, u32)>,
}

impl Scores {
    /// The score of one output.
    pub fn value(&self, output: usize) -> f32 {
        self.values.get(output).map_or(0.0, |v| f32::from(*v) / STEPS_PER_UNIT)
    }
}

/// The encoder with the names of its outputs.
pub(crate) struct Model {
    encoder: Encoder,
    themes: Vec<String>,
    version: String,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("version", &self.version)
            .field("themes", &self.themes.len())
            .finish_non_exhaustive()
    }
}

impl Model {
    /// The model that is part of the program, read once.
    pub fn bundled() -> Result<Arc<Self>, ModelError> {
        static MODEL: OnceLock<Result<Arc<Model>, String>> = OnceLock::new();
        MODEL.get_or_init(|| Self::read(BUNDLED).map(Arc::new).map_err(|e| e.0)).clone().map_err(ModelError)
    }

    fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::new(bytes)?;
        let themes: Vec<String> = reader.text("themes")?.lines().map(str::to_owned).collect();
        let encoder = Encoder::read(&mut reader)?;
        if encoder.outputs() != themes.len() + 4 {
            return Err(ModelError("its outputs do not fit its themes".to_owned()));
        }
        let digest = Sha256::digest(bytes);
        let version = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
        Ok(Self { encoder, themes, version })
    }

    /// Ids of the themes that it knows, in the order of its outputs.
    pub fn themes(&self) -> &[String] {
        &self.themes
    }

    /// Hash of its weights.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Reads one text.
    pub fn score(&self, input: &Input<'_>) -> Scores {
        let reading =
            self.encoder.read_text(input.text, input.previous.unwrap_or_default(), input.place(), self.themes.len());
        #[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i16")]
        let values =
            reading.scores.iter().map(|s| (s * STEPS_PER_UNIT).round().clamp(-32_000.0, 32_000.0) as i16).collect();
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let spans = reading.spans.iter().map(|(a, b)| (place(*a), place(*b))).collect();
        Scores { values, spans }
    }
}
