//! How long questions take on 20,000 letters with 1,000,000 findings, and how much memory an export needs.
//!
//! `cargo bench --bench questions` makes the dataset once (some minutes, kept in the target folder), asks every
//! question many times with the files warm, and prints the median, the 95th percentile and the worst. It fails where
//! the 95th percentile of a question is above 100 ms, except for questions without a limit, or where the export needs more
//! than 300 MiB. `SENDLENS_BENCH_LETTERS` sets another number of letters. `cargo bench --bench questions -- search` asks
//! only the questions whose name begins with "search".
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "support/generator.rs"]
mod generator;
#[path = "support/memory.rs"]
mod memory;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use sendlens::code::{self, Coder};
use sendlens::codebook::Codebook;
use sendlens::domain::{Framework, Polarity, Role};
use sendlens::query::{
    self, Basis, By, Filter, areas, count_findings, count_letters, facets, findings, history, peers, recurring, search,
    status, themes, themes_to_one_mix,
};
use sendlens::store::{Dataset, FILE_NAME};

const MAX_P95: Duration = Duration::from_millis(100);
/// Questions that nobody waits for: their times are printed, but have no limit.
const WITHOUT_LIMIT: [&str; 2] = ["recurring", "status"];
const MAX_EXPORT_KIB: u64 = 300 * 1024;

