//! Findings as users see them.

use jiff::civil::Date;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;

use super::error::QueryError;
use super::facets::{facets, total as total_of};
use super::filter::Filter;
use super::index::{ThemeNumbers, Wanted, letters_with_findings};
use super::scope::letters_in;
use crate::domain::{Framework, JoinedBy, LetterKind, Polarity, Probability, Role, Section, ThemeCode, Verdict};
use crate::store::values::Columns;
use crate::store::{Dataset, HUMAN};

/// A finding with the letter that it stands in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingRow {
    /// Stable id.
    pub id: String,
    /// The letter.
    pub letter_id: String,
    /// Area: three-digit code.
    pub la_code: String,
    /// Area: name.
    pub area: String,
    /// Kind of the letter.
    pub kind: LetterKind,
    /// Framework of the letter.
    pub framework: Option<Framework>,
    /// First day of the inspection.
    pub inspection_start: Date,
    /// The part it plays.
    pub role: Role,
    /// Where it stands.
    pub section: Section,
    /// Position within its role, from 1.
    pub ordinal: u32,
    /// Bullet or paragraph of its section, from 1.
    pub paragraph: u32,
    /// Praise, criticism, both or neither.
    pub polarity: Polarity,
    /// How likely the polarity is right, from 0 to 1; absent where wording or place settles it, or a person gave it.
    pub polarity_probability: Option<Probability>,
    /// The wording or section that decided it, or "human".
    pub cue: String,
    /// "human" where a person gave polarity and themes; absent where the machine did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coded_by: Option<String>,
    /// What it is about.
    pub themes: Vec<ThemeCode>,
    /// The exact quote.
    pub text: String,
    /// The page on which it starts.
    pub page: u32,
    /// Number of sub-bullets.
    pub sub_items: u32,
    /// Bodies responsible.
    pub responsible: Option<String>,
    /// Verdict on a restated weakness or priority action.
    pub verdict: Option<Verdict>,
    /// The weakness or priority action of an earlier letter that the verdict is on, where that is held: its id.
    pub judges: Option<String>,
    /// How alike the two wordings are, from 0 to 1.
    pub similarity: Option<f64>,
    /// What joined the two.
    pub joined_by: Option<JoinedBy>,
    /// Address of the letter.
    pub url: Option<String>,
}

impl FindingRow {
    /// Where it stands for a reader: formal items and judgements on them first, what only describes the area last.
    #[must_use]
    pub fn place(&self) -> u8 {
        match (self.role.flags() || self.verdict.is_some(), self.section) {
            (true, _) => 0,
            (false, Section::Context) => 2,
            (false, _) => 1,
        }
    }

    /// The finding without its doubtful themes, where the filter leaves them out.
    pub(super) fn meant_by(mut self, filter: &Filter) -> Self {
        if filter.confident {
            self.themes.retain(|theme| !theme.probability.is_some_and(Probability::is_doubtful));
        }
        self
    }

    /// The probability of its least certain code, of polarity and themes; `None` where no code has one.
    #[must_use]
    pub fn least_probability(&self) -> Option<Probability> {
        self.themes.iter().filter_map(|theme| theme.probability).chain(self.polarity_probability).min()
    }
}

/// The findings that a filter means: by letter, latest inspection first; within a letter its formal items first, what only
/// describes the area last, and otherwise in the order of the letter.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn findings(dataset: &Dataset, filter: &Filter) -> Result<Vec<FindingRow>, QueryError> {
    let mut found = Vec::new();
    each_finding(dataset, filter, |finding| {
        found.push(finding);
        Ok::<_, QueryError>(())
    })?;
    Ok(found)
}

/// Hands over each finding that [`findings`] would give, one at a time, so that any number fits into memory. Stops
/// at the first error of `each`.
///
/// # Errors
/// The dataset could not be read, a theme is unknown, or `each` failed.
pub fn each_finding<E: From<QueryError>>(
    dataset: &Dataset,
    filter: &Filter,
    mut each: impl FnMut(FindingRow) -> Result<(), E>,
) -> Result<(), E> {
    filter.check(dataset)?;
    let (mut passed, mut left) = (filter.offset, filter.limit.unwrap_or(usize::MAX));
    let themes = ThemeNumbers::of(dataset)?;
    let wanted = Wanted::by(filter, &themes);
    for letter in letters_with_findings(dataset, filter)? {
        if left == 0 {
            break;
        }
        if passed > 0 {
            let findings = wanted.count(dataset, std::slice::from_ref(&letter))?;
            if findings <= passed {
                passed -= findings;
                continue;
            }
        }
        for finding in of_letter(dataset.connection(), filter, letter.number)? {
            if passed > 0 {
                passed -= 1;
            } else if left > 0 {
                left -= 1;
                each(finding)?;
            }
        }
    }
    Ok(())
}

