//! Entity tags, and the response cache.
//!
//! A response depends on its address, the day and the version of the dataset, and on nothing else. So its tag is known
//! before it is made: a reader who has it gets "not modified" without any question to the dataset. Other readers get the
//! response from the snapshot's cache. If it is not there yet, one request makes it and all others for it wait.
//!
//! Errors and very large responses are not cached.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};

use super::error::Failure;
use super::negotiation;
use super::site::Site;
use super::snapshot::CachedResponse;

/// A larger response is not cached.
const MAX_CACHED_BODY_BYTES: u64 = 4 << 20;

impl IntoResponse for CachedResponse {
    fn into_response(self) -> Response {
        (self.headers, Body::from(self.body)).into_response()
    }
}

/// Responds with "not modified" or from the cache if possible; else lets the handler respond and caches what it said.
pub async fn respond(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    if !reads || path.starts_with("/assets/") || path == "/healthz" {
        return next.run(request).await;
    }
    let Ok(snapshot) = site.pool.snapshot().await else { return next.run(request).await };
    let key = cache_key(&request, site.today());
    let tag = entity_tag(&[&snapshot.version.id, &key]);
    if matches_tag(request.headers(), &tag) {
        return (StatusCode::NOT_MODIFIED, validators(&tag)).into_response();
    }
    if *request.method() == Method::HEAD {
        return with_validators(next.run(request).await, &tag);
    }
    let entry = snapshot.responses.get_with_by_ref(key.as_str(), Arc::default);
    let mut made = false;
    let make = || {
        made = true;
        async { cacheable(with_validators(next.run(request).await, &tag)).await }
    };
    match entry.get_or_try_init(make).await {
        Ok(response) => {
            let response = response.clone();
            if made {
                // Now the cache learns how much it weighs.
                snapshot.responses.insert(key, entry);
            }
            response.into_response()
        }
        Err(response) => {
            snapshot.responses.invalidate(&key);
            *response
        }
    }
}

/// The response in a form that can be cached, or as it is if it must not be.
async fn cacheable(response: Response) -> Result<CachedResponse, Box<Response>> {
    let small = response.body().size_hint().upper().is_some_and(|size| size <= MAX_CACHED_BODY_BYTES);
    if response.status() != StatusCode::OK || !small {
        return Err(Box::new(response));
    }
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(collected) => Ok(CachedResponse { headers: parts.headers, body: collected.to_bytes() }),
        Err(error) => Err(Box::new(Failure::Internal(error.to_string()).into_response())),
    }
}

fn with_validators(mut response: Response, tag: &str) -> Response {
    if response.status() == StatusCode::OK {
        response.headers_mut().extend(validators(tag));
    }
    response
}

/// Everything that a response depends on besides the dataset: the address and the day; for the API the form that is
/// asked for, and for feeds the name by which the site was called.
fn cache_key(request: &Request, today: jiff::civil::Date) -> String {
    let mut key = request.uri().path_and_query().map_or_else(String::new, |p| p.as_str().to_owned());
    let _ = write!(key, "\n{today}");
    let path = request.uri().path();
    if negotiation::is_api(path) {
        let _ = write!(key, "\n{}", if negotiation::prefers_csv(request.headers()) { "csv" } else { "json" });
    } else if path.starts_with("/feeds/") {
        let _ = write!(key, "\n{}", negotiation::origin(request.headers()));
    }
    key
}

fn entity_tag(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts.iter().chain([&env!("CARGO_PKG_VERSION")]) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut tag = String::from("W/\"");
    for byte in &hash.finalize()[..12] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
}

fn validators(tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, value);
    }
    // Browsers keep the page and ask each time whether it still holds.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    headers
}

/// Whether `If-None-Match` names this tag; weak and strong spellings compare equal.
fn matches_tag(headers: &HeaderMap, tag: &str) -> bool {
    let bare = tag.trim_start_matches("W/");
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|given| given.trim().trim_start_matches("W/") == bare)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use axum::Router;
    use axum::middleware;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::super::server;
    use super::super::site::Settings;
    use super::*;
    use crate::codebook::Codebook;
    use crate::reference::Reference;
    use crate::store::Dataset;
    use crate::view::briefing::Briefing;

    #[test]
    fn a_tag_depends_on_every_part() {
        assert_eq!(entity_tag(&["1", "/a"]), entity_tag(&["1", "/a"]));
        assert_ne!(entity_tag(&["1", "/a"]), entity_tag(&["2", "/a"]));
        assert_ne!(entity_tag(&["1", "/a"]), entity_tag(&["1/", "a"]));
    }

    #[test]
    fn a_known_tag_is_found_in_a_list() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"x\", W/\"y\""));
        assert!(
            matches_tag(&headers, "W/\"y\"") && matches_tag(&headers, "W/\"x\"") && !matches_tag(&headers, "W/\"z\"")
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_request_makes_a_response_while_others_for_it_wait_and_errors_are_not_cached() {
        let dir = tempfile::tempdir().unwrap();
        drop(Dataset::open(dir.path()).unwrap());
        let settings = Settings { log: false, ..Settings::new(dir.path().to_owned()) };
        let (reference, codebook) = (Arc::new(Reference::bundled().clone()), Arc::new(Codebook::bundled()));
        let site = Arc::new(Site::new(settings, reference, codebook, Briefing::bundled()));
        let (made, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let slow = |made: Arc<AtomicUsize>| async move {
            made.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(200)).await;
            "slow"
        };
        let failing = |failed: Arc<AtomicUsize>| async move {
            failed.fetch_add(1, Ordering::Relaxed);
            (StatusCode::SERVICE_UNAVAILABLE, "busy")
        };
        let (slow_made, failing_made) = (Arc::clone(&made), Arc::clone(&failed));
        let routes = Router::new()
            .route("/slow", get(move || slow(slow_made)))
            .route("/failing", get(move || failing(failing_made)))
            .layer(middleware::from_fn_with_state(Arc::clone(&site), respond));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(server::run(listener, routes, std::future::pending()));
        let ask = |path: &'static str| {
            tokio::task::spawn_blocking(move || {
                let mut stream = TcpStream::connect(at).unwrap();
                write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
                let mut response = String::new();
                stream.read_to_string(&mut response).unwrap();
                response
            })
        };
        let asked = [(); 8].map(|()| ask("/slow"));
        for response in asked {
            assert!(response.await.unwrap().ends_with("slow"));
        }
        assert!(ask("/slow").await.unwrap().ends_with("slow"));
        assert_eq!(made.load(Ordering::Relaxed), 1);
        for _ in 0..2 {
            assert!(ask("/failing").await.unwrap().starts_with("HTTP/1.1 503"));
        }
        assert_eq!(failed.load(Ordering::Relaxed), 2);
    }
}
