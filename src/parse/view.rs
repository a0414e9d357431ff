//! A document's blocks as a parser wants to see them: headings by their wording, running text over block and page
//! ends, and for every place in it the page and the words as evidence.

use std::ops::Range;

use regex::Regex;

use crate::domain::{Block, BlockKind, DocumentText, Evidence};

/// The longest text that can be a heading in its own right, in bytes.
const MAX_HEADING_BYTES: usize = 240;

/// Blocks of one document.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    blocks: &'a [Block],
    pages: u32,
}

impl<'a> View<'a> {
    /// The view of a whole document.
    #[must_use]
    pub fn new(text: &'a DocumentText) -> Self {
        Self { blocks: &text.blocks, pages: text.pages }
    }

    /// All blocks in reading order.
    #[must_use]
    pub fn blocks(&self) -> &'a [Block] {
        self.blocks
    }

    /// Number of pages.
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// The range of all blocks.
    #[must_use]
    pub fn all(&self) -> Range<usize> {
        0..self.blocks.len()
    }

    /// The range of the blocks that start on the first `pages` pages.
    #[must_use]
    pub fn first_pages(&self, pages: u32) -> Range<usize> {
        0..self.blocks.iter().position(|b| b.page > pages).unwrap_or(self.blocks.len())
    }

    /// The text of a range of blocks as one running text.
    #[must_use]
    pub fn running(&self, blocks: Range<usize>) -> Running {
        let mut running = Running::default();
        for index in blocks {
            running.push(index, &self.blocks[index]);
        }
        running
    }

    /// The first heading within `range` whose wording matches, as the blocks it takes up: a heading that wraps may
    /// come as up to three blocks. Blocks marked as headings are preferred; where there are none, a paragraph or
    /// cell counts whose *whole* text matches, so anchor the pattern with `^` and `$`.
    #[must_use]
    pub fn heading(&self, pattern: &Regex, range: Range<usize>) -> Option<Range<usize>> {
        let marked = self.heading_where(pattern, range.clone(), |b| b.kind == BlockKind::Heading);
        marked.or_else(|| self.heading_where(pattern, range, |b| b.kind != BlockKind::ListItem))
    }

    fn heading_where(
        &self,
        pattern: &Regex,
        range: Range<usize>,
        candidate: impl Fn(&Block) -> bool,
    ) -> Option<Range<usize>> {
        for start in range.clone() {
            let mut text = String::new();
            for end in start..range.end.min(start + 3) {
                let block = &self.blocks[end];
                if !candidate(block) || block.kind != self.blocks[start].kind {
                    break;
                }
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(block.text.trim());
                if text.len() > MAX_HEADING_BYTES {
                    break;
                }
                if pattern.is_match(&text) {
                    return Some(start..end + 1);
                }
            }
        }
        None
    }

    /// The first match of a pattern in the running text of `range`, as evidence.
    #[must_use]
    pub fn find(&self, pattern: &Regex, range: Range<usize>) -> Option<Evidence> {
        let running = self.running(range);
        let found = pattern.find(&running.text)?;
        Some(running.evidence(found.range()))
    }
}

/// The text of several blocks, one after the other with a line end between them, and where each piece came from.
/// Patterns over it use `\s+` between words, so that they do not depend on how the text fell into blocks.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// The text.
    pub text: String,
    /// Offset in the text, page from there on, block index; ascending.
    marks: Vec<(usize, u32, usize)>,
}

impl Running {
    /// A text by itself, on page 1.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), marks: vec![(0, 1, 0)] }
    }

    /// Adds a block's text.
    pub fn push(&mut self, index: usize, block: &Block) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let base = self.text.len();
        self.marks.push((base, block.page, index));
        self.marks.extend(block.page_breaks.iter().map(|b| (base + b.offset, b.page, index)));
        self.text.push_str(&block.text);
    }

    /// The page of the character at this offset.
    #[must_use]
    pub fn page_at(&self, offset: usize) -> u32 {
        self.mark(offset).map_or(1, |m| m.1)
    }

    /// The index of the block that holds the character at this offset.
    #[must_use]
    pub fn block_at(&self, offset: usize) -> usize {
        self.mark(offset).map_or(0, |m| m.2)
    }

    /// The words at this place, with single spaces, and their page.
    #[must_use]
    pub fn evidence(&self, range: Range<usize>) -> Evidence {
        let quote = super::quote::normalise(&self.text[range.clone()]);
        Evidence { page: self.page_at(range.start), quote }
    }

    fn mark(&self, offset: usize) -> Option<&(usize, u32, usize)> {
        self.marks.iter().rev().find(|m| m.0 <= offset).or(self.marks.first())
    }
}
