//! What the dataset covers, what it lacks, and what went wrong: the answer to "can I rely on this?".

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::doubt::Doubt;
use super::error::QueryError;
use super::filter::Filter;
use super::findings::count_findings;
use super::history::{Gap, gaps};
use super::letters::count_letters;
use super::register::{RegisterAgreement, register_agreement};
use super::scope::{ScopeLetter, letters_in};
use crate::domain::{Framework, LetterKind, Reason, Suspicion, TextStatus, Versions};
use crate::reference;
use crate::store::values::Columns;
use crate::store::{Dataset, Run, UnlinkedVerdict};

/// Letters of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindCount {
    /// The kind.
    pub kind: LetterKind,
    /// Its framework.
    pub framework: Option<Framework>,
    /// Letters.
    pub letters: usize,
    /// Areas that they are about.
    pub areas: usize,
}

/// A reason and how many documents it holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// A word for programs.
    pub code: String,
    /// One of its messages, for people.
    pub message: String,
    /// Documents.
    pub documents: usize,
}

/// A publication whose document could not be fetched or read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The source.
    pub source: String,
    /// Address, file or key.
    pub at: String,
    /// Why, and what to do.
    pub reason: Reason,
}

/// A document whose text cannot be wholly relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextProblem {
    /// The document.
    pub sha256: String,
    /// Address, file or key.
    pub at: String,
    /// What is wrong.
    pub text_status: TextStatus,
    /// Pages concerned.
    pub pages: Vec<u32>,
}

/// Letters read by the same versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionCount {
    /// The versions.
    pub versions: Versions,
    /// Documents.
    pub documents: usize,
}

/// How much there is, and what read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Letters that count.
    pub letters: usize,
    /// Findings in them.
    pub findings: usize,
    /// What read the documents.
    pub versions: Vec<VersionCount>,
}

/// How much a dataset holds.
///
/// # Errors
/// The dataset could not be read.
pub fn totals(dataset: &Dataset) -> Result<Totals, QueryError> {
    Ok(Totals {
        letters: count_letters(dataset, &Filter::default())?,
        findings: count_findings(dataset, &Filter::default())?,
        versions: versions(dataset)?,
    })
}

/// Coverage, gaps, failures and runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The database.
    pub dataset: String,
    /// Letters that count.
    pub letters: usize,
    /// Findings in them.
    pub findings: usize,
    /// By kind.
    pub kinds: Vec<KindCount>,
    /// Current areas.
    pub areas: usize,
    /// Current areas with a letter of each framework.
    pub areas_with_letter: BTreeMap<String, usize>,
    /// Names of the current areas without any letter.
    pub areas_without_letter: Vec<String>,
    /// Inspections and revisits of the official register without a letter here.
    pub not_held: Vec<Gap>,
    /// How the letters of 2016 to 2022 agree with the official register.
    pub register: RegisterAgreement,
    /// Documents set aside, by reason.
    pub set_aside: Vec<ReasonCount>,
    /// What could not be fetched or read.
    pub failed: Vec<Failure>,
    /// Documents whose text is poor or an image.
    pub text_problems: Vec<TextProblem>,
    /// Values that cannot be right, areas that the reference tables do not have, and conclusions that were not found.
    /// Differences from the official register stand in `register`.
    pub doubts: Vec<Doubt>,
    /// Verdicts of revisits and monitoring inspections that are linked with no weakness or priority action of an
    /// earlier letter, and why.
    pub unlinked: Vec<Doubt>,
    /// Publications that their source no longer shows.
    pub vanished: usize,
    /// What read the documents; more than one entry means that a rebuild is due.
    pub versions: Vec<VersionCount>,
    /// The last runs, newest first.
    pub runs: Vec<Run>,
}

/// The state of the dataset.
///
/// # Errors
/// The dataset could not be read.
pub fn status(dataset: &Dataset) -> Result<Arc<Status>, QueryError> {
    dataset.derived_as("", 1, || told(dataset))
}

