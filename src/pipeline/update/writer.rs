//! The one part of a run that touches the database. It takes messages in the order in which they come and commits
//! each before the next.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::decide::{self, DocumentTask, PageOutcome};
use super::report::Event;
use super::{Options, UpdateError, decode, encode};
use crate::crawl::{Contents, PageRequest, RefusalPause, Source};
use crate::domain::{DocumentStatus, Processed, Reason, Suspicion};
use crate::pipeline::listing::compare_with_listings;
use crate::pipeline::report::{DocumentReport, suspicions};
use crate::pipeline::titles::hold_against_titles;
use crate::reference::Reference;
use crate::store::{Dataset, DocumentValidators, NewTask, Occasion, PageRecord, StoreError, Task, TaskKind, TaskState};

/// What the other parts of a run tell or ask the writer.
pub(super) enum Message {
    /// A page was fetched and read. Answered with the tasks that are new.
    Page {
        task: Task,
        request: PageRequest,
        record: Box<PageRecord>,
        contents: Box<Contents>,
        reply: oneshot::Sender<Vec<Task>>,
    },
    /// A page could not be fetched.
    PageFailed { task: Task, request: PageRequest, reason: Reason, forget: bool },
    /// The page as it is held, for a conditional request?
    HeldPage { source: String, url: String, reply: oneshot::Sender<Option<Box<PageRecord>>> },
    /// The tasks of a source so far, and the pages of providers that earlier runs met?
    Listing { source: String, reply: oneshot::Sender<(Vec<Task>, Vec<PageRecord>)> },
    /// Further tasks. Answered with those that are new.
    Add { source: String, tasks: Vec<NewTask>, reply: oneshot::Sender<Vec<Task>> },
    /// A document is in the archive. Answered when that is committed.
    Fetched { task: Task, sha256: String, validators: DocumentValidators, reply: oneshot::Sender<()> },
    /// A document was read.
    Read { task: Task, wanted: Box<DocumentTask>, processed: Box<Processed> },
    /// A host refused a request and is left alone for a while.
    Pause(RefusalPause),
    /// A document needs no reading: it is unchanged, or could not be fetched.
    Done {
        task: Task,
        wanted: Box<DocumentTask>,
        sha256: Option<String>,
        status: DocumentStatus,
        reason: Option<Reason>,
    },
}

/// The writer with all that it needs.
pub(super) struct Writer<'a, L> {
    pub dataset: &'a mut Dataset,
    pub held: Option<&'a Dataset>,
    pub occasion: Occasion,
    pub options: &'a Options,
    pub reference: &'a Reference,
    pub sources: &'a [Arc<dyn Source>],
    pub listener: &'a mut L,
}

