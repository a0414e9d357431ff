//! The site's pages, with the marks by which the inspectorate's pages are read. The nesting of title and link varies
//! from entry to entry, as it does there.

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

/// One page of the list of local authorities.
pub(super) fn listing(site: &Site, query: &str) -> Markup {
    let value = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse::<usize>().ok())
    };
    let start = value("start").unwrap_or(0);
    let rows = value("rows").unwrap_or(10).min(site.rows);
    let shown: Vec<&SiteArea> = site.areas.iter().skip(start).take(rows).collect();
    let next = start + shown.len();
    let others = query.split('&').filter(|pair| !pair.starts_with("start=")).collect::<Vec<_>>().join("&");
    page(
        "Search results",
        &html! {
            div class="search-results__heading" {
                h2 { strong class="results-count" { (site.areas.len()) " results" } " for local authorities" }
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
            @if next < site.areas.len() {
                nav { a class="pagination__next" href={ "/search?" (others) "&start=" (next) } { "Next" } }
            }
        },
    )
}

/// The page of one area.
pub(super) fn provider(area: &SiteArea) -> Markup {
    page(
        &area.name,
        &html! {
            h1 class="heading--title" { (area.name) }
            p { "URN: " (area.urn) }
            ol class="timeline" {
                @for (index, entry) in area.entries.iter().enumerate() {
                    li class="timeline__day" {
                        p class="timeline__date" { time { (day(entry)) } }
                        @match index % 3 {
                            0 => div class="event" { (link(entry, &html! { (entry.title) })) }
                            1 => (link(entry, &html! { span class="event__title" { (entry.title) } })),
                            _ => div { span class="event__title" { (entry.title) } (link(entry, &html! { "Report" })) }
                        }
                    }
                }
                li class="timeline__day timeline__day--opened" {
                    p class="timeline__date" { time { "1 April 1974" } }
                    span class="event__title" { "Opened" }
                }
            }
        },
    )
}

fn link(entry: &Entry, words: &Markup) -> Markup {
    html! {
        a class="publication-link" href={ "/v1/file/" (entry.number) } {
            (words) span class="nonvisual" { (entry.title) ", pdf - " (day(entry)) }
        }
    }
}

fn day(entry: &Entry) -> String {
    entry.published.strftime("%-d %B %Y").to_string()
}

pub(super) fn not_found() -> Markup {
    page("Page not found", &html! { h1 { "Page not found" } p { "If you typed the address, check it." } })
}
