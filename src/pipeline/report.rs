//! What a run did, document by document.

use serde::Serialize;

use crate::domain::{DocumentStatus, Reason};
use crate::store::Tally;

/// What became of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentReport {
    /// The path as given, for local files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The address, for fetched ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The document's hash, where its bytes are known.
    pub sha256: Option<String>,
    /// What became of it.
    pub status: DocumentStatus,
    /// Why, where it failed or was set aside.
    pub reason: Option<Reason>,
}

impl DocumentReport {
    /// The file or address, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        self.file.as_deref().or(self.url.as_deref()).unwrap_or_default()
    }
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// Documents by status.
    #[serde(flatten)]
    pub tally: Tally,
    /// Every document of the run, once.
    pub documents: Vec<DocumentReport>,
}

impl RunReport {
    /// Adds a document.
    pub fn add(&mut self, document: DocumentReport) {
        self.tally.add(document.status);
        self.documents.push(document);
    }
}
