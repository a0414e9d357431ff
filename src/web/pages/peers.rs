//! The comparison of an area with areas like it: on its page, and as a download.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, download, filters};
use crate::query::{Basis, PeerTheme, Peers, peers};
use crate::reference::Reference;
use crate::view::{chart, words};

const BASES: [(&str, &str); 5] = [
    ("neighbours", "Statistical neighbours"),
    ("region", "Same region"),
    ("type", "Same type of area"),
    ("all", "All areas"),
    ("list", "Areas of your choice"),
];

/// The basis that an address asks for: `basis`, and with `list`, which may go without saying, the areas in `with`.
pub(in crate::web) fn basis(params: &Params, reference: &Reference) -> Result<Basis, Failure> {
    let unsaid = if params.get("with").is_some() { "list" } else { "neighbours" };
    match params.get("basis").unwrap_or(unsaid) {
        "neighbours" => Ok(Basis::Neighbours),
        "region" => Ok(Basis::Region),
        "type" => Ok(Basis::Type),
        "all" => Ok(Basis::All),
        "list" => filters::area_list(params.get("with").unwrap_or_default(), reference).map(Basis::List),
        _ => Err(Failure::BadRequest("\"basis\" must be neighbours, region, type, all or list.".to_owned())),
    }
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

/// The field for areas of the reader's choice.
fn list_form(params: &Params, path: &str, problem: Option<&Failure>) -> Markup {
    html! {
        form.no-print action={ (path) "#peers" } method="get" aria-label="Areas to compare with" {
            @for (name, value) in params.pairs().filter(|(name, _)| !matches!(*name, "basis" | "with")) { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="basis" value="list";
            label for="with" { "Areas to compare with" }
            span.hint id="with-hint" { "Names or codes, each on a line of its own or with semicolons between them." }
            @if let Some(problem) = problem { div.note.warn role="alert" { p { (problem) } } }
            textarea id="with" name="with" rows="4" maxlength="400" required aria-describedby="with-hint" { (params.get("with").unwrap_or_default()) }
            button.quiet type="submit" { "Compare" }
        }
    }
}

/// The comparison with its switch, table and downloads.
pub(super) fn section(params: &Params, path: &str, asked: &Asked, answer: Option<&Peers>) -> Markup {
    let chosen = match asked {
        Asked::Basis(basis) => basis.name(),
        Asked::List(_) => "list",
    };
    html! {
        nav.no-print aria-label="Which areas to compare with" {
            ul.switch {
                @for (name, label) in BASES {
                    li { a href={ (params.with(path, "basis", Some(name))) "#peers" } aria-current=[(chosen == name).then_some("true")] { (label) } }
                }
            }
        }
        @if chosen == "list" {
            (list_form(params, path, match asked { Asked::List(problem) => problem.as_ref(), Asked::Basis(_) => None }))
        }
        @if let Some(answer) = answer { (comparison(params, path, answer)) }
    }
}

fn comparison(params: &Params, path: &str, answer: &Peers) -> Markup {
    html! {
        (super::filter_form(params, path, &["framework", "since", "until"]))
        (who(answer))
        @if answer.themes.iter().all(|t| t.of_peers == 0) {
            p { "None of these areas has a letter in scope." }
        } @else {
            (components::bar_key(true))
            p.no-print { button.quiet type="button" data-toggle-all="#peer-themes details" aria-pressed="false" hidden { "Open or close all quotes" } }
            (table(answer))
            ul.actions {
                li { a.button.quiet href=(params.with(&format!("{path}/peers.xlsx"), "page", None)) { "Download for Excel" } }
                li { a.button.quiet href=(params.with(&format!("{path}/peers.csv"), "page", None)) { "Download as CSV" } }
            }
        }
    }
}

/// Who the peers are, and who does not count.
pub(super) fn who(answer: &Peers) -> Markup {
    let counted: Vec<&str> = answer.peers.iter().filter(|p| !p.letters.is_empty()).map(|p| p.area.as_str()).collect();
    let shown = counted.len().min(20);
    html! {
        @if counted.len() <= 20 {
            p { "Compared with " (words::count(counted.len(), "area", "areas")) @if shown > 0 { ": " (words::list(&counted)) } "." }
        } @else {
            p { "Compared with " (words::count(counted.len(), "area", "areas")) "." }
        }
        @if !answer.without_letter.is_empty() {
            p.soft {
                "Without a letter in scope, so not counted: "
                @if answer.without_letter.len() <= 20 { (words::list(&answer.without_letter)) }
                @else { (words::count(answer.without_letter.len(), "area", "areas")) }
                "."
            }
        }
        p.soft { "England\u{2019}s shares: " (components::scope_words(&answer.scope)) }
    }
}

fn table(answer: &Peers) -> Markup {
    let (ranked, small): (Vec<&PeerTheme>, Vec<&PeerTheme>) =
        answer.themes.iter().filter(|t| t.peers_flagged > 0).partition(|t| !t.small);
    html! {
        div id="peer-themes" {
            @if !ranked.is_empty() { (rows("Themes, most distinctive first", &ranked)) }
            @if !small.is_empty() {
                @if !ranked.is_empty() { h3 { "Too few to rank" } }
                p.soft { "Only a few of these areas were flagged, or only a few could be: no pattern, but perhaps worth reading." }
                (rows("Themes on which little can be said", &small))
            }
        }
    }
}

fn rows(caption: &str, themes: &[&PeerTheme]) -> Markup {
    html! {
        table.stack {
            caption.visually-hidden { (caption) }
            thead {
                tr {
                    th scope="col" { "Theme" } th scope="col" { span.visually-hidden { "Bar" } } th.n scope="col" { "Flagged" }
                    th.n scope="col" { "Share (95% interval)" } th.n scope="col" { "England" } th.n scope="col" { "Points apart (95% interval)" }
                }
            }
            tbody { @for theme in themes { (row(theme)) } }
        }
    }
}

fn row(theme: &PeerTheme) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href={ "/themes/" (theme.theme) } { (theme.label) }
                @if theme.flagged_here == Some(true) { div { small.flagged-here { "\u{2691} flagged here too" } } }
                @if !theme.quotes.is_empty() {
                    details {
                        summary { "Quotes" span.visually-hidden { " on " (theme.label) } }
                        @for quote in &theme.quotes { (components::quote(quote)) }
                    }
                }
            }
            td.bar-cell { @if let Some(share) = components::drawn(theme.share) { (chart::share_bar(share, theme.national_share)) } }
            td.n data-label="Flagged" { (theme.peers_flagged) " of " (theme.of_peers) }
            td.n data-label="Share" { (components::share_text(theme.share)) }
            td.n data-label="England" { (theme.national_share.map_or_else(|| "\u{2013}".to_owned(), words::percent)) }
            td.n data-label="Points apart" { (apart(theme)) }
        }
    }
}

