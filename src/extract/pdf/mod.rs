//! The object layer: a lazy reader that parses only the objects it is asked for and inflates only the streams whose
//! content matters, so that fonts and images cost nothing and a hostile file cannot make it do more than it must.

mod crypt;
mod filter;
pub(super) mod lexer;
pub(super) mod object;
mod pages;
mod xref;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use memchr::memmem;

use self::crypt::Crypt;
use self::lexer::{Lexer, Token};
use self::object::{Dict, Object, Parser, Stream};
pub(super) use self::pages::Page;
use self::xref::{Entry, Table};
use super::error::{ExtractError, Result, damaged, tolerate};
use super::limits::Budget;

/// References that are followed in a row.
const MOST_HOPS: usize = 16;

pub(super) struct Pdf<'a> {
    data: &'a [u8],
    pub(super) budget: &'a Budget,
    table: RefCell<Table>,
    trailer: Dict,
    crypt: Option<Crypt>,
    object_streams: RefCell<HashMap<u32, Option<Rc<ObjectStream>>>>,
    /// The catalog that was found.
    catalog: Option<Dict>,
    /// The objects were found by a scan.
    scanned: bool,
}

/// The inflated content of an object stream and where each of its objects starts.
struct ObjectStream {
    data: Vec<u8>,
    index: Vec<(u32, u32)>,
}

impl<'a> Pdf<'a> {
    pub(super) fn open(data: &'a [u8], budget: &'a Budget) -> Result<Self> {
        // Offsets count from the header, before which some servers put bytes of their own.
        let header = memmem::find(&data[..data.len().min(1024)], b"%PDF-").unwrap_or(0);
        let mut pdf = Self {
            data: &data[header..],
            budget,
            table: RefCell::default(),
            trailer: Dict::default(),
            crypt: None,
            object_streams: RefCell::default(),
            catalog: None,
            scanned: false,
        };
        let mut table = Table::default();
        if let Some(trailer) = tolerate(pdf.read_sections(&mut table))? {
            pdf.table = RefCell::new(table);
            pdf.trailer = trailer;
            pdf.open_crypt()?;
            pdf.catalog = pdf.catalog_of_trailer()?;
            if pdf.catalog.is_some() {
                return Ok(pdf);
            }
        }
        pdf.rebuild()?;
        Ok(pdf)
    }

    /// Finds everything anew by a scan of the whole file.
    pub(super) fn rebuild(&mut self) -> Result<()> {
        self.scanned = true;
        let scan = self.scan()?;
        self.table = RefCell::new(scan.table);
        self.object_streams = RefCell::default();
        // The last trailer is the newest, but a broken end may have lost what an earlier one knows.
        let mut trailers = scan.trailers;
        trailers.reverse();
        if let Some(encrypted) = trailers.iter().find(|trailer| trailer.get(b"Encrypt").is_some()) {
            self.trailer = encrypted.clone();
            self.open_crypt()?;
        }
        self.enter_object_streams(&scan.object_streams)?;
        for trailer in trailers {
            self.trailer = trailer;
            self.catalog = self.catalog_of_trailer()?;
            if self.catalog.is_some() {
                return Ok(());
            }
        }
        let mut catalogs = self.all_of_type(b"Catalog")?.into_iter().map(|(_, dict)| dict);
        self.catalog = catalogs.rfind(|dict| dict.get(b"Pages").is_some());
        Ok(())
    }

    pub(super) fn was_scanned(&self) -> bool {
        self.scanned
    }

    fn open_crypt(&mut self) -> Result<()> {
        self.crypt = None;
        let Some(encrypt) = self.trailer.get(b"Encrypt") else { return Ok(()) };
        let Object::Dict(dict) = self.deep(encrypt, 4)? else { return Ok(()) };
        let id = match self.trailer.get(b"ID") {
            Some(id) => self.deep(id, 2)?,
            None => Object::Null,
        };
        let first_id = id.as_array().and_then(|ids| ids.first()).and_then(Object::as_string).unwrap_or_default();
        self.crypt = Some(Crypt::open(&dict, first_id)?);
        Ok(())
    }

    /// The document catalog, if there is one with pages.
    pub(super) fn catalog(&self) -> Option<&Dict> {
        self.catalog.as_ref()
    }

    fn catalog_of_trailer(&self) -> Result<Option<Dict>> {
        let root = self.value(&self.trailer, b"Root")?.into_owned();
        Ok(match root {
            Object::Dict(dict) if dict.get(b"Pages").is_some() => Some(dict),
            _ => None,
        })
    }

    /// Every object of the file that is a dictionary of this type, in the order of their numbers.
    pub(super) fn all_of_type(&self, kind: &[u8]) -> Result<Vec<(u32, Dict)>> {
        let numbers: Vec<u32> = self.table.borrow().numbers().collect();
        let mut found = Vec::new();
        for number in numbers {
            if let Object::Dict(dict) = self.get(number)?
                && dict.name(b"Type") == Some(kind)
            {
                found.push((number, dict));
            }
        }
        Ok(found)
    }

