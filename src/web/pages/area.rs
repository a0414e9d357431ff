//! One area: how it stands, its history, and what areas like it were flagged for.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, filters};
use super::{compare as named, items, peers, peers_table};
use crate::codebook::Codebook;
use crate::domain::{LocalArea, Role};
use crate::query::{Basis, Filter, History, Inspection, Item, MAX_COMPARED, QueryError, history, peers_in_order};
use crate::view::words;

/// Finds the area of an address; other spellings of its name lead to its code.
pub(super) fn resolve(site: &Site, given: &str, query: Option<&str>, rest: &str) -> Result<LocalArea, Box<Response>> {
    let unknown = |what: String| Box::new(Failure::NotFound(what).into_response());
    let area = site.reference.resolve(given).map_err(|error| {
        let names: Vec<String> = filters::suggestions(&error, &site.reference)
            .iter()
            .map(|(code, name)| format!("{name} ({code})"))
            .collect();
        let advice = if names.is_empty() { String::new() } else { format!(" Did you mean {}?", names.join(", ")) };
        unknown(format!("No local area is called \u{201c}{given}\u{201d}.{advice}"))
    })?;
    if area.la_code == given {
        return Ok(area.clone());
    }
    let query = query.map(|q| format!("?{q}")).unwrap_or_default();
    Err(Box::new(Redirect::to(&format!("/areas/{}{rest}{query}", area.la_code)).into_response()))
}

/// What an address may ask of the page.
const KNOWN: [&str; 11] =
    ["basis", "with", "sort", "framework", "since", "until", "kind", "outcome", "role", "theme", "confident"];

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
    let asked_order = peers_table::Asked::read(&params)?;
    let order = asked_order.order;
    let (code, today) = (area.la_code.clone(), site.today());
    let basis = match &asked {
        peers::Asked::Basis(basis) => Some(basis.clone()),
        peers::Asked::List(_) => None,
    };
    let columns = peers::side_by_side(&asked, &code);
    let (history, before, mut comparison, side_by_side) = site
        .pool
        .ask(move |dataset| {
            let of = |code: &String| history(dataset, code, &Filter::default(), today);
            let own = of(&code)?;
            let before = own.predecessors.iter().map(|(code, _)| of(code)).collect::<Result<Vec<_>, _>>()?;
            let comparison = basis.map(|basis| peers_in_order(dataset, &code, &basis, &filter, order)).transpose()?;
            let side_by_side = columns.iter().map(of).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, QueryError>((own, before, comparison, side_by_side))
        })
        .await?;
    if let Some(answer) = &mut comparison {
        asked_order.sort(answer);
    }
    let citation = site.chart_citation(&peers_table::title(&area.name)).await;
    let path = format!("/areas/{}", area.la_code);
    let briefing = match comparison {
        Some(_) => params.with_all(
            &format!("{path}/briefing"),
            &[("framework", None), ("since", None), ("until", None), ("sort", None)],
        ),
        None => format!("{path}/briefing"),
    };
    let compared = peers::Compared {
        asked: &asked,
        answer: comparison.as_ref(),
        order: &asked_order,
        citation: &citation,
        side_by_side: &side_by_side,
    };
    let body = html! {
        h1 { span.caption { (words::la_type(area.la_type)) ", " (area.region.to_string()) } (area.name) }
        (standing(&history, today))
        ul.actions {
            li { a.button href=(briefing) { "Briefing to print" } }
            li { a.button.quiet href={ "/findings?area=" (area.la_code) } { "Search its findings" } }
            @if let Some(href) = comparators(&site, &area, &asked) { li { a.button.quiet href=(href) { "Compare side by side" } } }
            li { a href={ "/feeds/areas/" (area.la_code) ".ics" } { "Calendar of its inspections" } }
            li { a href={ "/feeds/areas/" (area.la_code) ".atom" } { "Feed of this area" } " (" a href="/about#glossary" { "what is a feed?" } ")" }
        }
        h2 id="history" { "Previous findings and progress" }
        (timeline(&history, &site.codebook))
        (recurrences(&history))
        @for earlier in &before {
            h3 { "Previous area: " a href={ "/areas/" (earlier.la_code) } { (earlier.area) } }
            p { (history.area) " took over from " (earlier.area) ". These letters are about the whole of the earlier area." }
            (timeline(earlier, &site.codebook))
        }
        h2 id="peers" { "What similar areas were flagged for" }
        (peers::section(&params, &path, &compared, &site))
    };
    let page = Page::new(Part::Areas, area.name.clone(), body)
        .under("/areas", "Areas")
        .without_use_for(params.unused(&KNOWN))
        .feed(format!("/feeds/areas/{}.atom", area.la_code), format!("Letters about {}", area.name));
    Ok(page.render(&site).await)
}

