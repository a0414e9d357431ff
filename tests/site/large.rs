//! The published site of a national dataset is written in a minute, in parts that stay small.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sendlens::store::Dataset;

use super::support::browser::Browser;
use super::support::program::shared;
use super::{assert_all_links_resolve, file_server, files, generator};

/// About as many letters as there are in England, each with as many findings as a real one has.
const LETTERS: usize = 600;
const FINDINGS: usize = 60;

/// Waits for a program, and gives the seconds of processor time that it took: other work on the machine counts little.
fn wait_for_processor_seconds(mut child: Child) -> f64 {
    let stat = loop {
        // A process that has ended still has its figures until it is waited for.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("Linux describes processes");
        if stat.contains(") Z ") {
            break stat;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(child.wait().unwrap().success());
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    // Clock ticks in a second are 100 on every Linux.
    [11, 12].map(|place: usize| fields[place].parse::<f64>().unwrap()).iter().sum::<f64>() / 100.0
}

/// `cargo test --release --test site -- --ignored --nocapture` prints the figures of docs/performance.md.
#[test]
#[ignore = "takes minutes in a development build"]
fn six_hundred_letters_are_written_within_a_minute_in_small_parts() {
    let dir = tempfile::tempdir().unwrap();
    generator::fill(&mut Dataset::open(dir.path()).unwrap(), LETTERS, FINDINGS);
    let to = dir.path().join("public");
    let start = Instant::now();
    let mut program = Command::new(env!("CARGO_BIN_EXE_sendlens"));
    program.arg("--data").arg(dir.path()).args(["site", "--today", "2026-01-15", "--to"]).arg(&to);
    let seconds = wait_for_processor_seconds(program.stdout(Stdio::null()).spawn().unwrap());
    let elapsed = start.elapsed().as_secs_f64();
    let files = files(&to);
    let bytes: usize = files.values().map(Vec::len).sum();
    let largest = |part: &dyn Fn(&str) -> bool| {
        files.iter().filter(|(name, _)| part(name)).map(|(name, bytes)| (bytes.len(), name.as_str())).max().unwrap()
    };
    let page = largest(&|name| name.ends_with(".html"));
    let first = first_result(&files);
    println!(
        "{} files, {} MB, {seconds:.1} s of processor time ({elapsed:.1} s); largest page {page:?}; before the first result {first} bytes",
        files.len(),
        bytes >> 20
    );
    assert!(page.0 < 1_000_000, "{page:?}");
    assert!(first < 300_000, "{first} bytes before the first result of the worst search of six words");
    assert_common_words_are_found(Box::leak(to.clone().into_boxed_path()));
    assert!(seconds < 60.0, "{seconds} s");
}

/// Asserts that words of very many findings are found too, and with few bytes.
fn assert_common_words_are_found(site: &'static Path) {
    let Some(browser) = Browser::open(1280, 900) else { return };
    let base = format!("http://{}/under/here/", file_server(site));
    let wanted = ["children", "leaders", "support", "services", "needs", "schools"];
    browser.goto(&format!("{base}findings/index.html"));
    let _ = browser.requests();
    browser.goto(&format!("{base}findings/index.html?q={}+-therapy", wanted.join("+")));
    browser.wait_for("document.querySelectorAll('#search-results li mark').length >= 6");
    let asked = browser.requests();
    let fetched: u64 = asked
        .iter()
        .filter_map(|url| url.strip_prefix(&base)?.split('?').next())
        .map(|file| std::fs::metadata(site.join(file)).map_or(0, |m| m.len()))
        .sum();
    println!("six common words: {fetched} bytes");
    assert!(fetched < 300_000, "{fetched} bytes in {asked:?}");
    let shown = browser.run("return [...document.querySelectorAll('#search-results li p')].map(p => p.textContent)");
    for text in shown.as_array().unwrap() {
        let text = text.as_str().unwrap();
        let words: Vec<&str> = text.trim_end_matches('.').split(' ').collect();
        assert!(wanted.iter().all(|word| words.contains(word)) && !words.contains(&"therapy"), "{text}");
    }
}

/// What a browser fetches for the worst search of six words: the head, six parts of the word list, one of the texts.
fn first_result(files: &BTreeMap<String, Vec<u8>>) -> usize {
    let size = |folder: &str| {
        let mut sizes: Vec<usize> =
            files.iter().filter(|(name, _)| name.starts_with(folder)).map(|(_, bytes)| bytes.len()).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes
    };
    files["search/index.json"].len() + size("search/words/").iter().take(6).sum::<usize>() + size("search/texts/")[0]
}

/// Reads the real documents, where there are any, and keeps nothing of them.
#[test]
#[ignore = "reads a hundred documents, which takes minutes in a development build"]
fn every_link_of_the_site_of_the_real_documents_resolves() {
    let Some(documents) = shared("letters") else { return };
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sendlens"));
        program.env("SENDLENS_NO_MODEL", "true").arg("--data").arg(dir.path()).args(arguments).output().unwrap()
    };
    let read = run(&["ingest", documents.to_str().unwrap()]);
    assert!(matches!(read.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&read.stderr));
    let to = [dir.path().join("one"), dir.path().join("two")];
    for to in &to {
        let output = run(&["site", "--today", "2026-01-15", "--to", to.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let (one, two) = (files(&to[0]), files(&to[1]));
    assert!(one == two, "the same dataset and day give the same bytes");
    assert!(one.keys().filter(|name| name.starts_with("letters/") && name.ends_with("index.html")).count() > 30);
    assert_all_links_resolve(&one);
}
