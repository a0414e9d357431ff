//! Sources read example pages in the markup of the real sites (`fixtures/site/pages`), served on loopback, and survive
//! the error pages of those sites.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use sendlens::demo;
use serde_json::Value;
use support::server::{Hit, Reply, Server};
use support::site::{Home, alarms, counts, outcome};

/// An example page whose links to other hosts lead to this server instead.
fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/site/pages").join(name);
    let mut page = std::fs::read_to_string(path).unwrap();
    for host in ["files.ofsted.gov.uk", "files.api.ofsted.gov.uk", "assets.publishing.service.gov.uk"] {
        page = page.replace(&format!("https://{host}"), "");
    }
    page
}

fn query(path: &str, name: &str) -> Option<String> {
    let (_, query) = path.split_once('?')?;
    let found = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
    found.map(|(_, value)| value.to_owned())
}

/// The inspectorate's site as its example pages show it.
fn inspectorate(hit: &Hit) -> Reply {
    let page = match hit.path.split('?').next().unwrap() {
        "/search" => match (query(&hit.path, "status%5B%5D").as_deref(), query(&hit.path, "start").as_deref()) {
            (Some("2"), _) => "search-closed.html",
            (_, Some("0")) => "search-open-1.html",
            _ => "search-open-2.html",
        },
        "/provider/44/99971" => "provider-first-layout.html",
        "/provider/44/99985" => "provider-second-layout.html",
        "/provider/44/99979" => "provider-closed.html",
        path => {
            let letter = match path.strip_prefix("/v1/file/").unwrap_or_default() {
                "50232" => "2024-thornwick-monitoring",
                "50200" => "2023-thornwick-full",
                "50145" => "2018-thornwick-revisit",
                "50101" => "2016-thornwick-outcome",
                "50192" => "2022-westhaven-revisit",
                "50142" => "2018-westhaven-outcome",
                "50121" => "2017-norvale-outcome",
                _ => return Reply::status(404),
            };
            return Reply::pdf(demo::letter(letter).unwrap());
        }
    };
    Reply::html(example(page))
}

/// The day of publication of each stored letter.
fn published(home: &Home) -> BTreeMap<String, String> {
    let letters = home.run(&["letters", "--format", "json"]).json();
    let of = |letter: &Value, field: &str| letter[field].as_str().unwrap_or_default().to_owned();
    letters.as_array().unwrap().iter().map(|letter| (of(letter, "id"), of(letter, "published_on"))).collect()
}

#[test]
fn both_layouts_give_the_day_of_publication_and_the_plain_title() {
    let site = Server::start(inspectorate);
    let home = Home::new(&site.url("/"));
    let (code, report) = home.update(&[]);
    assert_eq!(code, 0, "{report:#}");
    let expected = [
        ("971-2016-06-20-outcome", "2016-08-18"),
        ("971-2018-12-10-revisit", "2019-01-24"),
        ("971-2023-05-15-full", "2023-07-18"),
        ("971-2024-11-26-monitoring", "2025-01-28"),
        ("979-2017-10-02-outcome", "2017-12-01"),
        ("985-2018-11-05-outcome", "2019-01-09"),
        ("985-2022-02-07-revisit", "2022-03-21"),
    ];
    assert_eq!(published(&home), expected.map(|(id, day)| (id.to_owned(), day.to_owned())).into());
    let changes = home.run(&["changes", "--format", "json"]).json();
    let mut titles: Vec<&str> = changes.as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(
        titles,
        [
            "Area SEND full inspection",
            "Area SEND monitoring inspection",
            "Joint area SEND revisit",
            "Joint local area SEND inspection",
            "Joint local area SEND revisit",
        ]
    );
    for number in [50_231, 50_130] {
        let path = format!("/v1/file/{number}");
        assert_eq!(outcome(&report, &path), ("set_aside".to_owned(), "title".to_owned()));
        assert!(!site.paths().contains(&path), "a document of another programme is not fetched");
    }
}

