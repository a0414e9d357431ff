//! The site answers while its dataset is missing, empty, or being written.

use sendlens::domain::{Framework, LaType, LetterKind, Outcome, Polarity, Publication, Reason, Region, Role};
use sendlens::query::{Basis, By, Filter, Kinds, areas, facets, findings, letters, peers, themes};
use sendlens::store::{Dataset, Occasion, RunResult};
use sendlens::web::Settings;

use super::support::http::get;
use super::support::service;

#[test]
fn without_a_dataset_the_site_says_so_and_starts_answering_once_there_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let running = service::start_with(Settings { log: false, ..Settings::new(dir.path().to_owned()) });
    let page = get(running.at, "/");
    assert_eq!(page.status, 503);
    assert!(page.text().contains("sendlens ingest"), "it says what to do: {}", page.text());
    assert_eq!(get(running.at, "/api/v1/letters").json()["title"], "There is no dataset yet");
    std::fs::copy(service::data().join("sendlens.sqlite"), dir.path().join("sendlens.sqlite")).unwrap();
    assert_eq!(get(running.at, "/").status, 200);
}

#[test]
fn an_empty_dataset_has_pages_that_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    drop(Dataset::open(dir.path()).unwrap());
    let running = service::start_with(Settings { log: false, ..Settings::new(dir.path().to_owned()) });
    for path in [
        "/",
        "/areas",
        "/themes",
        "/findings",
        "/findings?q=leaders",
        "/letters",
        "/letters?kind=other",
        "/map",
        "/about",
        "/feeds/letters.atom",
        "/api/v1/status",
        "/api/v1/recurring",
    ] {
        let page = get(running.at, path);
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }
    assert!(get(running.at, "/").text().contains("sendlens ingest"), "it says what to do");
}

/// While a run writes, a cached answer may be given for a while; once the run has ended, none is.
#[test]
fn cached_answers_are_given_during_a_run_and_not_after_it() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(service::data().join("sendlens.sqlite"), dir.path().join("sendlens.sqlite")).unwrap();
    let running = service::start_with(Settings { log: false, ..Settings::new(dir.path().to_owned()) });
    let status = || get(running.at, "/api/v1/status");
    let failed = || status().json()["failed"].as_array().unwrap().len();
    let wait_for_a_look = || std::thread::sleep(std::time::Duration::from_millis(1100));
    let before = failed();
    let mut dataset = Dataset::open(dir.path()).unwrap();
    let at = "2026-01-15T03:00:00Z".parse().unwrap();
    let mut fail = |key: &str, run| {
        let publication = Publication {
            source: "local".into(),
            key: key.into(),
            url: None,
            file: None,
            title: None,
            provider: None,
            published_on: None,
        };
        let reason = Reason { code: "unreadable_file".into(), message: "it is not there".into() };
        dataset.record_failure(&publication, &reason, &Occasion { run, at }).unwrap();
    };
    fail("one", None);
    wait_for_a_look();
    assert_eq!(failed(), before + 1, "without a run a change shows at once");
    let run = Dataset::open(dir.path()).unwrap().start_run("update", at).unwrap();
    wait_for_a_look();
    let tag = status().header("etag").map(ToOwned::to_owned);
    fail("two", Some(run));
    wait_for_a_look();
    assert_eq!((failed(), status().header("etag").map(ToOwned::to_owned)), (before + 1, tag), "a run is under way");
    Dataset::open(dir.path()).unwrap().finish_run(run, &RunResult::default(), at).unwrap();
    wait_for_a_look();
    assert_eq!(failed(), before + 2, "the run has ended");
}

