//! How a program says by what its [`Client`] authenticates: one method, once ([CA-1](crate::Rule::Ca1)).

use std::sync::Arc;
use std::time::Duration;

use crate::client::Client;
use crate::client::assertion::ClientAssertion;
use crate::client::authentication::Authentication;
use crate::client::late::{Form, Late};
use crate::client::secret_source::SecretSource;
use crate::ground::authentication_method::AuthenticationMethod;
use crate::ground::endpoint::Endpoint;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::jose::signer::Signer;
use crate::terms::secret::ClientSecret;

impl Client {
    /// Authenticates by `client_secret_basic`, which every server that knows secrets takes (RFC 6749 §2.3.1).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the secret is empty, if the client already authenticates ([CA-1](crate::Rule::Ca1)), or if the
    /// server's quirk [`Quirk::RawBasic`] makes Basic credentials that cannot be read back, with a colon in the identifier.
    pub fn secret(self, secret: impl TryInto<ClientSecret, Error: Into<Error>>) -> Result<Self, Error> {
        self.require_no_proof()?;
        let secret = secret.try_into().map_err(Into::into)?;
        let proof =
            Authentication::basic(self.id(), secret, self.server().quirks().contains(Quirk::RawBasic))?;
        Ok(self.change(|registration| registration.proof = proof))
    }

    /// Sends `client_secret_basic` with an empty secret (RFC 6749 §2.3.1 lets it be empty): the way in which some servers want
    /// a public client to name itself. It proves nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates ([CA-1](crate::Rule::Ca1)), or for an identifier with a colon
    /// under [`Quirk::RawBasic`].
    pub fn basic_without_secret(self) -> Result<Self, Error> {
        self.require_no_proof()?;
        let is_raw = self.server().quirks().contains(Quirk::RawBasic);
        let proof = Authentication::basic(self.id(), ClientSecret::empty(), is_raw)?;
        Ok(self.change(|registration| registration.proof = proof))
    }

    /// Authenticates by `client_secret_post`, for servers that take no Basic.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the secret is empty, or the client already authenticates ([CA-1](crate::Rule::Ca1)).
    pub fn secret_in_body(
        self,
        secret: impl TryInto<ClientSecret, Error: Into<Error>>,
    ) -> Result<Self, Error> {
        self.require_no_proof()?;
        let secret = secret.try_into().map_err(Into::into)?;
        Ok(self.change(|registration| registration.proof = Authentication::Post { secret }))
    }

    /// Authenticates by a JWT that this key signs, a new one for each request (RFC 7523 §2.2): by `private_key_jwt`, or by
    /// `client_secret_jwt` if the key is a secret. It says that it is from this client, for the server's issuer alone, and
    /// good for a minute ([CA-4](crate::Rule::Ca4)). The entropy is for the JWTs' identifiers, and for nothing else.
    ///
    /// Under [`Quirk::EndpointAudience`] the JWTs are for the server's token endpoint instead, whichever endpoint they go
    /// to.
    ///
    /// ```
    /// # #[cfg(feature = "rust-crypto")] {
    /// # use std::sync::Arc;
    /// # use valetkey_core::{AuthorizationServer, Client, Entropy};
    /// # use valetkey_core::jose::{Algorithm, KeyPair, PrivateJwk, RustCrypto};
    /// # let entropy = Entropy::from_seed([8; 32]);
    /// # let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
    /// let server = AuthorizationServer::new()
    ///     .issuer("https://as.example")?
    ///     .token_endpoint("https://as.example/token")?;
    /// let key = KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?.with_key_id("2026-11");
    /// let client = Client::new(server, "s6BhdRkqt3").assertion(Arc::new(key), entropy)?;
    /// assert_eq!(client.method().name(), "private_key_jwt");
    /// # }
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates ([CA-1](crate::Rule::Ca1)), or if the server's issuer, or its
    /// token endpoint under the quirk, is not known ([CA-4](crate::Rule::Ca4)).
    pub fn assertion(self, key: Arc<dyn Signer>, entropy: Entropy) -> Result<Self, Error> {
        self.require_no_proof()?;
        let server = self.server();
        let assertions = if server.quirks().contains(Quirk::EndpointAudience) {
            let assertions = |_| ClientAssertion::new(key, entropy, self.id(), "").addressed_to(server);
            server.url_of(Endpoint::Token).map(assertions)
        } else {
            server.issuer_identifier().map(|issuer| Ok(ClientAssertion::new(key, entropy, self.id(), issuer)))
        };
        let Some(assertions) = assertions.transpose()? else {
            return Err(misuse_of(
                Rule::Ca4,
                "a client assertion names the server's issuer, and it is not known: discover the server, or \
                 name its `issuer`",
            ));
        };
        Ok(self.change(|registration| registration.proof = Authentication::Assertion(assertions)))
    }

    /// The same client without what it authenticates with, for a request that is authorized otherwise. A profile has none.
    pub(crate) fn unauthenticated(&self) -> Result<Self, Error> {
        let client = self.clone().change(|registration| registration.proof = Authentication::None);
        client.require_profile(None).map(|()| client)
    }

