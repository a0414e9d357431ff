//! Why a document's text could not be read.

use thiserror::Error;

/// Why a document's text could not be read. Each case has a stable [`code`](ExtractError::code).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExtractError {
    /// The bytes are something other than a PDF.
    #[error("not a PDF: {looks_like}; fetch the document again or leave the file out")]
    NotAPdf {
        /// What the bytes look like, in words.
        looks_like: &'static str,
    },
    /// The document opens only with a password.
    #[error("the PDF is encrypted with a password; remove the password and add the file again")]
    Encrypted,
    /// The document is encrypted by a method that is not known here.
    #[error(
        "the PDF is encrypted by a method that cannot be read ({method}); save it without encryption and try again"
    )]
    UnknownEncryption {
        /// The handler or version as the file names it.
        method: String,
    },
    /// Reading on would pass a limit that guards against hostile files.
    #[error("the PDF passes the limit on {what} ({limit}); raise the limit if the file can be trusted")]
    Limit {
        /// What was limited, in words.
        what: &'static str,
        /// The limit, in the unit that `what` names.
        limit: u64,
    },
    /// The end of the file is missing, and with it an unknown amount of its text.
    #[error("the PDF is cut off: its last part is missing; fetch the document again")]
    CutOff,
    /// The end of the file is there, but something before it is not.
    #[error("the PDF is incomplete: {what}; fetch the document again")]
    Incomplete {
        /// What tells that something is missing.
        what: &'static str,
    },
    /// The file is a PDF but too damaged to read.
    #[error("the PDF is damaged: {reason}; fetch the document again")]
    Damaged {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A defect of this program met by this document.
    #[error("reading the PDF failed because of a bug in sendlens ({message}); please report the document")]
    Internal {
        /// The message of the panic.
        message: String,
    },
}

impl ExtractError {
    /// The stable name of the case, as `sendlens extract` prints it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAPdf { .. } => "not_a_pdf",
            Self::Encrypted => "encrypted",
            Self::UnknownEncryption { .. } => "unknown_encryption",
            Self::Limit { .. } => "limit",
            Self::CutOff => "cut_off",
            Self::Incomplete { .. } => "incomplete",
            Self::Damaged { .. } => "damaged",
            Self::Internal { .. } => "internal",
        }
    }
}

pub(super) type Result<T> = std::result::Result<T, ExtractError>;

pub(super) fn damaged<T>(reason: &'static str) -> Result<T> {
    Err(ExtractError::Damaged { reason })
}

pub(super) fn incomplete<T>(what: &'static str) -> Result<T> {
    Err(ExtractError::Incomplete { what })
}

/// Lets damage to one part of a document pass, so that the rest can be read; other errors are passed on.
pub(super) fn tolerate<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ExtractError::Damaged { .. } | ExtractError::Incomplete { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a panic said.
pub(super) fn message_of_panic(panic: &(dyn std::any::Any + Send)) -> String {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
