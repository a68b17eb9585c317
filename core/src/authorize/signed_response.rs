//! A signed authorization response: as a whole (JARM: JWT Secured Authorization Response Mode), or by the ID token in it
//! (OpenID Connect Core §3.3.2.8): [`SignedResponse`].
//!
//! ```text
//!  program                     browser                      authorization server
//!     ├── BrowserUrl ────────────▶├── GET /authorize?…response_mode=jwt ▶│
//!     │◀─ redirect_uri?response=JWT ◀────────────────────────────────┤
//!     │ PendingAuthorization::open                                   │
//!     │ decrypted, if the client is registered for that              │
//!     ├── GET jwks_uri, if no key that is held fits ────────────────▶│
//!     │◀─ 200 {"keys": […]} ─────────────────────────────────────────┤
//!     │ the response, its signature verified
//!     │ PendingAuthorization::finish: iss, aud, exp, then state, code │
//! ```
//!
//! No round or one. What it ends with is still a response, which nothing but `finish` reads.

use std::fmt;

use crate::authorize::expected::Expected;
use crate::authorize::opened::{Opened, TYPE, claims, parameters};
use crate::authorize::response::AuthorizationResponse;
use crate::client::Client;
use crate::client::encrypted::Message;
use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::response_type::ResponseType;
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::identity::asked::Asked;
use crate::identity::verification::IdTokenVerification;
use crate::jose::claims::Claims;
use crate::jose::jwe::received::ReceivedJwt;
use crate::server::AuthorizationServer;
use crate::server::keys::KeySearch;
use crate::terms::secret::{AuthorizationCode, IdToken};

/// A flow that verifies what is signed of an authorization response, with the
/// [keys of its server](crate::AuthorizationServer::keys), which it fetches if need be: all of it, or the ID token in it, which has
/// to be this login's whole and that of the code beside it ([AR-18](crate::Rule::Ar18)). A response of a request that asked
/// for neither is handed back as it is, so that a program may open whatever comes.
///
/// Made by [`PendingAuthorization::open`](crate::PendingAuthorization::open); its output is for
/// [`PendingAuthorization::finish`](crate::PendingAuthorization::finish).
pub struct SignedResponse {
    response: AuthorizationResponse,
    /// The ID token that is to be in it.
    wanted: Option<Box<Wanted>>,
    state: State,
}

enum State {
    Plain,
    Signed(Box<Opening>),
    /// Its ID token is being verified.
    Proving(Box<IdTokenVerification>),
    Ended,
}

/// What the ID token of a response is held to.
struct Wanted {
    client: Client,
    expected: Expected,
    asked: Asked,
    response_type: ResponseType,
}

/// What is opened, and with what.
struct Opening {
    jwt: ReceivedJwt,
    server: AuthorizationServer,
    issuer: String,
    search: KeySearch,
}

impl SignedResponse {
    pub(crate) fn new(
        expected: &Expected,
        client: &Client,
        response: &AuthorizationResponse,
    ) -> Result<Self, Error> {
        expected.require_client(client)?;
        let (parameters, _) = expected.require_mode(client.server(), response)?;
        let state = match parameters.get("response").filter(|_| expected.response_mode.is_signed()) {
            None => State::Plain,
            Some(jwt) => {
                let jwt = client.opened(Message::AuthorizationResponse, jwt)?;
                let server = client.server();
                let (Some(issuer), Some(keys)) = (&server.issuer, &server.keys) else {
                    return Err(misuse_of(
                        Rule::Jm1,
                        "a signed response needs a server whose issuer and keys are known: discover the \
                         server, and fetch its keys by `ServerKeys`",
                    ));
                };
                State::Signed(Box::new(Opening {
                    jwt,
                    server: server.clone(),
                    issuer: issuer.clone(),
                    search: keys.search(server.quirks()),
                }))
            }
        };
        Ok(Self { response: response.clone(), wanted: None, state })
    }

    /// The same for a response in which an ID token was asked for.
    pub(crate) fn with_id_token(
        self,
        client: &Client,
        expected: &Expected,
        asked: &Asked,
        response_type: ResponseType,
    ) -> Self {
        let (client, expected, asked) = (client.clone(), expected.clone(), asked.clone());
        Self { wanted: Some(Box::new(Wanted { client, expected, asked, response_type })), ..self }
    }

