//! The arrows between the modules hold: a stage knows only the stages before it, and each outside concern has one home.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::Regex;

/// What each module may use of the crate, besides itself.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain", "crawl"]),
    ("reference", &["domain"]),
    ("extract", &["domain"]),
    ("parse", &["domain", "reference"]),
    ("codebook", &["domain"]),
    ("code", &["domain", "codebook"]),
    ("evaluate", &["domain", "reference", "extract", "parse", "codebook", "code"]),
    ("archive", &["domain"]),
    ("store", &["domain", "reference", "parse", "codebook", "archive"]),
    ("query", &["domain", "reference", "codebook", "code", "parse", "archive", "store"]),
    ("export", &["domain", "reference", "codebook", "archive", "store", "query"]),
    ("view", &["domain", "query"]),
    ("report", &["domain", "reference", "codebook", "store", "query", "view"]),
    ("web", &["domain", "reference", "codebook", "store", "query", "export", "report", "view", "config"]),
    ("crawl", &["domain", "reference", "parse", "store"]),
    (
        "pipeline",
        &[
            "domain",
            "reference",
            "extract",
            "parse",
            "codebook",
            "code",
            "archive",
            "store",
            "query",
            "export",
            "crawl",
            "config",
        ],
    ),
    ("evaluate", &["domain", "reference", "extract", "parse", "codebook", "code"]),
    ("demo", &["domain", "archive", "config", "crawl", "pipeline"]),
];

/// Crates that only one module may name.
const HOMES: &[(&str, &str)] = &[
    ("lopdf", "extract"),
    ("flate2", "extract|store"),
    ("reqwest", "crawl"),
    ("scraper", "crawl"),
    ("rusqlite", "store|query|export"),
    ("axum", "web|demo"),
    ("maud", "view|web|report|demo"),
    ("clap", "cli"),
    ("ndarray", "code"),
    ("rust_xlsxwriter", "export|web|cli"),
    ("parquet", "export|pipeline"),
];

fn sources() -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.insert(path.strip_prefix(&root).unwrap().to_owned(), text);
            }
        }
    }
    found
}

fn module_of(path: &Path) -> String {
    path.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// Code without comments and without its test modules.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    body.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_stage_uses_only_the_stages_before_it() {
    let used = Regex::new(r"\bcrate::(\{[^}]*\}|[a-z_]+)").unwrap();
    let word = Regex::new(r"[a-z_]+").unwrap();
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if ["lib", "main", "cli", "python"].contains(&module.as_str()) {
            continue;
        }
        let may = allowed.get(module.as_str()).unwrap_or_else(|| panic!("module {module} has no arrows; add it here"));
        for capture in used.captures_iter(&code(&text)) {
            for target in word.find_iter(&capture[1]).map(|m| m.as_str()) {
                let is_module = target == "cli" || allowed.contains_key(target);
                if is_module && target != module && !may.contains(&target) {
                    wrong.push(format!("{} uses crate::{target}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows against the pipeline:\n{}", wrong.join("\n"));
}

#[test]
fn each_outside_concern_has_one_home() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        let code = code(&text);
        for (name, homes) in HOMES {
            let named = Regex::new(&format!(r"\b{name}::")).unwrap().is_match(&code);
            if named && !homes.split('|').any(|home| home == module) {
                wrong.push(format!("{} names {name}, which belongs to {homes}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_store_and_query_write_sql_and_the_export_its_copy() {
    let sql = Regex::new(r#""\s*(SELECT|INSERT|UPDATE|DELETE|CREATE TABLE|PRAGMA)\b"#).unwrap();
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| {
            !["store", "query", "export"].contains(&module_of(path).as_str()) && sql.is_match(&code(text))
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "SQL outside store, query and export: {wrong:?}");
}
