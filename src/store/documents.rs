//! Stored documents: what each turned out to be, which versions read it, and the text from which later stages can start
//! again.

use rusqlite::{Connection, OptionalExtension};

use super::Dataset;
use super::error::StoreError;
use super::pack::unpack;
use super::publications;
use super::values::Columns;
use crate::domain::{DocumentText, Letter, Publication, Reason, Versions};

/// What a stored document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentState {
    /// A SEND letter.
    Letter,
    /// Something else, recognised.
    SetAside(Reason),
    /// It could not be read or understood.
    Failed(Reason),
}

/// A document in the archive, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its address in the archive.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// What it is.
    pub state: DocumentState,
    /// The versions that read it.
    pub versions: Versions,
}

impl Dataset {
    /// What is known of the document with this hash.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn document(&self, sha256: &str) -> Result<Option<StoredDocument>, StoreError> {
        read_document(&self.connection, sha256)
    }

    /// Calls `each` with every document, one at a time and in the order of their hashes. Memory does not grow with their number.
    ///
    /// # Errors
    /// SQLite refused, or `each` failed.
    pub fn each_document<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(StoredDocument) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement =
            self.connection.prepare("SELECT * FROM documents ORDER BY sha256").map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            each(stored_document(&Columns::of(row))?)?;
        }
        Ok(())
    }

    /// How many documents there are.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn count_documents(&self) -> Result<u64, StoreError> {
        let count: i64 = self.connection.query_row("SELECT count(*) FROM documents", [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The document that a publication shows now, if its bytes were ever held.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn newest_document(&self, source: &str, key: &str) -> Result<Option<StoredDocument>, StoreError> {
        let number: Option<i64> = self
            .connection
            .prepare_cached("SELECT publication_no FROM publications WHERE source = ?1 AND key = ?2")?
            .query_row([source, key], |row| row.get(0))
            .optional()?;
        let Some(number) = number else { return Ok(None) };
        match publications::latest_revision(&self.connection, number)? {
            Some((_, sha256)) => self.document(&sha256),
            None => Ok(None),
        }
    }

    /// The publications under which a document was found, by source and key.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn publications_of(&self, sha256: &str) -> Result<Vec<Publication>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT p.* FROM publications AS p JOIN revisions AS r ON r.publication_no = p.publication_no
             WHERE r.sha256 = ?1 ORDER BY p.source, p.key",
        )?;
        let mut rows = statement.query([sha256])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(publications::read(row)?);
        }
        Ok(found)
    }

    /// The extracted text of a document; none if it could not be extracted.
    ///
    /// # Errors
    /// SQLite refused, or the stored text is damaged.
    pub fn text(&self, sha256: &str) -> Result<Option<DocumentText>, StoreError> {
        let packed: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT text FROM document_texts WHERE sha256 = ?1")?
            .query_row([sha256], |row| row.get(0))
            .optional()?;
        packed.as_deref().map(unpack).transpose()
    }

    /// The letter that a document was parsed into; none if it is not a letter.
    ///
    /// # Errors
    /// SQLite refused, or the stored letter is damaged.
    pub fn letter(&self, sha256: &str) -> Result<Option<Letter>, StoreError> {
        let packed: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT letter FROM document_texts WHERE sha256 = ?1")?
            .query_row([sha256], |row| row.get(0))
            .optional()?
            .flatten();
        packed.as_deref().map(unpack).transpose()
    }
}

/// The document with this hash, if the dataset has it.
pub(super) fn read_document(connection: &Connection, sha256: &str) -> Result<Option<StoredDocument>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT * FROM documents WHERE sha256 = ?1")?;
    let mut rows = statement.query([sha256])?;
    rows.next()?.map(|row| stored_document(&Columns::of(row))).transpose()
}

fn stored_document(columns: &Columns<'_, '_>) -> Result<StoredDocument, StoreError> {
    let status: String = columns.get("status")?;
    let reason = || {
        Ok::<_, StoreError>(Reason {
            code: columns.get::<Option<String>>("reason_code")?.unwrap_or_default(),
            message: columns.get::<Option<String>>("reason_message")?.unwrap_or_default(),
        })
    };
    Ok(StoredDocument {
        sha256: columns.get("sha256")?,
        size: u64::try_from(columns.get::<i64>("size")?).unwrap_or(0),
        state: match status.as_str() {
            "letter" => DocumentState::Letter,
            "set_aside" => DocumentState::SetAside(reason()?),
            "failed" => DocumentState::Failed(reason()?),
            _ => return Err(StoreError::Unknown { what: "document status", value: status }),
        },
        versions: Versions {
            extract: columns.get("extract_version")?,
            parse: columns.get("parse_version")?,
            code: columns.get("code_version")?,
            codebook: columns.get("codebook")?,
        },
    })
}
