//! Which inspections are expected: in one table by date or by region, with the calendars to subscribe to.

use std::collections::{BTreeMap, BTreeSet};
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

/// The orders of the table: address, words.
const ORDERS: [(&str, &str); 2] = [("date", "By date"), ("region", "By region")];
/// What an address may ask of the page.
const KNOWN: [&str; 2] = ["show", "sort"];

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let only_passed = match params.get("show") {
        None => false,
        Some("passed" | "overdue") => true,
        Some(_) => return Err(Failure::BadRequest("\"show\" can only be passed.".to_owned())),
    };
    let given = params.get("sort").unwrap_or(ORDERS[0].0);
    let Some((order, _)) = ORDERS.into_iter().find(|(name, _)| *name == given) else {
        return Err(Failure::BadRequest("\"sort\" must be date or region.".to_owned()));
    };
    let filter = filters::read(&params, &site.reference)?;
    let today = site.today();
    let (mut rows, held_to) =
        site.pool.ask(move |dataset| Ok::<_, QueryError>((due(dataset, &filter, today)?, held_to(dataset)?))).await?;
    let (all, passed) = (in_areas(rows.iter()), in_areas(rows.iter().filter(|row| row.overdue)));
    let regions = by_region(&rows);
    if only_passed {
        rows.retain(|row| row.overdue);
    }
    if order == "region" {
        // The sort is stable, so that each region keeps the order of dates.
        rows.sort_by_key(|row| row.region);
    }
    let body = html! {
        h1 { "Inspections that are expected" }
        p.lead { (words::passed_note(held_to)) }
        p { "A report under the 2023 framework states when the next full inspection follows and, after widespread failings, the monitoring inspection. The months count from the first day of the inspection. Areas not yet inspected under that framework have no date here." }
        nav aria-label="Which inspections" {
            ul.switch {
                li { a href=(params.with("/due", "show", None)) aria-current=[(!only_passed).then_some("true")] { "All that are expected: " (all) } }
                li { a href=(params.with("/due", "show", Some("passed"))) aria-current=[only_passed.then_some("true")] { "Date passed, no later report held: " (passed) } }
            }
        }
        (super::filter_form(&params, "/due", &["region", "la_type"]))
        nav.no-print aria-label="Order of the inspections" {
            ul.switch {
                @for (name, label) in ORDERS {
                    li { a href=(params.with("/due", "sort", (name != ORDERS[0].0).then_some(name))) aria-current=[(name == order).then_some("true")] { (label) } }
                }
            }
        }
        @if rows.is_empty() { p { "No inspection is expected that this view would show." } }
        @else { (table(&rows, order == "region")) }
        @if !regions.is_empty() { h2 id="regions" { "How many in each region" } (region_table(&regions)) }
        h2 id="calendars" { "Calendars to subscribe to" }
        p { "Copy the address of a link into \u{201c}add a calendar from the internet\u{201d} of your calendar program. It shows every date, and moves it when a newer report changes it." }
        ul.actions {
            li { a.button href=(calendar::ALL) { "All areas" } }
            li { a.button.quiet href=(params.with_all("/api/v1/due.csv", &[("show", None), ("sort", None)])) { "Download as CSV" } }
        }
        ul { @for region in <Region as crate::domain::Term>::ALL { li { a href=(calendar::of_region_href(*region)) { (region.to_string()) } } } }
        p { "The page of each area has its own calendar." }
    };
    let page = Page::new(Part::Areas, "Inspections that are expected", body).under("/areas", "Areas");
    Ok(page.without_use_for(params.unused(&filters::names_without(&[], &KNOWN))).render(&site).await)
}

/// "23 inspections in 18 areas": an area may expect two.
fn in_areas<'a>(rows: impl Iterator<Item = &'a DueRow> + Clone) -> String {
    let areas: BTreeSet<&str> = rows.clone().map(|row| row.la_code.as_str()).collect();
    let inspections = words::count(rows.count(), "inspection", "inspections");
    format!("{inspections} in {}", words::count(areas.len(), "area", "areas"))
}

/// All rows in one table. A line names the month, or the region, of those that follow.
fn table(rows: &[DueRow], by_region: bool) -> Markup {
    let same = |a: &DueRow, b: &DueRow| if by_region { a.region == b.region } else { a.month == b.month };
    html! {
        table.brief id="due" {
            caption.visually-hidden { "Inspections that are expected" }
            thead { tr { th scope="col" { "Area" } th scope="col" { "Region" } th scope="col" { "What" } th scope="col" { "Expected about" } th scope="col" { "Latest outcome" } th scope="col" { "Stated in" } } }
            @for group in rows.chunk_by(same) {
                tbody {
                    @if let Some(first) = group.first() {
                        tr.group { th scope="rowgroup" colspan="6" { @if by_region { (first.region.to_string()) } @else { (words::month_year(first.due)) } } }
                    }
                    @for row in group {
                        tr {
                            th scope="row" { a href={ "/areas/" (row.la_code) } { (row.area) } }
                            td.wide { (row.region.to_string()) }
                            td { (words::due_kind(row.what)) }
                            td { span.nowrap { (words::date(row.due)) } @if row.overdue { div.soft { small { "no later report is held here" } } } }
                            td.wide { (components::standing(row.standing)) }
                            td { a href={ "/letters/" (row.letter_id) } { "report of " (words::month_year(row.inspection_start)) span.visually-hidden { " on " (row.area) ", " (words::due_kind(row.what)) } } }
                        }
                    }
                }
            }
        }
    }
}

/// Monitoring inspections, full inspections, and those whose day has passed.
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
            caption.visually-hidden { "Expected inspections by region" }
            thead { tr { th scope="col" { "Region" } th.n scope="col" { "Monitoring" } th.n scope="col" { "Full inspections" } th.n scope="col" { "Date passed" } } }
            tbody {
                @for (region, (monitoring, full, passed)) in regions {
                    tr {
                        th scope="row" { (region.to_string()) }
                        td.n data-label="Monitoring" { (monitoring) }
                        td.n data-label="Full inspections" { (full) }
                        td.n data-label="Date passed" { (passed) }
                    }
                }
            }
        }
    }
}
