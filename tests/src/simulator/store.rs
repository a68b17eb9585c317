//! The store that all simulated processes share: as Redis keeps the contract, with true time for its leases and lifetimes.

use std::collections::BTreeMap;

use valetkey_core::store::{
    Entry, Found, Index, Lease, Replaced, StoreAnswer, StoreKey, StoreStep, StoreVersion, Stored, StoredBytes,
};

use super::Protection;
use super::ledger::Leases;

/// The store, place by place.
pub(crate) struct SharedStore {
    without: Option<Protection>,
    places: BTreeMap<String, Place>,
    /// Counts states of all places, so that none has the version of another.
    version: u64,
    leases: u64,
}

/// What is under one key.
struct Place {
    bytes: Option<StoredBytes>,
    version: u64,
    indexes: Vec<Index>,
    /// Until when the record is kept, if not for ever.
    until: Option<u64>,
    /// Who holds it, and until when.
    lease: Option<(Lease, u64)>,
}

impl SharedStore {
    pub(crate) const fn new(without: Option<Protection>) -> Self {
        Self { without, places: BTreeMap::new(), version: 0, leases: 0 }
    }

    /// Carries a step out at a true time in milliseconds.
    pub(crate) fn answer(&mut self, key: &StoreKey, step: &StoreStep, now: u64) -> StoreAnswer {
        match step {
            StoreStep::Load => StoreAnswer::Loaded(self.load(key, now)),
            StoreStep::Replace { expected, entry } => {
                StoreAnswer::Replaced(self.replace(key, expected.as_ref(), entry, now))
            }
            StoreStep::Lease(ttl) => {
                let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
                StoreAnswer::Leased(self.lease(key, ttl, now))
            }
            StoreStep::Release(lease) => {
                let place = self.place(key);
                if place.lease.as_ref().is_some_and(|(held, _)| held == lease) {
                    place.lease = None;
                }
                StoreAnswer::Released
            }
        }
    }

    /// A tombstone was written here. Where tombstones are off, nothing is left.
    pub(crate) fn bury(&mut self, key: &StoreKey) {
        if self.without == Some(Protection::Tombstone) {
            self.place(key).bytes = None;
        }
    }

    /// What is found by an index at a true time, after this key: one at a time, so that anything may come between two pages.
    pub(super) fn find(&self, index: &Index, after: Option<&StoreKey>, now: u64) -> Found {
        let has = |place: &Place| place.is_there(now) && place.indexes.contains(index);
        let found = self.places.iter().filter(|(_, place)| has(place)).map(|(name, _)| name.as_str());
        let mut page = Found::page(found, after);
        page.has_more |= page.keys.len() > 1;
        page.keys.truncate(1);
        page
    }

    /// Ends all leases under their holders.
    pub(super) fn break_leases(&mut self) {
        self.places.values_mut().for_each(|place| place.lease = None);
    }

    pub(crate) fn load(&self, key: &StoreKey, now: u64) -> Option<Stored> {
        let place = self.places.get(key.as_str()).filter(|place| place.is_there(now))?;
        Some(Stored::new(place.bytes.clone()?, place.version()))
    }

    fn replace(
        &mut self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: &Entry,
        now: u64,
    ) -> Replaced {
        let there = self.load(key, now).map(|there| there.version);
        if there.as_ref() != expected && self.without != Some(Protection::Cas) {
            return Replaced::Conflict;
        }
        self.version += 1;
        let version = self.version;
        let place = self.place(key);
        place.version = version;
        place.bytes = Some(entry.bytes().clone());
        place.indexes = entry.indexes().to_vec();
        place.until = entry.lifetime().map(|lifetime| {
            now.saturating_add(u64::try_from(lifetime.time().as_millis()).unwrap_or(u64::MAX))
        });
        Replaced::Written(place.version())
    }

    fn lease(&mut self, key: &StoreKey, ttl: u64, now: u64) -> Option<Lease> {
        let is_off = self.without == Some(Protection::Lease);
        let free = self.place(key).lease.as_ref().is_none_or(|(_, until)| now >= *until);
        if !free && !is_off {
            return None;
        }
        self.leases += 1;
        let lease = Lease::new(self.leases.to_string());
        self.version += u64::from(!is_off);
        let version = self.version;
        let place = self.place(key);
        if !is_off {
            place.version = version;
        }
        place.lease = Some((lease.clone(), now.saturating_add(ttl)));
        Some(lease)
    }

    fn place(&mut self, key: &StoreKey) -> &mut Place {
        self.places.entry(key.as_str().to_owned()).or_insert_with(|| Place {
            bytes: None,
            version: 0,
            indexes: Vec::new(),
            until: None,
            lease: None,
        })
    }
}

impl Leases for SharedStore {
    fn is_held(&self, lease: &Lease, now: u64) -> bool {
        let mut leases = self.places.values().filter_map(|place| place.lease.as_ref());
        leases.any(|(held, until)| held == lease && now < *until)
    }
}

impl Place {
    fn is_there(&self, now: u64) -> bool {
        self.bytes.is_some() && self.until.is_none_or(|until| now < until)
    }

    fn version(&self) -> StoreVersion {
        StoreVersion::new(self.version.to_string())
    }
}
