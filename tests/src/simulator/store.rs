//! The store that all simulated processes share: as Redis keeps the contract, with true time for its leases.

use valetkey_core::store::{Lease, Replaced, StoreAnswer, StoreStep, StoreVersion, Stored, StoredBytes};

use super::Protection;

/// One key of a store.
pub(super) struct SharedStore {
    without: Option<Protection>,
    bytes: Option<StoredBytes>,
    version: u64,
    leases: u64,
    /// Who holds it, and until when.
    lease: Option<(Lease, u64)>,
}

impl SharedStore {
    pub(super) const fn new(without: Option<Protection>) -> Self {
        Self { without, bytes: None, version: 0, leases: 0, lease: None }
    }

    /// Carries a step out at a true time in milliseconds.
    pub(super) fn answer(&mut self, step: &StoreStep, now: u64) -> StoreAnswer {
        match step {
            StoreStep::Load => StoreAnswer::Loaded(self.load()),
            StoreStep::Replace { expected, entry } => {
                StoreAnswer::Replaced(self.replace(expected.as_ref(), entry.bytes()))
            }
            StoreStep::Lease(ttl) => {
                let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
                StoreAnswer::Leased(self.lease(ttl, now))
            }
            StoreStep::Release(lease) => {
                if self.is_held(lease, 0) {
                    self.lease = None;
                }
                StoreAnswer::Released
            }
        }
    }

    /// What a log-out writes; a delete where tombstones are off.
    pub(super) fn end(&mut self, expected: Option<&StoreVersion>, tombstone: &StoredBytes) -> Replaced {
        let replaced = self.replace(expected, tombstone);
        if self.without == Some(Protection::Tombstone) && replaced.is_done() {
            self.bytes = None;
        }
        replaced
    }

    /// Whether the lease is still its holder's at a true time.
    pub(super) fn is_held(&self, lease: &Lease, now: u64) -> bool {
        self.lease.as_ref().is_some_and(|(held, until)| held == lease && now < *until)
    }

    /// Ends a lease under its holder.
    pub(super) fn break_lease(&mut self) {
        self.lease = None;
    }

    pub(super) fn load(&self) -> Option<Stored> {
        Some(Stored::new(self.bytes.clone()?, self.now()))
    }

    fn replace(&mut self, expected: Option<&StoreVersion>, record: &StoredBytes) -> Replaced {
        let there = self.bytes.as_ref().map(|_| self.now());
        if there.as_ref() != expected && self.without != Some(Protection::Cas) {
            return Replaced::Conflict;
        }
        self.version += 1;
        self.bytes = Some(record.clone());
        Replaced::Written(self.now())
    }

    fn lease(&mut self, ttl: u64, now: u64) -> Option<Lease> {
        let free = self.lease.as_ref().is_none_or(|(_, until)| now >= *until);
        if !free && self.without != Some(Protection::Lease) {
            return None;
        }
        if self.without != Some(Protection::Lease) {
            self.version += 1;
        }
        self.leases += 1;
        let lease = Lease::new(self.leases.to_string());
        self.lease = Some((lease.clone(), now.saturating_add(ttl)));
        Some(lease)
    }

    fn now(&self) -> StoreVersion {
        StoreVersion::new(self.version.to_string())
    }
}
