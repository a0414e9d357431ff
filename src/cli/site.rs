//! `site`: the whole site as static files.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::context::{Context, runtime};
use super::filters::TodayArg;
use super::{Exit, Failure};
use crate::view::words;
use crate::web::{Settings, publish};

/// Time limit for one page. It is long, as nobody waits for the page.
const PAGE_TIMEOUT: Duration = Duration::from_secs(300);

/// Write the whole site as static files for a plain file server.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  sendlens site --to public\n  \
                        sendlens site --to public --service https://send.example.org\n\n\
                        docs/publish.md has scheduled jobs that update the dataset and publish the site.")]
pub struct Command {
    /// The folder to write: new, empty, or written by this command before.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Where `sendlens serve` is found, for what only it can answer.
    #[arg(long, value_name = "URL")]
    service: Option<String>,
    #[command(flatten)]
    today: TodayArg,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        // Says at once where there is no dataset.
        drop(context.questions()?);
        let settings = Settings {
            log: false,
            longest: PAGE_TIMEOUT,
            today: Some(self.today.day()),
            ..Settings::new(context.settings.data.clone())
        };
        let site = context.site(settings)?;
        let published = runtime()?.block_on(publish(site, &self.to, self.service.as_deref()))?;
        context.say(format_args!(
            "Wrote {} ({} MB) to {}.",
            words::count(published.files, "file", "files"),
            published.bytes.div_ceil(1_000_000),
            self.to.display()
        ));
        Ok(Exit::Fine)
    }
}
