//! The polite HTTP layer against a real server on loopback: limits, faults, robots.txt, pauses.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sendlens::crawl::{AllowedHosts, Answer, Body, FetchError, Fetcher, Request, Settings, Url, Validators};
use support::server::{Hit, Reply, Server};

const LIMIT_BYTES: u64 = 100_000;

fn settings() -> Settings {
    Settings {
        contact: Some("someone@example.org".to_owned()),
        interval: Duration::from_millis(1),
        // Far longer than any answer takes here, so that a busy machine changes nothing.
        timeout: Duration::from_secs(60),
        stall: Duration::from_secs(30),
        retries: 2,
        backoff: Duration::from_millis(2),
        refused_retries: 2,
        refused_pause: Duration::from_millis(2),
        private_hosts: vec!["127.0.0.1".to_owned(), "localhost".to_owned()],
        ..Settings::default()
    }
}

/// Fetches one address with the loopback host allowed.
async fn get(fetcher: &Fetcher, url: &str) -> Result<Body, FetchError> {
    let url = Url::parse(url).unwrap();
    let hosts = AllowedHosts::new(["127.0.0.1", "127.0.0.2", "localhost"]);
    match fetcher.get(Request { url: &url, hosts: &hosts, limit: LIMIT_BYTES, validators: None }).await? {
        Answer::Body(body) => Ok(*body),
        Answer::NotModified => panic!("nothing conditional was asked"),
    }
}

async fn outcome(fetcher: &Fetcher, url: &str) -> &'static str {
    get(fetcher, url).await.map_or_else(|error| error.code(), |_| "fine")
}

