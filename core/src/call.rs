//! One authorized API request: [`Call`], beside a session that others may share, and [`SessionCall`], which owns it.
//!
//! ```text
//!            ┌── no credential that is good, and something renews it ──▶ Renew ──▶ (the session is settled) ──┐
//!  Call ─────┤                                                                                                │
//!            └── a good credential ──▶ Send ──▶ 401, the first ──▶ discard that credential ───────────────────┤
//!                                        └────▶ any other answer ──▶ Done                     (ask again) ◀───┘
//! ```

use std::fmt;

use http::StatusCode;
use http::header::AUTHORIZATION;

use crate::error::{Error, misuse, misuse_of};
use crate::session::Ready;
use crate::{Credential, Flow, Renewal, Request, Response, Rule, Session, Step, UnixTime, step_up};

/// One API request from its credential to its answer, beside a [`Session`] that many calls share.
///
/// It is a flow whose steps borrow the session only for a moment, so that a session behind a lock is free while the
/// request is under way. Every answer of the API is an answer, a 403 or a redirect too.
pub struct Call {
    request: Request,
    state: State,
    /// The session's count of settled renewals when this call last wanted one.
    wanted: Option<u64>,
    repeated: bool,
}

enum State {
    /// The credential is asked for at the next step.
    Open,
    Sent(Credential),
    Ended,
}

/// What a call wants done next.
#[must_use = "a call moves on only when its step is carried out"]
#[derive(Debug)]
pub enum CallStep {
    /// Send this request once, follow no redirect, and hand over the answer.
    Send(Request),
    /// See to it that the session is renewed, once for all calls that want it ([`Session::renewal`] to
    /// [`Session::settle`]), and step again without an answer.
    Renew,
    /// The API's answer.
    Done(Response),
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", self.request.method())
            .field("path", &self.request.uri().path())
            .finish_non_exhaustive()
    }
}

impl Call {
    /// A call of `session`'s API.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the request goes to another origin than the session's APIs (WA-5), or has an
    /// `Authorization` already.
    pub fn new(session: &Session, request: Request) -> Result<Self, Error> {
        if !session.apis().contain(request.uri()) {
            return Err(misuse_of(
                Rule::Wa5,
                "the request goes to no API of this session: its client names them with `api`",
            ));
        }
        if request.headers().contains_key(AUTHORIZATION) {
            return Err(misuse(
                "the request has an Authorization already, and the session's would replace it",
            ));
        }
        Ok(Self { request, state: State::Open, wanted: None, repeated: false })
    }

    /// Moves the call on, as [`Flow::step`] does: `None` asks what is to be done and may be asked again.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if no credential is good and nothing renews one; what the session's renewal
    /// failed with, where no credential is good; [`Error::Misuse`] after the end.
    pub fn step(
        &mut self,
        session: &mut Session,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<CallStep, Error> {
        match (&self.state, response) {
            (State::Ended, _) => Err(misuse("the call has ended")),
            (State::Open, Some(_)) => Err(misuse("an answer came before the request was asked for")),
            (State::Open, None) => self.begin(session, now),
            (State::Sent(credential), None) => Ok(CallStep::Send(self.signed(credential))),
            (State::Sent(credential), Some(response)) => {
                let refused = response.status() == StatusCode::UNAUTHORIZED
                    && step_up::renewal_may_help(response.headers());
                // Repeated once (WA-3), and only where there is something else to repeat it with.
                let newer =
                    session.credential().is_some_and(|held| held.generation() != credential.generation());
                if !refused || self.repeated || !(session.renews() || newer) {
                    self.state = State::Ended;
                    return Ok(CallStep::Done(response));
                }
                session.discard(credential);
                self.repeated = true;
                self.wanted = None;
                self.state = State::Open;
                self.begin(session, now)
            }
        }
    }

    /// Tells the call that its request got no answer; it has ended. Whether a request may be sent again is the API's
    /// matter, and a new call's.
    pub fn unanswered(&mut self) {
        self.state = State::Ended;
    }

    fn begin(&mut self, session: &Session, now: UnixTime) -> Result<CallStep, Error> {
        match session.ready(self.wanted, now) {
            Ready::Use(credential) => {
                let request = self.signed(&credential);
                self.state = State::Sent(credential);
                Ok(CallStep::Send(request))
            }
            Ready::Renew => {
                self.wanted.get_or_insert(session.settled());
                Ok(CallStep::Renew)
            }
            Ready::Fail(error) => {
                self.state = State::Ended;
                Err(error)
            }
        }
    }

    fn signed(&self, credential: &Credential) -> Request {
        let mut request = self.request.clone();
        credential.sign(&mut request);
        request
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
        Ok(Self { call: Call::new(session, request)?, session, renewal: None })
    }

    fn renew(
        &mut self,
        mut renewal: Renewal,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<Step<Response>, Error> {
        match renewal.step(response, now)? {
            Step::Done(()) => {
                // A failure is told by the call, which may still have a good credential.
                let _ = self.session.settle(renewal, now);
                self.step(None, now)
            }
            Step::Send(request) => {
                self.renewal = Some(renewal);
                Ok(Step::Send(request))
            }
            Step::Wait(time) => {
                self.renewal = Some(renewal);
                Ok(Step::Wait(time))
            }
        }
    }
}

impl Flow for SessionCall<'_> {
    type Output = Response;

    /// # Errors
    ///
    /// As for [`Call::step`].
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Response>, Error> {
        if let Some(renewal) = self.renewal.take() {
            return self.renew(renewal, response, now);
        }
        match self.call.step(self.session, response, now)? {
            CallStep::Send(request) => Ok(Step::Send(request)),
            CallStep::Renew => {
                let renewal = self.session.renewal()?;
                self.renew(renewal, None, now)
            }
            CallStep::Done(response) => Ok(Step::Done(response)),
        }
    }

    /// Goes on if it was the renewal that got no answer and the credential is still good without it.
    fn unanswered(&mut self, now: UnixTime) -> bool {
        match self.renewal.take() {
            Some(mut renewal) => {
                renewal.unanswered(now);
                let _ = self.session.settle(renewal, now);
                self.session.credential().is_some_and(|held| held.is_valid(now))
            }
            None => {
                self.call.unanswered();
                false
            }
        }
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
