//! The `[crawl]` table and the `[[source]]` tables of the configuration file, and what they resolve to.

use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

use super::address::AllowedHosts;
use super::link_list::{LinkList, LinkListError, LinkListSettings};
use super::manners::Settings;
use super::ofsted_reports::{self, OfstedReports};
use super::source::{OFSTED_REPORTS, Source};
use super::titles::{OTHER_PROGRAMMES, TitleRule};

/// The `[crawl]` table. Every key is optional.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrawlFile {
    /// Who runs this copy: an e-mail address or page that site owners can turn to. Sent with every request.
    pub contact: Option<String>,
    /// Least pause between two requests to one host, in seconds; default 1.
    pub interval_seconds: Option<f64>,
    /// Longest time for one answer, in seconds; default 120.
    pub timeout_seconds: Option<f64>,
    /// Longest time without a byte, in seconds; default 30.
    pub stall_seconds: Option<f64>,
    /// How often a temporary failure is tried again; default 3.
    pub retries: Option<u32>,
    /// First pause before a retry, in seconds; default 2.
    pub backoff_seconds: Option<f64>,
    /// How often a refusal (403, 503, an error page) is tried again after a long pause; default 3.
    pub refused_retries: Option<u32>,
    /// First pause after a refusal, in seconds, doubled each time; default 120.
    pub refused_pause_seconds: Option<f64>,
    /// Longest pause that a run waits when a host asks for one, in seconds; default 300.
    pub max_wait_seconds: Option<f64>,
    /// Failures in a row after which a host is left alone for the rest of the run; default 8.
    pub give_up_after: Option<u32>,
    /// Largest page in bytes; default 10 MiB.
    pub max_page_bytes: Option<u64>,
    /// Largest document in bytes; default 50 MiB.
    pub max_document_bytes: Option<u64>,
    /// Hosts that may have a private address; default none.
    pub private_hosts: Option<Vec<String>>,
    /// Proxy for all requests; default: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY of the environment.
    pub proxy: Option<String>,
    /// File with further certificates to trust, in PEM form.
    pub ca_file: Option<String>,
    /// Titles of other programmes that are not fetched, as case-insensitive regular expressions; default: the list
    /// in the documentation. An empty list fetches everything.
    pub skip_titles: Option<Vec<String>>,
}

/// A `[[source]]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// Name in the dataset; `ofsted_reports` changes the built-in source.
    pub name: String,
    /// Whether `update` uses it without being asked by name. Without it, `ofsted_reports` is on and every other source is
    /// off.
    pub enabled: Option<bool>,
    /// Address of the site, or of the list's first page.
    pub address: Option<String>,
    /// Hosts that pages and documents may be fetched from; default: those of the address and, for `ofsted_reports` at its
    /// own address, of its files.
    pub hosts: Option<Vec<String>>,
    /// For `ofsted_reports`: the searches whose results are walked, each as the query of its address; default: local
    /// authorities that are open, and those that are closed.
    pub searches: Option<Vec<String>>,
    /// For a list of links: how to read it.
    pub link_list: Option<LinkListSettings>,
}

impl SourceFile {
    /// Whether the source is off only because its table does not say anything about it.
    #[must_use]
    pub fn is_left_off(&self) -> bool {
        self.enabled.is_none() && self.name != OFSTED_REPORTS
    }
}

/// A source that can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A name that no source has.
    #[error("there is no source \"{name}\"; known are: {known}")]
    Unknown {
        /// As given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A name that two tables have.
    #[error("two [[source]] tables are named \"{0}\"; give each its own name")]
    Twice(String),
    /// A name that can't be one.
    #[error("a source can't be named \"{0}\"; use lower-case letters, digits and _, and not \"local\"")]
    Name(String),
    /// No address, or none that can be fetched.
    #[error("source \"{name}\" needs `address`, beginning with http:// or https://{why}")]
    Address {
        /// The source.
        name: String,
        /// What is wrong with the one given.
        why: String,
    },
    /// Neither built in nor described.
    #[error("source \"{0}\" is not built in, so it needs a [source.link_list] table that says how to read its page")]
    NoForm(String),
    /// Searches of a source that has none, or an empty list of them.
    #[error("`searches` of source \"{0}\" can't be used: only ofsted_reports has them, and it needs one at least")]
    Searches(String),
    /// A setting of a link list.
    #[error("source \"{name}\": {source}")]
    LinkList {
        /// The source.
        name: String,
        /// What is wrong.
        source: LinkListError,
    },
    /// A pattern for titles.
    #[error("`skip_titles` holds something that is no regular expression: {0}")]
    Titles(regex::Error),
    /// A number that can't be meant.
    #[error("`{key}` = {value} can't be used; give seconds from 0 on")]
    Seconds {
        /// The key.
        key: &'static str,
        /// As given.
        value: f64,
    },
}