/// A server without robots.txt whose other paths are answered by the handler.
fn site(mut handler: impl FnMut(&Hit) -> Reply + Send + 'static) -> Server {
    Server::start(move |hit| if hit.path == "/robots.txt" { Reply::status(404) } else { handler(hit) })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_page_comes_with_its_validators_and_requests_say_who_asks() {
    let server = site(|_| Reply::html("<p>hello</p>").with("ETag", "\"v1\"").with("Last-Modified", "yesterday"));
    let body = get(&Fetcher::new(settings()).unwrap(), &server.url("/a?b=c")).await.unwrap();
    assert_eq!(body.bytes, b"<p>hello</p>");
    assert_eq!(body.content_type.as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(body.validators.etag.as_deref(), Some("\"v1\""));
    assert_eq!(server.paths(), ["/robots.txt", "/a?b=c"]);
    for hit in server.hits() {
        let agent = hit.header("user-agent").unwrap();
        assert_eq!(agent, format!("sendlens/{} (contact: someone@example.org)", env!("CARGO_PKG_VERSION")));
    }
}

#[tokio::test]
async fn a_conditional_request_is_answered_without_a_body() {
    let server = site(|hit| match hit.header("if-none-match") {
        Some("\"v1\"") => Reply::status(304),
        _ => Reply::html("changed"),
    });
    let fetcher = Fetcher::new(settings()).unwrap();
    let url = Url::parse(&server.url("/page")).unwrap();
    let hosts = AllowedHosts::new(["127.0.0.1"]);
    let held = |etag: &str| Validators { etag: Some(etag.to_owned()), last_modified: None };
    let (same, old) = (held("\"v1\""), held("\"v0\""));
    let ask = |validators| Request { url: &url, hosts: &hosts, limit: LIMIT_BYTES, validators: Some(validators) };
    assert_eq!(fetcher.get(ask(&same)).await.unwrap(), Answer::NotModified);
    assert!(matches!(fetcher.get(ask(&old)).await.unwrap(), Answer::Body(_)));
    assert_eq!(fetcher.statistics().await["127.0.0.1"].not_modified, 1);
}

#[tokio::test]
async fn permanent_failures_are_not_retried_and_temporary_ones_are() {
    for (status, expected, requests) in [
        (404, "not_found", 1),
        (410, "not_found", 1),
        (400, "http_status", 1),
        (429, "rate_limited", 3),
        (500, "server_error", 3),
        // Two long pauses, after the short ones where the server only says that it is busy.
        (403, "forbidden", 3),
        (503, "server_error", 5),
    ] {
        let server = site(move |_| Reply::status(status));
        assert_eq!(outcome(&Fetcher::new(settings()).unwrap(), &server.url("/x")).await, expected);
        assert_eq!(server.hits().len(), 1 + requests, "status {status}");
    }
}

#[tokio::test]
async fn a_temporary_failure_is_retried_until_it_passes() {
    for fault in [
        Reply::status(503),
        Reply::status(429),
        Reply::Reset,
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".to_vec()),
    ] {
        let count = AtomicUsize::new(0);
        let first_answer = fault.clone();
        let server = site(move |_| match count.fetch_add(1, Ordering::Relaxed) {
            0 => first_answer.clone(),
            _ => Reply::html("at last"),
        });
        let fetcher = Fetcher::new(settings()).unwrap();
        assert_eq!(get(&fetcher, &server.url("/x")).await.unwrap().bytes, b"at last", "after {fault:?}");
        assert_eq!(fetcher.statistics().await["127.0.0.1"].retries, 1);
    }
}

#[tokio::test]
async fn long_pauses_are_not_repeated_for_a_host_that_they_did_not_help() {
    let open = std::sync::Arc::new(AtomicUsize::new(0));
    let gate = std::sync::Arc::clone(&open);
    let server = site(move |hit| match hit.path.as_str() {
        "/passes" if gate.fetch_add(1, Ordering::Relaxed) > 0 => Reply::html("at last"),
        _ => Reply::status(403),
    });
    let pauses = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = std::sync::Arc::clone(&pauses);
    let fetcher = Fetcher::new(settings()).unwrap().on_pause(move |pause| noted.lock().unwrap().push(pause.pause));
    let asked = |path: &str| server.paths().iter().filter(|asked| *asked == path).count();
    assert_eq!(outcome(&fetcher, &server.url("/passes")).await, "fine");
    assert_eq!(outcome(&fetcher, &server.url("/first")).await, "forbidden");
    assert_eq!(outcome(&fetcher, &server.url("/second")).await, "forbidden");
    assert_eq!((asked("/passes"), asked("/first"), asked("/second")), (2, 3, 1));
    let pause = Duration::from_millis(2);
    assert_eq!(*pauses.lock().unwrap(), [pause, pause, 2 * pause]);
}

#[tokio::test]
async fn an_error_page_is_refused_whatever_its_status() {
    let server = site(|_| Reply::html("<html><head><title>Just a moment...</title></head></html>"));
    let error = get(&Fetcher::new(settings()).unwrap(), &server.url("/x")).await.unwrap_err();
    assert_eq!(error.code(), "error_page");
    assert!(error.to_string().contains("Just a moment...") && error.to_string().contains("3 attempts"), "{error}");
}

#[tokio::test]
async fn every_request_to_a_host_waits_for_its_retry_after() {
    let count = AtomicUsize::new(0);
    let server = site(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::status(503).with("Retry-After", "1"),
        _ => Reply::html("fine"),
    });
    let fetcher = Fetcher::new(settings()).unwrap();
    let (one, other) = (server.url("/one"), server.url("/other"));
    let (one, other) = tokio::join!(get(&fetcher, &one), get(&fetcher, &other));
    assert!(one.is_ok() && other.is_ok());
    let hits = server.hits();
    assert_eq!(hits.len(), 4, "robots.txt, the refusal, and two answers");
    assert!(hits[2].at - hits[1].at >= Duration::from_secs(1), "the pause that was asked for is kept");
}

#[tokio::test]
async fn a_pause_beyond_the_longest_wait_is_reported_and_the_host_is_left_alone() {
    let server = site(|_| Reply::status(429).with("Retry-After", "86400"));
    let fetcher = Fetcher::new(settings()).unwrap();
    assert_eq!(outcome(&fetcher, &server.url("/a")).await, "asked_to_wait");
    assert_eq!(outcome(&fetcher, &server.url("/b")).await, "asked_to_wait");
    assert_eq!(server.paths(), ["/robots.txt", "/a"]);
}

#[tokio::test]
async fn answers_that_drip_or_stall_time_out() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nab".to_vec();
    let stalled = head.clone();
    let server = site(move |hit| match hit.path.as_str() {
        "/drip" => Reply::Drip([head.clone(), vec![b'x'; 498]].concat(), Duration::from_millis(300)),
        _ => Reply::Stall(stalled.clone(), Duration::from_secs(300)),
    });
    // Each limit alone: bytes that come one by one never stall, and silence ends long before the whole time is over.
    let short = Duration::from_secs(2);
    let in_all = Fetcher::new(Settings { retries: 0, timeout: short, ..settings() }).unwrap();
    assert_eq!(outcome(&in_all, &server.url("/drip")).await, "timeout");
    let silent = Fetcher::new(Settings { retries: 0, stall: short, ..settings() }).unwrap();
    assert_eq!(outcome(&silent, &server.url("/stall")).await, "timeout");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let fetcher = Fetcher::new(Settings { retries: 0, ..settings() }).unwrap();
    let answers: [&[u8]; 3] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n%PDF-1.7 half",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n%PDF-\r\n9\r\n1.7",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\x02",
    ];
    for answer in answers {
        let server = site(move |_| Reply::Raw(answer.to_vec()));
        assert_eq!(outcome(&fetcher, &server.url("/x")).await, "truncated", "{}", String::from_utf8_lossy(answer));
    }
}

