//! The JWT by which a client proves who it is: [`ClientAssertion`] (RFC 7523 §2.2, §3; OpenID Connect Core §9).

use std::sync::Arc;
use std::time::Duration;

use crate::client::assertion_writer::AssertionWriter;
use crate::ground::endpoint::Endpoint;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::algorithm::Algorithm;
use crate::jose::jwt::UnsignedJwt;
use crate::jose::signer::Signer;
use crate::server::AuthorizationServer;

/// What is sent as `client_assertion_type` beside an assertion (RFC 7523 §2.2).
pub const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest lifetime of an assertion, in seconds.
const MAX_LIFETIME: Duration = Duration::from_secs(300);

/// Writes a client's assertions: for `private_key_jwt`, or for `client_secret_jwt` if the key is a secret.
///
/// Each says that it is from this client and about it, for this one authorization server, good for a minute, and has an
/// identifier that no other has ([CA-4](crate::Rule::Ca4)). One is written for each request, a repeated one too. Clones
/// share the count of what was written. A [`Client`](crate::Client::assertion) has its own; this is for a flow of one's own
/// that is no grant.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// # use std::sync::Arc;
/// # use valetkey_core::{Entropy, UnixTime};
/// # use valetkey_core::client::ClientAssertion;
/// # use valetkey_core::jose::{Algorithm, KeyPair, PrivateJwk, RustCrypto};
/// # let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
/// let key = Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?.with_key_id("2026-11"));
/// let entropy = Entropy::from_seed([8; 32]);
/// let assertions = ClientAssertion::new(key, entropy, "s6BhdRkqt3", "https://as.example");
///
/// let assertion = assertions.write(UnixTime::from_secs(1_700_000_000))?.sign()?.ready()?;
/// assert!(assertion.expose().starts_with("eyJ"));
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientAssertion {
    writer: AssertionWriter,
    client_id: String,
}

impl ClientAssertion {
    /// Assertions of this client for the authorization server with this issuer. The entropy is for the identifiers, and
    /// for nothing else.
    #[must_use]
    pub fn new(
        signer: Arc<dyn Signer>,
        entropy: Entropy,
        client_id: impl Into<String>,
        issuer: impl Into<String>,
    ) -> Self {
        let writer = AssertionWriter::new(signer, entropy, issuer.into(), Duration::from_secs(60));
        Self { writer, client_id: client_id.into() }
    }

    /// How long each is good: a minute if this is not said. Servers' clocks differ, so it is no shorter than a second.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([CA-4](crate::Rule::Ca4)) if it is less than a second or more than five minutes.
    pub fn lifetime(mut self, lifetime: Duration) -> Result<Self, Error> {
        if !(Duration::from_secs(1)..=MAX_LIFETIME).contains(&lifetime) {
            return Err(misuse_of(
                Rule::Ca4,
                "the lifetime of a client assertion must be from one second to five minutes",
            ));
        }
        self.writer.lifetime = lifetime;
        Ok(self)
    }

    /// Names the server's token endpoint as the audience instead of the issuer, for a server that takes nothing else.
    ///
    /// A server that lies about its token endpoint gets an assertion that another server takes: have a key for this
    /// server alone then.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([CA-4](crate::Rule::Ca4)) unless [`Quirk::EndpointAudience`] is admitted at the server, or if the
    /// server has no token endpoint.
    pub fn addressed_to(mut self, server: &AuthorizationServer) -> Result<Self, Error> {
        server.quirks().require(Quirk::EndpointAudience, || {
            misuse_of(
                Rule::Ca4,
                "the audience of a client assertion is the server's issuer, and its endpoint only at a server that \
                 wants that",
            )
        })?;
        self.writer.audience = server.require(Endpoint::Token)?.to_string();
        Ok(self)
    }

    /// The algorithm that the assertions are signed with; a server may list those it takes.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.writer.algorithm()
    }

    /// What signs them.
    pub(crate) fn signer(&self) -> &Arc<dyn Signer> {
        self.writer.signer()
    }

    /// Whom they are for.
    pub(crate) fn audience(&self) -> &str {
        &self.writer.audience
    }

    /// How long each is good.
    pub(crate) const fn good_for(&self) -> Duration {
        self.writer.lifetime
    }

    /// Writes the next assertion, to be signed. A flow that asks twice keeps it.
    ///
    /// # Errors
    ///
    /// As [`JwtSigner::write`](crate::jose::JwtSigner::write).
    pub fn write(&self, now: UnixTime) -> Result<UnsignedJwt, Error> {
        self.writer.write(&self.client_id, &self.client_id, None, now)
    }
}
