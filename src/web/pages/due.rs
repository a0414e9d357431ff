//! Which inspections are expected: in one table by date or by region, with the calendars to subscribe to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::{Column, Key, Order, Sorted};
use super::super::{calendar, components, download, filters};
use crate::domain::{Region, Term};
use crate::query::{DueKind, DueRow, QueryError, due, held_to};
use crate::view::words;

/// The columns of the inspections.
const COLUMNS: [Column<'static>; 6] = [
    Column::text("area", "Area"),
    Column::text("region", "Region"),
    Column::text("what", "What"),
    Column::text("date", "Expected about"),
    Column::text("outcome", "Latest outcome"),
    Column::text("stated", "Stated in"),
];
/// The columns of the regions.
const REGIONS: [Column<'static>; 4] = [
    Column::text("in-region", "Region"),
    Column::number("monitoring", "Monitoring"),
    Column::number("full", "Full inspections"),
    Column::number("passed", "Date passed"),
];

fn key(row: &DueRow, column: &str) -> Key {
    match column {
        "region" => row.region.as_str().into(),
        "what" => words::due_kind(row.what).into(),
        "date" => Some(row.due).into(),
        "outcome" => components::standing_look(row.standing).2.into(),
        "stated" => Some(row.inspection_start).into(),
        _ => row.area.as_str().into(),
    }
}

fn sorted(order: Option<&Order>) -> Sorted<'_, DueRow> {
    Sorted { id: "due", columns: &COLUMNS, key: &key, order }
}

fn region_key((region, counts): &(Region, Counts), column: &str) -> Key {
    match column {
        "monitoring" => counts.0.into(),
        "full" => counts.1.into(),
        "passed" => counts.2.into(),
        _ => region.as_str().into(),
    }
}

/// What an address asks for, answered and in its order.
struct Asked {
    params: Params,
    order: Option<Order>,
    only_passed: bool,
    all: String,
    passed: String,
    rows: Vec<DueRow>,
    regions: Vec<(Region, Counts)>,
    held_to: Option<Date>,
}

impl Asked {
    async fn of(site: &Site, query: Option<&str>) -> Result<Self, Failure> {
        let params = Params::parse(query)?;
        let only_passed = match params.get("show") {
            None => false,
            Some("passed" | "overdue") => true,
            Some(_) => return Err(Failure::BadRequest("\"show\" can only be passed.".to_owned())),
        };
        let order = Order::read(&params, &[&COLUMNS, &REGIONS])?;
        let filter = filters::read(&params, &site.reference)?;
        let today = site.today();
        let (mut rows, held_to) = site
            .pool
            .ask(move |dataset| Ok::<_, QueryError>((due(dataset, &filter, today)?, held_to(dataset)?)))
            .await?;
        let (all, passed) = (in_areas(rows.iter()), in_areas(rows.iter().filter(|row| row.overdue)));
        let mut regions: Vec<(Region, Counts)> = by_region(&rows).into_iter().collect();
        regions_sorted(order.as_ref()).sort(&mut regions);
        rows.retain(|row| !only_passed || row.overdue);
        sorted(order.as_ref()).sort(&mut rows);
        Ok(Self { params, order, only_passed, all, passed, rows, regions, held_to })
    }
}

fn regions_sorted(order: Option<&Order>) -> Sorted<'_, (Region, Counts)> {
    Sorted { id: "regions", columns: &REGIONS, key: &region_key, order }
}

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let Asked { params, order, only_passed, all, passed, rows, regions, held_to } =
        Asked::of(&site, query.as_deref()).await?;
    let by = match params.get("sort").unwrap_or("date").trim_start_matches('-') {
        "region" => Group::Region,
        "date" => Group::Month,
        _ if sorted(order.as_ref()).is_asked_for() => Group::None,
        _ => Group::Month,
    };
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
        @if rows.is_empty() { p { "No inspection is expected that this view would show." } }
        @else {
            (table(&params, &rows, order.as_ref(), by))
            ul.actions { li { a.button.quiet href=(params.with("/due.csv", "page", None)) { "Download as CSV" } } }
        }
        @if !regions.is_empty() {
            h2 id="regions" { "How many in each region" }
            (region_table(&params, &regions, order.as_ref()))
            ul.actions { li { a href=(params.with("/due/regions.csv", "show", None)) { "This table as CSV" } } }
        }
        h2 id="calendars" { "Calendars to subscribe to" }
        p { "Copy the address of a link into \u{201c}add a calendar from the internet\u{201d} of your calendar program. It shows every date, and moves it when a newer report changes it." }
        ul.actions {
            li { a.button href=(calendar::ALL) { "All areas" } }
        }
        ul { @for region in Region::ALL { li { a href=(calendar::of_region_href(*region)) { (region.to_string()) } } } }
        p { "The page of each area has its own calendar." }
    };
    let page = Page::new(Part::Areas, "Inspections that are expected", body).under("/areas", "Areas");
    let known = filters::names_without(&[], &["show", "sort"]);
    Ok(page.without_use_for(params.unused(&known)).render(&site).await)
}