impl<L: FnMut(Event<'_>)> Writer<'_, L> {
    /// Handles messages until all senders are gone.
    pub(super) fn work(&mut self, mut messages: mpsc::Receiver<Message>) -> Result<(), UpdateError> {
        while let Some(message) = messages.blocking_recv() {
            self.take(message)?;
        }
        Ok(())
    }

    /// Where to ask what was held before this run.
    fn known(&self) -> &Dataset {
        self.held.unwrap_or(self.dataset)
    }

    fn take(&mut self, message: Message) -> Result<(), UpdateError> {
        // A reply that nobody waits for any more can be dropped: why the asker ended is reported elsewhere.
        match message {
            Message::Page { task, request, record, contents, reply } => {
                _ = reply.send(self.page(&task, &request, &record, *contents)?);
            }
            Message::PageFailed { task, request, reason, forget } => {
                if forget {
                    self.dataset.forget_page(&task.source, &request.url)?;
                }
                (self.listener)(Event::Page { source: &task.source, url: &request.url, failure: Some(&reason) });
                let outcome = PageOutcome { failure: Some(reason), ..PageOutcome::default() };
                self.dataset.page_failed(&task, &encode(&outcome)?)?;
            }
            Message::HeldPage { source, url, reply } => {
                _ = reply.send(self.known().page(&source, &url)?.map(Box::new));
            }
            Message::Listing { source, reply } => {
                let mut tasks = self.run_tasks()?;
                tasks.retain(|task| task.source == source);
                _ = reply.send((tasks, self.known().provider_pages(&source)?));
            }
            Message::Add { source, tasks, reply } => {
                let new = self.dataset.add_tasks(self.run()?, &source, &tasks)?;
                self.tell_found(&new);
                _ = reply.send(new);
            }
            Message::Fetched { task, sha256, validators, reply } => {
                self.dataset.document_fetched(&task, &sha256, &validators)?;
                _ = reply.send(());
            }
            Message::Pause(pause) => (self.listener)(Event::Pause(&pause)),
            Message::Read { task, wanted, processed } => {
                let mut processed = hold_against_titles(*processed, [&wanted.publication]);
                let mut listed = self.dataset.publications_of(&processed.sha256)?;
                listed.push(wanted.publication.clone());
                compare_with_listings(&mut processed, &listed, self.reference);
                let suspicious = suspicions(&processed.reading);
                let status = self.dataset.record(&wanted.publication, &processed, &self.now())?;
                let reason = processed.reading.reason();
                self.dataset.document_done(&task, Some(&processed.sha256), status, reason.as_ref())?;
                let read = document(&wanted, Some(processed.sha256), status, reason, suspicious);
                (self.listener)(Event::Document(&read));
            }
            Message::Done { task, wanted, sha256, status, reason } => {
                match &reason {
                    // What is held of the publication stays as it was.
                    Some(reason) if wanted.held.is_none() => {
                        self.dataset.record_failure(&wanted.publication, reason, &self.now())?;
                    }
                    _ => self.dataset.record_seen(&wanted.publication, &self.now())?,
                }
                self.close(&task, &wanted, sha256, status, reason)?;
            }
        }
        Ok(())
    }

    fn run(&self) -> Result<crate::store::RunId, UpdateError> {
        self.occasion.run.ok_or(UpdateError::Defect)
    }

    fn run_tasks(&self) -> Result<Vec<Task>, UpdateError> {
        Ok(self.dataset.tasks(self.run()?)?)
    }

    fn now(&self) -> Occasion {
        Occasion { at: Timestamp::now(), ..self.occasion }
    }

    fn page(
        &mut self,
        task: &Task,
        request: &PageRequest,
        record: &PageRecord,
        contents: Contents,
    ) -> Result<Vec<Task>, UpdateError> {
        let source = self.sources.iter().find(|source| source.name() == task.source).ok_or(UpdateError::Defect)?;
        let outcome = decide::outcome(request, &contents, self.known(), source.name())?;
        let pages = decide::further_pages(request, &contents)?;
        let mut record = record.clone();
        if !contents.alarms.is_empty() {
            // What a changed page does not show says nothing about what it showed before.
            let before = self.known().publications_on_page(source.name(), &request.url)?;
            record.publications = record.publications.max(before);
        }
        let shown = contents
            .publications
            .into_iter()
            .map(|publication| decide::publication(publication, source.as_ref(), self.options, self.known()))
            .collect::<Result<Vec<_>, _>>()?;
        let occasion = self.now();
        let new = self.dataset.page_done(&occasion, task, &record, &encode(&outcome)?, &pages, &shown)?;
        (self.listener)(Event::Page { source: &task.source, url: &request.url, failure: None });
        self.tell_found(&new);
        for task in &new {
            if let TaskState::DocumentDone(status, reason) = &task.state {
                let wanted: DocumentTask = decode(&task.payload)?;
                let report = document(&wanted, task.sha256.clone(), *status, reason.clone(), Vec::new());
                (self.listener)(Event::Document(&report));
            }
        }
        Ok(new)
    }

    fn tell_found(&mut self, new: &[Task]) {
        let pages = new.iter().filter(|task| task.kind == TaskKind::Page).count();
        (self.listener)(Event::Found { pages, publications: new.len() - pages });
    }

    fn close(
        &mut self,
        task: &Task,
        wanted: &DocumentTask,
        sha256: Option<String>,
        status: DocumentStatus,
        reason: Option<Reason>,
    ) -> Result<(), StoreError> {
        self.dataset.document_done(task, sha256.as_deref(), status, reason.as_ref())?;
        (self.listener)(Event::Document(&document(wanted, sha256, status, reason, Vec::new())));
        Ok(())
    }
}

/// What became of a publication, as reports tell it.
pub(super) fn document(
    wanted: &DocumentTask,
    sha256: Option<String>,
    status: DocumentStatus,
    reason: Option<Reason>,
    suspicious: Vec<Suspicion>,
) -> DocumentReport {
    DocumentReport { file: None, url: wanted.publication.url.clone(), sha256, status, reason, suspicious }
}
