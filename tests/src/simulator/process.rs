//! One simulated process: a shared session, its renewal, and the tasks that call an API, as an adapter runs them.

use std::collections::HashSet;
use std::sync::Arc;

use valetkey_core::session::{AwaitedCredential, Call, SharedRenewal, SharedSession};
use valetkey_core::store::{Lease, StoreAnswer, StoreKey};
use valetkey_core::{Response, UnixTime};

/// A process; a new one by the same name after each death.
pub(super) struct Process {
    /// Counts its deaths, and what is as good as one for its session.
    pub(super) incarnation: u32,
    /// Counts its deaths alone.
    pub(super) deaths: u32,
    pub(super) is_dead: bool,
    /// `None` while it is dead, and while it knows of no login.
    pub(super) session: Option<SharedSession>,
    pub(super) renewal: Option<Running>,
    /// The look at its store, which goes on beside a renewal.
    pub(super) looking: Option<Running>,
    pub(super) tasks: Vec<Task>,
    /// How far its clock is off, in milliseconds.
    skew: i64,
    /// Until when a clock that was set back shows again what it has shown, by true time: a look at the store is good for so much longer.
    pub(super) set_back_until: u64,
    /// The token requests that it sent.
    pub(super) requests: Vec<u64>,
    /// The access tokens that it said are no good.
    pub(super) refused: HashSet<String>,
    /// Who waits for a forced renewal.
    pub(super) wanting: Vec<Wanting>,
}

/// One who wants a new credential, though one is held.
pub(super) struct Wanting {
    pub(super) awaited: AwaitedCredential,
    /// The access token that was held then.
    pub(super) held: Option<String>,
    pub(super) asked: u64,
}

/// The renewal that is under way.
pub(super) struct Running {
    pub(super) renewal: SharedRenewal,
    /// The task that began it.
    pub(super) starter: usize,
    /// The operation that it waits for: answers to others come too late.
    pub(super) waits_for: u64,
    /// Where its store keeps the session.
    pub(super) key: Arc<StoreKey>,
    pub(super) lease: Option<Lease>,
    /// What it saw first, for when it is not to look again.
    pub(super) first_look: Option<StoreAnswer>,
    /// The token request that it sent last: whoever drops it drops what came of that.
    pub(super) request: Option<u64>,
}

/// A task that calls the API now and then.
#[derive(Default)]
pub(super) struct Task {
    pub(super) call: Option<Call>,
    /// What the API answered last.
    pub(super) answer: Option<Response>,
    pub(super) asked: u64,
    /// Whether it waits for a renewal.
    pub(super) waits: bool,
    /// Counts its calls, so that an answer to one that was given up is known.
    pub(super) number: u64,
    /// Whether this call is the one that shows that all is well again.
    pub(super) is_last: bool,
}

impl Process {
    pub(super) fn new(tasks: usize) -> Self {
        Self {
            incarnation: 0,
            deaths: 0,
            is_dead: false,
            session: None,
            renewal: None,
            looking: None,
            tasks: (0..tasks).map(|_| Task::default()).collect(),
            skew: 0,
            set_back_until: 0,
            requests: Vec::new(),
            refused: HashSet::new(),
            wanting: Vec::new(),
        }
    }

    /// Dies, or begins anew: whoever called is gone, and what its memory had of refusals.
    pub(super) fn die(&mut self) -> Vec<u64> {
        self.incarnation += 1;
        self.session = None;
        self.renewal = None;
        self.looking = None;
        for task in &mut self.tasks {
            task.call = None;
            task.waits = false;
        }
        self.refused.clear();
        self.wanting.clear();
        std::mem::take(&mut self.requests)
    }

    /// Sets its clock, to be off by so much from now on.
    pub(super) fn set_clock(&mut self, skew: i64, now: u64) {
        let change = skew - self.skew;
        self.skew = skew;
        self.set_back_until = self.set_back_until.max(now).saturating_add_signed(-change);
    }

    /// Where a renewal is, or a look.
    pub(super) fn slot(&mut self, is_look: bool) -> &mut Option<Running> {
        if is_look { &mut self.looking } else { &mut self.renewal }
    }

    /// The renewal or the look that waits for this operation.
    pub(super) fn waiting_for(&mut self, operation: u64) -> Option<&mut Running> {
        let all = [&mut self.renewal, &mut self.looking];
        all.into_iter().flatten().find(|running| running.waits_for == operation)
    }

    /// What its clock says at a true time in milliseconds.
    pub(super) fn clock(&self, now: u64) -> UnixTime {
        UnixTime::from_millis(now.saturating_add_signed(self.skew))
    }
}
