//! The registered program: [`Client`].

mod accepted;
pub(crate) mod adjust;
pub(crate) mod adjusted;
mod adjusting;
pub(crate) mod apis;
pub(crate) mod assertion;
pub(crate) mod assertion_writer;
pub(crate) mod authenticated;
pub(crate) mod authentication;
mod decrypting;
pub(crate) mod dpop;
pub(crate) mod encrypted;
mod fitting;
mod form_request;
pub(crate) mod held;
pub(crate) mod id_tokens;
pub(crate) mod jwts;
pub(crate) mod late;
pub(crate) mod post;
mod profiled;
pub(crate) mod registered;
mod requirements;
pub(crate) mod secret_source;
pub(crate) mod security_profile;

pub use crate::client::adjust::Adjust;
pub use crate::client::adjusted::{AdjustedAnswer, AdjustedRequest};
pub use crate::client::assertion::{CLIENT_ASSERTION_TYPE, ClientAssertion};
pub use crate::client::secret_source::SecretSource;
pub use crate::client::security_profile::SecurityProfile;
pub use crate::ground::authentication_method::AuthenticationMethod;

use std::fmt;
use std::sync::Arc;

use http::Uri;

use crate::client::adjust::Adjusting;
use crate::client::apis::Apis;
use crate::client::authentication::Authentication;
use crate::client::dpop::Dpop;
use crate::client::encrypted::Encrypted;
use crate::client::id_tokens::IdTokens;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::Error;
use crate::ground::quirk::Quirks;
use crate::server::AuthorizationServer;

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
    /// What changes its token requests, and their answers.
    adjust: Option<Adjusting>,
    id_tokens: IdTokens,
    encrypted: Encrypted,
    /// What it is held to as a whole.
    profile: Option<SecurityProfile>,
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
            adjust: None,
            id_tokens: IdTokens::default(),
            encrypted: Encrypted::default(),
            profile: None,
        }))
    }

    /// The HTTP client presents a TLS certificate at the authorization server and at the APIs: the tokens may be bound to it
    /// (RFC 8705 §3), a public client's too, or those of one that authenticates otherwise. Requests go to the endpoints that
    /// the server names for such clients (`mtls_endpoint_aliases`, RFC 8705 §5), where it does, and always over TLS
    /// ([CA-6](crate::Rule::Ca6)).
    ///
    /// Core has no part in TLS. The program gives the certificate to its HTTP client.
    #[must_use]
    pub fn with_certificate(self) -> Self {
        self.change(|registration| registration.has_certificate = true)
    }

    /// Names an API that takes this client's access tokens, by any URL of it: they go to its origin (scheme, host and port)
    /// and to no other ([WA-5](crate::Rule::Wa5)). May be called for several.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)) if it is not an https URL.
    pub fn api(self, url: &str) -> Result<Self, Error> {
        let quirks = self.server().quirks();
        let apis = self.0.apis.clone().and(url, quirks)?.admitting(quirks);
        Ok(self.change(|registration| registration.apis = apis))
    }

    /// Refuses a server or an API under plain http that is not admitted. Each request is held to this anyway; this is for a
    /// program that wants to tell its user at once, before anything is asked.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)) if a URL of its server or of its APIs is plain http on loopback, and
    /// [`Quirk::LoopbackHttp`](crate::Quirk::LoopbackHttp) is not admitted.
    pub fn require_admitted(&self) -> Result<(), Error> {
        self.server().require_admitted()?;
        self.0.apis.require_admitted()
    }

    /// Binds its tokens to a key (RFC 9449): its token requests carry proofs, and only tokens of the type DPoP are taken
    /// ([TR-7](crate::Rule::Tr7)). In the place of an earlier key.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DP-2](crate::Rule::Dp2)) if the server lists algorithms for proofs
    /// (`dpop_signing_alg_values_supported`) without the key's.
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

    /// Whether it proves who it is: nothing does for a public client, nor an empty secret.
    pub(crate) fn is_confidential(&self) -> bool {
        match &self.0.proof {
            Authentication::None => false,
            Authentication::Basic { secret, .. } | Authentication::Post { secret } => {
                !secret.expose().is_empty()
            }
            Authentication::Assertion(_)
            | Authentication::AssertionsFrom(_)
            | Authentication::PostLate(_)
            | Authentication::Certificate(_) => true,
        }
    }

    /// Whether its authorizations have a code challenge ([AQ-3](crate::Rule::Aq3)).
    pub(crate) fn is_challenged(&self) -> Result<bool, Error> {
        self.server().challenges(self.is_confidential())
    }

    /// The key that its tokens are bound to.
    #[must_use]
    pub fn bound_to(&self) -> Option<&Dpop> {
        self.0.dpop.as_ref()
    }

    /// The same registration, and a server and APIs that are met with these quirks too.
    pub(crate) fn admitting(&self, quirks: Quirks) -> Self {
        self.clone().change(|registration| {
            registration.server = registration.server.clone().admit_all(quirks);
            registration.apis = registration.apis.clone().admitting(registration.server.quirks());
        })
    }

    /// The same registration under an identifier of its own.
    pub(crate) fn with_id(&self, id: &str) -> Self {
        self.clone().change(|registration| registration.id = id.to_owned())
    }

    /// Whether the HTTP client shows a certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        self.0.has_certificate
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
        if self.0.has_certificate {
            server.require_usable_alias(endpoint)?;
        }
        match server.mtls_alias_of(endpoint).filter(|_| self.0.has_certificate) {
            Some(alias) => server.require_admitted().map(|()| alias),
            None => server.require(endpoint),
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

    fn change(mut self, change: impl FnOnce(&mut Registration)) -> Self {
        change(self.registration());
        self
    }

    /// A function of its own, for what is large in it, the copy of all, would be compiled into each that changes something.
    #[inline(never)]
    fn registration(&mut self) -> &mut Registration {
        Arc::make_mut(&mut self.0)
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
