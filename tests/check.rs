//! `check`: damage is found, named, and mended by what it says.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::path::Path;

use serde_json::Value;
use support::program::{fixtures, json, sendlens, stdout};

fn letter() -> std::path::PathBuf {
    fixtures("letters").join("2024-fenbridge-full.pdf")
}

fn filled() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    stdout(&sendlens(data.path()).arg("ingest").arg(letter()).output().unwrap(), 0);
    data
}

fn problems(data: &Path, code: i32) -> Vec<Value> {
    let checked = json(&sendlens(data).args(["check", "--format", "json"]).output().unwrap(), code);
    checked["problems"].as_array().unwrap().clone()
}

fn archived(data: &Path) -> std::path::PathBuf {
    let folders = std::fs::read_dir(data.join("archive")).unwrap().map(|e| e.unwrap().path());
    folders
        .filter(|p| p.is_dir())
        .flat_map(|p| std::fs::read_dir(p).unwrap())
        .map(|e| e.unwrap().path())
        .next()
        .unwrap()
}

#[test]
fn a_sound_dataset_has_no_problems() {
    let data = filled();
    assert_eq!(problems(data.path(), 0), Vec::<Value>::new());
}

#[test]
fn changed_and_lost_bytes_are_found_and_mended_by_the_command_that_is_named() {
    let data = filled();
    let file = archived(data.path());
    for damage in [Some(&b"%PDF-1.7 something else"[..]), None] {
        match damage {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let found = problems(data.path(), 2);
        assert_eq!((found.len(), &found[0]["what"]), (1, &"archive".into()));
        assert_eq!(found[0]["mend"], format!("sendlens ingest '{}'", letter().display()));
        stdout(&sendlens(data.path()).arg("ingest").arg(letter()).output().unwrap(), 0);
        assert_eq!(problems(data.path(), 0), Vec::<Value>::new());
    }
}

#[test]
fn an_invented_quote_and_a_lost_finding_are_found_and_mended() {
    let data = filled();
    let connection = rusqlite::Connection::open(data.path().join("sendlens.sqlite")).unwrap();
    let change = |sql: &str| assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
    change(
        "UPDATE all_findings SET text = 'Leaders invented this.' WHERE finding_no =
             (SELECT min(finding_no) FROM all_findings WHERE role = 'narrative')",
    );
    let found = problems(data.path(), 2);
    assert_eq!((found.len(), &found[0]["what"]), (1, &"quote".into()));
    stdout(&sendlens(data.path()).args(["rebuild", "--from", "extract"]).output().unwrap(), 0);
    assert_eq!(problems(data.path(), 0), Vec::<Value>::new());
}
