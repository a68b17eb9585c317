//! One authorized API request: [`Call`], beside a session that others may share, and [`SessionCall`], which owns it.
//!
//! ```text
//!            ┌──▶ Authorize ──▶ a credential that is good ──▶ Send ──▶ any answer but the first 401 ──▶ Done
//!  Call ─────┤        ▲    └──▶ none, and something renews it: the session is renewed, and asked again
//!            │        ├──── 401, the first: that credential is refused, and another is asked for
//!            │        └──── a demand for a nonce in the proof: the same credential, with another proof (RFC 9449 §9)
//!            └──▶ an error, if there is no credential and nothing gets one
//! ```
//!
//! A bound token goes with a proof, which is written when the call gets its credential. A key that signs later makes the
//! call wait before it sends.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::AUTHORIZATION;

use crate::api::step_up;
use crate::client::dpop::DPOP;
use crate::client::dpop::proof::Proof;
use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::flow::{Flow, Request, Response, Step, show_send};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::signer::Signed;
use crate::session::Session;
use crate::session::beside_token::{Body, require_plain};
use crate::session::credential::{AwaitedCredential, Credential};
use crate::session::renewal::machine::Renewal;
use crate::session::renewal::step::{RenewalAnswer, RenewalStep};
use crate::session::shared_credential::SharedCredential;

/// One API request from its credential to its answer, beside a [`Session`] that many calls share.
///
/// It holds no part of the session while its request is under way. Every answer of the API is an answer, a 403 or a
/// redirect too.
pub struct Call {
    request: Request,
    state: State,
    pub(crate) awaited: AwaitedCredential,
    repeated: bool,
    /// Whether it was repeated with another nonce, since it has its credential.
    proven_anew: bool,
}

enum State {
    Open,
    /// With the proof for this very request, where the token is bound to a key.
    Sent(Credential, Option<Proof>),
    /// There is no proof to be had.
    Failed(Error),
    /// The API refused the credential with this answer.
    Refused(Credential, Response),
    /// There is nothing else to repeat the request with, so that is the answer.
    Rest(Response),
    Ended,
}

/// What a call wants done next. `Debug` shows no secret, and nothing of the API's answer but its status.
#[must_use = "a call moves on only when its step is carried out"]
pub enum CallStep {
    /// Give it a credential: a fresh one by [`Call::use_fresh`], or else by [`Session::authorize`].
    Authorize,
    /// Send this request once, follow no redirect, and hand over the answer.
    Send(Request),
    /// Step again after this time; earlier does no harm. A key is signing the request's proof; one that answers at once
    /// never makes a call wait.
    Wait(Duration),
    /// The API's answer.
    Done(Response),
}

impl fmt::Debug for CallStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorize => f.write_str("Authorize"),
            Self::Send(request) => show_send(f, request),
            Self::Wait(time) => f.debug_tuple("Wait").field(time).finish(),
            Self::Done(response) => write!(f, "Done({})", response.status().as_u16()),
        }
    }
}

/// Whether a call can go on, and what its session needs: what [`Session::authorize`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a session is renewed only when somebody sees to it"]
pub enum Readiness {
    /// Step the call on.
    Ready,
    /// Step the call on; and the session is due for a renewal, which nobody needs to wait for.
    Due,
    /// Renew the session, once for all calls that want it, and ask again.
    Wait,
}

impl Call {
    /// A call with the credential of a session.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (WA-5) if the request goes to another origin than the session's APIs, or has a header that decides
    /// about the request itself:
    ///
    /// - a `Host` that is not the authority of its URI (RFC 9110 §7.2);
    /// - a credential: `Authorization`, `DPoP`, `Proxy-Authorization`;
    /// - `Transfer-Encoding`, a `Content-Length` that is not the body's, `Trailer`, an `Expect` other than `100-continue`;
    /// - `Connection` or `Proxy-Connection` other than `close` and `keep-alive`, `Upgrade`, `HTTP2-Settings`, a `TE` other
    ///   than `trailers`;
    ///
    /// or its method is CONNECT or TRACE.
    pub fn new(credential: &SharedCredential, request: Request) -> Result<Self, Error> {
        // A length beyond what a number holds is no length of a body that is here.
        let body = Body::Here(u64::try_from(request.body().len()).unwrap_or(u64::MAX));
        Self::with(credential, request, body)
    }

