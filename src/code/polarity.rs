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

/// A span of folded text.
type Span = (usize, usize);

/// Words that judge, where they stand in a text.
#[derive(Debug, Clone)]
pub(super) struct Cues<'f> {
    folded: &'f Folded,
    /// Praise, in a part of the text that holds no criticism.
    pub good: Option<Span>,
    /// Criticism.
    pub bad: Option<Span>,
    /// A bare plan.
    pub plan: Option<Span>,
    /// Too early to be judged.
    pub early: Option<Span>,
    /// Leaders know of it.
    pub aware: Option<Span>,
    /// A turn from one judgement to another.
    pub contrast: Option<Span>,
    /// Whether it turns from the sentence before.
    pub turns_back: bool,
    /// Whether it has several parts, with a turn or the end of a sentence between them.
    parted: bool,
}

impl<'f> Cues<'f> {
    /// Looks for them.
    pub fn find(codebook: &Codebook, folded: &'f Folded) -> Self {
        let words = codebook.polarity();
        let parts = parts(codebook, &folded.text);
        let (mut good, mut bad) = (None, None);
        for (start, end) in &parts {
            let part = &folded.text[*start..*end];
            let moved = |(a, b): Span| (a + start, b + start);
            let criticism = words.weakness.find(part).map(moved);
            if criticism.is_none() {
                good = good.or_else(|| words.strength.find(part).map(moved));
            }
            bad = bad.or(criticism);
        }
        Self {
            good,
            bad,
            plan: words.neutral.find(&folded.text),
            early: words.early.find(&folded.text),
            aware: words.aware.find(&folded.text),
            contrast: words.contrast.find(&folded.text),
            turns_back: turns_back(&folded.text),
            parted: parts.len() > 1,
            folded,
        }
    }

    /// Wording that neither praises nor blames.
    fn neither(&self) -> Option<Span> {
        self.early.or(self.plan).or(self.aware)
    }

    /// The polarity by rules, with the wording (or the section) that decided it.
    pub fn judge(&self, input: &Input<'_>) -> (Polarity, String) {
        if let Some(polarity) = by_place(input) {
            return (polarity, place(input));
        }
        let quote = |span: Span| self.folded.original(input.text, span).to_owned();
        match (self.bad, self.good, prior(input)) {
            (Some(span), Some(_), _) if self.parted => (Polarity::Mixed, quote(span)),
            (None, None, prior) => match (self.neither(), prior) {
                (Some(span), _) => (Polarity::Neutral, quote(span)),
                (None, Some(prior)) => (prior, place(input)),
                (None, None) => (Polarity::Neutral, String::new()),
            },
            (Some(span), _, Some(Polarity::Weakness) | None) => (Polarity::Weakness, quote(span)),
            (None, Some(span), Some(Polarity::Strength) | None) => (Polarity::Strength, quote(span)),
            (None, Some(span), Some(Polarity::Weakness)) if self.contrast.is_none() => {
                (Polarity::Strength, quote(span))
            }
            (_, _, Some(prior)) => (prior, place(input)),
        }
    }

    /// Wording that speaks for a polarity, or else the place.
    pub fn quote(&self, codebook: &Codebook, input: &Input<'_>, polarity: Polarity) -> String {
        let words = codebook.polarity();
        let span = match polarity {
            Polarity::Strength => self.good.or_else(|| words.strength.find(&self.folded.text)),
            Polarity::Weakness => self.bad,
            Polarity::Mixed => self.contrast.or(self.bad),
            Polarity::Neutral => self.neither(),
        };
        span.map_or_else(|| place(input), |span| self.folded.original(input.text, span).to_owned())
    }
}

/// The polarity by rules alone, for a text and the same text folded.
pub(super) fn by_rules(codebook: &Codebook, input: &Input<'_>, folded: &Folded) -> (Polarity, String) {
    match by_place(input) {
        Some(polarity) => (polarity, place(input)),
        None => Cues::find(codebook, folded).judge(input),
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

/// Whether a text begins with a word that turns from the sentence before.
fn turns_back(folded: &str) -> bool {
    ["however", "nevertheless", "nonetheless", "yet"].iter().any(|word| folded.starts_with(word))
}

/// The parts of a text between its turns: at a contrasting word inside it, or between its sentences.
fn parts(codebook: &Codebook, folded: &str) -> Vec<Span> {
    let mut cuts = vec![0];
    for (start, _) in codebook.polarity().contrast.find_all(folded) {
        // "Although X, Y" turns at the comma; a leading "However," turns from the sentence before.
        if start == 0 {
            if let (false, Some(comma)) = (turns_back(folded), folded.find(", ")) {
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