/// "23 inspections in 18 areas": an area may expect two.
fn in_areas<'a>(rows: impl Iterator<Item = &'a DueRow> + Clone) -> String {
    let areas: BTreeSet<&str> = rows.clone().map(|row| row.la_code.as_str()).collect();
    let inspections = words::count(rows.count(), "inspection", "inspections");
    format!("{inspections} in {}", words::count(areas.len(), "area", "areas"))
}

/// The inspections as CSV.
pub async fn csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Asked::of(&site, query.as_deref()).await?;
    let cells = |row: &DueRow| {
        vec![
            Some(row.due).into(),
            words::due_kind(row.what).into(),
            row.la_code.as_str().into(),
            row.area.as_str().into(),
            row.region.as_str().into(),
            words::la_type(row.la_type).into(),
            components::standing_look(row.standing).2.into(),
            row.letter_id.as_str().into(),
            Some(row.inspection_start).into(),
            download::Cell::Flag(row.overdue),
            row.held_to.into(),
        ]
    };
    download::csv(&download::Table {
        name: "due".to_owned(),
        columns: vec![
            download::Column::new("due", "Due"),
            download::Column::new("what", "What"),
            download::Column::new("la_code", "Area code"),
            download::Column::new("area", "Area"),
            download::Column::new("region", "Region"),
            download::Column::new("la_type", "Type of area"),
            download::Column::new("standing", "Latest outcome"),
            download::Column::new("letter_id", "Letter"),
            download::Column::new("inspection_start", "First day of its inspection"),
            download::Column::new("overdue", "Date passed, no later report held"),
            download::Column::new("held_to", "Letters are held to"),
        ],
        rows: asked.rows.iter().map(cells).collect(),
        more: Vec::new(),
        about: words::passed_note(asked.held_to),
    })
}

/// The counts by region as CSV.
pub async fn regions_csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Asked::of(&site, query.as_deref()).await?;
    let cells = |(region, counts): &(Region, Counts)| {
        vec![region.as_str().into(), counts.0.into(), counts.1.into(), counts.2.into()]
    };
    download::csv(&download::Table {
        name: "due-regions".to_owned(),
        columns: vec![
            download::Column::new("region", "Region"),
            download::Column::new("monitoring", "Monitoring"),
            download::Column::new("full_inspections", "Full inspections"),
            download::Column::new("overdue", "Date passed"),
        ],
        rows: asked.regions.iter().map(cells).collect(),
        more: Vec::new(),
        about: words::passed_note(asked.held_to),
    })
}

/// What a line above some rows names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Month,
    Region,
    None,
}

/// All rows in one table. Where it is sorted by date or by region, a line names the month or region of those that follow.
fn table(params: &Params, rows: &[DueRow], order: Option<&Order>, by: Group) -> Markup {
    let same = |a: &DueRow, b: &DueRow| match by {
        Group::Month => a.month == b.month,
        Group::Region => a.region == b.region,
        Group::None => true,
    };
    let table = sorted(order);
    html! {
        table.brief.sortable id=(table.id) {
            caption.visually-hidden { "Inspections that are expected" }
            thead { (table.head(params, "/due")) }
            @for group in rows.chunk_by(same) {
                tbody {
                    @if let (Some(first), true) = (group.first(), by != Group::None) {
                        tr.group { th scope="rowgroup" colspan="6" { @if by == Group::Region { (first.region.to_string()) } @else { (words::month_year(first.due)) } } }
                    }
                    @for row in group {
                        tr data-keys=(table.keys(row)) {
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

fn region_table(params: &Params, regions: &[(Region, Counts)], order: Option<&Order>) -> Markup {
    let table = regions_sorted(order);
    html! {
        table.stack.sortable {
            caption.visually-hidden { "Expected inspections by region" }
            thead { (table.head(params, "/due")) }
            tbody {
                @for row in regions {
                    @let (region, (monitoring, full, passed)) = row;
                    tr data-keys=(table.keys(row)) {
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
