//! When a quote counts as found in a document: the one normalisation that the parser, its tests and readers of the
//! dataset share.
//!
//! A quote and a text are compared after [`normalise`]. A text is searched in reading order and, because an item of
//! a table can run on over a page end while its neighbour cell does too, also column by column within tables that
//! follow each other.

use super::tidy;
use super::tidy::BULLETS;
use crate::domain::{Block, DocumentText};

/// Single spaces for any run of white space, no soft hyphens, and no bullets: neither those of the document nor the
/// "- " that marks sub-bullets at line starts.
#[must_use]
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let words = line.strip_prefix("- ").unwrap_or(line).split(|c: char| c.is_whitespace() || BULLETS.contains(&c));
        for word in words.filter(|w| !w.is_empty()) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.extend(word.chars().filter(|c| *c != '\u{ad}'));
        }
    }
    out
}

/// A document's text, ready to be searched for quotes.
#[derive(Debug, Clone)]
pub struct Searchable {
    orders: Vec<String>,
}

impl Searchable {
    /// Prepares a document.
    #[must_use]
    pub fn new(text: &DocumentText) -> Self {
        let by_rows: Vec<&Block> = text.blocks.iter().collect();
        let mut by_columns = by_rows.clone();
        for run in by_columns.chunk_by_mut(|a, b| a.table.is_some() && b.table.is_some()) {
            run.sort_by_key(|b| b.column); // stable: reading order within a column
        }
        // What a page number or a lost mark cut in two is whole in the tidied text.
        let tidied = tidy::tidy(text);
        let whole: Vec<&Block> = tidied.blocks.iter().collect();
        Self { orders: vec![joined(&by_rows), joined(&by_columns), joined(&whole)] }
    }

    /// Whether the quote stands in the document.
    #[must_use]
    pub fn contains(&self, quote: &str) -> bool {
        let wanted = normalise(quote);
        !wanted.is_empty() && self.orders.iter().any(|text| text.contains(&wanted))
    }
}

fn joined(blocks: &[&Block]) -> String {
    let texts: Vec<String> = blocks.iter().map(|b| normalise(&b.text)).collect();
    texts.join(" ")
}
