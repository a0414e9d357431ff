//! Shares of letters that *have* a theme, where the dataset knows only which letters are *coded* with it.
//!
//! The coder misses some letters and adds others, at rates counted on labelled letters that it had not seen
//! (`corpus/error-rates.json`). A share of coded letters `q` becomes the corrected share
//! `(q + specificity - 1) / (sensitivity + specificity - 1)`:
//! - W. J. Rogan and B. Gladen (1978), "Estimating prevalence from the results of a screening test", American Journal of
//!   Epidemiology 107, 71-76.
//!
//! Its 95% interval carries both uncertainties: those of the letters counted and of the labelled ones. Sensitivity,
//! specificity and coded share are drawn from their posteriors under Jeffreys' prior, as independent binomials, and the
//! corrected share is computed for each draw; the interval holds the middle 95% of them:
//! - M. Flor, M. Weiß, T. Selhorst, C. Müller-Graf, M. Greiner (2020), "Comparison of Bayesian and frequentist methods
//!   for prevalence estimation under misclassification", BMC Public Health 20, 1135.
//!
//! Draws start from a fixed seed, so the same counts give the same interval. `docs/method.md` has the simulation that
//! this method was chosen by.
//!
//! Refused: a correction with rates of another coder, codebook or framework, with too few labelled letters, or where
//! the coder can hardly tell letters apart. The answer then says why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Serialize;

use super::error::QueryError;
use super::filter::Filter;
use super::scope::ScopeLetter;
use super::stats::{as_f64, wilson};
use crate::domain::{ErrorRates, Framework, LetterCounts, Role, Term};
use crate::store::Dataset;

/// Fewer labelled letters with the theme, or without it, give no error rate.
pub const LEAST_LABELLED: u32 = 3;
/// Sensitivity plus specificity less one, below which a correction would only blow up noise.
const LEAST_INFORMED: f64 = 0.3;
/// Draws for each interval.
const DRAWS: usize = 2000;

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

/// The rates by which answers over some letters are corrected, or why they are not.
#[derive(Debug, Clone)]
pub(super) struct Correction {
    roles: Vec<Role>,
    refused: Option<String>,
}

impl Correction {
    /// The correction of answers under a filter, for findings of these roles.
    pub(super) fn of(dataset: &Dataset, filter: &Filter, roles: &[Role]) -> Result<Self, QueryError> {
        let refused = match bundled() {
            None => Some("no error rates have been counted".to_owned()),
            Some(rates) => refusal(dataset, filter, roles, rates)?,
        };
        Ok(Self { roles: roles.to_vec(), refused })
    }

    /// Corrects one share of letters of these frameworks.
    pub(super) fn correct(&self, theme: &str, frameworks: &[Framework], counted: Counted) -> Adjusted {
        let total = counted.of_coded + counted.of_known;
        if total == 0 {
            return Adjusted::refused("no letters");
        }
        if counted.of_coded == 0 {
            return known(counted);
        }
        let Some(rates) = bundled().filter(|_| self.refused.is_none()) else {
            return Adjusted::refused(self.refused.clone().unwrap_or_default());
        };
        if frameworks != [rates.framework] {
            return Adjusted::refused(format!("the labelled letters are of the framework of {} only", rates.framework));
        }
        let Some(counts) = rates.counts(&self.roles, theme) else {
            return Adjusted::refused("error rates were counted on formal items only");
        };
        correct(&counts, counted)
    }
}

/// Which letters people have checked whole: every finding of these roles carries a human code. Their codes are known,
/// so the coder's errors do not touch them.
pub(super) fn checked_by_people(
    dataset: &Dataset,
    letters: &[ScopeLetter],
    roles: &[Role],
) -> Result<Vec<bool>, QueryError> {
    let marks = vec!["?"; roles.len()].join(", ");
    let sql = format!(
        "SELECT f.letter_no FROM all_findings AS f
         WHERE f.role IN ({marks}) AND f.letter_no IN (
             SELECT r.letter_no FROM all_findings AS r WHERE r.id IN (SELECT finding_id FROM reviews))
         GROUP BY f.letter_no HAVING min(f.cue = 'human') = 1"
    );
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let roles = rusqlite::params_from_iter(roles.iter().map(|role| role.as_str()));
    let numbers: BTreeSet<i64> = statement.query_map(roles, |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(letters.iter().map(|letter| numbers.contains(&letter.number)).collect())
}

fn refusal(
    dataset: &Dataset,
    filter: &Filter,
    roles: &[Role],
    rates: &ErrorRates,
) -> Result<Option<String>, QueryError> {
    if !filter.polarities.is_empty() || roles.iter().any(|role| !role.flags()) {
        return Ok(Some("error rates were counted on formal items only".to_owned()));
    }
    let stored = match dataset.derived(|| Coders::of(dataset))? {
        Some(coders) => coders,
        None => Arc::new(Coders::of(dataset)?),
    };
    let measured = stored.0.iter().all(|(code, codebook)| *code == rates.code && *codebook == rates.codebook);
    Ok((!measured).then(|| {
        "the letters were coded by another coder or codebook than the one whose errors were counted".to_owned()
    }))
}

/// Versions of coder and codebook that letters of the dataset were coded with.
struct Coders(Vec<(u32, String)>);

impl Coders {
    fn of(dataset: &Dataset) -> Result<Self, QueryError> {
        let mut statement = dataset
            .connection()
            .prepare_cached("SELECT DISTINCT code_version, codebook FROM documents WHERE status = 'letter'")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(Self(rows))
    }
}

/// The error rates that sendlens was built with.
#[must_use]
pub fn bundled() -> Option<&'static ErrorRates> {
    static RATES: OnceLock<Option<ErrorRates>> = OnceLock::new();
    RATES.get_or_init(|| serde_json::from_str(include_str!("../../corpus/error-rates.json")).ok()).as_ref()
}

