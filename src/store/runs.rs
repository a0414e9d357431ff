//! Runs: what was done and when, how it ended, and how each host behaved.

use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::values::{Columns, json, moment};
use super::{Dataset, Occasion};
use crate::domain::{DocumentStatus, Reason};

/// Number of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub(super) i64);

/// How many documents ended in each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// New in the dataset.
    pub stored: u64,
    /// Already held.
    pub unchanged: u64,
    /// With new bytes.
    pub revised: u64,
    /// Recognised as something else.
    pub set_aside: u64,
    /// Not fetched or not read.
    pub failed: u64,
}

impl Tally {
    /// Counts one more document.
    pub fn add(&mut self, status: DocumentStatus) {
        *match status {
            DocumentStatus::Stored => &mut self.stored,
            DocumentStatus::Unchanged => &mut self.unchanged,
            DocumentStatus::Revised => &mut self.revised,
            DocumentStatus::SetAside => &mut self.set_aside,
            DocumentStatus::Failed => &mut self.failed,
        } += 1;
    }

    /// All documents of the run.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.stored + self.unchanged + self.revised + self.set_aside + self.failed
    }
}

/// The result of a finished run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunResult {
    /// Documents by status.
    pub tally: Tally,
    /// The program's exit code.
    pub exit_code: i32,
    /// Statistics for each host that was asked, as the crawler keeps them.
    pub hosts: serde_json::Value,
    /// Advice and warnings of the run, for people.
    pub notes: Vec<String>,
}

/// A stored run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Its number; later runs have greater ones.
    pub run: RunId,
    /// The command ("update", "ingest", "rebuild").
    pub command: String,
    /// When it began, UTC.
    pub started_at: String,
    /// When it ended; none if it was interrupted or is still under way.
    pub finished_at: Option<String>,
    /// Documents by status.
    #[serde(flatten)]
    pub tally: Tally,
    /// The program's exit code.
    pub exit_code: Option<i32>,
    /// Statistics by host.
    pub hosts: serde_json::Value,
    /// Advice and warnings.
    pub notes: Vec<String>,
}

impl Dataset {
    /// Notes that a run begins.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn start_run(&mut self, command: &str, at: Timestamp) -> Result<RunId, StoreError> {
        self.connection
            .execute("INSERT INTO runs (command, started_at) VALUES (?1, ?2)", params![command, moment(at)])?;
        Ok(RunId(self.connection.last_insert_rowid()))
    }

    /// Notes how a run ended.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn finish_run(&mut self, run: RunId, result: &RunResult, at: Timestamp) -> Result<(), StoreError> {
        finish_in(&self.connection, run, result, at)
    }

    /// The latest runs, newest first.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn runs(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM runs ORDER BY run_no DESC LIMIT ?1")?;
        let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let columns = Columns::of(row);
            let count = |name| columns.get::<i64>(name).map(|n| u64::try_from(n).unwrap_or(0));
            runs.push(Run {
                run: RunId(columns.get("run_no")?),
                command: columns.get("command")?,
                started_at: columns.get("started_at")?,
                finished_at: columns.get("finished_at")?,
                tally: Tally {
                    stored: count("stored")?,
                    unchanged: count("unchanged")?,
                    revised: count("revised")?,
                    set_aside: count("set_aside")?,
                    failed: count("failed")?,
                },
                exit_code: columns.get("exit_code")?,
                hosts: columns.json("hosts")?,
                notes: columns.json("notes")?,
            });
        }
        Ok(runs)
    }
}

pub(super) fn finish_in(
    connection: &rusqlite::Connection,
    run: RunId,
    result: &RunResult,
    at: Timestamp,
) -> Result<(), StoreError> {
    let tally = result.tally;
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    connection.execute(
        "UPDATE runs SET finished_at = ?2, stored = ?3, unchanged = ?4, revised = ?5, set_aside = ?6, failed = ?7,
         exit_code = ?8, hosts = ?9, notes = ?10 WHERE run_no = ?1",
        params![
            run.0,
            moment(at),
            count(tally.stored),
            count(tally.unchanged),
            count(tally.revised),
            count(tally.set_aside),
            count(tally.failed),
            result.exit_code,
            json(&result.hosts)?,
            json(&result.notes)?,
        ],
    )?;
    Ok(())
}

/// Stores what became of one document in a run.
pub(super) fn note_document(
    connection: &rusqlite::Connection,
    occasion: &Occasion,
    publication_no: i64,
    sha256: Option<&str>,
    status: DocumentStatus,
    reason: Option<&Reason>,
) -> Result<(), StoreError> {
    let Some(run) = occasion.run else { return Ok(()) };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO run_documents (run_no, publication_no, sha256, status, reason_code, reason_message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            run.0,
            publication_no,
            sha256,
            status.to_string(),
            reason.map(|r| &r.code),
            reason.map(|r| &r.message),
        ])?;
    Ok(())
}
