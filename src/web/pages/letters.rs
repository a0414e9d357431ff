//! Letters and reports, newest inspection first.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, filters};
use super::{LAST_PAGE, PAGE_SIZE};
use crate::query::{Filter, LetterRow, QueryError, count_letters, letters};
use crate::view::words;

pub async fn index(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let page = params.number("page", 1, 1, LAST_PAGE)?;
    let filter = filters::read(&params, &site.reference)?;
    let (rows, total) = site
        .pool
        .ask(move |dataset| {
            let total = count_letters(dataset, &filter)?;
            let paged = Filter { limit: Some(PAGE_SIZE), offset: (page - 1) * PAGE_SIZE, ..filter };
            Ok::<_, QueryError>((letters(dataset, &paged)?, total))
        })
        .await?;
    let set_aside = params.get("kind") == Some("other");
    let body = html! {
        h1 { "Letters and reports" }
        nav aria-label="Which documents" {
            ul.switch {
                li { a href=(params.with("/letters", "kind", None)) aria-current=[(!set_aside).then_some("true")] { "Local area SEND inspections" } }
                li { a href="/letters?kind=other" aria-current=[set_aside.then_some("true")] { "Set aside, not counted" } }
            }
        }
        @if !set_aside { (super::filter_form(&params, "/letters", &["framework", "region", "la_type", "outcome", "since", "until"])) }
        p { (words::count(total, "document", "documents")) ", latest inspection first" }
        (list(&rows))
        (components::pager(&params, "/letters", page, PAGE_SIZE, total))
        ul.actions { li { a.button.quiet href=(params.with("/api/v1/letters.csv", "page", None)) { "Download as CSV" } } }
    };
    Ok(Page::new(Part::Letters, "Letters and reports", body)
        .without_use_for(params.unused(&[&filters::NAMES[..], &["page"]].concat()))
        .render(&site)
        .await)
}

fn list(rows: &[LetterRow]) -> Markup {
    html! {
        ul.results {
            @for letter in rows {
                li {
                    h2 {
                        @if letter.reason.is_none() { a href={ "/letters/" (letter.id) } { (letter.area.as_deref().unwrap_or("Area not known")) } }
                        @else { (letter.file.as_deref().or(letter.url.as_deref()).unwrap_or(&letter.sha256)) }
                    }
                    @if let Some(reason) = &letter.reason { p { "Set aside: " (reason) } }
                    @else {
                        div.meta {
                            span { (words::kind(letter.kind)) } span { (components::inspection_days(letter)) }
                            @if let Some(day) = letter.published_on { span { "published " (words::date(day)) } }
                        }
                        div { (components::outcome(letter.outcome)) }
                    }
                }
            }
        }
    }
}
