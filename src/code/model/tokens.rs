//! Words to pieces of words, as the encoder learned them (uncased WordPiece).

use std::collections::HashMap;

/// Marks the start of a text.
pub(super) const START: u32 = 0;
/// Marks the end of the text and of the sentence before it.
pub(super) const END: u32 = 1;
/// A word that cannot be put together from known pieces.
const UNKNOWN: u32 = 2;
/// The first of the marks that tell the section; the last one says that it is unknown.
pub(super) const SECTION: u32 = 3;

/// Longest word that is taken apart; longer ones are not words.
const MAX_WORD_LETTERS: usize = 60;

#[derive(Debug)]
pub(super) struct Vocabulary {
    pieces: HashMap<String, u32>,
}

impl Vocabulary {
    /// From the pieces in the order of their numbers, one a line.
    pub fn new(lines: &str) -> Self {
        let pieces = lines.lines().zip(0u32..).map(|(piece, id)| (piece.to_owned(), id)).collect();
        Self { pieces }
    }

    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The pieces of a text, each with the byte span of its word.
    pub fn pieces(&self, text: &str) -> Vec<Piece> {
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
            out.push(Piece { id: UNKNOWN, span });
        }
    }
}

/// A piece of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its number.
    pub id: u32,
    /// Byte offsets of its whole word in the text.
    pub span: (usize, usize),
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
