//! One GET of UserInfo that an access token authorizes, and the answer to it: [`Asking`].
//!
//! ```text
//!  New ──▶ the proof of a bound token is written ──▶ Sent ──▶ the answer ──▶ Ended
//!                                                    │  ▲
//!                                                    └──┘ wait: the key answers later; asked again: the same request;
//!                                                         a demand for a nonce, once: another proof (RFC 9449 §9)
//! ```
//!
//! The token is in a header, and nowhere else ([UI-6](crate::Rule::Ui6)).

use std::mem;

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Method, Uri};

use crate::client::Client;
use crate::client::dpop::audience::Audience;
use crate::client::dpop::demand::is_demand_of_api;
use crate::client::dpop::{DPOP, Dpop, Proof};
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::flow::{Request, Response, Step};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::token_type::TokenType;
use crate::jose::signer::Signed;
use crate::terms::secret::{AccessToken, sensitive_header};
use crate::wire::encoding;

/// A GET of UserInfo, on its way.
pub(super) struct Asking {
    uri: Uri,
    token: AccessToken,
    header: HeaderValue,
    accepted: &'static str,
    /// The key that the token is bound to.
    key: Option<Dpop>,
    /// Whether it was repeated with another nonce.
    proven_anew: bool,
    state: State,
}

enum State {
    New,
    /// With the proof of a bound token, which may not be signed yet.
    Sent(Option<Proof>),
    Ended,
}

impl Asking {
    /// Prepares it, for a media type that is to come.
    pub(super) fn new(
        client: &Client,
        token: &AccessToken,
        token_type: TokenType,
        accepted: &'static str,
    ) -> Result<Self, Error> {
        client.require_profile(Some(Endpoint::Userinfo))?;
        client.require_bound(token_type)?;
        let uri = client.endpoint(Endpoint::Userinfo)?.clone();
        client.require_tls(Endpoint::Userinfo)?;
        let key = match (token_type, client.bound_to()) {
            (TokenType::Bearer, _) => None,
            (TokenType::Dpop, Some(key)) => Some(key.clone()),
            (TokenType::Dpop, None) => {
                let what = "the access token is bound to a key, and this client has none: give it the key by `Client::dpop`";
                return Err(misuse_of(Rule::Dp7, what));
            }
            (TokenType::NotApplicable, _) => {
                let what = "the token is not an access token: a token exchange issued it for another use";
                return Err(misuse_of(Rule::Tr16, what));
            }
        };
        let scheme = if key.is_some() { "DPoP" } else { "Bearer" };
        let header = sensitive_header(&[scheme, " ", token.expose()])
            .ok_or_else(|| misuse("the access token has characters that a header cannot carry"))?;
        let token = token.clone();
        Ok(Self { uri, token, header, accepted, key, proven_anew: false, state: State::New })
    }

    /// What of it a server must not get us to log.
    pub(super) fn secret(&self) -> &str {
        self.token.expose()
    }

    /// Moves on, until the answer is there, of whatever status.
    pub(super) fn step(
        &mut self,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<Step<Response>, Error> {
        match (mem::replace(&mut self.state, State::Ended), response) {
            (State::Ended, _) => Err(misuse("this flow has ended: make another")),
            (State::New, None) => {
                let proof = self.prove(now)?;
                self.send(proof)
            }
            (State::Sent(proof), None) => self.send(proof),
            (State::Sent(proof), Some(response))
                if proof.as_ref().is_none_or(|proof| proof.signed().is_some()) =>
            {
                self.hear(proof.as_ref(), response, now)
            }
            (state, Some(_)) => {
                self.state = state;
                Err(misuse("an answer came before its request: step the flow with `None` first"))
            }
        }
    }

    /// No answer came, or its flow has ended otherwise.
    pub(super) fn end(&mut self) {
        self.state = State::Ended;
    }

    fn prove(&self, now: UnixTime) -> Result<Option<Proof>, Error> {
        let target = (&Method::GET, &self.uri);
        let prove = |key: &Dpop| key.prove(Audience::Api, target, Some(&self.token), now);
        self.key.as_ref().map(prove).transpose()
    }

    fn send(&mut self, mut proof: Option<Proof>) -> Result<Step<Response>, Error> {
        let signed = match proof.as_mut().map(Proof::header).transpose()? {
            None => None,
            Some(Signed::Ready(header)) => Some(header),
            Some(Signed::Pending(time)) => {
                self.state = State::Sent(proof);
                return Ok(Step::Wait(time));
            }
        };
        self.state = State::Sent(proof);
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = self.uri.clone();
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(self.accepted));
        request.headers_mut().insert(AUTHORIZATION, self.header.clone());
        if let Some(proof) = signed {
            request.headers_mut().insert(DPOP, proof);
        }
        Ok(Step::Send(request))
    }

    fn hear(
        &mut self,
        proof: Option<&Proof>,
        response: Response,
        now: UnixTime,
    ) -> Result<Step<Response>, Error> {
        if let (Some(key), Some(proof)) = (&self.key, proof) {
            // A malformed nonce is ignored, and the answer speaks for itself (DP-4).
            let nonce = key.learn(Audience::Api, &self.uri, response.headers()).ok().flatten();
            let is_demand = is_demand_of_api(response.status(), response.headers(), key.algorithm());
            // Once (DP-5).
            if is_demand && !self.proven_anew && nonce.is_some_and(|nonce| proof.is_answered_by(&nonce)) {
                self.proven_anew = true;
                let proof = self.prove(now)?;
                return self.send(proof);
            }
        }
        encoding::unpacked(response).map(Step::Done)
    }
}
