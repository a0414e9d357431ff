//! Pieces of text -> the text of a block: where a space belongs, where a word goes on, and all text hygiene.

use std::collections::BTreeMap;

use super::content::{Shown, Span};
use super::font::encoding::private_symbol;
use crate::domain::PageBreak;

/// A gap of more than this part of the size between two pieces is a space.
const MIN_SPACE_SIZES: f32 = 0.15;

/// A piece of a block's text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// Index of the span.
    pub(super) span: u32,
    /// What the structure says instead of the span's own text.
    pub(super) instead: Option<Box<str>>,
    /// Marked as the label of a list item.
    pub(super) label: bool,
}

impl Piece {
    pub(super) fn of(span: u32) -> Self {
        Self { span, instead: None, label: false }
    }
}

/// The text of some pieces and what most of it looks like.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Assembled {
    pub(super) text: String,
    pub(super) page: u32,
    pub(super) page_breaks: Vec<PageBreak>,
    pub(super) size: f32,
    pub(super) bold: bool,
    /// Offsets of hyphens at which a line ended within what may be one word.
    pub(super) line_hyphens: Vec<usize>,
}

impl Assembled {
    /// Removes so many bytes from the beginning of the text.
    pub(super) fn cut_front(&mut self, bytes: usize) {
        self.text.drain(..bytes);
        self.page_breaks.iter_mut().for_each(|page_break| page_break.offset = page_break.offset.saturating_sub(bytes));
        let passed = self.page_breaks.iter().take_while(|page_break| page_break.offset == 0).count();
        if let Some(page_break) = self.page_breaks.drain(..passed).next_back() {
            self.page = page_break.page;
        }
        self.line_hyphens.retain(|&offset| offset > bytes);
        self.line_hyphens.iter_mut().for_each(|offset| *offset -= bytes);
    }
}

/// Joins pieces in their order.
pub(super) fn assemble(shown: &Shown, pieces: &[Piece]) -> Assembled {
    let mut builder = Builder::default();
    for piece in pieces {
        let Some(span) = shown.spans.get(piece.span as usize) else { continue };
        builder.join(span);
        builder.push(piece.instead.as_deref().unwrap_or_else(|| shown.text_of(span)), span);
    }
    builder.finish()
}

#[derive(Default)]
struct Builder {
    out: Assembled,
    last: Option<Span>,
    /// A space is due before the next character.
    space: bool,
    /// The last character was a soft hyphen.
    soft_hyphen: bool,
    /// The last character was a hyphen and the line ended with it.
    line_hyphen: bool,
    /// Characters by size (in tenths of a point), to find the commonest.
    sizes: BTreeMap<u32, u32>,
    bold: u32,
    visible: u32,
}

impl Builder {
    /// Decides what stands between the last span and the next.
    fn join(&mut self, next: &Span) {
        self.line_hyphen = false;
        let Some(last) = self.last.replace(*next) else { return };
        if last.page == next.page && is_same_line(&last, next) {
            self.space |= has_gap(&last, next);
            return;
        }
        if self.soft_hyphen && !self.space {
            return;
        }
        let ends_with_hyphen = self.out.text.ends_with(['-', '\u{2010}']) && !self.space;
        let before = self.out.text.chars().rev().nth(1);
        if ends_with_hyphen && before.is_some_and(char::is_alphanumeric) {
            self.line_hyphen = true;
        } else {
            self.space = true;
        }
    }

    fn push(&mut self, text: &str, span: &Span) {
        let mut count = 0;
        // Whether nothing is due before the next character of this span.
        let mut settled = false;
        for c in text.chars() {
            if settled && c.is_ascii_graphic() {
                self.out.text.push(c);
                count += 1;
                continue;
            }
            match c {
                '\u{ad}' => {
                    self.soft_hyphen = true;
                    settled = false;
                    continue;
                }
                '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' => continue,
                c if c.is_whitespace() => {
                    self.space = true;
                    settled = false;
                    continue;
                }
                c if c.is_control() => continue,
                _ => {}
            }
            self.before_visible(c, span);
            settled = true;
            match ligature(c) {
                Some(letters) => self.out.text.push_str(letters),
                None => self.out.text.push(private_symbol(c).unwrap_or(c)),
            }
            count += 1;
        }
        self.visible += count;
        self.bold += if span.bold { count } else { 0 };
        let tenths = (span.size * 10.0).round() as u32;
        *self.sizes.entry(tenths).or_default() += count;
    }

    fn before_visible(&mut self, c: char, span: &Span) {
        if self.line_hyphen {
            self.line_hyphen = false;
            if !c.is_alphabetic() && !c.is_ascii_digit() {
                self.space = true;
            } else if !self.space && c.is_lowercase() {
                let last = self.out.text.chars().next_back().map_or(1, char::len_utf8);
                self.out.line_hyphens.push(self.out.text.len() - last);
            }
        }
        self.soft_hyphen = false;
        if std::mem::take(&mut self.space) && !self.out.text.is_empty() {
            self.out.text.push(' ');
        }
        let page = span.page + 1;
        if self.out.text.is_empty() {
            self.out.page = page;
        } else if self.out.page_breaks.last().map_or(self.out.page, |last| last.page) != page {
            self.out.page_breaks.push(PageBreak { offset: self.out.text.len(), page });
        }
    }

    fn finish(mut self) -> Assembled {
        // Of sizes equally common, the larger: the order of the text must not decide.
        let size = self.sizes.iter().max_by_key(|(size, count)| (**count, **size)).map_or(0, |(size, _)| *size);
        self.out.size = size as f32 / 10.0;
        self.out.bold = self.bold * 2 > self.visible;
        self.out
    }
}

/// The unit vector along which a span runs.
fn direction(span: &Span) -> [f32; 2] {
    let (x, y) = (span.to[0] - span.from[0], span.to[1] - span.from[1]);
    let length = x.hypot(y);
    if length > 0.01 { [x / length, y / length] } else { [1.0, 0.0] }
}

/// How far the next span starts from the end of the last: along the line, and across it.
fn offset(last: &Span, next: &Span) -> (f32, f32) {
    let [dx, dy] = direction(last);
    let (x, y) = (next.from[0] - last.to[0], next.from[1] - last.to[1]);
    (x * dx + y * dy, y * dx - x * dy)
}

pub(super) fn is_same_line(last: &Span, next: &Span) -> bool {
    offset(last, next).1.abs() < 0.5 * last.size.max(next.size)
}

fn has_gap(last: &Span, next: &Span) -> bool {
    let (along, _) = offset(last, next);
    let size = last.size.max(next.size);
    along > MIN_SPACE_SIZES * size || along < -size
}

fn ligature(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        _ => return None,
    })
}
