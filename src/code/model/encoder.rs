//! A small transformer that reads a sentence together with the one before it.

use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};

use super::file::{ModelError, Reader};
use super::math::{gelu, normalise, softmax};
use super::tokens::{END, Piece, SECTION, START, Vocabulary};
use crate::domain::{Section, Term};

/// Pieces of the text that are read; a formal item with sub-bullets has up to 250.
const MAX_TEXT_TOKENS: usize = 256;
/// Pieces of the sentence before it that are read, from its end.
const MAX_PREVIOUS_TOKENS: usize = 96;

struct Layer {
    query_key_value: Linear,
    attention_out: Linear,
    norm_1: Norm,
    up: Linear,
    down: Linear,
    norm_2: Norm,
}

struct Linear {
    /// Input by output.
    weight: Array2<f32>,
    bias: Array1<f32>,
}

impl Linear {
    fn apply(&self, x: &ArrayView2<'_, f32>) -> Array2<f32> {
        x.dot(&self.weight) + &self.bias
    }
}

struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

impl Norm {
    fn apply(&self, x: &mut Array2<f32>) {
        for mut row in x.rows_mut() {
            if let Some(row) = row.as_slice_mut() {
                normalise(row, &self.gain, &self.bias);
            }
        }
    }
}

/// What the encoder says of one text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// One score for each output.
    pub scores: Vec<f32>,
    /// For the explained outputs, the byte span of the words that speak most for it.
    pub spans: Vec<(usize, usize)>,
}

/// Words in a quoted span.
const MAX_QUOTED_WORDS: usize = 5;

