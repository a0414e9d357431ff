//! Bytes -> tokens, for content streams and CMaps alike. Never fails: what makes no sense is skipped.
//!
//! lopdf reads these too, but makes an allocated object of each operand; here a token borrows from the content.

/// One token; strings and names are still as the file spells them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Int(i64),
    Real(f64),
    /// A name without its slash, `#xx` not yet decoded.
    Name(&'a [u8]),
    /// The inside of a `(...)` string, escapes not yet decoded.
    Literal(&'a [u8]),
    /// The inside of a `<...>` string.
    Hex(&'a [u8]),
    ArrayOpen,
    ArrayClose,
    DictOpen,
    DictClose,
    /// Any other word: an operator or keyword.
    Word(&'a [u8]),
    End,
}

#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    data: &'a [u8],
    pub(super) pos: usize,
}

const REGULAR: u8 = 0;
const SPACE: u8 = 1;
const DELIMITER: u8 = 2;

const CLASS: [u8; 256] = {
    let mut class = [REGULAR; 256];
    let spaces = b"\0\t\n\x0c\r ";
    let mut i = 0;
    while i < spaces.len() {
        class[spaces[i] as usize] = SPACE;
        i += 1;
    }
    let delimiters = b"()<>[]{}/%";
    let mut i = 0;
    while i < delimiters.len() {
        class[delimiters[i] as usize] = DELIMITER;
        i += 1;
    }
    class
};

pub(super) fn is_space(byte: u8) -> bool {
    CLASS[byte as usize] == SPACE
}

pub(super) fn is_regular(byte: u8) -> bool {
    CLASS[byte as usize] == REGULAR
}

impl<'a> Lexer<'a> {
    pub(super) fn new(data: &'a [u8], pos: usize) -> Self {
        Self { data, pos: pos.min(data.len()) }
    }

    pub(super) fn data(&self) -> &'a [u8] {
        self.data
    }

    #[inline]
    pub(super) fn skip_space(&mut self) {
        let mut pos = self.pos;
        while let Some(&byte) = self.data.get(pos) {
            if is_space(byte) {
                pos += 1;
            } else if byte == b'%' {
                let rest = &self.data[pos..];
                pos += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            } else {
                break;
            }
        }
        self.pos = pos;
    }

    pub(super) fn token(&mut self) -> Token<'a> {
        loop {
            self.skip_space();
            let Some(&byte) = self.data.get(self.pos) else { return Token::End };
            self.pos += 1;
            match byte {
                b'/' => return Token::Name(self.regular(self.pos)),
                b'(' => return self.literal(),
                b'[' => return Token::ArrayOpen,
                b']' => return Token::ArrayClose,
                b'<' if self.data.get(self.pos) == Some(&b'<') => {
                    self.pos += 1;
                    return Token::DictOpen;
                }
                b'<' => return self.hex(),
                b'>' if self.data.get(self.pos) == Some(&b'>') => {
                    self.pos += 1;
                    return Token::DictClose;
                }
                b'>' | b')' => {}
                b'{' | b'}' => return Token::Word(&self.data[self.pos - 1..self.pos]),
                b'0'..=b'9' | b'+' | b'-' | b'.' => return self.number(),
                _ => return Token::Word(self.regular(self.pos - 1)),
            }
        }
    }

    /// The run of regular characters from `start`; leaves the position behind it.
    fn regular(&mut self, start: usize) -> &'a [u8] {
        let rest = &self.data[start..];
        let length = rest.iter().position(|&b| CLASS[b as usize] != REGULAR).unwrap_or(rest.len());
        self.pos = start + length;
        &rest[..length]
    }

    /// A number, or a word that begins like one, whose first byte was read.
    #[inline]
    fn number(&mut self) -> Token<'a> {
        let start = self.pos - 1;
        if let Some((number, length)) = plain_number(&self.data[start..]) {
            self.pos = start + length;
            return number;
        }
        let word = self.regular(start);
        odd_number(word).unwrap_or(Token::Word(word))
    }

    fn literal(&mut self) -> Token<'a> {
        let (start, mut pos) = (self.pos, self.pos);
        let mut depth = 1_usize;
        while let Some(&byte) = self.data.get(pos) {
            match byte {
                b'\\' => pos += 1,
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        self.pos = pos + 1;
                        return Token::Literal(&self.data[start..pos]);
                    }
                }
                _ => {}
            }
            pos += 1;
        }
        self.pos = self.data.len();
        Token::Literal(&self.data[start..])
    }

    fn hex(&mut self) -> Token<'a> {
        let start = self.pos;
        let rest = &self.data[start..];
        match memchr::memchr(b'>', rest) {
            Some(length) => {
                self.pos = start + length + 1;
                Token::Hex(&rest[..length])
            }
            None => {
                self.pos = self.data.len();
                Token::Hex(rest)
            }
        }
    }
}