/// "+12 (+2 to +21)", or a dash.
fn apart(theme: &PeerTheme) -> String {
    match (theme.difference, theme.difference_low, theme.difference_high) {
        (Some(points), Some(low), Some(high)) => {
            format!("{} ({} to {})", words::points(points), words::points(low), words::points(high))
        }
        (Some(points), ..) => words::points(points),
        (None, ..) => "\u{2013}".to_owned(),
    }
}

const COLUMNS: [&str; 15] = [
    "area",
    "basis",
    "theme",
    "label",
    "peers_flagged",
    "of_peers",
    "share",
    "low",
    "high",
    "national_share",
    "difference",
    "difference_low",
    "difference_high",
    "flagged_here",
    "small",
];

async fn table_of(site: &Arc<Site>, given: &str, query: Option<&str>) -> Result<download::Table, Failure> {
    let area = site
        .reference
        .resolve(given)
        .map_err(|e| Failure::NotFound(format!("No local area is called \u{201c}{}\u{201d}.", e.given)))?;
    let params = Params::parse(query)?;
    let (basis, filter) = (basis(&params, &site.reference)?, filters::read(&params, &site.reference)?);
    let code = area.la_code.clone();
    let answer = site.pool.ask(move |dataset| peers(dataset, &code, &basis, &filter)).await?;
    let number = |value: Option<f64>| value.map_or(download::Cell::Empty, download::Cell::Number);
    let rows = answer.themes.iter().map(|t| {
        vec![
            answer.area.as_str().into(),
            answer.basis.into(),
            t.theme.as_str().into(),
            t.label.as_str().into(),
            t.peers_flagged.into(),
            t.of_peers.into(),
            number(t.share.share),
            number(t.share.low),
            number(t.share.high),
            number(t.national_share),
            number(t.difference),
            number(t.difference_low),
            number(t.difference_high),
            t.flagged_here.map_or(download::Cell::Empty, download::Cell::Flag),
            download::Cell::Flag(t.small),
        ]
    });
    Ok(download::Table {
        name: format!("peers-{}", answer.la_code),
        columns: COLUMNS.to_vec(),
        rows: rows.collect(),
        about: format!(
            "What areas like {} were flagged for. Basis: {}. {}",
            answer.area,
            answer.basis,
            answer.scope.sentence()
        ),
    })
}

/// The comparison as CSV.
pub async fn csv(
    State(site): State<Arc<Site>>,
    Path(area): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    download::csv(&table_of(&site, &area, query.as_deref()).await?)
}

/// The comparison for spreadsheet programs.
pub async fn xlsx(
    State(site): State<Arc<Site>>,
    Path(area): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    download::xlsx(&table_of(&site, &area, query.as_deref()).await?)
}
