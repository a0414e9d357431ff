//! One area: how it stands, its history, and what areas like it were flagged for.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, filters};
use super::{areas, peers};
use crate::codebook::Codebook;
use crate::domain::{JoinedBy, LocalArea};
use crate::query::{Filter, History, Inspection, Item, QueryError, history, peers as compare};
use crate::view::words;

/// Finds the area of an address; other spellings of its name lead to its code.
pub(super) fn resolve(site: &Site, given: &str, query: Option<&str>, rest: &str) -> Result<LocalArea, Box<Response>> {
    let unknown = |what: String| Box::new(Failure::NotFound(what).into_response());
    let area = site.reference.resolve(given).map_err(|error| {
        let names: Vec<String> = error.suggestions.iter().map(|(code, name)| format!("{name} ({code})")).collect();
        let advice = if names.is_empty() { String::new() } else { format!(" Did you mean {}?", names.join(", ")) };
        unknown(format!("No local area is called \u{201c}{given}\u{201d}.{advice}"))
    })?;
    if area.la_code == given {
        return Ok(area.clone());
    }
    let query = query.map(|q| format!("?{q}")).unwrap_or_default();
    Err(Box::new(Redirect::to(&format!("/areas/{}{rest}{query}", area.la_code)).into_response()))
}

pub async fn page(
    State(site): State<Arc<Site>>,
    Path(given): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let area = match resolve(&site, &given, query.as_deref(), "") {
        Ok(area) => area,
        Err(response) => return Ok(*response),
    };
    let params = Params::parse(query.as_deref())?;
    let asked = peers::asked(&params, &site.reference)?;
    let filter = filters::read(&params, &site.reference)?;
    let (code, today) = (area.la_code.clone(), site.today());
    let basis = match &asked {
        peers::Asked::Basis(basis) => Some(basis.clone()),
        peers::Asked::List(_) => None,
    };
    let (history, comparison) = site
        .pool
        .ask(move |dataset| {
            let own = history(dataset, &code, &Filter::default(), today)?;
            let comparison = basis.map(|basis| compare(dataset, &code, &basis, &filter)).transpose()?;
            Ok::<_, QueryError>((own, comparison))
        })
        .await?;
    let path = format!("/areas/{}", area.la_code);
    let briefing = match comparison {
        Some(_) => {
            params.with_all(&format!("{path}/briefing"), &[("framework", None), ("since", None), ("until", None)])
        }
        None => format!("{path}/briefing"),
    };
    let body = html! {
        h1 { span.caption { (words::la_type(area.la_type)) ", " (area.region.to_string()) } (area.name) }
        (standing(&history))
        ul.actions {
            li { a.button href=(briefing) { "Briefing to print" } }
            li { a.button.quiet href={ "/findings?area=" (area.la_code) } { "Search its findings" } }
            li { a href={ "/feeds/areas/" (area.la_code) ".atom" } { "Feed of this area" } }
        }
        h2 id="history" { "History" }
        (timeline(&history, &site.codebook))
        (recurrences(&history))
        h2 id="peers" { "What areas like it were flagged for" }
        (peers::section(&params, &path, &asked, comparison.as_ref()))
    };
    let page = Page::new(Part::Areas, area.name.clone(), body)
        .under("/areas", "My area")
        .feed(format!("/feeds/areas/{}.atom", area.la_code), format!("Letters about {}", area.name));
    Ok(page.render(&site).await)
}

/// How the area stands, in a list of facts.
pub(super) fn standing(history: &History) -> Markup {
    let Some(row) = &history.standing else {
        return html! {
            div.note { p {
                "This area no longer exists."
                @if !history.successors.is_empty() { " Its successors: " (area_links(&history.successors)) "." }
            } }
        };
    };
    html! {
        dl.summary {
            div { dt { "Standing" } dd { (components::standing(row.standing)) @if row.standing_from == Some("register") { " (from the official register)" } } }
            @if let Some(day) = row.standing_since { div { dt { "Inspected" } dd { (words::month_year(day)) } } }
            @if row.monitoring_due.is_some() || row.next_full_inspection_due.is_some() { div { dt { "Due next" } dd { (areas::due(row)) } } }
            @if !history.predecessors.is_empty() { div { dt { "Took over from" } dd { (area_links(&history.predecessors)) } } }
        }
    }
}