/// How many findings [`findings`] would give without limit and offset.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn count_findings(dataset: &Dataset, filter: &Filter) -> Result<usize, QueryError> {
    filter.check(dataset)?;
    if dataset.in_snapshot() && filter.nationwide().is_some() {
        // The page that asks shows these, too.
        return facets(dataset, filter).map(|facets| total_of(&facets));
    }
    Wanted::by(filter, &ThemeNumbers::of(dataset)?).count(dataset, &letters_in(dataset, filter)?)
}

pub(super) fn of_letter(connection: &Connection, filter: &Filter, letter: i64) -> Result<Vec<FindingRow>, QueryError> {
    let conditions = filter.finding_conditions();
    let sql = format!("{COLUMNS} WHERE f.letter_no = ? AND {} ORDER BY f.letter_no, f.position", conditions.sql());
    let mut statement = connection.prepare_cached(&sql)?;
    let values = std::iter::once(letter.into()).chain(conditions.values);
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(connection, &Columns::of(row))?.meant_by(filter));
    }
    found.sort_by_key(FindingRow::place);
    Ok(found)
}

/// What [`read`] needs, in the order in which it is read, which is quickest; `f` is all_findings.
pub(super) const COLUMNS: &str = "SELECT f.letter_no, f.cue, f.id, l.id AS letter_id, l.la_code,
        coalesce(a.area, l.area_as_printed) AS area, l.kind, l.framework, l.inspection_start, f.role, f.section, f.ordinal,
        f.paragraph, f.polarity, f.polarity_probability, f.finding_no, f.text, f.page, f.sub_items, f.responsible, f.verdict, j.id AS judges,
        k.similarity, k.joined_by, p.url
    FROM all_findings AS f
    JOIN all_letters AS l ON l.letter_no = f.letter_no
    LEFT JOIN verdict_links AS k ON k.verdict_no = f.finding_no
    LEFT JOIN all_findings AS j ON j.finding_no = k.judged_no
    LEFT JOIN publications AS p ON p.publication_no = l.publication_no
    LEFT JOIN areas AS a ON a.la_code = l.la_code";

pub(super) fn read(connection: &Connection, c: &Columns<'_, '_>) -> Result<FindingRow, QueryError> {
    let cue: String = c.get("cue")?;
    Ok(FindingRow {
        id: c.get("id")?,
        letter_id: c.get("letter_id")?,
        la_code: c.get("la_code")?,
        area: c.get("area")?,
        kind: c.term("kind")?,
        framework: c.optional_term("framework")?,
        inspection_start: c.date("inspection_start")?,
        role: c.term("role")?,
        section: c.term("section")?,
        ordinal: c.get("ordinal")?,
        paragraph: c.get("paragraph")?,
        polarity: c.term("polarity")?,
        polarity_probability: c.get::<Option<u8>>("polarity_probability")?.map(Probability::from_percent),
        coded_by: (cue == HUMAN).then(|| HUMAN.to_owned()),
        cue,
        themes: themes_of(connection, c.get("finding_no")?)?,
        text: c.get("text")?,
        page: c.get("page")?,
        sub_items: c.get("sub_items")?,
        responsible: c.get("responsible")?,
        verdict: c.optional_term("verdict")?,
        judges: c.get("judges")?,
        similarity: c.get("similarity")?,
        joined_by: c.optional_term("joined_by")?,
        url: c.get("url")?,
    })
}

fn themes_of(connection: &Connection, finding_no: i64) -> Result<Vec<ThemeCode>, QueryError> {
    let mut statement = connection.prepare_cached(
        "SELECT theme, subtheme, evidence, from_previous, rule, probability FROM all_finding_themes
         WHERE finding_no = ?1 ORDER BY position",
    )?;
    let codes = statement
        .query_map([finding_no], |row| {
            Ok(ThemeCode {
                id: row.get(0)?,
                subtheme: row.get(1)?,
                evidence: row.get(2)?,
                from_previous: row.get(3)?,
                rule: row.get(4)?,
                probability: row.get::<_, Option<u8>>(5)?.map(Probability::from_percent),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(codes)
}
