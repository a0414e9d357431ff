//! One page of a search for local authorities: their pages, the total that the site states, and the next page.

use std::collections::BTreeSet;

use reqwest::Url;
use scraper::{ElementRef, Html};

use super::{next_link, number_after};
use crate::crawl::html::{number, selector, target, text};
use crate::crawl::source::{Alarm, Contents, PageKind, PageRequest};

/// Path of a provider's page, before its number; 44 is the site's type of local authorities.
const PROVIDER: &str = "/provider/44/";

pub(super) fn read(request: &PageRequest, url: &Url, html: &Html) -> Contents {
    let mut contents = Contents { stated_total: stated_total(html), ..Contents::default() };
    let items: Vec<_> = html.select(&selector("li.search-result")).collect();
    let link_form = selector("a[href*='/provider/']");
    let title_link = selector(".search-result__title a[href], h3 a[href]");
    let links: Vec<ElementRef<'_>> = if items.is_empty() {
        html.select(&link_form).collect()
    } else {
        items.iter().filter_map(|i| i.select(&title_link).next().or_else(|| i.select(&link_form).next())).collect()
    };
    if items.is_empty() && !links.is_empty() {
        contents.alarms.push(Alarm::new(
            "listing_form",
            format!("{url} has links to areas, but no longer as li.search-result; look whether its design changed"),
        ));
    }
    contents.results = u32::try_from(items.len().max(links.len())).unwrap_or(u32::MAX);
    let mut seen = BTreeSet::new();
    for link in links {
        let Some((key, page)) = target(link, url).and_then(|to| Some((number_after(&to, PROVIDER)?, to))) else {
            continue;
        };
        if seen.insert(key.clone()) {
            contents.providers.push(PageRequest {
                kind: PageKind::Provider,
                provider_key: Some(key),
                provider: Some(text(link, None)).filter(|name| !name.is_empty()),
                ..PageRequest::listing(page.to_string())
            });
        }
    }
    // Only the first search must have results: there need not be a closed authority.
    let expected = contents.stated_total.unwrap_or(u32::from(request.list == 0));
    if contents.results == 0 && request.offset < expected {
        contents.alarms.push(Alarm::new(
            Alarm::LISTING_EMPTY,
            format!("{url} shows no results; open it in a browser and look whether the site or its search changed"),
        ));
    } else if (seen.len() as u64) < u64::from(contents.results) {
        contents.alarms.push(Alarm::new(
            "listing_links",
            format!(
                "{url} shows {} results, but only {} of them link to the page of an area; look at the others",
                contents.results,
                seen.len()
            ),
        ));
    }
    if contents.stated_total.is_none() && contents.results > 0 {
        contents.alarms.push(Alarm::new(
            "listing_total",
            format!("{url} no longer states how many results there are, so nothing shows that none was lost"),
        ));
    }
    contents.next = next_page(request, url, html, &contents);
    contents
}

fn stated_total(html: &Html) -> Option<u32> {
    let places = selector(".search-results__heading .results-count, .results-count");
    html.select(&places).find_map(|element| number(&text(element, None)))
}

/// The next page of the search: where the site's own link leads, unless it leaves results out; where there is no such
/// link although results are missing, the page that should begin with them.
fn next_page(request: &PageRequest, url: &Url, html: &Html, contents: &Contents) -> Option<PageRequest> {
    let seen = request.offset + contents.results;
    let missing = contents.results > 0 && contents.stated_total.is_some_and(|total| seen < total);
    let linked = next_link(url, html).filter(|_| contents.results > 0);
    let skips = |next: &Url| start_of(next).is_some_and(|start| start > seen);
    let next = match linked {
        Some(next) if !skips(&next) => next,
        Some(_) => at_offset(url, seen),
        None if missing => at_offset(url, seen),
        None => return None,
    };
    Some(PageRequest { url: next.to_string(), offset: seen, ..request.clone() })
}

fn start_of(url: &Url) -> Option<u32> {
    url.query_pairs().find(|(name, _)| name == "start").and_then(|(_, value)| value.parse().ok())
}

/// The same search from another offset on.
pub(super) fn at_offset(url: &Url, start: u32) -> Url {
    let pairs: Vec<(String, String)> =
        url.query_pairs().filter(|(name, _)| name != "start").map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    let mut next = url.clone();
    next.query_pairs_mut().clear().extend_pairs(pairs).append_pair("start", &start.to_string());
    next
}
