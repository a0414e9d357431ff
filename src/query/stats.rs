//! Shares with their uncertainty.
//!
//! All intervals are at 95%. Sources of the formulas:
//! - E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", Journal of the
//!   American Statistical Association 22, 209-212: the score interval of one share.
//! - R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions: comparison of
//!   eleven methods", Statistics in Medicine 17, 873-890, method 10: the hybrid score interval of a difference.
//! - P. Armitage (1955), "Tests for linear trends in proportions and frequencies", Biometrics 11, 375-386.

use serde::Serialize;

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

/// Armitage's statistic for a linear trend of a share over years: about normal where there is no trend, so beyond
/// 1.96 on either side a trend is unlikely to be chance. Nothing where the share or the year never varies.
#[must_use]
pub fn trend(years: &[(i16, usize, usize)]) -> Option<f64> {
    let n: f64 = years.iter().map(|y| as_f64(y.2)).sum();
    let x: f64 = years.iter().map(|y| as_f64(y.1)).sum();
    let p = x / n;
    let mean = years.iter().map(|y| f64::from(y.0) * as_f64(y.2)).sum::<f64>() / n;
    let top: f64 = years.iter().map(|y| (f64::from(y.0) - mean) * (as_f64(y.1) - as_f64(y.2) * p)).sum();
    let spread: f64 = years.iter().map(|y| as_f64(y.2) * (f64::from(y.0) - mean).powi(2)).sum();
    let variance = p * (1.0 - p) * spread;
    (variance > 0.0).then(|| top / variance.sqrt())
}

#[expect(clippy::cast_precision_loss, reason = "counts of letters and areas are far below 2^52")]
pub(crate) fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
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
        assert!((trend(&years).unwrap().powi(2) - 6.57).abs() < 0.005);
        assert_eq!(trend(&[(2020, 0, 10), (2021, 0, 12)]), None);
        assert_eq!(trend(&[(2020, 3, 10)]), None);
    }
}
