//! Bytes of a PDF -> typed blocks in reading order.
//!
//! The layers, each of which knows only those below it: `pdf` reads objects, `font` knows what codes mean, `content`
//! runs the pages' operators, `structure` (tagged files) or `layout` (all others) says which text belongs together, and
//! `draft` and `assemble` make blocks of it. Nothing outside this module names a PDF.
//!
//! lopdf reads the objects. Where it has no limit, we add one, and every loop of ours is charged to a budget
//! ([`Limits`]), so that no file, however made, takes more than the limits allow. Nothing here recurses deeper than a
//! small fixed bound.

mod assemble;
mod blocks;
mod columns;
mod complete;
mod content;
mod draft;
mod ending;
mod error;
mod follow;
mod font;
mod hyphens;
mod label;
mod layout;
mod lexer;
mod limits;
mod lines;
mod order;
mod pdf;
mod quality;
mod running;
mod strays;
mod structure;
mod tables;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use self::error::ExtractError;
pub use self::limits::Limits;

use self::content::{MarkId, Noted, Shown};
use self::error::Result;
use self::limits::Budget;
use self::pdf::Pdf;
use crate::domain::{DocumentText, Method};

/// Raised whenever the same bytes may give different blocks.
pub const VERSION: u32 = 4;

/// Reads the text of a PDF as blocks.
///
/// # Errors
///
/// Says that the bytes are no PDF and what they look like, that a password is needed, which limit was passed, or what is damaged. A
/// defect of this module met by the document is an error too, never a panic.
pub fn extract(bytes: &[u8], limits: &Limits) -> std::result::Result<DocumentText, ExtractError> {
    extract_observed(bytes, limits, &mut |_| {})
}

/// A stage of the extraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Finding the objects and the pages.
    Objects,
    /// Running the content of the pages, with their fonts.
    Content,
    /// Walking the structure tree, or making lines and paragraphs.
    Structure,
    /// Putting the text of the blocks together.
    Blocks,
}

impl Stage {
    /// All stages in their order.
    pub const ALL: [Self; 4] = [Self::Objects, Self::Content, Self::Structure, Self::Blocks];
}

/// The same as [`extract`], and tells when each stage has ended: for measuring.
///
/// # Errors
///
/// As [`extract`].
pub fn extract_observed(
    bytes: &[u8],
    limits: &Limits,
    ended: &mut dyn FnMut(Stage),
) -> std::result::Result<DocumentText, ExtractError> {
    catch_unwind(AssertUnwindSafe(|| read(bytes, limits, ended)))
        .unwrap_or_else(|panic| Err(ExtractError::Internal { message: error::message_of_panic(&*panic) }))
}

/// The blocks' text in reading order, with a blank line between blocks.
#[must_use]
pub fn plain_text(document: &DocumentText) -> String {
    let mut text = String::new();
    for block in &document.blocks {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        if let Some(label) = &block.label {
            text.push_str(label);
            text.push(' ');
        }
        text.push_str(&block.text);
    }
    text
}

fn read(bytes: &[u8], limits: &Limits, ended: &mut dyn FnMut(Stage)) -> Result<DocumentText> {
    if bytes.len() as u64 > limits.file_bytes {
        return Err(ExtractError::Limit { what: "size of a file in bytes", limit: limits.file_bytes });
    }
    if let Some(looks_like) = not_a_pdf(bytes) {
        return Err(ExtractError::NotAPdf { looks_like });
    }
    if ending::is_missing(bytes) {
        return Err(ExtractError::CutOff);
    }
    let budget = Budget::new(limits);
    let pdf = Pdf::open(bytes, &budget)?;
    let pages = pdf.pages()?;
    if pages.is_empty() {
        return Err(pdf::no_pages());
    }
    complete::check(&pdf, &pages)?;
    ended(Stage::Objects);
    let root = structure::root(&pdf);
    let noted = if root.is_some() { Noted::Text } else { Noted::Both };
    let mut shown = content::show(&pdf, &pages, noted)?;
    ended(Stage::Content);
    let walked = root.map(|root| structure::walk(&pdf, root, &pages, &shown)).transpose()?;
    complete::check_shown(&shown, walked.as_ref())?;
    let (method, drafts) = match walked.filter(|walked| is_trustworthy(&shown, &walked.reached)) {
        Some(walked) => {
            let (drafts, leftovers) = layout::with_leftovers(&shown, walked);
            let on: BTreeSet<u32> = leftovers.iter().map(|&span| shown.spans[span as usize].page).collect();
            content::draw(&pdf, &pages, |page| on.contains(&page), &mut shown)?;
            (Method::Tagged, layout::insert_leftovers(&shown, drafts, &leftovers, &budget)?)
        }
        None => {
            if noted == Noted::Text {
                content::draw(&pdf, &pages, |_| true, &mut shown)?;
            }
            (Method::Layout, layout::drafts(&shown, &budget)?)
        }
    };
    ended(Stage::Structure);
    let quality = quality::of_pages(&shown);
    let blocks = blocks::finish(&shown, drafts, &budget)?;
    ended(Stage::Blocks);
    Ok(DocumentText { pages: pages.len() as u32, method, status: quality::status(&quality), blocks, quality })
}

/// Whether the structure tree holds most of the text that is not marked as an artifact.
fn is_trustworthy(shown: &Shown, reached: &[bool]) -> bool {
    let (mut inside, mut outside) = (0_u64, 0_u64);
    for span in shown.spans.iter().filter(|span| span.mark != MarkId::ARTIFACT) {
        let length = shown.text_of(span).trim().len() as u64;
        if reached[span.mark.0 as usize] { inside += length } else { outside += length }
    }
    inside > outside
}

/// What the bytes look like, unless they are a PDF.
fn not_a_pdf(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(1024)];
    if memchr::memmem::find(head, b"%PDF-").is_some() {
        return None;
    }
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
    Some(match head {
        [] => "the file is empty",
        _ if starts(&["<!doctype html", "<html", "<head", "<body"]) || text.contains("<html") => {
            "it looks like a web page (HTML)"
        }
        _ if starts(&["<?xml", "<"]) => "it looks like XML",
        _ if starts(&["{\\rtf"]) => "it looks like rich text (RTF)",
        _ if starts(&["{", "["]) => "it looks like JSON",
        [b'P', b'K', 3 | 5, ..] => "it looks like a ZIP archive or an Office document (docx, xlsx)",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "it looks like an old Office document (doc, xls)",
        [0x1f, 0x8b, ..] => "it looks like compressed data (gzip)",
        [0xff, 0xd8, 0xff, ..]
        | [0x89, b'P', b'N', b'G', ..]
        | [b'G', b'I', b'F', b'8', ..]
        | [b'I', b'I', b'*', 0, ..] => "it looks like an image",
        _ if head.iter().all(|&byte| byte == 0) => "it holds only zeros",
        _ if std::str::from_utf8(head).is_ok() => "it looks like plain text",
        _ => "it does not start like a PDF",
    })
}
