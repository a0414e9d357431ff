//! What was read from one document as one row of plain values, so that engines that spread the work over many
//! machines can carry it, and the way from such rows back into a dataset.
//!
//! A row holds everything that the store keeps, so that a data directory filled from rows answers as one that read the
//! documents itself, and its texts can be parsed and coded again.

use serde::{Deserialize, Serialize};

use crate::domain::{Finding, Letter, Processed, Publication, Reading, Reason, SetAside, Versions};
use crate::query::LetterRow;
use crate::reference::Reference;

use super::ingest::LOCAL;

/// One document in one row. What has an inner structure is JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// SHA-256 of the bytes; nothing where they were not read.
    pub sha256: Option<String>,
    /// Address under which the engine found the document.
    pub path: String,
    /// Its last part.
    pub file: String,
    /// Size in bytes.
    pub size: u64,
    /// `letter`, `set_aside` or `failed`.
    pub status: String,
    /// Why it is no letter: a stable word.
    pub reason_code: Option<String>,
    /// Why, for people.
    pub reason_message: Option<String>,
    /// Id of the letter.
    pub letter_id: Option<String>,
    /// Number of pages.
    pub pages: Option<u32>,
    /// How the text was read.
    pub method: Option<String>,
    /// Whether the text can be relied on.
    pub text_status: Option<String>,
    /// Version of the extraction.
    pub versions_extract: u32,
    /// Version of the parser.
    pub versions_parse: u32,
    /// Version of the coder.
    pub versions_code: u32,
    /// Version and hash of the codebook.
    pub versions_codebook: String,
    /// The row of the table `letters` (JSON); also for what was set aside.
    pub row: Option<String>,
    /// The letter with where each fact was read, without its passages (JSON).
    pub letter: Option<String>,
    /// The findings with their passages (JSON).
    pub findings: Option<String>,
    /// What the document is instead of a letter (JSON).
    pub set_aside: Option<String>,
    /// The text as blocks (JSON).
    pub text: Option<String>,
}

/// A row that cannot be taken back.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not written by sendlens, or by a version with another form.
    #[error("the {part} of {path} cannot be understood: {source}; read the documents again with this version")]
    Json {
        /// The document.
        path: String,
        /// The column.
        part: &'static str,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The hash is none.
    #[error("{path} has no valid hash ({given}); read the documents again with this version")]
    Hash {
        /// The document.
        path: String,
        /// What stands there.
        given: String,
    },
    /// A letter without findings, or a failure without a reason.
    #[error("the row of {path} lacks its {part}; read the documents again with this version")]
    Incomplete {
        /// The document.
        path: String,
        /// The column.
        part: &'static str,
    },
}

impl DocumentRecord {
    /// The row of a document that was found under `path`.
    ///
    /// # Errors
    /// When a part has no JSON form, which would be a defect.
    pub fn new(processed: &Processed, path: &str, reference: &Reference) -> Result<Self, serde_json::Error> {
        let text = processed.text.as_ref();
        let reason = processed.reading.reason();
        let file = last_part(path);
        let row = LetterRow::of(processed, Some(&file), reference);
        let mut record = Self {
            sha256: Some(processed.sha256.clone()),
            path: path.to_owned(),
            size: processed.size,
            reason_code: reason.as_ref().map(|r| r.code.clone()),
            reason_message: reason.map(|r| r.message),
            pages: text.map(|t| t.pages),
            method: text.map(|t| t.method.to_string()),
            text_status: text.map(|t| t.status.to_string()),
            versions_extract: processed.versions.extract,
            versions_parse: processed.versions.parse,
            versions_code: processed.versions.code,
            versions_codebook: processed.versions.codebook.clone(),
            row: row.as_ref().map(serde_json::to_string).transpose()?,
            text: text.map(serde_json::to_string).transpose()?,
            file,
            ..Self::default()
        };
        match &processed.reading {
            Reading::Letter { letter, findings } => {
                "letter".clone_into(&mut record.status);
                record.letter_id = Some(letter.id());
                record.letter = Some(serde_json::to_string(&Letter { passages: Vec::new(), ..(**letter).clone() })?);
                record.findings = Some(serde_json::to_string(findings)?);
            }
            Reading::SetAside(aside) => {
                "set_aside".clone_into(&mut record.status);
                record.set_aside = Some(serde_json::to_string(aside)?);
            }
            Reading::Failed(_) => "failed".clone_into(&mut record.status),
        }
        Ok(record)
    }

    /// The entry under which the document is kept.
    #[must_use]
    pub fn publication(&self) -> Publication {
        Publication {
            source: LOCAL.to_owned(),
            key: self.key().to_owned(),
            url: None,
            file: Some(self.file.clone()),
            title: None,
            provider: None,
            published_on: None,
        }
    }

    /// The path as a command line would give it: engines write `file:/a/b.pdf` for local files.
    #[must_use]
    pub fn key(&self) -> &str {
        match self.path.strip_prefix("file:") {
            Some(local) => local.strip_prefix("//").unwrap_or(local),
            None => &self.path,
        }
    }

    /// Why the document is no letter, if it is none.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        Some(Reason { code: self.reason_code.clone()?, message: self.reason_message.clone()? })
    }

    /// The versions that read the document.
    #[must_use]
    pub fn versions(&self) -> Versions {
        Versions {
            extract: self.versions_extract,
            parse: self.versions_parse,
            code: self.versions_code,
            codebook: self.versions_codebook.clone(),
        }
    }

    /// What was read, as the pipeline gave it; nothing where the bytes were not read.
    ///
    /// # Errors
    /// When the row is damaged or of another form.
    pub fn processed(&self) -> Result<Option<Processed>, RecordError> {
        let Some(sha256) = &self.sha256 else { return Ok(None) };
        if sha256.len() != 64 || !sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(RecordError::Hash { path: self.path.clone(), given: sha256.clone() });
        }
        Ok(Some(Processed {
            sha256: sha256.clone(),
            size: self.size,
            text: self.part("text", self.text.as_deref())?,
            reading: self.reading()?,
            versions: self.versions(),
        }))
    }

    fn reading(&self) -> Result<Reading, RecordError> {
        let incomplete = |part| RecordError::Incomplete { path: self.path.clone(), part };
        if let Some(mut letter) = self.part::<Letter>("letter", self.letter.as_deref())? {
            let findings: Vec<Finding> =
                self.part("findings", self.findings.as_deref())?.ok_or_else(|| incomplete("findings"))?;
            letter.passages = findings.iter().map(|f| f.passage.clone()).collect();
            return Ok(Reading::Letter { letter: Box::new(letter), findings });
        }
        if let Some(aside) = self.part::<SetAside>("set_aside", self.set_aside.as_deref())? {
            return Ok(Reading::SetAside(aside));
        }
        self.reason().map(Reading::Failed).ok_or_else(|| incomplete("reason"))
    }

    fn part<T: serde::de::DeserializeOwned>(
        &self,
        part: &'static str,
        json: Option<&str>,
    ) -> Result<Option<T>, RecordError> {
        json.map(serde_json::from_str).transpose().map_err(|source| RecordError::Json {
            path: self.path.clone(),
            part,
            source,
        })
    }
}

fn last_part(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}
