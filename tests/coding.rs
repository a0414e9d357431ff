//! The coder takes its evidence from the text, gives the same answer every time, and judges description, denial and
//! change as a reader would.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::sync::Arc;

use sendlens::code::{Coder, Input, ScoreCache, model_version};
use sendlens::codebook::Codebook;
use sendlens::domain::{Polarity, Role, Section};

#[test]
fn evidence_is_always_a_substring_of_the_text() {
    let coder = Coder::new(Codebook::bundled());
    let texts = [
        ("Children wait too long for a speech and language therapist\u{2019}s assessment.", None),
        ("This means that needs are missed.", Some("Health visitors don\u{2019}t complete the two-year-old check.")),
        (
            "As a result, they don\u{2019}t trust the system.",
            Some("Parents\u{2019} complaints \u{2013} of which there are many \u{2013} go unanswered."),
        ),
        ("", None),
        ("\u{130}\u{130}\u{130} EHC plans are vague \u{2014} and late", None),
    ];
    for (text, previous) in texts {
        let coding = coder.code(&Input { text, previous, section: Some(Section::Experience), role: None });
        for theme in &coding.themes {
            let place = if theme.from_previous { previous.unwrap() } else { text };
            assert!(!theme.evidence.is_empty() && place.contains(&theme.evidence), "{theme:?} not in {place}");
        }
        assert_eq!(coding, coder.code(&Input { text, previous, section: Some(Section::Experience), role: None }));
    }
}

const WAIT: Input<'_> = Input {
    text: "Children wait more than two years for an assessment of autism.",
    previous: None,
    section: Some(Section::NeedsToImprove),
    role: None,
};

fn bytes_of(cache: &ScoreCache) -> Vec<u8> {
    let mut bytes = Vec::new();
    cache.write(&mut bytes).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> Arc<ScoreCache> {
    Arc::new(ScoreCache::read(bytes).unwrap())
}

#[test]
fn the_sentences_of_a_paragraph_are_read_together() {
    let coder = Coder::new(Codebook::bundled());
    let alone = Input { text: "Leaders have responded to this.", ..WAIT };
    let after = Input { text: "This has cut the wait for an autism assessment.", previous: Some(alone.text), ..WAIT };
    let together = coder.code_in_order(&[alone, after]);
    assert_eq!(together, coder.code_in_order(&[alone, after]), "the same answer every time");
    let probability = |coding: &sendlens::domain::Coding| coding.themes.first().and_then(|theme| theme.probability);
    assert_ne!(probability(&together[1]), probability(&coder.code(&after)), "the sentence before it has a say");
    // Where nothing stands around a text, one text at a time gives the same answer.
    let elsewhere = Input { section: Some(Section::Effective), previous: None, ..after };
    let apart = coder.code_in_order(&[alone, elsewhere]);
    assert_eq!(apart, [coder.code(&alone), coder.code(&elsewhere)]);
}

#[test]
fn cached_scores_are_used_and_give_the_same_codes() {
    let cache = Arc::new(ScoreCache::default());
    let coder = Coder::new(Codebook::bundled()).with_cache(Arc::clone(&cache));
    let fresh = coder.code(&WAIT);
    assert_eq!(fresh, Coder::new(Codebook::bundled()).code(&WAIT));
    assert_eq!((cache.len(), cache.is_new()), (1, true));
    let bytes = bytes_of(&cache);
    let again = read(&bytes);
    assert_eq!((again.len(), again.is_new()), (1, false));
    let coder = Coder::new(Codebook::bundled()).with_cache(Arc::clone(&again));
    assert_eq!(coder.code(&WAIT), fresh);
    assert!(!again.is_new(), "nothing was computed again");
    // Another section is another entry.
    let _ = coder.code(&Input { section: Some(Section::Effective), ..WAIT });
    assert!(again.is_new() && again.len() == 2);

    // Other scores in the file give other codes: the scores do come from the file.
    let header = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
    let mut altered = bytes.clone();
    let scores = header + 16 + 4;
    altered[scores..scores + 2 * 34].fill(0x80);
    let coder = Coder::patterns_only(Codebook::bundled());
    assert_eq!(coder.clone().with_cache(read(&altered)).code(&WAIT), coder.code(&WAIT));
    let coder = Coder::new(Codebook::bundled()).with_cache(read(&altered));
    assert_ne!(coder.code(&WAIT), fresh);
}

#[test]
fn scores_of_other_weights_and_damaged_scores_are_discarded() {
    let cache = Arc::new(ScoreCache::default());
    let _ = Coder::new(Codebook::bundled()).with_cache(Arc::clone(&cache)).code(&WAIT);
    let bytes = bytes_of(&cache);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.lines().next().unwrap().ends_with(model_version()));
    let at = bytes.iter().position(|b| *b == b'\n').unwrap() - 1;
    let mut other = bytes.clone();
    other[at] = if other[at] == b'0' { b'1' } else { b'0' };
    for wrong in [&other[..], &bytes[..bytes.len() - 1], b"", b"sendlens scores"] {
        assert!(read(wrong).is_empty());
    }
}

