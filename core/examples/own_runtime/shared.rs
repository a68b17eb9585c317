//! One session for many calls: [`call_all`] runs them side by side, and beside them the one renewal that they share.

use std::error::Error;
use std::task::Poll;
use std::thread;

use valetkey_core::session::{
    Call, CallStep, Readiness, RenewalAnswer, RenewalStep, SharedRenewal, SharedSession,
};
use valetkey_core::store::Store;
use valetkey_core::{Request, Response};

use crate::connection::Connection;
use crate::now;
use crate::run::{Event, LONGEST, REST};

/// Sends all requests with the credential of one session, which is renewed once for all of them.
pub(crate) fn call_all(
    session: &SharedSession,
    store: &dyn Store,
    requests: Vec<Request>,
) -> Result<Vec<Response>, Box<dyn Error>> {
    let deadline = now().after(LONGEST);
    let mut callers = Vec::new();
    for request in requests {
        let call = session.call(&request)?;
        callers.push(Caller { call, request, waits_for: Some(Event::Turn), heard: None, answer: None });
    }
    let mut renewing = None;
    while callers.iter().any(|caller| caller.answer.is_none()) {
        let mut has_moved = false;
        for caller in callers.iter_mut().filter(|caller| caller.answer.is_none()) {
            has_moved |= caller.poll(session, &mut renewing)?;
        }
        if let Some(running) = &mut renewing {
            has_moved |= running.poll(store)?;
            if running.is_done {
                renewing = None;
                // Waking is the host's: those who wait ask again.
                for caller in &mut callers {
                    caller.waits_for.get_or_insert(Event::Turn);
                }
            }
        }
        if !has_moved {
            if now() > deadline {
                return Err("the server takes too long".into());
            }
            thread::sleep(REST);
        }
    }
    Ok(callers.into_iter().filter_map(|caller| caller.answer).collect())
}

/// One call, and what it is waiting for: nothing of its own while a renewal is.
struct Caller {
    call: Call,
    request: Request,
    waits_for: Option<Event>,
    /// What came last: the answer, unless the call wants it repeated.
    heard: Option<Response>,
    answer: Option<Response>,
}

impl Caller {
    /// Goes on without waiting; returns whether it could.
    fn poll(
        &mut self,
        session: &SharedSession,
        renewing: &mut Option<Running>,
    ) -> Result<bool, Box<dyn Error>> {
        let Some(event) = &mut self.waits_for else { return Ok(false) };
        let Poll::Ready(response) = event.poll()? else { return Ok(false) };
        let step = self.call.step(response.as_ref().map(|heard| (heard.status(), heard.headers())))?;
        self.heard = response.or(self.heard.take());
        self.waits_for = match step {
            CallStep::Authorize => {
                let (readiness, renewal) = session.authorize(&mut self.call, now())?;
                // Of all who ask, one is given the renewal; a host with tasks spawns one for it.
                if let Some(renewal) = renewal {
                    *renewing = Some(Running { renewal, waits_for: Event::Turn, is_done: false });
                }
                (readiness != Readiness::Wait).then_some(Event::Turn)
            }
            CallStep::Send(authorization) => {
                let mut request = self.request.clone();
                authorization.apply(request.headers_mut());
                Some(Event::Answer(Connection::open(&request)?))
            }
            CallStep::Wait(time) => Some(Event::Time(now().after(time))),
            CallStep::Done => {
                self.answer = self.heard.take();
                None
            }
        };
        Ok(true)
    }
}

/// The renewal that is under way, and what it is waiting for.
struct Running {
    renewal: SharedRenewal,
    waits_for: Event,
    is_done: bool,
}

impl Running {
    /// Goes on without waiting; returns whether it could.
    fn poll(&mut self, store: &dyn Store) -> Result<bool, Box<dyn Error>> {
        let mut answer = match self.waits_for.poll() {
            Ok(Poll::Ready(response)) => response.map(RenewalAnswer::Response),
            Ok(Poll::Pending) => return Ok(false),
            // A host that knows why tells it here, for all callers.
            Err(_) => Some(self.renewal.unanswered(None)),
        };
        loop {
            self.waits_for = match self.renewal.step(answer.take(), now())? {
                RenewalStep::Store(step) => {
                    answer = Some(RenewalAnswer::Store(step.on(store, self.renewal.key(), now())));
                    continue;
                }
                RenewalStep::Send(request) => Event::Answer(Connection::open(&request)?),
                RenewalStep::Wait(time) => Event::Time(now().after(time)),
                RenewalStep::Done => {
                    self.is_done = true;
                    Event::Turn
                }
            };
            return Ok(true);
        }
    }
}
