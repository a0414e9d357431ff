//! How recent the dataset is, as readers understand it: the latest inspection and the latest publication that are held.
//!
//! It also says what coded the letters.
//!
//! Every page, calendar and command that speaks of how far the letters go means these days.

use jiff::civil::Date;
use serde::Serialize;

use super::error::QueryError;
use crate::code::WITHOUT_MODEL;
use crate::store::Dataset;
use crate::store::values::Columns;

/// The two days. Either is missing where no letter states it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Latest {
    /// Last day of the latest inspection that a current letter is about; its first day where the last is not known.
    pub inspection: Option<Date>,
    /// Latest day of publication that the source of a current letter states.
    pub publication: Option<Date>,
}

/// Current letters by what coded them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CodedBy {
    /// Letters that the language model had a say in.
    pub model: usize,
    /// Letters that were coded with patterns alone (`--no-model`).
    pub patterns: usize,
}

/// What coded the current letters.
///
/// # Errors
/// The dataset could not be read.
pub fn coded_by(dataset: &Dataset) -> Result<CodedBy, QueryError> {
    let mut coded = CodedBy::default();
    let mut statement = dataset.connection().prepare_cached(
        "SELECT d.codebook, count(*) FROM all_letters AS l JOIN documents AS d ON d.sha256 = l.sha256
         WHERE l.current = 1 AND l.kind <> 'other' GROUP BY d.codebook",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (codebook, letters): (String, i64) = (row.get(0)?, row.get(1)?);
        let count = if codebook.ends_with(WITHOUT_MODEL) { &mut coded.patterns } else { &mut coded.model };
        *count += usize::try_from(letters).unwrap_or(0);
    }
    Ok(coded)
}

/// The latest inspection and publication among the current letters.
///
/// # Errors
/// The dataset could not be read.
pub fn latest(dataset: &Dataset) -> Result<Latest, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT max(coalesce(l.inspection_end, l.inspection_start)) AS inspection, max(p.published_on) AS publication
         FROM all_letters AS l LEFT JOIN publications AS p ON p.publication_no = l.publication_no
         WHERE l.current = 1 AND l.kind <> 'other'",
    )?;
    let mut rows = statement.query([])?;
    match rows.next()? {
        None => Ok(Latest::default()),
        Some(row) => {
            let c = Columns::of(row);
            Ok(Latest { inspection: c.optional_date("inspection")?, publication: c.optional_date("publication")? })
        }
    }
}
