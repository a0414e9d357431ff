//! Turns a document into one without structure, as some programs write it.

use lopdf::{Document, Object};

/// The PDF without its structure tree.
pub fn without_structure(bytes: &[u8]) -> Vec<u8> {
    let mut document = Document::load_mem(bytes).unwrap();
    let catalog = document.catalog_mut().unwrap();
    catalog.remove(b"StructTreeRoot");
    catalog.set("MarkInfo", Object::Null);
    let mut out = Vec::new();
    document.save_to(&mut out).unwrap();
    out
}
