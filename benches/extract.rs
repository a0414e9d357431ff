//! How long extraction takes: for one tagged and one untagged document, and for all letters beside a general PDF library.
//!
//! `cargo bench --bench extract`; the comparison with other programs is `benches/compare_extraction.py`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput};
use sendlens::extract::{Limits, Stage, extract, extract_observed};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/letters").join(name)).unwrap()
}

/// Every PDF below the folder of real letters, or of the fixtures where that is missing.
fn all_letters() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let real = root.join("../shared/letters");
    let mut open = vec![if real.is_dir() { real } else { root.join("fixtures/letters") }];
    let mut letters = Vec::new();
    while let Some(directory) = open.pop() {
        for path in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pdf") {
                letters.push(std::fs::read(path).unwrap());
            }
        }
    }
    letters
}

fn documents(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("document");
    for (name, file_name) in [("tagged", "2023-thornwick-full.pdf"), ("untagged", "2018-westhaven-outcome.pdf")] {
        let bytes = file(file_name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| extract(black_box(&bytes), &Limits::default())));
    }
    group.finish();
}

fn letters(criterion: &mut Criterion) {
    let letters = all_letters();
    let mut group = criterion.benchmark_group("all letters");
    group.sample_size(10);
    group.throughput(Throughput::Elements(letters.len() as u64));
    group.bench_function("blocks", |bencher| {
        bencher.iter(|| letters.iter().filter_map(|bytes| extract(bytes, &Limits::default()).ok()).count());
    });
    // What a general library needs before it can read the first page.
    group.bench_function("lopdf, only opening", |bencher| {
        bencher.iter(|| letters.iter().filter_map(|bytes| lopdf::Document::load_mem(bytes).ok()).count());
    });
    group.finish();
}

/// Prints the share of time that each stage takes over all letters.
fn print_stages() {
    let letters = all_letters();
    let mut times = [std::time::Duration::ZERO; Stage::ALL.len()];
    for _ in 0..3 {
        for bytes in &letters {
            let mut since = std::time::Instant::now();
            let outcome = extract_observed(bytes, &Limits::default(), &mut |stage| {
                times[stage as usize] += since.elapsed();
                since = std::time::Instant::now();
            });
            black_box(outcome.is_ok());
        }
    }
    let all: std::time::Duration = times.iter().sum();
    for stage in Stage::ALL {
        let time = times[stage as usize];
        let share = 100.0 * time.as_secs_f64() / all.as_secs_f64();
        println!("{stage:?}: {:.2} ms a document, {share:.0}%", time.as_secs_f64() * 1e3 / 3.0 / letters.len() as f64);
    }
}

fn main() {
    print_stages();
    let mut criterion = Criterion::default().configure_from_args();
    documents(&mut criterion);
    letters(&mut criterion);
    criterion.final_summary();
}