#[test]
fn an_update_since_a_day_stores_what_was_published_from_that_day_on() {
    let site = Server::start(inspectorate);
    let home = Home::new(&site.url("/"));
    // The inspections of both began before that day.
    let (code, report) = home.update(&["--since", "2022-03-01"]);
    assert_eq!((code, counts(&report)[0]), (0, 3), "{report:#}");
    let ids: Vec<String> = published(&home).into_keys().collect();
    assert_eq!(ids, ["971-2023-05-15-full", "971-2024-11-26-monitoring", "985-2022-02-07-revisit"]);
}

#[test]
fn authorities_that_were_closed_are_found_and_the_searches_can_be_set() {
    let site = Server::start(inspectorate);
    let address = site.url("/");
    let home = Home::new(&address);
    let (_, report) = home.update(&[]);
    assert_eq!((&report["sources"][0]["stated"], &report["sources"][0]["areas"]), (&3.into(), &3.into()));
    assert!(published(&home).contains_key("979-2017-10-02-outcome"));

    let own =
        "searches = [\"https://reports.ofsted.gov.uk/search?level_1_types=3&level_2_types%5B%5D=12&status%5B%5D=1\"]";
    let home = Home::with(&format!("[[source]]\nname = \"ofsted_reports\"\naddress = \"{address}\"\n{own}\n"), "");
    site.forget();
    let (code, report) = home.update(&[]);
    assert_eq!((code, &report["sources"][0]["areas"]), (0, &2.into()), "{report:#}");
    let asked: Vec<String> = site.paths().into_iter().filter(|path| path.starts_with("/search")).collect();
    assert_eq!(asked[0], "/search?level_1_types=3&level_2_types%5B%5D=12&status%5B%5D=1&start=0");
    assert!(!published(&home).contains_key("979-2017-10-02-outcome"));
}

