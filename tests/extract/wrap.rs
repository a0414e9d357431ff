//! Puts any bytes into an otherwise sound PDF, so that one part of the reader meets them. Shared by the fuzz targets and
//! by the tests that keep what fuzzing found.

/// A PDF of these objects, numbered from 1; the first is the catalog.
#[must_use]
pub fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", i + 1).as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let start = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let trailer = format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    out.extend_from_slice(trailer.as_bytes());
    out
}

/// A stream object of these bytes.
#[must_use]
pub fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<<{dict}/Length {}>>\nstream\n", data.len()).into_bytes();
    out.extend_from_slice(data);
    out.extend_from_slice(b"\nendstream");
    out
}

const FONT: &[u8] = b"<</Type/Font/Subtype/TrueType/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>";
const PAGE: &[u8] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>\
/XObject<</X 6 0 R>>/Properties<</P<</MCID 3>>>>>>/StructParents 0>>";

/// A document of one page with this content, font, form and structure.
fn document(content: Vec<u8>, font: &[u8], form: Vec<u8>, structure: &[u8]) -> Vec<u8> {
    pdf(&[
        b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 7 0 R/MarkInfo<</Marked true>>>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        PAGE.to_vec(),
        content,
        font.to_vec(),
        form,
        structure.to_vec(),
        b"<</S/P/Pg 3 0 R/K 0>>".to_vec(),
    ])
}

/// The bytes as the content of a page, and their first half as the content of a form.
#[must_use]
pub fn as_content(data: &[u8]) -> Vec<u8> {
    let form = stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", &data[..data.len() / 2]);
    document(stream("", data), FONT, form, b"<</Type/StructTreeRoot/K 8 0 R>>")
}

/// The bytes as a font's map to text and as its encoding. The page shows many codes.
#[must_use]
pub fn as_cmap(data: &[u8]) -> Vec<u8> {
    let content = b"BT /F 12 Tf 72 700 Td /P <</MCID 0>> BDC (abc\\000\\001\\002\\377xyz) Tj \
<0001020304050607080910FFFE8081> Tj EMC ET";
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        PAGE.to_vec(),
        stream("", content),
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding 7 0 R/DescendantFonts[8 0 R]/ToUnicode 7 0 R>>".to_vec(),
        b"null".to_vec(),
    ];
    objects.push(stream("", data));
    objects.push(b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/DW 500/W[1[300 400]5 9 600]>>".to_vec());
    pdf(&objects)
}

/// The bytes as objects of a structure tree, each up to a NUL byte; the page has marked content for them.
#[must_use]
pub fn as_structure(data: &[u8]) -> Vec<u8> {
    let mut content = b"BT /F 12 Tf 1 0 0 1 72 800 Tm 14 TL\n".to_vec();
    for mcid in 0..24 {
        let line = format!("/P <</MCID {mcid}>> BDC (word{mcid} and more) ' EMC\n");
        content.extend_from_slice(line.as_bytes());
    }
    content.extend_from_slice(b"ET");
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 7 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        PAGE.to_vec(),
        stream("", &content),
        FONT.to_vec(),
        b"null".to_vec(),
    ];
    objects.extend(data.split(|&byte| byte == 0).take(200).map(<[u8]>::to_vec));
    pdf(&objects)
}
