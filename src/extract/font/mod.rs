//! Fonts, as far as text needs them: what each code stands for, how wide it is, and whether the type is bold.
//! Embedded font programs are opened only where the document leaves codes without a meaning.

pub(super) mod cmap;
pub(super) mod encoding;
mod metrics;
mod program;
mod table;

use lopdf::{Dictionary, Object};

use self::cmap::{CMap, CodeSpace};
use self::encoding::{Encoding, glyph_text, text_of_counted};
use self::table::{Codes, Text, TextTable};
use super::error::{Result, tolerate};
use super::pdf::{Lookup, Pdf, Value};

/// A font of a document.
pub(super) struct Font {
    space: CodeSpace,
    text: TextTable,
    /// In font sizes, counted from 1 so that 0 means not given.
    widths: Codes<f32>,
    default_width: f32,
    glyphs: Codes<u32>,
    /// Codes are characters, where nothing else says what they are.
    codes_are_text: bool,
    pub(super) bold: bool,
}

/// One shown code.
pub(super) struct Glyph<'f> {
    text: Text<'f>,
    /// In font sizes.
    pub(super) width: f64,
    /// A one-byte code 32, to which word spacing applies.
    pub(super) is_space: bool,
}

impl Glyph<'_> {
    pub(super) fn is_blank(&self) -> bool {
        match self.text {
            Text::Char(c) => c.is_whitespace(),
            Text::Several(text) => text.trim().is_empty(),
            Text::None => true,
        }
    }

    /// Puts the glyph's text on `out`; false if it has none.
    #[inline]
    pub(super) fn push_to(&self, out: &mut String) -> bool {
        match self.text {
            Text::Char(c) => out.push(c),
            Text::Several(text) => out.push_str(text),
            Text::None => return false,
        }
        true
    }
}

impl Font {
    /// A font that nothing is known of.
    pub(super) fn unknown() -> Self {
        Self {
            space: CodeSpace::one_byte(),
            text: TextTable::default(),
            widths: Codes::default(),
            default_width: 0.5,
            glyphs: Codes::default(),
            codes_are_text: false,
            bold: false,
        }
    }

    pub(super) fn load(pdf: &Pdf, dict: &Dictionary) -> Result<Self> {
        let mut font = Self::unknown();
        let to_unicode = pdf.value(dict, b"ToUnicode");
        let map = match to_unicode {
            Object::Stream(stream) => Some(CMap::parse(&pdf.whole_stream_data(stream)?, pdf.budget)?),
            _ => None,
        };
        // A map that maps nothing is none.
        let map = map.filter(|map| !map.text.is_empty());
        if dict.name(b"Subtype") == Some(b"Type0") {
            font.load_composite(pdf, dict)?;
            if map.is_none() {
                font.codes_are_text = to_unicode.name().is_some_and(|name| name.starts_with(b"Identity"));
                font.text_of_program(pdf, dict)?;
            }
        } else {
            font.load_simple(pdf, dict, map.as_ref())?;
        }
        if let Some(map) = map {
            // The map to text wins over the encoding; codes that it leaves out keep what the encoding says.
            if font.text.is_empty() {
                font.text = map.text;
            } else {
                font.text.overlay(&map.text, pdf.budget)?;
            }
        }
        Ok(font)
    }

    fn load_composite(&mut self, pdf: &Pdf, dict: &Dictionary) -> Result<()> {
        self.space = CodeSpace::two_bytes();
        if let Object::Stream(stream) = pdf.value(dict, b"Encoding")
            && let Some(data) = tolerate(pdf.stream_data(stream))?
        {
            let map = CMap::parse(&data, pdf.budget)?;
            if !map.space.is_empty() {
                self.space = map.space;
            }
            self.glyphs = map.glyphs;
        }
        let first = pdf.value(dict, b"DescendantFonts").items().and_then(<[Object]>::first);
        let Some(descendant) = first.and_then(|first| pdf.resolve(first).dict()) else { return Ok(()) };
        self.bold = is_bold(pdf, descendant) || is_bold(pdf, dict);
        self.default_width = pdf.value(descendant, b"DW").number().unwrap_or(1000.0) as f32 / 1000.0;
        self.composite_widths(pdf, pdf.value(descendant, b"W").items().unwrap_or_default())
    }

