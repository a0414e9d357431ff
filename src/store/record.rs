//! Records everything that was read from a document, in one transaction.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use super::documents::{DocumentState, read_document};
use super::error::StoreError;
use super::pack::pack;
use super::publications::{latest_revision, set_status, upsert};
use super::runs::note_document;
use super::values::{date, json};
use super::{Dataset, Occasion, current, finding_index, reviews};
use crate::archive::{hex, sha256};
use crate::domain::{
    Coding, DocumentStatus, DocumentText, Finding, Letter, Passage, Probability, Processed, Publication, Reading,
};

impl Dataset {
    /// Records a publication and what its document turned out to be.
    ///
    /// The same bytes change nothing, unless another version read them or the result differs. Other bytes are a new revision; if
    /// their text is the same, it brings no new findings.
    ///
    /// # Errors
    /// SQLite refused; then nothing of the document was recorded.
    pub fn record(
        &mut self,
        publication: &Publication,
        processed: &Processed,
        occasion: &Occasion,
    ) -> Result<DocumentStatus, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number = upsert(&transaction, publication, occasion)?;
        let known = read_document(&transaction, &processed.sha256)?;
        let latest = latest_revision(&transaction, number)?;
        write_document(&transaction, processed)?;
        let same_bytes = latest.as_ref().is_some_and(|(_, sha256)| *sha256 == processed.sha256);
        if !same_bytes {
            let (revision, previous) = latest.as_ref().map_or((0, None), |(n, sha256)| (*n, Some(sha256.as_str())));
            let material = match previous {
                Some(previous) => !same_text(&transaction, previous, &processed.sha256)?,
                None => true,
            };
            transaction.prepare_cached("INSERT INTO revisions VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
                number,
                revision + 1,
                processed.sha256,
                super::values::moment(occasion.at),
                material,
                occasion.run.map(|r| r.0),
            ])?;
        }
        let letters = write_letter_if_it_counts(&transaction, processed, false)?;
        current::refresh(&transaction, &letters)?;
        // A site that publishes a letter anew gives it another number.
        let renewed = publication.url.is_some() && current::successor(&transaction, number)?.is_some();
        let reason = processed.reading.reason();
        set_status(&transaction, number, status_word(&processed.reading), reason.as_ref())?;
        let status = match (&processed.reading, known.map(|k| k.state)) {
            (Reading::Failed(_), _) => DocumentStatus::Failed,
            (_, Some(DocumentState::Letter | DocumentState::SetAside(_))) if same_bytes || latest.is_none() => {
                DocumentStatus::Unchanged
            }
            (Reading::SetAside(_), _) => DocumentStatus::SetAside,
            (Reading::Letter { .. }, _) if !same_bytes && (latest.is_some() || renewed) => DocumentStatus::Revised,
            (Reading::Letter { .. }, _) => DocumentStatus::Stored,
        };
        note_document(&transaction, occasion, number, Some(&processed.sha256), status, reason.as_ref())?;
        transaction.commit()?;
        Ok(status)
    }

    /// Records a stored document again, after its text was parsed or coded again.
    ///
    /// # Errors
    /// SQLite refused; then the document is unchanged.
    pub fn record_again(&mut self, processed: &Processed) -> Result<DocumentStatus, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = write_document(&transaction, processed)?;
        let letters = write_letter_if_it_counts(&transaction, processed, true)?;
        current::refresh(&transaction, &letters)?;
        let reason = processed.reading.reason();
        let shown: Vec<i64> = transaction
            .prepare_cached(
                "SELECT publication_no FROM revisions AS r WHERE sha256 = ?1 AND revision =
                     (SELECT max(revision) FROM revisions AS n WHERE n.publication_no = r.publication_no)",
            )?
            .query_map([&processed.sha256], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for number in shown {
            set_status(&transaction, number, status_word(&processed.reading), reason.as_ref())?;
        }
        transaction.commit()?;
        Ok(match &processed.reading {
            Reading::Failed(_) => DocumentStatus::Failed,
            Reading::SetAside(_) if changed => DocumentStatus::SetAside,
            Reading::Letter { .. } if changed => DocumentStatus::Stored,
            _ => DocumentStatus::Unchanged,
        })
    }
}

