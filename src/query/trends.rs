//! Whether themes became more or less frequent over the years.
//!
//! Refused: trends over fewer than three years of ten letters, which chance alone can draw.

use std::borrow::Cow;

use serde::Serialize;

use super::SMALL;
use super::groups::Groups;
use super::stats::{CLEAR, Share, TrendTest, adjust_for_comparisons, trend};

/// A trend needs so many years of [`SMALL`] letters or more.
const MIN_PERIODS: usize = 3;

/// Whether a theme became more or less frequent over the years.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trend {
    /// Theme id.
    pub theme: String,
    /// Armitage's statistic over the years of ten letters or more.
    pub z: f64,
    /// `rising` or `falling` where that is clear, else `no_clear_trend`.
    pub direction: &'static str,
    /// The probability of a statistic this far from zero without any trend.
    pub p: f64,
    /// The same, adjusted for the number of themes compared.
    pub adjusted_p: f64,
    /// Themes compared.
    pub compared: usize,
    /// The trend for people: "rising: 23% of 26 letters in 2023, 46% of 28 in 2025; could still be chance".
    pub words: String,
}

/// The trend of every theme over years of [`SMALL`] letters or more; `themes` are ids, `counts` are by theme and group.
pub(super) fn trends(themes: &[&str], groups: &Groups, counts: &[Vec<usize>]) -> Vec<Trend> {
    let year = |name: &Option<Cow<'_, str>>| name.as_deref().and_then(|name| name.parse::<i16>().ok());
    let years: Vec<(i16, usize)> = groups
        .names
        .iter()
        .filter_map(|(name, place)| Some((year(name)?, *place)))
        .filter(|(_, place)| groups.scopes[*place].letters >= SMALL)
        .collect();
    if years.len() < MIN_PERIODS {
        return Vec::new();
    }
    let points_of = |theme: usize| -> Vec<(i16, usize, usize)> {
        years.iter().map(|(year, place)| (*year, counts[theme][*place], groups.scopes[*place].letters)).collect()
    };
    let tested: Vec<(usize, TrendTest)> =
        (0..themes.len()).filter_map(|theme| Some((theme, trend(&points_of(theme))?))).collect();
    let adjusted = adjust_for_comparisons(&tested.iter().map(|(_, test)| test.p).collect::<Vec<_>>());
    let trend_of = |((theme, test), adjusted_p): (&(usize, TrendTest), f64)| {
        let clear = adjusted_p < CLEAR;
        Trend {
            theme: themes[*theme].to_owned(),
            z: test.z,
            direction: match clear {
                true if test.z > 0.0 => "rising",
                true => "falling",
                false => "no_clear_trend",
            },
            p: test.p,
            adjusted_p,
            compared: tested.len(),
            words: in_words(&points_of(*theme), test.z, clear),
        }
    };
    tested.iter().zip(adjusted).map(trend_of).collect()
}

/// "rising: 23% of 26 letters in 2023, 46% of 28 in 2025; could still be chance".
fn in_words(points: &[(i16, usize, usize)], z: f64, clear: bool) -> String {
    let share = |point: &(i16, usize, usize)| 100.0 * Share::of(point.1, point.2).share.unwrap_or_default();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    format!(
        "{}: {:.0}% of {} letters in {}, {:.0}% of {} in {}; {}",
        if z >= 0.0 { "rising" } else { "falling" },
        share(first),
        first.2,
        first.0,
        share(last),
        last.2,
        last.0,
        if clear { "clear" } else { "could still be chance" }
    )
}
