//! The site as static files is complete, deterministic, careful with its folder, and searchable in a real browser.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../benches/support/generator.rs"]
mod generator;
#[path = "site/large.rs"]
mod large;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use regex::Regex;
use support::browser::{Browser, keys};
use support::program::{json, sendlens};
use support::service::data;

fn publish(to: &Path) -> std::process::Output {
    sendlens(data()).args(["site", "--today", "2026-01-15", "--to"]).arg(to).output().unwrap()
}

/// The published site of the fixture letters, made once.
fn site() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("public");
        let output = publish(&path);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (dir, path)
    });
    path
}

/// Every file below a folder, by its path within it.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The file to which a link of another file leads.
fn resolve(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{link} of {from} leaves the site"),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_of_every_page_resolves_and_nothing_is_fetched_from_another_host() {
    assert_all_links_resolve(&files(site()));
}

/// Asserts that every link leads to a file and place of the site, and that nothing is fetched from another host.
fn assert_all_links_resolve(files: &BTreeMap<String, Vec<u8>>) {
    let attribute = Regex::new(r#" (href|src|action)="([^"]*)""#).unwrap();
    let id = Regex::new(r#" id="([^"]*)""#).unwrap();
    let ids: BTreeMap<&String, BTreeSet<String>> = files
        .iter()
        .filter(|(name, _)| name.ends_with(".html"))
        .map(|(name, bytes)| {
            let text = std::str::from_utf8(bytes).unwrap();
            (name, id.captures_iter(text).map(|c| c[1].to_owned()).collect())
        })
        .collect();
    let (mut wrong, mut links) = (BTreeSet::new(), 0);
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".html") || name.ends_with(".atom")) {
        let text = std::str::from_utf8(bytes).unwrap();
        for link in attribute.captures_iter(text) {
            let value = link[2].replace("&amp;", "&");
            if value.starts_with("https://") || value.starts_with("http://") || value.starts_with("mailto:") {
                assert_eq!(&link[1], "href", "{name}: {value} is fetched from another host");
                continue;
            }
            links += 1;
            let (path, fragment) = value.split_once('#').map_or((value.as_str(), None), |(p, f)| (p, Some(f)));
            let path = path.split('?').next().unwrap();
            let file = if path.is_empty() { name.clone() } else { resolve(name, path) };
            let there = files.contains_key(&file)
                && fragment.is_none_or(|f| f.is_empty() || ids.get(&file).is_some_and(|ids| ids.contains(f)));
            if !there {
                wrong.insert(format!("{name}: {value}"));
            }
        }
    }
    assert!(links > 1000, "{links}");
    assert!(wrong.is_empty(), "{} links lead nowhere: {:#?}", wrong.len(), wrong.iter().take(20).collect::<Vec<_>>());
}

#[test]
fn every_page_and_download_is_published_and_none_is_large() {
    let files = files(site());
    let areas = json(&sendlens(data()).args(["areas", "--format", "json"]).output().unwrap(), 0);
    for area in areas.as_array().unwrap() {
        let code = area["la_code"].as_str().unwrap();
        for part in ["index.html", "briefing/index.html", "briefing.docx", "peers.csv", "peers.xlsx"] {
            assert!(files.contains_key(&format!("areas/{code}/{part}")), "areas/{code}/{part}");
        }
        assert!(
            files.contains_key(&format!("feeds/areas/{code}.ics"))
                && files.contains_key(&format!("feeds/areas/{code}.atom"))
        );
    }
    let letters = json(&sendlens(data()).args(["letters", "--format", "json"]).output().unwrap(), 0);
    for letter in letters.as_array().unwrap() {
        let file = format!("letters/{}/index.html", letter["id"].as_str().unwrap());
        assert!(files.contains_key(&file), "{file}");
    }
    for file in [
        "index.html",
        "themes/leadership/index.html",
        "map/show-leadership/index.html",
        "due/index.html",
        "due.csv",
        "feeds/due.ics",
        "letters.csv",
        "outcomes.svg",
        "themes/leadership/years.svg",
        "map/show-leadership.svg",
        "areas/971/peers/basis-region.csv",
    ] {
        assert!(files.contains_key(file), "{file}");
    }
    for (name, bytes) in &files {
        assert!(!name.ends_with(".html") || bytes.len() < 1_000_000, "{name} has {} bytes", bytes.len());
        assert!(!name.starts_with("search/") || bytes.len() < 100_000, "{name} has {} bytes", bytes.len());
    }
}

#[test]
fn the_same_dataset_and_day_give_the_same_bytes_and_a_second_run_repairs_the_first() {
    let first = files(site());
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("again");
    assert!(publish(&to).status.success());
    let second = files(&to);
    let differ: Vec<&String> =
        first.iter().filter(|(name, bytes)| second.get(*name) != Some(bytes)).map(|(n, _)| n).collect();
    assert!(differ.is_empty() && first.len() == second.len(), "{differ:?}");
    // As if the run had been cut short and somebody had changed a page.
    std::fs::write(to.join(".sendlens-site-journal"), "left/over.html\n").unwrap();
    std::fs::create_dir(to.join("left")).unwrap();
    std::fs::write(to.join("left/over.html"), "").unwrap();
    std::fs::write(to.join("index.html"), "changed").unwrap();
    std::fs::remove_file(to.join("about/index.html")).unwrap();
    std::fs::write(to.join("CNAME"), "send.example").unwrap();
    assert!(publish(&to).status.success());
    let mut third = files(&to);
    assert_eq!(third.remove("CNAME").unwrap(), b"send.example", "a file of the user stays");
    assert!(third == second, "the site is whole again");
}

