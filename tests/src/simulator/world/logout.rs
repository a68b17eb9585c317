//! The user logs out while everything else goes on, and perhaps in again.

use fastrand::Rng;
use valetkey_core::Error;
use valetkey_core::error::Cause;
use valetkey_core::session::{AwaitedCredential, RenewalAnswer, RenewalStep, SessionEnd};
use valetkey_core::store::{StoreAnswer, StoreError, StoreKey};

use super::{Event, FAULTS, STORE_FAULTS, STORE_TIMEOUT, World};

/// A log-out under way, at most one at a time.
pub(super) struct LogOut {
    end: SessionEnd,
    key: StoreKey,
    answer: Option<RenewalAnswer>,
    /// In which process of which incarnation; `None` for an administrator's.
    process: Option<(usize, u32)>,
}

/// Whether a caller is told that the session was ended.
fn is_end(error: &Error) -> bool {
    matches!(error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::Ended))
}

impl World {
    /// In a third of the schedules of a user, one to three log-outs, most of them soon after a login. They are drawn by
    /// themselves, so that the other schedules are what they would be without.
    pub(super) fn plan_log_outs(&mut self, seed: u64) {
        let mut rng = Rng::with_seed(!seed);
        if self.grant.is_some() || self.is_announced || rng.u8(..3) != 0 {
            return;
        }
        let mut login = 0;
        for _ in 0..rng.u8(1..=3) {
            let soon = if rng.bool() { rng.u64(..5_000) } else { rng.u64(..120_000) };
            let process = rng.usize(..=self.processes.len());
            let out = login + soon;
            self.after(out, Event::LogsOut((process < self.processes.len()).then_some(process)));
            if rng.u8(..4) == 0 {
                break;
            }
            login = out + rng.u64(..60_000);
            if login >= FAULTS {
                break;
            }
            self.after(login, Event::LogsIn(rng.usize(..self.processes.len())));
        }
    }

    pub(super) fn begin_log_out(&mut self, process: Option<usize>) {
        if self.log_out.is_some() {
            return;
        }
        self.ledger.fault("log-out");
        let host = process.map(|process| (process, &self.processes[process]));
        let session =
            host.and_then(|(process, host)| Some((process, host.incarnation, host.session.as_ref()?)));
        self.log_out = Some(match session {
            Some((process, incarnation, session)) => {
                let (end, key) = (session.end().unwrap(), session.key().clone());
                LogOut { end, key, answer: None, process: Some((process, incarnation)) }
            }
            None => {
                let (end, key) = (SessionEnd::of(&self.client), self.key.clone());
                LogOut { end, key, answer: None, process: None }
            }
        });
        self.log_out_further();
    }

    /// Whether this process has begun a log-out that has not ended.
    pub(super) fn is_logging_out(&self, process: usize) -> bool {
        let here = Some((process, self.processes[process].incarnation));
        self.log_out.as_ref().is_some_and(|out| out.process == here)
    }

    /// Whether this error says no more than that this process is logging out.
    pub(super) fn is_told_of_its_end(&self, process: usize, error: &Error) -> bool {
        is_end(error) && self.is_logging_out(process)
    }

    /// Takes one step. Its message may come too late, or be lost before or after it did its work.
    pub(super) fn log_out_further(&mut self) {
        let Some(mut out) = self.log_out.take() else { return };
        let clock = match out.process {
            Some((process, incarnation)) if self.processes[process].incarnation == incarnation => {
                self.processes[process].clock(self.now)
            }
            // The process died, and the log-out with it.
            Some(_) => return,
            None => valetkey_core::UnixTime::from_millis(self.now),
        };
        match out.end.step(out.answer.take(), clock) {
            Ok(RenewalStep::Store(step)) => {
                let is_lost = || RenewalAnswer::Store(StoreAnswer::Failed(StoreError::new("no answer")));
                let (there, _) = self.travel(STORE_FAULTS);
                let answer =
                    there.filter(|time| *time < STORE_TIMEOUT).map(|_| self.carry_out(&out.key, &step));
                let (back, _) = self.travel(STORE_FAULTS);
                let time = back.filter(|time| *time < STORE_TIMEOUT);
                out.answer = Some(time.and(answer).map_or_else(is_lost, RenewalAnswer::Store));
                self.log_out = Some(out);
                self.after(time.unwrap_or(STORE_TIMEOUT), Event::LogsOutFurther);
            }
            Ok(RenewalStep::Wait(time)) => {
                self.log_out = Some(out);
                self.after(u64::try_from(time.as_millis()).unwrap().max(1), Event::LogsOutFurther);
            }
            Ok(RenewalStep::Done) => {
                let host = out.process.and_then(|(process, _)| self.processes[process].session.as_ref());
                // A log-out that fails is told to the user, who tries again or not.
                let _ = match host {
                    Some(session) => session.settle_end(out.end, clock),
                    None => out.end.finish(),
                };
            }
            other => self.ledger.violation(self.now, format!("a log-out wants {other:?}")),
        }
    }

    /// The process begins anew, with the tokens of a login.
    pub(super) fn log_in(&mut self, process: usize) {
        self.ledger.fault("login");
        let session = self.first_session();
        let host = &mut self.processes[process];
        let requests = host.die();
        host.session = Some(session.clone());
        let clock = host.clock(self.now);
        self.ledger.died(&requests);
        // What came by the login is not used before it is in the store.
        if let Ok((_, Some(renewal))) = session.provide(&mut AwaitedCredential::new(), clock) {
            self.start_renewal(process, 0, renewal);
        }
    }
}
