//! Text that no structure describes: lines and paragraphs from the positions of the pieces.

use super::assemble::{Piece, is_same_line};
use super::content::{MarkId, Shown};
use super::draft::{Draft, Role};
use super::structure::Walked;

/// Drafts of a document without structure.
pub(super) fn drafts(shown: &Shown) -> Vec<Draft> {
    paragraphs(shown, (0..shown.spans.len() as u32).collect())
}

/// The drafts of the structure, and between them what the structure forgot.
pub(super) fn with_leftovers(shown: &Shown, walked: Walked) -> Vec<Draft> {
    let is_left = |&i: &u32| {
        let span = &shown.spans[i as usize];
        span.mark != MarkId::ARTIFACT && !walked.reached[span.mark.0 as usize] && !shown.text_of(span).trim().is_empty()
    };
    let left: Vec<u32> = (0..shown.spans.len() as u32).filter(is_left).collect();
    let mut drafts = walked.drafts;
    for draft in paragraphs(shown, left) {
        let Some((page, height)) = start_of(shown, &draft) else { continue };
        let follows = |other: &Draft| start_of(shown, other).is_some_and(|(p, h)| p > page || p == page && h < height);
        let place = drafts.iter().position(follows).unwrap_or(drafts.len());
        drafts.insert(place, draft);
    }
    drafts
}

/// Page and height at which a draft starts.
fn start_of(shown: &Shown, draft: &Draft) -> Option<(u32, f32)> {
    let span = shown.spans.get(draft.pieces.first()?.span as usize)?;
    Some((span.page, span.from[1]))
}

fn paragraphs(shown: &Shown, spans: Vec<u32>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for i in spans {
        let span = &shown.spans[i as usize];
        let piece = Piece::of(i);
        let joins = drafts.last().and_then(|draft| draft.pieces.last()).is_some_and(|last| {
            let last = &shown.spans[last.span as usize];
            let below = last.from[1] - span.from[1];
            last.page == span.page && (is_same_line(last, span) || below > 0.0 && below < 1.5 * span.size)
        });
        match drafts.last_mut() {
            Some(draft) if joins => draft.pieces.push(piece),
            _ => drafts.push(Draft { role: Role::Paragraph, cell: None, pieces: vec![piece] }),
        }
    }
    drafts
}
