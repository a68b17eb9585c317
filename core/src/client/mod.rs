//! The registered program: [`Client`].

pub(crate) mod apis;
pub(crate) mod assertion;
pub(crate) mod authentication;
pub(crate) mod dpop;
pub(crate) mod jwts;
pub(crate) mod post;

pub use crate::client::assertion::{CLIENT_ASSERTION_TYPE, ClientAssertion};
pub use crate::ground::authentication_method::AuthenticationMethod;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use crate::client::apis::Apis;
use crate::client::authentication::Authentication;
use crate::client::dpop::Dpop;
use crate::ground::endpoint::Endpoint;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::jose::signer::Signer;
use crate::server::AuthorizationServer;
use crate::terms::secret::ClientSecret;

/// A client as it is registered at one authorization server: an identifier, how it authenticates, and the APIs
/// that take its tokens.
///
/// What does not change between requests is prepared here once. Cloning is cheap (an `Arc`).
///
/// ```
/// use valetkey_core::{AuthorizationServer, Client, ClientSecret};
///
/// let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3")
///     .secret("gX1fBAt3bV")?
///     .api("https://api.example")?;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(Arc<Registration>);

#[derive(Clone)]
struct Registration {
    server: AuthorizationServer,
    id: String,
    proof: Authentication,
    /// Whether the HTTP client shows a certificate.
    has_certificate: bool,
    apis: Apis,
    dpop: Option<Dpop>,
}

impl Client {
    /// A public client: it has an identifier and no secret.
    #[must_use]
    pub fn new(server: AuthorizationServer, id: impl Into<String>) -> Self {
        Self(Arc::new(Registration {
            server,
            id: id.into(),
            proof: Authentication::None,
            has_certificate: false,
            apis: Apis::default(),
            dpop: None,
        }))
    }

    /// Authenticates by `client_secret_basic`, which every server that knows secrets takes (RFC 6749 §2.3.1).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the secret is empty, if the client already authenticates (CA-1), or if the server's quirk
    /// [`Quirk::RawBasic`] makes Basic credentials that cannot be read back, with a colon in the identifier.
    pub fn secret(self, secret: impl TryInto<ClientSecret, Error: Into<Error>>) -> Result<Self, Error> {
        self.require_no_proof()?;
        let secret = secret.try_into().map_err(Into::into)?;
        let proof =
            Authentication::basic(self.id(), secret, self.server().quirks().contains(Quirk::RawBasic))?;
        Ok(self.change(|registration| registration.proof = proof))
    }

    /// Authenticates by `client_secret_post`, for servers that take no Basic.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the secret is empty, or the client already authenticates (CA-1).
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
    /// good for a minute (CA-4). The entropy is for the JWTs' identifiers, and for nothing else.
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
    /// [`Error::Misuse`] if the client already authenticates (CA-1), or if the server's issuer, or its token endpoint
    /// under the quirk, is not known (CA-4).
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

    /// How long each of its JWTs is good, if it authenticates by them: a minute if this is not said. One that waits for a
    /// person's card, or a server whose clock is behind, may need more: one that is not signed by its end is not sent, and
    /// the request fails with an [`Error::Misuse`] (CA-4).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (CA-4) if it is less than a second or more than five minutes, or the client authenticates
    /// otherwise.
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
    /// [`Error::Misuse`] if the client already authenticates (CA-1).
    pub fn tls_client_auth(self) -> Result<Self, Error> {
        self.certified(AuthenticationMethod::TlsClientAuth)
    }

    /// Authenticates by the certificate that the HTTP client shows and the server knows: `self_signed_tls_client_auth`
    /// (RFC 8705 §2.2). See [`with_certificate`](Self::with_certificate).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates (CA-1).
    pub fn self_signed_tls_client_auth(self) -> Result<Self, Error> {
        self.certified(AuthenticationMethod::SelfSignedTlsClientAuth)
    }

    /// The HTTP client presents a TLS certificate at the authorization server and at the APIs: the tokens may be bound to it
    /// (RFC 8705 §3), a public client's too, or those of one that authenticates otherwise. Requests go to the endpoints
    /// that the server names for such clients (`mtls_endpoint_aliases`, RFC 8705 §5), where it does, and always over TLS
    /// (CA-6).
    ///
    /// Core has no part in TLS. The program gives the certificate to its HTTP client.
    #[must_use]
    pub fn with_certificate(self) -> Self {
        self.change(|registration| registration.has_certificate = true)
    }