/// The corrected share of letters that have a theme, by the error rates of the labelled letters.
#[must_use]
pub fn correct(labelled: &LetterCounts, counted: Counted) -> Adjusted {
    if labelled.has < LEAST_LABELLED || labelled.has_not < LEAST_LABELLED {
        let (few, which) = if labelled.has < LEAST_LABELLED {
            (labelled.has, "have it")
        } else {
            (labelled.has_not, "do not have it")
        };
        return Adjusted::refused(format!("only {few} labelled letters {which}"));
    }
    let sensitivity = f64::from(labelled.has_coded) / f64::from(labelled.has);
    let false_alarms = f64::from(labelled.has_not_coded) / f64::from(labelled.has_not);
    let informed = sensitivity - false_alarms;
    if informed < LEAST_INFORMED {
        return Adjusted::refused("the coder hardly tells such letters from others");
    }
    if counted.of_coded == 0 {
        return known(counted);
    }
    let total = as_f64(counted.of_coded + counted.of_known);
    let weight = as_f64(counted.of_coded) / total;
    let coded = as_f64(counted.coded) / as_f64(counted.of_coded);
    let share = weight * ((coded - false_alarms) / informed).clamp(0.0, 1.0) + as_f64(counted.known) / total;

    let mut chance = Chance(fastrand::Rng::with_seed(1978));
    let rates = rate_draws(labelled);
    let mut draws: Vec<f64> = rates
        .iter()
        .map(|(sensitivity, false_alarms)| {
            let coded = chance.proportion(counted.coded, counted.of_coded);
            let by_coder = ((coded - false_alarms) / (sensitivity - false_alarms)).clamp(0.0, 1.0);
            let known = if counted.of_known == 0 { 0.0 } else { chance.proportion(counted.known, counted.of_known) };
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
fn known(counted: Counted) -> Adjusted {
    let interval = wilson(counted.known, counted.of_known);
    Adjusted {
        adjusted_share: (counted.of_known > 0).then(|| as_f64(counted.known) / as_f64(counted.of_known)),
        adjusted_low: interval.map(|(low, _)| low),
        adjusted_high: interval.map(|(_, high)| high),
        error_basis: Some(0),
        not_adjusted: None,
    }
}

/// Sensitivity and rate of false alarms, drawn as often as an interval needs.
type RateDraws = Vec<(f64, f64)>;

/// The draws for these counts; every question asks for the same few, so they are kept.
fn rate_draws(labelled: &LetterCounts) -> Arc<RateDraws> {
    static KEPT: Mutex<BTreeMap<[u32; 4], Arc<RateDraws>>> = Mutex::new(BTreeMap::new());
    /// More than the themes and roles of any error rates.
    const CAPACITY: usize = 512;
    let key = [labelled.has, labelled.has_coded, labelled.has_not, labelled.has_not_coded];
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(draws) = kept().get(&key) {
        return Arc::clone(draws);
    }
    let draws = Arc::new(draw_rates(labelled));
    if kept().len() < CAPACITY {
        kept().insert(key, Arc::clone(&draws));
    }
    draws
}

fn draw_rates(labelled: &LetterCounts) -> RateDraws {
    let mut chance = Chance(fastrand::Rng::with_seed(u64::from(labelled.has) << 32 | u64::from(labelled.has_coded)));
    let count = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let (has, has_not) = (count(labelled.has), count(labelled.has_not));
    let mut draws = Vec::with_capacity(DRAWS);
    // A coder that gives the theme no more often where it belongs is no coder; such draws carry no information.
    for _ in 0..DRAWS * 20 {
        let sensitivity = chance.proportion(count(labelled.has_coded), has);
        let false_alarms = chance.proportion(count(labelled.has_not_coded), has_not);
        if sensitivity - false_alarms > 0.05 {
            draws.push((sensitivity, false_alarms));
        }
        if draws.len() == DRAWS {
            break;
        }
    }
    draws
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

/// A seeded source of draws.
struct Chance(fastrand::Rng);

impl Chance {
    /// A proportion of which `count` of `total` were seen: Beta(count + 1/2, total - count + 1/2).
    fn proportion(&mut self, count: usize, total: usize) -> f64 {
        let yes = self.gamma(as_f64(count) + 0.5);
        let no = self.gamma(as_f64(total - count) + 0.5);
        yes / (yes + no)
    }

    /// G. Marsaglia and W. W. Tsang (2000), "A simple method for generating gamma variables", ACM Transactions on
    /// Mathematical Software 26, 363-372.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * (1.0 - self.0.f64()).powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            let u = 1.0 - self.0.f64();
            if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// G. E. P. Box and M. E. Muller (1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.0.f64()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.0.f64()).cos()
    }
}
