//! Exports can be read by other libraries, every figure is the recount of the exported rows, and the same dataset gives
//! the same bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "store/builder.rs"]
#[allow(dead_code)]
mod builder;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use builder::{day, letter, local_file, occasion, reference, set_aside};
use calamine::{Data, Reader, Xlsx, open_workbook};
use sendlens::domain::{Outcome, Polarity, Role, Verdict};
use sendlens::export::{Format, export};
use sendlens::query::{Basis, Filter, history, peers, recurring, stats, themes};
use sendlens::store::Dataset;

/// Text with everything that breaks simple writers.
const AWKWARD: &str =
    "=1+1, \u{201C}they said\u{201D}, \"never\";\nthe partnership\u{2019}s plan \u{2013} caf\u{e9}\t, 100% @home";

fn fill(d: &mut Dataset) {
    reference(d);
    letter("901", "2017-05-08")
        .outcome_letter(true)
        .weakness("the lack of early identification", &["identification/early"])
        .weakness("poor transitions to adult services", &["transitions"])
        .store(d);
    letter("901", "2019-02-04")
        .revisit_letter(1, 0)
        .verdict("Progress.", Verdict::Sufficient, &["identification"])
        .store(d);
    letter("901", "2024-03-18")
        .improve(AWKWARD, &["identification", "waiting-times"])
        .criticism("-5 days", &[])
        .store(d);
    letter("902", "2018-01-15")
        .outcome_letter(true)
        .weakness("weak leadership of transitions", &["transitions", "leadership"])
        .store(d);
    letter("902", "2023-06-05").improve("Partners should cut waits.", &["waiting-times"]).store(d);
    letter("903", "2024-09-09")
        .outcome(Outcome::WidespreadFailings)
        .priority("Leaders must plan transitions.", &["transitions"])
        .says(Role::Narrative, Polarity::Mixed, "@mention and +plus", &["leadership"])
        .store(d);
    d.record(&local_file("jtai.pdf"), &set_aside("jtai"), &occasion()).unwrap();
}

fn export_all(dataset: &Dataset) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let formats: BTreeSet<Format> = Format::ALL.iter().copied().collect();
    export(dataset, dir.path(), &formats).unwrap();
    dir
}

fn fixture() -> (tempfile::TempDir, Dataset) {
    let dir = tempfile::tempdir().unwrap();
    let mut dataset = Dataset::open(dir.path()).unwrap();
    fill(&mut dataset);
    (dir, dataset)
}

/// Rows of an exported CSV as maps.
fn csv_rows(dir: &Path, table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(dir.join(format!("{table}.csv"))).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap())
        })
        .collect()
}

#[test]
fn the_same_dataset_gives_the_same_bytes_whatever_the_order_of_recording() {
    let (_dir, first) = fixture();
    let one = files(export_all(&first).path());
    assert_eq!(one, files(export_all(&first).path()), "the same dataset twice");
    // The same letters, recorded after others were recorded and replaced.
    let dir = tempfile::tempdir().unwrap();
    let mut second = Dataset::open(dir.path()).unwrap();
    second.record(&local_file("jtai.pdf"), &set_aside("jtai"), &occasion()).unwrap();
    let id = "903-2024-09-09-full";
    let earlier = letter("903", "2024-09-09").improve("An earlier reading.", &["leadership"]);
    let publication = builder::web_publication(id, None);
    second.record(&publication, &earlier.processed(&format!("bytes of {id}")), &occasion()).unwrap();
    fill(&mut second);
    let two = files(export_all(&second).path());
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(bytes == &two[name], "{name} differs");
    }
}

