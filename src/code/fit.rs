//! Fits the weights of [`heads`](super::heads) to labelled texts.
//!
//! Small convex problems, solved in a fixed order, so the same labels always give the same weights. The scores must
//! come from a model that had not seen the text, or the model would be trusted more than it deserves.

use std::collections::BTreeMap;

use super::heads::{Heads, POLARITY_FACTS, THEME_FACTS, ThemeHeads, dot, place};
use crate::domain::Polarity;

/// One labelled text, as facts.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    /// Facts for each of the model's themes.
    pub themes: Vec<[f32; THEME_FACTS]>,
    /// The same, if nothing stood around it.
    pub single: Vec<[f32; THEME_FACTS]>,
    /// Which of them a reader gave.
    pub given: Vec<bool>,
    /// Facts on the polarity.
    pub facts: [f32; POLARITY_FACTS],
    /// The polarity that a reader gave.
    pub polarity: Polarity,
    /// Whether the place or the wording settles the polarity, so that nothing is to be learned from it.
    pub fixed: bool,
}

/// How strongly a theme's weights are pulled towards those shared by all themes.
const SHRINKAGE: f32 = 30.0;

/// Fits all weights.
pub(crate) fn fit(themes: &[String], examples: &[Example]) -> Heads {
    Heads {
        among: of_themes(themes, examples, |e| &e.themes),
        single: of_themes(themes, examples, |e| &e.single),
        polarity: polarity(examples),
    }
}

/// Which facts about themes are used.
type Facts = fn(&Example) -> &[[f32; THEME_FACTS]];

/// Fits the weights of themes.
fn of_themes(themes: &[String], examples: &[Example], facts: Facts) -> ThemeHeads {
    let all: Vec<(&[f32; THEME_FACTS], bool)> =
        examples.iter().flat_map(|e| facts(e).iter().zip(e.given.iter().copied())).collect();
    // Without labels the model's own score would decide.
    let mut start = [0.0; THEME_FACTS];
    start[1] = 1.0;
    let shared = logistic(&all, &start, 1.0);
    let mut heads = ThemeHeads { themes: BTreeMap::new(), threshold: 0.5, own_thresholds: BTreeMap::new(), alone: 0.5 };
    for (i, theme) in themes.iter().enumerate() {
        let own: Vec<_> = examples.iter().map(|e| (&facts(e)[i], e.given[i])).collect();
        heads.themes.insert(theme.clone(), logistic(&own, &shared, SHRINKAGE).to_vec());
    }
    thresholds(&mut heads, themes, examples, facts);
    heads
}

/// The weights under which the labels are likeliest, pulled towards start values; by Newton's method.
fn logistic(rows: &[(&[f32; THEME_FACTS], bool)], start: &[f32; THEME_FACTS], hold: f32) -> [f32; THEME_FACTS] {
    let mut weights = *start;
    for _ in 0..30 {
        let mut gradient = [0.0f64; THEME_FACTS];
        let mut curvature = [[0.0f64; THEME_FACTS]; THEME_FACTS];
        for (facts, given) in rows {
            let p = 1.0 / (1.0 + (-f64::from(dot(&weights, *facts))).exp());
            let error = p - if *given { 1.0 } else { 0.0 };
            let spread = (p * (1.0 - p)).max(1e-9);
            for i in 0..THEME_FACTS {
                let x = f64::from(facts[i]);
                if x == 0.0 {
                    continue;
                }
                gradient[i] += error * x;
                for j in 0..=i {
                    curvature[i][j] += spread * x * f64::from(facts[j]);
                }
            }
        }
        for i in 0..THEME_FACTS {
            gradient[i] += f64::from(hold) * f64::from(weights[i] - start[i]);
            curvature[i][i] += f64::from(hold);
        }
        let step = solve(curvature, gradient);
        #[expect(clippy::cast_possible_truncation, reason = "weights are kept as f32")]
        for (weight, s) in weights.iter_mut().zip(step) {
            // Where the curvature is slight, a whole step would overshoot.
            *weight -= s.clamp(-1.0, 1.0) as f32;
        }
        if step.iter().all(|s| s.abs() < 1e-6) {
            break;
        }
    }
    weights
}

/// Solves a symmetric positive system whose lower half is given.
fn solve<const N: usize>(mut a: [[f64; N]; N], mut b: [f64; N]) -> [f64; N] {
    for i in 0..N {
        for j in 0..=i {
            let sum = a[i][j] - a[i][..j].iter().zip(&a[j][..j]).map(|(x, y)| x * y).sum::<f64>();
            a[i][j] = if i == j { sum.max(1e-12).sqrt() } else { sum / a[j][j] };
        }
    }
    for i in 0..N {
        for k in 0..i {
            b[i] -= a[i][k] * b[k];
        }
        b[i] /= a[i][i];
    }
    for i in (0..N).rev() {
        for k in i + 1..N {
            b[i] -= a[k][i] * b[k];
        }
        b[i] /= a[i][i];
    }
    b
}

