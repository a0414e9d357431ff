//! `tag`: codes any text, line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{Exit, Failure, context::Context};
use crate::code::Input;
use crate::domain::{Polarity, Probability, Role, Section, ThemeCode};

/// Code any text against the codebook. The input has one text per line, or JSON lines.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  echo \"Children wait too long for an autism assessment.\" | sendlens tag\n\n\
                  A line that starts with { is read as JSON: {\"text\": ..., \"previous\": ..., \"section\": ..., \
                  \"role\": ..., \"id\": ...}; all but text may be left out.")]
pub struct Command {
    /// File to read; - is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<serde_json::Value>,
    text: String,
    #[serde(default)]
    previous: Option<String>,
    #[serde(default)]
    section: Option<String>,
    #[serde(default)]
    role: Option<String>,
}

#[derive(Serialize)]
struct Tagged<'a> {
    id: serde_json::Value,
    text: &'a str,
    polarity: Polarity,
    polarity_probability: Option<Probability>,
    cue: String,
    themes: Vec<ThemeCode>,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let coder = context.coder()?;
        let input: Box<dyn BufRead> = if self.file.as_os_str() == "-" {
            Box::new(io::stdin().lock())
        } else {
            let file = File::open(&self.file)
                .map_err(|e| Failure::new(format!("cannot read {}: {e}", self.file.display())))?;
            Box::new(BufReader::new(file))
        };
        let mut out = io::BufWriter::new(io::stdout().lock());
        for (number, line) in input.lines().enumerate() {
            let line = line.map_err(|e| Failure::new(format!("line {}: {e}; give text in UTF-8", number + 1)))?;
            if line.trim().is_empty() {
                continue;
            }
            let line = read(&line, number + 1)?;
            let coding = coder.code(&Input {
                text: &line.text,
                previous: line.previous.as_deref().filter(|p| !p.is_empty()),
                section: term::<Section>(line.section.as_deref(), number + 1)?,
                role: term::<Role>(line.role.as_deref(), number + 1)?,
            });
            let tagged = Tagged {
                id: line.id.unwrap_or_else(|| (number + 1).to_string().into()),
                text: &line.text,
                polarity: coding.polarity,
                polarity_probability: coding.probability,
                cue: coding.cue,
                themes: coding.themes,
            };
            serde_json::to_writer(&mut out, &tagged)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        Ok(Exit::Fine)
    }
}

fn read(line: &str, number: usize) -> Result<Line, Failure> {
    if !line.trim_start().starts_with('{') {
        return Ok(Line { id: None, text: line.to_owned(), previous: None, section: None, role: None });
    }
    serde_json::from_str(line)
        .map_err(|e| Failure::new(format!("line {number} is not valid JSON with a \"text\": {e}")))
}

fn term<T: crate::domain::Term>(word: Option<&str>, number: usize) -> Result<Option<T>, Failure> {
    match word.filter(|w| !w.is_empty()) {
        None => Ok(None),
        Some(word) => word.parse().map(Some).map_err(|e| Failure::new(format!("line {number}: {e}"))),
    }
}
