//! A store that lasts as long as its process: [`MemoryStore`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::ready;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ground::store_error::StoreError;
use crate::ground::time::UnixTime;
use crate::store::entry::{Entry, Lease, Replaced, StoreVersion, Stored};
use crate::store::found::Found;
use crate::store::index::Index;
use crate::store::key::StoreKey;
use crate::store::step::{StoreAnswer, StoreStep};
use crate::store::{AsyncStore, Store, StoreFuture};

/// Keeps records in memory: what a program uses that needs no other store, and the model of all others.
///
/// A record whose lifetime is over is dropped when others with a lifetime are written, by the clock that these bring.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    slots: HashMap<StoreKey, Slot>,
    /// The names of the keys of what is found by each index.
    names: BTreeMap<Index, BTreeSet<String>>,
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

    fn indexes(&self) -> &[Index] {
        self.entry.as_ref().map(Entry::indexes).unwrap_or_default()
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
        self.memory().with(key, operate)
    }
}

impl Memory {
    fn with<T>(&mut self, key: &StoreKey, operate: impl FnOnce(&mut Slot) -> T) -> T {
        let slot = self.slots.entry(key.clone()).or_default();
        slot.count = slot.count.max(self.count);
        let done = operate(slot);
        self.count = slot.count;
        if slot.is_empty() {
            self.slots.remove(key);
        }
        done
    }

    fn replace(
        &mut self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Replaced {
        let before = self.slots.get(key).map(|slot| slot.indexes().to_vec()).unwrap_or_default();
        let replaced = self.with(key, |slot| slot.replace(expected, entry));
        let after = entry.map(Entry::indexes).unwrap_or_default();
        // What a renewal writes is found as before.
        if replaced.is_done() && before != after {
            forget(&mut self.names, key, &before);
            for index in after {
                self.names.entry(index.clone()).or_default().insert(key.as_str().to_owned());
            }
        }
        replaced
    }

    /// Drops what is over by now, if there is much.
    fn tidy(&mut self, now: UnixTime) {
        if self.slots.len() < self.crowded.max(FEW) {
            return;
        }
        let names = &mut self.names;
        self.slots.retain(|key, slot| {
            let is_over = slot.is_over(now);
            if is_over {
                forget(names, key, slot.indexes());
            }
            !is_over
        });
        self.crowded = self.slots.len().saturating_mul(2);
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Found {
        let Some(names) = self.names.get(index) else { return Found::default() };
        let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.as_str()));
        Found::of_sorted(names.range::<str, _>((after, Bound::Unbounded)).map(String::as_str))
    }
}

/// Finds this key no more by these.
fn forget(names: &mut BTreeMap<Index, BTreeSet<String>>, key: &StoreKey, indexes: &[Index]) {
    for index in indexes {
        let Some(keys) = names.get_mut(index) else { continue };
        keys.remove(key.as_str());
        if keys.is_empty() {
            names.remove(index);
        }
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
        let memory = &mut *self.memory();
        if let Some(lifetime) = entry.and_then(Entry::lifetime) {
            memory.tidy(lifetime.now());
        }
        Ok(memory.replace(key, expected, entry))
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        Ok(self.memory().find(index, after))
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

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        Box::pin(ready(Store::find(self, index, after)))
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
