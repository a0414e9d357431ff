//! Runs content streams.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use memchr::memmem;

use super::state::{BoundedStack, Matrix, State};
use super::{MarkId, MarkKey, PageFacts, Shown, Span};
use crate::extract::error::{ExtractError, Result, tolerate};
use crate::extract::font::Font;
use crate::extract::pdf::lexer::{Lexer, Token, decode_hex, decode_literal, is_space};
use crate::extract::pdf::object::{Dict, Object, Parser, Stream};
use crate::extract::pdf::{Page, Pdf};

/// Forms inside forms that are followed.
const DEEPEST_FORM: usize = 12;
/// A gap of more than this part of the size between two glyphs is no kerning.
const GAP: f32 = 0.15;

/// The fonts of a document that were met, by object number.
#[derive(Default)]
pub(super) struct Fonts {
    known: HashMap<u32, Rc<Font>>,
    /// Forms that show neither text nor images, so that they need not run again.
    silent_forms: HashSet<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Operand<'c> {
    Number(f64),
    Name(&'c [u8]),
    Literal(&'c [u8]),
    Hex(&'c [u8]),
}

/// A marked-content sequence that is open.
#[derive(Clone, Copy)]
struct Open {
    mark: MarkId,
    /// Whether its text is replaced, by its own replacement or by that of a sequence around it.
    replaced: bool,
    owns_replacement: bool,
}

const NOT_MARKED: Open = Open { mark: MarkId::NONE, replaced: false, owns_replacement: false };

/// What names in a content stream refer to.
struct Scope {
    resources: Rc<Object>,
    fonts: HashMap<Box<[u8]>, Option<Rc<Font>>>,
    categories: HashMap<&'static [u8], Option<Dict>>,
    /// The object number of the form, 0 for a page.
    form: u32,
}

impl Scope {
    fn new(resources: Rc<Object>, form: u32) -> Self {
        Self { resources, fonts: HashMap::new(), categories: HashMap::new(), form }
    }

    /// The unresolved value of a named resource.
    fn find(&mut self, pdf: &Pdf, category: &'static [u8], name: &[u8]) -> Result<Option<Object>> {
        if !self.categories.contains_key(category) {
            let found = match self.resources.as_dict() {
                Some(resources) => pdf.dict(resources, category)?,
                None => None,
            };
            self.categories.insert(category, found);
        }
        Ok(self.categories.get(category).and_then(Option::as_ref).and_then(|dict| dict.get(name)).cloned())
    }
}

struct Interpreter<'p, 'd> {
    pdf: &'p Pdf<'d>,
    fonts: &'p mut Fonts,
    shown: &'p mut Shown,
    page: u32,
    facts: PageFacts,
    state: State,
    states: BoundedStack<State>,
    open: BoundedStack<Open>,
    /// The replacement of the open sequence, until it has been put out.
    replacement: Option<String>,
    text_matrix: Matrix,
    line_matrix: Matrix,
    scratch: Vec<u8>,
    forms: Vec<u32>,
}

/// Runs the content of one page.
pub(super) fn page(pdf: &Pdf, page: &Page, index: u32, fonts: &mut Fonts, shown: &mut Shown) -> Result<()> {
    let [left, bottom, right, top] = page.media_box;
    let (width, height) = (right - left, top - bottom);
    let base = match page.rotate {
        90 => Matrix([0.0, -1.0, 1.0, 0.0, -bottom, right]),
        180 => Matrix([-1.0, 0.0, 0.0, -1.0, right, top]),
        270 => Matrix([0.0, 1.0, -1.0, 0.0, top, -left]),
        _ => Matrix([1.0, 0.0, 0.0, 1.0, -left, -bottom]),
    };
    let (width, height) = if page.rotate % 180 == 90 { (height, width) } else { (width, height) };
    let mut interpreter = Interpreter {
        pdf,
        fonts,
        shown,
        page: index,
        facts: PageFacts { width: width as f32, height: height as f32, ..PageFacts::default() },
        state: State::new(base),
        states: BoundedStack::new(),
        open: BoundedStack::new(),
        replacement: None,
        text_matrix: Matrix::IDENTITY,
        line_matrix: Matrix::IDENTITY,
        scratch: Vec::new(),
        forms: Vec::new(),
    };
    let content = page_content(pdf, page)?;
    let mut scope = Scope::new(Rc::clone(&page.resources), 0);
    interpreter.run(&content, &mut scope)?;
    let facts = interpreter.facts;
    shown.pages.push(facts);
    Ok(())
}

fn page_content<'d>(pdf: &Pdf<'d>, page: &Page) -> Result<Cow<'d, [u8]>> {
    let contents = pdf.value(&page.dict, b"Contents")?;
    let streams: &[Object] = match contents.as_ref() {
        Object::Stream(stream) => return Ok(tolerate(pdf.stream_data(stream))?.unwrap_or_default()),
        Object::Array(streams) => streams,
        _ => &[],
    };
    let mut all = Vec::new();
    for stream in streams {
        if let Object::Stream(stream) = pdf.resolve(stream)?.as_ref()
            && let Some(data) = tolerate(pdf.stream_data(stream))?
        {
            pdf.budget.inflate(data.len() as u64)?;
            all.extend_from_slice(&data);
            all.push(b'\n');
        }
    }
    Ok(Cow::Owned(all))
}

impl<'p, 'd> Interpreter<'p, 'd> {
    fn run(&mut self, content: &[u8], scope: &mut Scope) -> Result<()> {
        let mut lexer = Lexer::new(content, 0);
        let mut operands: Vec<Operand> = Vec::with_capacity(16);
        let mut properties: Option<Dict> = None;
        let most = self.pdf.budget.limits.object_values;
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
                    let mut parser = Parser::new(content, lexer.pos, &self.pdf.budget.limits);
                    properties = tolerate(parser.dict_body())?;
                    self.pdf.budget.scanned(parser.lexer.pos - lexer.pos)?;
                    lexer.pos = parser.lexer.pos;
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
        properties: Option<Dict>,
        scope: &mut Scope,
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
            b"Do" => self.x_object(name(0), scope)?,
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

    fn font(&mut self, name: &[u8], scope: &mut Scope) -> Result<Option<Rc<Font>>> {
        if let Some(known) = scope.fonts.get(name) {
            return Ok(known.clone());
        }
        let font = match scope.find(self.pdf, b"Font", name)? {
            Some(object) => Some(self.load_font(&object)?),
            None => None,
        };
        scope.fonts.insert(name.into(), font.clone());
        Ok(font)
    }

    fn load_font(&mut self, object: &Object) -> Result<Rc<Font>> {
        let number = object.as_ref();
        if let Some(known) = number.and_then(|number| self.fonts.known.get(&number)) {
            return Ok(Rc::clone(known));
        }
        let font = Rc::new(match self.pdf.resolve(object)?.as_dict() {
            Some(dict) => Font::load(self.pdf, dict)?,
            None => Font::unknown(),
        });
        if let Some(number) = number {
            self.fonts.known.insert(number, Rc::clone(&font));
        }
        Ok(font)
    }

    fn graphics_state(&mut self, name: &[u8], scope: &mut Scope) -> Result<()> {
        let Some(object) = scope.find(self.pdf, b"ExtGState", name)? else { return Ok(()) };
        let resolved = self.pdf.resolve(&object)?;
        let Some(font) = resolved.as_dict().and_then(|dict| dict.get(b"Font")) else { return Ok(()) };
        if let Some([font, size]) = self.pdf.resolve(font)?.as_array() {
            self.state.font = Some(self.load_font(font)?);
            self.state.size = size.as_number().unwrap_or(self.state.size);
        }
        Ok(())
    }

    fn open_mark(&mut self, tag: &[u8], name: &[u8], properties: Option<Dict>, scope: &mut Scope) -> Result<()> {
        let properties = match properties {
            Some(dict) => Some(dict),
            None if name.is_empty() => None,
            None => match scope.find(self.pdf, b"Properties", name)? {
                Some(object) => self.pdf.resolve(&object)?.as_dict().cloned(),
                None => None,
            },
        };
        let outer = self.open.last().copied().unwrap_or(NOT_MARKED);
        let mcid = properties.as_ref().and_then(|dict| dict.int(b"MCID")).and_then(|mcid| u32::try_from(mcid).ok());
        let mark = match mcid {
            Some(mcid) => self.shown.enter(MarkKey { page: self.page, form: scope.form, mcid }),
            None if tag == b"Artifact" => MarkId::ARTIFACT,
            None => outer.mark,
        };
        let actual = properties.as_ref().and_then(|dict| dict.get(b"ActualText")).and_then(Object::as_string);
        let actual = actual.filter(|_| !outer.replaced);
        if let Some(actual) = actual {
            self.replacement = Some(text_string(actual));
        }
        self.open.push(Open { mark, replaced: outer.replaced || actual.is_some(), owns_replacement: actual.is_some() });
        Ok(())
    }

    fn close_mark(&mut self) {
        if self.open.pop().is_some_and(|open| open.owns_replacement) {
            self.replacement = None;
        }
    }

    fn show(&mut self, operands: &[Operand]) -> Result<()> {
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
        while !rest.is_empty() {
            self.pdf.budget.step()?;
            let (glyph, length) = font.glyph(rest);
            rest = &rest[length.min(rest.len())..];
            let before = self.shown.text.len();
            let mapped = glyph.push_to(&mut self.shown.text);
            if !mapped {
                self.facts.unmapped += 1;
                self.shown.text.push('\u{fffd}');
            }
            let blank = self.shown.text[before..].trim().is_empty();
            self.facts.characters += u32::from(!blank);
            let word_spacing = if glyph.is_space { state.word_spacing } else { 0.0 };
            advance += (glyph.width * state.size + state.char_spacing + word_spacing) * state.stretch;
        }
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

    fn x_object(&mut self, name: &[u8], scope: &mut Scope) -> Result<()> {
        let Some(object) = scope.find(self.pdf, b"XObject", name)? else { return Ok(()) };
        let number = object.as_ref().unwrap_or(0);
        if self.fonts.silent_forms.contains(&number) {
            return Ok(());
        }
        let Object::Stream(stream) = self.pdf.resolve(&object)?.into_owned() else { return Ok(()) };
        match self.pdf.value(&stream.dict, b"Subtype")?.as_name() {
            Some(b"Image") => {
                self.facts.has_image = true;
                Ok(())
            }
            Some(b"Form") => self.form(number, &stream, scope),
            _ => Ok(()),
        }
    }

    fn form(&mut self, number: u32, stream: &Stream, scope: &Scope) -> Result<()> {
        if self.forms.len() >= DEEPEST_FORM || self.forms.contains(&number) {
            return Ok(());
        }
        let Some(content) = tolerate(self.pdf.stream_data(stream))? else { return Ok(()) };
        let resources = match self.pdf.value(&stream.dict, b"Resources")?.into_owned() {
            Object::Null => Rc::clone(&scope.resources),
            resources => Rc::new(resources),
        };
        let had_image = std::mem::take(&mut self.facts.has_image);
        let before = (self.shown.spans.len(), self.facts);
        let outer = self.state.clone();
        let outer_matrices = (self.text_matrix, self.line_matrix);
        let outer_states = std::mem::replace(&mut self.states, BoundedStack::new());
        let inherited = self.open.last().copied();
        let outer_open = std::mem::replace(&mut self.open, BoundedStack::new());
        if let Some(open) = inherited {
            self.open.push(open);
        }
        if let Some(items) = self.pdf.value(&stream.dict, b"Matrix")?.as_array()
            && let Some(numbers) = items.iter().map(Object::as_number).collect::<Option<Vec<f64>>>()
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
        (self.text_matrix, self.line_matrix) = outer_matrices;
        if number != 0 && before == (self.shown.spans.len(), self.facts) {
            self.fonts.silent_forms.insert(number);
        }
        self.facts.has_image |= had_image;
        result
    }

    /// Goes behind the `EI` of an inline image; its data are not looked at.
    fn skip_inline_image(&mut self, lexer: &mut Lexer) -> Result<()> {
        self.facts.has_image = true;
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

/// A text string of a dictionary: UTF-16 or UTF-8 with a mark, else taken as Latin-1.
pub(in crate::extract) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).filter_map(std::result::Result::ok).collect()
}
