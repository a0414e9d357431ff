//! Text that was painted more than once. Programs without a bold font print a line again a little to the right, and
//! shadows are made in the same way; a reader sees the words once.

use super::{MarkId, Shown, Span};
use crate::extract::error::Result;
use crate::extract::limits::Budget;

/// Text painted again stands no further from where it stood, in sizes; the narrowest letters are twice as wide.
const MAX_SHIFT_SIZES: f32 = 0.1;
/// The same in points, for very large type.
const MAX_SHIFT_POINTS: f32 = 4.0;
/// From this shift on, in sizes, a second painting makes the type look bold.
const BOLD_SHIFT_SIZES: f32 = 0.005;

/// Whether both spans begin and end at nearly the same place and in the same size.
pub(super) fn is_same_place(a: &Span, b: &Span) -> bool {
    let near = (MAX_SHIFT_SIZES * a.size).min(MAX_SHIFT_POINTS);
    let is_near = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).abs() <= near && (a[1] - b[1]).abs() <= near;
    a.page == b.page && (a.size - b.size).abs() <= near && is_near(a.from, b.from) && is_near(a.to, b.to)
}

/// Whether painting the first span again as the second makes it look bold.
pub(super) fn emboldens(a: &Span, b: &Span) -> bool {
    let shift = (a.from[0] - b.from[0]).abs().max((a.from[1] - b.from[1]).abs());
    shift > BOLD_SHIFT_SIZES * a.size
}

/// Leaves out, of the spans from `first` on, those that paint text again where it already stands. Of two spans the one
/// that the structure can refer to stays, otherwise the earlier one. Gives the number of characters left out.
pub(super) fn leave_out(shown: &mut Shown, first: usize, budget: &Budget) -> Result<u32> {
    let spans = shown.spans.get(first..).unwrap_or_default();
    let mut by_text: Vec<(u64, u32)> = (0..)
        .zip(spans)
        .filter(|(_, span)| !shown.text_of(span).trim().is_empty())
        .map(|(index, span)| (key(shown.text_of(span)), index))
        .collect();
    by_text.sort_unstable();
    let mut repeated = Vec::new();
    let mut bold = Vec::new();
    for same in by_text.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        budget.scanned(same.len() * same.len() * 16)?;
        let mut kept: Vec<u32> = Vec::new();
        for &(_, index) in same {
            let span = &spans[index as usize];
            let stands = kept.iter_mut().find(|other| {
                let other = &spans[**other as usize];
                is_same_place(other, span) && shown.text_of(other) == shown.text_of(span)
            });
            let Some(stands) = stands else {
                kept.push(index);
                continue;
            };
            let (before, again) = (*stands, index);
            if rank(span.mark) > rank(spans[before as usize].mark) {
                *stands = again;
                repeated.push(before);
            } else {
                repeated.push(again);
            }
            if emboldens(&spans[before as usize], span) {
                bold.push(*stands);
            }
        }
    }
    if repeated.is_empty() {
        return Ok(0);
    }
    repeated.sort_unstable();
    let visible = |index: &u32| {
        let text = shown.text_of(&spans[*index as usize]);
        text.chars().filter(|c| !c.is_whitespace()).count() as u32
    };
    let characters = repeated.iter().map(visible).sum();
    for index in bold {
        shown.spans[first + index as usize].bold = true;
    }
    let mut index = 0;
    shown.spans.retain(|_| {
        index += 1;
        index <= first || repeated.binary_search(&((index - 1 - first) as u32)).is_err()
    });
    Ok(characters)
}

/// Texts that differ may share a key; the same text always has the same.
fn key(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let fold = |key: u64, &byte: &u8| key.rotate_left(8) ^ u64::from(byte);
    let ends = bytes.iter().take(6).chain(bytes.iter().rev().take(2));
    ends.fold(0, fold) ^ (bytes.len() as u64) << 32
}

/// What the structure can refer to goes before unmarked text, and that before artifacts.
fn rank(mark: MarkId) -> u8 {
    match mark {
        MarkId::ARTIFACT => 0,
        MarkId::NONE => 1,
        _ => 2,
    }
}
