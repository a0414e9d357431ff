//! The dataset as files for other tools: CSV, JSON lines, Parquet, a workbook, a SQLite copy, and their description.
//!
//! [`tables`] describes every table once; all formats, the schemas and the data dictionary follow from it. Rows are
//! streamed, so memory does not grow with the dataset. The same dataset gives the same bytes: rows come in a fixed
//! order and no file has the date on which it was made. Each file appears under its name only when it is complete.

pub mod arrow;
mod contained;
mod describe;
pub mod documents;
mod error;
mod formula;
mod parquet;
mod rows;
mod sqlite;
pub mod tables;
mod text;
mod xlsx;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

pub use self::formula::without_formula;
pub use self::parquet::Parquet;
pub use describe::{DESCRIPTION, LICENCE, NOTES, SOURCES, TITLE, dictionary};
pub use error::ExportError;
pub use rows::each_row;
pub use text::{Csv, json_line};
pub use xlsx::Xlsx;

use crate::archive::{PARTIAL, hex, remove_abandoned};
use crate::query::{self, Filter, Totals};
use crate::store::{Dataset, PAGE_CACHE_MIB};
use sqlite::Sqlite;
use tables::{TABLES, Table};

/// A form of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Comma-separated values, one file a table.
    Csv,
    /// JSON lines, one file a table.
    Jsonl,
    /// Parquet, one file a table.
    Parquet,
    /// One workbook.
    Xlsx,
    /// One SQLite database.
    Sqlite,
}

impl Format {
    /// All formats.
    pub const ALL: &'static [Self] = &[Self::Csv, Self::Jsonl, Self::Parquet, Self::Xlsx, Self::Sqlite];
}

impl std::str::FromStr for Format {
    type Err = ExportError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "csv" => Self::Csv,
            "jsonl" => Self::Jsonl,
            "parquet" => Self::Parquet,
            "xlsx" => Self::Xlsx,
            "sqlite" => Self::Sqlite,
            other => return Err(ExportError::Format(other.to_owned())),
        })
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Its name.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its hash.
    pub sha256: String,
    /// Its rows, for a file of one table.
    pub rows: u64,
    /// Its table, for a file of one table.
    #[serde(skip)]
    table: Option<&'static Table>,
}

/// Exports the whole dataset into a folder, with its description.
///
/// # Errors
/// The dataset could not be read or a file not be written; files that were complete by then stay.
pub fn export(dataset: &Dataset, to: &Path, formats: &BTreeSet<Format>) -> Result<Vec<Written>, ExportError> {
    let wants = |format| formats.contains(&format);
    if to.exists() && !to.is_dir() {
        return Err(ExportError::NotAFolder(to.to_owned()));
    }
    std::fs::create_dir_all(to).map_err(|source| ExportError::Io { path: to.to_owned(), source })?;
    // A folder that cannot be listed cannot be written either, and that error is reported below.
    let _ = remove_abandoned(to);
    // An export reads everything once.
    dataset.keep_pages(PAGE_CACHE_MIB)?;
    let mut written = Vec::new();
    let mut workbook = if wants(Format::Xlsx) { Some(Xlsx::new()?) } else { None };
    let database = if wants(Format::Sqlite) { Some(Partial::new(to)?) } else { None };
    let mut copy = match &database {
        Some(partial) => Some(Sqlite::new(&partial.path)?),
        None => None,
    };
    for table in TABLES {
        written.extend(export_table(dataset, to, table, formats, &mut workbook, &mut copy)?);
    }
    let totals = query::totals(dataset)?;
    if let Some(mut workbook) = workbook {
        workbook.about(&about(&totals))?;
        let partial = Partial::new(to)?;
        workbook.save(&partial.path)?;
        written.push(partial.keep("sendlens.xlsx", None, 0)?);
    }
    if let (Some(copy), Some(partial)) = (copy, database) {
        copy.finish()?;
        written.push(partial.keep("sendlens.sqlite", None, 0)?);
    }
    written.sort_by(|x, y| x.path.cmp(&y.path));
    let package = describe::datapackage(&written, &totals);
    for (name, text) in [
        ("datapackage.json", pretty(&package)?),
        ("metadata.json", pretty(&describe::metadata())?),
        ("DICTIONARY.md", dictionary()),
    ] {
        let mut partial = Partial::new(to)?;
        partial.file.write_all(text.as_bytes()).map_err(|e| partial.error(e))?;
        written.push(partial.keep(name, None, 0)?);
    }
    Ok(written)
}

/// Writes the rows of one question as CSV or JSON lines, or as a workbook, to any output.
///
/// # Errors
/// The dataset could not be read, the output not be written, or the format is not one for a single table.
pub fn write_rows(
    dataset: &Dataset,
    table: &'static Table,
    filter: &Filter,
    format: Format,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    match format {
        Format::Csv => {
            let mut csv = Csv::new(table, out)?;
            each_row(dataset, table, filter, &mut |row| csv.row(&row))?;
            csv.finish()
        }
        Format::Jsonl => {
            let mut out = BufWriter::new(out);
            each_row(dataset, table, filter, &mut |row| json_line(&mut out, &row))?;
            Ok(out.flush()?)
        }
        Format::Xlsx => {
            let mut workbook = Xlsx::new()?;
            workbook.begin(table, table.name)?;
            each_row(dataset, table, filter, &mut |row| workbook.row(&row))?;
            workbook.end()?;
            workbook.about(&about(&query::totals(dataset)?))?;
            Ok(out.write_all(&workbook.into_bytes()?)?)
        }
        Format::Parquet | Format::Sqlite => Err(ExportError::Format("parquet or sqlite of one question".to_owned())),
    }
}

