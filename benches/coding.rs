//! How fast texts are coded: by the patterns alone, with the model, and with cached scores.
//!
//! `cargo bench --bench coding`, on one core. Texts are the tricky sentences of the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use sendlens::code::{Coder, Input, ScoreCache};
use sendlens::codebook::Codebook;
use sendlens::domain::{Role, Section};
use serde::Deserialize;

#[derive(Deserialize)]
struct Sentence {
    text: String,
    previous: Option<String>,
    section: Section,
    role: Option<Role>,
}

fn code(coder: &Coder, sentences: &[Sentence]) -> usize {
    let codings = sentences.iter().map(|s| {
        let previous = s.previous.as_deref();
        coder.code(black_box(&Input { text: &s.text, previous, section: Some(s.section), role: s.role }))
    });
    codings.map(|c| c.themes.len()).sum()
}

fn main() {
    let lines = include_str!("../tests/tricky/sentences.jsonl").lines();
    let sentences: Vec<Sentence> = lines.map(|l| serde_json::from_str(l).unwrap()).collect();
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group("coding");
    group.throughput(Throughput::Elements(sentences.len() as u64));
    let patterns = Coder::patterns_only(Codebook::bundled());
    group.bench_function("patterns alone", |b| b.iter(|| code(&patterns, &sentences)));
    let model = Coder::new(Codebook::bundled());
    group.bench_function("with the model", |b| b.iter(|| code(&model, &sentences)));
    let caching = Coder::new(Codebook::bundled()).with_cache(Arc::new(ScoreCache::default()));
    code(&caching, &sentences);
    group.bench_function("again, with cached scores", |b| b.iter(|| code(&caching, &sentences)));
    group.finish();
    criterion.final_summary();
}
