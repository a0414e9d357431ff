//! Two to six areas side by side. The address holds the areas, so a set of comparators can be kept as a bookmark.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, filters};
use crate::query::{
    COMPARED_MOST, ComparedArea, ComparedTheme, Comparison, Filter, QueryError, Quote, compare, held_to,
};
use crate::view::words;

/// The address of the comparison of these areas.
pub(super) fn href<S: AsRef<str>>(codes: &[S]) -> String {
    let given: Vec<String> = codes.iter().map(|code| format!("area={}", code.as_ref())).collect();
    format!("/compare?{}", given.join("&"))
}

/// The comparison of an area with its nearest statistical neighbours; nothing where none are known.
pub(super) fn with_neighbours_href(site: &Site, la_code: &str) -> Option<String> {
    let neighbours = site.reference.neighbours_of(la_code).iter().take(3).map(|n| n.neighbour.as_str());
    let codes: Vec<&str> = std::iter::once(la_code).chain(neighbours).collect();
    (codes.len() > 1).then(|| href(&codes))
}

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let (named, today) = (named(&params, &site), site.today());
    let (answer, problem) = match named {
        Ok(codes) if codes.is_empty() => (None, None),
        Ok(codes) => match asked(&site, &params, codes).await {
            Ok(answer) => (Some(answer), None),
            Err(problem @ Failure::BadRequest(_)) => (None, Some(problem)),
            Err(failure) => return Err(failure),
        },
        Err(problem) => (None, Some(problem)),
    };
    let title = match &answer {
        Some((answer, _)) => words::list(&answer.areas.iter().map(|a| a.area.as_str()).collect::<Vec<_>>()),
        None => "Compare areas".to_owned(),
    };
    let is_filtered = ["framework", "since", "until"].iter().any(|name| params.get(name).is_some());
    let body = html! {
        h1 { @if answer.is_some() { span.caption { "Side by side" } } (title) }
        @if let Some((answer, held_to)) = &answer {
            (super::filter_form(&params, "/compare", &["framework", "since", "until"]))
            (standings(answer, held_to.as_str(), is_filtered, today))
            (common(answer))
            (themes(answer))
            ul.actions { li { a.button.quiet href=(params.with("/api/v1/compare", "page", None)) { "As JSON" } } }
        }
        h2 id="choose" { @if answer.is_some() { "Compare others" } @else { "Which areas?" } }
        (form(&site, &params, problem.as_ref()))
    };
    let page = Page::new(Part::Areas, title, body).under("/areas", "Areas");
    Ok(page.without_use_for(params.unused(&["area", "framework", "since", "until"])).render(&site).await)
}

/// The codes of the areas that the address names.
fn named(params: &Params, site: &Site) -> Result<Vec<String>, Failure> {
    let mut codes = Vec::new();
    for (_, given) in params.pairs().filter(|(name, _)| *name == "area") {
        codes.extend(filters::area_list(given, &site.reference)?);
    }
    Ok(codes)
}

async fn asked(site: &Site, params: &Params, codes: Vec<String>) -> Result<(Comparison, String), Failure> {
    let filter = Filter {
        areas: codes,
        frameworks: params.read_all("framework")?,
        since: params.day("since")?,
        until: params.day("until")?,
        ..Filter::default()
    };
    let today = site.today();
    site.pool
        .ask(move |dataset| {
            let answer = compare(dataset, &filter, today)?;
            Ok::<_, QueryError>((answer, words::passed_note(held_to(dataset)?)))
        })
        .await
}

fn form(site: &Site, params: &Params, problem: Option<&Failure>) -> Markup {
    let given: Vec<&str> = params.pairs().filter(|(name, _)| *name == "area").map(|(_, value)| value).collect();
    let shown = |place: usize| {
        let value = given.get(place).copied()?;
        Some(site.reference.area(value).map_or(value, |area| area.name.as_str()))
    };
    html! {
        form.no-print action="/compare" method="get" aria-label="Areas to compare" {
            p.hint id="areas-hint" { "Two to six areas: names in any usual spelling, or codes." }
            @if let Some(problem) = problem { div.note.warn role="alert" { p { (problem) } } }
            @for place in 0..COMPARED_MOST {
                label for={ "area-" (place + 1) } { "Area " (place + 1) }
                input type="text" id={ "area-" (place + 1) } name="area" list="areas" autocomplete="off"
                    aria-describedby="areas-hint" value=[shown(place)] required[place < 2];
            }
            datalist id="areas" {
                @for area in site.reference.areas().iter().filter(|a| a.abolished_on.is_none()) { option value=(area.name) { (area.la_code) } }
            }
            button type="submit" { "Compare" }
        }
    }
}

fn standings(answer: &Comparison, passed_note: &str, is_filtered: bool, today: Date) -> Markup {
    html! {
        h2 id="standing" { "How they stand" }
        table.stack {
            caption.visually-hidden { "Latest outcome and letters of each area" }
            thead { tr { th scope="col" { "Area" } th scope="col" { "Latest outcome" } th scope="col" { "Letters" } th scope="col" { "Next inspection" } } }
            tbody { @for area in &answer.areas { (standing(area, is_filtered, today)) } }
        }
        @if answer.areas.iter().any(|a| a.standing.as_ref().is_some_and(|row| row.overdue)) { p.soft { (passed_note) } }
    }
}

