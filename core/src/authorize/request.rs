//! The Authorization Code flow's front half (RFC 6749 §4.1, with PKCE of RFC 7636).
//!
//! ```text
//!  program                     browser                      authorization server
//!     │ AuthorizationRequest::begin                                  │
//!     ├── BrowserUrl ────────────▶├── GET /authorize?…state…challenge ▶│
//!     │ (PendingAuthorization     │        the person logs in and says yes
//!     │  is kept)                 │◀─ 302 redirect_uri?code…state ─────┤
//!     │◀─ AuthorizationResponse ──┤                                    │
//!     │ PendingAuthorization::finish: iss, state, session, code        │
//!     └── TokenRequest ── POST /token code, verifier ─────────────────▶│
//! ```

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::authorize::expected::Expected;
use crate::authorize::front_channel::{Carried, FrontChannel, Own};
use crate::authorize::pending::{Kept, PendingAuthorization};
use crate::authorize::response::session_digest;
use crate::client::Client;
use crate::client::security_profile::SecurityProfile;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::response_mode::ResponseMode;
use crate::ground::response_type::ResponseType;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::identity::asked::Asked;
use crate::identity::verifiable::is_login;
use crate::terms::access::asks;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::code_verifier::CodeVerifier;
use crate::terms::parameter::taken;
use crate::terms::resource::Resource;
use crate::terms::secret::State;
use crate::wire::uri::BrowserUrl;
use crate::wire::version::Version;

/// A request for a person's authorization, by the code flow: prepared once, begun as often as people come.
///
/// ```
/// use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Entropy, UnixTime};
///
/// let server = AuthorizationServer::new()
///     .authorization_endpoint("https://as.example/authorize")?
///     .token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3");
/// let request = AuthorizationRequest::new(&client, "https://app.example/callback")?.scope("profile")?;
///
/// # let entropy = || Entropy::from_seed([7; 32]);
/// # let now = UnixTime::from_secs(1_700_000_000);
/// let (url, pending) = request.begin("the value of the session cookie", entropy(), now)?;
/// // Send the browser to `url`; keep `pending` until the browser comes back.
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    pub(crate) front: FrontChannel,
    pub(crate) response_type: ResponseType,
    /// Whether an ID token that comes through the browser must have the hash of `state`.
    pub(crate) needs_s_hash: bool,
}

asks!(AuthorizationRequest.front);

impl AuthorizationRequest {
    /// A request that answers to `redirect_uri`, which is compared exactly and must be registered at the server.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-8](crate::Rule::Aq8)) if the redirect URI is relative, has a fragment, or is neither https,
    /// nor http on loopback, nor of a private-use scheme with a dot in it. What else a server has registered, a name or another
    /// scheme, is admitted by [`Quirk::UnusualRedirectUri`](crate::Quirk::UnusualRedirectUri). If the
    /// [profile](Client::security_profile) of the client wants signed requests, what [`signed`](Self::signed) refuses of its key.
    pub fn new(client: &Client, redirect_uri: impl Into<String>) -> Result<Self, Error> {
        let mut front = FrontChannel::new(client, redirect_uri.into(), "code", ResponseMode::Query)?;
        let departure = match client.is_challenged() {
            Ok(false) => Some(Quirk::NoCodeChallenge),
            Ok(true) => client.server().challenges_in_hex.then_some(Quirk::HexCodeChallenge),
            // `begin` refuses it.
            Err(_) => None,
        };
        front.quirks = departure.into_iter().fold(front.quirks, Quirks::with);
        let needs_s_hash = client.held_to() == Some(SecurityProfile::Fapi1Advanced);
        let request = Self { front, response_type: ResponseType::Code, needs_s_hash };
        match client.request_signer() {
            None => Ok(request),
            Some(signer) => request.signed(signer),
        }
    }

