//! A codebook is checked when it is loaded, errors name the line, and an edit can be tried on the stored dataset.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::path::Path;

use sendlens::codebook::{BUNDLED, Codebook, check};
use serde_json::Value;
use support::program::{fixtures, json, sendlens, stdout};

fn with_theme(theme: &str) -> String {
    format!(
        "version = 1\n[words]\nplan = 'ehc plans?'\n[polarity]\nstrength = 'good'\nweakness = 'poor'\n\
         neutral = 'plans to'\ncontrast = 'but'\n{theme}"
    )
}

const HEAD: &str = "[[theme]]\nid = \"plans\"\ngroup = \"meet\"\nlabel = \"Plans\"\ndefinition = \"What plans say.\"\n";

#[test]
fn the_bundled_codebook_has_the_34_themes() {
    let codebook = Codebook::bundled();
    assert_eq!(codebook.themes().len(), 34);
    assert_eq!(codebook.theme("identification").unwrap().subthemes.len(), 4);
    assert!(codebook.fingerprint().starts_with("1+"));
    // The same as a file of the user's own, whose patterns are all compiled at once.
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/codebook.toml");
    assert_eq!(Codebook::load(&file).unwrap().fingerprint(), codebook.fingerprint());
}

#[test]
fn any_edit_changes_the_fingerprint() {
    let text = with_theme(&format!("{HEAD}sure = 'plans'\n"));
    let first = Codebook::parse(&text).unwrap().fingerprint();
    assert_eq!(Codebook::parse(&text).unwrap().fingerprint(), first);
    assert_ne!(Codebook::parse(&format!("{text}\n# a remark\n")).unwrap().fingerprint(), first);
}

#[test]
fn errors_name_the_line_and_the_remedy() {
    let cases = [
        (format!("{HEAD}sure = '''\nplans\n(unclosed\n'''\n"), "line 16", "valid pattern"),
        (format!("{HEAD}sure = '''\n{{plan}}\n{{nowhere}}\n'''\n"), "line 16", "defined are: plan"),
        (format!("{HEAD}likely = 'EHC'\n"), "line 14", "lower case"),
        (format!("{HEAD}sure = 'x*'\n"), "line 14", "empty text"),
        (HEAD.to_owned(), "line 10", "no patterns"),
        (format!("{HEAD}sure = 'a'\n{HEAD}sure = 'b'\n"), "line 16", "twice"),
        (format!("{HEAD}sure = 'a'\n").replace("meet", "meat"), "line 11", "use one of: identify"),
        (
            format!("{HEAD}sure = 'a'\nsubthemes = [\"x\"]\n[theme.subtheme_patterns]\ny = 'b'\n"),
            "line 17",
            "subthemes",
        ),
    ];
    for (theme, line, words) in cases {
        let message = Codebook::parse(&with_theme(&theme)).unwrap_err().to_string();
        assert!(message.contains(line) && message.contains(words), "{message}\nwanted {line}, {words}");
    }
}

#[test]
fn a_syntax_error_names_the_line() {
    let message = Codebook::parse("version = 1\n[[theme]\n").unwrap_err().to_string();
    assert!(message.contains("line 2"), "{message}");
}

#[test]
fn check_reports_a_pattern_that_two_themes_have() {
    let second = HEAD.replace("\"plans\"", "\"more\"");
    let codebook =
        Codebook::parse(&with_theme(&format!("{HEAD}sure = 'late plans'\n{second}sure = 'late plans'\n"))).unwrap();
    let advice = check(&codebook);
    assert_eq!(advice.len(), 1);
    assert!(advice[0].message.contains("plans"), "{}", advice[0].message);
}

/// Stores one report, coded by the patterns.
fn ingest_report() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let letter = fixtures("letters/2023-thornwick-full.pdf");
    stdout(&sendlens(data.path()).arg("ingest").arg(letter).output().unwrap(), 0);
    data
}

/// Writes the bundled codebook, and a copy with one more theme whose word is in the stored report and in no other theme.
fn write_codebooks(data: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (old, new) = (data.join("old.toml"), data.join("new.toml"));
    std::fs::write(&old, BUNDLED).unwrap();
    let theme = HEAD.replace("\"plans\"", "\"inspection\"").replace("What plans say.", "Who inspected.");
    std::fs::write(&new, format!("{BUNDLED}\n{theme}sure = 'partnership'\n")).unwrap();
    (old, new)
}

fn findings(data: &Path) -> Vec<Value> {
    json(&sendlens(data).args(["findings", "--format", "json"]).output().unwrap(), 0).as_array().unwrap().clone()
}

fn count_with_theme(findings: &[Value], theme: &str) -> usize {
    findings.iter().filter(|f| f["themes"].as_array().unwrap().iter().any(|t| t["id"] == theme)).count()
}

fn recode(data: &Path, codebook: &Path) {
    stdout(&sendlens(data).args(["rebuild", "--from", "code", "--codebook"]).arg(codebook).output().unwrap(), 0);
}

