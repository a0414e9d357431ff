//! How the domain's values are spelled in the database, and read back.

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
pub(crate) struct Columns<'a, 'r>(pub &'a Row<'r>);

impl Columns<'_, '_> {
    pub(crate) fn get<T: rusqlite::types::FromSql>(&self, name: &'static str) -> Result<T, StoreError> {
        Ok(self.0.get(name)?)
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
