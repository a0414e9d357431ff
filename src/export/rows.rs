//! The rows of every exported table, one at a time and always in the same order.

use serde::Serialize;
use serde_json::{Value, json};

use super::error::ExportError;
use super::tables::{
    AREAS, FINDING_THEMES, FINDINGS, LETTERS, NEIGHBOURS, PUBLICATIONS, REGISTER, STANDINGS, THEME_SHARES, THEMES,
    Table,
};
use crate::domain::Framework;
use crate::query::{self, Filter};
use crate::store::Dataset;
use crate::store::values::Columns;

/// Hands over each row of a table as JSON.
///
/// Nothing in the rows depends on when or in which order documents were recorded, so the same dataset gives the same
/// rows. `filter` restricts letters and findings; the other tables are small and whole.
///
/// # Errors
/// The dataset could not be read, or `each` failed.
pub fn each_row(
    dataset: &Dataset,
    table: &Table,
    filter: &Filter,
    each: &mut dyn FnMut(Value) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    if *table == FINDINGS {
        return query::each_finding(dataset, filter, |finding| each(serde_json::to_value(finding)?));
    }
    if *table == LETTERS {
        return query::each_letter(dataset, filter, |letter| each(serde_json::to_value(letter)?));
    }
    if *table == FINDING_THEMES {
        return finding_themes(dataset, filter, each);
    }
    if *table == AREAS {
        return all(dataset.reference()?.areas(), each);
    }
    if *table == NEIGHBOURS {
        let reference = dataset.reference()?;
        return all(reference.areas().iter().flat_map(|a| reference.neighbours_of(&a.la_code)), each);
    }
    if *table == REGISTER {
        return all(dataset.reference()?.register(), each);
    }
    if *table == THEMES {
        return themes(dataset, each);
    }
    if *table == THEME_SHARES {
        for framework in [Framework::F2016, Framework::F2023] {
            let filter = Filter { frameworks: vec![framework], ..Filter::default() };
            all(query::themes(dataset, &filter, Some(query::By::Framework))?.rows, each)?;
        }
        return Ok(());
    }
    if *table == STANDINGS {
        // What is overdue depends on the day, and so is not exported; the days on which inspections are due are.
        return all(query::areas(dataset, &Filter::default(), jiff::civil::Date::ZERO)?, each);
    }
    if *table == PUBLICATIONS {
        return publications(dataset, each);
    }
    Ok(())
}

fn all<T: Serialize>(
    rows: impl IntoIterator<Item = T>,
    each: &mut dyn FnMut(Value) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    rows.into_iter().try_for_each(|row| each(serde_json::to_value(row)?))
}

fn finding_themes(
    dataset: &Dataset,
    filter: &Filter,
    each: &mut dyn FnMut(Value) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    query::each_finding(dataset, filter, |finding| {
        finding.themes.iter().try_for_each(|theme| {
            each(json!({
                "finding_id": finding.id, "letter_id": finding.letter_id, "la_code": finding.la_code,
                "framework": finding.framework, "inspection_start": finding.inspection_start, "role": finding.role,
                "polarity": finding.polarity, "theme": theme.id, "subtheme": theme.subtheme, "evidence": theme.evidence,
                "from_previous": theme.from_previous, "rule": theme.rule, "probability": theme.probability,
            }))
        })
    })
}

fn themes(dataset: &Dataset, each: &mut dyn FnMut(Value) -> Result<(), ExportError>) -> Result<(), ExportError> {
    let mut statement = dataset
        .connection()
        .prepare("SELECT id, label, theme_group, definition, subthemes FROM themes ORDER BY position, id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        each(json!({
            "id": c.get::<String>("id")?, "label": c.get::<String>("label")?,
            "group": c.get::<Option<String>>("theme_group")?, "definition": c.get::<Option<String>>("definition")?,
            "subthemes": c.json::<Vec<String>>("subthemes")?,
        }))?;
    }
    Ok(())
}

fn publications(dataset: &Dataset, each: &mut dyn FnMut(Value) -> Result<(), ExportError>) -> Result<(), ExportError> {
    let mut statement = dataset.connection().prepare(
        "SELECT p.*, (SELECT count(*) FROM revisions AS r WHERE r.publication_no = p.publication_no) AS revisions,
             (SELECT r.sha256 FROM revisions AS r WHERE r.publication_no = p.publication_no
              ORDER BY r.revision DESC LIMIT 1) AS sha256
         FROM publications AS p ORDER BY p.source, p.key",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        let text = |name: &'static str| c.get::<Option<String>>(name);
        each(json!({
            "source": text("source")?, "key": text("key")?, "url": text("url")?, "file": text("file")?,
            "title": text("title")?, "provider": text("provider")?, "published_on": text("published_on")?,
            "sha256": text("sha256")?, "revisions": c.get::<i64>("revisions")?, "status": text("status")?,
            "reason_code": text("reason_code")?, "reason_message": text("reason_message")?,
            "vanished_on": text("vanished_on")?,
        }))?;
    }
    Ok(())
}
