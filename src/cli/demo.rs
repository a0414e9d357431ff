//! `demo`: the whole way from a web site to an answer, on this machine, in seconds.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::update::Progress;
use super::{Exit, Failure, context::Context, ingest};
use crate::archive::Archive;
use crate::crawl::{self, CrawlFile, OFSTED_REPORTS, SourceFile};
use crate::demo::{self, Server, Site};
use crate::extract::Limits;
use crate::pipeline::Stages;
use crate::pipeline::update::{self, Means, Options};
use crate::reference::Reference;
use crate::store::{Dataset, Lock};

/// The first questions, as a person would ask them of the real dataset.
const QUESTIONS: &[(&str, &[&str])] = &[
    ("Which letters are there, and what did they conclude?", &["letters", "--limit", "8"]),
    ("What are areas flagged for most often?", &["themes", "--limit", "8"]),
    ("What were areas like Thornwick flagged for?", &["peers", "Thornwick", "--limit", "3"]),
];

/// See it work: serve a small invented site on this machine, run the real update against it, and answer a question.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens demo --keep demo-data")]
pub struct Command {
    /// Keep the dataset in this folder, for questions of your own.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let scratch = tempfile::tempdir()?;
        let data = self.keep.as_deref().unwrap_or(scratch.path());
        let reference = data.join("reference");
        demo::write_reference(&reference)?;
        let stages =
            Stages { limits: Limits::default(), reference: Reference::load(&reference)?, coder: context.coder()? };
        let server = Server::start(Site::bundled())?;
        context.say(format_args!("An invented site of the inspectorate runs at {}; updating from it.", server.url()));
        update_from(&server, stages, data, context)?;
        for (question, command) in QUESTIONS {
            context.say(format_args!("\n{question}\n  sendlens {}\n", command.join(" ")));
            ask(command, data, &reference, context.quiet)?;
        }
        let keep = self.keep.as_deref().unwrap_or(Path::new("demo-data"));
        if self.keep.is_none() {
            context.say("\nAll areas above are invented. Keep the dataset for questions of your own:\n  sendlens demo --keep demo-data");
        }
        context.say(format_args!(
            "\nThen go on with:\n  sendlens --data {0} area Thornwick\n  sendlens --data {0} search '\"early identification\"'\n  \
             sendlens --data {0} serve",
            keep.display()
        ));
        Ok(Exit::Fine)
    }
}

/// The real update, without the pauses that a site of other people is owed.
fn update_from(server: &Server, stages: Stages, data: &Path, context: &Context) -> Result<(), Failure> {
    let manners = CrawlFile {
        contact: Some("demo".to_owned()),
        interval_seconds: Some(Duration::from_millis(10).as_secs_f64()),
        private_hosts: Some(vec!["127.0.0.1".to_owned()]),
        ..CrawlFile::default()
    };
    let site = SourceFile { name: OFSTED_REPORTS.to_owned(), address: Some(server.url()), ..SourceFile::default() };
    let _lock = Lock::take(data)?;
    let mut dataset = Dataset::open(data)?;
    stages.describe(&mut dataset)?;
    let means = Means {
        sources: crawl::sources(&manners, &[site], &[])?,
        settings: manners.settings()?,
        stages,
        archive: Archive::open(data)?,
    };
    let options = Options { threads: context.settings.threads, ..Options::default() };
    // A demonstration needs no log line for every document; a terminal still sees the bar.
    let silent = Context { quiet: context.quiet || !std::io::stderr().is_terminal(), ..context.clone() };
    let mut progress = Progress::new(&silent);
    let report = update::update(means, &options, &mut dataset, None, |event| progress.tell(event))?;
    drop(progress);
    ingest::show(&report.run, ingest::Format::Table, context)
}

/// Prints an answer with the command that people use themselves.
fn ask(command: &[&str], data: &Path, reference: &Path, quiet: bool) -> Result<Exit, Failure> {
    let place =
        ["sendlens".as_ref(), "--data".as_ref(), data.as_os_str(), "--reference".as_ref(), reference.as_os_str()];
    let question = command.iter().map(std::ffi::OsStr::new);
    let quiet = quiet.then_some("--quiet".as_ref());
    super::answer(place.into_iter().chain(question).chain(quiet))
}
