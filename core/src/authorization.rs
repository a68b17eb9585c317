//! The Authorization Code flow's front half (RFC 6749 §4.1, with PKCE of RFC 7636 always).
//!
//! ```text
//!  program                     browser                      authorization server
//!     │ AuthorizationRequest::begin                                  │
//!     ├── BrowserUrl ────────────▶├── GET /authorize?…state…challenge ▶│
//!     │ (PendingAuthorization     │        the person logs in and says yes
//!     │  stays at home)           │◀─ 302 redirect_uri?code…state ─────┤
//!     │◀─ AuthorizationResponse ──┤                                    │
//!     │ PendingAuthorization::finish: iss, state, session, code        │
//!     └── TokenRequest ── POST /token code, verifier ─────────────────▶│
//! ```

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use form_urlencoded::Serializer;
use serde::{Deserialize, Serialize};

use crate::error::{Error, malformed, misuse_of};
use crate::redirect::{AuthorizationResponse, Expected, digest, require_bounded, require_no_token};
use crate::secret::{AuthorizationCode, State, exposed};
use crate::version::Version;
use crate::{
    AuthorizationDetails, BrowserUrl, Checks, Client, CodeVerifier, Dpop, Entropy, Grant, Resource,
    ResponseMode, Rule, Scope, TokenRequest, UnixTime, parameters, uri,
};

/// How long a person may take at the server unless the program says otherwise.
const VALID_FOR: Duration = Duration::from_secs(10 * 60);

/// The parameters that a program cannot set by itself: the library sends them, or must not be made to.
const RESERVED: [&str; 17] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "request",
    "request_uri",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "username",
    "password",
];

/// A request for a person's authorization, by the code flow: prepared once, begun as often as people come.
///
/// ```
/// use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Entropy, UnixTime};
///
/// let server = AuthorizationServer::new()
///     .authorization_endpoint("https://as.example/authorize")?
///     .token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3");
/// let request = AuthorizationRequest::new(&client, "https://app.example/callback")?.scope("profile".parse()?);
///
/// # let entropy = || Entropy::from_seed([7; 32]);
/// # let now = UnixTime::from_secs(1_700_000_000);
/// let (url, pending) = request.begin(&entropy(), now)?;
/// // Send the browser to `url`; keep `pending` (it serializes) until the browser comes back.
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    pub(crate) front: FrontChannel,
}

impl AuthorizationRequest {
    /// A request that answers to `redirect_uri`, which is compared exactly and must be registered at the server.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (AQ-8) if the redirect URI is relative, has a fragment, or is neither https, nor http on
    /// loopback, nor of a private-use scheme.
    pub fn new(client: &Client, redirect_uri: impl Into<String>) -> Result<Self, Error> {
        FrontChannel::new(client, redirect_uri.into(), "code", ResponseMode::Query)
            .map(|front| Self { front })
    }

    /// What is asked for (RFC 6749 §3.3). Without it, the server's default.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.front = self.front.scope(scope);
        self
    }

    /// Where the response's parameters are to come; [`ResponseMode::Query`] unless said.
    #[must_use]
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.front = self.front.response_mode(mode);
        self
    }

    /// A further parameter, one of the server's own for example. One that has a method here is held to its rules.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (AQ-6) if the library sends it itself, or it was set before; what its method refuses.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Result<Self, Error> {
        self.front = self.front.parameter(name.into(), value.into())?;
        Ok(self)
    }

    /// How long the person may take; ten minutes unless said (AR-13).
    #[must_use]
    pub fn valid_for(mut self, time: Duration) -> Self {
        self.front = self.front.valid_for(time);
        self
    }

    /// Begins one authorization: the URL for the browser, and what stays at home until it comes back.
    ///
    /// `entropy` must be fresh for every call: `state` and the PKCE verifier come from it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no authorization endpoint, or lists PKCE methods without S256 (AQ-3).
    pub fn begin(
        &self,
        entropy: &Entropy,
        now: UnixTime,
    ) -> Result<(BrowserUrl, PendingAuthorization), Error> {
        self.start(entropy, now, None)
    }

    /// The same, bound to the web session (or whatever names its holder) in which it begins: the response must then
    /// be [`received_in`](AuthorizationResponse::received_in) that session (AR-14). A web application should always
    /// bind; a program with one user has nothing to bind to.
    ///
    /// # Errors
    ///
    /// As for [`begin`](Self::begin).
    pub fn begin_in(
        &self,
        session: &str,
        entropy: &Entropy,
        now: UnixTime,
    ) -> Result<(BrowserUrl, PendingAuthorization), Error> {
        self.start(entropy, now, Some(digest(session)))
    }

    fn start(
        &self,
        entropy: &Entropy,
        now: UnixTime,
        session: Option<String>,
    ) -> Result<(BrowserUrl, PendingAuthorization), Error> {
        self.front.client.server().require_s256()?;
        let verifier = CodeVerifier::generate(entropy);
        let (url, expected) = self.front.begin(
            entropy,
            now,
            session,
            &[("code_challenge", &verifier.challenge()), ("code_challenge_method", "S256")],
        )?;
        let details = self.front.values("authorization_details").next();
        let pending = PendingAuthorization {
            version: Version,
            expected,
            verifier,
            scope: self.front.scope.clone(),
            resources: self.front.values("resource").map(Resource::new).collect::<Result<_, _>>()?,
            details: details.map(AuthorizationDetails::parse).transpose()?,
            dpop_jkt: self.front.client.bound_to().map(|key| key.thumbprint().to_owned()),
        };
        Ok((url, pending))
    }
}