    fn advance(
        &mut self,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<Step<AuthorizationResponse>, Error> {
        match &mut self.state {
            State::Ended => return Err(misuse("the signed response has been opened already")),
            State::Plain if response.is_some() => {
                return Err(misuse("an answer came that no request was for: step with `None`"));
            }
            State::Plain => {}
            State::Signed(opening) => match opening.step(response, now)? {
                Step::Done(opened) => self.response.opened = Some(Box::new(opened)),
                Step::Send(request) => return Ok(Step::Send(request)),
                Step::Wait(time) => return Ok(Step::Wait(time)),
            },
            State::Proving(verification) => match verification.step(response, now)? {
                Step::Done(login) => {
                    self.response.login = Some(Box::new(login));
                    return Ok(Step::Done(self.response.clone()));
                }
                Step::Send(request) => return Ok(Step::Send(request)),
                Step::Wait(time) => return Ok(Step::Wait(time)),
            },
        }
        let verification = match &self.wanted {
            Some(wanted) => wanted.verification(&self.response, now)?,
            None => None,
        };
        let Some(verification) = verification else { return Ok(Step::Done(self.response.clone())) };
        self.state = State::Proving(Box::new(verification));
        self.advance(None, now)
    }
}

impl Wanted {
    /// The verification of the ID token in a response that is the server's answer to this request. `None` if it has no ID
    /// token that is to be looked at: `finish` says what that means.
    fn verification(
        &self,
        response: &AuthorizationResponse,
        now: UnixTime,
    ) -> Result<Option<IdTokenVerification>, Error> {
        let parameters = self.expected.clone().proven(&self.client, response, true, now)?;
        let token = parameters.get("id_token").filter(|_| parameters.get("error").is_none());
        let Some(token) = token else { return Ok(None) };
        let token = IdToken::admit(token.to_owned())?;
        let code = parameters.get(self.client.server().code_name()).filter(|_| self.response_type.has_code());
        let code = code.map(AuthorizationCode::admit).transpose()?;
        let state = self.expected.state.clone();
        let verification = IdTokenVerification::of_front_channel(&self.client, &token, state)?;
        Ok(Some(verification.asked(self.asked.clone()).beside_code(code)))
    }
}

impl Flow for SignedResponse {
    type Output = AuthorizationResponse;

    /// # Errors
    ///
    /// - [`Error::Malformed`]: [ID-4](crate::Rule::Id4) if the algorithm was not agreed on, `none` above all;
    ///   [ID-24](crate::Rule::Id24) if the JWT is of another type than `JWT`; [ID-6](crate::Rule::Id6) or
    ///   [JK-2](crate::Rule::Jk2) if no key fits, [ID-7](crate::Rule::Id7) or [ID-8](crate::Rule::Id8) if the signature is
    ///   not the key's; [TR-2](crate::Rule::Tr2) if the claims are not one strict JSON object, or have one twice, which
    ///   [`Quirk::RepeatedClaim`](crate::Quirk::RepeatedClaim) admits of one value; [ID-9](crate::Rule::Id9), [ID-10](crate::Rule::Id10),
    ///   [ID-25](crate::Rule::Id25) or [AR-8](crate::Rule::Ar8) for claims of a wrong type; whatever the fetch of the keys
    ///   fails by;
    /// - if an ID token was asked for, what [`finish`](crate::PendingAuthorization::finish) says of a response that is not proven to be
    ///   the server's; and what [`IdTokenVerification`] says of the ID token, with [ID-20](crate::Rule::Id20) for another `c_hash`,
    ///   [ID-40](crate::Rule::Id40) for none, and [ID-41](crate::Rule::Id41) for another `s_hash`, or for none where it was
    ///   [required](crate::AuthorizationRequest::require_s_hash);
    /// - [`Error::Refused`] if the server refuses its keys;
    /// - [`Error::Misuse`] after the end.
    fn step(
        &mut self,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<Step<AuthorizationResponse>, Error> {
        let step = self.advance(response, now);
        // An answer to what was not asked is the program's mistake, and ends nothing.
        if !matches!(step, Ok(Step::Send(_) | Step::Wait(_)) | Err(Error::Misuse(_))) {
            self.state = State::Ended;
        }
        step
    }

    /// Goes on if keys are held that are not too old.
    fn unanswered(&mut self, now: UnixTime) -> bool {
        let goes_on = match &mut self.state {
            State::Signed(opening) => opening.search.unanswered(now),
            State::Proving(verification) => verification.unanswered(now),
            State::Plain | State::Ended => false,
        };
        if !goes_on {
            self.state = State::Ended;
        }
        goes_on
    }
}

/// Shows nothing of the response.
impl fmt::Debug for SignedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedResponse")
            .field("is_signed", &matches!(self.state, State::Signed(_)))
            .field("has_id_token", &self.wanted.is_some())
            .finish_non_exhaustive()
    }
}

impl Opening {
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Opened>, Error> {
        let verified = match self.search.verify(&mut self.jwt, TYPE, response, now)? {
            Step::Done(verified) => verified,
            Step::Send(request) => return Ok(Step::Send(request)),
            Step::Wait(time) => return Ok(Step::Wait(time)),
        };
        let (mut claims, quirks) = claims(verified.payload(), self.server.quirks())?;
        let parameters = parameters(&claims, self.server.code_name());
        let mut checks = Checks::NONE;
        self.jwt.pass(&mut checks);
        verified.pass(&mut checks);
        checks.pass(Rule::Jm1);
        Ok(Step::Done(Opened {
            claims: Claims::registered(&mut claims)?,
            parameters: parameters?,
            verified_for: self.issuer.clone(),
            verified: checks,
            quirks,
        }))
    }
}
