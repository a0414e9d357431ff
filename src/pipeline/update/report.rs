//! What an update did and noticed, and what it reports while it works.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::crawl::{Alarm, HostStatistics, RefusalPause};
use crate::domain::Reason;
use crate::pipeline::report::{DocumentReport, RunReport};

/// A step of a run under way.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The run began or was resumed.
    Started {
        /// Whether an interrupted run goes on.
        resumed: bool,
        /// Pages that it begins with.
        pages: usize,
    },
    /// There is more to do than was known.
    Found {
        /// Further pages.
        pages: usize,
        /// Further publications, those that need no fetching included.
        publications: usize,
    },
    /// A page was read, or could not be fetched.
    Page {
        /// The source.
        source: &'a str,
        /// The page.
        url: &'a str,
        /// Why it could not be fetched.
        failure: Option<&'a Reason>,
    },
    /// A publication has its outcome.
    Document(&'a DocumentReport),
    /// A host refused a request and is left alone for a while.
    Pause(&'a RefusalPause),
}

/// A page that could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageFailure {
    /// The source.
    pub source: String,
    /// The page.
    pub url: String,
    /// The provider whose page it is.
    pub provider: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// A publication that its source no longer shows. What is held of it stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vanished {
    /// The source.
    pub source: String,
    /// Its identity there.
    pub key: String,
    /// Its address.
    pub url: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The area.
    pub provider: Option<String>,
    /// The publication that shows the same letter now.
    pub replaced_by: Option<String>,
}

/// A letter that was published before its inspection was over, if its page is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedTooEarly {
    /// The source.
    pub source: String,
    /// Address of the document.
    pub url: Option<String>,
    /// The letter.
    pub letter_id: String,
    /// Day of publication, as the page gives it.
    pub published_on: Date,
    /// Last day of the inspection, as the letter gives it.
    pub inspected_until: Date,
}

/// What was found at one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    /// The source.
    pub source: String,
    /// The number of results that its listing states.
    pub stated: Option<u32>,
    /// The areas that its listing links to.
    pub areas: usize,
    /// The publications that its pages show.
    pub publications: usize,
    /// Pages that were read.
    pub pages: usize,
    /// What was not as it should be.
    pub alarms: Vec<Alarm>,
}

/// What an update did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UpdateReport {
    /// Documents, counted and listed.
    #[serde(flatten)]
    pub run: RunReport,
    /// Whether an interrupted run was resumed.
    pub resumed: bool,
    /// Whether nothing was fetched but listings, and nothing changed.
    pub dry_run: bool,
    /// Addresses that a dry run would have fetched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_fetch: Vec<String>,
    /// Each source.
    pub sources: Vec<SourceReport>,
    /// Pages that could not be fetched.
    pub pages_failed: Vec<PageFailure>,
    /// Publications that are shown no longer.
    pub vanished: Vec<Vanished>,
    /// Letters of this run whose day of publication cannot be right.
    pub too_early: Vec<PublishedTooEarly>,
    /// What was asked of each host.
    pub hosts: BTreeMap<String, HostStatistics>,
    /// The exit code of the run.
    pub exit_code: u8,
}

impl UpdateReport {
    /// Everything that someone should look at, a line each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for source in &self.sources {
            for alarm in &source.alarms {
                notes.push(format!("{}: {} ({})", source.source, alarm.message, alarm.code));
            }
        }
        for page in &self.pages_failed {
            notes.push(format!("{}: page not fetched: {} ({})", page.source, page.reason.message, page.reason.code));
        }
        for early in &self.too_early {
            let name = early.url.as_deref().unwrap_or(&early.letter_id);
            notes.push(format!(
                "{}: {name} is said to be published on {}, but its inspection ended on {}; look which of the page's dates \
                 is the publication's (published_too_early)",
                early.source, early.published_on, early.inspected_until
            ));
        }
        for gone in &self.vanished {
            let name = gone.url.as_deref().unwrap_or(&gone.key);
            let title = gone.title.as_deref().unwrap_or("without a title");
            let area = gone.provider.as_deref().unwrap_or("an unnamed area");
            notes.push(match &gone.replaced_by {
                Some(by) => format!("{}: {name} ({title}, {area}) was replaced by {by}", gone.source),
                None => format!("{}: {name} ({title}, {area}) is no longer listed; it is kept and marked", gone.source),
            });
        }
        notes
    }
}
