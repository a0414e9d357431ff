//! The end of a run: every entry accounted for, each listing compared with its own count and with the last run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Zoned;

use super::decide::{DocumentTask, PageOutcome};
use super::report::{PageFailure, PublishedTooEarly, SourceReport, UpdateReport, Vanished};
use super::walk::Walked;
use super::writer::document;
use super::{Options, UpdateError, decode};
use crate::crawl::{Alarm, HostStatistics, PageKind, PageRequest, Source, Unlisted};
use crate::domain::{DocumentStatus, Letter, Reason};
use crate::store::{Dataset, RunId, Task, TaskKind, TaskState};

/// So many publications vanish at once only when something is wrong with the source; fewer are only reported.
const MANY_VANISHED: usize = 5;

/// Failures of a listing or host by which a source counts as gone, whatever else succeeded.
const BLOCKED: &[&str] = &["host_given_up", "asked_to_wait"];

/// Writes the report of a run, and marks what vanished.
pub(super) fn conclude(
    dataset: &mut Dataset,
    sources: &[Arc<dyn Source>],
    options: &Options,
    run: RunId,
    resumed: bool,
    hosts: BTreeMap<String, HostStatistics>,
) -> Result<UpdateReport, UpdateError> {
    let mut report = UpdateReport { resumed, dry_run: options.dry_run, hosts, ..UpdateReport::default() };
    let tasks = dataset.tasks(run)?;
    for source in sources {
        let own: Vec<&Task> = tasks.iter().filter(|task| task.source == source.name()).collect();
        let mut found = Findings::of(source.name(), &own, dataset, &mut report)?;
        if !options.dry_run {
            found.vanished(dataset, run, &mut report)?;
        }
        report.sources.push(found.into_report());
    }
    let alarmed = report.sources.iter().any(|source| !source.alarms.is_empty());
    let failed = report.run.some_failed() || !report.pages_failed.is_empty();
    report.exit_code = match (alarmed, failed) {
        (true, _) => 3,
        (false, true) => 2,
        (false, false) => 0,
    };
    Ok(report)
}

/// What one source's tasks tell.
struct Findings {
    report: SourceReport,
    /// Keys of all publications shown.
    shown: BTreeSet<String>,
    /// Pages that were fetched and are as they should be.
    sound_pages: BTreeSet<String>,
    /// Pages of providers that were fetched.
    provider_pages: usize,
    /// Areas that the run before listed and this one did not.
    missing: Vec<String>,
    /// The first failure that speaks of the whole source.
    blocked: Option<Reason>,
    walked: Walked,
}

impl Findings {
    fn of(name: &str, tasks: &[&Task], dataset: &Dataset, report: &mut UpdateReport) -> Result<Self, UpdateError> {
        let mut found = Self {
            report: SourceReport { source: name.to_owned(), ..SourceReport::default() },
            shown: BTreeSet::new(),
            sound_pages: BTreeSet::new(),
            provider_pages: 0,
            missing: Vec::new(),
            blocked: None,
            walked: Walked::default(),
        };
        for task in tasks {
            match (task.kind, &task.state) {
                (TaskKind::Page, TaskState::PageDone(outcome)) => {
                    found.walked.add(task)?;
                    found.page(&decode(&task.payload)?, decode(outcome)?, report);
                }
                (TaskKind::Document, state) => {
                    found.shown.insert(task.key.clone());
                    found.document(task, state, dataset, report)?;
                }
                _ => {}
            }
        }
        found.judge();
        Ok(found)
    }

    fn page(&mut self, request: &PageRequest, outcome: PageOutcome, report: &mut UpdateReport) {
        if request.unlisted == Some(Unlisted::SinceThisRun) {
            self.missing.push(request.provider.clone().unwrap_or_else(|| request.url.clone()));
        }
        let Some(reason) = outcome.failure else {
            self.report.pages += 1;
            self.provider_pages += usize::from(request.kind == PageKind::Provider);
            if outcome.alarms.is_empty() {
                self.sound_pages.insert(request.url.clone());
            }
            self.report.alarms.extend(outcome.alarms);
            return;
        };
        if request.unlisted.is_some() && reason.code == "not_found" {
            // Neither listed nor there: what it showed has vanished with it.
            self.sound_pages.insert(request.url.clone());
            return;
        }
        if request.kind == PageKind::Listing || BLOCKED.contains(&reason.code.as_str()) {
            self.blocked.get_or_insert_with(|| reason.clone());
        }
        report.pages_failed.push(PageFailure {
            source: self.report.source.clone(),
            url: request.url.clone(),
            provider: request.provider.clone(),
            reason,
        });
    }

