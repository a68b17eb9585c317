//! What is in memory: the runs, each with its own sandbox, each of the session that began it. [`Desk`].

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use valetkey_async::{Error, HttpClient, client, entropy};
use valetkey_core::Entropy;
use valetkey_sandbox::Front;

use super::view::attacks::Table;
use crate::play::{Organisation, Trial};

/// How many runs are kept, of all sessions; the oldest goes.
const MAX_RUNS: usize = 24;

/// A run on the desk.
pub(super) struct Seat {
    pub(super) number: u64,
    pub(super) owner: String,
    pub(super) trial: Trial,
    /// The run's own sandbox; none for a server elsewhere.
    pub(super) front: Option<Front>,
    pub(super) organisation: Option<Organisation>,
    /// A request of it is on its way.
    pub(super) is_sending: bool,
    /// What went wrong beside the protocol, told once.
    pub(super) notice: Option<String>,
}

/// Everything that the handlers share.
pub(super) struct Desk {
    origin: String,
    key: [u8; 32],
    pub(super) http: HttpClient,
    runs: Mutex<Runs>,
    pub(super) table: OnceLock<Table>,
}

#[derive(Default)]
struct Runs {
    seats: BTreeMap<u64, Seat>,
    count: u64,
}

impl Desk {
    pub(super) fn new(origin: String) -> Result<Self, Error> {
        Ok(Self {
            origin,
            key: entropy()?.derive("playground"),
            http: client()?,
            runs: Mutex::default(),
            table: OnceLock::new(),
        })
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn host(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }

    /// Where browsers come back to.
    pub(super) fn redirect_uri(&self) -> String {
        format!("{}/callback", self.origin)
    }

    /// The token that every form of a session carries: a function of the session and of this process's key.
    pub(super) fn csrf(&self, session: &str) -> String {
        Entropy::from_seed(self.key).text(&format!("csrf {session}"))
    }

    /// 43 characters that nobody can guess.
    pub(super) fn random(&self, label: &str) -> Result<String, Error> {
        Ok(entropy()?.text(label))
    }

    /// Puts a run on the desk, and says under which number.
    pub(super) fn add(&self, make: impl FnOnce(u64) -> Seat) -> u64 {
        let mut runs = self.lock();
        runs.count += 1;
        let number = runs.count;
        runs.seats.insert(number, make(number));
        if runs.seats.len() > MAX_RUNS {
            let oldest = runs.seats.pop_first();
            drop(runs);
            clear_away(oldest.map(|(_, seat)| seat));
        }
        number
    }

    /// Does something with a run of this session. `None` if there is none of that number.
    pub(super) fn with<T>(&self, session: &str, number: u64, act: impl FnOnce(&mut Seat) -> T) -> Option<T> {
        let mut runs = self.lock();
        runs.seats.get_mut(&number).filter(|seat| seat.owner == session).map(act)
    }

    /// Looks at each run of this session, the newest first.
    pub(super) fn each<T>(&self, session: &str, look: impl FnMut(&Seat) -> T) -> Vec<T> {
        let runs = self.lock();
        runs.seats.values().rev().filter(|seat| seat.owner == session).map(look).collect()
    }

    /// Finds the run that a browser came back for, and takes it there: the one that sent this `state`, whoever
    /// began it, and whether or not it has had its answer; else, for a response that is not right, the newest one of this session that waits at all.
    pub(super) fn deliver(
        &self,
        session: &str,
        state: Option<&str>,
        act: impl FnOnce(&mut Seat, bool),
    ) -> Option<u64> {
        let mut runs = self.lock();
        let by_state = state.and_then(|state| {
            runs.seats.values().rev().find(|seat| seat.trial.run.sent(state)).map(|seat| seat.number)
        });
        let number = by_state.or_else(|| {
            let mut own = runs.seats.values().rev().filter(|seat| seat.owner == session);
            own.find(|seat| seat.trial.run.awaits_browser()).map(|seat| seat.number)
        })?;
        let seat = runs.seats.get_mut(&number)?;
        let same_session = seat.owner == session;
        act(seat, same_session);
        same_session.then_some(number)
    }

    /// Takes a run off the desk, its sandbox with it.
    pub(super) fn remove(&self, session: &str, number: u64) {
        let mut runs = self.lock();
        if runs.seats.get(&number).is_some_and(|seat| seat.owner == session) {
            let seat = runs.seats.remove(&number);
            drop(runs);
            clear_away(seat);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sandbox's server takes a moment to stop, and nobody has to wait for it.
fn clear_away(seat: Option<Seat>) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn_blocking(move || drop(seat));
    }
}