/// Questions to a snapshot choose from derived tables, and must choose what the database would.
#[test]
fn a_snapshot_gives_the_same_answers_as_the_database() {
    let (snapshot, database) =
        (Dataset::open_read_only(service::data()).unwrap(), Dataset::open_read_only(service::data()).unwrap());
    snapshot.begin_snapshot().unwrap();
    let all = Filter::default();
    let day = |text: &str| Some(text.parse().unwrap());
    let filters = [
        all.clone(),
        Filter { areas: vec!["971".into(), "975".into()], ..all.clone() },
        Filter { regions: vec![Region::NorthWest], ..all.clone() },
        Filter { la_types: vec![LaType::County], ..all.clone() },
        Filter { neighbours_of: Some("971".into()), ..all.clone() },
        Filter { kinds: Kinds::Only(vec![LetterKind::RevisitLetter]), ..all.clone() },
        Filter { kinds: Kinds::Only(Vec::new()), ..all.clone() },
        Filter { frameworks: vec![Framework::F2016], outcomes: vec![Outcome::WsoaRequired], ..all.clone() },
        Filter { since: day("2018-01-01"), until: day("2023-06-30"), ..all.clone() },
        Filter { roles: vec![Role::Narrative], polarities: vec![Polarity::Strength], ..all.clone() },
        Filter { themes: vec!["leadership".into()], limit: Some(5), ..all.clone() },
    ];
    let today = "2026-01-15".parse().unwrap();
    let mut letters_seen = std::collections::BTreeSet::new();
    for filter in &filters {
        let found = letters(&snapshot, filter).unwrap();
        letters_seen.insert(found.len());
        assert_eq!(found, letters(&database, filter).unwrap(), "{filter:?}");
        assert_eq!(findings(&snapshot, filter).unwrap(), findings(&database, filter).unwrap(), "{filter:?}");
        assert_eq!(facets(&snapshot, filter).unwrap(), facets(&database, filter).unwrap(), "{filter:?}");
        assert_eq!(areas(&snapshot, filter, today).unwrap(), areas(&database, filter, today).unwrap(), "{filter:?}");
        let by_year = |dataset| themes(dataset, filter, Some(By::Year)).unwrap();
        assert_eq!(by_year(&snapshot), by_year(&database), "{filter:?}");
        let compared = |dataset| peers(dataset, "971", &Basis::All, filter).unwrap();
        assert_eq!(compared(&snapshot), compared(&database), "{filter:?}");
    }
    assert!(letters_seen.len() > 5, "the filters keep different letters: {letters_seen:?}");
}

#[test]
fn doubtful_codes_are_marked_in_words_and_can_be_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sendlens.sqlite");
    std::fs::copy(service::data().join("sendlens.sqlite"), &path).unwrap();
    let chosen =
        get(service::shared(), "/api/v1/findings?role=area_for_improvement&theme=waiting-times&limit=1").json();
    let finding = &chosen["items"][0];
    let (id, letter) = (finding["id"].as_str().unwrap(), finding["letter_id"].as_str().unwrap());
    let pages = [format!("/letters/{letter}"), "/findings?theme=waiting-times&role=area_for_improvement".to_owned()];
    for page in &pages {
        assert!(
            !get(service::shared(), page).text().contains("doubtful)"),
            "patterns alone give no probability: {page}"
        );
    }
    let connection = rusqlite::Connection::open(&path).unwrap();
    let number: i64 =
        connection.query_row("SELECT finding_no FROM all_findings WHERE id = ?1", [id], |row| row.get(0)).unwrap();
    connection.execute("UPDATE all_findings SET polarity_probability = 59 WHERE finding_no = ?1", [number]).unwrap();
    let theme = "UPDATE all_finding_themes SET probability = 41 WHERE finding_no = ?1 AND theme = 'waiting-times'";
    connection.execute(theme, [number]).unwrap();
    drop(connection);
    let running = service::start_with(Settings { log: false, ..Settings::new(dir.path().to_owned()) });
    for page in &pages {
        let text = get(running.at, page).text();
        assert_eq!(text.matches("<small>(doubtful)</small>").count(), 2, "polarity and theme: {page}");
        assert!(text.contains("a chance of less than 60% to be right"), "{page}");
    }
    let all = get(running.at, "/findings").text();
    assert!(all.contains("href=\"/findings?confident=true\"") && all.contains("Leave out doubtful codes"));
    let without = get(running.at, &format!("{}&confident=true", pages[1])).text();
    assert!(without.contains("without doubtful codes") && !without.contains("(doubtful)"));
    assert!(get(running.at, "/themes").text().contains("name=\"confident\""));
    assert_eq!(get(running.at, "/themes?confident=perhaps").status, 400);
}
