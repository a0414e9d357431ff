//! A briefing file has the figures and quotes that the commands answer with, and a word processor opens it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::path::Path;
use std::process::Command;

use docx_rs::{DocumentChild, Paragraph, ParagraphChild, RunChild, TableCellContent, TableChild, TableRowChild};
use serde_json::Value;
use support::http::get;
use support::program::{json, sendlens};
use support::service::{data, shared};

const TODAY: &str = "2026-01-15";

fn write_briefing(dir: &Path, name: &str, options: &[&str]) -> Vec<u8> {
    let file = dir.join(name);
    let output =
        sendlens(data()).args(["briefing", "971", "--today", TODAY, "--to"]).arg(&file).args(options).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(file).unwrap()
}

fn ask(arguments: &[&str]) -> Value {
    json(&sendlens(data()).args(arguments).args(["--format", "json"]).output().unwrap(), 0)
}

fn text(children: &[ParagraphChild]) -> String {
    let mut found = String::new();
    for child in children {
        match child {
            ParagraphChild::Run(run) => {
                for part in &run.children {
                    match part {
                        RunChild::Text(part) => found += &part.text,
                        RunChild::Break(_) => found.push('\n'),
                        _ => {}
                    }
                }
            }
            ParagraphChild::Hyperlink(link) => found += &text(&link.children),
            _ => {}
        }
    }
    found
}

fn style(paragraph: &Paragraph) -> String {
    paragraph.property.style.as_ref().map(|style| style.val.clone()).unwrap_or_default()
}

/// A table as rows of cells.
type Table = Vec<Vec<String>>;

/// The document read back: paragraphs with their style, and tables.
fn read(bytes: &[u8]) -> (Vec<(String, String)>, Vec<Table>) {
    let document = docx_rs::read_docx(bytes).expect("the document can be read back");
    let (mut paragraphs, mut tables) = (Vec::new(), Vec::new());
    for child in &document.document.children {
        match child {
            DocumentChild::Paragraph(paragraph) => paragraphs.push((style(paragraph), text(&paragraph.children))),
            DocumentChild::Table(table) => {
                let rows = table.rows.iter().map(|TableChild::TableRow(row)| {
                    let cells = row.cells.iter().map(|TableRowChild::TableCell(cell)| {
                        let lines = cell.children.iter().filter_map(|content| match content {
                            TableCellContent::Paragraph(paragraph) => Some(text(&paragraph.children)),
                            _ => None,
                        });
                        lines.collect::<Vec<_>>().join("\n")
                    });
                    cells.collect()
                });
                tables.push(rows.collect());
            }
            _ => {}
        }
    }
    (paragraphs, tables)
}

