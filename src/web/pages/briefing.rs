//! A briefing to print for people who prepare for an inspection: what was found here and what became of it, what
//! areas like it were flagged for, and for each such theme what to be able to answer and to show.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::components;
use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::{area, peers};
use crate::query::{Basis, Filter, History, Item, PeerTheme, Peers, QueryError, history, peers as compare};
use crate::view::briefing::{Advice, Briefing};
use crate::view::{chart, words};

/// Themes of peers that are taken up; with the area's own the briefing stays within four pages.
const PEER_THEMES: usize = 5;
/// Themes for which questions are printed.
const QUESTIONS: usize = 4;
/// Characters of an earlier weakness that are printed; the letter has the rest.
const ITEM_LENGTH: usize = 170;
/// Formal items of one letter that are printed.
const ITEMS: usize = 6;

pub async fn page(
    State(site): State<Arc<Site>>,
    Path(given): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let area = match area::resolve(&site, &given, query.as_deref(), "/briefing") {
        Ok(area) => area,
        Err(response) => return Ok(*response),
    };
    let params = Params::parse(query.as_deref())?;
    let basis = peers::basis(&params, &site.reference)?;
    let (code, today, asked) = (area.la_code.clone(), site.today(), basis.clone());
    let (own, comparison) = site
        .pool
        .ask(move |dataset| {
            let own = history(dataset, &code, &Filter::default(), today)?;
            Ok::<_, QueryError>((own, compare(dataset, &code, &asked, &Filter::default())?))
        })
        .await?;
    let chosen = chosen(&own, &comparison);
    let body = html! {
        h1 { span.caption { "Inspection briefing, " (words::date(today)) } (area.name) }
        ul.actions {
            li { button type="button" data-print hidden { "Print this briefing" } }
            li { a href={ "/areas/" (area.la_code) } { "Back to the area" } }
        }
        (area::standing(&own))
        h2 { "What was found here, and what became of it" }
        (found_here(&own))
        h2 { "What areas like it were flagged for" }
        p {
            (basis_words(&basis)) ": " (words::count(comparison.peers.len(), "area", "areas")) " with a letter in scope. The mark on a bar is the share of all "
            (words::count(comparison.scope.areas, "area", "areas")) " of England with one."
        }
        (flagged(&comparison))
        h2 { "Questions to be ready for" }
        p { "Written by sendlens from the published focus of the inspections; they are not the inspectorate\u{2019}s words." }
        (advice("At any inspection", &site.briefing.general, None))
        @for theme in &chosen { (theme_advice(theme, &site.briefing)) }
    };
    let page = Page::new(Part::Areas, format!("Briefing for {}", area.name), body)
        .under("/areas", "My area")
        .under(format!("/areas/{}", area.la_code), area.name.clone());
    Ok(page.render(&site).await)
}

fn basis_words(basis: &Basis) -> &'static str {
    match basis {
        Basis::Neighbours => "Compared with its statistical neighbours",
        Basis::Region => "Compared with the other areas of its region",
        Basis::Type => "Compared with the other areas of its type",
        Basis::All => "Compared with all other areas",
        Basis::List(_) => "Compared with the areas chosen",
    }
}

fn found_here(own: &History) -> Markup {
    html! {
        @if own.inspections.is_empty() { p { "No letter about this area is in the dataset." } }
        @for inspection in own.inspections.iter().rev() {
            @let items: Vec<&Item> = inspection.items.iter().filter(|i| i.finding.role.flags()).collect();
            div.keep {
                h3 { (words::kind(inspection.letter.kind)) ", " (components::inspection_days(&inspection.letter)) }
                p { (components::outcome(inspection.letter.outcome)) }
            }
            ol {
                @for item in items.iter().take(ITEMS) {
                    li {
                        (shortened(&item.finding.text)) " (page " (item.finding.page) ")"
                        @for later in &item.followed_up {
                            " \u{2192} " strong { @match later.verdict { Some(v) => { (words::verdict(v)) } None => { "taken up again" } } }
                            ", " (words::month_year(later.inspection_start))
                        }
                    }
                }
            }
            @if items.len() > ITEMS { p.soft { "and " (items.len() - ITEMS) " more in the letter." } }
        }
        @if !own.recurrences.is_empty() {
            p {
                strong { "Flagged more than once: " }
                (words::list(&own.recurrences.iter().map(|r| r.label.as_str()).collect::<Vec<_>>())) "."
            }
        }
    }
}

