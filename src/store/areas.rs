//! Reads the reference tables back, so that questions resolve names with the tables that the dataset was built with.

use super::Dataset;
use super::error::StoreError;
use super::values::Columns;
use crate::domain::{LocalArea, Neighbour, OfficialOutcome};
use crate::reference::Reference;

impl Dataset {
    /// The reference tables stored in the dataset.
    ///
    /// # Errors
    /// SQLite refused, or a table is damaged.
    pub fn reference(&self) -> Result<Reference, StoreError> {
        let areas = self.read_table("SELECT * FROM areas ORDER BY la_code", |row| {
            Ok(LocalArea {
                la_code: row.get("la_code")?,
                ons_code: row.get("ons_code")?,
                urn: row.get("urn")?,
                name: row.get("area")?,
                also_known_as: row.json("also_known_as")?,
                region: row.term("region")?,
                la_type: row.term("la_type")?,
                population_0_25: row.get("population_0_25")?,
                previous_ons_codes: row.json("previous_ons_codes")?,
                abolished_on: row.optional_date("abolished_on")?,
                created_on: row.optional_date("created_on")?,
                successors: row.json("successors")?,
            })
        })?;
        let neighbours = self.read_table("SELECT * FROM neighbours ORDER BY la_code, rank", |row| {
            Ok(Neighbour {
                la_code: row.get("la_code")?,
                rank: row.get("rank")?,
                neighbour: row.get("neighbour")?,
                closeness: row.get("closeness")?,
            })
        })?;
        let register = self.read_table("SELECT * FROM register ORDER BY la_code, inspection_start", |row| {
            Ok(OfficialOutcome {
                la_code: row.get("la_code")?,
                inspection_start: row.date("inspection_start")?,
                published_on: row.optional_date("published_on")?,
                wsoa_required: row.get("wsoa_required")?,
                significant_weaknesses: row.get("significant_weaknesses")?,
                revisit_start: row.optional_date("revisit_start")?,
                revisit_published_on: row.optional_date("revisit_published_on")?,
                sufficient: row.get("sufficient")?,
                insufficient: row.get("insufficient")?,
            })
        })?;
        Ok(Reference::from_parts(areas, neighbours, register))
    }

    fn read_table<T>(
        &self,
        sql: &str,
        read: impl Fn(&Columns<'_, '_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(&Columns::of(row))?);
        }
        Ok(found)
    }
}