fn told(dataset: &Dataset) -> Result<Status, QueryError> {
    let connection = dataset.connection();
    let mut letters = letters_in(dataset, &Filter::default())?;
    // As everywhere the latest inspection first, equal ones by id.
    letters.sort_by_key(|letter| Reverse(letter.start));
    let count = |sql: &str| -> Result<usize, QueryError> {
        Ok(connection
            .prepare_cached(sql)?
            .query_row([], |row| row.get::<_, i64>(0))
            .map(|n| usize::try_from(n).unwrap_or(0))?)
    };
    let areas = current_areas(dataset)?;
    let with = |framework: Framework| -> usize {
        let held: BTreeSet<&str> =
            letters.iter().filter(|l| l.framework == Some(framework)).map(|l| &*l.la_code).collect();
        areas.iter().filter(|(code, _)| held.contains(code.as_str())).count()
    };
    let held: BTreeSet<&str> = letters.iter().map(|l| &*l.la_code).collect();
    Ok(Status {
        dataset: dataset.path().display().to_string(),
        letters: letters.len(),
        findings: count_findings(dataset, &Filter::default())?,
        kinds: kinds(&letters),
        areas: areas.len(),
        areas_with_letter: [Framework::F2016, Framework::F2023].map(|f| (f.to_string(), with(f))).into(),
        areas_without_letter: areas
            .iter()
            .filter(|(code, _)| !held.contains(code.as_str()))
            .map(|(_, name)| name.clone())
            .collect(),
        not_held: gaps(dataset, None)?,
        register: register_agreement(dataset)?,
        set_aside: set_aside(dataset)?,
        failed: failures(dataset)?,
        text_problems: text_problems(dataset)?,
        doubts: doubts(dataset, &letters)?,
        unlinked: unlinked(dataset)?,
        vanished: count("SELECT count(*) FROM publications WHERE vanished_on IS NOT NULL")?,
        versions: versions(dataset)?,
        runs: dataset.runs(5)?,
    })
}

fn kinds(letters: &[ScopeLetter]) -> Vec<KindCount> {
    let mut by_kind: BTreeMap<LetterKind, Vec<&ScopeLetter>> = BTreeMap::new();
    for letter in letters {
        by_kind.entry(letter.kind).or_default().push(letter);
    }
    by_kind
        .into_iter()
        .map(|(kind, letters)| KindCount {
            kind,
            framework: kind.framework(),
            letters: letters.len(),
            areas: letters.iter().map(|l| &l.la_code).collect::<BTreeSet<_>>().len(),
        })
        .collect()
}

