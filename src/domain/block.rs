//! The text of a document as typed blocks, each with its page and place.

use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;

vocabulary! {
    /// What a block is in its document.
    BlockKind, "block kind" {
        /// A heading, marked as such or set apart by its style.
        Heading = "heading",
        /// Running text.
        Paragraph = "paragraph",
        /// One item of a list, without its bullet or number.
        ListItem = "list_item",
        /// Text in a cell of a table that holds data, not mere layout.
        TableCell = "table_cell",
    }
}

vocabulary! {
    /// How the text of a document was read.
    Method, "method" {
        /// Through the structure tree of a tagged PDF.
        Tagged = "tagged",
        /// From the positions of glyphs on the page.
        Layout = "layout",
    }
}

vocabulary! {
    /// Whether the text that was read can be relied on.
    TextStatus, "text status" {
        /// Every page gave readable text.
        Good = "good",
        /// Too many characters could not be mapped to text.
        PoorText = "poor_text",
        /// At least one page is an image, with a stamp or letterhead at the most for text.
        NeedsOcr = "needs_ocr",
    }
}

/// The place in a block's text where the document turns to another page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageBreak {
    /// Byte offset in the block's text of the first character on the new page.
    pub offset: usize,
    /// The new page, counted from 1.
    pub page: u32,
}

/// A piece of a document's text that belongs together: a heading, a paragraph, a list item or a table cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The page on which the block starts, counted from 1.
    pub page: u32,
    /// What the block is.
    pub kind: BlockKind,
    /// Depth: of a heading (1 is the highest) or of a list item (1 is the outermost list); 0 elsewhere.
    pub level: u8,
    /// Which table of the document the block lies in, counted from 1. List items and paragraphs inside a
    /// cell keep their own kind and carry the cell's table, row and column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<u32>,
    /// Row of that table, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Column of that table, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The text, with single spaces and without line ends, except in addresses set line by line.
    pub text: String,
    /// The bullet or number of a list item as printed, if it was marked as a label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Size of most of the text, in points as printed.
    pub size: f32,
    /// Whether most of the text is bold.
    pub bold: bool,
    /// Where the text goes on to further pages, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_breaks: Vec<PageBreak>,
}

#[cfg(test)]
impl Block {
    /// A plain paragraph of the first page, for tests.
    pub(crate) fn plain(text: &str) -> Self {
        Self {
            page: 1,
            kind: BlockKind::Paragraph,
            level: 0,
            table: None,
            row: None,
            column: None,
            text: text.to_owned(),
            label: None,
            size: 12.0,
            bold: false,
            page_breaks: vec![],
        }
    }
}

impl Block {
    /// The page that holds the character at this byte offset of the text.
    #[must_use]
    pub fn page_at(&self, offset: usize) -> u32 {
        self.page_breaks.iter().rev().find(|b| b.offset <= offset).map_or(self.page, |b| b.page)
    }
}

/// What is known of the text of one page.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageQuality {
    /// The page, counted from 1.
    pub page: u32,
    /// Characters shown on the page.
    pub characters: u32,
    /// Those of them that could not be mapped to text.
    pub unmapped: u32,
    /// Whether the page shows an image and no text, or a scan with no more than a stamp or letterhead.
    pub image_only: bool,
}

/// The text of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentText {
    /// Number of pages.
    pub pages: u32,
    /// How the text was read.
    pub method: Method,
    /// Whether it can be relied on.
    pub status: TextStatus,
    /// The blocks in reading order, without running headers and footers.
    pub blocks: Vec<Block>,
    /// One entry for each page.
    pub quality: Vec<PageQuality>,
}
