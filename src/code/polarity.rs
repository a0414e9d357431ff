//! Praise, blame, both or neither, from the section and the words.

use super::Input;
use super::text::Folded;
use crate::codebook::Codebook;
use crate::domain::{Polarity, Role, Section};

/// What the place of a text alone says.
pub(super) fn prior(input: &Input<'_>) -> Option<Polarity> {
    match input.role {
        Some(role) if role.flags() => return Some(Polarity::Weakness),
        Some(Role::Strength) => return Some(Polarity::Strength),
        _ => {}
    }
    match input.place()? {
        Section::Effective => Some(Polarity::Strength),
        Section::NeedsToImprove | Section::PriorityActions | Section::AreasForImprovement | Section::Wsoa => {
            Some(Polarity::Weakness)
        }
        _ => None,
    }
}

/// Formal demands are weaknesses whatever their wording: that is what they are for.
pub(super) fn by_place(input: &Input<'_>) -> Option<Polarity> {
    match (input.role, input.section) {
        (Some(Role::SignificantWeakness | Role::PriorityAction | Role::AreaForImprovement), _)
        | (_, Some(Section::PriorityActions | Section::AreasForImprovement | Section::Wsoa)) => {
            Some(Polarity::Weakness)
        }
        _ => None,
    }
}

struct Half {
    good: Option<(usize, usize)>,
    bad: Option<(usize, usize)>,
}

/// The polarity by rules, with the wording (or the section) that decided it.
pub(super) fn by_rules(codebook: &Codebook, input: &Input<'_>) -> (Polarity, String) {
    if let Some(polarity) = by_place(input) {
        return (polarity, place(input));
    }
    let words = codebook.polarity();
    let folded = Folded::new(input.text);
    let quote = |span: (usize, usize)| folded.original(input.text, span).to_owned();
    let prior = prior(input);
    let halves: Vec<Half> = parts(codebook, &folded.text)
        .into_iter()
        .map(|(start, end)| {
            let part = &folded.text[start..end];
            let moved = |(a, b): (usize, usize)| (a + start, b + start);
            Half { good: words.strength.find(part).map(moved), bad: words.weakness.find(part).map(moved) }
        })
        .collect();
    let bad = halves.iter().find_map(|h| h.bad);
    let good = halves.iter().find_map(|h| if h.bad.is_none() { h.good } else { None });
    if let (Some(bad), Some(_)) = (bad, good)
        && halves.len() > 1
    {
        return (Polarity::Mixed, quote(bad));
    }
    if let Some(span) = words.neutral.find(&folded.text)
        && good.is_none()
        && bad.is_none()
    {
        return (Polarity::Neutral, quote(span));
    }
    match (bad, good, prior) {
        (Some(span), _, Some(Polarity::Weakness) | None) => (Polarity::Weakness, quote(span)),
        (None, Some(span), Some(Polarity::Strength) | None) => (Polarity::Strength, quote(span)),
        (None, Some(span), Some(Polarity::Weakness)) if words.contrast.find(&folded.text).is_none() => {
            (Polarity::Strength, quote(span))
        }
        (_, _, Some(prior)) => (prior, place(input)),
        (None, None, None) => (Polarity::Neutral, String::new()),
    }
}

/// The place as a cue.
pub(super) fn place(input: &Input<'_>) -> String {
    match (input.role, input.section) {
        (Some(role), _) if role.flags() || role == Role::Strength => format!("role {role}"),
        (_, Some(section)) => format!("section {section}"),
        _ => String::new(),
    }
}

/// Wording that speaks for a polarity, or else the place.
pub(super) fn cue(codebook: &Codebook, input: &Input<'_>, polarity: Polarity) -> String {
    let words = codebook.polarity();
    let folded = Folded::new(input.text);
    let span = match polarity {
        Polarity::Strength => words.strength.find(&folded.text),
        Polarity::Weakness => words.weakness.find(&folded.text),
        Polarity::Mixed => words.contrast.find(&folded.text).or_else(|| words.weakness.find(&folded.text)),
        Polarity::Neutral => words.neutral.find(&folded.text),
    };
    span.map_or_else(|| place(input), |span| folded.original(input.text, span).to_owned())
}

/// The parts of a text between its turns: at a contrasting word inside it, or between its sentences.
fn parts(codebook: &Codebook, folded: &str) -> Vec<(usize, usize)> {
    let mut cuts = vec![0];
    for (start, _) in codebook.polarity().contrast.find_all(folded) {
        // "Although X, Y" turns at the comma; a leading "However," turns from the sentence before.
        if start == 0 {
            let turns_back = ["however", "nevertheless", "nonetheless", "yet"].iter().any(|w| folded.starts_with(w));
            if let (false, Some(comma)) = (turns_back, folded.find(", ")) {
                cuts.push(comma);
            }
        } else {
            cuts.push(start);
        }
    }
    cuts.push(folded.len());
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).filter(|w| w[1] - w[0] > 3).map(|w| (w[0], w[1])).collect()
}
