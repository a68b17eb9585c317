//! One who sends messages: a process that shares the session, and the log-out.

use serde::Deserialize;
use valetkey_core::Request;
use valetkey_core::session::{
    AwaitedCredential, RenewalAnswer, RenewalStep, SessionEnd, SharedRenewal, SharedSession,
};
use valetkey_core::store::{Lease, StoreAnswer, StoreStep, StoreVersion, StoredBytes};
use valetkey_core::{Error, UnixTime};

use super::heard::Heard;

/// A process; a new one by the same number after each death.
pub(super) struct Process {
    pub(super) session: SharedSession,
    /// How many renewals its program still wants.
    pub(super) wants: u8,
    pub(super) caller: Option<Caller>,
    /// How far its clock is off, in milliseconds.
    pub(super) skew: i64,
    /// What has failed since something went well, each with when: the session remembers how often.
    pub(super) failures: Vec<(String, u64)>,
    /// How often its session was ended by itself.
    pub(super) ends: u32,
    /// The token requests that it sent since it began.
    pub(super) requests: Vec<u64>,
}

/// One who waits for a token.
pub(super) struct Caller {
    /// None for one who waits only until the login is in the store.
    pub(super) awaited: Option<AwaitedCredential>,
    pub(super) asked: u64,
    /// How many renewals have ended since.
    pub(super) renewals: u8,
}

/// A machine that is under way.
pub(super) struct Running {
    pub(super) machine: Machine,
    pub(super) waiting: Waiting,
    /// What its session held when it began, and whether that was in the store; and how often that was ended by then.
    pub(super) held: Option<StoredBytes>,
    pub(super) is_unsaved: bool,
    pub(super) ends: u32,
    pub(super) lease: Option<Lease>,
    /// When it asked for that, by its clock in milliseconds.
    pub(super) leased_at: u64,
    /// What it saw first, for when it is not to look again.
    pub(super) first_look: Option<StoreAnswer>,
    /// The version that was there when it looked last, whatever it was shown.
    pub(super) looked_at: Option<StoreVersion>,
    /// What it writes, or wrote last; and whether it is about to.
    pub(super) writes: Option<StoredBytes>,
    is_writing: bool,
    pub(super) heard: Heard,
}

pub(super) enum Machine {
    Renewal(SharedRenewal),
    End(SessionEnd),
}

/// What is on its way between one who acts and the store or the server.
pub(super) enum Waiting {
    Store(StoreStep),
    Server(u64, Request),
    /// Time, in milliseconds; and the changes of the store when the lease was seen in another's hands.
    Time(u64, Option<u32>),
    /// The store's answer, which is late.
    Answer(StoreAnswer),
}

impl Process {
    pub(super) const fn new(session: SharedSession, wants: u8) -> Self {
        Self { session, wants, caller: None, skew: 0, failures: Vec::new(), ends: 0, requests: Vec::new() }
    }

    /// Dies, and begins anew with another memory. The token requests that it sent.
    pub(super) fn die(&mut self, session: SharedSession) -> Vec<u64> {
        self.session = session;
        self.caller = None;
        self.failures.clear();
        self.ends = 0;
        std::mem::take(&mut self.requests)
    }

    /// What its clock says at a true time, in milliseconds.
    pub(super) const fn clock(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.skew)
    }

    /// What its session holds.
    pub(super) fn record(&self) -> Option<StoredBytes> {
        let record = self.session.look(|session| session.record())?;
        Some(StoredBytes::new(serde_json::to_vec(&record).unwrap()))
    }

    pub(super) fn is_unsaved(&self) -> bool {
        self.session.look(|session| session.is_unsaved())
    }
}

impl Running {
    pub(super) fn new(machine: Machine, of: Option<&Process>) -> Self {
        Self {
            machine,
            waiting: Waiting::Time(0, None),
            held: of.and_then(Process::record),
            is_unsaved: of.is_some_and(Process::is_unsaved),
            ends: of.map_or(0, |process| process.ends),
            lease: None,
            leased_at: 0,
            first_look: None,
            looked_at: None,
            writes: None,
            is_writing: false,
            heard: Heard::default(),
        }
    }

    /// It hears this, when its clock says so.
    pub(super) fn hears(&mut self, answer: &RenewalAnswer, clock: u64) {
        if self.heard.refused.is_none()
            && matches!(self.machine, Machine::Renewal(_))
            && let RenewalAnswer::Store(StoreAnswer::Loaded(stored)) = answer
        {
            let bytes = stored.as_ref().map(|stored| &stored.bytes).or(self.held.as_ref());
            self.heard.refused = Some(bytes.and_then(access_token));
        }
        let is_last = self.heard.outcome.is_some() || matches!(self.machine, Machine::End(_));
        self.heard.hears(answer, clock, is_last && self.is_writing);
    }

    /// It says this, when its clock says so; whether it has had a lease until then.
    pub(super) fn says(&mut self, step: &RenewalStep, clock: u64, had_lease: bool) {
        self.is_writing = matches!(step, RenewalStep::Store(StoreStep::Replace { .. }));
        match step {
            RenewalStep::Store(StoreStep::Load) => self.looks(had_lease),
            RenewalStep::Wait(_) if matches!(self.machine, Machine::End(_)) => self.begins_anew(),
            RenewalStep::Store(StoreStep::Release(_)) => self.heard.is_over = true,
            RenewalStep::Store(StoreStep::Lease(_)) => {
                self.leased_at = clock;
                self.begins_anew();
            }
            RenewalStep::Store(StoreStep::Replace { entry, .. }) => self.writes = Some(entry.bytes().clone()),
            _ => {}
        }
    }

    fn looks(&mut self, had_lease: bool) {
        match &*self.phase() {
            "look" if matches!(self.machine, Machine::Renewal(_)) => {
                if had_lease {
                    self.heard.gave_way += 1;
                    self.lease = None;
                }
                self.begins_anew();
            }
            "look" | "reread" => self.begins_anew(),
            // A login is written without a lease, and it counts what was there before.
            "merge" if !self.is_unsaved => self.heard.has_only_its_outcome(),
            _ => {}
        }
    }

    fn begins_anew(&mut self) {
        // A log-out that may have written its tombstone remembers what it saw; and a login that is not written yet, all of it.
        let remembers = match self.machine {
            Machine::Renewal(_) => self.is_unsaved,
            Machine::End(_) => self.heard.is_unsure,
        };
        if !remembers {
            self.heard.begins_anew();
            self.writes = None;
        }
    }

    /// What its machine is about, by its own name of it.
    fn phase(&self) -> String {
        let told = match &self.machine {
            Machine::Renewal(renewal) => format!("{renewal:?}"),
            Machine::End(end) => format!("{end:?}"),
        };
        let (_, told) = told.rsplit_once("state: \"").expect("it tells its state");
        told.split('"').next().unwrap_or_default().to_owned()
    }
}

impl Machine {
    pub(super) fn step(&mut self, answer: Option<RenewalAnswer>, clock: u64) -> Result<RenewalStep, Error> {
        let clock = UnixTime::from_millis(clock);
        match self {
            Self::Renewal(renewal) => renewal.step(answer, clock),
            Self::End(end) => end.step(answer, clock),
        }
    }
}

/// The access token in a record.
fn access_token(record: &StoredBytes) -> Option<String> {
    #[derive(Deserialize)]
    struct Holding {
        access_token: Option<String>,
    }
    serde_json::from_slice::<Holding>(record.expose()).ok()?.access_token
}
