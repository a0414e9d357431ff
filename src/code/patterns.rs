//! What the codebook's patterns find, and what they decide on their own.

use super::Input;
use super::evidence::{around, readable};
use super::text::{Folded, blank, leans_back};
use crate::codebook::{Codebook, PatternList, Theme};
use crate::domain::ThemeCode;

/// Wording of one theme in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Position of the theme in the codebook.
    pub theme: usize,
    /// Whether a `sure` pattern was found, or only a `likely` one.
    pub sure: bool,
    /// Position of the pattern in its list.
    pub pattern: usize,
    /// Where, in the folded text.
    pub span: (usize, usize),
}

/// What was found in the text and in the sentence before it.
#[derive(Debug, Clone, Default)]
pub(super) struct Hits {
    pub text: Vec<Hit>,
    pub previous: Vec<Hit>,
    pub folded: Folded,
    pub folded_previous: Folded,
}

/// Looks for the wording of every theme.
pub(super) fn find(codebook: &Codebook, input: &Input<'_>) -> Hits {
    Hits::of(codebook, input.text).with_previous(codebook, input)
}

/// Looks for the wording of every theme; in the sentence before only where [`decide`] asks for it.
pub(super) fn find_for_rules(codebook: &Codebook, input: &Input<'_>) -> Hits {
    let hits = Hits::of(codebook, input.text);
    if hits.lean_on_previous() { hits.with_previous(codebook, input) } else { hits }
}

impl Hits {
    /// What is found in a text by itself.
    fn of(codebook: &Codebook, text: &str) -> Self {
        let folded = Folded::new(text);
        Self { text: find_in(codebook, &folded.text), folded, ..Self::default() }
    }

    /// Whether the text says nothing sure itself, and leans on the sentence before it.
    fn lean_on_previous(&self) -> bool {
        !self.text.iter().any(|hit| hit.sure) && leans_back(&self.folded.text)
    }

    fn with_previous(self, codebook: &Codebook, input: &Input<'_>) -> Self {
        let Some(previous) = input.previous.filter(|previous| !previous.is_empty()) else { return self };
        let Self { text: previous, folded: folded_previous, .. } = Self::of(codebook, previous);
        Self { previous, folded_previous, ..self }
    }
}

fn find_in(codebook: &Codebook, folded: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (index, theme) in codebook.themes().iter().enumerate() {
        if !theme.sure.is_match(folded) && !theme.likely.is_match(folded) {
            continue;
        }
        let masked = masked(theme, folded);
        let text = masked.as_deref().unwrap_or(folded);
        let mut add = |list: &PatternList, sure: bool| {
            if let Some((pattern, _, span)) = list.first(text) {
                hits.push(Hit { theme: index, sure, pattern, span });
            }
        };
        add(&theme.sure, true);
        add(&theme.likely, false);
    }
    hits
}

/// The text without wording that means something else, or `None` if there is none.
fn masked(theme: &Theme, folded: &str) -> Option<String> {
    let spans: Vec<_> = theme.never.find_all(folded).collect();
    if spans.is_empty() {
        return None;
    }
    let mut text = folded.to_owned();
    blank(&mut text, spans);
    Some(text)
}

/// The themes that the patterns give without a model: what is sure; else, for a sentence that leans on the one
/// before it, what was sure there; else what is likely.
pub(super) fn decide<'h>(codebook: &Codebook, input: &Input<'_>, hits: &'h Hits) -> Vec<ThemeCode> {
    let sure = |hits: &'h [Hit]| hits.iter().filter(|h| h.sure);
    let mut chosen: Vec<(&Hit, bool)> = sure(&hits.text).map(|h| (h, false)).collect();
    if hits.lean_on_previous() {
        chosen.extend(sure(&hits.previous).map(|h| (h, true)));
    }
    if chosen.is_empty() {
        chosen.extend(hits.text.iter().map(|h| (h, false)));
    }
    chosen.into_iter().map(|(hit, back)| code(codebook, input, hits, hit, back)).collect()
}

/// A theme with the wording of this hit as its evidence.
pub(super) fn code(codebook: &Codebook, input: &Input<'_>, hits: &Hits, hit: &Hit, from_previous: bool) -> ThemeCode {
    let theme = &codebook.themes()[hit.theme];
    let (folded, original) = if from_previous {
        (&hits.folded_previous, input.previous.unwrap_or_default())
    } else {
        (&hits.folded, input.text)
    };
    let list = if hit.sure { "sure" } else { "likely" };
    let wording = readable(original, folded.original(original, hit.span));
    // A lone word that is merely likely ("board", "work") says little by itself.
    let is_lone = !hit.sure && !wording.contains(char::is_whitespace);
    ThemeCode {
        id: theme.id.clone(),
        subtheme: subtheme(theme, &folded.text),
        evidence: if is_lone { around(original, wording) } else { wording }.to_owned(),
        from_previous,
        rule: format!("{}/{list}/{}", theme.id, hit.pattern + 1),
        probability: None,
    }
}

/// The first subtheme whose wording is found.
pub(super) fn subtheme(theme: &Theme, folded: &str) -> Option<String> {
    theme.subtheme_patterns.iter().find(|(_, list)| list.is_match(folded)).map(|(id, _)| id.clone())
}
