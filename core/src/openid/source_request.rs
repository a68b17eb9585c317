//! The claims that another source has, once the program wants them: [`ClaimSourceRequest`], [`SourcedClaims`] (OpenID Connect
//! Core §5.6.2).
//!
//! ```text
//!  program                                               source
//!     │ ClaimSourceRequest::new(source, its issuer, its keys)
//!     ├── GET endpoint, Authorization: its own token ──────▶│   only for distributed claims
//!     │◀─ 200 application/jwt ──────────────────────────────┤
//!     ├── GET its jwks_uri, if no key that is held fits ───▶│
//!     │ signed by that issuer ──▶ the claims that were listed, and no others
//! ```
//!
//! Longer than most files: the request and what it brings are one conversation.

use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, StatusCode, Uri};
use serde::Deserialize;
use serde_json::Value;

use crate::ground::error::{Error, malformed, misuse};
use crate::ground::flow::{Flow, Request, Response, Step};
use crate::ground::quirk::Quirks;
use crate::ground::refused::Refused;
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::identity::standard_claims::StandardClaims;
use crate::jose::claims::{Claims, ClaimsCheck};
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::jws::Verified;
use crate::jose::jwt_type::JwtType;
use crate::openid::elsewhere::{ClaimPlace, ClaimSource};
use crate::server::keys::{KeySearch, ServerKeys};
use crate::terms::secret::{AccessToken, sensitive_header};
use crate::wire::answer::is_type;
use crate::wire::json::{self, Object};
use crate::wire::places::Places;
use crate::wire::public_host::is_public_host;
use crate::wire::round::Round;
use crate::wire::uri;

/// How far the source's clock may be from ours.
const SKEW: Duration = Duration::from_secs(60);

/// A flow that gets the claims of another source, and verifies that the source said them.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// use valetkey_core::Error;
/// use valetkey_core::jose::VerificationKeys;
/// use valetkey_core::openid::{ClaimSourceRequest, UserInfo};
///
/// /// What the bank says, if UserInfo leaves something to it.
/// fn bank(info: &UserInfo, keys: VerificationKeys) -> Result<Option<ClaimSourceRequest>, Error> {
///     let source = info.elsewhere().iter().find(|source| source.claims().iter().any(|claim| claim == "address"));
///     source.map(|source| ClaimSourceRequest::new(source, "https://bank.example", keys)).transpose()
/// }
/// # let _ = bank;
/// # }
/// ```
pub struct ClaimSourceRequest {
    claims: Vec<String>,
    issuer: String,
    audience: Option<String>,
    search: KeySearch,
    state: State,
}

enum State {
    /// The claims are to be fetched.
    Fetching {
        endpoint: Uri,
        access_token: Option<AccessToken>,
        round: Round,
    },
    /// The JWT is there.
    Verifying(ReceivedJwt),
    Ended,
}

impl ClaimSourceRequest {
    /// Gets the claims of this source, which this issuer signs with these keys ([UI-11](crate::Rule::Ui11)): the program knows
    /// both. What UserInfo says of a source makes nobody trusted.
    ///
    /// A place to fetch from is a public host's, by its name: one that [resolves to a private
    /// address](crate::host::is_public_host) cannot be seen here.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [UI-12](crate::Rule::Ui12) if the claims are to be fetched, and the place is not an https URL of a
    /// public host without a fragment and a user; [ID-1](crate::Rule::Id1) to [ID-3](crate::Rule::Id3) if they are there, and
    /// are no signed JWT.
    pub fn new(source: &ClaimSource, issuer: &str, keys: impl Into<ServerKeys>) -> Result<Self, Error> {
        let state = match source.place() {
            ClaimPlace::Aggregated { jwt } => State::Verifying(ReceivedJwt::plain(jwt)?),
            ClaimPlace::Distributed { endpoint, access_token } => State::Fetching {
                endpoint: require_place(endpoint)?,
                access_token: access_token.clone(),
                round: Round::default(),
            },
        };
        Ok(Self {
            claims: source.claims().to_vec(),
            issuer: issuer.to_owned(),
            audience: None,
            search: keys.into().search(Quirks::STRICT),
            state,
        })
    }

    /// Also holds the claims to be for this audience. Sources sign them for the person's server, or for nobody in particular, so
    /// that this is not asked unless the program says so.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    fn advance(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<SourcedClaims>, Error> {
        match &mut self.state {
            State::Ended => Err(misuse("this flow has ended: make another")),
            State::Fetching { endpoint, access_token, round } => {
                let token = access_token.as_ref();
                let read = |response: Response, _| jwt(response, token, now);
                match round.step(response, now, || request(endpoint, token), read)? {
                    Step::Done(jwt) => {
                        self.state = State::Verifying(ReceivedJwt::plain(&jwt)?);
                        self.advance(None, now)
                    }
                    Step::Send(request) => Ok(Step::Send(request)),
                    Step::Wait(time) => Ok(Step::Wait(time)),
                }
            }
            State::Verifying(jwt) => match self.search.verify(jwt, JwtType::Generic, response, now)? {
                Step::Done(verified) => self.read(&verified, now).map(Step::Done),
                Step::Send(request) => Ok(Step::Send(request)),
                Step::Wait(time) => Ok(Step::Wait(time)),
            },
        }
    }

    fn read(&self, verified: &Verified, now: UnixTime) -> Result<SourcedClaims, Error> {
        let payload = verified.payload();
        let mut object = Object::read(payload)?;
        let places = Places::of(&object, payload);
        let is_listed =
            |(name, _): (&str, _)| self.claims.iter().any(|claim| claim == name).then(|| name.to_owned());
        let mut names: Vec<String> = object.members().filter_map(is_listed).collect();
        names.sort_unstable();
        let claims = Claims::registered(&mut object)?;
        if claims.issuer() != Some(&self.issuer) {
            let what = "the iss of the claims is not the source's issuer, as the program names it";
            return Err(malformed(Rule::Ui11, what));
        }
        let mut check = ClaimsCheck::at(now).leeway(SKEW);
        if let Some(audience) = &self.audience {
            check = check.audience(audience);
        }
        check.check(&claims)?;
        let payload = alone(&names, &places, payload)?;
        Ok(SourcedClaims { issuer: self.issuer.clone(), names, payload })
    }
}

