//! How recent the dataset is, as readers understand it: the latest inspection and the latest publication that are held.

use jiff::civil::Date;
use serde::Serialize;

use super::error::QueryError;
use crate::store::Dataset;
use crate::store::values::Columns;

/// The two days. Either is missing where no letter states it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Latest {
    /// First day of the latest inspection that a current letter is about.
    pub inspection: Option<Date>,
    /// Latest day of publication that the source of a current letter states.
    pub publication: Option<Date>,
}

/// The latest inspection and publication among the current letters.
///
/// # Errors
/// The dataset could not be read.
pub fn latest(dataset: &Dataset) -> Result<Latest, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT max(l.inspection_start) AS inspection, max(p.published_on) AS publication
         FROM all_letters AS l LEFT JOIN publications AS p ON p.publication_no = l.publication_no
         WHERE l.current = 1",
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
