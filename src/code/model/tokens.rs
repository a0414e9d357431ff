//! A text as the numbers that the model reads: pieces of words, with the marks of its section and its parts.

use std::collections::HashMap;

use rten_text::TokenId;
use rten_text::models::{Model as _, WordPiece, WordPieceOptions};
use rten_text::normalizers::{self, BertOptions, Normalizer as _};
use rten_text::pre_tokenizers::{self, PreTokenizer as _};
use serde::Deserialize;

use super::Why;
use crate::domain::{Section, Term};

/// Pieces of the text that are read; a formal item with sub-bullets has up to 250.
const MAX_TEXT: usize = 256;
/// Pieces of the sentence before it that are read, from its end.
const MAX_PREVIOUS: usize = 96;

/// Splits texts as the model learned them: the parts of `rten-text` for BERT, with the vocabulary of `tokenizer.json`.
/// Its own reader of that file gives what only one thread may use.
pub(super) struct Tokens {
    model: WordPiece,
    start: TokenId,
    end: TokenId,
    unknown: TokenId,
    /// The mark of each section, then the one for none.
    sections: Vec<TokenId>,
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
    vocab: HashMap<String, TokenId>,
}

/// What the model is given of one text.
pub(super) struct Sequence {
    /// Numbers of the pieces: start, section, text, end, and the sentence before with another end.
    pub ids: Vec<TokenId>,
    /// How many of them belong to the text with its marks.
    pub own: usize,
    /// For each piece of the text, the byte span of its word.
    pub words: Vec<(usize, usize)>,
}

/// The place of the first piece of the text in a [`Sequence`].
pub(super) const FIRST_PIECE: usize = 2;

impl Tokens {
    pub fn read(json: &[u8]) -> Result<Self, Why> {
        let file: File = serde_json::from_slice(json).map_err(|e| format!("tokenizer.json is not valid, {e}"))?;
        if file.model.kind != "WordPiece" {
            return Err(format!("tokenizer.json is of the kind {}, not WordPiece", file.model.kind));
        }
        let model = WordPiece::from_vocab(file.model.vocab, WordPieceOptions::default());
        let mark = |name: &str| model.get_token_id(name).ok_or_else(|| format!("tokenizer.json has no {name}"));
        let (start, end, unknown) = (mark("[CLS]")?, mark("[SEP]")?, mark("[UNK]")?);
        let sections = (0..=Section::ALL.len()).map(|i| mark(&format!("[section {i}]"))).collect::<Result<_, _>>()?;
        Ok(Self { model, start, end, unknown, sections })
    }

    /// The numbers of all pieces.
    pub fn sequence(&self, text: &str, previous: &str, section: Option<Section>) -> Sequence {
        let place = section.and_then(|s| Section::ALL.iter().position(|other| *other == s));
        let mut ids = vec![self.start, self.sections[place.unwrap_or(Section::ALL.len())]];
        let (mut pieces, mut words) = self.pieces(text);
        pieces.truncate(MAX_TEXT);
        words.truncate(MAX_TEXT);
        ids.extend(pieces);
        ids.push(self.end);
        let own = ids.len();
        let (before, _) = self.pieces(previous);
        if !before.is_empty() {
            ids.extend(&before[before.len().saturating_sub(MAX_PREVIOUS)..]);
            ids.push(self.end);
        }
        Sequence { ids, own, words }
    }

    /// The pieces of a text and the byte spans of their words.
    fn pieces(&self, text: &str) -> (Vec<TokenId>, Vec<(usize, usize)>) {
        let (mut ids, mut spans) = (Vec::new(), Vec::new());
        let plain = normalizers::Bert::new(BertOptions { lowercase: true, strip_accents: true });
        // Neither of the two can fail: they look at one letter after the other.
        let Ok((folded, places)) = plain.normalize(text) else { return (ids, spans) };
        let Ok(words) = pre_tokenizers::Bert::new().pre_tokenize(&folded) else { return (ids, spans) };
        let mut at = 0;
        for word in words {
            let begin = at;
            at += word.len();
            let before = ids.len();
            let known = self.model.encode_with_offsets(word, &mut |_, id| ids.push(id)).is_ok();
            // A word that cannot be put together is unknown as a whole.
            if !known || ids[before..].contains(&self.unknown) {
                ids.truncate(before);
                ids.push(self.unknown);
            }
            let span = (places[begin], places.get(at).copied().unwrap_or(text.len()));
            spans.resize(ids.len(), span);
        }
        (ids, spans)
    }
}
