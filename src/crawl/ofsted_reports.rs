//! The inspectorate's reports site: a paged list of local authorities, a page for each, files by number.
//!
//! The site caps the size of its list pages, so the source follows "next" links and, where those are missing or
//! skip something, counts on by itself. A file's number is its identity on whichever host it is served. Marks of the
//! page's design are used where they are there; where they are not, links of the right form are still found, and the
//! run says that the design changed.

use std::collections::BTreeSet;

use reqwest::Url;
use scraper::{ElementRef, Html};

use super::address::AllowedHosts;
use super::html::{closest, number, published_on, selector, target, text};
use super::page;
use super::source::{Alarm, Contents, PageKind, PageRequest, Source};
use super::titles::TitleRule;
use crate::domain::Publication;

/// Where the site is.
pub const ADDRESS: &str = "https://reports.ofsted.gov.uk/";
/// Hosts of the site's pages and of its files, now and before about 2019.
pub const HOSTS: &[&str] = &["reports.ofsted.gov.uk", "files.ofsted.gov.uk", "files.api.ofsted.gov.uk"];

const LIST: &str = "search?q=&location=&lat=&lon=&radius=&level_1_types=3&level_2_types%5B%5D=12&start=0&rows=100";
/// Path of a provider's page, before its number; 44 is the site's type of local authorities.
const PROVIDER: &str = "/provider/44/";
/// Path of a file, before its number.
const FILE: &str = "/v1/file/";
/// Words that say what kind of file a link leads to, not what the document is.
const NO_TITLES: &[&str] = &["", "pdf", "report", "download", "view report", "download report", "open"];

/// The source.
#[derive(Debug, Clone)]
pub struct OfstedReports {
    name: String,
    base: Url,
    hosts: AllowedHosts,
    titles: TitleRule,
}

impl OfstedReports {
    /// The site at an address: its own, or that of a site in the same form.
    #[must_use]
    pub fn new(name: &str, base: Url, hosts: AllowedHosts, titles: TitleRule) -> Self {
        Self { name: name.to_owned(), base, hosts, titles }
    }