    /// A call of which only the request's head is here, because another HTTP client carries its body: what
    /// [`CallStep::Send`] has is the head with its credential. `length` is the body's, if it is known.
    ///
    /// How the body is framed is that client's: a `Content-Length`, or a `Transfer-Encoding` of `chunked`, a `Trailer`, and an
    /// `Upgrade` to another protocol are let through.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), but for these; and [`Error::Misuse`] (WA-5) if a `Content-Length` is no plain number or not
    /// `length`, or stands beside a `Transfer-Encoding`.
    pub fn of_head(credential: &SharedCredential, head: Request, length: Option<u64>) -> Result<Self, Error> {
        Self::with(credential, head, Body::Elsewhere(length))
    }

    fn with(credential: &SharedCredential, request: Request, body: Body) -> Result<Self, Error> {
        if !credential.apis().contain(request.uri()) {
            return Err(misuse_of(
                Rule::Wa5,
                "the request goes to no API of this session: its client names them with `api`",
            ));
        }
        require_plain(&request, body)?;
        for (name, shown) in [(AUTHORIZATION, "an Authorization"), (DPOP, "a DPoP")] {
            if request.headers().contains_key(&name) {
                let what = format!(
                    "the request has {shown} already, and the session puts its own there: leave it out"
                );
                return Err(misuse_of(Rule::Wa5, what));
            }
        }
        Ok(Self {
            request,
            state: State::Open,
            awaited: AwaitedCredential::new(),
            repeated: false,
            proven_anew: false,
        })
    }

    /// Moves the call on, as [`Flow::step`] does: `None` asks what is to be done and may be asked again.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after the end, or if an answer comes to nothing that was sent; if the token is bound to a key that
    /// does not sign.
    pub fn step(&mut self, response: Option<Response>) -> Result<CallStep, Error> {
        match (std::mem::replace(&mut self.state, State::Ended), response) {
            (State::Ended, _) | (State::Rest(_), Some(_)) => Err(misuse("the call has ended")),
            (State::Rest(response), None) => Ok(CallStep::Done(response)),
            (state @ (State::Open | State::Refused(..)), None) => {
                self.state = state;
                Ok(CallStep::Authorize)
            }
            (state @ (State::Open | State::Refused(..)), Some(_)) => {
                self.state = state;
                Err(misuse("an answer came before the request was sent"))
            }
            (State::Failed(error), _) => Err(error),
            (State::Sent(credential, proof), None) => self.send(credential, proof),
            (State::Sent(credential, Some(proof)), Some(_)) if proof.signed().is_none() => {
                self.state = State::Sent(credential, Some(proof));
                Err(misuse("an answer came before the request was sent"))
            }
            (State::Sent(credential, proof), Some(response)) => {
                Ok(self.hear(credential, proof.as_ref(), response))
            }
        }
    }

    fn send(&mut self, credential: Credential, mut proof: Option<Proof>) -> Result<CallStep, Error> {
        let signed = match proof.as_mut().map(Proof::header).transpose()? {
            None => None,
            Some(Signed::Ready(header)) => Some(header),
            Some(Signed::Pending(time)) => {
                self.state = State::Sent(credential, proof);
                return Ok(CallStep::Wait(time));
            }
        };
        let mut request = self.request.clone();
        credential.put(&mut request, signed);
        self.state = State::Sent(credential, proof);
        Ok(CallStep::Send(request))
    }

    fn hear(&mut self, credential: Credential, proof: Option<&Proof>, response: Response) -> CallStep {
        let nonce = credential.demanded(self.request.uri(), &response);
        let answered = proof.zip(nonce).is_some_and(|(proof, nonce)| proof.is_answered_by(&nonce));
        // Once for each credential (DP-5).
        if answered && !self.proven_anew {
            self.proven_anew = true;
            self.state = State::Open;
        } else if response.status() == StatusCode::UNAUTHORIZED
            // Repeated once (WA-3).
            && !self.repeated
            && step_up::renewal_may_help(response.headers(), credential.is_bound())
        {
            self.state = State::Refused(credential, response);
        } else {
            return CallStep::Done(response);
        }
        self.awaited = AwaitedCredential::new();
        CallStep::Authorize
    }

    /// Takes the credential that the session has, if it is fresh and not one that was refused; whether it did. No lock,
    /// and no look at the session.
    pub fn use_fresh(&mut self, shared: &SharedCredential, now: UnixTime) -> bool {
        match shared.fresh(now) {
            Some(credential) if self.takes(&credential) => {
                self.take(credential, now);
                true
            }
            _ => false,
        }
    }

