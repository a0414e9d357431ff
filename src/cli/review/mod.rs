//! `review`: exports findings for coding by hand, and takes the corrections back. A person's code overrules the program's.

mod sheet;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Zoned;
use jiff::civil::Date;

use super::filters::FilterArgs;
use super::output::{self, Format, View, column};
use super::{Exit, Failure, context::Context};
use crate::code::Input;
use crate::codebook::Codebook;
use crate::domain::{Polarity, Probability};
use crate::evaluate::{Agreement, Codes, agreement};
use crate::query::{self, Filter, FindingRow};
use crate::store::{Dataset, Review, ReviewedTheme, StoredPassage};

use sheet::Row;

/// Code findings by hand, and compare coders.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  sendlens review export --theme identification --to to-code.xlsx\n  \
                  sendlens review import to-code.xlsx --coder \"A. Reader\"\n  sendlens review agreement")]
pub struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write findings to a spreadsheet (.xlsx or .csv) for coding by hand.
    #[command(after_help = "Example:\n  sendlens review export --role priority_action --to to-code.xlsx\n  \
                  sendlens review export --doubtful --limit 200 --to to-code.xlsx\n\n\
                  Change polarity and themes (ids separated by semicolons; a subtheme after a slash), put anything \
                  into the column reviewed where the codes are right as they are, and leave id and text alone.")]
    Export {
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Only findings with a code whose probability is under 60%, the most doubtful first.
        #[arg(long)]
        doubtful: bool,
        #[command(flatten)]
        filters: Box<FilterArgs>,
    },
    /// Store the corrections of such a spreadsheet: all of them, or none if any row is wrong.
    #[command(after_help = "Example:\n  sendlens review import to-code.xlsx --coder \"A. Reader\" --on 2024-05-01")]
    Import {
        /// The spreadsheet (.xlsx or .csv).
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Who coded it.
        #[arg(long, value_name = "NAME")]
        coder: String,
        /// The day of coding [default: today].
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
    /// How far coders agree with each other and with the machine: F1 and Cohen's kappa.
    #[command(after_help = "Example:\n  sendlens review agreement --format json")]
    Agreement {
        /// Form of the answer.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

const VIEW: View = View {
    table: &[
        column("Coder", "coder"),
        column("Other", "other"),
        column("Findings", "findings"),
        column("Theme F1", "theme_f1"),
        column("Theme kappa", "theme_kappa"),
        column("Polarity agrees", "polarity_agreement"),
        column("Polarity kappa", "polarity_kappa"),
    ],
    csv: &["coder", "other", "findings", "theme_f1", "theme_kappa", "polarity_agreement", "polarity_kappa"],
};

/// What the machine is called among coders.
const MACHINE: &str = "machine";

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.action {
            Action::Export { to, doubtful, filters } => export(context, &to, doubtful, &filters),
            Action::Import { file, coder, on } => {
                import(context, &file, &coder, on.unwrap_or_else(|| Zoned::now().date()))
            }
            Action::Agreement { format } => compare(context, format),
        }
    }
}

fn export(context: &Context, to: &Path, doubtful: bool, filters: &FilterArgs) -> Result<Exit, Failure> {
    let dataset = context.questions()?;
    let filter = context.filter(filters, &dataset, Format::Csv)?;
    let found = if doubtful { most_doubtful(&dataset, filter)? } else { query::findings(&dataset, &filter)? };
    let rows: Vec<Row> = found
        .into_iter()
        .map(|f| Row {
            finding_id: f.id,
            area: f.area,
            inspection_start: f.inspection_start.to_string(),
            role: f.role.to_string(),
            section: f.section.to_string(),
            page: f.page.to_string(),
            text: f.text,
            polarity: f.polarity.to_string(),
            themes: spell(f.themes.iter().map(|t| (t.id.as_str(), t.subtheme.as_deref()))),
            reviewed: String::new(),
            note: String::new(),
        })
        .collect();
    sheet::write(to, &rows)?;
    context.say(format!("{} findings written to {}", rows.len(), to.display()));
    Ok(Exit::Fine)
}

/// The findings with a doubtful code, the most doubtful first: what a person can teach most with.
fn most_doubtful(dataset: &Dataset, filter: Filter) -> Result<Vec<FindingRow>, Failure> {
    let limit = filter.limit.unwrap_or(usize::MAX);
    let mut found = query::findings(dataset, &Filter { limit: None, ..filter })?;
    found.retain(|finding| finding.least_probability().is_some_and(Probability::is_doubtful));
    found.sort_by_key(FindingRow::least_probability);
    found.truncate(limit);
    Ok(found)
}

fn spell<'a>(themes: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> String {
    let one = |(id, subtheme): (&str, Option<&str>)| subtheme.map_or_else(|| id.to_owned(), |s| format!("{id}/{s}"));
    themes.map(one).collect::<Vec<_>>().join("; ")
}

fn import(context: &Context, file: &Path, coder: &str, on: Date) -> Result<Exit, Failure> {
    let coder = coder.trim();
    if coder.is_empty() || coder == MACHINE {
        return Err(Failure::new("give the name of the person who coded with --coder NAME"));
    }
    let rows = sheet::read(file)?;
    drop(context.questions()?);
    let codebook = context.codebook()?;
    let mut dataset = Dataset::open(&context.settings.data)?;
    let (mut reviews, mut problems, mut untouched) = (Vec::new(), Vec::new(), 0usize);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (number, row) in &rows {
        if let Some(first) = seen.insert(row.finding_id.clone(), *number) {
            problems.push(format!("row {number}: finding {} is already in row {first}", row.finding_id));
            continue;
        }
        match check(&dataset, &codebook, row, coder, on)? {
            Ok(Some(review)) => reviews.push(review),
            Ok(None) => untouched += 1,
            Err(problem) => problems.push(format!("row {number}: {problem}")),
        }
    }
    if !problems.is_empty() {
        let shown = problems.iter().take(20).cloned().collect::<Vec<_>>().join("\n  ");
        return Err(Failure::new(format!(
            "nothing was imported, because {} of {} rows are wrong; mend them and import again:\n  {shown}",
            problems.len(),
            rows.len()
        )));
    }
    let changed = dataset.add_reviews(&reviews)?;
    context.say(format!(
        "{} reviews by {coder} stored, {changed} findings coded differently now; {untouched} rows were not reviewed",
        reviews.len()
    ));
    Ok(Exit::Fine)
}

