//! The site over real HTTP: pages, headers, limits, hostile input, feeds.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sendlens::web::Settings;
use support::http::{get, get_with, raw, send};
use support::service::{self, shared};

/// A page of every kind, with states that matter.
fn pages() -> Vec<String> {
    let at = shared();
    let letters = get(at, "/api/v1/letters?limit=1000").json();
    let mut all: Vec<String> = [
        "/",
        "/areas",
        "/areas?region=London",
        "/areas/971",
        "/areas/971?basis=region",
        "/areas/971?basis=all",
        "/areas/979",
        "/areas/971/briefing",
        "/areas/984",
        "/themes",
        "/themes?measure=strength&framework=2023",
        "/themes/identification",
        "/themes/waiting-times?measure=weakness",
        "/findings",
        "/findings?q=leaders",
        "/findings?q=%22children+and%22&polarity=weakness",
        "/findings?q=zzzzzz",
        "/findings?theme=leadership&page=2",
        "/letters",
        "/letters?kind=other",
        "/map",
        "/map?show=sen-support",
        "/about",
        "/about/codebook",
        "/api",
    ]
    .map(String::from)
    .to_vec();
    let mut kinds = std::collections::BTreeSet::new();
    for letter in letters["items"].as_array().unwrap() {
        if kinds.insert(letter["kind"].as_str().unwrap().to_owned()) {
            all.push(format!("/letters/{}", letter["id"].as_str().unwrap()));
        }
    }
    assert!(kinds.len() >= 2, "the fixtures have letters of several kinds: {kinds:?}");
    all
}

#[test]
fn every_page_is_served_with_its_guards() {
    for path in pages() {
        let page = get(shared(), &path);
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        let text = page.text();
        assert!(text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>"), "{path}");
        assert!(text.contains("Open Government Licence"), "{path} names its licence");
        let csp = page.header("content-security-policy").unwrap();
        assert!(csp.contains("default-src 'none'") && !csp.contains("unsafe"), "{path}: {csp}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(
            !text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick"),
            "{path}: nothing inline"
        );
        for attribute in ["src=\"", "action=\""] {
            for (i, _) in text.match_indices(attribute) {
                assert_eq!(
                    &text[i + attribute.len()..=i + attribute.len()],
                    "/",
                    "{path}: {attribute} of another host"
                );
            }
        }
    }
}

#[test]
fn every_link_within_the_site_leads_somewhere() {
    let mut links = std::collections::BTreeSet::new();
    for path in pages() {
        let text = get(shared(), &path).text();
        for (i, _) in text.match_indices("href=\"/") {
            let rest = &text[i + 6..];
            let link = rest[..rest.find('"').unwrap()].replace("&amp;", "&");
            links.insert(link.split('#').next().unwrap().to_owned());
        }
    }
    assert!(links.len() > 60, "{}", links.len());
    for link in links.iter().filter(|l| !l.contains("..")) {
        let status = get(shared(), link).status;
        assert!(matches!(status, 200 | 303), "{link}: {status}");
    }
}

#[test]
fn an_area_is_found_by_name_and_code_and_unknown_names_get_suggestions() {
    let at = shared();
    let found = get(at, "/areas?area=thornwick");
    assert_eq!((found.status, found.header("location")), (303, Some("/areas/971")));
    assert_eq!(get(at, "/areas?area=E98000971").header("location"), Some("/areas/971"));
    let unknown = get(at, "/areas?area=Thornwik");
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("href=\"/areas/971\""), "{}", unknown.text());
    assert_eq!(get(at, "/areas/Thornwick?basis=all").header("location"), Some("/areas/971?basis=all"));
}

