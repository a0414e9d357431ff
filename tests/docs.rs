//! The documentation is true: every command, file and function that it names exists, every link leads somewhere, and
//! every command that exists is shown and explained.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The documents in the root and everything in `docs/`.
fn documents() -> Vec<(String, String)> {
    let mut paths: Vec<_> = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].map(PathBuf::from).into();
    if let Ok(folder) = std::fs::read_dir(root().join("docs")) {
        paths.extend(folder.map(|e| Path::new("docs").join(e.unwrap().file_name())));
    }
    paths
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .map(|p| (p.display().to_string(), std::fs::read_to_string(root().join(&p)).unwrap()))
        .collect()
}

/// Splits as a shell would, as far as examples need: words, quotes, and the end of the command.
fn words(line: &str) -> Vec<String> {
    let word = Regex::new(r#"'([^']*)'|"([^"]*)"|([^\s'"]+)"#).unwrap();
    word.captures_iter(line)
        .map(|c| c.iter().skip(1).flatten().next().unwrap().as_str().to_owned())
        .take_while(|w| !["|", ">", "#", "&&", "&"].contains(&w.as_str()))
        .collect()
}

/// The examples of a text: lines that start with the program's name, and such commands between backticks.
fn examples(text: &str) -> Vec<String> {
    let inline = Regex::new(r"`(sendlens [^`\n]+)`").unwrap();
    // Outside a block of code, a line that starts with the program's name is prose.
    let mut fenced = !text.contains("```");
    let lines = text.lines().map(str::trim).filter(move |line| {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        fenced && line.starts_with("sendlens ")
    });
    let lines = lines.map(str::to_owned);
    lines.chain(inline.captures_iter(text).map(|c| c[1].to_owned())).collect()
}

/// A line with a placeholder, such as `sendlens COMMAND --help`, is no example.
fn is_example(words: &[String]) -> bool {
    words.get(1).is_some_and(|w| w.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
}

fn parses(words: &[String]) -> Result<(), String> {
    match sendlens::cli::definition().try_get_matches_from(words) {
        Ok(_) => Ok(()),
        Err(error) if !error.use_stderr() => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn readme_starts_with_the_two_commands() {
    let readme = read("README.md");
    let commands: Vec<_> = readme.lines().filter(|l| l.starts_with("cargo ")).take(2).collect();
    assert_eq!(commands, ["cargo run --release -- demo", "cargo test"]);
    assert!(read(".ci/run").lines().any(|l| l.starts_with("cargo test")), ".ci/run runs another test command");
}

#[test]
fn every_example_in_the_documents_is_a_valid_call() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, text) in documents() {
        for example in examples(&text) {
            let words = words(&example);
            if !is_example(&words) {
                continue;
            }
            count += 1;
            // FILE and DATE stand for values of the reader's own.
            let words: Vec<_> =
                words.into_iter().map(|w| if w == "DATE" { "2024-01-31".to_owned() } else { w }).collect();
            if let Err(error) = parses(&words) {
                wrong.push(format!("{name}: {example}\n{error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 10, "only {count} examples were found");
}

#[test]
fn every_command_is_documented_and_its_help_has_valid_examples() {
    let documented = read("docs/using.md");
    for command in sendlens::cli::definition().get_subcommands().filter(|c| !c.is_hide_set()) {
        let name = command.get_name();
        assert!(documented.contains(&format!("`sendlens {name}")), "docs/using.md does not show `sendlens {name}`");
        assert!(command.get_about().is_some(), "{name} has no description");
        if command.has_subcommands() {
            continue;
        }
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Example"), "the help of {name} has no example");
        for example in examples(&help) {
            let mut words = words(&example);
            // Two spaces separate an example from an explanation behind it.
            if let Some(end) = example.find("  ") {
                words = self::words(&example[..end]);
            }
            parses(&words).unwrap_or_else(|e| panic!("help of {name}: {example}\n{e}"));
        }
    }
}

/// A screen shows some 45 lines.
#[test]
fn readme_fits_on_a_screen_and_a_half() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 70, "README has {lines} lines; move what a first reader does not need to docs/");
}

#[test]
fn every_file_and_function_that_a_document_names_exists() {
    let named = Regex::new(
        r"`((?:src|tests|benches|docs|corpus|fixtures|python|fuzz|\.ci)/[A-Za-z0-9_./-]*)(?:::([a-z0-9_]+))?`",
    )
    .unwrap();
    let mut wrong = Vec::new();
    for (document, text) in documents() {
        for name in named.captures_iter(&text) {
            let path = root().join(&name[1]);
            if !path.exists() {
                wrong.push(format!("{document}: there is no {}", &name[1]));
            } else if let Some(function) = name.get(2) {
                let defined = Regex::new(&format!(r"\b(fn|def) {}\b", function.as_str())).unwrap();
                if !defined.is_match(&std::fs::read_to_string(&path).unwrap()) {
                    wrong.push(format!("{document}: {} has no function {}", &name[1], function.as_str()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#\s]+)(?:#([^)\s]+))?\)").unwrap();
    let mut wrong = Vec::new();
    for (document, text) in documents() {
        let folder = root().join(&document).parent().unwrap().to_owned();
        for found in link.captures_iter(&text).filter(|found| !found[1].contains("://")) {
            let target = folder.join(&found[1]);
            if !target.exists() {
                wrong.push(format!("{document}: {}", &found[1]));
            } else if let Some(section) = found.get(2) {
                let text = std::fs::read_to_string(&target).unwrap();
                let headings = text.lines().filter(|line| line.starts_with('#'));
                let mut anchors =
                    headings.map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"));
                if !anchors.any(|anchor| anchor == section.as_str()) {
                    wrong.push(format!("{document}: {} has no section {}", &found[1], section.as_str()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_argument_is_explained() {
    fn check(command: &clap::Command) {
        for argument in command.get_arguments() {
            let name = argument.get_id();
            assert!(argument.get_help().is_some(), "{} {name} has no help", command.get_name());
        }
        command.get_subcommands().for_each(check);
    }
    check(&sendlens::cli::definition());
}
