//! The queue of pages and documents to fetch, and the state of each.

use rusqlite::{Connection, TransactionBehavior, params};

use crate::domain::{DocumentStatus, Reason};
use crate::store::Dataset;
use crate::store::error::StoreError;
use crate::store::runs::RunId;
use crate::store::values::Columns;

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

/// The state of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// Nothing was done yet.
    Waiting,
    /// The document is in the archive and must be read.
    Fetched,
    /// A page that was read or could not be fetched, with what it said (the crawler's JSON).
    PageDone(String),
    /// A document whose outcome is known.
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
    /// Its state.
    pub state: TaskState,
}

/// A task to insert; an existing one with the same identity stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// What it fetches.
    pub kind: TaskKind,
    /// Its identity within run, source and kind.
    pub key: String,
    /// The crawler's description of it (JSON).
    pub payload: String,
}

impl Dataset {
    /// All tasks of a run, in the order of their insertion.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn tasks(&self, run: RunId) -> Result<Vec<Task>, StoreError> {
        select_tasks(&self.connection, run, 0)
    }

    /// Inserts further tasks of a source and returns those that are new.
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
}

pub(super) fn enqueue(connection: &Connection, run: RunId, source: &str, task: &NewTask) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO crawl_tasks (run_no, source, kind, key, payload, state) VALUES (?1, ?2, ?3, ?4, ?5, 'waiting')
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![run.0, source, task.kind.word(), task.key, task.payload])?;
    Ok(())
}

pub(super) fn close_page(connection: &Connection, task: &Task, outcome: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE crawl_tasks SET state = 'done', outcome = ?2 WHERE task_no = ?1")?
        .execute(params![task.number, outcome])?;
    Ok(())
}

pub(super) fn close_document(
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

/// A document is recorded and its task closed in two steps; where a crash came between them, the record counts.
pub(super) fn close_recorded(connection: &Connection, run: i64) -> Result<(), StoreError> {
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

pub(super) fn last_task(connection: &Connection, run: RunId) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(task_no), 0) FROM crawl_tasks WHERE run_no = ?1")?
        .query_row([run.0], |row| row.get(0))?)
}

pub(super) fn select_tasks(connection: &Connection, run: RunId, after: i64) -> Result<Vec<Task>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM crawl_tasks WHERE run_no = ?1 AND task_no > ?2 ORDER BY task_no")?;
    let mut rows = statement.query([run.0, after])?;
    let mut tasks = Vec::new();
    while let Some(row) = rows.next()? {
        let columns = Columns::of(row);
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
