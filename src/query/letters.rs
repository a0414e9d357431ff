//! Letters as users see them, and the documents that were set aside.

use jiff::civil::Date;
use serde::Serialize;

use super::error::QueryError;
use super::filter::Filter;
use super::index::letters_with_findings;
use crate::domain::{
    Counts, Framework, LaType, LetterKind, Outcome, PreviousInspection, PreviousStatus, Region, Revisit, Suspicion,
    Versions,
};
use crate::store::values::Columns;
use crate::store::{Dataset, StoreError};

/// A letter, or a document that was set aside (then everything that only letters have is empty).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LetterRow {
    /// Stable id; `other-` and the start of the hash for what was set aside.
    pub id: String,
    /// The document.
    pub sha256: String,
    /// File name as given, for local files.
    pub file: Option<String>,
    /// Address of the document.
    pub url: Option<String>,
    /// Kind.
    pub kind: LetterKind,
    /// Framework.
    pub framework: Option<Framework>,
    /// Area: three-digit code.
    pub la_code: Option<String>,
    /// Area: code of the Office for National Statistics.
    pub ons_code: Option<String>,
    /// Area: name.
    pub area: Option<String>,
    /// Region of the area.
    pub region: Option<Region>,
    /// Type of the area.
    pub la_type: Option<LaType>,
    /// First day of the inspection.
    pub inspection_start: Option<Date>,
    /// Last day.
    pub inspection_end: Option<Date>,
    /// Date that the letter bears.
    pub letter_date: Option<Date>,
    /// Day of publication, as the source states.
    pub published_on: Option<Date>,
    /// The previous inspection.
    pub previous_inspection: PreviousInspection,
    /// Conclusion.
    pub outcome: Option<Outcome>,
    /// Whether a written statement of action is required.
    pub wsoa_required: Option<bool>,
    /// Whether a priority action plan is required.
    pub priority_action_plan_required: Option<bool>,
    /// Months to the next full inspection.
    pub next_full_inspection_months: Option<u32>,
    /// Months to the monitoring inspection.
    pub monitoring_inspection_months: Option<u32>,
    /// Local authorities responsible.
    pub local_authorities: Vec<String>,
    /// Integrated care boards or clinical commissioning groups responsible.
    pub health_bodies: Vec<String>,
    /// Formal items and bullets.
    pub counts: Counts,
    /// What a revisit letter says of the written statement of action.
    pub revisit: Option<Revisit>,
    /// Values that cannot be right, with their wording; they are not in the fields above.
    pub suspicious: Vec<Suspicion>,
    /// Why the document was set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What read and coded it.
    pub versions: Versions,
}

/// The letters that a filter means, latest inspection first; then, if asked for, what was set aside, by hash.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn letters(dataset: &Dataset, filter: &Filter) -> Result<Vec<LetterRow>, QueryError> {
    let mut found = Vec::new();
    each_letter(dataset, filter, |letter| {
        found.push(letter);
        Ok::<_, QueryError>(())
    })?;
    Ok(found)
}

/// Hands over each letter that [`letters`] would give, one at a time, so that any number fits into memory. Stops at
/// the first error of `each`.
///
/// # Errors
/// The dataset could not be read, a theme is unknown, or `each` failed.
pub fn each_letter<E: From<QueryError>>(
    dataset: &Dataset,
    filter: &Filter,
    mut each: impl FnMut(LetterRow) -> Result<(), E>,
) -> Result<(), E> {
    filter.check(dataset)?;
    let meant = letters_with_findings(dataset, filter)?;
    let (skipped, most) = (filter.offset.min(meant.len()), filter.limit.unwrap_or(usize::MAX));
    let mut left = most;
    for letter in meant.into_iter().skip(skipped).take(most) {
        if let Some(letter) = by_number(dataset, letter.number)? {
            each(letter)?;
        }
        left -= 1;
    }
    if includes_set_aside(filter) {
        set_aside(dataset, filter.offset - skipped, left)?.into_iter().try_for_each(each)?;
    }
    Ok(())
}

/// How many letters [`letters`] would give without limit and offset.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn count_letters(dataset: &Dataset, filter: &Filter) -> Result<usize, QueryError> {
    filter.check(dataset)?;
    let mut count = letters_with_findings(dataset, filter)?.len();
    if includes_set_aside(filter) {
        let others: i64 = dataset
            .connection()
            .prepare_cached("SELECT count(*) FROM documents WHERE status = 'set_aside'")?
            .query_row([], |row| row.get(0))
            .map_err(StoreError::from)?;
        count += usize::try_from(others).unwrap_or(0);
    }
    Ok(count)
}

/// What was set aside has no area, date, outcome or findings: any such filter excludes it.
fn includes_set_aside(filter: &Filter) -> bool {
    let kinds_only = Filter { kinds: filter.kinds.clone(), ..Filter::default() };
    filter.includes(LetterKind::Other) && filter.unpaged() == kinds_only
}

fn by_number(dataset: &Dataset, number: i64) -> Result<Option<LetterRow>, QueryError> {
    let sql = format!("{COLUMNS} WHERE l.letter_no = ?1");
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let mut rows = statement.query([number])?;
    rows.next()?.map(|row| read(&Columns::of(row))).transpose()
}

