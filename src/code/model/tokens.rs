//! A text as the numbers that the model reads: pieces of words, with the marks of its section and its parts.

use std::collections::HashMap;

use serde::Deserialize;

use crate::domain::{Section, Term};

/// Pieces of the text that are read; a formal item with sub-bullets has up to 250.
const MAX_TEXT: usize = 256;
/// Pieces of the sentence before it that are read, from its end.
const MAX_PREVIOUS: usize = 96;

/// The longest run of characters that is split into pieces; longer ones are not words.
const MAX_WORD_LETTERS: usize = 60;

/// Splits texts as the model learned them (uncased WordPiece), with the vocabulary of `tokenizer.json`.
pub(super) struct Tokens {
    pieces: HashMap<String, u32>,
    start: u32,
    end: u32,
    unknown: u32,
    /// The mark of each section, then the one for none.
    sections: Vec<u32>,
}

/// The part of `tokenizer.json` that is read.
#[derive(Deserialize)]
struct File {
    model: Vocabulary,
}

#[derive(Deserialize)]
struct Vocabulary {
    #[serde(rename = "type")]
    kind: String,
    vocab: HashMap<String, u32>,
}

/// What the model is given of one text.
pub(super) struct Sequence {
    /// Numbers of the pieces: start, section, text, end, and the sentence before with another end.
    pub ids: Vec<u32>,
    /// How many of them belong to the text with its marks.
    pub own: usize,
    /// For each piece of the text, the byte span of its word.
    pub words: Vec<(usize, usize)>,
}

/// The place of the first piece of the text in a [`Sequence`].
pub(super) const FIRST_PIECE: usize = 2;

impl Tokens {
    pub fn read(json: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(json).map_err(|e| format!("tokenizer.json is not valid, {e}"))?;
        if file.model.kind != "WordPiece" {
            return Err(format!("tokenizer.json is of the kind {}, not WordPiece", file.model.kind));
        }
        let pieces = file.model.vocab;
        let mark = |name: &str| pieces.get(name).copied().ok_or_else(|| format!("tokenizer.json has no {name}"));
        let (start, end, unknown) = (mark("[CLS]")?, mark("[SEP]")?, mark("[UNK]")?);
        let sections = (0..=Section::ALL.len()).map(|i| mark(&format!("[section {i}]"))).collect::<Result<_, _>>()?;
        Ok(Self { pieces, start, end, unknown, sections })
    }

    /// The numbers of all pieces.
    pub fn sequence(&self, text: &str, previous: &str, section: Option<Section>) -> Sequence {
        let place = section.and_then(|s| Section::ALL.iter().position(|other| *other == s));
        let mut ids = vec![self.start, self.sections[place.unwrap_or(Section::ALL.len())]];
        let mut pieces = self.pieces(text);
        pieces.truncate(MAX_TEXT);
        ids.extend(pieces.iter().map(|p| p.id));
        ids.push(self.end);
        let own = ids.len();
        let before = self.pieces(previous);
        if !before.is_empty() {
            ids.extend(before[before.len().saturating_sub(MAX_PREVIOUS)..].iter().map(|p| p.id));
            ids.push(self.end);
        }
        let words = pieces.into_iter().map(|p| p.span).collect();
        Sequence { ids, own, words }
    }

    /// The pieces of a text, each with the byte span of its word.
    fn pieces(&self, text: &str) -> Vec<Piece> {
        let mut out = Vec::with_capacity(text.len() / 4);
        let mut word = Word::default();
        for (at, c) in text.char_indices() {
            let end = at + c.len_utf8();
            if c.is_whitespace() || c.is_control() {
                self.word(&mut word, &mut out);
            } else if is_punctuation(c) {
                self.word(&mut word, &mut out);
                word.push(at, end, c);
                self.word(&mut word, &mut out);
            } else {
                c.to_lowercase().map(plain).filter(|c| !is_mark(*c)).for_each(|c| word.push(at, end, c));
            }
        }
        self.word(&mut word, &mut out);
        out
    }

    /// Takes the longest known piece from the left, again and again.
    fn word(&self, word: &mut Word, out: &mut Vec<Piece>) {
        let Word { text, span } = std::mem::take(word);
        if text.is_empty() {
            return;
        }
        let before = out.len();
        let mut start = 0;
        let mut key = String::with_capacity(text.len() + 2);
        let mut known = text.chars().count() <= MAX_WORD_LETTERS;
        while known && start < text.len() {
            let found = text[start..].char_indices().rev().find_map(|(i, c)| {
                let end = start + i + c.len_utf8();
                key.clear();
                if start > 0 {
                    key.push_str("##");
                }
                key.push_str(&text[start..end]);
                self.pieces.get(&key).map(|id| (*id, end))
            });
            match found {
                Some((id, end)) => {
                    out.push(Piece { id, span });
                    start = end;
                }
                None => known = false,
            }
        }
        if !known {
            out.truncate(before);
            out.push(Piece { id: self.unknown, span });
        }
    }
}

/// A piece of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Its number.
    id: u32,
    /// Byte offsets of its whole word in the text.
    span: (usize, usize),
}

/// A word while it is being read.
#[derive(Default)]
struct Word {
    text: String,
    span: (usize, usize),
}

impl Word {
    fn push(&mut self, start: usize, end: usize, c: char) {
        if self.text.is_empty() {
            self.span.0 = start;
        }
        self.span.1 = end;
        self.text.push(c);
    }
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}' | '\u{b7}' | '\u{bb}' | '\u{bf}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The letter under an accent, for those that occur in English texts.
fn plain(c: char) -> char {
    match c {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        _ => c,
    }
}
