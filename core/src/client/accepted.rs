//! Whether an endpoint takes what a client shows of itself: its method, its algorithm, its certificate.

use crate::client::Client;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;

impl Client {
    /// Whether the endpoint takes what this client shows ([CA-3](crate::Rule::Ca3), [CA-4](crate::Rule::Ca4),
    /// [CA-6](crate::Rule::Ca6)).
    pub(crate) fn require_accepted(&self, endpoint: Endpoint) -> Result<(), Error> {
        self.require_tls(endpoint)?;
        self.server().require_method_at(endpoint, self.method())?;
        match self.assertions() {
            Some(assertions) => self.server().require_algorithm_at(endpoint, assertions.algorithm()),
            None => Ok(()),
        }
    }

    /// Whether a client that shows a certificate can do so there ([CA-6](crate::Rule::Ca6)).
    pub(crate) fn require_tls(&self, endpoint: Endpoint) -> Result<(), Error> {
        if self.has_certificate() && self.endpoint(endpoint)?.scheme_str() != Some("https") {
            return Err(misuse_of(
                Rule::Ca6,
                "the client authenticates by its TLS certificate, and the endpoint is plain http: use the \
                 https endpoint",
            ));
        }
        Ok(())
    }
}
