//! Spreadsheets for coding by hand: CSV and Excel, told apart by the file's ending.

use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::{Format, FormatAlign, Workbook};

use crate::cli::Failure;
use crate::export::without_formula;

/// One finding, every cell as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub finding_id: String,
    pub area: String,
    pub inspection_start: String,
    pub role: String,
    pub section: String,
    pub page: String,
    pub text: String,
    pub polarity: String,
    pub themes: String,
    pub reviewed: String,
    pub note: String,
}

const HEADER: [&str; 11] = [
    "finding_id",
    "area",
    "inspection_start",
    "role",
    "section",
    "page",
    "text",
    "polarity",
    "themes",
    "reviewed",
    "note",
];
/// Width of each column in characters.
const WIDTHS: [u8; 11] = [30, 18, 12, 18, 18, 6, 80, 12, 40, 10, 30];

impl Row {
    fn cells(&self) -> [&str; 11] {
        [
            &self.finding_id,
            &self.area,
            &self.inspection_start,
            &self.role,
            &self.section,
            &self.page,
            &self.text,
            &self.polarity,
            &self.themes,
            &self.reviewed,
            &self.note,
        ]
    }
}

fn is_excel(path: &Path) -> Result<bool, Failure> {
    match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("xlsx") => Ok(true),
        Some("csv") => Ok(false),
        _ => Err(Failure::new(format!(
            "{} is neither .csv nor .xlsx; give a file with one of these endings",
            path.display()
        ))),
    }
}

/// Writes rows.
pub(super) fn write(path: &Path, rows: &[Row]) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::new(format!("cannot write {}: {e}", path.display()));
    if !is_excel(path)? {
        let mut writer = csv::Writer::from_path(path).map_err(|e| failed(&e))?;
        writer.write_record(HEADER).map_err(|e| failed(&e))?;
        for row in rows {
            writer.write_record(row.cells().map(guarded)).map_err(|e| failed(&e))?;
        }
        return writer.flush().map_err(|e| failed(&e));
    }
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let sheet = workbook.add_worksheet();
    for (column, (title, width)) in (0u16..).zip(HEADER.iter().zip(WIDTHS)) {
        sheet.write_string_with_format(0, column, *title, &bold).map_err(|e| failed(&e))?;
        sheet.set_column_width(column, width).map_err(|e| failed(&e))?;
    }
    for (number, row) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(row.cells()) {
            sheet.write_string_with_format(number, column, cell, &wrapped).map_err(|e| failed(&e))?;
        }
    }
    sheet.set_freeze_panes(1, 1).map_err(|e| failed(&e))?;
    workbook.save(path).map_err(|e| failed(&e))
}

/// Text that a spreadsheet would take for a formula gets an apostrophe; [`read`] takes it away.
fn guarded(cell: &str) -> String {
    if cell.starts_with('\'') { format!("'{cell}") } else { without_formula(cell).into_owned() }
}

/// Reads rows with their numbers as a spreadsheet shows them; the header is row 1. Columns may be in any order.
pub(super) fn read(path: &Path) -> Result<Vec<(usize, Row)>, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::new(format!("cannot read {}: {e}", path.display()));
    let table: Vec<Vec<String>> = if is_excel(path)? {
        let mut workbook: Xlsx<_> = open_workbook(path).map_err(|e: calamine::XlsxError| failed(&e))?;
        let range =
            workbook.worksheet_range_at(0).ok_or_else(|| failed(&"it has no sheet"))?.map_err(|e| failed(&e))?;
        range.rows().map(|row| row.iter().map(text).collect()).collect()
    } else {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).map_err(|e| failed(&e))?;
        let rows = reader.records().map(|r| r.map(|r| r.iter().map(unguarded).collect()));
        rows.collect::<Result<_, _>>().map_err(|e| failed(&e))?
    };
    let mut rows = table.into_iter();
    let header: Vec<String> = rows.next().unwrap_or_default();
    let header: Vec<&str> = header.iter().map(|h| h.trim().trim_start_matches('\u{feff}')).collect();
    let place = |name: &str| {
        header.iter().position(|h| *h == name).ok_or_else(|| {
            Failure::new(format!("{} has no column \"{name}\"; export it again and keep the header", path.display()))
        })
    };
    let (id, text, polarity, themes) = (place("finding_id")?, place("text")?, place("polarity")?, place("themes")?);
    let (reviewed, note) = (place("reviewed").ok(), place("note").ok());
    let mut found = Vec::new();
    for (number, cells) in (2usize..).zip(rows) {
        let cell = |at: usize| cells.get(at).cloned().unwrap_or_default();
        if cells.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        let row = Row {
            finding_id: cell(id).trim().to_owned(),
            text: cell(text),
            polarity: cell(polarity),
            themes: cell(themes),
            reviewed: reviewed.map(cell).unwrap_or_default(),
            note: note.map(cell).unwrap_or_default(),
            ..Row::default()
        };
        found.push((number, row));
    }
    Ok(found)
}

fn unguarded(cell: &str) -> String {
    cell.strip_prefix('\'').filter(|rest| guarded(rest) == cell).unwrap_or(cell).to_owned()
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}