#[test]
fn a_finding_has_an_address_that_leads_into_its_letter() {
    let at = shared();
    let finding = get(at, "/api/v1/findings?limit=1").json()["items"][0].clone();
    let id = finding["id"].as_str().unwrap();
    let answer = get(at, &format!("/findings/{id}"));
    let target = answer.header("location").unwrap();
    assert!(target.starts_with(&format!("/letters/{}#f-", finding["letter_id"].as_str().unwrap())), "{target}");
    let (page, anchor) = target.split_once('#').unwrap();
    assert!(get(at, page).text().contains(&format!("id=\"{anchor}\"")));
}

#[test]
fn a_search_quotes_marks_and_counts() {
    let at = shared();
    let page = get(at, "/findings?q=leaders").text();
    assert!(page.to_lowercase().contains("<mark>leaders</mark>"), "what was searched for is marked");
    let api = get(at, "/api/v1/search?q=leaders").json();
    let total = api["total"].as_u64().unwrap();
    assert!(total > 0 && page.contains(&format!("<strong>{total} findings</strong>")));
    let weak: u64 = api["facets"]["polarity"].as_array().unwrap().iter().map(|f| f[1].as_u64().unwrap()).sum();
    assert_eq!(weak, total, "facets count every match once");
    let one = &api["facets"]["polarity"][0];
    let narrowed = get(at, &format!("/api/v1/search?q=leaders&polarity={}", one[0].as_str().unwrap())).json();
    assert_eq!(narrowed["total"], one[1], "a facet's count is what choosing it gives");
}

/// Input that tries to break out of its place, and where it is put.
#[test]
fn hostile_input_comes_back_escaped_or_refused() {
    let at = shared();
    let script = "%3Cscript%3Ealert(1)%3C/script%3E";
    let quote = "%22%20onmouseover%3D%22alert(1)";
    let sql = "%27%3B%20DROP%20TABLE%20letters%3B--";
    for hostile in
        [script, quote, sql, "%F0%9F%92%A9", "%3C!--", "..%2F..%2Fetc%2Fpasswd", "%7B%7B7*7%7D%7D", "%EF%BF%BD"]
    {
        for place in [
            "/findings?q=",
            "/findings?region=",
            "/findings?theme=",
            "/findings?area=",
            "/findings?since=",
            "/findings?page=",
            "/findings?unknown=",
            "/themes?measure=",
            "/themes/",
            "/areas/",
            "/areas?area=",
            "/letters/",
            "/letters?outcome=",
            "/findings/",
            "/map?show=",
            "/areas/971?basis=",
            "/api/v1/search?q=",
            "/api/v1/areas/",
            "/api/v1/letters?kind=",
            "/api/v1/letters?evil=",
            "/api/v1/themes?by=",
            "/feeds/areas/",
            "/feeds/themes/",
            "/assets/",
            "/findings.csv?q=",
            "/areas/971/peers.xlsx?basis=",
        ] {
            let path = format!("{place}{hostile}");
            let answer = get(at, &path);
            assert!(matches!(answer.status, 200 | 303 | 400 | 404), "{path}: {}", answer.status);
            let text = String::from_utf8_lossy(&answer.body);
            let markup = answer.header("content-type").is_some_and(|t| t.contains("html") || t.contains("xml"));
            assert!(
                !markup || !text.contains("<script>alert") && !text.contains("\" onmouseover=\""),
                "{path} is not escaped"
            );
            assert!(
                !text.contains("panicked") && !text.contains(".rs:") && !text.contains("sqlite"),
                "{path} tells too much"
            );
        }
    }
    assert!(get(at, "/letters").text().contains("<h1>"), "the letters are still there");
}

#[test]
fn search_syntax_errors_get_help() {
    let at = shared();
    for query in ["%22unclosed", "AND", "NEAR(", "a%20AND", "(((((", "*", "-", "^", "col%3Aumn", "a%20NOT"] {
        let page = get(at, &format!("/findings?q={query}"));
        assert!(matches!(page.status, 200 | 400), "{query}: {}", page.status);
        if page.status == 400 {
            assert!(page.text().contains("cannot be understood"), "{query}");
            let api = get(at, &format!("/api/v1/search?q={query}"));
            assert_eq!((api.status, api.header("content-type")), (400, Some("application/problem+json")), "{query}");
        }
    }
}

