//! `letter`: one letter as it was understood, fact by fact and finding by finding: a stored one by its id, or a file
//! that is read but not stored.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::output::{in_words, page, print_json, printable};
use super::show::{Form, link};
use super::{Exit, Failure, context::Context};
use crate::domain::{LetterKind, Processed, Reading, Reason, Section, Term};
use crate::parse::{self, kind::Weighed};
use crate::pipeline;
use crate::query::{self, FindingRow, WholeLetter};

/// Show one letter as it was understood: facts with the words they were read from, findings, themes.
#[derive(Debug, Args)]
#[command(
    after_help = "With a file it shows how the document would be understood, and what speaks for each kind of letter;\n\
                        nothing is stored. Please add that to a report of a letter that is not read rightly.\n\n\
                        Example:\n  sendlens letter 901-2024-03-18-full\n  sendlens letter downloads/letter.pdf"
)]
pub struct Command {
    /// Id of the letter, or the file, address or SHA-256 that other commands print of it; or a PDF file to read.
    #[arg(value_name = "LETTER|FILE")]
    letter: String,
    /// Form of the answer; JSON is one object.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        if Path::new(&self.letter).is_file() {
            return self.read_file(context);
        }
        let dataset = context.questions()?;
        let letter = match query::letter(&dataset, &self.letter)? {
            Some(letter) => Some(letter),
            None => match query::letter_named(&dataset, &self.letter)? {
                Some(id) => query::letter(&dataset, &id)?,
                None => None,
            },
        };
        let letter = letter.ok_or_else(|| {
            Failure::new(format!(
                "there is no letter \"{}\"; `sendlens letters` lists their ids; to look at a document, give its file",
                self.letter
            ))
        })?;
        match self.format {
            Form::Json => print_json(&letter)?,
            Form::Text => {
                let mut out = page();
                write_letter(&mut out, &letter)?;
                out.flush()?;
            }
        }
        Ok(Exit::Fine)
    }

    /// Reads a file without storing it.
    fn read_file(&self, context: &Context) -> Result<Exit, Failure> {
        let stages = context.stages()?;
        let bytes = pipeline::read_document(Path::new(&self.letter), &stages.limits)
            .map_err(|error| Failure::new(format!("{}: {error}", self.letter)))?;
        let processed = stages.process(&bytes);
        let understood = Understood {
            file: &self.letter,
            sha256: &processed.sha256,
            kind: kind(&processed),
            reason: processed.reading.reason(),
            evidence: processed.text.as_ref().map(parse::evidence).unwrap_or_default(),
            letter: WholeLetter::of(&processed, Some(&self.letter), &stages.reference),
        };
        match self.format {
            Form::Json => print_json(&understood)?,
            Form::Text => {
                let mut out = io::BufWriter::new(io::stdout().lock());
                understood.write(&mut out)?;
                out.flush()?;
            }
        }
        let failed = matches!(processed.reading, Reading::Failed(_));
        Ok(if failed { Exit::SomeFailed } else { Exit::Fine })
    }
}

/// How a file would be understood, and why.
#[derive(Debug, Serialize)]
struct Understood<'a> {
    file: &'a str,
    sha256: &'a str,
    /// What it is; nothing where it could not be understood.
    kind: Option<LetterKind>,
    /// Why it would be set aside, or fail.
    reason: Option<Reason>,
    /// What speaks for each kind of letter.
    evidence: Vec<Weighed>,
    letter: Option<WholeLetter>,
}

fn kind(processed: &Processed) -> Option<LetterKind> {
    match &processed.reading {
        Reading::Letter { letter, .. } => Some(letter.kind),
        Reading::SetAside(_) => Some(LetterKind::Other),
        Reading::Failed(_) => None,
    }
}

impl Understood<'_> {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "What speaks for each kind of letter")?;
        for weighed in &self.evidence {
            let recognised = if weighed.recognised.is_some() { "recognised" } else { "not recognised" };
            writeln!(out, "  {}: {recognised}, weight {}", in_words(weighed.kind.as_str()), weighed.weight())?;
            for sign in &weighed.signs {
                let quote = printable(&sign.evidence.quote);
                writeln!(out, "    {} ({}, page {}): \"{quote}\"", sign.what, sign.weight, sign.evidence.page)?;
            }
        }
        writeln!(out)?;
        if let Some(reason) = &self.reason {
            let fate = if self.kind.is_some() { "Set aside" } else { "Not read" };
            writeln!(out, "{fate}: {}", printable(&reason.message))?;
        }
        self.letter.as_ref().map_or(Ok(()), |letter| write_letter(out, letter))
    }
}

