//! Shares and intervals in words, for tables.

use crate::query::stats::Share;

/// "5 of 9 (56%)".
pub(super) fn of(count: usize, total: usize) -> String {
    match Share::of(count, total).share {
        Some(share) => format!("{count} of {total} ({:.0}%)", share * 100.0),
        None => "no letters".to_owned(),
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
