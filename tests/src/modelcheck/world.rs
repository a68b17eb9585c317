//! The world of a search, at one place of it: what can happen next, and what comes of it.
//!
//! Longer than most files: each action stands beside what it does.

mod judging;
mod messages;
mod telling;

use valetkey_core::error::Cause;
use valetkey_core::session::{AwaitedCredential, RenewalAnswer, SessionEnd};
use valetkey_core::store::{StoreAnswer, StoreError, StoreStep};
use valetkey_core::{Error, Request, UnixTime};

use super::action::Action;
use super::beginning::{Beginning, START};
use super::process::{Caller, Machine, Process, Running, Waiting};
use super::server::Server;
use super::store::{KeptStore, Kind};
use crate::simulator::Ledger;

/// When a program asks again after a renewal that failed, in milliseconds. Of a run's renewals few fail, so that all of this
/// together is less than a lease.
const RETRY: u64 = 5_000;
/// How long a lease is, in milliseconds.
pub(super) const LEASE: u64 = 30_000;
/// How far a clock steps, in milliseconds.
const CLOCK_STEP: i64 = 600_000;

pub(super) struct World<'a> {
    pub(super) of: &'a Beginning,
    /// True time in milliseconds.
    pub(super) now: u64,
    pub(super) server: Server,
    pub(super) store: KeptStore,
    pub(super) ledger: Ledger,
    pub(super) processes: Vec<Process>,
    /// What each process is doing, and at the end the log-out.
    pub(super) running: Vec<Option<Running>>,
    /// In which process the log-out is, while it is under way there.
    pub(super) logs_out_in: Option<usize>,
    /// Messages that nobody waits for any longer.
    pub(super) strays: Vec<Stray>,
    pub(super) faults: u8,
    pub(super) has_logged_out: bool,
    /// Whether a tombstone was written.
    pub(super) is_ended: bool,
}

pub(super) enum Stray {
    Store(StoreStep),
    Server(u64, Request),
}

impl<'a> World<'a> {
    pub(super) fn new(of: &'a Beginning) -> Self {
        let mut ledger = Ledger::new(true, 0).since_the_first_login();
        ledger.issues(None, Server::first().body(), START);
        let session = |number| if number == 0 { of.first_session() } else { of.session() };
        let processes: Vec<_> = (0..of.bounds.processes)
            .map(|number| Process::new(session(number), of.bounds.renewals))
            .collect();
        let mut world = Self {
            of,
            now: START,
            server: Server::new(),
            store: KeptStore::new(of.kind, of.key.clone(), of.without),
            ledger,
            running: (0..=processes.len()).map(|_| None).collect(),
            processes,
            logs_out_in: None,
            strays: Vec::new(),
            faults: 0,
            has_logged_out: false,
            is_ended: false,
        };
        world.write_login();
        world
    }

    /// The world after these actions.
    pub(super) fn after(of: &'a Beginning, way: &[Action]) -> Self {
        let mut world = Self::new(of);
        way.iter().for_each(|action| world.take(*action));
        world
    }

    // What can happen.

