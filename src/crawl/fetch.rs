//! The one polite HTTP layer. Every request of the program goes through [`Fetcher::get`].
//!
//! It refuses more than it does: no host that is not on the source's list, no private address, nothing that
//! robots.txt forbids or that would be asked before its turn, no answer beyond the limits of time and size (counted
//! after decompression), no redirect that breaks one of these rules on any of its hops. A passing failure is tried
//! again with growing, jittered pauses, and longer when the server names a time.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, NoProxy, Proxy, StatusCode, Url};
use tokio::time::Instant;

use super::address::{AddressGuard, AllowedHosts, PrivateName, plain};
use super::error::{FetchError, SetupError};
use super::host::{Host, HostStatistics, RobotsState};
use super::robots::{PRODUCT, Robots};

/// Manners and limits; the configuration's `[crawl]` table in plain values.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Who runs this copy: an address that a site's owner can write to.
    pub contact: Option<String>,
    /// Least pause between two requests to one host.
    pub interval: Duration,
    /// Longest time for one answer, from the request to the last byte.
    pub timeout: Duration,
    /// Longest time without a single byte.
    pub stall: Duration,
    /// How often a passing failure is tried again.
    pub retries: u32,
    /// First pause before a retry; doubled each time, half of it by chance.
    pub backoff: Duration,
    /// Longest pause that a run waits when a host asks for one.
    pub max_wait: Duration,
    /// Failures in a row after which a host is left alone for the rest of the run.
    pub give_up_after: u32,
    /// Largest page in bytes, decompressed.
    pub max_page_bytes: u64,
    /// Largest document in bytes, decompressed.
    pub max_document_bytes: u64,
    /// Hosts that may have a private address.
    pub private_hosts: Vec<String>,
    /// Proxy for all requests; without it, the usual environment variables count.
    pub proxy: Option<String>,
    /// File with further certificates to trust, in PEM form.
    pub ca_file: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            contact: None,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(120),
            stall: Duration::from_secs(30),
            retries: 3,
            backoff: Duration::from_secs(2),
            max_wait: Duration::from_secs(300),
            give_up_after: 8,
            max_page_bytes: 10 << 20,
            max_document_bytes: 50 << 20,
            private_hosts: Vec::new(),
            proxy: None,
            ca_file: None,
        }
    }
}

/// Redirects of one request, at most.
const MAX_REDIRECTS: usize = 5;
/// robots.txt is read up to this size, as RFC 9309 asks at least.
const MAX_ROBOTS_BYTES: u64 = 512 << 10;
/// How long a robots.txt counts.
const ROBOTS_AGE: Duration = Duration::from_secs(24 * 60 * 60);
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

