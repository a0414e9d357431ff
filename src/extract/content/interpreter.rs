//! Runs content streams.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use lopdf::{Dictionary, Object};

use super::properties::Properties;
use super::rules::Drawing;
use super::state::{BoundedStack, Matrix, State};
use super::strings::text_string;
use super::{MarkId, MarkKey, Noted, PageFacts, Shown, Span, repaint};
use crate::extract::error::{ExtractError, Result, incomplete};
use crate::extract::font::Font;
use crate::extract::lexer::{Lexer, Token};
use crate::extract::pdf::{Lookup, Page, Pdf, Value};

/// The fonts of a document that were met, by object number.
#[derive(Default)]
pub(super) struct Fonts {
    known: HashMap<u32, Rc<Font>>,
    /// Forms that hold nothing that is noted, so that they need not run again.
    pub(super) silent_forms: HashSet<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Operand<'c> {
    Number(f64),
    Name(&'c [u8]),
    Literal(&'c [u8]),
    Hex(&'c [u8]),
}

/// A marked-content sequence that is open.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub(super) mark: MarkId,
    /// Whether its text is replaced, by its own replacement or by that of a sequence around it.
    pub(super) replaced: bool,
    pub(super) owns_replacement: bool,
}

pub(super) const NOT_MARKED: Open = Open { mark: MarkId::NONE, replaced: false, owns_replacement: false };

/// The font and size that a graphics state sets.
type StateFont = (Rc<Font>, Option<f64>);

/// What names in a content stream refer to.
pub(super) struct Scope<'p> {
    pub(super) resources: Option<&'p Dictionary>,
    fonts: HashMap<Box<[u8]>, Option<Rc<Font>>>,
    /// Fonts and sizes that graphics states set, by name; most set none.
    states: HashMap<Box<[u8]>, Option<StateFont>>,
    /// The object number of the form, 0 for a page.
    form: u32,
}

impl<'p> Scope<'p> {
    pub(super) fn new(resources: Option<&'p Dictionary>, form: u32) -> Self {
        Self { resources, fonts: HashMap::new(), states: HashMap::new(), form }
    }