/// Powers of ten up to the most digits that [`plain_number`] takes.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A number as nearly all are written, and its length: perhaps a minus, some digits, perhaps a point among them.
#[inline]
fn plain_number<'a>(data: &[u8]) -> Option<(Token<'a>, usize)> {
    let negative = data.first() == Some(&b'-');
    let start = usize::from(negative);
    let (mut at, mut value, mut point) = (start, 0_i64, None);
    while let Some(&byte) = data.get(at) {
        match byte {
            b'0'..=b'9' => value = value.wrapping_mul(10).wrapping_add(i64::from(byte - b'0')),
            b'.' if point.is_none() => point = Some(at),
            _ if is_regular(byte) => return None,
            _ => break,
        }
        at += 1;
    }
    let digits = at - start - usize::from(point.is_some());
    if digits == 0 || digits >= POWERS.len() {
        return None;
    }
    let value = if negative { -value } else { value };
    let token = match point {
        Some(point) => Token::Real(value as f64 / POWERS[at - point - 1]),
        None => Token::Int(value),
    };
    Some((token, at))
}

/// A number as some writers print it: with several signs or points, or with more digits than anyone needs.
fn odd_number<'a>(word: &[u8]) -> Option<Token<'a>> {
    let (negative, digits) = match word {
        // Some writers print two signs; the number is meant once.
        [b'-', b'-', rest @ ..] | [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, word),
    };
    let mut int: i64 = 0;
    let mut seen = false;
    let mut bytes = digits.iter();
    for &byte in bytes.by_ref() {
        match byte {
            b'0'..=b'9' => {
                int = int.saturating_mul(10).saturating_add(i64::from(byte - b'0'));
                seen = true;
            }
            b'.' => {
                let mut value = int as f64;
                let mut unit = 0.1;
                for &byte in bytes.by_ref() {
                    match byte {
                        b'0'..=b'9' => {
                            value += f64::from(byte - b'0') * unit;
                            unit *= 0.1;
                            seen = true;
                        }
                        // "12.-3" and "1.2.3" are seen in the wild; what follows carries nothing.
                        b'-' | b'.' => break,
                        _ => return None,
                    }
                }
                return seen.then_some(Token::Real(if negative { -value } else { value }));
            }
            // "12-3": the same.
            b'-' if seen => break,
            _ => return None,
        }
    }
    seen.then_some(Token::Int(if negative { -int } else { int }))
}

/// Decodes the inside of a `(...)` string onto `out`.
pub(super) fn decode_literal(raw: &[u8], out: &mut Vec<u8>) {
    let mut i = 0;
    while let Some(&byte) = raw.get(i) {
        i += 1;
        match byte {
            b'\\' => {
                let Some(&escaped) = raw.get(i) else { return };
                i += 1;
                match escaped {
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'b' => out.push(8),
                    b'f' => out.push(12),
                    b'\r' => i += usize::from(raw.get(i) == Some(&b'\n')),
                    b'\n' => {}
                    b'0'..=b'7' => {
                        let mut code = u32::from(escaped - b'0');
                        for _ in 0..2 {
                            let Some(&digit @ b'0'..=b'7') = raw.get(i) else { break };
                            code = code * 8 + u32::from(digit - b'0');
                            i += 1;
                        }
                        out.push(code as u8);
                    }
                    other => out.push(other),
                }
            }
            b'\r' => {
                i += usize::from(raw.get(i) == Some(&b'\n'));
                out.push(b'\n');
            }
            other => out.push(other),
        }
    }
}

/// Decodes the inside of a `<...>` string onto `out`.
pub(super) fn decode_hex(raw: &[u8], out: &mut Vec<u8>) {
    let mut high = None;
    for &byte in raw {
        let Some(digit) = hex_digit(byte) else { continue };
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push(high << 4 | digit),
        }
    }
    if let Some(high) = high {
        out.push(high << 4);
    }
}

pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
