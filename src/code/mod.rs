//! Passages + codebook -> findings with polarity, themes and evidence. Pure.
//!
//! Coding reads one sentence (or formal item) together with those around it, and answers two questions: what is
//! it about, and does it praise or blame. Two readers do it together: the patterns of the codebook, which a person
//! can edit, and a small language model, which has learned from labelled sentences how inspectors write. Neither
//! decides alone; see `heads`. With [`Coder::patterns_only`] the patterns do.
//!
//! Nothing is invented: every theme carries the wording that earned it, a substring of the text or of the sentence
//! before, and every polarity the cue that decided it. The same text, the same codebook and the same [`VERSION`]
//! give the same answer in every run.

mod around;
mod cache;
mod decide;
mod evidence;
mod findings;
mod fit;
mod heads;
mod model;
mod patterns;
mod polarity;
mod suggest;
mod text;
mod train;

use std::sync::{Arc, OnceLock};

use crate::codebook::Codebook;
use crate::domain::{Coding, Passage, Role, Section};

use around::{Around, Seen};
pub use cache::ScoreCache;
pub use findings::findings;
use heads::Heads;
use model::Scores;
pub use model::{Model, ModelError};
pub use suggest::{Suggestion, Uncoded, suggest};
pub use train::{Fitted, Labelled, fit_heads, held_out_codings, was_fitted_to};

/// Version of the coder; a change makes stored letters due for coding again.
pub const VERSION: u32 = 7;

/// How the fingerprint of a coder ends that codes with the patterns alone.
pub const WITHOUT_MODEL: &str = "+patterns";

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

impl<'a> From<&'a Passage> for Input<'a> {
    fn from(passage: &'a Passage) -> Self {
        Self {
            text: &passage.text,
            previous: passage.previous.as_deref(),
            section: Some(passage.section),
            role: Some(passage.role),
        }
    }
}

impl Input<'_> {
    /// The section, or the one that the role implies.
    #[must_use]
    pub fn place(&self) -> Option<Section> {
        // A text may have a section and no role.
        if self.section.is_some() {
            return self.section;
        }
        match self.role? {
            Role::SignificantWeakness => Some(Section::Wsoa),
            Role::PriorityAction => Some(Section::PriorityActions),
            Role::AreaForImprovement => Some(Section::AreasForImprovement),
            Role::Strength | Role::AreaForDevelopment | Role::MainFinding => Some(Section::MainFindings),
            Role::ProgressVerdict => Some(Section::Progress),
            Role::Narrative => None,
        }
    }
}

/// Who reads beside the patterns.
#[derive(Debug, Clone)]
enum Reader {
    Nobody,
    /// The built-in model, read when the first text is coded.
    Bundled,
    Named(Arc<Model>),
}

/// Codes texts against a codebook.
#[derive(Debug, Clone)]
pub struct Coder {
    codebook: Codebook,
    reader: Reader,
    cache: Option<Arc<ScoreCache>>,
}

impl Coder {
    /// A coder for this codebook that uses patterns and model.
    #[must_use]
    pub fn new(codebook: Codebook) -> Self {
        Self { codebook, reader: Reader::Bundled, cache: None }
    }

    /// A coder for this codebook that uses the patterns alone: simpler and much faster, and less often right.
    #[must_use]
    pub fn patterns_only(codebook: Codebook) -> Self {
        Self { codebook, reader: Reader::Nobody, cache: None }
    }

    /// A coder for this codebook that uses patterns and another model than the built-in one.
    #[must_use]
    pub fn with_model(codebook: Codebook, model: Arc<Model>) -> Self {
        Self { codebook, reader: Reader::Named(model), cache: None }
    }

    /// The same coder with a cache of the model's scores.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<ScoreCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The codebook that it codes against.
    #[must_use]
    pub fn codebook(&self) -> &Codebook {
        &self.codebook
    }

    /// What decides the codes besides [`VERSION`]: the codebook, and whether a model has a say, and which.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let codebook = self.codebook.fingerprint();
        match &self.reader {
            Reader::Nobody => format!("{codebook}{WITHOUT_MODEL}"),
            Reader::Bundled => codebook,
            Reader::Named(model) => format!("{codebook}+model {}", model.version()),
        }
    }

    /// The cache of the model's scores, if the coder has one.
    #[must_use]
    pub fn cache(&self) -> Option<&ScoreCache> {
        self.cache.as_deref()
    }

    /// Codes one text, of which no more is known than the sentence before it.
    #[must_use]
    pub fn code(&self, input: &Input<'_>) -> Coding {
        self.decide(input, self.see(input).as_ref(), &Around::default())
    }

    /// Codes texts that stand in the order of their document. What the sentences around a text are about counts, too,
    /// so the answer may differ from that of [`Coder::code`], and is more often right.
    #[must_use]
    pub fn code_in_order(&self, inputs: &[Input<'_>]) -> Vec<Coding> {
        let seen: Vec<Option<Seen<'_>>> = inputs.iter().map(|input| self.see(input)).collect();
        let around = around::around(&seen, &around::in_order(inputs));
        let texts = inputs.iter().zip(&seen).zip(&around);
        texts.map(|((input, seen), around)| self.decide(input, seen.as_ref(), around)).collect()
    }

    /// The model that reads texts beside the patterns; nothing if the patterns alone are to code them.
    fn model(&self) -> Option<&Model> {
        match &self.reader {
            Reader::Nobody => None,
            Reader::Bundled => Some(bundled_model()),
            Reader::Named(model) => Some(model),
        }
    }

    /// The text as patterns and model see it; nothing if the patterns alone are to code it.
    fn see<'a>(&self, input: &Input<'a>) -> Option<Seen<'a>> {
        let model = self.model().filter(|_| !input.text.trim().is_empty())?;
        let hits = patterns::find(&self.codebook, input);
        Some(Seen { input: *input, hits, scores: self.scores(model, input) })
    }

    fn decide(&self, input: &Input<'_>, seen: Option<&Seen<'_>>, around: &Around<'_>) -> Coding {
        if let Some((seen, model)) = seen.zip(self.model()) {
            return decide::decide(&self.codebook, model.themes(), bundled_heads(), seen, around);
        }
        let hits = patterns::find_for_rules(&self.codebook, input);
        let themes = patterns::decide(&self.codebook, input, &hits);
        let (polarity, cue) = polarity::by_rules(&self.codebook, input, &hits.folded);
        Coding { polarity, probability: None, cue, themes }
    }

    fn scores(&self, model: &Model, input: &Input<'_>) -> Scores {
        match &self.cache {
            Some(cache) => cache.get_or(input, || model.score(input)),
            None => model.score(input),
        }
    }
}

/// Hash of the built-in model, under which its scores are kept.
#[must_use]
pub fn model_version() -> &'static str {
    model::bundled_version()
}

fn bundled_model() -> &'static Model {
    Model::bundled()
}

#[expect(clippy::expect_used, reason = "the weights are part of the program, and tests read them")]
fn bundled_heads() -> &'static Heads {
    static HEADS: OnceLock<Heads> = OnceLock::new();
    HEADS.get_or_init(|| {
        let file: train::HeadsFile = serde_json::from_str(train::HEADS).expect("the bundled heads are valid");
        file.heads
    })
}
