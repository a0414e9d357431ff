//! Shares and intervals in words, for tables.

use super::context::Context;
use crate::query::stats::Share;
use crate::query::{Adjusted, SMALL};

/// "5 of 9 (56%)".
pub(super) fn of(count: usize, total: usize) -> String {
    match Share::of(count, total).share {
        Some(share) => format!("{count} of {total} ({:.0}%)", share * 100.0),
        None => "no letters".to_owned(),
    }
}

/// "4 of 6", and the share only where there are enough to speak of one.
pub(super) fn few_of(count: usize, total: usize) -> String {
    if total > 0 && total < SMALL { format!("{count} of {total}") } else { of(count, total) }
}

/// "61% (48–72%)" where the corrected share differs from the raw one by more than a point.
pub(super) fn corrected(adjusted: &Adjusted, raw: Option<f64>) -> String {
    adjusted.where_it_matters(raw).map_or_else(String::new, |(share, low, high)| {
        format!("{:.0}% ({:.0}–{:.0}%)", share * 100.0, low * 100.0, high * 100.0)
    })
}

/// Says what corrected shares are, or why there are none.
pub(super) fn say_corrected<'a>(context: &Context, all: impl Iterator<Item = &'a Adjusted> + Clone) {
    if let Some(basis) = all.clone().find_map(|adjusted| adjusted.error_basis.filter(|basis| *basis > 0)) {
        context.say(format_args!(
            "The coder misses some letters and adds others. \"Corrected\" estimates the share of letters that really \
             have the theme, by the errors counted on {basis} labelled letters; it is shown where it differs by \
             more than a point. Its interval is wider because those errors are not known exactly either."
        ));
    } else if let Some(why) = all.filter_map(|adjusted| adjusted.not_adjusted.as_deref()).next() {
        context.say(format_args!("Shares are not corrected for the coder's errors: {why}."));
    }
}

/// "27–81%".
pub(super) fn interval(share: &Share) -> String {
    match (share.low, share.high) {
        (Some(low), Some(high)) => format!("{:.0}–{:.0}%", low * 100.0, high * 100.0),
        _ => "–".to_owned(),
    }
}

/// "+22 points (−8 to +49)".
pub(super) fn difference(difference: Option<f64>, low: Option<f64>, high: Option<f64>) -> String {
    let points = |value: f64| {
        let rounded = (value * 100.0).round();
        if rounded < 0.0 { format!("−{:.0}", -rounded) } else { format!("+{:.0}", rounded.abs()) }
    };
    match (difference, low, high) {
        (Some(d), Some(l), Some(h)) => format!("{} points ({} to {})", points(d), points(l), points(h)),
        (Some(d), _, _) => format!("{} points", points(d)),
        _ => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(of(5, 9), "5 of 9 (56%)");
        assert_eq!(of(0, 0), "no letters");
        assert_eq!(interval(&Share::of(5, 9)), "27–81%");
        assert_eq!(difference(Some(0.222), Some(-0.081), Some(0.487)), "+22 points (−8 to +49)");
        assert_eq!(difference(Some(-0.001), None, None), "+0 points");
    }
}