#[tokio::test]
async fn size_is_limited_after_decompression() {
    let bomb = gzip(&vec![0; 50_000_000]);
    assert!(bomb.len() < LIMIT_BYTES as usize, "small on the wire: {}", bomb.len());
    let bomb_reply = Reply::html("").with("Content-Encoding", "gzip");
    let server = site(move |hit| match (hit.path.as_str(), bomb_reply.clone()) {
        ("/bomb", Reply::Full { status, headers, .. }) => Reply::Full { status, headers, body: bomb.clone() },
        ("/small", Reply::Full { status, headers, .. }) => Reply::Full { status, headers, body: gzip(b"unpacked") },
        ("/endless", _) => {
            Reply::Raw([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; LIMIT_BYTES as usize + 1]].concat())
        }
        _ => Reply::Raw(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", u64::MAX / 2).into_bytes()),
    });
    let fetcher = Fetcher::new(settings()).unwrap();
    assert_eq!(outcome(&fetcher, &server.url("/bomb")).await, "too_large");
    assert_eq!(outcome(&fetcher, &server.url("/endless")).await, "too_large");
    assert_eq!(outcome(&fetcher, &server.url("/stated")).await, "too_large");
    assert_eq!(get(&fetcher, &server.url("/small")).await.unwrap().bytes, b"unpacked");
    assert_eq!(server.hits().len(), 5, "none of them is asked again");
}

#[tokio::test]
async fn redirects_stay_within_the_rules_on_every_hop() {
    let elsewhere = Server::start_on("127.0.0.2:0", |_| Reply::html("elsewhere"));
    let private = elsewhere.url("/inside");
    let forbidden = private.clone();
    let server = Server::start(move |hit| match hit.path.as_str() {
        "/robots.txt" => Reply::text("User-agent: *\nDisallow: /secret\n"),
        "/loop" => Reply::redirect("/loop2"),
        "/loop2" => Reply::redirect("/loop"),
        "/other" => Reply::redirect("https://elsewhere.example/x"),
        "/private" => Reply::redirect(&forbidden),
        "/secretly" => Reply::redirect("/secret/x"),
        "/far" => Reply::redirect("/1"),
        "/end" => Reply::html("end"),
        path => match path.trim_start_matches('/').parse::<u32>() {
            Ok(n) if n < 20 => Reply::redirect(&format!("/{}", n + 1)),
            _ => Reply::redirect("end"),
        },
    });
    let fetcher = Fetcher::new(settings()).unwrap();
    assert_eq!(get(&fetcher, &server.url("/near")).await.unwrap().bytes, b"end");
    for (path, expected) in [
        ("/loop", "redirect_loop"),
        ("/far", "redirect_loop"),
        ("/other", "redirect_refused"),
        ("/private", "private_address"),
        ("/secretly", "robots"),
    ] {
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        assert_eq!(error.code(), expected, "{error}");
        assert!(error.to_string().contains(path), "the first address is named: {error}");
    }
    assert!(elsewhere.hits().is_empty(), "a private host that is not named was never asked");
    assert!(!server.paths().iter().any(|path| path.starts_with("/secret/")));
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_never_asked() {
    let server = Server::start(|_| Reply::html("inside"));
    let strict = Fetcher::new(Settings { private_hosts: vec![], ..settings() }).unwrap();
    let by_name = format!("http://localhost:{}/", server.address.port());
    for url in [server.url("/"), by_name.clone()] {
        let error = get(&strict, &url).await.unwrap_err();
        assert_eq!(error.code(), "private_address", "{error}");
        assert!(error.to_string().contains("127.0.0.1") || error.to_string().contains("::1"), "{error}");
    }
    assert!(server.hits().is_empty());
    assert_eq!(
        outcome(&Fetcher::new(settings()).unwrap(), &by_name).await,
        "fine",
        "a host that is named may be asked"
    );
}

#[tokio::test]
async fn a_certificate_of_an_unknown_issuer_is_refused() {
    _ = rustls::crypto::ring::default_provider().install_default();
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crawl_http");
    let certificate = CertificateDer::from_pem_file(format!("{data}/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{data}/server.key")).unwrap();
    let tls = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let server = Server::start_tls(tls, |_| Reply::html("hello"));

    let error = get(&Fetcher::new(settings()).unwrap(), &server.url("/")).await.unwrap_err();
    assert_eq!(error.code(), "tls");
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(server.hits().is_empty());

    let trusting = Settings { ca_file: Some(format!("{data}/authority.pem")), ..settings() };
    assert_eq!(get(&Fetcher::new(trusting).unwrap(), &server.url("/")).await.unwrap().bytes, b"hello");
}

#[tokio::test]
async fn robots_txt_is_obeyed_and_fetched_once() {
    let server = Server::start(|hit| match hit.path.as_str() {
        "/robots.txt" => Reply::text("User-agent: *\nDisallow: /closed\nAllow: /closed/but\n"),
        _ => Reply::html("open"),
    });
    let fetcher = Fetcher::new(settings()).unwrap();
    assert_eq!(outcome(&fetcher, &server.url("/open")).await, "fine");
    assert_eq!(outcome(&fetcher, &server.url("/closed/x?y=z")).await, "robots");
    assert_eq!(outcome(&fetcher, &server.url("/closed/but/this")).await, "fine");
    assert_eq!(server.paths(), ["/robots.txt", "/open", "/closed/but/this"]);
}

#[tokio::test]
async fn nothing_is_fetched_while_robots_txt_is_unavailable() {
    for fault in [Reply::status(503), Reply::status(429), Reply::Reset, Reply::redirect("https://elsewhere.example/")] {
        let server = Server::start(move |hit| match hit.path.as_str() {
            "/robots.txt" => fault.clone(),
            _ => Reply::html("open"),
        });
        let fetcher = Fetcher::new(settings()).unwrap();
        assert_eq!(outcome(&fetcher, &server.url("/a")).await, "robots_unavailable");
        let asked = server.hits().len();
        assert_eq!(outcome(&fetcher, &server.url("/b")).await, "robots_unavailable");
        assert_eq!(server.hits().len(), asked, "it is not asked again in the same run");
        assert!(server.paths().iter().all(|path| path == "/robots.txt"));
    }
}

#[tokio::test]
async fn requests_are_kept_apart_by_the_pause_and_by_the_crawl_delay() {
    for (robots, pause) in [("", 60), ("User-agent: *\nCrawl-delay: 0.15\n", 150)] {
        let server = Server::start(move |hit| match hit.path.as_str() {
            "/robots.txt" => Reply::text(robots),
            // An answer that takes its time shows that two requests never run at once.
            _ => Reply::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec(), Duration::from_millis(1)),
        });
        let fetcher = Fetcher::new(Settings { interval: Duration::from_millis(60), ..settings() }).unwrap();
        let urls: Vec<String> = (0..4).map(|n| server.url(&format!("/{n}"))).collect();
        let (a, b, c, d) = tokio::join!(
            outcome(&fetcher, &urls[0]),
            outcome(&fetcher, &urls[1]),
            outcome(&fetcher, &urls[2]),
            outcome(&fetcher, &urls[3])
        );
        assert_eq!([a, b, c, d], ["fine"; 4]);
        let hits = server.hits();
        assert_eq!(hits.len(), 5);
        for pair in hits.windows(2) {
            assert!(pair[1].at - pair[0].at >= Duration::from_millis(pause), "{} then {}", pair[0].path, pair[1].path);
        }
    }
}

