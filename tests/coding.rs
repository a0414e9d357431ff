#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
//! What the coder owes to everyone who reads its codes: evidence from the text, and the same answer every time.

use std::sync::Arc;

use sendlens::code::{Coder, Input, ScoreCache, model_version};
use sendlens::codebook::Codebook;
use sendlens::domain::Section;

#[test]
fn evidence_is_always_a_substring() {
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

fn stored(cache: &ScoreCache) -> Vec<u8> {
    let mut bytes = Vec::new();
    cache.write(&mut bytes).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> Arc<ScoreCache> {
    Arc::new(ScoreCache::read(bytes).unwrap())
}

#[test]
fn remembered_scores_are_used_and_give_the_same_codes() {
    let cache = Arc::new(ScoreCache::default());
    let coder = Coder::new(Codebook::bundled()).with_cache(Arc::clone(&cache));
    let fresh = coder.code(&WAIT);
    assert_eq!(fresh, Coder::new(Codebook::bundled()).code(&WAIT));
    assert_eq!((cache.len(), cache.is_new()), (1, true));
    let bytes = stored(&cache);
    let again = read(&bytes);
    assert_eq!((again.len(), again.is_new()), (1, false));
    let coder = Coder::new(Codebook::bundled()).with_cache(Arc::clone(&again));
    assert_eq!(coder.code(&WAIT), fresh);
    assert!(!again.is_new(), "nothing was computed again");
    // Another place is another question.
    let _ = coder.code(&Input { section: Some(Section::Effective), ..WAIT });
    assert!(again.is_new() && again.len() == 2);

    // That the scores come from the file shows when the file says something else.
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
fn scores_of_other_weights_and_damaged_scores_are_forgotten() {
    let cache = Arc::new(ScoreCache::default());
    let _ = Coder::new(Codebook::bundled()).with_cache(Arc::clone(&cache)).code(&WAIT);
    let bytes = stored(&cache);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.lines().next().unwrap().ends_with(model_version()));
    let at = bytes.iter().position(|b| *b == b'\n').unwrap() - 1;
    let mut other = bytes.clone();
    other[at] = if other[at] == b'0' { b'1' } else { b'0' };
    for wrong in [&other[..], &bytes[..bytes.len() - 1], b"", b"sendlens scores"] {
        assert!(read(wrong).is_empty());
    }
}