#[test]
fn csv_and_json_lines_round_trip_awkward_text() {
    let (_dir, dataset) = fixture();
    let out = export_all(&dataset);
    let texts: Vec<String> = csv_rows(out.path(), "findings").into_iter().map(|r| r["text"].clone()).collect();
    assert!(texts.contains(&format!("'{AWKWARD}")), "what begins like a formula has an apostrophe: {texts:?}");
    let lines = std::fs::read_to_string(out.path().join("findings.jsonl")).unwrap();
    let findings: Vec<serde_json::Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(findings.len(), texts.len());
    assert!(findings.iter().any(|f| f["text"] == AWKWARD && f["themes"][0]["id"] == "identification"));
    let letters = csv_rows(out.path(), "letters");
    assert_eq!(letters.len(), 6);
    assert_eq!(letters[0]["local_authorities"], r#"["Council 903"]"#);
    assert_eq!(letters[0]["priority_action_plan_required"], "true");
}

#[test]
fn no_cell_of_the_exported_csv_is_a_formula() {
    let (_dir, dataset) = fixture();
    let out = export_all(&dataset);
    let texts: Vec<String> = csv_rows(out.path(), "findings").into_iter().map(|r| r["text"].clone()).collect();
    for awkward in ["-5 days", "@mention and +plus"] {
        assert!(texts.contains(&format!("'{awkward}")), "{awkward} in {texts:?}");
    }
    for file in ["letters", "findings", "themes", "areas"] {
        for row in csv_rows(out.path(), file) {
            for (column, cell) in &row {
                assert!(!cell.starts_with(['=', '+', '@', '\t', '\r']), "{file} {column}: {cell}");
                assert!(!cell.starts_with('-') || cell.parse::<f64>().is_ok(), "{file} {column}: {cell}");
            }
        }
    }
}

#[test]
fn the_workbook_reads_back_and_cannot_run_formulas() {
    let (_dir, dataset) = fixture();
    let out = export_all(&dataset);
    let mut book: Xlsx<_> = open_workbook(out.path().join("sendlens.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["letters", "findings", "themes", "areas", "about"]);
    let findings = book.worksheet_range("findings").unwrap();
    let header: Vec<String> = findings.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let place = header.iter().position(|h| h == "text").unwrap();
    let texts: Vec<String> = findings.rows().skip(1).map(|r| r[place].to_string()).collect();
    for awkward in [AWKWARD, "-5 days", "@mention and +plus"] {
        assert!(texts.iter().any(|t| t == awkward), "{awkward} in {texts:?}");
    }
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(formulas.used_cells().all(|(_, _, f)| f.is_empty()), "{name} has a formula");
    }
    let letters = book.worksheet_range("letters").unwrap();
    assert_eq!(letters.height(), 7);
    let start = letters.rows().next().unwrap().iter().position(|c| c == "inspection_start").unwrap();
    assert!(matches!(letters[(1, start)], Data::DateTime(_)), "{:?}", letters[(1, start)]);
    let about = book.worksheet_range("about").unwrap();
    assert!(about.used_cells().any(|(_, _, c)| c.to_string().contains("Open Government Licence v3.0")));
}

#[test]
fn parquet_has_the_rows_and_types_of_the_tables() {
    use arrow_array::cast::AsArray;
    let (_dir, dataset) = fixture();
    let out = export_all(&dataset);
    let file = std::fs::File::open(out.path().join("findings.parquet")).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = reader.collect::<Result<_, _>>().unwrap();
    let texts: BTreeSet<String> = batches
        .iter()
        .flat_map(|b| {
            b.column_by_name("text")
                .unwrap()
                .as_string::<i32>()
                .iter()
                .map(|t| t.unwrap().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    let lines = std::fs::read_to_string(out.path().join("findings.jsonl")).unwrap();
    let text =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned();
    assert_eq!(texts, lines.lines().map(text).collect::<BTreeSet<String>>());
    assert!(batches[0].column_by_name("themes").unwrap().as_list_opt::<i32>().is_some());
}

#[test]
fn the_sqlite_copy_answers_with_plain_sql_and_full_text() {
    let (_dir, dataset) = fixture();
    let out = export_all(&dataset);
    let copy = rusqlite::Connection::open(out.path().join("sendlens.sqlite")).unwrap();
    let one = |sql: &str| -> String { copy.query_row(sql, [], |r| r.get(0)).unwrap() };
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    assert_eq!(one("SELECT count(*) || '' FROM letters"), "6");
    assert_eq!(one("SELECT group_concat(theme) FROM (SELECT theme FROM flags WHERE la_code = '903')"), "transitions");
    let found = one("SELECT f.id FROM findings_fts JOIN findings AS f ON f.rowid = findings_fts.rowid
         WHERE findings_fts MATCH 'plan AND transition'");
    assert!(found.starts_with("903-2024-09-09-full."), "{found}");
}

#[test]
fn the_description_names_every_file_column_and_licence() {
    let (_dir, dataset) = fixture();
    let out = export_all(&dataset);
    let package: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.path().join("datapackage.json")).unwrap()).unwrap();
    assert_eq!(package["licenses"][0]["name"], "OGL-UK-3.0");
    assert_eq!(package["counts"], serde_json::json!({"letters": 6, "findings": 9}));
    for resource in package["resources"].as_array().unwrap() {
        let bytes = std::fs::read(out.path().join(resource["path"].as_str().unwrap())).unwrap();
        assert_eq!(resource["bytes"], bytes.len());
        assert_eq!(resource["hash"], format!("sha256:{}", sendlens::archive::sha256(&bytes)));
        if resource["format"] == "csv" {
            let header = csv::Reader::from_reader(&bytes[..]).headers().unwrap().clone();
            let fields: Vec<&str> =
                resource["schema"]["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
            assert_eq!(header.iter().collect::<Vec<_>>(), fields);
        }
    }
    let files: BTreeSet<String> = files(out.path()).into_keys().collect();
    let named: BTreeSet<String> = ["resources", "files"]
        .iter()
        .flat_map(|k| package[k].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap().to_owned()))
        .chain(["datapackage.json", "metadata.json", "DICTIONARY.md"].map(ToOwned::to_owned))
        .collect();
    assert_eq!(files, named);
    insta::assert_snapshot!(std::fs::read_to_string(out.path().join("DICTIONARY.md")).unwrap());
    let metadata = std::fs::read_to_string(out.path().join("metadata.json")).unwrap();
    assert!(metadata.contains("Open Government Licence") && metadata.contains("\"findings\""));
}

#[test]
fn the_views_of_the_dataset_have_the_columns_of_the_exports() {
    use sendlens::export::tables::{FINDINGS, LETTERS};
    let (dir, _dataset) = fixture();
    let connection = rusqlite::Connection::open(dir.path().join(sendlens::store::FILE_NAME)).unwrap();
    for table in [&LETTERS, &FINDINGS] {
        let statement = connection.prepare(&format!("SELECT * FROM {}", table.name)).unwrap();
        let columns: BTreeSet<String> = statement.column_names().map(ToOwned::to_owned).collect();
        for column in table.columns {
            assert!(columns.contains(&column.name()), "the view {} has no column {}", table.name, column.name());
        }
    }
}

/// Whether an exported letter passes a filter of letters.
fn passes(filter: &Filter, letter: &BTreeMap<String, String>) -> bool {
    let day = &letter["inspection_start"];
    filter.since.is_none_or(|since| since.to_string() <= *day)
        && filter.until.is_none_or(|until| *day <= until.to_string())
        && (filter.outcomes.is_empty()
            || filter.outcomes.iter().any(|outcome| outcome.to_string() == letter["outcome"]))
}

/// Counts everything again from the exported CSV alone, and asserts that the answers under this filter of letters are
/// the same. Gives how many figures were compared.
fn recount(dataset: &Dataset, out: &Path, filter: &Filter) -> usize {
    const FORMAL: [&str; 4] =
        ["significant_weakness", "priority_action", "area_for_improvement", "area_for_development"];
    const FULL: [&str; 2] = ["outcome_letter", "area_send_full"];
    let letters = csv_rows(out, "letters");
    let can_flag: BTreeMap<&str, &BTreeMap<String, String>> =
        letters.iter().filter(|l| FULL.contains(&&*l["kind"]) && passes(filter, l)).map(|l| (&*l["id"], l)).collect();
    let mut flagged: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in csv_rows(out, "finding_themes") {
        if FORMAL.contains(&&*row["role"]) && can_flag.contains_key(&*row["letter_id"]) {
            flagged.entry(row["theme"].clone()).or_default().insert(row["letter_id"].clone());
        }
    }
    let in_scope: BTreeMap<&str, &str> = letters
        .iter()
        .filter(|l| l["kind"] != "other" && passes(filter, l))
        .map(|l| (&*l["id"], &*l["la_code"]))
        .collect();
    let judged = csv_rows(out, "findings").into_iter().filter(|finding| finding["role"] == "progress_verdict");
    let verdicts: BTreeMap<String, String> = judged.map(|f| (f["id"].clone(), f["verdict"].clone())).collect();
    let mut criticised: BTreeSet<(String, String)> = BTreeSet::new();
    for row in csv_rows(out, "finding_themes") {
        let critical = match verdicts.get(&row["finding_id"]) {
            Some(verdict) => verdict == "insufficient",
            None => ["weakness", "mixed"].contains(&&*row["polarity"]),
        };
        if let (Some(area), true, false) = (in_scope.get(&*row["letter_id"]), critical, FORMAL.contains(&&*row["role"]))
        {
            criticised.insert(((*area).to_owned(), row["theme"].clone()));
        }
    }
    let nothing = BTreeSet::new();
    let mut checked = 0;
    let answer = themes(dataset, filter, None).unwrap();
    assert_eq!(answer.rows.len(), csv_rows(out, "themes").len());
    for row in &answer.rows {
        let count = flagged.get(&row.theme).unwrap_or(&nothing).len();
        assert_eq!((row.letters, row.of_letters), (count, can_flag.len()), "{}", row.theme);
        assert_eq!(row.share.low.zip(row.share.high), stats::wilson(count, can_flag.len()));
        checked += 1;
    }
    let area_of = |id: &String| can_flag[&**id]["la_code"].clone();
    let with_letter: BTreeSet<String> = can_flag.values().map(|l| l["la_code"].clone()).collect();
    let mut neighbours: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in csv_rows(out, "neighbours") {
        neighbours.entry(row["la_code"].clone()).or_default().insert(row["neighbour"].clone());
    }
    for (area, mine) in &neighbours {
        let answer = peers(dataset, area, &Basis::Neighbours, filter).unwrap();
        let used: BTreeSet<&String> = mine.intersection(&with_letter).collect();
        assert_eq!(answer.peers.len(), used.len());
        for theme in &answer.themes {
            let areas: BTreeSet<String> = flagged.get(&theme.theme).unwrap_or(&nothing).iter().map(area_of).collect();
            let peers_flagged = areas.iter().filter(|a| used.contains(a)).count();
            assert_eq!((theme.peers_flagged, theme.of_peers), (peers_flagged, used.len()), "{area} {}", theme.theme);
            assert_eq!((theme.national_flagged, theme.of_areas), (areas.len(), with_letter.len()));
            let national = (!with_letter.is_empty()).then(|| ratio(areas.len(), with_letter.len()));
            assert_eq!(theme.national_share, national, "{area} {}", theme.theme);
            assert_eq!(theme.share.low.zip(theme.share.high), stats::wilson(peers_flagged, used.len()));
            assert_eq!(theme.flagged_here, with_letter.contains(area).then(|| areas.contains(area)));
            let own = with_letter.contains(area).then(|| criticised.contains(&(area.clone(), theme.theme.clone())));
            assert_eq!(theme.criticised_here, own, "{area} {}", theme.theme);
            if let Some(difference) = theme.difference {
                let (peers, nation) = (ratio(peers_flagged, used.len()), ratio(areas.len(), with_letter.len()));
                assert!((difference - (peers - nation)).abs() < 1e-12);
            }
            for quote in &theme.quotes {
                assert!(flagged[&theme.theme].contains(&quote.letter_id));
            }
            checked += 1;
        }
    }
    for area in &with_letter {
        let history = history(dataset, area, filter, day("2026-01-01")).unwrap();
        let found: BTreeMap<String, usize> =
            history.recurrences.iter().map(|r| (r.theme.clone(), r.flagged_at.len())).collect();
        let counted: BTreeMap<String, usize> = flagged
            .iter()
            .map(|(theme, letters)| (theme.clone(), letters.iter().filter(|l| area_of(l) == *area).count()))
            .filter(|(_, count)| *count >= 2)
            .collect();
        assert_eq!(found, counted, "recurrences of {area}");
        checked += 1;
    }
    let framework = |id: &String| can_flag[&**id]["framework"].clone();
    let later: BTreeSet<String> =
        can_flag.values().filter(|l| l["framework"] == "2023").map(|l| l["la_code"].clone()).collect();
    let flagged_again = recurring(dataset, filter).unwrap().flagged_again;
    let of_2016 = flagged.values().filter(|letters| letters.iter().any(|l| framework(l) == "2016")).count();
    assert_eq!(flagged_again.len(), of_2016, "themes flagged under the framework of 2016");
    for again in flagged_again {
        let under = |f: &str| -> BTreeSet<String> {
            flagged[&again.theme].iter().filter(|l| framework(l) == f).map(area_of).collect()
        };
        let (first, second) = (under("2016"), under("2023"));
        let seen: BTreeSet<&String> = first.intersection(&later).collect();
        assert_eq!(again.of_areas, seen.len(), "{}", again.theme);
        assert_eq!(again.again, seen.iter().filter(|a| second.contains(**a)).count());
        assert_eq!(again.no_later_report, first.len() - seen.len());
        assert_eq!(again.share.low.zip(again.share.high), stats::wilson(again.again, again.of_areas));
        let earlier: BTreeSet<String> =
            can_flag.values().filter(|l| l["framework"] == "2016").map(|l| l["la_code"].clone()).collect();
        let unflagged: Vec<&String> = earlier.intersection(&later).filter(|a| !first.contains(*a)).collect();
        let new = unflagged.iter().filter(|a| second.contains(**a)).count();
        assert_eq!((again.first_time.flagged, again.first_time.of_areas), (new, unflagged.len()));
        let (with, without) = (again.after_positive_revisit, again.without_positive_revisit);
        assert_eq!((with.of_areas + without.of_areas, with.flagged + without.flagged), (again.of_areas, again.again));
        checked += 1;
    }
    checked
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

/// Filters of letters under which every figure is counted again. Filters of areas do not apply to peers.
fn filters() -> Vec<Filter> {
    vec![
        Filter::default(),
        Filter { since: Some(day("2018-01-01")), ..Filter::default() },
        Filter { until: Some(day("2024-03-18")), ..Filter::default() },
        Filter { outcomes: vec![Outcome::WsoaRequired, Outcome::Inconsistent], ..Filter::default() },
    ]
}

#[test]
fn every_figure_is_the_recount_of_the_exported_rows_over_known_letters() {
    let (_dir, dataset) = fixture();
    let out = export_all(&dataset);
    for filter in filters() {
        assert!(recount(&dataset, out.path(), &filter) > 10, "{filter:?}");
    }
    let again = recurring(&dataset, &Filter::default()).unwrap().flagged_again;
    let known: Vec<(&str, usize, usize, usize)> =
        again.iter().map(|a| (a.theme.as_str(), a.again, a.of_areas, a.no_later_report)).collect();
    assert_eq!(known, [("identification", 1, 1, 0), ("transitions", 0, 2, 0), ("leadership", 0, 1, 0)]);
}

#[test]
fn every_figure_is_the_recount_of_the_exported_rows_over_real_letters() {
    let letters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/letters/area-send-2023");
    if !letters.is_dir() {
        println!("skipped: {} is not here", letters.display());
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_sendlens"))
            .args(["--no-model", "--data"])
            .arg(data.path())
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["ingest", letters.to_str().unwrap()]);
    let out = tempfile::tempdir().unwrap();
    run(&["export", "--to", out.path().to_str().unwrap(), "--format", "csv"]);
    let dataset = Dataset::open_read_only(data.path()).unwrap();
    assert!(recount(&dataset, out.path(), &Filter::default()) > 5_000);
    for filter in filters() {
        recount(&dataset, out.path(), &filter);
    }
}
