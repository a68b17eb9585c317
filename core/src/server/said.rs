//! Which of a server's addresses its own metadata say, and not the program: [`Said`].

use crate::ground::endpoint::Endpoint;

/// The addresses that documents of one issuer said, as they were then: what the program names later is not among them.
#[derive(Clone, Default)]
pub(super) struct Said {
    issuer: Option<String>,
    addresses: Vec<(Endpoint, String)>,
}

impl Said {
    /// A document of this issuer is being read: what another's said is forgotten.
    pub(super) fn by(self, issuer: &str) -> Self {
        match self.issuer.as_deref() == Some(issuer) {
            true => self,
            false => Self { issuer: Some(issuer.to_owned()), addresses: Vec::new() },
        }
    }

    /// It says that this endpoint is there.
    pub(super) fn insert(&mut self, endpoint: Endpoint, address: Option<String>) {
        if !self.has(endpoint, address.as_deref()) {
            self.addresses.extend(address.map(|address| (endpoint, address)));
        }
    }

    /// Whether this is the issuer of the documents.
    pub(super) fn is_by(&self, issuer: Option<&str>) -> bool {
        issuer.is_some() && self.issuer.as_deref() == issuer
    }

    /// Whether the endpoint is there by them, if it is anywhere.
    pub(super) fn has(&self, endpoint: Endpoint, address: Option<&str>) -> bool {
        let is_it = |known: &(Endpoint, String), address| known.0 == endpoint && known.1 == address;
        address.is_none_or(|address| self.addresses.iter().any(|known| is_it(known, address)))
    }
}
