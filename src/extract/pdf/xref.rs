//! Where objects lie: cross-reference tables and streams, hybrids of both, and a scan of the whole file where they fail.

use std::collections::HashSet;

use memchr::memmem;

use super::Pdf;
use super::lexer::{Lexer, Token, is_space};
use super::object::{Dict, Object, Parser};
use crate::extract::error::{ExtractError, Result, damaged, tolerate};

/// The highest object number that is followed.
const HIGHEST_NUMBER: u32 = 8_388_607;
/// Cross-reference sections that are followed, one for each time the file was saved.
const MOST_SECTIONS: usize = 2_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Unknown,
    Free,
    /// At this offset in the file.
    At(u32),
    /// In this object stream, at this place in it.
    In(u32, u16),
}

/// Where each object lies, by its number.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: Vec<Entry>,
}

impl Table {
    pub(super) fn get(&self, number: u32) -> Entry {
        self.entries.get(number as usize).copied().unwrap_or(Entry::Unknown)
    }

    fn set(&mut self, number: u32, entry: Entry) {
        if number > HIGHEST_NUMBER {
            return;
        }
        let index = number as usize;
        if self.entries.len() <= index {
            self.entries.resize(index + 1, Entry::Unknown);
        }
        self.entries[index] = entry;
    }

    /// Sections are read newest first, so what is known already stays.
    fn set_if_unknown(&mut self, number: u32, entry: Entry) {
        if self.get(number) == Entry::Unknown {
            self.set(number, entry);
        }
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| matches!(entry, Entry::At(_) | Entry::In(..)))
            .map(|(i, _)| i as u32)
    }
}

impl Pdf<'_> {
    /// Reads the sections that `startxref` leads to, and gives the newest trailer.
    pub(super) fn read_sections(&self, table: &mut Table) -> Result<Dict> {
        let tail_start = self.data.len().saturating_sub(2048);
        let Some(at) = memmem::rfind(&self.data[tail_start..], b"startxref") else {
            return damaged("it does not say where its objects are");
        };
        let Token::Int(start) = Lexer::new(self.data, tail_start + at + 9).token() else {
            return damaged("it does not say where its objects are");
        };
        let mut next = usize::try_from(start).ok();
        let mut seen = HashSet::new();
        let mut newest: Option<Dict> = None;
        while let Some(offset) = next.take() {
            if offset >= self.data.len() || seen.len() >= MOST_SECTIONS || !seen.insert(offset) {
                break;
            }
            self.budget.step()?;
            let trailer = self.read_section(offset, table, &mut seen)?;
            next = trailer.int(b"Prev").and_then(|offset| usize::try_from(offset).ok());
            newest.get_or_insert(trailer);
        }
        newest.map_or_else(|| damaged("it does not say where its objects are"), Ok)
    }

    fn read_section(&self, offset: usize, table: &mut Table, seen: &mut HashSet<usize>) -> Result<Dict> {
        let mut lexer = Lexer::new(self.data, offset);
        match lexer.token() {
            Token::Word(b"xref") => {}
            Token::Int(_) => return self.read_xref_stream(offset, table),
            _ => return damaged("its table of objects is not where it should be"),
        }
        let mut found = Vec::new();
        loop {
            match lexer.token() {
                Token::Word(b"trailer") => break,
                Token::Int(first) => {
                    let Token::Int(count) = lexer.token() else { return damaged("its table of objects is broken") };
                    self.read_subsection(&mut lexer, first, count, &mut found)?;
                }
                _ => return damaged("its table of objects is broken"),
            }
        }
        let trailer = match self.parser(lexer.pos).object()? {
            Object::Dict(dict) => dict,
            _ => return damaged("its table of objects has no trailer"),
        };
        let hybrid = trailer.int(b"XRefStm").and_then(|offset| usize::try_from(offset).ok());
        for (number, entry) in found {
            // In a hybrid file, objects that the stream knows are marked free in the table.
            if hybrid.is_none() || entry != Entry::Free {
                table.set_if_unknown(number, entry);
            }
        }
        if let Some(offset) = hybrid
            && seen.insert(offset)
        {
            tolerate(self.read_xref_stream(offset, table))?;
        }
        Ok(trailer)
    }

    fn read_subsection(&self, lexer: &mut Lexer, first: i64, count: i64, found: &mut Vec<(u32, Entry)>) -> Result<()> {
        let mut number = first;
        for _ in 0..count {
            self.budget.step()?;
            let before = lexer.pos;
            let (Token::Int(offset), Token::Int(generation), Token::Word(kind)) =
                (lexer.token(), lexer.token(), lexer.token())
            else {
                // The count is too high.
                lexer.pos = before;
                return Ok(());
            };
            // Some writers count from 1 although the list begins with object 0.
            if number == 1 && first == 1 && kind == b"f" && generation == 65_535 {
                number = 0;
            }
            if let (Ok(number), Ok(offset)) = (u32::try_from(number), u32::try_from(offset)) {
                found.push((number, if kind == b"n" { Entry::At(offset) } else { Entry::Free }));
            }
            number = number.saturating_add(1);
        }
        self.budget.hold(found.len() as u64 * 16)?;
        Ok(())
    }

    fn read_xref_stream(&self, offset: usize, table: &mut Table) -> Result<Dict> {
        let (_, object) = self.object_at(offset, None)?;
        let Object::Stream(stream) = object else { return damaged("its stream of object places is missing") };
        let widths: Vec<usize> = match stream.dict.get(b"W").and_then(Object::as_array) {
            Some(widths) => widths.iter().filter_map(Object::as_int).filter_map(|w| usize::try_from(w).ok()).collect(),
            None => return damaged("its stream of object places is broken"),
        };
        let &[kind_width, second_width, third_width] = &widths[..] else {
            return damaged("its stream of object places is broken");
        };
        if widths.iter().any(|&width| width > 8) || widths.iter().sum::<usize>() == 0 {
            return damaged("its stream of object places is broken");
        }
        let size = stream.dict.int(b"Size").unwrap_or(0);
        let sections: Vec<i64> = match stream.dict.get(b"Index").and_then(Object::as_array) {
            Some(index) => index.iter().filter_map(Object::as_int).collect(),
            None => vec![0, size],
        };
        let data = self.stream_data_plain(&stream)?;
        let mut rows = data.chunks_exact(kind_width + second_width + third_width);
        for section in sections.chunks_exact(2) {
            for i in 0..section[1] {
                let Some(row) = rows.next() else { break };
                self.budget.step()?;
                let field = |bytes: &[u8]| bytes.iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
                let kind = if kind_width == 0 { 1 } else { field(&row[..kind_width]) };
                let second = field(&row[kind_width..kind_width + second_width]);
                let third = field(&row[kind_width + second_width..]);
                let Ok(number) = u32::try_from(section[0].saturating_add(i)) else { continue };
                let entry = match (kind, u32::try_from(second)) {
                    (0, _) => Entry::Free,
                    (1, Ok(offset)) => Entry::At(offset),
                    (2, Ok(stream)) => Entry::In(stream, u16::try_from(third).unwrap_or(u16::MAX)),
                    _ => continue,
                };
                table.set_if_unknown(number, entry);
            }
        }
        Ok(stream.dict)
    }

    /// Finds objects by scanning the file: where each object begins, which are object streams, and every trailer.
    pub(super) fn scan(&self) -> Result<Scan> {
        let mut scan = Scan::default();
        let data = self.data;
        for at in memmem::find_iter(data, b"obj") {
            self.budget.step()?;
            let Some((number, start)) = header_before(data, at) else { continue };
            let Ok(offset) = u32::try_from(start) else { continue };
            scan.table.set(number, Entry::At(offset));
            let head = &data[at..data.len().min(at + 400)];
            if memmem::find(head, b"/ObjStm").is_some() {
                scan.object_streams.push(number);
            } else if memmem::find(head, b"/XRef").is_some()
                && let Ok(Some(Object::Dict(dict))) = tolerate(self.parser(at + 3).object())
            {
                scan.trailers.push(dict);
            }
        }
        for at in memmem::find_iter(data, b"trailer") {
            self.budget.step()?;
            match self.parser(at + 7).object() {
                Ok(Object::Dict(dict)) => scan.trailers.push(dict),
                Err(error @ ExtractError::Limit { .. }) => return Err(error),
                _ => {}
            }
        }
        Ok(scan)
    }

    /// Enters what the object streams of a scanned file hold, without hiding objects that stand by themselves.
    pub(super) fn enter_object_streams(&self, numbers: &[u32]) -> Result<()> {
        for &stream in numbers.iter().rev() {
            let Some(content) = self.object_stream(stream)? else { continue };
            let mut table = self.table.borrow_mut();
            for (place, &(number, _)) in content.index.iter().enumerate() {
                table.set_if_unknown(number, Entry::In(stream, u16::try_from(place).unwrap_or(u16::MAX)));
            }
        }
        Ok(())
    }
}

