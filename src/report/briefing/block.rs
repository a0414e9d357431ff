//! A document of headings, paragraphs, lists and tables, as the briefing needs it: made once from the answers, then
//! written as Word or as HTML, so that the two cannot say different things.

/// A piece of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// The text; a line break is kept.
    pub text: String,
    /// Whether it is printed bold.
    pub bold: bool,
    /// Where it leads: an address of the web.
    pub link: Option<String>,
}

impl Span {
    /// Plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Bold text.
    pub fn bold(text: impl Into<String>) -> Self {
        Self { text: text.into(), bold: true, link: None }
    }

    /// Text that leads to an address, if that is one of the web; nothing else is ever linked to.
    pub fn linked(text: impl Into<String>, url: Option<String>) -> Self {
        let link = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        Self { text: text.into(), bold: false, link }
    }
}

/// A paragraph, an item of a list or a cell.
pub type Line = Vec<Span>;

/// A part of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The title, once at the top.
    Title(String),
    /// A heading of level 1 to 3.
    Heading(u8, String),
    /// A paragraph.
    Paragraph(Line),
    /// The exact words of a letter.
    Quote(Line),
    /// A list with bullets.
    List(Vec<Line>),
    /// A table with a header row. `widths` are parts of the page's width.
    Table {
        /// Titles of the columns.
        head: Vec<&'static str>,
        /// Rows of cells.
        rows: Vec<Vec<Line>>,
        /// How wide each column is beside the others.
        widths: Vec<u32>,
    },
}
