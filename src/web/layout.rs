//! The frame of every page: head, navigation, foot.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::assets::{SITE_ICON, SITE_SCRIPT, STYLESHEET};
use super::error::Failure;
use super::site::Site;
use crate::query::{CodedBy, Latest};
use crate::view::words;

/// The parts of the site, as the navigation shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Start.
    Home,
    /// Areas and their briefings.
    Areas,
    /// Themes.
    Themes,
    /// Full-text search.
    Findings,
    /// Letters.
    Letters,
    /// Tile map.
    Map,
    /// Method and data.
    About,
}

const NAVIGATION: [(Part, &str, &str); 7] = [
    (Part::Home, "/", "Home"),
    (Part::Areas, "/areas", "Areas"),
    (Part::Themes, "/themes", "Themes"),
    (Part::Findings, "/findings", "Findings"),
    (Part::Letters, "/letters", "Letters"),
    (Part::Map, "/map", "Map"),
    (Part::About, "/about", "Method and data"),
];

/// A page before it gets its frame.
#[derive(Debug)]
pub struct Page {
    /// Which part of the site it belongs to; none for a page that says what went wrong.
    pub part: Option<Part>,
    /// Title of the window, without the site's name.
    pub title: String,
    /// The pages above it: address and name.
    pub crumbs: Vec<(String, String)>,
    /// A feed of this page's news: address and title.
    pub feed: Option<(String, String)>,
    /// Parameters of the address that have no meaning here.
    pub unused: Vec<String>,
    /// What stands in the main part, beginning with the heading.
    pub body: Markup,
}

impl Page {
    /// A page without crumbs or feed.
    #[must_use]
    pub fn new(part: impl Into<Option<Part>>, title: impl Into<String>, body: Markup) -> Self {
        let (part, title) = (part.into(), title.into());
        Self { part, title, crumbs: Vec::new(), feed: None, unused: Vec::new(), body }
    }

    /// Names a page above this one.
    #[must_use]
    pub fn under(mut self, href: impl Into<String>, name: impl Into<String>) -> Self {
        self.crumbs.push((href.into(), name.into()));
        self
    }

    /// Names the feed of this page.
    #[must_use]
    pub fn feed(mut self, href: impl Into<String>, title: impl Into<String>) -> Self {
        self.feed = Some((href.into(), title.into()));
        self
    }

    /// Tells the reader which parameters of the address this page makes no use of.
    #[must_use]
    pub fn without_use_for(mut self, unused: Vec<String>) -> Self {
        self.unused = unused;
        self
    }

    /// The whole document.
    pub async fn render(self, site: &Arc<Site>) -> Response {
        let held = site.pool.snapshot().await.ok().map(|snapshot| (snapshot.latest, snapshot.coded_by));
        html_response(StatusCode::OK, &document(&self, held))
    }
}

/// A page that says what went wrong.
#[must_use]
pub fn failure_page(failure: &Failure) -> Response {
    let body = html! {
        h1 { (failure.title()) }
        p.lead { (failure) }
        p { a href="/" { "Start from the home page" } ", " a href="/findings" { "search the findings" } " or "
            a href="/areas" { "choose an area" } "." }
    };
    html_response(failure.status(), &document(&Page::new(None, failure.title(), body), None))
}

fn html_response(status: StatusCode, markup: &Markup) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, headers, Body::from(markup.0.clone())).into_response()
}

fn document(page: &Page, held: Option<(Latest, CodedBy)>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                title { (page.title) @if page.title != "sendlens" { " \u{2013} sendlens" } }
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="stylesheet" href=(STYLESHEET.href);
                link rel="icon" href=(SITE_ICON.href) type="image/svg+xml";
                link rel="alternate" type="application/atom+xml" href="/feeds/letters.atom" title="New letters";
                @if let Some((href, title)) = &page.feed {
                    link rel="alternate" type="application/atom+xml" href=(href) title=(title);
                }
                script src=(SITE_SCRIPT.href) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the main content" }
                header.masthead {
                    div.wrap {
                        a.wordmark href="/" { "sendlens" }
                        span.soft { "What inspections of local SEND services find, in England, since 2016" }
                    }
                }
                nav.nav aria-label="Main" {
                    div.wrap {
                        ul {
                            @for (part, href, name) in NAVIGATION {
                                li { a href=(href) aria-current=[(Some(part) == page.part).then_some(if page.crumbs.is_empty() { "page" } else { "true" })] { (name) } }
                            }
                        }
                    }
                }
                main.wrap id="main" tabindex="-1" {
                    div.print-only.soft aria-hidden="true" { (recency(held)) }
                    @if !page.crumbs.is_empty() {
                        nav.crumbs aria-label="Breadcrumb" {
                            ol { @for (href, name) in &page.crumbs { li { a href=(href) { (name) } } } }
                        }
                    }
                    (unused(&page.unused))
                    (page.body)
                }
                (foot(held))
            }
        }
    }
}

/// A misspelt filter must not widen the answer in silence.
fn unused(names: &[String]) -> Markup {
    let quoted: Vec<String> = names.iter().map(|name| format!("\u{201c}{name}\u{201d}")).collect();
    html! {
        @if !names.is_empty() {
            div.note.warn role="alert" {
                p {
                    "This page does not use " (words::list(&quoted)) " from its address. "
                    "What you see is not limited by " @if names.len() == 1 { "it." } @else { "them." }
                }
            }
        }
    }
}

/// Source, licence and how recent the dataset is, at the foot of every page.
fn foot(held: Option<(Latest, CodedBy)>) -> Markup {
    html! {
        footer.foot {
            div.wrap {
                ul.no-print {
                    li { a href="/about" { "Method, codebook and quality" } }
                    li { a href="/about#glossary" { "Glossary" } }
                    li { a href="/about#downloads" { "Downloads" } }
                    li { a href="/api" { "API" } }
                    li { a href="/feeds/letters.atom" { "New letters feed" } }
                }
                p {
                    "Source: letters and reports of local area SEND inspections by Ofsted and the Care Quality Commission, "
                    "Crown copyright, used under the "
                    a href="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/" rel="license noreferrer" { "Open Government Licence v3.0" }
                    ". sendlens is not a service of Ofsted or the Care Quality Commission. Themes are assigned by a program and may be wrong: "
                    "check the quote in its letter before you rely on it."
                }
                (recency(held))
            }
        }
    }
}

/// How far the letters go, and what coded them.
fn recency(held: Option<(Latest, CodedBy)>) -> Markup {
    html! {
        @if let Some((latest, coded)) = held {
            p {
                "Latest inspection held: " @if let Some(day) = latest.inspection { (words::date(day)) } @else { "none" }
                ". Latest publication held: "
                @if let Some(day) = latest.publication { (words::date(day)) } @else { "not known" } "."
            }
            @if coded.patterns > 0 {
                p {
                    @if coded.model == 0 { "These letters were coded " } @else { (words::thousands(coded.patterns)) " of " (words::count(coded.model + coded.patterns, "letter was", "letters were")) " coded " }
                    "with patterns alone, without the language model, so more themes than usual are wrong or missing. "
                    a.no-print href="/about#method" { "How many" } span.no-print { "." }
                }
            }
        }
    }
}
