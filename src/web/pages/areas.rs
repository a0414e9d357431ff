//! Choosing an area, and the latest outcome of every area: sorted, filtered, and as a download.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::{Column, Key, Order, Sorted};
use super::super::{components, download, filters};
use crate::domain::{Region, Term};
use crate::query::{AreaRow, Standing, areas};
use crate::view::{tables, words};

/// The columns of the table. Outcomes are sorted by how grave they are.
const SORTED: [Column<'static>; 5] = [
    Column::text("name", "Area"),
    Column::text("outcome", "Latest outcome"),
    Column::text("inspected", "Inspected"),
    Column::number("letters", "Reports held"),
    Column::text("due", "Next inspection"),
];
/// What the table can be limited to by standing: the names of the API.
const STANDINGS: [(&str, Standing); 8] = [
    ("widespread_failings", Standing::WidespreadFailings),
    ("inconsistent", Standing::Inconsistent),
    ("typically_positive", Standing::TypicallyPositive),
    ("wsoa_progress_not_all", Standing::WsoaProgressNotAll),
    ("wsoa_not_revisited", Standing::WsoaNotRevisited),
    ("wsoa_progress_all", Standing::WsoaProgressAll),
    ("no_wsoa", Standing::NoWsoa),
    ("not_inspected", Standing::NotInspected),
];
const FILTERS: [&str; 2] = ["region", "la_type"];
/// What an address asks of the table, besides the filters that all questions share.
struct Choice {
    standing: Option<Standing>,
    past: bool,
    order: Option<Order>,
}

impl Choice {
    fn read(params: &Params) -> Result<Self, Failure> {
        let standing = params.get("standing").map(|given| {
            let names: Vec<&str> = STANDINGS.iter().map(|(name, _)| *name).collect();
            STANDINGS
                .iter()
                .find(|(name, _)| *name == given)
                .map(|(_, standing)| *standing)
                .ok_or_else(|| Failure::BadRequest(format!("\"standing\" must be one of {}.", names.join(", "))))
        });
        let past = match params.get("expected") {
            None => false,
            Some("past") => true,
            Some(_) => return Err(Failure::BadRequest("\"expected\" must be past.".to_owned())),
        };
        Ok(Self { standing: standing.transpose()?, past, order: Order::read(params, &[&SORTED])? })
    }

    fn apply(&self, rows: &mut Vec<AreaRow>) {
        rows.retain(|row| {
            self.standing.is_none_or(|wanted| row.standing == Some(wanted)) && (!self.past || row.overdue)
        });
        sorted(self.order.as_ref()).sort(rows);
    }
}

fn key(row: &AreaRow, column: &str) -> Key {
    match column {
        "outcome" => Key::from(row.standing.map(|standing| place(standing) as f64)),
        "inspected" => row.standing_since.into(),
        "letters" => row.letters.into(),
        "due" => next(row).into(),
        _ => row.area.as_str().into(),
    }
}

fn sorted(order: Option<&Order>) -> Sorted<'_, AreaRow> {
    Sorted { id: "standings", columns: &SORTED, key: &key, order }
}

/// The earliest inspection that is expected.
fn next(row: &AreaRow) -> Option<Date> {
    row.monitoring_due.into_iter().chain(row.next_full_inspection_due).min()
}

/// The place of a standing among all, the gravest first.
fn place(standing: Standing) -> usize {
    STANDINGS.iter().position(|(_, other)| *other == standing).unwrap_or(STANDINGS.len())
}

async fn rows(site: &Arc<Site>, params: &Params) -> Result<Vec<AreaRow>, Failure> {
    let choice = Choice::read(params)?;
    let filter = filters::read(params, &site.reference)?;
    let today = site.today();
    let mut rows = site.pool.ask(move |dataset| areas(dataset, &filter, today)).await?;
    choice.apply(&mut rows);
    Ok(rows)
}

pub async fn index(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    if let Some(given) = params.get("area") {
        return match site.reference.resolve(given) {
            Ok(area) => Ok(Redirect::to(&format!("/areas/{}", area.la_code)).into_response()),
            Err(unknown) => Ok(not_found(&site, given, &filters::suggestions(&unknown, &site.reference)).await),
        };
    }
    let rows = rows(&site, &params).await?;
    let order = Choice::read(&params)?.order;
    let by_name = params.get("sort").is_none_or(|sort| sort == "name");
    let body = html! {
        h1 { "Areas" }
        (choose(&site))
        h2 id="standings" { "Latest outcome of every area" }
        p {
            "From the latest inspection held, under either framework. The months to the next inspection are those that the report states, "
            "counted from the first day of the inspection. Where that time has passed, a later report may exist that is not held here. "
            a href="/due" { "Inspections by due date, with calendars" } "."
        }
        (choices(&params))
        p.soft { (words::count(rows.len(), "area", "areas")) ". " a href="/map" { "View as a map" } "." }
        @if rows.is_empty() { p { "No area matches these filters. " a href="/areas" { "Show all areas" } "." } }
        @else {
            @if by_name { (jumps(&rows)) }
            (table(&params, &rows, site.today(), order.as_ref(), by_name))
            ul.actions {
                li { a.button.quiet href=(params.with("/areas.xlsx", "page", None)) { "Download for Excel" } }
                li { a.button.quiet href=(params.with("/areas.csv", "page", None)) { "Download as CSV" } }
                li { a href="/compare" { "Compare areas side by side" } }
            }
        }
    };
    let page = Page::new(Part::Areas, "Areas", body)
        .without_use_for(params.unused(&filters::names_without(&["theme"], &["standing", "expected", "sort"])));
    Ok(page.render(&site).await)
}