fn current_areas(dataset: &Dataset) -> Result<Vec<(String, String)>, QueryError> {
    let mut statement = dataset
        .connection()
        .prepare_cached("SELECT la_code, area FROM areas WHERE abolished_on IS NULL ORDER BY area, la_code")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

fn set_aside(dataset: &Dataset) -> Result<Vec<ReasonCount>, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT reason_code, min(reason_message), count(*) FROM documents WHERE status = 'set_aside'
         GROUP BY reason_code ORDER BY count(*) DESC, reason_code",
    )?;
    let rows = statement
        .query_map([], |row| {
            let documents: i64 = row.get(2)?;
            let documents = usize::try_from(documents).unwrap_or(0);
            Ok(ReasonCount { code: row.get(0)?, message: row.get(1)?, documents })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn failures(dataset: &Dataset) -> Result<Vec<Failure>, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT source, coalesce(url, file, key), reason_code, reason_message FROM publications
         WHERE status = 'failed' ORDER BY source, key",
    )?;
    let rows = statement
        .query_map([], |row| {
            let reason = Reason {
                code: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                message: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
            };
            Ok(Failure { source: row.get(0)?, at: row.get(1)?, reason })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn text_problems(dataset: &Dataset) -> Result<Vec<TextProblem>, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT d.sha256, d.text_status, d.quality,
             (SELECT coalesce(p.url, p.file, p.key) FROM revisions AS r
              JOIN publications AS p ON p.publication_no = r.publication_no
              WHERE r.sha256 = d.sha256 ORDER BY p.url IS NULL, p.source, p.key LIMIT 1) AS at
         FROM documents AS d WHERE d.text_status <> 'good' ORDER BY d.sha256",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        let quality: Vec<crate::domain::PageQuality> = c.json("quality")?;
        found.push(TextProblem {
            sha256: c.get("sha256")?,
            at: c.get::<Option<String>>("at")?.unwrap_or_default(),
            text_status: c.term("text_status")?,
            pages: quality.iter().filter(|q| q.image_only || q.unmapped > 0).map(|q| q.page).collect(),
        });
    }
    Ok(found)
}

fn doubts(dataset: &Dataset, letters: &[ScopeLetter]) -> Result<Vec<Doubt>, QueryError> {
    let mut suspicious: HashMap<i64, Vec<Suspicion>> = HashMap::new();
    let mut statement = dataset.connection().prepare_cached(
        "SELECT l.letter_no, l.suspicious, p.published_on, coalesce(l.inspection_end, l.inspection_start) AS inspected_until
         FROM all_letters AS l LEFT JOIN publications AS p ON p.publication_no = l.publication_no
         WHERE l.current = 1 AND (l.suspicious <> '[]' OR p.published_on < coalesce(l.inspection_end, l.inspection_start))",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let c = Columns::of(row);
        let (published_on, until) = (c.optional_date("published_on")?, c.optional_date("inspected_until")?);
        let mut of_letter: Vec<Suspicion> = c.json("suspicious")?;
        of_letter.extend(Suspicion::about_publication(published_on, until));
        suspicious.insert(c.get("letter_no")?, of_letter);
    }
    let mut found = Vec::new();
    for letter in letters {
        let mut doubt = |about: &str, problem: String| {
            found.push(Doubt { letter_id: letter.id(), about: about.to_owned(), problem });
        };
        let own = suspicious.get(&letter.number).into_iter().flatten().filter(|s| !reference::is_difference(s));
        let mut outcome_told = false;
        for suspicion in own {
            outcome_told |= suspicion.field == "outcome";
            let quote = if suspicion.quote.is_empty() { String::new() } else { format!(": \"{}\"", suspicion.quote) };
            doubt(&suspicion.field, format!("{}{quote}", suspicion.problem));
        }
        // Every area of the reference tables has a region.
        if letter.region.is_none() {
            doubt("la_code", "the reference tables have no such area".to_owned());
        }
        if letter.outcome.is_none() && !outcome_told {
            doubt("outcome", "the conclusion was not found".to_owned());
        }
    }
    Ok(found)
}

fn unlinked(dataset: &Dataset) -> Result<Vec<Doubt>, QueryError> {
    let doubt = |verdict: UnlinkedVerdict| Doubt {
        letter_id: verdict.letter_id,
        about: verdict.finding_id,
        problem: match verdict.sought_in {
            Some(letter) => format!("no weakness or priority action of {letter} is worded like it"),
            None => "the letter with the weakness or priority action is not in the dataset".to_owned(),
        },
    };
    Ok(dataset.unlinked_verdicts()?.into_iter().map(doubt).collect())
}

fn versions(dataset: &Dataset) -> Result<Vec<VersionCount>, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT extract_version, parse_version, code_version, codebook, count(*) FROM documents
         GROUP BY extract_version, parse_version, code_version, codebook ORDER BY count(*) DESC, 1, 2, 3, 4",
    )?;
    let rows = statement
        .query_map([], |row| {
            let documents: i64 = row.get(4)?;
            Ok(VersionCount {
                versions: Versions {
                    extract: row.get(0)?,
                    parse: row.get(1)?,
                    code: row.get(2)?,
                    codebook: row.get(3)?,
                },
                documents: usize::try_from(documents).unwrap_or(0),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}