    /// Takes the meaning of the codes from the font program, or from an encoding that is Unicode itself.
    fn text_of_program(&mut self, pdf: &Pdf, dict: &Dictionary) -> Result<()> {
        let encoding = pdf.value(dict, b"Encoding").name().unwrap_or_default();
        let ends_in = |ends: [&[u8]; 4]| ends.iter().any(|end| encoding.ends_with(end));
        if encoding.starts_with(b"Uni") && ends_in([b"UCS2-H", b"UCS2-V", b"UTF16-H", b"UTF16-V"]) {
            self.codes_are_text = true;
            return Ok(());
        }
        let first = pdf.value(dict, b"DescendantFonts").items().and_then(<[Object]>::first);
        let descendant = first.and_then(|first| pdf.resolve(first).dict()).filter(|_| self.glyphs.is_empty());
        let Some(descendant) = descendant else { return Ok(()) };
        let glyphs = program::text_of_glyphs(pdf, descendant)?;
        if let Object::Stream(stream) = pdf.value(descendant, b"CIDToGIDMap") {
            let data = tolerate(pdf.stream_data(stream))?.unwrap_or_default();
            for (code, glyph) in (0..=0xffff_u32).zip(data.chunks_exact(2)) {
                pdf.budget.step()?;
                if let Some(text) = glyphs.get(&u16::from_be_bytes([glyph[0], glyph[1]])) {
                    self.text.set(code, text, pdf.budget)?;
                }
            }
            return Ok(());
        }
        for (&glyph, text) in &glyphs {
            self.text.set(glyph, text, pdf.budget)?;
        }
        Ok(())
    }