/// The HTTP client with its hosts.
#[derive(Debug)]
pub struct Fetcher {
    client: Client,
    settings: Settings,
    guard: AddressGuard,
    hosts: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<Host>>>>,
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
        Ok(Self { client, settings, guard, hosts: Mutex::default() })
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
        loop {
            match self.follow(request).await {
                Err((error, host)) if error.is_passing() && attempt <= self.settings.retries => {
                    let told = match &error {
                        FetchError::Status { retry_after, .. } => *retry_after,
                        _ => None,
                    };
                    let host = self.host(&host);
                    let mut host = host.lock().await;
                    host.statistics.retries += 1;
                    host.wait_at_least(told.unwrap_or_else(|| self.backoff(attempt)));
                    attempt += 1;
                }
                Err((error, _)) => return Err(error.after(attempt)),
                Ok(answer) => return Ok(answer),
            }
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

    /// Doubles with each attempt; half is fixed and half is chance, so that many copies don't come back together.
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

    /// Sends the request when the host's turn has come, and keeps the books.
    async fn send(&self, host: &mut Host, url: &Url, request: Request<'_>) -> Result<Hop, FetchError> {
        host.turn(&self.settings).await?;
        let result = match tokio::time::timeout(self.settings.timeout, self.exchange(url, request)).await {
            Ok(result) => result,
            Err(_) => Err(FetchError::Timeout { url: url.to_string(), attempts: 1 }),
        };
        host.done(&self.settings, result.as_ref().err());
        match &result {
            Ok(Hop::Answer(Answer::Body(body))) => host.statistics.bytes += body.bytes.len() as u64,
            Ok(Hop::Answer(Answer::NotModified)) => host.statistics.not_modified += 1,
            Ok(Hop::Redirect(_)) => {}
            Err(FetchError::Status { status, retry_after, .. }) => {
                if *status == 429 || retry_after.is_some() {
                    host.slow_down(&self.settings);
                }
                if let Some(wait) = retry_after {
                    host.wait_at_least(*wait);
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
        Ok(Hop::Answer(Answer::Body(Box::new(Body { url: url.clone(), bytes, content_type, validators }))))
    }

    /// Fetches robots.txt where it is not known yet, keeps its Crawl-delay, and asks it about the address.
    async fn obey_robots(&self, host: &mut Host, url: &Url) -> Result<(), FetchError> {
        let origin = url.origin().ascii_serialization();
        let fresh = host.robots.get(&origin).is_some_and(|(at, _)| at.elapsed() < ROBOTS_AGE);
        if !fresh {
            let state = self.fetch_robots(host, url).await?;
            if let RobotsState::Known(robots) = &state
                && let Some(delay) = robots.crawl_delay()
            {
                host.keep_delay(delay);
                // The request for robots.txt itself counts: the delay runs from its answer.
                host.wait_at_least(delay);
            }
            host.robots.insert(origin.clone(), (Instant::now(), state));
        }
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        match host.robots.get(&origin) {
            Some((_, RobotsState::Known(robots))) if !robots.allows(&path) => {
                Err(FetchError::RobotsForbid { url: url.to_string() })
            }
            Some((_, RobotsState::Unavailable(error))) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// RFC 9309: "not there" (4xx) allows all; "can't be had" (5xx, no connection) forbids all. A redirect is
    /// followed on the same host only; elsewhere it would be another site's file.
    async fn fetch_robots(&self, host: &mut Host, url: &Url) -> Result<RobotsState, FetchError> {
        let mut robots_url = url.clone();
        robots_url.set_path("/robots.txt");
        robots_url.set_query(None);
        let robots = robots_url.to_string();
        let unavailable =
            |why: String| Ok(RobotsState::Unavailable(FetchError::RobotsUnavailable { robots: robots.clone(), why }));
        let hosts = AllowedHosts::new([host.name.as_str()]);
        let mut redirects = 0;
        let mut attempt = 1;
        loop {
            let request = Request { url: &robots_url, hosts: &hosts, limit: MAX_ROBOTS_BYTES, validators: None };
            match self.send(host, &robots_url, request).await {
                Ok(Hop::Answer(Answer::Body(body))) => {
                    return Ok(RobotsState::Known(Robots::parse(&String::from_utf8_lossy(&body.bytes))));
                }
                Ok(Hop::Answer(Answer::NotModified)) => return Ok(RobotsState::Known(Robots::default())),
                Ok(Hop::Redirect(to)) if redirects < MAX_REDIRECTS && self.guard.check(&to, &hosts).is_ok() => {
                    redirects += 1;
                    robots_url = to;
                }
                Ok(Hop::Redirect(to)) => return unavailable(format!("it redirects to {to}")),
                Err(FetchError::Status { status: 400..=428 | 430..=499, .. }) => {
                    return Ok(RobotsState::Known(Robots::default()));
                }
                Err(error @ (FetchError::AskedToWait { .. } | FetchError::HostGivenUp { .. })) => return Err(error),
                // These say more than "no robots.txt": nothing of this host can be had.
                Err(error @ (FetchError::Tls { .. } | FetchError::PrivateAddress { .. })) => {
                    return Ok(RobotsState::Unavailable(error));
                }
                Err(error) if error.is_passing() && attempt <= self.settings.retries => {
                    host.statistics.retries += 1;
                    host.wait_at_least(self.backoff(attempt));
                    attempt += 1;
                }
                Err(error) => return unavailable(error.after(attempt).to_string()),
            }
        }
    }
}

/// rustls finds its cryptography through one process-wide provider; the first caller sets it.
fn install_tls() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // An error means that another part of the process has set one, which serves as well.
        _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn build_client(settings: &Settings) -> Result<(Client, AddressGuard), SetupError> {
    let proxies = proxies(settings)?;
    let proxy_hosts: Vec<String> = proxies.iter().filter_map(|(_, url)| url.host_str().map(str::to_owned)).collect();
    let guard = AddressGuard::new(&settings.private_hosts, &proxy_hosts);
    let extra = settings.ca_file.as_deref().map(read_certificates).transpose()?.unwrap_or_default();
    let agent = user_agent(settings.contact.as_deref())?;

    let mut accept = HeaderMap::new();
    accept.insert(ACCEPT, HeaderValue::from_static("text/html,application/pdf,*/*;q=0.5"));
    let base = || {
        let mut builder = Client::builder()
            .user_agent(agent.clone())
            .default_headers(accept.clone())
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(settings.stall)
            .read_timeout(settings.stall)
            .pool_max_idle_per_host(1)
            .dns_resolver(Arc::new(guard.clone()));
        if !proxies.is_empty() {
            builder = builder.no_proxy();
        }
        for (scheme, url) in &proxies {
            let proxy = match *scheme {
                "http" => Proxy::http(url.clone()),
                "https" => Proxy::https(url.clone()),
                _ => Proxy::all(url.clone()),
            };
            let direct = std::env::var("NO_PROXY").or_else(|_| std::env::var("no_proxy")).unwrap_or_default();
            let direct = settings.private_hosts.iter().fold(direct, |list, host| format!("{list},{host}"));
            builder = match proxy {
                Ok(proxy) => builder.proxy(proxy.no_proxy(NoProxy::from_string(&direct))),
                Err(_) => builder,
            };
        }
        builder
    };
    // On a machine without any certificates the platform's verifier can't start. Plain HTTP (a mirror, the demo)
    // must work there all the same; HTTPS then fails with a plain message about certificates.
    let client = base()
        .tls_certs_merge(extra.clone())
        .build()
        .or_else(|_| base().tls_certs_only(extra).build())
        .map_err(|error| SetupError::Client(chain(&error)))?;
    Ok((client, guard))
}

fn user_agent(contact: Option<&str>) -> Result<HeaderValue, SetupError> {
    let version = env!("CARGO_PKG_VERSION");
    let contact = contact.map(str::trim).filter(|contact| !contact.is_empty());
    let text = match contact {
        Some(contact) => format!("{PRODUCT}/{version} (contact: {contact})"),
        None => format!("{PRODUCT}/{version}"),
    };
    HeaderValue::from_str(&text).map_err(|_| SetupError::Contact { contact: contact.unwrap_or_default().to_owned() })
}

fn read_certificates(path: &str) -> Result<Vec<Certificate>, SetupError> {
    let unusable = |why: String| SetupError::CaFile { path: path.to_owned(), why };
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(chain(&error)))?;
    if certificates.is_empty() { Err(unusable("it holds none".to_owned())) } else { Ok(certificates) }
}

/// The proxies to use: the configured one, else those of the environment. Each is for one scheme or for all.
fn proxies(settings: &Settings) -> Result<Vec<(&'static str, Url)>, SetupError> {
    let parse = |text: &str| {
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&with_scheme)
            .map_err(|error| SetupError::Proxy { proxy: text.to_owned(), why: error.to_string() })?;
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(url),
            other => {
                Err(SetupError::Proxy { proxy: text.to_owned(), why: format!("the scheme {other} can't be used") })
            }
        }
    };
    if let Some(proxy) = &settings.proxy {
        return Ok(vec![("all", parse(proxy)?)]);
    }
    let mut found = Vec::new();
    for (scheme, names) in [
        ("http", ["http_proxy", "HTTP_PROXY"]),
        ("https", ["https_proxy", "HTTPS_PROXY"]),
        ("all", ["all_proxy", "ALL_PROXY"]),
    ] {
        let value = names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
        if let Some(value) = value {
            found.push((scheme, parse(&value)?));
        }
    }
    Ok(found)
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

/// An error of a redirect's later hop keeps its code, and says where it began.
fn refused(first: &Url, to: &Url, error: FetchError) -> FetchError {
    match &error {
        FetchError::HostNotAllowed { .. } => FetchError::RedirectRefused {
            url: first.to_string(),
            to: to.to_string(),
            why: "the host is not on the list of this source".to_owned(),
            code: "redirect_refused",
        },
        FetchError::PrivateAddress { .. } | FetchError::RobotsForbid { .. } => FetchError::RedirectRefused {
            url: first.to_string(),
            to: to.to_string(),
            why: error.to_string(),
            code: error.code(),
        },
        _ => error,
    }
}

/// What a failed exchange was, told by the errors behind the client's own.
fn classify(url: &Url, error: &reqwest::Error) -> FetchError {
    let (url, why) = (url.to_string(), chain(error));
    if let Some(private) = find::<PrivateName>(error) {
        return FetchError::PrivateAddress { host: private.host.clone(), address: private.address.clone() };
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return FetchError::Tls { url, why: tls.to_string() };
    }
    if error.is_timeout() {
        FetchError::Timeout { url, attempts: 1 }
    } else if error.is_body() || error.is_decode() {
        FetchError::Truncated { url, why, attempts: 1 }
    } else {
        FetchError::Connection { url, why, attempts: 1 }
    }
}

/// The first error of a type among an error and its causes.
fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    if let Some(found) = error.downcast_ref::<E>() {
        return Some(found);
    }
    // An I/O error does not give the error that it carries as its source.
    let carried = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    carried.and_then(|inner| find::<E>(inner)).or_else(|| find::<E>(error.source()?))
}

/// The innermost words of an error, which say most.
fn chain(error: &dyn StdError) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        words = current.to_string();
        cause = current.source();
    }
    words
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

    #[test]
    fn the_user_agent_names_program_version_and_contact() {
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(user_agent(Some("a@b.example")).unwrap(), format!("sendlens/{version} (contact: a@b.example)"));
        assert_eq!(user_agent(Some("  ")).unwrap(), format!("sendlens/{version}"));
        assert!(user_agent(Some("a\nb")).is_err());
    }
}
