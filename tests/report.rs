//! The national report: one file, the same for the same dataset, restricted by filters.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use support::program::sendlens;
use support::service::data;

fn report(name: &str, arguments: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(name);
    let output =
        sendlens(data()).args(["report", "--today", "2026-01-15", "--to"]).arg(&file).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn the_report_is_one_file_that_is_the_same_each_time() {
    let text = report("a.html", &[]);
    assert_eq!(text, report("b.html", &[]));
    assert!(text.starts_with("<!DOCTYPE html>") && text.contains("Open Government Licence"));
    for outside in ["<script", "<link", "<img", "src=", "@import", "url(", "href=\"http"] {
        assert!(!text.contains(outside), "nothing comes from outside: {outside}");
    }
    for part in
        ["summary", "outcomes", "areas", "framework-2016", "framework-2023", "recurs", "strengths", "careful", "method"]
    {
        assert!(text.contains(&format!("id=\"{part}\"")), "{part}");
    }
    assert!(text.contains("15 January 2026"));
}

#[test]
fn the_summary_says_what_the_letters_say() {
    let letters = sendlens(data()).args(["letters", "--format", "json"]).output().unwrap();
    let letters: Vec<serde_json::Value> = serde_json::from_slice(&letters.stdout).unwrap();
    let count = |key: &str, value: &str| letters.iter().filter(|l| l[key] == value).count();
    let expected = format!(
        "Of {} full inspections under the 2023 framework, {} found typically positive experiences and outcomes, {} inconsistent ones, and {} widespread or systemic failings.",
        count("kind", "area_send_full"),
        count("outcome", "typically_positive"),
        count("outcome", "inconsistent"),
        count("outcome", "widespread_failings")
    );
    let text = report("a.html", &[]);
    assert!(text.contains(&expected), "{expected}");
}

#[test]
fn filters_make_the_report_of_a_region_or_of_neighbours() {
    let region = report("a.html", &["--region", "London"]);
    assert!(
        region.contains("London</h1>") && region.contains("Aldersmere") && !region.contains("Thornwick"),
        "only London"
    );
    let neighbours = report("a.html", &["--neighbours-of", "Thornwick"]);
    assert!(neighbours.contains("Statistical neighbours of Thornwick</h1>"));
    let old = report("a.html", &["--framework", "2016"]);
    assert!(old.contains("framework-2016") && !old.contains("framework-2023"));
}
