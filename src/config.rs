//! Settings from the command line, the environment and the configuration file, resolved once.
//!
//! Precedence is command line, then environment, then file, then default. Everything past this module receives
//! plain values and never looks at the environment again.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::Deserialize;

use crate::crawl::{CrawlFile, SourceFile};

/// Name of the configuration file looked for in the data directory's parent chain and the user's configuration folder.
pub const FILE_NAME: &str = "sendlens.toml";

/// What a configuration file may say. Every key is optional; an unknown key is an error, so that a typing mistake
/// does not pass for a setting.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// Data directory, relative to the file's own folder.
    pub data: Option<PathBuf>,
    /// Folder with reference tables to use instead of the built-in ones, relative likewise.
    pub reference: Option<PathBuf>,
    /// Codebook to use instead of the built-in one, relative likewise.
    pub codebook: Option<PathBuf>,
    /// Threads that read documents; default: one for each core.
    pub threads: Option<usize>,
    /// Whether the model codes beside the patterns; default: yes.
    pub model: Option<bool>,
    /// Folder with a model of the same shape to use instead of the built-in one, relative likewise.
    pub model_dir: Option<PathBuf>,
    /// Manners and limits of the crawler.
    #[serde(default)]
    pub crawl: CrawlFile,
    /// Sources beside the built-in one, or changes to it.
    #[serde(default, rename = "source")]
    pub sources: Vec<SourceFile>,
}

/// What was given on the command line or in the environment.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--data` or `SENDLENS_DATA`
    pub data: Option<PathBuf>,
    /// `--reference`
    pub reference: Option<PathBuf>,
    /// `--codebook`
    pub codebook: Option<PathBuf>,
    /// `--threads`
    pub threads: Option<usize>,
    /// `--no-model` or `SENDLENS_NO_MODEL`
    pub no_model: bool,
}

/// Resolved settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the archive and the database live.
    pub data: PathBuf,
    /// Folder with reference tables, or none for the built-in ones.
    pub reference: Option<PathBuf>,
    /// Codebook file, or none for the built-in one.
    pub codebook: Option<PathBuf>,
    /// Threads that read documents.
    pub threads: usize,
    /// Whether the model codes beside the patterns.
    pub model: bool,
    /// Folder with the model, or none for the built-in one.
    pub model_dir: Option<PathBuf>,
    /// The configuration file, where one was read.
    pub file: Option<PathBuf>,
    /// Manners and limits of the crawler.
    pub crawl: CrawlFile,
    /// Sources beside the built-in one, or changes to it.
    pub sources: Vec<SourceFile>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file named on the command line cannot be read.
    #[error("cannot read the configuration file {path}: {source}; check the path given with --config")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not valid.
    #[error("the configuration file {path} is not valid: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// No data directory was given and the platform names none.
    #[error("no data directory is known on this system; give one with --data DIR")]
    NoDataDirectory,
}

impl Settings {
    /// Resolves settings from what was given, the configuration file and the defaults.
    ///
    /// # Errors
    /// When a file that was named cannot be read, a file is invalid, or no data directory can be found.
    pub fn resolve(given: Given) -> Result<Self, ConfigError> {
        let (file, config) = read_config(given.config)?;
        let base = file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let from_file = |path: Option<PathBuf>| path.map(|p| base.join(p));
        let data = match given.data.or(from_file(config.data)) {
            Some(data) => data,
            None => default_data_directory().ok_or(ConfigError::NoDataDirectory)?,
        };
        let ca_file = config.crawl.ca_file.as_ref().map(|path| base.join(path).display().to_string());
        Ok(Self {
            data,
            reference: given.reference.or(from_file(config.reference)),
            codebook: given.codebook.or(from_file(config.codebook)),
            threads: given.threads.or(config.threads).unwrap_or_else(default_threads).max(1),
            model: !given.no_model && config.model.unwrap_or(true),
            model_dir: from_file(config.model_dir),
            crawl: CrawlFile { ca_file, ..config.crawl },
            sources: config.sources,
            file,
        })
    }
}

/// The file named on the command line, else the first that exists of the current folder's and the user's own.
fn read_config(named: Option<PathBuf>) -> Result<(Option<PathBuf>, ConfigFile), ConfigError> {
    let path = match named {
        Some(path) => path,
        None => {
            let here = PathBuf::from(FILE_NAME);
            let user = etcetera::choose_base_strategy().ok().map(|s| s.config_dir().join("sendlens").join(FILE_NAME));
            match [Some(here), user].into_iter().flatten().find(|p| p.is_file()) {
                Some(path) => path,
                None => return Ok((None, ConfigFile::default())),
            }
        }
    };
    let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::Read { path: path.clone(), source })?;
    let config =
        toml::from_str(&text).map_err(|source| ConfigError::Parse { path: path.clone(), source: Box::new(source) })?;
    Ok((Some(path), config))
}

/// `corpus/` of a checkout of sendlens that holds the current folder, else the platform's data directory.
fn default_data_directory() -> Option<PathBuf> {
    let checkout = std::env::current_dir().ok().and_then(|here| {
        here.ancestors().map(|dir| dir.join("corpus")).find(|corpus| corpus.join("codebook.toml").is_file())
    });
    checkout.or_else(|| etcetera::choose_base_strategy().ok().map(|s| s.data_dir().join("sendlens")))
}

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_the_file_are_relative_to_the_file_and_the_command_line_wins() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("my.toml");
        std::fs::write(&file, "data = \"store\"\nreference = \"tables\"\nthreads = 3\nmodel_dir = \"mine\"\n").unwrap();
        let given = Given { config: Some(file), reference: Some("elsewhere".into()), ..Given::default() };
        let settings = Settings::resolve(given).unwrap();
        assert_eq!(settings.data, dir.path().join("store"));
        assert_eq!(settings.reference, Some("elsewhere".into()));
        assert_eq!(settings.threads, 3);
        assert_eq!(settings.model_dir, Some(dir.path().join("mine")));
    }

    #[test]
    fn an_unknown_key_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("my.toml");
        std::fs::write(&file, "dta = \"store\"\n").unwrap();
        let error = Settings::resolve(Given { config: Some(file), ..Given::default() }).unwrap_err();
        assert!(error.to_string().contains("dta"), "{error}");
    }

    #[test]
    fn a_missing_named_file_is_an_error() {
        let given = Given { config: Some("no/such.toml".into()), ..Given::default() };
        assert!(matches!(Settings::resolve(given), Err(ConfigError::Read { .. })));
    }
}
