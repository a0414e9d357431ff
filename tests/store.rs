//! The dataset stores nothing twice, loses nothing, and is the same whatever the order of recording.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "store/builder.rs"]
#[allow(dead_code)]
mod builder;

use std::collections::BTreeSet;
use std::path::Path;

use builder::{day, failed, letter, local_file, occasion, reference, set_aside, versions, web_publication};
use rusqlite::Connection;
use sendlens::domain::{
    DocumentStatus, LetterKind, Outcome, Polarity, Processed, Publication, Reason, Role, Term, Verdict,
};
use sendlens::store::{Dataset, DocumentState, FILE_NAME, Occasion, RunResult, StoreError, Tally};

fn open() -> (tempfile::TempDir, Dataset) {
    let dir = tempfile::tempdir().unwrap();
    let dataset = Dataset::open(dir.path()).unwrap();
    (dir, dataset)
}

/// All rows of a query as one text, read with plain SQLite.
fn rows(dir: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(dir.join(FILE_NAME)).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    statement
        .query_map([], |row| {
            let cells: Vec<String> = (0..width)
                .map(|i| match row.get_ref(i).unwrap() {
                    rusqlite::types::ValueRef::Null => "null".to_owned(),
                    rusqlite::types::ValueRef::Integer(n) => n.to_string(),
                    rusqlite::types::ValueRef::Real(x) => x.to_string(),
                    rusqlite::types::ValueRef::Text(t) => String::from_utf8(t.to_vec()).unwrap(),
                    rusqlite::types::ValueRef::Blob(b) => format!("{b:?}"),
                })
                .collect();
            Ok(cells.join("|"))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

fn current(dir: &Path) -> Vec<String> {
    rows(dir, "SELECT id, substr(sha256, 1, 8), coalesce(url, file) FROM letters ORDER BY id")
}

#[test]
fn a_letter_is_stored_once_and_recording_it_again_changes_nothing() {
    let (dir, mut dataset) = open();
    reference(&mut dataset);
    let draft = letter("901", "2024-03-18")
        .improve("Leaders should identify needs earlier.", &["identification", "waiting-times"])
        .praise("Families like the local offer.", &["leadership"]);
    let (publication, processed) = (local_file("a.pdf"), draft.processed("a"));
    assert_eq!(dataset.record(&publication, &processed, &occasion()).unwrap(), DocumentStatus::Stored);
    let before = rows(dir.path(), "SELECT * FROM findings");
    assert_eq!(before.len(), 2);
    assert!(
        before[0].contains(r#"[{"id":"identification","subtheme":null,"evidence":"Leaders","from_previous":false,"#),
        "{}",
        before[0]
    );
    assert_eq!(dataset.record(&publication, &processed, &occasion()).unwrap(), DocumentStatus::Unchanged);
    assert_eq!(rows(dir.path(), "SELECT * FROM findings"), before);
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM all_findings"), ["2"]);
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM revisions"), ["1"]);
    assert_eq!(rows(dir.path(), "SELECT rowid FROM findings_fts WHERE findings_fts MATCH 'identifying'").len(), 1);
    assert_eq!(rows(dir.path(), "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(rows(dir.path(), "PRAGMA foreign_key_check"), Vec::<String>::new());
}

#[test]
fn text_and_letter_come_back_as_they_were_for_a_rebuild() {
    let (_dir, mut dataset) = open();
    let draft = letter("901", "2024-03-18").improve("Leaders should act.", &["leadership"]);
    let processed = draft.processed("a");
    dataset.record(&local_file("a.pdf"), &processed, &occasion()).unwrap();
    assert_eq!(dataset.text(&processed.sha256).unwrap(), processed.text);
    assert_eq!(dataset.letter(&processed.sha256).unwrap().unwrap(), draft.letter);
    assert_eq!(dataset.text(&"0".repeat(64)).unwrap(), None);
}

#[test]
fn any_order_of_copies_and_letters_gives_the_same_dataset() {
    // Two copies with the same id and other bytes, one letter under two addresses, one set aside, one failed.
    let early = letter("901", "2024-03-18").improve("Leaders should act.", &["leadership"]);
    let late = letter("901", "2024-03-18").improve("Leaders should act soon.", &["leadership", "transitions"]);
    let other = letter("902", "2023-06-05").praise("Joint working is strong.", &["leadership"]);
    let entries: Vec<(Publication, Processed)> = vec![
        (web_publication("1", Some("2024-05-01")), early.processed("early")),
        (web_publication("2", Some("2024-06-01")), late.processed("late")),
        (web_publication("3", None), other.processed("other")),
        (local_file("copy.pdf"), other.processed("other")),
        (local_file("copy of early.pdf"), early.processed("another early")),
        (local_file("jtai.pdf"), set_aside("jtai")),
        (local_file("page.pdf"), failed("<html>")),
    ];
    let views = [
        "SELECT * FROM letters ORDER BY id",
        "SELECT * FROM findings ORDER BY id",
        "SELECT * FROM finding_themes ORDER BY finding_id, theme",
        "SELECT * FROM flags ORDER BY letter_id, theme",
        "SELECT * FROM documents ORDER BY sha256",
        "SELECT source, key, url, file, published_on, status, reason_code FROM publications ORDER BY source, key",
    ];
    let mut first: Option<Vec<Vec<String>>> = None;
    for shift in 0..entries.len() {
        for reverse in [false, true] {
            let (dir, mut dataset) = open();
            let mut order: Vec<usize> = (0..entries.len()).map(|i| (i + shift) % entries.len()).collect();
            if reverse {
                order.reverse();
            }
            for i in order {
                dataset.record(&entries[i].0, &entries[i].1, &occasion()).unwrap();
            }
            let found: Vec<Vec<String>> = views.iter().map(|sql| rows(dir.path(), sql)).collect();
            assert_eq!(found[0].len(), 2, "two letters count: {:?}", found[0]);
            assert!(found[1].iter().any(|f| f.contains("act soon")), "the copy published last counts");
            match &first {
                None => first = Some(found),
                Some(first) => assert_eq!(&found, first),
            }
        }
    }
}

#[test]
fn a_revision_replaces_the_letter_and_the_earlier_revision_is_kept() {
    let (dir, mut dataset) = open();
    let publication = web_publication("7", Some("2024-05-01"));
    let first = letter("901", "2024-03-18").improve("Leaders should act.", &["leadership"]);
    let second = letter("901", "2024-03-18").improve("Leaders should act at once.", &["leadership"]);
    assert_eq!(dataset.record(&publication, &first.processed("1"), &occasion()).unwrap(), DocumentStatus::Stored);
    assert_eq!(dataset.record(&publication, &second.processed("2"), &occasion()).unwrap(), DocumentStatus::Revised);
    assert_eq!(rows(dir.path(), "SELECT text FROM findings"), ["Leaders should act at once."]);
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM all_letters"), ["2"]);
    assert_eq!(dataset.record(&publication, &second.processed("2"), &occasion()).unwrap(), DocumentStatus::Unchanged);

    // The revision is withdrawn: the first text comes back, as a third revision.
    assert_eq!(dataset.record(&publication, &first.processed("1"), &occasion()).unwrap(), DocumentStatus::Revised);
    assert_eq!(rows(dir.path(), "SELECT text FROM findings"), ["Leaders should act."]);
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM revisions"), ["3"]);
}

#[test]
fn a_revision_with_the_same_text_brings_no_new_findings() {
    let (dir, mut dataset) = open();
    let publication = web_publication("7", Some("2024-05-01"));
    let draft = letter("901", "2024-03-18").improve("Leaders should act.", &["leadership"]);
    dataset.record(&publication, &draft.processed("1"), &occasion()).unwrap();
    let before = rows(dir.path(), "SELECT * FROM findings");
    assert_eq!(dataset.record(&publication, &draft.processed("2"), &occasion()).unwrap(), DocumentStatus::Revised);
    assert_eq!(rows(dir.path(), "SELECT * FROM findings"), before);
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM all_findings"), ["1"]);
    assert_eq!(rows(dir.path(), "SELECT material FROM revisions ORDER BY revision"), ["1", "0"]);
    assert_eq!(current(dir.path()).len(), 1);

    // Under an address of their own the same bytes are a first revision, so they count there.
    dataset.record(&local_file("copy.pdf"), &draft.processed("2"), &occasion()).unwrap();
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM all_letters"), ["2"]);
    assert_eq!(current(dir.path()).len(), 1);
}

#[test]
fn a_revision_that_cannot_be_read_does_not_take_the_letter_away() {
    let (dir, mut dataset) = open();
    let publication = web_publication("7", Some("2024-05-01"));
    let draft = letter("901", "2024-03-18").improve("Leaders should act.", &["leadership"]);
    dataset.record(&publication, &draft.processed("1"), &occasion()).unwrap();
    assert_eq!(dataset.record(&publication, &failed("<html>"), &occasion()).unwrap(), DocumentStatus::Failed);
    assert_eq!(current(dir.path()).len(), 1);
    assert_eq!(rows(dir.path(), "SELECT status, reason_code FROM publications"), ["failed|not_a_pdf"]);
    assert_eq!(dataset.record(&publication, &failed("<html>"), &occasion()).unwrap(), DocumentStatus::Failed);
    // A revision that turns out to be another kind of document does.
    assert_eq!(dataset.record(&publication, &set_aside("jtai"), &occasion()).unwrap(), DocumentStatus::SetAside);
    assert_eq!(current(dir.path()), Vec::<String>::new());
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM all_letters"), ["1"]);
}

#[test]
fn a_revision_with_corrected_dates_replaces_the_letter_with_the_wrong_id() {
    let (dir, mut dataset) = open();
    let publication = web_publication("7", None);
    dataset.record(&publication, &letter("901", "2024-03-18").processed("1"), &occasion()).unwrap();
    let corrected = letter("901", "2024-03-11").praise("Corrected.", &[]);
    dataset.record(&publication, &corrected.processed("2"), &occasion()).unwrap();
    assert_eq!(rows(dir.path(), "SELECT id FROM letters"), ["901-2024-03-11-full"]);
}

/// Every verdict with what it is linked to.
fn links(dir: &Path) -> Vec<String> {
    rows(
        dir,
        "SELECT f.text, j.text, f.similarity, f.joined_by FROM findings AS f LEFT JOIN findings AS j ON j.id = f.judges
         WHERE f.role = 'progress_verdict' ORDER BY f.id",
    )
}

#[test]
fn verdicts_are_linked_with_what_they_judge_whatever_the_order_of_recording() {
    let first = letter("901", "2017-05-08").outcome_letter(true).weakness("the lack of a plan for transport", &[]);
    let corrected = letter("901", "2017-05-08")
        .outcome_letter(true)
        .weakness("the lack of joint commissioning of therapies", &[])
        .weakness("the late annual reviews of EHC plans", &[])
        .weakness("weak oversight", &[]);
    let revisit = letter("901", "2019-02-04")
        .revisit_letter(1, 1)
        .verdict("Annual reviews of EHC plans were late.", Verdict::Sufficient, &[])
        .verdict("Therapies were not jointly commissioned.", Verdict::Insufficient, &[]);
    let full = letter("901", "2023-03-06").priority("Leaders must cut the waits for wheelchairs.", &[]);
    let monitoring = {
        let mut draft = letter("901", "2024-10-07").verdict("Wheelchairs", Verdict::Sufficient, &[]);
        draft.letter.kind = LetterKind::AreaSendMonitoring;
        draft
    };
    let entries = [
        (web_publication("1", Some("2017-07-01")), first.processed("1")),
        (web_publication("2", Some("2017-08-01")), corrected.processed("2")),
        (web_publication("3", None), revisit.processed("3")),
        (web_publication("4", None), full.processed("4")),
        (web_publication("5", None), monitoring.processed("5")),
    ];
    let mut seen: Option<Vec<String>> = None;
    for start in 0..entries.len() {
        for step in 1..entries.len() {
            let (dir, mut dataset) = open();
            for place in 0..entries.len() {
                let (publication, processed) = &entries[(start + place * step) % entries.len()];
                dataset.record(publication, processed, &occasion()).unwrap();
            }
            let found = links(dir.path());
            assert_eq!(seen.get_or_insert_with(|| found.clone()), &found, "from {start} in steps of {step}");
            assert!(dataset.unlinked_verdicts().unwrap().is_empty());
            if (start, step) == (0, 1) {
                // A letter is recorded again; then the letters with the weaknesses turn into other documents one after the other.
                dataset.record_again(&entries[1].1).unwrap();
                assert_eq!(links(dir.path()), found);
                dataset.record(&entries[1].0, &set_aside("another"), &occasion()).unwrap();
                let unlinked = dataset.unlinked_verdicts().unwrap();
                assert_eq!(unlinked.len(), 2, "the first letter counts again, which has one weakness, on transport");
                assert_eq!(unlinked[0].sought_in.as_deref(), Some("901-2017-05-08-outcome"));
                dataset.record(&entries[0].0, &set_aside("and another"), &occasion()).unwrap();
                assert_eq!(dataset.unlinked_verdicts().unwrap()[0].sought_in, None);
            }
        }
    }
    let mut seen = seen.unwrap();
    seen.sort();
    assert_eq!(
        seen,
        [
            "Annual reviews of EHC plans were late.|the late annual reviews of EHC plans|1|wording",
            "Therapies were not jointly commissioned.|the lack of joint commissioning of therapies|1|wording",
            "Wheelchairs|Leaders must cut the waits for wheelchairs.|0.6|wording",
        ]
    );
}

#[test]
fn reading_again_replaces_what_was_read_before() {
    let (dir, mut dataset) = open();
    let publication = local_file("a.pdf");
    assert_eq!(dataset.record(&publication, &failed("a"), &occasion()).unwrap(), DocumentStatus::Failed);
    let mut again = letter("901", "2024-03-18").improve("Leaders should act.", &["leadership"]).processed("a");
    again.versions.parse = 2;
    assert_eq!(dataset.record_again(&again).unwrap(), DocumentStatus::Stored);
    assert_eq!(dataset.record_again(&again).unwrap(), DocumentStatus::Unchanged);
    assert_eq!(current(dir.path()).len(), 1);
    assert_eq!(rows(dir.path(), "SELECT status, reason_code FROM publications"), ["letter|null"]);
    let held = dataset.document(&again.sha256).unwrap().unwrap();
    assert_eq!((held.state, held.versions.parse), (DocumentState::Letter, 2));

    let mut recoded = letter("901", "2024-03-18").improve("Leaders should act.", &["transitions"]).processed("a");
    recoded.versions.parse = 2;
    recoded.versions.codebook = "2-test".into();
    assert_eq!(dataset.record_again(&recoded).unwrap(), DocumentStatus::Stored);
    assert_eq!(rows(dir.path(), "SELECT theme FROM finding_themes"), ["transitions"]);
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM all_findings"), ["1"]);
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM finding_index"), ["1"]);
    assert_eq!(
        rows(dir.path(), "INSERT INTO findings_fts (findings_fts) VALUES ('integrity-check')"),
        Vec::<String>::new()
    );
}

#[test]
fn a_migration_makes_the_same_index_of_findings_as_recording() {
    let (dir, mut dataset) = open();
    reference(&mut dataset);
    let themes = ["transitions", "unheard-of", "identification"];
    let mut first = letter("901", "2017-05-08").outcome_letter(true);
    for (i, role) in Role::ALL.iter().enumerate() {
        first = first.says(*role, Polarity::ALL[i % 4], &format!("Finding {i}."), &themes[..i % 4]);
    }
    first.store(&mut dataset);
    letter("902", "2024-03-18").improve("Act.", &["leadership"]).store(&mut dataset);
    letter("903", "2024-03-18").store(&mut dataset);
    let index = || rows(dir.path(), "SELECT letter_no, findings FROM finding_index ORDER BY letter_no");
    let recorded = index();
    assert_eq!(recorded.len(), 2, "a letter without findings has no entry");
    let connection = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    connection.execute_batch("DROP TABLE finding_index; CREATE TABLE theme_index (letter_no)").unwrap();
    connection.execute_batch(include_str!("../src/store/schema/v4.sql")).unwrap();
    assert_eq!(index(), recorded);
}

#[test]
fn publications_that_vanish_are_marked_and_keep_their_letters() {
    let (dir, mut dataset) = open();
    for key in ["1", "2"] {
        let draft = letter(&format!("90{key}"), "2024-03-18");
        dataset.record(&web_publication(key, None), &draft.processed(key), &occasion()).unwrap();
    }
    let seen: BTreeSet<String> = ["2".to_owned()].into();
    let gone = dataset.vanish("ofsted_reports", &seen, day("2026-02-01"), None).unwrap();
    assert_eq!(gone.iter().map(|(p, _)| p.key.as_str()).collect::<Vec<_>>(), ["1"]);
    assert_eq!(dataset.vanish("ofsted_reports", &seen, day("2026-03-01"), None).unwrap(), []);
    assert_eq!(rows(dir.path(), "SELECT vanished_on FROM publications ORDER BY key"), ["2026-02-01", "null"]);
    assert_eq!(current(dir.path()).len(), 2);
    dataset.record_seen(&web_publication("1", None), &occasion()).unwrap();
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM publications WHERE vanished_on IS NULL"), ["2"]);
}

#[test]
fn a_document_that_could_not_be_fetched_is_recorded_as_failed() {
    let (dir, mut dataset) = open();
    let run = dataset.start_run("update", occasion().at).unwrap();
    let during = Occasion { run: Some(run), ..occasion() };
    let reason = Reason { code: "http_503".into(), message: "The site is busy; run the update again later.".into() };
    assert_eq!(dataset.record_failure(&web_publication("1", None), &reason, &during).unwrap(), DocumentStatus::Failed);
    let draft = letter("901", "2024-03-18");
    dataset.record(&web_publication("2", None), &draft.processed("2"), &during).unwrap();
    let mut tally = Tally::default();
    tally.add(DocumentStatus::Failed);
    tally.add(DocumentStatus::Stored);
    let hosts = serde_json::json!({"files.example": {"requests": 3}});
    let result = RunResult { tally, exit_code: 2, hosts: hosts.clone(), notes: vec!["one failed".into()] };
    dataset.finish_run(run, &result, occasion().at).unwrap();
    let runs = dataset.runs(5).unwrap();
    assert_eq!((runs.len(), runs[0].tally, runs[0].exit_code, &runs[0].hosts), (1, tally, Some(2), &hosts));
    assert_eq!(runs[0].finished_at.as_deref(), Some("2026-01-02T03:04:05Z"));
    let documents = rows(dir.path(), "SELECT status, reason_code FROM run_documents ORDER BY status");
    assert_eq!(documents, ["failed|http_503", "stored|null"]);
}

#[test]
fn reference_tables_and_themes_are_replaced_by_what_is_given() {
    let (dir, mut dataset) = open();
    reference(&mut dataset);
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM areas"), ["6"]);
    assert_eq!(rows(dir.path(), "SELECT neighbour FROM neighbours ORDER BY rank"), ["902", "903", "905"]);
    letter("901", "2024-03-18").improve("Act.", &["unheard-of", "transitions"]).store(&mut dataset);
    assert!(dataset.sync_reference(&[], &[], &[]).unwrap());
    assert!(!dataset.sync_reference(&[], &[], &[]).unwrap(), "nothing to do the second time");
    assert_eq!(rows(dir.path(), "SELECT count(*) FROM areas"), ["0"]);
    assert!(dataset.sync_themes(&[]).unwrap());
    assert_eq!(rows(dir.path(), "SELECT id FROM themes ORDER BY id"), ["transitions", "unheard-of"]);
}

#[test]
fn readers_open_a_dataset_and_get_advice_where_there_is_none() {
    let (dir, mut dataset) = open();
    let empty = tempfile::tempdir().unwrap();
    let refusal = Dataset::open_read_only(empty.path()).unwrap_err();
    assert_eq!(refusal.code(), "no_dataset");
    assert!(refusal.to_string().contains("sendlens ingest"), "{refusal}");
    assert!(std::fs::read_dir(empty.path()).unwrap().next().is_none(), "a question makes no files");
    letter("901", "2024-03-18").outcome(Outcome::WidespreadFailings).store(&mut dataset);
    let reader = Dataset::open_read_only(dir.path()).unwrap();
    let mut held = Vec::new();
    reader
        .each_document(|document| {
            held.push(document.versions);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(held, [versions()]);
}
