//! Praise, blame, both or neither, from the section and the words.
//!
//! Three things decide, in this order: a formal demand is a weakness whatever its words are; wording that leaves no
//! doubt ([`Cues::settled`]) holds whatever the section or the model says, and so does plain description; for all
//! other texts the words, the section and (with it) the model are weighed.

use super::Input;
use super::text::{Folded, blank};
use crate::codebook::{Codebook, PatternList};
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
    /// Praise worded as the absence of something bad.
    pub good_by_denial: Option<Span>,
    /// Criticism worded as the absence of something good.
    pub bad_by_denial: Option<Span>,
    /// Whether it has several parts, with a turn or the end of a sentence between them.
    parted: bool,
}

impl<'f> Cues<'f> {
    /// Looks for them.
    pub fn find(codebook: &Codebook, folded: &'f Folded) -> Self {
        let words = codebook.polarity();
        let text = &folded.text;
        let parts = parts(codebook, text);
        let (mut good, mut bad) = single_words(codebook, text, &parts);
        // Denials hold a word that is praise or criticism by itself, so most texts need not be searched for them.
        let (mut good_by_denial, mut bad_by_denial) = (None, None);
        if bad.is_some() || text.contains("few") || text.contains("no longer") {
            let mut rest = text.clone();
            bad_by_denial = take(&words.blame_by_denial, &mut rest);
            good_by_denial = take(&words.praise_by_denial, &mut rest);
            if good_by_denial.is_some() || bad_by_denial.is_some() {
                (good, bad) = single_words(codebook, &rest, &parts);
            }
        }
        Self {
            good: good.or(good_by_denial),
            bad: bad.or(bad_by_denial),
            plan: words.neutral.find(text),
            early: words.early.find(text),
            aware: words.aware.find(text),
            contrast: words.contrast.find(text),
            turns_back: turns_back(text),
            good_by_denial,
            bad_by_denial,
            parted: parts.len() > 1,
            folded,
        }
    }

    /// The polarity that the wording settles, whatever the section or the model says, with the wording that does.
    pub fn settled(&self, codebook: &Codebook, input: &Input<'_>) -> Option<(Polarity, Option<Span>)> {
        let words = codebook.polarity();
        let text = &self.folded.text;
        let contrasted = self.contrast.is_some() || text.contains("mixed");
        if let Some(span) = contrasted.then(|| words.mixed.find(text)).flatten() {
            return Some((Polarity::Mixed, Some(span)));
        }
        if let Some(settled) = reversed(codebook, text, input) {
            return Some(settled);
        }
        match (self.good_by_denial, self.bad_by_denial) {
            (Some(span), None) if self.bad.is_none() => return Some((Polarity::Strength, Some(span))),
            (None, Some(span)) if self.good.is_none() && !self.parted && prior(input) != Some(Polarity::Strength) => {
                return Some((Polarity::Weakness, Some(span)));
            }
            _ => {}
        }
        self.described(codebook, input)
    }

    /// The polarity of a text that describes: neutral, unless its words judge. The section about the area and the
    /// inspection only describes; elsewhere the wording shows it. In the sections of reports that praise or
    /// criticise, a description is there for what it says about quality, so it is weighed like any other text.
    fn described(&self, codebook: &Codebook, input: &Input<'_>) -> Option<(Polarity, Option<Span>)> {
        let about_the_area = input.section == Some(Section::Context);
        let weighed = matches!(input.section, Some(Section::Effective | Section::NeedsToImprove | Section::Experience));
        if !about_the_area && (weighed || self.good.is_some() || self.bad.is_some()) {
            return None;
        }
        let words = codebook.polarity();
        let description = words.description.find(&self.folded.text);
        if !about_the_area && description.is_none() {
            return None;
        }
        let text = &self.folded.text;
        let rest = if about_the_area { without_whom(text) } else { text.clone() };
        let polarity = match (words.verdict_good.find(&rest), words.verdict_bad.find(&rest)) {
            (None, None) => return Some((Polarity::Neutral, description)),
            _ if !about_the_area => return None,
            (Some(_), Some(span)) if self.parted => (Polarity::Mixed, Some(span)),
            (_, Some(span)) => (Polarity::Weakness, Some(span)),
            (span, None) => (Polarity::Strength, span),
        };
        Some(polarity)
    }

    /// Wording that neither praises nor blames.
    fn neither(&self) -> Option<Span> {
        self.early.or(self.plan).or(self.aware)
    }

    /// The polarity by single words and the section, with what decided it.
    pub fn judge(&self, input: &Input<'_>) -> (Polarity, String) {
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

    /// [`Self::settled`], with the wording as printed.
    pub fn settled_and_quoted(&self, codebook: &Codebook, input: &Input<'_>) -> Option<(Polarity, String)> {
        let (polarity, span) = self.settled(codebook, input)?;
        let quote = |span| self.folded.original(input.text, span).to_owned();
        Some((polarity, span.map_or_else(|| place(input), quote)))
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
    if let Some(polarity) = by_place(input) {
        return (polarity, place(input));
    }
    let cues = Cues::find(codebook, folded);
    cues.settled_and_quoted(codebook, input).unwrap_or_else(|| cues.judge(input))
}

/// The first praise in a part of the text that holds no criticism, and the first criticism.
fn single_words(codebook: &Codebook, text: &str, parts: &[Span]) -> (Option<Span>, Option<Span>) {
    let words = codebook.polarity();
    let (mut good, mut bad) = (None, None);
    for (start, end) in parts {
        let part = text.get(*start..*end).unwrap_or_default();
        let moved = |(a, b): Span| (a + start, b + start);
        let criticism = words.weakness.find(part).map(moved);
        if criticism.is_none() {
            good = good.or_else(|| words.strength.find(part).map(moved));
        }
        bad = bad.or(criticism);
    }
    (good, bad)
}

/// The first place where a list is found; all of them are blanked out.
fn take(list: &PatternList, text: &mut String) -> Option<Span> {
    let spans: Vec<Span> = list.find_all(text).collect();
    blank(text, spans.iter().copied());
    spans.first().copied()
}

/// The opposite of what the rest of the text says, or of what the sentence before says, where the text says that this
/// is not so, or is so no longer.
fn reversed(codebook: &Codebook, text: &str, input: &Input<'_>) -> Option<(Polarity, Option<Span>)> {
    if !(text.contains("not ") || text.contains("no longer")) {
        return None;
    }
    let mut rest = text.to_owned();
    let span = take(&codebook.polarity().reversal, &mut rest)?;
    let said = |text: &str| match single_words(codebook, text, &[(0, text.len())]) {
        (_, Some(_)) => Some(Polarity::Strength),
        (Some(_), None) => Some(Polarity::Weakness),
        (None, None) => None,
    };
    let before = || said(&Folded::new(input.previous?).text);
    said(&rest).or_else(before).map(|polarity| (polarity, Some(span)))
}

/// The text without clauses that say for whom something is ("children who cannot attend school"): their words judge
/// nothing.
fn without_whom(text: &str) -> String {
    let mut rest = text.to_owned();
    for opener in [" who ", " whose "] {
        while let Some(start) = rest.find(opener) {
            let end = rest[start..].find(['.', ';']).map_or(rest.len(), |end| start + end);
            blank(&mut rest, [(start, end)]);
        }
    }
    rest
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
pub(super) fn turns_back(folded: &str) -> bool {
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
