//! One POST to an endpoint of the authorization server, authenticated by its client, and the answer: [`Post`].
//!
//! ```text
//!  New ──▶ its JWTs are written ──▶ Signing ──▶ all are signed ──▶ Sent ──▶ the answer ──▶ Ended
//!                                    │   ▲                         │  ▲
//!                                    └───┘ wait: a key answers     └──┘ asked again: the same bytes; the server wants
//!                                          later                         a nonce in the proof, once: new JWTs
//! ```
//!
//! Every endpoint that knows clients is spoken to through this one type, so a client authenticates alike at all of them.
//! The form is built anew whenever it is asked for; what must not change between two askings, the JWTs, is kept. A request
//! that is sent a second time is a new one: its JWTs are dropped, and others are written.

use std::mem;
use std::sync::Arc;

use form_urlencoded::Serializer;
use http::StatusCode;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::client::adjust::secrets_of;
use crate::client::adjusted::{SHORTEST, Secrets};
use crate::client::dpop::audience::Audience;
use crate::client::dpop::demand::is_demand;
use crate::client::form_request::with_token;
use crate::client::jwts::Jwts;
use crate::client::late::Late;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Response, Step};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::refused::Refused;
use crate::ground::time::UnixTime;
use crate::jose::signer::Signed;
use crate::terms::secret::AccessToken;
use crate::wire::encoding;

/// A form on its way to one endpoint.
pub(crate) struct Post {
    client: Client,
    endpoint: Endpoint,
    /// What authorizes it in the place of the client's own authentication.
    bearer: Option<AccessToken>,
    /// Parameters that are made for each request.
    late: Vec<Late>,
    /// What the program put into what was sent, if it changed that.
    adjusted: Option<Secrets>,
    /// Whether it was repeated with another nonce.
    proven_anew: bool,
    /// Whether it carries no proof of the client's key.
    unproven: bool,
    state: State,
}

enum State {
    New,
    /// A key has not answered yet.
    Signing(Jwts),
    /// The request was handed out, first at this time.
    Sent(UnixTime, Jwts),
    /// It was answered, or no answer came.
    Ended,
    /// A key failed, and nothing was sent.
    Failed,
}

/// What went with a request, for the code that reads its answer.
pub(crate) struct Sent<'a> {
    pub(crate) client: &'a Client,
    bearer: Option<&'a AccessToken>,
    endpoint: Endpoint,
    /// When the request was first handed out.
    pub(crate) at: UnixTime,
    /// What the program put into it.
    put: &'a [Zeroizing<String>],
    /// Whether the program changed it, or its answer.
    is_adjusted: bool,
    jwts: &'a Jwts,
}

impl Sent<'_> {
    /// The refusal in an endpoint's answer, without the token and the client's secrets, should the server echo them.
    pub(crate) fn refusal(&self, response: &Response, token: Option<&str>, now: UnixTime) -> Error {
        let secrets: Vec<&str> = token.into_iter().chain(self.secrets()).collect();
        match Refused::read(response, &secrets, now) {
            Ok(refused) => Error::Refused(Box::new(self.told(refused))),
            Err(malformed) => malformed,
        }
    }

    /// The refusal with where it came from, what it means, and what may have been the matter.
    pub(crate) fn told(&self, refused: Refused) -> Refused {
        let mut refused = self.client.server().told(refused, self.endpoint);
        let unknown = refused.meant().map_or_else(
            || matches!(refused.status(), Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)),
            |code| code == "invalid_client",
        );
        if unknown {
            refused.admitted_by = self.client.differently_written();
        }
        refused
    }

    /// The answer as it is read, once the program has changed it.
    fn adjust(
        &mut self,
        response: Response,
        form: impl Fn(usize) -> Serializer<'static, String>,
    ) -> Result<Response, Error> {
        let response = encoding::unpacked(response)?;
        let hidden = || -> Secrets {
            let own = secrets_of(Zeroizing::new(form(0).finish()).as_bytes());
            own.into_iter().chain(self.secrets().map(|secret| Zeroizing::new(secret.to_owned()))).collect()
        };
        let (response, is_adjusted) = self.client.adjust_answer(self.endpoint, response, &hidden)?;
        self.is_adjusted |= is_adjusted;
        Ok(response)
    }

    /// What of the client's a server must not get us to log.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let bearer = self.bearer.map(AccessToken::expose);
        let put = self.put.iter().map(|value| value.as_str());
        // A shorter value is no secret, and is in every other word.
        let put = put.filter(|value| value.len() >= SHORTEST);
        self.client.secret_texts().chain(self.jwts.texts()).chain(bearer).chain(put)
    }

    /// These quirks, and that the program changed the request or the answer, if it did.
    pub(crate) const fn and_adjusted(&self, quirks: Quirks) -> Quirks {
        if self.is_adjusted { quirks.with(Quirk::Adjusted) } else { quirks }
    }
}

impl Post {
    /// Prepares a POST, with the client's secret where the endpoint takes it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no such endpoint, or lists how clients authenticate there without this one's
    /// method ([CA-3](crate::Rule::Ca3)) or algorithm ([CA-4](crate::Rule::Ca4)).
    pub(crate) fn new(client: &Client, endpoint: Endpoint) -> Result<Self, Error> {
        client.require_profile(Some(endpoint))?;
        client.endpoint(endpoint)?;
        let client = client.fitting(endpoint)?;
        client.require_accepted(endpoint)?;
        Ok(Self::prepared(client, endpoint, None))
    }

