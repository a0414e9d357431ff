//! A PDF is read by its structure or by its layout, encrypted files are opened, unreliable text is reported, and an error
//! says why a file cannot be read.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "extract/hostile.rs"]
#[allow(dead_code, reason = "only its noise is used here")]
mod hostile;
#[path = "extract/pages.rs"]
mod pages;
#[path = "extract/wrap.rs"]
mod wrap;

use pages::{file, fixture, line, read, texts, untagged};
use proptest::prelude::*;
use sendlens::domain::{Block, BlockKind, DocumentText, Method, TextStatus};
use sendlens::extract::{ExtractError, Limits, extract, plain_text};
use wrap::{as_cmap, as_content, as_structure, pdf, stream};

/// A tagged document: its content and its structure elements, which are objects 7 and up.
fn tagged(content: &str, elements: &[&str]) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = vec![
        b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 6 0 R/MarkInfo<</Marked true>>>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 20 0 R>>>>>>".to_vec(),
        stream("", content.as_bytes()),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec(),
        b"<</Type/StructTreeRoot/K 7 0 R/RoleMap<</Body_Text/P>>>>".to_vec(),
    ];
    objects.extend(elements.iter().map(|element| element.as_bytes().to_vec()));
    pdf(&objects)
}

#[test]
fn blocks_follow_the_structure_and_not_the_page() {
    let content = "BT /F 12 Tf 72 700 Td /P <</MCID 1>> BDC (painted first) Tj EMC
        0 -20 Td /P <</MCID 0>> BDC (read first) Tj EMC 0 -20 Td /Artifact BMC (page 1) Tj EMC ET";
    let document = tagged(
        content,
        &[
            "<</S/Document/K[8 0 R 9 0 R]>>",
            "<</S/Body_Text/Pg 3 0 R/K 0>>",
            "<</S/P/Pg 3 0 R/K[<</Type/MCR/MCID 1>>]>>",
        ],
    );
    let document = read(&document);
    assert_eq!(document.method, Method::Tagged);
    assert_eq!(texts(&document), ["read first", "painted first"]);
}

#[test]
fn marked_content_inside_forms_is_found() {
    let form =
        "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/StructParents 1/Resources<</Font<</F 5 0 R>>>>/Length 70>>
stream\nBT /F 12 Tf 72 600 Td /P <</MCID 0>> BDC (inside the form) Tj EMC ET   \nendstream";
    let mut elements = vec!["<</S/P/Pg 3 0 R/K[<</Type/MCR/Pg 3 0 R/Stm 20 0 R/MCID 0>>]>>"];
    elements.extend(["null"; 12]);
    elements.push(form);
    assert_eq!(texts(&read(&tagged("/X Do", &elements))), ["inside the form"]);
}

#[test]
fn list_items_have_levels_and_labels() {
    let content = "BT /F 12 Tf 72 700 Td 20 TL
        /Lbl <</MCID 0>> BDC (\\225) Tj EMC ( ) Tj /LBody <</MCID 1>> BDC (outer) Tj EMC T*
        /Lbl <</MCID 2>> BDC (1.) Tj EMC /LBody <</MCID 3>> BDC ( inner) Tj EMC ET";
    let document = read(&tagged(
        content,
        &[
            "<</S/L/K[8 0 R]>>",
            "<</S/LI/Pg 3 0 R/K[9 0 R 10 0 R]>>",
            "<</S/Lbl/Pg 3 0 R/K 0>>",
            "<</S/LBody/Pg 3 0 R/K[1 11 0 R]>>",
            "<</S/L/K 12 0 R>>",
            "<</S/LI/Pg 3 0 R/K[13 0 R 14 0 R]>>",
            "<</S/Lbl/Pg 3 0 R/K 2>>",
            "<</S/LBody/Pg 3 0 R/K 3>>",
        ],
    ));
    let items: Vec<_> = document.blocks.iter().map(|b| (b.kind, b.level, b.label.as_deref(), &b.text[..])).collect();
    assert_eq!(items, [(BlockKind::ListItem, 1, Some("•"), "outer"), (BlockKind::ListItem, 2, Some("1."), "inner")]);
}

