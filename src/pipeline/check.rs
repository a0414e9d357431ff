//! Verifies a dataset against itself: the archive against its hashes, every finding's quote against its document, the
//! counts against the items, links and versions. It changes nothing; each problem comes with the command that mends it.

use serde::Serialize;

use super::ingest::LOCAL;
use super::stages::Stages;
use crate::archive::Archive;
use crate::code::WITHOUT_MODEL;
use crate::domain::Versions;
use crate::parse::quote::Searchable;
use crate::reference::RegisteredFacts;
use crate::store::{Dataset, StoreError, StoredLetter};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is concerned: `database`, `link`, `archive`, `letter`, `quote`, `count`, `version` or `register`.
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
    /// Letters whose counts were verified, superseded copies among them.
    pub letters: usize,
    /// Findings whose quotes were looked for.
    pub findings: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Where letters differ from the official register. One of the two is wrong, but the dataset is as it should be.
    pub differences: Vec<Problem>,
}

/// Makes indexes anew and codes again.
const FROM_CODE: &str = "sendlens rebuild --from code";
/// Makes letters and findings anew from the stored text.
const FROM_PARSE: &str = "sendlens rebuild --from parse";
/// Makes everything anew from the archive.
const FROM_EXTRACT: &str = "sendlens rebuild --from extract";

impl Checked {
    fn add(&mut self, what: &'static str, at: &str, problem: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(Problem { what, at: at.to_owned(), problem: problem.into(), mend: mend.into() });
    }
}

/// Verifies everything, one document and one letter at a time. `step` is called for each document.
///
/// # Errors
/// When the database is too damaged to be asked.
pub fn check(
    dataset: &Dataset,
    archive: &Archive,
    stages: &Stages,
    mut step: impl FnMut(),
) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    database(dataset, archive, &mut checked)?;
    let now = stages.versions();
    dataset.each_document(|document| {
        checked.documents += 1;
        if let Err(error) = archive.get(&document.sha256) {
            checked.add("archive", &document.sha256, error.to_string(), fetch(dataset, &document.sha256)?);
        }
        if let Some((problem, mend)) = outdated(&document.versions, &now) {
            checked.add("version", &document.sha256, problem, mend);
        }
        step();
        Ok::<_, StoreError>(())
    })?;
    dataset.each_letter(|stored| {
        checked.letters += 1;
        checked.findings += stored.findings.len();
        links(&stored, &mut checked);
        counts(&stored, &mut checked);
        register(&stored, stages, &mut checked);
        quotes(&stored, dataset, &mut checked)
    })?;
    Ok(checked)
}

/// The versions that read a document, where this program would read it differently today, and what to do about it.
fn outdated(then: &Versions, now: &Versions) -> Option<(String, &'static str)> {
    let mut differ: Vec<String> =
        [("extraction", then.extract, now.extract), ("parser", then.parse, now.parse), ("coder", then.code, now.code)]
            .into_iter()
            .filter(|(_, then, now)| then != now)
            .map(|(what, then, now)| format!("{what} {then} (now {now})"))
            .collect();
    let is_by_patterns = |versions: &Versions| versions.codebook.ends_with(WITHOUT_MODEL);
    let plain = |versions: &Versions| versions.codebook.trim_end_matches(WITHOUT_MODEL).to_owned();
    if plain(then) != plain(now) {
        differ.push(format!("codebook {} (now {})", plain(then), plain(now)));
    }
    match (is_by_patterns(then), is_by_patterns(now)) {
        (true, false) if differ.is_empty() => {
            let problem = "this document was coded without the language model (--no-model), which is used now; code it \
                           again, or check with --no-model";
            return Some((problem.to_owned(), "sendlens rebuild"));
        }
        (false, true) if differ.is_empty() => {
            let problem = "this document was coded with the language model, which is switched off now; check without \
                           --no-model";
            return Some((problem.to_owned(), "sendlens check"));
        }
        _ if differ.is_empty() => return None,
        _ => {}
    }
    Some((
        format!("this document was read by other versions than this program's: {}", differ.join(", ")),
        "sendlens rebuild",
    ))
}