/// The coder with the model and the one without, for what both must get right.
fn coders() -> [Coder; 2] {
    [Coder::new(Codebook::bundled()), Coder::patterns_only(Codebook::bundled())]
}

#[test]
fn a_description_of_an_area_is_neutral_unless_its_words_judge() {
    let described = [
        "The local area partnership commissions a range of alternative provision (AP).",
        "On 1 July 2022, the integrated care board became responsible for the commissioning of health services.",
        "The council and the board are jointly responsible for planning and commissioning services.",
        "The authority provides education for pupils who cannot attend school because of poor health or exclusion.",
        "There have been significant changes to the senior leadership of SEND services.",
    ];
    let judged = [
        ("The council's checks on these providers are weak and long overdue.", Polarity::Weakness),
        ("The partnership is well established.", Polarity::Strength),
        ("Changes to leadership have added to the delays in improving services.", Polarity::Weakness),
    ];
    let described = described.map(|text| (text, Polarity::Neutral));
    for coder in coders() {
        for (text, polarity) in described.iter().chain(&judged) {
            let input = Input { text, section: Some(Section::Context), role: Some(Role::Narrative), previous: None };
            assert_eq!(coder.code(&input).polarity, *polarity, "{text}");
        }
        for (text, polarity) in &described[..3] {
            assert_eq!(
                coder.code(&Input { text, ..Input::default() }).polarity,
                *polarity,
                "without its section: {text}"
            );
        }
    }
}

#[test]
fn a_strength_that_only_counts_is_neutral_and_one_that_judges_both_ways_is_mixed() {
    for coder in coders() {
        for (text, polarity) in [
            ("At the time of the inspection, 38 care leavers had a plan.", Polarity::Neutral),
            ("The guidance for schools is thorough yet hard to navigate.", Polarity::Mixed),
            ("Almost every assessment is completed within 20 weeks.", Polarity::Strength),
        ] {
            let input =
                Input { text, section: Some(Section::MeetingNeeds), role: Some(Role::Strength), previous: None };
            assert_eq!(coder.code(&input).polarity, polarity, "{text}");
        }
    }
}

#[test]
fn denial_and_change_reverse_the_judgement() {
    let sentences = [
        ("Parents are not dissatisfied with the support.", Polarity::Strength),
        ("It is not the case that leaders lack ambition.", Polarity::Strength),
        ("It is not the case that leaders are ambitious.", Polarity::Weakness),
        ("Few parents know about the local offer.", Polarity::Weakness),
        ("Previously, children waited too long for therapy; this is no longer the case.", Polarity::Strength),
        ("Previously, parents valued the service, but this is no longer the case.", Polarity::Weakness),
        ("The area has made sufficient progress in addressing this significant weakness.", Polarity::Strength),
        ("The area has not made sufficient progress in addressing this significant weakness.", Polarity::Weakness),
    ];
    for coder in coders() {
        for section in [None, Some(Section::MainFindings), Some(Section::Progress), Some(Section::MeetingNeeds)] {
            for (text, polarity) in sentences {
                let input = Input { text, section, ..Input::default() };
                assert_eq!(coder.code(&input).polarity, polarity, "{section:?}: {text}");
            }
        }
        let dependent = Input {
            text: "This is no longer the case.",
            previous: Some("Children waited too long for therapy."),
            ..Input::default()
        };
        assert_eq!(coder.code(&dependent).polarity, Polarity::Strength);
    }
}
