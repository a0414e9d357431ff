//! The site answers over real HTTP: pages, headers, limits, hostile input, feeds, downloads.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "web/api.rs"]
mod api;
#[path = "web/pages.rs"]
mod pages;
#[path = "web/schema.rs"]
mod schema;
#[path = "web/states.rs"]
mod states;
mod support;
#[path = "web/take_away.rs"]
mod take_away;

use support::http::{get, get_with, raw, send};
use support::service::{self, shared};

/// The address of a page of every kind, in the states that matter.
fn pages_of_every_kind() -> Vec<String> {
    let at = shared();
    let letters = get(at, "/api/v1/letters?limit=1000").json();
    let mut all: Vec<String> = [
        "/",
        "/areas",
        "/areas?region=London",
        "/areas/971",
        "/areas/971?basis=region",
        "/areas/971?basis=all",
        "/areas/971?basis=list",
        "/areas/971?basis=list&with=972%0D%0ACalderbrook%3B+Saltmere",
        "/areas/979",
        "/areas/971/briefing",
        "/areas/971/briefing?basis=list&with=972",
        "/areas/984",
        "/compare",
        "/compare?area=971&area=972&area=Saltmere",
        "/compare?area=971",
        "/compare?area=Thornwik&area=972",
        "/due",
        "/due?show=overdue&region=London",
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
        "/map?show=leadership&framework=2023",
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
fn every_page_is_served_with_its_licence_and_security_headers() {
    for path in pages_of_every_kind() {
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
    for path in pages_of_every_kind() {
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

/// The number of findings of each theme, asked theme by theme.
fn count_themes(at: std::net::SocketAddr, filter: &str) -> Vec<(String, u64)> {
    let themes = get(at, "/api/v1/codebook?limit=1000").json();
    let ids = themes["items"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned());
    ids.map(|id| {
        let found = get(at, &format!("/api/v1/findings?limit=1&theme={id}&{filter}")).json();
        (id, found["total"].as_u64().unwrap())
    })
    .filter(|(_, found)| *found > 0)
    .collect()
}

#[test]
fn a_search_quotes_marks_and_counts_its_findings() {
    let at = shared();
    let page = get(at, "/findings?q=leaders").text();
    assert!(page.to_lowercase().contains("<mark>leaders</mark>"), "the word of the search is marked");
    let api = get(at, "/api/v1/search?q=leaders").json();
    let total = api["total"].as_u64().unwrap();
    assert!(total > 0 && page.contains(&format!("<strong>{total} findings</strong>")));
    let weak: u64 = api["facets"]["polarity"].as_array().unwrap().iter().map(|f| f[1].as_u64().unwrap()).sum();
    assert_eq!(weak, total, "facets count every match once");
    let one = &api["facets"]["polarity"][0];
    let themes = get(at, "/findings?framework=2023").text();
    let (from, to) =
        (themes.find("<summary>Theme</summary>").unwrap(), themes.find("<summary>Part in the letter").unwrap());
    for (id, found) in count_themes(at, "framework=2023") {
        let choice = format!("theme={id}\">");
        let place = themes[from..to].find(&choice).unwrap_or_else(|| panic!("{id} is offered")) + from;
        assert!(
            themes[place..].split("</li>").next().unwrap().ends_with(&format!("<span class=\"n\">{found}</span>")),
            "{id}: {found}"
        );
    }
    let narrowed = get(at, &format!("/api/v1/search?q=leaders&polarity={}", one[0].as_str().unwrap())).json();
    assert_eq!(narrowed["total"], one[1], "a facet's count is what choosing it gives");
}

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
                "{path} reveals how the program works"
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
        (format!("/api/v1/letters?{}", "area=971&".repeat(110)), 400),
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
    for path in ["/", "/areas/971", "/api/v1/letters", "/feeds/letters.atom"] {
        let (options, head) = (send(at, "OPTIONS", path, &[], b""), send(at, "HEAD", path, &[], b""));
        assert_eq!((options.status, head.status, head.body.len()), (204, 200, 0), "{path}");
        assert!(options.header("content-security-policy").is_some(), "{path}");
    }
    let long = raw(at, format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(64 * 1024)).as_bytes());
    assert_eq!(long.status, 431);
    assert_eq!(raw(at, b"nonsense\r\n\r\n").status, 400);
}

#[test]
fn answers_have_entity_tags_and_are_not_sent_twice() {
    let at = shared();
    for path in ["/", "/areas/971", "/api/v1/letters", "/feeds/letters.atom", "/findings?q=leaders"] {
        let first = get(at, path);
        let tag = first.header("etag").unwrap_or_else(|| panic!("{path} has no entity tag")).to_owned();
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
    assert_ne!(csv.header("etag"), get(at, "/api/v1/letters").header("etag"), "another format has another entity tag");
}

#[test]
fn assets_may_be_cached_for_ever_and_bodies_are_compressed() {
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
        let own = format!("href=\"http://{at}/");
        let links = text.matches("href=\"").count();
        assert_eq!(text.matches(&own).count(), links, "{path}: every link is absolute");
        assert!(text.contains(" Flagged for: "), "{path} names the themes");
    }
    let named = get_with(at, "/feeds/letters.atom", &[("X-Forwarded-Proto", "https")]).text();
    assert!(named.contains(&format!("href=\"https://{at}/letters\"")), "behind a proxy that speaks HTTPS: {named}");
    let theme = get(at, "/feeds/themes/leadership.atom").text();
    let label = get(at, "/api/v1/codebook").json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["id"] == "leadership")
        .unwrap()["label"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        theme.matches(&label.replace('&', "&amp;")).count(),
        theme.matches("<entry>").count() + 1,
        "in the title and in each entry"
    );
}

#[test]
fn an_area_can_be_compared_with_chosen_areas() {
    let at = shared();
    let asked = get(at, "/areas/971?basis=list").text();
    assert!(asked.contains("name=\"with\"") && !asked.contains("id=\"peer-themes\""), "first the areas are asked for");
    let page = get(at, "/areas/971?basis=list&with=Calderbrook%0D%0A973%3B972").text();
    assert!(page.contains("id=\"peer-themes\""), "{page}");
    let api = get(at, "/api/v1/areas/971/peers?basis=list&with=Calderbrook,973,975").json();
    let codes: Vec<&str> = api["peers"].as_array().unwrap().iter().map(|p| p["la_code"].as_str().unwrap()).collect();
    let left = api["without_letter"].as_array().unwrap().len();
    assert_eq!((codes.len() + left, api["basis"].as_str()), (3, Some("list")), "{codes:?}");
    let unknown = get(at, "/areas/971?basis=list&with=Calderbrok").text();
    assert!(unknown.contains("Did you mean Calderbrook"), "{unknown}");
    assert!(unknown.contains("value=\"Calderbrok\""), "what was typed stays in its field");
    let nobody = get(at, "/api/v1/areas/971/peers?basis=list").json();
    assert_eq!(nobody["peers"].as_array().unwrap().len(), 0, "compared with nobody");
    let unsaid = get(at, "/api/v1/areas/971/peers?with=973").json();
    assert_eq!((unsaid["basis"].as_str(), unsaid["peers"].as_array().unwrap().len()), (Some("list"), 1));
    assert_eq!(get(at, "/api/v1/areas/971/peers?basis=list&with=Calderbrok").status, 400);
    let csv = get(at, "/areas/971/peers.csv?basis=list&with=973");
    assert!(csv.text().contains(",list,"), "the download has the same basis");
}

#[test]
fn downloads_have_exactly_the_rows_of_the_result() {
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
fn the_page_about_the_api_names_every_page_and_endpoint() {
    let text = get(shared(), "/api").text();
    let document = get(shared(), "/api/v1/openapi.json").json();
    for path in document["paths"].as_object().unwrap().keys().filter(|p| !p.ends_with(".csv")) {
        assert!(text.contains(&format!("GET {path}<")), "{path} is described");
    }
    for path in ["/areas/{area}/briefing", "/feeds/themes/{theme}.atom", "/map"] {
        assert!(text.contains(&format!("<code>{path}</code>")), "{path} is described");
    }
}

/// It prints its address, logs requests without the addresses of clients, and ends cleanly on SIGTERM.
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
    let second =
        support::program::sendlens(service::data()).args(["serve", "--listen", &at.to_string()]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot listen on") && said.contains("--listen"), "it says what to do: {said}");
    let sent = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(0), "a clean end");
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("GET /findings?q=secret%0Aforged 200"), "{log}");
    assert!(!log.contains("127.0.0.1"), "no client's address: {log}");
}
