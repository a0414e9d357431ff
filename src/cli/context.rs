//! What a command works with: resolved settings, and the parts of the library, each opened when it is first needed.

use std::fmt::Display;
use std::sync::{Arc, OnceLock};

use serde::Serialize;

use super::filters::FilterArgs;
use super::output::{Format, Rows, View};
use super::{Exit, Failure, GlobalArgs};
use crate::archive::{Archive, PARTIAL};
use crate::code::{Coder, Input, Model, ScoreCache, model_version};
use crate::codebook::Codebook;
use crate::config::{Given, Settings};
use crate::extract::Limits;
use crate::pipeline::Stages;
use crate::query::Filter;
use crate::reference::Reference;
use crate::store::{Dataset, StoredPassage};
use crate::view::briefing::Briefing;
use crate::web;

/// File of the data directory with the language model's scores.
const SCORES: &str = "scores.bin";

/// Rows that a table shows unless `--limit` says otherwise.
const TABLE_ROWS: usize = 100;

/// What a command works with. See the module.
#[derive(Debug, Clone)]
pub struct Context {
    /// Resolved settings.
    pub settings: Settings,
    /// Whether to print errors only.
    pub quiet: bool,
    /// How much to say: 0 as usual, 1 more, 2 everything.
    pub verbose: u8,
    /// The language model's scores from earlier runs, once they are needed.
    pub(super) scores: OnceLock<Arc<ScoreCache>>,
    /// The model that the settings name, once it is needed.
    pub(super) model: OnceLock<Arc<Model>>,
}

/// What asynchronous work runs on.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::new(error.to_string()))
}

impl Context {
    /// Resolves the options that every command takes.
    pub(super) fn new(global: GlobalArgs) -> Result<Self, Failure> {
        let settings = Settings::resolve(Given {
            config: global.config,
            data: global.data,
            reference: global.reference,
            codebook: global.codebook,
            threads: global.threads,
            no_model: global.no_model,
        })?;
        Ok(Self {
            settings,
            quiet: global.quiet,
            verbose: global.verbose,
            scores: OnceLock::new(),
            model: OnceLock::new(),
        })
    }

    /// Tells the user something on standard error, unless `--quiet`.
    pub fn say(&self, message: impl Display) {
        if !self.quiet {
            super::output::tell(&message.to_string());
        }
    }

    /// Tells the user something that only `-v` asks for.
    pub fn detail(&self, message: impl Display) {
        if self.verbose > 0 {
            eprintln!("{message}");
        }
    }

    /// The reference tables.
    ///
    /// # Errors
    /// When a table is missing or invalid.
    pub fn reference(&self) -> Result<Reference, Failure> {
        Ok(match &self.settings.reference {
            Some(dir) => Reference::load(dir)?,
            None => Reference::bundled().clone(),
        })
    }

    /// The codebook.
    ///
    /// # Errors
    /// When the codebook given is missing or invalid.
    pub fn codebook(&self) -> Result<Codebook, Failure> {
        Ok(match &self.settings.codebook {
            Some(file) => Codebook::load(file)?,
            None => Codebook::bundled(),
        })
    }

    /// The web site with these settings.
    ///
    /// # Errors
    /// When a reference table or the codebook is missing or invalid.
    pub fn site(&self, settings: web::Settings) -> Result<web::Site, Failure> {
        let (reference, codebook) = (Arc::new(self.reference()?), Arc::new(self.codebook()?));
        Ok(web::Site::new(settings, reference, codebook, Briefing::bundled()))
    }

    /// The coder, with the model unless it is switched off.
    ///
    /// # Errors
    /// When the codebook cannot be loaded.
    pub fn coder(&self) -> Result<Coder, Failure> {
        self.coder_for(self.codebook()?)
    }

    /// A coder for this codebook, with the model unless it is switched off.
    ///
    /// # Errors
    /// When the settings name a model that cannot be used.
    pub fn coder_for(&self, codebook: Codebook) -> Result<Coder, Failure> {
        if !self.settings.model {
            return Ok(Coder::patterns_only(codebook));
        }
        Ok(match self.model()? {
            Some(model) => Coder::with_model(codebook, model),
            None => Coder::new(codebook),
        })
    }

    /// The model that the settings name, read once.
    fn model(&self) -> Result<Option<Arc<Model>>, Failure> {
        let Some(folder) = &self.settings.model_dir else { return Ok(None) };
        if let Some(model) = self.model.get() {
            return Ok(Some(Arc::clone(model)));
        }
        let model = Arc::new(Model::open(folder)?);
        Ok(Some(Arc::clone(self.model.get_or_init(|| model))))
    }