    fn read_listing(&self, request: &PageRequest, url: &Url, html: &Html) -> Contents {
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
        if contents.results == 0 && request.offset < contents.stated_total.unwrap_or(1) {
            contents.alarms.push(Alarm::new(
                "listing_empty",
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
        contents.next = next_of_listing(request, url, html, &contents);
        contents
    }

    fn read_provider(&self, request: &PageRequest, url: &Url, html: &Html) -> Contents {
        let mut contents = Contents::default();
        let heading = html.select(&selector("h1.heading--title")).chain(html.select(&selector("h1"))).next();
        let provider =
            heading.map(|h| text(h, None)).filter(|name| !name.is_empty()).or_else(|| request.provider.clone());
        let day = selector("li.timeline__day");
        let links = selector("a.publication-link[href], a[href*='/v1/file/']");
        let mut seen = BTreeSet::new();
        for link in html.select(&links) {
            let Some(to) = target(link, url) else { continue };
            let key = number_after(&to, FILE).unwrap_or_else(|| to.to_string());
            if !seen.insert(key.clone()) {
                continue;
            }
            let around = closest(link, &day).or_else(|| closest(link, &selector("li")));
            let (title, date) = title_and_date(link, around);
            contents.publications.push(Publication {
                source: self.name.clone(),
                key,
                url: Some(to.to_string()),
                file: None,
                title,
                provider: provider.clone(),
                published_on: date,
            });
        }
        contents.results = u32::try_from(contents.publications.len()).unwrap_or(u32::MAX);
        let days = html.select(&day).filter(|d| !d.value().classes().any(|c| c == "timeline__day--opened")).count();
        if html.select(&selector("ol.timeline")).next().is_none() {
            contents.alarms.push(Alarm::new(
                "provider_form",
                format!("{url} has no timeline of publications; look whether the design of the page changed"),
            ));
        } else if days > 0 && contents.publications.is_empty() {
            contents.alarms.push(Alarm::new(
                "provider_links",
                format!("{url} has a timeline with {days} entries, but no link to a document was found in it"),
            ));
        }
        contents.next = next_link(url, html).map(|next| PageRequest {
            url: next.to_string(),
            offset: request.offset + contents.results,
            ..request.clone()
        });
        contents
    }
}

impl Source for OfstedReports {
    fn name(&self) -> &str {
        &self.name
    }

    fn hosts(&self) -> &AllowedHosts {
        &self.hosts
    }

    fn start(&self) -> Vec<PageRequest> {
        let url = self.base.join(LIST).map_or_else(|_| self.base.to_string(), |url| url.to_string());
        vec![PageRequest::listing(url)]
    }

    fn read(&self, request: &PageRequest, url: &Url, html: &str) -> Contents {
        let html = match page::parse(url, html) {
            Ok(html) => html,
            Err(alarm) => return Contents { alarms: vec![alarm], ..Contents::default() },
        };
        match request.kind {
            PageKind::Listing => self.read_listing(request, url, &html),
            PageKind::Provider => self.read_provider(request, url, &html),
        }
    }

    fn titles(&self) -> &TitleRule {
        &self.titles
    }

    fn keys_are_permanent(&self) -> bool {
        true
    }
}

fn stated_total(html: &Html) -> Option<u32> {
    let places = selector(".search-results__heading .results-count, .results-count");
    html.select(&places).find_map(|element| number(&text(element, None)))
}

/// The digits that follow a part of the path: the number of a provider or a file.
fn number_after(url: &Url, part: &str) -> Option<String> {
    let (_, rest) = url.path().split_once(part)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let ends = rest.get(digits.len()..).is_some_and(|tail| tail.is_empty() || tail.starts_with(['/', '.']));
    (!digits.is_empty() && ends).then_some(digits)
}

fn next_link(url: &Url, html: &Html) -> Option<Url> {
    let link = html.select(&selector("a.pagination__next[href], a[rel~='next'][href]")).next()?;
    target(link, url).filter(|next| next != url)
}

/// The next page of the list: where the site's own link leads, unless it leaves results out; where there is no such
/// link although results are missing, the page that should begin with them.
fn next_of_listing(request: &PageRequest, url: &Url, html: &Html, contents: &Contents) -> Option<PageRequest> {
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
fn at_offset(url: &Url, start: u32) -> Url {
    let pairs: Vec<(String, String)> =
        url.query_pairs().filter(|(name, _)| name != "start").map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    let mut next = url.clone();
    next.query_pairs_mut().clear().extend_pairs(pairs).append_pair("start", &start.to_string());
    next
}

/// Title and date of a link: from the link, from the hidden words in it ("Title, pdf - 15 July 2024"), or from the
/// entry of the timeline around it; their nesting varies.
fn title_and_date(link: ElementRef<'_>, around: Option<ElementRef<'_>>) -> (Option<String>, Option<jiff::civil::Date>) {
    let hidden = selector("span.nonvisual");
    let hidden_words = link.select(&hidden).next().map(|span| text(span, None));
    let is_title = |title: &String| !NO_TITLES.contains(&title.to_lowercase().trim_end_matches([',', ':', ' ']));
    let own = text(link, Some(&hidden));
    let of_event = || {
        let event = around?.select(&selector(".event__title")).next()?;
        Some(text(event, Some(&hidden)))
    };
    let of_hidden = || Some(hidden_words.as_deref()?.split(", pdf").next()?.trim().to_owned());
    let title =
        Some(own).filter(is_title).or_else(|| of_event().filter(is_title)).or_else(|| of_hidden().filter(is_title));
    let of_entry = around.and_then(|entry| {
        let time = entry.select(&selector("p.timeline__date time, .timeline__date, time")).next()?;
        published_on(&text(time, None)).or_else(|| published_on(time.attr("datetime")?))
    });
    (title, of_entry.or_else(|| published_on(hidden_words.as_deref()?.rsplit(" - ").next()?)))
}
