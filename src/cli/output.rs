//! Rows as a table, JSON or CSV: one renderer for every question.
//!
//! A command hands over serialisable rows and says which fields its table shows. JSON carries every field as it
//! is; CSV carries every field flattened; the table is for people and fits the terminal.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use serde_json::Value;

use super::table::render;
pub use super::table::{Column, column};
use super::wrap::Page;
use crate::export::without_formula;

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For reading on a terminal.
    Table,
    /// One array of objects.
    Json,
    /// Comma-separated values with a header row.
    Csv,
}

/// What a command's rows look like.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The columns of the table.
    pub table: &'static [Column],
    /// The fields of the CSV, in order; a dot leads into a nested object and becomes an underscore in the header.
    pub csv: &'static [&'static str],
}

/// Writes rows to standard output in the format asked for; returns how many there were.
///
/// # Errors
/// When a row cannot be serialised or the output cannot be written.
pub fn print_rows<T: Serialize>(format: Format, view: &View, rows: impl IntoIterator<Item = T>) -> io::Result<usize> {
    let mut out = Rows::printed(format, view);
    rows.into_iter().try_for_each(|row| out.add(&row))?;
    out.end()
}

/// Writes one value as a JSON object on standard output.
///
/// # Errors
/// When the value cannot be serialised or the output cannot be written.
pub fn print_json<T: Serialize>(value: &T) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    out.flush()
}

/// Width that lines may have: what `COLUMNS` says, else the terminal's; nothing for a file or another program.
#[must_use]
pub fn line_width() -> Option<usize> {
    let stdout = io::stdout();
    let found = || terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0));
    let width = asked_width().or_else(|| if stdout.is_terminal() { found() } else { None })?;
    Some(width.max(MIN_WIDTH))
}

/// Lines are never made narrower than this.
const MIN_WIDTH: usize = 40;

/// What `COLUMNS` says.
fn asked_width() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok().map(|width: usize| width.max(MIN_WIDTH))
}

/// Writes a message for people on standard error; on a terminal its lines end between words.
pub(super) fn tell(message: &str) {
    let stderr = io::stderr();
    let found = || terminal_size::terminal_size_of(&stderr).map(|(width, _)| usize::from(width.0).max(MIN_WIDTH));
    let width = asked_width().or_else(|| if stderr.is_terminal() { found() } else { None });
    let mut page = Page::new(stderr.lock(), width);
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(page, "{message}").and_then(|()| page.flush());
}

/// Width for tables, in a file, too.
#[must_use]
pub fn table_width() -> usize {
    const WIDTH_IN_FILES: usize = 160;
    line_width().unwrap_or(WIDTH_IN_FILES)
}

/// Whether standard output shows styles: it is a terminal, and `NO_COLOR` does not forbid them.
#[must_use]
pub fn is_styled() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|forbidden| forbidden.is_empty())
}

/// Standard output for running text, whose lines end between words on a terminal. Flush it at the end.
pub(super) fn page() -> Page<io::BufWriter<io::StdoutLock<'static>>> {
    Page::new(io::BufWriter::new(io::stdout().lock()), line_width())
}

/// Writes rows one at a time. JSON and CSV rows go out at once, so that any number of them fits into memory; a table
/// needs all of its rows to know how wide its columns are.
pub struct Rows<W: Write> {
    form: Form<W>,
    count: usize,
}

enum Form<W: Write> {
    /// One array, one object a line: readable, and a line-based tool can work with it.
    Json(W),
    Csv(Box<csv::Writer<W>>, &'static [&'static str]),
    Table(W, TableRows),
}

/// The rows of a table, until the last has come.
struct TableRows {
    columns: &'static [Column],
    rows: Vec<Vec<String>>,
    width: usize,
    styled: bool,
}

impl Rows<io::BufWriter<io::StdoutLock<'static>>> {
    /// To standard output.
    #[must_use]
    pub fn printed(format: Format, view: &View) -> Self {
        Self::to(io::BufWriter::new(io::stdout().lock()), format, view, table_width(), is_styled())
    }
}

impl<W: Write> Rows<W> {
    fn to(out: W, format: Format, view: &View, width: usize, styled: bool) -> Self {
        let form = match format {
            Format::Json => Form::Json(out),
            Format::Csv => Form::Csv(Box::new(csv::Writer::from_writer(out)), view.csv),
            Format::Table => Form::Table(out, TableRows { columns: view.table, rows: Vec::new(), width, styled }),
        };
        Self { form, count: 0 }
    }

    /// How many there were so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the row cannot be serialised or the output cannot be written.
    pub fn add<T: Serialize>(&mut self, row: &T) -> io::Result<()> {
        match &mut self.form {
            Form::Json(out) => {
                out.write_all(if self.count == 0 { b"[\n" } else { b",\n" })?;
                serde_json::to_writer(out, row)?;
            }
            Form::Csv(writer, fields) => {
                if self.count == 0 {
                    write_header(writer, fields)?;
                }
                let value = serde_json::to_value(row)?;
                writer.write_record(fields.iter().map(|f| csv_cell(at(&value, f)))).map_err(io::Error::from)?;
            }
            Form::Table(_, table) => {
                let value = serde_json::to_value(row)?;
                table.rows.push(table.columns.iter().map(|column| table_cell(at(&value, column.path))).collect());
            }
        }
        self.count += 1;
        Ok(())
    }