fn shortened(text: &str) -> String {
    let text = text.replace('\n', " ");
    if text.chars().count() <= ITEM_LENGTH {
        return text;
    }
    let cut: String = text.chars().take(ITEM_LENGTH).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{} \u{2026}", cut[..end].trim_end_matches([',', ';', ':']))
}

fn top(comparison: &Peers) -> impl Iterator<Item = &PeerTheme> {
    comparison.themes.iter().filter(|t| t.peers_flagged > 0).take(PEER_THEMES)
}

fn flagged(comparison: &Peers) -> Markup {
    html! {
        @if top(comparison).next().is_none() { p { "None of these areas has been flagged in a letter that is in the dataset." } }
        @else {
            table.stack {
                thead { tr { th scope="col" { "Theme" } th scope="col" { span.visually-hidden { "Bar" } } th.n scope="col" { "Flagged" } th.n scope="col" { "Share (95% interval)" } th.n scope="col" { "England" } } }
                tbody {
                    @for theme in top(comparison) {
                        tr {
                            th scope="row" {
                                (theme.label)
                                @if theme.flagged_here == Some(true) { " " strong { "(here too)" } }
                            }
                            td.bar-cell { @if let Some(share) = components::drawn(theme.share) { (chart::share_bar(share, theme.national_share)) } }
                            td.n data-label="Flagged" { (theme.peers_flagged) " of " (theme.of_peers) }
                            td.n data-label="Share" { (components::share_text(theme.share)) }
                            td.n data-label="England" { (theme.national_share.map_or_else(|| "\u{2013}".to_owned(), words::percent)) }
                        }
                        @if let Some(quote) = theme.quotes.first() {
                            tr.quoted { td.soft colspan="5" { small { "\u{201c}" (shortened(&quote.text)) "\u{201d} " (quote.area) ", page " (quote.page) } } }
                        }
                    }
                }
            }
        }
        p.soft { "England\u{2019}s shares: " (components::scope_words(&comparison.scope)) }
        @if !comparison.without_letter.is_empty() { p.soft { "Not counted, because no letter is in scope: " (comparison.without_letter.len()) " of the areas compared with." } }
    }
}

/// Themes for the questions: flagged here and among peers first, then those that came back here, then the peers'.
fn chosen<'a>(own: &'a History, comparison: &'a Peers) -> Vec<(&'a str, &'a str)> {
    let both = top(comparison).filter(|t| t.flagged_here == Some(true)).map(|t| (t.theme.as_str(), t.label.as_str()));
    let again = own.recurrences.iter().map(|r| (r.theme.as_str(), r.label.as_str()));
    let others = top(comparison).map(|t| (t.theme.as_str(), t.label.as_str()));
    let mut seen = BTreeSet::new();
    both.chain(again).chain(others).filter(|(id, _)| seen.insert(*id)).take(QUESTIONS).collect()
}

fn theme_advice((id, label): &(&str, &str), briefing: &Briefing) -> Markup {
    html! { @if let Some(found) = briefing.theme(id) { (advice(label, found, Some(id))) } }
}

fn advice(title: &str, advice: &Advice, theme: Option<&str>) -> Markup {
    html! {
        section.keep {
            h3 { @if let Some(id) = theme { a href={ "/themes/" (id) } { (title) } } @else { (title) } }
            div.columns {
                div { h4 { "Be able to answer" } ul { @for question in &advice.questions { li { (question) } } } }
                div { h4 { "Be able to show" } ul { @for evidence in &advice.evidence { li { (evidence) } } } }
            }
        }
    }
}
