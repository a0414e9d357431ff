#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
//! The coder keeps its quality on labelled data, where these lie beside the checkout.

use std::path::Path;

use sendlens::code::{self, Coder};
use sendlens::codebook::Codebook;
use sendlens::evaluate::{Floors, error_rates, evaluate, load};
use sendlens::query::correction::{Counted, bundled, correct};
use sendlens::reference::Reference;

#[test]
fn the_coder_stays_above_its_floors() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !shared.is_dir() {
        println!("skipped: no labelled data beside the checkout");
        return;
    }
    let gold = load(&shared.join("gold"), Some(&shared.join("letters")), Reference::bundled()).unwrap();
    let evaluation = evaluate(&gold, &Coder::new(Codebook::bundled()), false);
    assert_eq!(evaluation.skipped, 0, "every labelled text has a held-out score");
    assert_eq!(evaluation.unseen, 0, "texts were scored that the coder may have been fitted to");
    let broken = Floors::bundled().unwrap().broken(&evaluation);
    assert!(broken.is_empty(), "{broken:?}");
}

/// How to count the coder's errors anew.
const COUNT_AGAIN: &str = "the coder has changed since its errors were counted; count them again with: \
    cargo run --release -- evaluate ../shared/gold --error-rates-to corpus/error-rates.json";

#[test]
fn error_rates_belong_to_this_coder() {
    let rates = bundled().expect(COUNT_AGAIN);
    assert_eq!(
        (rates.code, &rates.codebook),
        (code::VERSION, &Coder::new(Codebook::bundled()).fingerprint()),
        "{COUNT_AGAIN}"
    );
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !shared.is_dir() {
        println!("skipped: no labelled data beside the checkout");
        return;
    }
    let gold = load(&shared.join("gold"), Some(&shared.join("letters")), Reference::bundled()).unwrap();
    assert_eq!(&error_rates(&gold, &Coder::new(Codebook::bundled())), rates, "{COUNT_AGAIN}");
}

#[test]
fn corrected_shares_of_the_labelled_letters_hold_the_readers_own() {
    let rates = bundled().expect(COUNT_AGAIN);
    let (mut held, mut refused) = (0, Vec::new());
    for (theme, counts) in &rates.flagged {
        let count = |n: u32| usize::try_from(n).unwrap();
        let letters = count(counts.has + counts.has_not);
        let coded = count(counts.has_coded + counts.has_not_coded);
        let adjusted = correct(counts, Counted::by_coder(coded, letters));
        let (Some(low), Some(high)) = (adjusted.adjusted_low, adjusted.adjusted_high) else {
            refused.push(theme);
            continue;
        };
        let readers = f64::from(counts.has) / f64::from(counts.has + counts.has_not);
        held += usize::from(low <= readers && readers <= high);
    }
    println!("{held} of {} corrected shares hold the readers' own; refused: {refused:?}", rates.flagged.len());
    assert_eq!(held + refused.len(), rates.flagged.len());
    assert!(held >= 25, "{held}; refused: {refused:?}");
}

#[test]
fn a_floor_that_is_not_reached_is_named() {
    let gold = sendlens::evaluate::Gold::default();
    let evaluation = evaluate(&gold, &Coder::patterns_only(Codebook::bundled()), true);
    let floors = Floors::parse("[sentences]\nmicro_f1 = 0.5\n").unwrap();
    assert_eq!(floors.broken(&evaluation), ["sentences micro_f1 was not measured; its floor is 0.5"]);
    assert!(Floors::parse("sentences = 1").is_err());
}