pub(super) fn choose(site: &Site) -> Markup {
    html! {
        form action="/areas" method="get" role="search" aria-label="Choose an area" {
            div.row {
                div.grow { (components::area_field(site, "Which area?")) }
                button type="submit" { "Show this area" }
            }
        }
    }
}

/// The filters of the table.
fn choices(params: &Params) -> Markup {
    let own = ["region", "la_type", "standing", "expected"];
    let set = own.iter().any(|name| params.get(name).is_some());
    html! {
        details.no-print open[set] {
            summary { "Filter by place, outcome or expected inspection" }
            form method="get" action="/areas#standings" aria-label="Filters" {
                @for (name, value) in params.pairs().filter(|(name, _)| !own.contains(name)) { input type="hidden" name=(name) value=(value); }
                div.row {
                    @for field in FILTERS { div { (super::field_for(params, field)) } }
                    div {
                        label for="filter-standing" { "Latest outcome" }
                        select id="filter-standing" name="standing" {
                            option value="" { "All" }
                            @for (name, standing) in STANDINGS {
                                option value=(name) selected[params.get("standing") == Some(name)] { (components::standing_look(Some(standing)).2) }
                            }
                        }
                    }
                    div {
                        label for="filter-expected" { "Next inspection" }
                        select id="filter-expected" name="expected" {
                            option value="" { "All" }
                            option value="past" selected[params.get("expected").is_some()] { "Expected date passed, no report held" }
                        }
                    }
                    div { button.quiet type="submit" { "Apply" } }
                }
            }
            @if set { p { a href=(params.with_all("/areas", &own.map(|name| (name, None)))) { "Clear these filters" } } }
        }
    }
}

/// Links to the first area of each letter, and to the areas of each region.
fn jumps(rows: &[AreaRow]) -> Markup {
    let letters: BTreeSet<char> = rows.iter().filter_map(initial).collect();
    html! {
        nav.jumps.no-print aria-label="Jump to areas by first letter" {
            ul { @for letter in &letters { li { a href={ "#areas-" (letter) } { span.visually-hidden { "Areas beginning with " } (letter) } } } }
        }
        nav.jumps.no-print aria-label="Areas by region" {
            ul { @for region in Region::ALL { li { a href={ "/areas?" (region_query(*region)) "#standings" } { (region.as_str()) } } } }
        }
    }
}

fn region_query(region: Region) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("region", region.as_str()).finish()
}

fn initial(row: &AreaRow) -> Option<char> {
    row.area.chars().next().map(|c| c.to_ascii_uppercase())
}

/// `by_name`: the first area of each letter is the target of a jump.
fn table(params: &Params, rows: &[AreaRow], today: Date, order: Option<&Order>, by_name: bool) -> Markup {
    let table = sorted(order);
    let first = |i: usize| by_name && (i == 0 || initial(&rows[i]) != initial(&rows[i - 1]));
    html! {
        table.brief.sortable {
            caption.visually-hidden { "Areas and their latest outcome" }
            thead { (table.head(params, "/areas")) }
            tbody {
                @for (i, row) in rows.iter().enumerate() {
                    tr data-keys=(table.keys(row)) id=[first(i).then(|| initial(row).map(|c| format!("areas-{c}"))).flatten()] {
                        th scope="row" { a href={ "/areas/" (row.la_code) } { (row.area) } div.soft.wide { small { (row.region.to_string()) } } }
                        td { (components::standing(row.standing)) @if row.standing_from == Some("register") { div.soft.wide { small { "from the official register" } } } }
                        td.wide { @if let Some(day) = row.standing_since { (words::month_year(day)) } }
                        td.n.wide { (row.letters) }
                        td.expected { (components::due(row, today)) }
                    }
                }
            }
        }
    }
}

/// An unknown name is no error of the reader: offer the nearest, and all areas.
async fn not_found(site: &Arc<Site>, given: &str, suggestions: &[(String, String)]) -> Response {
    let body = html! {
        h1 { "No area is called \u{201c}" (given) "\u{201d}" }
        @if !suggestions.is_empty() {
            p { "Did you mean:" }
            ul { @for (code, name) in suggestions { li { a href={ "/areas/" (code) } { (name) } " (" (code) ")" } } }
        }
        (choose(site))
        p { a href="/areas#standings" { "See all areas" } }
    };
    let page = Page::new(Part::Areas, "Area not found", body).under("/areas", "Areas");
    let mut response = page.render(site).await;
    *response.status_mut() = axum::http::StatusCode::NOT_FOUND;
    response
}

async fn table_of(site: &Arc<Site>, query: Option<&str>) -> Result<download::Table, Failure> {
    let params = Params::parse(query)?;
    Ok(tables::areas(&rows(site, &params).await?, site.today()))
}

/// The table as CSV.
pub async fn csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    download::csv(&table_of(&site, query.as_deref()).await?)
}

/// The table for spreadsheet programs.
pub async fn xlsx(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    download::xlsx(&table_of(&site, query.as_deref()).await?)
}