/// The review of a row, nothing for a row that was left alone, or what is wrong with it.
fn check(
    dataset: &Dataset,
    codebook: &Codebook,
    row: &Row,
    coder: &str,
    on: Date,
) -> Result<Result<Option<Review>, String>, Failure> {
    let Some(passage) = dataset.passage(&row.finding_id)? else {
        return Ok(Err(format!("there is no finding \"{}\"; ids must stay as they were exported", row.finding_id)));
    };
    if squeeze(&row.text) != squeeze(&passage.text) {
        return Ok(Err(format!("the text of {} was edited; quotes must stay as they are", row.finding_id)));
    }
    let polarity: Polarity = match row.polarity.trim().parse() {
        Ok(polarity) => polarity,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let mut themes: Vec<ReviewedTheme> = Vec::new();
    for word in row.themes.split(';').map(str::trim).filter(|w| !w.is_empty()) {
        let (id, subtheme) = word.split_once('/').map_or((word, None), |(id, s)| (id.trim(), Some(s.trim())));
        let Some(theme) = codebook.theme(id) else {
            return Ok(Err(format!(
                "unknown theme \"{id}\"; the codebook's ids are listed by `sendlens codebook check`"
            )));
        };
        if let Some(subtheme) = subtheme
            && !theme.subthemes.iter().any(|s| s == subtheme)
        {
            return Ok(Err(format!(
                "\"{subtheme}\" is no subtheme of \"{id}\"; use one of: {}",
                theme.subthemes.join(", ")
            )));
        }
        if themes.iter().all(|t| t.id != id) {
            themes.push(ReviewedTheme { id: id.to_owned(), subtheme: subtheme.map(str::to_owned) });
        }
    }
    themes.sort_by_key(|t| codebook.position(&t.id));
    let mut given: Vec<&str> = themes.iter().map(|t| t.id.as_str()).collect();
    let mut stored: Vec<&str> = passage.themes.iter().map(String::as_str).collect();
    given.sort_unstable();
    stored.sort_unstable();
    let same = polarity == passage.polarity && given == stored;
    if same && row.reviewed.trim().is_empty() {
        return Ok(Ok(None));
    }
    Ok(Ok(Some(Review {
        finding_id: row.finding_id.clone(),
        coder: coder.to_owned(),
        reviewed_on: on,
        text: passage.text,
        polarity,
        themes,
        note: Some(row.note.trim().to_owned()).filter(|n| !n.is_empty()),
    })))
}

/// Spreadsheets change line ends and spaces; words must be the same.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn compare(context: &Context, format: Format) -> Result<Exit, Failure> {
    let dataset = context.questions()?;
    let codebook = context.codebook()?;
    let mut coders: BTreeMap<String, BTreeMap<String, Codes>> = BTreeMap::new();
    for review in dataset.reviews()? {
        let codes = Codes { polarity: review.polarity, themes: review.themes.into_iter().map(|t| t.id).collect() };
        coders.entry(review.coder).or_default().insert(review.finding_id, codes);
    }
    if coders.is_empty() {
        return Err(Failure::new(
            "nothing was coded by hand yet; start with `sendlens review export --to FILE` and `sendlens review import FILE`",
        ));
    }
    // The machine is asked anew: what is stored for these findings is the people's own.
    let coder = context.coder_for(codebook.clone())?.with_cache(context.scores()?);
    let reviewed: BTreeSet<&String> = coders.values().flat_map(BTreeMap::keys).collect();
    let mut passages = dataset.passages()?;
    // Whole letters, since the sentences around a text have a say in its code.
    let has_review = |p: &&StoredPassage| reviewed.contains(&p.finding_id);
    let letters: BTreeSet<String> = passages.iter().filter(has_review).map(|p| p.letter_id.clone()).collect();
    passages.retain(|p| letters.contains(&p.letter_id));
    let inputs: Vec<Input<'_>> = passages.iter().map(super::context::input).collect();
    let mut machine = BTreeMap::new();
    for (passage, coding) in passages.iter().zip(coder.code_in_order(&inputs)) {
        if reviewed.contains(&passage.finding_id) {
            let themes = coding.themes.into_iter().map(|t| t.id).collect();
            machine.insert(passage.finding_id.clone(), Codes { polarity: coding.polarity, themes });
        }
    }
    context.keep_scores()?;
    let themes: Vec<&str> = codebook.themes().iter().map(|t| t.id.as_str()).collect();
    let names: Vec<&String> = coders.keys().collect();
    let mut rows: Vec<Agreement> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        for other in &names[i + 1..] {
            let pair = agreement((name, &coders[*name]), (other, &coders[*other]), &themes);
            if pair.findings > 0 {
                rows.push(pair);
            }
        }
        rows.push(agreement((name, &coders[*name]), (MACHINE, &machine), &themes));
    }
    output::print_rows(format, &VIEW, rows)?;
    Ok(Exit::Fine)
}
