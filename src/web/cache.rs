//! Entity tags, and answers kept while the dataset does not change.
//!
//! A page depends on its address and on the state of the dataset, nothing else. So its tag can be told before it is
//! made: a reader who has it gets "not modified" without any question to the dataset, and an answer that was made for
//! this state is given again. Any change of the dataset makes all tags new.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};

use super::api;
use super::error::Failure;
use super::site::Site;

/// Answers are kept up to this many bytes together.
const ROOM: usize = 48 << 20;
/// A larger answer is not kept.
const LARGEST: u64 = 1 << 20;

/// Answers by address and tag.
#[derive(Debug, Default)]
pub struct Cache(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    answers: BTreeMap<String, Answer>,
    order: VecDeque<String>,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Answer {
    tag: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Cache {
    fn get(&self, key: &str, tag: &str) -> Option<Answer> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.answers.get(key).filter(|answer| answer.tag == tag).cloned()
    }

    fn put(&self, key: String, answer: Answer) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.bytes += answer.body.len();
        if let Some(old) = held.answers.insert(key.clone(), answer) {
            held.bytes -= old.body.len();
        } else {
            held.order.push_back(key);
        }
        while held.bytes > ROOM {
            let Some(oldest) = held.order.pop_front() else { break };
            if let Some(old) = held.answers.remove(&oldest) {
                held.bytes -= old.body.len();
            }
        }
    }
}

/// Answers from the cache or "not modified" where possible; else lets the handler answer and keeps what it said.
pub async fn remember(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    if !reads || path.starts_with("/assets/") || path == "/healthz" {
        return next.run(request).await;
    }
    let Ok(stamp) = site.stamp().await else { return next.run(request).await };
    let key = key(&request);
    let tag = tag(&[&stamp.version, &site.today().to_string(), &key]);
    if matches_tag(request.headers(), &tag) {
        return (StatusCode::NOT_MODIFIED, validators(&tag)).into_response();
    }
    let whole = *request.method() == Method::GET;
    if whole && let Some(answer) = site.cache.get(&key, &tag) {
        return (answer.headers, answer.body).into_response();
    }
    let mut response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    response.headers_mut().extend(validators(&tag));
    let small = response.body().size_hint().upper().is_some_and(|size| size <= LARGEST);
    if !(whole && small) {
        return response;
    }
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(collected) => {
            let body = collected.to_bytes();
            site.cache.put(key, Answer { tag, headers: parts.headers.clone(), body: body.clone() });
            Response::from_parts(parts, Body::from(body))
        }
        Err(error) => Failure::Internal(error.to_string()).into_response(),
    }
}

/// The address, and for the API what form is asked for.
fn key(request: &Request) -> String {
    let mut key = request.uri().path_and_query().map_or_else(String::new, |p| p.as_str().to_owned());
    if api::is_api(request.uri().path())
        && let Some(accept) = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok())
    {
        let _ = write!(key, "\n{}", accept.chars().take(256).collect::<String>());
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

    #[test]
    fn the_oldest_answers_go_when_room_is_short() {
        let cache = Cache::default();
        let answer = |n: u8| Answer { tag: n.to_string(), headers: HeaderMap::new(), body: vec![n; ROOM / 2].into() };
        for n in 0..3 {
            cache.put(n.to_string(), answer(n));
        }
        assert!(cache.get("0", "0").is_none() && cache.get("1", "1").is_some() && cache.get("2", "2").is_some());
        assert!(cache.get("2", "other").is_none(), "an answer for another state does not count");
    }
}
