//! The store of a search: as memory keeps the contract, by core's own store and the clock of its computer; and as Redis does,
//! by true time.

use valetkey_core::UnixTime;
use valetkey_core::store::{
    Lease, MemoryStore, Replaced, Store, StoreAnswer, StoreKey, StoreStep, Stored, StoredBytes,
};

use crate::simulator::{Leases, Protection, SharedStore};

/// Which store is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// [`MemoryStore`]: all who share it share their computer's clock, and a lease ends by that.
    Memory,
    /// As Redis: a lease ends by the store's own clock.
    Redis,
}

/// One key of a store.
pub(super) struct KeptStore {
    at: At,
    key: StoreKey,
    without: Option<Protection>,
    /// Who has the lease, for how long, and until when by the clock that counts, in milliseconds.
    lease: Option<(Lease, u64, u64)>,
    /// Counts what could let somebody go on who waits for another's renewal: that is over, or has written what came of it. Who
    /// looks in between sees what does not concern it, and waits again.
    changes: u32,
}

enum At {
    Memory { store: Box<MemoryStore>, made_up: u32 },
    Redis(SharedStore),
}

impl KeptStore {
    pub(super) fn new(kind: Kind, key: StoreKey, without: Option<Protection>) -> Self {
        let at = match kind {
            Kind::Memory => At::Memory { store: Box::default(), made_up: 0 },
            Kind::Redis => At::Redis(SharedStore::new(without)),
        };
        Self { at, key, without, lease: None, changes: 0 }
    }

    /// Carries a step out at a time in milliseconds, by the clock that counts.
    pub(super) fn answer(&mut self, step: &StoreStep, time: u64) -> StoreAnswer {
        let answer = match &mut self.at {
            At::Redis(store) => store.answer(&self.key, step, time),
            At::Memory { store, made_up } => {
                let step = match self.without {
                    Some(Protection::Cas) => unguarded(store, &self.key, step),
                    _ => step.clone(),
                };
                let answer = step.on(&**store, &self.key, UnixTime::from_millis(time));
                match answer {
                    StoreAnswer::Leased(None) if self.without == Some(Protection::Lease) => {
                        *made_up += 1;
                        StoreAnswer::Leased(Some(Lease::new(format!("made up {made_up}"))))
                    }
                    answer => answer,
                }
            }
        };
        self.note(step, &answer, time);
        answer
    }

    fn note(&mut self, step: &StoreStep, answer: &StoreAnswer, time: u64) {
        match (step, answer) {
            (StoreStep::Lease(ttl), StoreAnswer::Leased(Some(lease))) => {
                let ttl = u64::try_from(ttl.as_millis()).unwrap();
                self.lease = Some((lease.clone(), ttl, time + ttl));
            }
            (StoreStep::Lease(_), StoreAnswer::Leased(None)) => {
                // As memory does, whose clock may have been set back.
                if let (At::Memory { .. }, Some((_, ttl, until))) = (&self.at, &mut self.lease) {
                    *until = (*until).min(time + *ttl);
                }
            }
            (StoreStep::Release(lease), _) => {
                self.lease.take_if(|(held, ..)| held == lease);
                self.changes += 1;
            }
            (StoreStep::Replace { entry, .. }, StoreAnswer::Replaced(replaced))
                if replaced.is_done() && !has_intent(entry.bytes()) =>
            {
                self.changes += 1;
            }
            _ => {}
        }
    }

    /// A tombstone was written. Where tombstones are off, nothing is left.
    pub(super) fn bury(&mut self) {
        match &mut self.at {
            At::Redis(store) => store.bury(&self.key),
            At::Memory { store, .. } if self.without == Some(Protection::Tombstone) => {
                let version = store.load(&self.key).unwrap().map(|stored| stored.version);
                let replaced = store.replace(&self.key, version.as_ref(), None).unwrap();
                assert_eq!(replaced, Replaced::Deleted, "it is what is there");
            }
            At::Memory { .. } => {}
        }
    }

    pub(super) fn load(&self, time: u64) -> Option<Stored> {
        match &self.at {
            At::Memory { store, .. } => store.load(&self.key).unwrap(),
            At::Redis(store) => store.load(&self.key, time),
        }
    }

    pub(super) const fn changes(&self) -> u32 {
        self.changes
    }

    /// A clock has stepped: who waits looks again, as by its own clock its time may be over.
    pub(super) const fn clock_stepped(&mut self) {
        self.changes += 1;
    }

    /// The lease that was given last and not back, and until when it is good.
    pub(super) fn lease(&self) -> Option<(&Lease, u64)> {
        self.lease.as_ref().map(|(lease, _, until)| (lease, *until))
    }
}

impl Leases for KeptStore {
    fn is_held(&self, lease: &Lease, now: u64) -> bool {
        self.lease.as_ref().is_some_and(|(held, _, until)| held == lease && now < *until)
    }
}

/// The step, expecting what is there.
fn unguarded(store: &MemoryStore, key: &StoreKey, step: &StoreStep) -> StoreStep {
    let StoreStep::Replace { entry, .. } = step else { return step.clone() };
    let expected = store.load(key).unwrap().map(|stored| stored.version);
    StoreStep::Replace { expected, entry: entry.clone() }
}

/// Whether this record says that a renewal is under way.
pub(super) fn has_intent(record: &StoredBytes) -> bool {
    const INTENT: &[u8] = b"\"intent\":";
    record.expose().windows(INTENT.len()).any(|part| part == INTENT)
}