/// What a scan of the whole file found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) table: Table,
    pub(super) object_streams: Vec<u32>,
    pub(super) trailers: Vec<Dict>,
}

/// The number and start of the header `12 0 obj` whose `obj` stands at this offset.
fn header_before(data: &[u8], at: usize) -> Option<(u32, usize)> {
    let (_, at) = integer_before(data, at)?;
    let (number, start) = integer_before(data, at)?;
    Some((u32::try_from(number).ok()?, start))
}

/// The integer that ends before this offset, with space between, and where it starts.
fn integer_before(data: &[u8], at: usize) -> Option<(u64, usize)> {
    // Headers are short; a long run of space or digits is none.
    let window = &data[at.saturating_sub(24)..at];
    let digits_end = window.len() - window.iter().rev().take_while(|&&byte| is_space(byte)).count();
    let digits_start = digits_end - window[..digits_end].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = std::str::from_utf8(&window[digits_start..digits_end]).ok()?;
    Some((digits.parse().ok()?, at - window.len() + digits_start))
}

/// Where a stream's bytes end when its length is missing or wrong.
pub(super) fn end_of_stream(data: &[u8], start: usize) -> usize {
    let rest = &data[start..];
    let end = memmem::find(rest, b"endstream").or_else(|| memmem::find(rest, b"endobj")).unwrap_or(rest.len());
    let mut end = start + end;
    // The line end before the keyword is not part of the data.
    if end > start && data[end - 1] == b'\n' {
        end -= 1;
    }
    if end > start && data[end - 1] == b'\r' {
        end -= 1;
    }
    end
}

/// A parser over the file at this offset.
impl<'a> Pdf<'a> {
    pub(super) fn parser(&self, pos: usize) -> Parser<'a, '_> {
        Parser::new(self.data, pos, &self.budget.limits)
    }
}
