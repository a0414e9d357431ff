//! The comparison of an area with areas like it: on its page, and as a download.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, download, filters};
use super::{items, peers_table};
use crate::codebook::Codebook;
use crate::query::{Basis, History, Item, Peers, peers_in_order};
use crate::reference::Reference;
use crate::view::citation::Citation;
use crate::view::words;

/// So many named areas at most have their formal items side by side.
const MAX_SIDE_BY_SIDE: usize = 2;

const BASES: [(&str, &str); 5] = [
    ("neighbours", "Statistical neighbours"),
    ("region", "Same region"),
    ("type", "Same type of area"),
    ("all", "All of England"),
    ("list", "Areas you choose"),
];

/// The basis that an address asks for: `basis`, and with `list`, which may go without saying, the areas in `with`.
pub(in crate::web) fn basis(params: &Params, reference: &Reference) -> Result<Basis, Failure> {
    let unsaid = if params.get("with").is_some() { "list" } else { "neighbours" };
    match params.get("basis").unwrap_or(unsaid) {
        "neighbours" => Ok(Basis::Neighbours),
        "region" => Ok(Basis::Region),
        "type" => Ok(Basis::Type),
        "all" => Ok(Basis::All),
        "list" => named(params, reference).map(Basis::List),
        _ => Err(Failure::BadRequest("\"basis\" must be neighbours, region, type, all or list.".to_owned())),
    }
}