#[test]
fn diff_counts_what_an_edit_changes_in_the_stored_dataset() {
    let data = ingest_report();
    let (old, new) = write_codebooks(data.path());
    let diff = |a: &Path, b: &Path| {
        let mut diff = sendlens(data.path());
        json(&diff.args(["codebook", "diff"]).args([a, b]).args(["--format", "json"]).output().unwrap(), 0)
    };
    assert_eq!(diff(&old, &old), serde_json::json!([]));
    let rows = diff(&old, &new);
    let row = rows.as_array().unwrap().iter().find(|r| r["theme"] == "inspection").unwrap().clone();
    let named = findings(data.path()).iter().filter(|f| f["text"].as_str().unwrap().contains("partnership")).count();
    assert_eq!((&row["findings_old"], &row["lost"]), (&0.into(), &0.into()), "{row}");
    // Besides the findings that name it, some take the theme from the sentence before.
    let gained = usize::try_from(row["gained"].as_u64().unwrap()).unwrap();
    assert!(named > 0 && gained >= named, "{row}");
    assert!(row["examples_gained"][0].as_str().unwrap().contains("partnership"));
    // In the other direction the same findings lose the theme, and nothing stored has changed.
    let back = diff(&new, &old);
    assert_eq!(back.as_array().unwrap().iter().find(|r| r["theme"] == "inspection").unwrap()["lost"], gained);
    assert_eq!(count_with_theme(&findings(data.path()), "inspection"), 0);
    recode(data.path(), &new);
    assert_eq!(count_with_theme(&findings(data.path()), "inspection"), gained);
}

#[test]
fn check_lists_the_themes_and_names_the_line_of_an_error() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("mine.toml");
    std::fs::write(&file, with_theme(&format!("{HEAD}sure = 'late plans'\nlikely = 'plans'\n"))).unwrap();
    let check = || sendlens(data.path()).args(["codebook", "check"]).arg(&file).output().unwrap();
    let said = stdout(&check(), 0);
    assert!(said.contains("plans") && said.contains("in order: 1 themes"), "{said}");
    std::fs::write(&file, with_theme(&format!("{HEAD}sure = '(unclosed'\n"))).unwrap();
    let output = check();
    stdout(&output, 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 14"), "{output:?}");
}

#[test]
fn suggest_finds_wording_that_no_pattern_knows() {
    let data = ingest_report();
    let suggest = |areas: &str| {
        let mut suggest = sendlens(data.path());
        json(&suggest.args(["codebook", "suggest", "--areas", areas, "--format", "json"]).output().unwrap(), 0)
    };
    let rows = suggest("1");
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty());
    let all = findings(data.path());
    for row in rows {
        let wording = row["wording"].as_str().unwrap();
        let texts = all.iter().filter(|f| f["polarity"] == "weakness");
        let found = texts.filter(|f| {
            let folded = f["text"].as_str().unwrap().to_lowercase().replace(['\u{2018}', '\u{2019}'], "'");
            folded.split_whitespace().collect::<Vec<_>>().join(" ").contains(wording)
        });
        assert!(found.count() >= 1, "{wording} is in no criticism");
        assert_eq!(row["areas"], 1);
    }
    assert_eq!(suggest("2"), serde_json::json!([]), "the dataset holds one area");
}

#[test]
fn a_new_codebook_recodes_the_dataset_without_its_documents() {
    let data = ingest_report();
    let (_, new) = write_codebooks(data.path());
    // Every archived document is removed: coding again must not need them.
    let mut removed = 0;
    let mut open = vec![data.path().join("archive")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                open.push(entry);
            } else {
                std::fs::remove_file(&entry).unwrap();
                removed += 1;
            }
        }
    }
    assert_eq!(removed, 1);
    let before = findings(data.path());
    recode(data.path(), &new);
    let after = findings(data.path());
    assert_eq!(after.len(), before.len());
    assert!(count_with_theme(&before, "inspection") == 0 && count_with_theme(&after, "inspection") > 0);
}

#[test]
fn the_terms_of_the_2026_reform_have_themes() {
    let texts = [
        ("Too few children have an individual support plan.", "sen-support"),
        ("Support in the targeted layer comes too late.", "sen-support"),
        ("Inclusion bases in mainstream schools do not have enough places.", "sufficiency"),
        ("Many schools do not yet meet the national inclusion standards.", "sen-support"),
    ];
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("texts.txt");
    std::fs::write(&file, texts.map(|(text, _)| text).join("\n")).unwrap();
    let output = sendlens(data.path()).args(["--no-model", "tag"]).arg(&file).output().unwrap();
    for (line, (text, theme)) in stdout(&output, 0).lines().zip(texts) {
        assert!(line.contains(&format!("\"id\":\"{theme}\"")), "{text}: {line}");
    }
}