/// What [`read`] needs, in the order in which it is read, which is quickest.
pub(super) const COLUMNS: &str =
    "SELECT l.revisit_sufficient, l.revisit_wsoa_required_on, l.revisit_fit_for_purpose_on,
             l.revisit_insufficient, l.id, l.sha256, p.file, p.url, l.kind, l.framework, l.la_code, a.ons_code,
             coalesce(a.area, l.area_as_printed) AS area, a.region, a.la_type, l.inspection_start, l.inspection_end,
             l.letter_date, p.published_on, l.previous_status, l.previous_start, l.previous_end, l.outcome,
             l.wsoa_required, l.priority_action_plan_required, l.next_full_inspection_months,
             l.monitoring_inspection_months, l.local_authorities, l.health_bodies, l.significant_weakness,
             l.priority_action, l.area_for_improvement, l.strength, l.area_for_development, l.effective_bullets,
             l.needs_to_improve_bullets, l.suspicious, d.extract_version, d.parse_version, d.code_version, d.codebook
         FROM all_letters AS l
         JOIN documents AS d ON d.sha256 = l.sha256
         LEFT JOIN publications AS p ON p.publication_no = l.publication_no
         LEFT JOIN areas AS a ON a.la_code = l.la_code";

pub(super) fn read(c: &Columns<'_, '_>) -> Result<LetterRow, QueryError> {
    let sufficient: Option<u32> = c.get("revisit_sufficient")?;
    let revisit = match sufficient {
        Some(sufficient) => Some(Revisit {
            wsoa_required_on: c.optional_date("revisit_wsoa_required_on")?,
            fit_for_purpose_on: c.optional_date("revisit_fit_for_purpose_on")?,
            sufficient,
            insufficient: c.get::<Option<u32>>("revisit_insufficient")?.unwrap_or(0),
        }),
        None => None,
    };
    let (start, end) = (c.optional_date("inspection_start")?, c.optional_date("inspection_end")?);
    let published_on = c.optional_date("published_on")?;
    let mut suspicious: Vec<Suspicion> = c.json("suspicious")?;
    suspicious.extend(Suspicion::about_publication(published_on, end.or(start)));
    Ok(LetterRow {
        id: c.get("id")?,
        sha256: c.get("sha256")?,
        file: c.get("file")?,
        url: c.get("url")?,
        kind: c.term("kind")?,
        framework: c.optional_term("framework")?,
        la_code: c.get("la_code")?,
        ons_code: c.get("ons_code")?,
        area: c.get("area")?,
        region: c.optional_term("region")?,
        la_type: c.optional_term("la_type")?,
        inspection_start: start,
        inspection_end: end,
        letter_date: c.optional_date("letter_date")?,
        published_on,
        previous_inspection: PreviousInspection {
            status: c.term("previous_status")?,
            start: c.optional_date("previous_start")?,
            end: c.optional_date("previous_end")?,
        },
        outcome: c.optional_term("outcome")?,
        wsoa_required: c.get("wsoa_required")?,
        priority_action_plan_required: c.get("priority_action_plan_required")?,
        next_full_inspection_months: c.get("next_full_inspection_months")?,
        monitoring_inspection_months: c.get("monitoring_inspection_months")?,
        local_authorities: c.json("local_authorities")?,
        health_bodies: c.json("health_bodies")?,
        counts: Counts {
            significant_weakness: c.get("significant_weakness")?,
            priority_action: c.get("priority_action")?,
            area_for_improvement: c.get("area_for_improvement")?,
            strength: c.get("strength")?,
            area_for_development: c.get("area_for_development")?,
            effective_bullets: c.get("effective_bullets")?,
            needs_to_improve_bullets: c.get("needs_to_improve_bullets")?,
        },
        revisit,
        suspicious,
        reason: None,
        versions: versions(c)?,
    })
}

fn versions(c: &Columns<'_, '_>) -> Result<Versions, QueryError> {
    Ok(Versions {
        extract: c.get("extract_version")?,
        parse: c.get("parse_version")?,
        code: c.get("code_version")?,
        codebook: c.get("codebook")?,
    })
}

/// Documents that were set aside, each under the address that comes first.
fn set_aside(dataset: &Dataset, offset: usize, limit: usize) -> Result<Vec<LetterRow>, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT d.*, p.file, p.url, p.published_on
         FROM documents AS d
         LEFT JOIN publications AS p ON p.publication_no = (
             SELECT q.publication_no FROM revisions AS r JOIN publications AS q ON q.publication_no = r.publication_no
             WHERE r.sha256 = d.sha256 ORDER BY q.url IS NULL, q.source, q.key LIMIT 1)
         WHERE d.status = 'set_aside' ORDER BY d.sha256 LIMIT ?1 OFFSET ?2",
    )?;
    let as_i64 = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut rows = statement.query([as_i64(limit), as_i64(offset)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        found.push(LetterRow {
            file: c.get("file")?,
            url: c.get("url")?,
            published_on: c.optional_date("published_on")?,
            reason: c.get("reason_message")?,
            ..LetterRow::blank(c.get("sha256")?, versions(&c)?)
        });
    }
    Ok(found)
}

impl LetterRow {
    /// A document of which nothing is known but its hash and what read it.
    pub(super) fn blank(sha256: String, versions: Versions) -> Self {
        Self {
            id: format!("other-{}", sha256.get(..12).unwrap_or(&sha256)),
            sha256,
            file: None,
            url: None,
            kind: LetterKind::Other,
            framework: None,
            la_code: None,
            ons_code: None,
            area: None,
            region: None,
            la_type: None,
            inspection_start: None,
            inspection_end: None,
            letter_date: None,
            published_on: None,
            previous_inspection: PreviousInspection { status: PreviousStatus::Absent, start: None, end: None },
            outcome: None,
            wsoa_required: None,
            priority_action_plan_required: None,
            next_full_inspection_months: None,
            monitoring_inspection_months: None,
            local_authorities: Vec::new(),
            health_bodies: Vec::new(),
            counts: Counts::default(),
            revisit: None,
            suspicious: Vec::new(),
            reason: None,
            versions,
        }
    }
}
