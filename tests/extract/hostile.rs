//! Files made to break a reader, each with a name.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::wrap::{as_cmap, as_content, as_structure, pdf, stream};

/// So many bytes of filler, compressed once to about a thousandth of their size.
fn bomb(bytes: u64, filler: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let chunk = filler.repeat((1 << 20) / filler.len());
    for _ in 0..bytes >> 20 {
        encoder.write_all(&chunk).unwrap();
    }
    encoder.finish().unwrap()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

const DEPTH: usize = 2_000_000;
const CATALOG: &[u8] = b"<</Type/Catalog/Pages 2 0 R>>";
const PAGES: &[u8] = b"<</Type/Pages/Kids[3 0 R]/Count 1>>";
const PAGE: &[u8] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>";
const FONT: &[u8] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

fn one_page(content: Vec<u8>, more: Vec<Vec<u8>>) -> Vec<u8> {
    let mut objects = vec![CATALOG.to_vec(), PAGES.to_vec(), PAGE.to_vec(), content, FONT.to_vec()];
    objects.extend(more);
    pdf(&objects)
}

/// A file whose objects are packed in one object stream and found by a cross-reference stream.
fn with_object_stream(packed: &[u8], count: u64, first: u64) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let holder = out.len();
    out.extend_from_slice(b"9 0 obj\n");
    out.extend_from_slice(&stream(&format!("/Type/ObjStm/N {count}/First {first}/Filter/FlateDecode"), packed));
    out.extend_from_slice(b"\nendobj\n");
    let start = out.len();
    let mut rows = Vec::new();
    for number in 0..12_u8 {
        let (kind, second, third) = match number {
            0 => (0, 0, 0),
            9 => (1, holder as u32, 0),
            10 => (1, start as u32, 0),
            _ => (2, 9, number),
        };
        rows.push(kind);
        rows.extend_from_slice(&second.to_be_bytes());
        rows.push(third);
    }
    out.extend_from_slice(b"10 0 obj\n");
    out.extend_from_slice(&stream("/Type/XRef/W[1 4 1]/Size 12/Root 1 0 R", &rows));
    out.extend_from_slice(format!("\nendobj\nstartxref\n{start}\n%%EOF").as_bytes());
    out
}

fn structured(tree: Vec<Vec<u8>>) -> Vec<u8> {
    let content = stream("", b"BT /F 12 Tf 72 700 Td /P <</MCID 0>> BDC (a word) Tj EMC ET");
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 6 0 R>>".to_vec(),
        PAGES.to_vec(),
        PAGE.to_vec(),
        content,
        FONT.to_vec(),
    ];
    objects.extend(tree);
    pdf(&objects)
}

