//! The most telling wordings of formal items on a theme.

use rusqlite::OptionalExtension;
use serde::Serialize;

use super::error::QueryError;
use super::scope::ScopeLetter;
use crate::domain::Role;
use crate::store::Dataset;

/// Quotes for each theme.
const QUOTES_PER_THEME: usize = 3;

/// The wording of a formal item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The area that was flagged.
    pub area: String,
    /// The exact quote.
    pub text: String,
    /// Its page.
    pub page: u32,
    /// Its letter.
    pub letter_id: String,
    /// Id of the finding.
    pub finding_id: String,
    /// Address of the letter.
    pub url: Option<String>,
}

/// The most telling wordings: about this theme rather than many, short, one for each letter, the nearest peer first.
pub(super) fn quotes(
    dataset: &Dataset,
    theme: &str,
    letters: &[ScopeLetter],
    roles: &[Role],
) -> Result<Vec<Quote>, QueryError> {
    let marks = vec!["?"; roles.len()].join(", ");
    // A cross join keeps the order of the tables: the few items of the letter first, not the theme's many findings.
    let sql = format!(
        "SELECT coalesce(a.area, l.area_as_printed), f.text, f.page, l.id, f.id, p.url,
             (SELECT count(*) FROM all_finding_themes AS o WHERE o.finding_no = f.finding_no) AS breadth
         FROM all_findings AS f
         CROSS JOIN all_finding_themes AS t ON t.finding_no = f.finding_no AND t.theme = ?
         JOIN all_letters AS l ON l.letter_no = f.letter_no
         LEFT JOIN publications AS p ON p.publication_no = l.publication_no
         LEFT JOIN areas AS a ON a.la_code = l.la_code
         WHERE f.letter_no = ? AND f.role IN ({marks})
         ORDER BY breadth, length(f.text), f.position LIMIT 1"
    );
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let mut found: Vec<(i64, Quote)> = Vec::new();
    for letter in letters {
        let mut values: Vec<rusqlite::types::Value> = vec![theme.to_owned().into(), letter.number.into()];
        values.extend(roles.iter().map(|r| r.to_string().into()));
        let quote = statement
            .query_row(rusqlite::params_from_iter(values), |row| {
                Ok((
                    row.get(6)?,
                    Quote {
                        area: row.get(0)?,
                        text: row.get(1)?,
                        page: row.get(2)?,
                        letter_id: row.get(3)?,
                        finding_id: row.get(4)?,
                        url: row.get(5)?,
                    },
                ))
            })
            .optional()?;
        found.extend(quote);
    }
    found.sort_by_key(|(breadth, _)| *breadth);
    Ok(found.into_iter().map(|(_, quote)| quote).take(QUOTES_PER_THEME).collect())
}
