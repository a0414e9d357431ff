//! Entries of a source's listing, and what became of them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;

vocabulary! {
    /// What became of a document in a run.
    DocumentStatus, "document status" {
        /// New in the dataset.
        Stored = "stored",
        /// Already held, nothing to do.
        Unchanged = "unchanged",
        /// Its bytes changed; a new revision is held.
        Revised = "revised",
        /// Recognised as something else than a SEND letter; held, not counted.
        SetAside = "set_aside",
        /// Could not be fetched or read.
        Failed = "failed",
    }
}

/// Why a document failed or was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A stable word for programs ("encrypted", "not_a_pdf", "joint_targeted").
    pub code: String,
    /// One sentence for people, with what to do next where something can be done.
    pub message: String,
}

/// One entry of a source's listing, or one local file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The source ("ofsted_reports", "local").
    pub source: String,
    /// Identity within the source: file number, address, or the path as given.
    pub key: String,
    /// Address of the document, where it has one.
    pub url: Option<String>,
    /// File name as given, for local files.
    pub file: Option<String>,
    /// Title in the listing.
    pub title: Option<String>,
    /// Name of the area or provider in the listing.
    pub provider: Option<String>,
    /// Day of publication, as the source states.
    pub published_on: Option<Date>,
}
