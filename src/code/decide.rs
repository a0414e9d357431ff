//! Themes, polarity and their evidence for one text.

use super::around::{Around, Seen};
use super::heads::{Heads, polarity_facts, theme_facts};
use super::model::Scores;
use super::patterns::{self, Hit, Hits};
use super::polarity::{self, Cues};
use super::text::leans_back;
use super::{Input, evidence, fit};
use crate::codebook::Codebook;
use crate::domain::{Coding, Polarity, Probability, ThemeCode};

/// The rule of a theme that the model reads from the whole text, with no phrase that bears on it.
const WHOLE_TEXT: &str = "model/whole text";

/// Codes a text from what the patterns found and the model scored.
pub(super) fn decide(
    codebook: &Codebook,
    outputs: &[String],
    heads: &Heads,
    seen: &Seen<'_>,
    around: &Around<'_>,
) -> Coding {
    let Seen { input, hits, scores } = seen;
    let of_themes = heads.of(around);
    let mut known = Vec::new();
    for (output, id) in outputs.iter().enumerate() {
        let Some(position) = codebook.position(id) else { continue };
        let facts = theme_facts(position, output, outputs.len(), seen, around);
        if let Some(probability) = of_themes.probability(id, &facts) {
            known.push((output, position, probability, of_themes.threshold_of(id)));
        }
    }
    let probabilities: Vec<f32> = known.iter().map(|k| k.2).collect();
    let chosen = fit::choose(&probabilities, |i| known[i].3, of_themes.alone);
    let mut themes: Vec<(usize, ThemeCode)> = Vec::new();
    for (output, position, probability, _) in chosen.into_iter().map(|i| known[i]) {
        let code = with_evidence(codebook, position, output, input, hits, scores);
        themes.push((position, ThemeCode { probability: Some(Probability::of(probability)), ..code }));
    }
    // Themes that the model has never heard of are the patterns' alone.
    for hit in hits.text.iter().filter(|h| h.sure) {
        let new = known.iter().all(|k| k.1 != hit.theme) && themes.iter().all(|t| t.0 != hit.theme);
        if new {
            themes.push((hit.theme, patterns::code(codebook, input, hits, hit, false)));
        }
    }
    themes.sort_by_key(|t| t.0);
    let (polarity, probability, cue) = judge(codebook, heads, seen, around);
    Coding { polarity, probability, cue, themes: themes.into_iter().map(|t| t.1).collect() }
}

/// The wording for a theme: what a pattern found, here or in the sentence before; else the words that speak most for
/// it in the model's eyes.
fn with_evidence(
    codebook: &Codebook,
    position: usize,
    output: usize,
    input: &Input<'_>,
    hits: &Hits,
    scores: &Scores,
) -> ThemeCode {
    let of = |list: &[Hit], sure: bool| list.iter().find(|h| h.theme == position && h.sure == sure).cloned();
    if let Some(hit) = of(&hits.text, true).or_else(|| of(&hits.text, false)) {
        return patterns::code(codebook, input, hits, &hit, false);
    }
    if leans_back(&hits.folded.text)
        && let Some(hit) = of(&hits.previous, true)
    {
        return patterns::code(codebook, input, hits, &hit, true);
    }
    let theme = &codebook.themes()[position];
    // Scores of held-out texts have no spans.
    let near = scores.spans.get(output).map(|(start, end)| (*start as usize, *end as usize));
    let from = |text, near| evidence::phrase(theme, text, near).map(|(start, end)| &text[start..end]);
    let (evidence, from_previous, rule) = if let Some(phrase) = from(input.text, near) {
        (phrase, false, "model")
    } else if let Some(phrase) = input.previous.and_then(|previous| from(previous, None)) {
        (phrase, true, "model")
    } else {
        (input.text, false, WHOLE_TEXT)
    };
    ThemeCode {
        id: theme.id.clone(),
        subtheme: patterns::subtheme(theme, &hits.folded.text),
        evidence: evidence.to_owned(),
        from_previous,
        rule: rule.to_owned(),
        probability: None,
    }
}

/// The polarity, how likely it is right where that is weighed, and the wording or place that speaks for it.
fn judge(
    codebook: &Codebook,
    heads: &Heads,
    seen: &Seen<'_>,
    around: &Around<'_>,
) -> (Polarity, Option<Probability>, String) {
    let Seen { input, hits, .. } = seen;
    if let Some(polarity) = polarity::by_place(input) {
        return (polarity, None, polarity::place(input));
    }
    let cues = Cues::find(codebook, &hits.folded);
    if let Some((polarity, cue)) = cues.settled_and_quoted(codebook, input) {
        return (polarity, None, cue);
    }
    let (polarity, probability) = heads.polarity(&polarity_facts(seen, &cues, around));
    (polarity, Some(Probability::of(probability)), cues.quote(codebook, input, polarity))
}
