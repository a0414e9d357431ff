//! CMaps: from codes to text (ToUnicode) or to the numbers of glyphs (the encoding of a composite font).

use super::table::{Codes, TextTable};
use crate::extract::error::Result;
use crate::extract::lexer::{Lexer, Token, decode_hex};
use crate::extract::limits::Budget;

/// How many codes one CMap may map in ranges.
const MAX_CODES: u64 = 1 << 20;

/// How many bytes a code has, by its first bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CodeSpace {
    /// Length in bytes, lowest and highest code.
    ranges: Vec<(u8, u32, u32)>,
}

impl CodeSpace {
    pub(super) fn two_bytes() -> Self {
        Self { ranges: vec![(2, 0, 0xffff)] }
    }

    pub(super) fn one_byte() -> Self {
        Self { ranges: vec![(1, 0, 0xff)] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Splits the first code off; `bytes` is not empty.
    #[inline]
    pub(super) fn split(&self, bytes: &[u8]) -> (u32, usize) {
        if let [(length @ 1..=2, 0, _)] = self.ranges[..] {
            return match (length, bytes) {
                (2, [high, low, ..]) => (u32::from(*high) << 8 | u32::from(*low), 2),
                (_, [one, ..]) => (u32::from(*one), 1),
                (_, []) => (0, 1),
            };
        }
        let mut code = 0;
        for (i, &byte) in bytes.iter().take(4).enumerate() {
            code = code << 8 | u32::from(byte);
            let length = i as u8 + 1;
            if self.ranges.iter().any(|&(l, low, high)| l == length && in_range(code, low, high, l)) {
                return (code, i + 1);
            }
        }
        let shortest = self.ranges.iter().map(|range| usize::from(range.0)).min().unwrap_or(1).clamp(1, bytes.len());
        (bytes[..shortest].iter().fold(0, |code, &byte| code << 8 | u32::from(byte)), shortest)
    }
}

/// Code spaces are rectangles: each byte lies between the bytes of the bounds.
fn in_range(code: u32, low: u32, high: u32, length: u8) -> bool {
    (0..length).all(|i| {
        let byte = |value: u32| value >> (8 * i) & 0xff;
        (byte(low)..=byte(high)).contains(&byte(code))
    })
}

/// What a CMap says.
pub(in crate::extract) struct CMap {
    pub(super) space: CodeSpace,
    pub(super) text: TextTable,
    /// From codes to numbers of glyphs, counted from 1 so that 0 means none.
    pub(super) glyphs: Codes<u32>,
}

impl CMap {
    /// Reads a CMap; what makes no sense is skipped.
    pub(in crate::extract) fn parse(data: &[u8], budget: &Budget) -> Result<Self> {
        let mut cmap = Self { space: CodeSpace::default(), text: TextTable::default(), glyphs: Codes::default() };
        let mut lexer = Lexer::new(data, 0);
        let mut mapped = 0;
        loop {
            budget.step()?;
            match lexer.token() {
                Token::End => return Ok(cmap),
                Token::Word(b"begincodespacerange") => cmap.code_space(&mut lexer),
                Token::Word(b"beginbfchar") => cmap.bf_chars(&mut lexer, budget)?,
                Token::Word(b"beginbfrange") => cmap.bf_ranges(&mut lexer, budget, &mut mapped)?,
                Token::Word(b"begincidchar") => cmap.cid_chars(&mut lexer, budget)?,
                Token::Word(b"begincidrange") => cmap.cid_ranges(&mut lexer, budget, &mut mapped)?,
                _ => {}
            }
        }
    }

    fn code_space(&mut self, lexer: &mut Lexer) {
        while let (Token::Hex(low), Token::Hex(high)) = (lexer.token(), lexer.token()) {
            let ((low, length), (high, _)) = (code(low), code(high));
            if (1..=4).contains(&length) && low <= high && self.space.ranges.len() < 256 {
                self.space.ranges.push((length, low, high));
            }
        }
    }

    fn bf_chars(&mut self, lexer: &mut Lexer, budget: &Budget) -> Result<()> {
        loop {
            budget.step()?;
            let Token::Hex(from) = lexer.token() else { return Ok(()) };
            match lexer.token() {
                Token::Hex(to) => self.text.set(code(from).0, &utf16(to), budget)?,
                Token::Name(_) => {}
                _ => return Ok(()),
            }
        }
    }

    fn bf_ranges(&mut self, lexer: &mut Lexer, budget: &Budget, mapped: &mut u64) -> Result<()> {
        loop {
            budget.step()?;
            let (Token::Hex(low), Token::Hex(high)) = (lexer.token(), lexer.token()) else { return Ok(()) };
            let (low, high) = (code(low).0, code(high).0);
            match lexer.token() {
                Token::Hex(to) => {
                    let mut units = utf16(to);
                    for code in bounded(low, high, mapped) {
                        budget.step()?;
                        self.text.set(code, &units, budget)?;
                        next_text(&mut units);
                    }
                }
                Token::ArrayOpen => {
                    for code in low.. {
                        budget.step()?;
                        let Token::Hex(to) = lexer.token() else { break };
                        if code <= high {
                            self.text.set(code, &utf16(to), budget)?;
                        }
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn cid_chars(&mut self, lexer: &mut Lexer, budget: &Budget) -> Result<()> {
        while let (Token::Hex(from), Token::Int(to)) = (lexer.token(), lexer.token()) {
            budget.step()?;
            self.glyphs.set(code(from).0, glyph(to), budget)?;
        }
        Ok(())
    }

    fn cid_ranges(&mut self, lexer: &mut Lexer, budget: &Budget, mapped: &mut u64) -> Result<()> {
        while let (Token::Hex(low), Token::Hex(high), Token::Int(to)) = (lexer.token(), lexer.token(), lexer.token()) {
            let (low, high) = (code(low).0, code(high).0);
            for (i, code) in bounded(low, high, mapped).enumerate() {
                budget.step()?;
                self.glyphs.set(code, glyph(to.saturating_add(i as i64)), budget)?;
            }
        }
        Ok(())
    }
}

/// The codes of a range, as far as the map may still grow.
fn bounded(low: u32, high: u32, mapped: &mut u64) -> std::ops::Range<u64> {
    // Tables hold codes of up to two bytes.
    let high = u64::from(high.min(0xffff));
    let length = (high + 1).saturating_sub(u64::from(low)).min(MAX_CODES - *mapped);
    *mapped += length;
    u64::from(low)..u64::from(low) + length
}

fn glyph(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0).saturating_add(1)
}

/// A code and its length in bytes.
fn code(raw: &[u8]) -> (u32, u8) {
    let mut bytes = Vec::with_capacity(4);
    decode_hex(raw.get(..16).unwrap_or(raw), &mut bytes);
    bytes.truncate(4);
    (bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte)), bytes.len() as u8)
}

fn utf16(raw: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(4);
    // No glyph stands for a long text.
    decode_hex(raw.get(..256).unwrap_or(raw), &mut bytes);
    if let [one] = bytes[..] {
        return char::from(one).to_string();
    }
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).filter_map(std::result::Result::ok).collect()
}

/// Increments the last character, for the next code of a range.
fn next_text(text: &mut String) {
    if let Some(next) = text.pop().and_then(|last| char::from_u32(u32::from(last) + 1)) {
        text.push(next);
    }
}
