//! The letters of 2016 to 2022 beside the official register: how many agree with it, and where one differs.

use serde::Serialize;

use super::doubt::Doubt;
use super::error::QueryError;
use crate::domain::LetterKind;
use crate::reference::RegisteredFacts;
use crate::store::Dataset;
use crate::store::values::Columns;

/// Letters compared with the register.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RegisterCount {
    /// Letters held that the register should know.
    pub held: usize,
    /// Those that agree with it in everything.
    pub agreeing: usize,
    /// Those that differ.
    pub differing: usize,
}

/// How the letters agree with the official register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RegisterAgreement {
    /// Letters on inspections.
    pub inspections: RegisterCount,
    /// Letters on revisits.
    pub revisits: RegisterCount,
    /// Significant weaknesses read in the letters whose inspection stands in the register.
    pub weaknesses_read: u32,
    /// Significant weaknesses that the register has for the same inspections.
    pub weaknesses_registered: u32,
    /// Each difference, with both values.
    pub differences: Vec<Doubt>,
}

/// Compares all current letters with the register that the dataset holds.
///
/// # Errors
/// The dataset could not be read.
pub(super) fn register_agreement(dataset: &Dataset) -> Result<RegisterAgreement, QueryError> {
    let reference = dataset.reference()?;
    let mut statement = dataset.connection().prepare_cached(
        "SELECT id, kind, la_code, inspection_start, letter_date, wsoa_required, significant_weakness,
             revisit_sufficient, revisit_insufficient
         FROM all_letters WHERE current = 1 AND framework = '2016' ORDER BY inspection_start DESC, id",
    )?;
    let mut rows = statement.query([])?;
    let mut agreement = RegisterAgreement::default();
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        let verdicts = c.get::<Option<u32>>("revisit_sufficient")?.zip(c.get("revisit_insufficient")?);
        let facts = RegisteredFacts {
            kind: c.term("kind")?,
            la_code: c.get("la_code")?,
            start: c.date("inspection_start")?,
            letter_date: c.optional_date("letter_date")?,
            wsoa_required: c.get("wsoa_required")?,
            significant_weaknesses: c.get("significant_weakness")?,
            verdicts,
        };
        let Some(compared) = reference.compare_with_register(&facts) else { continue };
        let is_inspection = facts.kind == LetterKind::OutcomeLetter;
        let count = if is_inspection { &mut agreement.inspections } else { &mut agreement.revisits };
        count.held += 1;
        if compared.differences.is_empty() {
            count.agreeing += 1;
        } else {
            count.differing += 1;
        }
        if let (true, Some(registered)) = (is_inspection, compared.entry.and_then(|e| e.significant_weaknesses)) {
            agreement.weaknesses_read += facts.significant_weaknesses;
            agreement.weaknesses_registered += registered;
        }
        let letter_id: String = c.get("id")?;
        agreement.differences.extend(compared.differences.into_iter().map(|difference| Doubt {
            letter_id: letter_id.clone(),
            about: difference.field,
            problem: difference.problem,
        }));
    }
    Ok(agreement)
}