#[test]
fn a_label_that_holds_words_is_text_in_its_place_on_the_line() {
    let content = "BT /F 12 Tf 72 700 Td /Lbl <</MCID 0>> BDC (\\225 ) Tj EMC /LBody <</MCID 1>> BDC (leaders ) Tj EMC
        /Lbl <</MCID 0>> BDC (have ) Tj EMC /LBody <</MCID 1>> BDC (acted) Tj EMC ET";
    let elements = [
        "<</S/L/K 8 0 R>>",
        "<</S/LI/Pg 3 0 R/K[9 0 R 10 0 R]>>",
        "<</S/Lbl/Pg 3 0 R/K 0>>",
        "<</S/LBody/Pg 3 0 R/K 1>>",
    ];
    let document = read(&tagged(content, &elements));
    assert_eq!(texts(&document), ["leaders have acted"]);
    assert_eq!(document.blocks[0].label.as_deref(), Some("•"));
}

#[test]
fn actual_text_replaces_the_text_of_its_element_and_not_the_label() {
    let content = "BT /F 12 Tf 72 700 Td /Lbl <</MCID 0>> BDC (plans) Tj EMC /LBody <</MCID 1>> BDC ( ) Tj EMC
        /LBody <</MCID 2>> BDC (are late.) Tj EMC ET";
    let elements = [
        "<</S/L/K 8 0 R>>",
        "<</S/LI/Pg 3 0 R/K[9 0 R 10 0 R]>>",
        "<</S/Lbl/Pg 3 0 R/K 0>>",
        "<</S/LBody/Pg 3 0 R/K[11 0 R 12 0 R]>>",
        "<</S/Span/Pg 3 0 R/ActualText( )/K 1>>",
        "<</S/Span/Pg 3 0 R/ActualText(are very late.)/K 2>>",
    ];
    assert_eq!(texts(&read(&tagged(content, &elements))), ["plans are very late."]);
}

/// Text, table, row and column of a block.
type Placed<'d> = (&'d str, Option<u32>, Option<u32>, Option<u32>);

fn placed(document: &DocumentText) -> Vec<Placed<'_>> {
    document.blocks.iter().map(|b| (b.text.as_str(), b.table, b.row, b.column)).collect()
}

/// A page with a ruled table: lines as thin areas, as strokes, and as boxes; the lower left cell takes two rows.
fn ruled_table() -> String {
    let lines = "72 700 400 0.5 re f 72 660 m 472 660 l S 200 620 272 40 re S 72 580 400 40 re S 72 580 0.5 120 re f
        200 580 m 200 700 l 200 700 l S 472 580 m 472 700 l s 72 620 m 73 620 l S ";
    let content = [
        format!("/P <</MCID 0>> BDC {}EMC ", line(72.0, 750.0, "Before it.")),
        lines.to_owned(),
        line(76.0, 686.0, "Body"),
        line(204.0, 686.0, "Action that is"),
        line(204.0, 672.0, "long"),
        line(204.0, 640.0, "Second"),
        line(76.0, 640.0, "Council"),
        line(72.0, 550.0, "After it."),
    ];
    content.concat()
}

#[test]
fn ruled_lines_make_a_table_of_text_that_no_structure_describes() {
    let document = read(&untagged(&[ruled_table()]));
    assert_eq!(document.method, Method::Layout);
    let cell = |text, row, column| (text, Some(1), Some(row), Some(column));
    assert_eq!(
        placed(&document),
        [
            ("Before it.", None, None, None),
            cell("Body", 1, 1),
            cell("Action that is long", 1, 2),
            cell("Council", 2, 1),
            cell("Second", 2, 2),
            ("After it.", None, None, None),
        ]
    );
}

