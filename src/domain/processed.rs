//! What reading one document's bytes gave: the value that travels from the stages to the store.

use super::block::DocumentText;
use super::finding::Finding;
use super::letter::{Letter, SetAside, Versions};
use super::publication::Reason;

/// One document after extraction, parsing and coding.
#[derive(Debug, Clone, PartialEq)]
pub struct Processed {
    /// SHA-256 of the bytes, in hexadecimal: the document's address in the archive.
    pub sha256: String,
    /// Size of the document in bytes.
    pub size: u64,
    /// The text, where it could be read.
    pub text: Option<DocumentText>,
    /// What was understood.
    pub reading: Reading,
    /// The versions that read it.
    pub versions: Versions,
}

/// What a document turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// A SEND letter with its coded findings.
    Letter {
        /// The letter.
        letter: Box<Letter>,
        /// Its findings, in the order of the document.
        findings: Vec<Finding>,
    },
    /// Something else, recognised.
    SetAside(SetAside),
    /// It could not be read or understood.
    Failed(Reason),
}

impl Reading {
    /// Why the document is not in the dataset as a letter; nothing for a letter.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Letter { .. } => None,
            Self::SetAside(aside) => Some(Reason {
                code: aside.what.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
                message: format!(
                    "not a SEND letter: {} (page {}: \"{}\")",
                    aside.what, aside.evidence.page, aside.evidence.quote
                ),
            }),
            Self::Failed(reason) => Some(reason.clone()),
        }
    }
}
