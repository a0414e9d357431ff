//! Why something could not be fetched, in words that say what to do next.

use std::time::Duration;

/// One request, with all its redirects and retries, that did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The host is not on the list of its source.
    #[error(
        "{url} is not on the list of hosts of this source; if the site moved, add the host under `hosts` of the source"
    )]
    HostNotAllowed {
        /// The address that was refused.
        url: String,
    },
    /// The host is, or leads to, an address of a private network.
    #[error(
        "{host} leads to the private address {address}, which is never asked; if that is meant, name the host under `private_hosts`"
    )]
    PrivateAddress {
        /// The host.
        host: String,
        /// The address.
        address: String,
    },
    /// The site's robots.txt forbids this path.
    #[error("the site's robots.txt forbids {url}; nothing to do but to ask the site's owner")]
    RobotsForbid {
        /// The address.
        url: String,
    },
    /// The site's robots.txt could not be fetched, so nothing of the site may be fetched.
    #[error(
        "{robots} could not be fetched ({why}), so nothing is fetched from this host in this run; the next run tries again"
    )]
    RobotsUnavailable {
        /// Address of the robots.txt.
        robots: String,
        /// What happened.
        why: String,
    },
    /// The server answered with a status that is no success.
    #[error("{url} was answered with status {status}{}", retried(*.attempts))]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How often it was asked.
        attempts: u32,
        /// How long the server asked to wait.
        retry_after: Option<Duration>,
    },
    /// A page of the server or of its firewall came with status 200 in place of what was asked for.
    #[error(
        "{url} was answered with an error page (\"{says}\"), although its status said that all was well{}; the next run \
         asks again", retried(*.attempts)
    )]
    ErrorPage {
        /// The address.
        url: String,
        /// The title of the error page.
        says: String,
        /// How often it was asked.
        attempts: u32,
    },
    /// The host asked for a pause that is longer than a run waits.
    #[error("{host} asked for a pause of {} seconds, longer than `max_wait_seconds`; the next run tries again", .wait.as_secs())]
    AskedToWait {
        /// The host.
        host: String,
        /// The pause that is left.
        wait: Duration,
    },
    /// The host failed too often in a row.
    #[error("{host} was given up for this run after {failures} failures in a row, the last: {last}")]
    HostGivenUp {
        /// The host.
        host: String,
        /// Failures in a row.
        failures: u32,
        /// The last of them.
        last: String,
    },
    /// The answer, or the next part of it, did not come in time.
    #[error("{url} did not answer in full within the time limit{}", retried(*.attempts))]
    Timeout {
        /// The address.
        url: String,
        /// How often it was asked.
        attempts: u32,
    },
    /// No connection, or it broke.
    #[error("no connection to {url}: {why}{}", retried(*.attempts))]
    Connection {
        /// The address.
        url: String,
        /// What happened.
        why: String,
        /// How often it was asked.
        attempts: u32,
    },
    /// The server's certificate could not be verified.
    #[error(
        "the TLS connection to {url} can't be trusted: {why}; check the machine's clock and certificates, or name a `ca_file`"
    )]
    Tls {
        /// The address.
        url: String,
        /// What the verification said.
        why: String,
    },
    /// The body ended before its stated length, or could not be decompressed.
    #[error("the answer of {url} broke off: {why}{}", retried(*.attempts))]
    Truncated {
        /// The address.
        url: String,
        /// What happened.
        why: String,
        /// How often it was asked.
        attempts: u32,
    },
    /// The body, decompressed, is larger than the limit.
    #[error("the answer of {url} is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Redirects went in a circle or were too many.
    #[error("{url} redirects in a circle or too often")]
    RedirectLoop {
        /// The first address.
        url: String,
    },
    /// A redirect led to a place where this source may not go.
    #[error("{url} redirects to {to}, where this source does not go: {why}")]
    RedirectRefused {
        /// The address.
        url: String,
        /// Where it leads.
        to: String,
        /// Why that is refused.
        why: String,
        /// The stable word of the refusal behind it.
        code: &'static str,
    },
    /// What came is not a document.
    #[error("{url} gave {what} in place of a PDF; nothing of it was kept, and the next run asks again")]
    NotADocument {
        /// The address.
        url: String,
        /// What came ("a web page").
        what: String,
    },
}

fn retried(attempts: u32) -> String {
    if attempts > 1 { format!(" ({attempts} attempts)") } else { String::new() }
}

impl FetchError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::HostNotAllowed { .. } => "host_not_allowed",
            Self::PrivateAddress { .. } => "private_address",
            Self::RobotsForbid { .. } => "robots",
            Self::RobotsUnavailable { .. } => "robots_unavailable",
            Self::Status { status: 403, .. } => "forbidden",
            Self::Status { status: 404 | 410, .. } => "not_found",
            Self::Status { status: 429, .. } => "rate_limited",
            Self::Status { status: 500.., .. } => "server_error",
            Self::Status { .. } => "http_status",
            Self::ErrorPage { .. } => "error_page",
            Self::AskedToWait { .. } => "asked_to_wait",
            Self::HostGivenUp { .. } => "host_given_up",
            Self::Timeout { .. } => "timeout",
            Self::Connection { .. } => "connection",
            Self::Tls { .. } => "tls",
            Self::Truncated { .. } => "truncated",
            Self::TooLarge { .. } => "too_large",
            Self::RedirectLoop { .. } => "redirect_loop",
            Self::RedirectRefused { code, .. } => code,
            Self::NotADocument { .. } => "not_a_pdf",
        }
    }

    /// Whether asking again a little later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            Self::Timeout { .. } | Self::Connection { .. } | Self::Truncated { .. } => true,
            _ => false,
        }
    }

    /// Whether it is how a firewall turns a visitor away. Such a refusal often passes in minutes, not in seconds. A
    /// server that names a time (Retry-After) is taken at its word instead.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Status { status: 403 | 503, retry_after: None, .. } | Self::ErrorPage { .. })
    }

    /// Whether it says something about the whole host, not about one address.
    pub(crate) fn blames_host(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 403 | 429 | 500..),
            Self::ErrorPage { .. } | Self::Timeout { .. } | Self::Connection { .. } | Self::Tls { .. } => true,
            _ => false,
        }
    }

    /// The same error after several attempts.
    pub(crate) fn with_attempts(mut self, times: u32) -> Self {
        match &mut self {
            Self::Status { attempts, .. }
            | Self::ErrorPage { attempts, .. }
            | Self::Timeout { attempts, .. }
            | Self::Connection { attempts, .. }
            | Self::Truncated { attempts, .. } => *attempts = times,
            _ => {}
        }
        self
    }
}

/// The HTTP layer could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The proxy's address is none.
    #[error("`proxy` = \"{proxy}\" is no address of a proxy ({why}); write it as http://host:port")]
    Proxy {
        /// The address as given.
        proxy: String,
        /// What is wrong.
        why: String,
    },
    /// The file of certificates can't be used.
    #[error("`ca_file` = \"{path}\" can't be used: {why}; it must hold certificates in PEM form")]
    CaFile {
        /// The path as given.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The contact can't stand in a header.
    #[error("`contact` = \"{contact}\" can't be sent in a User-Agent; use plain letters, such as an e-mail address")]
    Contact {
        /// The contact as given.
        contact: String,
    },
    /// The client could not be built.
    #[error("the HTTP client could not be set up: {0}")]
    Client(String),
}