    /// The unresolved value of a named resource.
    pub(super) fn find(&self, pdf: &'p Pdf, category: &[u8], name: &[u8]) -> Option<&'p Object> {
        pdf.dict(self.resources?, category)?.find(name)
    }
}

pub(super) struct Interpreter<'p, 'r> {
    pub(super) pdf: &'p Pdf<'p>,
    pub(super) fonts: &'r mut Fonts,
    pub(super) shown: &'r mut Shown,
    pub(super) page: u32,
    noted: Noted,
    pub(super) facts: PageFacts,
    pub(super) state: State,
    pub(super) states: BoundedStack<State>,
    pub(super) open: BoundedStack<Open>,
    /// The replacement of the open sequence, until it has been put out.
    pub(super) replacement: Option<String>,
    pub(super) text_matrix: Matrix,
    pub(super) line_matrix: Matrix,
    pub(super) scratch: Vec<u8>,
    pub(super) forms: Vec<u32>,
    pub(super) drawing: Drawing,
    /// What was put out last, as long as it was.
    pub(super) last_run: Option<Span>,
}

/// Runs the content of one page.
pub(super) fn page<'p>(
    pdf: &'p Pdf,
    page: &Page<'p>,
    index: u32,
    noted: Noted,
    fonts: &mut Fonts,
    shown: &mut Shown,
) -> Result<()> {
    let [left, bottom, right, top] = page.media_box;
    let (width, height) = (right - left, top - bottom);
    let base = match page.rotate {
        90 => Matrix([0.0, -1.0, 1.0, 0.0, -bottom, right]),
        180 => Matrix([-1.0, 0.0, 0.0, -1.0, right, top]),
        270 => Matrix([0.0, 1.0, -1.0, 0.0, top, -left]),
        _ => Matrix([1.0, 0.0, 0.0, 1.0, -left, -bottom]),
    };
    let (width, height) = if page.rotate % 180 == 90 { (height, width) } else { (width, height) };
    let (rules_before, spans_before) = (shown.rules.len(), shown.spans.len());
    let mut interpreter = Interpreter {
        pdf,
        fonts,
        shown,
        page: index,
        noted,
        facts: PageFacts { width: width as f32, height: height as f32, ..PageFacts::default() },
        state: State::new(base),
        states: BoundedStack::new(),
        open: BoundedStack::new(),
        replacement: None,
        text_matrix: Matrix::IDENTITY,
        line_matrix: Matrix::IDENTITY,
        scratch: Vec::new(),
        forms: Vec::new(),
        drawing: Drawing::new(index),
        last_run: None,
    };
    let content = page_content(pdf, page)?;
    let mut scope = Scope::new(page.resources, 0);
    interpreter.run(&content, &mut scope)?;
    let mut facts = interpreter.facts;
    if interpreter.drawing.is_picture() {
        shown.rules.truncate(rules_before);
    }
    if noted != Noted::Drawing {
        facts.characters -= repaint::leave_out(shown, spans_before, pdf.budget)?.min(facts.characters);
        shown.pages.push(facts);
    }
    Ok(())
}

/// What a page shows. A page without its content would be a letter without some of its findings, so that is an error.
fn page_content<'p>(pdf: &'p Pdf, page: &Page<'p>) -> Result<Cow<'p, [u8]>> {
    let Some(contents) = page.dict.find(b"Contents") else { return Ok(Cow::default()) };
    let streams = match pdf.resolve(contents) {
        Object::Array(streams) => streams.as_slice(),
        _ => std::slice::from_ref(contents),
    };
    if let [stream] = streams {
        return part_of_page(pdf, stream);
    }
    let mut all = Vec::new();
    for stream in streams {
        let data = part_of_page(pdf, stream)?;
        pdf.budget.hold(data.len() as u64)?;
        all.extend_from_slice(&data);
        all.push(b'\n');
    }
    Ok(Cow::Owned(all))
}

fn part_of_page<'p>(pdf: &'p Pdf, part: &'p Object) -> Result<Cow<'p, [u8]>> {
    match pdf.resolve(part) {
        Object::Stream(stream) => pdf.whole_stream_data(stream),
        _ if part.reference().is_some() => incomplete("the content of a page is not in it"),
        _ => Ok(Cow::default()),
    }
}

impl<'p> Interpreter<'p, '_> {
    pub(super) fn run(&mut self, content: &[u8], scope: &mut Scope<'p>) -> Result<()> {
        let mut lexer = Lexer::new(content, 0);
        let mut operands: Vec<Operand> = Vec::with_capacity(16);
        let mut properties: Option<Properties> = None;
        let most = self.pdf.budget.limits.operands;
        loop {
            let operand = match lexer.token() {
                Token::End => return Ok(()),
                Token::Int(int) => Operand::Number(int as f64),
                Token::Real(real) => Operand::Number(real),
                Token::Name(name) => Operand::Name(name),
                Token::Literal(raw) => Operand::Literal(raw),
                Token::Hex(raw) => Operand::Hex(raw),
                Token::ArrayOpen | Token::ArrayClose | Token::DictClose => {
                    self.pdf.budget.step()?;
                    continue;
                }
                Token::DictOpen => {
                    properties = Some(Properties::read(&mut lexer, self.pdf.budget)?);
                    continue;
                }
                Token::Word(b"BI") => {
                    self.skip_inline_image(&mut lexer)?;
                    operands.clear();
                    continue;
                }
                Token::Word(operator) => {
                    self.pdf.budget.operator()?;
                    self.operator(operator, &operands, properties.take(), scope)?;
                    operands.clear();
                    continue;
                }
            };
            self.pdf.budget.step()?;
            if operands.len() as u64 >= u64::from(most) {
                return Err(ExtractError::Limit { what: "operands of an operator", limit: u64::from(most) });
            }
            operands.push(operand);
        }
    }

    fn operator(
        &mut self,
        operator: &[u8],
        operands: &[Operand],
        properties: Option<Properties>,
        scope: &mut Scope<'p>,
    ) -> Result<()> {
        let number = |i: usize| match operands.get(i) {
            Some(Operand::Number(number)) => *number,
            _ => 0.0,
        };
        let name = |i: usize| match operands.get(i) {
            Some(Operand::Name(name)) => *name,
            _ => b"",
        };
        let matrix = || Matrix([number(0), number(1), number(2), number(3), number(4), number(5)]);
        match operator {
            b"q" => self.states.push(self.state.clone()),
            b"Q" => {
                if let Some(state) = self.states.pop() {
                    self.state = state;
                }
            }
            b"cm" => self.state.ctm = matrix().then(&self.state.ctm),
            b"Do" => self.x_object(name(0), scope)?,
            b"re" | b"m" | b"l" | b"c" | b"v" | b"y" | b"h" | b"f" | b"F" | b"f*" | b"S" | b"B" | b"B*" | b"s"
            | b"b" | b"b*" | b"n"
                if self.noted != Noted::Text =>
            {
                let operands = std::array::from_fn(number);
                self.drawing.run(operator, operands, &self.state.ctm, self.shown, self.pdf.budget)?;
            }
            // All others tell of text.
            _ if self.noted == Noted::Drawing => {}
            b"BT" => (self.text_matrix, self.line_matrix) = (Matrix::IDENTITY, Matrix::IDENTITY),
            b"Tf" => {
                self.state.font = self.font(name(0), scope)?;
                self.state.size = number(1);
            }
            b"gs" => self.graphics_state(name(0), scope)?,
            b"Tc" => self.state.char_spacing = number(0),
            b"Tw" => self.state.word_spacing = number(0),
            b"Tz" => self.state.stretch = number(0) / 100.0,
            b"TL" => self.state.leading = number(0),
            b"Ts" => self.state.rise = number(0),
            b"Tr" => self.state.render = number(0) as i64,
            b"Tm" => (self.text_matrix, self.line_matrix) = (matrix(), matrix()),
            b"Td" => self.next_line(number(0), number(1)),
            b"TD" => {
                self.state.leading = -number(1);
                self.next_line(number(0), number(1));
            }
            b"T*" => self.next_line(0.0, -self.state.leading),
            b"Tj" | b"TJ" => self.show(operands)?,
            b"'" => {
                self.next_line(0.0, -self.state.leading);
                self.show(operands)?;
            }
            b"\"" => {
                (self.state.word_spacing, self.state.char_spacing) = (number(0), number(1));
                self.next_line(0.0, -self.state.leading);
                self.show(operands.get(2..).unwrap_or_default())?;
            }
            b"BMC" | b"BDC" => self.open_mark(name(0), name(1), properties, scope)?,
            b"EMC" => self.close_mark(),
            _ => {}
        }
        Ok(())
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line_matrix.shift(x, y);
        self.text_matrix = self.line_matrix;
    }

