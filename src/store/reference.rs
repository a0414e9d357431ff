//! The reference tables and the codebook's themes, kept beside the letters so that every question and every export
//! finds them in one file.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::Dataset;
use super::error::StoreError;
use super::values::{date, json};
use crate::archive::sha256;
use crate::codebook::Codebook;
use crate::domain::{LocalArea, Neighbour, OfficialOutcome};
use crate::reference::Reference;

/// A theme of the codebook as the dataset keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeRow {
    /// Id of the codebook.
    pub id: String,
    /// Name for people.
    pub label: String,
    /// Group of the codebook ("identify", "meet", "outcomes", "system").
    pub group: Option<String>,
    /// What the theme is about.
    pub definition: Option<String>,
    /// Ids of its subthemes.
    pub subthemes: Vec<String>,
}

impl Dataset {
    /// Updates the reference tables and the themes to those that this run uses. Returns whether anything changed.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn sync(&mut self, reference: &Reference, codebook: &Codebook) -> Result<bool, StoreError> {
        let areas = reference.areas();
        let neighbours: Vec<Neighbour> =
            areas.iter().flat_map(|a| reference.neighbours_of(&a.la_code)).cloned().collect();
        let themes: Vec<ThemeRow> = codebook
            .themes()
            .iter()
            .map(|theme| ThemeRow {
                id: theme.id.clone(),
                label: theme.label.clone(),
                group: Some(theme.group.clone()),
                definition: Some(theme.definition.clone()),
                subthemes: theme.subthemes.clone(),
            })
            .collect();
        let tables = self.sync_reference(areas, &neighbours, reference.register())?;
        Ok(self.sync_themes(&themes)? || tables)
    }

    /// Replaces the areas, their neighbours and the official register if they differ from what is stored. Returns whether
    /// anything changed.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn sync_reference(
        &mut self,
        areas: &[LocalArea],
        neighbours: &[Neighbour],
        register: &[OfficialOutcome],
    ) -> Result<bool, StoreError> {
        let fingerprint = sha256(json(&(areas, neighbours, register))?.as_bytes());
        if meta(&self.connection, "reference")?.as_ref() == Some(&fingerprint) {
            return Ok(false);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch("DELETE FROM areas; DELETE FROM neighbours; DELETE FROM register;")?;
        for area in areas {
            insert_area(&transaction, area)?;
        }
        for n in neighbours {
            transaction.prepare_cached("INSERT INTO neighbours VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                n.la_code,
                n.rank,
                n.neighbour,
                n.closeness
            ])?;
        }
        for r in register {
            transaction.prepare_cached("INSERT INTO register VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
                params![
                    r.la_code,
                    date(r.inspection_start),
                    r.published_on.map(date),
                    r.wsoa_required,
                    r.significant_weaknesses,
                    r.revisit_start.map(date),
                    r.revisit_published_on.map(date),
                    r.sufficient,
                    r.insufficient,
                ],
            )?;
        }
        set_meta(&transaction, "reference", &fingerprint)?;
        // An area's letters are sought under the areas that it took over from, too.
        super::links::refresh_all(&transaction)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Updates the themes to the codebook, in its order. A theme that the codebook no longer has stays as long as a finding has
    /// it. Returns whether anything changed.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn sync_themes(&mut self, themes: &[ThemeRow]) -> Result<bool, StoreError> {
        let plain: Vec<_> = themes.iter().map(|t| (&t.id, &t.label, &t.group, &t.definition, &t.subthemes)).collect();
        let fingerprint = sha256(json(&plain)?.as_bytes());
        if meta(&self.connection, "themes")?.as_ref() == Some(&fingerprint) {
            return Ok(false);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let held: BTreeSet<String> =
            transaction.prepare("SELECT id FROM themes")?.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
        for id in held.iter().filter(|id| themes.iter().all(|t| &t.id != *id)) {
            transaction.execute(
                "DELETE FROM themes WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM all_finding_themes WHERE theme = ?1)",
                [id],
            )?;
            transaction.execute("UPDATE themes SET position = ?2 WHERE id = ?1", params![id, RETIRED_POSITION])?;
        }
        for (position, theme) in themes.iter().enumerate() {
            transaction.execute(
                "INSERT INTO themes (id, position, label, theme_group, definition, subthemes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (id) DO UPDATE SET position = ?2, label = ?3, theme_group = ?4, definition = ?5,
                     subthemes = ?6",
                params![
                    theme.id,
                    i64::try_from(position + 1).unwrap_or(RETIRED_POSITION),
                    theme.label,
                    theme.group,
                    theme.definition,
                    json(&theme.subthemes)?,
                ],
            )?;
        }
        set_meta(&transaction, "themes", &fingerprint)?;
        transaction.commit()?;
        Ok(true)
    }
}

/// Position of themes that the codebook does not have: after all others.
const RETIRED_POSITION: i64 = 1_000_000;

/// The number of a theme. A theme that no codebook has defined yet is inserted under its id.
pub(super) fn theme_number(connection: &Connection, id: &str) -> Result<i64, StoreError> {
    let held = connection
        .prepare_cached("SELECT theme_no FROM themes WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if let Some(number) = held {
        return Ok(number);
    }
    connection
        .prepare_cached("INSERT INTO themes (id, position, label, subthemes) VALUES (?1, ?2, ?1, '[]')")?
        .execute(params![id, RETIRED_POSITION])?;
    Ok(connection.last_insert_rowid())
}

fn insert_area(connection: &Connection, area: &LocalArea) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO areas VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")?
        .execute(params![
            area.la_code,
            area.ons_code,
            area.urn,
            area.name,
            json(&area.also_known_as)?,
            area.region.to_string(),
            area.la_type.to_string(),
            area.population_0_25,
            json(&area.previous_ons_codes)?,
            area.created_on.map(date),
            area.abolished_on.map(date),
            json(&area.successors)?,
        ])?;
    Ok(())
}

fn meta(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

fn set_meta(connection: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute([key, value])?;
    Ok(())
}