    /// Prepares a POST that an access token authorizes, and not the client (RFC 6750 §2.1): nothing else is shown, and
    /// no other method of authentication is sent ([CA-1](crate::Rule::Ca1)). [`Error::Misuse`] if the server has no such
    /// endpoint, or the client is held to a profile.
    pub(crate) fn authorized_by(
        client: &Client,
        endpoint: Endpoint,
        token: &AccessToken,
    ) -> Result<Self, Error> {
        client.endpoint(endpoint)?;
        Ok(Self::prepared(client.unauthenticated()?, endpoint, Some(token.clone())))
    }

    fn prepared(client: Client, endpoint: Endpoint, bearer: Option<AccessToken>) -> Self {
        Self {
            client,
            endpoint,
            bearer,
            late: Vec::new(),
            adjusted: None,
            proven_anew: false,
            unproven: false,
            state: State::New,
        }
    }

    /// With these parameters, which are made for each request.
    pub(crate) fn with_late(self, late: &[Late]) -> Self {
        Self { late: late.to_vec(), ..self }
    }

    /// The same without a proof, where the form names the key.
    pub(crate) fn without_proof(self) -> Self {
        Self { unproven: true, ..self }
    }

    fn jwts(&self, now: UnixTime) -> Result<Jwts, Error> {
        Jwts::written(&self.client, self.endpoint, !self.unproven, &self.late, now)
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Has its JWTs signed, before anything else is done for it. Nothing is sent.
    pub(crate) fn sign(&mut self, now: UnixTime) -> Result<Signed<()>, Error> {
        let mut jwts = match mem::replace(&mut self.state, State::Failed) {
            State::New => self.jwts(now)?,
            State::Signing(jwts) => jwts,
            state => {
                self.state = state;
                return Ok(Signed::Ready(()));
            }
        };
        let signed = jwts.sign(now)?;
        self.state = State::Signing(jwts);
        Ok(signed)
    }

    /// Moves on. `form` is given the room, in bytes, that the client's part of the form needs beside its own.
    pub(crate) fn step<T>(
        &mut self,
        response: Option<Response>,
        now: UnixTime,
        form: impl Fn(usize) -> Serializer<'static, String>,
        read: impl FnOnce(Response, &Sent<'_>) -> Result<T, Error>,
    ) -> Result<Step<T>, Error> {
        match (mem::replace(&mut self.state, State::Failed), response) {
            (state @ (State::Ended | State::Failed), _) => {
                self.state = state;
                Err(misuse("this flow has ended: make another"))
            }
            (State::Sent(at, jwts), Some(response)) => {
                self.state = State::Ended;
                let nonce = self.learn(&response);
                let mut sent = Sent {
                    client: &self.client,
                    bearer: self.bearer.as_ref(),
                    endpoint: self.endpoint,
                    at,
                    put: self.adjusted.as_deref().unwrap_or_default(),
                    is_adjusted: self.adjusted.is_some(),
                    jwts: &jwts,
                };
                match sent.adjust(response, &form).and_then(|response| read(response, &sent)) {
                    Err(Error::Refused(refused)) if is_demand(&refused) && !self.proven_anew => {
                        // The proof was refused before anything came of the request (DP-5, DP-6).
                        if !nonce?.is_some_and(|nonce| jwts.are_answered_by(&nonce)) {
                            return Err(Error::Refused(refused));
                        }
                        self.proven_anew = true;
                        let jwts = self.jwts(now)?;
                        self.send(jwts, None, now, form)
                    }
                    outcome => outcome.map(Step::Done),
                }
            }
            (state, Some(_)) => {
                self.state = state;
                Err(misuse("an answer came before its request: step the flow with `None` first"))
            }
            (State::New, None) => {
                let jwts = self.jwts(now)?;
                self.send(jwts, None, now, form)
            }
            (State::Signing(jwts), None) => self.send(jwts, None, now, form),
            (State::Sent(at, jwts), None) => self.send(jwts, Some(at), now, form),
        }
    }

    /// The nonce that an answer brings for the next proof.
    fn learn(&self, response: &Response) -> Result<Option<Arc<str>>, Error> {
        let Some(key) = self.client.bound_to() else { return Ok(None) };
        key.learn(Audience::AuthorizationServer, self.client.endpoint(self.endpoint)?, response.headers())
    }

    fn send<T>(
        &mut self,
        mut jwts: Jwts,
        first: Option<UnixTime>,
        now: UnixTime,
        form: impl Fn(usize) -> Serializer<'static, String>,
    ) -> Result<Step<T>, Error> {
        if let Signed::Pending(time) = jwts.sign(now)? {
            self.state = State::Signing(jwts);
            return Ok(Step::Wait(time));
        }
        let room = self.client.form_size() + jwts.form_size();
        let endpoint = self.client.endpoint(self.endpoint)?;
        let mut request = match &self.bearer {
            None => self.client.post(endpoint, form(room), &jwts),
            Some(token) => with_token(endpoint, form(room), token)?,
        };
        self.adjusted = self.client.adjust_request(self.endpoint, &mut request)?;
        self.state = State::Sent(first.unwrap_or(now), jwts);
        Ok(Step::Send(request))
    }

    /// No answer came, and the flow does not go on.
    pub(crate) fn end(&mut self) -> bool {
        self.state = State::Ended;
        false
    }

    /// Whether it was sent, and is not sent again.
    pub(crate) const fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}
