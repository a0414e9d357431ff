//! The last fetched version of each page, for conditional requests and for comparison with the next run.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::store::Dataset;
use crate::store::error::StoreError;
use crate::store::pack::{expand, squeeze};
use crate::store::values::Columns;

/// A fetched page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRecord {
    /// Its address.
    pub url: String,
    /// The crawler's description of it (JSON).
    pub request: String,
    /// The provider whose page it is.
    pub provider_key: Option<String>,
    /// The provider's name.
    pub provider: Option<String>,
    /// `ETag` of the answer.
    pub etag: Option<String>,
    /// `Last-Modified` of the answer.
    pub last_modified: Option<String>,
    /// Its bytes; kept only where the answer had one of the two.
    pub body: Vec<u8>,
    /// How many publications it shows.
    pub publications: u32,
    /// Whether the listing leads to it.
    pub listed: bool,
}

impl Dataset {
    /// The last fetched version of a page, if a conditional request can be made for it.
    ///
    /// # Errors
    /// SQLite refused, or the page is damaged.
    pub fn page(&self, source: &str, url: &str) -> Result<Option<PageRecord>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM crawl_pages WHERE source = ?1 AND url = ?2 AND body IS NOT NULL")?;
        let mut rows = statement.query([source, url])?;
        rows.next()?.map(read_page).transpose()
    }

    /// How many publications a page showed when it was last fetched.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn publications_on_page(&self, source: &str, url: &str) -> Result<u32, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT publications FROM crawl_pages WHERE source = ?1 AND url = ?2")?
            .query_row([source, url], |row| row.get(0))
            .optional()?
            .unwrap_or(0))
    }

    /// The providers' pages that earlier runs found, without their bodies.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn provider_pages(&self, source: &str) -> Result<Vec<PageRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT url, request, provider_key, provider, etag, last_modified, NULL AS body, publications, listed
             FROM crawl_pages WHERE source = ?1 AND provider_key IS NOT NULL ORDER BY provider_key, url",
        )?;
        let mut rows = statement.query([source])?;
        let mut pages = Vec::new();
        while let Some(row) = rows.next()? {
            pages.push(read_page(row)?);
        }
        Ok(pages)
    }

    /// Deletes a page that no longer exists.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn forget_page(&mut self, source: &str, url: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM crawl_pages WHERE source = ?1 AND url = ?2")?
            .execute([source, url])?;
        Ok(())
    }
}

pub(super) fn keep_page(connection: &Connection, source: &str, page: &PageRecord) -> Result<(), StoreError> {
    let body = if page.etag.is_some() || page.last_modified.is_some() { Some(squeeze(&page.body)?) } else { None };
    connection
        .prepare_cached(
            "INSERT INTO crawl_pages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET
                 request = excluded.request, provider_key = excluded.provider_key, provider = excluded.provider,
                 etag = excluded.etag, last_modified = excluded.last_modified, body = excluded.body,
                 publications = excluded.publications, listed = excluded.listed",
        )?
        .execute(params![
            source,
            page.url,
            page.request,
            page.provider_key,
            page.provider,
            page.etag,
            page.last_modified,
            body,
            page.publications,
            page.listed
        ])?;
    Ok(())
}

fn read_page(row: &Row<'_>) -> Result<PageRecord, StoreError> {
    let columns = Columns::of(row);
    let body: Option<Vec<u8>> = columns.get("body")?;
    Ok(PageRecord {
        url: columns.get("url")?,
        request: columns.get("request")?,
        provider_key: columns.get("provider_key")?,
        provider: columns.get("provider")?,
        etag: columns.get("etag")?,
        last_modified: columns.get("last_modified")?,
        body: body.as_deref().map(expand).transpose()?.unwrap_or_default(),
        publications: columns.get("publications")?,
        listed: columns.get("listed")?,
    })
}
