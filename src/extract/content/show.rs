//! Text as it is shown: where each piece begins and ends on the page.

use super::Span;
use super::interpreter::{Interpreter, NOT_MARKED, Operand};
use crate::extract::error::Result;
use crate::extract::font::Font;
use crate::extract::pdf::lexer::{decode_hex, decode_literal};

/// A gap of more than this part of the size between two glyphs is no kerning.
const GAP: f32 = 0.15;

impl Interpreter<'_, '_> {
    pub(super) fn show(&mut self, operands: &[Operand]) -> Result<()> {
        let Some(font) = self.state.font.clone() else { return Ok(()) };
        let mut bytes = std::mem::take(&mut self.scratch);
        for operand in operands {
            bytes.clear();
            match operand {
                Operand::Literal(raw) => decode_literal(raw, &mut bytes),
                Operand::Hex(raw) => decode_hex(raw, &mut bytes),
                Operand::Number(number) => {
                    let shift = -number / 1000.0 * self.state.size * self.state.stretch;
                    self.text_matrix.shift(shift, 0.0);
                    continue;
                }
                Operand::Name(_) => continue,
            }
            self.show_string(&font, &bytes)?;
        }
        self.scratch = bytes;
        Ok(())
    }

    fn show_string(&mut self, font: &Font, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let state = &self.state;
        let start = self.shown.text.len();
        let (mut advance, mut rest) = (0.0, bytes);
        self.pdf.budget.scanned(bytes.len() * 16)?;
        while !rest.is_empty() {
            let (glyph, length) = font.glyph(rest);
            rest = &rest[length.min(rest.len())..];
            if glyph.push_to(&mut self.shown.text) {
                self.facts.characters += u32::from(!glyph.is_blank());
            } else {
                self.facts.characters += 1;
                self.facts.unmapped += 1;
                self.shown.text.push('\u{fffd}');
            }
            let word_spacing = if glyph.is_space { state.word_spacing } else { 0.0 };
            advance += (glyph.width * state.size + state.char_spacing + word_spacing) * state.stretch;
        }
        self.pdf.budget.text(self.shown.text.len() - start)?;
        let to_page = self.text_matrix.then(&state.ctm);
        let from = to_page.apply(0.0, state.rise);
        let to = to_page.apply(advance, state.rise);
        let size = (state.size * to_page.vertical_scale()).abs() as f32;
        let bold = font.bold || state.render == 2;
        self.text_matrix.shift(advance, 0.0);
        let open = self.open.last().copied().unwrap_or(NOT_MARKED);
        if open.replaced {
            self.shown.text.truncate(start);
            self.shown.text.push_str(&self.replacement.take().unwrap_or_default());
            self.pdf.budget.text(self.shown.text.len() - start)?;
        }
        let span = Span {
            page: self.page,
            mark: open.mark,
            start: start as u32,
            end: self.shown.text.len() as u32,
            from: from.map(|v| v as f32),
            to: to.map(|v| v as f32),
            size,
            bold,
        };
        if span.start == span.end || !self.is_on_page(&span) {
            self.shown.text.truncate(start);
            return Ok(());
        }
        match self.shown.spans.last_mut() {
            Some(last) if continues(last, &span) => {
                last.end = span.end;
                last.to = span.to;
            }
            _ => {
                self.pdf.budget.piece()?;
                self.shown.spans.push(span);
            }
        }
        Ok(())
    }

    fn is_on_page(&self, span: &Span) -> bool {
        let finite = span.from.iter().chain(&span.to).all(|v| v.is_finite()) && span.size.is_finite();
        let slack = span.size;
        finite
            && span.from[0].max(span.to[0]) > -slack
            && span.from[0].min(span.to[0]) < self.facts.width + slack
            && span.from[1].max(span.to[1]) > -slack
            && span.from[1].min(span.to[1]) < self.facts.height + slack
    }
}

/// Whether a span goes on where the last one ended.
fn continues(last: &Span, next: &Span) -> bool {
    last.page == next.page
        && last.mark == next.mark
        && last.end == next.start
        && last.bold == next.bold
        && (last.size - next.size).abs() < 0.05
        && (next.from[1] - last.to[1]).abs() < 0.1 * next.size
        && (last.from[1] - last.to[1]).abs() < 0.1
        && (next.from[0] - last.to[0]).abs() <= GAP * next.size
}
