//! Shares with their uncertainty.
//!
//! All intervals are at 95%. Sources of the formulas:
//! - E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", Journal of the
//!   American Statistical Association 22, 209-212: the score interval of one share.
//! - R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions: comparison of
//!   eleven methods", Statistics in Medicine 17, 873-890, method 10: the hybrid score interval of a difference.
//! - P. Armitage (1955), "Tests for linear trends in proportions and frequencies", Biometrics 11, 375-386, with the
//!   correction for continuity of F. Yates (1934), Supplement to the Journal of the Royal Statistical Society 1, 217-235.
//! - R. A. Fisher (1935), "The logic of inductive inference", Journal of the Royal Statistical Society 98, 39-82: the
//!   exact test of two groups.
//! - Y. Benjamini and Y. Hochberg (1995), "Controlling the false discovery rate", Journal of the Royal Statistical
//!   Society B 57, 289-300.

use serde::Serialize;
use statrs::function::erf::erfc;

/// The 97.5% point of the normal distribution.
pub const Z: f64 = 1.959_963_984_540_054;

/// A share of letters or areas: so many of so many, with its Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share; nothing where there is nothing to count among.
    pub share: Option<f64>,
    /// Lower end of the 95% interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Share {
    /// `count` of `total`.
    #[must_use]
    pub fn of(count: usize, total: usize) -> Self {
        match wilson(count, total) {
            Some((low, high)) => Self { share: Some(as_f64(count) / as_f64(total)), low: Some(low), high: Some(high) },
            None => Self { share: None, low: None, high: None },
        }
    }
}

/// The Wilson score interval of `count` of `total`; nothing for none of none.
#[must_use]
pub fn wilson(count: usize, total: usize) -> Option<(f64, f64)> {
    if total == 0 || count > total {
        return None;
    }
    let (x, n) = (as_f64(count), as_f64(total));
    let (p, z2) = (x / n, Z * Z);
    let centre = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    let low = if count == 0 { 0.0 } else { ((centre - half) / scale).max(0.0) };
    let high = if count == total { 1.0 } else { ((centre + half) / scale).min(1.0) };
    Some((low, high))
}

/// The interval of the difference between the shares of two separate groups, by Newcombe's method 10.
#[must_use]
pub fn newcombe(first: (usize, usize), second: (usize, usize)) -> Option<(f64, f64)> {
    let (low1, high1) = wilson(first.0, first.1)?;
    let (low2, high2) = wilson(second.0, second.1)?;
    let (p1, p2) = (as_f64(first.0) / as_f64(first.1), as_f64(second.0) / as_f64(second.1));
    let difference = p1 - p2;
    let low = difference - ((p1 - low1).powi(2) + (high2 - p2).powi(2)).sqrt();
    let high = difference + ((high1 - p1).powi(2) + (p2 - low2).powi(2)).sqrt();
    Some((low.max(-1.0), high.min(1.0)))
}

/// The difference between a part's share and the share of the whole that the part belongs to, with its interval.
///
/// The two overlap, so Newcombe's interval is taken of the part against the rest. The difference to the whole is
/// that difference times the rest's weight in the whole, and so is the interval. Nothing where either is empty; no
/// interval where there is no rest.
#[must_use]
pub fn part_against_whole(part: (usize, usize), whole: (usize, usize)) -> Option<(f64, Option<(f64, f64)>)> {
    if part.1 == 0 || whole.1 < part.1 || whole.0 < part.0 {
        return None;
    }
    let difference = as_f64(part.0) / as_f64(part.1) - as_f64(whole.0) / as_f64(whole.1);
    let rest = (whole.0 - part.0, whole.1 - part.1);
    let weight = as_f64(rest.1) / as_f64(whole.1);
    Some((difference, newcombe(part, rest).map(|(low, high)| (low * weight, high * weight))))
}

/// A test of a linear trend of a share over years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendTest {
    /// Armitage's statistic: about normal where there is no trend, positive where the share rises.
    pub z: f64,
    /// The probability of a statistic at least this far from zero without any trend. Counts are whole numbers, so the
    /// statistic is first brought half a letter and year nearer to zero; without that, rare themes would too often
    /// seem to have a trend.
    pub p: f64,
}

