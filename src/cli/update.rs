//! `update`: the nightly run.

use std::io::{IsTerminal, stderr};

use clap::Args;
use indicatif::{MultiProgress, ProgressBar};
use jiff::civil::Date;

use super::ingest::{self, Format};
use super::{Exit, Failure, context::Context, output, progress};
use crate::crawl;
use crate::domain::DocumentStatus;
use crate::pipeline::update::{self, Event, Means, Options, UpdateReport};
use crate::store::{Dataset, Lock};

/// Fetch what is new from the sources, read it, and add it to the dataset.
///
/// Ends with 0 when all went well, 2 when some pages or documents failed (the next run tries them again), 3 when a
/// source looks changed (look at what the summary names), 1 when the run could not go on. An interrupted run is taken
/// up where it was.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  sendlens update                     the nightly run\n  \
                        sendlens update --dry-run           what would be fetched?\n  \
                        sendlens update --full              also look for changes in documents that are held")]
pub struct Command {
    /// Only this source; may be given more than once, and names sources that are off, too.
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
    /// Ask for every page and every held document anew, to find changes under the same number.
    #[arg(long)]
    full: bool,
    /// Leave out publications before this day (YYYY-MM-DD).
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// Read the listings, say what would be fetched, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// A summary for reading, or one JSON object with every document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let report = self.update(context)?;
        match self.format {
            Format::Json => output::print_json(&report)?,
            Format::Table => show(&report, context)?,
        }
        Ok(match report.exit_code {
            0 => Exit::Fine,
            2 => Exit::SomeFailed,
            _ => Exit::SourceChanged,
        })
    }

    fn update(&self, context: &Context) -> Result<UpdateReport, Failure> {
        let settings = &context.settings;
        let sources = crawl::sources(&settings.crawl, &settings.sources, &self.source)?;
        if sources.is_empty() {
            return Err(Failure::new(
                "no source is enabled; enable one in the configuration, or name it with --source",
            ));
        }
        for source in
            settings.sources.iter().filter(|source| source.is_left_off() && !self.source.contains(&source.name))
        {
            context.say(format_args!(
                "The source \"{}\" is off until its table in sendlens.toml says `enabled = true`.",
                source.name
            ));
        }
        if settings.crawl.contact.is_none() {
            context.say("Tell site owners whom to turn to: set `contact` under [crawl] in sendlens.toml.");
        }
        let options = Options { full: self.full, since: self.since, dry_run: self.dry_run, threads: settings.threads };
        let stages = context.stages()?;
        let crawl = settings.crawl.settings()?;
        let mut progress = Progress::new(context);
        if self.dry_run {
            // The queue of a dry run lies beside the dataset and is thrown away.
            let scratch = tempfile::tempdir()?;
            let mut queue = Dataset::open(scratch.path())?;
            let held = Dataset::open_read_only(&settings.data).ok();
            let archive = crate::archive::Archive::open(scratch.path())?;
            let means = Means { sources, settings: crawl, stages, archive };
            return Ok(update::update(means, &options, &mut queue, held.as_ref(), |event| progress.tell(event))?);
        }
        let _lock = Lock::take(&settings.data)?;
        let mut dataset = context.dataset(&stages)?;
        let means = Means { sources, settings: crawl, stages, archive: context.archive()? };
        Ok(update::update(means, &options, &mut dataset, None, |event| progress.tell(event))?)
    }
}

fn show(report: &UpdateReport, context: &Context) -> Result<(), Failure> {
    for source in &report.sources {
        let stated = source.stated.map(|total| format!(" of {total} listed")).unwrap_or_default();
        context.say(format_args!(
            "{}: {} areas{stated}, {} publications on {} pages",
            source.source, source.areas, source.publications, source.pages
        ));
    }
    for url in &report.would_fetch {
        println!("{url}");
    }
    if report.dry_run {
        context
            .say(format_args!("A dry run: {} documents would be fetched, nothing changed.", report.would_fetch.len()));
    } else {
        ingest::show(&report.run, Format::Table, context)?;
    }
    for note in report.notes() {
        eprintln!("note: {}", output::printable(&note));
    }
    if report.exit_code == 3 {
        eprintln!("A source looks changed: see the notes above. What was found was stored; nothing was removed.");
    }
    Ok(())
}

/// Two bars on a terminal, a line for each piece of news elsewhere, nothing when quiet.
pub(super) struct Progress {
    bars: Option<(MultiProgress, ProgressBar, ProgressBar)>,
    lines: bool,
    every: bool,
}

impl Progress {
    pub(super) fn new(context: &Context) -> Self {
        let terminal = stderr().is_terminal();
        let bars = (terminal && !context.quiet).then(|| {
            let all = MultiProgress::new();
            let bar = |what: &str| {
                let bar = all.add(ProgressBar::new(0));
                bar.set_style(progress::style(&format!("{{bar:32}} {{pos:>5}} of {{len:<5}} {what:<12} {{rate:>8}}")));
                bar
            };
            let (pages, documents) = (bar("pages"), bar("publications"));
            (all, pages, documents)
        });
        Self { bars, lines: !terminal && !context.quiet, every: context.verbose > 0 }
    }

    fn say(&self, line: &str) {
        match &self.bars {
            Some((all, ..)) => all.suspend(|| eprintln!("{line}")),
            None if self.lines => eprintln!("{line}"),
            None => {}
        }
    }

    pub(super) fn tell(&mut self, event: Event<'_>) {
        match event {
            Event::Started { resumed, pages } => {
                if resumed {
                    self.say("Going on with the run that was interrupted.");
                }
                if let Some((_, bar, _)) = &self.bars {
                    bar.inc_length(pages as u64);
                }
            }
            Event::Found { pages, publications } => {
                if let Some((_, of_pages, of_documents)) = &self.bars {
                    of_pages.inc_length(pages as u64);
                    of_documents.inc_length(publications as u64);
                }
            }
            Event::Page { url, failure, .. } => {
                if let Some((_, bar, _)) = &self.bars {
                    bar.inc(1);
                }
                match failure {
                    Some(reason) => self.say(&format!("page failed: {}", output::printable(&reason.message))),
                    None if self.every => self.say(&format!("page: {url}")),
                    None => {}
                }
            }
            Event::Pause(pause) => self.say(&format!(
                "waiting {} before {} is asked again: {}",
                minutes(pause.pause),
                pause.host,
                output::printable(&pause.refusal)
            )),
            Event::Document(document) => {
                if let Some((_, _, bar)) = &self.bars {
                    bar.inc(1);
                }
                let news = matches!(document.status, DocumentStatus::Stored | DocumentStatus::Revised);
                if news && self.lines || self.every {
                    self.say(&format!("{}: {}", document.status, output::printable(document.name())));
                }
            }
        }
    }
}

fn minutes(pause: std::time::Duration) -> String {
    match pause.as_secs() {
        seconds if seconds < 120 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((_, pages, documents)) = &self.bars {
            pages.finish_and_clear();
            documents.finish_and_clear();
        }
    }
}
