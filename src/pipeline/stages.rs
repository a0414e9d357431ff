//! One document through all stages that need nothing but its bytes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::archive;
use crate::code::{self, Coder};
use crate::domain::{DocumentText, Processed, Reading, Reason, TextStatus, Versions};
use crate::extract::{self, Limits};
use crate::parse::{self, Parsed};
use crate::reference::Reference;
use crate::store::{Dataset, StoreError};

/// Everything that reading a document needs, loaded once and shared by all threads.
pub struct Stages {
    /// Limits on a single document.
    pub limits: Limits,
    /// Areas, neighbours, register.
    pub reference: Reference,
    /// The coder with its codebook.
    pub coder: Coder,
}

impl Stages {
    /// The versions that these stages stamp on what they read.
    #[must_use]
    pub fn versions(&self) -> Versions {
        Versions {
            extract: extract::VERSION,
            parse: parse::VERSION,
            code: code::VERSION,
            codebook: self.coder.fingerprint(),
        }
    }

    /// Brings the dataset's own copy of the reference tables and themes up to date with these stages.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn describe(&self, dataset: &mut Dataset) -> Result<(), StoreError> {
        dataset.sync(&self.reference, self.coder.codebook())?;
        Ok(())
    }

    /// Reads one document from its bytes. Never panics: a defect below becomes this document's failure.
    #[must_use]
    pub fn process(&self, bytes: &[u8]) -> Processed {
        let (text, reading) = contained(|| match extract::extract(bytes, &self.limits) {
            Ok(text) => {
                let reading = self.understand(&text);
                (Some(text), reading)
            }
            Err(error) => (None, failed(error.code(), &error)),
        })
        .unwrap_or_else(|reason| (None, Reading::Failed(reason)));
        Processed { sha256: archive::sha256(bytes), size: bytes.len() as u64, text, reading, versions: self.versions() }
    }

    /// Parses and codes a text that was extracted before, for a rebuild that needs no PDF.
    #[must_use]
    pub fn understand(&self, text: &DocumentText) -> Reading {
        let reading = contained(|| match parse::parse(text, &self.reference) {
            Ok(Parsed::Letter(letter)) => {
                let findings = code::findings(&letter, &self.coder);
                Reading::Letter { letter, findings }
            }
            Ok(Parsed::SetAside(aside)) => Reading::SetAside(aside),
            Err(error) => failed(error.code(), &error),
        })
        .unwrap_or_else(Reading::Failed);
        match (text.status, &reading) {
            (TextStatus::PoorText, Reading::Letter { .. } | Reading::Failed(_)) => Reading::Failed(poor_text()),
            (TextStatus::NeedsOcr, Reading::Failed(_)) => Reading::Failed(needs_ocr()),
            // A stamp or a letterhead says nothing of what the pictures show.
            (TextStatus::NeedsOcr, _) if is_mostly_scanned(text) => Reading::Failed(needs_ocr()),
            _ => reading,
        }
    }
}

/// Garbled text is stored but never coded.
fn poor_text() -> Reason {
    Reason {
        code: TextStatus::PoorText.to_string(),
        message: "too many characters of this document cannot be mapped to text, so nothing in it is coded; \
                  look for another copy of it"
            .to_owned(),
    }
}

fn is_mostly_scanned(text: &DocumentText) -> bool {
    let scanned = text.quality.iter().filter(|page| page.image_only).count();
    scanned * 2 > text.quality.len()
}

/// A letter with one scanned page beside readable ones is kept, and `status` names the page; without a readable
/// letter the document fails.
fn needs_ocr() -> Reason {
    Reason {
        code: TextStatus::NeedsOcr.to_string(),
        message: "pages of this document are images without text; run it through OCR and ingest the result".to_owned(),
    }
}

fn failed(code: &str, error: &dyn std::error::Error) -> Reading {
    Reading::Failed(Reason { code: code.to_owned(), message: error.to_string() })
}

fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Reason> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Reason {
        code: "internal".to_owned(),
        message: "reading this document met a defect in sendlens; please report it with the document".to_owned(),
    })
}
