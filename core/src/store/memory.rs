//! A store that lasts as long as its process: [`MemoryStore`].

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ground::store_error::StoreError;
use crate::ground::time::UnixTime;
use crate::store::key::StoreKey;
use crate::store::{
    AsyncStore, Lease, Replaced, Store, StoreAnswer, StoreFuture, StoreStep, StoreVersion, Stored,
    StoredBytes,
};

/// Keeps sessions in memory: what a program uses that needs no other store, and the model of all others.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<HashMap<StoreKey, Slot>>);

/// What one key has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    bytes: Option<StoredBytes>,
    /// Counts changes, and never starts again.
    version: u64,
    /// How many leases there were: their names.
    leases: u64,
    lease: Option<Held>,
}

/// Who has a key.
#[derive(Clone, Debug)]
struct Held {
    lease: Lease,
    ttl: Duration,
    until: UnixTime,
}

impl Slot {
    /// Carries a renewal's step out.
    pub(crate) fn answer(&mut self, step: StoreStep, now: UnixTime) -> StoreAnswer {
        match step {
            StoreStep::Load => StoreAnswer::Loaded(self.load()),
            StoreStep::Replace { expected, record } => {
                StoreAnswer::Replaced(self.replace(expected.as_ref(), Some(&record)))
            }
            StoreStep::Lease(ttl) => StoreAnswer::Leased(self.lease(ttl, now)),
            StoreStep::Release(lease) => {
                self.release(&lease);
                StoreAnswer::Released
            }
        }
    }

    /// Ends a lease whose holder is known to be gone.
    pub(crate) fn free(&mut self) {
        self.lease = None;
    }

    fn load(&self) -> Option<Stored> {
        let bytes = self.bytes.clone()?;
        Some(Stored { bytes, version: self.version() })
    }

    fn replace(&mut self, expected: Option<&StoreVersion>, record: Option<&StoredBytes>) -> Option<Replaced> {
        let now = self.bytes.as_ref().map(|_| self.version());
        if now.as_ref() != expected {
            return None;
        }
        self.version = self.version.wrapping_add(1);
        self.bytes = record.cloned();
        Some(if self.bytes.is_some() { Replaced::Written(self.version()) } else { Replaced::Deleted })
    }

    fn lease(&mut self, ttl: Duration, now: UnixTime) -> Option<Lease> {
        if let Some(held) = &mut self.lease {
            // A holder that died is waited for no longer than its lease, also if the clock was set back since.
            held.until = held.until.min(now.after(held.ttl));
            if now < held.until {
                return None;
            }
        }
        self.version = self.version.wrapping_add(1);
        self.leases = self.leases.wrapping_add(1);
        let lease = Lease::new(self.leases.to_string());
        self.lease = Some(Held { lease: lease.clone(), ttl, until: now.after(ttl) });
        Some(lease)
    }

    fn release(&mut self, lease: &Lease) {
        if self.lease.as_ref().is_some_and(|held| held.lease == *lease) {
            self.lease = None;
        }
    }

    fn version(&self) -> StoreVersion {
        StoreVersion::new(self.version.to_string())
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<StoreKey, Slot>> {
        // Every operation leaves a slot whole, so one that panicked elsewhere did no harm.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, key: &StoreKey, operate: impl FnOnce(&mut Slot) -> T) -> T {
        operate(self.slots().entry(key.clone()).or_default())
    }
}

impl Store for MemoryStore {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        Ok(self.slots().get(key).and_then(Slot::load))
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        record: Option<&StoredBytes>,
    ) -> Result<Option<Replaced>, StoreError> {
        Ok(self.with(key, |slot| slot.replace(expected, record)))
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError> {
        Ok(self.with(key, |slot| slot.lease(ttl, now)))
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        self.with(key, |slot| slot.release(lease));
        Ok(())
    }
}

impl AsyncStore for MemoryStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(ready(Store::load(self, key)))
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        record: Option<&'a StoredBytes>,
    ) -> StoreFuture<'a, Option<Replaced>> {
        Box::pin(ready(Store::replace(self, key, expected, record)))
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(ready(Store::lease(self, key, ttl, now)))
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(ready(Store::release(self, key, lease)))
    }
}
