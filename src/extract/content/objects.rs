//! Forms and images: content in other objects, or between the operators.

use lopdf::{Object, Stream};
use memchr::memmem;

use super::PageFacts;
use super::interpreter::{Interpreter, Scope};
use super::state::{BoundedStack, Matrix};
use crate::extract::error::Result;
use crate::extract::lexer::{Lexer, Token, is_space};
use crate::extract::pdf::Value;

/// Forms inside forms that are followed.
const MAX_FORM_DEPTH: usize = 12;

impl<'p> Interpreter<'p, '_> {
    pub(super) fn x_object(&mut self, name: &[u8], scope: &mut Scope<'p>) -> Result<()> {
        let Some(object) = scope.find(self.pdf, b"XObject", name) else { return Ok(()) };
        let number = object.reference().unwrap_or(0);
        if self.fonts.silent_forms.contains(&number) {
            return Ok(());
        }
        let Object::Stream(stream) = self.pdf.resolve(object) else { return Ok(()) };
        match self.pdf.value(&stream.dict, b"Subtype").name() {
            Some(b"Image") => {
                self.note_picture(number);
                Ok(())
            }
            Some(b"Form") => self.form(number, stream, scope),
            _ => Ok(()),
        }
    }

    fn form(&mut self, number: u32, stream: &'p Stream, scope: &Scope<'p>) -> Result<()> {
        if self.forms.len() >= MAX_FORM_DEPTH || self.forms.contains(&number) {
            return Ok(());
        }
        let content = self.pdf.whole_stream_data(stream)?;
        let resources = self.pdf.dict(&stream.dict, b"Resources").or(scope.resources);
        let had_image = std::mem::take(&mut self.facts.has_image);
        let before = self.noted_so_far();
        let outer = self.state.clone();
        let outer_path = std::mem::take(&mut self.drawing.path);
        let outer_matrices = (self.text_matrix, self.line_matrix);
        let outer_states = std::mem::replace(&mut self.states, BoundedStack::new());
        let inherited = self.open.last().copied();
        let outer_open = std::mem::replace(&mut self.open, BoundedStack::new());
        if let Some(open) = inherited {
            self.open.push(open);
        }
        if let Some(items) = self.pdf.value(&stream.dict, b"Matrix").items()
            && let Some(numbers) = items.iter().map(Value::number).collect::<Option<Vec<f64>>>()
            && let Ok(numbers) = <[f64; 6]>::try_from(numbers)
        {
            self.state.ctm = Matrix(numbers).then(&self.state.ctm);
        }
        self.forms.push(number);
        let mut inner = Scope::new(resources, number);
        let result = self.run(&content, &mut inner);
        self.forms.pop();
        self.open = outer_open;
        self.states = outer_states;
        self.state = outer;
        self.drawing.path = outer_path;
        (self.text_matrix, self.line_matrix) = outer_matrices;
        if number != 0 && before == self.noted_so_far() {
            self.fonts.silent_forms.insert(number);
        }
        self.facts.has_image |= had_image;
        result
    }

    /// Notes how much of the page a picture covers: the unit square, as the matrix places it.
    fn note_picture(&mut self, number: u32) {
        /// Of the page, for a picture that may lie behind its text.
        const BACKGROUND_SHARE: f32 = 0.5;
        let corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|(x, y)| self.state.ctm.apply(x, y));
        let extent = |axis: usize, size: f32| {
            let along = corners.map(|corner| (corner[axis] as f32).clamp(0.0, size));
            along.into_iter().fold(f32::MIN, f32::max) - along.into_iter().fold(f32::MAX, f32::min)
        };
        let facts = &mut self.facts;
        let share = extent(0, facts.width) * extent(1, facts.height) / (facts.width * facts.height);
        facts.has_image = true;
        if share.is_finite() {
            facts.pictured = (facts.pictured + share).min(1.0);
        }
        if share >= BACKGROUND_SHARE {
            facts.picture = Some(number);
        }
    }

    fn noted_so_far(&self) -> (usize, usize, PageFacts) {
        (self.shown.spans.len(), self.shown.rules.len() + self.shown.dots.len(), self.facts)
    }

    /// Goes behind the `EI` of an inline image; its data are not looked at.
    pub(super) fn skip_inline_image(&mut self, lexer: &mut Lexer) -> Result<()> {
        self.note_picture(0);
        let data = lexer.data();
        loop {
            self.pdf.budget.step()?;
            match lexer.token() {
                Token::Word(b"ID") => break,
                Token::Word(b"EI") | Token::End => return Ok(()),
                _ => {}
            }
        }
        let start = lexer.pos;
        for at in memmem::find_iter(&data[start..], b"EI") {
            let (before, after) = (start + at, start + at + 2);
            let opens = before == start || is_space(data[before - 1]);
            // What follows must look like content, not like more of the image.
            let follows = &data[after..data.len().min(after + 12)];
            let closes = follows.first().is_none_or(|&byte| is_space(byte))
                && follows.iter().all(|&byte| is_space(byte) || (0x20..0x7f).contains(&byte));
            if opens && closes {
                lexer.pos = after;
                return self.pdf.budget.scanned(at);
            }
        }
        lexer.pos = data.len();
        Ok(())
    }
}