    fn font(&mut self, name: &[u8], scope: &mut Scope<'p>) -> Result<Option<Rc<Font>>> {
        if let Some(known) = scope.fonts.get(name) {
            return Ok(known.clone());
        }
        let font = match scope.find(self.pdf, b"Font", name) {
            Some(object) => Some(self.load_font(object)?),
            None => None,
        };
        scope.fonts.insert(name.into(), font.clone());
        Ok(font)
    }

    fn load_font(&mut self, object: &Object) -> Result<Rc<Font>> {
        let number = object.reference();
        if let Some(known) = number.and_then(|number| self.fonts.known.get(&number)) {
            return Ok(Rc::clone(known));
        }
        let font = Rc::new(match self.pdf.resolve(object).dict() {
            Some(dict) => Font::load(self.pdf, dict)?,
            None => Font::unknown(),
        });
        if let Some(number) = number {
            self.fonts.known.insert(number, Rc::clone(&font));
        }
        Ok(font)
    }

    fn graphics_state(&mut self, name: &[u8], scope: &mut Scope<'p>) -> Result<()> {
        if !scope.states.contains_key(name) {
            let found = self.font_of_state(name, scope)?;
            scope.states.insert(name.into(), found);
        }
        if let Some(Some((font, size))) = scope.states.get(name) {
            self.state.font = Some(Rc::clone(font));
            self.state.size = size.unwrap_or(self.state.size);
        }
        Ok(())
    }

    fn font_of_state(&mut self, name: &[u8], scope: &Scope<'p>) -> Result<Option<StateFont>> {
        let state = scope.find(self.pdf, b"ExtGState", name).and_then(|state| self.pdf.resolve(state).dict());
        match state.and_then(|state| self.pdf.value(state, b"Font").items()) {
            Some([font, size]) => Ok(Some((self.load_font(font)?, size.number()))),
            _ => Ok(None),
        }
    }

    fn open_mark(&mut self, tag: &[u8], name: &[u8], spelt: Option<Properties>, scope: &Scope<'p>) -> Result<()> {
        let properties = spelt.unwrap_or_else(|| match scope.find(self.pdf, b"Properties", name) {
            Some(named) if !name.is_empty() => self.named_properties(named),
            _ => Properties::default(),
        });
        let outer = self.open.last().copied().unwrap_or(NOT_MARKED);
        let mark = match properties.mcid {
            Some(mcid) => self.shown.enter(MarkKey { page: self.page, form: scope.form, mcid }, self.pdf.budget)?,
            None if tag == b"Artifact" => MarkId::ARTIFACT,
            None => outer.mark,
        };
        let actual = properties.actual_text.filter(|_| !outer.replaced);
        let owns_replacement = actual.is_some();
        if owns_replacement {
            self.replacement = actual;
        }
        self.open.push(Open { mark, replaced: outer.replaced || owns_replacement, owns_replacement });
        Ok(())
    }

    fn named_properties(&self, named: &Object) -> Properties {
        let Some(dict) = self.pdf.resolve(named).dict() else { return Properties::default() };
        Properties {
            mcid: dict.int(b"MCID").and_then(|mcid| u32::try_from(mcid).ok()),
            actual_text: dict.find(b"ActualText").and_then(Value::bytes).map(text_string),
        }
    }

    fn close_mark(&mut self) {
        if self.open.pop().is_some_and(|open| open.owns_replacement) {
            self.replacement = None;
        }
    }
}
