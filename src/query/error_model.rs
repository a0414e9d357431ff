//! What labelled letters say of a coder's errors: on one theme by that theme's own labels, helped by all the others.
//!
//! Some themes are rare, so that few labelled letters have them, or none. How often the coder finds a theme differs from
//! theme to theme, but not without limits, and the other themes show how much. So the rates of all themes are taken as
//! draws from one beta distribution whose mean and spread are not known, and are estimated with them; many labels leave
//! a theme's rate to its own counts, few draw it towards the others and widen its interval:
//! - A. Gelman and B. Carpenter (2020), "Bayesian analysis of tests with unknown specificity and sensitivity", Journal
//!   of the Royal Statistical Society C 69, 1269-1283: partial pooling of sensitivity and specificity.
//! - A. Gelman and others (2013), "Bayesian Data Analysis", 3rd edition, section 5.3: the beta-binomial model, with a prior
//!   uniform in the mean and in (alpha + beta)^(-1/2), and its posterior on a grid.
//!
//! Draws start from a fixed seed, so the same labels give the same rates.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::LetterCounts;

/// Draws for each interval.
pub(super) const DRAWS: usize = 2000;
/// Means of the grid, evenly spaced in log odds.
const MEANS: u32 = 60;
/// The lowest and the highest mean are this far from even odds, in log odds.
const FARTHEST: f64 = 6.5;
/// Spreads of the grid, evenly spaced from 0 to 1.
const SPREADS: u32 = 20;
/// Sensitivity less false alarms, below which a draw says nothing: such a coder would be useless.
const LEAST_INFORMED: f64 = 0.05;

/// Sensitivity and rate of false alarms, drawn as often as an interval needs.
pub(super) type RateDraws = Vec<(f64, f64)>;

/// The errors of one coder over all themes.
#[derive(Debug)]
pub struct ErrorModel {
    sensitivity: Population,
    false_alarms: Population,
    /// Draws for counts that were asked for; every question asks for the same few.
    kept: Mutex<BTreeMap<[u32; 4], Arc<RateDraws>>>,
}

impl ErrorModel {
    /// From what reader and coder gave the labelled letters, theme by theme.
    #[must_use]
    pub fn of(themes: &[LetterCounts]) -> Self {
        let of = |rate: fn(&LetterCounts) -> Counts| Population::of(&themes.iter().map(rate).collect::<Vec<_>>());
        Self { sensitivity: of(found), false_alarms: of(added), kept: Mutex::default() }
    }

    /// The expected sensitivity and rate of false alarms on a theme with these labels.
    #[must_use]
    pub fn expected(&self, labelled: &LetterCounts) -> (f64, f64) {
        (self.sensitivity.expected(found(labelled)), self.false_alarms.expected(added(labelled)))
    }

    /// Both, drawn from their joint distribution.
    pub(super) fn draws(&self, labelled: &LetterCounts) -> Arc<RateDraws> {
        /// More than the themes of any codebook.
        const CAPACITY: usize = 512;
        let key = [labelled.has, labelled.has_coded, labelled.has_not, labelled.has_not_coded];
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(draws) = kept().get(&key) {
            return Arc::clone(draws);
        }
        let draws = Arc::new(self.draw(labelled));
        if kept().len() < CAPACITY {
            kept().insert(key, Arc::clone(&draws));
        }
        draws
    }

    fn draw(&self, labelled: &LetterCounts) -> RateDraws {
        let mut chance = Chance::seeded(u64::from(labelled.has) << 32 | u64::from(labelled.has_coded));
        let rates = std::iter::repeat_with(|| {
            let sensitivity = self.sensitivity.draw(&mut chance, found(labelled));
            (sensitivity, self.false_alarms.draw(&mut chance, added(labelled)))
        });
        let tells = |(sensitivity, false_alarms): &(f64, f64)| sensitivity - false_alarms > LEAST_INFORMED;
        rates.take(DRAWS * 20).filter(tells).take(DRAWS).collect()
    }
}

/// So many of so many.
type Counts = (u32, u32);

fn found(labelled: &LetterCounts) -> Counts {
    (labelled.has_coded, labelled.has)
}

fn added(labelled: &LetterCounts) -> Counts {
    (labelled.has_not_coded, labelled.has_not)
}