fn status_word(reading: &Reading) -> &'static str {
    match reading {
        Reading::Letter { .. } => "letter",
        Reading::SetAside(_) => "set_aside",
        Reading::Failed(_) => "failed",
    }
}

/// Hash of a document's words in their order, whatever their place on the pages.
fn text_hash(text: &DocumentText) -> String {
    let mut hasher = Sha256::new();
    for word in text.blocks.iter().flat_map(|b| b.text.split_whitespace()) {
        hasher.update(word.as_bytes());
        hasher.update(b" ");
    }
    hex(&hasher.finalize())
}

fn same_text(connection: &Connection, one: &str, other: &str) -> Result<bool, StoreError> {
    let hash = |sha256| -> Result<Option<String>, StoreError> {
        Ok(connection
            .prepare_cached("SELECT text_sha256 FROM documents WHERE sha256 = ?1 AND status = 'letter'")?
            .query_row([sha256], |row| row.get(0))
            .optional()?
            .flatten())
    };
    let (one, other) = (hash(one)?, hash(other)?);
    Ok(one.is_some() && one == other)
}

/// Writes the document's own row and text. Returns whether its versions, status or content differ from before.
fn write_document(connection: &Connection, processed: &Processed) -> Result<bool, StoreError> {
    let before = read_document(connection, &processed.sha256)?;
    let reason = processed.reading.reason();
    let evidence = match &processed.reading {
        Reading::SetAside(aside) => Some(&aside.evidence),
        _ => None,
    };
    let text = processed.text.as_ref();
    let versions = &processed.versions;
    connection
        .prepare_cached(
            "INSERT INTO documents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT (sha256) DO UPDATE SET
                 status = excluded.status, reason_code = excluded.reason_code,
                 reason_message = excluded.reason_message, evidence_page = excluded.evidence_page,
                 evidence_quote = excluded.evidence_quote, pages = excluded.pages, method = excluded.method,
                 text_status = excluded.text_status, text_sha256 = excluded.text_sha256, quality = excluded.quality,
                 extract_version = excluded.extract_version, parse_version = excluded.parse_version,
                 code_version = excluded.code_version, codebook = excluded.codebook",
        )?
        .execute(params![
            processed.sha256,
            i64::try_from(processed.size).unwrap_or(i64::MAX),
            status_word(&processed.reading),
            reason.as_ref().map(|r| &r.code),
            reason.as_ref().map(|r| &r.message),
            evidence.map(|e| e.page),
            evidence.map(|e| &e.quote),
            text.map(|t| t.pages),
            text.map(|t| t.method.to_string()),
            text.map(|t| t.status.to_string()),
            text.map(text_hash),
            text.map(|t| json(&t.quality)).transpose()?,
            versions.extract,
            versions.parse,
            versions.code,
            versions.codebook,
        ])?;
    let letter = match &processed.reading {
        Reading::Letter { letter, .. } => Some(pack(letter)?),
        _ => None,
    };
    let letter_before: Option<Option<Vec<u8>>> = connection
        .prepare_cached("SELECT letter FROM document_texts WHERE sha256 = ?1")?
        .query_row([&processed.sha256], |row| row.get(0))
        .optional()?;
    match text {
        Some(text) => connection
            .prepare_cached("INSERT OR REPLACE INTO document_texts VALUES (?1, ?2, ?3)")?
            .execute(params![processed.sha256, pack(text)?, letter])?,
        None => {
            connection.prepare_cached("DELETE FROM document_texts WHERE sha256 = ?1")?.execute([&processed.sha256])?
        }
    };
    let after = read_document(connection, &processed.sha256)?;
    Ok(before != after || letter_before.flatten() != letter)
}

