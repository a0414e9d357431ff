//! Processes again, offline, what older versions read or what failed: from the archive's bytes, from the stored text, or
//! from the stored letter, starting at the first stage whose version changed.

use std::path::Path;

use super::listing::compare_with_listings;
use super::ordered::{self, ThreadsError};
use super::report::{DocumentReport, RunReport, suspicions};
use super::run::Run;
use super::stages::Stages;
use super::titles::hold_against_titles;
use crate::archive::{Archive, ArchiveError};
use crate::code;
use crate::domain::{DocumentStatus, Processed, Reading, Reason, Versions};
use crate::store::{Dataset, DocumentState, StoreError};

/// The stage from which documents are done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rebuild {
    /// From the bytes.
    Extract,
    /// From the stored text.
    Parse,
    /// From the stored letter.
    Code,
}

/// The search index is merged where more than one in so many documents was done again: it takes as long for few as for all.
const MERGED_ABOVE_ONE_IN: usize = 10;

/// Which documents are done again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RebuildScope {
    /// Forces a stage for every document, and makes the indexes of the database anew where they are damaged. Without it
    /// each is done from the first stage whose version has changed, and not at all where none has.
    pub from: Option<Rebuild>,
    /// Leaves out all that did not fail.
    pub failed: bool,
}

/// What a rebuild tells while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildEvent {
    /// So many documents will be done.
    Begins(usize),
    /// One more is done.
    Done,
}

/// What ends a rebuild early. What was done before stays. A document that the archive has lost does not end it.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive does not hold a document, or holds it damaged; reported as that document's failure.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

/// One document to be done again.
struct Work {
    sha256: String,
    size: u64,
    from: Rebuild,
}

/// Processes held documents again.
///
/// # Errors
/// When archive or database fail.
pub fn rebuild(
    stages: &Stages,
    archive: &Archive,
    dataset: &mut Dataset,
    data_dir: &Path,
    scope: RebuildScope,
    threads: usize,
    mut progress: impl FnMut(RebuildEvent),
) -> Result<RunReport, RebuildError> {
    let now = stages.versions();
    if scope.from.is_some() && !scope.failed {
        dataset.repair()?;
    }
    let mut work = Vec::new();
    let mut held = 0;
    dataset.each_document(|document| {
        held += 1;
        if !scope.failed || matches!(document.state, DocumentState::Failed(_)) {
            let due = if scope.failed { Some(Rebuild::Extract) } else { due(&document.versions, &now) };
            let from = scope.from.or(due);
            work.extend(from.map(|from| Work { sha256: document.sha256, size: document.size, from }));
        }
        Ok::<_, StoreError>(())
    })?;
    progress(RebuildEvent::Begins(work.len()));
    let mut run = Run::begin(dataset, "rebuild")?;
    ordered::in_order::<_, _, _, RebuildError>(
        &work,
        threads,
        || open_reader(data_dir),
        |reader, work| match reader {
            Ok(reader) => again(work, stages, archive, reader),
            // Each thread opens the dataset once; the error is reported for each of its documents.
            Err(_) => open_reader(data_dir).map_err(RebuildError::from).and_then(|r| again(work, stages, archive, &r)),
        },
        |work, processed| {
            let sha256 = work.sha256.clone();
            let publications = dataset.publications_of(&sha256)?;
            let processed = processed.map(|processed| hold_against_titles(processed, &publications));
            let mut suspicious = Vec::new();
            let (status, reason) = match processed {
                Ok(mut processed) => {
                    compare_with_listings(&mut processed, &publications, &stages.reference);
                    suspicious = suspicions(&processed.reading);
                    (dataset.record_again(&processed)?, processed.reading.reason())
                }
                // What is stored of the document stays as it is.
                Err(RebuildError::Archive(error)) => {
                    let reason = Reason { code: error.code().to_owned(), message: error.to_string() };
                    (DocumentStatus::Failed, Some(reason))
                }
                Err(error) => return Err(error),
            };
            let (file, url) = publications.into_iter().next().map_or((None, None), |p| (p.file, p.url));
            let document = DocumentReport { file, url, sha256: Some(sha256), status, reason, suspicious };
            progress(RebuildEvent::Done);
            run.add(document);
            Ok(())
        },
    )?;
    if work.len() * MERGED_ABOVE_ONE_IN > held {
        dataset.merge_search_index()?;
    }
    Ok(run.end(dataset)?)
}

/// A handle that reads every document once. It keeps few pages: whenever the writer has written it drops them all.
fn open_reader(data_dir: &Path) -> Result<Dataset, StoreError> {
    let reader = Dataset::open_read_only(data_dir)?;
    reader.keep_pages(2)?;
    Ok(reader)
}

/// The first stage whose version has changed since.
fn due(then: &Versions, now: &Versions) -> Option<Rebuild> {
    if then.extract != now.extract {
        Some(Rebuild::Extract)
    } else if then.parse != now.parse {
        Some(Rebuild::Parse)
    } else if then.code != now.code || then.codebook != now.codebook {
        Some(Rebuild::Code)
    } else {
        None
    }
}

/// Processes one document again, from an earlier stage where the stored result of the one asked for is not there.
fn again(work: &Work, stages: &Stages, archive: &Archive, reader: &Dataset) -> Result<Processed, RebuildError> {
    let sha256 = &work.sha256;
    if work.from == Rebuild::Extract {
        return Ok(stages.process(&archive.get(sha256)?));
    }
    let Some(text) = reader.text(sha256)? else {
        return Ok(stages.process(&archive.get(sha256)?));
    };
    let letter = if work.from == Rebuild::Code { reader.letter(sha256)? } else { None };
    let reading = match letter {
        Some(letter) => {
            let findings = code::findings(&letter, &stages.coder);
            Reading::Letter { letter: Box::new(letter), findings }
        }
        None => stages.understand(&text),
    };
    Ok(Processed { sha256: sha256.clone(), size: work.size, text: Some(text), reading, versions: stages.versions() })
}