#[test]
fn layout_is_used_where_the_structure_holds_little_of_the_text() {
    let bytes = tagged(&ruled_table(), &["<</S/P/Pg 3 0 R/K 0>>"]);
    let document = read(&bytes);
    assert_eq!(document.method, Method::Layout);
    assert_eq!(document.blocks, read(&untagged(&[ruled_table()])).blocks);
    assert!(document.blocks.iter().any(|block| block.table.is_some()));
    // The page is read twice but its operators count once: there are about 60, of which 20 draw.
    assert!(extract(&bytes, &Limits { operators: 80, ..Limits::default() }).is_ok());
    assert!(extract(&bytes, &Limits { operators: 50, ..Limits::default() }).is_err());
}

#[test]
fn a_ruled_table_continues_on_the_next_page() {
    let grid = |top: u32| format!("72 {top} 128 60 re S 200 {top} 272 60 re S ");
    let first = [
        grid(60),
        line(76.0, 108.0, "Body"),
        line(204.0, 108.0, "Leaders should see to it that every plan that"),
        line(204.0, 94.0, "they write is read by those who must work with"),
    ];
    let second = [
        grid(740),
        line(204.0, 786.0, "it every day."),
        grid(680),
        line(76.0, 726.0, "Trust"),
        line(204.0, 726.0, "Leaders should act."),
    ];
    let document = read(&untagged(&[first.concat(), second.concat()]));
    let whole =
        "Leaders should see to it that every plan that they write is read by those who must work with it every day.";
    let cell = |text, row, column| (text, Some(1), Some(row), Some(column));
    assert_eq!(
        placed(&document),
        [cell("Body", 1, 1), cell(whole, 1, 2), cell("Trust", 2, 1), cell("Leaders should act.", 2, 2)]
    );
}

#[test]
fn text_side_by_side_is_a_table_where_it_was_painted_cell_by_cell() {
    let content = [
        line(72.0, 760.0, "Nothing stands beside this line, which is long enough to reach over both of the columns."),
        line(72.0, 730.0, "Body"),
        line(220.0, 730.0, "Action"),
        line(72.0, 710.0, "Orme"),
        line(72.0, 696.0, "Council"),
        line(220.0, 710.0, "Leaders should act on what they hear from the many"),
        line(220.0, 696.0, "families who wait."),
        line(72.0, 676.0, "Venn Trust"),
        line(220.0, 676.0, "Leaders should plan."),
        line(72.0, 640.0, "Nothing stands beside this line, which is long enough to reach over both of the columns."),
    ];
    let document = read(&untagged(&[content.concat()]));
    let rows: Vec<_> = document.blocks.iter().map(|b| (b.row, b.column, b.text.as_str())).collect();
    let cells = &rows[1..rows.len() - 1];
    let whole = "Leaders should act on what they hear from the many families who wait.";
    assert_eq!(
        cells,
        [
            (Some(1), Some(1), "Body"),
            (Some(1), Some(2), "Action"),
            (Some(2), Some(1), "Orme Council"),
            (Some(2), Some(2), whole),
            (Some(3), Some(1), "Venn Trust"),
            (Some(3), Some(2), "Leaders should plan."),
        ]
    );
    assert!(rows.first().is_some_and(|r| r.0.is_none()) && rows.last().is_some_and(|r| r.0.is_none()));
}

/// A round bullet drawn as a path.
fn disc(y: f64) -> String {
    let (top, foot) = (y + 2.0, y - 2.0);
    let arcs = format!("77 {top} 77 {top} 75 {top} c 73 {top} 73 {top} 73 {y} c 73 {foot} 73 {foot} 75 {foot} c");
    format!("77 {y} m {arcs} 77 {foot} 77 {foot} 77 {y} c f ")
}

