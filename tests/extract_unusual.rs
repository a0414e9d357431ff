//! Documents that are easily misread: headings in the place of headers, files cut off, text painted twice, stamped scans,
//! fonts that do not say what their codes mean. Their text is read, or the document says that it is unreliable.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "extract/pages.rs"]
mod pages;
#[path = "extract/wrap.rs"]
#[allow(dead_code, reason = "a part is used here")]
mod wrap;

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pages::{file, line, read, tagged_pages, texts, untagged, with_font};
use proptest::prelude::*;
use sendlens::domain::{DocumentText, TextStatus};
use sendlens::extract::{ExtractError, Limits, extract, plain_text};
use wrap::{pdf, stream};

/// Four pages of text between 720 and 120, each with these extra lines.
fn four_pages(extra: impl Fn(usize) -> String) -> Vec<u8> {
    let page = |number: usize| {
        let words = ["first", "second", "third", "fourth"][number - 1];
        let text: String =
            (0..31).map(|i| line(72.0, 720.0 - 20.0 * f64::from(i), &format!("The {words} page."))).collect();
        extra(number) + &text
    };
    untagged(&[page(1), page(2), page(3), page(4)])
}

fn times(document: &DocumentText, text: &str) -> usize {
    document.blocks.iter().filter(|block| block.text.contains(text)).count()
}

#[test]
fn headers_and_footers_of_nearly_all_pages_are_left_out() {
    let bytes = four_pages(|page| {
        let head =
            if page == 1 { String::new() } else { line(72.0, 800.0, "Inspection letter: Orme, 3 to 7 May 2021") };
        head + &line(72.0, 40.0, &format!("Page {page} of 4")) + &line(500.0, 40.0, &page.to_string())
    });
    let document = read(&bytes);
    assert_eq!((times(&document, "Inspection letter"), times(&document, "Page ")), (0, 0));
    assert_eq!(times(&document, "page."), 4 * 31);
}

#[test]
fn a_heading_at_the_top_of_pages_is_text() {
    for heading in ["Areas for development", "Waiting for therapies"] {
        let document = read(&four_pages(|page| if page == 1 { String::new() } else { line(72.0, 742.0, heading) }));
        assert_eq!(times(&document, heading), 3, "{heading}");
    }
}

#[test]
fn a_verdict_at_the_foot_of_pages_is_text_even_in_the_place_of_a_footer() {
    let verdict = "The area has made sufficient progress in addressing this.";
    let document = read(&four_pages(|_| line(72.0, 50.0, verdict)));
    assert_eq!(times(&document, verdict), 4);
}

#[test]
fn a_line_whose_numbers_do_not_count_pages_is_text() {
    let document = read(&four_pages(|page| line(72.0, 800.0, &format!("Sampled plan {}", [12, 31, 7, 90][page - 1]))));
    assert_eq!(times(&document, "Sampled plan"), 4);
    let document = read(&four_pages(|page| line(72.0, 800.0, &format!("Area of significant weakness {page}"))));
    assert_eq!(times(&document, "Area of significant weakness"), 4);
}

#[test]
fn a_line_at_the_top_of_few_pages_is_text() {
    let page = |number: usize| {
        let head = if number.is_multiple_of(3) { line(72.0, 800.0, "Findings of the visit") } else { String::new() };
        head + &line(72.0, 700.0, "A page of text.")
    };
    let pages: Vec<String> = (1..=12).map(page).collect();
    assert_eq!(times(&read(&untagged(&pages)), "Findings of the visit"), 4);
}