#[test]
fn a_folder_with_other_files_is_refused_and_nothing_in_it_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("thesis.txt"), "mine").unwrap();
    let output = publish(dir.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("choose an empty or new folder"));
    assert_eq!(files(dir.path()).len(), 1);
}

/// A plain file server, below the path `/under/here/`.
fn file_server(root: &'static Path) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let Some(Ok(first)) = lines.next() else { return };
                for line in lines {
                    if line.is_ok_and(|line| line.is_empty()) {
                        break;
                    }
                }
                let path = first.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap().to_owned();
                let file =
                    path.strip_prefix("/under/here/").map(|file| if file.is_empty() { "index.html" } else { file });
                let body = file.and_then(|file| std::fs::read(root.join(file)).ok());
                let media = match path.rsplit('.').next() {
                    Some("css") => "text/css",
                    Some("js") => "text/javascript",
                    Some("svg") => "image/svg+xml",
                    Some("json") => "application/json",
                    _ => "text/html",
                };
                let (status, body) = body.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            });
        }
    });
    at
}

#[test]
fn a_reader_finds_a_sentence_and_its_letter_with_a_plain_file_server() {
    let Some(browser) = Browser::open(1280, 900) else { return };
    let at = file_server(site());
    let base = format!("http://{at}/under/here/");
    browser.goto("about:blank");
    let _ = (browser.complaints(), browser.requests());

    browser.goto(&base);
    browser.write(&browser.find("#area"), "Thornwick");
    browser.write(&browser.find("#area"), keys::ENTER);
    browser.wait_for("location.pathname === '/under/here/areas/971/index.html'");
    browser.click(&browser.link("Search its findings"));
    browser.wait_for("location.search === '?area=971' && document.querySelector('#search-results li')");

    let findings = json(&sendlens(data()).args(["findings", "--area", "971", "--format", "json"]).output().unwrap(), 0);
    let longest = findings.as_array().unwrap().iter().max_by_key(|f| f["text"].as_str().unwrap().len()).unwrap();
    let words: Vec<&str> = longest["text"]
        .as_str()
        .unwrap()
        .split_whitespace()
        .filter(|w| w.chars().all(char::is_alphabetic))
        .take(6)
        .collect();
    browser.goto(&format!("{base}findings/index.html"));
    let _ = browser.requests();
    browser.write(&browser.find("#q"), &words.join(" "));
    browser.write(&browser.find("#q"), keys::ENTER);
    browser.wait_for("document.querySelector('#search-results li mark')");
    let fetched: u64 = browser
        .requests()
        .iter()
        .filter_map(|url| url.strip_prefix(&base))
        .map(|file| std::fs::metadata(site().join(file.split('?').next().unwrap())).map_or(0, |m| m.len()))
        .sum();
    assert!(fetched < 300_000, "{fetched} bytes before the first results");
    let anchor = format!("#f-{}", longest["id"].as_str().unwrap().rsplit('.').next().unwrap());
    // Further results appear as their texts arrive.
    browser.wait_for(&format!("document.querySelector(\"#search-results a[href$='{anchor}']\")"));
    browser.click(&browser.find(&format!("#search-results a[href$='{anchor}']")));
    browser.wait_for(&format!(
        "location.pathname.includes('/letters/{}/') && location.hash === '{anchor}'",
        longest["letter_id"].as_str().unwrap()
    ));
    let shown = browser.run("return document.querySelector(location.hash).innerText").as_str().unwrap().to_owned();
    assert!(shown.contains(words[0]), "{shown}");

    browser.goto(&format!("{base}findings/index.html?q=zzzzzz"));
    browser.wait_for("document.getElementById('search-status').textContent.startsWith('No finding matches')");
    assert_eq!(browser.complaints(), Vec::<String>::new(), "the console is silent");
    let outside: Vec<String> =
        browser.requests().into_iter().filter(|url| url.starts_with("http") && !url.starts_with(&base)).collect();
    assert!(outside.iter().all(|url| url.ends_with("/favicon.ico")), "{outside:?}");
}

