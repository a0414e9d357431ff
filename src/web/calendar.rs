//! Calendars of due inspections to subscribe to: all, one region's, one area's.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::error::Failure;
use super::negotiation::origin;
use super::site::Site;
use crate::domain::{Region, Term};
use crate::query::{Filter, due};
use crate::view::calendar::calendar;

/// The address of the calendar of all areas.
pub const ALL: &str = "/feeds/due.ics";

/// The addresses of the calendars. That of an area is served beside its feed of letters.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route(ALL, get(all)).route("/feeds/regions/{file}", get(of_region))
}

/// A region's name as it stands in addresses ("south-west").
#[must_use]
pub fn slug(region: Region) -> String {
    region.as_str().to_lowercase().replace(' ', "-")
}

/// The address of a region's calendar.
#[must_use]
pub fn of_region_href(region: Region) -> String {
    format!("/feeds/regions/{}.ics", slug(region))
}

async fn all(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Failure> {
    answer(&site, &headers, "SEND inspections expected in England".to_owned(), Filter::default()).await
}

async fn of_region(
    State(site): State<Arc<Site>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let region = Region::ALL.iter().copied().find(|region| file == format!("{}.ics", slug(*region)));
    let region = region.ok_or_else(|| {
        let known: Vec<String> = Region::ALL.iter().map(|region| slug(*region)).collect();
        Failure::NotFound(format!(
            "No region has the calendar \"{file}\"; there is one for each of {}.",
            known.join(", ")
        ))
    })?;
    let filter = Filter { regions: vec![region], ..Filter::default() };
    answer(&site, &headers, format!("SEND inspections expected: {region}"), filter).await
}

/// The calendar of one area.
///
/// # Errors
/// There is no such area, or the dataset cannot be read.
pub async fn of_area(site: &Arc<Site>, headers: &HeaderMap, given: &str) -> Result<Response, Failure> {
    let area = site
        .reference
        .resolve(given)
        .map_err(|_| Failure::NotFound(format!("No local area is called \"{given}\".")))?;
    let filter = Filter { areas: vec![area.la_code.clone()], ..Filter::default() };
    answer(site, headers, format!("SEND inspections expected: {}", area.name), filter).await
}

async fn answer(site: &Arc<Site>, headers: &HeaderMap, name: String, filter: Filter) -> Result<Response, Failure> {
    let today = site.today();
    let rows = site.pool.ask(move |dataset| due(dataset, &filter, today)).await?;
    let text = calendar(&name, &rows, &origin(headers));
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], Body::from(text)).into_response())
}
