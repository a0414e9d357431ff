//! The objects of a PDF and their parser, with bounded depth and bounded size.

use super::lexer::{Lexer, Token, decode_hex, decode_literal, hex_digit};
use crate::extract::error::{ExtractError, Result, damaged};
use crate::extract::limits::Limits;

/// A name or dictionary key; nearly all are short enough to need no allocation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::extract) enum Name {
    Short(u8, [u8; 22]),
    Long(Box<[u8]>),
}

impl Name {
    fn decode(raw: &[u8]) -> Self {
        if !raw.contains(&b'#') {
            return Self::from(raw);
        }
        let mut bytes = Vec::with_capacity(raw.len());
        let mut i = 0;
        while let Some(&byte) = raw.get(i) {
            let digits = (raw.get(i + 1).copied().and_then(hex_digit), raw.get(i + 2).copied().and_then(hex_digit));
            if let (b'#', (Some(high), Some(low))) = (byte, digits) {
                bytes.push(high << 4 | low);
                i += 3;
            } else {
                bytes.push(byte);
                i += 1;
            }
        }
        Self::from(&bytes[..])
    }

    pub(in crate::extract) fn bytes(&self) -> &[u8] {
        match self {
            Self::Short(length, bytes) => &bytes[..usize::from(*length)],
            Self::Long(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Name {
    fn from(bytes: &[u8]) -> Self {
        let mut short = [0; 22];
        match short.get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                Self::Short(bytes.len() as u8, short)
            }
            None => Self::Long(bytes.into()),
        }
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/{}", String::from_utf8_lossy(self.bytes()))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::extract) enum Object {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Name(Name),
    String(Box<[u8]>),
    Array(Vec<Object>),
    Dict(Dict),
    Stream(Box<Stream>),
    /// A reference to an indirect object, by its number.
    Ref(u32),
}

/// A stream object: its dictionary and where its bytes lie in the file.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::extract) struct Stream {
    pub(in crate::extract) dict: Dict,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Number and generation, which encryption needs.
    pub(super) id: (u32, u16),
}

/// A dictionary in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::extract) struct Dict(Vec<(Name, Object)>);

impl Dict {
    pub(in crate::extract) fn get(&self, key: &[u8]) -> Option<&Object> {
        self.0.iter().find(|(name, _)| name.bytes() == key).map(|(_, value)| value)
    }

    pub(in crate::extract) fn name(&self, key: &[u8]) -> Option<&[u8]> {
        self.get(key).and_then(Object::as_name)
    }

    pub(in crate::extract) fn int(&self, key: &[u8]) -> Option<i64> {
        self.get(key).and_then(Object::as_int)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl Object {
    pub(in crate::extract) fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name.bytes()) } else { None }
    }

    pub(in crate::extract) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            Self::Real(real) => Some(*real as i64),
            _ => None,
        }
    }

    pub(in crate::extract) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Real(real) => Some(*real),
            _ => None,
        }
    }

    pub(in crate::extract) fn as_array(&self) -> Option<&[Object]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    pub(in crate::extract) fn as_string(&self) -> Option<&[u8]> {
        if let Self::String(bytes) = self { Some(bytes) } else { None }
    }

    /// The dictionary of a dictionary or stream.
    pub(in crate::extract) fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            Self::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }

    pub(in crate::extract) fn as_ref(&self) -> Option<u32> {
        if let Self::Ref(number) = self { Some(*number) } else { None }
    }
}

/// Parses one object; a parser lives as long as one object, so that its size stays bounded.
pub(in crate::extract) struct Parser<'a, 'l> {
    pub(in crate::extract) lexer: Lexer<'a>,
    limits: &'l Limits,
    values: u32,
}

impl<'a, 'l> Parser<'a, 'l> {
    pub(in crate::extract) fn new(data: &'a [u8], pos: usize, limits: &'l Limits) -> Self {
        Self { lexer: Lexer::new(data, pos), limits, values: 0 }
    }