/// The beta distributions that the rates of all themes may come from, each with its weight.
#[derive(Debug)]
struct Population {
    /// Alpha and beta, and the weight of this distribution and those before it.
    members: Vec<(f64, f64, f64)>,
}

impl Population {
    fn of(themes: &[Counts]) -> Self {
        let most = |count: fn(&Counts) -> u32| themes.iter().map(count).max().unwrap_or(0);
        let (most_yes, most_no, most_all) = (most(|(x, _)| *x), most(|(x, n)| n - x), most(|(_, n)| *n));
        let mut logs: Vec<(f64, f64, f64)> = Vec::new();
        for spread in 0..SPREADS {
            let size = (f64::from(SPREADS) / (f64::from(spread) + 0.5)).powi(2);
            let of_size = rising(size, most_all);
            for place in 0..MEANS {
                let odds = FARTHEST * (2.0 * (f64::from(place) + 0.5) / f64::from(MEANS) - 1.0);
                let mean = 1.0 / (1.0 + (-odds).exp());
                let (alpha, beta) = (mean * size, (1.0 - mean) * size);
                let (of_alpha, of_beta) = (rising(alpha, most_yes), rising(beta, most_no));
                // The beta-binomial likelihood of the counts, but for what does not depend on alpha and beta.
                let likelihood =
                    |(x, n): &Counts| of_alpha[*x as usize] + of_beta[(n - x) as usize] - of_size[*n as usize];
                // Means are evenly spaced in log odds, while their prior is uniform.
                let prior = (mean * (1.0 - mean)).ln();
                logs.push((alpha, beta, prior + themes.iter().map(likelihood).sum::<f64>()));
            }
        }
        let best = logs.iter().fold(f64::NEG_INFINITY, |best, member| best.max(member.2));
        let total: f64 = logs.iter().map(|member| (member.2 - best).exp()).sum();
        let mut before = 0.0;
        let weighed = logs.into_iter().map(|(alpha, beta, log)| {
            before += (log - best).exp() / total;
            (alpha, beta, before)
        });
        Self { members: weighed.collect() }
    }

    fn expected(&self, (x, n): Counts) -> f64 {
        let mut before = 0.0;
        let mean = |(alpha, beta, up_to): &(f64, f64, f64)| {
            let weight = up_to - before;
            before = *up_to;
            weight * (alpha + f64::from(x)) / (alpha + beta + f64::from(n))
        };
        self.members.iter().map(mean).sum()
    }

    fn draw(&self, chance: &mut Chance, (x, n): Counts) -> f64 {
        let at = chance.0.f64();
        let place = self.members.partition_point(|member| member.2 < at).min(self.members.len() - 1);
        let (alpha, beta, _) = self.members[place];
        chance.beta(alpha + f64::from(x), beta + f64::from(n - x))
    }
}

/// The logs of `from (from + 1) ... (from + k - 1)` for each `k` up to `most`.
fn rising(from: f64, most: u32) -> Vec<f64> {
    let mut sum = 0.0;
    let more = (0..most).map(|k| {
        sum += (from + f64::from(k)).ln();
        sum
    });
    std::iter::once(0.0).chain(more).collect()
}

/// A seeded source of draws.
pub(super) struct Chance(fastrand::Rng);

impl Chance {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A beta distribution.
    pub(super) fn beta(&mut self, alpha: f64, beta: f64) -> f64 {
        let (yes, no) = (self.gamma(alpha), self.gamma(beta));
        yes / (yes + no)
    }

    /// G. Marsaglia and W. W. Tsang (2000), "A simple method for generating gamma variables", ACM Transactions on
    /// Mathematical Software 26, 363-372.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            // Very small shapes give very small draws; none may be zero, since two of them are divided.
            return (self.gamma(shape + 1.0) * (1.0 - self.0.f64()).powf(1.0 / shape)).max(f64::MIN_POSITIVE);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            let u = 1.0 - self.0.f64();
            // The first condition implies the second, and spares most draws its logarithms.
            if v > 0.0 && (u < 1.0 - 0.0331 * x.powi(4) || u.ln() < 0.5 * x * x + d - d * v + d * v.ln()) {
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
