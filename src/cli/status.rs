//! `status`: what the dataset covers, what it lacks, what went wrong, and what to do about it.

use std::io::{self, Write};

use clap::Args;

use super::output::{page, print_json, printable};
use super::show::Form;
use super::{Exit, Failure, context::Context};
use crate::domain::Term;
use crate::query::{self, Status};

/// Show coverage, gaps, failures with their reasons, and the last runs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens status --format json")]
pub struct Command {
    /// Form of the answer; JSON is one object with every entry.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// Entries of a list that are printed unless `-v` asks for all of them.
const SHOWN_ENTRIES: usize = 10;

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let status = query::status(&context.questions()?)?;
        match self.format {
            Form::Json => print_json(&*status)?,
            Form::Text => {
                let mut out = page();
                let shown = if context.verbose > 0 { usize::MAX } else { SHOWN_ENTRIES };
                Page { out: &mut out, shown }.write(&status)?;
                out.flush()?;
            }
        }
        Ok(Exit::Fine)
    }
}

struct Page<'a, W> {
    out: &'a mut W,
    shown: usize,
}

impl<W: Write> Page<'_, W> {
    fn write(&mut self, status: &Status) -> io::Result<()> {
        writeln!(self.out, "Dataset   {}", status.dataset)?;
        writeln!(self.out, "Letters   {} with {} findings", status.letters, status.findings)?;
        for kind in &status.kinds {
            let name = kind.kind.as_str().replace('_', " ");
            writeln!(self.out, "          {} {name}, about {} areas", kind.letters, kind.areas)?;
        }
        writeln!(self.out, "Areas     {} current ones", status.areas)?;
        for (framework, areas) in &status.areas_with_letter {
            writeln!(self.out, "          {areas} with a letter under the framework of {framework}")?;
        }
        let without = &status.areas_without_letter;
        self.list("Areas without any letter", without.iter().map(String::as_str))?;
        self.list(
            "In the official register of 2016-2022, letter not held",
            status.not_held.iter().map(|gap| format!("{} {}, {}", gap.inspection_start, gap.what, gap.area)),
        )?;
        let register = &status.register;
        for (what, count) in [("inspections", register.inspections), ("revisits", register.revisits)] {
            if count.held > 0 {
                writeln!(
                    self.out,
                    "\nOfficial register: {} letters on {what} held, {} agree with it, {} differ",
                    count.held, count.agreeing, count.differing
                )?;
            }
        }
        if register.inspections.held > 0 {
            writeln!(
                self.out,
                "  {} significant weaknesses read, {} registered",
                register.weaknesses_read, register.weaknesses_registered
            )?;
        }
        self.list(
            "Differs from the official register",
            register.differences.iter().map(|d| format!("{}, {}: {}", d.letter_id, d.about, d.problem)),
        )?;
        self.list("Set aside", status.set_aside.iter().map(|r| format!("{} because: {}", r.documents, r.message)))?;
        self.list("Failed", status.failed.iter().map(|f| format!("{}: {}", f.at, f.reason.message)))?;
        if !status.failed.is_empty() {
            writeln!(
                self.out,
                "  Try those again with `sendlens rebuild --failed`, or `sendlens update` to fetch them anew."
            )?;
        }
        self.list(
            "Text that cannot be wholly relied on",
            status.text_problems.iter().map(|t| format!("{}: {} on pages {:?}", t.at, t.text_status, t.pages)),
        )?;
        self.list(
            "For a person to look at",
            status.doubts.iter().map(|d| format!("{}, {}: {}", d.letter_id, d.about, d.problem)),
        )?;
        self.list(
            "Verdicts not linked with the weakness or priority action that they are on",
            status.unlinked.iter().map(|d| format!("{}, {}: {}", d.letter_id, d.about, d.problem)),
        )?;
        if status.vanished > 0 {
            writeln!(
                self.out,
                "\n{} publications are no longer shown by their source; what they held is kept.",
                status.vanished
            )?;
        }
        if status.versions.len() > 1 {
            writeln!(
                self.out,
                "\nDocuments were read by different versions; `sendlens rebuild` brings all to this one."
            )?;
        }
        self.list(
            "Last runs",
            status.runs.iter().map(|run| {
                let end = match (&run.finished_at, run.exit_code) {
                    (Some(_), Some(code)) => format!("exit code {code}"),
                    _ => "interrupted or under way".to_owned(),
                };
                let t = &run.tally;
                format!(
                    "{} {}: {} stored, {} revised, {} unchanged, {} set aside, {} failed; {end}",
                    run.started_at, run.command, t.stored, t.revised, t.unchanged, t.set_aside, t.failed
                )
            }),
        )
    }

    fn list(&mut self, title: &str, entries: impl Iterator<Item = impl AsRef<str>>) -> io::Result<()> {
        let entries: Vec<_> = entries.collect();
        if entries.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\n{title} ({})", entries.len())?;
        for entry in entries.iter().take(self.shown) {
            writeln!(self.out, "  {}", printable(entry.as_ref()))?;
        }
        let more = entries.len().saturating_sub(self.shown);
        if more > 0 {
            writeln!(self.out, "  and {more} more; -v shows all")?;
        }
        Ok(())
    }
}