#[test]
fn cells_that_recur_at_the_foot_of_pages_are_text() {
    // Ruled: the table reaches from the text to the foot of each page.
    let table = "72 40 128 90 re S 200 40 200 90 re S 72 40 328 30 re S ";
    let cells = |_| {
        [table.to_owned(), line(76.0, 110.0, "Body"), line(76.0, 50.0, "Yes, in part"), line(204.0, 50.0, "All")]
            .concat()
    };
    assert_eq!(times(&read(&untagged(&[1, 2, 3, 4].map(cells))), "Yes, in part"), 4);
    // Tagged: the elements make the table.
    let page = |_| {
        format!(
            "/P <</MCID 0>> BDC {}EMC /P <</MCID 1>> BDC {}EMC ",
            line(72.0, 700.0, "Question"),
            line(72.0, 60.0, "Yes, in part")
        )
    };
    let mut elements = vec!["<</Type/StructTreeRoot/K 61 0 R>>", "<</S/Table/K[62 0 R 65 0 R 68 0 R]>>"];
    elements.extend(["<</S/TR/K[63 0 R 64 0 R]>>", "<</S/TD/Pg 4 0 R/K 0>>", "<</S/TD/Pg 4 0 R/K 1>>"]);
    elements.extend(["<</S/TR/K[66 0 R 67 0 R]>>", "<</S/TD/Pg 6 0 R/K 0>>", "<</S/TD/Pg 6 0 R/K 1>>"]);
    elements.extend(["<</S/TR/K[69 0 R 70 0 R]>>", "<</S/TD/Pg 8 0 R/K 0>>", "<</S/TD/Pg 8 0 R/K 1>>"]);
    let document = read(&tagged_pages(&[1, 2, 3].map(page), &elements));
    assert_eq!(times(&document, "Yes, in part"), 3, "{:?}", texts(&document));
}

/// The PDFs of a folder. None if there is no folder.
fn pdfs_in(folder: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let paths = entries.into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = paths.filter(|path| path.extension().is_some_and(|extension| extension == "pdf")).collect();
    found.sort();
    found
}

/// Letters and reports, and one file of another programme that was saved twice: at 99% its second saving is cut off.
fn letters() -> Vec<std::path::PathBuf> {
    let mut real = pdfs_in("../shared/letters/area-send-2023");
    if real.is_empty() {
        println!("skipped in part: there are no letters in ../shared/letters");
    }
    let saved_twice = |path: &std::path::PathBuf| path.to_string_lossy().contains("north-yorkshire");
    real.extend(pdfs_in("../shared/letters/childrens-services").into_iter().filter(saved_twice));
    real.extend(pdfs_in("fixtures/letters"));
    real
}

fn letters_of(document: &DocumentText) -> String {
    plain_text(document).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// How many of these files are refused, and how many are read with other text than the whole file.
fn count_refused<'f>(whole: &[u8], damaged: impl Iterator<Item = Vec<u8>> + 'f, codes: &[&str]) -> (usize, usize) {
    let whole = read(whole);
    let mut counts = (0, 0);
    for bytes in damaged {
        match extract(&bytes, &Limits::default()) {
            Err(error) => {
                assert!(codes.contains(&error.code()), "{}: {error}", error.code());
                counts.0 += usize::from(error.to_string().contains("fetch the document again"));
            }
            // Only letters are compared: without its widths a font gives other spaces, without elements there are other paragraphs.
            Ok(text) => counts.1 += usize::from(letters_of(&text) != letters_of(&whole)),
        }
    }
    counts
}

#[test]
fn a_file_that_is_cut_off_is_refused_unless_all_its_text_is_there() {
    let mut all = 0;
    for path in letters() {
        let whole = std::fs::read(&path).unwrap();
        let cut = [30, 50, 70, 90, 99].map(|percent| whole[..whole.len() * percent / 100].to_vec());
        let (refused, different) = count_refused(&whole, cut.into_iter(), &["cut_off"]);
        assert_eq!(different, 0, "{}", path.display());
        all += refused;
    }
    assert!(all >= 150, "{all}");
}

#[test]
fn a_file_with_a_hole_is_refused_unless_all_its_text_is_there() {
    let mut all = 0;
    for path in letters() {
        let whole = std::fs::read(&path).unwrap();
        let hole = whole.len() / 20;
        let damaged = [30, 50, 70, 90].into_iter().flat_map(|percent| {
            let (before, after) = whole.split_at(whole.len() * percent / 100);
            let before = &before[..before.len() - hole];
            [[before, after].concat(), [before, &vec![0; hole], after].concat()]
        });
        let (refused, different) = count_refused(&whole, damaged, &["cut_off", "incomplete", "damaged"]);
        assert_eq!(different, 0, "{}", path.display());
        all += refused;
    }
    assert!(all >= 300, "{all}");
}

