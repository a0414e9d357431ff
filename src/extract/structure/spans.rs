//! Which pieces of text each marked content holds.

use crate::extract::content::{MarkId, Shown};

/// The spans of each mark in the order of the content.
pub(super) struct SpansByMark {
    starts: Vec<u32>,
    spans: Vec<u32>,
}

impl SpansByMark {
    pub(super) fn new(shown: &Shown) -> Self {
        let mut starts = vec![0_u32; shown.keys.len() + 3];
        for span in &shown.spans {
            starts[span.mark.0 as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut spans = vec![0; shown.spans.len()];
        for (i, span) in shown.spans.iter().enumerate() {
            let place = &mut next[span.mark.0 as usize];
            spans[*place as usize] = i as u32;
            *place += 1;
        }
        Self { starts, spans }
    }

    pub(super) fn of(&self, mark: MarkId) -> &[u32] {
        let mark = mark.0 as usize;
        &self.spans[self.starts[mark] as usize..self.starts[mark + 1] as usize]
    }
}
