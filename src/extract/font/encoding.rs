//! What the codes of simple fonts mean: the standard encodings and the names of glyphs.

use std::collections::HashMap;
use std::sync::OnceLock;

/// One of the encodings that a font can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Standard,
    WinAnsi,
    MacRoman,
    Symbol,
    Dingbats,
}

const WIN_ANSI_80: &str = "€•‚ƒ„…†‡ˆ‰Š‹Œ•Ž••‘’“”•–—˜™š›œ•žŸ";
const MAC_ROMAN_80: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›\u{fb01}\u{fb02}‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
/// From 0xA0 on; a blank stands for a code without a glyph.
const STANDARD_A0: &str =
    " ¡¢£⁄¥ƒ§¤'“«‹›\u{fb01}\u{fb02} –†‡· ¶•‚„”»…‰ ¿ `´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ—                Æ ª    ŁØŒº     æ   ı  łøœß    ";
/// From 0x20 on.
const SYMBOL_20: &str =
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_\u{203e}αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";
/// From 0xA0 on.
const SYMBOL_A0: &str = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑";

impl Encoding {
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"WinAnsiEncoding" => Some(Self::WinAnsi),
            b"MacRomanEncoding" => Some(Self::MacRoman),
            b"StandardEncoding" => Some(Self::Standard),
            _ => None,
        }
    }

    pub(super) fn char(self, code: u8) -> Option<char> {
        let from =
            |table: &str, first: u8| table.chars().nth(usize::from(code.checked_sub(first)?)).filter(|&c| c != ' ');
        match (self, code) {
            (Self::Symbol | Self::Dingbats, _) => symbol(self, code),
            (_, 0x00..=0x1f | 0x7f) => None,
            (Self::Standard, b'\'') => Some('’'),
            (Self::Standard, b'`') => Some('‘'),
            (_, 0x20..=0x7e) => Some(char::from(code)),
            (Self::WinAnsi, 0x80..=0x9f) => from(WIN_ANSI_80, 0x80),
            (Self::WinAnsi, _) => Some(char::from(code)),
            (Self::MacRoman, _) => from(MAC_ROMAN_80, 0x80),
            (Self::Standard, _) => from(STANDARD_A0, 0xa0),
        }
    }
}

fn symbol(encoding: Encoding, code: u8) -> Option<char> {
    match (encoding, code) {
        (_, 0x20) => Some(' '),
        (Encoding::Symbol, 0x21..=0x7e) => SYMBOL_20.chars().nth(usize::from(code - 0x20)),
        (Encoding::Symbol, 0xa0..) => SYMBOL_A0.chars().nth(usize::from(code - 0xa0)),
        (Encoding::Dingbats, 0x33 | 0x34) => Some('✓'),
        (Encoding::Dingbats, 0x6c) => Some('●'),
        (Encoding::Dingbats, 0x6e) => Some('■'),
        (Encoding::Dingbats, 0xa1..=0xef) => char::from_u32(0x2761 + u32::from(code - 0xa1)),
        (Encoding::Dingbats, 0x21..=0x7e) => char::from_u32(0x2701 + u32::from(code - 0x21)),
        _ => None,
    }
}

/// What a character of the private area stands for, as Word writes it for its symbol fonts.
pub(in crate::extract) fn private_symbol(c: char) -> Option<char> {
    Some(match c {
        '\u{f0b7}' => '•',
        '\u{f0a7}' => '▪',
        '\u{f06e}' | '\u{f0fe}' => '■',
        '\u{f06c}' => '●',
        '\u{f071}' | '\u{f0a8}' => '◻',
        '\u{f0d8}' => '➢',
        '\u{f0fc}' => '✓',
        '\u{f0e0}' => '→',
        '\u{f02d}' => '-',
        '\u{f020}' => ' ',
        _ => return None,
    })
}

/// The text of a glyph by its name, by the rules of the Adobe Glyph List.
pub(super) fn glyph_text(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.split('.').next().filter(|base| !base.is_empty())?;
    if let Some(&c) = glyph_list().get(name) {
        return Some(c.to_string());
    }
    if name.contains('_') {
        return name.split('_').map(|part| glyph_text(part.as_bytes())).collect();
    }
    if let Some(digits) = name.strip_prefix("uni")
        && digits.len() >= 4
        && digits.len().is_multiple_of(4)
    {
        let units: Option<Vec<u16>> =
            digits.as_bytes().chunks(4).map(|d| u16::from_str_radix(std::str::from_utf8(d).ok()?, 16).ok()).collect();
        return String::from_utf16(&units?).ok();
    }
    let digits = name.strip_prefix('u').filter(|digits| (4..=6).contains(&digits.len()))?;
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).map(String::from)
}

/// The text of a glyph whose name is only a character number, as some converters write it: `a65` and `C065` are the
/// letter A.
pub(super) fn text_of_counted(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let is_counted = matches!(name.strip_suffix(digits)?, "a" | "A" | "c" | "C" | "ch" | "char" | "code");
    let code: u32 = digits.parse().ok().filter(|_| is_counted && (2..=5).contains(&digits.len()))?;
    let c = match u8::try_from(code) {
        Ok(byte) => Encoding::WinAnsi.char(byte),
        Err(_) => char::from_u32(code),
    };
    c.map(String::from)
}

fn glyph_list() -> &'static HashMap<&'static str, char> {
    static LIST: OnceLock<HashMap<&str, char>> = OnceLock::new();
    LIST.get_or_init(|| {
        let lines = include_str!("glyphs.txt").lines();
        lines
            .filter_map(|line| {
                let (name, code) = line.split_once(' ')?;
                Some((name, char::from_u32(u32::from_str_radix(code, 16).ok()?)?))
            })
            .collect()
    })
}
