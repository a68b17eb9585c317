//! How the authorization server behaves when it behaves: [`Settings`].

use std::time::Duration;

use crate::SigningAlgorithm;

/// The behaviour that servers may choose within the protocol. What breaks the protocol is a
/// [`Misbehaviour`](crate::Misbehaviour).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whose paths and answers to imitate.
    pub dialect: Dialect,
    /// How long an access token is good; 600 seconds, as Space documents. Answered in whole seconds.
    pub access_token_lifetime: Duration,
    /// How long an authorization code is good; 60 seconds.
    pub code_lifetime: Duration,
    /// Whether a refresh token is replaced when it is used.
    pub rotation: Rotation,
    /// How the two halves of Basic client authentication are encoded.
    pub basic_encoding: BasicEncoding,
    /// The parameter in which a client names itself, in the browser and in every form; `client_id`. Where it is another, as
    /// TikTok's `client_key`, `client_id` is a parameter that nobody knows.
    pub client_id_name: String,
    /// Whether a public client must name itself by Basic with an empty secret; no, its name in the body is enough.
    pub public_clients_by_basic: bool,
    /// Whether every authorization request must be pushed (RFC 9126); no, for [`Dialect::Standard`] alone.
    pub require_pushed: bool,
    /// Whether a pushed request may have a proof of possession; yes. Otherwise it is refused, and the key is named by `dpop_jkt`
    /// alone: RFC 9449 §10.1 lets a client do either.
    pub pushed_proofs: bool,
    /// What the server signs by; ES256. Its key set has a key for each algorithm.
    pub signing_algorithm: SigningAlgorithm,
    /// Whom a client's assertion must be addressed to (RFC 7523 §3); the issuer.
    pub assertion_audience: AssertionAudience,
    /// How long a nonce for proofs of possession is good, if proofs need one (RFC 9449 §8, §9); they need none. Each
    /// is accepted for twice as long, and the server's are not the API's.
    pub dpop_nonces: Option<Duration>,
    /// How the API wants users to have logged in (RFC 9470): by one of these, `pwd` or `mfa`; in any way if it is
    /// `None`. For [`Dialect::Standard`] alone.
    pub api_acr_values: Option<String>,
    /// How long ago users may have logged in for the API (RFC 9470), in whole seconds; ever. For
    /// [`Dialect::Standard`] alone.
    pub api_max_age: Option<Duration>,
    /// The right that an access token must have to ask for introspection by (RFC 7662 §2.1), in the place of the client's
    /// authentication; clients authenticate.
    pub introspection_right: Option<String>,
    /// The status by which the API says that a token is no good: 401. Any other comes without a challenge, as from APIs that say it
    /// by 400 or 403.
    pub bad_token_status: u16,
    /// Where the endpoints are for clients that show a certificate, as `https://host` (RFC 8705 §5), if it is not the
    /// issuer's origin.
    pub mtls_origin: Option<String>,
    /// How long a person has to approve a device; 600 seconds.
    pub device_code_lifetime: Duration,
    /// How long a device waits between its questions, in whole seconds; 5.
    pub device_interval: Duration,
    /// The issuer to name in authorization responses as `iss` (RFC 9207), if any. With [`Dialect::Standard`] it
    /// also has metadata, found by it; its endpoints are all at its origin, whatever its path.
    pub issuer: Option<String>,
    /// The origins, such as `https://app.example`, whose pages may call the endpoints and the API from a browser (CORS):
    /// none. Each is compared to the letter, so that `*` allows nothing. They may read `DPoP-Nonce`, `WWW-Authenticate` and
    /// `Retry-After`, and send no cookie. The authorization endpoint is never among them (RFC 9700 §2.6).
    pub allowed_origins: Vec<String>,
    /// The user whose name and password the login form comes filled in with, as a browser that remembers them would do
    /// it; for demonstrations, where nobody should have to type. None.
    pub filled_in: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialect: Dialect::Space,
            access_token_lifetime: Duration::from_secs(600),
            code_lifetime: Duration::from_secs(60),
            require_pushed: false,
            pushed_proofs: true,
            client_id_name: "client_id".to_owned(),
            public_clients_by_basic: false,
            introspection_right: None,
            signing_algorithm: SigningAlgorithm::Es256,
            assertion_audience: AssertionAudience::Issuer,
            dpop_nonces: None,
            api_acr_values: None,
            api_max_age: None,
            bad_token_status: 401,
            mtls_origin: None,
            device_code_lifetime: Duration::from_secs(600),
            device_interval: Duration::from_secs(5),
            rotation: Rotation::Off,
            basic_encoding: BasicEncoding::FormUrlencoded,
            issuer: None,
            allowed_origins: Vec::new(),
            filled_in: None,
        }
    }
}

