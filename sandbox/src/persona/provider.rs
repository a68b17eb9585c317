//! A server of a [`Persona`], with a client registered: [`Provider`].

use std::fmt;
use std::sync::OnceLock;

use http::{Method, StatusCode, Uri};
use serde_json::{Value, json};
use valetkey_core::server::{Endpoint, Profile};
use valetkey_core::{Request, Response, UnixTime};

use super::kind::{Persona, Revoked, Said};
use crate::ground::answer;
use crate::ground::bounded::Bounded;
use crate::ground::keys::{Claims, SigningKeys};
use crate::ground::parameters::Parameters;
use crate::ground::random::Random;

/// How many refusals are kept.
const MAX_REFUSALS: usize = 256;

/// A code that was issued, and what is compared when it comes back.
pub(crate) struct Code {
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) is_offline: bool,
    /// What an ID token answers, if one was asked for.
    pub(crate) login: Option<LoginAsked>,
    pub(crate) is_used: bool,
}

/// A login that was asked for.
#[derive(Clone, Default)]
pub(crate) struct LoginAsked {
    pub(crate) nonce: Option<String>,
}

/// A device that waits.
pub(crate) struct Waiting {
    pub(crate) user_code: String,
    pub(crate) is_offline: bool,
    pub(crate) is_login: bool,
    /// What the person said.
    pub(crate) decision: Option<bool>,
}

/// A much-used server as its documentation describes it, Sans-IO: [`answer`](Self::answer) takes a request and gives the
/// response. One client is registered, with a secret; one person is asked, and says yes until told otherwise.
///
/// ```
/// use valetkey_sandbox::{Persona, Provider};
///
/// let github = Persona::named("github").expect("a persona of that name");
/// let mut provider = Provider::new(&github, [7; 32]);
/// provider.deny_next();
/// assert_eq!(provider.token_requests(), 0);
/// ```
pub struct Provider {
    pub(crate) persona: Persona,
    pub(crate) random: Random,
    endpoints: Vec<(Endpoint, String)>,
    client_id: String,
    client_secret: String,
    pub(crate) denies: bool,
    pub(crate) codes: Bounded<Code>,
    /// By device code.
    pub(crate) devices: Bounded<Waiting>,
    /// The tokens that are good, and whether they are of a login.
    pub(crate) access: Bounded<bool>,
    pub(crate) refresh: Bounded<bool>,
    /// Made when they are first needed: that takes longer than most tests.
    pub(crate) keys: OnceLock<SigningKeys>,
    /// What ID tokens say otherwise than the documentation has it.
    pub(crate) otherwise: Claims,
    /// Whether a person has logged in before.
    pub(crate) is_known: bool,
    pub(crate) now: UnixTime,
    pub(crate) token_requests: usize,
    pub(crate) refusals: Vec<String>,
}

impl Provider {
    /// A server, whose secrets are those of the seed.
    #[must_use]
    pub fn new(persona: &Persona, seed: [u8; 32]) -> Self {
        let mut random = Random::from_seed(seed);
        let named = persona.endpoints.iter().map(|(endpoint, url)| (*endpoint, (*url).to_owned()));
        let mut endpoints: Vec<_> = named.chain(Self::device_endpoint(persona)).collect();
        if let Some(server) = Profile::named(persona.name).and_then(Profile::server) {
            let urls =
                Endpoint::ALL.iter().filter_map(|endpoint| Some((*endpoint, server.url_of(*endpoint)?)));
            endpoints.extend(urls);
        }
        Self {
            persona: *persona,
            endpoints,
            client_id: random.draw("client"),
            client_secret: random.draw("secret"),
            random,
            denies: false,
            codes: Bounded::new(),
            devices: Bounded::new(),
            access: Bounded::new(),
            refresh: Bounded::new(),
            keys: OnceLock::new(),
            otherwise: Claims::new(),
            is_known: false,
            now: UnixTime::default(),
            token_requests: 0,
            refusals: Vec::new(),
        }
    }

    /// The identifier of the client that is registered.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The secret of the client.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The person says no, once.
    pub const fn deny_next(&mut self) {
        self.denies = true;
    }

    /// The access tokens that were issued are no good any more.
    pub fn end_access_tokens(&mut self) {
        self.access = Bounded::new();
    }

    /// The refresh tokens that were issued are no good any more: the person took back what was allowed.
    pub fn end_refresh_tokens(&mut self) {
        self.refresh = Bounded::new();
    }

