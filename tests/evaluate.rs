#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
//! The coder keeps its quality on labelled data, where these lie beside the checkout.

use std::path::Path;

use sendlens::code::Coder;
use sendlens::codebook::Codebook;
use sendlens::evaluate::{Floors, evaluate, load};
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

#[test]
fn a_floor_that_is_not_reached_is_named() {
    let gold = sendlens::evaluate::Gold::default();
    let evaluation = evaluate(&gold, &Coder::patterns_only(Codebook::bundled()), true);
    let floors = Floors::parse("[sentences]\nmicro_f1 = 0.5\n").unwrap();
    assert_eq!(floors.broken(&evaluation), ["sentences micro_f1 was not measured; its floor is 0.5"]);
    assert!(Floors::parse("sentences = 1").is_err());
}