#[test]
fn a_temporary_refusal_error_page_or_empty_list_does_not_end_the_update() {
    for (fault, refusals) in [
        (Reply::status(403), 2),
        (Reply::status(503), 4),
        (Reply::html(example("error-application.html")), 1),
        (Reply::html(example("error-challenge.html")), 2),
        (Reply::html(example("search-empty.html")), 1),
    ] {
        let (count, first_answer) = (AtomicUsize::new(0), fault.clone());
        let site = Server::start(move |hit| {
            let first_list =
                hit.path.starts_with("/search") && query(&hit.path, "status%5B%5D").as_deref() == Some("1");
            match first_list && count.fetch_add(1, Ordering::Relaxed) < refusals {
                true => first_answer.clone(),
                false => inspectorate(hit),
            }
        });
        let source = format!("[[source]]\nname = \"ofsted_reports\"\naddress = \"{}\"\n", site.url("/"));
        let home = Home::with(&source, "refused_retries = 2\n");
        let ended = home.run(&["update"]);
        assert_eq!(ended.code, Some(0), "after {fault:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("before 127.0.0.1 is asked again"), "the wait is reported: {}", ended.stderr);
        assert_eq!(published(&home).len(), 7, "after {fault:?}");
    }
}

#[test]
fn a_lasting_refusal_is_reported_as_a_blocked_source() {
    for (fault, code) in [
        (Reply::status(403), "forbidden"),
        (Reply::html(example("error-application.html")), "error_page"),
        (Reply::html(example("error-challenge.html")), "error_page"),
    ] {
        let site =
            Server::start(move |hit| if hit.path.starts_with("/search") { fault.clone() } else { inspectorate(hit) });
        let home = Home::new(&site.url("/"));
        let (exit, report) = home.update(&[]);
        assert_eq!((exit, alarms(&report)), (3, vec!["source_blocked".to_owned()]), "{report:#}");
        assert_eq!(report["pages_failed"][0]["reason"]["code"], code);
    }
}

#[test]
fn a_challenge_page_is_not_taken_for_robots_txt_or_a_document() {
    let site = Server::start(|hit| match hit.path.as_str() {
        "/robots.txt" => Reply::html(example("error-challenge.html")),
        _ => inspectorate(hit),
    });
    let (exit, report) = Home::new(&site.url("/")).update(&[]);
    assert_eq!((exit, alarms(&report)), (3, vec!["source_blocked".to_owned()]), "{report:#}");
    assert!(site.paths().iter().all(|path| path == "/robots.txt"));

    let site = Server::start(|hit| match hit.path.as_str() {
        "/v1/file/50121" => Reply::html(example("error-challenge.html")),
        _ => inspectorate(hit),
    });
    let (exit, report) = Home::new(&site.url("/")).update(&[]);
    assert_eq!((exit, outcome(&report, "/50121").1), (2, "error_page".to_owned()));
}

#[test]
fn a_day_of_publication_before_the_end_of_the_inspection_is_suspicious() {
    // A page that gives only the first day of the inspection.
    let site = Server::start(|hit| {
        match hit.path.as_str() {
        "/provider/44/99979" => Reply::html(
            "<h1>Norvale</h1><ol class=timeline><li class=timeline__day><p class=timeline__date><time>2 October 2017</time></p>
             <a class=publication-link href=/v1/file/50121>Joint local area SEND inspection</a></li></ol>",
        ),
        _ => inspectorate(hit),
    }
    });
    let home = Home::new(&site.url("/"));
    let ended = home.run(&["update"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("said to be published on 2017-10-02, but its inspection ended on 2017-10-06"));
    let status = home.run(&["status", "--format", "json"]).json();
    let doubt = status["doubts"].as_array().unwrap().iter().find(|doubt| doubt["about"] == "published_on").unwrap();
    assert_eq!(doubt["letter_id"], "979-2017-10-02-outcome");
    let letters = home.run(&["letters", "--area", "979", "--format", "json"]).json();
    assert_eq!(letters[0]["suspicious"][0]["field"], "published_on");
}

#[test]
fn a_document_whose_title_names_a_send_letter_fails_instead_of_being_set_aside() {
    let site = Server::start(|hit| match hit.path.as_str() {
        "/v1/file/50121" => Reply::pdf(demo::letter("2018-calderbrook-focused-visit").unwrap()),
        _ => inspectorate(hit),
    });
    let home = Home::new(&site.url("/"));
    let (exit, report) = home.update(&[]);
    assert_eq!((exit, outcome(&report, "/50121")), (2, ("failed".to_owned(), "title_names_letter".to_owned())));
    let failed = |home: &Home| home.run(&["status", "--format", "json"]).json()["failed"].as_array().unwrap().len();
    assert_eq!(failed(&home), 1);
    assert_eq!(home.run(&["rebuild", "--from", "parse"]).code, Some(2), "and a rebuild does not forget it");
    assert_eq!(failed(&home), 1);
}

#[test]
fn the_documented_govuk_source_reads_a_publication_page_and_invents_no_date() {
    let site = Server::start(|hit| match hit.path.as_str() {
        "/robots.txt" => Reply::status(404),
        path if path.ends_with("thornwick-send-letter.pdf") => {
            Reply::pdf(demo::letter("2016-thornwick-outcome").unwrap())
        }
        path if path.ends_with(".pdf") => Reply::pdf(demo::letter("2017-calderbrook-outcome").unwrap()),
        _ => Reply::html(example("govuk-publication.html")),
    });
    let documented = include_str!("../docs/nightly.md");
    let table = documented.split("[[source]]\n").find(|table| table.starts_with("name = \"govuk_letters\"")).unwrap();
    let table = table.split("```").next().unwrap();
    let mut table: Vec<&str> =
        table.lines().filter(|line| !["address", "hosts"].iter().any(|key| line.starts_with(key))).collect();
    let address = format!("address = \"{}\"", site.url("/government/publications/letters"));
    table.insert(1, &address);
    let home = Home::with(&format!("[[source]]\n{}\n", table.join("\n")), "");
    let (code, report) = home.update(&["--source", "govuk_letters"]);
    assert_eq!((code, counts(&report)), (0, [2, 0, 0, 0, 0]), "{report:#}");
    assert_eq!(published(&home).into_values().collect::<Vec<_>>(), ["", ""]);
    let changes = home.run(&["changes", "--format", "json"]).json();
    let titles: Vec<&str> = changes.as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap()).collect();
    assert!(titles.contains(&"Calderbrook: SEND inspection outcome letter"), "{titles:?}");
}
