//! A run that is entered in the dataset's diary: begun, filled with documents, ended.

use jiff::Timestamp;

use super::report::{DocumentReport, RunReport};
use crate::store::{Dataset, Occasion, RunId, RunResult, StoreError};

/// A run under way.
pub(super) struct Run {
    id: RunId,
    started_at: Timestamp,
    report: RunReport,
}

impl Run {
    /// Enters the run of a command.
    pub(super) fn begin(dataset: &mut Dataset, command: &str) -> Result<Self, StoreError> {
        let started_at = Timestamp::now();
        let id = dataset.start_run(command, started_at)?;
        Ok(Self { id, started_at, report: RunReport::default() })
    }

    /// What documents of this run are recorded with.
    pub(super) fn occasion(&self) -> Occasion {
        Occasion { run: Some(self.id), at: self.started_at }
    }

    /// Adds a document that was recorded.
    pub(super) fn add(&mut self, document: DocumentReport) {
        self.report.add(document);
    }

    /// Enters how the run ended, and gives its report.
    pub(super) fn end(self, dataset: &mut Dataset) -> Result<RunReport, StoreError> {
        let exit_code = if self.report.some_failed() { 2 } else { 0 };
        let result = RunResult { tally: self.report.tally, exit_code, ..RunResult::default() };
        dataset.finish_run(self.id, &result, Timestamp::now())?;
        dataset.tidy()?;
        Ok(self.report)
    }
}
