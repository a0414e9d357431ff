//! The national report is one file, the same for the same dataset, and can be restricted by filters.
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
        assert!(!text.contains(outside), "the report loads something: {outside}");
    }
    for part in
        ["summary", "outcomes", "areas", "framework-2016", "framework-2023", "recurs", "strengths", "careful", "method"]
    {
        assert!(text.contains(&format!("id=\"{part}\"")), "{part}");
    }
    assert!(text.contains("15 January 2026"));
}

#[test]
fn each_table_of_the_report_carries_its_csv() {
    let text = report("a.html", &[]);
    let files: Vec<(String, Vec<Vec<String>>)> = text
        .split("<a download=\"")
        .skip(1)
        .map(|link| {
            let name = link.split('"').next().unwrap().to_owned();
            let data = link.split("charset=utf-8,").nth(1).unwrap().split('"').next().unwrap();
            let csv = form_urlencoded::parse(format!("csv={data}").as_bytes()).next().unwrap().1.into_owned();
            let csv = csv.strip_prefix('\u{feff}').expect("Excel needs the byte order mark");
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
            (name, reader.records().map(|row| row.unwrap().iter().map(ToOwned::to_owned).collect()).collect())
        })
        .collect();
    assert_eq!(files.len(), text.matches("<table").count(), "one file for each table");
    let named = |name: &str| &files.iter().find(|(file, _)| file == name).unwrap_or_else(|| panic!("{name}")).1;

    let themes = sendlens(data()).args(["themes", "--framework", "2023", "--format", "json"]).output().unwrap();
    let themes: serde_json::Value = serde_json::from_slice(&themes.stdout).unwrap();
    let csv = named("sendlens-themes-2023.csv");
    let column = |name: &str| csv[0].iter().position(|heading| heading == name).unwrap();
    for (row, theme) in csv[1..].iter().zip(themes.as_array().unwrap()) {
        assert_eq!(row[column("theme")], theme["theme"]);
        assert_eq!(row[column("letters")], theme["letters"].to_string());
        let corrected = row[column("adjusted_share")].parse::<f64>().ok();
        assert_eq!(corrected, theme["adjusted_share"].as_f64(), "{row:?}");
        // The report shows a corrected share beside a raw one from which it differs by more than a point.
        let raw = theme["share"].as_f64();
        if corrected.zip(raw).is_some_and(|(corrected, raw)| (corrected - raw).abs() > 0.01) {
            let label = theme["label"].as_str().unwrap().replace('&', "&amp;");
            let framework = text.split("id=\"framework-2023\"").nth(1).unwrap();
            let shown = framework.split(&format!("<th scope=\"row\">{label}</th>")).nth(1).unwrap();
            assert!(shown.split("</tr>").next().unwrap().contains("corrected: "), "{label}");
        }
    }
    let areas = sendlens(data()).args(["areas", "--format", "json"]).output().unwrap();
    let areas: Vec<serde_json::Value> = serde_json::from_slice(&areas.stdout).unwrap();
    assert_eq!(named("sendlens-areas.csv").len(), 1 + areas.len());
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
