//! Modules use only those before them, files do not use each other, and each outside concern has one home.
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
    ("view", &["domain", "query", "export"]),
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
    ("demo", &["domain", "archive", "config", "crawl", "pipeline"]),
];

/// Crates that only the named modules may use.
const HOMES: &[(&str, &str)] = &[
    ("lopdf", "extract"),
    ("flate2", "extract|store"),
    ("reqwest", "crawl"),
    ("scraper", "crawl"),
    ("rusqlite", "store|query|export"),
    ("axum", "web|demo"),
    ("maud", "view|web|report|demo"),
    ("clap", "cli"),
    ("rten", "code"),
    ("rten_tensor", "code"),
    ("rust_xlsxwriter", "export|web|cli"),
    ("parquet", "export|pipeline"),
    ("icalendar", "view"),
    ("docx_rs", "report"),
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
        let permitted =
            allowed.get(module.as_str()).unwrap_or_else(|| panic!("module {module} has no arrows; add it here"));
        for capture in used.captures_iter(&code(&text)) {
            for target in word.find_iter(&capture[1]).map(|m| m.as_str()) {
                let is_module = target == "cli" || allowed.contains_key(target);
                if is_module && target != module && !permitted.contains(&target) {
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
fn only_store_query_and_export_write_sql() {
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

/// The file of each module: `src/store/mod.rs` is `["store"]`, `src/store/record.rs` is `["store", "record"]`.
fn modules(sources: &BTreeMap<PathBuf, String>) -> BTreeMap<Vec<String>, String> {
    let module = |path: &Path| {
        let mut parts: Vec<String> = path.with_extension("").iter().map(|p| p.to_str().unwrap().to_owned()).collect();
        if parts.last().is_some_and(|last| last == "mod") {
            parts.pop();
        }
        parts
    };
    sources.iter().map(|(path, text)| (module(path), code(text))).collect()
}

/// The paths that a file names, those in `use` trees and those written out, each as its segments.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    fn expand(tree: &str, before: &[String], into: &mut Vec<Vec<String>>) {
        let segments = |text: &str| -> Vec<String> {
            let text = text.split(" as ").next().unwrap_or_default();
            text.split("::").map(|s| s.trim().to_owned()).filter(|s| !s.is_empty() && s != "*").collect()
        };
        let Some((start, rest)) = tree.split_once('{') else {
            into.push([before.to_vec(), segments(tree)].concat());
            return;
        };
        let before = [before.to_vec(), segments(start)].concat();
        let (mut depth, mut item) = (0, String::new());
        for c in rest[..rest.rfind('}').unwrap_or(rest.len())].chars().chain([',']) {
            match c {
                ',' if depth == 0 => {
                    expand(&std::mem::take(&mut item), &before, into);
                    continue;
                }
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            item.push(c);
        }
    }
    let used = Regex::new(r"\buse ((?:crate|super)::[^;]+);").unwrap();
    let written = Regex::new(r"\b(?:crate|super)(?:::[A-Za-z_][A-Za-z0-9_]*)+").unwrap();
    let mut found = Vec::new();
    for tree in used.captures_iter(code) {
        expand(&tree[1], &[], &mut found);
    }
    for path in written.find_iter(&used.replace_all(code, "")) {
        expand(path.as_str(), &[], &mut found);
    }
    found
}

/// The files that each file uses. A folder's `mod.rs` and the files below it belong together and are left out.
fn uses_between_files(modules: &BTreeMap<Vec<String>, String>) -> BTreeMap<&[String], Vec<&[String]>> {
    let mut uses: BTreeMap<&[String], Vec<&[String]>> = BTreeMap::new();
    for (from, code) in modules {
        for path in paths_in(code) {
            let supers = path.iter().take_while(|segment| *segment == "super").count();
            let base = if path[0] == "crate" { &[] } else { &from[..from.len().saturating_sub(supers)] };
            let named = [base, &path[supers.max(1)..]].concat();
            let to = (1..=named.len()).rev().find_map(|length| modules.get_key_value(&named[..length]));
            let Some((to, _)) = to else { continue };
            if !to.starts_with(from) && !from.starts_with(to) {
                uses.entry(from).or_default().push(to);
            }
        }
    }
    uses
}

#[test]
fn no_files_use_each_other() {
    let sources = sources();
    let modules = modules(&sources);
    let uses = uses_between_files(&modules);
    assert!(uses.values().map(Vec::len).sum::<usize>() > 500, "the uses were not read");
    // A file is in a cycle if it can be reached from what it uses.
    let reached_from = |start: &[String]| {
        let mut reached: Vec<&[String]> = Vec::new();
        let mut open: Vec<&[String]> = uses.get(start).cloned().unwrap_or_default();
        while let Some(file) = open.pop() {
            if !reached.contains(&file) {
                reached.push(file);
                open.extend(uses.get(file).into_iter().flatten());
            }
        }
        reached
    };
    let in_cycles: Vec<_> =
        uses.keys().filter(|file| reached_from(file).contains(*file)).map(|file| file.join("/")).collect();
    assert!(in_cycles.is_empty(), "these files use each other, directly or by way of others: {in_cycles:?}");
}
