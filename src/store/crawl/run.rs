//! A crawl from beginning to end, with one transaction for each step.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::documents::DocumentValidators;
use super::pages::{PageRecord, keep_page};
use super::tasks::{
    NewTask, Task, TaskKind, close_document, close_page, close_recorded, enqueue, last_task, select_tasks,
};
use crate::domain::{DocumentStatus, Publication, Reason};
use crate::store::error::StoreError;
use crate::store::publications::{seen, set_status, upsert};
use crate::store::runs::{RunId, RunResult, finish_in};
use crate::store::values::moment;
use crate::store::{Dataset, Occasion};

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

impl Dataset {
    /// Begins a crawl, or resumes an interrupted one if it had the same `options` and began less than `fresh` ago. Returns the
    /// run and whether it was resumed.
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

    /// Closes a page that was fetched: stores it, what it shows and where it leads, all at once. Returns the new tasks,
    /// including those that need no fetching.
    ///
    /// # Errors
    /// SQLite refused; then the page is still open.
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

    /// Closes a page that could not be fetched.
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

    /// Ends a crawl: stores its result and empties its queue.
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
