//! Entity tags, and answers given again while they hold.
//!
//! A page depends on its address and on the state of the dataset, nothing else. So its tag can be told before it is
//! made: a reader who has it gets "not modified" without any question to the dataset, and an answer that was made for
//! this state is given again. The state is the one that questions are answered from (`pool`).
//!
//! While a run writes, an answer is given again for [`LAG`] at most, and after [`YOUNG`] a new one is made in the
//! background where the state is another. Once the run has ended, every answer is of the present state.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};

use super::api;
use super::error::Failure;
use super::feeds;
use super::kept::{Answer, LARGEST, Making};
use super::site::{Site, Stamp};

/// While a run writes: how long an answer is given again.
pub const LAG: Duration = Duration::from_secs(120);
/// While a run writes: how long an answer is not made anew.
const YOUNG: Duration = Duration::from_secs(30);

/// Answers with what is kept or "not modified" where possible; else lets the handler answer and keeps what it said.
pub async fn remember(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    if !reads || path.starts_with("/assets/") || path == "/healthz" {
        return next.run(request).await;
    }
    let Ok(stamp) = site.stamp().await else { return next.run(request).await };
    let Ok(Some(answering)) = site.pool.answering().await else { return next.run(request).await };
    let key = key(&request);
    let tag = tag(&[&answering.version, &site.today().to_string(), &key]);
    let kept = usable(&site, &key, &tag, &stamp);
    let current = kept.as_ref().map_or(&tag, |answer| &answer.tag);
    if matches_tag(request.headers(), current) {
        return (StatusCode::NOT_MODIFIED, validators(current)).into_response();
    }
    if *request.method() == Method::HEAD {
        return finish(next.run(request).await, &tag);
    }
    if let Some(answer) = kept {
        if answer.tag != tag
            && answer.made.elapsed() > YOUNG
            && let Some(turn) = site.kept.free_turn(&key)
        {
            let site = Arc::clone(&site);
            tokio::spawn(async move { make(&site, &key, &tag, &turn, request, next).await });
        }
        return answer.into_response();
    }
    let turn = site.kept.turn(&key).await;
    // Somebody else may have made it meanwhile.
    match usable(&site, &key, &tag, &stamp) {
        Some(answer) => answer.into_response(),
        None => make(&site, &key, &tag, &turn, request, next).await,
    }
}

/// The kept answer, if it still holds or nearly does.
fn usable(site: &Site, key: &str, tag: &str, stamp: &Stamp) -> Option<Answer> {
    let holds = |answer: &Answer| answer.tag == tag || (stamp.writing && answer.made.elapsed() <= LAG);
    site.kept.get(key).filter(holds)
}

/// Lets the handler answer and keeps what it said, unless it is an error or very large.
async fn make(site: &Site, key: &str, tag: &str, _turn: &Making, request: Request, next: Next) -> Response {
    let made = Instant::now();
    let response = finish(next.run(request).await, tag);
    let small = response.body().size_hint().upper().is_some_and(|size| size <= LARGEST);
    if response.status() != StatusCode::OK || !small {
        return response;
    }
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(collected) => {
            let body = collected.to_bytes();
            let answer = Answer { tag: tag.to_owned(), made, headers: parts.headers.clone(), body: body.clone() };
            site.kept.put(key.to_owned(), answer);
            Response::from_parts(parts, Body::from(body))
        }
        Err(error) => Failure::Internal(error.to_string()).into_response(),
    }
}

fn finish(mut response: Response, tag: &str) -> Response {
    if response.status() == StatusCode::OK {
        response.headers_mut().extend(validators(tag));
    }
    response
}

/// The address, for the API what form is asked for, and for feeds under which name the site was called.
fn key(request: &Request) -> String {
    let mut key = request.uri().path_and_query().map_or_else(String::new, |p| p.as_str().to_owned());
    let path = request.uri().path();
    if api::is_api(path) {
        let _ = write!(key, "\n{}", if api::prefers_csv(request.headers()) { "csv" } else { "json" });
    } else if path.starts_with("/feeds/") {
        let _ = write!(key, "\n{}", feeds::origin(request.headers()));
    }
    key
}

fn tag(parts: &[&str]) -> String {
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
        assert_eq!(tag(&["1", "/a"]), tag(&["1", "/a"]));
        assert_ne!(tag(&["1", "/a"]), tag(&["2", "/a"]));
        assert_ne!(tag(&["1", "/a"]), tag(&["1/", "a"]));
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