impl CrawlFile {
    /// Manners and limits in plain values.
    ///
    /// # Errors
    /// A number of seconds is not valid.
    pub fn settings(&self) -> Result<Settings, SourceError> {
        let d = Settings::default();
        Ok(Settings {
            contact: self.contact.clone(),
            interval: seconds("interval_seconds", self.interval_seconds, d.interval)?,
            timeout: seconds("timeout_seconds", self.timeout_seconds, d.timeout)?,
            stall: seconds("stall_seconds", self.stall_seconds, d.stall)?,
            retries: self.retries.unwrap_or(d.retries),
            backoff: seconds("backoff_seconds", self.backoff_seconds, d.backoff)?,
            refused_retries: self.refused_retries.unwrap_or(d.refused_retries),
            refused_pause: seconds("refused_pause_seconds", self.refused_pause_seconds, d.refused_pause)?,
            max_wait: seconds("max_wait_seconds", self.max_wait_seconds, d.max_wait)?,
            give_up_after: self.give_up_after.unwrap_or(d.give_up_after).max(1),
            max_page_bytes: self.max_page_bytes.unwrap_or(d.max_page_bytes),
            max_document_bytes: self.max_document_bytes.unwrap_or(d.max_document_bytes),
            private_hosts: self.private_hosts.clone().unwrap_or_default(),
            proxy: self.proxy.clone(),
            ca_file: self.ca_file.clone(),
        })
    }

    fn skip_titles(&self) -> Vec<String> {
        self.skip_titles.clone().unwrap_or_else(|| OTHER_PROGRAMMES.iter().map(|&p| p.to_owned()).collect())
    }
}

fn seconds(key: &'static str, given: Option<f64>, default: Duration) -> Result<Duration, SourceError> {
    given.map_or(Ok(default), |value| {
        Duration::try_from_secs_f64(value).map_err(|_| SourceError::Seconds { key, value })
    })
}

/// The sources to crawl: those named, or all that are enabled. `ofsted_reports` is there without being configured.
///
/// # Errors
/// A table that can't be used, or a name that there is no source for.
pub fn sources(crawl: &CrawlFile, files: &[SourceFile], named: &[String]) -> Result<Vec<Box<dyn Source>>, SourceError> {
    let mut all: Vec<SourceFile> = files.to_vec();
    if !all.iter().any(|file| file.name == OFSTED_REPORTS) {
        all.insert(0, SourceFile { name: OFSTED_REPORTS.to_owned(), ..SourceFile::default() });
    }
    for (index, file) in all.iter().enumerate() {
        let plain = file.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if file.name.is_empty() || !plain || file.name == "local" {
            return Err(SourceError::Name(file.name.clone()));
        }
        if all.iter().skip(index + 1).any(|other| other.name == file.name) {
            return Err(SourceError::Twice(file.name.clone()));
        }
    }
    if let Some(unknown) = named.iter().find(|name| !all.iter().any(|file| file.name == **name)) {
        let known = all.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(SourceError::Unknown { name: unknown.clone(), known });
    }
    let skip_titles = crawl.skip_titles();
    all.iter()
        .filter(|file| {
            let enabled = file.enabled.unwrap_or(file.name == OFSTED_REPORTS);
            if named.is_empty() { enabled } else { named.contains(&file.name) }
        })
        .map(|file| build(file, &skip_titles))
        .collect()
}

fn build(file: &SourceFile, skip_titles: &[String]) -> Result<Box<dyn Source>, SourceError> {
    let built_in = file.name == OFSTED_REPORTS;
    let given = file.address.as_deref().or_else(|| built_in.then_some(ofsted_reports::ADDRESS));
    let address_error = |why: String| SourceError::Address { name: file.name.clone(), why };
    let address = given.ok_or_else(|| address_error(String::new()))?;
    let url = Url::parse(address).map_err(|error| address_error(format!(" ({error})")))?;
    let Some(host) = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")) else {
        return Err(address_error(format!(", not \"{address}\"")));
    };
    let hosts = match &file.hosts {
        Some(hosts) => AllowedHosts::new(hosts.iter().map(String::as_str).chain([host])),
        None if built_in && file.address.is_none() => AllowedHosts::new(ofsted_reports::HOSTS),
        None => AllowedHosts::new([host]),
    };
    if file.searches.as_ref().is_some_and(|searches| !built_in || searches.is_empty()) {
        return Err(SourceError::Searches(file.name.clone()));
    }
    let titles = TitleRule::new(skip_titles, None).map_err(SourceError::Titles)?;
    if let Some(settings) = &file.link_list {
        return LinkList::new(&file.name, url, hosts, skip_titles, settings)
            .map(|source| Box::new(source) as Box<dyn Source>)
            .map_err(|source| SourceError::LinkList { name: file.name.clone(), source });
    }
    if !built_in {
        return Err(SourceError::NoForm(file.name.clone()));
    }
    let mut source = OfstedReports::new(&file.name, url, hosts, titles);
    if let Some(searches) = &file.searches {
        source = source.with_searches(searches);
    }
    Ok(Box::new(source))
}