/// The database as a whole.
fn database(dataset: &Dataset, archive: &Archive, checked: &mut Checked) -> Result<(), StoreError> {
    let path = dataset.path().display().to_string();
    for problem in dataset.integrity()? {
        // SQLite complains only about an index; then the rows themselves are sound.
        let index = ["missing from index", "in index", "inverted index"].iter().any(|words| problem.contains(words));
        let mend = if index {
            FROM_CODE.to_owned()
        } else {
            format!("move the file away, then run `sendlens ingest '{}'` or restore a copy", archive.root().display())
        };
        checked.add("database", &path, problem, mend);
    }
    for problem in dataset.links()? {
        checked.add("link", &path, problem, FROM_PARSE);
    }
    for sha256 in dataset.lost_documents()? {
        let mend = fetch(dataset, &sha256)?;
        checked.add("link", &sha256, "a publication shows this document, but nothing of it is recorded", mend);
    }
    for sha256 in dataset.lost_letters()? {
        checked.add("letter", &sha256, "this document is a letter, but the letter is not recorded", FROM_PARSE);
    }
    Ok(())
}

/// How a document is had again.
fn fetch(dataset: &Dataset, sha256: &str) -> Result<String, StoreError> {
    let publications = dataset.publications_of(sha256)?;
    let local = publications.iter().find(|p| p.source == LOCAL).map(|p| format!("sendlens ingest '{}'", p.key));
    Ok(local.unwrap_or_else(|| "sendlens update --full".to_owned()))
}

/// What a letter must agree with beside its findings.
fn links(stored: &StoredLetter, checked: &mut Checked) {
    if !stored.current_agrees {
        let problem = "whether this copy of the letter counts is not what its publications say";
        checked.add("link", &stored.id, problem, FROM_PARSE);
    }
    if !stored.index_agrees {
        checked.add("link", &stored.id, "the index of its findings does not agree with them", FROM_CODE);
    }
}

/// The letter's own numbers against its findings.
fn counts(stored: &StoredLetter, checked: &mut Checked) {
    for (role, count) in &stored.counts {
        let found = stored.findings.iter().filter(|finding| finding.role == role.to_string()).count();
        if found != *count {
            let problem = format!("the letter counts {count} findings of the role {role}, but {found} are there");
            checked.add("count", &stored.id, problem, FROM_PARSE);
        }
    }
    match &stored.read {
        None => checked.add("letter", &stored.id, "the letter as it was read is not there", FROM_EXTRACT),
        Some(letter) if letter.passages.len() != stored.findings.len() => {
            let (read, held) = (letter.passages.len(), stored.findings.len());
            let problem = format!("{read} findings were read in this letter, but {held} are there");
            checked.add("count", &stored.id, problem, FROM_PARSE);
        }
        Some(_) => {}
    }
}

/// The letter against the official register, where it counts and the register can know it.
fn register(stored: &StoredLetter, stages: &Stages, checked: &mut Checked) {
    let Some(letter) = stored.read.as_ref().filter(|_| stored.current) else { return };
    let Some(compared) = stages.reference.compare_with_register(&RegisteredFacts::from(letter)) else { return };
    checked.differences.extend(compared.differences.into_iter().map(|difference| Problem {
        what: "register",
        at: stored.id.clone(),
        problem: format!("{}: {}", difference.field, difference.problem),
        mend: format!("compare `sendlens letter {}` with the document", stored.id),
    }));
}

/// The findings against the text of the document.
fn quotes(stored: &StoredLetter, dataset: &Dataset, checked: &mut Checked) -> Result<(), StoreError> {
    let text = match dataset.text(&stored.sha256) {
        Ok(Some(text)) => Searchable::new(&text),
        Ok(None) | Err(StoreError::Damaged(_)) => {
            checked.add("letter", &stored.id, "the text of its document is not there", FROM_EXTRACT);
            return Ok(());
        }
        Err(other) => return Err(other),
    };
    for finding in &stored.findings {
        if !text.contains(&finding.text) {
            let problem = "this quote does not stand in the text of its document";
            checked.add("quote", &finding.id, problem, FROM_EXTRACT);
        }
    }
    Ok(())
}