impl Settings {
    /// Whether to speak what came after RFC 6749: [`Dialect::Standard`] does.
    pub(crate) fn modern(&self) -> bool {
        self.dialect == Dialect::Standard
    }

    /// The issuer, where its metadata is published.
    pub(crate) fn published_issuer(&self) -> Option<&str> {
        self.issuer.as_deref().filter(|_| self.modern())
    }

    /// Scheme, host and port of the issuer, where every endpoint is.
    pub(crate) fn origin(&self) -> Option<&str> {
        let issuer = self.published_issuer()?;
        let start = issuer.find("://")?.checked_add(3)?;
        let end = issuer.get(start..)?.find('/').map_or(issuer.len(), |at| start.saturating_add(at));
        issuer.get(..end)
    }

    /// The issuer's path, without a slash at its end.
    pub(crate) fn issuer_path(&self) -> Option<&str> {
        let path = self.published_issuer()?.strip_prefix(self.origin()?)?;
        Some(path.strip_suffix('/').unwrap_or(path))
    }
}

/// A family of authorization servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// JetBrains Space as its documentation shows it: a token response of exactly `access_token`, `expires_in` and,
    /// if `access_type=offline` was asked for, `refresh_token`. `scope` is required wherever a user grants it.
    Space,
    /// RFC 6749: `token_type` and `scope` are answered, a missing `scope` means all that the application may ask
    /// for, and a user's grant comes with a refresh token unless `access_type=online` declines it. With it comes
    /// what followed that RFC: see the table in the [crate's documentation](crate#todays-oauth).
    Standard,
    /// JetBrains Hub and YouTrack: Space's answers at Hub's paths.
    Hub,
}

impl Dialect {
    /// The path of the authorization endpoint.
    #[must_use]
    pub const fn authorization_path(self) -> &'static str {
        match self {
            Self::Space | Self::Standard => "/oauth/auth",
            Self::Hub => "/api/rest/oauth2/auth",
        }
    }

    /// The path of the token endpoint.
    #[must_use]
    pub const fn token_path(self) -> &'static str {
        match self {
            Self::Space | Self::Standard => "/oauth/token",
            Self::Hub => "/api/rest/oauth2/token",
        }
    }
}

/// What becomes of a refresh token when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// It stays good, and no refresh token is answered.
    Off,
    /// A new one is answered, and the old one is refused from then on.
    On,
    /// As [`On`](Self::On), and a used one that comes back revokes everything that was issued with it: the grant is
    /// taken for stolen.
    DetectReuse {
        /// How long after its first use a refresh token may be used again, for an answer that was lost.
        grace: Duration,
    },
}

/// How `client_id` and `client_secret` are written into an `Authorization: Basic` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BasicEncoding {
    /// Each is form-urlencoded first (RFC 6749 §2.3.1).
    FormUrlencoded,
    /// Each is percent-encoded first: a space is `%20` alone, and a plus sign is one.
    Percent,
    /// Each is taken as it is, as JetBrains' own SDKs send it.
    Raw,
}

/// The `aud` of a client assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssertionAudience {
    /// The issuer, as a single string and no array (FAPI 2.0 Security Profile §5.3.3.1).
    Issuer,
    /// The URL of the token endpoint, whichever endpoint is asked, alone or in an array: what servers wanted before.
    TokenEndpoint,
}