#[test]
fn bullets_that_are_drawn_and_not_written_begin_items() {
    let content = [
        line(72.0, 700.0, "Leaders should:"),
        disc(684.0),
        line(86.0, 680.0, "plan"),
        disc(664.0),
        line(86.0, 660.0, "act on it"),
    ];
    let document = read(&untagged(&[content.concat()]));
    let items: Vec<_> = document.blocks.iter().map(|b| (b.label.as_deref(), b.text.as_str())).collect();
    assert_eq!(items, [(None, "Leaders should:"), (Some("•"), "plan"), (Some("•"), "act on it")]);
}

#[test]
fn a_picture_of_many_lines_and_the_frame_of_a_page_are_not_tables() {
    let frame = "20 20 555 802 re S ";
    let underlined = "72 698 m 180 698 l S ";
    let picture: String = (0..7_000).map(|i| format!("{} 100 m {} 700 l S ", 100 + i % 90, 100 + i % 90)).collect();
    let text = [line(72.0, 700.0, "A sentence by itself."), line(72.0, 600.0, "Another.")].concat();
    for content in [format!("{frame}{text}"), format!("{underlined}{text}"), format!("{picture}{frame}{text}")] {
        let document = read(&untagged(&[content]));
        assert!(document.blocks.iter().all(|b| b.table.is_none()), "{:?}", placed(&document));
        assert_eq!(texts(&document), ["A sentence by itself.", "Another."]);
    }
}

#[test]
fn a_number_at_the_start_of_a_line_within_a_sentence_begins_no_item() {
    let content = [
        line(72.0, 700.0, "1. Therapists help those who are aged from five to"),
        line(86.0, 686.0, "18. They are few, and families wait for them too"),
        line(86.0, 672.0, "long."),
        line(72.0, 650.0, "2. Schools say so"),
        line(72.0, 630.0, "3. Parents do."),
    ];
    let document = read(&untagged(&[content.concat()]));
    let items: Vec<_> = document.blocks.iter().map(|b| (b.label.as_deref(), b.text.as_str())).collect();
    assert_eq!(
        items,
        [
            (
                Some("1."),
                "Therapists help those who are aged from five to 18. They are few, and families wait for them too long."
            ),
            (Some("2."), "Schools say so"),
            (Some("3."), "Parents do."),
        ]
    );
}

#[test]
fn words_tagged_under_another_item_return_to_the_sentence_they_were_painted_in() {
    let content = "BT /F 12 Tf 72 700 Td 20 TL
        /P <</MCID 0>> BDC (Leaders know ) Tj EMC /P <</MCID 1>> BDC (what children need ) Tj EMC
        /P <</MCID 2>> BDC (and plan for it.) Tj EMC T* /P <</MCID 3>> BDC (Parents agree.) Tj EMC ET";
    let elements = [
        "<</S/L/K[8 0 R 10 0 R]>>",
        "<</S/LI/K 9 0 R>>",
        "<</S/LBody/Pg 3 0 R/K[0 2]>>",
        "<</S/LI/K[11 0 R 12 0 R]>>",
        "<</S/Lbl/Pg 3 0 R/K 1>>",
        "<</S/LBody/Pg 3 0 R/K 3>>",
    ];
    let document = read(&tagged(content, &elements));
    assert_eq!(texts(&document), ["Leaders know what children need and plan for it.", "Parents agree."]);
}

