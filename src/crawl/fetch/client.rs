//! The client behind the fetcher: proxies, certificates, the User-Agent, and no redirect or retry of its own.

use std::sync::{Arc, OnceLock};

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, NoProxy, Proxy, Url};

use super::failure::chain;
use crate::crawl::address::AddressGuard;
use crate::crawl::error::SetupError;
use crate::crawl::manners::Settings;
use crate::crawl::robots::PRODUCT;

/// rustls finds its cryptography through one process-wide provider; the first caller sets it.
pub(super) fn install_tls() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // An error means that another part of the process has set one, which serves as well.
        _ = rustls::crypto::ring::default_provider().install_default();
    });
}

pub(super) fn build_client(settings: &Settings) -> Result<(Client, AddressGuard), SetupError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_names_program_version_and_contact() {
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(user_agent(Some("a@b.example")).unwrap(), format!("sendlens/{version} (contact: a@b.example)"));
        assert_eq!(user_agent(Some("  ")).unwrap(), format!("sendlens/{version}"));
        assert!(user_agent(Some("a\nb")).is_err());
    }
}