/// The span of up to [`QUOTED`] neighbouring words whose shares add up to most.
fn strongest(pieces: &[Piece], shares: &[f32]) -> (usize, usize) {
    let mut words: Vec<((usize, usize), f32)> = Vec::new();
    for (piece, share) in pieces.iter().zip(shares) {
        match words.last_mut() {
            Some((span, sum)) if *span == piece.span => *sum += share,
            _ => words.push((piece.span, *share)),
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

/// The encoder with its output layer.
pub(super) struct Encoder {
    vocabulary: Vocabulary,
    heads: usize,
    words: Array2<f32>,
    places: Array2<f32>,
    segments: Array2<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    out: Linear,
}

impl Encoder {
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, ModelError> {
        let vocabulary = Vocabulary::new(reader.text("vocabulary")?);
        let linear = |reader: &mut Reader<'_>, name: &str| -> Result<Linear, ModelError> {
            let weight = reader.matrix(&format!("{name}.weight"))?.reversed_axes();
            Ok(Linear {
                weight: weight.as_standard_layout().to_owned(),
                bias: reader.vector(&format!("{name}.bias"))?.into(),
            })
        };
        let norm = |reader: &mut Reader<'_>, name: &str| -> Result<Norm, ModelError> {
            Ok(Norm { gain: reader.vector(&format!("{name}.weight"))?, bias: reader.vector(&format!("{name}.bias"))? })
        };
        let mut layers = Vec::new();
        for i in 0..reader.number("layers")? {
            layers.push(Layer {
                query_key_value: linear(reader, &format!("bl.{i}.qkv"))?,
                attention_out: linear(reader, &format!("bl.{i}.o"))?,
                norm_1: norm(reader, &format!("bl.{i}.n1"))?,
                up: linear(reader, &format!("bl.{i}.i"))?,
                down: linear(reader, &format!("bl.{i}.d"))?,
                norm_2: norm(reader, &format!("bl.{i}.n2"))?,
            });
        }
        let encoder = Self {
            heads: reader.number("heads")?,
            words: reader.matrix("we.weight")?,
            places: reader.matrix("pe.weight")?,
            segments: reader.matrix("te.weight")?,
            norm: norm(reader, "ln")?,
            layers,
            out: linear(reader, "out")?,
            vocabulary,
        };
        if encoder.words.nrows() != encoder.vocabulary.len()
            || encoder.places.nrows() < MAX_TEXT_TOKENS + MAX_PREVIOUS_TOKENS + 4
        {
            return Err(ModelError("its tables do not fit its vocabulary".to_owned()));
        }
        Ok(encoder)
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.out.bias.len()
    }

    /// One score for each output, and for the first `explained` of them the words of the text that speak most for it.
    pub fn read_text(&self, text: &str, previous: &str, section: Option<Section>, explained: usize) -> Reading {
        let (ids, pieces) = self.input(text, previous, section);
        let first = pieces.len() + 3;
        let mut x = Array2::zeros((ids.len(), self.words.ncols()));
        for (i, (mut row, id)) in x.rows_mut().into_iter().zip(&ids).enumerate() {
            row += &self.words.row(*id as usize);
            row += &self.places.row(i);
            row += &self.segments.row(usize::from(i >= first));
        }
        self.norm.apply(&mut x);
        for layer in &self.layers {
            x = self.layer(layer, x);
        }
        // The summary of the whole, and the mean over the text itself.
        let own = x.slice_axis(Axis(0), Slice::from(..first));
        let mean = own.mean_axis(Axis(0)).unwrap_or_else(|| x.row(0).to_owned());
        let pooled: Array1<f32> = x.row(0).iter().chain(mean.iter()).copied().collect();
        let pooled = pooled.insert_axis(Axis(0));
        let scores = self.out.apply(&pooled.view()).into_raw_vec_and_offset().0;
        // The mean is a sum over the words, so what each word adds to a score is known exactly.
        let width = x.ncols();
        let shares = x.slice_axis(Axis(0), Slice::from(2..first - 1)).dot(
            &self.out.weight.slice_axis(Axis(0), Slice::from(width..)).slice_axis(Axis(1), Slice::from(..explained)),
        );
        let spans = (0..explained).map(|o| strongest(&pieces, &shares.column(o).to_vec())).collect();
        Reading { scores, spans }
    }

    /// The numbers of all pieces, and the pieces of the text itself.
    fn input(&self, text: &str, previous: &str, section: Option<Section>) -> (Vec<u32>, Vec<Piece>) {
        let place = section.and_then(|s| Section::ALL.iter().position(|other| *other == s));
        let place = place.unwrap_or(Section::ALL.len());
        #[expect(clippy::cast_possible_truncation, reason = "there are twelve sections")]
        let mut ids = vec![START, SECTION + place as u32];
        let mut pieces = self.vocabulary.pieces(text);
        pieces.truncate(MAX_TEXT_TOKENS);
        ids.extend(pieces.iter().map(|p| p.id));
        ids.push(END);
        let before = self.vocabulary.pieces(previous);
        if !before.is_empty() {
            ids.extend(before[before.len().saturating_sub(MAX_PREVIOUS_TOKENS)..].iter().map(|p| p.id));
            ids.push(END);
        }
        (ids, pieces)
    }

    fn layer(&self, layer: &Layer, x: Array2<f32>) -> Array2<f32> {
        let width = x.ncols();
        let size = width / self.heads;
        let qkv = layer.query_key_value.apply(&x.view());
        let mut mixed = Array2::zeros(x.raw_dim());
        #[expect(clippy::cast_precision_loss, reason = "a head has 32 values")]
        let scale = 1.0 / (size as f32).sqrt();
        for head in 0..self.heads {
            let columns = |start: usize| Slice::from(start + head * size..start + (head + 1) * size);
            let part = |third: usize| qkv.slice_axis(Axis(1), columns(third * width));
            let mut attention = part(0).dot(&part(1).t());
            attention *= scale;
            for mut row in attention.rows_mut() {
                if let Some(row) = row.as_slice_mut() {
                    softmax(row);
                }
            }
            mixed.slice_axis_mut(Axis(1), columns(0)).assign(&attention.dot(&part(2)));
        }
        let mut x = layer.attention_out.apply(&mixed.view()) + &x;
        layer.norm_1.apply(&mut x);
        let mut up = layer.up.apply(&x.view());
        if let Some(values) = up.as_slice_mut() {
            values.iter_mut().for_each(|v| *v = gelu(*v));
        }
        let mut out = layer.down.apply(&up.view()) + &x;
        layer.norm_2.apply(&mut out);
        out
    }
}
