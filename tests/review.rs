//! A person codes findings in a spreadsheet, and the codes come back into every answer.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use calamine::{Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;
use serde_json::Value;
use support::program::{fixtures, json, sendlens, stdout};

/// A spreadsheet as rows of cells, the header first.
type Table = Vec<Vec<String>>;

/// A dataset of two letters, in a folder that also takes the spreadsheets.
fn dataset() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let letters = ["letters/2023-thornwick-full.pdf", "letters/2018-westhaven-outcome.pdf"].map(fixtures);
    stdout(&sendlens(data.path()).arg("ingest").args(letters).output().unwrap(), 0);
    data
}

fn findings(data: &Path) -> Vec<Value> {
    let rows = json(&sendlens(data).args(["findings", "--format", "json"]).output().unwrap(), 0);
    rows.as_array().unwrap().clone()
}

fn finding(data: &Path, id: &str) -> Value {
    findings(data).into_iter().find(|f| f["id"] == id).unwrap()
}

fn export_sheet(data: &Path, ending: &str) -> PathBuf {
    let file = data.join(format!("to-code.{ending}"));
    stdout(&sendlens(data).args(["review", "export", "--to"]).arg(&file).output().unwrap(), 0);
    file
}

fn read(file: &Path) -> Table {
    if file.extension().unwrap() == "csv" {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(file).unwrap();
        return reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
    }
    let mut workbook: Xlsx<_> = open_workbook(file).unwrap();
    let range = workbook.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

fn write(file: &Path, table: &Table) {
    if file.extension().unwrap() == "csv" {
        let mut writer = csv::Writer::from_path(file).unwrap();
        table.iter().for_each(|row| writer.write_record(row).unwrap());
        return writer.flush().unwrap();
    }
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (r, row) in (0u32..).zip(table) {
        for (c, cell) in (0u16..).zip(row) {
            sheet.write_string(r, c, cell).unwrap();
        }
    }
    workbook.save(file).unwrap();
}

/// Changes the row of a finding: pairs of column and new content.
fn edit(table: &mut Table, id: &str, cells: &[(&str, &str)]) {
    let columns: BTreeMap<String, usize> = table[0].iter().cloned().zip(0..).collect();
    let row = table.iter_mut().find(|row| row[columns["finding_id"]] == id).unwrap();
    for (column, cell) in cells {
        (*cell).clone_into(&mut row[columns[*column]]);
    }
}

fn import(data: &Path, file: &Path, coder: &str, on: &str) -> Output {
    sendlens(data).args(["review", "import"]).arg(file).args(["--coder", coder, "--on", on]).output().unwrap()
}

/// A finding as the filters find it by its new codes, and as an export has it.
fn ask_and_export(data: &Path, id: &str) -> (Value, Value) {
    let of = |rows: Vec<Value>| rows.into_iter().find(|f| f["id"] == id).unwrap_or(Value::Null);
    let mut ask = sendlens(data);
    ask.args(["findings", "--theme", "transport", "--polarity", "mixed", "--format", "json"]);
    let asked = of(json(&ask.output().unwrap(), 0).as_array().unwrap().clone());
    let to = data.join("out");
    stdout(&sendlens(data).args(["export", "--format", "jsonl", "--to"]).arg(&to).output().unwrap(), 0);
    let lines = std::fs::read_to_string(to.join("findings.jsonl")).unwrap();
    (asked, of(lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()))
}

#[test]
fn corrections_in_csv_and_excel_reach_every_answer_and_survive_a_rebuild() {
    for ending in ["csv", "xlsx"] {
        let data = dataset();
        let data = data.path();
        let file = export_sheet(data, ending);
        let before = findings(data);
        let mut table = read(&file);
        assert_eq!(table.len(), before.len() + 1, "every finding is in the sheet");
        let changed = before.iter().find(|f| f["role"] == "main_finding" || f["role"] == "narrative").unwrap();
        let id = changed["id"].as_str().unwrap();
        let right = before.iter().find(|f| f["id"] != id).unwrap()["id"].as_str().unwrap();
        edit(
            &mut table,
            id,
            &[("polarity", "mixed"), ("themes", "transport; identification/early"), ("note", "see page 2")],
        );
        edit(&mut table, right, &[("reviewed", "x")]);
        write(&file, &table);
        let output = import(data, &file, "A. Reader", "2024-05-01");
        stdout(&output, 0);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("2 reviews by A. Reader stored, 1 findings coded differently now"), "{said}");

        let check = || {
            let own = finding(data, id);
            let (asked, exported) = ask_and_export(data, id);
            assert_eq!((&own["polarity"], &own["coded_by"]), (&"mixed".into(), &"human".into()), "{own}");
            let given: Vec<_> = own["themes"].as_array().unwrap().iter().map(|t| &t["id"]).collect();
            assert_eq!(given, ["identification", "transport"]);
            assert_eq!(own["themes"][0]["subtheme"], "early");
            for theme in own["themes"].as_array().unwrap() {
                let evidence = theme["evidence"].as_str().unwrap();
                assert!(own["text"].as_str().unwrap().contains(evidence) && !evidence.is_empty());
            }
            assert_eq!(asked, own, "filters see the person's codes");
            assert_eq!(exported["polarity"], "mixed");
            assert_eq!(finding(data, right)["coded_by"], "human");
            let others = |list: Vec<Value>| -> Vec<Value> {
                list.into_iter().filter(|f| f["id"] != id && f["id"] != right).collect()
            };
            assert_eq!(
                others(findings(data)),
                others(before.clone()),
                "findings that nobody reviewed keep the codes of the program"
            );
        };
        check();
        stdout(&sendlens(data).args(["rebuild", "--from", "extract"]).output().unwrap(), 0);
        check();
    }
}