/// An object of these claims alone, each as its source has written it.
fn alone(names: &[String], places: &Places, payload: &[u8]) -> Result<Vec<u8>, Error> {
    let mut object = vec![b'{'];
    for name in names {
        let Some(value) = places.text(payload, name)? else { continue };
        if object.len() > 1 {
            object.push(b',');
        }
        object.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
        object.push(b':');
        object.extend_from_slice(&value);
    }
    object.push(b'}');
    Ok(object)
}

impl Flow for ClaimSourceRequest {
    type Output = SourcedClaims;

    /// # Errors
    ///
    /// - [`Error::Refused`] if the source refuses;
    /// - [`Error::Malformed`]: [UI-12](crate::Rule::Ui12) if it redirects, or answers with another status than 200 or another
    ///   thing than `application/jwt`; [UI-11](crate::Rule::Ui11) if another issuer signed the claims; [ID-1](crate::Rule::Id1) to
    ///   [ID-10](crate::Rule::Id10), [ID-24](crate::Rule::Id24) or [JK-2](crate::Rule::Jk2) for a JWT that is not good;
    ///   [ID-12](crate::Rule::Id12), [ID-13](crate::Rule::Id13), [ID-14](crate::Rule::Id14) and [ID-25](crate::Rule::Id25) for its
    ///   times; whatever the fetch of the keys fails by;
    /// - [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<SourcedClaims>, Error> {
        let step = self.advance(response, now);
        // An answer to what was not asked is the program's mistake, and ends nothing.
        if !matches!(step, Ok(Step::Send(_) | Step::Wait(_)) | Err(Error::Misuse(_))) {
            self.state = State::Ended;
        }
        step
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        let goes_on = matches!(self.state, State::Verifying(_)) && self.search.unanswered(now);
        if !goes_on {
            self.state = State::Ended;
        }
        goes_on
    }
}

/// Where claims may be fetched ([UI-12](crate::Rule::Ui12)): the server that names the place must not send this program into
/// its own network.
fn require_place(endpoint: &str) -> Result<Uri, Error> {
    let place = uri::endpoint(endpoint, Quirks::STRICT).map_err(|_| {
        let what = "the endpoint of a source of claims is not an https URL without a fragment and a user";
        malformed(Rule::Ui12, what)
    })?;
    if place.host().is_some_and(is_public_host) {
        return Ok(place);
    }
    Err(malformed(Rule::Ui12, "the endpoint of a source of claims is at a host that is not public"))
}

fn request(endpoint: &Uri, token: Option<&AccessToken>) -> Result<Request, Error> {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = endpoint.clone();
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/jwt"));
    if let Some(token) = token {
        let header = sensitive_header(&["Bearer ", token.expose()])
            .ok_or_else(|| misuse("the access token has characters that a header cannot carry"))?;
        request.headers_mut().insert(AUTHORIZATION, header);
    }
    Ok(request)
}

/// The JWT in an answer.
fn jwt(response: Response, token: Option<&AccessToken>, now: UnixTime) -> Result<Wiped, Error> {
    let no = |what| Err(malformed(Rule::Ui12, what));
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let secrets: Vec<&str> = token.map(AccessToken::expose).into_iter().collect();
        return Err(Error::Refused(Box::new(Refused::read(&response, &secrets, now)?)));
    }
    if status != StatusCode::OK {
        return no(
            "the source of claims redirects, or answers with another status than 200: nothing is followed",
        );
    }
    if !is_type(response.headers(), "application/jwt") {
        return no("the source of claims answers with another content type than application/jwt");
    }
    match String::from_utf8(response.into_body()) {
        Ok(jwt) => Ok(Wiped::new(jwt)),
        Err(_) => no("the JWT of the source of claims is not text"),
    }
}

impl fmt::Debug for ClaimSourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimSourceRequest")
            .field("claims", &short::list(&self.claims))
            .field("issuer", &short::option(Some(&self.issuer)))
            .finish_non_exhaustive()
    }
}

/// The claims of another source, of those that were listed for it, each as the source has signed it. They are that source's
/// word and not the server's: about whom they are, only the server has said, by listing them.
///
/// Its `Debug` shows their names.
#[derive(Clone)]
pub struct SourcedClaims {
    issuer: String,
    names: Vec<String>,
    payload: Vec<u8>,
}

impl SourcedClaims {
    /// Who says so: the issuer that the program named.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The names of the claims that are there.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One of the claims, as a type of the caller's; `None` if the source has not said it, or it was not listed.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if it is of another type.
    pub fn claim<'de, T: Deserialize<'de>>(&'de self, name: &str) -> Result<Option<T>, Error> {
        json::member(&self.payload, name)
    }

    /// The claims in the types of OpenID Connect Core §5.1.
    #[must_use]
    pub fn standard_claims(&self) -> StandardClaims {
        StandardClaims::read(&self.payload, Quirks::STRICT)
    }
}

impl fmt::Debug for SourcedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourcedClaims")
            .field("issuer", &short::option(Some(&self.issuer)))
            .field("names", &short::list(&self.names))
            .finish()
    }
}
