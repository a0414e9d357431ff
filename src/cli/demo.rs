//! `demo`: the whole way from a web site to an answer, on this machine, in seconds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::update::Progress;
use super::{Exit, Failure, context::Context, ingest};
use crate::archive::Archive;
use crate::code::Coder;
use crate::crawl::{self, CrawlFile, OFSTED_REPORTS, SourceFile};
use crate::demo::{self, Server, Site};
use crate::extract::Limits;
use crate::pipeline::Stages;
use crate::pipeline::update::{self, Means, Options};
use crate::reference::Reference;
use crate::store::{Dataset, Lock};

/// The area of the first answer.
const AREA: &str = "Thornwick";

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
        let stages = Stages {
            limits: Limits::default(),
            reference: Reference::load(&reference)?,
            coder: Coder::new(context.codebook()?),
        };
        let server = Server::start(Site::bundled())?;
        context.say(format_args!("An invented site of the inspectorate runs at {}; updating from it.", server.url()));
        update_from(&server, stages, data, context)?;
        context.say(format_args!("\nWhat were areas like {AREA} (invented, too) flagged for?\n"));
        let exit = ask(data, &reference, context.quiet);
        if self.keep.is_some() {
            context.say(format_args!(
                "\nAsk on with: sendlens --data {0} --reference {0}/reference COMMAND",
                data.display()
            ));
        } else {
            context.say("\nsendlens demo --keep demo-data keeps the dataset, for questions of your own.");
        }
        exit
    }
}

/// The real update, with manners for a site on the same machine.
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
    let mut progress = Progress::new(context);
    let report = update::update(means, &options, &mut dataset, None, |event| progress.tell(event))?;
    drop(progress);
    ingest::show(&report.run, ingest::Format::Table, context)
}

/// The first answer, by the very command that people use.
fn ask(data: &Path, reference: &Path, quiet: bool) -> Result<Exit, Failure> {
    let arguments =
        ["sendlens".as_ref(), "--data".as_ref(), data.as_os_str(), "--reference".as_ref(), reference.as_os_str()];
    let question = ["peers", AREA].map(std::ffi::OsStr::new);
    let quiet = quiet.then_some("--quiet".as_ref());
    super::answer(arguments.into_iter().chain(question).chain(quiet))
}
