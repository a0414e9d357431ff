//! The one polite HTTP layer. Every request of the program goes through [`Fetcher::get`].
//!
//! It refuses more than it does: no host that is not on the source's list, no private address, nothing that
//! robots.txt forbids or that would be asked before its turn, no answer beyond the limits of time and size (counted
//! after decompression), no redirect that breaks one of these rules on any of its hops, no error page in the place of
//! an answer. A temporary failure is tried again with growing, jittered pauses, longer when the server names a time; a
//! refusal (403, an error page, a 503 that outlasts those pauses) is tried again after minutes.

mod client;
mod failure;
mod obey;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Client, StatusCode, Url};

use super::address::{AddressGuard, AllowedHosts, plain};
use super::error::{FetchError, SetupError};
use super::error_page::error_page;
use super::host::{Host, HostStatistics};
use super::manners::Settings;
use client::{build_client, install_tls};
use failure::{classify, refused};

/// Redirects of one request, at most.
const MAX_REDIRECTS: usize = 5;
/// No pause between retries is longer, unless the server asks for it.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// What a server said to tell a changed answer from an unchanged one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag`.
    pub etag: Option<String>,
    /// The `Last-Modified`.
    pub last_modified: Option<String>,
}

/// A body that was received in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Where it came from after redirects.
    pub url: Url,
    /// The bytes, decompressed.
    pub bytes: Vec<u8>,
    /// The `Content-Type` as stated.
    pub content_type: Option<String>,
    /// For a conditional request next time.
    pub validators: Validators,
}

/// An answer that is no failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// New or changed.
    Body(Box<Body>),
    /// The same as when the validators were given.
    NotModified,
}

/// What to ask for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The address.
    pub url: &'a Url,
    /// Hosts that the request and its redirects may go to.
    pub hosts: &'a AllowedHosts,
    /// Largest body in bytes.
    pub limit: u64,
    /// Of the copy that is held, if any.
    pub validators: Option<&'a Validators>,
}

/// A long pause that a host is given after it refused a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalPause {
    /// The host.
    pub host: String,
    /// How long nothing is asked of it.
    pub pause: Duration,
    /// What it answered.
    pub refusal: String,
}

/// Hears of pauses that a person should know of, since nothing else happens meanwhile.
type PauseListener = Box<dyn Fn(RefusalPause) + Send + Sync>;

/// The HTTP client with its hosts.
pub struct Fetcher {
    client: Client,
    settings: Settings,
    guard: AddressGuard,
    on_pause: Option<PauseListener>,
    hosts: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<Host>>>>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("settings", &self.settings).field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// One step of a request: an answer, or a redirect to follow.
enum Hop {
    Answer(Answer),
    Redirect(Url),
}

impl Fetcher {
    /// Sets the client up; nothing is sent.
    ///
    /// # Errors
    /// A proxy, certificate file or contact that can't be used.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        install_tls();
        let (client, guard) = build_client(&settings)?;
        Ok(Self { client, settings, guard, on_pause: None, hosts: Mutex::default() })
    }

    /// Tells `listener` of each long pause after a refusal.
    #[must_use]
    pub fn on_pause(self, listener: impl Fn(RefusalPause) + Send + Sync + 'static) -> Self {
        Self { on_pause: Some(Box::new(listener)), ..self }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Fetches one address, through redirects and retries, when its host's turn has come.
    ///
    /// # Errors
    /// See [`FetchError`]; each says what happened and what to do.
    pub async fn get(&self, request: Request<'_>) -> Result<Answer, FetchError> {
        let mut attempt = 1;
        // The host whose refusal this request waited for.
        let mut refused_by: Option<String> = None;
        loop {
            match self.follow(request).await {
                Ok(answer) => {
                    if let Some(name) = refused_by {
                        self.host(&name).lock().await.refusal_passed();
                    }
                    return Ok(answer);
                }
                Err((error, name)) => {
                    let host = self.host(&name);
                    let mut host = host.lock().await;
                    if error.is_temporary() && attempt <= self.settings.retries {
                        host.statistics.retries += 1;
                        // What the server asked for was noted when its answer came.
                        host.wait_at_least(self.backoff(attempt));
                    } else if self.wait_out_refusal(&mut host, &error) {
                        refused_by = Some(name);
                    } else {
                        return Err(error.with_attempts(attempt));
                    }
                }
            }
            attempt += 1;
        }
    }

    /// Gives the host of an address a long pause, after an answer that was not an error but not what was asked for
    /// either.
    pub async fn pause_host_of(&self, url: &Url, refusal: &str) {
        let host = self.host(&url.host_str().map(plain).unwrap_or_default());
        let mut host = host.lock().await;
        host.wait_at_least(self.settings.refused_pause);
        self.tell_pause(&host.name, self.settings.refused_pause, refusal);
    }

    /// Delays the next request to the host if the error is a refusal that may still pass. Gives whether it was.
    fn wait_out_refusal(&self, host: &mut Host, error: &FetchError) -> bool {
        let pause = error.is_refusal().then(|| host.pause_after_refusal(&self.settings)).flatten();
        if let Some(pause) = pause {
            self.tell_pause(&host.name, pause, &error.to_string());
        }
        pause.is_some()
    }

    fn tell_pause(&self, host: &str, pause: Duration, refusal: &str) {
        if let Some(tell) = &self.on_pause {
            tell(RefusalPause { host: host.to_owned(), pause, refusal: refusal.to_owned() });
        }
    }

    /// What was asked of each host so far.
    pub async fn statistics(&self) -> BTreeMap<String, HostStatistics> {
        let hosts: Vec<_> = self.hosts.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut all = BTreeMap::new();
        for host in hosts {
            let host = host.lock().await;
            all.insert(host.name.clone(), host.statistics.clone());
        }
        all
    }

    fn host(&self, name: &str) -> Arc<tokio::sync::Mutex<Host>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(tokio::sync::Mutex::new(Host::new(name)));
        Arc::clone(hosts.entry(name.to_owned()).or_insert_with(fresh))
    }

