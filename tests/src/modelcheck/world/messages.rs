//! What the machines say, and what the store and the server answer.

use valetkey_core::session::{RenewalAnswer, RenewalStep};
use valetkey_core::store::{Replaced, StoreAnswer, StoreStep};
use valetkey_core::{Request, Response, UnixTime};

use super::{Stray, World};
use crate::modelcheck::process::{Machine, Waiting};
use crate::modelcheck::server::refresh_token;
use crate::simulator::{Protection, heard, without_intent};

impl World<'_> {
    pub(super) fn reach_store(&mut self, actor: usize, step: &StoreStep) -> StoreAnswer {
        let there = self.store.load(self.store_time()).map(|stored| stored.version);
        let answer = self.carry_out(step);
        let Some(running) = &mut self.running[actor] else { return answer };
        match (step, &answer) {
            (StoreStep::Load, _) => running.looked_at = there,
            // Whoever's write is refused, somebody has written since it looked: else it would be refused for ever.
            (StoreStep::Replace { .. }, StoreAnswer::Replaced(Replaced::Conflict))
                if running.looked_at == there =>
            {
                self.ledger.violation(
                    self.now,
                    "a write is refused, and nobody has written since its writer looked",
                );
            }
            _ => {}
        }
        answer
    }

    pub(super) fn carry_out(&mut self, step: &StoreStep) -> StoreAnswer {
        let step = match self.of.without {
            Some(Protection::Intent) => &without_intent(step.clone()),
            _ => step,
        };
        let answer = self.store.answer(step, self.store_time());
        if let (StoreStep::Replace { entry, .. }, StoreAnswer::Replaced(Replaced::Written(_))) =
            (step, &answer)
        {
            if self.ledger.written(&self.of.key, entry.bytes(), self.now) {
                self.is_ended = true;
                self.store.bury();
            } else if self.is_ended {
                self.ledger.violation(self.now, "a session that was ended is written again");
            }
        }
        answer
    }

    pub(super) fn reach_server(&mut self, number: u64, request: &Request) -> Response {
        self.ledger.reaches_server(number, &self.store, self.store_time(), false);
        let response = self.server.answer(request);
        if response.status() == 200 {
            self.ledger.issues(Some(number), response.body(), self.now);
        }
        response
    }

    /// What can do nothing any more is as good as lost.
    pub(super) fn drop_what_is_over(&mut self) {
        if self.strays.is_empty() {
            return;
        }
        let there = self.store.load(self.store_time()).map(|stored| stored.version);
        let is_checked = self.of.without != Some(Protection::Cas);
        self.strays.retain(|stray| match stray {
            Stray::Store(StoreStep::Load) => false,
            Stray::Store(StoreStep::Replace { expected, .. }) => !is_checked || *expected == there,
            Stray::Store(StoreStep::Release(lease)) => {
                self.store.lease().is_some_and(|(held, _)| held == lease)
            }
            Stray::Store(StoreStep::Lease(_)) | Stray::Server(..) => true,
        });
    }

    /// A machine hears what came, at the end of so many milliseconds, and says what it waits for next.
    pub(super) fn tell(&mut self, actor: usize, answer: Option<RenewalAnswer>, waited: u64) {
        let clock = self.clock(actor) + waited;
        let Some(running) = &mut self.running[actor] else { return };
        let had_lease = running.lease.is_some();
        let answer =
            answer.map(|answer| heard(&mut running.lease, &mut running.first_look, answer, self.of.without));
        let is_busy = matches!(answer, Some(RenewalAnswer::Store(StoreAnswer::Leased(None))));
        if let Some(answer) = &answer {
            running.hears(answer, clock);
        }
        let step = match running.machine.step(answer, clock) {
            Ok(step) => step,
            Err(error) => {
                return self.ledger.violation(self.now, format!("a machine refuses its answer: {error}"));
            }
        };
        running.says(&step, clock, had_lease);
        match step {
            RenewalStep::Store(step) => running.waiting = Waiting::Store(step),
            RenewalStep::Wait(time) => {
                let time = u64::try_from(time.as_millis()).unwrap().max(1);
                running.waiting = Waiting::Time(time, is_busy.then(|| self.store.changes()));
            }
            RenewalStep::Send(request) => self.send(actor, request),
            RenewalStep::Done => self.done(actor, clock),
        }
    }

    fn send(&mut self, actor: usize, request: Request) {
        let time = self.store_time();
        let Some(process) = self.processes.get_mut(actor) else {
            return self
                .ledger
                .violation(self.now, "a log-out sends something, and the server revokes nothing");
        };
        // Of all in a run, as no two happen at one moment.
        let number = self.now;
        process.requests.push(number);
        let Some(running) = &mut self.running[actor] else { return };
        let (token, lease) = (refresh_token(&request), running.lease.clone());
        self.ledger.sends(number, &self.of.key, token, lease, &self.store, time);
        running.waiting = Waiting::Server(number, request);
    }

    fn done(&mut self, actor: usize, clock: u64) {
        let Some(running) = self.running[actor].take() else { return };
        let host = self.logs_out_in.take_if(|_| actor == self.processes.len());
        match (running.machine, host) {
            (Machine::End(end), Some(process)) => {
                let host = &mut self.processes[process];
                // A log-out that fails is told to the user, who tries again or not.
                if host.session.settle_end(end, UnixTime::from_millis(clock)).is_ok() {
                    host.ends += 1;
                    host.failures.push(("it has ended".to_owned(), clock));
                    self.judge_log_out();
                }
            }
            (Machine::End(end), None) => {
                if end.finish().is_ok() {
                    self.judge_log_out();
                }
            }
            (Machine::Renewal(renewal), _) => drop(renewal),
        }
        if let Some(host) = self.processes.get_mut(actor) {
            if let Some(caller) = &mut host.caller {
                caller.renewals += 1;
            }
            self.provide(actor);
        }
    }
}
