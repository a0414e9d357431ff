//! `ingest` stores letters once, refuses what is not a letter, and survives being killed; `rebuild` gives the same dataset.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "extract/pages.rs"]
mod pages;
mod support;
#[path = "extract/wrap.rs"]
#[allow(dead_code, reason = "a part is used here")]
mod wrap;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use support::program::{fixtures, json, program, sendlens, shared, stdout};

fn pdfs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "pdf"))
        .collect();
    found.sort();
    found
}

/// Everything that a dataset answers.
fn answers(data: &Path) -> (Value, Value) {
    let ask = |what: &str| json(&sendlens(data).args([what, "--format", "json"]).output().unwrap(), 0);
    (ask("letters"), ask("findings"))
}

#[test]
fn the_fixtures_are_stored_and_a_second_run_stores_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut ingest = sendlens(data.path());
    ingest.args(["ingest", "--format", "json"]).arg(fixtures("letters"));
    let first = json(&ingest.output().unwrap(), 0);
    let total = pdfs(&fixtures("letters")).len();
    assert_eq!(first["documents"].as_array().unwrap().len(), total);
    assert_eq!(first["failed"], 0, "{first:#}");
    assert_eq!(first["stored"].as_u64().unwrap() + first["set_aside"].as_u64().unwrap(), total as u64);
    let before = answers(data.path());
    let second = json(&ingest.output().unwrap(), 0);
    assert_eq!(second["unchanged"], total);
    assert_eq!((&second["stored"], &second["revised"], &second["failed"]), (&0.into(), &0.into(), &0.into()));
    assert_eq!(answers(data.path()), before);
}

#[test]
fn the_order_of_files_and_the_number_of_threads_do_not_matter() {
    let mut files = pdfs(&fixtures("letters"));
    let mut results = Vec::new();
    for threads in ["1", "4"] {
        let data = tempfile::tempdir().unwrap();
        files.reverse();
        let output = sendlens(data.path()).args(["--threads", threads, "ingest"]).args(&files).output().unwrap();
        stdout(&output, 0);
        results.push(answers(data.path()));
    }
    assert_eq!(results[0], results[1]);
    assert!(!results[0].1.as_array().unwrap().is_empty());
}