#[test]
fn the_word_document_says_what_the_commands_answer() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = write_briefing(dir.path(), "a.docx", &["--basis", "all"]);
    assert!(
        bytes == write_briefing(dir.path(), "b.docx", &["--basis", "all"]),
        "the same dataset and day give the same bytes"
    );
    let (paragraphs, tables) = read(&bytes);
    let of_style = |wanted: &str| -> Vec<&str> {
        paragraphs.iter().filter(|(style, _)| style == wanted).map(|(_, text)| text.as_str()).collect()
    };
    assert_eq!(of_style("Title"), ["Inspection briefing: Thornwick"]);
    assert_eq!(
        of_style("Heading1"),
        [
            "How Thornwick stands",
            "What was found here, and what became of it",
            "What areas like it were flagged for",
            "Questions to be able to answer",
            "Sources and cautions",
        ]
    );
    let history = ask(&["area", "971", "--today", TODAY]);
    let found_here = &tables[1..tables.len() - 1];
    let rows: Vec<&Vec<String>> = found_here.iter().flat_map(|table| table.iter().skip(1)).collect();
    // The latest inspection comes first.
    let items: Vec<&Value> = history["inspections"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .flat_map(|inspection| inspection["items"].as_array().unwrap())
        .collect();
    assert!(items.len() > 3 && rows.len() == items.len(), "every formal item, and nothing else: {}", rows.len());
    for (row, item) in rows.iter().zip(items) {
        assert_eq!(row[1], item["text"].as_str().unwrap(), "in the words of the letter");
        assert_eq!(row[2], item["page"].to_string());
        for later in item["followed_up"].as_array().unwrap() {
            let verdict =
                if later["verdict"] == "sufficient" { "Sufficient progress" } else { "Not sufficient progress" };
            assert!(row[3].contains(verdict), "{row:?}");
        }
    }
    let peers = ask(&["peers", "971", "--basis", "all", "--sort", "most-flagged"]);
    let mut themes: Vec<&Value> =
        peers["themes"].as_array().unwrap().iter().filter(|t| t["peers_flagged"].as_u64() > Some(0)).collect();
    themes.sort_by_key(|theme| std::cmp::Reverse(theme["peers_flagged"].as_u64()));
    themes.truncate(5);
    let shown = tables.last().unwrap();
    assert_eq!(
        shown[0],
        ["Theme", "Areas flagged", "Share (95% interval)", "Here"],
        "England is not compared with itself"
    );
    assert_eq!(shown.len(), themes.len() + 1);
    for (row, theme) in shown.iter().skip(1).zip(&themes) {
        assert!(row[0].starts_with(theme["label"].as_str().unwrap()), "{row:?}");
        assert_eq!(row[1], format!("{} of {}", theme["peers_flagged"], theme["of_peers"]));
        let percent = |name: &str| format!("{:.0}%", theme[name].as_f64().unwrap() * 100.0);
        assert!(row[2].starts_with(&format!("{} ({} to {})", percent("share"), percent("low"), percent("high"))));
    }
    let quotes = of_style("Quote");
    let expected: Vec<&Value> = themes.iter().flat_map(|t| t["quotes"].as_array().unwrap()).collect();
    assert_eq!(quotes.len(), expected.len());
    for (shown, quote) in quotes.iter().zip(expected) {
        assert!(shown.contains(quote["text"].as_str().unwrap()), "{shown}");
        assert!(shown.contains(&format!("{}, page {}", quote["area"].as_str().unwrap(), quote["page"])), "{shown}");
        assert!(shown.contains(quote["letter_id"].as_str().unwrap()), "{shown}");
    }
    assert!(of_style("ListBullet").iter().filter(|item| item.ends_with('?')).count() > 10, "questions to answer");
}

/// The text of markup, without its tags.
fn plain(markup: &str) -> String {
    regex::Regex::new("<[^>]*>").unwrap().replace_all(markup, "").trim().to_owned()
}

#[test]
fn the_page_and_the_document_have_the_same_themes_figures_and_questions() {
    let dir = tempfile::tempdir().unwrap();
    let cell = regex::Regex::new("<td class=\"n\" data-label=\"[A-Z][^\"]*\">(.*?)</td>").unwrap();
    for basis in ["all", "type", "region", "neighbours"] {
        let (paragraphs, tables) = read(&write_briefing(dir.path(), "same.docx", &["--basis", basis]));
        let page = get(shared(), &format!("/areas/971/briefing?basis={basis}")).text();
        let peers = &page[page.find("What similar areas were flagged for").unwrap()..];
        let shown: Vec<Vec<String>> = peers
            .split("<tr>")
            .skip(1)
            .filter(|row| row.contains("data-label=\"Areas flagged\""))
            .map(|row| {
                let theme = row.split("<th scope=\"row\">").nth(1).unwrap().split('<').next().unwrap();
                let cells = cell.captures_iter(row).map(|found| plain(&found[1].replace("<div>", " ")));
                [theme.replace("&amp;", "&").trim().to_owned()].into_iter().chain(cells).collect()
            })
            .collect();
        let in_document: Vec<Vec<String>> = tables
            .last()
            .unwrap()
            .iter()
            .skip(1)
            .map(|row| {
                let mut cells: Vec<String> = row[..row.len() - 1].iter().map(|cell| cell.replace('\n', " ")).collect();
                cells[0] = cells[0].trim_end_matches(" (small sample)").to_owned();
                cells
            })
            .collect();
        assert!(
            !shown.is_empty() && shown == in_document,
            "{basis}: {shown:?} on the page, {in_document:?} in the document"
        );
        let questions = |html: bool| -> Vec<String> {
            if html {
                let part = &page[page.find("Questions to be ready for").unwrap()..];
                part.split("<h3>").skip(2).map(|rest| plain(rest.split("</a>").next().unwrap())).collect()
            } else {
                let headings = paragraphs.iter().filter(|(style, _)| style == "Heading2").map(|(_, text)| text.clone());
                headings.skip_while(|text| text != "At any inspection").skip(1).collect()
            }
        };
        assert_eq!(questions(true), questions(false), "{basis}: the same themes have questions");
    }
}

