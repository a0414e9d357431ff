//! A table of a page or of a report, for readers to take away.
//!
//! Text stays text: in CSV a cell that a spreadsheet program would take for a formula gets an apostrophe before it.

use std::borrow::Cow;

use jiff::civil::Date;
use maud::{Markup, html};

use crate::export::without_formula;

/// The byte order mark. Without it Excel takes UTF-8 for something else and spoils every dash and quotation mark.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Who opens a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A person, in a spreadsheet program: the file begins with a byte order mark.
    Spreadsheet,
    /// A program: plain UTF-8.
    Program,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A whole number.
    Count(usize),
    /// Any number.
    Number(f64),
    /// A share between 0 and 1, which workbooks show as a percentage.
    Share(f64),
    /// A difference of shares, which workbooks show in percentage points.
    Points(f64),
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// A share, where there is one.
    #[must_use]
    pub fn share(share: Option<f64>) -> Self {
        share.map_or(Self::Empty, Self::Share)
    }

    /// A difference of shares, where there is one.
    #[must_use]
    pub fn points(difference: Option<f64>) -> Self {
        difference.map_or(Self::Empty, Self::Points)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::from)
    }
}

impl From<Option<Date>> for Cell {
    fn from(day: Option<Date>) -> Self {
        day.map_or(Self::Empty, |day| Self::Text(day.to_string()))
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Count(number)
    }
}

impl From<Option<usize>> for Cell {
    fn from(number: Option<usize>) -> Self {
        number.map_or(Self::Empty, Self::Count)
    }
}

impl From<Option<bool>> for Cell {
    fn from(flag: Option<bool>) -> Self {
        flag.map_or(Self::Empty, Self::Flag)
    }
}

/// A column: its name for programs, and its heading for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name in CSV files, which programs rely on.
    pub name: &'static str,
    /// The heading in workbooks.
    pub heading: &'static str,
}

impl Column {
    /// A column.
    #[must_use]
    pub const fn new(name: &'static str, heading: &'static str) -> Self {
        Self { name, heading }
    }
}

/// A further sheet of a workbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Its title.
    pub title: &'static str,
    /// Headings of its columns.
    pub headings: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A table that is to be downloaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of the file, without its ending.
    pub name: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// Sheets that a workbook has besides.
    pub more: Vec<Sheet>,
    /// What the table shows and rests on, in a sentence or two.
    pub about: String,
}

impl Table {
    /// The table as CSV with a header row.
    ///
    /// # Errors
    /// A row has more or fewer cells than the one before.
    pub fn csv(&self, reader: Reader) -> Result<Vec<u8>, csv::Error> {
        let mark = if reader == Reader::Spreadsheet { MARK } else { &[] };
        let mut writer = csv::Writer::from_writer(mark.to_vec());
        writer.write_record(self.columns.iter().map(|column| column.name))?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Empty => Cow::Borrowed(""),
                Cell::Text(text) => without_formula(text),
                Cell::Count(n) => n.to_string().into(),
                Cell::Number(n) | Cell::Share(n) | Cell::Points(n) => n.to_string().into(),
                Cell::Flag(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
            });
            writer.write_record(cells.map(|cell| cell.into_owned()))?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }

    /// A link that holds the whole table as CSV, for a document that has no other file beside it.
    #[must_use]
    pub fn link(&self) -> Markup {
        let Ok(csv) = self.csv(Reader::Spreadsheet) else { return html! {} };
        let data: String =
            form_urlencoded::byte_serialize(&csv).map(|part| if part == "+" { "%20" } else { part }).collect();
        html! {
            p.no-print { small {
                a download={ "sendlens-" (self.name) ".csv" } href={ "data:text/csv;charset=utf-8," (data) } { "This table as CSV" }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_the_table_as_spreadsheet_programs_read_it() {
        let table = Table {
            name: "areas".to_owned(),
            columns: vec![Column::new("area", "Area"), Column::new("share", "Share")],
            rows: vec![vec!["=1+1".into(), Cell::Share(0.5)], vec!["Long Wood, \u{2013}".into(), Cell::Empty]],
            more: Vec::new(),
            about: String::new(),
        };
        let link = table.link().into_string();
        let data = link.split("charset=utf-8,").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert!(!data.contains(['+', ' ', '"']), "{data}");
        let read: String =
            form_urlencoded::parse(format!("a={data}").as_bytes()).map(|(_, text)| text.into_owned()).collect();
        assert_eq!(read, "\u{feff}area,share\n'=1+1,0.5\n\"Long Wood, \u{2013}\",\n");
        assert!(link.contains("download=\"sendlens-areas.csv\""));
    }
}
