//! What a process does beside its renewals: a login that is under way, a log-out that the server announced. Each of its steps is a
//! message to the store, which takes its time, may be lost, and may arrive twice.

use std::time::Duration;

use valetkey_core::logout::LogoutAnswer;
use valetkey_core::store::{Index, StoreAnswer, StoreError, StoreKey, StoreStep};

use super::announced::LogOut;
use super::logging_in::Login;
use super::{Event, STORE_FAULTS, STORE_TIMEOUT, World};

pub(super) struct Errand {
    process: usize,
    /// In which of its lives.
    deaths: u32,
    pub(super) work: Work,
    /// The operation that it waits for: answers to others come too late.
    waits_for: u64,
}

pub(super) enum Work {
    Login(Box<Login>),
    LogOut(Box<LogOut>),
}

/// What the store is asked.
#[derive(Clone)]
pub(super) enum Asked {
    Store(Box<StoreKey>, StoreStep),
    Find(Index, Option<Box<StoreKey>>),
}

/// What of an errand is due, by the operation that it is about.
pub(super) enum OnItsWay {
    /// To the store; the second time, if the network sends twice.
    Arrives(u64, Asked, bool),
    /// Back to the process, which steps on; without an answer after a wait.
    Comes(u64, Option<LogoutAnswer>),
}

/// What comes after a step.
pub(super) enum Next {
    Ask(Asked),
    Wait(Duration),
    Done,
    Failed,
}

impl World {
    /// Begins an errand in this process, whose first step is taken after a time.
    pub(super) fn begin_errand(&mut self, process: usize, work: Work, time: u64) {
        self.count += 1;
        let (number, waits_for) = (self.count, self.count);
        let deaths = self.processes[process].deaths;
        self.errands.insert(number, Errand { process, deaths, work, waits_for });
        self.after(time, Event::Errand(number, OnItsWay::Comes(waits_for, None)));
    }

    pub(super) fn go_on(&mut self, number: u64, what: OnItsWay) {
        match what {
            OnItsWay::Arrives(operation, asked, again) => self.arrive(number, operation, asked, again),
            OnItsWay::Comes(operation, answer) => self.step_errand(number, operation, answer),
        }
    }

    /// What was sent arrives, whether its sender lives or not.
    fn arrive(&mut self, number: u64, operation: u64, asked: Asked, again: bool) {
        let answer = match asked {
            Asked::Store(key, step) => LogoutAnswer::Store(self.carry_out(&key, &step)),
            Asked::Find(..) if self.now < self.outage => LogoutAnswer::Found(Err(StoreError::new("down"))),
            Asked::Find(index, after) => {
                LogoutAnswer::Found(Ok(self.store.find(&index, after.as_deref(), self.now)))
            }
        };
        if !again && let (Some(time), _) = self.travel(STORE_FAULTS) {
            self.after(time, Event::Errand(number, OnItsWay::Comes(operation, Some(answer))));
        }
    }

    fn step_errand(&mut self, number: u64, operation: u64, answer: Option<LogoutAnswer>) {
        let Some(errand) = self.errands.get(&number) else { return };
        let (process, deaths) = (errand.process, errand.deaths);
        if self.processes[process].deaths != deaths {
            self.errands.remove(&number);
            return;
        }
        if errand.waits_for != operation {
            return;
        }
        let Some(mut errand) = self.errands.remove(&number) else { return };
        let clock = self.processes[process].clock(self.now);
        let next = match &mut errand.work {
            Work::Login(login) => login.step(answer, self.without, clock),
            Work::LogOut(out) => {
                let next = out.step(answer, clock);
                self.hear(out);
                next
            }
        };
        self.count += 1;
        errand.waits_for = self.count;
        let operation = self.count;
        match next {
            Next::Ask(asked) => {
                self.ask_store(number, operation, asked);
                self.errands.insert(number, errand);
            }
            Next::Wait(time) => {
                let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, 3_600_000);
                self.after(time, Event::Errand(number, OnItsWay::Comes(operation, None)));
                self.errands.insert(number, errand);
            }
            Next::Done => {
                if let Work::Login(login) = errand.work {
                    self.end_web_login(process, *login);
                }
            }
            Next::Failed => self.ledger.fault(errand.work.failed()),
        }
    }

    fn ask_store(&mut self, number: u64, operation: u64, asked: Asked) {
        let failed = StoreError::new("no answer");
        let failed = match &asked {
            Asked::Store(..) => LogoutAnswer::Store(StoreAnswer::Failed(failed)),
            Asked::Find(..) => LogoutAnswer::Found(Err(failed)),
        };
        let (time, twice) = self.travel(STORE_FAULTS);
        if let Some(time) = time {
            if twice {
                let again = OnItsWay::Arrives(operation, asked.clone(), true);
                self.after(time + 1, Event::Errand(number, again));
            }
            self.after(time, Event::Errand(number, OnItsWay::Arrives(operation, asked, false)));
        }
        self.after(STORE_TIMEOUT, Event::Errand(number, OnItsWay::Comes(operation, Some(failed))));
    }
}

impl Work {
    const fn failed(&self) -> &'static str {
        match self {
            Self::Login(_) => "login that comes to nothing",
            Self::LogOut(_) => "announced log-out that fails",
        }
    }
}
