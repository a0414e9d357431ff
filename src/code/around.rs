//! The sentences around a text: what they are about says much about a text that hardly names its theme.
//!
//! Only what the model scored for a neighbour is used, never how it was coded, so that no decision waits for another.

use super::Input;
use super::model::Scores;
use super::patterns::Hits;

/// A text as the patterns and the model see it.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    pub input: Input<'a>,
    pub hits: Hits,
    pub scores: Scores,
}

/// The two sentences before a text and the two after it in its paragraph, as far as there are any.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around<'s> {
    /// The nearest first.
    pub before: [Option<&'s Seen<'s>>; 2],
    /// The nearest first.
    pub after: [Option<&'s Seen<'s>>; 2],
}

impl Around<'_> {
    /// Whether the text stands by itself.
    pub fn is_empty(&self) -> bool {
        self.before[0].is_none() && self.after[0].is_none()
    }
}

/// For each text that one before it which it follows on; texts stand in the order of the document.
pub(super) fn in_order(inputs: &[Input<'_>]) -> Vec<Option<usize>> {
    (0..inputs.len())
        .map(|at| {
            let before = at.checked_sub(1)?;
            follows(&inputs[before], &inputs[at]).then_some(before)
        })
        .collect()
}

fn follows(before: &Input<'_>, input: &Input<'_>) -> bool {
    !input.text.trim().is_empty()
        && !before.text.trim().is_empty()
        && input.place() == before.place()
        && input.previous == Some(before.text)
}

/// What stands around each text, if each follows on the one that `before` names.
pub(super) fn around<'s>(seen: &'s [Option<Seen<'s>>], before: &[Option<usize>]) -> Vec<Around<'s>> {
    let mut after = vec![None; before.len()];
    for (at, before) in before.iter().enumerate() {
        if let Some(before) = before {
            after[*before] = Some(at);
        }
    }
    let step = |links: &[Option<usize>], at: Option<usize>| links.get(at?).copied().flatten();
    let two = |links: &[Option<usize>], at: usize| {
        let near = step(links, Some(at));
        [near, step(links, near)].map(|at| seen.get(at?)?.as_ref())
    };
    (0..before.len()).map(|at| Around { before: two(before, at), after: two(&after, at) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Section;

    #[test]
    fn only_sentences_of_one_paragraph_are_neighbours() {
        let of = |text, previous, section| Input { text, previous, section: Some(section), role: None };
        let inputs = [
            of("One.", None, Section::Effective),
            of("Two.", Some("One."), Section::Effective),
            of("Three.", Some("Two."), Section::Effective),
            of("Other.", None, Section::Effective),
            of("Two.", Some("Other."), Section::Experience),
        ];
        let before = in_order(&inputs);
        assert_eq!(before, [None, Some(0), Some(1), None, None]);
        let see = |input: &Input<'static>| {
            Some(Seen {
                input: *input,
                hits: Hits::default(),
                scores: Scores { values: Vec::new(), spans: Vec::new() },
            })
        };
        let seen: Vec<_> = inputs.iter().map(see).collect();
        let around = around(&seen, &before);
        let texts = |side: [Option<&Seen<'_>>; 2]| side.map(|seen| seen.map(|seen| seen.input.text.to_owned()));
        assert_eq!(texts(around[0].after), [Some("Two.".to_owned()), Some("Three.".to_owned())]);
        assert_eq!(texts(around[2].before), [Some("Two.".to_owned()), Some("One.".to_owned())]);
        assert_eq!(texts(around[3].after), [None, None]);
    }
}
