//! The blocks as a Word document with real headings, styles, lists and tables, so that its reader can edit it, build a
//! table of contents from it, and restyle it at once.
//!
//! Identifiers of paragraphs and links are counted here: those that the library gives by itself depend on what else the
//! program has written.

use std::io::Cursor;

use docx_rs::{
    AbstractNumbering, BreakType, Docx, Footer, Hyperlink, HyperlinkData, IndentLevel, Level, LevelJc, LevelText,
    LineSpacing, NumberFormat, Numbering, NumberingId, PageMargin, PageNum, Paragraph, ParagraphChild, Run, RunFonts,
    Shading, SpecialIndentType, Start, Style, StyleType, Table, TableCell, TableCellMargins, TableLayoutType, TableRow,
    WidthType,
};
use jiff::civil::Date;

use super::block::{Block, Line, Span};

/// Width of an A4 page between margins of two centimetres, in twentieths of a point.
const PAGE_WIDTH: u32 = 9638;
const MARGIN: i32 = 1134;
/// The number of the list style with bullets.
const BULLETS: usize = 2;

/// Writes the document.
pub(super) fn write(blocks: &[Block], made: Date) -> Result<Vec<u8>, String> {
    let mut writer = Writer::default();
    let day = format!("{made}T00:00:00Z");
    let mut document = styled(Docx::new().created_at(&day).updated_at(&day));
    let number = writer.paragraph("Footer").add_page_num(PageNum::new());
    document = document.footer(Footer::new().add_paragraph(number));
    for (place, block) in blocks.iter().enumerate() {
        let before_table = matches!(blocks.get(place + 1), Some(Block::Table { .. }));
        document = writer.block(document, block, before_table);
    }
    let mut bytes = Cursor::new(Vec::new());
    document.pack(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}

fn styled(document: Docx) -> Docx {
    let fonts = RunFonts::new().ascii("Arial").hi_ansi("Arial").cs("Arial");
    let spacing = |before, after| LineSpacing::new().before(before).after(after);
    let heading = |level: usize, size: usize, before: u32| {
        Style::new(format!("Heading{level}"), StyleType::Paragraph)
            .name(format!("heading {level}"))
            .based_on("Normal")
            .next("Normal")
            .size(size)
            .bold()
            .color("1B3A57")
            .outline_lvl(level - 1)
            .line_spacing(spacing(before, 80))
    };
    let plain = |id: &str, name: &str| Style::new(id, StyleType::Paragraph).name(name).based_on("Normal");
    let bullet =
        Level::new(0, Start::new(1), NumberFormat::new("bullet"), LevelText::new("\u{2022}"), LevelJc::new("left"))
            .indent(Some(400), Some(SpecialIndentType::Hanging(280)), None, None);
    document
        .default_fonts(fonts)
        .default_size(21)
        .default_line_spacing(spacing(0, 120))
        .page_size(11906, 16838)
        .page_margin(PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN))
        .add_style(plain("Title", "Title").size(44).bold().color("1B3A57").line_spacing(spacing(0, 160)))
        .add_style(heading(1, 32, 360))
        .add_style(heading(2, 26, 240))
        .add_style(heading(3, 22, 160))
        .add_style(
            plain("Quote", "Quote").italic().indent(Some(400), None, Some(400), None).line_spacing(spacing(40, 120)),
        )
        .add_style(plain("ListBullet", "List Bullet").line_spacing(spacing(0, 60)))
        .add_style(plain("TableText", "Table Text").size(19).line_spacing(spacing(20, 20)))
        .add_style(plain("TableHeading", "Table Heading").size(19).bold().line_spacing(spacing(20, 20)))
        .add_style(plain("Footer", "footer").size(17).align(docx_rs::AlignmentType::Right))
        .add_abstract_numbering(AbstractNumbering::new(BULLETS).add_level(bullet))
        .add_numbering(Numbering::new(BULLETS, BULLETS))
}

/// Counts what must have a number of its own.
#[derive(Default)]
struct Writer {
    paragraphs: u32,
    links: u32,
}

