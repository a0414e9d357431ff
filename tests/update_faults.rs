//! `update` survives faults of the network, the process and the disk: each fault has its outcome, and the next run
//! completes what is missing.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use sendlens::crawl::OFSTED_REPORTS;
use sendlens::demo::{self, Site};
use sendlens::store::{Dataset, StoreError};
use support::server::{Reply, Server};
use support::site::{Home, LiveSite, alarms, counts, files, outcome};

fn bomb() -> Reply {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..60 {
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let body = encoder.finish().unwrap();
    Reply::Full { status: 200, headers: vec![], body }.with("Content-Encoding", "gzip")
}

fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n{head}\r\n\r\n").as_bytes(), body].concat()
}

#[test]
fn each_fault_has_its_outcome_and_the_rest_of_the_run_completes() {
    let site = LiveSite::start(Site::bundled());
    let letter = demo::letter("2024-brackenshire-full").unwrap();
    let file = |number: u32| format!("/v1/file/{number}");
    let inside = Server::start_on("127.0.0.2:0", |_| Reply::html("inside"));
    let refused = [
        (50201, Reply::status(403), "forbidden"),
        (50188, Reply::html("<!DOCTYPE html><p>Page not found"), "not_a_pdf"),
        (50230, Reply::status(429), "rate_limited"),
        (50160, Reply::status(429).with("Retry-After", "0"), "rate_limited"),
        (50155, Reply::status(503), "server_error"),
        (50112, Reply::status(503).with("Retry-After", "86400"), ""),
        (50110, Reply::Drip(raw("Content-Length: 4000", &[b'x'; 4000]), Duration::from_millis(300)), "timeout"),
        (50163, Reply::Stall(raw("Content-Length: 4000", b"%PDF-1.7"), Duration::from_secs(300)), "timeout"),
        (50222, Reply::Raw(raw(&format!("Content-Length: {}", letter.len() + 9), letter)), "truncated"),
        (50236, Reply::Raw(raw(&format!("Content-Length: {}", letter.len() / 2), letter)), "truncated"),
        (50207, Reply::Reset, "connection"),
        (50121, bomb(), "too_large"),
        (50239, Reply::redirect("/v1/file/50239"), "redirect_loop"),
        (50210, Reply::redirect("https://elsewhere.example/f.pdf"), "redirect_refused"),
        (50203, Reply::redirect(&inside.url("/f.pdf")), "private_address"),
        (50215, Reply::status(404), "not_found"),
        (50183, Reply::status(500), "server_error"),
    ];
    for (number, reply, code) in &refused {
        if !code.is_empty() {
            site.plant(&file(*number), reply.clone());
        }
    }
    site.plant(
        &file(50190),
        Reply::Full { status: 200, headers: vec![], body: letter.to_vec() }.with("Content-Type", "text/html"),
    );
    site.change(|site| site.robots = "User-agent: *\nDisallow: /v1/file/50101\n".to_owned());

    let address = site.server.url("/");
    let source = format!("[[source]]\nname = \"ofsted_reports\"\naddress = \"{address}\"\nhosts = [\"127.0.0.2\"]\n");
    let limits =
        "timeout_seconds = 8\nstall_seconds = 4\nretries = 1\ngive_up_after = 99\nmax_document_bytes = 5000000\n";
    let home = Home::with(&source, limits);
    let (code, report) = home.update(&[]);
    for (number, _, code) in refused.iter().filter(|(_, _, code)| !code.is_empty()) {
        assert_eq!(outcome(&report, &file(*number)), ("failed".to_owned(), (*code).to_owned()));
    }
    assert_eq!(outcome(&report, &file(50101)), ("failed".to_owned(), "robots".to_owned()));
    assert_eq!(outcome(&report, &file(50190)).0, "stored", "a PDF is a PDF whatever the server calls it");
    assert!(inside.hits().is_empty());
    let entries = Site::bundled().areas.iter().map(|area| area.entries.len()).sum::<usize>() as u64;
    let [stored, .., set_aside, failed] = counts(&report);
    assert_eq!(failed, 17);
    assert_eq!(stored + set_aside + failed, entries, "the rest of the run completed");
    assert_eq!((code, alarms(&report)), (2, vec![]), "{report:#}");

    // The next run fetches what failed, and nothing that is stored.
    site.heal();
    site.change(|site| site.robots.clear());
    site.server.forget();
    let (code, report) = home.update(&[]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(site.files_asked().len(), 17);
    // The archive holds documents only.
    for (name, bytes) in files(&home.data().join("archive")) {
        assert!(bytes.starts_with(b"%PDF-"), "{name} is not a document");
    }
}

#[test]
fn an_unreachable_source_is_reported_and_the_others_complete() {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    _ = rustls::crypto::ring::default_provider().install_default();
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crawl_http");
    let certificate = CertificateDer::from_pem_file(format!("{data}/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{data}/server.key")).unwrap();
    let tls = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let untrusted = Server::start_tls(tls, |_| Reply::html("<a href=x.pdf>x</a>"));
    let no_robots = Server::start_on("127.0.0.5:0", |_| Reply::status(503));
    let busy = Server::start_on("127.0.0.6:0", |hit| match hit.path.as_str() {
        "/robots.txt" => Reply::status(404),
        _ => Reply::status(503).with("Retry-After", "86400"),
    });
    let mut content = Site::bundled();
    content.areas.retain(|area| area.name == "Westhaven");
    let site = LiveSite::start(content);
    let list = |name: &str, address: String| {
        format!(
            "[[source]]\nname = \"{name}\"\nenabled = true\naddress = \"{address}\"\nlink_list = {{ links = \"a\" }}\n"
        )
    };
    let sources = [
        format!("[[source]]\nname = \"ofsted_reports\"\naddress = \"{}\"\n", site.server.url("/")),
        list("untrusted", untrusted.url("/list")),
        list("no_robots", no_robots.url("/list")),
        list("waits", busy.url("/list")),
    ];
    let hosts = "private_hosts = [\"127.0.0.1\", \"127.0.0.5\", \"127.0.0.6\"]\n";
    let home = Home::with(&sources.concat(), hosts);
    let (code, report) = home.update(&[]);
    assert_eq!(code, 3, "{report:#}");
    assert_eq!(counts(&report), [2, 0, 0, 0, 0]);
    let mut failed: Vec<(&str, &str)> = report["pages_failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| (page["source"].as_str().unwrap(), page["reason"]["code"].as_str().unwrap()))
        .collect();
    failed.sort_unstable();
    assert_eq!(failed, [("no_robots", "robots_unavailable"), ("untrusted", "tls"), ("waits", "asked_to_wait")]);
    assert_eq!(alarms(&report), ["source_blocked"; 3]);
    assert!(no_robots.paths().iter().all(|path| path == "/robots.txt"));
}

/// Waits until something is so that another process or thread brings about.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(300), "{what} did not happen");
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn a_killed_run_continues_where_it_was() {
    let mut content = Site::bundled();
    content
        .areas
        .retain(|area| ["Westhaven", "Wearmoor", "Saltmere-on-Sea", "Kingsmarsh"].contains(&area.name.as_str()));
    let site = LiveSite::start(content.clone());
    let undisturbed = Home::new(&site.server.url("/"));
    let (code, _) = undisturbed.update(&[]);
    assert_eq!(code, 0);
    let expected = undisturbed.export();
    for format in ["csv", "jsonl", "parquet", "xlsx", "sqlite"] {
        assert!(expected.keys().any(|file| file.ends_with(format)), "{format} is compared");
    }
    let requests = site.server.hits().len();
    assert_eq!(requests, 1 + 2 + 4 + 9);

    let mut resumed = 0;
    for point in 0..20 {
        // The first points kill the run within a request, the later ones after an answer, while documents are read.
        let (at, in_flight) =
            if point < requests { (point + 1, true) } else { (requests - 2 * (point - requests), false) };
        let home = Home::new(&site.server.url("/"));
        site.server.forget();
        let (mut count, live) = (0, content.clone());
        site.server.answer(move |hit| {
            count += 1;
            if count == at && in_flight {
                return Reply::Stall(vec![], Duration::from_secs(300));
            }
            support::site::answer(&live, hit)
        });
        let mut run = home.program().args(["update", "--quiet"]).stderr(Stdio::null()).spawn().unwrap();
        wait_until("the request to be killed at", || site.server.hits().len() >= at);
        run.kill().unwrap();
        run.wait().unwrap();

        let stored = stored_files(&home);
        let live = content.clone();
        site.server.answer(move |hit| support::site::answer(&live, hit));
        site.server.forget();
        let (code, report) = home.update(&[]);
        assert_eq!(code, 0, "killed at request {at}: {report:#}");
        resumed += usize::from(report["resumed"] == true);
        let mut asked = BTreeSet::new();
        for path in site.files_asked() {
            let number = path.rsplit('/').next().unwrap();
            assert!(!stored.contains(number), "killed at request {at}: {path} was stored and fetched again");
            assert!(asked.insert(path.clone()), "killed at request {at}: {path} was fetched twice");
        }
        assert_eq!(stored.len() + asked.len(), 9, "killed at request {at}: what was not stored is fetched");
        let found = home.export();
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (file, bytes) in &expected {
            assert!(found[file] == *bytes, "killed at request {at}: {file} of the export differs");
        }
    }
    assert!(resumed >= 15, "only {resumed} of 20 runs were resumed");
}

/// The numbers of the files that a dataset has: those in the queue that were fetched, and those that were recorded.
fn stored_files(home: &Home) -> BTreeSet<String> {
    let dataset = match Dataset::open_read_only(&home.data()) {
        Ok(dataset) => dataset,
        Err(StoreError::NoDataset(_)) => return BTreeSet::new(),
        Err(error) => panic!("the killed run left a dataset that does not open: {error}"),
    };
    let runs = dataset.runs(1).unwrap();
    let tasks = runs.first().map(|run| dataset.tasks(run.run).unwrap()).unwrap_or_default();
    let fetched = tasks.into_iter().filter(|task| task.sha256.is_some()).map(|task| task.key);
    let recorded = dataset.publications(OFSTED_REPORTS).unwrap().into_iter().map(|publication| publication.key);
    let recorded = recorded.filter(|key| dataset.newest_document(OFSTED_REPORTS, key).unwrap().is_some());
    fetched.chain(recorded).collect()
}

#[test]
fn two_updates_at_once_are_kept_apart_and_a_killed_one_leaves_no_lock() {
    let mut content = Site::bundled();
    content.areas.retain(|area| area.name == "Westhaven");
    let site = LiveSite::start(content);
    site.plant("/robots.txt", Reply::Stall(vec![], Duration::from_secs(300)));
    let source = format!("[[source]]\nname = \"ofsted_reports\"\naddress = \"{}\"\n", site.server.url("/"));
    let home = Home::with(&source, "timeout_seconds = 300\nstall_seconds = 300\n");
    let mut first = home.program().args(["update", "--quiet"]).spawn().unwrap();
    wait_until("the first request", || !site.server.hits().is_empty());
    let second = home.run(&["update"]);
    assert_eq!(second.code, Some(1));
    assert!(
        second.stderr.contains("another update of") && second.stderr.contains(&format!("process {}", first.id())),
        "{}",
        second.stderr
    );
    assert_eq!(site.server.hits().len(), 1, "the second run ends without a request");
    first.kill().unwrap();
    first.wait().unwrap();
    site.heal();
    let (code, report) = home.update(&[]);
    assert_eq!((code, counts(&report)), (0, [2, 0, 0, 0, 0]));
}

#[test]
#[cfg(unix)]
fn a_full_disk_ends_the_run_with_a_plain_message_and_corrupts_nothing() {
    let Some(disk) = support::disk::SmallDisk::mount("1500k") else { return };
    let site = LiveSite::start(Site::bundled());
    let home = Home::new(&site.server.url("/"));
    let data = disk.path().join("data");
    let run = |arguments: &[&str]| {
        let output = home.program().arg("--data").arg(&data).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), output.stdout)
    };
    let (code, message, _) = run(&["update"]);
    assert_eq!(code, Some(1), "{message}");
    let last = message.lines().last().unwrap();
    assert!(last.contains("disk") && (last.contains("full") || last.contains("room")), "{message}");
    disk.grow("64m");
    let (code, message, report) = run(&["update", "--format", "json"]);
    assert_eq!(code, Some(0), "{message}");
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["failed"], 0);
    let undisturbed = Home::new(&site.server.url("/"));
    assert_eq!(undisturbed.update(&[]).0, 0);
    let out = tempfile::tempdir().unwrap();
    let (code, message, _) = run(&["export", "--to", out.path().to_str().unwrap()]);
    assert_eq!(code, Some(0), "{message}");
    assert!(files(out.path()) == undisturbed.export(), "the export differs from that of an undisturbed run");
}
