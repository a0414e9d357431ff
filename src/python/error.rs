//! Errors of the library as Python's `sendlens.SendlensError`.

use std::error::Error;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::query::QueryError;
use crate::store::StoreError;

/// The exception with this code and message.
pub(super) fn raise(py: Python<'_>, code: &str, message: &str) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let made = CLASS
        .import(py, "sendlens._errors", "SendlensError")
        .and_then(|class| class.call1((code, message)))
        .map(PyErr::from_value);
    made.unwrap_or_else(|error| error)
}

/// An error with all its causes in one message.
fn told(error: &(dyn Error + 'static)) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = inner.source();
    }
    message
}

/// Any error of the library under a code of its kind.
pub(super) fn with_code(py: Python<'_>, code: &str, error: &(dyn Error + 'static)) -> PyErr {
    raise(py, code, &told(error))
}

pub(super) fn of_store(py: Python<'_>, error: &StoreError) -> PyErr {
    with_code(py, error.code(), error)
}

pub(super) fn of_query(py: Python<'_>, error: &QueryError) -> PyErr {
    with_code(py, error.code(), error)
}

/// A row without a JSON form, which would be a defect.
pub(super) fn of_json(py: Python<'_>, error: &serde_json::Error) -> PyErr {
    with_code(py, "internal", error)
}
