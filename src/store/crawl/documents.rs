//! What a run keeps about publications for the next one: validators for conditional requests, and where each was seen.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rusqlite::{OptionalExtension, TransactionBehavior};

use crate::domain::Publication;
use crate::store::error::StoreError;
use crate::store::publications::{self, mark_vanished};
use crate::store::runs::RunId;
use crate::store::{Dataset, current};

/// Validators with which a server is asked whether a document changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentValidators {
    /// The `ETag`.
    pub etag: Option<String>,
    /// The `Last-Modified`.
    pub last_modified: Option<String>,
}

impl Dataset {
    /// The validators of a publication's document.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn document_validators(&self, source: &str, key: &str) -> Result<Option<DocumentValidators>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT etag, last_modified FROM crawl_documents WHERE source = ?1 AND key = ?2")?
            .query_row([source, key], |row| Ok(DocumentValidators { etag: row.get(0)?, last_modified: row.get(1)? }))
            .optional()?)
    }

    /// The entry of a publication as the last listing had it.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn publication(&self, source: &str, key: &str) -> Result<Option<Publication>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM publications WHERE source = ?1 AND key = ?2")?;
        let mut rows = statement.query([source, key])?;
        rows.next()?.map(publications::read).transpose()
    }

    /// The publications of a source whose page is none of those given.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn publications_off_pages(
        &self,
        source: &str,
        pages: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT key, page FROM crawl_documents WHERE source = ?1")?;
        let mut rows = statement.query([source])?;
        let mut keys = BTreeSet::new();
        while let Some(row) = rows.next()? {
            if !pages.contains(&row.get::<_, String>(1)?) {
                keys.insert(row.get(0)?);
            }
        }
        Ok(keys)
    }

    /// Marks the publications of a source that its complete listing no longer shows, and the run that missed them. Their
    /// letters stay as they are. Gives those whose document is held, each with the key of the publication that took its
    /// place, if one of the same source shows the same letter.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn vanish(
        &mut self,
        source: &str,
        seen: &BTreeSet<String>,
        on: Date,
        run: Option<RunId>,
    ) -> Result<Vec<(Publication, Option<String>)>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut gone = Vec::new();
        for publication in mark_vanished(&transaction, source, seen, on, run)? {
            let (number, held): (i64, bool) = transaction
                .prepare_cached(
                    "SELECT publication_no, EXISTS (SELECT 1 FROM revisions AS r WHERE r.publication_no = p.publication_no)
                     FROM publications AS p WHERE source = ?1 AND key = ?2",
                )?
                .query_row([source, &publication.key], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if held {
                current::refresh(&transaction, &current::ids_of_publication(&transaction, number)?)?;
                let successor = current::successor(&transaction, number)?;
                gone.push((publication, successor));
            }
        }
        transaction.commit()?;
        Ok(gone)
    }
}
