//! What is in memory: the runs, each with its own sandbox, each of the session that began it. [`Desk`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use valetkey_async::host::Network;
use valetkey_async::{Error, HttpClient, entropy, http_client_for};
use valetkey_sandbox::Front;

use super::session::{Purpose, Signer};
use crate::play::{AttackTable, Organisation, Trial};

/// How many runs a session keeps; its oldest goes.
const MAX_RUNS: usize = 24;

/// How many sessions there are at a time. Only a key from the terminal begins one; the one that has been idle longest
/// makes room.
const MAX_SESSIONS: usize = 8;

/// A run on the desk.
pub(super) struct Seat {
    pub(super) number: u64,
    pub(super) owner: u64,
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
    port: u16,
    origin: String,
    signer: Signer,
    /// Is told each address that opens the page.
    tell: Box<dyn Fn(&str) + Send + Sync>,
    pub(super) http: HttpClient,
    kept: Mutex<Kept>,
    pub(super) table: OnceLock<AttackTable>,
}

#[derive(Default)]
struct Kept {
    /// The one that has been idle longest first.
    sessions: Vec<u64>,
    /// How many there have been, which is how many keys have been used.
    begun: u64,
    seats: BTreeMap<u64, Seat>,
    /// How many runs there have been.
    count: u64,
}

impl Desk {
    /// At this port and origin. `tell` is told the address that opens the page, now, and a new one whenever that has been
    /// used.
    pub(super) fn new(
        port: u16,
        origin: String,
        network: &Network,
        tell: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let desk = Self {
            port,
            origin,
            signer: Signer::new(entropy()?.derive("playground")),
            tell: Box::new(tell),
            http: http_client_for(network)?,
            kept: Mutex::default(),
            table: OnceLock::new(),
        };
        desk.tell_key(0);
        Ok(desk)
    }

    fn tell_key(&self, number: u64) {
        (self.tell)(&format!("{}/?key={}", self.origin, self.signer.sign(Purpose::Key, number)));
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn host(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Where browsers come back to.
    pub(super) fn redirect_uri(&self) -> String {
        format!("{}/callback", self.origin)
    }

    pub(super) const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Begins a session for a key that has not been used.
    pub(super) fn open(&self, key: &str) -> Option<u64> {
        let mut kept = self.lock();
        let session = kept.begun;
        if !self.signer.verifies(Purpose::Key, session, key) {
            return None;
        }
        kept.begun += 1;
        kept.sessions.push(session);
        let idle = (kept.sessions.len() > MAX_SESSIONS).then(|| kept.sessions.remove(0));
        let theirs: Vec<u64> =
            kept.seats.values().filter(|seat| Some(seat.owner) == idle).map(|seat| seat.number).collect();
        let seats: Vec<Seat> = theirs.iter().filter_map(|number| kept.seats.remove(number)).collect();
        drop(kept);
        clear_away(seats);
        self.tell_key(session + 1);
        Some(session)
    }

    /// Whether the session is one of those that are kept. It is then not idle.
    pub(super) fn knows(&self, session: u64) -> bool {
        let mut kept = self.lock();
        let place = kept.sessions.iter().position(|known| *known == session);
        if let Some(place) = place {
            kept.sessions.remove(place);
            kept.sessions.push(session);
        }
        place.is_some()
    }

    /// Puts a run on the desk, and says under which number.
    pub(super) fn add(&self, make: impl FnOnce(u64) -> Seat) -> u64 {
        let mut kept = self.lock();
        kept.count += 1;
        let number = kept.count;
        let seat = make(number);
        let owner = seat.owner;
        kept.seats.insert(number, seat);
        let theirs = kept.seats.values().filter(|seat| seat.owner == owner);
        if theirs.count() > MAX_RUNS {
            let oldest = kept.seats.values().find(|seat| seat.owner == owner).map(|seat| seat.number);
            let seat = oldest.and_then(|number| kept.seats.remove(&number));
            drop(kept);
            clear_away(seat);
        }
        number
    }

    /// Does something with a run of this session. `None` if no run has that number.
    pub(super) fn with<T>(&self, session: u64, number: u64, act: impl FnOnce(&mut Seat) -> T) -> Option<T> {
        let mut kept = self.lock();
        kept.seats.get_mut(&number).filter(|seat| seat.owner == session).map(act)
    }

    /// Looks at each run of this session, the newest first.
    pub(super) fn each<T>(&self, session: u64, look: impl FnMut(&Seat) -> T) -> Vec<T> {
        let kept = self.lock();
        kept.seats.values().rev().filter(|seat| seat.owner == session).map(look).collect()
    }

    /// Finds the run that a browser of these sessions came back for, and takes it there: the one that sent this `state`,
    /// no matter who began it and whether it has had its answer; else, for a response that is not right, the newest one
    /// of its own that waits at all. Whose run it is and its number, if it is its own.
    pub(super) fn deliver(
        &self,
        sessions: &[u64],
        state: Option<&str>,
        act: impl FnOnce(&mut Seat, bool),
    ) -> Option<(u64, u64)> {
        let mut kept = self.lock();
        let by_state = state.and_then(|state| {
            kept.seats.values().rev().find(|seat| seat.trial.run.sent(state)).map(|seat| seat.number)
        });
        let number = by_state.or_else(|| {
            let mut own = kept.seats.values().rev().filter(|seat| sessions.contains(&seat.owner));
            own.find(|seat| seat.trial.run.awaits_browser()).map(|seat| seat.number)
        })?;
        let seat = kept.seats.get_mut(&number)?;
        let same_session = sessions.contains(&seat.owner);
        act(seat, same_session);
        same_session.then_some((seat.owner, number))
    }

    /// Takes a run off the desk, its sandbox with it.
    pub(super) fn remove(&self, session: u64, number: u64) {
        let mut kept = self.lock();
        if kept.seats.get(&number).is_some_and(|seat| seat.owner == session) {
            let seat = kept.seats.remove(&number);
            drop(kept);
            clear_away(seat);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// A sandbox's server takes a moment to stop, and nobody has to wait for it.
fn clear_away(seats: impl IntoIterator<Item = Seat> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn_blocking(move || drop(seats));
    }
}
