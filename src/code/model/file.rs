//! The file of weights: a line of JSON that lists its tables, then their bytes.
//!
//! Large tables are stored as one signed byte a value with one scale for each row, small ones as 32-bit floats.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::Deserialize;

/// Weights that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the model's weights cannot be used: {0}; build sendlens again from an undamaged checkout")]
pub struct ModelError(pub(super) String);

#[derive(Deserialize)]
struct Header {
    numbers: BTreeMap<String, usize>,
    tables: BTreeMap<String, Table>,
}

#[derive(Deserialize)]
struct Table {
    kind: String,
    shape: Vec<usize>,
    at: usize,
    bytes: usize,
}

/// Reads tables by their names.
pub(super) struct Reader<'b> {
    header: Header,
    body: &'b [u8],
}

impl<'b> Reader<'b> {
    pub fn new(bytes: &'b [u8]) -> Result<Self, ModelError> {
        let end = bytes.iter().position(|b| *b == b'\n').ok_or_else(|| ModelError("no header".to_owned()))?;
        let header = serde_json::from_slice(&bytes[..end]).map_err(|e| ModelError(format!("bad header, {e}")))?;
        Ok(Self { header, body: &bytes[end + 1..] })
    }

    pub fn number(&self, name: &str) -> Result<usize, ModelError> {
        self.header.numbers.get(name).copied().ok_or_else(|| ModelError(format!("it lacks the number {name}")))
    }

    fn table(&self, name: &str) -> Result<(&Table, &'b [u8]), ModelError> {
        let table = self.header.tables.get(name).ok_or_else(|| ModelError(format!("it lacks the table {name}")))?;
        let bytes = table.at.checked_add(table.bytes).and_then(|end| self.body.get(table.at..end));
        bytes.map(|b| (table, b)).ok_or_else(|| ModelError(format!("the table {name} is cut short")))
    }

    pub fn text(&self, name: &str) -> Result<&'b str, ModelError> {
        let (_, bytes) = self.table(name)?;
        std::str::from_utf8(bytes).map_err(|_| ModelError(format!("the table {name} is not text")))
    }

    pub fn vector(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let (table, bytes) = self.table(name)?;
        if table.kind != "f32" {
            return Err(ModelError(format!("the table {name} is of kind {}", table.kind)));
        }
        Ok(floats(bytes))
    }

    pub fn matrix(&self, name: &str) -> Result<Array2<f32>, ModelError> {
        let (table, bytes) = self.table(name)?;
        let [rows, columns] = table.shape[..] else {
            return Err(ModelError(format!("the table {name} is not a matrix")));
        };
        let values = match table.kind.as_str() {
            "f32" => floats(bytes),
            "i8" if bytes.len() == rows * columns + 4 * rows => {
                let (quantised, scales) = bytes.split_at(rows * columns);
                let scales = floats(scales);
                let mut values = Vec::with_capacity(rows * columns);
                for (row, scale) in quantised.chunks_exact(columns).zip(scales) {
                    values.extend(row.iter().map(|b| f32::from(b.cast_signed()) * scale));
                }
                values
            }
            kind => return Err(ModelError(format!("the table {name} is of kind {kind} or has the wrong size"))),
        };
        Array2::from_shape_vec((rows, columns), values)
            .map_err(|e| ModelError(format!("the table {name} does not have its shape, {e}")))
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}
