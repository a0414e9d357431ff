//! The queue of a crawl, kept so that a run that was killed goes on where it was, and what a crawl remembers of its
//! pages for the next one.
//!
//! A task is a page or a document. What a page leads to is entered in the same transaction that closes the page, so
//! after any crash each task is either open or has left everything that follows from it. The payloads are the
//! crawler's own and are not looked into here.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::error::StoreError;
use super::publications::{mark_vanished_in, seen, set_status, upsert};
use super::runs::{RunId, RunResult, finish_in};
use super::values::{Columns, moment};
use super::{Dataset, Occasion, current};
use crate::domain::{DocumentStatus, Publication, Reason};

/// What a task fetches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskKind {
    /// A page of a source.
    Page,
    /// The document of a publication.
    Document,
}

impl TaskKind {
    fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Document => "document",
        }
    }
}

/// How far a task is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// Nothing was done yet.
    Waiting,
    /// The document is in the archive and must be read.
    Fetched,
    /// A page that was read or could not be had: what it said (JSON of the crawler).
    PageDone(String),
    /// A document that has its outcome.
    DocumentDone(DocumentStatus, Option<Reason>),
}

/// A task of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its number in the queue.
    pub number: i64,
    /// The source it belongs to.
    pub source: String,
    /// What it fetches.
    pub kind: TaskKind,
    /// Its identity within run, source and kind.
    pub key: String,
    /// The crawler's description of it (JSON).
    pub payload: String,
    /// The document's hash, once it was fetched.
    pub sha256: Option<String>,
    /// How far it is.
    pub state: TaskState,
}

/// A task to enter; one with the same identity that is there already stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// What it fetches.
    pub kind: TaskKind,
    /// Its identity within run, source and kind.
    pub key: String,
    /// The crawler's description of it (JSON).
    pub payload: String,
}

/// What a page showed of one publication, and what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The entry.
    pub publication: Publication,
    /// What to do.
    pub action: Action,
    /// The crawler's description of the task (JSON).
    pub payload: String,
}

/// What is to be done about a publication that a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Its document is fetched.
    Fetch,
    /// Its document is held, and need not be fetched again.
    Held {
        /// The document.
        sha256: String,
    },
    /// It is not wanted, for this reason. It is entered in the dataset only if `lasting`.
    SetAside {
        /// Why.
        reason: Reason,
        /// Whether the reason lies in the publication and not in what this run was asked to do.
        lasting: bool,
    },
}

/// A page as it was had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRecord {
    /// Its address.
    pub url: String,
    /// The crawler's description of it (JSON).
    pub request: String,
    /// The provider whose page it is.
    pub provider_key: Option<String>,
    /// The provider's name.
    pub provider: Option<String>,
    /// `ETag` of the answer.
    pub etag: Option<String>,
    /// `Last-Modified` of the answer.
    pub last_modified: Option<String>,
    /// Its bytes; kept only where the answer had one of the two.
    pub body: Vec<u8>,
    /// How many publications it shows.
    pub publications: u32,
    /// Whether the listing leads to it.
    pub listed: bool,
}

/// What asks a server whether a document changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentValidators {
    /// The `ETag`.
    pub etag: Option<String>,
    /// The `Last-Modified`.
    pub last_modified: Option<String>,
}

