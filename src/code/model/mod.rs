//! A small language model that judges what a sentence is about, beside the patterns.
//!
//! It was fitted to labelled sentences (see `corpus/training/`) and only ever scores: which themes are given is
//! decided by [`heads`](super::heads) from its scores and the patterns together. It lies in standard formats and is
//! run by the crate `rten`. One is part of the program; it needs no network.
//!
//! Each text is read alone and on one thread, so its scores depend on nothing but the text and its place. Batches of
//! texts gave other last digits and were hardly faster.

mod tokens;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rten::{Model as Graph, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Input;
use tokens::{FIRST_PIECE, Tokens};

/// The files of a model: the graph with its weights, the pieces of words, and the names of its outputs.
const FILES: [&str; 3] = ["model.onnx", "tokenizer.json", "config.json"];

/// The model that sendlens was built with.
static BUNDLED: [&[u8]; 3] = [
    include_bytes!("../../../corpus/encoder/model.onnx"),
    include_bytes!("../../../corpus/encoder/tokenizer.json"),
    include_bytes!("../../../corpus/encoder/config.json"),
];

/// Scores are kept in steps of 1/256, so that they can be stored and compared exactly.
const STEPS_PER_UNIT: f32 = 256.0;

/// Outputs after those of the themes.
const POLARITIES: usize = 4;

/// Words in a quoted span.
const MAX_QUOTED_WORDS: usize = 5;

/// A model that was named and cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the language model in {0} cannot be used: {1}; give a folder like corpus/encoder with model.onnx, tokenizer.json \
     and config.json, or take `model_dir` out of the configuration"
)]
pub struct ModelError(String, String);

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

/// The part of `config.json` that is read.
#[derive(Deserialize)]
struct Config {
    id2label: std::collections::BTreeMap<usize, String>,
}

/// The names of outputs, in their order.
fn labels(json: &[u8]) -> Result<Vec<String>, String> {
    let config: Config = serde_json::from_slice(json).map_err(|e| format!("config.json is not valid, {e}"))?;
    Ok(config.id2label.into_values().collect())
}

/// A model with its words and the names of its outputs.
pub struct Model {
    graph: Graph,
    nodes: [NodeId; 4],
    tokens: Tokens,
    themes: Vec<String>,
    version: String,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Hash of a model's files.
fn hash(files: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    files.iter().for_each(|bytes| hash.update(bytes));
    hash.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect()
}

/// [`Model::version`] of the model that is part of the program, without reading it.
pub(super) fn bundled_version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| hash(&BUNDLED))
}

