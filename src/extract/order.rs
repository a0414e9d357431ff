//! The order of the pieces within one block. Writers number marked content in the order in which they meet it, which
//! need not be the order on the page: Word puts parts of a sentence into the label of its list item.

use super::assemble::{Piece, is_same_line};
use super::content::{Shown, Span};

/// Puts the pieces into the order in which they are read: that of the structure, unless the order in which they were
/// painted jumps back less often.
pub(super) fn in_reading_order(shown: &Shown, pieces: &mut Vec<Piece>) {
    if pieces.len() < 2 {
        return;
    }
    let as_structured = turns_back(shown, pieces);
    if as_structured == 0 {
        return;
    }
    let mut painted = pieces.clone();
    painted.sort_by_key(|piece| piece.span);
    if turns_back(shown, &painted) < as_structured {
        *pieces = painted;
    }
}

/// How often a piece stands before the one that it follows.
fn turns_back(shown: &Shown, pieces: &[Piece]) -> usize {
    let visible = |piece: &&Piece| {
        shown.spans.get(piece.span as usize).is_some_and(|span| !shown.text_of(span).trim().is_empty())
    };
    let spans: Vec<&Span> =
        pieces.iter().filter(visible).filter_map(|piece| shown.spans.get(piece.span as usize)).collect();
    spans.windows(2).filter(|pair| is_before(pair[1], pair[0])).count()
}

fn is_before(next: &Span, last: &Span) -> bool {
    if next.page != last.page {
        return next.page < last.page;
    }
    if is_same_line(last, next) { next.from[0] < last.from[0] } else { next.from[1] > last.from[1] }
}