    /// How many requests the token endpoint had.
    #[must_use]
    pub const fn token_requests(&self) -> usize {
        self.token_requests
    }

    /// What was refused for the client's fault, in words, the oldest first: a missing parameter, a wrong secret, a code that
    /// was used. No secret is in it.
    #[must_use]
    pub fn refusals(&self) -> &[String] {
        &self.refusals
    }

    /// Answers a request. Total: whatever comes, there is an answer.
    pub fn answer(&mut self, request: &Request, now: UnixTime) -> Response {
        self.now = now;
        let Some(place) = place(request.uri()) else { return nothing() };
        if let Some(named) = self.named(&place).filter(|_| request.method() == Method::GET) {
            return self.metadata(named);
        }
        let endpoint = self.endpoints.iter().find(|(_, url)| url.split('?').next() == Some(&*place));
        let endpoint = endpoint.map(|(endpoint, _)| *endpoint);
        if endpoint != Some(Endpoint::Userinfo) && self.persona.api.split('?').next() == Some(&place) {
            return self.api(request);
        }
        match endpoint {
            Some(Endpoint::Jwks) => self.jwks(),
            Some(Endpoint::Userinfo) => self.userinfo(request),
            Some(Endpoint::Authorization) => self.authorization(request),
            Some(Endpoint::DeviceAuthorization) => match self.persona.devices() {
                Some(devices) => self.device_authorization(request, devices),
                None => nothing(),
            },
            Some(Endpoint::Token) => self.token(request),
            Some(Endpoint::Revocation) if !matches!(self.persona.revocation, Revoked::Otherwise(..)) => {
                self.revocation(request)
            }
            _ => nothing(),
        }
    }

    /// Refuses what a client did wrong, in the words of RFC 6749, and notes why.
    pub(crate) fn refuse(&mut self, status: StatusCode, error: &str, why: &str) -> Response {
        self.note(why);
        answer::error(status, error, why)
    }

    /// Notes what was wrong; the first of them are kept.
    pub(crate) fn note(&mut self, why: &str) {
        if self.refusals.len() < MAX_REFUSALS {
            self.refusals.push(why.to_owned());
        }
    }

    /// The issuer that the metadata at this place name, if there are any (RFC 8414 §3.1, OpenID Connect Discovery §4.1).
    fn named(&self, place: &str) -> Option<&'static str> {
        let own = self.persona.issuer.map(|issuer| (issuer, issuer));
        let mut documents = own.into_iter().chain(self.persona.naming.iter().copied());
        let is_here = |issuer: &str| {
            place == format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
        };
        documents.find(|(issuer, _)| is_here(issuer)).map(|(_, named)| named)
    }

    fn metadata(&self, named: &str) -> Response {
        let own = [
            ("issuer", json!(named)),
            ("response_types_supported", json!(["code"])),
            ("subject_types_supported", json!(["public"])),
            ("id_token_signing_alg_values_supported", json!(["RS256"])),
        ];
        let endpoints = self.endpoints.iter().map(|(endpoint, url)| (endpoint.name(), json!(url)));
        let members = own.into_iter().chain(endpoints).map(|(name, value)| (name.to_owned(), value));
        answer::json(StatusCode::OK, &Value::Object(members.collect()))
    }
}

/// What a documentation shows, as an answer.
pub(crate) fn said(Said(status, kind, body): Said) -> Response {
    let mut response = http::Response::new(body.as_bytes().to_vec());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer::set(&mut response, http::header::CONTENT_TYPE, kind);
    answer::set(&mut response, http::header::CACHE_CONTROL, "no-store");
    response
}

/// The form of a request, read strictly.
pub(crate) fn form(request: &Request) -> Option<Parameters> {
    let kind = request.headers().get(http::header::CONTENT_TYPE)?.to_str().ok()?;
    let (form, verdict) = Parameters::read(request.body());
    (request.method() == Method::POST
        && kind.starts_with("application/x-www-form-urlencoded")
        && verdict.is_ok())
    .then_some(form)
}

fn nothing() -> Response {
    answer::error(StatusCode::NOT_FOUND, "not-found", "There is nothing here")
}

/// Where a request goes, without its query.
fn place(uri: &Uri) -> Option<String> {
    Some(format!("{}://{}{}", uri.scheme_str()?, uri.authority()?, uri.path()))
}

/// Without a secret.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.persona.name)
            .field("token_requests", &self.token_requests)
            .finish_non_exhaustive()
    }
}
