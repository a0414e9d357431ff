//! How values of the domain are written to the database, and read back.

use std::cell::Cell;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use crate::domain::Term;

/// A date as text.
pub(crate) fn date(value: Date) -> String {
    value.to_string()
}

/// A moment as text, to the second, in UTC.
pub(crate) fn moment(value: Timestamp) -> String {
    value.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Lists and objects as JSON text.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Damaged(e.to_string()))
}

/// A member of a closed vocabulary.
pub(crate) fn term<T: Term>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Unknown { what: T::NAME, value: text.to_owned() })
}

/// Reads a row's columns by name into the domain's types.
pub(crate) struct Columns<'a, 'r> {
    row: &'a Row<'r>,
    /// The index after the column that was read last. Columns are mostly read in their order.
    next: Cell<usize>,
}

impl<'a, 'r> Columns<'a, 'r> {
    pub(crate) fn of(row: &'a Row<'r>) -> Self {
        Self { row, next: Cell::new(0) }
    }

    pub(crate) fn get<T: rusqlite::types::FromSql>(&self, name: &'static str) -> Result<T, StoreError> {
        let columns = self.row.as_ref();
        let count = columns.column_count();
        let mut places = (0..count).map(|n| (self.next.get() + n) % count);
        let place = places.find(|place| columns.column_name(*place).is_ok_and(|found| found == name));
        let place = place.ok_or_else(|| rusqlite::Error::InvalidColumnName(name.to_owned()))?;
        self.next.set(place + 1);
        Ok(self.row.get(place)?)
    }

    pub(crate) fn term<T: Term>(&self, name: &'static str) -> Result<T, StoreError> {
        term(&self.get::<String>(name)?)
    }

    pub(crate) fn optional_term<T: Term>(&self, name: &'static str) -> Result<Option<T>, StoreError> {
        self.get::<Option<String>>(name)?.as_deref().map(term).transpose()
    }

    pub(crate) fn date(&self, name: &'static str) -> Result<Date, StoreError> {
        let text: String = self.get(name)?;
        text.parse().map_err(|_| StoreError::Unknown { what: name, value: text })
    }

    pub(crate) fn optional_date(&self, name: &'static str) -> Result<Option<Date>, StoreError> {
        let text: Option<String> = self.get(name)?;
        text.map(|t| t.parse().map_err(|_| StoreError::Unknown { what: name, value: t })).transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, StoreError> {
        let text: String = self.get(name)?;
        serde_json::from_str(&text).map_err(|_| StoreError::Unknown { what: name, value: text })
    }
}
