//! How often each theme is found, as a share of letters.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, filters};
use crate::domain::Polarity;
use crate::query::{FEW, Filter, ThemeShare, themes as frequencies};
use crate::view::words;

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

/// All themes.
pub async fn index(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let measure = measure(&params)?;
    let filter = measured(&filters::read(&params, &site.reference)?, measure);
    let answer = site.pool.ask(move |dataset| frequencies(dataset, &filter, None)).await?;
    let body = html! {
        h1 { "Themes" }
        p.lead { "How often each theme is found, as a share of letters. A letter counts once, however often it speaks of a theme." }
        (measure_switch(&params, "/themes", measure))
        (super::filter_form(&params, "/themes", &["framework", "region", "la_type", "since", "until"]))
        (components::scope(&answer.scope))
        (components::bar_key(false))
        table.stack {
            caption.visually-hidden { "Themes by frequency" }
            thead { tr { th scope="col" { "Theme" } th scope="col" { span.visually-hidden { "Bar" } } th.n scope="col" { "Letters" } th.n scope="col" { "Share (95% interval)" } } }
            tbody { @for row in &answer.rows { (share_row(row, &params.with(&format!("/themes/{}", row.theme), "page", None), &row.label)) } }
        }
        (components::corrected_note(answer.rows.iter().map(|row| &row.adjusted)))
        @if answer.scope.letters < crate::query::SMALL && answer.scope.letters > 0 {
            div.note.warn { p { "There are fewer than " (crate::query::SMALL) " letters: the order says little." } }
        }
        ul.actions { li { a.button.quiet href=(csv_address(&params, measure)) { "Download as CSV" } } }
    };
    Ok(Page::new(Part::Themes, "Themes", body).without_use_for(params.unused(&known())).render(&site).await)
}

/// The same frequencies as CSV: the API knows polarities, not measures.
fn csv_address(params: &Params, measure: &str) -> String {
    let polarity = match measure {
        "weakness" => Some("weakness,mixed"),
        "strength" => Some("strength,mixed"),
        _ => None,
    };
    params.with_all("/api/v1/themes.csv", &[("measure", None), ("polarity", polarity)])
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

/// One row of frequencies: name, bar, counts, share.
pub(super) fn share_row(row: &ThemeShare, href: &str, name: &str) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(href) { (name) } }
            td.bar-cell { (components::bar_of(row.share, row.of_letters, None)) }
            td.n data-label="Letters" { (words::thousands(row.letters)) " of " (words::thousands(row.of_letters)) }
            td.n data-label="Share" {
                (components::share_of(row.share, row.of_letters))
                @if let (Some(share), true) = (components::corrected(&row.adjusted, row.share), row.of_letters >= FEW) { div { small { "corrected: " (share) } } }
            }
        }
    }
}