impl Dataset {
    /// Begins a crawl, or takes up the one that was interrupted if it was asked to do the same (`options`) and began
    /// less than `fresh` ago. Gives the run and whether it was taken up.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn begin_crawl(
        &mut self,
        options: &str,
        first: &[(String, NewTask)],
        at: Timestamp,
        fresh: SignedDuration,
    ) -> Result<(RunId, bool), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let interrupted: Option<(i64, String, String)> = transaction
            .query_row(
                "SELECT r.run_no, r.started_at, c.options FROM crawl_runs AS c JOIN runs AS r ON r.run_no = c.run_no
                 WHERE r.finished_at IS NULL ORDER BY r.run_no DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        if let Some((run, started, asked)) = interrupted
            && asked == options
            && started.parse::<Timestamp>().is_ok_and(|started| at.duration_since(started) < fresh)
        {
            close_recorded(&transaction, run)?;
            transaction.commit()?;
            return Ok((RunId(run), true));
        }
        transaction.execute_batch("DELETE FROM crawl_tasks; DELETE FROM crawl_runs;")?;
        transaction.execute("INSERT INTO runs (command, started_at) VALUES ('update', ?1)", params![moment(at)])?;
        let run = RunId(transaction.last_insert_rowid());
        transaction.execute("INSERT INTO crawl_runs VALUES (?1, ?2)", params![run.0, options])?;
        for (source, task) in first {
            enqueue(&transaction, run, source, task)?;
        }
        transaction.commit()?;
        Ok((run, false))
    }

    /// All tasks of a run in the order in which they were entered.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn tasks(&self, run: RunId) -> Result<Vec<Task>, StoreError> {
        select_tasks(&self.connection, run, 0)
    }

    /// Enters further tasks of a source, and gives those that are new.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn add_tasks(&mut self, run: RunId, source: &str, tasks: &[NewTask]) -> Result<Vec<Task>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = last_task(&transaction, run)?;
        for task in tasks {
            enqueue(&transaction, run, source, task)?;
        }
        let new = select_tasks(&transaction, run, before)?;
        transaction.commit()?;
        Ok(new)
    }

    /// Closes a page that was had: keeps it, enters what it shows and leads to, all at once. Gives the new tasks, those
    /// that need no fetching included.
    ///
    /// # Errors
    /// SQLite refused; the page is still open then.
    pub fn page_done(
        &mut self,
        occasion: &Occasion,
        task: &Task,
        page: &PageRecord,
        outcome: &str,
        pages: &[NewTask],
        shown: &[Shown],
    ) -> Result<Vec<Task>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        keep_page(&transaction, &task.source, page)?;
        let run = occasion.run.unwrap_or(RunId(0));
        let before = last_task(&transaction, run)?;
        for entry in shown {
            show(&transaction, occasion, run, &page.url, entry)?;
        }
        for page in pages {
            enqueue(&transaction, run, &task.source, page)?;
        }
        close_page(&transaction, task, outcome)?;
        let new = select_tasks(&transaction, run, before)?;
        transaction.commit()?;
        Ok(new)
    }

    /// Closes a page that could not be had.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn page_failed(&mut self, task: &Task, outcome: &str) -> Result<(), StoreError> {
        close_page(&self.connection, task, outcome)
    }

    /// Notes that a document is in the archive, so that it is not fetched again whatever happens.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn document_fetched(
        &mut self,
        task: &Task,
        sha256: &str,
        validators: &DocumentValidators,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached("UPDATE crawl_tasks SET state = 'fetched', sha256 = ?2 WHERE task_no = ?1")?
            .execute(params![task.number, sha256])?;
        transaction
            .prepare_cached("UPDATE crawl_documents SET etag = ?3, last_modified = ?4 WHERE source = ?1 AND key = ?2")?
            .execute(params![task.source, task.key, validators.etag, validators.last_modified])?;
        transaction.commit()?;
        Ok(())
    }

    /// Closes a document's task.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn document_done(
        &mut self,
        task: &Task,
        sha256: Option<&str>,
        status: DocumentStatus,
        reason: Option<&Reason>,
    ) -> Result<(), StoreError> {
        close_document(&self.connection, task.number, sha256, status, reason)
    }

    /// A page as it was last had, if a conditional request can be made for it.
    ///
    /// # Errors
    /// SQLite refused, or the page is damaged.
    pub fn page(&self, source: &str, url: &str) -> Result<Option<PageRecord>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM crawl_pages WHERE source = ?1 AND url = ?2 AND body IS NOT NULL")?;
        let mut rows = statement.query([source, url])?;
        rows.next()?.map(read_page).transpose()
    }

    /// How many publications a page showed when it was last had.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn publications_on_page(&self, source: &str, url: &str) -> Result<u32, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT publications FROM crawl_pages WHERE source = ?1 AND url = ?2")?
            .query_row([source, url], |row| row.get(0))
            .optional()?
            .unwrap_or(0))
    }

    /// The pages of providers that earlier runs met, without their bodies.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn provider_pages(&self, source: &str) -> Result<Vec<PageRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT url, request, provider_key, provider, etag, last_modified, NULL AS body, publications, listed
             FROM crawl_pages WHERE source = ?1 AND provider_key IS NOT NULL ORDER BY provider_key, url",
        )?;
        let mut rows = statement.query([source])?;
        let mut pages = Vec::new();
        while let Some(row) = rows.next()? {
            pages.push(read_page(row)?);
        }
        Ok(pages)
    }

    /// Forgets a page that is there no longer.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn forget_page(&mut self, source: &str, url: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM crawl_pages WHERE source = ?1 AND url = ?2")?
            .execute([source, url])?;
        Ok(())
    }

    /// What asks a server whether the document of a publication changed.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn document_validators(&self, source: &str, key: &str) -> Result<Option<DocumentValidators>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT etag, last_modified FROM crawl_documents WHERE source = ?1 AND key = ?2")?
            .query_row([source, key], |row| Ok(DocumentValidators { etag: row.get(0)?, last_modified: row.get(1)? }))
            .optional()?)
    }

    /// The entry of a publication as the last listing had it.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn publication(&self, source: &str, key: &str) -> Result<Option<Publication>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM publications WHERE source = ?1 AND key = ?2")?;
        let mut rows = statement.query([source, key])?;
        rows.next()?.map(super::publications::read).transpose()
    }

    /// The publications of a source whose page is none of those given.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn publications_off_pages(
        &self,
        source: &str,
        pages: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT key, page FROM crawl_documents WHERE source = ?1")?;
        let mut rows = statement.query([source])?;
        let mut keys = BTreeSet::new();
        while let Some(row) = rows.next()? {
            if !pages.contains(&row.get::<_, String>(1)?) {
                keys.insert(row.get(0)?);
            }
        }
        Ok(keys)
    }

    /// Marks the publications of a source that were not seen, as [`Dataset::mark_vanished`] does. Gives those whose
    /// document is held, each with the key of the publication that took its place, if one of the same source shows
    /// the same letter.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn vanish(
        &mut self,
        source: &str,
        seen: &BTreeSet<String>,
        on: Date,
    ) -> Result<Vec<(Publication, Option<String>)>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut gone = Vec::new();
        for publication in mark_vanished_in(&transaction, source, seen, on)? {
            let (number, held): (i64, bool) = transaction
                .prepare_cached(
                    "SELECT publication_no, EXISTS (SELECT 1 FROM revisions AS r WHERE r.publication_no = p.publication_no)
                     FROM publications AS p WHERE source = ?1 AND key = ?2",
                )?
                .query_row([source, &publication.key], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if held {
                current::refresh(&transaction, &current::ids_of_publication(&transaction, number)?)?;
                let successor = current::successor(&transaction, number)?;
                gone.push((publication, successor));
            }
        }
        transaction.commit()?;
        Ok(gone)
    }

    /// Ends a crawl: keeps its result and empties its queue.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn finish_crawl(&mut self, run: RunId, result: &RunResult, at: Timestamp) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        finish_in(&transaction, run, result, at)?;
        transaction.execute("DELETE FROM crawl_tasks WHERE run_no = ?1", [run.0])?;
        transaction.execute("DELETE FROM crawl_runs WHERE run_no = ?1", [run.0])?;
        transaction.commit()?;
        Ok(())
    }
}

