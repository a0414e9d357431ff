//! How often each theme is found, as a share of letters.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::Order;
use super::super::{components, filters};
use super::shares;
use crate::domain::Polarity;
use crate::query::{Filter, Themes, themes as frequencies};

/// The title of the chart of all themes.
const TITLE: &str = "How often each theme is found";

/// What the frequencies are of: address, words, filter.
const MEASURES: [(&str, &str); 3] =
    [("flagged", "Flagged for"), ("weakness", "Named as a weakness"), ("strength", "Named as a strength")];

/// What an address may ask of these pages.
pub(super) fn known() -> Vec<&'static str> {
    filters::names_without(&["polarity", "theme"], &["measure", "sort"])
}

pub(super) fn measure(params: &Params) -> Result<&'static str, Failure> {
    let given = params.get("measure").unwrap_or("flagged");
    MEASURES
        .iter()
        .map(|(name, _)| *name)
        .find(|name| *name == given)
        .ok_or_else(|| Failure::BadRequest("\"measure\" must be flagged, weakness or strength.".to_owned()))
}

pub(super) fn measured(filter: &Filter, measure: &str) -> Filter {
    let polarities = match measure {
        "weakness" => vec![Polarity::Weakness, Polarity::Mixed],
        "strength" => vec![Polarity::Strength, Polarity::Mixed],
        _ => Vec::new(),
    };
    Filter { polarities, ..filter.clone() }
}

/// What must be in a letter for it to count, where praise or criticism is counted.
pub(super) fn judged(measure: &str) -> Markup {
    let what = match measure {
        "weakness" => "criticises it",
        "strength" => "praises it",
        _ => return html! {},
    };
    html! { p { "A letter counts if one sentence at least clearly " (what) ". The section that describes the area does not count." } }
}

/// What the shares of an address count, in a sentence.
pub(super) fn counts(measure: &str) -> &'static str {
    match measure {
        "weakness" => "Share of letters that name the theme as a weakness.",
        "strength" => "Share of letters that name the theme as a strength.",
        _ => "Share of letters whose formal items name the theme.",
    }
}

/// What an address asks for, answered and in its order.
struct Asked {
    params: Params,
    measure: &'static str,
    order: Option<Order>,
    answer: Themes,
}

async fn asked(site: &Site, query: Option<&str>) -> Result<Asked, Failure> {
    let params = Params::parse(query)?;
    let measure = measure(&params)?;
    let order = Order::read(&params, &[&shares::THEMES])?;
    let filter = measured(&filters::read(&params, &site.reference)?, measure);
    let mut answer = site.pool.ask(move |dataset| frequencies(dataset, &filter, None)).await?;
    shares::sorted("all", &shares::THEMES, order.as_ref()).sort(&mut answer.rows);
    Ok(Asked { params, measure, order, answer })
}

/// All themes.
pub async fn index(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let Asked { params, measure, order, answer } = asked(&site, query.as_deref()).await?;
    let table = shares::sorted("all", &shares::THEMES, order.as_ref());
    let citation = site.chart_citation(TITLE).await;
    let body = html! {
        h1 { "Themes" }
        p.lead { "How often each theme is found, as a share of letters. A letter counts once, however often it speaks of a theme." }
        (judged(measure))
        (measure_switch(&params, "/themes", measure))
        (super::filter_form(&params, "/themes", &["framework", "region", "la_type", "since", "until", "confident"]))
        (components::scope(&answer.scope))
        (components::cautions(&answer.cautions))
        (components::bar_key(false))
        table.stack.sortable id=(table.id) {
            caption.visually-hidden { "Themes by frequency" }
            thead { (table.head(&params, "/themes")) }
            tbody {
                @for row in &answer.rows {
                    (shares::row(&table, row, &html! { a href=(params.with_all(&format!("/themes/{}", row.theme), &[("sort", None)])) { (row.label) } }))
                }
            }
        }
        (components::corrected_note(answer.rows.iter().map(|row| &row.adjusted)))
        @if answer.scope.letters < crate::query::SMALL && answer.scope.letters > 0 {
            div.note.warn { p { "There are fewer than " (crate::query::SMALL) " letters: the order says little." } }
        }
        (components::take_chart(&params.with("/themes.svg", "page", None), &params.with("/themes.csv", "page", None), &citation))
    };
    Ok(Page::new(Part::Themes, "Themes", body).without_use_for(params.unused(&known())).render(&site).await)
}

/// The frequencies as CSV.
pub async fn csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let Asked { answer, .. } = asked(&site, query.as_deref()).await?;
    shares::csv("themes", &answer.rows, &answer)
}

/// The frequencies as a chart.
pub async fn svg(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let Asked { measure, answer, .. } = asked(&site, query.as_deref()).await?;
    shares::bars("themes", &answer.rows, counts(measure), &answer, &site.chart_citation(TITLE).await)
}

pub(super) fn measure_switch(params: &Params, path: &str, measure: &str) -> Markup {
    html! {
        nav aria-label="What is counted" {
            ul.switch {
                @for (name, label) in MEASURES {
                    li { a href=(params.with(path, "measure", Some(name))) aria-current=[(name == measure).then_some("true")] { (label) } }
                }
            }
        }
    }
}
