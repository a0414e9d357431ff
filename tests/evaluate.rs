//! The coder keeps its quality on labelled data, where they lie beside the checkout, and corrected shares agree with
//! what readers counted.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sendlens::code::{self, Coder};
use sendlens::codebook::Codebook;
use sendlens::domain::{LetterCounts, LetterKind, Section};
use sendlens::evaluate::{Floors, error_rates, evaluate, load};
use sendlens::query::correction::{Counted, ErrorModel, bundled, bundled_model, correct};
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
    assert_eq!(gold.missing_labels, 0, "every labelled sentence is in its letter");
    let own = u32::try_from(gold.texts.len() - labelled_elsewhere).unwrap();
    let evaluation = evaluate(&gold, &Coder::new(Codebook::bundled()), false);
    assert_eq!(evaluation.skipped, 0, "every labelled text has a held-out score");
    assert_eq!(evaluation.unseen, own, "the coder may have been fitted to texts that were scored");
    let broken = Floors::bundled().unwrap().broken(&evaluation);
    assert!(broken.is_empty(), "{broken:?}");
}

/// How to count the coder's errors again.
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

/// Whether the interval of the corrected share contains the readers' own share. `None` if no share can be corrected.
fn contains_readers_share(errors: &ErrorModel, labelled: &LetterCounts, letters: &LetterCounts) -> Option<bool> {
    let count = |n: u32| usize::try_from(n).unwrap();
    let coded =
        Counted::by_coder(count(letters.has_coded + letters.has_not_coded), count(letters.has + letters.has_not));
    let adjusted = correct(errors, labelled, coded);
    let readers = f64::from(letters.has) / f64::from(letters.has + letters.has_not);
    Some(adjusted.adjusted_low? <= readers && readers <= adjusted.adjusted_high?)
}

#[test]
fn corrected_shares_of_the_labelled_letters_agree_with_the_readers() {
    let rates = bundled().expect(COUNT_AGAIN);
    let errors = bundled_model(None).expect(COUNT_AGAIN);
    let held =
        rates.flagged.values().filter(|counts| contains_readers_share(errors, counts, counts) == Some(true)).count();
    println!("{held} of {} corrected shares contain the readers' own", rates.flagged.len());
    assert_eq!(rates.flagged.len(), 34);
    assert!(held >= 32, "{held}");
}

#[test]
fn corrected_shares_of_themes_whose_labels_were_left_out_agree_with_the_readers() {
    let rates = bundled().expect(COUNT_AGAIN);
    let mut held = 0;
    for (theme, counts) in &rates.flagged {
        let others: Vec<LetterCounts> =
            rates.flagged.iter().filter(|(other, _)| *other != theme).map(|(_, counts)| *counts).collect();
        held += usize::from(
            contains_readers_share(&ErrorModel::of(&others), &LetterCounts::default(), counts) == Some(true),
        );
    }
    println!("{held} of {} contain it when only the errors on the other themes are known", rates.flagged.len());
    assert!(held >= 32, "{held}");
}

#[test]
fn corrected_shares_of_letters_whose_labels_were_left_out_agree_with_the_readers() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !shared.is_dir() {
        println!("skipped: no labelled data beside the checkout");
        return;
    }
    let gold = load(&shared.join("gold"), Some(&shared.join("letters")), Reference::bundled()).unwrap();
    let coder = Coder::new(Codebook::bundled());
    // Each fifth of the letters is corrected by the errors counted on the other four.
    let part = |number: usize, other: bool| {
        let mut part = gold.clone();
        let files: BTreeSet<String> = gold
            .documents
            .iter()
            .map(|d| d.file.clone())
            .enumerate()
            .filter(|(n, _)| (n % 5 == number) != other)
            .map(|(_, f)| f)
            .collect();
        part.documents.retain(|document| files.contains(&document.file));
        part.texts.retain(|text| text.labelled.document.as_ref().is_some_and(|file| files.contains(file)));
        error_rates(&part, &coder).flagged
    };
    let (mut held, mut made, mut by_theme) = (0, 0, BTreeMap::<String, u32>::new());
    for number in 0..5 {
        let (known, asked) = (part(number, true), part(number, false));
        let errors = ErrorModel::of(&known.values().copied().collect::<Vec<_>>());
        for (theme, letters) in &asked {
            let Some(holds) = contains_readers_share(&errors, &known[theme], letters) else { continue };
            made += 1;
            held += u32::from(holds);
            *by_theme.entry(theme.clone()).or_default() += u32::from(!holds);
        }
    }
    by_theme.retain(|_, missed| *missed > 0);
    println!(
        "{held} of {made} corrected shares of a fifth of the letters contain the readers' own; missed: {by_theme:?}"
    );
    assert_eq!(made, 5 * 34);
    assert!(held * 100 >= made * 95, "{held} of {made}: {by_theme:?}");
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
fn sections_with_few_labels_are_named() {
    let gold = load(&own_labels(), None, Reference::bundled()).unwrap();
    assert_eq!(gold.missing_labels, 276, "without the letters, their labelled sentences are counted as missing");
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
