//! Every claim of the threat model names a test that exists. Claims that no other test file covers are tested here.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use regex::Regex;
use sendlens::crawl::{CrawlFile, Url, sources};
use sendlens::demo::Site;
use support::http::{get, get_with, send};
use support::program::{fixtures, sendlens, stdout};
use support::serving::Serving;
use support::site::{Home, LiveSite, entry, files};

#[test]
fn every_claim_of_the_threat_model_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let named = Regex::new(r"`([a-z_/0-9]+\.(?:rs|py))::([a-z0-9_]+)`").unwrap();
    let mut claims = 0;
    for line in text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| claim")) {
        let tests: Vec<_> = named.captures_iter(line).collect();
        assert!(!tests.is_empty(), "a claim without a test: {line}");
        for test in tests {
            let file = root.join(&test[1]);
            let code = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let name = &test[2];
            // In Rust the function must be marked as a test, not only have the name.
            let form = if test[1].ends_with(".py") {
                format!(r"(?m)^def {name}\(")
            } else {
                format!(r"#\[(tokio::)?test\]\n(\s*#\[[^\n]*\]\n)*\s*(async )?fn {name}\(\)")
            };
            assert!(Regex::new(&form).unwrap().is_match(&code), "{line}\nnames no test of {}", file.display());
        }
        claims += 1;
    }
    assert!(claims > 30, "only {claims} claims were found");
}

#[test]
fn hostile_pages_are_refused_before_they_are_parsed() {
    let source = sources(&CrawlFile::default(), &[], &[]).unwrap().remove(0);
    let listing = source.start().remove(0);
    let url = Url::parse(&listing.url).unwrap();
    let formatting: String = (0..3_000).map(|n| format!("<b a={n}>")).collect();
    // As large as a page may be: 10 MiB.
    for hostile in ["<div>".repeat(2 << 20), format!("<p>{formatting}{}", "<p>x".repeat(5 << 19))] {
        let contents = source.read(&listing, &url, &hostile);
        assert_eq!(contents.alarms.iter().map(|alarm| alarm.code.as_str()).collect::<Vec<_>>(), ["page_endless"]);
    }
    // A page just within the limits is parsed, walked and dropped on the small stack of a thread.
    let deep = format!("{}<a href='/provider/44/1'>x</a>", "<div>".repeat(15_000));
    assert_eq!(source.read(&listing, &url, &deep).providers.len(), 1);
}

#[test]
fn the_text_of_a_site_cannot_control_a_terminal() {
    let mut content = Site::bundled();
    content.areas.retain(|area| area.name == "Westhaven");
    content.areas[0].name = "West\u{1b}]0;owned\u{7}haven".to_owned();
    content.areas[0].entries = vec![entry(70_001, "Report \u{1b}[2J\u{1b}[31m\u{9b}31m", "2024-05-01")];
    let site = LiveSite::start(content);
    let home = Home::new(&site.server.url("/"));
    let run = |arguments: &[&str]| {
        let ended = home.run(arguments);
        for text in [&ended.stdout, &ended.stderr] {
            let bad = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
            assert_eq!(bad, None, "{arguments:?}: {text:?}");
        }
        (ended.code, ended.stdout + &ended.stderr)
    };
    let (code, printed) = run(&["update", "-vv"]);
    assert_eq!(code, Some(2), "{printed}");
    site.change(|site| site.areas[0].entries.clear());
    let (code, printed) = run(&["update", "-vv"]);
    assert_eq!(code, Some(3), "{printed}");
    assert!(run(&["status", "-v"]).1.contains("/v1/file/70001"));
    assert_eq!(run(&["changes", "--since", "2000-01-01"]).0, Some(0));
}

#[test]
fn serve_listens_only_on_this_machine_by_default() {
    let definition = sendlens::cli::definition();
    let serve = definition.find_subcommand("serve").unwrap();
    let listen = serve.get_arguments().find(|argument| argument.get_id() == "listen").unwrap();
    let address: std::net::SocketAddr = listen.get_default_values()[0].to_str().unwrap().parse().unwrap();
    assert!(address.ip().is_loopback(), "{address}");
}

/// Starts the program as a server whose log can be read.
fn start_serving(data: &Path) -> Serving {
    let mut command = sendlens(data);
    command.stderr(Stdio::piped());
    Serving::start(command)
}

fn ingest_letter() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let letter = fixtures("letters").join("2024-saltmere-full.pdf");
    stdout(&sendlens(data.path()).arg("ingest").arg(letter).output().unwrap(), 0);
    data
}

/// The files of a data directory, except those by which readers of SQLite know of each other.
fn contents(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = files(data);
    found.retain(|name, bytes| !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty()));
    found
}

#[test]
fn no_request_changes_the_dataset() {
    let data = ingest_letter();
    let before = contents(data.path());
    let serving = start_serving(data.path());
    for path in [
        "/",
        "/areas",
        "/letters",
        "/findings?q=leaders",
        "/findings?q=%27%3B%20DROP%20TABLE%20all_letters%3B--",
        "/findings.csv?q=leaders",
        "/api/v1/letters",
        "/api/v1/status",
        "/api/v1/changes?since=2000-01-01",
        "/feeds/letters.atom",
    ] {
        assert_eq!(get(serving.at, path).status, 200, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        assert_eq!(send(serving.at, method, "/api/v1/letters", &[], b"{}").status, 405, "{method}");
    }
    drop(serving);
    let after = contents(data.path());
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert!(after == before, "a file of the dataset changed");
}

#[test]
fn the_log_keeps_nothing_about_readers() {
    let data = ingest_letter();
    let serving = start_serving(data.path());
    let about = [
        ("User-Agent", "SomeBrowser/7"),
        ("X-Forwarded-For", "203.0.113.77"),
        ("Forwarded", "for=203.0.113.78"),
        ("Referer", "https://intranet.example/who"),
        ("Cookie", "session=s3cr3t"),
    ];
    assert_eq!(get_with(serving.at, "/letters", &about).status, 200);
    let log = serving.stop();
    assert!(log.contains("GET /letters 200"), "{log}");
    for (_, value) in about {
        assert!(!log.contains(value), "{value} is in the log: {log}");
    }
    assert!(!log.contains("127.0.0.1"), "{log}");
}
