//! Letters and reports, newest inspection first.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, download, filters};
use super::{LAST_PAGE, PAGE_SIZE};
use crate::domain::Term;
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
        @if total > 0 {
            ul.actions {
                li { a.button.quiet href=(params.with("/letters.xlsx", "page", None)) { "Download for Excel" } }
                li { a.button.quiet href=(params.with("/letters.csv", "page", None)) { "Download as CSV" } }
            }
        }
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

const COLUMNS: [download::Column; 18] = [
    download::Column::new("id", "Letter"),
    download::Column::new("la_code", "Area code"),
    download::Column::new("area", "Area"),
    download::Column::new("region", "Region"),
    download::Column::new("la_type", "Type of area"),
    download::Column::new("kind", "Kind"),
    download::Column::new("framework", "Framework"),
    download::Column::new("inspection_start", "First day of the inspection"),
    download::Column::new("inspection_end", "Last day of the inspection"),
    download::Column::new("letter_date", "Date of the letter"),
    download::Column::new("published_on", "Published"),
    download::Column::new("outcome", "Outcome"),
    download::Column::new("wsoa_required", "Written statement of action required"),
    download::Column::new("priority_action_plan_required", "Priority action plan required"),
    download::Column::new("url", "Original"),
    download::Column::new("file", "File"),
    download::Column::new("sha256", "SHA-256 of the document"),
    download::Column::new("reason", "Why it was set aside"),
];

async fn table_of(site: &Arc<Site>, query: Option<&str>) -> Result<download::Table, Failure> {
    let params = Params::parse(query)?;
    let filter = Filter { limit: Some(download::MAX_ROWS), ..filters::read(&params, &site.reference)? };
    let rows = site.pool.ask(move |dataset| letters(dataset, &filter)).await?;
    let cells = |letter: &LetterRow| {
        vec![
            letter.id.as_str().into(),
            letter.la_code.as_deref().into(),
            letter.area.as_deref().into(),
            letter.region.map(|region| region.as_str()).into(),
            letter.la_type.map(words::la_type).into(),
            words::kind(letter.kind).into(),
            letter.framework.map(words::framework).into(),
            letter.inspection_start.into(),
            letter.inspection_end.into(),
            letter.letter_date.into(),
            letter.published_on.into(),
            letter.outcome.map(words::outcome).into(),
            letter.wsoa_required.into(),
            letter.priority_action_plan_required.into(),
            letter.url.as_deref().into(),
            letter.file.as_deref().into(),
            letter.sha256.as_str().into(),
            letter.reason.as_deref().into(),
        ]
    };
    Ok(download::Table {
        name: "letters".to_owned(),
        columns: COLUMNS.to_vec(),
        rows: rows.iter().map(cells).collect(),
        more: Vec::new(),
        about: format!("Letters and reports. At most {} rows.", words::thousands(download::MAX_ROWS)),
    })
}

/// All letters that the filters mean, as CSV.
pub async fn csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    download::csv(&table_of(&site, query.as_deref()).await?)
}

/// The same for spreadsheet programs.
pub async fn xlsx(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    download::xlsx(&table_of(&site, query.as_deref()).await?)
}