#[test]
fn cells_keep_their_place_beside_cells_that_span() {
    let content = "BT /F 12 Tf 72 700 Td 20 TL /P <</MCID 0>> BDC (tall) Tj EMC T* /P <</MCID 1>> BDC (wide) Tj EMC T*
        /P <</MCID 2>> BDC (last) Tj EMC T* /P <</MCID 3>> BDC (below) Tj EMC ET";
    let document = read(&tagged(
        content,
        &[
            "<</S/Table/K[8 0 R 12 0 R]>>",
            "<</S/TR/K[9 0 R 10 0 R 11 0 R]>>",
            "<</S/TD/Pg 3 0 R/K 0/A<</O/Table/RowSpan 2>>>>",
            "<</S/TD/Pg 3 0 R/K 1/A[<</O/Layout>><</O/Table/ColSpan 2>>]>>",
            "<</S/TD/Pg 3 0 R/K 2>>",
            "<</S/TR/K[13 0 R]>>",
            "<</S/TD/Pg 3 0 R/K 3>>",
        ],
    ));
    let places: Vec<_> = document.blocks.iter().map(|b| (&b.text[..], b.table, b.row, b.column)).collect();
    let at = |row, column| (Some(1), Some(row), Some(column));
    let expected = [("tall", at(1, 1)), ("wide", at(1, 2)), ("last", at(1, 4)), ("below", at(2, 2))];
    assert_eq!(places, expected.map(|(text, (table, row, column))| (text, table, row, column)));
    assert!(document.blocks.iter().all(|block| block.kind == BlockKind::TableCell));
}

#[test]
fn spaces_hyphens_and_ligatures_are_cleaned() {
    // A gap without a space, spaces in a row, a hyphen at a line's end, a soft hyphen, a ligature.
    let content = "BT /F 12 Tf 1 0 0 1 72 700 Tm /P <</MCID 0>> BDC (one) Tj 1 0 0 1 110 700 Tm (two   three) Tj
        1 0 0 1 72 680 Tm (co-) Tj 1 0 0 1 72 660 Tm (produced inter\\255nal of) Tj
        /Span <</ActualText <FEFFFB01>>> BDC (x) Tj EMC (ce) Tj EMC ET";
    let document = read(&tagged(content, &["<</S/P/Pg 3 0 R/K 0>>"]));
    assert_eq!(texts(&document), ["one two three co-produced internal office"]);
}

#[test]
fn a_hyphen_at_a_line_end_is_removed_where_the_document_has_the_whole_word() {
    let content = "BT /F 12 Tf 1 0 0 1 72 700 Tm /P <</MCID 0>> BDC (chil-) Tj 1 0 0 1 72 680 Tm (dren learn) Tj EMC
        1 0 0 1 72 640 Tm /P <</MCID 1>> BDC (Some children) Tj EMC ET";
    let elements = ["<</S/Sect/K[8 0 R 9 0 R]>>", "<</S/P/Pg 3 0 R/K 0>>", "<</S/P/Pg 3 0 R/K 1>>"];
    assert_eq!(texts(&read(&tagged(content, &elements))), ["children learn", "Some children"]);
}

#[test]
fn text_missing_from_the_structure_is_kept_in_its_place() {
    let content = "BT /F 12 Tf 1 0 0 1 72 700 Tm /P <</MCID 0>> BDC (first of the tagged text) Tj EMC
        1 0 0 1 72 600 Tm (forgotten) Tj 1 0 0 1 72 500 Tm /P <</MCID 1>> BDC (last of the tagged text) Tj EMC ET";
    let elements = ["<</S/Sect/K[8 0 R 9 0 R]>>", "<</S/P/Pg 3 0 R/K 0>>", "<</S/P/Pg 3 0 R/K 1>>"];
    let document = read(&tagged(content, &elements));
    assert_eq!(texts(&document), ["first of the tagged text", "forgotten", "last of the tagged text"]);
}

#[test]
fn text_missing_from_the_structure_keeps_the_bullets_drawn_before_it() {
    let first = format!("/P <</MCID 0>> BDC {}EMC ", line(72.0, 700.0, "Leaders in the area should now do this:"));
    let items = [disc(684.0), line(86.0, 680.0, "plan"), disc(664.0), line(86.0, 660.0, "act on it")].concat();
    let document = read(&tagged(&format!("{first}{items}"), &["<</S/P/Pg 3 0 R/K 0>>"]));
    assert_eq!(document.method, Method::Tagged);
    let items: Vec<_> = document.blocks[1..].iter().map(|b| (b.label.as_deref(), b.text.as_str())).collect();
    assert_eq!(items, [(Some("•"), "plan"), (Some("•"), "act on it")]);
}

