//! From the name of a host to its addresses, within the time of a request: [`Names`].
//!
//! ureq asks for the addresses before each request, for one on a connection that is kept too. The system's own look-up has no
//! end that a caller could set, so where a request has a time, ureq looks up on a thread that it makes for this one request:
//! twice the cost of a request to a server nearby. So it is asked only for what is not known:
//!
//! ```text
//! an address ──────────────────────────▶ itself
//! a name that was found a moment ago ──▶ what was found
//! any other name ──────────────────────▶ ureq's resolver: a thread, and the request's time
//! ```
//!
//! A connection is kept longer than an answer is, and leads where it led. Where none is kept, a host that moves is followed up
//! to ten seconds later than without this.
//!
//! The trait is one of those that ureq may change in a minor version, which is why its minor version is fixed in the
//! workspace's `Cargo.toml`.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::Uri;
use ureq::Error;
use ureq::config::{Config, IpFamily};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long an answer is used again: less than ureq keeps an idle connection, and than a name's owner plans for.
const FRESH: Duration = Duration::from_secs(10);
/// How many names are remembered.
const MOST: usize = 64;

/// The addresses of hosts, and the system's resolver for what is not known of them.
#[derive(Debug)]
pub(super) struct Names<R = DefaultResolver> {
    system: R,
    now: fn() -> Instant,
    /// By host and port.
    found: Mutex<HashMap<String, Found>>,
}

#[derive(Debug)]
struct Found {
    addresses: Vec<SocketAddr>,
    family: IpFamily,
    at: Instant,
}

impl<R: Resolver> Resolver for Names<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        if let (Some(address), IpFamily::Any) = (address(uri), config.ip_family()) {
            let mut addresses = self.empty();
            addresses.push(address);
            return Ok(addresses);
        }
        let name = uri.scheme().zip(uri.authority());
        let name = name.and_then(|(scheme, authority)| DefaultResolver::host_and_port(scheme, authority));
        let Some(name) = name else {
            // It says what is wrong with the URI.
            return self.system.resolve(uri, config, timeout);
        };
        if let Some(known) = self.known(&name, config.ip_family()) {
            return Ok(known);
        }
        let addresses = self.system.resolve(uri, config, timeout)?;
        self.keep(
            name,
            Found { addresses: addresses.to_vec(), family: config.ip_family(), at: (self.now)() },
        );
        Ok(addresses)
    }
}

impl<R: Resolver> Names<R> {
    /// With this resolver in the place of the system's, and this clock, which nobody sets.
    pub(super) fn over(system: R, now: fn() -> Instant) -> Self {
        Self { system, now, found: Mutex::default() }
    }

    fn known(&self, name: &str, family: IpFamily) -> Option<ResolvedSocketAddrs> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let found = found.get(name).filter(|found| found.family == family && found.is_fresh((self.now)()))?;
        let mut addresses = self.empty();
        found.addresses.iter().for_each(|address| addresses.push(*address));
        Some(addresses)
    }

    fn keep(&self, name: String, new: Found) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= MOST {
            found.retain(|_, found| found.is_fresh(new.at));
        }
        // So many in so short a time are not asked again soon.
        if found.len() < MOST || found.contains_key(&name) {
            found.insert(name, new);
        }
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::over(DefaultResolver::default(), moment)
    }
}

impl Found {
    fn is_fresh(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) < FRESH
    }
}

/// The host of a URI, if it is an address: there is nothing to look up, and so nothing to wait for.
fn address(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let address = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(host) => IpAddr::V6(host.parse::<Ipv6Addr>().ok()?),
        None => IpAddr::V4(host.parse::<Ipv4Addr>().ok()?),
    };
    let usual = match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    };
    Some(SocketAddr::new(address, uri.port_u16().or(usual)?))
}

/// A moment by a clock that nobody sets.
#[expect(clippy::disallowed_methods, reason = "an answer grows old, whatever is done to the system's clock")]
fn moment() -> Instant {
    Instant::now()
}
