//! `extract`: reads documents without storing them, one at a time, in bounded memory.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Exit, Failure};
use crate::archive;
use crate::domain::{Block, Method};
use crate::extract::{self, Limits};
use crate::pipeline;

/// Read documents and print their text, without storing anything.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens extract letter.pdf --format text")]
pub struct Command {
    /// Documents to read.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON object per line, or plain text.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Text,
}

#[derive(Serialize)]
struct Extracted<'a> {
    file: String,
    sha256: String,
    pages: u32,
    method: Method,
    status: String,
    blocks: &'a [Block],
}

#[derive(Serialize)]
struct Refused {
    file: String,
    error: ErrorObject,
}

#[derive(Serialize)]
struct ErrorObject {
    code: &'static str,
    message: String,
}

impl Command {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut exit = Exit::Fine;
        for file in &self.files {
            if let Err(error) = self.one(file, &mut out)? {
                exit = Exit::SomeFailed;
                let refused = Refused { file: file.display().to_string(), error };
                match self.format {
                    Format::Json => write_line(&mut out, &refused)?,
                    Format::Text => eprintln!("{}: {}", refused.file, refused.error.message),
                }
            }
        }
        out.flush()?;
        Ok(exit)
    }

    fn one(&self, file: &Path, out: &mut impl Write) -> io::Result<Result<(), ErrorObject>> {
        let limits = Limits::default();
        let bytes = match pipeline::read_document(file, &limits) {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(ErrorObject { code: error.code(), message: error.to_string() })),
        };
        let text = match extract::extract(&bytes, &limits) {
            Ok(text) => text,
            Err(error) => return Ok(Err(ErrorObject { code: error.code(), message: error.to_string() })),
        };
        match self.format {
            Format::Json => write_line(
                out,
                &Extracted {
                    file: file.display().to_string(),
                    sha256: archive::sha256(&bytes),
                    pages: text.pages,
                    method: text.method,
                    status: text.status.to_string(),
                    blocks: &text.blocks,
                },
            )?,
            Format::Text => {
                for block in &text.blocks {
                    writeln!(out, "{}\n", block.text)?;
                }
            }
        }
        Ok(Ok(()))
    }
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}
