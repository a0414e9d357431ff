//! Which inspections are due: by month, by region, with the calendars to subscribe to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{calendar, components, filters};
use crate::domain::Region;
use crate::query::{DueKind, DueRow, QueryError, due, held_to};
use crate::view::words;

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let only_overdue = match params.get("show") {
        None => false,
        Some("overdue") => true,
        Some(_) => return Err(Failure::BadRequest("\"show\" can only be overdue.".to_owned())),
    };
    let filter = filters::read(&params, &site.reference)?;
    let today = site.today();
    let (mut rows, held_to) =
        site.pool.ask(move |dataset| Ok::<_, QueryError>((due(dataset, &filter, today)?, held_to(dataset)?))).await?;
    let overdue = rows.iter().filter(|row| row.overdue).count();
    let regions = by_region(&rows);
    if only_overdue {
        rows.retain(|row| row.overdue);
    }
    let body = html! {
        h1 { "Inspections that are due" }
        p.lead { (words::overdue_note(held_to)) }
        p { "A report under the 2023 framework states when the next full inspection follows and, after widespread failings, the monitoring inspection. The months count from the first day of the inspection. Areas not yet inspected under that framework have no date here." }
        nav aria-label="Which inspections" {
            ul.switch {
                li { a href=(params.with("/due", "show", None)) aria-current=[(!only_overdue).then_some("true")] { "All that are due" } }
                li { a href=(params.with("/due", "show", Some("overdue"))) aria-current=[only_overdue.then_some("true")] { "Overdue (" (overdue) ")" } }
            }
        }
        (super::filter_form(&params, "/due", &["region", "la_type"]))
        @if rows.is_empty() { p { "No inspection is due that this view would show." } }
        @for month in rows.chunk_by(|a, b| a.month == b.month) { (month_table(month)) }
        @if !regions.is_empty() { h2 id="regions" { "By region" } (region_table(&regions)) }
        h2 id="calendars" { "Calendars to subscribe to" }
        p { "Copy the address of a link into \u{201c}add a calendar from the internet\u{201d} of your calendar program. It shows every date, and moves it when a newer report changes it." }
        ul.actions {
            li { a.button href=(calendar::ALL) { "All areas" } }
            li { a.button.quiet href=(params.with("/api/v1/due.csv", "show", None)) { "Download as CSV" } }
        }
        ul { @for region in <Region as crate::domain::Term>::ALL { li { a href=(calendar::of_region_href(*region)) { (region.to_string()) } } } }
        p { "The page of each area has its own calendar." }
    };
    Ok(Page::new(Part::Areas, "Inspections that are due", body).under("/areas", "Areas").render(&site).await)
}

fn month_table(rows: &[DueRow]) -> Markup {
    let Some(first) = rows.first() else { return html! {} };
    let month = words::month_year(first.due);
    html! {
        h2 id={ "due-" (first.month) } { (month) }
        table.stack {
            caption.visually-hidden { "Due in " (month) }
            thead { tr { th scope="col" { "Area" } th scope="col" { "What" } th scope="col" { "By" } th scope="col" { "Standing" } th scope="col" { "Stated in" } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { a href={ "/areas/" (row.la_code) } { (row.area) } div.soft { small { (row.region.to_string()) } } }
                        td data-label="What" { (words::due_kind(row.what)) }
                        td data-label="By" { (words::date(row.due)) @if row.overdue { " " strong { "overdue" } } }
                        td data-label="Standing" { (components::standing(row.standing)) }
                        td data-label="Stated in" { a href={ "/letters/" (row.letter_id) } { "report of " (words::month_year(row.inspection_start)) span.visually-hidden { " on " (row.area) ", " (words::due_kind(row.what)) } } }
                    }
                }
            }
        }
    }
}

/// Monitoring inspections, full inspections and those overdue.
type Counts = (usize, usize, usize);

fn by_region(rows: &[DueRow]) -> BTreeMap<Region, Counts> {
    let mut regions: BTreeMap<Region, Counts> = BTreeMap::new();
    for row in rows {
        let counts = regions.entry(row.region).or_default();
        match row.what {
            DueKind::Monitoring => counts.0 += 1,
            DueKind::FullInspection => counts.1 += 1,
        }
        counts.2 += usize::from(row.overdue);
    }
    regions
}

fn region_table(regions: &BTreeMap<Region, Counts>) -> Markup {
    html! {
        table.stack {
            caption.visually-hidden { "Due inspections by region" }
            thead { tr { th scope="col" { "Region" } th.n scope="col" { "Monitoring" } th.n scope="col" { "Full inspections" } th.n scope="col" { "Overdue" } } }
            tbody {
                @for (region, (monitoring, full, overdue)) in regions {
                    tr {
                        th scope="row" { (region.to_string()) }
                        td.n data-label="Monitoring" { (monitoring) }
                        td.n data-label="Full inspections" { (full) }
                        td.n data-label="Overdue" { (overdue) }
                    }
                }
            }
        }
    }
}
