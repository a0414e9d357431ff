//! Shares of letters that *have* a theme, where the dataset knows only which letters are *coded* with it.
//!
//! The coder misses some letters and adds others, at rates known from labelled letters ([`ErrorModel`]). A share of coded
//! letters `q` becomes the corrected share `(q - false alarms) / (sensitivity - false alarms)`:
//! - W. J. Rogan and B. Gladen (1978), "Estimating prevalence from the results of a screening test", American Journal of
//!   Epidemiology 107, 71-76.
//!
//! Its 95% interval carries both uncertainties: those of the letters counted and of the labelled ones. Coded share,
//! sensitivity and false alarms are drawn from what is known of them, and the corrected share is computed for each draw;
//! the interval holds the middle 95% of them:
//! - M. Flor, M. Weiß, T. Selhorst, C. Müller-Graf, M. Greiner (2020), "Comparison of Bayesian and frequentist methods
//!   for prevalence estimation under misclassification", BMC Public Health 20, 1135.
//!
//! Draws start from a fixed seed, so the same counts give the same interval. `docs/method.md` has the simulation that
//! this method was chosen by.

use serde::Serialize;

use super::error_model::{Chance, ErrorModel};
use super::stats::{as_f64, wilson};
use crate::domain::LetterCounts;

/// Sensitivity less false alarms, below which a correction would only blow up noise.
const LEAST_INFORMED: f64 = 0.3;

/// A share corrected for the coder's errors.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Adjusted {
    /// The corrected share; nothing where no correction can be made.
    pub adjusted_share: Option<f64>,
    /// Lower end of its 95% interval.
    pub adjusted_low: Option<f64>,
    /// Upper end.
    pub adjusted_high: Option<f64>,
    /// Labelled letters that the error rates were counted on.
    pub error_basis: Option<u32>,
    /// Why there is no corrected share.
    pub not_adjusted: Option<String>,
}

impl Adjusted {
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self { not_adjusted: Some(why.into()), ..Self::default() }
    }

    /// The corrected share with its interval, where it differs from the raw share by more than a point.
    #[must_use]
    pub fn where_it_matters(&self, raw: Option<f64>) -> Option<(f64, f64, f64)> {
        let (share, low, high) = (self.adjusted_share?, self.adjusted_low?, self.adjusted_high?);
        ((share - raw?).abs() > 0.01).then_some((share, low, high))
    }
}

/// Letters coded with a theme among those counted. Letters whose formal items people have all checked are known, so
/// they are counted as they are; the coder's errors concern the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Letters coded with the theme, by the coder alone or in part.
    pub coded: usize,
    /// Of so many letters.
    pub of_coded: usize,
    /// Letters that people gave the theme.
    pub known: usize,
    /// Of so many letters that people checked whole.
    pub of_known: usize,
}

impl Counted {
    /// Letters that the coder alone has read.
    #[must_use]
    pub fn by_coder(coded: usize, of_coded: usize) -> Self {
        Self { coded, of_coded, ..Self::default() }
    }
}

/// The corrected share of letters that have a theme, by the labelled letters of this theme and of all.
#[must_use]
pub fn correct(errors: &ErrorModel, labelled: &LetterCounts, counted: Counted) -> Adjusted {
    if counted.of_coded == 0 {
        return known(counted);
    }
    let (sensitivity, false_alarms) = errors.expected(labelled);
    let informed = sensitivity - false_alarms;
    if informed < LEAST_INFORMED {
        return Adjusted::refused("the coder hardly tells such letters from others");
    }
    let total = as_f64(counted.of_coded + counted.of_known);
    let weight = as_f64(counted.of_coded) / total;
    let coded = as_f64(counted.coded) / as_f64(counted.of_coded);
    let share = weight * ((coded - false_alarms) / informed).clamp(0.0, 1.0) + as_f64(counted.known) / total;

    let mut chance = Chance::seeded(1978);
    // A uniform prior for what was counted.
    let mut proportion = |count, of| chance.beta(as_f64(count) + 1.0, as_f64(of - count) + 1.0);
    let mut draws: Vec<f64> = errors
        .draws(labelled)
        .iter()
        .map(|(sensitivity, false_alarms)| {
            let coded = proportion(counted.coded, counted.of_coded);
            let by_coder = ((coded - false_alarms) / (sensitivity - false_alarms)).clamp(0.0, 1.0);
            let known = if counted.of_known == 0 { 0.0 } else { proportion(counted.known, counted.of_known) };
            weight * by_coder + (1.0 - weight) * known
        })
        .collect();
    let (low, high) = middle(&mut draws);
    Adjusted {
        adjusted_share: Some(share),
        adjusted_low: Some(low.min(share)),
        adjusted_high: Some(high.max(share)),
        error_basis: Some(labelled.has + labelled.has_not),
        not_adjusted: None,
    }
}

/// Where people checked every letter there is nothing to correct.
pub(super) fn known(counted: Counted) -> Adjusted {
    let interval = wilson(counted.known, counted.of_known);
    Adjusted {
        adjusted_share: (counted.of_known > 0).then(|| as_f64(counted.known) / as_f64(counted.of_known)),
        adjusted_low: interval.map(|(low, _)| low),
        adjusted_high: interval.map(|(_, high)| high),
        error_basis: Some(0),
        not_adjusted: None,
    }
}

/// The 2.5% and the 97.5% point.
fn middle(draws: &mut [f64]) -> (f64, f64) {
    if draws.is_empty() {
        return (0.0, 1.0);
    }
    let last = draws.len() - 1;
    let (from, to) = (last / 40, last - last / 40);
    let low = *draws.select_nth_unstable_by(from, f64::total_cmp).1;
    let high = *draws.select_nth_unstable_by(to, f64::total_cmp).1;
    (low, high)
}
