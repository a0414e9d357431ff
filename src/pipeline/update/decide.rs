//! Decides what to do about a page and about each publication on it.

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Serialize};

use super::{Options, UpdateError, encode};
use crate::crawl::{Alarm, Contents, PageKind, PageRequest, Source, Validators};
use crate::domain::{Publication, Reason};
use crate::store::{Action, Dataset, DocumentValidators, NewTask, Shown, TaskKind};

/// A list with more pages than this is a loop.
const MAX_OFFSET: u32 = 50_000;

/// The task of fetching a publication's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DocumentTask {
    /// The entry of the listing.
    pub publication: Publication,
    /// Of the document that is held, where the server is asked whether it changed.
    pub etag: Option<String>,
    /// Likewise.
    pub last_modified: Option<String>,
    /// The document that is held.
    pub held: Option<String>,
}

impl DocumentTask {
    pub(super) fn validators(&self) -> Option<Validators> {
        let validators = Validators { etag: self.etag.clone(), last_modified: self.last_modified.clone() };
        (validators != Validators::default()).then_some(validators)
    }
}

/// What a page said, kept in the queue until the end of the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct PageOutcome {
    /// The listing's own count.
    pub stated_total: Option<u32>,
    /// Identities of the providers that it links to.
    pub providers: Vec<String>,
    /// Identities of the publications that it shows.
    pub publications: Vec<String>,
    /// What was not as it should be.
    pub alarms: Vec<Alarm>,
    /// Why it could not be fetched.
    pub failure: Option<Reason>,
}

pub(super) fn page_task(request: &PageRequest) -> Result<NewTask, UpdateError> {
    Ok(NewTask { kind: TaskKind::Page, key: request.key(), payload: encode(request)? })
}

/// Completes what a page said by what only the dataset knows: whether it used to show more.
pub(super) fn outcome(
    request: &PageRequest,
    contents: &Contents,
    known: &Dataset,
    source: &str,
) -> Result<PageOutcome, UpdateError> {
    let mut alarms = contents.alarms.clone();
    if request.kind == PageKind::Provider && contents.publications.is_empty() && alarms.is_empty() {
        let before = known.publications_on_page(source, &request.url)?;
        if before > 0 {
            alarms.push(Alarm {
                code: "page_emptied".to_owned(),
                message: format!("{} showed {before} publications in the last run and shows none now", request.url),
            });
        }
    }
    if request.offset > MAX_OFFSET {
        alarms.push(Alarm {
            code: "listing_endless".to_owned(),
            message: format!("{} goes on without end; its further pages were left alone", request.url),
        });
    }
    Ok(PageOutcome {
        stated_total: contents.stated_total,
        providers: contents.providers.iter().filter_map(|page| page.provider_key.clone()).collect(),
        publications: contents.publications.iter().map(|publication| publication.key.clone()).collect(),
        alarms,
        failure: None,
    })
}

/// The pages that a page leads to.
pub(super) fn further_pages(request: &PageRequest, contents: &Contents) -> Result<Vec<NewTask>, UpdateError> {
    let next = contents.next.iter().filter(|_| request.offset <= MAX_OFFSET);
    next.chain(&contents.providers).map(page_task).collect()
}

/// Decides what to do about a publication that a page shows.
pub(super) fn publication(
    mut publication: Publication,
    source: &dyn Source,
    options: &Options,
    known: &Dataset,
) -> Result<Shown, UpdateError> {
    // A date in the future is a mistake of the page; no date is better than a wrong one.
    publication.published_on = publication.published_on.filter(|&day| day <= tomorrow());
    let mut task = DocumentTask { publication, etag: None, last_modified: None, held: None };
    let publication = &task.publication;
    let held = known.newest_document(&publication.source, &publication.key)?;
    let action = match held {
        Some(document) => {
            let entry = known.publication(&publication.source, &publication.key)?;
            let changed = entry.is_some_and(|entry| {
                entry.title != publication.title || entry.published_on != publication.published_on
            });
            if options.full || (changed && !source.keys_are_permanent()) {
                let validators = known.document_validators(&publication.source, &publication.key)?;
                let DocumentValidators { etag, last_modified } = validators.unwrap_or_default();
                task = DocumentTask { etag, last_modified, held: Some(document.sha256), ..task };
                Action::Fetch
            } else {
                Action::Held { sha256: document.sha256 }
            }
        }
        None if !source.titles().wants(publication.title.as_deref()) => {
            let title = publication.title.as_deref().unwrap_or_default();
            let message = format!("by its title (\"{title}\") it belongs to another programme; it was not fetched");
            Action::SetAside { reason: Reason { code: "title".to_owned(), message }, lasting: true }
        }
        None => match options.since.filter(|&since| publication.published_on.is_some_and(|day| day < since)) {
            Some(since) => {
                let message = format!("published before {since}, where this run was told to begin");
                Action::SetAside { reason: Reason { code: "before_since".to_owned(), message }, lasting: false }
            }
            None => Action::Fetch,
        },
    };
    Ok(Shown { payload: encode(&task)?, publication: task.publication, action })
}

fn tomorrow() -> Date {
    let today = Zoned::now().date();
    today.checked_add(1.day()).unwrap_or(today)
}