    /// Everything that can happen next.
    pub(super) fn actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (actor, running) in (0_u8..).zip(&self.running) {
            if running.as_ref().is_some_and(|running| !matches!(running.waiting, Waiting::Time(..))) {
                actions.push(Action::Goes(actor));
            }
        }
        let is_there = self.store.load(self.store_time()).is_some();
        for (actor, process) in (0_u8..).zip(&self.processes) {
            // Nobody asks for a user's token before the user has logged in.
            if process.wants > 0 && process.caller.is_none() && (is_there || process.is_unsaved()) {
                actions.push(Action::Wants(actor));
            }
        }
        actions.extend((0_u8..).zip(&self.strays).map(|(message, _)| Action::Arrives(message)));
        if actions.is_empty() && self.is_leased() {
            actions.push(Action::LeaseEndsAtLast);
        }
        if !self.has_logged_out {
            if is_there {
                actions.push(Action::LogsOut);
            }
            for (actor, process) in (0_u8..).zip(&self.processes) {
                if is_there || process.is_unsaved() {
                    actions.push(Action::LogsOutIn(actor));
                }
            }
        }
        if self.faults < self.of.bounds.faults {
            self.add_faults(&mut actions);
        }
        actions
    }

    /// What could go wrong next.
    fn add_faults(&self, actions: &mut Vec<Action>) {
        for (actor, running) in (0_u8..).zip(&self.running) {
            match running.as_ref().map(|running| &running.waiting) {
                Some(Waiting::Store(StoreStep::Load)) => {
                    actions.extend([Action::LosesRequest(actor), Action::AnswersLate(actor)]);
                }
                Some(Waiting::Store(StoreStep::Release(_))) => {
                    let faults =
                        [Action::LosesRequest(actor), Action::IsLate(actor), Action::AnswersLate(actor)];
                    actions.extend(faults);
                }
                Some(Waiting::Store(StoreStep::Lease(_) | StoreStep::Replace { .. })) => actions.extend([
                    Action::LosesRequest(actor),
                    Action::LosesAnswer(actor),
                    Action::IsLate(actor),
                    Action::AnswersLate(actor),
                ]),
                Some(Waiting::Server(..)) => actions.extend([
                    Action::LosesRequest(actor),
                    Action::LosesAnswer(actor),
                    Action::IsLate(actor),
                ]),
                Some(Waiting::Time(..) | Waiting::Answer(_)) | None => {}
            }
        }
        for actor in (0_u8..).take(self.processes.len()) {
            actions.push(Action::Dies(actor));
            if actor == 0 || self.of.kind == Kind::Redis {
                actions.extend([Action::ClockStepsOn(actor), Action::ClockStepsBack(actor)]);
            }
        }
        if self.is_leased() {
            actions.push(Action::LeaseEnds);
        }
    }

    pub(super) fn is_leased(&self) -> bool {
        self.store.lease().is_some_and(|(_, until)| self.store_time() < until)
    }

    /// What the clock says by which leases end: that of those who share a memory, or the store's own.
    pub(super) fn store_time(&self) -> u64 {
        match self.of.kind {
            Kind::Redis => self.now,
            Kind::Memory => self.processes.first().map_or(self.now, |process| process.clock(self.now)),
        }
    }

    /// What the clock of one who acts says.
    fn clock(&self, actor: usize) -> u64 {
        let process = if actor < self.processes.len() { Some(actor) } else { self.logs_out_in };
        process.map_or_else(|| self.store_time(), |process| self.processes[process].clock(self.now))
    }

    // What comes of it.

    pub(super) fn take(&mut self, action: Action) {
        self.now += 1;
        self.faults += u8::from(action.is_fault());
        match action {
            Action::Wants(process) => self.want(usize::from(process)),
            Action::Goes(actor) => self.go(usize::from(actor)),
            Action::LogsOut => {
                self.has_logged_out = true;
                let end = SessionEnd::of(&self.of.client);
                self.start(self.processes.len(), Running::new(Machine::End(end), None));
            }
            Action::LogsOutIn(process) => self.log_out_in(usize::from(process)),
            Action::LeaseEndsAtLast | Action::LeaseEnds => self.end_lease(),
            Action::Arrives(message) => self.arrive(usize::from(message)),
            Action::LosesRequest(actor) => self.lose(usize::from(actor), false, false),
            Action::LosesAnswer(actor) => self.lose(usize::from(actor), true, false),
            Action::IsLate(actor) => self.lose(usize::from(actor), false, true),
            Action::AnswersLate(actor) => self.answer_late(usize::from(actor)),
            Action::Dies(process) => self.die(usize::from(process)),
            Action::ClockStepsOn(process) => self.step_clock(usize::from(process), CLOCK_STEP),
            Action::ClockStepsBack(process) => self.step_clock(usize::from(process), -CLOCK_STEP),
        }
        self.end_waits();
        self.drop_what_is_over();
    }

    /// Whoever waits and has a reason to go on asks at once; when that is carried out is another thing. Who waits for another's
    /// lease would find it held again, any number of times.
    fn end_waits(&mut self) {
        for actor in 0..self.running.len() {
            while let Some(Running { waiting: Waiting::Time(time, changes), .. }) = &self.running[actor] {
                let time = *time;
                let goes_on =
                    changes.is_none_or(|changes| changes != self.store.changes() || !self.is_leased());
                if !goes_on {
                    break;
                }
                // Such a wait is short, and over before anything else happens.
                self.tell(actor, None, time);
            }
        }
    }

    /// The login is written before anybody uses it.
    fn write_login(&mut self) {
        let host = &mut self.processes[0];
        let clock = UnixTime::from_millis(host.clock(self.now));
        let (_, renewal) = host.session.provide(&mut AwaitedCredential::new(), clock).unwrap();
        let renewal = renewal.expect("the tokens of a login are written before they are used");
        host.caller = Some(Caller { awaited: None, asked: self.now, renewals: 0 });
        let running = Running::new(Machine::Renewal(renewal), Some(host));
        self.start(0, running);
    }

    fn want(&mut self, process: usize) {
        let host = &mut self.processes[process];
        host.wants -= 1;
        if !host.failures.is_empty() {
            self.now += RETRY;
        }
        let awaited = Some(AwaitedCredential::renewed());
        host.caller = Some(Caller { awaited, asked: self.now, renewals: 0 });
        if self.running[process].is_none() {
            self.provide(process);
        }
    }

    /// Asks for who waits, and begins the renewal that this takes.
    pub(super) fn provide(&mut self, process: usize) {
        let host = &mut self.processes[process];
        let clock = UnixTime::from_millis(host.clock(self.now));
        let Some(mut caller) = host.caller.take() else { return };
        let Some(awaited) = &mut caller.awaited else { return self.login_ended(process, &caller) };
        match host.session.provide(awaited, clock) {
            Err(error) => self.tell_caller(process, caller.asked, &error),
            Ok((_, renewal)) => {
                if let Some(credential) = awaited.take() {
                    host.failures.clear();
                    self.ledger.sees(credential.access_token().expose(), self.now, self.now);
                    self.ledger.told(caller.asked, None, self.now);
                } else {
                    host.caller = Some(caller);
                }
                if let Some(renewal) = renewal {
                    let running = Running::new(Machine::Renewal(renewal), Some(host));
                    self.start(process, running);
                }
            }
        }
    }

    /// A login that failed is its user's matter; whether it was written all the same, its session knows.
    fn login_ended(&mut self, process: usize, caller: &Caller) {
        let host = &mut self.processes[process];
        if host.session.credential().current().is_none() {
            host.failures.push(("the login is not good".to_owned(), host.clock(self.now)));
        }
        self.ledger.told(caller.asked, None, self.now);
    }

    fn tell_caller(&mut self, process: usize, asked: u64, error: &Error) {
        let host = &mut self.processes[process];
        host.failures.push((error.to_string(), host.clock(self.now)));
        // Who logs the user out is told that.
        let is_end =
            matches!(error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::Ended));
        let is_logging_out = self.logs_out_in == Some(process);
        self.ledger.told(asked, Some(error).filter(|_| !(is_end && is_logging_out)), self.now);
        if self.faults == 0 && !self.has_logged_out {
            self.ledger.violation(self.now, format!("a renewal fails, and nothing has gone wrong: {error}"));
        }
    }

    fn log_out_in(&mut self, process: usize) {
        self.has_logged_out = true;
        self.logs_out_in = Some(process);
        let host = &self.processes[process];
        let running = Running::new(Machine::End(host.session.end().unwrap()), Some(host));
        self.start(self.processes.len(), running);
    }

    fn start(&mut self, actor: usize, running: Running) {
        if self.running[actor].is_some() {
            return self.ledger.violation(self.now, "a session has two renewals at once");
        }
        self.running[actor] = Some(running);
        self.tell(actor, None, 0);
    }

    /// What is waited for happens as it should.
    fn go(&mut self, actor: usize) {
        match self.take_waiting(actor) {
            Waiting::Answer(answer) => self.tell(actor, Some(RenewalAnswer::Store(answer)), 0),
            Waiting::Store(step) => {
                let answer = self.reach_store(actor, &step);
                self.tell(actor, Some(RenewalAnswer::Store(answer)), 0);
            }
            Waiting::Server(number, request) => {
                let response = self.reach_server(number, &request);
                self.ledger.answered(number);
                self.tell(actor, Some(RenewalAnswer::Response(response)), 0);
            }
            Waiting::Time(..) => unreachable!("its waits end by themselves"),
        }
    }

    /// One waits in vain for the answer to its message, which has come or not, or may still come.
    fn lose(&mut self, actor: usize, has_come: bool, may_come: bool) {
        match self.take_waiting(actor) {
            Waiting::Store(step) => {
                if has_come {
                    let _ = self.reach_store(actor, &step);
                } else if may_come {
                    self.strays.push(Stray::Store(step));
                }
                let failed = StoreAnswer::Failed(StoreError::new("no answer"));
                self.tell(actor, Some(RenewalAnswer::Store(failed)), 0);
            }
            Waiting::Server(number, request) => {
                if has_come {
                    let _ = self.reach_server(number, &request);
                } else if may_come {
                    self.strays.push(Stray::Server(number, request));
                }
                self.ledger.unknown(number);
                self.tell(actor, Some(RenewalAnswer::NoResponse), 0);
            }
            Waiting::Time(..) | Waiting::Answer(_) => unreachable!("it waits for a message"),
        }
    }

    fn answer_late(&mut self, actor: usize) {
        if let Waiting::Store(step) = self.take_waiting(actor) {
            let answer = self.reach_store(actor, &step);
            if let Some(running) = &mut self.running[actor] {
                running.waiting = Waiting::Answer(answer);
            }
        }
    }

    fn take_waiting(&mut self, actor: usize) -> Waiting {
        let running = self.running[actor].as_mut().expect("it is under way");
        std::mem::replace(&mut running.waiting, Waiting::Time(0, None))
    }

    fn arrive(&mut self, message: usize) {
        match self.strays.remove(message) {
            Stray::Server(number, request) => {
                let _ = self.reach_server(number, &request);
            }
            Stray::Store(step) => {
                let _ = self.carry_out(&step);
            }
        }
    }

    fn die(&mut self, process: usize) {
        // What it waited for is still on its way, and its renewal is no more, nor is its log-out.
        let log_out = self.logs_out_in.take_if(|logging_out| *logging_out == process);
        let log_out = log_out.map(|_| self.processes.len());
        for actor in [Some(process), log_out].into_iter().flatten() {
            match self.running[actor].take().map(|running| running.waiting) {
                Some(Waiting::Store(step)) => self.strays.push(Stray::Store(step)),
                Some(Waiting::Server(number, request)) => self.strays.push(Stray::Server(number, request)),
                Some(Waiting::Time(..) | Waiting::Answer(_)) | None => {}
            }
        }
        let session = self.of.session();
        let requests = self.processes[process].die(session);
        self.ledger.died(&requests);
    }

    /// So much time passes that the lease is over: as much for a lease of now as for one of a while ago.
    fn end_lease(&mut self) {
        let left = self.store.lease().map_or(0, |(_, until)| until.saturating_sub(self.store_time()));
        // One that was given before its clock stepped back lasts for longer.
        self.now += if left <= LEASE { LEASE + 1_000 } else { LEASE + 1_000 + CLOCK_STEP.unsigned_abs() };
    }

    /// Who shares a store in memory shares a computer, and its clock.
    fn step_clock(&mut self, process: usize, by: i64) {
        for (number, host) in self.processes.iter_mut().enumerate() {
            if number == process || self.of.kind == Kind::Memory {
                host.skew += by;
            }
        }
        self.store.clock_stepped();
    }
}
