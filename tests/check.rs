//! `check` finds and names damage of every kind, and the command that it offers mends it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use sendlens::demo::Site;
use serde_json::Value;
use support::program::{fixtures, json, sendlens, stdout};
use support::site::{Home, LiveSite};

const MAX_COMMANDS: usize = 3;

fn letter_file() -> PathBuf {
    fixtures("letters").join("2024-fenbridge-full.pdf")
}

fn ingest_letter() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    stdout(&sendlens(data.path()).arg("ingest").arg(letter_file()).output().unwrap(), 0);
    data
}

fn problems(data: &Path, code: i32) -> Vec<Value> {
    let checked = json(&sendlens(data).args(["check", "--format", "json"]).output().unwrap(), code);
    checked["problems"].as_array().unwrap().clone()
}

fn findings(data: &Path) -> Value {
    json(&sendlens(data).args(["findings", "--format", "json"]).output().unwrap(), 0)
}

fn archived_file(data: &Path) -> PathBuf {
    let folders = std::fs::read_dir(data.join("archive")).unwrap().map(|e| e.unwrap().path());
    folders
        .filter(|p| p.is_dir())
        .flat_map(|p| std::fs::read_dir(p).unwrap())
        .map(|e| e.unwrap().path())
        .next()
        .unwrap()
}

/// Runs each command that the problems offer once, from the top, as a user would.
fn mend(problems: &[Value], program: impl Fn() -> Command) {
    let mut run = BTreeSet::new();
    for problem in problems {
        let offered = problem["mend"].as_str().unwrap();
        if run.insert(offered) {
            let words =
                offered.strip_prefix("sendlens ").unwrap_or_else(|| panic!("not a sendlens command: {offered}"));
            let (words, path) = words.split_once(" '").unwrap_or((words, ""));
            let mut command = program();
            command.args(words.split(' ')).args((!path.is_empty()).then(|| path.trim_end_matches('\'')));
            stdout(&command.output().unwrap(), 0);
        }
    }
    assert!(run.len() <= MAX_COMMANDS, "{run:?}");
}

#[test]
fn a_sound_dataset_has_no_problems() {
    let data = ingest_letter();
    assert_eq!(problems(data.path(), 0), Vec::<Value>::new());
}