fn write_letter(out: &mut impl Write, whole: &WholeLetter) -> io::Result<()> {
    let letter = &whole.letter;
    writeln!(out, "Letter      {} ({})", letter.id, in_words(letter.kind.as_str()))?;
    let code = letter.la_code.as_deref().unwrap_or("unknown");
    writeln!(out, "Area        {} ({code})", printable(letter.area.as_deref().unwrap_or(&whole.area_as_printed)))?;
    let day = |date: Option<jiff::civil::Date>| date.map_or("not read".to_owned(), |d| d.to_string());
    writeln!(out, "Inspected   {} to {}", day(letter.inspection_start), day(letter.inspection_end))?;
    if let Some(date) = letter.letter_date {
        writeln!(out, "Dated       {date}")?;
    }
    let previous = &letter.previous_inspection;
    match (previous.start, previous.end) {
        (Some(start), Some(end)) => writeln!(out, "Previous    {start} to {end}")?,
        _ => writeln!(out, "Previous    {}", in_words(previous.status.as_str()))?,
    }
    let outcome = letter.outcome.map_or("not found".to_owned(), |o| in_words(o.as_str()));
    writeln!(out, "Outcome     {outcome}")?;
    for (title, months) in
        [("Monitoring", letter.monitoring_inspection_months), ("Next full", letter.next_full_inspection_months)]
    {
        if let Some(months) = months {
            writeln!(out, "{title:<11} in {months} months")?;
        }
    }
    for (title, bodies) in [
        ("Council", &letter.local_authorities),
        ("Health", &letter.health_bodies),
        ("Responsible", &whole.responsible_for_statement),
    ] {
        if !bodies.is_empty() {
            writeln!(out, "{title:<11} {}", printable(&bodies.join("; ")))?;
        }
    }
    if let Some(place) = letter.url.as_ref().or(letter.file.as_ref()) {
        writeln!(out, "Document    {}", printable(place))?;
    }
    writeln!(out, "SHA-256     {}", letter.sha256)?;
    if !whole.facts.is_empty() {
        writeln!(out, "\nWhere the facts were read")?;
    }
    for fact in &whole.facts {
        writeln!(out, "  {} (page {}): \"{}\"", fact.field, fact.evidence.page, printable(&fact.evidence.quote))?;
    }
    for doubt in &letter.suspicious {
        if doubt.quote.is_empty() {
            writeln!(out, "  {}: {}", doubt.field, doubt.problem)?;
        } else {
            writeln!(
                out,
                "  {}: not stored, because {} (\"{}\")",
                doubt.field,
                doubt.problem,
                printable(&doubt.quote)
            )?;
        }
    }
    let mut section: Option<Section> = None;
    for finding in &whole.findings {
        if section != Some(finding.section) {
            writeln!(out, "\n{}", in_words(finding.section.as_str()))?;
            section = Some(finding.section);
        }
        write_finding(out, finding)?;
    }
    Ok(())
}

fn write_finding(out: &mut impl Write, finding: &FindingRow) -> io::Result<()> {
    let themes: Vec<&str> = finding.themes.iter().map(|theme| theme.id.as_str()).collect();
    let themes = if themes.is_empty() { "no theme".to_owned() } else { themes.join(", ") };
    let number = if finding.role.is_formal() {
        format!("{} {}, ", finding.role.as_str().replace('_', " "), finding.ordinal)
    } else {
        String::new()
    };
    let verdict = finding.verdict.map(|v| format!("{v} progress, ")).unwrap_or_default();
    writeln!(out, "  [{number}{verdict}{}; {themes}; page {}]", finding.polarity, finding.page)?;
    writeln!(out, "  {}", printable(&finding.text).replace('\n', "\n    "))?;
    if let (Some(judged), Some(similarity), Some(by)) = (&finding.judges, finding.similarity, finding.joined_by) {
        writeln!(out, "  on {judged} ({})", link(similarity, by))?;
    }
    Ok(())
}
