//! Text as it is shown: where each piece begins and ends on the page.

use super::interpreter::{Interpreter, NOT_MARKED, Operand};
use super::repaint::{emboldens, is_same_place};
use super::state::Matrix;
use super::{Shown, Span};
use crate::extract::error::Result;
use crate::extract::font::Font;
use crate::extract::lexer::{decode_hex, decode_literal};

/// A gap of more than this part of the size between two glyphs is no kerning.
const MAX_KERNING_SIZES: f32 = 0.15;

/// Strings of one operator that are set in a row without a gap.
struct Run {
    /// Where its text starts in [`Shown::text`](super::Shown).
    start: usize,
    /// Where it starts and ends along the line, in units of text.
    from: f64,
    to: f64,
}

/// What all runs of one operator have in common.
struct Setting {
    to_page: Matrix,
    /// In points as printed.
    size: f32,
    bold: bool,
    /// The widest gap along the line that is kerning, in units of text; none where the line is not horizontal, since
    /// then every string stays by itself.
    kerning: Option<f64>,
}

impl Interpreter<'_, '_> {
    pub(super) fn show(&mut self, operands: &[Operand]) -> Result<()> {
        let Some(font) = self.state.font.clone() else { return Ok(()) };
        let setting = self.setting(&font);
        let mut bytes = std::mem::take(&mut self.scratch);
        let (mut along, mut run) = (0.0, None::<Run>);
        for operand in operands {
            bytes.clear();
            match operand {
                Operand::Literal(raw) => decode_literal(raw, &mut bytes),
                Operand::Hex(raw) => decode_hex(raw, &mut bytes),
                Operand::Number(number) => along -= number / 1000.0 * self.state.size * self.state.stretch,
                Operand::Name(_) => {}
            }
            if bytes.is_empty() {
                continue;
            }
            let goes_on = |run: &Run| setting.kerning.is_some_and(|widest| (along - run.to).abs() <= widest);
            if let Some(ended) = run.take_if(|run| !goes_on(run)) {
                self.put_out(&ended, &setting)?;
            }
            let run = run.get_or_insert(Run { start: self.shown.text.len(), from: along, to: along });
            along += self.glyphs(&font, &bytes)?;
            run.to = along;
        }
        if let Some(run) = run {
            self.put_out(&run, &setting)?;
        }
        self.text_matrix.shift(along, 0.0);
        self.scratch = bytes;
        Ok(())
    }

    fn setting(&self, font: &Font) -> Setting {
        let state = &self.state;
        let to_page = self.text_matrix.then(&state.ctm);
        let size = (state.size * to_page.vertical_scale()).abs() as f32;
        let [across, up, ..] = to_page.0;
        let kerning = (up == 0.0).then(|| f64::from(MAX_KERNING_SIZES * size) / across.abs());
        Setting { to_page, size, bold: font.bold || state.render == 2, kerning }
    }

    /// Adds the text of shown bytes; gives how far they lead along the line, in units of text.
    fn glyphs(&mut self, font: &Font, bytes: &[u8]) -> Result<f64> {
        self.pdf.budget.scanned(bytes.len() * 16)?;
        let text = &mut self.shown.text;
        let before = text.len();
        let (mut width, mut glyphs, mut spaces) = (0.0, 0_u32, 0_u32);
        let (mut characters, mut unmapped) = (0, 0);
        let mut rest = bytes;
        while !rest.is_empty() {
            let (glyph, length) = font.glyph(rest);
            rest = &rest[length.min(rest.len())..];
            if glyph.push_to(text) {
                characters += u32::from(!glyph.is_blank());
            } else {
                characters += 1;
                unmapped += 1;
                text.push('\u{fffd}');
            }
            width += glyph.width;
            glyphs += 1;
            spaces += u32::from(glyph.is_space);
        }
        let added = text.len() - before;
        self.facts.characters += characters;
        self.facts.unmapped += unmapped;
        self.pdf.budget.text(added)?;
        let state = &self.state;
        let spacing = f64::from(glyphs) * state.char_spacing + f64::from(spaces) * state.word_spacing;
        Ok((width * state.size + spacing) * state.stretch)
    }

    fn put_out(&mut self, run: &Run, setting: &Setting) -> Result<()> {
        let open = self.open.last().copied().unwrap_or(NOT_MARKED);
        if open.replaced {
            self.shown.text.truncate(run.start);
            self.shown.text.push_str(&self.replacement.take().unwrap_or_default());
            self.pdf.budget.text(self.shown.text.len() - run.start)?;
        }
        let at = |along: f64| setting.to_page.apply(along, self.state.rise).map(|v| v as f32);
        let span = Span {
            page: self.page,
            mark: open.mark,
            start: run.start as u32,
            end: self.shown.text.len() as u32,
            from: at(run.from),
            to: at(run.to),
            size: setting.size,
            bold: setting.bold,
        };
        if span.start == span.end || !self.is_on_page(&span) {
            self.shown.text.truncate(run.start);
            return Ok(());
        }
        let last_run = self.last_run.replace(span);
        if let Some(last) = last_run.filter(|last| paints_again(self.shown, last, &span)) {
            self.last_run = last_run;
            self.shown.text.truncate(run.start);
            if let Some(shown) = self.shown.spans.last_mut().filter(|shown| shown.start == last.start) {
                shown.bold |= emboldens(&last, &span);
            }
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

/// Whether a span only paints the last one again.
fn paints_again(shown: &Shown, last: &Span, next: &Span) -> bool {
    last.mark == next.mark && is_same_place(last, next) && shown.text_of(last) == shown.text_of(next)
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
        && (next.from[0] - last.to[0]).abs() <= MAX_KERNING_SIZES * next.size
}
