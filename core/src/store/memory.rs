//! A store that lasts as long as its process: [`MemoryStore`].

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ground::store_error::StoreError;
use crate::ground::time::UnixTime;
use crate::store::entry::{Entry, Lease, Replaced, StoreVersion, Stored};
use crate::store::index::Index;
use crate::store::key::StoreKey;
use crate::store::step::{StoreAnswer, StoreStep};
use crate::store::{AsyncStore, MOST_FOUND, Store, StoreFuture};

/// Keeps records in memory: what a program uses that needs no other store, and the model of all others.
///
/// A record whose lifetime is over is dropped when others with a lifetime are written, by the clock that these bring.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    slots: HashMap<StoreKey, Slot>,
    /// The highest count of any slot, with those that are gone.
    count: u64,
    /// From how many slots on it is worth looking for those that are over.
    crowded: usize,
}

/// How many slots are few.
const FEW: usize = 64;

/// What one key has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    entry: Option<Entry>,
    /// The count when the entry was last written or leased.
    version: u64,
    /// Counts changes and leases, and never starts again.
    count: u64,
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
            StoreStep::Replace { expected, entry } => {
                StoreAnswer::Replaced(self.replace(expected.as_ref(), Some(&entry)))
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
        let bytes = self.entry.as_ref()?.bytes().clone();
        Some(Stored { bytes, version: self.version() })
    }

    fn replace(&mut self, expected: Option<&StoreVersion>, entry: Option<&Entry>) -> Replaced {
        let now = self.entry.as_ref().map(|_| self.version());
        if now.as_ref() != expected {
            return Replaced::Conflict;
        }
        self.changed();
        self.entry = entry.cloned();
        if self.entry.is_some() { Replaced::Written(self.version()) } else { Replaced::Deleted }
    }

    fn lease(&mut self, ttl: Duration, now: UnixTime) -> Option<Lease> {
        if let Some(held) = &mut self.lease {
            // A holder that died is waited for no longer than its lease, also if the clock was set back since.
            held.until = held.until.min(now.after(held.ttl));
            if now < held.until {
                return None;
            }
        }
        self.changed();
        let lease = Lease::new(self.count.to_string());
        self.lease = Some(Held { lease: lease.clone(), ttl, until: now.after(ttl) });
        Some(lease)
    }

    fn changed(&mut self) {
        self.count = self.count.wrapping_add(1);
        self.version = self.count;
    }

    fn is_empty(&self) -> bool {
        self.entry.is_none() && self.lease.is_none()
    }

    /// Whether nobody misses it any more.
    fn is_over(&self, now: UnixTime) -> bool {
        let is_leased = self.lease.as_ref().is_some_and(|held| now < held.until);
        let is_kept = self
            .entry
            .as_ref()
            .is_some_and(|entry| entry.lifetime().is_none_or(|lifetime| now < lifetime.until()));
        !is_leased && !is_kept
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

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // Every operation leaves a slot whole, so one that panicked elsewhere did no harm.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, key: &StoreKey, operate: impl FnOnce(&mut Slot) -> T) -> T {
        let memory = &mut *self.memory();
        let slot = memory.slots.entry(key.clone()).or_default();
        slot.count = slot.count.max(memory.count);
        let done = operate(slot);
        memory.count = slot.count;
        if slot.is_empty() {
            memory.slots.remove(key);
        }
        done
    }

    /// Drops what is over by now, if there is much.
    fn tidy(&self, now: UnixTime) {
        let memory = &mut *self.memory();
        if memory.slots.len() < memory.crowded.max(FEW) {
            return;
        }
        memory.slots.retain(|_, slot| !slot.is_over(now));
        memory.crowded = memory.slots.len().saturating_mul(2);
    }
}

impl Store for MemoryStore {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        Ok(self.memory().slots.get(key).and_then(Slot::load))
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        if let Some(lifetime) = entry.and_then(Entry::lifetime) {
            self.tidy(lifetime.now());
        }
        Ok(self.with(key, |slot| slot.replace(expected, entry)))
    }

    fn find(&self, index: &Index) -> Result<Vec<StoreKey>, StoreError> {
        let memory = self.memory();
        let has = |slot: &Slot| slot.entry.as_ref().is_some_and(|entry| entry.indexes().contains(index));
        let mut found: Vec<_> = memory.slots.iter().filter(|(_, slot)| has(slot)).collect();
        found.sort_by_key(|(_, slot)| std::cmp::Reverse(slot.version));
        // As any other store returns them: a name, which says not whose the record is.
        Ok(found
            .into_iter()
            .take(MOST_FOUND)
            .filter_map(|(key, _)| StoreKey::from_name(key.as_str()))
            .collect())
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
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(ready(Store::replace(self, key, expected, entry)))
    }

    fn find<'a>(&'a self, index: &'a Index) -> StoreFuture<'a, Vec<StoreKey>> {
        Box::pin(ready(Store::find(self, index)))
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
