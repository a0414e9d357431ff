//! What every source gives: the pages to read, and what each page says.
//!
//! A source is pure. It never fetches: it names its first pages, and turns the HTML of a page into links to further
//! pages and entries for publications. That keeps manners, retries and resuming in one place for all sources, and
//! lets every source be tested on saved pages.

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::address::AllowedHosts;
use super::titles::TitleRule;
use crate::domain::Publication;

/// Name of the first source: the inspectorate's reports.
pub const OFSTED_REPORTS: &str = "ofsted_reports";

/// What a page of a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// One page of a list: of providers, or of the publications themselves.
    Listing,
    /// The publications of one provider (an area).
    Provider,
}

/// A page to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// Its address.
    pub url: String,
    /// What it is.
    pub kind: PageKind,
    /// Identity of the provider whose page it is.
    pub provider_key: Option<String>,
    /// Name of the provider as the page that led here gave it.
    pub provider: Option<String>,
    /// Which of the source's lists it belongs to, in the order of [`Source::start`].
    #[serde(default)]
    pub list: u32,
    /// How many results the pages of the same list before it gave.
    pub offset: u32,
    /// How often the list was walked before; a list that changed under the walk is walked again.
    #[serde(default)]
    pub pass: u32,
    /// An earlier run met the page, but the listing of this one does not lead to it.
    #[serde(default)]
    pub unlisted: Option<Unlisted>,
}

/// What the run before knew of a page that the listing no longer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlisted {
    /// The listing led to it then.
    SinceThisRun,
    /// It was missing then, too.
    ForLonger,
}

impl PageRequest {
    /// The first page of a list.
    #[must_use]
    pub fn listing(url: String) -> Self {
        Self {
            url,
            kind: PageKind::Listing,
            provider_key: None,
            provider: None,
            list: 0,
            offset: 0,
            pass: 0,
            unlisted: None,
        }
    }

    /// The page's identity within a run.
    #[must_use]
    pub fn key(&self) -> String {
        match (self.kind, &self.provider_key) {
            (PageKind::Provider, Some(provider)) => format!("provider {provider} {}", self.offset),
            _ => format!("list {} {}", self.pass, self.url),
        }
    }
}

/// Something on a page that is not as it should be; the run ends with exit code 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// A stable word for programs.
    pub code: String,
    /// What it is, and what to look at.
    pub message: String,
}

impl Alarm {
    /// A list shows nothing, although it should.
    pub const LISTING_EMPTY: &str = "listing_empty";

    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// What a page says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// The total number of results that a listing states.
    pub stated_total: Option<u32>,
    /// The results on this page, those without a usable link included.
    pub results: u32,
    /// Pages of providers that it links to, each once.
    pub providers: Vec<PageRequest>,
    /// The next page of the same list.
    pub next: Option<PageRequest>,
    /// Publications that it shows, each once, in the order of the page.
    pub publications: Vec<Publication>,
    /// What is not as it should be.
    pub alarms: Vec<Alarm>,
}

/// A place where letters are published.
pub trait Source: Send + Sync {
    /// Its name in the dataset and the configuration.
    fn name(&self) -> &str;
    /// The hosts that it may be fetched from.
    fn hosts(&self) -> &AllowedHosts;
    /// The first page of each of its lists, numbered as they come.
    fn start(&self) -> Vec<PageRequest>;
    /// Reads a page. `url` is where it was found after redirects, for relative links.
    fn read(&self, request: &PageRequest, url: &Url, html: &str) -> Contents;
    /// Which publications may be SEND letters, by their titles.
    fn titles(&self) -> &TitleRule;
    /// Whether the key of a publication stands for the same document for ever. Where it is an address, another
    /// title or date in the listing is a reason to ask whether the document changed.
    fn keys_are_permanent(&self) -> bool;
}