/// Weights of the four polarities, by gradient descent on the multinomial loss.
fn polarity(examples: &[Example]) -> Vec<Vec<f32>> {
    let rows: Vec<&Example> = examples.iter().filter(|e| !e.fixed).collect();
    let mut weights = vec![vec![0.0f32; POLARITY_FACTS]; 4];
    for (i, w) in weights.iter_mut().enumerate() {
        w[1 + i] = 1.0;
    }
    let start = weights.clone();
    let mut speed = vec![vec![0.0f32; POLARITY_FACTS]; 4];
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let n = rows.len().max(1) as f32;
    for _ in 0..800 {
        let mut gradient = vec![vec![0.0f32; POLARITY_FACTS]; 4];
        for row in &rows {
            let scores: Vec<f32> = weights.iter().map(|w| dot(w, &row.facts)).collect();
            let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let exps: Vec<f32> = scores.iter().map(|s| (s - max).exp()).collect();
            let sum: f32 = exps.iter().sum();
            for (i, g) in gradient.iter_mut().enumerate() {
                let error = exps[i] / sum - if place(row.polarity) == i { 1.0 } else { 0.0 };
                for (g, x) in g.iter_mut().zip(&row.facts) {
                    *g += error * x;
                }
            }
        }
        for i in 0..4 {
            for j in 0..POLARITY_FACTS {
                let g = gradient[i][j] / n + 0.001 * (weights[i][j] - start[i][j]);
                speed[i][j] = 0.9 * speed[i][j] - 0.05 * g;
                weights[i][j] += speed[i][j];
            }
        }
    }
    weights
}

/// The two limits that give the best F1 over all themes together.
fn thresholds(heads: &mut ThemeHeads, themes: &[String], examples: &[Example], facts: Facts) {
    let table: Vec<(Vec<f32>, &[bool])> = examples
        .iter()
        .map(|e| {
            let row = themes.iter().zip(facts(e)).map(|(t, f)| heads.probability(t, f).unwrap_or_default());
            (row.collect(), e.given.as_slice())
        })
        .collect();
    let mut best = (-1.0f32, 0.5, 0.5);
    for step in 6u8..14 {
        let threshold = f32::from(step) * 0.05;
        for step in 0u8..10 {
            let alone = f32::from(step) * 0.05 + 0.05;
            if alone > threshold {
                continue;
            }
            let (mut hit, mut wrong) = (0.0f32, 0.0f32);
            for (row, given) in &table {
                let chosen = choose(row, |_| threshold, alone);
                for (i, given) in given.iter().enumerate() {
                    match (chosen.contains(&i), given) {
                        (true, true) => hit += 2.0,
                        (true, false) | (false, true) => wrong += 1.0,
                        (false, false) => {}
                    }
                }
            }
            let f1 = hit / (hit + wrong).max(1.0);
            if f1 > best.0 {
                best = (f1, threshold, alone);
            }
        }
    }
    (heads.threshold, heads.alone) = (best.1, best.2);
    for (i, theme) in themes.iter().enumerate() {
        let of_theme: Vec<(f32, bool)> = table.iter().map(|(row, given)| (row[i], given[i])).collect();
        if of_theme.iter().filter(|(_, given)| *given).count() >= MIN_TEXTS {
            heads.own_thresholds.insert(theme.clone(), own_threshold(&of_theme, heads.threshold));
        }
    }
}

/// Texts that a theme needs before its own threshold means more than chance.
const MIN_TEXTS: usize = 100;

/// How far a theme's own threshold may lie from that of all themes.
const MAX_SHIFT: f32 = 0.1;

/// The threshold near that of all themes that gives one theme the best F1; the nearest of equals.
fn own_threshold(texts: &[(f32, bool)], common: f32) -> f32 {
    let mut best = (-1.0f32, common);
    for step in [0.0f32, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75, -1.0, 1.0] {
        let threshold = common + step * MAX_SHIFT;
        let (mut hit, mut wrong) = (0.0f32, 0.0f32);
        for (probability, given) in texts {
            match (*probability >= threshold, given) {
                (true, true) => hit += 2.0,
                (true, false) | (false, true) => wrong += 1.0,
                (false, false) => {}
            }
        }
        let f1 = hit / (hit + wrong).max(1.0);
        if f1 > best.0 + 0.002 {
            best = (f1, threshold);
        }
    }
    best.1
}

/// The themes that are given: all from their threshold on, or else the likeliest if it is likely enough.
pub(crate) fn choose(probabilities: &[f32], threshold: impl Fn(usize) -> f32, alone: f32) -> Vec<usize> {
    let chosen: Vec<usize> = (0..probabilities.len()).filter(|i| probabilities[*i] >= threshold(*i)).collect();
    if !chosen.is_empty() {
        return chosen;
    }
    let mut best: Option<usize> = None;
    for (i, p) in probabilities.iter().enumerate() {
        if *p >= alone && best.is_none_or(|b| *p > probabilities[b]) {
            best = Some(i);
        }
    }
    best.into_iter().collect()
}