impl Writer {
    fn paragraph(&mut self, style: &str) -> Paragraph {
        self.paragraphs += 1;
        Paragraph::new().id(format!("{:08x}", self.paragraphs)).style(style)
    }

    fn block(&mut self, document: Docx, block: &Block, before_table: bool) -> Docx {
        match block {
            Block::Title(text) => document.add_paragraph(self.text("Title", text)),
            Block::Heading(level, text) => {
                document.add_paragraph(self.text(&format!("Heading{level}"), text).keep_next(true))
            }
            Block::Paragraph(line) => document.add_paragraph(self.line("Normal", line).keep_next(before_table)),
            Block::Quote(line) => document.add_paragraph(self.line("Quote", line).keep_lines(true)),
            Block::List(items) => items.iter().fold(document, |document, item| {
                let bullet = self.line("ListBullet", item);
                document.add_paragraph(bullet.numbering(NumberingId::new(BULLETS), IndentLevel::new(0)))
            }),
            Block::Table { head, rows, widths } => {
                let table = self.table(head, rows, widths);
                // Word wants a paragraph between a table and what follows.
                let after = self.paragraph("TableText");
                document.add_table(table).add_paragraph(after)
            }
        }
    }

    fn text(&mut self, style: &str, text: &str) -> Paragraph {
        self.line(style, &vec![Span::plain(text)])
    }

    fn line(&mut self, style: &str, line: &Line) -> Paragraph {
        let mut paragraph = self.paragraph(style);
        for span in line {
            let run = if span.bold { run(&span.text).bold() } else { run(&span.text) };
            paragraph = match &span.link {
                None => paragraph.add_run(run),
                Some(url) => {
                    let shown = run.color("0B5394").underline("single");
                    paragraph.add_hyperlink(self.link(url, shown))
                }
            };
        }
        paragraph
    }

    fn link(&mut self, url: &str, run: Run) -> Hyperlink {
        self.links += 1;
        let link = HyperlinkData::External { rid: format!("rIdLink{}", self.links), path: escaped(url) };
        Hyperlink { link, history: Some(1), children: vec![ParagraphChild::Run(Box::new(run))] }
    }

    fn table(&mut self, head: &[&str], rows: &[Vec<Line>], widths: &[u32]) -> Table {
        let all: u32 = widths.iter().sum::<u32>().max(1);
        let grid: Vec<usize> = widths.iter().map(|w| usize::try_from(PAGE_WIDTH * w / all).unwrap_or(0)).collect();
        let mut table_rows = Vec::new();
        if head.iter().any(|title| !title.is_empty()) {
            let cells = head.iter().zip(&grid).map(|(title, width)| {
                let cell = TableCell::new().width(*width, WidthType::Dxa).shading(Shading::new().fill("DCE6EE"));
                cell.add_paragraph(self.text("TableHeading", title).keep_next(true))
            });
            table_rows.push(TableRow::new(cells.collect()).cant_split());
        }
        for row in rows {
            let cells = row.iter().zip(&grid).enumerate().map(|(place, (line, width))| {
                let style =
                    if place == 0 && head.iter().all(|title| title.is_empty()) { "TableHeading" } else { "TableText" };
                TableCell::new().width(*width, WidthType::Dxa).add_paragraph(self.line(style, line))
            });
            table_rows.push(TableRow::new(cells.collect()).cant_split());
        }
        Table::new(table_rows)
            .width(usize::try_from(PAGE_WIDTH).unwrap_or(0), WidthType::Dxa)
            .layout(TableLayoutType::Fixed)
            .margins(TableCellMargins::new().margin(40, 80, 40, 80))
            .set_grid(grid)
    }
}

/// Text with its line breaks; characters that XML cannot hold are left out.
fn run(text: &str) -> Run {
    let mut run = Run::new();
    for (place, line) in text.split('\n').enumerate() {
        if place > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(line.chars().filter(|c| !c.is_control()).collect::<String>());
    }
    run
}

/// The library writes an address as it is given.
fn escaped(url: &str) -> String {
    url.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
