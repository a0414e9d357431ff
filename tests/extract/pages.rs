//! Small documents built page by page, and what is read from them. Shared by the tests of extraction.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::Path;

use sendlens::domain::DocumentText;
use sendlens::extract::{Limits, extract};

use super::wrap::{pdf, stream};

pub fn read(bytes: &[u8]) -> DocumentText {
    extract(bytes, &Limits::default()).unwrap()
}

pub fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extract/files").join(name)).unwrap()
}

pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/letters").join(name)).unwrap()
}

pub fn texts(document: &DocumentText) -> Vec<&str> {
    document.blocks.iter().map(|block| block.text.as_str()).collect()
}

/// A document without structure, whose pages have this content.
pub fn untagged(pages: &[String]) -> Vec<u8> {
    with_elements(pages, "/XObject<</I 90 0 R>>", &[])
}

/// A document with structure, whose pages have this content. Pages are objects 4, 6, 8 and so on; structure elements
/// are objects 60 and up, the root first.
pub fn tagged_pages(pages: &[String], elements: &[&str]) -> Vec<u8> {
    with_elements(pages, "", elements)
}

fn with_elements(pages: &[String], resources: &str, elements: &[&str]) -> Vec<u8> {
    let kids: String = (0..pages.len()).map(|i| format!("{} 0 R ", 4 + 2 * i)).collect();
    let root = if elements.is_empty() { "" } else { "/StructTreeRoot 60 0 R/MarkInfo<</Marked true>>" };
    let mut objects: Vec<Vec<u8>> = vec![
        format!("<</Type/Catalog/Pages 2 0 R{root}>>").into_bytes(),
        format!("<</Type/Pages/Kids[{kids}]/Count {}>>", pages.len()).into_bytes(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec(),
    ];
    for (i, content) in pages.iter().enumerate() {
        let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>";
        objects.push(format!("{page}{resources}>>/Contents {} 0 R>>", 5 + 2 * i).into_bytes());
        objects.push(stream("", content.as_bytes()));
    }
    let mut put = |number: usize, object: Vec<u8>| {
        objects.resize(objects.len().max(number - 1), b"null".to_vec());
        objects.push(object);
    };
    for (i, element) in elements.iter().enumerate() {
        put(60 + i, element.as_bytes().to_vec());
    }
    if elements.is_empty() {
        put(90, stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", b"x"));
    }
    pdf(&objects)
}

pub fn line(x: f64, y: f64, text: &str) -> String {
    format!("BT /F 12 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET ")
}

/// A document of one page that shows these codes, in hex, with this font. The streams are objects 6 and up.
pub fn with_font(font: &str, streams: &[Vec<u8>], codes: &str) -> Vec<u8> {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>";
    let mut objects: Vec<Vec<u8>> = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        page.as_bytes().to_vec(),
        stream("", format!("BT /F 12 Tf 72 700 Td <{codes}> Tj ET").as_bytes()),
        format!("<</Type/Font{font}>>").into_bytes(),
    ];
    objects.extend(streams.iter().cloned());
    pdf(&objects)
}
