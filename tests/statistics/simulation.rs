//! How often intervals hold the truth, and how often chance is called a trend, in datasets whose truth is known.
//!
//! `cargo test --release --test statistics -- --ignored --nocapture` runs the 2,000 datasets for each cell of the table
//! in `docs/method.md` and prints it; the tests run fewer.

use sendlens::domain::LetterCounts;
use sendlens::query::SMALL;
use sendlens::query::correction::{Counted, correct};
use sendlens::query::stats::{CLEAR, adjust_for_comparisons, trend, wilson};

/// Labelled letters, as many as there are.
const LABELLED: u32 = 35;
/// Letters of a dataset.
const SIZES: [u32; 4] = [20, 55, 150, 600];
/// True shares of letters that have the theme.
const SHARES: [f64; 6] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.95];
/// Coders: the share of letters with the theme that they find, and the share of those without that they add.
const CODERS: [(f64, f64); 3] = [(0.9, 0.03), (0.75, 0.02), (0.95, 0.1)];

fn binomial(chance: &mut fastrand::Rng, trials: u32, p: f64) -> u32 {
    (0..trials).map(|_| u32::from(chance.f64() < p)).sum()
}

/// One theme in one dataset, as a coder with these errors codes it.
fn coded(chance: &mut fastrand::Rng, letters: u32, share: f64, (found, added): (f64, f64)) -> u32 {
    let has = binomial(chance, letters, share);
    binomial(chance, has, found) + binomial(chance, letters - has, added)
}

/// In how many of `runs` datasets the corrected and the raw interval hold the true share.
fn held(runs: u32, letters: u32, share: f64, coder: (f64, f64)) -> (u32, u32, u32) {
    let mut chance = fastrand::Rng::with_seed(u64::from(letters) << 16 | (share * 1000.0) as u64);
    let (mut corrected, mut raw, mut made) = (0, 0, 0);
    while made < runs {
        // Labels hold what they hold by chance, as far as a correction is made at all.
        let has = binomial(&mut chance, LABELLED, share).clamp(3, LABELLED - 3);
        let labelled = LetterCounts {
            has,
            has_coded: binomial(&mut chance, has, coder.0),
            has_not: LABELLED - has,
            has_not_coded: binomial(&mut chance, LABELLED - has, coder.1),
        };
        let count = coded(&mut chance, letters, share, coder) as usize;
        let adjusted = correct(&labelled, Counted::by_coder(count, letters as usize));
        let (Some(low), Some(high)) = (adjusted.adjusted_low, adjusted.adjusted_high) else { continue };
        let (raw_low, raw_high) = wilson(count, letters as usize).unwrap();
        made += 1;
        corrected += u32::from(low <= share && share <= high);
        raw += u32::from(raw_low <= share && share <= raw_high);
    }
    (corrected, raw, made)
}

/// In how many of `runs` datasets without any trend at least one of 34 themes is called clear. Letters are of three
/// years, the middle one of half of them.
fn false_alarms(runs: u32, letters: u32) -> u32 {
    let mut chance = fastrand::Rng::with_seed(u64::from(letters));
    let of_year = [letters / 4, letters - 2 * (letters / 4), letters / 4].map(|n| n.max(SMALL as u32));
    let alarm = |chance: &mut fastrand::Rng| {
        let p_values: Vec<f64> = (0..34)
            .filter_map(|theme| {
                let share = 0.01 + 0.8 * (f64::from(theme) / 33.0).powi(2);
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
fn corrected_intervals_hold_the_truth_where_raw_ones_do_not() {
    for (letters, share) in [(55, 0.1), (150, 0.25), (600, 0.75)] {
        for coder in CODERS {
            let (corrected, raw, made) = held(200, letters, share, coder);
            // Four standard errors of 200 runs below 95%.
            assert!(corrected * 100 >= made * 89, "{letters} letters, share {share}, {coder:?}: {corrected} of {made}");
            assert!(raw <= corrected || raw * 100 >= made * 89);
        }
    }
    let (corrected, raw, made) = held(200, 600, 0.75, CODERS[1]);
    assert!(corrected > made / 100 * 89 && raw < made / 10, "the raw interval holds another share: {raw}");
}

#[test]
fn without_any_trend_few_datasets_show_a_clear_one() {
    for letters in [40, 150] {
        // 5% of 300, and three standard errors.
        let alarms = false_alarms(300, letters);
        assert!(alarms <= 26, "{letters} letters: {alarms} of 300");
    }
}

#[test]
#[ignore = "two minutes: makes the table of docs/method.md"]
fn the_table_of_coverage() {
    const RUNS: u32 = 2000;
    let percent = |of: u32| 100.0 * f64::from(of) / f64::from(RUNS);
    println!("| coder finds / adds | true share | {} |", SIZES.map(|n| format!("{n} letters")).join(" | "));
    println!("|---|---:|{}", "---:|".repeat(SIZES.len()));
    let (mut within, mut cells) = (0, 0);
    for coder in CODERS {
        for share in SHARES {
            let row = SIZES.map(|letters| {
                let (corrected, raw, _) = held(RUNS, letters, share, coder);
                cells += 1;
                within += u32::from((93.0..=97.0).contains(&percent(corrected)));
                format!("{:.1}% ({:.1}%)", percent(corrected), percent(raw))
            });
            println!(
                "| {:.0}% / {:.0}% | {:.0}% | {} |",
                coder.0 * 100.0,
                coder.1 * 100.0,
                share * 100.0,
                row.join(" | ")
            );
        }
    }
    println!("\n{within} of {cells} cells lie between 93% and 97%.");
    for letters in SIZES {
        println!("{letters} letters: a false clear trend in {:.1}% of datasets", percent(false_alarms(RUNS, letters)));
    }
}
