//! One authorized API request as a flow, by a session that one task owns: [`SessionCall`].

use std::fmt;

use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Flow, Request, Response, Step};
use crate::ground::quirk::Quirks;
use crate::ground::time::UnixTime;
use crate::session::Session;
use crate::session::call::Call;
use crate::session::call_step::{CallStep, Readiness};
use crate::session::renewal::machine::Renewal;
use crate::session::renewal::step::{RenewalAnswer, RenewalStep};

/// A [`Call`] that has its session for itself, and runs the renewal as a part of its own conversation.
///
/// Dropping it loses no token: what came is in the session.
pub struct SessionCall<'s> {
    session: &'s mut Session,
    request: Request,
    call: Call,
    /// What came last from the API.
    answer: Option<Response>,
    renewal: Option<Renewal>,
}

impl<'s> SessionCall<'s> {
    pub(crate) fn new(session: &'s mut Session, request: Request) -> Result<Self, Error> {
        let call = Call::new(session.shared(), &request)?;
        Ok(Self { session, request, call, answer: None, renewal: None })
    }

    /// How the API departed from the RFCs, and was met.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.call.quirks()
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
                    answer = Some(RenewalAnswer::Store(
                        self.session.memory.get_or_insert_default().answer(step, now),
                    ));
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

impl Session {
    /// Sends one API request as a flow: renews before it if need be, signs it, and after a 401 renews and repeats it
    /// once. For a session that one task owns; where several share one, each runs a [`Call`] over a
    /// [`SharedSession`](crate::session::SharedSession).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as for [`Call::new`](crate::session::Call::new).
    pub fn call(&mut self, request: Request) -> Result<SessionCall<'_>, Error> {
        SessionCall::new(self, request)
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
            let step = self.call.step(response.as_ref().map(|answer| (answer.status(), answer.headers())))?;
            if let Some(answer) = response.take() {
                self.answer = Some(answer);
            }
            match step {
                CallStep::Send(authorization) => {
                    let mut request = self.request.clone();
                    authorization.apply(request.headers_mut());
                    return Ok(Step::Send(request));
                }
                CallStep::Wait(time) => return Ok(Step::Wait(time)),
                CallStep::Done => {
                    let answer = self.answer.take();
                    return answer.map(Step::Done).ok_or_else(|| misuse("this call has ended: make another"));
                }
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