fn main() -> ExitCode {
    let letters: usize = std::env::var("SENDLENS_BENCH_LETTERS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let dir = dataset(letters);
    let dataset = Dataset::open_read_only(&dir).unwrap();
    let codes: Vec<String> = dataset
        .reference()
        .unwrap()
        .areas()
        .iter()
        .filter(|a| a.abolished_on.is_none())
        .map(|a| a.la_code.clone())
        .collect();
    let page = Filter { limit: Some(20), ..Filter::default() };
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let mut fine = true;
    let mut measure = |name: &str, times: usize, ask: &mut dyn FnMut(usize)| {
        if !name.starts_with(&only) {
            return;
        }
        ask(0);
        let mut took: Vec<Duration> = (0..times)
            .map(|i| {
                let start = (Instant::now(), processor_time());
                ask(i);
                processor_time()
                    .zip(start.1)
                    .map_or_else(|| start.0.elapsed(), |(end, start)| end.saturating_sub(start))
            })
            .collect();
        took.sort();
        let p95 = took[times * 95 / 100];
        fine &= p95 <= MAX_P95 || WITHOUT_LIMIT.contains(&name.split(',').next().unwrap_or(name));
        println!("{name:<44} p50 {:>9.2?}  p95 {p95:>9.2?}  max {:>9.2?}", took[times / 2], took[times - 1]);
    };
    let code = |i: usize| &codes[i % codes.len()];
    measure("peers, statistical neighbours", 100, &mut |i| {
        peers(&dataset, code(i), &Basis::Neighbours, &Filter::default()).unwrap();
    });
    measure("peers, all areas, framework of 2023", 50, &mut |i| {
        let filter = Filter { frameworks: vec![Framework::F2023], ..Filter::default() };
        peers(&dataset, code(i), &Basis::All, &filter).unwrap();
    });
    measure("themes, flagged", 50, &mut |_| drop(themes(&dataset, &Filter::default(), None).unwrap()));
    measure("themes, flagged, by year", 50, &mut |_| {
        drop(themes(&dataset, &Filter::default(), Some(By::Year)).unwrap());
    });
    measure("themes, narrative weaknesses, by region", 50, &mut |_| {
        let filter = Filter { roles: vec![Role::Narrative], polarities: vec![Polarity::Weakness], ..Filter::default() };
        drop(themes(&dataset, &filter, Some(By::Region)).unwrap());
    });
    measure("themes, confident strengths, by type, one mix", 50, &mut |_| {
        let filter = Filter { confident: true, polarities: vec![Polarity::Strength], ..Filter::default() };
        drop(themes_to_one_mix(&dataset, &filter, Some(By::LaType), Some(By::Region)).unwrap());
    });
    measure("themes, flagged, corrected, by region", 50, &mut |_| {
        let filter = Filter { frameworks: vec![Framework::F2023], ..Filter::default() };
        let answer = themes(&dataset, &filter, Some(By::Region)).unwrap();
        assert!(answer.rows.iter().all(|row| row.adjusted.adjusted_share.is_some()));
    });
    measure("area", 100, &mut |i| {
        history(&dataset, code(i), &Filter::default(), jiff::civil::date(2026, 1, 1)).unwrap();
    });
    measure("areas", 20, &mut |_| {
        areas(&dataset, &Filter::default(), jiff::civil::date(2026, 1, 1)).unwrap();
    });
    for (name, query) in [
        ("search, rare word", "hydrotherapy"),
        ("search, rare and common", "hydrotherapy AND children"),
        ("search, three common words", "speech AND language AND therapy"),
        ("search, phrase", "\"speech language therapy\""),
        ("search, phrase and rare word", "hydrotherapy \"speech language\""),
        ("search, prefix and NOT", "ventil* NOT autism"),
        ("search, NEAR", "NEAR(wheelchair waiting, 4)"),
        ("search, common word", "children"),
    ] {
        measure(name, 50, &mut |_| drop(search(&dataset, query, &page).unwrap()));
    }
    measure("search, common word, one area", 50, &mut |i| {
        let filter = Filter { areas: vec![code(i).clone()], ..page.clone() };
        drop(search(&dataset, "children", &filter).unwrap());
    });
    measure("findings, theme, first page", 50, &mut |_| {
        drop(findings(&dataset, &Filter { themes: vec!["leadership".into()], ..page.clone() }).unwrap());
    });
    measure("findings, counted", 50, &mut |_| {
        count_findings(&dataset, &Filter::default()).unwrap();
    });
    measure("facets, of everything", 50, &mut |_| drop(facets(&dataset, &Filter::default()).unwrap()));
    let theme = Filter { themes: vec!["leadership".into()], ..page.clone() };
    measure("facets, theme", 50, &mut |_| drop(facets(&dataset, &theme).unwrap()));
    measure("letters, first page", 50, &mut |_| drop(query::letters(&dataset, &page).unwrap()));
    measure("letters, theme, counted", 50, &mut |_| {
        count_letters(&dataset, &theme).unwrap();
    });
    measure("areas, theme", 20, &mut |_| {
        areas(&dataset, &theme, jiff::civil::date(2026, 1, 1)).unwrap();
    });
    measure("recurring, one theme", 3, &mut |_| drop(recurring(&dataset, &theme).unwrap()));
    measure("recurring, all themes", 1, &mut |_| drop(recurring(&dataset, &Filter::default()).unwrap()));
    measure("status", 3, &mut |_| drop(status(&dataset).unwrap()));
    if only.is_empty() {
        fine &= export_memory(&dir) <= MAX_EXPORT_KIB;
    }
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The processor time of this thread so far. `None` where the system does not report it. One thread asks the questions
/// and the files are warm, so this is the time of an answer on a machine that does nothing else.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// The dataset, generated if there is none yet.
fn dataset(letters: usize) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("questions-{letters}"));
    if !dir.join("complete").is_file() {
        drop(std::fs::remove_dir_all(&dir));
        let start = Instant::now();
        generator::fill(&mut Dataset::open(&dir).unwrap(), letters, 50);
        // As if the current coder had coded them, so that shares are corrected for its errors.
        let codebook = Coder::new(Codebook::bundled()).fingerprint();
        rusqlite::Connection::open(dir.join(FILE_NAME))
            .unwrap()
            .execute("UPDATE documents SET code_version = ?1, codebook = ?2", (code::VERSION, codebook))
            .unwrap();
        std::fs::write(dir.join("complete"), "").unwrap();
        println!("made {letters} letters with 50 findings each in {:.0?}", start.elapsed());
    }
    let size = std::fs::metadata(dir.join(FILE_NAME)).unwrap().len();
    println!("{letters} letters, {} findings, {} MiB", letters * 50, size >> 20);
    dir
}

/// The peak of resident memory of an export in all formats, in KiB. 0 where the system does not report it.
fn export_memory(dir: &Path) -> u64 {
    let out = dir.join("export");
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sendlens"))
        .args(["--quiet", "--data"])
        .arg(dir)
        .args(["export", "--to"])
        .arg(&out)
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = memory::peak_kib(child.id()).unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("export, all formats: {:.0?}, at most {} MiB of memory", start.elapsed(), peak / 1024);
    peak
}
