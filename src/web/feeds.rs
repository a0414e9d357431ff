//! Atom feeds of new letters: all, about one area, or flagged for one theme.
//!
//! Readers of feeds keep entries apart from the site, so every link is absolute: with the name under which the site was
//! called.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use maud::{PreEscaped, html};

use super::error::Failure;
use super::negotiation::origin;
use super::site::Site;
use super::{calendar, components};
use crate::domain::{Role, Term};
use crate::query::{Filter, LetterRow, QueryError, flagged_in, letters};
use crate::store::Dataset;
use crate::view::words;

/// Entries of a feed.
const MAX_ENTRIES: usize = 50;

/// Every feed with what it holds.
pub const FEEDS: [(&str, &str); 6] = [
    ("/feeds/letters.atom", "new letters and reports"),
    ("/feeds/areas/{area}.atom", "new letters about one area, by its three-digit code"),
    ("/feeds/themes/{theme}.atom", "new letters that flag one theme"),
    ("/feeds/due.ics", "a calendar of the inspections that are due (iCalendar)"),
    ("/feeds/regions/{region}.ics", "the same for one region, named as in \"south-west\""),
    ("/feeds/areas/{area}.ics", "the same for one area, by its three-digit code"),
];

/// The addresses of the feeds.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/feeds/letters.atom", get(all))
        .route("/feeds/areas/{file}", get(of_area))
        .route("/feeds/themes/{file}", get(of_theme))
}

async fn all(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Failure> {
    feed(&site, &headers, "/feeds/letters.atom", "New letters on local area SEND inspections", Filter::default()).await
}

fn stem(file: &str) -> Result<&str, Failure> {
    file.strip_suffix(".atom")
        .ok_or_else(|| Failure::NotFound("The addresses of feeds end in .atom, those of calendars in .ics.".to_owned()))
}

async fn of_area(
    State(site): State<Arc<Site>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if let Some(given) = file.strip_suffix(".ics") {
        return calendar::of_area(&site, &headers, given).await;
    }
    let given = stem(&file)?;
    let area = site
        .reference
        .resolve(given)
        .map_err(|_| Failure::NotFound(format!("No local area is called \"{given}\".")))?;
    let (path, title) = (format!("/feeds/areas/{}.atom", area.la_code), format!("Letters about {}", area.name));
    let filter = Filter { areas: vec![area.la_code.clone()], ..Filter::default() };
    feed(&site, &headers, &path, &title, filter).await
}

async fn of_theme(
    State(site): State<Arc<Site>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let id = stem(&file)?;
    let theme =
        site.codebook.theme(id).ok_or_else(|| Failure::NotFound(format!("The codebook has no theme \"{id}\".")))?;
    let filter = Filter { themes: vec![theme.id.clone()], roles: formal(), ..Filter::default() };
    feed(&site, &headers, &format!("/feeds/themes/{id}.atom"), &format!("Letters flagged for {}", theme.label), filter)
        .await
}

/// The roles of formal items.
fn formal() -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| role.flags()).collect()
}

/// Letters, each with the themes that its formal items flag.
fn news(dataset: &Dataset, filter: &Filter) -> Result<Vec<(LetterRow, Vec<String>)>, QueryError> {
    let found = letters(dataset, &Filter { limit: Some(MAX_ENTRIES), ..filter.clone() })?;
    found.into_iter().map(|letter| flagged_in(dataset, &letter.id).map(|themes| (letter, themes))).collect()
}

async fn feed(
    site: &Arc<Site>,
    headers: &HeaderMap,
    path: &str,
    title: &str,
    filter: Filter,
) -> Result<Response, Failure> {
    let found = site.pool.ask(move |dataset| news(dataset, &filter)).await?;
    let updated = found.iter().filter_map(|(letter, _)| day(letter)).max();
    let base = origin(headers);
    // The feed of a page has the page's address, below /feeds.
    let page = path.trim_start_matches("/feeds").trim_end_matches(".atom");
    let document = html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"))
        feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB" {
            id { "urn:sendlens:feed:" (path) }
            title { (title) }
            updated { (moment(updated)) }
            author { name { "sendlens" } }
            rights { "Letters: Crown copyright, Open Government Licence v3.0" }
            link rel="self" type="application/atom+xml" href={ (base) (path) } {}
            link rel="alternate" type="text/html" href={ (base) (page) } {}
            @for (letter, flagged) in &found {
                entry {
                    id { "urn:sendlens:letter:" (letter.id) }
                    title { (letter.area.as_deref().unwrap_or("Area not known")) ": " (words::kind(letter.kind)) }
                    updated { (moment(day(letter))) }
                    link rel="alternate" type="text/html" href={ (base) "/letters/" (letter.id) } {}
                    @if let Some(url) = letter.url.as_deref().and_then(components::safe_link) { link rel="related" href=(url) {} }
                    summary {
                        "Inspected " (components::inspection_days(letter)) ". "
                        (letter.outcome.map_or("The outcome could not be read", words::outcome)) "."
                        @if !flagged.is_empty() {
                            " Flagged for: "
                            (flagged.iter().map(|id| components::theme_label(id, &site.codebook)).collect::<Vec<_>>().join("; "))
                            "."
                        }
                    }
                }
            }
        }
    };
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], Body::from(document.0)).into_response())
}

/// The day on which a letter became known.
fn day(letter: &LetterRow) -> Option<Date> {
    letter.published_on.or(letter.letter_date).or(letter.inspection_end).or(letter.inspection_start)
}

fn moment(day: Option<Date>) -> String {
    format!("{}T00:00:00Z", day.map_or_else(|| "1970-01-01".to_owned(), |d| d.to_string()))
}
