//! Drafts: blocks before their text is put together, and passages: drafts with their text.

use super::assemble::{Assembled, Piece, assemble};
use super::content::{Shown, Span};
use super::label::{is_label, take_bullet, take_number};
use super::order::in_reading_order;

/// Where in which table a block lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) table: u32,
    pub(super) row: u32,
    pub(super) column: u32,
}

/// What a draft is taken for so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// With its level.
    Heading(u8),
    Paragraph,
    /// With the depth of its list.
    Item(u8),
}

/// A block before its text is put together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) role: Role,
    pub(super) cell: Option<Place>,
    pub(super) pieces: Vec<Piece>,
}

/// A draft with its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Passage {
    pub(super) role: Role,
    pub(super) cell: Option<Place>,
    pub(super) pieces: Vec<Piece>,
    pub(super) text: Assembled,
    pub(super) label: Option<String>,
}

impl Passage {
    /// Reads a draft; none if it has no text.
    pub(super) fn read(shown: &Shown, draft: Draft) -> Option<Self> {
        let Draft { role, cell, mut pieces } = draft;
        in_reading_order(shown, &mut pieces);
        let labels = pieces.iter().take_while(|piece| piece.label).count();
        let printed = assemble(shown, &pieces[..labels]).text;
        let (mut text, mut label) = if is_label(&printed) {
            (assemble(shown, &pieces[labels..]), Some(printed).filter(|label| !label.is_empty()))
        } else {
            // What is marked as a label is the beginning of the text.
            (assemble(shown, &pieces), None)
        };
        if label.is_none() {
            label = take_bullet(&mut text);
        }
        if label.is_none() && matches!(role, Role::Item(_)) {
            label = take_number(&mut text);
        }
        (!text.text.is_empty()).then_some(Self { role, cell, pieces, text, label })
    }

    /// The first and the last page of the text.
    pub(super) fn pages(&self) -> (u32, u32) {
        (self.text.page, self.text.page_breaks.last().map_or(self.text.page, |last| last.page))
    }

    /// Its spans with text in them.
    pub(super) fn spans<'s>(&'s self, shown: &'s Shown) -> impl DoubleEndedIterator<Item = &'s Span> {
        let spans = self.pieces.iter().filter_map(|piece| shown.spans.get(piece.span as usize));
        spans.filter(|span| !shown.text_of(span).trim().is_empty())
    }

    /// Whether the text looks unfinished.
    pub(super) fn is_open(&self) -> bool {
        let end = self.text.text.trim_end_matches(['"', '\'', '’', '”', ')', ']']);
        !end.ends_with(['.', '?', '!', ':', ';', '…'])
    }

    /// Takes in what continues it.
    pub(super) fn append(&mut self, shown: &Shown, next: Self) {
        self.pieces.extend(next.pieces);
        let draft = Draft { role: self.role, cell: self.cell, pieces: std::mem::take(&mut self.pieces) };
        if let Some(whole) = Self::read(shown, draft) {
            *self = whole;
        }
    }
}
