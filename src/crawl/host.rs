//! One host: how it is treated, what it asked of us, and its counts.
//!
//! A [`Host`] is locked for as long as a request to it runs, which makes "one request at a time" a matter of
//! ownership and not of care. The pause is counted from the end of one answer to the start of the next request, so
//! that the server never sees two requests closer together than was promised.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::error::FetchError;
use super::manners::Settings;
use super::robots::Robots;

/// What was asked of one host in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HostStatistics {
    /// Requests sent, those for robots.txt, redirects and retries included.
    pub requests: u64,
    /// Bytes received, decompressed.
    pub bytes: u64,
    /// Requests that were sent again after a temporary failure.
    pub retries: u64,
    /// Answers that said "not modified".
    pub not_modified: u64,
    /// Answers that were failures.
    pub failures: u64,
    /// The longest pause between two requests that was kept, in milliseconds.
    pub pause_ms: u64,
}

/// What is known of a robots.txt.
#[derive(Debug, Clone)]
pub(crate) enum RobotsState {
    Known(Robots),
    /// It could not be fetched, so the whole origin is off limits, for this reason.
    Unavailable(FetchError),
}

/// The state of one host in one run.
#[derive(Debug, Default)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) statistics: HostStatistics,
    /// robots.txt of each origin (scheme, host and port), and when it was fetched.
    pub(crate) robots: BTreeMap<String, (Instant, RobotsState)>,
    /// What the host asked for beyond the configured pause: Crawl-delay, or slower after "too many requests".
    slower: Duration,
    not_before: Option<Instant>,
    /// Until when the host asked us to stay away.
    asked_until: Option<Instant>,
    /// Long pauses after refusals since the last one that helped.
    refusals: u32,
    failures_in_a_row: u32,
    last_failure: String,
}

impl Host {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Waits until the host may be asked again, or says why it will not be asked in this run.
    pub(crate) async fn wait_for_turn(&mut self, settings: &Settings) -> Result<(), FetchError> {
        if self.failures_in_a_row >= settings.give_up_after {
            return Err(FetchError::HostGivenUp {
                host: self.name.clone(),
                failures: self.failures_in_a_row,
                last: self.last_failure.clone(),
            });
        }
        let pause = self.pause(settings);
        if pause > settings.max_wait {
            return Err(FetchError::AskedToWait { host: self.name.clone(), wait: pause });
        }
        if let Some(until) = self.asked_until {
            let wait = until.saturating_duration_since(Instant::now());
            if wait > settings.max_wait {
                return Err(FetchError::AskedToWait { host: self.name.clone(), wait });
            }
        }
        if let Some(at) = self.not_before.max(self.asked_until) {
            tokio::time::sleep_until(at).await;
        }
        self.statistics.requests += 1;
        Ok(())
    }

    /// Notes that an answer has ended, well or not, and sets the pause before the next request.
    pub(crate) fn note_answer(&mut self, settings: &Settings, failure: Option<&FetchError>) {
        let pause = self.pause(settings);
        self.statistics.pause_ms = self.statistics.pause_ms.max(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        self.wait_at_least(pause);
        match failure {
            Some(error) => {
                self.statistics.failures += 1;
                if error.blames_host() {
                    self.failures_in_a_row += 1;
                    self.last_failure = error.to_string();
                } else {
                    self.failures_in_a_row = 0;
                }
            }
            None => self.failures_in_a_row = 0,
        }
    }

    /// The pause between two requests as things stand.
    pub(crate) fn pause(&self, settings: &Settings) -> Duration {
        settings.interval.max(self.slower)
    }

    /// Puts the next request off.
    pub(crate) fn wait_at_least(&mut self, pause: Duration) {
        let at = Instant::now().checked_add(pause);
        self.not_before = self.not_before.max(at);
    }

    /// The host named a time (Retry-After) before which it does not want to be asked.
    pub(crate) fn stay_away(&mut self, pause: Duration) {
        self.asked_until = self.asked_until.max(Instant::now().checked_add(pause));
    }

    /// Delays the next request after a refusal. Gives the pause, or `None` once too many pauses have been in vain.
    pub(crate) fn pause_after_refusal(&mut self, settings: &Settings) -> Option<Duration> {
        if self.refusals >= settings.refused_retries {
            return None;
        }
        let pause = settings.refused_pause.saturating_mul(2_u32.saturating_pow(self.refusals));
        self.refusals += 1;
        self.statistics.retries += 1;
        self.wait_at_least(pause);
        Some(pause)
    }

    /// A pause after a refusal helped, so the next refusal gets as many pauses again.
    pub(crate) fn refusal_passed(&mut self) {
        self.refusals = 0;
    }

    /// The host told us to be slower: a Crawl-delay.
    pub(crate) fn keep_delay(&mut self, delay: Duration) {
        self.slower = self.slower.max(delay);
    }

    /// The host said "too many requests": twice the pause for the rest of the run, within reason.
    pub(crate) fn slow_down(&mut self, settings: &Settings) {
        const MAX_PAUSE: Duration = Duration::from_secs(30);
        let pause = self.pause(settings);
        self.slower = pause.saturating_mul(2).min(MAX_PAUSE).max(pause);
    }
}