/// Writes the letter and its findings, if a revision shows the document as material, and deletes what was there before.
/// Returns the ids of all letters whose current document may have changed.
fn write_letter_if_it_counts(
    connection: &Connection,
    processed: &Processed,
    anyway: bool,
) -> Result<BTreeSet<String>, StoreError> {
    let mut touched = current::ids_around_document(connection, &processed.sha256)?;
    let counts: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM revisions WHERE sha256 = ?1 AND material = 1)")?
        .query_row([&processed.sha256], |row| row.get(0))?;
    if let Reading::Letter { letter, findings } = &processed.reading
        && counts
    {
        touched.insert(letter.id());
        let findings = &reviews::overlay(connection, findings)?;
        let fingerprint = sha256(json(&(letter, findings))?.as_bytes());
        let held: Option<String> = connection
            .prepare_cached("SELECT reading_sha256 FROM all_letters WHERE sha256 = ?1")?
            .query_row([&processed.sha256], |row| row.get(0))
            .optional()?;
        if anyway || held.as_ref() != Some(&fingerprint) {
            delete_letter(connection, &processed.sha256)?;
            insert_letter(connection, &processed.sha256, letter, findings, &fingerprint)?;
        }
    } else {
        delete_letter(connection, &processed.sha256)?;
    }
    Ok(touched)
}

fn delete_letter(connection: &Connection, sha256: &str) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM all_letters WHERE sha256 = ?1")?.execute([sha256])?;
    Ok(())
}

fn insert_letter(
    connection: &Connection,
    sha256: &str,
    letter: &Letter,
    findings: &[Finding],
    fingerprint: &str,
) -> Result<(), StoreError> {
    let (counts, revisit) = (letter.counts, letter.revisit.as_ref());
    connection
        .prepare_cached(
            "INSERT INTO all_letters VALUES (NULL, ?1, ?2, 0, NULL, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
             ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34)",
        )?
        .execute(params![
            letter.id(),
            sha256,
            letter.kind.to_string(),
            letter.kind.framework().map(|f| f.to_string()),
            letter.la_code,
            letter.area_as_printed,
            date(letter.inspection.start),
            letter.inspection.end.map(date),
            letter.letter_date.map(date),
            letter.previous_inspection.status.to_string(),
            letter.previous_inspection.start.map(date),
            letter.previous_inspection.end.map(date),
            letter.outcome.map(|o| o.to_string()),
            letter.wsoa_required,
            letter.priority_action_plan_required,
            letter.next_full_inspection_months,
            letter.monitoring_inspection_months,
            json(&letter.local_authorities)?,
            json(&letter.health_bodies)?,
            json(&letter.responsible_for_statement)?,
            counts.significant_weakness,
            counts.priority_action,
            counts.area_for_improvement,
            counts.strength,
            counts.area_for_development,
            counts.effective_bullets,
            counts.needs_to_improve_bullets,
            revisit.and_then(|r| r.wsoa_required_on).map(date),
            revisit.and_then(|r| r.fit_for_purpose_on).map(date),
            revisit.map(|r| r.sufficient),
            revisit.map(|r| r.insufficient),
            json(&letter.facts)?,
            json(&letter.suspicious)?,
            fingerprint,
        ])?;
    let letter_no = connection.last_insert_rowid();
    for (position, finding) in findings.iter().enumerate() {
        insert_finding(connection, letter_no, position, finding)?;
    }
    finding_index::refresh(connection, letter_no)
}

fn insert_finding(
    connection: &Connection,
    letter_no: i64,
    position: usize,
    finding: &Finding,
) -> Result<(), StoreError> {
    let Passage { role, section, ordinal, paragraph, text, page, sub_items, responsible, verdict, previous } =
        &finding.passage;
    let Coding { polarity, probability, cue, themes } = &finding.coding;
    connection
        .prepare_cached(
            "INSERT INTO all_findings
             VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            letter_no,
            i64::try_from(position + 1).unwrap_or(i64::MAX),
            finding.id,
            role.to_string(),
            section.to_string(),
            ordinal,
            paragraph,
            polarity.to_string(),
            cue,
            text,
            page,
            sub_items,
            responsible,
            verdict.map(|v| v.to_string()),
            previous,
            probability.map(Probability::percent),
        ])?;
    let finding_no = connection.last_insert_rowid();
    for (place, theme) in themes.iter().enumerate() {
        connection.prepare_cached("INSERT INTO all_finding_themes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(
            params![
                finding_no,
                i64::try_from(place + 1).unwrap_or(i64::MAX),
                theme.id,
                theme.subtheme,
                theme.evidence,
                theme.from_previous,
                theme.rule,
                theme.probability.map(Probability::percent),
            ],
        )?;
    }
    Ok(())
}
