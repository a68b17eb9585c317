//! Who issues tokens: [`AuthorizationServer`].

use http::Uri;

use crate::error::{Error, misuse, misuse_of};
use crate::{AuthenticationMethod, Quirk, Quirks, Rule, uri};

/// An authorization server as a client knows it: its endpoints and what it announced about itself.
///
/// ```
/// use valetkey_core::AuthorizationServer;
///
/// let server = AuthorizationServer::new()
///     .issuer("https://as.example")?
///     .authorization_endpoint("https://as.example/authorize")?
///     .token_endpoint("https://as.example/token")?;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// Issuer and endpoints are kept as the strings they came as, because OAuth compares them exactly.
#[derive(Clone, Debug, Default)]
pub struct AuthorizationServer {
    pub(crate) issuer: Option<String>,
    pub(crate) iss_advertised: bool,
    pub(crate) authorization_endpoint: Option<String>,
    pub(crate) token_endpoint: Option<Uri>,
    authentication_methods: Option<Vec<String>>,
    code_challenge_methods: Option<Vec<String>>,
    quirks: Quirks,
}

impl AuthorizationServer {
    /// A server of which nothing is known yet, to be met strictly.
    #[must_use]
    pub fn new() -> Self {
        Self { quirks: Quirks::STRICT, ..Self::default() }
    }

    /// Admits one departure from the RFCs. [`Quirk::LoopbackHttp`] is admitted before the endpoints are named.
    #[must_use]
    pub const fn admit(mut self, quirk: Quirk) -> Self {
        self.quirks = self.quirks.with(quirk);
        self
    }

    /// The issuer identifier (RFC 8414 §2): compared as this string with every `iss`.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DI-5) if it is no https URL, has a query or a fragment.
    pub fn issuer(mut self, issuer: &str) -> Result<Self, Error> {
        uri::endpoint(issuer, self.quirks)?;
        if issuer.contains('?') {
            return Err(misuse_of(Rule::Di5, "an issuer has a query"));
        }
        self.issuer = Some(issuer.to_owned());
        Ok(self)
    }

    /// Says that the server announces `iss` in its authorization responses
    /// (`authorization_response_iss_parameter_supported`, RFC 9207 §3): one without it is then refused (AR-3).
    #[must_use]
    pub const fn advertises_iss(mut self) -> Self {
        self.iss_advertised = true;
        self
    }

    /// The authorization endpoint (RFC 6749 §3.1): where the person's browser goes. A query of its own is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DI-5, AQ-6) if it is no https URL of plain characters, or has a fragment.
    pub fn authorization_endpoint(mut self, url: &str) -> Result<Self, Error> {
        uri::endpoint(url, self.quirks)?;
        self.authorization_endpoint = Some(url.to_owned());
        Ok(self)
    }

    /// The token endpoint (RFC 6749 §3.2).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DI-5, AQ-6), as for [`authorization_endpoint`](Self::authorization_endpoint).
    pub fn token_endpoint(mut self, url: &str) -> Result<Self, Error> {
        self.token_endpoint = Some(uri::endpoint(url, self.quirks)?);
        Ok(self)
    }

    /// The client authentication methods that the server announced
    /// (`token_endpoint_auth_methods_supported`). A client that authenticates otherwise is then refused (CA-3).
    #[must_use]
    pub fn authentication_methods<T: Into<String>>(mut self, methods: impl IntoIterator<Item = T>) -> Self {
        self.authentication_methods = Some(methods.into_iter().map(Into::into).collect());
        self
    }

    /// The PKCE methods that the server announced (`code_challenge_methods_supported`). A list without `S256` is
    /// refused when an authorization begins (AQ-3).
    #[must_use]
    pub fn code_challenge_methods<T: Into<String>>(mut self, methods: impl IntoIterator<Item = T>) -> Self {
        self.code_challenge_methods = Some(methods.into_iter().map(Into::into).collect());
        self
    }

    /// The departures that are admitted.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    pub(crate) fn require_authorization_endpoint(&self) -> Result<&str, Error> {
        self.authorization_endpoint
            .as_deref()
            .ok_or_else(|| misuse("the server has no authorization endpoint"))
    }

    pub(crate) fn require_token_endpoint(&self) -> Result<&Uri, Error> {
        self.token_endpoint.as_ref().ok_or_else(|| misuse("the server has no token endpoint"))
    }

    pub(crate) fn require_s256(&self) -> Result<(), Error> {
        match &self.code_challenge_methods {
            Some(methods) if !methods.iter().any(|method| method == "S256") => {
                Err(misuse_of(Rule::Aq3, "the server lists its PKCE methods, and S256 is not among them"))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn require_method(&self, method: AuthenticationMethod) -> Result<(), Error> {
        match &self.authentication_methods {
            Some(methods) if !methods.iter().any(|listed| listed == method.name()) => Err(misuse_of(
                Rule::Ca3,
                format!("the server does not list the client authentication method {}", method.name()),
            )),
            _ => Ok(()),
        }
    }
}