    /// The way in which servers differ that would write what it authenticates with otherwise.
    pub(crate) fn differently_written(&self) -> Option<Quirk> {
        self.written_by().filter(|quirk| !self.server().quirks().contains(*quirk))
    }

    /// The relaxation by which what it authenticates with is written otherwise, if that made a difference.
    pub(crate) fn written_otherwise_by(&self) -> Option<Quirk> {
        let admitted = self.server().quirks();
        // Asked of each answer, and hardly ever admitted: only then is what it authenticates with looked through.
        let may_be = [Quirk::EndpointAudience, Quirk::RawBasic].iter().any(|quirk| admitted.contains(*quirk));
        if !may_be {
            return None;
        }
        self.written_by().filter(|quirk| admitted.contains(*quirk))
    }

    /// The way in which servers differ that decides how what it authenticates with is written.
    fn written_by(&self) -> Option<Quirk> {
        match &self.0.proof {
            Authentication::Assertion(_) => Some(Quirk::EndpointAudience),
            Authentication::Basic { secret, .. } => {
                let is_plain = |text: &str| {
                    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*-._".contains(&byte))
                };
                (!is_plain(self.id()) || !is_plain(secret.expose())).then_some(Quirk::RawBasic)
            }
            _ => None,
        }
    }

    /// Authenticates by assertions that another authority writes (RFC 7521 §4.2), as a platform does for its workloads: a JWT that the
    /// source gives, asked for anew at each request. They are sent as those of `private_key_jwt` are; what they say is between their
    /// issuer and the server.
    ///
    /// ```
    /// # use valetkey_core::{AuthorizationServer, Client};
    /// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
    /// let client = Client::new(server, "s6BhdRkqt3")
    ///     .assertions_from(|| std::fs::read_to_string("/var/run/secrets/tokens/identity-token"))?;
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates ([CA-1](crate::Rule::Ca1)). A source that fails, or gives no JWT, is
    /// told by the request: [`Error::Callback`].
    pub fn assertions_from(self, source: impl SecretSource + 'static) -> Result<Self, Error> {
        self.require_no_proof()?;
        let late = Late::from_source("client_assertion", source, Form::Jwt);
        Ok(self.change(|registration| registration.proof = Authentication::AssertionsFrom(late)))
    }

    /// Authenticates by `client_secret_post` with a secret that is made for each request.
    pub(crate) fn secret_made(self, late: Late) -> Result<Self, Error> {
        self.require_no_proof()?;
        Ok(self.change(|registration| registration.proof = Authentication::PostLate(late)))
    }

    /// How long each of its JWTs is good, if it authenticates by them: a minute if this is not said. One that waits for a
    /// person's card, or a server whose clock is behind, may need more: one that is not signed by its end is not sent, and
    /// the request fails with an [`Error::Misuse`] ([CA-4](crate::Rule::Ca4)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([CA-4](crate::Rule::Ca4)) if it is less than a second or more than five minutes, or the client
    /// authenticates otherwise.
    pub fn assertion_lifetime(self, lifetime: Duration) -> Result<Self, Error> {
        let Some(assertions) = self.assertions() else {
            return Err(misuse_of(
                Rule::Ca4,
                "the client does not authenticate by assertions: give it a key with `Client::assertion` \
                 first",
            ));
        };
        let assertions = assertions.clone().lifetime(lifetime)?;
        Ok(self.change(|registration| registration.proof = Authentication::Assertion(assertions)))
    }

    /// Authenticates by the certificate that the HTTP client shows, which an authority has signed: `tls_client_auth`
    /// (RFC 8705 §2.1). See [`with_certificate`](Self::with_certificate).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates ([CA-1](crate::Rule::Ca1)).
    pub fn tls_client_auth(self) -> Result<Self, Error> {
        self.certified(AuthenticationMethod::TlsClientAuth)
    }

    /// Authenticates by the certificate that the HTTP client shows and the server knows: `self_signed_tls_client_auth`
    /// (RFC 8705 §2.2). See [`with_certificate`](Self::with_certificate).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates ([CA-1](crate::Rule::Ca1)).
    pub fn self_signed_tls_client_auth(self) -> Result<Self, Error> {
        self.certified(AuthenticationMethod::SelfSignedTlsClientAuth)
    }

    fn certified(self, method: AuthenticationMethod) -> Result<Self, Error> {
        self.require_no_proof()?;
        Ok(self
            .with_certificate()
            .change(|registration| registration.proof = Authentication::Certificate(method)))
    }

    fn require_no_proof(&self) -> Result<(), Error> {
        match self.0.proof {
            Authentication::None => Ok(()),
            _ => {
                Err(misuse_of(Rule::Ca1, "the client has an authentication method already: give it one only"))
            }
        }
    }

    /// What gives this client its assertions, if another authority writes them.
    pub(crate) fn foreign_assertions(&self) -> Option<&Late> {
        match &self.0.proof {
            Authentication::AssertionsFrom(late) => Some(late),
            _ => None,
        }
    }

    /// What makes this client's secret, if it is another for each request.
    pub(crate) fn late_secret(&self) -> Option<&Late> {
        match &self.0.proof {
            Authentication::PostLate(late) => Some(late),
            _ => None,
        }
    }
}