/// A document is recorded and its task closed in two steps; where a crash came between them, the record counts.
fn close_recorded(connection: &Connection, run: i64) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE crawl_tasks AS t SET state = 'done', sha256 = d.sha256, status = d.status,
             reason_code = d.reason_code, reason_message = d.reason_message
         FROM run_documents AS d JOIN publications AS p ON p.publication_no = d.publication_no
         WHERE t.run_no = ?1 AND d.run_no = ?1 AND t.kind = 'document' AND t.state <> 'done'
             AND p.source = t.source AND p.key = t.key",
        [run],
    )?;
    Ok(())
}

fn enqueue(connection: &Connection, run: RunId, source: &str, task: &NewTask) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO crawl_tasks (run_no, source, kind, key, payload, state) VALUES (?1, ?2, ?3, ?4, ?5, 'waiting')
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![run.0, source, task.kind.word(), task.key, task.payload])?;
    Ok(())
}

fn show(connection: &Connection, occasion: &Occasion, run: RunId, page: &str, entry: &Shown) -> Result<(), StoreError> {
    let publication = &entry.publication;
    let task = NewTask { kind: TaskKind::Document, key: publication.key.clone(), payload: entry.payload.clone() };
    let before = last_task(connection, run)?;
    enqueue(connection, run, &publication.source, &task)?;
    let number = last_task(connection, run)?;
    if number == before {
        // Another page of this run showed it first.
        return Ok(());
    }
    match &entry.action {
        Action::Fetch => {
            upsert(connection, publication, occasion)?;
        }
        Action::Held { sha256 } => {
            seen(connection, publication, occasion)?;
            close_document(connection, number, Some(sha256), DocumentStatus::Unchanged, None)?;
        }
        Action::SetAside { reason, lasting } => {
            if *lasting {
                let number = upsert(connection, publication, occasion)?;
                set_status(connection, number, "set_aside", Some(reason))?;
            }
            close_document(connection, number, None, DocumentStatus::SetAside, Some(reason))?;
        }
    }
    connection
        .prepare_cached(
            "INSERT INTO crawl_documents (source, key, page) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET page = excluded.page",
        )?
        .execute([&publication.source, &publication.key, page])?;
    Ok(())
}

