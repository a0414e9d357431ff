//! The object layer: lopdf reads the file, this module holds it to the limits.
//!
//! lopdf finds the objects, repairs broken cross-references, opens object streams and decrypts with the empty user
//! password. Its pages are walked here, without recursion and without trust in their counts, and a stream is decoded when
//! its content is asked for, within the budget of the document. A reference that leads nowhere is null, as PDF says.

mod load;
mod pages;
mod stream;
mod value;

use std::sync::LazyLock;

use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, Object};

pub(super) use self::pages::Page;
pub(super) use self::value::{Lookup, Value};
use super::error::{ExtractError, Result};
use super::limits::Budget;

/// References that are followed in a row.
const MOST_HOPS: usize = 16;

/// A document that was opened, with the account of what reading it may still cost.
pub(super) struct Pdf<'b> {
    document: Document,
    pub(super) budget: &'b Budget,
}

impl<'b> Pdf<'b> {
    /// Opens a document, by a scan for its objects where its own table of them leads to no page.
    pub(super) fn open(data: &[u8], budget: &'b Budget) -> Result<Self> {
        let pdf = Self { document: load::load(data, budget, false)?, budget };
        if pdf.was_rebuilt() || !pdf.pages()?.is_empty() {
            return Ok(pdf);
        }
        Ok(Self { document: load::load(data, budget, true)?, budget })
    }

    /// Whether the objects were found by a scan of the whole file.
    fn was_rebuilt(&self) -> bool {
        self.document.xref_recovery == Some(lopdf::xref::XrefRecovery::Reconstructed)
    }

    /// Every object of the file with its dictionary, where it has one.
    pub(super) fn objects(&self) -> impl Iterator<Item = (&Dictionary, &Object)> {
        static NONE: LazyLock<Dictionary> = LazyLock::new(Dictionary::new);
        self.document.objects.values().map(|object| (object.dict().unwrap_or(&NONE), object))
    }

    /// Whether an object refers to another that the file must have: one that its table lists or, where the table is
    /// lost, any.
    pub(super) fn lacks_reference(&self, object: &Object) -> bool {
        let mut open = vec![object];
        while let Some(object) = open.pop() {
            match object {
                Object::Reference((number, _)) if self.is_lost(*number) => return true,
                Object::Array(items) => open.extend(items),
                Object::Dictionary(dict) => open.extend(dict.iter().map(|(_, value)| value)),
                Object::Stream(stream) => open.extend(stream.dict.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        false
    }

    fn is_lost(&self, number: u32) -> bool {
        let entry = self.document.reference_table.entries.get(&number);
        let listed = matches!(entry, Some(XrefEntry::Normal { .. } | XrefEntry::Compressed { .. }));
        let found = || self.document.objects.range((number, 0)..=(number, u16::MAX)).next().is_some();
        number > 0 && (listed || self.was_rebuilt()) && !found()
    }

    /// The document catalog, if there is one with pages.
    pub(super) fn catalog(&self) -> Option<&Dictionary> {
        let named = self.value(&self.document.trailer, b"Root").dict();
        named.filter(|catalog| catalog.has(b"Pages")).or_else(|| {
            let mut catalogs = self.document.objects.values().rev().filter_map(Value::dict);
            catalogs.find(|dict| dict.name(b"Type") == Some(b"Catalog") && dict.has(b"Pages"))
        })
    }

    /// Every object of the file that is a dictionary of this type, in the order of their numbers.
    fn all_of_type<'p>(&'p self, kind: &'p [u8]) -> impl Iterator<Item = (u32, &'p Dictionary)> {
        self.document.objects.iter().filter_map(move |(&(number, _), object)| match object {
            Object::Dictionary(dict) if dict.name(b"Type") == Some(kind) => Some((number, dict)),
            _ => None,
        })
    }

    /// Follows references to a value.
    pub(super) fn resolve<'o>(&'o self, object: &'o Object) -> &'o Object {
        let mut object = object;
        for _ in 0..MOST_HOPS {
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
