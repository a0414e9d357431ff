//! The site as static files, for a plain file server.
//!
//! Every page is asked of the same router that `serve` uses, so the two cannot differ; then its links are made relative.
//! Starting from the home page, whatever a page links to and a file can answer becomes a file; the rest leads to a page
//! that says where the service is found. The same dataset and day give the same bytes.

mod address;
mod folder;
mod rewrite;
mod search;

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use maud::{Markup, html};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::error::Failure;
use super::layout::{Page, Part};
use super::site::Site;
use crate::query::{Filter, findings};
use address::{Target, target};
use folder::Folder;

/// The script that the published pages have besides that of the service.
const SCRIPT: &str = include_str!("../assets/publish.js");

/// Why a site could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The folder holds something that no earlier run wrote.
    #[error("{} holds files that sendlens did not write; choose an empty or new folder with --to", .0.display())]
    Foreign(PathBuf),
    /// A file could not be written.
    #[error("cannot write {}: {source}; check the folder, its permissions and the room on the disk", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A page could not be made.
    #[error(
        "the page {address} could not be made: {problem}; run the command again, and `sendlens check` if it fails again"
    )]
    Page {
        /// Its address in the service.
        address: String,
        /// What went wrong.
        problem: String,
    },
}

/// What was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Files of the site.
    pub files: usize,
    /// Their size together.
    pub bytes: u64,
}

/// Writes the whole site into a folder. `service` is where a running service is found, if there is one.
///
/// # Errors
/// The folder holds something else, a file cannot be written, or a page cannot be made.
pub async fn publish(site: Site, to: &Path, service: Option<&str>) -> Result<Published, PublishError> {
    let folder = Arc::new(Folder::claim(to)?);
    let site = Arc::new(site);
    let router = super::router(&site);
    let mut seen: BTreeSet<String> = ["/".to_owned()].into();
    let mut waiting: VecDeque<String> = ["/".to_owned()].into();
    for own in [(rewrite::SERVICE, service_page(service)), (rewrite::SEARCH, search_page())] {
        let (file, page) = own;
        let text = body(page.render(&site).await).await.map_err(|problem| failed(file, problem))?;
        let rewritten = rewrite::page(&String::from_utf8_lossy(&text), file);
        folder.write(file, rewritten.text.as_bytes())?;
        waiting.extend(rewritten.found.into_iter().filter(|address| seen.insert(address.clone())));
    }
    folder.write(rewrite::SCRIPT, SCRIPT.as_bytes())?;
    let at_once = std::thread::available_parallelism().map_or(2, usize::from);
    let mut under_way = JoinSet::new();
    loop {
        while under_way.len() < at_once
            && let Some(address) = waiting.pop_front()
        {
            under_way.spawn(publish_one(router.clone(), Arc::clone(&folder), address));
        }
        let Some(done) = under_way.join_next().await else { break };
        let found = done.map_err(|panic| failed("of the site", panic.to_string()))??;
        waiting.extend(found.into_iter().filter(|address| seen.insert(address.clone())));
    }
    let all = site.pool.ask(|dataset| findings(dataset, &Filter::default())).await;
    let mut all = all.map_err(|failure: Failure| failed("/findings", failure.to_string()))?;
    search::write(&folder, &mut all, &site.reference)?;
    let folder =
        Arc::into_inner(folder).ok_or_else(|| failed("of the site", "a page is still being written".to_owned()))?;
    let (files, bytes) = folder.finish()?;
    Ok(Published { files, bytes })
}

fn failed(address: &str, problem: String) -> PublishError {
    PublishError::Page { address: address.to_owned(), problem }
}

/// Asks the router for one address and writes the file; gives the addresses that it leads to.
async fn publish_one(router: Router, folder: Arc<Folder>, address: String) -> Result<Vec<String>, PublishError> {
    let Target::File(file) = target(&address) else { return Ok(Vec::new()) };
    let request = Request::get(&address).body(Body::empty()).map_err(|error| failed(&address, error.to_string()))?;
    let Ok(response) = router.oneshot(request).await;
    if response.status() != StatusCode::OK {
        return Err(failed(&address, format!("status {}", response.status())));
    }
    let media = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (is_page, is_feed) = (media.starts_with("text/html"), media.starts_with("application/atom+xml"));
    let saved = response.headers().contains_key(header::CONTENT_DISPOSITION);
    let bytes = body(response).await.map_err(|problem| failed(&address, problem))?;
    if saved || !(is_page || is_feed) {
        folder.write(&file, &bytes)?;
        return Ok(Vec::new());
    }
    let text = String::from_utf8_lossy(&bytes);
    let rewritten = if is_page { rewrite::page(&text, &file) } else { rewrite::links(&text, &file) };
    folder.write(&file, rewritten.text.as_bytes())?;
    Ok(rewritten.found)
}

async fn body(response: axum::response::Response) -> Result<Vec<u8>, String> {
    let collected = response.into_body().collect().await.map_err(|error| error.to_string())?;
    Ok(collected.to_bytes().to_vec())
}

/// What a link leads to that only the service can answer.
fn service_page(service: Option<&str>) -> Page {
    let body = html! {
        h1 { "This needs the service" }
        p.lead { "These pages are files, renewed by a scheduled job. Filters, lists of your own, sorting without script and the API need a program that answers." }
        @if let Some(url) = service.filter(|url| url.starts_with("https://") || url.starts_with("http://")) {
            p { "It is found at " a href=(url) { (url) } "." }
        } @else {
            p { "Whoever publishes these pages can run it: " code { "sendlens serve" } ". On your own machine the same command answers from a dataset of your own, made by " code { "sendlens update" } "." }
        }
        p { a href="/" { "Home" } ", " a href="/areas" { "areas" } ", " a href="/findings" { "search" } }
    };
    Page::new(None, "This needs the service", body)
}

/// The search page: the script answers it from the index.
fn search_page() -> Page {
    Page::new(Part::Findings, "Search the findings", search_body())
}

fn search_body() -> Markup {
    html! {
        h1 { "Search the findings" }
        form action="/findings" method="get" role="search" aria-label="Search the findings" {
            label for="q" { "Words to find" }
            span.hint id="q-hint" { "All words must be in a finding. \u{201c}a phrase\u{201d}, wait* for beginnings, -word to leave out." }
            div.row {
                div.grow { input type="search" id="q" name="q" aria-describedby="q-hint"; }
                button type="submit" { "Search" }
            }
        }
        noscript { p.note { "Searching these files needs script. Without it, start from " a href="/themes" { "a theme" } ", " a href="/areas" { "an area" } " or " a href="/letters" { "the letters" } "." } }
        p id="search-status" role="status" {}
        ul.results id="search-results" data-search="../search/" data-letters="../letters/" {}
        p { button.quiet type="button" id="search-more" hidden { "Show more" } }
    }
}