/// The comparison side by side with the areas of the reader's choice where they are few enough, else with the nearest
/// neighbours.
fn comparators(site: &Site, area: &LocalArea, asked: &peers::Asked) -> Option<String> {
    match asked {
        peers::Asked::Basis(Basis::List(codes)) if codes.len() < MAX_COMPARED && !codes.contains(&area.la_code) => {
            let codes: Vec<&String> = std::iter::once(&area.la_code).chain(codes).collect();
            Some(named::href(&codes))
        }
        _ => named::with_neighbours_href(site, &area.la_code),
    }
}

/// How the area stands, in a list of facts.
pub(super) fn standing(history: &History, today: Date) -> Markup {
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
            div { dt { "Latest outcome" } dd { (components::standing(row.standing)) @if row.standing_from == Some("register") { " (from the official register)" } } }
            @if let Some(day) = row.standing_since { div { dt { "Inspected" } dd { (words::month_year(day)) } } }
            @if row.monitoring_due.is_some() || row.next_full_inspection_due.is_some() { div { dt { "Next inspection" } dd { (components::due(row, today)) } } }
            @if !history.predecessors.is_empty() { div { dt { "Took over from" } dd { (area_links(&history.predecessors)) } } }
        }
    }
}

fn area_links(list: &[(String, String)]) -> Markup {
    html! { @for (i, (code, name)) in list.iter().enumerate() { @if i > 0 { ", " } a href={ "/areas/" (code) } { (name) } } }
}

/// Inspections, earliest first, with their formal items and what became of them.
pub(super) fn timeline(history: &History, codebook: &Codebook) -> Markup {
    let flags = |inspection: &Inspection| inspection.items.iter().any(|item| item.finding.role.flags());
    let own = history.inspections.iter().rposition(flags);
    html! {
        @if history.inspections.is_empty() { p { "We hold no letter about this area." } }
        ol.timeline {
            @for (i, inspection) in history.inspections.iter().enumerate() {
                (event(inspection, i + 1 == history.inspections.len() || Some(i) == own, codebook))
            }
        }
        @if !history.not_held.is_empty() {
            div.note {
                p { "The official register also lists, with no letter held here:" }
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

/// What the latest letter lists, and the latest formal items, stand open.
fn event(inspection: &Inspection, is_open: bool, codebook: &Codebook) -> Markup {
    let letter = &inspection.letter;
    let (judged, items): (Vec<&Item>, Vec<&Item>) =
        inspection.items.iter().partition(|item| item.finding.role == Role::ProgressVerdict);
    let counts =
        [(items.len(), "formal item", "formal items"), (judged.len(), "progress judgement", "progress judgements")];
    let counts: Vec<String> =
        counts.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| words::count(n, one, many)).collect();
    html! {
        li {
            div.when { (components::inspection_days(letter)) }
            h3 { a href={ "/letters/" (letter.id) } { (words::kind(letter.kind)) } }
            p { (components::outcome(letter.outcome)) }
            @if !inspection.items.is_empty() {
                details data-print-open open[is_open] {
                    summary { (words::list(&counts)) }
                    @for item in &inspection.items { (items::formal_item(item, codebook)) }
                }
            }
        }
    }
}

/// Themes flagged more than once.
pub(super) fn recurrences(history: &History) -> Markup {
    html! {
        @if !history.recurrences.is_empty() {
            h3 id="again" { "Flagged more than once" }
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