fn standing(area: &ComparedArea, is_filtered: bool, today: Date) -> Markup {
    html! {
        tr {
            th scope="row" { a href={ "/areas/" (area.la_code) } { (area.area) } }
            td data-label="Latest outcome" {
                @match &area.standing {
                    Some(row) => { (components::standing(row.standing)) @if row.standing_from == Some("register") { div.soft { small { "from the official register" } } } }
                    None => { "No longer exists" }
                }
            }
            td data-label="Letters" {
                @for letter in &area.letters {
                    div {
                        a href={ "/letters/" (letter.id) } { (words::kind(letter.kind)) @if let Some(day) = letter.inspection_start { ", " (words::month_year(day)) } span.visually-hidden { " on " (area.area) } }
                        div.soft { small { (letter.outcome.map_or("Outcome could not be read", words::outcome)) } }
                    }
                }
                @if area.letters.is_empty() { "None held here" @if is_filtered { " that matches the filters" } }
                @if area.not_held > 0 { div.soft { small { (words::count(area.not_held, "letter", "letters")) " of the official register not held here" } } }
            }
            td data-label="Next inspection" { @if let Some(row) = &area.standing { (components::due(row, today)) } }
        }
    }
}

fn common(answer: &Comparison) -> Markup {
    let links = |ids: &[String]| {
        html! { ul { @for id in ids { li { a href={ "/themes/" (id) } { (answer.theme_label(id)) } } } } }
    };
    let counted = answer.areas.iter().filter(|area| area.can_be_flagged).count();
    html! {
        h2 id="common" { "What they share, and where one stands alone" }
        @if answer.shared.is_empty() { p { "No theme was flagged in all " (counted) " areas that a report is held for." } }
        @else { h3 { "Flagged in all " (counted) " areas that a report is held for" } (links(&answer.shared)) }
        @for area in answer.areas.iter().filter(|a| !a.alone_in.is_empty()) {
            h3 { "Only in " (area.area) }
            (links(&area.alone_in))
        }
        @for area in answer.areas.iter().filter(|a| !a.can_be_flagged) {
            p.soft { (area.area) ": we hold no letter that could flag a theme, so it does not count." }
        }
    }
}

fn themes(answer: &Comparison) -> Markup {
    html! {
        h2 id="themes" { "Flagged themes side by side" }
        @if answer.themes.is_empty() { p { "None of these areas was flagged in a letter held here that matches." } }
        @else {
            p.soft { "Flagged: a formal item is on the theme. Criticised: a letter finds fault with it, but in no formal item." }
            div.table-frame tabindex="0" role="region" aria-label="Flagged themes side by side" {
                table.stack {
                    caption.visually-hidden { "Themes, and which of the areas was flagged for each" }
                    thead { tr { th scope="col" { "Theme" } @for area in &answer.areas { th scope="col" { (area.area) } } th.n scope="col" { "Flagged" } } }
                    tbody { @for theme in &answer.themes { (theme_row(theme, &answer.areas)) } }
                }
            }
        }
    }
}

fn theme_row(theme: &ComparedTheme, areas: &[ComparedArea]) -> Markup {
    // There is a quote for each flagged area, in the order of the areas.
    let mut quotes = theme.quotes.iter();
    let cells: Vec<(Option<bool>, bool, Option<&Quote>, &ComparedArea)> = theme
        .flagged
        .iter()
        .zip(&theme.criticised)
        .zip(areas)
        .map(|((flagged, criticised), area)| {
            (*flagged, *criticised, if *flagged == Some(true) { quotes.next() } else { None }, area)
        })
        .collect();
    html! {
        tr {
            th scope="row" {
                a href={ "/themes/" (theme.theme) } { (theme.label) }
                details {
                    summary { "Quotes" span.visually-hidden { " on " (theme.label) } }
                    @for quote in &theme.quotes { (components::quote(quote)) }
                }
            }
            @for (flagged, criticised, quote, area) in &cells {
                td.absent[flagged.is_none()] data-label=(area.area) {
                    @match (flagged, quote) {
                        (Some(true), Some(quote)) => {
                            a href=(components::finding_href(&quote.letter_id, &quote.finding_id)) { "\u{2691}\u{a0}flagged" span.visually-hidden { ": " (area.area) ", " (theme.label) } }
                        }
                        (Some(true), None) => { "\u{2691}\u{a0}flagged" }
                        (Some(false), _) if *criticised => {
                            a href={ "/findings?area=" (area.la_code) "&theme=" (theme.theme) "&polarity=weakness,mixed" } { "criticised" span.visually-hidden { ": " (area.area) ", " (theme.label) } }
                        }
                        (Some(false), _) => { span.soft { "neither" } }
                        (None, _) => { span.soft { "no letter" } }
                    }
                }
            }
            td.n data-label="Areas flagged" { (theme.areas_flagged) " of " (theme.of_areas) }
        }
    }
}