    /// Doubles with each attempt. Half of it is fixed and half is random, so that many copies don't come back together.
    fn backoff(&self, attempt: u32) -> Duration {
        let whole = self.settings.backoff.saturating_mul(2_u32.saturating_pow(attempt - 1)).min(MAX_BACKOFF);
        whole / 2 + (whole / 2).mul_f64(fastrand::f64())
    }

    /// One attempt, through all redirects. An error carries the host that it happened at.
    async fn follow(&self, request: Request<'_>) -> Result<Answer, (FetchError, String)> {
        let mut url = request.url.clone();
        let mut seen = BTreeSet::new();
        loop {
            let name = url.host_str().map(plain).unwrap_or_default();
            if !seen.insert(url.as_str().to_owned()) || seen.len() > MAX_REDIRECTS + 1 {
                return Err((FetchError::RedirectLoop { url: request.url.to_string() }, name));
            }
            let first = seen.len() == 1;
            let hop = match self.guard.check(&url, request.hosts) {
                Ok(()) => self.hop(&name, &url, request).await,
                Err(error) => Err(error),
            };
            match hop {
                Ok(Hop::Answer(answer)) => return Ok(answer),
                Ok(Hop::Redirect(to)) => url = to,
                Err(error) if first => return Err((error, name)),
                Err(error) => return Err((refused(request.url, &url, error), name)),
            }
        }
    }

    /// One request to one host, in its turn and within its robots.txt.
    async fn hop(&self, name: &str, url: &Url, request: Request<'_>) -> Result<Hop, FetchError> {
        let host = self.host(name);
        let mut host = host.lock().await;
        self.obey_robots(&mut host, url).await?;
        self.send(&mut host, url, request).await
    }

    /// Sends the request when the host's turn has come, and keeps the statistics.
    async fn send(&self, host: &mut Host, url: &Url, request: Request<'_>) -> Result<Hop, FetchError> {
        host.wait_for_turn(&self.settings).await?;
        let result = match tokio::time::timeout(self.settings.timeout, self.exchange(url, request)).await {
            Ok(result) => result,
            Err(_) => Err(FetchError::Timeout { url: url.to_string(), attempts: 1 }),
        };
        host.note_answer(&self.settings, result.as_ref().err());
        match &result {
            Ok(Hop::Answer(Answer::Body(body))) => host.statistics.bytes += body.bytes.len() as u64,
            Ok(Hop::Answer(Answer::NotModified)) => host.statistics.not_modified += 1,
            Ok(Hop::Redirect(_)) => {}
            Err(FetchError::Status { status, retry_after, .. }) => {
                if *status == 429 || retry_after.is_some() {
                    host.slow_down(&self.settings);
                }
                if let Some(wait) = retry_after {
                    host.stay_away(*wait);
                }
            }
            Err(_) => {}
        }
        result
    }

    async fn exchange(&self, url: &Url, request: Request<'_>) -> Result<Hop, FetchError> {
        let mut builder = self.client.get(url.clone());
        if let Some(validators) = request.validators {
            if let Some(etag) = &validators.etag {
                builder = builder.header(IF_NONE_MATCH, etag);
            }
            if let Some(date) = &validators.last_modified {
                builder = builder.header(IF_MODIFIED_SINCE, date);
            }
        }
        let mut response = builder.send().await.map_err(|error| classify(url, &error))?;
        let headers = response.headers();
        let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED && request.validators.is_some() {
            return Ok(Hop::Answer(Answer::NotModified));
        }
        if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
            && let Some(target) = text(LOCATION).and_then(|location| url.join(&location).ok())
        {
            if url.scheme() == "https" && target.scheme() == "http" {
                return Err(FetchError::RedirectRefused {
                    url: url.to_string(),
                    to: target.to_string(),
                    why: "it gives up encryption".to_owned(),
                    code: "redirect_refused",
                });
            }
            return Ok(Hop::Redirect(target));
        }
        if status != StatusCode::OK {
            let retry_after = text(RETRY_AFTER).and_then(|value| wait_of(&value, Timestamp::now()));
            return Err(FetchError::Status { url: url.to_string(), status: status.as_u16(), attempts: 1, retry_after });
        }
        let content_type = text(CONTENT_TYPE);
        let validators = Validators { etag: text(ETAG), last_modified: text(LAST_MODIFIED) };
        let too_large = || FetchError::TooLarge { url: url.to_string(), limit: request.limit };
        if response.content_length().is_some_and(|length| length > request.limit) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(url, &error))? {
            if bytes.len() as u64 + chunk.len() as u64 > request.limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        if let Some(says) = error_page(&bytes) {
            return Err(FetchError::ErrorPage { url: url.to_string(), says, attempts: 1 });
        }
        Ok(Hop::Answer(Answer::Body(Box::new(Body { url: url.clone(), bytes, content_type, validators }))))
    }
}

/// Seconds, or a date in the form of HTTP.
fn wait_of(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(wait_of(" 120 ", now), Some(Duration::from_secs(120)));
        assert_eq!(wait_of("Sun, 01 Mar 2026 12:00:30 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(wait_of("Sun, 01 Mar 2026 11:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait_of("soon", now), None);
    }
}
