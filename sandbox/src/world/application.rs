//! A registered client: [`Application`], and the flows that it may use.
//!
//! Longer than most files: each thing that an application may be registered for is a method.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::ground::jwe::EncryptedAnswers;
use crate::{Rights, SigningAlgorithm};

/// A way to get an access token that is switched on or off for each application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FlowKind {
    /// `response_type=code`, `grant_type=authorization_code`, and refresh tokens.
    AuthorizationCode,
    /// `grant_type=client_credentials`.
    ClientCredentials,
    /// `response_type=token`.
    Implicit,
    /// `grant_type=password`.
    Password,
    /// `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523), with [`Dialect::Standard`](crate::Dialect).
    JwtBearer,
    /// `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693), with
    /// [`Dialect::Standard`](crate::Dialect).
    TokenExchange,
    /// `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628), with [`Dialect::Standard`](crate::Dialect).
    Device,
}

/// An application as an administrator registers it.
#[derive(Clone)]
pub struct Application {
    pub(crate) client_id: String,
    pub(crate) name: String,
    pub(crate) secret: Option<String>,
    /// Whether the secret signs and is never sent.
    pub(crate) secret_signs: bool,
    /// The thumbprint of the certificate that it authenticates by.
    pub(crate) certificate: Option<String>,
    pub(crate) certificate_bound: bool,
    /// Public keys, each a JWK.
    pub(crate) keys: Vec<Value>,
    pub(crate) flows: BTreeSet<FlowKind>,
    pub(crate) redirect_uris: Vec<String>,
    /// Names that stand for redirect URIs, and where each leads.
    pub(crate) redirect_names: Vec<(String, String)>,
    pub(crate) require_pkce: bool,
    pub(crate) must_push: bool,
    pub(crate) must_sign: bool,
    pub(crate) must_prove_key: bool,
    /// What its ID tokens are signed by, if not by what the server signs by.
    pub(crate) id_tokens_by: Option<SigningAlgorithm>,
    /// Whether its ID tokens are signed by its secret.
    pub(crate) id_tokens_by_secret: bool,
    /// What its UserInfo is signed by; it is JSON otherwise.
    pub(crate) userinfo_by: Option<SigningAlgorithm>,
    /// What is encrypted to it.
    pub(crate) encrypted: EncryptedAnswers,
    pub(crate) allow_public_clients: bool,
    pub(crate) authorized: Rights,
    pub(crate) requested: Rights,
}

impl Application {
    /// An application that keeps a secret. As in Space, the Client Credentials and the Resource Owner Password flow
    /// are on from the start.
    #[must_use]
    pub fn confidential(client_id: &str, secret: &str) -> Self {
        let application = Self::public(client_id).flow(FlowKind::ClientCredentials);
        Self { secret: Some(secret.to_owned()), require_pkce: false, ..application }
    }

    /// An application that authenticates by signing (`private_key_jwt`, RFC 7523), with
    /// [`Dialect::Standard`](crate::Dialect): these are its public keys, a JWK set. Its flows are those of a
    /// confidential one.
    #[must_use]
    pub fn with_keys(client_id: &str, jwks: &Value) -> Self {
        let application = Self::public(client_id).flow(FlowKind::ClientCredentials);
        Self { require_pkce: false, ..application }.keys(jwks)
    }

    /// An application that authenticates by its certificate (`self_signed_tls_client_auth`, RFC 8705), with
    /// [`Dialect::Standard`](crate::Dialect); its tokens are bound to it. See
    /// [`CERTIFICATE_THUMBPRINT`](crate::CERTIFICATE_THUMBPRINT) for the text, and for how the sandbox learns of it.
    #[must_use]
    pub fn with_certificate(client_id: &str, thumbprint: &str) -> Self {
        let application = Self::public(client_id).flow(FlowKind::ClientCredentials).certificate_bound();
        Self { certificate: Some(thumbprint.to_owned()), require_pkce: false, ..application }
    }

