//! The pages, one module for each part of the site.

mod about;
mod about_tables;
mod area;
mod areas;
mod briefing;
mod compare;
mod dataset;
mod due;
mod findings;
mod home;
mod items;
mod letter;
mod letters;
mod map;
mod peers;
mod peers_table;
mod shares;
mod theme;
mod themes;

pub(super) use peers::basis;
pub(super) use theme::{MAX_COMPARED_LETTERS, comparable};

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};

use super::components;
use super::params::Params;
use super::site::Site;
use crate::domain::{Framework, LaType, Outcome, Region, Term};
use crate::query::FindingRow;
use crate::view::words;

/// Rows on one page of a list.
const PAGE_SIZE: usize = 25;
/// The last page that is served; whoever needs more rows downloads them.
const LAST_PAGE: usize = 4000;

/// Every page with what it shows. The list is the source of the routes and of the documentation, so that they cannot
/// drift apart.
pub const PAGES: [(&str, &str); 35] = [
    ("/", "what this is, how complete it is, outcomes over time, most flagged themes, newest letters"),
    ("/areas", "choose an area; the latest outcome of every area"),
    ("/areas/{area}", "one area: its formal items and history, and what similar areas were flagged for"),
    ("/areas/{area}/briefing", "a briefing to print before an inspection"),
    ("/compare", "two to six areas side by side"),
    ("/due", "inspections that are due, by month and region, with calendars"),
    ("/themes", "how often each theme is found"),
    ("/themes/{theme}", "one theme: frequency, trend, regions, what recurs, strengths reported"),
    ("/findings", "full-text search with filters"),
    ("/findings/{id}", "leads to a finding in its letter"),
    ("/letters", "letters and reports"),
    ("/letters/{id}", "one letter as read, with its findings"),
    ("/map", "the tile map, by outcome or by theme"),
    ("/about", "method, quality, coverage, downloads, licence"),
    ("/about/codebook", "the themes with their definitions"),
    ("/about/kinds.csv", "letters by kind"),
    ("/about/quality.csv", "how good the coding is, by kind of text"),
    ("/about/quality-themes.csv", "how good the coding is, by theme"),
    ("/about/problems.csv", "how much could not be read"),
    ("/areas.csv", "the table of areas; also .xlsx"),
    ("/areas/{area}/peers.csv", "what similar areas were flagged for; also .xlsx, and .svg as a chart"),
    ("/areas/{area}/briefing.docx", "the briefing to edit; also .html"),
    ("/compare.csv", "the themes of two to six areas side by side"),
    ("/compare/areas.csv", "how two to six areas stand"),
    ("/due.csv", "inspections that are due"),
    ("/due/regions.csv", "inspections that are due, counted by region"),
    ("/findings.csv", "the result of a search; also .xlsx"),
    ("/letters.csv", "letters and reports; also .xlsx"),
    ("/map.csv", "what the map shows; .svg for the map"),
    ("/outcomes.csv", "outcomes of inspections by year; .svg for the chart"),
    ("/themes.csv", "how often each theme is found; .svg for the chart"),
    ("/themes/{theme}/{file}", "one theme by year, region or type of area: years, regions or types, as .csv or .svg"),
    ("/dataset.zip", "the whole dataset as CSV with its dictionary"),
    ("/dataset.xlsx", "the whole dataset as one workbook with its dictionary"),
    ("/api", "the API, described"),
];

