//! The renewals of the processes, and the store and the server that they talk to.

use std::sync::Arc;

use valetkey_core::session::{RenewalAnswer, RenewalStep, SharedRenewal};
use valetkey_core::store::{RecordKind, Replaced, StoreAnswer, StoreError, StoreKey, StoreStep};
use valetkey_core::{Request, UnixTime};

use super::{Event, Place, SERVER_FAULTS, SERVER_TIMEOUT, STORE_FAULTS, STORE_TIMEOUT, World};
use crate::simulator::Protection;
use crate::simulator::off::{heard, without_intent};
use crate::simulator::process::Running;

impl World {
    pub(super) fn store_receives(&mut self, place: Place, key: &StoreKey, step: StoreStep, again: bool) {
        let step = if self.without == Some(Protection::Intent) { without_intent(step) } else { step };
        let answer = self.carry_out(key, &step);
        if !again && let (Some(time), _) = self.travel(STORE_FAULTS) {
            self.after(time, Event::StoreAnswers(place, answer));
        }
    }

    /// Carries a step out in the store, and keeps book of what was written.
    pub(super) fn carry_out(&mut self, key: &StoreKey, step: &StoreStep) -> StoreAnswer {
        if self.now < self.outage {
            return StoreAnswer::Failed(StoreError::new("down"));
        }
        let answer = self.store.answer(key, step, self.now);
        if let (StoreStep::Replace { entry, .. }, StoreAnswer::Replaced(Replaced::Written(_))) =
            (step, &answer)
            && key.kind() == RecordKind::Session
            && self.ledger.written(key, entry.bytes(), self.now)
        {
            self.store.bury(key);
        }
        answer
    }

    pub(super) fn server_receives(&mut self, place: Place, number: u64, request: &Request, again: bool) {
        self.ledger.reaches_server(number, &self.store, self.now, again);
        let response = self.sandbox.answer(request, UnixTime::from_millis(self.now));
        if response.status() == 200 {
            self.ledger.issues(Some(number), response.body(), self.now);
        }
        if !again && let (Some(time), _) = self.travel(SERVER_FAULTS) {
            self.after(time, Event::ServerAnswers(place, number, response));
        }
    }

    // A process's renewal.

    pub(super) fn is_awaited(&self, (process, incarnation, operation): Place) -> bool {
        let host = &self.processes[process];
        let mut all = [&host.renewal, &host.looking].into_iter().flatten();
        host.incarnation == incarnation && all.any(|running| running.waits_for == operation)
    }

    pub(super) fn start_renewal(&mut self, process: usize, starter: usize, renewal: SharedRenewal) {
        let host = &mut self.processes[process];
        let is_look = renewal.only_looks();
        if host.slot(is_look).is_some() {
            return self.ledger.violation(self.now, "a session has two renewals at once");
        }
        self.count += 1;
        let waits_for = self.count;
        let incarnation = host.incarnation;
        let key = Arc::new(renewal.key().clone());
        *self.processes[process].slot(is_look) =
            Some(Running { renewal, starter, waits_for, key, lease: None, first_look: None, request: None });
        self.after(0, Event::Wakes((process, incarnation, waits_for)));
    }

    /// Moves a renewal on, and carries out what it wants.
    pub(super) fn renew(&mut self, place: Place, answer: Option<RenewalAnswer>) {
        if !self.is_awaited(place) {
            return;
        }
        let (process, incarnation, operation) = place;
        let clock = self.processes[process].clock(self.now);
        let Some(running) = self.processes[process].waiting_for(operation) else { return };
        // Asked before it is stepped: one that is done is nothing any more.
        let is_look = running.renewal.only_looks();
        let (lease, first) = (&mut running.lease, &mut running.first_look);
        let answer = answer.map(|answer| heard(lease, first, answer, self.without));
        let Ok(step) = running.renewal.step(answer, clock) else {
            return self.ledger.violation(self.now, "a renewal refuses the answer to what it asked");
        };
        self.count += 1;
        running.waits_for = self.count;
        let key = Arc::clone(&running.key);
        let place = (process, incarnation, running.waits_for);
        match step {
            RenewalStep::Store(step) => {
                let (time, twice) = self.travel(STORE_FAULTS);
                if let Some(time) = time {
                    if twice {
                        self.after(
                            time + 1,
                            Event::StoreReceives(place, Arc::clone(&key), step.clone(), true),
                        );
                    }
                    self.after(time, Event::StoreReceives(place, key, step, false));
                }
                self.after(STORE_TIMEOUT, Event::TimesOut(place, None));
            }
            RenewalStep::Send(request) => self.send(place, &key, request),
            RenewalStep::Wait(time) => {
                let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, 3_600_000);
                self.after(time, Event::Wakes(place));
            }
            RenewalStep::Done => {
                *self.processes[process].slot(is_look) = None;
                self.wake(process);
            }
        }
    }

    pub(super) fn send(&mut self, place: Place, key: &StoreKey, request: Request) {
        self.count += 1;
        let number = self.count;
        let token = refresh_token(&request);
        let host = &mut self.processes[place.0];
        host.requests.push(number);
        let lease = host.renewal.as_mut().and_then(|running| {
            running.request = Some(number);
            running.lease.clone()
        });
        self.ledger.sends(number, key, token, lease, &self.store, self.now);
        // A task that gives up does so while it waits, which is for the most part for the server.
        let starter = self.processes[place.0].renewal.as_ref().map(|running| running.starter);
        if let Some(task) = starter
            && self.rng.u64(..1000) < 2 * self.trouble
        {
            let time = self.rng.u64(1..100);
            self.after(time, Event::Cancel(place.0, task));
        }
        let (time, twice) = self.travel(SERVER_FAULTS);
        if let Some(time) = time {
            if twice {
                self.after(time + 1, Event::ServerReceives(place, number, request.clone(), true));
            }
            self.after(time, Event::ServerReceives(place, number, request, false));
        }
        self.after(SERVER_TIMEOUT, Event::TimesOut(place, Some(number)));
    }
}

fn refresh_token(request: &Request) -> Option<String> {
    let body = std::str::from_utf8(request.body()).ok()?;
    // The sandbox's tokens have no character that a form would encode.
    body.split('&').find_map(|pair| pair.strip_prefix("refresh_token=")).map(str::to_owned)
}
