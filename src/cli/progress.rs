//! A progress bar: only on a terminal, and only once the work takes more than a second.

use std::fmt::Write;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// The look of every bar. A template may use `{rate}`: steps each second.
#[must_use]
pub fn style(template: &str) -> ProgressStyle {
    let rate = |state: &ProgressState, out: &mut dyn Write| {
        // A bar that cannot be drawn is not a reason to stop.
        _ = write!(out, "{:.1}/s", state.per_sec());
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", rate).progress_chars("█▉░")
}

const DELAY: Duration = Duration::from_secs(1);

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
        bar.set_style(style(&format!("{{bar:32}} {{pos}} of {{len}} {what}, {{rate}}, {{eta}} left")));
        Self { bar, started: Instant::now(), show: !quiet && stderr().is_terminal() }
    }

    /// One more step is done.
    pub fn step(&mut self) {
        if self.show && self.bar.is_hidden() && self.started.elapsed() > DELAY {
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