/// What stays at home while the person is at the server: plain data that expires, is used once, and serializes.
///
/// The JSON form is versioned and has these members: `version` (1), `client_id`, `issuer`, `token_endpoint`,
/// `redirect_uri`, `response_mode`, `state`, `expires_at` (milliseconds since 1970), `session` (a digest), `spent`,
/// `code_verifier`, `scope`, `resources` (a list), `authorization_details` (JSON in a string), `dpop_jkt` (the thumbprint of the client's key). It holds secrets: keep it on the server side, or encrypted and authenticated.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingAuthorization {
    version: Version,
    #[serde(flatten)]
    expected: Expected,
    #[serde(rename = "code_verifier", with = "exposed")]
    verifier: CodeVerifier,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<Resource>,
    #[serde(default, rename = "authorization_details", skip_serializing_if = "Option::is_none")]
    details: Option<AuthorizationDetails>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dpop_jkt: Option<String>,
}

impl PendingAuthorization {
    /// Checks the response, and turns its code into the request for tokens. This is the only way to one.
    ///
    /// A response that is not proven to be the server's (wrong place, `iss`, `state` or session) changes nothing: the
    /// right one may still come. Any other outcome uses the pending authorization up (AR-12).
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`] for whatever breaks AR-1 to AR-11, or arrived in another session (AR-14);
    /// - [`Error::Refused`] if the server or the person said no;
    /// - [`Error::AuthorizationRequired`] if it came too late (AR-13);
    /// - [`Error::Misuse`] if this was used before (AR-12), is another client's (TR-17), is bound to a session and none
    ///   was given (AR-14), or named another key than the client has (DP-8).
    pub fn finish(
        &mut self,
        client: &Client,
        response: &AuthorizationResponse,
        now: UnixTime,
    ) -> Result<TokenRequest, Error> {
        if self.dpop_jkt.is_some() && self.dpop_jkt.as_deref() != client.bound_to().map(Dpop::thumbprint) {
            return Err(misuse_of(Rule::Dp8, "the client's key is another than the one its request named"));
        }
        let parameters = self.expected.admit(client, response, now)?;
        require_no_token(&parameters)?;
        self.expected.checks.pass(Rule::Ar9);
        let code = parameters
            .get("code")
            .ok_or_else(|| malformed(Rule::Ar7, "the response has neither a code nor an error"))?;
        self.expected.checks.pass(Rule::Ar7);
        require_bounded(code)?;
        let code = AuthorizationCode::admit(code.to_owned())?;
        self.expected.checks.pass(Rule::Ar8);
        let mut grant = Grant::authorization_code(&code, &self.expected.redirect_uri, &self.verifier);
        if let Some(scope) = &self.scope {
            grant = grant.scope(scope.clone());
        }
        grant = self.resources.iter().fold(grant, Grant::resource);
        if let Some(details) = &self.details {
            grant = grant.expecting_details(details.clone());
        }
        TokenRequest::new(client, grant)
    }

    /// Whether the response answers this request, so that a receiver knows what to keep waiting for. The checks are
    /// [`finish`](Self::finish)'s.
    #[must_use]
    pub fn recognizes(&self, response: &AuthorizationResponse) -> bool {
        self.expected.recognizes(response)
    }

    /// Whether it has been used up.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.expected.is_spent()
    }

    /// The checks that the response of the last [`finish`](Self::finish) passed, whether it then failed or not; none
    /// before it.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.expected.checks
    }

    /// Where the response is to arrive.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.expected.redirect_uri
    }

    /// Where in it the response's parameters are to be.
    #[must_use]
    pub const fn response_mode(&self) -> ResponseMode {
        self.expected.response_mode
    }

    /// `state`, under which a web application may store this value.
    #[must_use]
    pub fn state(&self) -> &str {
        self.expected.state.expose()
    }
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingAuthorization")
            .field("redirect_uri", &self.redirect_uri())
            .field("scope", &self.scope)
            .field("is_spent", &self.is_spent())
            .finish_non_exhaustive()
    }
}

/// A request through the browser, whatever it asks for: shared with the implicit request.
#[derive(Clone)]
pub(crate) struct FrontChannel {
    pub(crate) client: Client,
    redirect_uri: String,
    response_type: &'static str,
    usual_mode: ResponseMode,
    mode: ResponseMode,
    pub(crate) scope: Option<Scope>,
    parameters: Vec<(String, String)>,
    valid_for: Duration,
    /// Everything of the URL that is the same each time, encoded once.
    prepared: OnceLock<String>,
}

impl FrontChannel {
    pub(crate) fn new(
        client: &Client,
        redirect_uri: String,
        response_type: &'static str,
        mode: ResponseMode,
    ) -> Result<Self, Error> {
        uri::redirect_uri(&redirect_uri)?;
        Ok(Self {
            client: client.clone(),
            redirect_uri,
            response_type,
            usual_mode: mode,
            mode,
            scope: None,
            parameters: Vec::new(),
            valid_for: VALID_FOR,
            prepared: OnceLock::new(),
        })
    }

    pub(crate) fn scope(self, scope: Scope) -> Self {
        Self { scope: Some(scope), prepared: OnceLock::new(), ..self }
    }

    pub(crate) fn response_mode(self, mode: ResponseMode) -> Self {
        Self { mode, prepared: OnceLock::new(), ..self }
    }

    pub(crate) fn valid_for(self, valid_for: Duration) -> Self {
        Self { valid_for, ..self }
    }

    /// A parameter that the library sets for a server it knows, in the place of an earlier value.
    pub(crate) fn known_parameter(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        Self { prepared: OnceLock::new(), ..self }
    }

    /// One more value of a parameter that may have several: `resource` (RFC 8707 §2).
    pub(crate) fn repeated_parameter(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        Self { prepared: OnceLock::new(), ..self }
    }

    /// What was set under this name.
    fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn parameter(mut self, name: String, value: String) -> Result<Self, Error> {
        parameters::require(&name, &value)?;
        if RESERVED.contains(&name.as_str()) || self.parameters.iter().any(|(known, _)| *known == name) {
            return Err(misuse_of(
                Rule::Aq6,
                format!("the parameter {name:?} is the library's own, or was set before"),
            ));
        }
        self.parameters.push((name, value));
        Ok(Self { prepared: OnceLock::new(), ..self })
    }

    pub(crate) fn begin(
        &self,
        entropy: &Entropy,
        now: UnixTime,
        session: Option<String>,
        own: &[(&str, &str)],
    ) -> Result<(BrowserUrl, Expected), Error> {
        let prepared = match self.prepared.get() {
            Some(prepared) => prepared,
            None => {
                let prepared = self.prepare()?;
                self.prepared.get_or_init(|| prepared)
            }
        };
        let state = State::admit(entropy.text("state"))?;
        let mut url = String::with_capacity(prepared.len() + 192);
        url.push_str(prepared);
        // The prepared part ends within the query, so that a pair is appended after an `&`.
        let start = url.len();
        let mut query = Serializer::for_suffix(url, start.saturating_sub(1));
        query.append_pair("state", state.expose());
        for (name, value) in own {
            query.append_pair(name, value);
        }
        let expected =
            Expected::new(&self.client, &self.redirect_uri, self.mode, state, session, now, self.valid_for);
        Ok((BrowserUrl::joined(query.finish()), expected))
    }

    fn prepare(&self) -> Result<String, Error> {
        let endpoint = self.client.server().require_authorization_endpoint()?;
        // The endpoint's own query stays, and none of its parameters may be one of ours (AQ-6).
        let own = endpoint.split_once('?').map(|(_, query)| query);
        for (name, _) in form_urlencoded::parse(own.unwrap_or_default().as_bytes()) {
            if RESERVED.contains(&&*name) || self.parameters.iter().any(|(known, _)| *known == name) {
                return Err(misuse_of(
                    Rule::Aq6,
                    "the authorization endpoint has a parameter in its query that the request has too",
                ));
            }
        }
        let mut url = String::with_capacity(endpoint.len() + 256);
        url.push_str(endpoint);
        match own {
            None => url.push('?'),
            Some(own) if own.is_empty() || own.ends_with('&') => {}
            Some(_) => url.push('&'),
        }
        let start = url.len();
        let mut query = Serializer::for_suffix(url, start);
        query.append_pair("response_type", self.response_type);
        query.append_pair("client_id", self.client.id());
        query.append_pair("redirect_uri", &self.redirect_uri);
        if self.mode != self.usual_mode {
            query.append_pair("response_mode", self.mode.name());
        }
        if let Some(scope) = &self.scope {
            query.append_pair("scope", scope.as_str());
        }
        // The code is then of no use without the key (RFC 9449 §10).
        if let Some(key) = self.client.bound_to() {
            query.append_pair("dpop_jkt", key.thumbprint());
        }
        query.extend_pairs(&self.parameters);
        Ok(query.finish())
    }
}

/// Without the program's own parameters: an `id_token_hint` is one.
impl fmt::Debug for FrontChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontChannel")
            .field("client", &self.client)
            .field("redirect_uri", &self.redirect_uri)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
