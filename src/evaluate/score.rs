//! Counting right and wrong.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Polarity, Term};

/// How often something was given rightly, wrongly, or left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Given by both.
    pub right: u32,
    /// Given by the coder alone.
    pub wrong: u32,
    /// Given by the reader alone.
    pub missed: u32,
}

impl Tally {
    /// Adds one decision.
    pub fn count(&mut self, given: bool, expected: bool) {
        match (given, expected) {
            (true, true) => self.right += 1,
            (true, false) => self.wrong += 1,
            (false, true) => self.missed += 1,
            (false, false) => {}
        }
    }

    /// Adds another tally.
    pub fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }

    /// How many of those given are right; `None` if none were given.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        ratio(self.right, self.right + self.wrong)
    }

    /// How many of those expected were given; `None` if none were expected.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        ratio(self.right, self.right + self.missed)
    }

    /// Harmonic mean of precision and recall; `None` if there is nothing to count.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }
}

fn ratio(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// The score of one theme.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThemeScore {
    /// The theme.
    pub theme: String,
    /// Texts to which a reader gave it.
    pub texts: u32,
    /// Precision.
    pub precision: Option<f64>,
    /// Recall.
    pub recall: Option<f64>,
    /// F1.
    pub f1: Option<f64>,
}

/// The scores of one collection of texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetScore {
    /// The collection ("sentences", "statements", "formal_items", "describing", "written", "all").
    pub set: String,
    /// Texts scored.
    pub texts: u32,
    /// F1 over all decisions together.
    pub micro_f1: Option<f64>,
    /// Precision over all decisions together.
    pub micro_precision: Option<f64>,
    /// Recall over all decisions together.
    pub micro_recall: Option<f64>,
    /// Mean of the themes' F1, over themes that occur.
    pub macro_f1: Option<f64>,
    /// Share of texts with the right polarity.
    pub polarity_accuracy: Option<f64>,
    /// Share of texts with exactly the right themes, of those to which a reader gave themes.
    pub exact: Option<f64>,
    /// Each theme.
    pub themes: Vec<ThemeScore>,
    /// For each polarity that a reader gave, how often the coder gave each polarity.
    pub confusion: BTreeMap<String, BTreeMap<String, u32>>,
}

/// Counts up one collection.
#[derive(Debug, Default)]
pub struct Counter {
    themes: BTreeMap<String, Tally>,
    polarity: BTreeMap<(Polarity, Polarity), u32>,
    texts: u32,
    with_themes: u32,
    exact: u32,
}

impl Counter {
    /// Adds one text: the themes of reader and coder, and their polarities.
    pub fn add(&mut self, themes: &[&str], expected: &[String], given: &[String], polarity: (Polarity, Polarity)) {
        for theme in themes {
            let has = |list: &[String]| list.iter().any(|t| t == theme);
            self.themes.entry((*theme).to_owned()).or_default().count(has(given), has(expected));
        }
        self.add_polarity(polarity);
        self.with_themes += 1;
        let (mut a, mut b) = (expected.to_vec(), given.to_vec());
        a.sort();
        b.sort();
        self.exact += u32::from(a == b);
    }

    /// Adds a text to which a reader gave a polarity and no themes.
    pub fn add_polarity(&mut self, polarity: (Polarity, Polarity)) {
        *self.polarity.entry(polarity).or_default() += 1;
        self.texts += 1;
    }

    /// The scores, themes in the order given.
    #[must_use]
    pub fn score(&self, set: &str, order: &[&str]) -> SetScore {
        let mut whole = Tally::default();
        let mut themes = Vec::new();
        for theme in order {
            let tally = self.themes.get(*theme).copied().unwrap_or_default();
            whole.add(tally);
            themes.push(ThemeScore {
                theme: (*theme).to_owned(),
                texts: tally.right + tally.missed,
                precision: tally.precision(),
                recall: tally.recall(),
                f1: tally.f1(),
            });
        }
        let occurring: Vec<f64> = themes.iter().filter(|t| t.texts > 0).map(|t| t.f1.unwrap_or(0.0)).collect();
        #[expect(clippy::cast_precision_loss, reason = "some dozens of themes")]
        let macro_f1 = (!occurring.is_empty()).then(|| occurring.iter().sum::<f64>() / occurring.len() as f64);
        let agreed = self.polarity.iter().filter(|((a, b), _)| a == b).map(|(_, n)| n).sum();
        let mut confusion: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for expected in Polarity::ALL {
            let row = confusion.entry(expected.to_string()).or_default();
            for given in Polarity::ALL {
                row.insert(given.to_string(), self.polarity.get(&(*expected, *given)).copied().unwrap_or(0));
            }
        }
        SetScore {
            set: set.to_owned(),
            texts: self.texts,
            micro_f1: whole.f1(),
            micro_precision: whole.precision(),
            micro_recall: whole.recall(),
            macro_f1,
            polarity_accuracy: ratio(agreed, self.texts),
            exact: ratio(self.exact, self.with_themes),
            themes,
            confusion,
        }
    }
}
