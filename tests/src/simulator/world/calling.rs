//! The tasks of the processes, which call an API now and then.

use valetkey_core::session::{CallStep, Readiness};
use valetkey_core::{Error, Request, Response, UnixTime};

use super::{API, API_FAULTS, Event, FAULTS, LAST_CALLS, PATIENCE, SERVER_TIMEOUT, START, World};
use crate::{get, heard};

impl World {
    pub(super) fn ask(&mut self, process: usize, task: usize, is_last: bool) {
        if self.now < START + FAULTS {
            let time = self.rng.u64(..40_000);
            self.after(time, Event::Asks(process, task));
        }
        let host = &mut self.processes[process];
        let Some(session) = &host.session else { return };
        if host.tasks[task].call.is_some() {
            return;
        }
        let call = session.call(&get(API)).unwrap();
        let asking = &mut host.tasks[task];
        asking.call = Some(call);
        asking.asked = self.now;
        asking.number += 1;
        asking.is_last = is_last;
        self.advance(process, task, None);
    }

    /// Wakes the tasks that wait for a renewal.
    pub(super) fn wake(&mut self, process: usize) {
        for task in 0..self.processes[process].tasks.len() {
            if std::mem::take(&mut self.processes[process].tasks[task].waits) {
                self.advance(process, task, None);
            }
        }
        self.want_further(process);
    }

    pub(super) fn advance(&mut self, process: usize, task: usize, mut response: Option<Response>) {
        loop {
            let host = &mut self.processes[process];
            let clock = host.clock(self.now);
            let (Some(session), Some(call)) = (&host.session, &mut host.tasks[task].call) else { return };
            let step = call.step(response.as_ref().map(heard));
            if response.is_some() {
                host.tasks[task].answer = response.take();
            }
            let Some(call) = &mut host.tasks[task].call else { return };
            match step {
                Ok(CallStep::Authorize) => {
                    let (readiness, renewal) = match session.authorize(call, clock) {
                        Ok(authorized) => authorized,
                        Err(error) => return self.finish(process, task, None, Some(&error)),
                    };
                    host.tasks[task].waits = readiness == Readiness::Wait;
                    if let Some(renewal) = renewal {
                        self.start_renewal(process, task, renewal);
                    }
                    if readiness == Readiness::Wait {
                        return;
                    }
                }
                Ok(CallStep::Send(authorization)) => {
                    let mut request = get(API);
                    authorization.apply(request.headers_mut());
                    return self.call_api(process, task, &request);
                }
                Ok(CallStep::Wait(_)) => unreachable!("a bearer token needs no signature"),
                Ok(CallStep::Done) => {
                    let answer = host.tasks[task].answer.take();
                    return self.finish(process, task, answer.as_ref(), None);
                }
                Err(error) => return self.finish(process, task, None, Some(&error)),
            }
        }
    }

    pub(super) fn call_api(&mut self, process: usize, task: usize, request: &Request) {
        if self.is_logging_out(process) {
            self.ledger.violation(self.now, "a caller is given a credential while its process logs out");
        }
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        match header.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(token) => self.hand_out(process, token),
            None => self.hand_out(process, "no credential at all"),
        }
        // What happens on the way to the API is no matter of a renewal's; but it may be lost.
        let response = self.sandbox.answer(request, UnixTime::from_millis(self.now));
        let (incarnation, number) =
            (self.processes[process].incarnation, self.processes[process].tasks[task].number);
        match self.travel(API_FAULTS).0 {
            Some(time) => self.after(time, Event::ApiAnswers(process, incarnation, task, number, response)),
            None => self.after(SERVER_TIMEOUT, Event::ApiTimesOut(process, incarnation, task, number)),
        }
    }

    pub(super) fn is_calling(&self, process: usize, incarnation: u32, task: usize, number: u64) -> bool {
        let host = &self.processes[process];
        host.incarnation == incarnation
            && host.tasks[task].number == number
            && host.tasks[task].call.is_some()
    }

    pub(super) fn finish(
        &mut self,
        process: usize,
        task: usize,
        response: Option<&Response>,
        error: Option<&Error>,
    ) {
        let done = &mut self.processes[process].tasks[task];
        done.call = None;
        let (asked, is_last) = (done.asked, done.is_last);
        // Whose own process is logging out is told so, whatever the store has so far.
        let error = error.filter(|error| !self.is_told_of_its_end(process, error));
        self.ledger.told(asked, error, self.now);
        if is_last {
            let good = response.is_some_and(|response| response.status() == 200);
            // A clock that was off may have left more than one token that only looks good: each call gets past one.
            if good || self.now > START + LAST_CALLS + PATIENCE {
                if let Some(session) = &self.processes[process].session {
                    self.ledger.recovered(session.key(), good, error, self.now);
                }
            } else {
                self.after(5_000, Event::LastCall(process));
            }
        }
    }
}