#[test]
fn requests_beyond_the_limits_are_refused_plainly() {
    let at = shared();
    for (path, status) in [
        (format!("/findings?q={}", "a".repeat(401)), 400),
        (format!("/findings?q={}", "a".repeat(5000)), 414),
        (format!("/api/v1/letters?{}", "area=971&".repeat(70)), 400),
        ("/findings?page=999999999".to_owned(), 400),
        ("/findings?page=-1".to_owned(), 400),
        ("/api/v1/letters?limit=100000".to_owned(), 400),
        ("/api/v1/letters?limit=0".to_owned(), 400),
        ("/api/v1/letters?offset=99999999999999999999".to_owned(), 400),
        ("/findings?q=%ff%fe".to_owned(), 400),
        ("/findings?q=%".to_owned(), 400),
        ("/areas/%00".to_owned(), 400),
        ("/nothing/here".to_owned(), 404),
        ("/../../etc/passwd".to_owned(), 404),
        ("/assets/../../Cargo.toml".to_owned(), 404),
        ("/assets/..%2f..%2fCargo.toml".to_owned(), 404),
        ("/api/v1/nothing".to_owned(), 404),
    ] {
        let answer = get(at, &path);
        assert_eq!(answer.status, status, "{}", &path[..path.len().min(80)]);
        let media = answer.header("content-type").unwrap();
        let expected =
            if path.starts_with("/api/v1") { "application/problem+json" } else { "text/html; charset=utf-8" };
        assert_eq!(media, expected, "{path}");
        assert!(answer.header("content-security-policy").is_some());
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        let answer = send(at, method, "/api/v1/letters", &[], b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")), "{method}");
    }
    let long = raw(at, format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(64 * 1024)).as_bytes());
    assert_eq!(long.status, 431);
    assert_eq!(raw(at, b"nonsense\r\n\r\n").status, 400);
}

#[test]
fn answers_carry_tags_and_are_not_sent_twice() {
    let at = shared();
    for path in ["/", "/areas/971", "/api/v1/letters", "/feeds/letters.atom", "/findings?q=leaders"] {
        let first = get(at, path);
        let tag = first.header("etag").unwrap_or_else(|| panic!("{path} has a tag")).to_owned();
        let again = get_with(at, path, &[("If-None-Match", &tag)]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag.as_str())), "{path}");
        assert_eq!(get_with(at, path, &[("If-None-Match", "\"other\"")]).status, 200);
        assert_eq!(get(at, path).body, first.body, "{path} is the same from the cache");
        assert_ne!(
            get(at, &format!("{path}{}x=1", if path.contains('?') { '&' } else { '?' })).header("etag"),
            Some(tag.as_str())
        );
    }
    let gone = get(at, "/letters/none");
    assert_eq!((gone.status, gone.header("etag")), (404, None));
    let head = send(at, "HEAD", "/areas/971", &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(get(at, "/areas/971").body.len() > 1000, "a HEAD request leaves no empty page behind");
    let csv = get_with(at, "/api/v1/letters", &[("Accept", "text/csv")]);
    assert_ne!(csv.header("etag"), get(at, "/api/v1/letters").header("etag"), "another form has another tag");
}

