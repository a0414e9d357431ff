#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
//! What the coder owes to everyone who reads its codes: evidence from the text, and the same answer every time.

use sendlens::code::{Coder, Input};
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
