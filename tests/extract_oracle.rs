//! Every available PDF is read as an independent reader reads it: the same words, in the same order.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use sendlens::extract::{Limits, extract, plain_text};

/// On average over all files.
const F1_FLOOR: f64 = 0.995;
const ORDER_FLOOR: f64 = 0.99;
/// For each file, unless `REASONS` lists it.
const FILE_FLOOR: f64 = 0.98;

/// Files, by a part of their name, that may fall below the floor, and why.
const REASONS: [(&str, &str); 1] = [(
    "2018-08-24_80465",
    "items that continue after the footnotes of a page are joined before them; the other reader leaves the rest behind them",
)];

fn pdfs_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            match path.extension() {
                _ if path.is_dir() => open.push(path),
                Some(extension) if extension == "pdf" => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The words on which both readers can agree: without bullets, which fonts encode in many ways, and with words that a
/// line end divides put together again.
fn words(text: &str) -> Vec<String> {
    let text = text.replace('\u{ad}', "-").replace('\u{200b}', "");
    let mut words: Vec<String> = Vec::new();
    for line in text.lines() {
        for (i, word) in line.split_whitespace().enumerate() {
            match words.last_mut() {
                Some(last) if i == 0 && last.ends_with('-') && last.len() > 1 => last.push_str(word),
                _ => words.push(word.to_owned()),
            }
        }
    }
    for word in &mut words {
        for (ligature, letters) in [('ﬀ', "ff"), ('ﬁ', "fi"), ('ﬂ', "fl"), ('ﬃ', "ffi"), ('ﬄ', "ffl")] {
            *word = word.replace(ligature, letters);
        }
        // No reader can tell from the glyphs whether a hyphen at a line end belongs to the word.
        *word = word.replace(['-', '\u{2010}'], "");
        word.retain(|c| !('\u{e000}'..='\u{f8ff}').contains(&c) && !"•▪■◼●◻".contains(c));
    }
    words.retain(|word| word.chars().any(char::is_alphanumeric));
    words
}

/// The other reader's words without lines that recur at the top or foot of its pages.
fn oracle(bytes: &[u8]) -> Option<Vec<String>> {
    const EDGE_LINES: usize = 4;
    let pages = catch_unwind(|| pdf_extract::extract_text_from_mem_by_pages(bytes)).ok()?.ok()?;
    let pages: Vec<Vec<&str>> =
        pages.iter().map(|page| page.lines().map(str::trim).filter(|line| !line.is_empty()).collect()).collect();
    let key = |line: &str| -> String { line.chars().filter(|c| !c.is_ascii_digit() && !c.is_whitespace()).collect() };
    let is_edge = |i: usize, page: &[&str]| i < EDGE_LINES || i + EDGE_LINES >= page.len();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for page in &pages {
        let edge = page.iter().enumerate().filter(|(i, _)| is_edge(*i, page));
        for key in edge.map(|(_, line)| key(line)).collect::<BTreeSet<_>>() {
            *count.entry(key).or_default() += 1;
        }
    }
    let mut text = String::new();
    for page in &pages {
        for (i, line) in page.iter().enumerate() {
            let times = count.get(&key(line)).copied().unwrap_or(0);
            if !(is_edge(i, page) && times >= 2.max(pages.len() * 2 / 5)) {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    Some(words(&text))
}

/// Word F1, and the share of the common words that stand in the same order.
fn compare(ours: &[String], theirs: &[String]) -> (f64, f64) {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for word in theirs {
        *left.entry(word).or_default() += 1;
    }
    let takes = |word: &String| left.get_mut(word.as_str()).filter(|left| **left > 0).map(|left| *left -= 1);
    let matched = ours.iter().filter_map(takes).count();
    let f1 = 2.0 * matched as f64 / (ours.len() + theirs.len()).max(1) as f64;
    (f1, longest_common(ours, theirs) as f64 / matched.max(1) as f64)
}

/// The length of the longest common subsequence, by the greedy algorithm of Myers, which is fast where little differs.
fn longest_common(a: &[String], b: &[String]) -> usize {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let offset = n + m + 1;
    // The furthest place in `a` on each diagonal.
    let mut furthest = vec![0_isize; 2 * offset as usize + 1];
    for edits in 0..=n + m {
        for diagonal in (-edits..=edits).step_by(2) {
            let at = (diagonal + offset) as usize;
            let down = diagonal == -edits || diagonal != edits && furthest[at - 1] < furthest[at + 1];
            let mut x = if down { furthest[at + 1] } else { furthest[at - 1] + 1 };
            while x < n && x - diagonal < m && a[x as usize] == b[(x - diagonal) as usize] {
                x += 1;
            }
            furthest[at] = x;
            if x >= n && x - diagonal >= m {
                return ((n + m - edits) / 2) as usize;
            }
        }
    }
    0
}

fn assert_close_to_the_oracle(directory: &Path) {
    let (mut f1_sum, mut order_sum, mut count) = (0.0, 0.0, 0_u32);
    let mut failures = Vec::new();
    for path in pdfs_below(directory) {
        let bytes = std::fs::read(&path).unwrap();
        if !bytes.windows(5).take(1024).any(|window| window == b"%PDF-") {
            continue;
        }
        let Some(theirs) = oracle(&bytes) else {
            println!("the other reader fails on {}", path.display());
            continue;
        };
        let ours = words(&plain_text(&extract(&bytes, &Limits::default()).unwrap()));
        let (f1, order) = compare(&ours, &theirs);
        (f1_sum, order_sum, count) = (f1_sum + f1, order_sum + order, count + 1);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if f1.min(order) < 0.99 {
            println!("{name}: F1 {f1:.4}, order {order:.4}");
        }
        if f1.min(order) < FILE_FLOOR && !REASONS.iter().any(|(part, _)| name.contains(part)) {
            failures.push(format!("{name}: F1 {f1:.4}, order {order:.4}"));
        }
    }
    assert!(count > 0, "no PDF can be compared in {}", directory.display());
    let (f1, order) = (f1_sum / f64::from(count), order_sum / f64::from(count));
    println!("{count} files: F1 {f1:.4}, order {order:.4}");
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(f1 >= F1_FLOOR && order >= ORDER_FLOOR, "F1 {f1:.4}, order {order:.4}");
}

#[test]
fn real_letters_read_as_the_oracle_reads_them() {
    let letters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/letters");
    if !letters.is_dir() {
        println!("skipped: there are no letters in {}", letters.display());
        return;
    }
    assert_close_to_the_oracle(&letters);
}

/// The words that a fixture was made from: its text without the marks of its own notation.
fn source_words(directory: &Path, name: &str) -> Vec<String> {
    fn body(directory: &Path, text: &str, out: &mut String) {
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("@include ") {
                let part = std::fs::read_to_string(directory.join(format!("parts/{name}.txt"))).unwrap();
                body(directory, &part, out);
            } else if !(line.starts_with('[') && line.ends_with(']')) && line != "---" && line != "|" {
                let line = line.trim_start_matches(['#', '-', ' ']);
                let number = line.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok());
                out.push_str(number.map_or(line, |(_, rest)| rest));
                out.push('\n');
            }
        }
    }
    let text = std::fs::read_to_string(directory.join(format!("{name}.txt"))).unwrap();
    let mut out = String::new();
    body(directory, text.split_once("\n---\n").unwrap().1, &mut out);
    words(&out.replace("**", ""))
}

/// The written text is the strictest oracle: nothing may be missing, nothing added, whichever program made the PDF.
#[test]
fn fixture_letters_read_as_they_were_written() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/letters");
    let mut failures = Vec::new();
    for path in pdfs_below(&directory) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let theirs = source_words(&directory, &name);
        let document = extract(&std::fs::read(&path).unwrap(), &Limits::default()).unwrap();
        let text: Vec<&str> = document.blocks.iter().map(|block| block.text.as_str()).collect();
        let (f1, order) = compare(&words(&text.join("\n")), &theirs);
        println!("{name}: F1 {f1:.4}, order {order:.4}");
        if f1 < F1_FLOOR || order < FILE_FLOOR {
            failures.push(format!("{name}: F1 {f1:.4}, order {order:.4}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
