//! The walk through one source: listing, pages of providers, documents.
//!
//! Lists come first, for only a complete list shows whether something is missing; then each provider's page with its
//! documents. The walk keeps no state of its own that the queue in the database does not have.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::decide::{DocumentTask, PageOutcome, page_task};
use super::writer::Message;
use super::{Shared, UpdateError, decode, encode};
use crate::archive::ArchiveError;
use crate::crawl::{
    Alarm, Answer, Body, Contents, FetchError, PageKind, PageRequest, Request, Source, Unlisted, Url, Validators,
};
use crate::domain::{DocumentStatus, Reason};
use crate::store::{DocumentValidators, NewTask, PageRecord, Task, TaskKind, TaskState};

/// Why a walk ended early.
pub(super) enum Stopped {
    /// The writer left; it says why.
    WriterGone,
    Because(Box<UpdateError>),
}

impl<E: Into<UpdateError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Because(Box::new(error.into()))
    }
}

/// One source on its way.
pub(super) struct Walk {
    shared: Arc<Shared>,
    source: Arc<dyn Source>,
    writer: mpsc::Sender<Message>,
    listings: VecDeque<(Task, PageRequest)>,
    providers: VecDeque<(Task, PageRequest)>,
    documents: VecDeque<Task>,
    /// Whether the lists were found complete, or walked as often as makes sense.
    listing_done: bool,
}

/// What the lists of a source gave so far.
#[derive(Default)]
pub(super) struct Walked {
    /// Providers that the lists link to.
    pub providers: BTreeSet<String>,
    /// How often the lists were walked.
    pub passes: u32,
    /// Whether a page of the lists could not be fetched.
    pub broken: bool,
    lists: BTreeMap<u32, WalkedList>,
}

/// What one list gave.
#[derive(Default)]
struct WalkedList {
    /// The largest total that the last walk stated.
    stated: Option<u32>,
    /// Different providers or publications that it showed, over all walks.
    found: BTreeSet<String>,
}

impl Walked {
    pub(super) fn add(&mut self, task: &Task) -> Result<(), UpdateError> {
        let (TaskKind::Page, TaskState::PageDone(outcome)) = (task.kind, &task.state) else { return Ok(()) };
        let request: PageRequest = decode(&task.payload)?;
        if request.kind != PageKind::Listing {
            return Ok(());
        }
        let outcome: PageOutcome = decode(outcome)?;
        if request.pass + 1 > self.passes {
            self.passes = request.pass + 1;
            self.lists.values_mut().for_each(|list| list.stated = None);
            self.broken = false;
        }
        self.broken |= outcome.failure.is_some();
        let list = self.lists.entry(request.list).or_default();
        list.stated = list.stated.max(outcome.stated_total);
        list.found.extend(outcome.providers.iter().cloned());
        list.found.extend(outcome.publications);
        self.providers.extend(outcome.providers);
        Ok(())
    }

    /// What the lists state together, where one of them does.
    pub(super) fn stated(&self) -> Option<u32> {
        self.lists.values().filter_map(|list| list.stated).reduce(u32::saturating_add)
    }

    /// Different results that the lists gave, each list by itself.
    pub(super) fn found(&self) -> usize {
        self.lists.values().map(|list| list.found.len()).sum()
    }

    /// Whether all pages of the lists were fetched and yet one gave less than it states.
    pub(super) fn is_short(&self) -> bool {
        let short = |list: &WalkedList| list.stated.is_some_and(|stated| (list.found.len() as u64) < u64::from(stated));
        !self.broken && self.lists.values().any(short)
    }
}

impl Walk {
    pub(super) fn new(
        shared: Arc<Shared>,
        source: Arc<dyn Source>,
        writer: mpsc::Sender<Message>,
        tasks: Vec<Task>,
    ) -> Result<Self, UpdateError> {
        let mut walk = Self {
            shared,
            source,
            writer,
            listings: VecDeque::new(),
            providers: VecDeque::new(),
            documents: VecDeque::new(),
            listing_done: false,
        };
        walk.take_on(tasks)?;
        Ok(walk)
    }

