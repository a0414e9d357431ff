//! The frame of every page: head, navigation, foot.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::assets::{SITE_ICON, SITE_SCRIPT, STYLESHEET};
use super::error::Failure;
use super::site::Site;
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
    (Part::Areas, "/areas", "My area"),
    (Part::Themes, "/themes", "Themes"),
    (Part::Findings, "/findings", "Findings"),
    (Part::Letters, "/letters", "Letters"),
    (Part::Map, "/map", "Map"),
    (Part::About, "/about", "Method and data"),
];

/// A page before it gets its frame.
#[derive(Debug)]
pub struct Page {
    /// Which part of the site it belongs to.
    pub part: Part,
    /// Title of the window, without the site's name.
    pub title: String,
    /// The pages above it: address and name.
    pub crumbs: Vec<(String, String)>,
    /// A feed of this page's news: address and title.
    pub feed: Option<(String, String)>,
    /// What stands in the main part, beginning with the heading.
    pub body: Markup,
}

impl Page {
    /// A page without crumbs or feed.
    #[must_use]
    pub fn new(part: Part, title: impl Into<String>, body: Markup) -> Self {
        Self { part, title: title.into(), crumbs: Vec::new(), feed: None, body }
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

    /// The whole document.
    pub async fn render(self, site: &Arc<Site>) -> Response {
        let updated = site.stamp().await.ok().and_then(|stamp| stamp.updated);
        html_response(StatusCode::OK, &document(&self, updated))
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
    html_response(failure.status(), &document(&Page::new(Part::Home, failure.title(), body), None))
}

fn html_response(status: StatusCode, markup: &Markup) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, headers, Body::from(markup.0.clone())).into_response()
}

fn document(page: &Page, updated: Option<jiff::civil::Date>) -> Markup {
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
                                li { a href=(href) aria-current=[(part == page.part).then_some(if page.crumbs.is_empty() { "page" } else { "true" })] { (name) } }
                            }
                        }
                    }
                }
                main.wrap id="main" tabindex="-1" {
                    @if !page.crumbs.is_empty() {
                        nav.crumbs aria-label="Breadcrumb" {
                            ol { @for (href, name) in &page.crumbs { li { a href=(href) { (name) } } } }
                        }
                    }
                    (page.body)
                }
                (foot(updated))
            }
        }
    }
}

/// Source, licence and date, at the foot of every page.
fn foot(updated: Option<jiff::civil::Date>) -> Markup {
    html! {
        footer.foot {
            div.wrap {
                ul.no-print {
                    li { a href="/about" { "Method, codebook and quality" } }
                    li { a href="/about#downloads" { "Downloads" } }
                    li { a href="/api" { "API" } }
                    li { a href="/feeds/letters.atom" { "Feed of new letters" } }
                }
                p {
                    "Source: letters and reports of local area SEND inspections by Ofsted and the Care Quality Commission, "
                    "Crown copyright, used under the "
                    a href="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/" rel="license noreferrer" { "Open Government Licence v3.0" }
                    ". sendlens is not a service of Ofsted or the Care Quality Commission. Themes are assigned by a program and may be wrong: "
                    "check the quote in its letter before you rely on it."
                }
                p { @if let Some(day) = updated { "Dataset last changed on " (words::date(day)) "." } @else { "No date of the last change is known." } }
            }
        }
    }
}
