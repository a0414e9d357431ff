//! Every dependency of the program is documented, used, locked, and from one registry.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;
use toml::Table;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The direct dependencies with their kind: `program`, `python` (optional) or `tests`.
fn direct_dependencies() -> BTreeMap<String, &'static str> {
    let manifest: Table = read("Cargo.toml").parse().unwrap();
    let mut found = BTreeMap::new();
    for (table, kind) in [("dependencies", "program"), ("dev-dependencies", "tests")] {
        for (name, wanted) in manifest[table].as_table().unwrap() {
            let optional = wanted.get("optional").and_then(toml::Value::as_bool) == Some(true);
            found.insert(name.clone(), if optional { "python" } else { kind });
        }
    }
    found
}

/// All Rust code in folders of the project, as one text.
fn code(folders: &[&str]) -> String {
    let mut open: Vec<_> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut text = String::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|item| item.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    text
}

#[test]
fn every_dependency_has_its_reason_in_the_documentation() {
    let row = Regex::new(r"(?m)^\| ([a-z0-9_-]+) \| (program|python|tests) \| (.+) \|$").unwrap();
    let text = read("docs/dependencies.md");
    let documented: BTreeMap<String, &str> =
        row.captures_iter(&text).map(|c| (c[1].to_owned(), c.get(2).unwrap().as_str())).collect();
    assert_eq!(documented, direct_dependencies());
}

#[test]
fn every_dependency_is_used() {
    let (program, all) = (code(&["src"]), code(&["src", "tests", "benches"]));
    for (name, kind) in direct_dependencies() {
        // The library of md-5 has another name than its crate.
        let library = if name == "md-5" { "md5".to_owned() } else { name.replace('-', "_") };
        let used = Regex::new(&format!(r"\b{library}(::|!|\]|;)")).unwrap();
        assert!(used.is_match(if kind == "tests" { &all } else { &program }), "nothing uses {name}");
    }
}

#[test]
fn the_lock_file_names_one_registry_and_a_checksum_for_each_crate() {
    let lock: Table = read("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let mut outside = BTreeSet::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str);
        match text("source") {
            None => assert_eq!(name, "sendlens", "a crate from a folder"),
            Some(source) => {
                outside.insert(source);
                assert_eq!(text("checksum").map(str::len), Some(64), "{name} has no checksum");
            }
        }
    }
    assert_eq!(outside.len(), 1, "{outside:?}");
    assert!(outside.iter().all(|source| source.starts_with("registry+https://")), "{outside:?}");
}

#[test]
fn unsafe_code_is_forbidden_and_every_build_is_locked() {
    let manifest: Table = read("Cargo.toml").parse().unwrap();
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    let ci = read(".ci/run");
    let builds =
        ci.lines().filter(|line| Regex::new(r"^\s*cargo (build|clippy|test|run|bench)\b").unwrap().is_match(line));
    let builds: Vec<&str> = builds.collect();
    assert!(builds.len() >= 2 && builds.iter().all(|line| line.contains("--locked")), "{builds:?}");
    // Patterns of codebooks and configurations must not be able to run for ever.
    let lock = read("Cargo.lock");
    for backtracking in ["fancy-regex", "pcre2", "onig"] {
        assert!(!lock.contains(&format!("name = \"{backtracking}\"")), "{backtracking} backtracks");
    }
}
