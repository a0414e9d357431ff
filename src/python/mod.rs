//! The library as a Python extension module.
//!
//! A thin layer: arguments are turned into the library's types, the work is done without the interpreter's lock, and
//! answers go back as JSON text, which the package's Python side makes dicts and tables of. Errors become
//! `sendlens.SendlensError` with the code and the advice that the program prints.

mod dataset;
mod error;
mod reader;

use pyo3::prelude::*;

use crate::export::documents::DOCUMENTS;
use crate::export::tables::{Kind, TABLES};

/// The extension module `sendlens._native`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::dataset::Dataset;
    #[pymodule_export]
    use super::reader::Reader;
    #[pymodule_export]
    use super::table_columns;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// A column for Python: dotted path in the row's JSON, kind of value, fields of records with their kinds, meaning.
type ColumnTuple = (&'static str, &'static str, Vec<(&'static str, &'static str)>, &'static str);

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Whole => "whole",
        Kind::Number => "number",
        Kind::Truth => "truth",
        Kind::Day => "day",
        Kind::Texts => "texts",
        Kind::Records(_) => "records",
    }
}

/// The columns of an exported table.
#[pyfunction]
fn table_columns(py: Python<'_>, name: &str) -> PyResult<Vec<ColumnTuple>> {
    let tables = || TABLES.iter().copied().chain([&DOCUMENTS]);
    let Some(table) = tables().find(|table| table.name == name) else {
        let known: Vec<&str> = tables().map(|t| t.name).collect();
        let message = format!("there is no table \"{name}\"; use one of: {}", known.join(", "));
        return Err(error::raise(py, "unknown_table", &message));
    };
    Ok(table
        .columns
        .iter()
        .map(|column| {
            let fields = match column.kind {
                Kind::Records(fields) => fields.iter().map(|(name, kind)| (*name, kind_word(*kind))).collect(),
                _ => Vec::new(),
            };
            (column.path, kind_word(column.kind), fields, column.about)
        })
        .collect())
}
