//! Every request first asks the site's robots.txt.

use std::time::Duration;

use reqwest::Url;
use tokio::time::Instant;

use super::{Answer, Fetcher, Hop, MAX_REDIRECTS, Request};
use crate::crawl::address::AllowedHosts;
use crate::crawl::error::FetchError;
use crate::crawl::host::{Host, RobotsState};
use crate::crawl::robots::Robots;

/// robots.txt is read up to this size, as RFC 9309 asks at least.
const MAX_ROBOTS_BYTES: u64 = 512 << 10;
/// How long a robots.txt counts.
const ROBOTS_AGE: Duration = Duration::from_secs(24 * 60 * 60);

impl Fetcher {
    /// Fetches robots.txt where it is not known yet, keeps its Crawl-delay, and asks it about the address.
    pub(super) async fn obey_robots(&self, host: &mut Host, url: &Url) -> Result<(), FetchError> {
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

    /// RFC 9309: "not there" (4xx) allows all; "cannot be fetched" (5xx, no connection) forbids all. A refusal is waited out
    /// before it counts as either. A redirect is followed on the same host only; elsewhere it would be another site's
    /// file.
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
        let mut refused = false;
        loop {
            let request = Request { url: &robots_url, hosts: &hosts, limit: MAX_ROBOTS_BYTES, validators: None };
            match self.send(host, &robots_url, request).await {
                Ok(Hop::Answer(Answer::Body(body))) => {
                    if refused {
                        host.refusal_passed();
                    }
                    return Ok(RobotsState::Known(Robots::parse(&String::from_utf8_lossy(&body.bytes))));
                }
                Ok(Hop::Answer(Answer::NotModified)) => return Ok(RobotsState::Known(Robots::default())),
                Ok(Hop::Redirect(to)) if redirects < MAX_REDIRECTS && self.guard.check(&to, &hosts).is_ok() => {
                    redirects += 1;
                    robots_url = to;
                }
                Ok(Hop::Redirect(to)) => return unavailable(format!("it redirects to {to}")),
                Err(error @ (FetchError::AskedToWait { .. } | FetchError::HostGivenUp { .. })) => return Err(error),
                // These say more than "no robots.txt": nothing of this host can be fetched.
                Err(error @ (FetchError::Tls { .. } | FetchError::PrivateAddress { .. })) => {
                    return Ok(RobotsState::Unavailable(error));
                }
                Err(error) if error.is_temporary() && attempt <= self.settings.retries => {
                    host.statistics.retries += 1;
                    host.wait_at_least(self.backoff(attempt));
                    attempt += 1;
                }
                Err(error) if self.wait_out_refusal(host, &error) => {
                    refused = true;
                    attempt += 1;
                }
                Err(FetchError::Status { status: 400..=428 | 430..=499, .. }) => {
                    return Ok(RobotsState::Known(Robots::default()));
                }
                Err(error) => return unavailable(error.with_attempts(attempt).to_string()),
            }
        }
    }
}