#[test]
fn encrypted_files_open_with_the_empty_password_and_no_other() {
    let plain = texts(&read(&file("plain.pdf"))).join("|");
    assert!(plain.contains("Hello world"), "{plain}");
    for name in ["objstm.pdf", "enc_rc40.pdf", "enc_rc128.pdf", "enc_aes128.pdf", "enc_aes256.pdf"] {
        assert_eq!(texts(&read(&file(name))).join("|"), plain, "{name}");
    }
    let error = extract(&file("enc_user.pdf"), &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "encrypted");
}

#[test]
fn a_file_that_is_not_a_pdf_is_named_as_what_it_is() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"PK\x03\x04....", "docx"),
        (b"{\"a\": 1}", "JSON"),
        (b"\x89PNG\r\n", "image"),
        (b"Dear parents", "plain text"),
    ];
    for (bytes, named) in cases {
        let error = extract(bytes, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "not_a_pdf");
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn unreliable_text_is_reported() {
    let page =
        |resources: &str| format!("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<{resources}>>>>").into_bytes();
    let with = |page: Vec<u8>, content: &[u8], last: &[u8]| {
        let catalog = b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
        read(&pdf(&[catalog, b"<</Kids[3 0 R]/Count 1>>".to_vec(), page, stream("", content), last.to_vec()]))
    };
    let scan = with(page("/XObject<</I 5 0 R>>"), b"/I Do", &stream("/Subtype/Image", b"x"));
    assert_eq!((scan.status, scan.quality[0].image_only), (TextStatus::NeedsOcr, true));
    let font = b"<</Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</Subtype/CIDFontType2>>]>>";
    let unmapped = with(page("/Font<</F 5 0 R>>"), b"BT /F 9 Tf 9 9 Td <00410042> Tj ET", font);
    assert_eq!((unmapped.status, unmapped.quality[0].unmapped), (TextStatus::PoorText, 2));
}

#[test]
fn each_limit_is_an_error_that_names_it() {
    let bytes = fixture("2016-thornwick-outcome.pdf");
    let limits = [
        Limits { file_bytes: 100, ..Limits::default() },
        Limits { stream_bytes: 100, ..Limits::default() },
        Limits { document_bytes: 5_000, ..Limits::default() },
        Limits { operands: 1, ..Limits::default() },
        Limits { structure_depth: 1, ..Limits::default() },
        Limits { structure_elements: 5, ..Limits::default() },
        Limits { operators: 50, ..Limits::default() },
        Limits { text_pieces: 10, ..Limits::default() },
        Limits { text_bytes: 100, ..Limits::default() },
        Limits { pages: 1, ..Limits::default() },
        Limits { time: std::time::Duration::ZERO, ..Limits::default() },
    ];
    assert!(extract(&bytes, &Limits::default()).is_ok());
    for limits in limits {
        let error = extract(&bytes, &limits).unwrap_err();
        assert_eq!(error.code(), "limit", "{limits:?}");
    }
    let in_streams = include_bytes!("extract/files/objstm.pdf");
    let limits = Limits { object_stream_bytes: 100, ..Limits::default() };
    assert!(extract(in_streams, &Limits::default()).is_ok());
    assert!(extract(in_streams, &limits).unwrap_err().to_string().contains("all object streams"));
}

/// Asserts what holds for every text, however the file was made.
fn assert_sound(document: &DocumentText) {
    for block in &document.blocks {
        let Block { text, page_breaks, page, .. } = block;
        assert!(!text.is_empty() && text.trim() == text && !text.contains("  "), "{text:?}");
        assert!(!text.contains(['\u{ad}', '\n', '\t', '\u{fb01}']), "{text:?}");
        assert!((1..=document.pages).contains(page));
        let mut last = 0;
        for page_break in page_breaks {
            assert!(page_break.offset > last && text.is_char_boundary(page_break.offset));
            assert!((1..=document.pages).contains(&page_break.page));
            last = page_break.offset;
        }
    }
    assert_eq!(document.quality.len(), document.pages as usize);
}

/// Asserts that any bytes give text or an error, never a defect, and the same each time.
fn assert_text_or_error(bytes: &[u8]) {
    let limits = Limits { time: std::time::Duration::from_secs(5), ..Limits::default() };
    let outcome = extract(bytes, &limits);
    assert!(!matches!(outcome, Err(ExtractError::Internal { .. })), "{outcome:?}");
    if let Ok(document) = &outcome {
        assert_sound(document);
    }
    assert_eq!(outcome, extract(bytes, &limits));
}

#[test]
fn damaged_letters_never_break_the_reader() {
    for name in ["2016-thornwick-outcome.pdf", "2017-norvale-outcome.pdf"] {
        let sound = fixture(name);
        for part in 1..60 {
            assert_text_or_error(&sound[..sound.len() * part / 60]);
        }
        for seed in 0..60 {
            let mut broken = sound.clone();
            for (i, byte) in hostile::noise(30, seed).into_iter().enumerate() {
                let at = (usize::from(byte) * 7919 + i * 104_729 * (seed as usize + 1)) % broken.len();
                broken[at] ^= byte | 1;
            }
            assert_text_or_error(&broken);
        }
    }
}

#[test]
fn a_file_whose_cross_references_are_lost_gives_the_same_text() {
    for name in ["2016-thornwick-outcome.pdf", "2017-norvale-outcome.pdf", "2024-fenbridge-full.pdf"] {
        let sound = fixture(name);
        let mut broken = sound.clone();
        let start = broken.windows(9).rposition(|window| window == b"startxref").unwrap();
        broken.truncate(start);
        let (sound, broken) = (read(&sound), read(&broken));
        assert_eq!(sound.blocks, broken.blocks, "{name}");
    }
}

#[test]
fn plain_text_separates_blocks_by_a_blank_line() {
    let document = read(&fixture("2016-thornwick-outcome.pdf"));
    let text = plain_text(&document);
    assert_eq!(text.split("\n\n").count(), document.blocks.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_content_gives_text_or_an_error(data in "([-0-9. ]|BT |ET |q |Q |/F 9 Tf |\\([a-z\\- ]{0,9}\\) Tj |Td |Tm |cm |/P <</MCID [0-9]>> BDC |EMC |\\[|\\] TJ |/X Do ){0,80}") {
        assert_text_or_error(&as_content(data.as_bytes()));
    }

    #[test]
    fn any_map_gives_text_or_an_error(data in "(<[0-9a-f]{1,8}> |[0-9]{1,3} |begin|end|bfchar |bfrange |codespacerange |cidrange |\\[|\\] ){0,60}") {
        assert_text_or_error(&as_cmap(data.as_bytes()));
    }

    #[test]
    fn any_structure_gives_text_or_an_error(data in "(<<|>>|/S|/K|/P |/L |/LI |/Lbl |/LBody |/TD |/TR |/Table |/Pg 3 0 R|\\[|\\]|[0-9]{1,2} |([789]|1[0-9]) 0 R|/ActualText\\(a\\)|\0){0,80}") {
        assert_text_or_error(&as_structure(data.as_bytes()));
    }

    #[test]
    fn any_bytes_give_text_or_an_error(data in prop::collection::vec(any::<u8>(), 0..600)) {
        assert_text_or_error(&data);
        assert_text_or_error(&[b"%PDF-1.5\n", &data[..]].concat());
        assert_text_or_error(&as_structure(&data));
    }
}
