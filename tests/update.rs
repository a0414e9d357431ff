//! `update`, run as a program against a site on loopback, stores what is new, asks for nothing that it has, and reports
//! what is missing.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use sendlens::demo::{self, Site};
use support::server::Reply;
use support::site::{Home, LiveSite, alarms, area, counts, entry, outcome};

#[test]
fn the_bundled_site_serves_every_fixture_letter_that_it_lists() {
    let site = Site::bundled();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/letters");
    for file in std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "pdf") {
            let name = file.file_stem().unwrap().to_str().unwrap();
            assert_eq!(demo::letter(name), Some(std::fs::read(&file).unwrap().as_slice()), "{name} is not bundled");
        }
    }
    let numbers: BTreeSet<u32> = site.areas.iter().flat_map(|area| &area.entries).map(|entry| entry.number).collect();
    let entries = site.areas.iter().map(|area| area.entries.len()).sum::<usize>();
    assert_eq!(numbers.len(), entries, "each number is used once");
    assert!(site.files.keys().all(|number| numbers.contains(number)));
    assert!(site.files.len() >= 20);
}

#[test]
fn the_first_run_stores_everything_the_second_nothing_and_the_third_what_changed() {
    let site = LiveSite::start(Site::bundled());
    let home = Home::new(&site.server.url("/"));
    let bundled = Site::bundled();
    let entries = bundled.areas.iter().map(|area| area.entries.len()).sum::<usize>() as u64;
    let files = bundled.files.len() as u64;

    let (code, first) = home.update(&[]);
    assert_eq!(code, 0, "{first:#}");
    let [stored, unchanged, revised, set_aside, failed] = counts(&first);
    assert_eq!((unchanged, revised, failed), (0, 0, 0), "{first:#}");
    assert_eq!(stored + set_aside, entries);
    assert!(stored >= 20);
    assert_eq!(site.files_asked().len() as u64, files, "documents of other programmes are recognised by their titles");
    assert_eq!(outcome(&first, "/v1/file/50102"), ("set_aside".to_owned(), "title".to_owned()));
    assert_eq!(first["sources"][0]["areas"], bundled.areas.len());
    assert_eq!(first["sources"][0]["stated"], bundled.areas.len());

    let feed = home.dir.path().join("changes.atom");
    let changes = home.run(&["changes", "--format", "json", "--feed", feed.to_str().unwrap()]).json();
    let full = |c: &&serde_json::Value| c["kind"] == "area_send_full";
    let flagged: Vec<&serde_json::Value> =
        changes.as_array().unwrap().iter().filter(full).flat_map(|c| c["flagged"].as_array().unwrap()).collect();
    assert!(flagged.iter().any(|theme| *theme == "waiting-times"), "{flagged:?}");
    assert!(std::fs::read_to_string(&feed).unwrap().contains("<category term=\"waiting-times\" label=\"Waiting times"));

    site.server.forget();
    let (code, second) = home.update(&[]);
    assert_eq!(code, 0, "{second:#}");
    assert_eq!(counts(&second), [0, files, 0, entries - files, 0]);
    assert_eq!(site.files_asked(), Vec::<String>::new());
    assert_eq!(second["hosts"]["127.0.0.1"]["not_modified"], bundled.areas.len() + 4, "pages are asked conditionally");

    // A letter is published again under another number, a publication is gone, and a document is new.
    site.change(|site| {
        let new = site.files.remove(&50239).unwrap();
        site.files.insert(50300, Cow::Owned([new.as_ref(), b"\n% again\n%%EOF\n"].concat()));
        let area = site.areas.iter_mut().find(|area| area.name == "North Norvale").unwrap();
        area.entries[0] = entry(50300, "Area SEND monitoring inspection", "2025-08-20");
        let area = site.areas.iter_mut().find(|area| area.name == "Thornwick").unwrap();
        area.entries.retain(|entry| entry.number != 50145);
    });
    let third_new = demo::letter("2018-calderbrook-focused-visit").unwrap();
    site.change(|site| {
        site.files.insert(50301, Cow::Borrowed(third_new));
        let area = site.areas.iter_mut().find(|area| area.name == "Calderbrook").unwrap();
        area.entries.insert(0, entry(50301, "Monitoring visit", "2025-08-21"));
    });
    site.server.forget();
    let (code, third) = home.update(&[]);
    assert_eq!(code, 0, "{third:#}");
    assert_eq!(site.files_asked(), ["/v1/file/50301", "/v1/file/50300"]);
    assert_eq!(outcome(&third, "/50300").0, "revised", "{third:#}");
    assert_eq!(outcome(&third, "/50301").0, "set_aside", "the document itself decides what it is");
    let gone: Vec<(&str, Option<&str>)> = third["vanished"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gone| (gone["key"].as_str().unwrap(), gone["replaced_by"].as_str()))
        .collect();
    assert_eq!(gone, [("50145", None), ("50239", Some("50300"))]);
    let letters = home.run(&["letters", "--format", "json"]).json();
    let ids: Vec<&str> = letters.as_array().unwrap().iter().map(|letter| letter["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"971-2018-12-10-revisit"), "what vanished is kept: {ids:?}");
    let renewed = letters.as_array().unwrap().iter().find(|l| l["id"] == "980-2025-06-10-monitoring").unwrap();
    assert!(renewed["url"].as_str().unwrap().ends_with("/50300"), "the new publication is shown");
    let changes = home.run(&["changes", "--format", "json", "--feed", feed.to_str().unwrap()]).json();
    let changes_of = |number: &str| {
        let rows = changes.as_array().unwrap().iter();
        rows.filter(|c| c["address"].as_str().unwrap().ends_with(number))
            .map(|c| c["change"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        [changes_of("50300"), changes_of("50301"), changes_of("50239"), changes_of("50145")],
        [["republished"], ["new"], ["vanished"], ["vanished"]],
        "{changes:#}"
    );
    let feed = std::fs::read_to_string(feed).unwrap();
    assert!(feed.contains("North Norvale: Area SEND monitoring inspection (published again)</title>"), "{feed}");

    site.server.forget();
    let (code, fourth) = home.update(&[]);
    assert_eq!(code, 0);
    assert_eq!(fourth["vanished"].as_array().unwrap().len(), 0, "reported once");
    assert_eq!(site.files_asked(), Vec::<String>::new());
    let changes = home.run(&["changes", "--format", "json"]).json();
    assert!(changes.as_array().unwrap().is_empty(), "a run of the same day brought nothing: {changes:#}");
}

/// The bundled site with these areas only.
fn small_site(names: &[&str]) -> Site {
    let mut site = Site::bundled();
    site.areas.retain(|area| names.contains(&area.name.as_str()));
    site
}

#[test]
fn no_area_is_lost_or_doubled_when_the_list_changes_while_it_is_read() {
    let areas = (0..150).map(|n| {
        let mut area = area(90_000 + n, &format!("Area {n:03}"));
        area.entries.push(entry(60_000 + n, "Children's services inspection", "2024-05-01"));
        area
    });
    let content = Site { robots: String::new(), rows: 100, areas: areas.collect(), files: Default::default() };
    let site = LiveSite::start(content.clone());
    let home = Home::new(&site.server.url("/"));
    // While the list is read, an area of the second page moves to the top: it is on no page that is read, and the last
    // area of the first page is on both.
    let mut moved = content.clone();
    let from_below = moved.areas.remove(120);
    moved.areas.insert(0, from_below);
    let mut lists = 0;
    let (before, after) = (content.clone(), moved.clone());
    site.server.answer(move |hit| {
        lists += usize::from(hit.path.starts_with("/search"));
        support::site::answer(if lists < 2 { &before } else { &after }, hit)
    });
    let (code, report) = home.update(&[]);
    assert_eq!(code, 0, "{:#}", report["sources"]);
    assert_eq!(report["sources"][0]["areas"], 150);
    assert_eq!(counts(&report), [0, 0, 0, 150, 0]);
    let pages: Vec<String> = site.server.paths().into_iter().filter(|path| path.starts_with("/provider/")).collect();
    assert_eq!(pages.len(), 150, "each page is asked for once");
    assert_eq!(pages.iter().collect::<BTreeSet<_>>().len(), 150);

    // An area with a new name is the same area.
    moved.areas[40].name = "Newname".to_owned();
    let renamed = moved.clone();
    site.server.answer(move |hit| support::site::answer(&renamed, hit));
    let (code, report) = home.update(&[]);
    assert_eq!((code, &report["sources"][0]["areas"]), (0, &150.into()), "{:#}", report["sources"]);
    assert_eq!(counts(&report), [0, 0, 0, 150, 0]);

    // A list that lacks areas is reported, and the pages of those areas are read all the same.
    let mut fewer = moved.clone();
    let missing: Vec<String> = fewer.areas.drain(10..13).map(|area| area.urn).collect();
    site.server
        .answer(move |hit| support::site::answer(if hit.path.starts_with("/search") { &fewer } else { &moved }, hit));
    site.server.forget();
    let (code, report) = home.update(&[]);
    assert_eq!((code, alarms(&report)), (3, vec!["areas_missing".to_owned()]));
    assert_eq!(counts(&report), [0, 0, 0, 150, 0]);
    for urn in missing {
        assert!(site.server.paths().contains(&format!("/provider/44/{urn}")));
    }
}

#[test]
fn a_site_that_changed_its_markup_ends_the_run_with_3_and_nothing_is_lost() {
    let site = LiveSite::start(small_site(&["Thornwick", "Westhaven"]));
    let home = Home::new(&site.server.url("/"));
    assert_eq!(home.update(&[]).0, 0);

    site.plant("/provider/44/99971", Reply::html("<h1>Thornwick</h1><p>All new!</p>"));
    let (code, report) = home.update(&[]);
    assert_eq!((code, alarms(&report)), (3, vec!["provider_form".to_owned()]));
    assert_eq!(report["vanished"].as_array().unwrap().len(), 0, "nothing is known of what that page showed");

    site.heal();
    let emptied = "<h1>Thornwick</h1><ol class=timeline></ol>";
    site.plant("/provider/44/99971", Reply::html(emptied));
    let (code, report) = home.update(&[]);
    assert_eq!((code, alarms(&report)), (3, vec!["page_emptied".to_owned()]));

    site.heal();
    let search = site.server.paths().into_iter().find(|path| path.starts_with("/search")).unwrap();
    site.plant(&search, Reply::html("<p>Search has moved</p>"));
    let ended = home.run(&["update"]);
    assert_eq!(ended.code, Some(3));
    assert!(
        ended.stderr.contains("listing_empty") && ended.stderr.contains("open it in a browser"),
        "{}",
        ended.stderr
    );

    site.heal();
    assert_eq!(home.update(&[]).0, 0);
    let letters = home.run(&["letters", "--format", "json"]).json();
    assert_eq!(letters.as_array().unwrap().len(), 6);
}

#[test]
fn a_letter_listed_under_another_area_is_suspicious_in_the_run_the_letter_and_the_status() {
    // Each page of the small site shows a letter; the pages change places.
    let mut content = small_site(&["Thornwick", "Westhaven"]);
    let entries = std::mem::take(&mut content.areas[0].entries);
    content.areas[0].entries = std::mem::replace(&mut content.areas[1].entries, entries);
    let site = LiveSite::start(content);
    let home = Home::new(&site.server.url("/"));
    let (_, report) = home.update(&[]);
    let says_so = |text: String| text.contains("its listing shows it under");
    let letters = report["documents"].as_array().unwrap().iter().filter(|d| d["status"] == "stored");
    let listed: Vec<bool> = letters.map(|d| says_so(d["suspicious"].to_string())).collect();
    assert!(!listed.is_empty() && listed.iter().all(|says_so| *says_so), "{report:#}");
    assert!(says_so(home.run(&["letters", "--format", "json"]).json()[0]["suspicious"].to_string()));
    assert!(says_so(home.run(&["status", "--format", "json"]).json()["doubts"].to_string()));
    home.run(&["rebuild", "--from", "parse"]);
    assert!(says_so(home.run(&["letters", "--format", "json"]).json()[0]["suspicious"].to_string()), "after a rebuild");
}

#[test]
fn a_dry_run_fetches_listings_only_and_changes_nothing() {
    let site = LiveSite::start(small_site(&["Thornwick", "Westhaven"]));
    let home = Home::new(&site.server.url("/"));
    let (code, report) = home.update(&["--dry-run"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["would_fetch"].as_array().unwrap().len(), 6);
    assert_eq!(site.files_asked(), Vec::<String>::new());
    assert!(!home.data().exists());

    let (code, report) = home.update(&["--since", "2022-01-01"]);
    assert_eq!((code, counts(&report)), (0, [3, 0, 0, 3, 0]), "{report:#}");
    assert_eq!(outcome(&report, "/50101"), ("set_aside".to_owned(), "before_since".to_owned()));
    let before = support::site::files(&home.data().join("archive"));
    let (_, report) = home.update(&["--dry-run"]);
    assert_eq!(
        report["would_fetch"].as_array().unwrap().len(),
        3,
        "documents that --since left out are still to be fetched"
    );
    assert_eq!(support::site::files(&home.data().join("archive")), before);
}

#[test]
fn only_a_full_run_asks_for_held_documents_and_finds_changed_bytes() {
    let site = LiveSite::start(small_site(&["Westhaven"]));
    let home = Home::new(&site.server.url("/"));
    assert_eq!(counts(&home.update(&[]).1), [2, 0, 0, 0, 0]);
    site.change(|site| {
        let letter = demo::letter("2022-westhaven-revisit").unwrap();
        site.files.insert(50192, Cow::Owned([letter, b"\n% saved again\n%%EOF\n"].concat()));
    });
    assert_eq!(counts(&home.update(&[]).1), [0, 2, 0, 0, 0]);
    let findings = home.run(&["findings", "--format", "json"]).stdout;
    site.server.forget();
    let (code, report) = home.update(&["--full"]);
    assert_eq!((code, counts(&report)), (0, [0, 1, 1, 0, 0]), "{report:#}");
    assert_eq!(site.files_asked().len(), 2);
    assert_eq!(report["hosts"]["127.0.0.1"]["not_modified"], 1, "the other is asked for conditionally");
    assert_eq!(home.run(&["findings", "--format", "json"]).stdout, findings, "the same text brings no new findings");
}

#[test]
fn the_same_letter_from_two_sources_is_one_document_with_two_publications() {
    let letter = demo::letter("2022-westhaven-revisit").unwrap();
    let site = LiveSite::start(small_site(&["Westhaven"]));
    let list =
        "<main><ul><li><a href='/media/w.pdf'>Westhaven: SEND letter</a> <time>21 March 2022</time></li></ul></main>";
    site.plant("/letters", Reply::html(list));
    site.plant("/media/w.pdf", Reply::pdf(letter));
    let address = site.server.url("/");
    let home = Home::with(
        &format!(
            "[[source]]\nname = \"ofsted_reports\"\naddress = \"{address}\"\n\
             [[source]]\nname = \"other_site\"\nenabled = true\naddress = \"{address}letters\"\n\
             link_list = {{ links = \"main a[href$='.pdf']\", item = \"li\", area_pattern = \"^(.+?):\" }}\n"
        ),
        "",
    );
    let (code, report) = home.update(&[]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["documents"].as_array().unwrap().len(), 3);
    assert_eq!(counts(&report), [2, 1, 0, 0, 0]);
    let dataset = sendlens::store::Dataset::open_read_only(&home.data()).unwrap();
    let publications = dataset.publications_of(&sendlens::archive::sha256(letter)).unwrap();
    let sources: Vec<&str> = publications.iter().map(|publication| publication.source.as_str()).collect();
    assert_eq!(sources, ["ofsted_reports", "other_site"]);
    assert_eq!(home.run(&["letters", "--format", "json"]).json().as_array().unwrap().len(), 2);
    let changes = home.run(&["changes", "--format", "json"]).json();
    let rows = changes.as_array().unwrap().iter().filter(|c| c["letter_id"] == "985-2022-02-07-revisit");
    let rows: Vec<(&str, &str)> =
        rows.map(|c| (c["source"].as_str().unwrap(), c["change"].as_str().unwrap())).collect();
    assert_eq!(rows.len(), 2, "{changes:#}");
    assert_eq!(rows.iter().filter(|(_, change)| *change == "republished").count(), 1, "{rows:?}");

    // Only the named source is asked.
    site.server.forget();
    let (code, report) = home.update(&["--source", "other_site"]);
    assert_eq!((code, report["sources"].as_array().unwrap().len()), (0, 1), "{report:#}");
    assert_eq!(site.server.paths(), ["/robots.txt", "/letters"]);
    let unknown = home.run(&["update", "--source", "another"]);
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.stderr.contains("known are: ofsted_reports, other_site"), "{}", unknown.stderr);
}

#[test]
fn a_log_has_a_line_for_each_new_document_and_quiet_prints_only_what_is_wrong() {
    let site = LiveSite::start(small_site(&["Westhaven"]));
    let logged = Home::new(&site.server.url("/")).run(&["update"]);
    assert_eq!((logged.code, logged.stdout.as_str()), (Some(0), ""));
    let stored = logged.stderr.lines().filter(|line| line.starts_with("stored: http://127.0.0.1:"));
    assert_eq!(stored.count(), 2, "{}", logged.stderr);
    assert!(logged.stderr.contains("2 stored, 0 revised, 0 unchanged, 0 set aside, 0 failed"), "{}", logged.stderr);
    assert!(!logged.stderr.contains('\u{1b}') && !logged.stderr.contains('\r'), "no progress bar is written to a file");

    let home = Home::new(&site.server.url("/"));
    let quiet = home.run(&["update", "--quiet"]);
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (Some(0), "", ""));
    site.plant("/provider/44/99985", Reply::status(403));
    let wrong = home.run(&["update", "--quiet"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("/provider/44/99985") && wrong.stderr.contains("forbidden"), "{}", wrong.stderr);
}

#[test]
fn the_pause_and_the_crawl_delay_hold_over_a_whole_run() {
    let site = LiveSite::start(small_site(&["Westhaven"]));
    for (robots, pause) in [("", 40), ("User-agent: sendlens\nCrawl-delay: 0.09\n", 90)] {
        site.change(|site| site.robots = robots.to_owned());
        site.server.forget();
        let address = site.server.url("/");
        let source = format!("[[source]]\nname = \"ofsted_reports\"\naddress = \"{address}\"\n");
        let home = Home::with(&source, "interval_seconds = 0.04\n");
        assert_eq!(home.update(&[]).0, 0);
        let hits = site.server.hits();
        assert_eq!(hits.len(), 6, "robots.txt, two lists, the page and two letters");
        for pair in hits.windows(2) {
            let apart = pair[1].at - pair[0].at;
            assert!(apart >= Duration::from_millis(pause), "{} then {}: {apart:?}", pair[0].path, pair[1].path);
        }
    }
}
