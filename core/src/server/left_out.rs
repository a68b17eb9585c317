//! Endpoints that a server's metadata name by an address that cannot be used ([DI-5](crate::Rule::Di5)).
//!
//! They are left out of the server, and remembered: a program that never uses them has lost nothing, and one that does is
//! told what is wrong with the document instead of that there is no such endpoint.

use crate::ground::endpoint::Endpoint;
use crate::ground::error::Error;
use crate::server::AuthorizationServer;
use crate::server::unusable::Unusable;

impl AuthorizationServer {
    pub(crate) fn without_usable(mut self, endpoint: Endpoint, fault: Unusable) -> Self {
        self.unusable.insert(endpoint, fault);
        self
    }

    pub(crate) fn without_usable_alias(mut self, endpoint: Endpoint, fault: Unusable) -> Self {
        self.unusable_aliases.insert(endpoint, fault);
        self
    }

    /// Refuses an endpoint whose address the metadata have wrong, unless the program has named it since.
    pub(crate) fn require_usable(&self, endpoint: Endpoint) -> Result<(), Error> {
        self.unusable.get(&endpoint).map_or(Ok(()), |fault| Err(fault.told(endpoint)))
    }

    /// The same of its alias for clients with a certificate, which are not sent to the other address instead.
    pub(crate) fn require_usable_alias(&self, endpoint: Endpoint) -> Result<(), Error> {
        self.unusable_aliases.get(&endpoint).map_or(Ok(()), |fault| Err(fault.told(endpoint)))
    }
}