    /// Binds tokens to whatever certificate the application shows (RFC 8705 §3), with
    /// [`Dialect::Standard`](crate::Dialect).
    #[must_use]
    pub const fn certificate_bound(mut self) -> Self {
        self.certificate_bound = true;
        self
    }

    /// Registers public keys, a JWK set: for what the application signs, and, with `"use":"enc"`, for what is encrypted to it.
    #[must_use]
    pub fn keys(mut self, jwks: &Value) -> Self {
        self.keys = jwks.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
        self
    }

    /// Has the secret sign assertions and never be sent (`client_secret_jwt`, RFC 7523), with
    /// [`Dialect::Standard`](crate::Dialect).
    #[must_use]
    pub const fn secret_signs(mut self) -> Self {
        self.secret_signs = true;
        self
    }

    /// An application that cannot keep a secret: a native or browser program. PKCE is required of it.
    #[must_use]
    pub fn public(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            name: client_id.to_owned(),
            secret: None,
            secret_signs: false,
            certificate: None,
            certificate_bound: false,
            keys: Vec::new(),
            flows: BTreeSet::from([FlowKind::Password]),
            redirect_uris: Vec::new(),
            redirect_names: Vec::new(),
            require_pkce: true,
            must_push: false,
            must_sign: false,
            must_prove_key: false,
            id_tokens_by: None,
            id_tokens_by_secret: false,
            userinfo_by: None,
            encrypted: EncryptedAnswers::default(),
            allow_public_clients: false,
            authorized: Rights::none(),
            requested: Rights::none(),
        }
    }

    /// Names the application as people read it; the client id otherwise.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Switches a flow on.
    #[must_use]
    pub fn flow(mut self, flow: FlowKind) -> Self {
        self.flows.insert(flow);
        self
    }

    /// Switches a flow off.
    #[must_use]
    pub fn without_flow(mut self, flow: FlowKind) -> Self {
        self.flows.remove(&flow);
        self
    }

    /// Registers a redirect URI. A request must name it exactly, except that a URI of `http://127.0.0.1`,
    /// `http://[::1]` or `http://localhost` matches with any port (RFC 8252 §7.3, and what many servers do beside it).
    ///
    /// A name (`postmessage`) or a URN (`urn:ietf:wg:oauth:2.0:oob`) leads a browser nowhere: the person is then shown a page
    /// with the parameters, to copy them.
    #[must_use]
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.redirect_uris.push(uri.to_owned());
        self
    }

    /// Registers a name that stands for a redirect URI, as eBay does: requests have the name, and the browser is sent to `url`.
    #[must_use]
    pub fn redirect_name(mut self, name: &str, url: &str) -> Self {
        self.redirect_names.push((name.to_owned(), url.to_owned()));
        self
    }

    /// Registers a path on both loopback addresses, with any port.
    #[must_use]
    pub fn loopback(self, path: &str) -> Self {
        self.redirect_uri(&format!("http://127.0.0.1{path}")).redirect_uri(&format!("http://[::1]{path}"))
    }

    /// Refuses an authorization request without a `code_challenge`.
    #[must_use]
    pub const fn require_pkce(mut self) -> Self {
        self.require_pkce = true;
        self
    }

    /// Refuses an authorization request that was not pushed (RFC 9126 §6), with
    /// [`Dialect::Standard`](crate::Dialect).
    #[must_use]
    pub const fn require_pushed(mut self) -> Self {
        self.must_push = true;
        self
    }

    /// Refuses an authorization request that is not signed by one of the [`keys`](Self::keys) (RFC 9101 §10.5), with
    /// [`Dialect::Standard`](crate::Dialect).
    #[must_use]
    pub const fn require_signed_request(mut self) -> Self {
        self.must_sign = true;
        self
    }

    /// Refuses a token request without a proof of possession (RFC 9449 §5.2), with
    /// [`Dialect::Standard`](crate::Dialect).
    #[must_use]
    pub const fn require_dpop(mut self) -> Self {
        self.must_prove_key = true;
        self
    }

    /// Has the application's ID tokens signed by an algorithm (`id_token_signed_response_alg`, OpenID Connect Registration §2);
    /// by [`Settings::signing_algorithm`](crate::Settings::signing_algorithm) otherwise.
    #[must_use]
    pub const fn id_token_algorithm(mut self, algorithm: SigningAlgorithm) -> Self {
        self.id_tokens_by = Some(algorithm);
        self
    }

    /// Has the application's ID tokens signed by HS256 with its secret, if it has one.
    #[must_use]
    pub const fn id_tokens_by_secret(mut self) -> Self {
        self.id_tokens_by_secret = true;
        self
    }

    /// Has UserInfo answered to the application as a JWT that is signed by an algorithm (`userinfo_signed_response_alg`, OpenID
    /// Connect Registration §2); as JSON otherwise.
    #[must_use]
    pub const fn userinfo_algorithm(mut self, algorithm: SigningAlgorithm) -> Self {
        self.userinfo_by = Some(algorithm);
        self
    }

    /// Lets a code that was bound by PKCE be exchanged without the secret ("allow public clients" in Space).
    #[must_use]
    pub const fn allow_public_clients(mut self) -> Self {
        self.allow_public_clients = true;
        self
    }

    /// The rights that the administrator granted to the application on its own behalf.
    #[must_use]
    pub fn authorized(mut self, rights: Rights) -> Self {
        self.authorized = rights;
        self
    }

    /// The rights that the application may ask a user for.
    #[must_use]
    pub fn may_request(mut self, rights: Rights) -> Self {
        self.requested = rights;
        self
    }

    /// Whether the application proves by a signature who it is.
    pub(crate) fn signs(&self) -> bool {
        let is_for_signatures = |jwk: &Value| jwk.get("use").is_none_or(|used| used != "enc");
        self.secret_signs || (self.secret.is_none() && self.keys.iter().any(is_for_signatures))
    }

    pub(crate) fn allows(&self, flow: FlowKind) -> bool {
        self.flows.contains(&flow)
    }

    /// Where a browser gets by a redirect URI, if anywhere.
    pub(crate) fn place_of(&self, redirect_uri: &str) -> Option<String> {
        let leads = redirect_uri.contains(':') && !redirect_uri.starts_with("urn:");
        self.named(redirect_uri).or(leads.then_some(redirect_uri)).map(str::to_owned)
    }

    fn named(&self, name: &str) -> Option<&str> {
        self.redirect_names.iter().find(|(known, _)| known == name).map(|(_, url)| url.as_str())
    }

    pub(crate) fn is_registered(&self, redirect_uri: &str) -> bool {
        self.named(redirect_uri).is_some()
            || self.redirect_uris.iter().any(|registered| {
                registered == redirect_uri
                    || loopback_path(registered).is_some_and(|path| Some(path) == loopback_path(redirect_uri))
            })
    }
}

/// The address and what follows the port of a loopback redirect URI: two that agree in both match.
fn loopback_path(uri: &str) -> Option<(&'static str, &str)> {
    let (address, rest) = ["http://127.0.0.1", "http://[::1]", "http://localhost"]
        .into_iter()
        .find_map(|address| Some((address, uri.strip_prefix(address)?)))?;
    let path = match rest.strip_prefix(':') {
        None => rest,
        Some(rest) => {
            let path = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            rest.strip_suffix(path)?.parse::<u16>().ok()?;
            path
        }
    };
    (path.is_empty() || path.starts_with('/')).then_some((address, path))
}

/// Without the secret.
impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("client_id", &self.client_id)
            .field("confidential", &self.secret.is_some())
            .field("flows", &self.flows)
            .field("redirect_uris", &self.redirect_uris)
            .finish_non_exhaustive()
    }
}