#[test]
fn the_page_of_an_area_offers_the_same_documents() {
    let dir = tempfile::tempdir().unwrap();
    for (name, query) in [("briefing.docx", ""), ("briefing.html", "?basis=region")] {
        let answer = get(shared(), &format!("/areas/971/{name}{query}"));
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-disposition").unwrap().contains("sendlens-briefing-971"));
        let options: &[&str] = if query.is_empty() { &[] } else { &["--basis", "region"] };
        assert!(answer.body == write_briefing(dir.path(), name, options), "{name} from the page and from the command");
    }
    let page = get(shared(), "/areas/971/briefing?basis=region").text();
    assert!(page.contains("href=\"/areas/971/briefing.docx?basis=region\""), "the link keeps the basis");
    let html = String::from_utf8(write_briefing(dir.path(), "a.html", &[])).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && !html.contains("<script") && !html.contains("<link"));
}

#[test]
fn a_file_name_with_another_ending_is_refused_with_advice() {
    let dir = tempfile::tempdir().unwrap();
    let output = sendlens(data()).args(["briefing", "971", "--to"]).arg(dir.path().join("a.doc")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ends in .docx or .html"));
}

/// Converts the briefing on an invented area to PDF with LibreOffice. `None` where LibreOffice is not installed.
fn convert_to_pdf(dir: &Path) -> Option<std::path::PathBuf> {
    let Some(office) = ["soffice", "libreoffice"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()))
    else {
        println!("skipped: LibreOffice is not installed (Debian: libreoffice-writer)");
        return None;
    };
    write_briefing(dir, "briefing.docx", &["--basis", "all"]);
    let profile = format!("-env:UserInstallation=file://{}", dir.join("profile").display());
    let output = Command::new(office)
        .args([&profile, "--headless", "--convert-to", "pdf", "--outdir"])
        .arg(dir)
        .arg(dir.join("briefing.docx"))
        .output()
        .unwrap();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !printed.contains("Error") && !printed.contains("corrupt"), "{printed}");
    Some(dir.join("briefing.pdf"))
}

#[test]
fn libreoffice_opens_the_word_document_and_makes_pages_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let Some(pdf) = convert_to_pdf(dir.path()) else { return };
    let pdf = lopdf::Document::load(pdf).expect("LibreOffice makes a PDF");
    let pages = pdf.get_pages().len();
    assert!((3..=16).contains(&pages), "a briefing of {pages} pages");
}

/// Makes the pictures of the Word document in docs/using.md: `cargo test --test briefing -- --ignored tour`.
#[test]
#[ignore = "writes files of the project; run it when the document changes"]
fn tour() {
    let dir = tempfile::tempdir().unwrap();
    let pdf = convert_to_pdf(dir.path()).expect("LibreOffice is installed");
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/tour/briefing-word");
    let pictures = Command::new("pdftoppm").args(["-png", "-r", "70", "-l", "2"]).arg(pdf).arg(to).status();
    assert!(pictures.expect("pdftoppm is installed (Debian: poppler-utils)").success());
}
