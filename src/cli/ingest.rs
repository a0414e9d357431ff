//! `ingest`: adds local documents to the dataset.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::progress::Progress;
use super::{Exit, Failure, context::Context, output};
use crate::domain::DocumentStatus;
use crate::pipeline::{self, DocumentReport, RunReport};

/// Add local documents or folders of documents to the dataset.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens ingest letters/ another-letter.pdf\n  \
                  sendlens ingest --from-parquet dataset/")]
pub struct Command {
    /// PDF files, or folders that are searched for them.
    #[arg(required_unless_present = "from_parquet", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Instead of reading documents, take in what the Spark job wrote to this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    from_parquet: Option<PathBuf>,
    /// Print a summary, or one JSON object that lists every document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How a run is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For reading.
    Table,
    /// For programs.
    Json,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        if let Some(dir) = &self.from_parquet {
            return self.take_parquet(dir, context);
        }
        let documents = pipeline::find(&self.paths)?;
        let stages = context.stages()?;
        let mut dataset = context.dataset(&stages)?;
        let archive = context.archive()?;
        let mut progress = Progress::new("documents", documents.len() as u64, context.quiet);
        let report =
            pipeline::ingest(&documents, &stages, &archive, &mut dataset, context.settings.threads, |document| {
                progress.step();
                if context.verbose > 1 {
                    progress.suspend(|| eprintln!("{}: {}", document.name(), document.status));
                }
            })?;
        drop(progress);
        self.end(&report, context)
    }

    fn take_parquet(&self, dir: &Path, context: &Context) -> Result<Exit, Failure> {
        let stages = context.stages()?;
        let mut dataset = context.dataset(&stages)?;
        let archive = context.archive()?;
        let report = pipeline::ingest_parquet(dir, &stages, &archive, &mut dataset, |document| {
            if context.verbose > 1 {
                eprintln!("{}: {}", document.name(), document.status);
            }
        })?;
        self.end(&report, context)
    }

    fn end(&self, report: &RunReport, context: &Context) -> Result<Exit, Failure> {
        context.keep_scores()?;
        show(report, self.format, context)?;
        Ok(if report.some_failed() { Exit::SomeFailed } else { Exit::Fine })
    }
}

/// Prints what a run did: one JSON object, or a summary with the reason of everything that is not in the dataset.
pub(super) fn show(report: &RunReport, format: Format, context: &Context) -> Result<(), Failure> {
    if format == Format::Json {
        output::print_json(report)?;
        return Ok(());
    }
    let problems = |status| report.documents.iter().filter(move |d| d.status == status);
    for document in problems(DocumentStatus::Failed) {
        eprintln!("failed: {}", describe(document));
    }
    for document in problems(DocumentStatus::SetAside) {
        context.detail(format_args!("set aside: {}", describe(document)));
    }
    for document in &report.documents {
        for doubt in &document.suspicious {
            let about = doubt.field.replace('_', " ");
            eprintln!("look at {}: {about}: {}", document.name(), output::printable(&doubt.problem));
        }
    }
    let t = &report.tally;
    context.say(format_args!(
        "{} stored, {} revised, {} unchanged, {} set aside, {} failed",
        t.stored, t.revised, t.unchanged, t.set_aside, t.failed
    ));
    if t.set_aside > 0 && context.verbose == 0 {
        context.say("Documents of other programmes were set aside; `sendlens letters --kind other` lists them.");
    }
    if t.failed > 0 {
        context.say("`sendlens status` keeps the failures and how to try them again.");
    }
    Ok(())
}

fn describe(document: &DocumentReport) -> String {
    match &document.reason {
        // What the network says names the address by itself.
        Some(reason) if reason.message.contains(document.name()) => output::printable(&reason.message),
        Some(reason) => format!("{}: {}", document.name(), output::printable(&reason.message)),
        None => document.name().to_owned(),
    }
}
