//! How long pages and API answers take on 20,000 letters with 1,000,000 findings, for 16 readers at once, while
//! documents are ingested.
//!
//! `cargo bench --bench pages` starts the program twice on one dataset: `serve`, and `ingest` again and again with
//! documents that it has never seen. Sixteen readers then ask for pages of every kind without a pause, for a minute
//! (`SENDLENS_BENCH_SECONDS`). One request in eight has a parameter of its own, so that the cache cannot answer it. Such
//! requests are shown separately as "not cached". The bench fails where an answer is an error, or the 95th percentile of
//! a kind of page is above 150 ms. `SENDLENS_BENCH_LETTERS` sets another number of letters.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../support/generator.rs"]
mod generator;
#[path = "../../tests/support/http.rs"]
mod http;
#[path = "../support/memory.rs"]
mod memory;
mod mix;
#[path = "../../tests/support/serving.rs"]
#[allow(dead_code)]
mod serving;
mod writer;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use sendlens::store::{Dataset, FILE_NAME};
use serving::Serving;

const READERS: u64 = 16;
const MAX_P95: Duration = Duration::from_millis(150);

/// One answer: the kind of page, whether the cache could not have it, how long it took, its status.
type Sample = (&'static str, bool, Duration, u16);

fn main() -> ExitCode {
    let number = |name: &str, default| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let letters = number("SENDLENS_BENCH_LETTERS", 20_000);
    let period = Duration::from_secs(number("SENDLENS_BENCH_SECONDS", 60) as u64);
    let dir = dataset(letters);
    let reference = writer::write_reference(&dir);
    let writer = writer::Writer::start(&dir, &reference);
    let mut command = writer::sendlens(&dir, &reference);
    command.arg("--quiet");
    let server = Serving::start(command);
    let addresses = mix::Addresses::of(server.at);
    // A service runs for weeks, so work that it does once, such as opening files, is not measured.
    drop(send_requests(server.at, &addresses, period / 6, 1000));
    let samples = send_requests(server.at, &addresses, period, 1);
    let memory = memory::peak_kib(server.child.id()).unwrap_or_default() / 1024;
    let written = writer.stop();
    println!(
        "{READERS} readers for {period:.0?}: {} answers, {:.0} a second; meanwhile {written}; the service needed {memory} MiB",
        samples.len(),
        samples.len() as f64 / period.as_secs_f64()
    );
    if report(&samples) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A dataset of its own for each run, so that what one run writes does not slow the next.
fn dataset(letters: usize) -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (made, dir) = (tmp.join(format!("questions-{letters}")), tmp.join(format!("pages-{letters}")));
    if !made.join("complete").is_file() {
        drop(std::fs::remove_dir_all(&made));
        generator::fill(&mut Dataset::open(&made).unwrap(), letters, 50);
        std::fs::write(made.join("complete"), "").unwrap();
    }
    drop(std::fs::remove_dir_all(&dir));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::copy(made.join(FILE_NAME), dir.join(FILE_NAME)).unwrap();
    println!("{letters} letters, {} findings", letters * 50);
    dir
}

/// Sends requests from all readers for this period.
fn send_requests(at: SocketAddr, addresses: &mix::Addresses, period: Duration, seed: u64) -> Vec<Sample> {
    let end = Instant::now() + period;
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|reader| {
                scope.spawn(move || {
                    let (mut numbers, mut samples) = (mix::Numbers::new(seed * 100 + reader), Vec::new());
                    while Instant::now() < end {
                        let (kind, mut address) = addresses.next(&mut numbers);
                        let uncached = numbers.below(8) == 0 && !kind.starts_with("API");
                        if uncached {
                            let mark = if address.contains('?') { '&' } else { '?' };
                            address = format!("{address}{mark}uncached={seed}-{reader}-{}", samples.len());
                        }
                        let start = Instant::now();
                        let answer = http::get(at, &address);
                        samples.push((kind, uncached, start.elapsed(), answer.status));
                        if !matches!(answer.status, 200 | 303) {
                            eprintln!("{address}: {}", answer.status);
                        }
                    }
                    samples
                })
            })
            .collect();
        readers.into_iter().flat_map(|reader| reader.join().expect("every request is answered")).collect()
    })
}

/// Prints each kind of page, and gives whether all are within the limits.
fn report(samples: &[Sample]) -> bool {
    let mut kinds: BTreeMap<&str, (Vec<Duration>, Vec<Duration>, usize)> = BTreeMap::new();
    for (kind, uncached, took, status) in samples {
        let (all, fresh, errors) = kinds.entry(kind).or_default();
        all.push(*took);
        if *uncached {
            fresh.push(*took);
        }
        *errors += usize::from(!matches!(status, 200 | 303));
    }
    let mut fine = true;
    println!(
        "{:<34} {:>7} {:>9} {:>9} {:>9}  not cached: {:>9} {:>9}  errors",
        "", "answers", "p50", "p95", "max", "p50", "p95"
    );
    for (kind, (mut all, mut fresh, errors)) in kinds {
        all.sort();
        fresh.sort();
        let at = |list: &[Duration], percent: usize| list.get(list.len() * percent / 100).copied().unwrap_or_default();
        let p95 = at(&all, 95);
        fine &= p95 <= MAX_P95 && errors == 0;
        println!(
            "{kind:<34} {:>7} {:>9.1?} {p95:>9.1?} {:>9.1?}              {:>9.1?} {:>9.1?}  {errors:>6}{}",
            all.len(),
            at(&all, 50),
            all.last().copied().unwrap_or_default(),
            at(&fresh, 50),
            at(&fresh, 95),
            if p95 > MAX_P95 { "  <- too slow" } else { "" }
        );
    }
    fine
}

/// The command without input and output.
fn silent(mut command: Command) -> Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
