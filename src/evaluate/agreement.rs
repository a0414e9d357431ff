//! How far two coders agree: F1 on themes, and Cohen's kappa, which discounts the agreement that chance alone would
//! give.

use std::collections::BTreeMap;

use serde::Serialize;

use super::score::Tally;
use crate::domain::{Polarity, Term};

/// What one coder said of one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// Polarity.
    pub polarity: Polarity,
    /// Theme ids.
    pub themes: Vec<String>,
}

/// How two coders agree on the findings that both coded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// One coder.
    pub coder: String,
    /// The other.
    pub other: String,
    /// Findings that both coded.
    pub findings: u32,
    /// F1 of the themes, the same whoever is taken as right.
    pub theme_f1: Option<f64>,
    /// Cohen's kappa over every decision on a theme and a finding.
    pub theme_kappa: Option<f64>,
    /// Share of findings with the same polarity.
    pub polarity_agreement: Option<f64>,
    /// Cohen's kappa of the polarity.
    pub polarity_kappa: Option<f64>,
}

/// Compares two coders; `themes` are the ids of the codebook.
#[must_use]
pub fn agreement(
    (coder, codes): (&str, &BTreeMap<String, Codes>),
    (other, others): (&str, &BTreeMap<String, Codes>),
    themes: &[&str],
) -> Agreement {
    let mut tally = Tally::default();
    let mut decisions: BTreeMap<(bool, bool), u32> = BTreeMap::new();
    let mut polarities: BTreeMap<(Polarity, Polarity), u32> = BTreeMap::new();
    let mut findings = 0;
    for (id, a) in codes {
        let Some(b) = others.get(id) else { continue };
        findings += 1;
        *polarities.entry((a.polarity, b.polarity)).or_default() += 1;
        for theme in themes {
            let has = |c: &Codes| c.themes.iter().any(|t| t == theme);
            tally.count(has(a), has(b));
            *decisions.entry((has(a), has(b))).or_default() += 1;
        }
    }
    let same: u32 = polarities.iter().filter(|((a, b), _)| a == b).map(|(_, n)| n).sum();
    Agreement {
        coder: coder.to_owned(),
        other: other.to_owned(),
        findings,
        theme_f1: tally.f1(),
        theme_kappa: kappa(&decisions, &[true, false]),
        polarity_agreement: (findings > 0).then(|| f64::from(same) / f64::from(findings)),
        polarity_kappa: kappa(&polarities, Polarity::ALL),
    }
}

/// Cohen's kappa; `None` where there is nothing to compare or no answer but one was ever given.
fn kappa<T: Copy + Ord>(table: &BTreeMap<(T, T), u32>, answers: &[T]) -> Option<f64> {
    let total: u32 = table.values().sum();
    if total == 0 {
        return None;
    }
    let n = f64::from(total);
    let observed = answers.iter().map(|a| f64::from(table.get(&(*a, *a)).copied().unwrap_or(0))).sum::<f64>() / n;
    let share =
        |of: &dyn Fn(&(T, T)) -> bool| f64::from(table.iter().filter(|(k, _)| of(k)).map(|(_, c)| *c).sum::<u32>()) / n;
    let expected: f64 = answers.iter().map(|a| share(&|k| k.0 == *a) * share(&|k| k.1 == *a)).sum();
    (expected < 1.0).then(|| (observed - expected) / (1.0 - expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_agrees_with_a_table_worked_by_hand() {
        // 20 both yes, 5 and 10 split, 15 both no: observed 0.7, by chance 0.5.
        let table = BTreeMap::from([((true, true), 20), ((true, false), 5), ((false, true), 10), ((false, false), 15)]);
        assert!((kappa(&table, &[true, false]).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(kappa(&BTreeMap::from([((true, true), 9)]), &[true, false]), None);
    }
}
