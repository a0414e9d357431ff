//! Passages + codebook -> findings with polarity, themes and evidence. Pure.
//!
//! Coding reads one sentence (or formal item) together with the one before it, and answers two questions: what is
//! it about, and does it praise or blame. It never invents: every theme carries the wording that earned it, a
//! substring of the text or of the sentence before, and every polarity the cue that decided it. The same text, the
//! same codebook and the same [`VERSION`] give the same answer, to the last digit, on every machine.

mod findings;
mod patterns;
mod polarity;
mod text;

use crate::codebook::Codebook;
use crate::domain::{Coding, Role, Section};

pub use findings::findings;

/// Version of the coder; a change makes stored letters due for coding again.
pub const VERSION: u32 = 1;

/// A text to be coded, with what is known of its place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// The sentence or formal item.
    pub text: &'a str,
    /// The sentence before it in the same paragraph.
    pub previous: Option<&'a str>,
    /// The section in which it stands.
    pub section: Option<Section>,
    /// The part that it plays.
    pub role: Option<Role>,
}

/// Codes texts against a codebook.
#[derive(Debug, Clone)]
pub struct Coder {
    codebook: Codebook,
}

impl Coder {
    /// A coder for this codebook.
    #[must_use]
    pub fn new(codebook: Codebook) -> Self {
        Self { codebook }
    }

    /// The codebook that it codes against.
    #[must_use]
    pub fn codebook(&self) -> &Codebook {
        &self.codebook
    }

    /// Codes one text.
    #[must_use]
    pub fn code(&self, input: &Input<'_>) -> Coding {
        let hits = patterns::find(&self.codebook, input);
        let themes = patterns::decide(&self.codebook, input, &hits);
        let (polarity, cue) = polarity::by_rules(&self.codebook, input);
        Coding { polarity, cue, themes }
    }
}
