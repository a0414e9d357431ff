//! Verifies a dataset against itself: the archive against its hashes, every finding's quote against its document, the
//! counts against the items, links and versions. It changes nothing; each problem comes with the command that mends it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Stages;
use crate::archive::{Archive, ArchiveError};
use crate::domain::{Publication, Role};
use crate::parse::quote::Searchable;
use crate::query::{self, Filter, FindingRow, LetterRow, QueryError};
use crate::store::{Dataset, StoreError};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is concerned: `database`, `archive`, `quote`, `count` or `version`.
    pub what: &'static str,
    /// The document, letter or finding.
    pub at: String,
    /// What is wrong.
    pub problem: String,
    /// The command or step that mends it.
    pub mend: String,
}

/// What was verified and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Documents whose bytes were verified.
    pub documents: usize,
    /// Letters whose counts were verified.
    pub letters: usize,
    /// Findings whose quotes were looked for.
    pub findings: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// The check itself could not go on.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A question failed.
    #[error(transparent)]
    Query(#[from] QueryError),
}

/// Verifies everything; `step` hears of each document.
///
/// # Errors
/// When the database is too damaged to be asked.
pub fn check(
    dataset: &Dataset,
    archive: &Archive,
    stages: &Stages,
    mut step: impl FnMut(),
) -> Result<Checked, CheckError> {
    let mut checked = Checked::default();
    for problem in dataset.integrity()? {
        checked.problems.push(Problem {
            what: "database",
            at: dataset.path().display().to_string(),
            problem,
            mend: "set the database file aside and run `sendlens ingest` on the archive folder, or restore a backup"
                .to_owned(),
        });
    }
    for document in dataset.documents()? {
        checked.documents += 1;
        if let Err(error) = archive.get(&document.sha256) {
            let publications = dataset.publications_of(&document.sha256)?;
            checked.problems.push(lost_bytes(&document.sha256, &error, &publications));
        }
        if document.versions != stages.versions() {
            checked.problems.push(Problem {
                what: "version",
                at: document.sha256,
                problem: "this document was read by other versions than this program's".to_owned(),
                mend: "sendlens rebuild".to_owned(),
            });
        }
        step();
    }
    letters(dataset, &mut checked)?;
    Ok(checked)
}

/// Bytes that the archive has lost or that have changed.
fn lost_bytes(sha256: &str, error: &ArchiveError, publications: &[Publication]) -> Problem {
    let local = publications.iter().find(|p| p.file.is_some()).map(|p| format!("sendlens ingest '{}'", p.key));
    Problem {
        what: "archive",
        at: sha256.to_owned(),
        problem: error.to_string(),
        mend: local.unwrap_or_else(|| "sendlens update --full".to_owned()),
    }
}

fn letters(dataset: &Dataset, checked: &mut Checked) -> Result<(), CheckError> {
    let mut findings: BTreeMap<String, Vec<FindingRow>> = BTreeMap::new();
    for finding in query::findings(dataset, &Filter::default())? {
        findings.entry(finding.letter_id.clone()).or_default().push(finding);
    }
    for letter in query::letters(dataset, &Filter::default())? {
        checked.letters += 1;
        let own = findings.remove(&letter.id).unwrap_or_default();
        checked.findings += own.len();
        counts(&letter, &own, &mut checked.problems);
        let text = dataset.text(&letter.sha256)?.map(|text| Searchable::new(&text));
        for finding in own {
            if !text.as_ref().is_some_and(|text| text.contains(&finding.text)) {
                checked.problems.push(Problem {
                    what: "quote",
                    at: finding.id,
                    problem: "this quote does not stand in the text of its document".to_owned(),
                    mend: "sendlens rebuild --from extract".to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// The letter's own numbers against its findings.
fn counts(letter: &LetterRow, findings: &[FindingRow], problems: &mut Vec<Problem>) {
    let stated = [
        (Role::SignificantWeakness, letter.counts.significant_weakness),
        (Role::PriorityAction, letter.counts.priority_action),
        (Role::AreaForImprovement, letter.counts.area_for_improvement),
        (Role::Strength, letter.counts.strength),
        (Role::AreaForDevelopment, letter.counts.area_for_development),
    ];
    for (role, stated) in stated {
        let found = findings.iter().filter(|finding| finding.role == role).count();
        if found != stated as usize {
            problems.push(Problem {
                what: "count",
                at: letter.id.clone(),
                problem: format!("the letter counts {stated} findings of the role {role}, but {found} are there"),
                mend: "sendlens rebuild --from parse".to_owned(),
            });
        }
    }
}