    fn document(
        &mut self,
        task: &Task,
        state: &TaskState,
        dataset: &Dataset,
        report: &mut UpdateReport,
    ) -> Result<(), UpdateError> {
        let wanted: DocumentTask = decode(&task.payload)?;
        match state {
            TaskState::DocumentDone(status, reason) => {
                if let Some(reason) = reason.as_ref().filter(|reason| BLOCKED.contains(&reason.code.as_str())) {
                    self.blocked.get_or_insert_with(|| reason.clone());
                }
                let new = matches!(status, DocumentStatus::Stored | DocumentStatus::Revised);
                let letter = match task.sha256.as_ref().filter(|_| new) {
                    Some(sha256) => dataset.letter(sha256)?,
                    None => None,
                };
                report.too_early.extend(letter.as_ref().and_then(|letter| published_too_early(&wanted, letter)));
                let suspicious = letter.map(|letter| letter.suspicious).unwrap_or_default();
                report.run.add(document(&wanted, task.sha256.clone(), *status, reason.clone(), suspicious));
            }
            _ if report.dry_run => report.would_fetch.extend(wanted.publication.url),
            // A walk leaves no task open; if one is, it must not be lost from the count.
            _ => {
                let message = "the run ended before it was fetched; the next run fetches it".to_owned();
                let reason = Reason { code: "not_reached".to_owned(), message };
                report.run.add(document(
                    &wanted,
                    task.sha256.clone(),
                    DocumentStatus::Failed,
                    Some(reason),
                    Vec::new(),
                ));
            }
        }
        Ok(())
    }

    /// Compares the listing with its own count and with the run before.
    fn judge(&mut self) {
        let own = &mut self.report;
        own.stated = self.walked.stated();
        own.publications = self.shown.len();
        own.areas = self.walked.providers.len();
        let alarm = |code: &str, message: String| Alarm { code: code.to_owned(), message };
        if let Some(reason) = &self.blocked {
            own.alarms.push(alarm(
                "source_blocked",
                format!(
                    "not everything of this source could be fetched: {}; look whether it blocks us or is down",
                    reason.message
                ),
            ));
        }
        if self.walked.is_short() {
            own.alarms.push(alarm(
                "listing_short",
                format!(
                    "the listing states {} results, but {} were found in {} walks; open it and compare",
                    own.stated.unwrap_or_default(),
                    self.walked.found(),
                    self.walked.passes
                ),
            ));
        }
        if self.provider_pages > 0 && self.shown.is_empty() && own.alarms.is_empty() {
            let read = count(self.provider_pages, "page of an area", "pages of areas");
            own.alarms.push(alarm(
                "no_publications",
                format!("{read} had no publication; look whether the design of these pages changed"),
            ));
        }
        if !self.missing.is_empty() && !self.walked.broken {
            own.alarms.push(alarm(
                "areas_missing",
                format!(
                    "the listing lacks {} that it had in the last run: {}; their pages were read all the same",
                    count(self.missing.len(), "area", "areas"),
                    self.missing.join(", ")
                ),
            ));
        }
    }

    /// Marks the publications that the source shows no longer. Those whose page could not be fetched, or was not as it
    /// should be, are left as they are: nothing is known of them.
    fn vanished(&mut self, dataset: &mut Dataset, run: RunId, report: &mut UpdateReport) -> Result<(), UpdateError> {
        let name = self.report.source.clone();
        let mut there = self.shown.clone();
        there.extend(dataset.publications_off_pages(&name, &self.sound_pages)?);
        let held = dataset.publications(&name)?.len();
        let gone = dataset.vanish(&name, &there, Zoned::now().date(), Some(run))?;
        let lost = gone.iter().filter(|(_, successor)| successor.is_none()).count();
        if lost > MANY_VANISHED.max(held / 20) {
            self.report.alarms.push(Alarm {
                code: "many_vanished".to_owned(),
                message: format!(
                    "{} are no longer listed; look whether the site hides something or its design changed",
                    count(lost, "publication", "publications")
                ),
            });
        }
        report.vanished.extend(gone.into_iter().map(|(publication, replaced_by)| Vanished {
            source: publication.source,
            key: publication.key,
            url: publication.url,
            title: publication.title,
            provider: publication.provider,
            replaced_by,
        }));
        Ok(())
    }

    fn into_report(self) -> SourceReport {
        self.report
    }
}

/// A letter that its page says was published before the inspection was over: the page's dates mean something else.
fn published_too_early(wanted: &DocumentTask, letter: &Letter) -> Option<PublishedTooEarly> {
    let published_on = wanted.publication.published_on?;
    let inspected_until = letter.inspection.last_day();
    (published_on < inspected_until).then(|| PublishedTooEarly {
        source: wanted.publication.source.clone(),
        url: wanted.publication.url.clone(),
        letter_id: letter.id(),
        published_on,
        inspected_until,
    })
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
