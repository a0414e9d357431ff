//! Whether a probability means what it says: of the codes that are 80% likely, 80% should be right.

use serde::Serialize;

use crate::domain::Probability;

/// Codes of about the same probability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Bin {
    /// The lowest percent that it holds.
    pub from_percent: u8,
    /// Codes.
    pub codes: u32,
    /// Those of them that a reader gave, too.
    pub right: u32,
    /// Mean of their probabilities.
    pub mean: f64,
}

/// Codes by their probability.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Reliability {
    /// One entry for each ten percent in which there are codes.
    pub bins: Vec<Bin>,
    /// Expected calibration error: how far the share of right codes is from the mean probability, over all bins, each
    /// weighted by its codes; absent where there are none.
    pub calibration_error: Option<f64>,
}

/// Percent in a bin.
const BIN_PERCENT: u8 = 10;

impl Reliability {
    /// Sorts codes into bins; each comes with whether a reader gave it, too.
    #[must_use]
    pub fn of(codes: &[(Probability, bool)]) -> Self {
        let mut bins: Vec<Bin> = Vec::new();
        for from_percent in (0..100).step_by(usize::from(BIN_PERCENT)) {
            let from_percent = u8::try_from(from_percent).unwrap_or(u8::MAX);
            let last = if from_percent + BIN_PERCENT == 100 { 100 } else { from_percent + BIN_PERCENT - 1 };
            let here = codes.iter().filter(|(p, _)| (from_percent..=last).contains(&p.percent()));
            let (mut bin, mut sum) = (Bin { from_percent, ..Bin::default() }, 0.0);
            for (probability, right) in here {
                bin.codes += 1;
                bin.right += u32::from(*right);
                sum += probability.share();
            }
            if bin.codes > 0 {
                bin.mean = sum / f64::from(bin.codes);
                bins.push(bin);
            }
        }
        let all: u32 = bins.iter().map(|bin| bin.codes).sum();
        let off = bins.iter().map(|bin| (f64::from(bin.right) - bin.mean * f64::from(bin.codes)).abs()).sum::<f64>();
        Self { bins, calibration_error: (all > 0).then(|| off / f64::from(all)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calibration_error_weighs_each_bin_by_its_codes() {
        // Three codes at 0.9, two of them right; one at 0.5, which is right: off by 0.7 and 0.5 codes of four.
        let code = |percent, right| (Probability::from_percent(percent), right);
        let of = Reliability::of(&[code(90, true), code(90, true), code(90, false), code(50, true)]);
        assert_eq!(
            of.bins.iter().map(|bin| (bin.from_percent, bin.codes, bin.right)).collect::<Vec<_>>(),
            [(50, 1, 1), (90, 3, 2)]
        );
        assert!((of.calibration_error.unwrap() - 0.3).abs() < 1e-9, "{of:?}");
        assert_eq!(Reliability::of(&[]).calibration_error, None);
        assert_eq!(Reliability::of(&[code(100, true)]).bins[0].from_percent, 90);
    }
}