    /// The object of this number; null if there is none or it cannot be read.
    pub(super) fn get(&self, number: u32) -> Result<Object> {
        self.budget.step()?;
        let entry = self.table.borrow().get(number);
        let object = match entry {
            Entry::Unknown | Entry::Free => return Ok(Object::Null),
            Entry::At(offset) => tolerate(self.object_at(offset as usize, Some(number)))?.map(|(_, object)| object),
            Entry::In(stream, place) => self.object_in(stream, place, number)?,
        };
        Ok(object.unwrap_or(Object::Null))
    }

    /// Follows references to a value.
    pub(super) fn resolve<'o>(&self, object: &'o Object) -> Result<Cow<'o, Object>> {
        let Object::Ref(number) = object else { return Ok(Cow::Borrowed(object)) };
        let mut object = self.get(*number)?;
        for _ in 0..MOST_HOPS {
            match object {
                Object::Ref(number) => object = self.get(number)?,
                object => return Ok(Cow::Owned(object)),
            }
        }
        Ok(Cow::Owned(Object::Null))
    }

    /// A value of a dictionary with references followed.
    pub(super) fn value<'o>(&self, dict: &'o Dict, key: &[u8]) -> Result<Cow<'o, Object>> {
        match dict.get(key) {
            Some(object) => self.resolve(object),
            None => Ok(Cow::Owned(Object::Null)),
        }
    }

    pub(super) fn dict(&self, dict: &Dict, key: &[u8]) -> Result<Option<Dict>> {
        Ok(match self.value(dict, key)?.into_owned() {
            Object::Dict(dict) => Some(dict),
            Object::Stream(stream) => Some(stream.dict),
            _ => None,
        })
    }

    /// A copy of a value with the references inside it followed, down to a depth.
    fn deep(&self, object: &Object, depth: usize) -> Result<Object> {
        let mut object = self.resolve(object)?.into_owned();
        if depth > 0 {
            let inside: Vec<&mut Object> = match &mut object {
                Object::Dict(dict) => dict.values_mut().collect(),
                Object::Array(items) => items.iter_mut().collect(),
                _ => Vec::new(),
            };
            for value in inside {
                if matches!(value, Object::Ref(_) | Object::Dict(_) | Object::Array(_)) {
                    *value = self.deep(value, depth - 1)?;
                }
            }
        }
        Ok(object)
    }

    /// The object whose header stands at this offset, with its number.
    fn object_at(&self, offset: usize, expected: Option<u32>) -> Result<(u32, Object)> {
        let mut lexer = Lexer::new(self.data, offset);
        let (Token::Int(number), Token::Int(generation), Token::Word(word)) =
            (lexer.token(), lexer.token(), lexer.token())
        else {
            return damaged("an object is not where it should be");
        };
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        if !word.starts_with(b"obj") || expected.is_some_and(|expected| expected != number) {
            return damaged("an object is not where it should be");
        }
        let id = (number, generation as u16);
        let mut parser = self.parser(lexer.pos - (word.len() - 3));
        let mut object = parser.object()?;
        self.budget.scanned(parser.lexer.pos - offset)?;
        if let Some(crypt) = &self.crypt {
            decrypt_strings(&mut object, crypt, id);
        }
        let Object::Dict(dict) = object else { return Ok((number, object)) };
        if parser.lexer.token() != Token::Word(b"stream") {
            return Ok((number, Object::Dict(dict)));
        }
        let mut start = parser.lexer.pos;
        if self.data.get(start) == Some(&b'\r') {
            start += 1;
        }
        if self.data.get(start) == Some(&b'\n') {
            start += 1;
        }
        let end = self.stream_end(&dict, start)?;
        Ok((number, Object::Stream(Box::new(Stream { dict, start, end, id }))))
    }

    /// Trusts the stream's length only where `endstream` follows.
    fn stream_end(&self, dict: &Dict, start: usize) -> Result<usize> {
        let length = match dict.get(b"Length") {
            Some(Object::Int(length)) => Some(*length),
            Some(Object::Ref(number)) => self.length_object(*number)?,
            _ => None,
        };
        if let Some(end) = length.and_then(|length| usize::try_from(length).ok()).and_then(|l| start.checked_add(l))
            && end <= self.data.len()
        {
            let mut lexer = Lexer::new(self.data, end);
            while self.data.get(lexer.pos).copied().is_some_and(lexer::is_space) {
                lexer.pos += 1;
            }
            if self.data[lexer.pos..].starts_with(b"endstream") || self.data[lexer.pos..].starts_with(b"endobj") {
                return Ok(end);
            }
        }
        let start = start.min(self.data.len());
        let end = xref::end_of_stream(self.data, start);
        self.budget.scanned((end - start) / 8)?;
        Ok(end)
    }

    /// The integer that a stream's length refers to. Other objects are not parsed, so that lengths cannot go in circles.
    fn length_object(&self, number: u32) -> Result<Option<i64>> {
        let entry = self.table.borrow().get(number);
        match entry {
            Entry::At(offset) => {
                let mut lexer = Lexer::new(self.data, offset as usize);
                let header = [lexer.token(), lexer.token(), lexer.token()];
                let matches = header[0] == Token::Int(i64::from(number)) && header[2] == Token::Word(b"obj");
                Ok(match lexer.token() {
                    Token::Int(length) if matches => Some(length),
                    _ => None,
                })
            }
            Entry::In(stream, place) => Ok(self.object_in(stream, place, number)?.and_then(|object| object.as_int())),
            Entry::Unknown | Entry::Free => Ok(None),
        }
    }

    fn object_in(&self, stream: u32, place: u16, number: u32) -> Result<Option<Object>> {
        let Some(content) = self.object_stream(stream)? else { return Ok(None) };
        let at_place = content.index.get(usize::from(place)).filter(|(found, _)| *found == number);
        if at_place.is_none() {
            self.budget.scanned(content.index.len())?;
        }
        let Some(&(_, offset)) = at_place.or_else(|| content.index.iter().find(|(found, _)| *found == number)) else {
            return Ok(None);
        };
        let mut parser = Parser::new(&content.data, offset as usize, &self.budget.limits);
        let object = tolerate(parser.object())?;
        self.budget.scanned(parser.lexer.pos.saturating_sub(offset as usize))?;
        Ok(object)
    }

    fn object_stream(&self, number: u32) -> Result<Option<Rc<ObjectStream>>> {
        if let Some(known) = self.object_streams.borrow().get(&number) {
            return Ok(known.clone());
        }
        // While it is being read it counts as missing, so that it cannot lie in itself.
        self.object_streams.borrow_mut().insert(number, None);
        let entry = self.table.borrow().get(number);
        let Entry::At(offset) = entry else { return Ok(None) };
        let Some(content) = tolerate(self.read_object_stream(offset as usize, number))? else { return Ok(None) };
        let content = Rc::new(content);
        self.object_streams.borrow_mut().insert(number, Some(Rc::clone(&content)));
        Ok(Some(content))
    }

    fn read_object_stream(&self, offset: usize, number: u32) -> Result<ObjectStream> {
        let (_, Object::Stream(stream)) = self.object_at(offset, Some(number))? else {
            return damaged("an object stream is missing");
        };
        let setting = |key| self.value(&stream.dict, key).map(|value| value.as_int().unwrap_or(0).max(0) as u64);
        let (count, first) = (setting(b"N")?, setting(b"First")?);
        let data = self.stream_data(&stream)?.into_owned();
        let mut lexer = Lexer::new(&data, 0);
        let mut index = Vec::new();
        for _ in 0..count {
            self.budget.step()?;
            let (Token::Int(number), Token::Int(offset)) = (lexer.token(), lexer.token()) else { break };
            let (Ok(number), Some(offset)) = (u32::try_from(number), u64::try_from(offset).ok()) else { continue };
            let offset = offset.saturating_add(first).min(data.len() as u64);
            index.push((number, offset as u32));
        }
        self.budget.hold(index.len() as u64 * 8)?;
        Ok(ObjectStream { data, index })
    }

    /// The decrypted and decoded bytes of a stream.
    pub(super) fn stream_data(&self, stream: &Stream) -> Result<Cow<'a, [u8]>> {
        let raw = self.data.get(stream.start..stream.end).unwrap_or_default();
        match &self.crypt {
            Some(crypt) if stream.dict.name(b"Type") != Some(b"XRef") => {
                let data = crypt.stream(raw, stream.id);
                self.budget.scanned(data.len())?;
                self.decode(stream, Cow::Owned(data))
            }
            _ => self.decode(stream, Cow::Borrowed(raw)),
        }
    }

    /// The same for streams that are never encrypted.
    fn stream_data_plain(&self, stream: &Stream) -> Result<Cow<'a, [u8]>> {
        self.decode(stream, Cow::Borrowed(self.data.get(stream.start..stream.end).unwrap_or_default()))
    }

    fn decode(&self, stream: &Stream, mut data: Cow<'a, [u8]>) -> Result<Cow<'a, [u8]>> {
        let key = |long: &[u8], short: &[u8]| match stream.dict.get(long).or_else(|| stream.dict.get(short)) {
            Some(object) => self.deep(object, 2),
            None => Ok(Object::Null),
        };
        let (filters, parameters) = (key(b"Filter", b"F")?, key(b"DecodeParms", b"DP")?);
        for filter in filter::chain(&filters, &parameters)? {
            data = Cow::Owned(filter.apply(&data, self.budget)?);
        }
        Ok(data)
    }
}

fn decrypt_strings(object: &mut Object, crypt: &Crypt, id: (u32, u16)) {
    match object {
        Object::String(bytes) => *bytes = crypt.string(bytes, id).into(),
        Object::Array(items) => items.iter_mut().for_each(|item| decrypt_strings(item, crypt, id)),
        Object::Dict(dict) => dict.values_mut().for_each(|value| decrypt_strings(value, crypt, id)),
        _ => {}
    }
}

/// The error for a document without a readable page.
pub(super) fn no_pages() -> ExtractError {
    ExtractError::Damaged { reason: "no page can be found in it" }
}
