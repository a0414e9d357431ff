//! The JSON API under `/api/v1`: the same questions as the pages and the command line, for programs.
//!
//! Every endpoint is one entry of [`ENDPOINTS`]. Routes, the OpenAPI document, the page that describes the API and the
//! check of parameters are all made from that list, so they cannot drift apart.

mod answer;
mod openapi;
mod schema;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use maud::html;

use super::download;
use super::error::Failure;
use super::filters;
use super::layout::{Page, Part};
use super::negotiation::prefers_csv;
use super::params::Params;
use super::site::Site;

/// Rows of a list unless `limit` says otherwise, and at most.
const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;
/// The furthest that a list can be paged; whoever needs more exports the dataset.
const MAX_OFFSET: usize = 100_000;

/// What an endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Areas,
    Area,
    Peers,
    Compare,
    Due,
    Letters,
    Letter,
    Findings,
    Finding,
    Search,
    Themes,
    Recurring,
    Codebook,
    Changes,
    Status,
}

/// One endpoint.
#[derive(Debug, Clone, Copy)]
struct Endpoint {
    /// Its path below `/api/v1`, with parameters in braces.
    path: &'static str,
    answer: Answer,
    summary: &'static str,
    /// Name of the schema of its answer, or of one row of a list.
    schema: &'static str,
    /// Whether it answers with rows, which are paged and can be had as CSV.
    rows: bool,
    /// Whether the shared filters apply.
    filters: bool,
    /// Its own parameters.
    own: &'static [&'static str],
}

const fn list(
    path: &'static str,
    answer: Answer,
    schema: &'static str,
    summary: &'static str,
    own: &'static [&'static str],
) -> Endpoint {
    Endpoint { path, answer, summary, schema, rows: true, filters: true, own }
}

const fn one(path: &'static str, answer: Answer, schema: &'static str, summary: &'static str) -> Endpoint {
    Endpoint { path, answer, summary, schema, rows: false, filters: false, own: &[] }
}

/// All endpoints.
const ENDPOINTS: [Endpoint; 15] = [
    list("/areas", Answer::Areas, "AreaRow", "Every current area and how it stands", &[]),
    one("/areas/{area}", Answer::Area, "History", "The history of one area across frameworks"),
    Endpoint {
        path: "/areas/{area}/peers",
        answer: Answer::Peers,
        summary: "What areas like this one were flagged for",
        schema: "Peers",
        rows: false,
        filters: true,
        own: &["basis", "with", "sort"],
    },
    Endpoint {
        path: "/compare",
        answer: Answer::Compare,
        summary: "Two to six areas side by side: name them with area",
        schema: "Comparison",
        rows: false,
        filters: true,
        own: &[],
    },
    list("/due", Answer::Due, "DueRow", "Inspections that are due, the earliest first", &[]),
    list("/letters", Answer::Letters, "LetterRow", "Letters and reports, latest inspection first", &[]),
    one("/letters/{id}", Answer::Letter, "WholeLetter", "One letter in full, with its findings and evidence"),
    list("/findings", Answer::Findings, "FindingRow", "Findings, by letter and in the order of the letter", &[]),
    one("/findings/{id}", Answer::Finding, "Shown", "One finding with everything that is needed to check it"),
    list("/search", Answer::Search, "Hit", "Full-text search, best matches first", &["q"]),
    Endpoint {
        path: "/themes",
        answer: Answer::Themes,
        summary: "How often each theme is found",
        schema: "ThemeShare",
        rows: true,
        filters: true,
        own: &["by", "standardise"],
    },
    list("/recurring", Answer::Recurring, "Group", "What is found again and again, in other words", &[]),
    Endpoint { rows: true, ..one("/codebook", Answer::Codebook, "Theme", "The themes with their definitions") },
    Endpoint {
        rows: true,
        own: &["since"],
        ..one("/changes", Answer::Changes, "ChangeRow", "What is new since a day, or since the last run")
    },
    one("/status", Answer::Status, "Status", "Coverage, gaps, failures and runs"),
];

impl Endpoint {
    /// The names of its parameters in the query string.
    fn parameters(&self) -> Vec<&'static str> {
        let mut names = self.own.to_vec();
        if self.filters {
            names.extend(filters::NAMES);
        }
        if self.rows {
            names.extend(["limit", "offset"]);
        }
        names
    }
}