#[test]
fn a_wrong_row_is_named_and_nothing_is_imported() {
    let data = dataset();
    let data = data.path();
    let file = export_sheet(data, "csv");
    let untouched = findings(data);
    let sheet = read(&file);
    let ids: Vec<&str> = untouched.iter().map(|f| f["id"].as_str().unwrap()).collect();
    let cases: [(&str, &str, &str); 6] = [
        ("finding_id", "901-2020-01-01-full.00000000", "there is no finding"),
        ("themes", "transport; trnsport", "unknown theme \"trnsport\""),
        ("themes", "identification/erly", "no subtheme"),
        ("polarity", "bad", "bad"),
        ("text", "Another sentence.", "was edited"),
        ("finding_id", ids[1], "is already in row"),
    ];
    for (column, cell, complaint) in cases {
        let mut table = sheet.clone();
        // A good row before and after the wrong one.
        edit(&mut table, ids[0], &[("polarity", "mixed")]);
        edit(&mut table, ids[3], &[("polarity", "mixed")]);
        edit(&mut table, ids[2], &[(column, cell)]);
        write(&file, &table);
        let output = import(data, &file, "A. Reader", "2024-05-01");
        stdout(&output, 1);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("nothing was imported") && said.contains(complaint), "{complaint}: {said}");
        assert!(said.contains("row "), "{said}");
        assert_eq!(findings(data), untouched, "{complaint}");
    }
    let mut table = sheet.clone();
    table[0].iter_mut().filter(|c| *c == "themes").for_each(|c| "codes".clone_into(c));
    write(&file, &table);
    let output = import(data, &file, "A. Reader", "2024-05-01");
    stdout(&output, 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no column \"themes\""));
    let output = import(data, &file, "machine", "2024-05-01");
    stdout(&output, 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--coder"));
}

#[test]
fn an_untouched_sheet_changes_nothing_and_counts_as_no_review() {
    let data = dataset();
    for ending in ["csv", "xlsx"] {
        let file = export_sheet(data.path(), ending);
        let output = import(data.path(), &file, "A. Reader", "2024-05-01");
        stdout(&output, 0);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("0 reviews by A. Reader stored"), "{ending}: {said}");
    }
    assert!(findings(data.path()).iter().all(|f| f["coded_by"].is_null()));
    let output = sendlens(data.path()).args(["review", "agreement"]).output().unwrap();
    stdout(&output, 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("review export"));
}

