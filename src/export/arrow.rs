//! Rows as Arrow columns, typed as [`tables`](super::tables) describes them: the schema of every Parquet file.
//!
//! Every column may be empty, as in the files that other engines write, so that their schemas are the same as ours.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, ListBuilder, StringBuilder, StructBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use jiff::civil::{Date, date};
use serde::Serialize;
use serde_json::Value;

use super::tables::{Column, Kind, Table, at};

/// Rows that cannot be turned into columns: a defect of the table's description.
#[derive(Debug, thiserror::Error)]
pub enum ArrowError {
    /// A value is of another kind than its column.
    #[error("the column {column} cannot hold {value}; please report this defect")]
    Value {
        /// The column.
        column: String,
        /// The value.
        value: String,
    },
    /// A row has no JSON form.
    #[error("a row cannot be written: {0}")]
    Row(#[from] serde_json::Error),
    /// The columns do not fit together.
    #[error("the columns do not fit together: {0}; please report this defect")]
    Batch(#[from] arrow_schema::ArrowError),
}

/// The Arrow schema of a table.
#[must_use]
pub fn schema(table: &Table) -> SchemaRef {
    let fields: Vec<Field> = table.columns.iter().map(|c| Field::new(c.name(), data_type(c.kind), true)).collect();
    Arc::new(Schema::new(fields))
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Whole => DataType::Int32,
        Kind::Number => DataType::Float64,
        Kind::Truth => DataType::Boolean,
        Kind::Day => DataType::Date32,
        Kind::Texts => DataType::List(element(DataType::Utf8)),
        Kind::Records(fields) => DataType::List(element(DataType::Struct(record_fields(fields)))),
    }
}

/// The name that the Parquet format gives to the inside of a list.
fn element(data_type: DataType) -> Arc<Field> {
    Arc::new(Field::new("element", data_type, true))
}

fn record_fields(fields: &[(&str, Kind)]) -> Fields {
    fields.iter().map(|(name, kind)| Field::new(*name, data_type(*kind), true)).collect()
}

/// Rows of a table as columns. A field that a row does not have is empty.
///
/// # Errors
/// When a row's values are not of the kinds that the table describes.
pub fn batch<T: Serialize>(table: &Table, rows: &[T]) -> Result<RecordBatch, ArrowError> {
    let rows = rows.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    let columns = table
        .columns
        .iter()
        .map(|column| build(column, rows.iter().map(|row| at(row, column.path))))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(schema(table), columns)?)
}

fn build<'v>(column: &Column, values: impl Iterator<Item = &'v Value>) -> Result<ArrayRef, ArrowError> {
    let wrong = |value: &Value| ArrowError::Value { column: column.name(), value: value.to_string() };
    Ok(match column.kind {
        Kind::Text => {
            let mut builder = StringBuilder::new();
            for value in values {
                builder.append_option(filled(value, Value::as_str).map_err(wrong)?);
            }
            Arc::new(builder.finish())
        }
        Kind::Whole => {
            let mut builder = Int32Builder::new();
            for value in values {
                let number = |v: &Value| v.as_i64().and_then(|n| i32::try_from(n).ok());
                builder.append_option(filled(value, number).map_err(wrong)?);
            }
            Arc::new(builder.finish())
        }
        Kind::Number => {
            let mut builder = Float64Builder::new();
            for value in values {
                builder.append_option(filled(value, Value::as_f64).map_err(wrong)?);
            }
            Arc::new(builder.finish())
        }
        Kind::Truth => {
            let mut builder = BooleanBuilder::new();
            for value in values {
                builder.append_option(filled(value, Value::as_bool).map_err(wrong)?);
            }
            Arc::new(builder.finish())
        }
        Kind::Day => {
            let mut builder = Date32Builder::new();
            for value in values {
                builder.append_option(filled(value, day).map_err(wrong)?);
            }
            Arc::new(builder.finish())
        }
        Kind::Texts => {
            let mut builder = ListBuilder::new(StringBuilder::new()).with_field(element(DataType::Utf8));
            for value in values {
                let items = filled(value, Value::as_array).map_err(wrong)?;
                for item in items.into_iter().flatten() {
                    builder.values().append_option(filled(item, Value::as_str).map_err(wrong)?);
                }
                builder.append(items.is_some());
            }
            Arc::new(builder.finish())
        }
        Kind::Records(fields) => {
            let inside = record_fields(fields);
            let mut builder = ListBuilder::new(StructBuilder::from_fields(inside.clone(), 0))
                .with_field(element(DataType::Struct(inside)));
            for value in values {
                let items = filled(value, Value::as_array).map_err(wrong)?;
                for item in items.into_iter().flatten() {
                    for (place, (name, kind)) in fields.iter().enumerate() {
                        let (record, value) = (builder.values(), at(item, name));
                        match kind {
                            Kind::Truth => {
                                let truth = filled(value, Value::as_bool).map_err(wrong)?;
                                if let Some(inner) = record.field_builder::<BooleanBuilder>(place) {
                                    inner.append_option(truth);
                                }
                            }
                            Kind::Number => {
                                let number = filled(value, Value::as_f64).map_err(wrong)?;
                                if let Some(inner) = record.field_builder::<Float64Builder>(place) {
                                    inner.append_option(number);
                                }
                            }
                            _ => {
                                let text = filled(value, Value::as_str).map_err(wrong)?;
                                if let Some(inner) = record.field_builder::<StringBuilder>(place) {
                                    inner.append_option(text);
                                }
                            }
                        }
                    }
                    builder.values().append(true);
                }
                builder.append(items.is_some());
            }
            Arc::new(builder.finish())
        }
    })
}

