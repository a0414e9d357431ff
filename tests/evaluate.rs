#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
//! The coder keeps its quality on labelled data, where these lie beside the checkout.

use std::path::Path;

use sendlens::code::{self, Coder};
use sendlens::codebook::Codebook;
use sendlens::domain::{LetterKind, Section};
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
    let letters = shared.join("letters");
    let mut gold = load(&shared.join("gold"), Some(&letters), Reference::bundled()).unwrap();
    let labelled_elsewhere = gold.texts.len();
    gold.merge(load(&own_labels(), Some(&letters), Reference::bundled()).unwrap());
    assert_eq!(gold.missing_labels, 0, "every labelled sentence stands in its letter");
    let own = u32::try_from(gold.texts.len() - labelled_elsewhere).unwrap();
    let evaluation = evaluate(&gold, &Coder::new(Codebook::bundled()), false);
    assert_eq!(evaluation.skipped, 0, "every labelled text has a held-out score");
    assert_eq!(evaluation.unseen, own, "texts were scored that the coder may have been fitted to");
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

fn own_labels() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/gold")
}

#[test]
fn what_is_coded_and_hardly_labelled_is_named() {
    let gold = load(&own_labels(), None, Reference::bundled()).unwrap();
    assert_eq!(gold.missing_labels, 277, "without the letters their sentences are missing, and counted");
    let evaluation = evaluate(&gold, &Coder::patterns_only(Codebook::bundled()), true);
    let of = |kind, section| {
        let pair = evaluation.coverage.iter().find(|pair| (pair.letter_kind, pair.section) == (kind, section));
        pair.map(|pair| (pair.labels, pair.few))
    };
    assert_eq!(of(LetterKind::RevisitLetter, Section::Progress), Some((50, false)));
    assert_eq!(of(LetterKind::AreaSendFull, Section::Context), Some((0, true)));
}

#[test]
fn labels_that_this_program_cannot_read_are_refused_with_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |text: &str| {
        std::fs::write(folder.path().join("labels-x.jsonl"), text).unwrap();
        load(folder.path(), None, Reference::bundled()).unwrap_err().to_string()
    };
    let later = refused("{\"format\":\"sendlens labels\",\"version\":2,\"set\":\"written\"}\n");
    assert!(later.contains("line 1") && later.contains("reads \"sendlens labels\" version 1"), "{later}");
    let set = refused("{\"format\":\"sendlens labels\",\"version\":1,\"set\":\"x\"}\n");
    assert!(set.contains("unknown set"), "{set}");
    let label = refused("{\"format\":\"sendlens labels\",\"version\":1,\"set\":\"written\"}\n{\"id\":\"a\"}\n");
    assert!(label.contains("line 2"), "{label}");
}