#[test]
fn assets_are_kept_for_good_and_bodies_are_compressed() {
    let at = shared();
    let home = get(at, "/").text();
    let start = home.find("/assets/style-").unwrap();
    let href = &home[start..start + home[start..].find('"').unwrap()];
    let style = get_with(at, href, &[("Accept-Encoding", "gzip")]);
    assert_eq!(style.header("content-encoding"), Some("gzip"));
    assert!(style.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(get(at, "/healthz").text(), "ok\n");
}

#[test]
fn feeds_are_atom_and_name_their_letters() {
    let at = shared();
    for path in ["/feeds/letters.atom", "/feeds/areas/971.atom", "/feeds/themes/leadership.atom"] {
        let feed = get(at, path);
        assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
        let text = feed.text();
        let tree = scraper::Html::parse_document(&text);
        let entries = scraper::Selector::parse("entry").unwrap();
        assert!(text.starts_with("<?xml") && text.contains("xmlns=\"http://www.w3.org/2005/Atom\""));
        assert_eq!(text.matches("<entry>").count(), text.matches("urn:sendlens:letter:").count());
        assert!(tree.select(&entries).count() > 0, "{path} has entries");
        assert!(text.matches("<updated>").count() == text.matches("<entry>").count() + 1);
    }
}

#[test]
fn downloads_hold_exactly_the_result() {
    let at = shared();
    let total = get(at, "/api/v1/search?q=leaders").json()["total"].as_u64().unwrap();
    let csv = get(at, "/findings.csv?q=leaders");
    assert!(csv.header("content-disposition").unwrap().contains("sendlens-findings.csv"));
    let rows = csv::Reader::from_reader(csv.body.as_slice()).records().count() as u64;
    assert_eq!(rows, total);
    let xlsx = get(at, "/findings.xlsx?q=leaders");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(xlsx.body)).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "Result").unwrap();
    assert_eq!(sheet.height() as u64, total + 1);
    let peers = get(at, "/areas/971/peers.csv?basis=all");
    let api = get(at, "/api/v1/areas/971/peers?basis=all").json();
    let rows = csv::Reader::from_reader(peers.body.as_slice()).records().count();
    assert_eq!(rows, api["themes"].as_array().unwrap().len());
}

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
fn the_page_of_addresses_names_every_page_and_endpoint() {
    let text = get(shared(), "/api").text();
    let document = get(shared(), "/api/v1/openapi.json").json();
    for path in document["paths"].as_object().unwrap().keys().filter(|p| !p.ends_with(".csv")) {
        assert!(text.contains(&format!("GET {path}<")), "{path} is described");
    }
    for path in ["/areas/{area}/briefing", "/feeds/themes/{theme}.atom", "/map"] {
        assert!(text.contains(&format!("<code>{path}</code>")), "{path} is described");
    }
}

#[path = "web/schema.rs"]
mod schema;

/// Every endpoint with parameters that give it something to say.
fn examples(path: &str) -> Vec<String> {
    let at = shared();
    let letters = get(at, "/api/v1/letters?limit=1000").json();
    let letter_ids = letters["items"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap().to_owned());
    let finding = get(at, "/api/v1/findings?limit=1").json()["items"][0]["id"].as_str().unwrap().to_owned();
    let own = path.trim_end_matches(".csv").trim_start_matches("/api/v1");
    match own {
        "/areas/{area}" => (970..=988).map(|code| format!("/api/v1/areas/{code}")).collect(),
        "/areas/{area}/peers" => ["neighbours", "region", "type", "all"]
            .map(|basis| format!("/api/v1/areas/971/peers?basis={basis}"))
            .to_vec(),
        "/letters/{id}" => letter_ids.map(|id| format!("/api/v1/letters/{id}")).collect(),
        "/letters" => {
            vec![path.to_owned(), format!("{path}?kind=all&limit=1000"), format!("{path}?framework=2023&offset=2")]
        }
        "/findings/{id}" => vec![format!("/api/v1/findings/{finding}")],
        "/findings" => vec![format!("{path}?limit=1000"), format!("{path}?role=area_for_improvement&theme=leadership")],
        "/search" => vec![format!("{path}?q=leaders"), format!("{path}?q=%22health+services%22&framework=2023,2016")],
        "/themes" => [
            "",
            "?by=year",
            "?by=region",
            "?by=la_type&framework=2023",
            "?by=outcome&limit=5&offset=3",
            "?by=framework",
        ]
        .map(|query| format!("{path}{query}"))
        .to_vec(),
        "/changes" => vec![path.to_owned(), format!("{path}?since=2000-01-01")],
        "/areas" | "/codebook" | "/status" => vec![path.to_owned()],
        other => panic!("{other} has no example here"),
    }
}

