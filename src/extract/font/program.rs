//! What an embedded font program says of its own glyphs. It is opened only where the document itself leaves codes
//! without a meaning.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object};
use memchr::memmem;
use ttf_parser::{Face, GlyphId, PlatformId, cff};

use super::encoding::{Encoding, glyph_text};
use crate::extract::error::{Result, tolerate};
use crate::extract::lexer::{Lexer, Token};
use crate::extract::pdf::Pdf;

/// Characters that are looked up in the tables of a font: the scripts of European languages, signs and ligatures.
const LOOKED_UP: [(u32, u32); 3] = [(0x20, 0x2dff), (0xa640, 0xa7ff), (0xfb00, 0xfb06)];

/// The program of a font.
enum Program {
    /// Type 1 in its own form.
    Type1(Vec<u8>),
    /// Type 1 in the compact form, or OpenType around it.
    Compact(Vec<u8>),
    TrueType(Vec<u8>),
}

fn program(pdf: &Pdf, font: &Dictionary) -> Result<Option<Program>> {
    let Some(descriptor) = pdf.dict(font, b"FontDescriptor") else { return Ok(None) };
    for key in [&b"FontFile3"[..], b"FontFile", b"FontFile2"] {
        let Object::Stream(stream) = pdf.value(descriptor, key) else { continue };
        let Some(data) = tolerate(pdf.stream_data(stream))? else { return Ok(None) };
        let data = data.into_owned();
        return Ok(Some(match key {
            b"FontFile3" => Program::Compact(data),
            b"FontFile" => Program::Type1(data),
            _ => Program::TrueType(data),
        }));
    }
    Ok(None)
}

/// What the codes of a simple font stand for by the encoding that is built into its program.
pub(super) fn built_in(pdf: &Pdf, font: &Dictionary) -> Result<Vec<(u8, String)>> {
    let Some(program) = program(pdf, font)? else { return Ok(Vec::new()) };
    Ok(match program {
        Program::Type1(data) => type1_encoding(&data),
        Program::Compact(data) => match cff::Table::parse(&data) {
            Some(table) => by_code(|code| table.glyph_index(code).and_then(|glyph| table.glyph_name(glyph))),
            None => match Face::parse(&data, 0) {
                Ok(face) => match face.tables().cff {
                    Some(table) => by_code(|code| table.glyph_index(code).and_then(|glyph| table.glyph_name(glyph))),
                    None => Vec::new(),
                },
                Err(_) => Vec::new(),
            },
        },
        Program::TrueType(data) => match Face::parse(&data, 0) {
            Ok(face) => by_code(|code| glyph_of_code(&face, code).and_then(|glyph| face.glyph_name(glyph))),
            Err(_) => Vec::new(),
        },
    })
}

fn by_code<'n>(name: impl Fn(u8) -> Option<&'n str>) -> Vec<(u8, String)> {
    let text = |code| Some((code, glyph_text(name(code)?.as_bytes())?));
    (0..=255).filter_map(text).collect()
}

/// The glyph of a code in a symbolic TrueType font.
fn glyph_of_code(face: &Face, code: u8) -> Option<GlyphId> {
    let tables = face.tables().cmap?.subtables;
    let in_tables = |platform, code: u32| {
        let of_platform = tables.into_iter().filter(|table| table.platform_id == platform && !table.is_unicode());
        of_platform.filter_map(|table| table.glyph_index(code)).find(|glyph| glyph.0 != 0)
    };
    in_tables(PlatformId::Macintosh, u32::from(code))
        .or_else(|| in_tables(PlatformId::Windows, 0xf000 + u32::from(code)))
        .or_else(|| in_tables(PlatformId::Windows, u32::from(code)))
}

/// The encoding in the readable part of a Type 1 program: `dup 65 /A put`, repeated.
fn type1_encoding(data: &[u8]) -> Vec<(u8, String)> {
    let readable = &data[..memmem::find(data, b"eexec").unwrap_or(data.len())];
    let Some(start) = memmem::find(readable, b"/Encoding") else { return Vec::new() };
    let mut lexer = Lexer::new(readable, start + b"/Encoding".len());
    let mut found = Vec::new();
    let mut first = true;
    loop {
        match lexer.token() {
            Token::Word(b"StandardEncoding") if first => {
                return (0..=255).filter_map(|code| Some((code, Encoding::Standard.char(code)?.to_string()))).collect();
            }
            Token::Word(b"dup") => {
                if let (Token::Int(code), Token::Name(name)) = (lexer.token(), lexer.token())
                    && let (Ok(code), Some(text)) = (u8::try_from(code), glyph_text(name))
                {
                    found.push((code, text));
                }
            }
            Token::Word(b"def" | b"readonly") | Token::End => return found,
            _ => {}
        }
        first = false;
    }
}

/// What the glyphs of a composite font stand for, by their numbers.
pub(super) fn text_of_glyphs(pdf: &Pdf, font: &Dictionary) -> Result<BTreeMap<u16, String>> {
    let mut found = BTreeMap::new();
    match program(pdf, font)? {
        Some(Program::TrueType(data) | Program::Compact(data)) => {
            if let Ok(face) = Face::parse(&data, 0) {
                let looked_up = LOOKED_UP.iter().flat_map(|&(first, last)| first..=last).filter_map(char::from_u32);
                for c in looked_up {
                    if let Some(glyph) = face.glyph_index(c) {
                        found.entry(glyph.0).or_insert_with(|| c.to_string());
                    }
                }
            } else if let Some(table) = cff::Table::parse(&data) {
                let glyphs = (1..table.number_of_glyphs()).map(GlyphId);
                let text = |glyph: GlyphId| Some((glyph.0, glyph_text(table.glyph_name(glyph)?.as_bytes())?));
                found.extend(glyphs.filter_map(text));
            }
        }
        Some(Program::Type1(_)) | None => {}
    }
    Ok(found)
}