#[test]
fn a_file_that_announces_more_than_it_has_is_refused() {
    let incomplete = |bytes: &[u8], what: &str| {
        let error = extract(bytes, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "incomplete", "{error}");
        assert!(error.to_string().contains(what), "{error}");
    };
    let swapped = |bytes: &[u8], from: &str, to: &str| {
        assert_eq!(from.len(), to.len(), "places of objects must not move");
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
    };
    let page = |number: usize| line(72.0, 700.0, "Leaders plan.") + &line(72.0, 40.0, &format!("Page {number} of 3"));
    let whole = untagged(&[page(1), page(2), page(3)]);
    assert_eq!(times(&read(&whole), "Leaders plan."), 3);
    incomplete(&swapped(&whole, "/Count 3", "/Count 7"), "more pages");
    incomplete(&untagged(&[page(1), page(2)]), "footers");
    let marked = |mcid: u32, text: &str| {
        format!("/P <</MCID {mcid}>> BDC {} EMC ", line(72.0 + 52.0 * f64::from(mcid), 700.0, text))
    };
    let elements = ["<</Type/StructTreeRoot/K 61 0 R>>", "<</S/P/Pg 4 0 R/K[0 1]>>"];
    let both = marked(0, "Leaders") + &marked(1, "plan.");
    assert_eq!(texts(&read(&tagged_pages(&[both], &elements))), ["Leaders plan."]);
    incomplete(&tagged_pages(&[marked(0, "Leaders")], &elements), "structure");
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A document whose one page and its content are these objects.
fn of_one_page(page: &[u8], content: &[u8]) -> Vec<u8> {
    pdf(&[
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[4 0 R]/Count 1/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>>>".to_vec(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec(),
        page.to_vec(),
        content.to_vec(),
    ])
}

#[test]
fn a_page_without_all_of_its_content_is_an_error_and_not_an_empty_page() {
    let page = b"<</Type/Page/Parent 2 0 R/Contents 5 0 R>>";
    let text = line(72.0, 700.0, "Leaders know the area well.").repeat(9);
    let deflated = |data: &[u8]| stream("/Filter/FlateDecode", data);
    let whole = deflate(text.as_bytes());
    let mut hole = whole.clone();
    let middle = hole.len() / 2;
    hole[middle..middle + 8].fill(0);
    let damaged = [
        ("its content is missing", of_one_page(page, b"null")),
        ("the page is missing", of_one_page(b"null", &deflated(&whole))),
        ("the end of its content is missing", of_one_page(page, &deflated(&whole[..whole.len() - 12]))),
        ("its content has a hole", of_one_page(page, &deflated(&hole))),
        ("its content has a hole that no checksum covers", {
            let middle = text.len() / 2;
            of_one_page(page, &stream("", &[&text.as_bytes()[..middle], &[0; 64], &text.as_bytes()[middle..]].concat()))
        }),
        ("its content cannot be decoded", of_one_page(page, &stream("/Filter/Unheard", text.as_bytes()))),
        ("a part of its content is missing", {
            of_one_page(b"<</Type/Page/Parent 2 0 R/Contents[5 0 R 6 0 R]>>", &deflated(&whole))
        }),
    ];
    for (what, file) in damaged {
        let error = extract(&file, &Limits::default()).expect_err(what);
        assert!(["damaged", "incomplete"].contains(&error.code()), "{what}: {error}");
    }
    let intact = [
        of_one_page(page, &deflated(&whole)),
        of_one_page(page, &deflated(&[&whole[..], b"\r\n"].concat())),
        of_one_page(page, &[b"<<>>\nstream\n", text.as_bytes(), b"\nendstream"].concat()),
        of_one_page(page, &[b"<</Length 99 0 R>>\nstream\n", text.as_bytes(), b"\nendstream"].concat()),
    ];
    for file in intact {
        assert_eq!(texts(&read(&file)).join(" ").matches("area").count(), 1, "{:?}", read(&file));
    }
    assert!(read(&of_one_page(b"<</Type/Page/Parent 2 0 R>>", b"null")).blocks.is_empty());
}

#[test]
fn text_that_is_painted_twice_counts_once_and_is_bold() {
    let twice = |x: f64, y: f64, text: &str| line(x, y, text) + &line(x + 0.4, y, text);
    let whole = twice(72.0, 700.0, "Main findings") + &line(72.0, 660.0, "Leaders plan well.");
    // Each letter by itself, and the whole page once more at its end.
    let letters =
        [(72.0, "W"), (83.3, "i"), (86.0, "l"), (88.7, "l")].map(|(x, letter)| twice(x, 700.0, letter)).concat();
    let layer = line(72.0, 700.0, "Main findings")
        + &line(72.0, 660.0, "Leaders plan well.")
        + &line(72.3, 700.0, "Main findings");
    for (content, heading) in [(whole, "Main findings"), (letters, "Will"), (layer, "Main findings")] {
        let document = read(&untagged(&[content]));
        assert_eq!((document.blocks[0].text.as_str(), document.blocks[0].bold), (heading, true));
        assert!(document.blocks.iter().skip(1).all(|block| block.text == "Leaders plan well." && !block.bold));
    }
}

#[test]
fn words_repeated_next_to_each_other_are_not_text_painted_twice() {
    let content = line(72.0, 700.0, "had") + &line(96.0, 700.0, "had") + &line(72.0, 686.0, "had");
    assert_eq!(times(&read(&untagged(&[content])), "had had had"), 1);
}

#[test]
fn of_text_painted_twice_the_tagged_part_is_kept() {
    let shadow = format!("/Artifact BMC {}EMC ", line(72.5, 699.5, "Main findings"));
    let page = format!("{shadow}/P <</MCID 0>> BDC {}EMC ", line(72.0, 700.0, "Main findings"));
    let document = read(&tagged_pages(&[page], &["<</Type/StructTreeRoot/K 61 0 R>>", "<</S/P/Pg 4 0 R/K 0>>"]));
    assert_eq!(texts(&document), ["Main findings"]);
}

/// A picture of this width and height in the lower left corner.
fn picture(width: u32, height: u32) -> String {
    format!("q {width} 0 0 {height} 0 0 cm /I Do Q ")
}

#[test]
fn scans_with_a_stamp_need_ocr() {
    let stamp = line(60.0, 20.0, "Scanned by the records office");
    let whole = picture(595, 800) + &stamp;
    let strips: String = (0..10).map(|i| format!("q 595 0 0 80 0 {} cm /I Do Q ", i * 80)).collect();
    for page in [whole, strips + &stamp] {
        let document = read(&untagged(&[page.clone(), page]));
        assert_eq!(document.status, TextStatus::NeedsOcr);
        assert!(document.quality.iter().all(|page| page.image_only));
    }
}

#[test]
fn pictures_beside_text_and_behind_it_need_no_ocr() {
    let text: String = (0..30).map(|i| line(72.0, 750.0 - 20.0 * f64::from(i), "Leaders plan well for it.")).collect();
    let logo = picture(200, 90) + &line(72.0, 700.0, "Yours sincerely");
    let background = [picture(595, 842) + &text, picture(595, 842) + &line(72.0, 700.0, "Yours sincerely")];
    for pages in [vec![logo], background.to_vec()] {
        let document = read(&untagged(&pages));
        assert_eq!(document.status, TextStatus::Good, "{:?}", document.quality);
    }
}

/// What the codes of a font read as, and how many of them could not be mapped.
fn shown(font: &str, streams: &[Vec<u8>], codes: &str) -> (String, u32) {
    let document = read(&with_font(font, streams, codes));
    (texts(&document).join("|"), document.quality[0].unmapped)
}

#[test]
fn an_empty_map_leaves_the_codes_to_the_encoding() {
    let font = "/Subtype/TrueType/BaseFont/X/ToUnicode 6 0 R";
    let empty = stream("", b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange endcmap");
    assert_eq!(shown(font, &[empty], "4c6561646572"), ("Leader".to_owned(), 0));
}

#[test]
fn codes_are_characters_where_the_name_of_an_encoding_says_so() {
    let descendants = "/Subtype/Type0/BaseFont/X/DescendantFonts[<</Subtype/CIDFontType2/BaseFont/X>>]";
    let named = format!("{descendants}/Encoding/Identity-H/ToUnicode/Identity-H");
    assert_eq!(shown(&named, &[], "00480069fb01"), ("Hifi".to_owned(), 0));
    let unicode = format!("{descendants}/Encoding/UniGB-UCS2-H");
    assert_eq!(shown(&unicode, &[], "00480069"), ("Hi".to_owned(), 0));
    let silent = format!("{descendants}/Encoding/Identity-H");
    assert_eq!(shown(&silent, &[], "00480069").1, 2);
}

#[test]
fn glyph_names_that_number_characters_are_read_and_others_count_as_unmapped() {
    let font =
        |names: &str| format!("/Subtype/Type3/FirstChar 1/Widths[600 600 600]/Encoding<</Differences[1{names}]>>");
    assert_eq!(shown(&font("/a72/C105/c146"), &[], "010203"), ("Hi’".to_owned(), 0));
    // Without the glyph name, the second code would be read as a letter.
    let standard = "/Subtype/Type1/BaseFont/X/FirstChar 65/Widths[600 600]/Encoding<</Differences[65/A/g300]>>";
    assert_eq!(shown(standard, &[], "4142").1, 1);
}

#[test]
fn an_embedded_font_gives_the_encoding_that_the_document_leaves_out() {
    let words = ("officen".to_owned(), 0);
    let descriptor = |key: &str| format!("/FontDescriptor<</Type/FontDescriptor/{key} 6 0 R>>/FirstChar 1/LastChar 69");
    let widths = format!("/Widths[{}]", "600 ".repeat(69));
    let compact = [stream("/Subtype/Type1C", &file("tiny.cff"))];
    let font = format!("/Subtype/Type1/BaseFont/X{}{widths}", descriptor("FontFile3"));
    assert_eq!(shown(&font, &compact, "4102424344"), words);
    // A map that has only the letters.
    let map = stream("", b"begincmap 4 beginbfchar <41> <006f> <42> <0063> <43> <0065> <44> <006e> endbfchar endcmap");
    let mapped = format!("{font}/ToUnicode 7 0 R");
    assert_eq!(shown(&mapped, &[compact[0].clone(), map], "4102424344"), words);
    let program = b"%!PS-AdobeFont-1.0: X\n/Encoding 256 array 0 1 255 {1 index exch /.notdef put} for
        dup 65 /o put dup 2 /ffi put dup 66 /c put dup 67 /e put dup 68 /n put readonly def currentfile eexec";
    let type1 = format!("/Subtype/Type1/BaseFont/X{}{widths}", descriptor("FontFile"));
    assert_eq!(shown(&type1, &[stream("", program)], "4102424344"), words);
}

#[test]
fn a_composite_font_without_a_map_is_read_by_the_characters_of_its_program() {
    let descendant = "<</Subtype/CIDFontType2/BaseFont/X/FontDescriptor<</FontFile2 6 0 R>>/CIDToGIDMap ";
    let font =
        |map: &str| format!("/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[{descendant}{map}>>]");
    let program = stream("", &file("tiny.ttf"));
    let by_glyph = shown(&font("/Identity"), std::slice::from_ref(&program), "00010002000300040006");
    assert_eq!(by_glyph, ("officen".to_owned(), 0));
    let turned = stream("", &[0, 0, 0, 6, 0, 4, 0, 3, 0, 2, 0, 1]);
    assert_eq!(shown(&font("7 0 R"), &[program, turned], "00050004000300020001"), ("officen".to_owned(), 0));
}

#[test]
fn any_font_program_gives_text_or_an_error() {
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12);
    proptest!(config, |(changes in changes, kind in 0..3_usize)| {
        let key = ["FontFile3", "FontFile2", "FontFile"][kind];
        let mut program = file(if kind == 0 { "tiny.cff" } else { "tiny.ttf" });
        for (index, byte) in changes {
            let place = index.index(program.len());
            program[place] = byte;
        }
        let descriptor = format!("/FontDescriptor<</{key} 6 0 R>>");
        let simple = format!("/Subtype/Type1/BaseFont/X/FirstChar 0/Widths[600 600 600]{descriptor}");
        let descendant = format!("<</Subtype/CIDFontType2{descriptor}>>");
        let composite = format!("/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[{descendant}]");
        for font in [simple, composite] {
            let outcome = extract(&with_font(&font, &[stream("", &program)], "000102030405"), &Limits::default());
            prop_assert!(!matches!(outcome, Err(ExtractError::Internal { .. })), "{:?}", outcome);
        }
    });
}