/// Every area that the address names in `with`, once, however often the parameter is repeated.
fn named(params: &Params, reference: &Reference) -> Result<Vec<String>, Failure> {
    let mut codes = Vec::new();
    for (_, value) in params.pairs().filter(|(name, _)| *name == "with") {
        for code in filters::area_list(value, reference)? {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    Ok(codes)
}

/// What is to be compared: nothing yet where the areas of a list are still to be named, or one is unknown.
pub(super) enum Asked {
    Basis(Basis),
    List(Option<Failure>),
}

/// Reads it from an address. On a page the field for the list is where a mistake in it is put right.
pub(super) fn asked(params: &Params, reference: &Reference) -> Result<Asked, Failure> {
    match basis(params, reference) {
        Ok(Basis::List(codes)) if codes.is_empty() => Ok(Asked::List(None)),
        Ok(basis) => Ok(Asked::Basis(basis)),
        Err(failure) if params.get("with").is_some() => Ok(Asked::List(Some(failure))),
        Err(failure) => Err(failure),
    }
}

/// The areas that are compared with, each with a link that takes it out, and a field that adds one more.
fn picker(params: &Params, path: &str, reference: &Reference, problem: Option<&Failure>) -> Markup {
    let known: Vec<(String, String)> = params
        .pairs()
        .filter(|(name, _)| *name == "with")
        .flat_map(|(_, value)| filters::area_list(value, reference).unwrap_or_default())
        .filter_map(|code| reference.area(&code).map(|area| (area.la_code.clone(), area.name.clone())))
        .collect();
    let without = |code: &str| {
        let mut address = form_urlencoded::Serializer::new(String::new());
        address.extend_pairs(params.pairs().filter(|(name, _)| !matches!(*name, "with" | "basis")));
        address.append_pair("basis", "list");
        address.extend_pairs(known.iter().filter(|(other, _)| other != code).map(|(other, _)| ("with", other)));
        format!("{path}?{}#peers", address.finish())
    };
    // What was typed and is not known stays in its field.
    let typed = problem.and(params.get("with")).filter(|given| filters::area_list(given, reference).is_err());
    html! {
        @if !known.is_empty() {
            ul.chips.no-print aria-label="Areas compared with" {
                @for (code, name) in &known {
                    li { a href=(without(code)) { span.visually-hidden { "Take out " } (name) " \u{d7}" } }
                }
            }
        }
        form.no-print action={ (path) "#peers" } method="get" aria-label="Areas to compare with" {
            @for (name, value) in params.pairs().filter(|(name, _)| !matches!(*name, "basis" | "with")) { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="basis" value="list";
            @for (code, _) in &known { input type="hidden" name="with" value=(code); }
            @if let Some(problem) = problem { div.note.warn role="alert" { p { (problem) } } }
            label for="with" { "Add an area to compare with" }
            span.hint id="with-hint" { "Start to type a name, or give a code. Several at once: put semicolons between them." }
            div.row {
                div.grow { input type="text" id="with" name="with" list="peer-areas" maxlength="400" autocomplete="off" required aria-describedby="with-hint" value=[typed]; }
                button.quiet type="submit" { "Add" }
            }
            datalist id="peer-areas" {
                @for area in reference.areas().iter().filter(|a| a.abolished_on.is_none()) { option value=(area.name) { (area.la_code) } }
            }
        }
    }
}

/// What the comparison of an area rests on.
pub(super) struct Compared<'a> {
    pub(super) asked: &'a Asked,
    pub(super) answer: Option<&'a Peers>,
    /// The order of its themes.
    pub(super) order: &'a peers_table::Asked,
    /// How to cite its chart.
    pub(super) citation: &'a Citation,
    /// The histories of the areas whose formal items stand side by side.
    pub(super) side_by_side: &'a [Arc<History>],
}

/// Codes of the areas whose formal items are shown side by side: the area and the one named, or the two named.
pub(super) fn side_by_side(asked: &Asked, own: &str) -> Vec<String> {
    match asked {
        Asked::Basis(Basis::List(codes)) if codes.len() == 1 => vec![own.to_owned(), codes[0].clone()],
        Asked::Basis(Basis::List(codes)) if codes.len() == MAX_SIDE_BY_SIDE => codes.clone(),
        _ => Vec::new(),
    }
}

/// The comparison with its switch, table and downloads.
pub(super) fn section(params: &Params, path: &str, compared: &Compared<'_>, site: &Site) -> Markup {
    let chosen = match compared.asked {
        Asked::Basis(basis) => basis.name(),
        Asked::List(_) => "list",
    };
    html! {
        nav.no-print aria-label="Which areas to compare with" {
            ul.switch {
                @for (name, label) in BASES {
                    li { a href={ (params.with_all(path, &[("basis", Some(name)), ("with", None)])) "#peers" } aria-current=[(chosen == name).then_some("true")] { (label) } }
                }
            }
        }
        @if chosen == "list" {
            (picker(params, path, &site.reference, match compared.asked { Asked::List(problem) => problem.as_ref(), Asked::Basis(_) => None }))
        }
        (columns(compared.side_by_side, &site.codebook))
        @if let (Some(answer), Asked::Basis(basis)) = (compared.answer, compared.asked) { (comparison(params, path, answer, basis, compared, site)) }
    }
}

/// The formal items of two areas side by side.
fn columns(areas: &[Arc<History>], codebook: &Codebook) -> Markup {
    html! {
        @if !areas.is_empty() {
            h3 { "Formal items side by side" }
            div.columns {
                @for history in areas {
                    div {
                        h4 { a href={ "/areas/" (history.la_code) } { (history.area) } }
                        @let latest = history.inspections.iter().rev().find(|i| i.items.iter().any(|item| item.finding.role.flags()));
                        @if let Some(inspection) = latest {
                            p.soft { (words::kind(inspection.letter.kind)) ", " (components::inspection_days(&inspection.letter)) }
                            @let items: Vec<&Item> = inspection.items.iter().filter(|item| item.finding.role.flags()).collect();
                            @for item in items { (items::formal_item(item, codebook)) }
                        } @else { p { "No letter held has a formal item." } }
                    }
                }
            }
        }
    }
}

fn comparison(
    params: &Params,
    path: &str,
    answer: &Peers,
    basis: &Basis,
    compared: &Compared<'_>,
    site: &Site,
) -> Markup {
    let file = |ending: &str| params.with(&format!("{path}/peers.{ending}"), "page", None);
    html! {
        (super::filter_form(params, path, &["framework", "since", "until", "confident"]))
        (who(answer, basis, &site.reference))
        @if answer.themes.iter().all(|t| t.of_peers == 0) {
            p { "We hold no report for any of these areas" @if params.get("framework").or(params.get("since")).or(params.get("until")).is_some() { " that matches these filters" } "." }
            (wider(params, path, answer))
        } @else {
            @if answer.too_few_for_shares() { (wider(params, path, answer)) }
            (peers_table::table(params, path, answer, compared.order))
            ul.actions {
                li { a.button.quiet href=(file("xlsx")) { "Download for Excel" } }
                li { a.button.quiet href=(file("csv")) { "Download as CSV" } }
            }
            @if !answer.too_few_for_shares() { (components::take_chart(&file("svg"), &file("csv"), compared.citation)) }
        }
    }
}

/// Bases with more areas, where too few are held.
fn wider(params: &Params, path: &str, answer: &Peers) -> Markup {
    let others = BASES.into_iter().filter(|(name, _)| matches!(*name, "region" | "type") && *name != answer.basis);
    html! {
        div.note.no-print {
            p {
                "We hold reports for only " (words::count(answer.peers.len(), "of these areas", "of these areas"))
                ", too few for percentages. Compare with more areas:"
            }
            ul.actions {
                @for (name, label) in others {
                    li { a.button.quiet href={ (params.with_all(path, &[("basis", Some(name)), ("with", None)])) "#peers" } { (label) } }
                }
            }
        }
    }
}

/// Who the peers are, how near they are, and who does not count.
pub(super) fn who(answer: &Peers, basis: &Basis, reference: &Reference) -> Markup {
    let counted: Vec<&str> = answer.peers.iter().map(|p| p.area.as_str()).collect();
    html! {
        p {
            (words::basis(basis)) " that we hold a report for: " (words::count(counted.len(), "area", "areas"))
            @if (1..=20).contains(&counted.len()) { ", " (words::list(&counted)) } "."
        }
        @if !answer.without_letter.is_empty() {
            p.soft {
                "Not counted: we hold no report for "
                @if answer.without_letter.len() <= 20 { (words::list(&answer.without_letter)) }
                @else { (words::count(answer.without_letter.len(), "area", "areas")) }
                "."
            }
        }
        @if answer.basis == "neighbours" { (nearness(answer, reference)) }
        @if answer.basis != "all" && answer.too_few_for_shares() {}
        @else if answer.basis != "all" { p.soft { "England\u{2019}s shares: " (components::scope_words(&answer.scope)) } }
        @else { (components::scope(&answer.scope)) }
    }
}

/// Where the neighbours come from, and how close each is.
fn nearness(answer: &Peers, reference: &Reference) -> Markup {
    let neighbours = reference.neighbours_of(&answer.la_code);
    let source = reference.sources().iter().find(|source| source.table.starts_with("neighbours"));
    html! {
        @if let Some(source) = source {
            p.soft { "Statistical neighbours: " (source.source) ", " (source.retrieved) "." }
        }
        @if !neighbours.is_empty() {
            details.no-print {
                summary { "How close each neighbour is" }
                ol {
                    @for neighbour in neighbours {
                        li {
                            @let name = reference.area(&neighbour.neighbour).map_or(neighbour.neighbour.as_str(), |area| area.name.as_str());
                            a href={ "/areas/" (neighbour.neighbour) } { (name) }
                            ": " (neighbour.closeness.to_string().replace('_', " "))
                            @if !answer.peers.iter().any(|peer| peer.la_code == neighbour.neighbour) { " (no report held)" }
                        }
                    }
                }
            }
        }
    }
}

async fn answer_of(site: &Arc<Site>, given: &str, query: Option<&str>) -> Result<Peers, Failure> {
    let area = site
        .reference
        .resolve(given)
        .map_err(|e| Failure::NotFound(format!("No local area is called \u{201c}{}\u{201d}.", e.given)))?;
    let params = Params::parse(query)?;
    let (basis, filter) = (basis(&params, &site.reference)?, filters::read(&params, &site.reference)?);
    let asked = peers_table::Asked::read(&params)?;
    let (code, order) = (area.la_code.clone(), asked.order);
    let mut answer = site.pool.ask(move |dataset| peers_in_order(dataset, &code, &basis, &filter, order)).await?;
    asked.sort(&mut answer);
    Ok(answer)
}

/// The comparison as CSV.
pub async fn csv(
    State(site): State<Arc<Site>>,
    Path(area): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    download::csv(&peers_table::download(&answer_of(&site, &area, query.as_deref()).await?))
}

/// The comparison for spreadsheet programs.
pub async fn xlsx(
    State(site): State<Arc<Site>>,
    Path(area): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    download::xlsx(&peers_table::download(&answer_of(&site, &area, query.as_deref()).await?))
}

/// The comparison as a chart.
pub async fn svg(
    State(site): State<Arc<Site>>,
    Path(area): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let answer = answer_of(&site, &area, query.as_deref()).await?;
    if answer.too_few_for_shares() {
        return Err(Failure::NotFound("There are too few areas to draw shares of.".to_owned()));
    }
    peers_table::svg(&answer, &site.chart_citation(&peers_table::title(&answer.area)).await)
}