    /// `first [w w w]` or `first last w`, repeated.
    fn composite_widths(&mut self, pdf: &Pdf, items: &[Object]) -> Result<()> {
        let mut items = items.iter();
        while let Some(first) = items.next().and_then(Value::int) {
            let first = first.clamp(0, 0xffff) as u32;
            match items.next().map(|item| pdf.resolve(item)) {
                Some(Object::Array(widths)) => {
                    for (code, width) in (first..=0xffff).zip(widths) {
                        self.set_width(pdf, code, width.number())?;
                    }
                }
                Some(last) => {
                    let (Some(last), Some(width)) = (last.int(), items.next()) else { return Ok(()) };
                    for code in first..=last.clamp(0, 0xffff) as u32 {
                        self.set_width(pdf, code, width.number())?;
                    }
                }
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn set_width(&mut self, pdf: &Pdf, code: u32, thousandths: Option<f64>) -> Result<()> {
        pdf.budget.step()?;
        let Some(width) = thousandths.filter(|width| width.abs() < 1e6) else { return Ok(()) };
        self.widths.set(code, width as f32 / 1000.0 + 1.0, pdf.budget)
    }

    fn load_simple(&mut self, pdf: &Pdf, dict: &Dictionary, map: Option<&CMap>) -> Result<()> {
        self.bold = is_bold(pdf, dict);
        let base_font = plain_name(pdf.value(dict, b"BaseFont").name().unwrap_or_default());
        self.simple_widths(pdf, dict, base_font)?;
        let (named, differences) = match pdf.value(dict, b"Encoding") {
            Object::Name(name) => (Encoding::named(name), None),
            Object::Dictionary(dict) => {
                let base = pdf.value(dict, b"BaseEncoding").name().and_then(Encoding::named);
                (base, Some(pdf.value(dict, b"Differences").items().unwrap_or_default()))
            }
            _ => (None, None),
        };
        let signs = match base_font {
            _ if base_font.starts_with(b"Symbol") => Some(Encoding::Symbol),
            _ if base_font.starts_with(b"ZapfDingbats") => Some(Encoding::Dingbats),
            _ => None,
        };
        if let Some(base) = signs.or(named) {
            self.fill(pdf, base, &[])?;
        }
        let nameless = self.differences(pdf, differences.unwrap_or_default(), signs.is_some())?;
        // A font with its own order of glyphs: only its map knows.
        let is_own = dict.name(b"Subtype") == Some(b"Type3") || base_font.starts_with(b"Wingdings");
        if signs.or(named).is_some() || is_own {
            return Ok(());
        }
        if self.leaves_out(map) {
            for (code, text) in program::built_in(pdf, dict)? {
                if self.text.get(u32::from(code)) == Text::None {
                    self.text.set(code, &text, pdf.budget)?;
                }
            }
        }
        if map.is_none() || differences.is_some() { self.fill(pdf, Encoding::Standard, &nameless) } else { Ok(()) }
    }

    /// Whether a code that has a width has no meaning yet.
    fn leaves_out(&self, map: Option<&CMap>) -> bool {
        let is_known = |code| self.text.get(code) != Text::None || map.is_some_and(|m| m.text.get(code) != Text::None);
        // A width of zero is kept as 1, since kept widths count from 1.
        (0..=255).any(|code| self.widths.get(code) > 1.0 && !is_known(code))
    }

    /// Gives the codes that have no text yet the text of an encoding.
    fn fill(&mut self, pdf: &Pdf, encoding: Encoding, except: &[u32]) -> Result<()> {
        for code in 0..=255_u8 {
            let is_open = self.text.get(u32::from(code)) == Text::None && !except.contains(&u32::from(code));
            if let Some(c) = encoding.char(code).filter(|_| is_open) {
                self.text.set(code, c.encode_utf8(&mut [0; 4]), pdf.budget)?;
            }
        }
        Ok(())
    }

    /// Gives codes the glyphs that are named for them. Returns those whose names say nothing: they have no text then,
    /// so that the quality of the page can tell. The names of signs say less than their codes.
    fn differences(&mut self, pdf: &Pdf, items: &[Object], are_signs: bool) -> Result<Vec<u32>> {
        let mut nameless = Vec::new();
        let mut code = 0_u32;
        for item in items {
            pdf.budget.step()?;
            match pdf.resolve(item) {
                Object::Name(name) => {
                    let text = glyph_text(name).or_else(|| text_of_counted(name).filter(|_| !are_signs));
                    match text {
                        _ if code > 255 => {}
                        Some(text) => self.text.set(code, &text, pdf.budget)?,
                        None if are_signs || name == b".notdef" => {}
                        None => {
                            self.text.clear(code, pdf.budget)?;
                            nameless.push(code);
                        }
                    }
                    code = code.saturating_add(1);
                }
                other => code = other.int().and_then(|int| u32::try_from(int).ok()).unwrap_or(code),
            }
        }
        Ok(nameless)
    }

    fn simple_widths(&mut self, pdf: &Pdf, dict: &Dictionary, base_font: &[u8]) -> Result<()> {
        let Some(widths) = pdf.value(dict, b"Widths").items() else {
            for code in 0..=255_u8 {
                self.set_width(pdf, u32::from(code), Some(f64::from(metrics::width(base_font, code))))?;
            }
            return Ok(());
        };
        // Type 3 fonts have a scale of their own.
        let scale = match pdf.value(dict, b"FontMatrix").items() {
            Some([first, ..]) => first.number().unwrap_or(0.001) * 1000.0,
            _ => 1.0,
        };
        let first = pdf.value(dict, b"FirstChar").int().unwrap_or(0).clamp(0, 255) as u32;
        for (code, width) in (first..=255).zip(widths) {
            let width = pdf.resolve(width).number();
            self.set_width(pdf, code, width.map(|width| width * scale))?;
        }
        if let Some(descriptor) = pdf.dict(dict, b"FontDescriptor") {
            self.default_width = pdf.value(descriptor, b"MissingWidth").number().unwrap_or(0.0) as f32 / 1000.0;
        }
        Ok(())
    }

    /// Splits the first glyph off shown bytes, which are not empty; also gives its length.
    #[inline]
    pub(super) fn glyph(&self, bytes: &[u8]) -> (Glyph<'_>, usize) {
        let (code, length) = self.space.split(bytes);
        let id = match self.glyphs.get(code) {
            0 => code,
            glyph => glyph - 1,
        };
        let width = match self.widths.get(id) {
            0.0 => self.default_width,
            width => width - 1.0,
        };
        let text = match self.text.get(code) {
            Text::None if self.codes_are_text => char::from_u32(code).filter(|c| !c.is_control()).into(),
            text => text,
        };
        let glyph = Glyph { text, width: f64::from(width), is_space: length == 1 && code == 32 };
        (glyph, length)
    }
}

/// The name without the tag of a subset: `ABCDEF+Tahoma` is Tahoma.
fn plain_name(name: &[u8]) -> &[u8] {
    if name.get(6) == Some(&b'+') { &name[7..] } else { name }
}

fn is_bold(pdf: &Pdf, dict: &Dictionary) -> bool {
    let base_font = pdf.value(dict, b"BaseFont").name().unwrap_or_default();
    let name = String::from_utf8_lossy(plain_name(base_font)).to_ascii_lowercase();
    if ["bold", "black", "heavy", "demi"].iter().any(|word| name.contains(word)) {
        return true;
    }
    let Some(descriptor) = pdf.dict(dict, b"FontDescriptor") else { return false };
    const FORCE_BOLD: i64 = 1 << 18;
    let flags = pdf.value(descriptor, b"Flags").int().unwrap_or(0);
    let weight = pdf.value(descriptor, b"FontWeight").number().unwrap_or(400.0);
    flags & FORCE_BOLD != 0 || weight >= 600.0
}
