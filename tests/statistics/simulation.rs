//! In simulated datasets whose truth is known, intervals contain the truth as often as they claim, and chance is seldom
//! called a trend.
//!
//! `cargo test --release --test statistics -- --ignored --nocapture` simulates 2,000 datasets for each cell of the table
//! in `docs/method.md`, and prints the table. The other tests simulate fewer.

use sendlens::domain::LetterCounts;
use sendlens::query::SMALL;
use sendlens::query::correction::{Counted, ErrorModel, correct};
use sendlens::query::stats::{CLEAR, adjust_for_comparisons, trend, wilson};

/// The number of labelled letters and of themes.
const LABELLED: u32 = 35;
const THEMES: u32 = 34;
/// Numbers of letters in a dataset.
const SIZES: [u32; 4] = [20, 55, 150, 600];
/// True shares of letters that have the theme.
const SHARES: [f64; 6] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.95];
/// Coders, by their rates on an average theme: the share of letters with the theme that they find, and the share of
/// letters without it to which they add it.
const CODERS: [(f64, f64); 3] = [(0.9, 0.03), (0.75, 0.02), (0.95, 0.1)];
/// How much a coder's rates differ between themes: the standard deviation of their log odds, about as in the labelled
/// letters. The log odds are normal here, unlike the beta distributions that the correction assumes.
const LOG_ODDS_DEVIATION: f64 = 1.0;

/// The theme whose share is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    /// Its rates differ from the others as those of any theme do, and it has labels of its own.
    Any,
    /// Its rates are those of an average theme.
    Average,
    /// Its rates differ from the others as those of any theme do, and it has no labels.
    Unlabelled,
}

fn binomial(chance: &mut fastrand::Rng, trials: u32, p: f64) -> u32 {
    (0..trials).map(|_| u32::from(chance.f64() < p)).sum()
}

fn normal(chance: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - chance.f64()).ln()).sqrt() * (std::f64::consts::TAU * chance.f64()).cos()
}

/// A theme's rates, drawn around the coder's rates on an average theme.
fn rates(chance: &mut fastrand::Rng, (found, added): (f64, f64)) -> (f64, f64) {
    let mut about = |rate: f64| {
        let odds = (rate / (1.0 - rate)).ln() + LOG_ODDS_DEVIATION * normal(chance);
        1.0 / (1.0 + (-odds).exp())
    };
    (about(found), about(added))
}

/// The number of letters in a dataset to which a coder with these rates gives the theme.
fn count_coded(chance: &mut fastrand::Rng, letters: u32, share: f64, (found, added): (f64, f64)) -> u32 {
    let has = binomial(chance, letters, share);
    binomial(chance, has, found) + binomial(chance, letters - has, added)
}

/// The labels of one theme.
fn labels(chance: &mut fastrand::Rng, share: f64, (found, added): (f64, f64)) -> LetterCounts {
    let has = binomial(chance, LABELLED, share);
    let has_coded = binomial(chance, has, found);
    let has_not = LABELLED - has;
    LetterCounts { has, has_coded, has_not, has_not_coded: binomial(chance, has_not, added) }
}

/// In how many of `runs` datasets the corrected and the raw interval contain the true share, and how many have a
/// corrected share.
fn count_covered(runs: u32, letters: u32, share: f64, coder: (f64, f64), asked: Theme) -> (u32, u32, u32) {
    let mut chance = fastrand::Rng::with_seed(u64::from(letters) << 16 | (share * 1000.0) as u64);
    let (mut corrected, mut raw, mut made) = (0, 0, 0);
    for _ in 0..runs {
        // The other themes range from rare to frequent.
        let mut themes: Vec<LetterCounts> = (1..THEMES)
            .map(|theme| {
                let rates = rates(&mut chance, coder);
                labels(&mut chance, 0.01 + 0.8 * (f64::from(theme) / f64::from(THEMES)).powi(2), rates)
            })
            .collect();
        let rates = if asked == Theme::Average { coder } else { rates(&mut chance, coder) };
        let own = if asked == Theme::Unlabelled { LetterCounts::default() } else { labels(&mut chance, share, rates) };
        themes.push(own);
        let count = count_coded(&mut chance, letters, share, rates) as usize;
        let adjusted = correct(&ErrorModel::of(&themes), &own, Counted::by_coder(count, letters as usize));
        let (Some(low), Some(high)) = (adjusted.adjusted_low, adjusted.adjusted_high) else { continue };
        let (raw_low, raw_high) = wilson(count, letters as usize).unwrap();
        made += 1;
        corrected += u32::from(low <= share && share <= high);
        raw += u32::from(raw_low <= share && share <= raw_high);
    }
    (corrected, raw, made)
}