    pub(in crate::extract) fn object(&mut self) -> Result<Object> {
        let token = self.lexer.token();
        self.value(token, 0)
    }

    /// The rest of a dictionary whose `<<` was read.
    pub(in crate::extract) fn dict_body(&mut self) -> Result<Dict> {
        self.dict(0)
    }

    fn value(&mut self, token: Token<'a>, depth: u32) -> Result<Object> {
        self.values += 1;
        if self.values > self.limits.object_values {
            return Err(ExtractError::Limit {
                what: "values in one object",
                limit: u64::from(self.limits.object_values),
            });
        }
        if depth > self.limits.object_depth {
            return Err(ExtractError::Limit {
                what: "depth of nested objects",
                limit: u64::from(self.limits.object_depth),
            });
        }
        Ok(match token {
            Token::Int(int) => self.int_or_ref(int),
            Token::Real(real) => Object::Real(real),
            Token::Name(raw) => Object::Name(Name::decode(raw)),
            Token::Literal(raw) => {
                let mut bytes = Vec::with_capacity(raw.len());
                decode_literal(raw, &mut bytes);
                Object::String(bytes.into())
            }
            Token::Hex(raw) => {
                let mut bytes = Vec::with_capacity(raw.len() / 2);
                decode_hex(raw, &mut bytes);
                Object::String(bytes.into())
            }
            Token::ArrayOpen => self.array(depth)?,
            Token::DictOpen => Object::Dict(self.dict(depth)?),
            Token::Word(b"true") => Object::Bool(true),
            Token::Word(b"false") => Object::Bool(false),
            Token::Word(_) => Object::Null,
            Token::ArrayClose | Token::DictClose => Object::Null,
            Token::End => return damaged("an object ends early"),
        })
    }

    fn int_or_ref(&mut self, int: i64) -> Object {
        let before = self.lexer.pos;
        // "12 0 R": looked for only where a digit follows.
        self.lexer.skip_space();
        if self.lexer.data().get(self.lexer.pos).is_some_and(u8::is_ascii_digit)
            && let Ok(number) = u32::try_from(int)
            && let Token::Int(0..=65_535) = self.lexer.token()
        {
            self.lexer.skip_space();
            let rest = &self.lexer.data()[self.lexer.pos..];
            if rest.first() == Some(&b'R') && rest.get(1).is_none_or(|&b| !super::lexer::is_regular(b)) {
                self.lexer.pos += 1;
                return Object::Ref(number);
            }
        }
        self.lexer.pos = before;
        Object::Int(int)
    }

    fn array(&mut self, depth: u32) -> Result<Object> {
        let mut items = Vec::new();
        loop {
            let before = self.lexer.pos;
            match self.lexer.token() {
                Token::ArrayClose => break,
                Token::End => return damaged("an array is not closed"),
                Token::Word(b"endobj" | b"endstream" | b"stream") => {
                    self.lexer.pos = before;
                    break;
                }
                token => items.push(self.value(token, depth + 1)?),
            }
        }
        Ok(Object::Array(items))
    }

    fn dict(&mut self, depth: u32) -> Result<Dict> {
        let mut entries = Vec::new();
        loop {
            let before = self.lexer.pos;
            match self.lexer.token() {
                Token::DictClose => break,
                Token::End => return damaged("a dictionary is not closed"),
                Token::Name(raw) => {
                    let before = self.lexer.pos;
                    let value = match self.lexer.token() {
                        Token::DictClose => {
                            self.lexer.pos = before;
                            continue;
                        }
                        Token::End => return damaged("a dictionary is not closed"),
                        token => self.value(token, depth + 1)?,
                    };
                    if entries.is_empty() {
                        entries.reserve(6);
                    }
                    entries.push((Name::decode(raw), value));
                }
                Token::Word(b"endobj" | b"endstream" | b"stream") => {
                    self.lexer.pos = before;
                    break;
                }
                // A value without a key.
                token => drop(self.value(token, depth + 1)?),
            }
        }
        Ok(Dict(entries))
    }
}