#[tokio::test]
async fn a_host_that_only_fails_is_given_up() {
    let server = site(|_| Reply::status(403));
    let fetcher = Fetcher::new(Settings { give_up_after: 3, refused_retries: 0, ..settings() }).unwrap();
    let mut codes = Vec::new();
    for n in 0..5 {
        codes.push(outcome(&fetcher, &server.url(&format!("/{n}"))).await);
    }
    assert_eq!(codes, ["forbidden", "forbidden", "forbidden", "host_given_up", "host_given_up"]);
    assert_eq!(server.hits().len(), 4);
}

#[tokio::test]
async fn a_proxy_is_used_and_may_stand_in_a_private_network() {
    let proxy = Server::start_on("127.0.0.3:0", |hit| match hit.path.as_str() {
        path if path.ends_with("/robots.txt") => Reply::status(404),
        _ => Reply::html("by proxy"),
    });
    let proxied = Settings { proxy: Some(proxy.url("")), private_hosts: vec![], ..settings() };
    let fetcher = Fetcher::new(proxied).unwrap();
    let url = Url::parse("http://reports.example/page").unwrap();
    let hosts = AllowedHosts::new(["reports.example"]);
    let answer = fetcher.get(Request { url: &url, hosts: &hosts, limit: LIMIT_BYTES, validators: None }).await.unwrap();
    assert!(matches!(answer, Answer::Body(body) if body.bytes == b"by proxy"));
    assert_eq!(proxy.paths(), ["http://reports.example/robots.txt", "http://reports.example/page"]);
}

#[test]
fn settings_that_cannot_work_are_refused_with_advice() {
    let refused = |settings| Fetcher::new(settings).unwrap_err().to_string();
    assert!(refused(Settings { proxy: Some("socks5://x:1".into()), ..settings() }).contains("http://host:port"));
    assert!(refused(Settings { ca_file: Some("/no/such.pem".into()), ..settings() }).contains("PEM"));
    assert!(refused(Settings { contact: Some("a\u{7}b".into()), ..settings() }).contains("e-mail"));
}