    /// Where the response's parameters are to come, and whether the server is to sign them; [`ResponseMode::Query`]
    /// by default, and for a [response type](Self::response_type) with an ID token a form or a fragment. A signed response is
    /// [opened](PendingAuthorization::open) before it is finished. A [profile](Client::security_profile) that wants signed
    /// responses has [`ResponseMode::Jwt`] for a default.
    #[must_use]
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.front = self.front.response_mode(mode);
        self
    }

    /// How long the user may take; ten minutes by default ([AR-13](crate::Rule::Ar13)).
    #[must_use]
    pub fn valid_for(mut self, time: Duration) -> Self {
        self.front = self.front.valid_for(time);
        self
    }

    /// Pushes the request (RFC 9126) also to a server that takes others: [`start`](Self::start) then does, and
    /// [`begin`](Self::begin) is refused ([AQ-14](crate::Rule::Aq14)). A [profile](Client::security_profile) of FAPI 2.0 wants it
    /// without this.
    #[must_use]
    pub fn pushed(mut self) -> Self {
        self.front.pushed = true;
        self
    }

    /// Names the client's DPoP key by its thumbprint alone (`dpop_jkt`) in a [pushed](Self::push) request, without a proof of it: a
    /// server may take either (RFC 9449 §10.1), and some take no proof there. The code is bound to the key all the same.
    #[must_use]
    pub fn key_by_thumbprint(mut self) -> Self {
        self.front.key_by_thumbprint = true;
        self
    }

    /// Begins one authorization, for the session of the browser that will come back: the URL for the browser, and what stays
    /// behind until it does. The response must then be [`received_in`](crate::AuthorizationResponse::received_in) that
    /// session ([AR-14](crate::Rule::Ar14)): without it, somebody who sends a person a callback URL of their own logs that
    /// person in as themselves, and one who reads a callback URL in a log finishes it.
    ///
    /// `session` is what the browser brings with each request and nobody can guess: the value of its session cookie. A
    /// digest of it is kept. The example of [`StoredAuthorization`](crate::authorize::StoredAuthorization) shows both
    /// requests. `state`, the PKCE verifier and, with the scope `openid`, the `nonce` come from `entropy`, which is used up: one
    /// seed is one conversation.
    ///
    /// # Errors
    ///
    /// - for a login, with the scope `openid`: [`Error::Misuse`] if the issuer ([ID-9](crate::Rule::Id9)) or the keys
    ///   ([ID-8](crate::Rule::Id8)) of the server are not known, and [`Error::Malformed`] ([DI-11](crate::Rule::Di11)) if its
    ///   metadata are not those of an OpenID provider;
    /// - [`Error::Misuse`] if the server has no authorization endpoint, lists PKCE methods without S256
    ///   ([AQ-3](crate::Rule::Aq3); for a client that has a secret, [`Quirk::NoCodeChallenge`] admits it), takes pushed or signed requests only and this is neither, or it is to be
    ///   [pushed](Self::pushed) ([AQ-14](crate::Rule::Aq14)), or is to sign its response and its issuer is not known
    ///   ([JM-2](crate::Rule::Jm2)), or lists its response modes (`response_modes_supported`) without the one that is asked for
    ///   ([AR-11](crate::Rule::Ar11)); if the key that [signs](Self::signed) the request answers later, or the key of the
    ///   server's that it is [encrypted](Self::encrypted) with is not held ([AQ-29](crate::Rule::Aq29)): [`start`](Self::start)
    ///   waits and fetches;
    /// - [`Error::Misuse`] if claims are asked for and the metadata of the server do not announce that it takes them
    ///   ([AQ-22](crate::Rule::Aq22)), or a [response type](Self::response_type) with an ID token cannot be
    ///   ([AQ-15](crate::Rule::Aq15), [AQ-16](crate::Rule::Aq16)), or `acr` is asked for in two ways ([AQ-23](crate::Rule::Aq23)); and for parameters that
    ///   were set by their names, what [`prompt`](Self::prompt) and [`id_token_hint`](Self::id_token_hint) refuse;
    /// - [`Error::Misuse`] if the [profile](Client::security_profile) of the client wants another request, a pushed one above all
    ///   ([FA-1](crate::Rule::Fa1), [FA-2](crate::Rule::Fa2), [FA-4](crate::Rule::Fa4)).
    pub fn begin(
        &self,
        session: &str,
        entropy: Entropy,
        now: UnixTime,
    ) -> Result<(BrowserUrl, PendingAuthorization), Error> {
        self.through_browser(entropy, now, Some(session_digest(session)?))
    }

    /// The same without a session, for a program with one user who waits in front of it: nothing but `state` ties the
    /// response to this request. A web application uses [`begin`](Self::begin).
    ///
    /// # Errors
    ///
    /// As for [`begin`](Self::begin).
    pub fn begin_unbound(
        &self,
        entropy: Entropy,
        now: UnixTime,
    ) -> Result<(BrowserUrl, PendingAuthorization), Error> {
        self.through_browser(entropy, now, None)
    }

    pub(crate) fn through_browser(
        &self,
        entropy: Entropy,
        now: UnixTime,
        session: Option<String>,
    ) -> Result<(BrowserUrl, PendingAuthorization), Error> {
        if self.front.pushed {
            return Err(misuse_of(
                Rule::Aq14,
                "the request is to be pushed: use `start` in the place of `begin`",
            ));
        }
        let (carried, pending) = self.carried(&entropy, now, session)?;
        Ok((self.front.url_of(carried, now)?, pending))
    }

    /// What goes through the browser, of which an object is yet to be made, and what the program keeps.
    pub(crate) fn carried(
        &self,
        entropy: &Entropy,
        now: UnixTime,
        session: Option<String>,
    ) -> Result<(Carried, PendingAuthorization), Error> {
        self.front.require_profile(false)?;
        let (state, verifier) = self.fresh(entropy)?;
        let challenge = verifier.as_ref().map(|verifier| self.front.client.server().challenge_of(verifier));
        let login = self.login(entropy, now)?;
        let own = own(challenge.as_deref(), login.as_ref());
        let (carried, expected) = self.front.carried(state, entropy, now, session, &own)?;
        Ok((carried, self.pending(expected, verifier, login)?))
    }

    /// A fresh `state` and a fresh verifier; no verifier for a request without a challenge.
    pub(crate) fn fresh(&self, entropy: &Entropy) -> Result<(State, Option<CodeVerifier>), Error> {
        let is_challenged = self.response_type.has_code() && self.front.client.is_challenged()?;
        let (state, verifier) = entropy.two("authorization");
        let state = State::admit(URL_SAFE_NO_PAD.encode(*state))?;
        Ok((state, is_challenged.then(|| CodeVerifier::of_bytes(verifier))))
    }

    /// What the login is asked for, if it is one whose ID token will be verified.
    pub(crate) fn login(&self, entropy: &Entropy, now: UnixTime) -> Result<Option<Asked>, Error> {
        self.require_type()?;
        if !is_login(&self.front.client, self.front.scope.as_ref())? {
            return Ok(None);
        }
        if self.front.value("nonce").is_some() {
            return Err(taken("nonce"));
        }
        let asked = Asked::now(entropy, now, |name| self.front.value(name))?;
        let limits = self.front.client.server().limits();
        let repeated =
            limits.filter_map(|name| Some((name.to_owned(), self.front.value(name)?.into_owned())));
        Ok(Some(Asked { s_hash: self.needs_s_hash, repeated: repeated.collect(), ..asked }))
    }

    /// What the program keeps.
    pub(crate) fn pending(
        &self,
        expected: Expected,
        verifier: Option<CodeVerifier>,
        login: Option<Asked>,
    ) -> Result<PendingAuthorization, Error> {
        let details = self.front.values("authorization_details").next();
        let kept = Kept {
            version: Version,
            expected,
            verifier,
            scope: self.front.scope.clone(),
            resources: self.front.values("resource").map(Resource::new).collect::<Result<_, _>>()?,
            details: details.map(AuthorizationDetails::parse).transpose()?,
            audience: self.front.values("audience").next().map(str::to_owned),
            login,
            response_type: self.response_type,
            request_expires_at: None,
            dpop_jkt: self.front.client.bound_to().map(|key| key.thumbprint().to_owned()),
        };
        Ok(PendingAuthorization { kept })
    }

    /// What departs from the RFCs in the request and was let through, by name:
    /// [`UnusualRedirectUri`](crate::Quirk::UnusualRedirectUri), if it is admitted and was needed;
    /// [`NoCodeChallenge`](crate::Quirk::NoCodeChallenge), if it goes without a challenge;
    /// [`HexCodeChallenge`](crate::Quirk::HexCodeChallenge), if that is in hexadecimal.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.front.quirks
    }

    /// The client that asks.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.front.client
    }
}

/// The parameters that differ each time, beside `state`.
pub(crate) fn own<'a>(challenge: Option<&'a str>, login: Option<&'a Asked>) -> Own<'a> {
    let nonce = login.and_then(|login| login.nonce.as_ref()).map(|nonce| ("nonce", nonce.expose()));
    let method = challenge.map(|_| ("code_challenge_method", "S256"));
    [nonce, challenge.map(|challenge| ("code_challenge", challenge)), method]
}