impl Model {
    /// The model that is part of the program, read once.
    #[expect(clippy::expect_used, reason = "the model is part of the program, and tests read it")]
    pub(super) fn bundled() -> &'static Arc<Self> {
        static MODEL: OnceLock<Arc<Model>> = OnceLock::new();
        MODEL.get_or_init(|| {
            let load = || options().load_static_slice(BUNDLED[0]);
            let graph = on_a_thread_that_waits(load).expect("the bundled graph is valid");
            Arc::new(Self::new(graph, &BUNDLED).expect("the bundled model is valid"))
        })
    }

    /// A model of the same shape as the built-in one: the same inputs, outputs and themes.
    ///
    /// # Errors
    /// When the folder has no such model.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let read = |name: &str| std::fs::read(folder.join(name)).map_err(|e| format!("{name} cannot be read, {e}"));
        let open = || {
            let files = FILES.map(read).into_iter().collect::<Result<Vec<_>, _>>()?;
            let load = || options().load(files[0].clone());
            let graph = on_a_thread_that_waits(load).map_err(|e| format!("model.onnx is not valid, {e}"))?;
            let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
            let model = Self::new(graph, &files)?;
            model.run("This is read once to see that the model works.", "", None).map(|_| model)
        };
        open().map_err(|why| ModelError(folder.display().to_string(), why))
    }

    fn new(graph: Graph, files: &[&[u8]]) -> Result<Self, String> {
        let node = |name: &str| graph.node_id(name).map_err(|_| format!("model.onnx has no {name}"));
        let nodes = [node("input_ids")?, node("token_type_ids")?, node("scores")?, node("shares")?];
        let (mut themes, needed) = (labels(files[2])?, labels(BUNDLED[2])?);
        if themes != needed {
            let other = themes.iter().zip(&needed).find(|(a, b)| a != b);
            let what = other.map_or_else(String::new, |(a, b)| format!("; \"{a}\" stands where \"{b}\" is needed"));
            return Err(format!("config.json names {} outputs, and {} are needed{what}", themes.len(), needed.len()));
        }
        themes.truncate(themes.len() - POLARITIES);
        Ok(Self { tokens: Tokens::read(files[1])?, version: hash(files), graph, nodes, themes })
    }

    /// Ids of the themes that it knows, in the order of its outputs.
    pub(crate) fn themes(&self) -> &[String] {
        &self.themes
    }

    /// Hash of its files.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Reads one text.
    #[expect(clippy::expect_used, reason = "a model that was read has proved that it runs")]
    pub(crate) fn score(&self, input: &Input<'_>) -> Scores {
        self.run(input.text, input.previous.unwrap_or_default(), input.place()).expect("the model runs")
    }

    fn run(&self, text: &str, previous: &str, section: Option<crate::domain::Section>) -> Result<Scores, String> {
        let sequence = self.tokens.sequence(text, previous, section);
        let length = sequence.ids.len();
        let ids = NdTensor::from_fn([1, length], |[_, i]| sequence.ids[i].cast_signed());
        let second = NdTensor::from_fn([1, length], |[_, i]| i32::from(i >= sequence.own));
        let [id_node, type_node, out, shares] = self.nodes;
        let inputs = vec![(id_node, ids.view().into()), (type_node, second.view().into())];
        let failed = |e: &dyn std::fmt::Display| format!("model.onnx does not run, {e}");
        let threads = alone();
        let run = || self.graph.run_n(inputs, [out, shares], Some(threads));
        let [out, shares] = on_a_thread_that_waits(run).map_err(|e| failed(&e))?;
        let out: NdTensor<f32, 2> = out.try_into().map_err(|e| failed(&e))?;
        let shares: NdTensor<f32, 3> = shares.try_into().map_err(|e| failed(&e))?;
        let themes = self.themes.len();
        if out.shape() != [1, themes + POLARITIES] || shares.shape() != [1, length, themes] {
            return Err(format!("model.onnx gives {:?} scores and {:?} shares", out.shape(), shares.shape()));
        }
        #[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i16")]
        let values = out.iter().map(|s| (s * STEPS_PER_UNIT).round().clamp(-32_000.0, 32_000.0) as i16).collect();
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let spans = (0..themes).map(|theme| {
            let share = |i: usize| shares[[0, i + FIRST_PIECE, theme]];
            let (start, end) = strongest(&sequence.words, share);
            (place(start), place(end))
        });
        Ok(Scores { values, spans: spans.collect() })
    }
}

fn options() -> ModelOptions {
    let mut options = ModelOptions::with_all_ops();
    options.prepack_weights(true);
    options
}

/// Runs on one thread for each of ours: documents are read side by side already.
fn alone() -> RunOptions {
    thread_local! {
        static POOL: Arc<ThreadPool> = Arc::new(ThreadPool::with_num_threads(1));
    }
    RunOptions::default().with_thread_pool(Some(POOL.with(Arc::clone)))
}

/// Does work of `rten` on a plain thread. `rten` works on threads of its own, and a thread of rayon that waits for them
/// takes up other work of its pool: it would begin the next document in the middle of this one, and wait for itself
/// where the second document needs the model that the first is still reading.
fn on_a_thread_that_waits<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let result = std::thread::scope(|scope| scope.spawn(work).join());
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The span of up to [`MAX_QUOTED_WORDS`] neighbouring words whose shares add up to most.
fn strongest(pieces: &[(usize, usize)], share: impl Fn(usize) -> f32) -> (usize, usize) {
    let mut words: Vec<((usize, usize), f32)> = Vec::new();
    for (i, span) in pieces.iter().enumerate() {
        match words.last_mut() {
            Some((last, sum)) if last == span => *sum += share(i),
            _ => words.push((*span, share(i))),
        }
    }
    let mut best = (f32::NEG_INFINITY, (0, 0));
    for start in 0..words.len() {
        let mut sum = 0.0;
        for end in start..words.len().min(start + MAX_QUOTED_WORDS) {
            sum += words[end].1;
            if sum > best.0 {
                best = (sum, (words[start].0.0, words[end].0.1));
            }
        }
    }
    best.1
}

#[cfg(test)]
mod tests;