/// Tests for a linear trend over years, each with its count and its total. Nothing where the share or the year never
/// varies.
#[must_use]
pub fn trend(years: &[(i16, usize, usize)]) -> Option<TrendTest> {
    let n: f64 = years.iter().map(|y| as_f64(y.2)).sum();
    let x: f64 = years.iter().map(|y| as_f64(y.1)).sum();
    let p = x / n;
    let mean = years.iter().map(|y| f64::from(y.0) * as_f64(y.2)).sum::<f64>() / n;
    let top: f64 = years.iter().map(|y| (f64::from(y.0) - mean) * (as_f64(y.1) - as_f64(y.2) * p)).sum();
    let spread: f64 = years.iter().map(|y| as_f64(y.2) * (f64::from(y.0) - mean).powi(2)).sum();
    let variance = p * (1.0 - p) * spread;
    (variance > 0.0)
        .then(|| TrendTest { z: top / variance.sqrt(), p: two_sided((top.abs() - 0.5).max(0.0) / variance.sqrt()) })
}

/// The probability of a normal statistic at least this far from zero, on either side.
#[must_use]
pub fn two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Fisher's exact test of two separate groups, each a count and a total: the probability of counts that are no likelier
/// than these if the shares were equal. Nothing where a group is empty.
///
/// The same as `fishers_exact` of the crate `statrs`, by which it is tested, and fast enough for thousands of letters
/// and hundreds of comparisons in one answer.
#[must_use]
pub fn fisher(first: (usize, usize), second: (usize, usize)) -> Option<f64> {
    if first.1 == 0 || second.1 == 0 || first.0 > first.1 || second.0 > second.1 {
        return None;
    }
    let flagged = first.0 + second.0;
    let (least, most) = (flagged.saturating_sub(second.1), flagged.min(first.1));
    let (flagged, n1, n2) = (as_f64(flagged), as_f64(first.1), as_f64(second.1));
    // The likelihood of one more in the first group, against that of `k`.
    let next = |k: f64| (flagged - k) * (n1 - k) / ((k + 1.0) * (n2 - flagged + k + 1.0));
    let mode = (least..most).find(|k| next(as_f64(*k)) < 1.0).unwrap_or(most);
    // Likelihoods against that of the mode, as far out as they count.
    let mut likelihoods = vec![(mode, 1.0)];
    let mut weight = 1.0;
    for k in mode..most {
        weight *= next(as_f64(k));
        likelihoods.push((k + 1, weight));
        if weight < 1e-18 {
            break;
        }
    }
    weight = 1.0;
    for k in (least..mode).rev() {
        weight /= next(as_f64(k));
        likelihoods.push((k, weight));
        if weight < 1e-18 {
            break;
        }
    }
    let observed = likelihoods.iter().find(|(k, _)| *k == first.0).map_or(0.0, |(_, weight)| *weight);
    let total: f64 = likelihoods.iter().map(|(_, weight)| weight).sum();
    let as_unlikely = likelihoods.iter().filter(|(_, weight)| *weight <= observed * (1.0 + 1e-7));
    Some((as_unlikely.map(|(_, weight)| weight).sum::<f64>() / total).min(1.0))
}

/// Benjamini and Hochberg's adjusted p-values, in the order given: of the comparisons whose adjusted p-value is below
/// 5%, at most 5% are expected to be chance.
#[must_use]
pub fn adjust_for_comparisons(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*b].total_cmp(&p_values[*a]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 1.0;
    for (passed, place) in order.into_iter().enumerate() {
        let rank = p_values.len() - passed;
        least = least.min(p_values[place] * as_f64(p_values.len()) / as_f64(rank));
        adjusted[place] = least;
    }
    adjusted
}

/// Adjusted p-values below this are called clear.
pub const CLEAR: f64 = 0.05;

