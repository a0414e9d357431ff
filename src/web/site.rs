//! What every handler works with: the pool of database handles, the reference tables, the codebook and the settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use super::pool::Pool;
use crate::codebook::Codebook;
use crate::reference::Reference;
use crate::view::briefing::Briefing;
use crate::view::citation::{self, Citation};

/// How the service is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory.
    pub data_dir: PathBuf,
    /// How many questions may run at once.
    pub readers: usize,
    /// How long one question may take.
    pub longest: Duration,
    /// Whether each request is written to standard error.
    pub log: bool,
    /// The day to compare due dates with; `None` for the day of the request.
    pub today: Option<Date>,
}

impl Settings {
    /// The usual limits for this machine.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { data_dir, readers: (cores * 2).clamp(4, 32), longest: Duration::from_secs(10), log: true, today: None }
    }
}

/// What all requests share.
#[derive(Debug)]
pub struct Site {
    /// Database handles for questions.
    pub pool: Pool,
    /// Areas, neighbours and register.
    pub reference: Arc<Reference>,
    /// Themes.
    pub codebook: Arc<Codebook>,
    /// Questions and evidence for briefings.
    pub briefing: Briefing,
    settings: Settings,
}

impl Site {
    /// Nothing is opened before the first question, so that the service can start before there is a dataset.
    #[must_use]
    pub fn new(settings: Settings, reference: Arc<Reference>, codebook: Arc<Codebook>, briefing: Briefing) -> Self {
        Self {
            pool: Pool::new(settings.data_dir.clone(), settings.readers, settings.longest),
            reference,
            codebook,
            briefing,
            settings,
        }
    }

    /// The day that due dates are compared with.
    #[must_use]
    pub fn today(&self) -> Date {
        self.settings.today.unwrap_or_else(|| jiff::Zoned::now().date())
    }

    /// How to cite a chart of this title.
    pub async fn chart_citation(&self, title: &str) -> Citation {
        let held_to = self.pool.snapshot().await.ok().and_then(|snapshot| snapshot.latest.inspection);
        citation::of_chart(title, self.today(), held_to)
    }

    /// Writes a line to the log.
    pub fn log(&self, line: &str) {
        if self.settings.log {
            eprintln!("{} {line}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"));
        }
    }
}