    /// Names an API that takes this client's access tokens, by any URL of it: they go to its origin (scheme, host
    /// and port) and to no other (WA-5). May be called for several.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DI-5) if it is not an https URL.
    pub fn api(self, url: &str) -> Result<Self, Error> {
        let quirks = self.server().quirks();
        let apis = self.0.apis.clone().and(url, quirks)?.admitting(quirks);
        Ok(self.change(|registration| registration.apis = apis))
    }

    /// Binds its tokens to a key (RFC 9449): its token requests carry proofs, and only tokens of the type DPoP are taken
    /// (TR-7). In the place of an earlier key.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DP-2) if the server lists algorithms for proofs (`dpop_signing_alg_values_supported`) without the
    /// key's.
    pub fn dpop(self, dpop: Dpop) -> Result<Self, Error> {
        dpop.require_supported(self.server())?;
        Ok(self.change(|registration| registration.dpop = Some(dpop)))
    }

    /// The client identifier (RFC 6749 §2.2).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The authorization server where the client is registered.
    #[must_use]
    pub fn server(&self) -> &AuthorizationServer {
        &self.0.server
    }

    /// How the client authenticates.
    #[must_use]
    pub fn method(&self) -> AuthenticationMethod {
        self.0.proof.method()
    }

    /// The key that its tokens are bound to.
    #[must_use]
    pub fn bound_to(&self) -> Option<&Dpop> {
        self.0.dpop.as_ref()
    }

    /// The same registration, and a server that is met with these quirks too.
    pub(crate) fn admitting(&self, quirks: Quirks) -> Self {
        self.clone()
            .change(|registration| registration.server = registration.server.clone().admit_all(quirks))
    }

    /// The same registration under an identifier of its own.
    pub(crate) fn with_id(&self, id: &str) -> Self {
        self.clone().change(|registration| registration.id = id.to_owned())
    }

    pub(crate) fn secret_text(&self) -> Option<&str> {
        self.0.proof.secret()
    }

    /// Everything of the client's proof that a server must not get us to log.
    pub(crate) fn secret_texts(&self) -> impl Iterator<Item = &str> {
        self.secret_text().into_iter().chain(self.0.proof.basic_text())
    }

    pub(crate) fn apis(&self) -> &Apis {
        &self.0.apis
    }

    /// What writes this client's assertions, if it authenticates by them.
    pub(crate) fn assertions(&self) -> Option<&ClientAssertion> {
        match &self.0.proof {
            Authentication::Assertion(assertions) => Some(assertions),
            _ => None,
        }
    }

    /// Where this client finds one of the server's endpoints, other than the authorization endpoint.
    pub(crate) fn endpoint(&self, endpoint: Endpoint) -> Result<&Uri, Error> {
        let server = self.server();
        match server.mtls_alias_of(endpoint).filter(|_| self.0.has_certificate) {
            Some(alias) => server.require_admitted().map(|()| alias),
            None => server.require(endpoint),
        }
    }

    /// Whether the endpoint takes what this client shows (CA-3, CA-4, CA-6).
    pub(crate) fn require_accepted(&self, endpoint: Endpoint) -> Result<(), Error> {
        if self.0.has_certificate && self.endpoint(endpoint)?.scheme_str() != Some("https") {
            return Err(misuse_of(
                Rule::Ca6,
                "the client authenticates by its TLS certificate, and the endpoint is plain http: use the \
                 https endpoint",
            ));
        }
        self.server().require_method_at(endpoint, self.method())?;
        match self.assertions() {
            Some(assertions) => self.server().require_algorithm_at(endpoint, assertions.algorithm()),
            None => Ok(()),
        }
    }

    /// Whether [`post`](Self::post) puts `client_id` into the form.
    pub(crate) fn names_itself(&self) -> bool {
        !matches!(self.0.proof, Authentication::Basic { .. })
    }

    /// The bytes that this client adds to a form at most, encoded, without its JWTs.
    pub(crate) fn form_size(&self) -> usize {
        3 * (self.0.id.len() + self.secret_text().map_or(0, str::len))
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

    fn change(mut self, change: impl FnOnce(&mut Registration)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.0.id)
            .field("method", &self.method())
            .finish_non_exhaustive()
    }
}