#[test]
fn every_answer_of_the_api_is_what_its_description_says() {
    let at = shared();
    let document = get(at, "/api/v1/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    let schemas = &document["components"]["schemas"];
    let mut complaints = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let ok = &item["get"]["responses"]["200"]["content"];
        for example in examples(path) {
            let answer = get(at, &example);
            assert_eq!(answer.status, 200, "{example}: {}", answer.text());
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{example}");
            if path.ends_with(".csv") {
                assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"), "{example}");
                let mut reader = csv::Reader::from_reader(answer.body.as_slice());
                let columns = reader.headers().unwrap().len();
                assert!(reader.records().all(|row| row.unwrap().len() == columns), "{example}");
                continue;
            }
            assert_eq!(answer.header("content-type"), Some("application/json"), "{example}");
            complaints.extend(schema::problems(&answer.json(), &ok["application/json"]["schema"], schemas, &example));
        }
    }
    complaints.truncate(20);
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn lists_are_paged_without_gap_or_overlap() {
    let at = shared();
    for path in ["/api/v1/letters", "/api/v1/findings", "/api/v1/areas", "/api/v1/search?q=leaders", "/api/v1/themes"] {
        let joined = |query: &str| format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' });
        let whole = get(at, &joined("limit=1000")).json();
        let all = whole["items"].as_array().unwrap();
        let mut pages = Vec::new();
        for offset in (0..30).step_by(7) {
            pages.extend(
                get(at, &joined(&format!("limit=7&offset={offset}"))).json()["items"].as_array().unwrap().clone(),
            );
        }
        let expected: Vec<_> = all.iter().take(35).cloned().collect();
        assert_eq!(pages, expected, "{path}");
        assert_eq!(whole["total"].as_u64().unwrap().min(1000), all.len() as u64, "{path}");
    }
}

#[test]
fn a_misspelt_parameter_is_an_error_and_preflights_are_answered() {
    let at = shared();
    let wrong = get(at, "/api/v1/letters?reigon=London");
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["detail"].as_str().unwrap().starts_with("Unknown parameter \"reigon\""), "{}", wrong.text());
    assert_eq!(get(at, "/api/v1/letters?area=Nowhereshire").status, 400);
    assert_eq!(get(at, "/api/v1/areas/Nowhereshire").status, 404);
    assert_eq!(get(at, "/api/v1/findings?theme=identificaton").status, 400);
    let preflight = send(
        at,
        "OPTIONS",
        "/api/v1/letters",
        &[("Origin", "https://example.org"), ("Access-Control-Request-Method", "GET")],
        b"",
    );
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, Some("*")));
}

#[test]
fn csv_comes_by_suffix_or_by_accept_and_no_cell_is_a_formula() {
    let at = shared();
    let by_suffix = get(at, "/api/v1/findings.csv?limit=1000");
    let by_accept =
        get_with(at, "/api/v1/findings?limit=1000", &[("Accept", "text/csv;q=0.9, application/json;q=0.5")]);
    assert_eq!(by_suffix.body, by_accept.body);
    for record in csv::Reader::from_reader(by_suffix.body.as_slice()).records() {
        assert!(record.unwrap().iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    }
}

/// The program itself: it prints its address, logs requests without addresses of clients, and ends when told.
#[cfg(unix)]
#[test]
fn the_program_serves_until_it_is_told_to_stop() {
    use std::io::{BufRead as _, BufReader, Read as _};
    let mut child = support::program::sendlens(service::data())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let at = line.trim().trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    assert_eq!(get(at, "/findings?q=secret%0Aforged").status, 200);
    let told = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(child.wait().unwrap().code(), Some(0), "a clean end");
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("GET /findings?q=secret%0Aforged 200"), "{log}");
    assert!(!log.contains("127.0.0.1"), "no client's address: {log}");
}
