//! The site's pages, in the markup of the inspectorate's pages (see `fixtures/site/pages`).
//!
//! Those come in two layouts, and within each the nesting varies from entry to entry. In the first the inspection's
//! day stands above the entry and the day of publication below it; in the second both stand inside the link.

use maud::{DOCTYPE, Markup, html};

use super::{Entry, Site, SiteArea};

fn page(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (title) } }
            body {
                header { a href="/" { "Find an inspection report" } a href="/account" { "Your account" } }
                main { (body) }
            }
        }
    }
}

/// One page of a search for local authorities.
pub(super) fn search(site: &Site, query: &str) -> Markup {
    let pairs: Vec<(&str, &str)> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let number = |name: &str| value(name).and_then(|value| value.parse::<usize>().ok());
    let start = number("start").unwrap_or(0);
    let rows = number("rows").unwrap_or(10).min(site.rows);
    // Status 1 is "open", 2 "closed"; without one, all that are open are shown.
    let closed = value("status%5B%5D") == Some("2");
    let found: Vec<&SiteArea> = site.areas.iter().filter(|area| area.closed == closed).collect();
    let shown: Vec<&SiteArea> = found.iter().copied().skip(start).take(rows).collect();
    let next = start + shown.len();
    let others = query.split('&').filter(|pair| !pair.starts_with("start=")).collect::<Vec<_>>().join("&");
    page(
        "Search results",
        &html! {
            div class="search-results__heading" {
                h2 { strong class="results-count" { (found.len()) " results" } " for local authorities" }
            }
            ul class="results-list" {
                @for area in shown {
                    li class="search-result" {
                        h3 class="search-result__title heading--sub" {
                            a href={ "/provider/44/" (area.urn) } { (area.name) }
                        }
                        ul class="search-result__provider-info" {
                            li { "Local authority children's services" }
                            li { "URN: " (area.urn) }
                        }
                    }
                }
            }
            @if next < found.len() {
                nav { a class="pagination__next" href={ "/search?" (others) "&start=" (next) } { "Next" } }
            }
        },
    )
}

/// The page of one area; every second area has the second layout.
pub(super) fn provider(area: &SiteArea) -> Markup {
    let second_layout = area.urn.ends_with(['1', '3', '5', '7', '9']);
    let (end, end_class) = if area.closed { ("Closed", "closed") } else { ("Opened", "opened") };
    page(
        &area.name,
        &html! {
            h1 class="heading--title" { (area.name) }
            p { "URN: " (area.urn) }
            ol class="timeline" {
                @for (index, entry) in area.entries.iter().enumerate() {
                    li class="timeline__day" {
                        @if second_layout { (second_entry(entry)) } @else { (first_entry(entry, index)) }
                    }
                }
                li class={ "timeline__day timeline__day--" (end_class) } {
                    p class="timeline__date" { time { "1 April 1974" } }
                    span class="event__title" { (end) }
                }
            }
        },
    )
}

fn first_entry(entry: &Entry, index: usize) -> Markup {
    let link = |words: &Markup| {
        html! {
            a class="publication-link" href={ "/v1/file/" (entry.number) } {
                (words) span class="nonvisual" { (entry.title) ", PDF - " (day(entry.published)) }
            }
        }
    };
    let published = html! {
        div class="event__metadata" { "PDF - Published " time pubdate { (day(entry.published)) } }
    };
    html! {
        p class="timeline__date" { time { (day(entry.inspected)) } }
        @match index % 3 {
            0 => div class="event" { (link(&html! { (entry.title) })) (published) },
            1 => { (link(&html! { span class="event__title" { (entry.title) } })) (published) },
            _ => div { span class="event__title" { (entry.title) } (link(&html! { "Report" })) },
        }
    }
}

fn second_entry(entry: &Entry) -> Markup {
    html! {
        a class="publication-link" href={ "/v1/file/" (entry.number) } {
            time { (day(entry.inspected)) } ": " (entry.title) " "
            span class="filetype" { "PDF" }
            span class="nonvisual" { (entry.title) ", pdf - " (day(entry.published)) }
        }
    }
}

fn day(day: jiff::civil::Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

pub(super) fn not_found() -> Markup {
    page("Page not found", &html! { h1 { "Page not found" } p { "If you typed the address, check it." } })
}