#[expect(clippy::cast_precision_loss, reason = "counts of letters and areas are far below 2^52")]
pub(crate) fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use statrs::stats_tests::{Alternative, fishers_exact};

    use super::*;

    fn close(given: f64, published: f64) {
        assert!((given - published).abs() < 0.000_06, "{given} is not {published}");
    }

    #[test]
    fn wilson_agrees_with_published_values() {
        // Newcombe (1998), "Two-sided confidence intervals for the single proportion: comparison of seven methods",
        // Statistics in Medicine 17, 857-872, table I, method 3.
        for (count, total, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (l, h) = wilson(count, total).unwrap();
            close(l, low);
            close(h, high);
        }
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(7, 7).unwrap().1, 1.0);
    }

    #[test]
    fn newcombe_agrees_with_published_values() {
        // Newcombe (1998), comparison of eleven methods, table II, method 10.
        for (first, second, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((0, 10), (0, 10), -0.2775, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
            ((10, 10), (0, 10), 0.6075, 1.0),
        ] {
            let (l, h) = newcombe(first, second).unwrap();
            close(l, low);
            close(h, high);
        }
    }

    #[test]
    fn the_exact_test_agrees_with_published_values() {
        // The lady tasting tea (Fisher 1935, "The Design of Experiments"), and the example of R's fisher.test (Agresti
        // 2002, convictions of twins: 10 of 12 and 2 of 15).
        assert!((fisher((3, 4), (1, 4)).unwrap() - 0.485_714).abs() < 1e-6);
        assert!((fisher((10, 13), (2, 17)).unwrap() - 0.000_536_7).abs() < 1e-6);
        assert_eq!(fisher((0, 10), (0, 20)), Some(1.0));
        assert_eq!(fisher((0, 0), (3, 10)), None);
        assert!(fisher((3000, 3000), (10, 27_000)).unwrap() < 1e-12);
        for (first, second) in [((3, 26), (13, 28)), ((0, 12), (5, 90)), ((40, 60), (55, 140)), ((9, 10), (10, 20))] {
            let table = [first.0, second.0, first.1 - first.0, second.1 - second.0].map(|n| u64::try_from(n).unwrap());
            let independent = fishers_exact(&table, Alternative::TwoSided).unwrap();
            assert!((fisher(first, second).unwrap() - independent).abs() < 1e-9, "{first:?} {second:?}");
        }
    }

    #[test]
    fn p_values_of_many_comparisons_are_adjusted_as_published() {
        // Benjamini and Hochberg (1995), section 3.2: of these fifteen the four smallest pass at 5%.
        let p_values = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0,
        ];
        let adjusted = adjust_for_comparisons(&p_values);
        assert_eq!(adjusted.iter().filter(|p| **p <= CLEAR).count(), 4);
        assert!((adjusted[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
        assert!(adjust_for_comparisons(&[]).is_empty());
        assert!((two_sided(Z) - 0.05).abs() < 1e-9);
    }

    #[test]
    fn a_part_that_is_the_whole_does_not_differ_and_has_no_interval() {
        assert_eq!(part_against_whole((3, 10), (3, 10)), Some((0.0, None)));
        assert_eq!(part_against_whole((0, 0), (3, 10)), None);
        let (difference, interval) = part_against_whole((6, 10), (30, 100)).unwrap();
        let (low, high) = interval.unwrap();
        let (rest_low, rest_high) = newcombe((6, 10), (24, 90)).unwrap();
        close(difference, 0.3);
        close(low, rest_low * 0.9);
        close(high, rest_high * 0.9);
    }

    #[test]
    fn the_trend_statistic_is_that_of_a_worked_example() {
        // Agresti, "An Introduction to Categorical Data Analysis", alcohol use and malformation with the scores 0,
        // 0.5, 1.5, 4, 7 (doubled here to whole numbers, which changes nothing): the square is 6.57.
        let years = [(0, 48, 17_114), (1, 38, 14_502), (3, 5, 793), (8, 1, 127), (14, 1, 38)];
        assert!((trend(&years).unwrap().z.powi(2) - 6.57).abs() < 0.005);
        assert!(trend(&[(2023, 6, 26), (2024, 13, 28), (2025, 6, 12)]).unwrap().p > 0.05, "few letters show little");
        assert_eq!(trend(&[(2020, 0, 10), (2021, 0, 12)]), None);
        assert_eq!(trend(&[(2020, 3, 10)]), None);
    }
}