    /// Tells the call that its request got no answer; it has ended. Whether a request may be sent again is the API's
    /// matter, and a new call's.
    pub fn unanswered(&mut self) {
        self.state = State::Ended;
    }

    /// The credential that the API refused.
    pub(crate) const fn refused(&self) -> Option<&Credential> {
        match &self.state {
            State::Refused(credential, _) => Some(credential),
            _ => None,
        }
    }

    fn takes(&self, credential: &Credential) -> bool {
        match &self.state {
            State::Open => true,
            State::Refused(refused, _) => refused.generation() != credential.generation(),
            State::Sent(..) | State::Failed(_) | State::Rest(_) | State::Ended => false,
        }
    }

    /// Goes on with a credential, if it waits for one.
    pub(crate) fn take(&mut self, credential: Credential, now: UnixTime) {
        match self.state {
            State::Open => {}
            State::Refused(..) => {
                self.repeated = true;
                self.proven_anew = false;
            }
            State::Sent(..) | State::Failed(_) | State::Rest(_) | State::Ended => return,
        }
        self.state = match credential.prove(&self.request, now) {
            Ok(proof) => State::Sent(credential, proof),
            Err(error) => State::Failed(error),
        };
    }

    /// Leaves it at the answer that refused.
    pub(crate) fn rest(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Ended) {
            State::Refused(_, response) => State::Rest(response),
            state => state,
        };
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", self.request.method())
            .field("path", &self.request.uri().path())
            .finish_non_exhaustive()
    }
}

/// A [`Call`] that has its session for itself, and runs the renewal as a part of its own conversation.
///
/// Dropping it loses no token: what came is in the session.
pub struct SessionCall<'s> {
    session: &'s mut Session,
    call: Call,
    renewal: Option<Renewal>,
}

impl<'s> SessionCall<'s> {
    pub(crate) fn new(session: &'s mut Session, request: Request) -> Result<Self, Error> {
        Ok(Self { call: Call::new(session.shared(), request)?, session, renewal: None })
    }

    /// Runs the renewal on, with the session's own memory for a store. `None` once it is settled.
    fn renew(
        &mut self,
        mut answer: Option<RenewalAnswer>,
        now: UnixTime,
    ) -> Result<Option<Step<Response>>, Error> {
        while let Some(renewal) = &mut self.renewal {
            match renewal.step(answer.take(), now)? {
                RenewalStep::Send(request) => return Ok(Some(Step::Send(request))),
                RenewalStep::Wait(time) => return Ok(Some(Step::Wait(time))),
                RenewalStep::Store(step) => {
                    answer = Some(RenewalAnswer::Store(self.session.memory.answer(step, now)));
                }
                RenewalStep::Done => {
                    if let Some(renewal) = self.renewal.take() {
                        // A failure is told by the call, which may still have a good credential.
                        let _ = self.session.settle(renewal, now);
                    }
                }
            }
        }
        Ok(None)
    }
}

impl Flow for SessionCall<'_> {
    type Output = Response;

    /// # Errors
    ///
    /// As for [`Session::authorize`].
    fn step(&mut self, mut response: Option<Response>, now: UnixTime) -> Result<Step<Response>, Error> {
        if self.renewal.is_some()
            && let Some(step) = self.renew(response.take().map(RenewalAnswer::Response), now)?
        {
            return Ok(step);
        }
        loop {
            match self.call.step(response.take())? {
                CallStep::Send(request) => return Ok(Step::Send(request)),
                CallStep::Wait(time) => return Ok(Step::Wait(time)),
                CallStep::Done(response) => return Ok(Step::Done(response)),
                CallStep::Authorize => {}
            }
            let readiness = self.session.authorize_owned(&mut self.call, now);
            // Without a credential the conversation has ended, as with any error.
            if readiness.inspect_err(|_| self.call.unanswered())? == Readiness::Wait {
                self.renewal = Some(self.session.renewal_alone()?);
                if let Some(step) = self.renew(None, now)? {
                    return Ok(step);
                }
            }
        }
    }

    /// Goes on if it was the renewal that got no answer and the credential is still good without it.
    fn unanswered(&mut self, now: UnixTime) -> bool {
        if self.renewal.is_none() {
            self.call.unanswered();
            return false;
        }
        let _ = self.renew(Some(RenewalAnswer::NoResponse), now);
        self.session.credential().is_some_and(|held| held.is_valid(now))
    }
}

impl fmt::Debug for SessionCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCall")
            .field("call", &self.call)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}