/// Nothing for null, else the value as its column wants it; a value of another kind is given back as the error.
fn filled<'v, T>(value: &'v Value, read: impl Fn(&'v Value) -> Option<T>) -> Result<Option<T>, &'v Value> {
    match value {
        Value::Null => Ok(None),
        value => read(value).map(Some).ok_or(value),
    }
}

/// Days since 1 January 1970.
fn day(value: &Value) -> Option<i32> {
    const EPOCH: Date = date(1970, 1, 1);
    let day: Date = value.as_str()?.parse().ok()?;
    EPOCH.until(day).ok().map(|span| span.get_days())
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, Float64Type, Int32Type};
    use arrow_array::{Array, Datum};
    use serde_json::json;

    use super::*;
    use crate::export::tables::{FINDINGS, LETTERS};

    #[test]
    fn nested_fields_dates_and_lists_become_typed_columns() {
        let rows = [
            json!({
                "id": "a", "inspection_start": "2024-03-18", "local_authorities": ["North", "South"],
                "versions": {"extract": 3}, "wsoa_required": null,
            }),
            json!({"id": "b", "inspection_start": "1969-12-31", "local_authorities": [], "wsoa_required": true}),
        ];
        let batch = batch(&LETTERS, &rows).unwrap();
        let column = |name: &str| batch.column_by_name(name).unwrap();
        assert_eq!(column("inspection_start").as_primitive::<Date32Type>().values(), &[19_800, -1]);
        assert_eq!(column("versions_extract").as_primitive::<Int32Type>().value(0), 3);
        assert!(column("versions_extract").is_null(1) && column("wsoa_required").is_null(0));
        let lists = column("local_authorities").as_list::<i32>();
        assert_eq!((lists.value_length(0), lists.value_length(1)), (2, 0));
        assert_eq!(lists.value(0).as_string::<i32>().value(1), "South");
    }

    #[test]
    fn themes_keep_their_wording_and_an_empty_subtheme() {
        let theme = json!({"id": "waits", "subtheme": null, "evidence": "wait too long", "from_previous": true, "rule": "w",
                "probability": 0.87});
        let themes = json!([theme]);
        let batch = batch(&FINDINGS, &[json!({"themes": themes}), json!({"themes": []})]).unwrap();
        let lists = batch.column_by_name("themes").unwrap().as_list::<i32>();
        let first = lists.value(0);
        let record = first.as_struct();
        assert_eq!(record.column(2).as_string::<i32>().value(0), "wait too long");
        assert!(record.column(1).is_null(0) && record.column(3).as_boolean().value(0));
        assert!((record.column(5).as_primitive::<Float64Type>().value(0) - 0.87).abs() < 1e-9);
        assert_eq!(lists.value(1).get().0.len(), 0);
    }

    #[test]
    fn a_value_of_another_kind_is_an_error_that_names_the_column() {
        let error = batch(&LETTERS, &[json!({"inspection_start": "soon"})]).unwrap_err();
        assert!(error.to_string().contains("inspection_start"), "{error}");
    }
}
