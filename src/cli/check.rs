//! `check`: verifies the dataset and names what to do about anything that is wrong.

use clap::Args;

use super::output::{print_json, printable};
use super::progress::Progress;
use super::show::Form;
use super::{Exit, Failure, context::Context};
use crate::pipeline;

/// Verify the archive against its hashes and every finding against its document.
#[derive(Debug, Args)]
#[command(after_help = "Exit code 2 means that something is wrong; each problem names what mends it.\n\n\
                        Example:\n  sendlens check")]
pub struct Command {
    /// Form of the answer; JSON is one object.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let stages = context.stages()?;
        let archive = context.archive()?;
        let mut progress = Progress::new("documents", dataset.count_documents()?, context.quiet);
        let checked = pipeline::check(&dataset, &archive, &stages, || progress.step())?;
        drop(progress);
        match self.format {
            Form::Json => print_json(&checked)?,
            Form::Text => {
                for problem in checked.problems.iter().chain(&checked.differences) {
                    println!("{} {}: {}", problem.what, problem.at, printable(&problem.problem));
                    println!("  mend: {}", problem.mend);
                }
                context.say(format_args!(
                    "{} documents, {} letters and {} findings checked; {} problems, {} differences from the official \
                     register.",
                    checked.documents,
                    checked.letters,
                    checked.findings,
                    checked.problems.len(),
                    checked.differences.len()
                ));
            }
        }
        Ok(if checked.problems.is_empty() { Exit::Fine } else { Exit::SomeFailed })
    }
}