    /// Everything that reading documents needs.
    ///
    /// # Errors
    /// When reference tables or codebook cannot be loaded.
    pub fn stages(&self) -> Result<Stages, Failure> {
        Ok(Stages {
            limits: Limits::default(),
            reference: self.reference()?,
            coder: self.coder()?.with_cache(self.scores()?),
        })
    }

    /// The language model's scores from earlier runs, kept in the data directory. If the file is missing or cannot be read,
    /// the cache starts empty; everything in it can be computed again.
    ///
    /// # Errors
    /// When the settings name a model that cannot be used.
    pub fn scores(&self) -> Result<Arc<ScoreCache>, Failure> {
        let model = if self.settings.model { self.model()? } else { None };
        let version = model.as_ref().map_or(model_version(), |m| m.version());
        let read = || {
            let file = std::fs::File::open(self.settings.data.join(SCORES)).ok()?;
            ScoreCache::read_of(version, std::io::BufReader::new(file)).ok()
        };
        Ok(self.scores.get_or_init(|| Arc::new(read().unwrap_or_else(|| ScoreCache::of(version)))).clone())
    }

    /// Writes the language model's scores for the next run.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_scores(&self) -> Result<(), Failure> {
        let Some(scores) = self.scores.get().filter(|s| s.is_new()) else { return Ok(()) };
        let path = self.settings.data.join(SCORES);
        let failed = |e: std::io::Error| Failure::new(format!("cannot write {}: {e}", path.display()));
        let mut file = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(&self.settings.data).map_err(failed)?;
        scores.write(std::io::BufWriter::new(&mut file)).map_err(failed)?;
        file.persist(&path).map_err(|e| failed(e.error))?;
        Ok(())
    }

    /// The dataset for writing, made when it does not exist, with the reference tables and themes of these stages.
    ///
    /// # Errors
    /// When the data directory or the database cannot be opened.
    pub fn dataset(&self, stages: &Stages) -> Result<Dataset, Failure> {
        let mut dataset = Dataset::open(&self.settings.data)?;
        stages.describe(&mut dataset)?;
        Ok(dataset)
    }

    /// The archive of the data directory.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn archive(&self) -> Result<Archive, Failure> {
        Ok(Archive::open(&self.settings.data)?)
    }

    /// The dataset for questions.
    ///
    /// # Errors
    /// When there is no dataset yet, or it cannot be opened.
    pub fn questions(&self) -> Result<Dataset, Failure> {
        Ok(Dataset::open_read_only(&self.settings.data)?)
    }

    /// The filter for these arguments, with the default limit on tables: one row more than is shown, so that the answer can
    /// say that there are more.
    ///
    /// # Errors
    /// When an area is not known.
    pub fn filter(&self, arguments: &FilterArgs, dataset: &Dataset, format: Format) -> Result<Filter, Failure> {
        let mut filter = arguments.resolve(&dataset.reference()?)?;
        if format == Format::Table && filter.limit.is_none() {
            filter.limit = Some(TABLE_ROWS + 1);
        }
        Ok(filter)
    }

    /// Prints rows, and says so if there are none, or more than a table shows.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn rows<T: Serialize>(
        &self,
        format: Format,
        view: &View,
        filter: &Filter,
        rows: Vec<T>,
        what: &str,
    ) -> Result<Exit, Failure> {
        self.each_row(format, view, filter, what, |print| rows.into_iter().try_for_each(print))
    }

    /// The same with rows that are handed over one at a time.
    ///
    /// # Errors
    /// When the output cannot be written, or `each` fails.
    pub fn each_row<T: Serialize>(
        &self,
        format: Format,
        view: &View,
        filter: &Filter,
        what: &str,
        each: impl FnOnce(&mut dyn FnMut(T) -> Result<(), Failure>) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let shortened = format == Format::Table && filter.limit == Some(TABLE_ROWS + 1);
        let mut cut = false;
        let mut out = Rows::printed(format, view);
        each(&mut |row| {
            cut = shortened && out.count() == TABLE_ROWS;
            if cut { Ok(()) } else { Ok(out.add(&row)?) }
        })?;
        if out.end()? == 0 {
            self.say(format_args!("No {what} match. `sendlens status` shows what the dataset holds."));
        } else if cut {
            self.say(format_args!(
                "Only the first {TABLE_ROWS} {what} are shown; --limit N shows more, --format csv all."
            ));
        }
        Ok(Exit::Fine)
    }
}

/// A stored passage as the coder receives it.
pub(super) fn input(passage: &StoredPassage) -> Input<'_> {
    Input {
        text: &passage.text,
        previous: passage.previous.as_deref(),
        section: Some(passage.section),
        role: Some(passage.role),
    }
}