    /// Sorts open tasks into the three queues.
    fn take_on(&mut self, tasks: Vec<Task>) -> Result<(), UpdateError> {
        for task in tasks {
            match (&task.kind, &task.state) {
                (TaskKind::Document, TaskState::Waiting | TaskState::Fetched) => self.documents.push_back(task),
                (TaskKind::Page, TaskState::Waiting) => {
                    let request: PageRequest = decode(&task.payload)?;
                    match request.kind {
                        PageKind::Listing => self.listings.push_back((task, request)),
                        PageKind::Provider => self.providers.push_back((task, request)),
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn run(mut self) -> Result<(), Stopped> {
        loop {
            while let Some((task, request)) = self.listings.pop_front() {
                self.page(task, request).await?;
            }
            if self.complete_listing().await? {
                continue;
            }
            if let Some(task) = self.documents.pop_front() {
                if !self.shared.options.dry_run {
                    self.document(task).await?;
                }
            } else if let Some((task, request)) = self.providers.pop_front() {
                self.page(task, request).await?;
            } else {
                return Ok(());
            }
        }
    }

    /// When the lists have been walked: walks them once more if they gave less than they state, and adds the pages of
    /// providers that earlier runs met and this list lacks. Gives whether there are lists to walk now.
    async fn complete_listing(&mut self) -> Result<bool, Stopped> {
        if self.listing_done {
            return Ok(false);
        }
        let (tasks, known) =
            self.ask(|reply| Message::Listing { source: self.source.name().to_owned(), reply }).await?;
        let mut walked = Walked::default();
        for task in &tasks {
            walked.add(task)?;
        }
        let mut more = Vec::new();
        if walked.is_short() && walked.passes == 1 {
            for request in self.source.start() {
                more.push(page_task(&PageRequest { pass: 1, ..request })?);
            }
        } else {
            self.listing_done = true;
            for page in known {
                let listed = page.provider_key.as_ref().is_none_or(|key| walked.providers.contains(key));
                let request: PageRequest = decode(&page.request)?;
                if !listed && request.offset == 0 {
                    let unlisted = if page.listed { Unlisted::SinceThisRun } else { Unlisted::ForLonger };
                    more.push(page_task(&PageRequest { unlisted: Some(unlisted), ..request })?);
                }
            }
        }
        if !more.is_empty() {
            self.add(more).await?;
        }
        Ok(!self.listings.is_empty())
    }

    async fn add(&mut self, tasks: Vec<NewTask>) -> Result<(), Stopped> {
        let source = self.source.name().to_owned();
        let new = self.ask(|reply| Message::Add { source, tasks, reply }).await?;
        Ok(self.take_on(new)?)
    }

    /// Sends the writer a question and waits for the answer.
    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Message) -> Result<T, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.tell(question(reply)).await?;
        answer.await.map_err(|_| Stopped::WriterGone)
    }

    async fn tell(&self, message: Message) -> Result<(), Stopped> {
        self.writer.send(message).await.map_err(|_| Stopped::WriterGone)
    }

    /// Fetches and reads one page, and queues what it leads to.
    async fn page(&mut self, task: Task, request: PageRequest) -> Result<(), Stopped> {
        let (source, url) = (self.source.name().to_owned(), request.url.clone());
        let held = if self.shared.options.full {
            None
        } else {
            self.ask(|reply| Message::HeldPage { source, url, reply }).await?
        };
        let held = held.map(|page| *page);
        let mut read = self.get_page(&request, held).await;
        if let Ok((contents, _)) = &read
            && let Some(empty) = contents.alarms.iter().find(|alarm| alarm.code == Alarm::LISTING_EMPTY)
            && let Ok(url) = Url::parse(&request.url)
        {
            // The site may have been out of order for a moment.
            self.shared.fetcher.pause_host_of(&url, &empty.message).await;
            read = self.get_page(&request, None).await;
        }
        let (contents, mut record) = match read {
            Ok(read) => read,
            Err(error) => {
                // An address that is gone for good is forgotten once the listing no longer leads to it.
                let forget = error.code() == "not_found" && request.unlisted.is_some();
                let reason = reason(&error);
                return self.tell(Message::PageFailed { task, request, reason, forget }).await;
            }
        };
        record.request = encode(&PageRequest { unlisted: None, pass: 0, ..request.clone() })?;
        record.listed = request.unlisted.is_none();
        let message =
            |reply| Message::Page { task, request, record: Box::new(record), contents: Box::new(contents), reply };
        let new = self.ask(message).await?;
        Ok(self.take_on(new)?)
    }

    async fn get_page(
        &self,
        request: &PageRequest,
        held: Option<PageRecord>,
    ) -> Result<(Contents, PageRecord), FetchError> {
        let url = Url::parse(&request.url).map_err(|_| FetchError::HostNotAllowed { url: request.url.clone() })?;
        let validators =
            held.as_ref().map(|page| Validators { etag: page.etag.clone(), last_modified: page.last_modified.clone() });
        let limit = self.shared.fetcher.settings().max_page_bytes;
        let asked = Request { url: &url, hosts: self.source.hosts(), limit, validators: validators.as_ref() };
        let (found, record) = match (self.shared.fetcher.get(asked).await?, held) {
            (Answer::Body(body), _) => {
                let Body { url, bytes, validators, .. } = *body;
                let record = PageRecord {
                    etag: validators.etag,
                    last_modified: validators.last_modified,
                    body: bytes,
                    ..PageRecord::default()
                };
                (url, record)
            }
            (Answer::NotModified, Some(held)) => (url.clone(), held),
            // Only a page that is held is asked for conditionally.
            (Answer::NotModified, None) => {
                return Err(FetchError::Status { url: url.to_string(), status: 304, attempts: 1, retry_after: None });
            }
        };
        let contents = self.source.read(request, &found, &String::from_utf8_lossy(&record.body));
        let provider =
            contents.publications.iter().find_map(|p| p.provider.clone()).or_else(|| request.provider.clone());
        let publications = u32::try_from(contents.publications.len()).unwrap_or(u32::MAX);
        let mut record = PageRecord {
            url: request.url.clone(),
            provider_key: request.provider_key.clone(),
            provider,
            publications,
            ..record
        };
        if !contents.alarms.is_empty() {
            // A page that is not as it should be is asked for in full next time.
            (record.etag, record.last_modified) = (None, None);
        }
        Ok((contents, record))
    }

    /// Makes sure that a document is in the archive, and hands it to the threads that read.
    async fn document(&self, task: Task) -> Result<(), Stopped> {
        let mut wanted: DocumentTask = decode(&task.payload)?;
        // Bytes that the archive has lost must come again, whether they changed or not.
        if let Some(held) = wanted.held.clone()
            && self.kept_bytes(held).await?.is_none()
        {
            (wanted.etag, wanted.last_modified) = (None, None);
        }
        let kept = match (&task.state, &task.sha256) {
            (TaskState::Fetched, Some(sha256)) => self.kept_bytes(sha256.clone()).await?,
            _ => None,
        };
        let bytes = match kept {
            Some(bytes) => bytes,
            None => match self.get_document(&wanted).await {
                Ok(Some((bytes, validators))) => {
                    let archive = self.shared.archive.clone();
                    let put = move || archive.put(&bytes).map(|sha256| (sha256, bytes));
                    let (sha256, bytes) = tokio::task::spawn_blocking(put).await.map_err(|_| UpdateError::Defect)??;
                    let task = task.clone();
                    self.ask(|reply| Message::Fetched { task, sha256, validators, reply }).await?;
                    bytes
                }
                Ok(None) => {
                    let (sha256, status) = (wanted.held.clone(), DocumentStatus::Unchanged);
                    return self
                        .tell(Message::Done { task, wanted: Box::new(wanted), sha256, status, reason: None })
                        .await;
                }
                Err(error) => {
                    let (reason, status) = (Some(reason(&error)), DocumentStatus::Failed);
                    let sha256 = wanted.held.clone();
                    return self.tell(Message::Done { task, wanted: Box::new(wanted), sha256, status, reason }).await;
                }
            },
        };
        let room = Arc::clone(&self.shared.room).acquire_owned().await.map_err(|_| UpdateError::Defect)?;
        let (shared, writer) = (Arc::clone(&self.shared), self.writer.clone());
        self.shared.pool.spawn(move || {
            let processed = Box::new(shared.stages.process(&bytes));
            // If the writer left, the document is in the archive and read when the run is resumed.
            _ = writer.blocking_send(Message::Read { task, wanted: Box::new(wanted), processed });
            drop(room);
        });
        Ok(())
    }

    /// A document that was fetched before the run was interrupted; nothing if the archive lacks it.
    async fn kept_bytes(&self, sha256: String) -> Result<Option<Vec<u8>>, Stopped> {
        let archive = self.shared.archive.clone();
        let got = tokio::task::spawn_blocking(move || archive.get(&sha256)).await.map_err(|_| UpdateError::Defect)?;
        match got {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ArchiveError::Missing(_) | ArchiveError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Fetches a document; nothing if the server says that it did not change.
    async fn get_document(&self, wanted: &DocumentTask) -> Result<Option<(Vec<u8>, DocumentValidators)>, FetchError> {
        let address = wanted.publication.url.as_deref().unwrap_or_default();
        let url = Url::parse(address).map_err(|_| FetchError::HostNotAllowed { url: address.to_owned() })?;
        let validators = wanted.validators();
        let limit = self.shared.fetcher.settings().max_document_bytes;
        let asked = Request { url: &url, hosts: self.source.hosts(), limit, validators: validators.as_ref() };
        match self.shared.fetcher.get(asked).await? {
            Answer::NotModified => Ok(None),
            Answer::Body(body) => {
                check_document(address, &body.bytes)?;
                let Validators { etag, last_modified } = body.validators;
                Ok(Some((body.bytes, DocumentValidators { etag, last_modified })))
            }
        }
    }
}

fn reason(error: &FetchError) -> Reason {
    Reason { code: error.code().to_owned(), message: error.to_string() }
}

/// Whether bytes are a whole PDF, whatever the server called them. What is none never reaches the archive.
fn check_document(url: &str, bytes: &[u8]) -> Result<(), FetchError> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let has = |part: &[u8], mark: &[u8]| part.windows(mark.len()).any(|window| window == mark);
    if !has(head, b"%PDF-") {
        let start = String::from_utf8_lossy(head).to_lowercase();
        let page = ["<!doctype html", "<html", "<head", "<body"].iter().any(|mark| start.contains(mark));
        let what = match bytes {
            [] => "nothing",
            _ if page => "a web page",
            _ => "something else",
        };
        return Err(FetchError::NotADocument { url: url.to_owned(), what: what.to_owned() });
    }
    let tail = bytes.get(bytes.len().saturating_sub(2048)..).unwrap_or(bytes);
    if has(tail, b"%%EOF") {
        Ok(())
    } else {
        let why = "the PDF has no end mark".to_owned();
        Err(FetchError::Truncated { url: url.to_owned(), why, attempts: 1 })
    }
}