/// All hostile files.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut files = vec![
        ("bomb in content", one_page(stream("/Filter/FlateDecode", &bomb(1 << 30, b" ")), vec![])),
        ("bomb of text in content", one_page(stream("/Filter/FlateDecode", &bomb(1 << 30, b"BT /F 9 Tf 9 99 Td (a) Tj ET ")), vec![])),
        ("bomb in an object stream", with_object_stream(&bomb(1 << 30, b"1 0 "), 1 << 40, 4)),
        ("bomb in a map to text", {
            let mut file = as_cmap(b"");
            let map = bomb(1 << 30, b"1 beginbfrange <0000> <ffff> <0041> endbfrange ");
            file.truncate(file.windows(7).position(|w| w == b"7 0 obj").unwrap());
            file.extend_from_slice(b"7 0 obj\n");
            file.extend_from_slice(&stream("/Filter/FlateDecode", &map));
            file.extend_from_slice(b"\nendobj\n8 0 obj\n<</DW 500>>\nendobj\ntrailer <</Root 1 0 R>>");
            file
        }),
        ("doubled filters", one_page(stream("/Filter[/FlateDecode/FlateDecode]", &deflate(&bomb(1 << 30, b"\0"))), vec![])),
        ("a hundred filters", one_page(stream(&format!("/Filter[{}]", "/FlateDecode ".repeat(100)), b"x"), vec![])),
        ("run length and LZW", one_page(stream("/Filter[/RunLengthDecode/LZWDecode/ASCII85Decode]", &[129, 7].repeat(1 << 20)), vec![])),
        ("predictor with wide rows", {
            let dict = "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 999999999>>";
            one_page(stream(dict, &deflate(&[2; 9999])), vec![])
        }),
        ("deep arrays", one_page([&b"["[..]; 1].concat().repeat(DEPTH), vec![])),
        ("deep dictionaries", one_page(b"<</A".repeat(DEPTH), vec![])),
        ("deep arrays in content", as_content(&b"[".repeat(DEPTH))),
        ("deep dictionaries in content", as_content(&b"/P <</A".repeat(DEPTH))),
        ("deep q", as_content(&b"q ".repeat(DEPTH))),
        ("deep BMC", as_content(&b"/P BMC ".repeat(DEPTH))),
        ("deep BDC with text", as_content(&b"/P <</MCID 7/ActualText(abc)>> BDC BT /F 9 Tf (x) Tj ET ".repeat(DEPTH / 4))),
        ("many marks", {
            let mut content = Vec::new();
            for mcid in 0..DEPTH {
                content.extend_from_slice(format!("/P<</MCID {mcid}>>BDC ").as_bytes());
            }
            as_content(&content)
        }),
        ("many operands", as_content(&b"1 ".repeat(DEPTH * 4))),
        ("many fonts sizes and places", {
            let mut content = b"BT ".to_vec();
            for i in 0..600_000 {
                content.extend_from_slice(format!("/F {} Tf {} 1 Td (a-)Tj ", i % 971, i % 17).as_bytes());
            }
            as_content(&content)
        }),
        ("one long text", as_content(&[&b"BT /F 9 Tf 9 99 Td ("[..], &b"x".repeat(30 << 20), b") Tj ET"].concat())),
        ("inline images without end", as_content(&b"BI /W 1 ID \0 EI".repeat(400_000))),
        ("strings that do not end", as_content(&b"(\\".repeat(DEPTH))),
        ("deep structure", {
            let mut tree = vec![b"<</Type/StructTreeRoot/K 7 0 R>>".to_vec()];
            tree.extend((8..100_000).map(|next| format!("<</S/Div/K {next} 0 R>>").into_bytes()));
            structured(tree)
        }),
        ("deep structure in one object", structured(vec![b"<</S/Sect/K".repeat(DEPTH)])),
        ("structure in a cycle", {
            let cycle = |n: usize| format!("<</S/L/Pg 3 0 R/K[0 {} 0 R 6 0 R 7 0 R {n} 0 R]>>", n + 1).into_bytes();
            let mut tree: Vec<Vec<u8>> = (6..60).map(cycle).collect();
            tree.push(b"<</S/LI/K[6 0 R 0]>>".to_vec());
            structured(tree)
        }),
        ("wide structure", structured(vec![[&b"<</K[7 0 R"[..], &b" 0".repeat(DEPTH / 3), b"]>>"].concat(), b"<</S/TR/K 8 0 R>>".to_vec()])),
        ("wide cells", {
            let mut tree = vec![b"<</K 7 0 R>>".to_vec(), [&b"<</S/Table/K["[..], &(8..90_000).flat_map(|n| format!("{n} 0 R ").into_bytes()).collect::<Vec<_>>(), b"]>>"].concat()];
            tree.extend((8..90_000).map(|_| b"<</S/TD/A<</ColSpan 99/RowSpan 99>>/K<</Type/MCR/MCID 0/Pg 3 0 R>>>>".to_vec()));
            structured(tree)
        }),
        ("role map in a cycle", structured(vec![b"<</K 7 0 R/RoleMap<</A/B/B/A>>>>".to_vec(), b"<</S/A/Pg 3 0 R/K 0>>".to_vec()])),
        ("form in itself", {
            let form = stream("/Type/XObject/Subtype/Form/Resources<</XObject<</X 6 0 R/Y 4 0 R>>>>", b"/X Do /Y Do q /X Do Q");
            as_content_with_form(b"/X Do /X Do", form)
        }),
        ("forms that multiply", {
            let form = |next: usize| {
                let content = b"/X Do ".repeat(10);
                stream(&format!("/Subtype/Form/Resources<</XObject<</X {next} 0 R>>/Font<</F 5 0 R>>>>"), &content)
            };
            let mut objects: Vec<Vec<u8>> = (7..17).map(form).collect();
            objects.push(stream("/Subtype/Form/Resources<</Font<</F 5 0 R>>>>", b"BT /F 9 Tf 9 9 Td (x) Tj ET"));
            let page = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>>>>>";
            let mut all = vec![CATALOG.to_vec(), PAGES.to_vec(), page.to_vec(), stream("", b"/X Do"), FONT.to_vec()];
            all.extend(objects);
            pdf(&all)
        }),
        ("page tree in a cycle", pdf(&[CATALOG.to_vec(), b"<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R]>>".to_vec(), b"<</Type/Pages/Kids[2 0 R 3 0 R]/Parent 3 0 R>>".to_vec()])),
        ("deep page tree", {
            let mut objects = vec![CATALOG.to_vec()];
            objects.extend((3..200_000).map(|next| format!("<</Type/Pages/Kids[{next} 0 R]>>").into_bytes()));
            pdf(&objects)
        }),
        ("200,000 pages", {
            let kids: String = (3..200_003).map(|n| format!("{n} 0 R ")).collect();
            let mut objects = vec![CATALOG.to_vec(), format!("<</Type/Pages/Kids[{kids}]/Count 200000>>").into_bytes()];
            objects.extend((0..200_000).map(|_| b"<</Type/Page/Parent 2 0 R>>".to_vec()));
            pdf(&objects)
        }),
        ("one page 200,000 times", pdf(&[CATALOG.to_vec(), [&b"<</Type/Pages/Kids["[..], &b"<</Type/Page>>".repeat(200_000), b"]>>"].concat()])),
        ("length in a cycle", one_page(b"<</Length 6 0 R>>\nstream\nBT ET\nendstream".to_vec(), vec![b"<</Length 6 0 R>>\nstream\nx\nendstream".to_vec()])),
        ("many streams without end", pdf(&vec![b"<</Length 99999999>>\nstream\nx".to_vec(); 100_000])),
        ("references in a cycle", pdf(&[b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), b"3 0 R".to_vec(), b"2 0 R".to_vec()])),
        ("absurd size", b"%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 99999999999/W[1 8 8]/Index[0 99999999999]/Length 17/Root 1 0 R>>\nstream\n\x01\0\0\0\0\0\0\0\x09aaaaaaaa\nendstream\nendobj\nstartxref\n9\n%%EOF".to_vec()),
        ("absurd object numbers", b"%PDF-1.7\nxref\n8388600 99999999\n0000000009 00000 n \n4294967290 3\n0000000009 00000 n \ntrailer <</Root 8388600 0 R/Size 99999999999/Prev 9>>\nstartxref\n9\n%%EOF".to_vec()),
        ("cross references in a cycle", b"%PDF-1.7\nxref\n0 0\ntrailer <</Root 1 0 R/Prev 9/XRefStm 9>>\nstartxref\n9\n%%EOF".to_vec()),
        ("many objects for a scan", [&b"%PDF-1.7\n"[..], &b"1 0 obj<</Type/ObjStm".repeat(300_000)].concat()),
        ("many trailers", [&b"%PDF-1.7\n"[..], &b"trailer<</Root 1 0 R ".repeat(300_000)].concat()),
        ("only a header", b"%PDF-1.7\n".to_vec()),
        ("object stream in itself", with_object_stream(&deflate(b"9 0 1 5 <</Type/Catalog>>"), 2, 8)),
        ("map with huge ranges", as_cmap(&b"1 beginbfrange <00000000> <ffffffff> <d83dde00> <0000> <ffff> [".repeat(20_000))),
        ("map with long texts", as_cmap(format!("9 beginbfchar {} endbfchar", format!("<0001> <{}> ", "0041".repeat(60)).repeat(50_000)).as_bytes())),
        ("structure of nothing", as_structure(b"<<")),
    ];
    files.push(("random bytes", noise(3 << 20, 7)));
    files.push(("random bytes after a header", [&b"%PDF-1.4\n"[..], &noise(3 << 20, 11)].concat()));
    files
}

fn as_content_with_form(content: &[u8], form: Vec<u8>) -> Vec<u8> {
    let page = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>>>>>";
    pdf(&[CATALOG.to_vec(), PAGES.to_vec(), page.to_vec(), stream("", content), FONT.to_vec(), form])
}

/// Random bytes, the same in every run.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..length).map(|_| next()).collect()
}