#[test]
fn a_table_is_sorted_and_a_chart_downloaded_with_a_plain_file_server() {
    let Some(browser) = Browser::open(360, 740) else { return };
    let base = format!("http://{}/under/here/", file_server(site()));
    browser.goto("about:blank");
    let _ = (browser.complaints(), browser.requests());
    browser.goto(&format!("{base}areas/index.html"));
    // A number is the same however it is written.
    let plain = |rows: &[serde_json::Value]| -> Vec<Vec<String>> {
        let cell = |cell: &serde_json::Value| cell.as_f64().map_or_else(|| cell.to_string(), |n| n.to_string());
        rows.iter().map(|row| row.as_array().unwrap().iter().map(cell).collect()).collect()
    };
    let shown = |browser: &Browser| {
        let keys = browser.run(
            "return [...document.querySelectorAll('table.sortable tbody tr')].map(row => JSON.parse(row.dataset.keys))",
        );
        keys.as_array().unwrap().clone()
    };
    let before = shown(&browser);
    let keys = Regex::new(r#"data-keys="([^"]*)""#).unwrap();
    for (column, first, then) in
        [(3, "descending", "ascending"), (4, "ascending", "descending"), (0, "ascending", "descending")]
    {
        for order in [first, then] {
            browser.click(&browser.find(&format!("table.sortable th:nth-child({}) a.sort", column + 1)));
            assert_eq!(browser.run("return document.querySelector('th[aria-sort]').getAttribute('aria-sort')"), order);
            let rows = shown(&browser);
            assert_eq!(rows.len(), before.len());
            // The service sorts the same rows in the same way.
            let name = ["name", "outcome", "inspected", "letters", "due"][column];
            let sort = if order == "descending" { format!("-{name}") } else { name.to_owned() };
            let page = support::http::get(support::service::shared(), &format!("/areas?sort={sort}")).text();
            let served: Vec<serde_json::Value> = keys
                .captures_iter(&page)
                .map(|found| serde_json::from_str(&found[1].replace("&quot;", "\"").replace("&amp;", "&")).unwrap())
                .collect();
            assert_eq!(plain(&rows), plain(&served), "{sort}");
        }
    }
    browser.goto(&format!("{base}themes/leadership/index.html"));
    browser.click(&browser.find("ul:has(a[data-svg=themes-leadership-years]) button[data-png]"));
    let picture = browser.downloads.path().join("sendlens-themes-leadership-years.png");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !picture.is_file() {
        assert!(std::time::Instant::now() < end, "the picture did not arrive");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(browser.complaints(), Vec::<String>::new(), "the console is silent");
}

#[test]
fn the_search_in_the_browser_finds_what_the_command_finds() {
    let Some(browser) = Browser::open(1280, 900) else { return };
    let at = file_server(site());
    for (query, command) in [
        ("leaders", "leaders"),
        ("%22health+services%22", "\"health services\""),
        ("leaders+-health", "leaders NOT health"),
        ("theme", "theme"),
    ] {
        let found = json(&sendlens(data()).args(["search", command, "--format", "json"]).output().unwrap(), 0);
        let expected: BTreeSet<String> = found
            .as_array()
            .unwrap()
            .iter()
            .filter(|hit| !hit["text"].as_str().unwrap().is_empty())
            .map(|hit| format!("#f-{}", hit["id"].as_str().unwrap().rsplit('.').next().unwrap()))
            .collect();
        browser.goto(&format!("http://{at}/under/here/findings/index.html?q={query}"));
        browser.wait_for("/finding|shown|No/.test(document.getElementById('search-status').textContent)");
        browser.run("const wait = setInterval(() => { const more = document.getElementById('search-more'); if (more.hidden) clearInterval(wait); else more.click(); }, 20)");
        browser.wait_for("document.getElementById('search-more').hidden");
        std::thread::sleep(std::time::Duration::from_millis(300));
        let shown = browser.run("return [...document.querySelectorAll('#search-results a')].map(a => a.hash)");
        let shown: BTreeSet<String> =
            shown.as_array().unwrap().iter().map(|h| h.as_str().unwrap().to_owned()).collect();
        // The service searches for word stems, so it may find other forms of a word too.
        assert!(shown.is_subset(&expected), "{query}: {:?}", shown.difference(&expected).collect::<Vec<_>>());
        assert!(shown.len() * 10 >= expected.len() * 8, "{query}: {} of {}", shown.len(), expected.len());
    }
}

#[test]
fn published_pages_have_no_accessibility_violation_and_fit_a_phone() {
    let Some(browser) = Browser::open(360, 740) else { return };
    let at = file_server(site());
    let axe = include_str!("browser/axe.min.js");
    for path in [
        "index.html",
        "areas/index.html",
        "areas/971/index.html",
        "findings/index.html?q=leaders",
        "service/index.html",
        "map/show-leadership/index.html",
        "due/index.html",
        "themes/leadership/index.html",
        "letters/index.html",
    ] {
        browser.goto(&format!("http://{at}/under/here/{path}"));
        if path.contains("?q=") {
            browser.wait_for("document.querySelector('#search-results li mark')");
        }
        browser.run("for (const d of document.querySelectorAll('details')) d.open = true");
        let wide = browser.run("return document.documentElement.scrollWidth").as_u64().unwrap();
        assert!(wide <= 360, "{path} is {wide} pixels wide");
        browser.run(axe);
        let answer = browser.run_async(
            "const done = arguments[0]; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })
             .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' ;; '))))
             .catch(e => done(['axe failed: ' + e]))",
        );
        assert_eq!(answer.as_array().unwrap(), &Vec::<serde_json::Value>::new(), "{path}");
    }
}
