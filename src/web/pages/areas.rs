//! Choosing an area, and where every area stands.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, filters};
use crate::query::{AreaRow, areas};
use crate::view::words;

pub async fn index(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    if let Some(given) = params.get("area") {
        return match site.reference.resolve(given) {
            Ok(area) => Ok(Redirect::to(&format!("/areas/{}", area.la_code)).into_response()),
            Err(unknown) => Ok(not_found(&site, given, &unknown.suggestions).await),
        };
    }
    let filter = filters::read(&params, &site.reference)?;
    let today = site.today();
    let rows = site.pool.ask(move |dataset| areas(dataset, &filter, today)).await?;
    let body = html! {
        h1 { "My area" }
        (choose(&site))
        h2 id="standings" { "Where every area stands" }
        p { "From the latest inspection known, both frameworks in one scale. Due dates count from the inspection\u{2019}s first day with the months that the report states." }
        (super::filter_form(&params, "/areas", &["region", "la_type", "outcome"]))
        p.soft { (words::count(rows.len(), "area", "areas")) ". " a href="/map" { "The same as a map" } "." }
        (table(&rows))
        ul.actions { li { a.button.quiet href=(params.with("/api/v1/areas.csv", "page", None)) { "Download as CSV" } } }
    };
    Ok(Page::new(Part::Areas, "My area", body).render(&site).await)
}

fn choose(site: &Site) -> Markup {
    html! {
        form action="/areas" method="get" role="search" aria-label="Choose an area" {
            div.row {
                div.grow { (components::area_field(site, "Which area?")) }
                button type="submit" { "Show this area" }
            }
        }
    }
}

/// An unknown name is no error of the reader: offer the nearest.
async fn not_found(site: &Arc<Site>, given: &str, suggestions: &[(String, String)]) -> Response {
    let body = html! {
        h1 { "No area is called \u{201c}" (given) "\u{201d}" }
        @if !suggestions.is_empty() {
            p { "Did you mean:" }
            ul { @for (code, name) in suggestions { li { a href={ "/areas/" (code) } { (name) } " (" (code) ")" } } }
        }
        (choose(site))
    };
    let page = Page::new(Part::Areas, "Area not found", body).under("/areas", "My area");
    let mut response = page.render(site).await;
    *response.status_mut() = axum::http::StatusCode::NOT_FOUND;
    response
}

fn table(rows: &[AreaRow]) -> Markup {
    html! {
        table.stack {
            caption.visually-hidden { "Areas and how they stand" }
            thead {
                tr {
                    th scope="col" { "Area" } th scope="col" { "Standing" } th scope="col" { "Since" } th.n scope="col" { "Letters" }
                    th scope="col" { "Next due" }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { a href={ "/areas/" (row.la_code) } { (row.area) } div.soft { small { (row.region.to_string()) } } }
                        td { (components::standing(row.standing)) @if row.standing_from == Some("register") { div.soft { small { "from the official register" } } } }
                        td data-label="Since" { @if let Some(day) = row.standing_since { (words::month_year(day)) } }
                        td.n data-label="Letters" { (row.letters) }
                        td data-label="Next due" { (due(row)) }
                    }
                }
            }
        }
    }
}

/// What is due next, monitoring first.
pub(super) fn due(row: &AreaRow) -> Markup {
    html! {
        @if let Some(day) = row.monitoring_due { div { "Monitoring: " (words::month_year(day)) } }
        @if let Some(day) = row.next_full_inspection_due { div { "Full inspection: " (words::month_year(day)) } }
        @if row.overdue { strong { "Overdue" } }
    }
}
