//! The inspectorate's reports site: paged searches for local authorities, a page for each, files by number.
//!
//! The site caps the size of its list pages, so the source follows "next" links and, where those are missing or
//! skip something, counts on by itself ([`search`]). Authorities that were abolished are behind another status of the
//! search, so two searches are walked. A file's number is its identity on whichever host it is served. Marks of the
//! page's design are used where they are there; where they are not, links of the right form are still found, and the
//! run says that the design changed ([`provider`]). `docs/nightly.md` says what of this is verified.

mod provider;
mod search;

use reqwest::Url;

use super::address::AllowedHosts;
use super::html::{selector, target};
use super::page;
use super::source::{Contents, PageKind, PageRequest, Source};
use super::titles::TitleRule;

/// Where the site is.
pub const ADDRESS: &str = "https://reports.ofsted.gov.uk/";
/// Hosts of the site's pages and of its files, now and before about 2019.
pub const HOSTS: &[&str] = &["reports.ofsted.gov.uk", "files.ofsted.gov.uk", "files.api.ofsted.gov.uk"];

/// The searches that are walked: local authorities (type 3, subtype 12) that are open, and those that are closed.
pub const SEARCHES: &[&str] = &[
    "q=&location=&lat=&lon=&radius=&level_1_types=3&level_2_types%5B%5D=12&status%5B%5D=1&rows=100",
    "q=&location=&lat=&lon=&radius=&level_1_types=3&level_2_types%5B%5D=12&status%5B%5D=2&rows=100",
];

/// The source.
#[derive(Debug, Clone)]
pub struct OfstedReports {
    name: String,
    base: Url,
    hosts: AllowedHosts,
    titles: TitleRule,
    searches: Vec<String>,
}

impl OfstedReports {
    /// The site at an address: its own, or that of a site in the same form.
    #[must_use]
    pub fn new(name: &str, base: Url, hosts: AllowedHosts, titles: TitleRule) -> Self {
        let searches = SEARCHES.iter().map(|&search| search.to_owned()).collect();
        Self { name: name.to_owned(), base, hosts, titles, searches }
    }

    /// The same with other searches, each given as the query of its address, with or without what stands before it.
    #[must_use]
    pub fn with_searches(self, searches: &[String]) -> Self {
        let query = |search: &String| search.split_once('?').map_or(search.as_str(), |(_, query)| query).to_owned();
        Self { searches: searches.iter().map(query).collect(), ..self }
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
        let mut page = self.base.join("search").unwrap_or_else(|_| self.base.clone());
        (0..)
            .zip(&self.searches)
            .map(|(list, search)| {
                page.set_query(Some(search));
                PageRequest { list, ..PageRequest::listing(search::at_offset(&page, 0).to_string()) }
            })
            .collect()
    }

    fn read(&self, request: &PageRequest, url: &Url, html: &str) -> Contents {
        let html = match page::parse(url, html) {
            Ok(html) => html,
            Err(alarm) => return Contents { alarms: vec![alarm], ..Contents::default() },
        };
        match request.kind {
            PageKind::Listing => search::read(request, url, &html),
            PageKind::Provider => provider::read(&self.name, request, url, &html),
        }
    }

    fn titles(&self) -> &TitleRule {
        &self.titles
    }

    fn keys_are_permanent(&self) -> bool {
        true
    }
}

/// The digits that follow a part of the path: the number of a provider or a file.
fn number_after(url: &Url, part: &str) -> Option<String> {
    let (_, rest) = url.path().split_once(part)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let ends = rest.get(digits.len()..).is_some_and(|tail| tail.is_empty() || tail.starts_with(['/', '.']));
    (!digits.is_empty() && ends).then_some(digits)
}

/// Where the page's own link to the next one leads.
fn next_link(url: &Url, html: &scraper::Html) -> Option<Url> {
    let link = html.select(&selector("a.pagination__next[href], a[rel~='next'][href]")).next()?;
    target(link, url).filter(|next| next != url)
}
