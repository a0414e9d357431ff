//! `show`: a finding back in its paragraph, page and letter.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::output::{page, print_json, printable};
use super::{Exit, Failure, context::Context};
use crate::domain::JoinedBy;
use crate::query::{self, Shown};

/// Show a finding in its paragraph, with page, letter, address, the evidence of its codes, and versions.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens show 901-2024-03-18-full.1a2b3c4d")]
pub struct Command {
    /// Id of the finding, as other commands print it.
    finding: String,
    /// Form of the answer; JSON is one object.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// How a finding is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For reading.
    #[value(alias = "table")]
    Text,
    /// One object.
    Json,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let shown = query::show(&context.questions()?, &self.finding)?;
        match self.format {
            Form::Json => print_json(&shown)?,
            Form::Text => {
                let mut out = page();
                write_shown(&mut out, &shown)?;
                out.flush()?;
            }
        }
        Ok(Exit::Fine)
    }
}

/// How a verdict is linked with the item that it is on.
pub(super) fn link(similarity: f64, by: JoinedBy) -> String {
    match by {
        JoinedBy::Wording => format!("similarity {similarity:.2}"),
        JoinedBy::Position => format!("by position, similarity {similarity:.2}"),
    }
}

fn write_shown(out: &mut impl Write, shown: &Shown) -> std::io::Result<()> {
    let (finding, letter) = (&shown.finding, &shown.letter);
    for part in &shown.paragraph {
        let mark = if part.this { ">" } else { " " };
        writeln!(out, "{mark} {}", printable(&part.text).replace('\n', "\n  "))?;
    }
    writeln!(out)?;
    writeln!(out, "Finding   {} ({}, {}, item {})", finding.id, finding.role, finding.section, finding.ordinal)?;
    writeln!(out, "Polarity  {} (from: {})", finding.polarity, printable(&finding.cue))?;
    for code in &shown.codes {
        let subtheme = code.subtheme.as_ref().map(|s| format!(" / {s}")).unwrap_or_default();
        let place = if code.from_previous { ", in the sentence before" } else { "" };
        let evidence = printable(&code.evidence);
        writeln!(out, "Theme     {}{subtheme}: \"{evidence}\"{place} [{}]", code.label, code.rule)?;
    }
    if let Some(responsible) = &finding.responsible {
        writeln!(out, "Bodies    {}", printable(responsible))?;
    }
    if let Some(verdict) = finding.verdict {
        writeln!(out, "Verdict   {verdict} progress")?;
    }
    if let (Some(judged), Some(similarity), Some(by)) = (&finding.judges, finding.similarity, finding.joined_by) {
        writeln!(out, "Judges    {judged} ({})", link(similarity, by))?;
    }
    writeln!(out, "Letter    {} ({}), inspection of {}", letter.id, letter.kind, finding.inspection_start)?;
    writeln!(out, "Area      {} ({})", printable(&finding.area), finding.la_code)?;
    writeln!(out, "Page      {}", finding.page)?;
    if let Some(place) = letter.url.as_ref().or(letter.file.as_ref()) {
        writeln!(out, "Document  {}", printable(place))?;
    }
    writeln!(out, "SHA-256   {}", letter.sha256)?;
    let versions = &letter.versions;
    writeln!(
        out,
        "Versions  extract {}, parse {}, code {}, codebook {}",
        versions.extract, versions.parse, versions.code, versions.codebook
    )
}