    /// Writes what is left; returns how many rows there were.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn end(self) -> io::Result<usize> {
        match self.form {
            Form::Json(mut out) => {
                out.write_all(if self.count == 0 { b"[]\n" } else { b"\n]\n" })?;
                out.flush()?;
            }
            Form::Csv(mut writer, fields) => {
                if self.count == 0 {
                    write_header(&mut writer, fields)?;
                }
                writer.flush()?;
            }
            Form::Table(mut out, table) => {
                let (lines, left_out) = render(table.columns, &table.rows, table.width, table.styled);
                if self.count > 0 {
                    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
                }
                out.flush()?;
                if self.count > 0 && !left_out.is_empty() && io::stdout().is_terminal() {
                    let titles = left_out.join(", ");
                    eprintln!("No room for: {titles}. A wider terminal or --format csv shows them.");
                }
            }
        }
        Ok(self.count)
    }
}

fn write_header<W: Write>(writer: &mut csv::Writer<W>, fields: &[&str]) -> io::Result<()> {
    writer.write_record(fields.iter().map(|f| f.replace('.', "_"))).map_err(io::Error::from)
}

/// The value at a dotted path; null where it leads nowhere.
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |v, key| v.get(key).unwrap_or(&Value::Null))
}

/// A value in a CSV cell. No text runs as a formula in a spreadsheet.
fn csv_cell(value: &Value) -> String {
    let text = plain(value);
    if matches!(value, Value::String(_) | Value::Array(_)) { without_formula(&text).into_owned() } else { text }
}

/// A value as text: lists are joined with "; ", and objects in lists stand for their id or name.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(list_item).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

fn list_item(value: &Value) -> String {
    let named = ["id", "theme", "area", "name"].iter().find_map(|key| value.get(key)?.as_str());
    match (named, value) {
        (Some(name), _) => name.to_owned(),
        (None, Value::String(text)) => text.clone(),
        (None, other) => other.to_string(),
    }
}

/// A value in a table cell, with words for truth values and a dash for what is missing.
fn table_cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(n) => match n.as_f64() {
            Some(f) if n.is_f64() => format!("{f:.2}"),
            _ => n.to_string(),
        },
        Value::String(term) if is_term(term) => in_words(term),
        other => printable(&plain(other)),
    }
}

/// Whether a value is a member of a vocabulary ("widespread_failings"), which a table shows in words.
fn is_term(text: &str) -> bool {
    text.contains('_') && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// A member of a vocabulary as people write it: "WSOA required".
#[must_use]
pub fn in_words(term: &str) -> String {
    term.replace('_', " ").replace("wsoa", "WSOA")
}

/// Text without control characters, so that no document can drive the terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const VIEW: View =
        View { table: &[column("Area", "area"), column("On", "letter.on")], csv: &["area", "letter.on", "themes"] };

    fn rows() -> Vec<Value> {
        vec![
            json!({"area": "Fen, \"Upper\"", "letter": {"on": "2024-01-02"}, "themes": [{"id": "a"}, {"id": "b"}]}),
            json!({"area": "Mere", "letter": null, "themes": []}),
        ]
    }

    fn written(format: Format, width: usize, rows: &[Value]) -> String {
        let mut bytes = Vec::new();
        let mut out = Rows::to(&mut bytes, format, &VIEW, width, false);
        rows.iter().try_for_each(|row| out.add(row)).unwrap();
        assert_eq!(out.end().unwrap(), rows.len());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_array_even_when_empty() {
        let text = written(Format::Json, 80, &rows());
        assert_eq!(serde_json::from_str::<Vec<Value>>(&text).unwrap(), rows());
        assert_eq!(written(Format::Json, 80, &[]), "[]\n");
    }

    #[test]
    fn csv_flattens_nested_fields_and_lists() {
        let header = "area,letter_on,themes\n";
        let text = written(Format::Csv, 80, &rows());
        assert_eq!(text, format!("{header}\"Fen, \"\"Upper\"\"\",2024-01-02,a; b\nMere,,\n"));
        assert_eq!(written(Format::Csv, 80, &[]), header);
    }

    #[test]
    fn tables_show_text_as_it_is_and_only_csv_guards_against_formulas() {
        let row = [json!({"area": "+4 points", "letter": {"on": "d"}, "themes": []})];
        assert!(written(Format::Table, 80, &row).contains("\n+4 points"));
        assert!(written(Format::Csv, 80, &row).contains("\n'+4 points"));
    }

    #[test]
    fn tables_fit_the_width_and_hold_no_control_characters() {
        let long = json!({"area": "word ".repeat(60), "letter": {"on": "\u{1b}[31mred"}});
        let text = written(Format::Table, 50, &[long]);
        assert!(text.lines().all(|l| l.chars().count() <= 50), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