/// A failure as `application/problem+json` (RFC 9457).
#[must_use]
pub fn problem(failure: &Failure, path: &str) -> Response {
    let body = serde_json::json!({
        "type": format!("/api#{}", failure.code()),
        "title": failure.title(),
        "status": failure.status().as_u16(),
        "detail": failure.to_string(),
        "instance": path,
    });
    let headers = [(header::CONTENT_TYPE, "application/problem+json"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (failure.status(), headers, Body::from(body.to_string())).into_response()
}

/// The addresses of the API, and of the page that describes it. Rows can also be had as CSV, with `.csv` after the path or by `Accept: text/csv`.
pub fn routes() -> Router<Arc<Site>> {
    let mut router = Router::new().route("/api", get(description)).route("/api/v1/openapi.json", get(openapi_document));
    for endpoint in ENDPOINTS {
        let path = format!("/api/v1{}", endpoint.path);
        router =
            router.route(&path, any(move |State(site), path, request| handle(endpoint, false, site, path, request)));
        if endpoint.rows {
            router = router.route(
                &format!("{path}.csv"),
                any(move |State(site), path, request| handle(endpoint, true, site, path, request)),
            );
        }
    }
    router
}

async fn handle(endpoint: Endpoint, as_csv: bool, site: Arc<Site>, path: RawPathParams, request: Request) -> Response {
    if *request.method() == Method::OPTIONS {
        return preflight();
    }
    let csv = as_csv || (endpoint.rows && prefers_csv(request.headers()));
    let given = path.iter().next().map(|(_, value)| value.to_owned());
    let query = request.uri().query().map(ToOwned::to_owned);
    let mut response = match respond(endpoint, csv, &site, given, query.as_deref()).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
    response
}

async fn respond(
    endpoint: Endpoint,
    csv: bool,
    site: &Arc<Site>,
    given: Option<String>,
    query: Option<&str>,
) -> Result<Response, Failure> {
    Params::none_empty(query)?;
    let params = Params::parse(query)?;
    params.only(&endpoint.parameters())?;
    params.in_bounds()?;
    let answer = answer::answer(endpoint.answer, site, &params, given.unwrap_or_default()).await?;
    if csv {
        return download::plain_csv(&answer::table(endpoint, &answer));
    }
    let body = serde_json::to_vec(&answer).map_err(|e| Failure::Internal(e.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from(body)).into_response())
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Accept, If-None-Match"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

async fn openapi_document(State(site): State<Arc<Site>>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, Body::from(openapi::document(&site).to_string())).into_response()
}

/// The page that describes the API.
async fn description(State(site): State<Arc<Site>>) -> Response {
    let body = html! {
        h1 { "API" }
        p.lead { "The same questions as these pages, answered in JSON under " code { "/api/v1" } ". Reading only, no key needed." }
        p { "The machine-readable description is the " a href="/api/v1/openapi.json" { "OpenAPI document" } "." }
        ul {
            li { "Lists answer with " code { "total" } " and " code { "items" } "; page with " code { "limit" } " (at most " (MAX_LIMIT) ") and " code { "offset" } "." }
            li { "Add " code { ".csv" } " to the path of a list, or send " code { "Accept: text/csv" } ", for CSV." }
            li { "Answers carry an " code { "ETag" } "; send it back as " code { "If-None-Match" } " to learn at no cost whether anything changed." }
            li { "Errors are " code { "application/problem+json" } " with a " code { "title" } " and a " code { "detail" } " that says what to do." }
        }
        p { "Shared filters: " @for (i, name) in filters::NAMES.iter().enumerate() { @if i > 0 { ", " } code { (name) } } ". A filter may be given more than once or with commas; an unknown parameter is an error. An area is given by its three-digit code, or by name in any usual spelling, ONS code or URN." }
        p { "While an update is under way, an answer may be up to " (super::pool::SNAPSHOT_MAX_LIFETIME.as_secs()) " seconds behind the dataset. Afterwards, none is." }
        @for endpoint in ENDPOINTS {
            section.endpoint {
                h2 { code { "GET /api/v1" (endpoint.path) } }
                p { (endpoint.summary) "." @if endpoint.rows { " Also as CSV." } }
                @let parameters: Vec<&str> = endpoint.own.to_vec();
                @if !parameters.is_empty() || endpoint.filters || endpoint.rows {
                    p.soft {
                        "Parameters: "
                        @for (i, name) in parameters.iter().enumerate() { @if i > 0 { ", " } code { (name) } }
                        @if endpoint.filters { @if !parameters.is_empty() { ", " } "the shared filters" }
                        @if endpoint.rows { @if endpoint.filters || !parameters.is_empty() { ", " } code { "limit" } ", " code { "offset" } }
                        "."
                    }
                }
            }
        }
        h2 id="pages" { "Pages" }
        p { "The addresses of pages are stable too: they hold the whole state of a question." }
        ul { @for (path, what) in super::pages::PAGES { li { code { (path) } ": " (what) } } }
        h2 id="feeds" { "Feeds" }
        ul {
            @for (path, what) in super::feeds::FEEDS { li { code { (path) } ": " (what) } }
        }
    };
    Page::new(Part::About, "API", body).under("/about", "Method and data").render(&site).await
}