/// In how many of `runs` datasets without any trend at least one of 34 themes has a clear one. Half of the letters are of
/// the middle one of three years.
fn count_false_alarms(runs: u32, letters: u32) -> u32 {
    let mut chance = fastrand::Rng::with_seed(u64::from(letters));
    let of_year = [letters / 4, letters - 2 * (letters / 4), letters / 4].map(|n| n.max(SMALL as u32));
    let alarm = |chance: &mut fastrand::Rng| {
        let p_values: Vec<f64> = (0..THEMES)
            .filter_map(|theme| {
                let share = 0.01 + 0.8 * (f64::from(theme) / f64::from(THEMES - 1)).powi(2);
                let years: Vec<(i16, usize, usize)> = (2023..)
                    .zip(of_year)
                    .map(|(year, n)| (year, binomial(chance, n, share) as usize, n as usize))
                    .collect();
                Some(trend(&years)?.p)
            })
            .collect();
        adjust_for_comparisons(&p_values).iter().any(|p| *p < CLEAR)
    };
    (0..runs).map(|_| u32::from(alarm(&mut chance))).sum()
}

#[test]
fn corrected_intervals_contain_the_truth_where_raw_ones_do_not() {
    for (letters, share, theme) in [(55, 0.1, Theme::Any), (150, 0.25, Theme::Unlabelled), (600, 0.75, Theme::Average)]
    {
        for coder in CODERS {
            let (corrected, raw, made) = count_covered(100, letters, share, coder, theme);
            // Four standard errors of 100 runs below 95%.
            assert!(corrected * 100 >= made * 86, "{letters} letters, {share}, {coder:?}: {corrected} of {made}");
            assert!(made >= 90, "{made} of 100 are corrected");
            assert!(raw <= corrected || raw * 100 >= made * 86);
        }
    }
    let (corrected, raw, made) = count_covered(100, 600, 0.75, CODERS[1], Theme::Average);
    assert!(corrected * 100 > made * 86 && raw < made / 10, "the raw interval contains the truth too often: {raw}");
}

#[test]
fn without_any_trend_few_datasets_show_a_clear_one() {
    for letters in [40, 150] {
        // 5% of 300, and three standard errors.
        let alarms = count_false_alarms(300, letters);
        assert!(alarms <= 26, "{letters} letters: {alarms} of 300");
    }
}

#[test]
#[ignore = "a quarter of an hour: makes the tables of docs/method.md"]
fn the_tables_of_coverage_are_printed() {
    const RUNS: u32 = 2000;
    // Chance moves a cell of 2,000 datasets by up to a point: one outside 93% to 97% is run with more.
    const MORE_RUNS: u32 = 10_000;
    let share_of = |(held, made): (u32, u32)| 100.0 * f64::from(held) / f64::from(made);
    for asked in [Theme::Any, Theme::Unlabelled] {
        println!(
            "\n{asked:?}\n\n| coder finds / adds | true share | {} |",
            SIZES.map(|n| format!("{n} letters")).join(" | ")
        );
        println!("|---|---:|{}", "---:|".repeat(SIZES.len()));
        let (mut within, mut least, mut most) = (0, 100.0_f64, 0.0_f64);
        for coder in CODERS {
            for share in SHARES {
                let row = std::thread::scope(|scope| {
                    let cells =
                        SIZES.map(|letters| scope.spawn(move || count_covered(RUNS, letters, share, coder, asked)));
                    cells.map(|cell| cell.join().unwrap())
                });
                let mut sizes = SIZES.iter();
                let row = row.map(|(corrected, raw, made)| {
                    let letters = *sizes.next().unwrap();
                    let [corrected, raw] = [corrected, raw].map(|held| share_of((held, made)));
                    if !(93.0..=97.0).contains(&corrected) {
                        let (covered, _, made) = count_covered(MORE_RUNS, letters, share, coder, asked);
                        println!(
                            "{letters} letters, {share}, {coder:?}, {MORE_RUNS} runs: {:.1}%",
                            share_of((covered, made))
                        );
                    }
                    within += u32::from((93.0..=97.0).contains(&corrected));
                    (least, most) = (least.min(corrected), most.max(corrected));
                    format!("{corrected:.1}% ({raw:.1}%)")
                });
                let [found, added, share] = [coder.0, coder.1, share].map(|part| part * 100.0);
                println!("| {found:.0}% / {added:.0}% | {share:.0}% | {} |", row.join(" | "));
            }
        }
        println!("\n{within} of 72 cells lie between 93% and 97%; the lowest is {least:.1}%, the highest {most:.1}%.");
    }
    for letters in SIZES {
        let alarms = 100.0 * f64::from(count_false_alarms(RUNS, letters)) / f64::from(RUNS);
        println!("{letters} letters: a false clear trend in {alarms:.1}% of datasets");
    }
}
