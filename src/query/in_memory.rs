//! The rows that questions give, made straight from what was read, without a dataset: for callers that read documents
//! one by one, such as the Python package, and for engines that spread the work over many machines.

use super::findings::FindingRow;
use super::letters::LetterRow;
use super::show::WholeLetter;
use crate::domain::{Finding, Letter, Processed, Reading};
use crate::reference::Reference;

impl LetterRow {
    /// The row of a document that was read, or set aside; nothing for one that failed. `file` is the document's name.
    #[must_use]
    pub fn of(processed: &Processed, file: Option<&str>, reference: &Reference) -> Option<Self> {
        let mut row = match &processed.reading {
            Reading::Letter { letter, .. } => Self::of_letter(processed, letter, reference),
            Reading::SetAside(_) => Self {
                reason: processed.reading.reason().map(|r| r.message),
                ..Self::blank(processed.sha256.clone(), processed.versions.clone())
            },
            Reading::Failed(_) => return None,
        };
        row.file = file.map(ToOwned::to_owned);
        Some(row)
    }

    fn of_letter(processed: &Processed, letter: &Letter, reference: &Reference) -> Self {
        let area = reference.area(&letter.la_code);
        Self {
            id: letter.id(),
            kind: letter.kind,
            framework: letter.kind.framework(),
            la_code: Some(letter.la_code.clone()),
            ons_code: area.map(|a| a.ons_code.clone()),
            area: Some(area.map_or_else(|| letter.area_as_printed.clone(), |a| a.name.clone())),
            region: area.map(|a| a.region),
            la_type: area.map(|a| a.la_type),
            inspection_start: Some(letter.inspection.start),
            inspection_end: letter.inspection.end,
            letter_date: letter.letter_date,
            previous_inspection: letter.previous_inspection.clone(),
            outcome: letter.outcome,
            wsoa_required: letter.wsoa_required,
            priority_action_plan_required: letter.priority_action_plan_required,
            next_full_inspection_months: letter.next_full_inspection_months,
            monitoring_inspection_months: letter.monitoring_inspection_months,
            local_authorities: letter.local_authorities.clone(),
            health_bodies: letter.health_bodies.clone(),
            counts: letter.counts,
            revisit: letter.revisit.clone(),
            suspicious: letter.suspicious.clone(),
            ..Self::blank(processed.sha256.clone(), processed.versions.clone())
        }
    }
}

impl WholeLetter {
    /// A letter in full, as it would be stored; nothing for a document that is none.
    #[must_use]
    pub fn of(processed: &Processed, file: Option<&str>, reference: &Reference) -> Option<Self> {
        let Reading::Letter { letter, .. } = &processed.reading else { return None };
        let text = processed.text.as_ref();
        let mut findings = FindingRow::of(processed, reference);
        findings.sort_by_key(FindingRow::place);
        Some(Self {
            letter: LetterRow::of(processed, file, reference)?,
            responsible_for_statement: letter.responsible_for_statement.clone(),
            area_as_printed: letter.area_as_printed.clone(),
            facts: letter.facts.clone(),
            pages: text.map(|t| t.pages),
            method: text.map(|t| t.method),
            text_status: text.map(|t| t.status),
            findings,
            copies: Vec::new(),
        })
    }
}

impl FindingRow {
    /// The rows of a document's findings, in the order of the document; none where it is no letter.
    #[must_use]
    pub fn of(processed: &Processed, reference: &Reference) -> Vec<Self> {
        let Reading::Letter { letter, findings } = &processed.reading else { return Vec::new() };
        let area = reference.area(&letter.la_code).map_or(&letter.area_as_printed, |a| &a.name);
        findings.iter().map(|finding| Self::of_finding(letter, area, finding)).collect()
    }

    fn of_finding(letter: &Letter, area: &str, finding: &Finding) -> Self {
        let (passage, coding) = (&finding.passage, &finding.coding);
        Self {
            id: finding.id.clone(),
            letter_id: finding.letter_id.clone(),
            la_code: letter.la_code.clone(),
            area: area.to_owned(),
            kind: letter.kind,
            framework: letter.kind.framework(),
            inspection_start: letter.inspection.start,
            role: passage.role,
            section: passage.section,
            ordinal: passage.ordinal,
            paragraph: passage.paragraph,
            polarity: coding.polarity,
            polarity_probability: coding.probability,
            cue: coding.cue.clone(),
            coded_by: None,
            themes: coding.themes.clone(),
            text: passage.text.clone(),
            page: passage.page,
            sub_items: passage.sub_items,
            responsible: passage.responsible.clone(),
            verdict: passage.verdict,
            // Other letters are not known here.
            judges: None,
            similarity: None,
            joined_by: None,
            url: None,
        }
    }
}