fn close_page(connection: &Connection, task: &Task, outcome: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE crawl_tasks SET state = 'done', outcome = ?2 WHERE task_no = ?1")?
        .execute(params![task.number, outcome])?;
    Ok(())
}

fn close_document(
    connection: &Connection,
    task: i64,
    sha256: Option<&str>,
    status: DocumentStatus,
    reason: Option<&Reason>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE crawl_tasks SET state = 'done', sha256 = coalesce(?2, sha256), status = ?3, reason_code = ?4,
             reason_message = ?5 WHERE task_no = ?1",
        )?
        .execute(params![task, sha256, status.to_string(), reason.map(|r| &r.code), reason.map(|r| &r.message)])?;
    Ok(())
}

fn keep_page(connection: &Connection, source: &str, page: &PageRecord) -> Result<(), StoreError> {
    let body = if page.etag.is_some() || page.last_modified.is_some() { Some(squeeze(&page.body)?) } else { None };
    connection
        .prepare_cached(
            "INSERT INTO crawl_pages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET
                 request = excluded.request, provider_key = excluded.provider_key, provider = excluded.provider,
                 etag = excluded.etag, last_modified = excluded.last_modified, body = excluded.body,
                 publications = excluded.publications, listed = excluded.listed",
        )?
        .execute(params![
            source,
            page.url,
            page.request,
            page.provider_key,
            page.provider,
            page.etag,
            page.last_modified,
            body,
            page.publications,
            page.listed
        ])?;
    Ok(())
}

fn read_page(row: &Row<'_>) -> Result<PageRecord, StoreError> {
    let columns = Columns(row);
    let body: Option<Vec<u8>> = columns.get("body")?;
    Ok(PageRecord {
        url: columns.get("url")?,
        request: columns.get("request")?,
        provider_key: columns.get("provider_key")?,
        provider: columns.get("provider")?,
        etag: columns.get("etag")?,
        last_modified: columns.get("last_modified")?,
        body: body.as_deref().map(expand).transpose()?.unwrap_or_default(),
        publications: columns.get("publications")?,
        listed: columns.get("listed")?,
    })
}

fn last_task(connection: &Connection, run: RunId) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(task_no), 0) FROM crawl_tasks WHERE run_no = ?1")?
        .query_row([run.0], |row| row.get(0))?)
}

fn select_tasks(connection: &Connection, run: RunId, after: i64) -> Result<Vec<Task>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM crawl_tasks WHERE run_no = ?1 AND task_no > ?2 ORDER BY task_no")?;
    let mut rows = statement.query([run.0, after])?;
    let mut tasks = Vec::new();
    while let Some(row) = rows.next()? {
        let columns = Columns(row);
        let kind = if columns.get::<String>("kind")? == "page" { TaskKind::Page } else { TaskKind::Document };
        let state = match (columns.get::<String>("state")?.as_str(), kind) {
            ("waiting", _) => TaskState::Waiting,
            ("fetched", _) => TaskState::Fetched,
            (_, TaskKind::Page) => TaskState::PageDone(columns.get("outcome")?),
            (_, TaskKind::Document) => {
                let reason = match columns.get::<Option<String>>("reason_code")? {
                    Some(code) => Some(Reason {
                        code,
                        message: columns.get::<Option<String>>("reason_message")?.unwrap_or_default(),
                    }),
                    None => None,
                };
                let status: String = columns.get("status")?;
                let unknown = |_| StoreError::Unknown { what: "document status", value: status.clone() };
                TaskState::DocumentDone(status.parse().map_err(unknown)?, reason)
            }
        };
        tasks.push(Task {
            number: columns.get("task_no")?,
            source: columns.get("source")?,
            kind,
            key: columns.get("key")?,
            payload: columns.get("payload")?,
            sha256: columns.get("sha256")?,
            state,
        });
    }
    Ok(tasks)
}

fn squeeze(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_err(|error| StoreError::Damaged(format!("a page could not be packed: {error}")))
}

fn expand(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed)
        .read_to_end(&mut bytes)
        .map_err(|error| StoreError::Damaged(format!("a stored page: {error}")))?;
    Ok(bytes)
}
