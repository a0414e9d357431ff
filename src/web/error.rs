//! Everything that can go wrong with a request, for pages and API alike.
//!
//! A handler returns a [`Failure`]; the outermost layer turns it into a page or into `application/problem+json`,
//! depending on the address. Messages are for the person who asked: what is wrong and what to do next. What happened
//! inside goes to the log only.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::query::QueryError;
use crate::store::StoreError;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There is nothing at this address.
    #[error("{0}")]
    NotFound(String),
    /// The question cannot be understood.
    #[error("{0}")]
    BadRequest(String),
    /// The address is longer than any question needs.
    #[error("The address is longer than {limit} bytes. Shorten the search or use fewer filters.")]
    TooLong {
        /// The longest address that is read.
        limit: usize,
    },
    /// Only reading is possible here.
    #[error("This service only answers questions: use GET.")]
    Method,
    /// Too many questions at once.
    #[error("Too many questions at once. Try again in a few seconds.")]
    Busy,
    /// The question took longer than it may.
    #[error("This question took too long and was stopped. Add a filter, or search for fewer words.")]
    TooSlow,
    /// There is no dataset to answer from.
    #[error("{0}")]
    NoDataset(String),
    /// Something is wrong on our side; the details are in the log.
    #[error("Something went wrong on our side. It has been logged.")]
    Internal(String),
}

impl Failure {
    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Busy | Self::NoDataset(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::BadRequest(_) => "bad_request",
            Self::TooLong { .. } => "address_too_long",
            Self::Method => "method_not_allowed",
            Self::Busy => "busy",
            Self::TooSlow => "too_slow",
            Self::NoDataset(_) => "no_dataset",
            Self::Internal(_) => "internal",
        }
    }

    /// The heading of the page, and the title of the problem.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "Page not found",
            Self::BadRequest(_) => "The question could not be understood",
            Self::TooLong { .. } => "The address is too long",
            Self::Method => "Only reading is possible",
            Self::Busy => "Very busy just now",
            Self::TooSlow => "The question took too long",
            Self::NoDataset(_) => "There is no dataset yet",
            Self::Internal(_) => "Something went wrong",
        }
    }
}

/// The failure travels with the response until the outermost layer writes it out.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoDataset(_) => Self::NoDataset(error.to_string()),
            StoreError::Interrupted => Self::TooSlow,
            StoreError::Busy => Self::Busy,
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Store(error) => error.into(),
            QueryError::UnknownArea(_) | QueryError::UnknownFinding(_) => Self::NotFound(sentence(&error)),
            other => Self::BadRequest(sentence(&other)),
        }
    }
}

/// An error as a sentence: advice for the terminal stays out, capital first, full stop last.
fn sentence(error: &QueryError) -> String {
    let text = error.to_string();
    let text = text.split("; `sendlens").next().unwrap_or(&text);
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
