//! A progress bar for people, nothing for pipes: only on a terminal, and only once work takes over a second.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PATIENCE: Duration = Duration::from_secs(1);

/// Progress of one piece of work with a known number of steps.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    show: bool,
}

impl Progress {
    /// Starts counting `total` steps of `what` ("documents"). Never shows when `quiet` or when standard error is not
    /// a terminal.
    #[must_use]
    pub fn new(what: &str, total: u64, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let template = format!("{{bar:32}} {{pos}} of {{len}} {what}, {{per_sec}}, {{eta}} left {{msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("█▉ "));
        }
        Self { bar, started: Instant::now(), show: !quiet && stderr().is_terminal() }
    }

    /// One more step is done.
    pub fn step(&mut self) {
        if self.show && self.bar.is_hidden() && self.started.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(1);
    }

    /// Runs something that prints to standard error without tearing the bar.
    pub fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        self.bar.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
