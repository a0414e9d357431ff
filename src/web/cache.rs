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
    use super::*;

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
}