#[test]
fn a_missing_path_is_named_and_nothing_is_made() {
    let data = tempfile::tempdir().unwrap();
    let inside = data.path().join("new");
    let output = sendlens(&inside).args(["ingest", "no-such-folder"]).output().unwrap();
    stdout(&output, 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-folder; check the path"));
    assert!(!inside.exists());
}

#[test]
fn a_web_page_named_pdf_is_refused_as_what_it_is() {
    let data = tempfile::tempdir().unwrap();
    let page = data.path().join("letter.pdf");
    std::fs::write(&page, "<!DOCTYPE html><html><body>Page not found</body></html>").unwrap();
    let output = sendlens(data.path()).args(["ingest", "--format", "json"]).arg(&page).output().unwrap();
    let report = json(&output, 2);
    assert_eq!(report["documents"][0]["status"], "failed");
    assert_eq!(report["documents"][0]["reason"]["code"], "not_a_pdf");
    assert!(report["documents"][0]["reason"]["message"].as_str().unwrap().contains("HTML"));
}

#[test]
fn a_changed_file_is_a_revision() {
    let data = tempfile::tempdir().unwrap();
    let files = pdfs(&fixtures("letters"));
    let full = |n: usize| files.iter().filter(|f| f.to_string_lossy().ends_with("-full.pdf")).nth(n).unwrap();
    let file = data.path().join("letter.pdf");
    let ingest = || json(&sendlens(data.path()).args(["ingest", "--format", "json"]).arg(&file).output().unwrap(), 0);
    std::fs::copy(full(0), &file).unwrap();
    assert_eq!(ingest()["stored"], 1);
    // The same text in other bytes: a comment after the end of the file.
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(b"\n% saved again\n");
    std::fs::write(&file, &bytes).unwrap();
    let before = answers(data.path()).1;
    assert_eq!(ingest()["revised"], 1);
    assert_eq!(answers(data.path()).1, before, "the same text brings the same findings");
}

#[test]
fn a_killed_ingest_is_completed_by_the_same_command() {
    let whole = tempfile::tempdir().unwrap();
    stdout(&sendlens(whole.path()).arg("ingest").arg(fixtures("letters")).output().unwrap(), 0);
    let expected = answers(whole.path());
    for wait in [5, 60, 150, 300, 600] {
        let data = tempfile::tempdir().unwrap();
        let mut ingest = sendlens(data.path());
        ingest.args(["--threads", "2", "ingest"]).arg(fixtures("letters"));
        let mut child = ingest.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        let database = data.path().join("sendlens.sqlite");
        if database.exists() {
            let connection = rusqlite::Connection::open(&database).unwrap();
            let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(verdict, "ok");
        }
        stdout(&ingest.output().unwrap(), 0);
        assert_eq!(answers(data.path()), expected, "killed after {wait} ms");
    }
}

/// The number of segments of the search index. Words of removed findings stay in it until the segments are merged.
fn search_index_segments(data: &Path) -> i64 {
    let connection = rusqlite::Connection::open(data.join("sendlens.sqlite")).unwrap();
    connection.query_row("SELECT count(DISTINCT segid) FROM findings_fts_idx", [], |row| row.get(0)).unwrap()
}

#[test]
fn rebuilding_from_any_stage_gives_the_same_dataset_and_a_merged_search_index() {
    let data = tempfile::tempdir().unwrap();
    stdout(&sendlens(data.path()).arg("ingest").arg(fixtures("letters")).output().unwrap(), 0);
    let before = answers(data.path());
    assert!(search_index_segments(data.path()) > 1);
    for stage in ["extract", "parse", "code"] {
        let report =
            json(&sendlens(data.path()).args(["rebuild", "--from", stage, "--format", "json"]).output().unwrap(), 0);
        assert_eq!(report["documents"].as_array().unwrap().len(), pdfs(&fixtures("letters")).len());
        assert_eq!(answers(data.path()), before, "from {stage}");
        assert_eq!(search_index_segments(data.path()), 1, "from {stage}");
    }
    let idle = json(&sendlens(data.path()).args(["rebuild", "--format", "json"]).output().unwrap(), 0);
    assert_eq!(idle["documents"], Value::Array(Vec::new()));
}

#[test]
fn a_document_lost_from_the_archive_is_reported_and_keeps_its_letter() {
    let data = tempfile::tempdir().unwrap();
    let file = &pdfs(&fixtures("letters"))[0];
    stdout(&sendlens(data.path()).arg("ingest").arg(file).output().unwrap(), 0);
    let before = answers(data.path());
    std::fs::remove_dir_all(data.path().join("archive")).unwrap();
    let report =
        json(&sendlens(data.path()).args(["rebuild", "--from", "extract", "--format", "json"]).output().unwrap(), 2);
    assert_eq!(report["failed"], 1);
    assert_eq!(answers(data.path()), before);
}

#[test]
fn the_real_documents_are_sorted_into_letters_other_programmes_and_failures() {
    let Some(letters) = shared("letters") else { return };
    let data = tempfile::tempdir().unwrap();
    let mut ingest = program();
    ingest.arg("--data").arg(data.path()).args(["ingest", "--format", "json"]).arg(&letters);
    let first = json(&ingest.output().unwrap(), 2);
    assert_eq!((&first["stored"], &first["set_aside"], &first["failed"]), (&35.into(), &77.into(), &3.into()));
    for document in first["documents"].as_array().unwrap() {
        match document["status"].as_str().unwrap() {
            "stored" => assert!(document["file"].as_str().unwrap().contains("area-send-2023"), "{document}"),
            "failed" => assert_eq!(document["reason"]["code"], "not_a_pdf"),
            _ => assert!(!document["reason"]["message"].as_str().unwrap().is_empty()),
        }
    }
    let listed =
        json(&program().arg("--data").arg(data.path()).args(["letters", "--format", "json"]).output().unwrap(), 0);
    assert_eq!(listed.as_array().unwrap().len(), 35);
    let second = json(&ingest.output().unwrap(), 2);
    assert_eq!((&second["stored"], &second["unchanged"], &second["failed"]), (&0.into(), &112.into(), &3.into()));
}

#[test]
fn a_scan_with_a_letterhead_and_a_file_cut_off_fail_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let letterhead = "Joint targeted area inspection of Orme: response to abuse and neglect";
    let scan = |_| format!("q 595 0 0 800 0 0 cm /I Do Q {}", pages::line(60.0, 810.0, letterhead));
    std::fs::write(folder.path().join("scan.pdf"), pages::untagged(&[1, 2, 3].map(scan))).unwrap();
    let whole = pages::fixture("2024-fenbridge-full.pdf");
    std::fs::write(folder.path().join("cut.pdf"), &whole[..whole.len() / 2]).unwrap();
    let data = tempfile::tempdir().unwrap();
    let output = sendlens(data.path()).args(["ingest", "--format", "json"]).arg(folder.path()).output().unwrap();
    let report = json(&output, 2);
    assert_eq!((&report["failed"], &report["stored"]), (&2.into(), &0.into()), "{report:#}");
    for (code, advice) in [("cut_off", "fetch the document again"), ("needs_ocr", "OCR")] {
        let documents = report["documents"].as_array().unwrap();
        let document = documents.iter().find(|document| document["reason"]["code"] == code);
        let message = document.unwrap_or_else(|| panic!("no {code}: {report:#}"))["reason"]["message"].to_string();
        assert!(message.contains(advice), "{message}");
    }
}
