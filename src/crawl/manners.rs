//! How the crawler behaves: pauses, limits and names, in plain values.

use std::time::Duration;

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
    /// How often a temporary failure is tried again.
    pub retries: u32,
    /// First pause before a retry. It doubles each time, and half of it is random.
    pub backoff: Duration,
    /// How often a refusal (403, 503, or an error page) is tried again after a long pause. Counted for the host:
    /// attempts spent on one address are not available for the next, until a refusal was overcome.
    pub refused_retries: u32,
    /// First pause after a refusal; doubled each time.
    pub refused_pause: Duration,
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
            refused_retries: 3,
            refused_pause: Duration::from_secs(120),
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