#[test]
fn agreement_is_counted_between_coders_and_with_the_program() {
    let data = dataset();
    let data = data.path();
    let file = export_sheet(data, "csv");
    let sheet = read(&file);
    let all = findings(data);
    let ids: Vec<&str> = all.iter().take(4).map(|f| f["id"].as_str().unwrap()).collect();
    // Both confirm all four findings, but the second gives one of them another polarity.
    for (coder, on) in [("A. Reader", "2024-05-01"), ("B. Reader", "2024-05-02")] {
        let mut table = sheet.clone();
        ids.iter().for_each(|id| edit(&mut table, id, &[("reviewed", "x")]));
        if coder == "B. Reader" {
            let other = if all[0]["polarity"] == "neutral" { "mixed" } else { "neutral" };
            edit(&mut table, ids[0], &[("polarity", other)]);
        }
        write(&file, &table);
        stdout(&import(data, &file, coder, on), 0);
    }
    let rows = json(&sendlens(data).args(["review", "agreement", "--format", "json"]).output().unwrap(), 0);
    let row = |a: &str, b: &str| {
        let of = |r: &&Value| r["coder"] == a && r["other"] == b;
        rows.as_array().unwrap().iter().find(of).unwrap().clone()
    };
    for (a, b, polarity) in
        [("A. Reader", "B. Reader", 0.75), ("A. Reader", "machine", 1.0), ("B. Reader", "machine", 0.75)]
    {
        let row = row(a, b);
        assert_eq!(row["findings"], 4, "{row}");
        assert_eq!(row["polarity_agreement"], polarity, "{row}");
        assert_eq!(row["theme_f1"], 1.0, "{row}");
        assert_eq!(row["theme_kappa"], 1.0, "{row}");
    }
    assert!(row("A. Reader", "B. Reader")["polarity_kappa"].as_f64().unwrap() < 0.75);
    // The later review counts.
    assert_ne!(finding(data, ids[0])["polarity"], all[0]["polarity"]);
}

#[test]
fn doubtful_findings_are_exported_most_doubtful_first_and_sure_ones_not_at_all() {
    // Only codes of the model can be doubtful.
    let data = tempfile::tempdir().unwrap();
    let letters = ["letters/2023-thornwick-full.pdf", "letters/2018-westhaven-outcome.pdf"].map(fixtures);
    let mut ingest = sendlens(data.path());
    stdout(&ingest.env_remove("SENDLENS_NO_MODEL").arg("ingest").args(letters).output().unwrap(), 0);
    let file = data.path().join("doubtful.csv");
    let export = |limit: &[&str]| {
        let mut command = sendlens(data.path());
        command.args(["review", "export", "--doubtful", "--to"]).arg(&file).args(limit);
        stdout(&command.output().unwrap(), 0);
        read(&file)
    };
    let probability = |id: &str| {
        let finding = finding(data.path(), id);
        let themes = finding["themes"].as_array().unwrap().iter().map(|theme| theme["probability"].as_f64());
        themes.chain([finding["polarity_probability"].as_f64()]).flatten().fold(1.0, f64::min)
    };
    let rows = export(&[]);
    let doubts: Vec<f64> = rows[1..].iter().map(|row| probability(&row[0])).collect();
    assert!(!doubts.is_empty() && doubts.is_sorted() && doubts.iter().all(|p| *p < 0.6), "{doubts:?}");
    let sure = findings(data.path()).iter().filter(|f| probability(f["id"].as_str().unwrap()) >= 0.6).count();
    assert_eq!(sure + doubts.len(), findings(data.path()).len());
    assert_eq!(export(&["--limit", "1"])[1], rows[1]);
}
