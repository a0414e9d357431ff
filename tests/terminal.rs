//! Commands print for readers: no word, date or id is broken at any usual width, and small mistakes get advice.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// The fixture letters as a dataset, made once.
fn data() -> &'static Path {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    DATA.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap().keep();
        let made = program(&dir).arg("ingest").arg(Path::new(FIXTURES).join("letters")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        dir
    })
}

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sendlens"));
    command.env_clear().env("SENDLENS_NO_MODEL", "true").current_dir(std::env::temp_dir());
    command.arg("--reference").arg(Path::new(FIXTURES).join("reference")).arg("--data").arg(data);
    command
}

fn run(arguments: &[&str]) -> Output {
    program(data()).args(arguments).output().unwrap()
}

fn printed(arguments: &[&str], columns: usize) -> String {
    let output = program(data()).env("COLUMNS", columns.to_string()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const COMMANDS: &[&[&str]] = &[
    &["letters"],
    &["letters", "--kind", "other"],
    &["areas"],
    &["findings", "--limit", "40"],
    &["themes"],
    &["themes", "--by", "year"],
    &["peers", "Thornwick"],
    &["changes", "--since", "2020-01-01"],
    &["search", "autism OR \"speech and language\""],
    &["recurring"],
    &["area", "Thornwick"],
    &["compare", "971", "972", "973", "974", "975", "976"],
    &["due"],
    &["peers", "Thornwick", "--basis", "972,973"],
    &["letter", "971-2023-05-15-full"],
    &["status"],
];

/// The words of a text, and the parts of them between which a line may end.
fn vocabulary(text: &str) -> BTreeSet<String> {
    // The last theme that fits has no semicolon after it.
    let words = text.split_whitespace().flat_map(|word| [word, word.trim_end_matches(';')]);
    words.flat_map(|word| word.split_inclusive('-').chain([word]).map(str::to_owned)).collect()
}

#[test]
fn no_word_date_or_id_is_broken_and_no_table_is_too_wide() {
    for command in COMMANDS {
        let known = vocabulary(&printed(command, 4_000));
        for columns in [80, 100, 120] {
            let text = printed(command, columns);
            for line in text.lines() {
                // An address, hash or folder that is longer than a line stays whole, so that it can be copied.
                let fits = line.chars().count() <= columns || line.split_whitespace().any(|word| word.len() > 40);
                assert!(fits, "{command:?} at {columns}: {line}");
            }
            for word in text.split_whitespace().filter(|word| !word.contains(['…', '─'])) {
                let whole = known.contains(word) || word.split_inclusive('-').all(|part| known.contains(part));
                // The note of how many themes did not fit.
                let counted = command[0] == "changes" && word.parse::<usize>().is_ok()
                    || ["and", "more", "themes"].contains(&word);
                assert!(whole || counted, "{command:?} at {columns} breaks a word: {word}\n{text}");
            }
        }
    }
}

#[test]
fn output_for_another_program_has_no_styles_and_whole_lines() {
    for command in COMMANDS {
        let output = run(command);
        assert!(!output.stdout.contains(&0x1b), "{command:?}");
    }
    let text = String::from_utf8(run(&["search", "autism"]).stdout).unwrap();
    let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest > 100, "findings stay on one line for grep: {longest}");
}

#[test]
fn changes_take_two_lines_a_letter() {
    let letters = run(&["changes", "--since", "2020-01-01", "--format", "json"]).stdout;
    let count = serde_json::from_slice::<serde_json::Value>(&letters).unwrap().as_array().unwrap().len();
    assert_eq!(printed(&["changes", "--since", "2020-01-01"], 80).lines().count(), 2 * count);
}

#[test]
fn findings_of_a_letter_begin_with_its_formal_items_and_show_role_and_polarity_at_any_width() {
    let text = printed(&["findings", "--area", "971", "--kind", "area_send_full"], 80);
    let mut lines = text.lines();
    let titles = lines.next().unwrap();
    assert!(titles.contains("Role") && titles.contains("Polarity"), "{titles}");
    assert!(lines.nth(1).unwrap().contains("priority"), "{text}");
    let found = run(&["findings", "--area", "971", "--kind", "area_send_full", "--format", "json"]).stdout;
    let found: serde_json::Value = serde_json::from_slice(&found).unwrap();
    let places: Vec<u8> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let formal = ["priority_action", "area_for_improvement"].contains(&finding["role"].as_str().unwrap());
            if formal { 0 } else { 1 + u8::from(finding["section"] == "context") }
        })
        .collect();
    assert!(places.is_sorted() && places.contains(&0) && places.contains(&2), "{places:?}");
}

#[test]
fn few_peers_are_shown_with_counts_and_no_shares() {
    let few = printed(&["peers", "Thornwick", "--basis", "972,973"], 80);
    assert!(few.contains(" of 2") && !few.contains('%') && few.contains("criticised"), "{few}");
    assert!(printed(&["peers", "Thornwick", "--basis", "all"], 80).contains('%'));
}

#[test]
fn a_letter_is_found_by_its_id_file_or_hash() {
    let letters = run(&["letters", "--format", "json"]).stdout;
    let letters: serde_json::Value = serde_json::from_slice(&letters).unwrap();
    for letter in letters.as_array().unwrap().iter().take(5) {
        for name in ["id", "file", "sha256"] {
            let shown = printed(&["letter", letter[name].as_str().unwrap()], 100);
            assert!(shown.contains(letter["id"].as_str().unwrap()), "{name}: {shown}");
        }
    }
    let unknown = run(&["letter", "nothing.pdf"]);
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn a_minus_excludes_a_word_from_a_search() {
    let count = |query: &str| {
        let found = run(&["search", query, "--format", "json"]).stdout;
        serde_json::from_slice::<serde_json::Value>(&found).unwrap().as_array().unwrap().len()
    };
    assert!(count("autism -assessment") < count("autism"));
    assert_eq!(count("autism -assessment"), count("autism NOT assessment"));
}

#[test]
fn small_mistakes_get_advice() {
    let run_wrong = |arguments: &[&str]| {
        let output = run(arguments);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, message) = run_wrong(&["letters", "--since", "2024-02-01", "--until", "2024-01-01"]);
    assert_eq!(code, Some(1));
    assert!(message.contains("swap the two days"), "{message}");

    let file = data().join("sendlens.sqlite");
    let (code, message) = run_wrong(&["export", "--to", file.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(message.contains("is a file; name a folder") && !message.contains("disk"), "{message}");
}

#[test]
fn a_check_says_that_documents_were_coded_without_the_model() {
    let checked = program(data()).arg("check").output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stdout));
    let with_model = program(data()).env_remove("SENDLENS_NO_MODEL").arg("check").output().unwrap();
    let text = String::from_utf8(with_model.stdout).unwrap();
    assert_eq!(with_model.status.code(), Some(2));
    assert!(text.contains("coded without the language model") && text.contains("--no-model"), "{text}");
}
