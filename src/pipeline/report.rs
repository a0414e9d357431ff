//! What a run did, document by document.

use serde::Serialize;

use crate::domain::{DocumentStatus, Reading, Reason, Suspicion};
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
    /// What a person should look at in a letter that was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suspicious: Vec<Suspicion>,
}

impl DocumentReport {
    /// The file or address, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        self.file.as_deref().or(self.url.as_deref()).unwrap_or_default()
    }

    /// Whether it is a letter without the one thing that it is read for.
    fn lacks_outcome(&self) -> bool {
        self.suspicious.iter().any(|suspicion| suspicion.field == "outcome")
    }
}

/// What a person should look at in a document.
pub(super) fn suspicions(reading: &Reading) -> Vec<Suspicion> {
    match reading {
        Reading::Letter { letter, .. } => letter.suspicious.clone(),
        Reading::SetAside(_) | Reading::Failed(_) => Vec::new(),
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

    /// Whether a document failed, or a letter was read whose outcome is not certain.
    #[must_use]
    pub fn some_failed(&self) -> bool {
        self.tally.failed > 0 || self.documents.iter().any(DocumentReport::lacks_outcome)
    }
}
