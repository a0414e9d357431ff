//! The object layer: lopdf reads the file, this module holds it to the limits.
//!
//! lopdf finds the objects, repairs broken cross-references, opens object streams and decrypts with the empty user
//! password. Its pages are walked here, without recursion and without trust in their counts, and a stream is decoded when
//! its content is asked for, within the budget of the document. A reference that leads nowhere is null, as PDF says.

mod load;
mod pages;
mod stream;
mod value;

use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, Object, Stream};

pub(super) use self::pages::Page;
pub(super) use self::value::{Lookup, Value};
use super::error::{ExtractError, Result, tolerate};
use super::limits::Budget;

/// References that are followed in a row.
const MAX_HOPS: usize = 16;

/// A document that was opened, with the account of what reading it may still cost.
pub(super) struct Pdf<'b> {
    document: Document,
    pub(super) budget: &'b Budget,
}

impl<'b> Pdf<'b> {
    /// Opens a document, by a scan for its objects where its own table of them does not lead to every page.
    pub(super) fn open(data: &[u8], budget: &'b Budget) -> Result<Self> {
        let pdf = Self { document: load::load(data, budget, false)?, budget };
        if pdf.was_rebuilt() || pdf.has_all_pages()? {
            return Ok(pdf);
        }
        Ok(Self { document: load::load(data, budget, true)?, budget })
    }

    /// Whether there are pages, and the content of each is there.
    fn has_all_pages(&self) -> Result<bool> {
        let Some(pages) = tolerate(self.pages())? else { return Ok(false) };
        let is_stream = |part: &Object| part.reference().is_none() || matches!(self.resolve(part), Object::Stream(_));
        let has_content =
            |page: &Page| match page.dict.find(b"Contents").map(|contents| (contents, self.resolve(contents))) {
                Some((_, Object::Array(parts))) => parts.iter().all(is_stream),
                Some((contents, _)) => is_stream(contents),
                None => true,
            };
        Ok(!pages.is_empty() && pages.iter().all(has_content))
    }

    /// Whether the objects were found by a scan of the whole file.
    fn was_rebuilt(&self) -> bool {
        self.document.xref_recovery == Some(lopdf::xref::XrefRecovery::Reconstructed)
    }

    /// Whether a value refers to a missing object that the file lists, or must have listed where its list is lost.
    /// Looks down to a depth.
    pub(super) fn lacks(&self, object: &Object, depth: usize) -> Result<bool> {
        self.budget.step()?;
        let parts: Vec<&Object> = match (object, self.resolve(object)) {
            (Object::Reference((number, _)), Object::Null) => {
                let entry = self.document.reference_table.entries.get(number);
                let is_listed = matches!(entry, Some(XrefEntry::Normal { .. } | XrefEntry::Compressed { .. }));
                return Ok(is_listed || self.was_rebuilt());
            }
            (_, Object::Array(items)) if depth > 0 => items.iter().collect(),
            (_, Object::Dictionary(dict)) if depth > 0 => dict.iter().map(|(_, value)| value).collect(),
            _ => return Ok(false),
        };
        for part in parts {
            if self.lacks(part, depth - 1)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Streams that hold other objects.
    pub(super) fn object_streams(&self) -> impl Iterator<Item = &Stream> {
        let streams = self.document.objects.values().filter_map(|object| object.as_stream().ok());
        streams.filter(|stream| stream.dict.name(b"Type") == Some(b"ObjStm"))
    }

    /// The document catalog, if there is one with pages.
    pub(super) fn catalog(&self) -> Option<&Dictionary> {
        let named = self.value(&self.document.trailer, b"Root").dict();
        named.filter(|catalog| catalog.has(b"Pages")).or_else(|| {
            let mut catalogs = self.document.objects.values().rev().filter_map(Value::dict);
            catalogs.find(|dict| dict.name(b"Type") == Some(b"Catalog") && dict.has(b"Pages"))
        })
    }

    /// Follows references to a value.
    pub(super) fn resolve<'o>(&'o self, object: &'o Object) -> &'o Object {
        let mut object = object;
        for _ in 0..MAX_HOPS {
            let Object::Reference((number, generation)) = *object else { return object };
            let objects = &self.document.objects;
            // Some writers get the generation wrong; the newest object of the number is meant.
            let found = objects.get(&(number, generation));
            let found = found.or_else(|| objects.range((number, 0)..=(number, u16::MAX)).next_back().map(|(_, o)| o));
            let Some(next) = found else { return &Object::Null };
            object = next;
        }
        &Object::Null
    }

    /// A value of a dictionary with references followed; null if there is none.
    pub(super) fn value<'o>(&'o self, dict: &'o Dictionary, key: &[u8]) -> &'o Object {
        dict.find(key).map_or(&Object::Null, |object| self.resolve(object))
    }

    /// A value that is a dictionary, or a stream that has one.
    pub(super) fn dict<'o>(&'o self, dict: &'o Dictionary, key: &[u8]) -> Option<&'o Dictionary> {
        self.value(dict, key).dict()
    }
}

/// The error for a document without a readable page.
pub(super) fn no_pages() -> ExtractError {
    ExtractError::Damaged { reason: "no page can be found in it" }
}
