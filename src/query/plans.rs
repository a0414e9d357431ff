//! How SQLite carries out the questions that must stay fast on a national dataset: kept as a snapshot, so that a plan
//! that reads a large table from end to end does not come in unseen.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use jiff::civil::date;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::*;
use crate::domain::{LaType, LocalArea, Neighbour, Region};
use crate::store::Dataset;

/// One letter about each of two areas, with one formal item on one theme: enough for every statement to run.
fn dataset(dir: &std::path::Path) -> Dataset {
    let mut dataset = Dataset::open(dir).unwrap();
    let area = |code: &str| LocalArea {
        la_code: code.into(),
        ons_code: format!("E{code}"),
        urn: None,
        name: format!("Area {code}"),
        also_known_as: Vec::new(),
        region: Region::London,
        la_type: LaType::County,
        population_0_25: None,
        previous_ons_codes: Vec::new(),
        abolished_on: None,
        created_on: None,
        successors: Vec::new(),
    };
    let neighbour = Neighbour { la_code: "901".into(), rank: 1, neighbour: "902".into(), closeness: "close".into() };
    dataset.sync_reference(&[area("901"), area("902")], &[neighbour], &[]).unwrap();
    for (number, code) in [(1, "901"), (2, "902")] {
        dataset
            .connection()
            .execute_batch(&format!(
                "INSERT OR IGNORE INTO themes VALUES (1, 'waits', 1, 'Waits', NULL, NULL, '[]');
                 INSERT INTO documents VALUES ('{number}', 1, 'letter', NULL, NULL, NULL, NULL, 1, 'tagged', 'good', 't',
                     '[]', 1, 1, 1, 'c');
                 INSERT INTO all_letters (letter_no, id, sha256, current, kind, framework, la_code, area_as_printed,
                     inspection_start, previous_status, local_authorities, health_bodies, responsible_for_statement,
                     significant_weakness, priority_action, area_for_improvement, strength, area_for_development,
                     effective_bullets, needs_to_improve_bullets, facts, suspicious, reading_sha256)
                 VALUES ({number}, 'letter {number}', '{number}', 1, 'area_send_full', '2023', '{code}', 'A', '2024-03-04',
                     'absent', '[]', '[]', '[]', 0, 0, 1, 0, 0, 0, 0, '[]', '[]', 'r');
                 INSERT INTO all_findings (finding_no, letter_no, position, id, role, section, ordinal, paragraph, polarity,
                     cue, text, page, sub_items)
                 VALUES ({number}, {number}, 1, 'finding {number}', 'area_for_improvement', 'areas_for_improvement', 1, 1,
                     'weakness', '', 'Leaders should cut waits.', 1, 0);
                 INSERT INTO all_finding_themes (finding_no, position, theme, evidence, from_previous, rule)
                 VALUES ({number}, 1, 'waits', 'waits', 0, 'w');
                 INSERT INTO finding_index VALUES ({number}, {number}, x'0201010001');"
            ))
            .unwrap();
    }
    dataset
}

/// The distinct steps of all statements that a question runs.
fn steps(dataset: &mut Dataset, ask: impl FnOnce(&Dataset)) -> BTreeSet<String> {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let into = Arc::clone(&seen);
    let note = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event
            && let Some(sql) = statement.expanded_sql()
        {
            into.lock().unwrap().push(sql);
        }
    };
    dataset.connection_mut().trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note)).unwrap();
    ask(dataset);
    dataset.connection_mut().trace_v2(TraceEventCodes::empty(), None::<fn(TraceEvent<'_>)>).unwrap();
    let statements: BTreeSet<String> =
        seen.lock().unwrap().iter().filter(|s| s.starts_with("SELECT")).cloned().collect();
    assert!(!statements.is_empty());
    statements
        .iter()
        .flat_map(|sql| {
            let mut statement = dataset.connection().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let rows: Vec<String> =
                statement.query_map([], |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap();
            rows
        })
        .collect()
}

#[test]
fn no_heavy_question_reads_a_large_table_from_end_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut d = dataset(dir.path());
    let all = Filter::default();
    let page = || Filter { limit: Some(20), themes: vec!["waits".into()], ..Filter::default() };
    let plans = [
        ("peers", steps(&mut d, |d| drop(peers(d, "901", &Basis::Neighbours, &all).unwrap()))),
        ("themes", steps(&mut d, |d| drop(themes(d, &all, Some(By::Year)).unwrap()))),
        ("area", steps(&mut d, |d| drop(history(d, "901", &all, date(2026, 1, 1)).unwrap()))),
        ("search", steps(&mut d, |d| assert_eq!(search(d, "cut waits", &all).unwrap().total, Some(2)))),
        ("findings", steps(&mut d, |d| assert_eq!(findings(d, &page()).unwrap().len(), 2))),
        ("facets", steps(&mut d, |d| assert_eq!(facets(d, &all).unwrap()["theme"], [("waits".to_owned(), 2)]))),
        ("areas", steps(&mut d, |d| drop(areas(d, &page(), date(2026, 1, 1)).unwrap()))),
        ("letters", steps(&mut d, |d| assert_eq!(letters(d, &page()).unwrap().len(), 2))),
        ("status", steps(&mut d, |d| drop(status(d).unwrap()))),
        ("recurring", steps(&mut d, |d| assert_eq!(recurring(d, &all).unwrap().groups.len(), 1))),
        ("show", steps(&mut d, |d| drop(show(d, "finding 1").unwrap()))),
    ];
    // The names that the questions give to the tables that grow with the findings; the index (i) has one short row for
    // each letter and may be read as a whole.
    let large = ["f", "t", "o", "all_findings", "all_finding_themes"];
    for (question, steps) in &plans {
        for step in steps {
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            assert!(scanned.is_none_or(|table| !large.contains(&table)), "{question}: {step}");
            assert!(!step.ends_with("finding_themes_by_theme (theme=?)"), "{question} reads all of a theme: {step}");
        }
    }
    insta::assert_debug_snapshot!(plans);
}
