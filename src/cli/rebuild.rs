//! `rebuild`: reads documents again from the archive, offline.

use clap::{Args, ValueEnum};

use super::ingest::{self, Format};
use super::progress::Progress;
use super::{Exit, Failure, context::Context};
use crate::pipeline::{self, Rebuild};

/// Read documents again from the archive, offline: those that failed, or that an older version read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  sendlens rebuild --failed        try again what failed\n  \
                        sendlens rebuild --from code     code every stored letter again")]
pub struct Command {
    /// Only documents that failed.
    #[arg(long)]
    failed: bool,
    /// Redo every document from this stage on, not only those that an older version read.
    #[arg(long, value_enum, value_name = "STAGE")]
    from: Option<Stage>,
    /// Print a summary, or one JSON object that lists every document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// From the documents' bytes.
    Extract,
    /// From the stored text.
    Parse,
    /// From the stored letters.
    Code,
}

impl From<Stage> for Rebuild {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Extract => Rebuild::Extract,
            Stage::Parse => Rebuild::Parse,
            Stage::Code => Rebuild::Code,
        }
    }
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        // A rebuild of nothing would make an empty dataset where the path is mistyped.
        drop(context.questions()?);
        let stages = context.stages()?;
        let mut dataset = context.dataset(&stages)?;
        let archive = context.archive()?;
        let mut progress = None;
        let report = pipeline::rebuild(
            &stages,
            &archive,
            &mut dataset,
            &context.settings.data,
            pipeline::RebuildScope { from: self.from.map(Rebuild::from), failed: self.failed },
            context.settings.threads,
            |event| match event {
                pipeline::RebuildEvent::Begins(total) => {
                    progress = Some(Progress::new("documents", total as u64, context.quiet));
                }
                pipeline::RebuildEvent::Done => progress.iter_mut().for_each(Progress::step),
            },
        )?;
        drop(progress);
        context.keep_scores()?;
        if report.documents.is_empty() {
            context
                .say("Nothing is due: everything was read by these versions. --from STAGE does it again all the same.");
        }
        ingest::show(&report, self.format, context)?;
        Ok(if report.some_failed() { Exit::SomeFailed } else { Exit::Fine })
    }
}