/// Goes through a table's rows once and writes them in every format asked for.
fn export_table(
    dataset: &Dataset,
    to: &Path,
    table: &'static Table,
    formats: &BTreeSet<Format>,
    workbook: &mut Option<Xlsx>,
    copy: &mut Option<Sqlite>,
) -> Result<Vec<Written>, ExportError> {
    let mut lines = None;
    let (mut csv, mut parquet) = (None, None);
    let (mut csv_file, mut parquet_file) = (None, None);
    if formats.contains(&Format::Csv) {
        let partial = Partial::new(to)?;
        csv = Some(Csv::new(table, BufWriter::new(partial.handle()?))?);
        csv_file = Some(partial);
    }
    if formats.contains(&Format::Jsonl) {
        lines = Some(Partial::new(to)?);
    }
    if formats.contains(&Format::Parquet) {
        let partial = Partial::new(to)?;
        parquet = Some(Parquet::new(table, BufWriter::new(partial.handle()?))?);
        parquet_file = Some(partial);
    }
    let mut sheet = match (xlsx::sheet_name(table), workbook) {
        (Some(name), Some(workbook)) => {
            workbook.begin(table, name)?;
            Some(workbook)
        }
        _ => None,
    };
    if let Some(copy) = copy {
        copy.begin(table)?;
    }
    let mut rows = 0;
    each_row(dataset, table, &Filter::default(), &mut |row: Value| {
        rows += 1;
        if let Some(csv) = &mut csv {
            csv.row(&row)?;
        }
        if let Some(lines) = &mut lines {
            json_line(&mut lines.file, &row)?;
        }
        if let Some(parquet) = &mut parquet {
            parquet.row(&row)?;
        }
        if let Some(sheet) = &mut sheet {
            sheet.row(&row)?;
        }
        if let Some(copy) = copy {
            copy.row(&row)?;
        }
        Ok(())
    })?;
    if let Some(sheet) = sheet {
        sheet.end()?;
    }
    let mut written = Vec::new();
    if let (Some(csv), Some(partial)) = (csv, csv_file) {
        csv.finish()?;
        written.push(partial.keep(&format!("{}.csv", table.name), Some(table), rows)?);
    }
    if let Some(partial) = lines {
        written.push(partial.keep(&format!("{}.jsonl", table.name), Some(table), rows)?);
    }
    if let (Some(parquet), Some(partial)) = (parquet, parquet_file) {
        parquet.finish()?;
        written.push(partial.keep(&format!("{}.parquet", table.name), Some(table), rows)?);
    }
    Ok(written)
}

/// A file that is not complete yet; it is removed if it is never kept.
struct Partial {
    folder: PathBuf,
    path: TempPath,
    file: BufWriter<File>,
}

impl Partial {
    fn new(folder: &Path) -> Result<Self, ExportError> {
        let (file, path) = tempfile::Builder::new()
            .prefix(PARTIAL)
            .tempfile_in(folder)
            .map(NamedTempFile::into_parts)
            .map_err(|source| ExportError::Io { path: folder.to_owned(), source })?;
        Ok(Self { folder: folder.to_owned(), path, file: BufWriter::new(file) })
    }

    fn handle(&self) -> Result<File, ExportError> {
        self.file.get_ref().try_clone().map_err(|e| self.error(e))
    }

    fn error(&self, source: std::io::Error) -> ExportError {
        ExportError::Io { path: self.path.to_path_buf(), source }
    }

    fn keep(mut self, name: &str, table: Option<&'static Table>, rows: u64) -> Result<Written, ExportError> {
        self.file.flush().map_err(|e| self.error(e))?;
        let mut hasher = Sha256::new();
        let mut file = File::open(&self.path).map_err(|e| self.error(e))?;
        let mut chunk = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            let read = file.read(&mut chunk).map_err(|e| self.error(e))?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            hasher.update(&chunk[..read]);
        }
        let path = self.folder.join(name);
        let failed = |source| ExportError::Io { path: path.clone(), source };
        readable(&self.path).map_err(failed)?;
        self.path.persist(&path).map_err(|e| failed(e.error))?;
        Ok(Written { path: name.to_owned(), bytes, sha256: hex(&hasher.finalize()), rows, table })
    }
}

/// Temporary files are their owner's alone; an export is for others too.
fn readable(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn pretty(value: &Value) -> Result<String, ExportError> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// The lines of the about sheet.
fn about(totals: &Totals) -> Vec<(String, String)> {
    let mut lines = vec![
        ("Title".to_owned(), TITLE.to_owned()),
        ("What it is".to_owned(), DESCRIPTION.to_owned()),
        ("Letters".to_owned(), totals.letters.to_string()),
        ("Findings".to_owned(), totals.findings.to_string()),
        ("Made with".to_owned(), concat!("sendlens ", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    for version in &totals.versions {
        let v = &version.versions;
        let text = format!(
            "extract {}, parse {}, code {}, codebook {}: {} documents",
            v.extract, v.parse, v.code, v.codebook, version.documents
        );
        lines.push(("Read by".to_owned(), text));
    }
    lines.extend(NOTES.iter().map(|note| ("Note".to_owned(), (*note).to_owned())));
    lines.extend(SOURCES.iter().map(|(title, address)| ("Source".to_owned(), format!("{title}, {address}"))));
    lines.push(("Licence".to_owned(), format!("{}, {}", LICENCE.0, LICENCE.1)));
    lines.push(("Copyright".to_owned(), "Contains public sector information. © Crown copyright.".to_owned()));
    // The dictionary of every column of the sheets.
    lines.extend(TABLES.iter().flat_map(|table| {
        table.columns.iter().map(move |column| (format!("{}: {}", table.name, column.name()), column.about.to_owned()))
    }));
    lines
}