/// The addresses of the pages.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(home::page))
        .route("/outcomes.csv", get(home::outcomes_csv))
        .route("/outcomes.svg", get(home::outcomes_svg))
        .route("/areas", get(areas::index))
        .route("/areas.csv", get(areas::csv))
        .route("/areas.xlsx", get(areas::xlsx))
        .route("/areas/{area}", get(area::page))
        .route("/areas/{area}/briefing", get(briefing::page))
        .route("/areas/{area}/briefing.docx", get(briefing::docx))
        .route("/areas/{area}/briefing.html", get(briefing::html_file))
        .route("/areas/{area}/peers.csv", get(peers::csv))
        .route("/areas/{area}/peers.xlsx", get(peers::xlsx))
        .route("/areas/{area}/peers.svg", get(peers::svg))
        .route("/compare", get(compare::page))
        .route("/compare.csv", get(compare::csv))
        .route("/compare/areas.csv", get(compare::areas_csv))
        .route("/due", get(due::page))
        .route("/due.csv", get(due::csv))
        .route("/due/regions.csv", get(due::regions_csv))
        .route("/themes", get(themes::index))
        .route("/themes.csv", get(themes::csv))
        .route("/themes.svg", get(themes::svg))
        .route("/themes/{theme}", get(theme::page))
        .route("/themes/{theme}/{file}", get(theme::file))
        .route("/findings", get(findings::search))
        .route("/findings.csv", get(findings::csv))
        .route("/findings.xlsx", get(findings::xlsx))
        .route("/findings/{id}", get(letter::finding))
        .route("/letters", get(letters::index))
        .route("/letters.csv", get(letters::csv))
        .route("/letters.xlsx", get(letters::xlsx))
        .route("/letters/{id}", get(letter::page))
        .route("/map", get(map::page))
        .route("/map.csv", get(map::csv))
        .route("/map.svg", get(map::svg))
        .route("/about", get(about::page))
        .route("/about/kinds.csv", get(about_tables::kinds_csv))
        .route("/about/quality.csv", get(about_tables::quality_csv))
        .route("/about/quality-themes.csv", get(about_tables::quality_themes_csv))
        .route("/about/problems.csv", get(about_tables::problems_csv))
        .route("/about/codebook", get(about::codebook))
        .route("/dataset.zip", get(dataset::archive))
        .route("/dataset.xlsx", get(dataset::workbook))
}

/// A form with the filters named; others stay as they are in hidden fields.
fn filter_form(params: &Params, path: &str, fields: &[&str]) -> Markup {
    html! {
        details.no-print open[fields.iter().any(|f| params.get(f).is_some())] {
            summary { "Filter by " (words::either(&what(fields))) }
            form method="get" action=(path) aria-label="Filters" {
                @for (name, value) in params.pairs().filter(|(name, _)| !fields.contains(name) && *name != "page") {
                    input type="hidden" name=(name) value=(value);
                }
                div.row {
                    @for field in fields { div { (field_for(params, field)) } }
                    div { button.quiet type="submit" { "Apply" } }
                }
            }
            @if fields.iter().any(|f| params.get(f).is_some()) {
                p { a href=(params.with_all(path, &fields.iter().map(|f| (*f, None)).collect::<Vec<_>>())) { "Clear these filters" } }
            }
        }
    }
}

/// What these filters are about, once each.
fn what(fields: &[&str]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for field in fields {
        let name = match *field {
            "region" | "la_type" => "place",
            "since" | "until" => "period",
            "outcome" => "outcome",
            "framework" => "framework",
            "confident" => "certainty",
            _ => "kind",
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn field_for(params: &Params, field: &str) -> Markup {
    match field {
        "framework" => choice(params, field, "Framework", Framework::ALL, words::framework),
        "region" => choice(params, field, "Region", Region::ALL, |r| r.as_str()),
        "la_type" => choice(params, field, "Type of area", LaType::ALL, words::la_type),
        "outcome" => choice(params, field, "Outcome", Outcome::ALL, words::outcome),
        "kind" => choice(params, field, "Kind", crate::domain::LetterKind::ALL, words::kind),
        "confident" => html! {
            label {
                input type="checkbox" name="confident" value="true" checked[params.get("confident") == Some("true")];
                " Leave out doubtful codes"
            }
        },
        other => {
            let label = if other == "since" { "Inspected since" } else { "Inspected until" };
            html! {
                label for={ "filter-" (other) } { (label) }
                input type="date" id={ "filter-" (other) } name=(other) value=[params.get(other)];
            }
        }
    }
}

fn choice<T: Term>(params: &Params, name: &str, label: &str, all: &[T], words: impl Fn(T) -> &'static str) -> Markup {
    html! {
        label for={ "filter-" (name) } { (label) }
        select id={ "filter-" (name) } name=(name) {
            option value="" { "All" }
            @for term in all {
                option value=(term.as_str()) selected[params.get(name) == Some(term.as_str())] { (words(*term)) }
            }
        }
    }
}

/// A finding quoted with its letter and page.
fn cited(finding: &FindingRow) -> Markup {
    html! {
        blockquote {
            p { (finding.text) }
            cite.cite {
                a href=(components::finding_href(&finding.letter_id, &finding.id)) {
                    (finding.area) ", " (words::month_year(finding.inspection_start)) ", page " (finding.page)
                }
            }
        }
    }
}