#[test]
fn changed_cut_and_lost_bytes_are_mended_from_the_file() {
    let data = ingest_letter();
    let file = archived_file(data.path());
    let whole = std::fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damage in [Some(&flipped[..]), Some(&whole[..whole.len() / 2]), Some(b""), None] {
        match damage {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let found = problems(data.path(), 2);
        assert_eq!((found.len(), &found[0]["what"]), (1, &"archive".into()));
        assert_eq!(found[0]["at"], sendlens::archive::sha256(&whole));
        assert_eq!(found[0]["mend"], format!("sendlens ingest '{}'", letter_file().display()));
        mend(&found, || sendlens(data.path()));
        assert_eq!(std::fs::read(&file).unwrap(), whole);
        assert_eq!(problems(data.path(), 0), Vec::<Value>::new());
    }
}

#[test]
fn lost_bytes_of_a_source_are_mended_by_fetching_them_again() {
    let mut content = Site::bundled();
    content.areas.retain(|area| area.name == "Westhaven");
    let site = LiveSite::start(content);
    let home = Home::new(&site.server.url("/"));
    assert_eq!(home.update(&[]).0, 0);
    std::fs::remove_file(archived_file(&home.data())).unwrap();
    let check = || home.run(&["check", "--format", "json"]);
    let found = check();
    assert_eq!(found.code, Some(2), "{}", found.stderr);
    let found = found.json()["problems"].as_array().unwrap().clone();
    assert_eq!((found.len(), &found[0]["mend"]), (1, &"sendlens update --full".into()));
    mend(&found, || home.program());
    assert_eq!(check().code, Some(0));
}

#[test]
fn damage_in_the_database_is_mended_by_the_offered_commands() {
    let sound = ingest_letter();
    let expected = findings(sound.path());
    let (from_code, from_parse, from_extract) =
        ("sendlens rebuild --from code", "sendlens rebuild --from parse", "sendlens rebuild --from extract");
    let from_file = format!("sendlens ingest '{}'", letter_file().display());
    let damages: &[(&str, &[(&str, &str)])] = &[
        // Versions.
        ("UPDATE documents SET parse_version = 0", &[("version", "sendlens rebuild")]),
        // Quotes.
        (
            "UPDATE all_findings SET text = 'Leaders invented this.' WHERE finding_no =
                 (SELECT min(finding_no) FROM all_findings WHERE role = 'narrative')",
            &[("quote", from_extract)],
        ),
        // Counts.
        ("UPDATE all_letters SET area_for_improvement = 9", &[("count", from_parse)]),
        ("DELETE FROM all_findings WHERE finding_no = 3", &[("link", from_parse), ("count", from_parse)]),
        // Links.
        ("DELETE FROM all_letters", &[("link", from_parse), ("letter", from_parse)]),
        ("DELETE FROM documents", &[("link", from_parse), ("link", &from_file)]),
        ("UPDATE all_letters SET current = 0", &[("link", from_parse)]),
        ("UPDATE all_letters SET publication_no = NULL", &[("link", from_parse)]),
        ("DELETE FROM finding_index", &[("link", from_code)]),
        ("UPDATE all_finding_themes SET theme = 'leadership'", &[("link", from_code)]),
        ("DELETE FROM findings_fts WHERE rowid = 2", &[("link", from_parse)]),
        // Stored texts.
        ("UPDATE document_texts SET letter = NULL", &[("letter", from_extract)]),
        ("UPDATE document_texts SET text = x'00'", &[("letter", from_extract)]),
        ("DELETE FROM document_texts", &[("letter", from_extract)]),
        // Indexes: two of them have each other's pages.
        (
            "UPDATE sqlite_schema SET rootpage = (SELECT sum(rootpage) FROM sqlite_schema
                 WHERE name IN ('findings_by_id', 'findings_by_role')) - rootpage
             WHERE name IN ('findings_by_id', 'findings_by_role')",
            &[("database", from_code)],
        ),
    ];
    for (damage, named) in damages {
        let data = tempfile::tempdir().unwrap();
        copy(sound.path(), data.path());
        let connection = Connection::open(data.path().join("sendlens.sqlite")).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON").unwrap();
        // This trigger would keep the search index in step with the damage.
        connection.execute_batch("DROP TRIGGER findings_fts_delete").unwrap();
        assert!(connection.execute(damage, []).unwrap() > 0, "{damage}");
        connection
            .execute_batch(
                "CREATE TRIGGER findings_fts_delete AFTER DELETE ON all_findings BEGIN
                     INSERT INTO findings_fts (findings_fts, rowid, text) VALUES ('delete', old.finding_no, old.text);
                 END;",
            )
            .unwrap();
        drop(connection);
        let found = problems(data.path(), 2);
        for (what, offered) in *named {
            let reported = found.iter().any(|problem| problem["what"] == *what && problem["mend"] == *offered);
            assert!(reported, "{damage}: no problem of the kind {what} offers {offered}: {found:#?}");
        }
        mend(&found, || sendlens(data.path()));
        assert_eq!(problems(data.path(), 0), Vec::<Value>::new(), "{damage}");
        assert_eq!(findings(data.path()), expected, "{damage}");
        assert_search_is_sound(data.path(), damage);
    }
}

/// Asserts that the search index has exactly the words of the findings.
fn assert_search_is_sound(data: &Path, context: &str) {
    let connection = Connection::open(data.join("sendlens.sqlite")).unwrap();
    let compare = "INSERT INTO findings_fts (findings_fts, rank) VALUES ('integrity-check', 1)";
    connection.execute(compare, []).unwrap_or_else(|error| panic!("{context}: {error}"));
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let place = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            std::fs::create_dir(&place).unwrap();
            copy(&entry, &place);
        } else {
            std::fs::copy(&entry, place).unwrap();
        }
    }
}
