//! What an adapter is told of the network that it is in: [`Network`].

use crate::host::proxy::ProxyRules;

/// Which requests go through which proxy, and whom TLS trusts beside the system's authorities.
///
/// An adapter reads the environment's by its function `network()`, and makes an HTTP client of one that a program
/// has put together. The default knows no proxy and no further authority.
#[derive(Clone, Debug, Default)]
pub struct Network {
    proxies: ProxyRules,
    authorities: Vec<Vec<u8>>,
}

impl Network {
    /// A network with these proxies.
    #[must_use]
    pub fn new(proxies: ProxyRules) -> Self {
        Self { proxies, authorities: Vec::new() }
    }

    /// The same, where certificates of these authorities are trusted too, beside the system's: one or more certificates in
    /// PEM (RFC 7468 §5). The adapter refuses what holds none, or one that cannot be read, when it makes its HTTP
    /// client.
    #[must_use]
    pub fn authority(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities.push(pem.into());
        self
    }

    /// Which requests go through which proxy.
    #[must_use]
    pub const fn proxies(&self) -> &ProxyRules {
        &self.proxies
    }

    /// The authorities that are trusted beside the system's, each as it was given, in PEM.
    pub fn authorities(&self) -> impl Iterator<Item = &[u8]> {
        self.authorities.iter().map(Vec::as_slice)
    }
}
