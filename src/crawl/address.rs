//! Which hosts may be asked, and never a private address.
//!
//! A page that is read decides where the next request goes, so a page could send the crawler into the network it
//! runs in. Two checks stand before every request and every redirect: the host must be on the list of its source,
//! and every address that the host's name resolves to must be public. Only a host that the configuration names
//! under `private_hosts` (a mirror in the office, the demo site on loopback) is free of the second check.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::error::FetchError;

/// The hosts that one source may be fetched from, in lower case and without a port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(BTreeSet<String>);

impl AllowedHosts {
    /// A list of exactly these hosts.
    pub fn new<S: AsRef<str>>(hosts: impl IntoIterator<Item = S>) -> Self {
        Self(hosts.into_iter().map(|host| plain(host.as_ref())).collect())
    }

    /// Whether the address uses HTTP or HTTPS and its host is on the list.
    #[must_use]
    pub fn permits(&self, url: &Url) -> bool {
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| self.0.contains(&plain(host)))
    }
}

/// Hosts as they are compared: lower case, without the brackets of an IPv6 address and a final dot.
pub(crate) fn plain(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

/// Whether an address can belong to a public host.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        // Shared by carriers (100.64.0.0/10), protocol assignments (192.0.0.0/24), benchmarks (198.18.0.0/15).
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    let embedded = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    match s {
        // An IPv4 address can hide in NAT64 (64:ff9b::/96) and in 6to4 (2002::/16).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        // Documentation and Teredo.
        [0x2001, 0xdb8 | 0, ..] => false,
        // Everything public today lies in 2000::/3; that leaves out loopback, link-local, unique local, multicast.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

/// The private hosts that the configuration names, and the two checks.
#[derive(Debug, Clone)]
pub(crate) struct AddressGuard {
    private_hosts: Arc<BTreeSet<String>>,
}

impl AddressGuard {
    /// `proxies` are hosts too: a proxy usually has a private address and is only ever asked to pass a request on.
    pub(crate) fn new(private_hosts: &[String], proxies: &[String]) -> Self {
        Self { private_hosts: Arc::new(private_hosts.iter().chain(proxies).map(|host| plain(host)).collect()) }
    }

    fn may_be_private(&self, host: &str) -> bool {
        self.private_hosts.contains(&plain(host))
    }

    /// Checks the form of the address, the list of hosts, and an IP address that stands in the place of a name.
    pub(crate) fn check(&self, url: &Url, allowed: &AllowedHosts) -> Result<(), FetchError> {
        if !allowed.permits(url) {
            return Err(FetchError::HostNotAllowed { url: url.to_string() });
        }
        let host = url.host_str().map(plain).unwrap_or_default();
        match host.parse::<IpAddr>() {
            Ok(address) if !is_public(address) && !self.may_be_private(&host) => {
                Err(FetchError::PrivateAddress { host, address: address.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// What the resolver says of a name that leads into a private network.
#[derive(Debug, thiserror::Error)]
#[error("{host} leads to the private address {address}")]
pub(crate) struct PrivateName {
    pub(crate) host: String,
    pub(crate) address: String,
}

impl Resolve for AddressGuard {
    /// Resolves with the system's resolver. The connection goes to the very addresses that were checked here, so a
    /// second, different answer of the name server can't slip in between.
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let exempt = self.may_be_private(&host);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            if !exempt && let Some(private) = addresses.iter().find(|address| !is_public(address.ip())) {
                return Err(PrivateName { host, address: private.ip().to_string() }.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_special_addresses_are_told_from_public_ones() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "203.0.113.9",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:c0a8:101::1",
            "2001:db8::1",
            "2001:0:1::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private} must not be asked");
        }
        for public in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111", "2002:808:808::1"] {
            assert!(is_public(public.parse().unwrap()), "{public} is public");
        }
    }

    #[test]
    fn only_listed_hosts_and_web_schemes_pass() {
        let guard = AddressGuard::new(&["127.0.0.1".to_owned()], &[]);
        let hosts = AllowedHosts::new(["Reports.Example.org", "127.0.0.1", "10.0.0.1", "[::1]"]);
        let code = |url: &str| guard.check(&Url::parse(url).unwrap(), &hosts).map_err(|e| e.code());
        assert_eq!(code("https://reports.example.org/a"), Ok(()));
        assert_eq!(code("https://reports.example.org./a"), Ok(()));
        assert_eq!(code("http://127.0.0.1:8080/a"), Ok(()));
        assert_eq!(code("http://10.0.0.1/"), Err("private_address"));
        assert_eq!(code("http://[::1]/"), Err("private_address"));
        assert_eq!(code("http://0x7f.1/"), Ok(()), "the parser normalises odd spellings of 127.0.0.1");
        assert_eq!(code("https://example.org/"), Err("host_not_allowed"));
        assert_eq!(code("https://reports.example.org.evil.example/"), Err("host_not_allowed"));
        assert_eq!(code("ftp://reports.example.org/"), Err("host_not_allowed"));
        assert_eq!(code("file:///etc/passwd"), Err("host_not_allowed"));
    }
}