fn area_links(list: &[(String, String)]) -> Markup {
    html! { @for (i, (code, name)) in list.iter().enumerate() { @if i > 0 { ", " } a href={ "/areas/" (code) } { (name) } } }
}

/// Inspections, earliest first, with their formal items and what became of them.
pub(super) fn timeline(history: &History, codebook: &Codebook) -> Markup {
    html! {
        @if history.inspections.is_empty() { p { "No letter about this area is in the dataset." } }
        ol.timeline {
            @for inspection in &history.inspections { (event(inspection, codebook)) }
        }
        @if !history.not_held.is_empty() {
            div.note {
                p { "The official register also has, without a letter in this dataset:" }
                ul {
                    @for gap in &history.not_held {
                        li {
                            @if gap.what == "revisit" { "Revisit" } @else { "Inspection" } " from " (words::date(gap.inspection_start))
                            @if let Some(required) = gap.wsoa_required { @if required { ", written statement of action required" } @else { ", no written statement of action" } }
                        }
                    }
                }
            }
        }
    }
}

fn event(inspection: &Inspection, codebook: &Codebook) -> Markup {
    let letter = &inspection.letter;
    html! {
        li {
            div.when { (components::inspection_days(letter)) }
            h3 { a href={ "/letters/" (letter.id) } { (words::kind(letter.kind)) } }
            p { (components::outcome(letter.outcome)) }
            @if !inspection.items.is_empty() {
                details data-print-open {
                    summary { (words::count(inspection.items.len(), "formal item", "formal items")) }
                    @for item in &inspection.items { (formal_item(item, codebook)) }
                }
            }
        }
    }
}

/// A formal item with what later inspections said of it.
pub(super) fn formal_item(item: &Item, codebook: &Codebook) -> Markup {
    let finding = &item.finding;
    html! {
        div class={ "finding " (finding.polarity.to_string()) } {
            p { (finding.text) }
            div.meta {
                span { (words::role(finding.role)) " " (finding.ordinal) }
                a href=(components::finding_href(&finding.letter_id, &finding.id)) { "page " (finding.page) span.visually-hidden { " of the letter, item " (finding.ordinal) } }
                (components::theme_tags(finding, codebook))
            }
            @if let Some(verdict) = finding.verdict { p { strong { (words::verdict(verdict)) } } }
            @for later in &item.followed_up {
                p {
                    strong { @match later.verdict { Some(v) => { (words::verdict(v)) } None => { "Taken up again" } } }
                    " at the inspection of " (words::month_year(later.inspection_start)) ": "
                    a href=(components::finding_href(&later.letter_id, &later.finding_id)) { "what it says" span.visually-hidden { " of item " (finding.ordinal) } }
                    @if later.joined_by == JoinedBy::Position { span.soft { " (joined by its place in the list)" } }
                }
            }
        }
    }
}

/// Themes flagged more than once.
pub(super) fn recurrences(history: &History) -> Markup {
    html! {
        @if !history.recurrences.is_empty() {
            h3 id="again" { "Flagged again" }
            ul {
                @for recurrence in &history.recurrences {
                    li {
                        a href={ "/themes/" (recurrence.theme) } { (recurrence.label) } ": "
                        @for (i, at) in recurrence.flagged_at.iter().enumerate() {
                            @if i > 0 { ", then " }
                            a href={ "/letters/" (at.letter_id) } { (words::month_year(at.inspection_start)) }
                        }
                    }
                }
            }
        }
    }
}
