//! Tables by character code that cost memory only where they are filled.

use crate::extract::error::Result;
use crate::extract::limits::Budget;

/// Values by code, up to two bytes; in pages of 256, allocated on first use.
#[derive(Debug, Default)]
pub(super) struct Codes<T> {
    pages: Vec<Option<Box<[T; 256]>>>,
}

impl<T: Copy + Default> Codes<T> {
    #[inline]
    pub(super) fn get(&self, code: u32) -> T {
        match self.pages.get((code >> 8) as usize) {
            Some(Some(page)) => page[(code & 0xff) as usize],
            _ => T::default(),
        }
    }

    /// Codes of more than two bytes are not kept.
    pub(super) fn set(&mut self, code: impl Into<u64>, value: T, budget: &Budget) -> Result<()> {
        let code = code.into();
        if code > 0xffff {
            return Ok(());
        }
        let (page, place) = ((code >> 8) as usize, (code & 0xff) as usize);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, || None);
        }
        if self.pages[page].is_none() {
            budget.hold(size_of::<[T; 256]>() as u64)?;
        }
        self.pages[page].get_or_insert_with(|| Box::new([T::default(); 256]))[place] = value;
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }
}

/// What a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text<'f> {
    None,
    Char(char),
    Several(&'f str),
}

impl From<Option<char>> for Text<'_> {
    fn from(c: Option<char>) -> Self {
        c.map_or(Self::None, Self::Char)
    }
}

/// Text by code.
#[derive(Debug, Default)]
pub(super) struct TextTable {
    /// A character, or with [`SEVERAL`] set an index into `several`.
    codes: Codes<u32>,
    several: Vec<Box<str>>,
}

const SEVERAL: u32 = 1 << 31;

impl TextTable {
    #[inline]
    pub(super) fn get(&self, code: u32) -> Text<'_> {
        match self.codes.get(code) {
            0 => Text::None,
            value if value & SEVERAL != 0 => Text::Several(&self.several[(value & !SEVERAL) as usize]),
            value => char::from_u32(value).map_or(Text::None, Text::Char),
        }
    }

    pub(super) fn set(&mut self, code: impl Into<u64>, text: &str, budget: &Budget) -> Result<()> {
        let mut chars = text.chars();
        let value = match (chars.next(), chars.next()) {
            (None | Some('\0' | '\u{fffd}'), _) => return Ok(()),
            (Some(one), None) => u32::from(one),
            _ => {
                budget.hold(text.len() as u64 + 16)?;
                self.several.push(text.into());
                (self.several.len() - 1) as u32 | SEVERAL
            }
        };
        self.codes.set(code, value, budget)
    }

    /// Takes the text of a code away.
    pub(super) fn clear(&mut self, code: u32, budget: &Budget) -> Result<()> {
        if self.get(code) == Text::None { Ok(()) } else { self.codes.set(code, 0, budget) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Takes over another table's one-byte codes.
    pub(super) fn overlay(&mut self, other: &Self, budget: &Budget) -> Result<()> {
        for code in 0..=255_u32 {
            match other.get(code) {
                Text::None => {}
                Text::Char(c) => self.set(code, c.encode_utf8(&mut [0; 4]), budget)?,
                Text::Several(text) => self.set(code, text, budget)?,
            }
        }
        Ok(())
    }
}
