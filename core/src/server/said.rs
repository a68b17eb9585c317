//! Which of a server's addresses its own metadata say, and not the program: [`Said`].

use std::collections::BTreeSet;

use crate::ground::endpoint::Endpoint;
use crate::server::AuthorizationServer;

/// The addresses that a document said, as they were then: what the program names later is not among them.
#[derive(Clone, Default)]
pub(super) struct Said {
    issuer: Option<String>,
    addresses: BTreeSet<(Endpoint, String)>,
}

impl AuthorizationServer {
    /// The same, of which a document of this issuer is being read.
    pub(super) fn said_by(mut self, issuer: &str) -> Self {
        if self.said.issuer.as_deref() != Some(issuer) {
            self.said = Said { issuer: Some(issuer.to_owned()), addresses: BTreeSet::new() };
        }
        self
    }

    /// The same, of which the document says that this endpoint is there.
    pub(super) fn saying(mut self, endpoint: Endpoint, address: Option<String>) -> Self {
        self.said.addresses.extend(address.map(|address| (endpoint, address)));
        self
    }

    /// Whether its metadata say its issuer, and where this endpoint is, if it is anywhere.
    pub(crate) fn is_said(&self, endpoint: Option<Endpoint>) -> bool {
        let is_said = |endpoint, address: Option<String>| {
            address.is_none_or(|address| self.said.addresses.contains(&(endpoint, address)))
        };
        self.issuer.is_some()
            && self.said.issuer == self.issuer
            && endpoint.is_none_or(|endpoint| {
                is_said(endpoint, self.url_of(endpoint)) && is_said(endpoint, self.mtls_url_of(endpoint))
            })
    }
}
