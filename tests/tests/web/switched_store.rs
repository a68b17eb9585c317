//! A store that can be switched off, and tells what is in it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use valetkey_async::UnixTime;
use valetkey_async::store::{
    AsyncStore, Entry, Found, Index, Lease, MemoryStore, Replaced, StoreError, StoreFuture, StoreKey,
    StoreVersion, Stored,
};

#[derive(Default)]
pub(crate) struct SwitchedStore {
    store: MemoryStore,
    is_off: AtomicBool,
    /// The keys of what is there, and until when it is.
    held: Mutex<HashMap<StoreKey, Option<UnixTime>>>,
}

impl SwitchedStore {
    pub(crate) fn switch(&self, is_on: bool) {
        self.is_off.store(!is_on, Ordering::Relaxed);
    }

    /// Until when each record is kept that is there.
    pub(crate) fn held(&self) -> Vec<Option<UnixTime>> {
        self.held.lock().unwrap().values().copied().collect()
    }

    fn inner(&self) -> Result<&dyn AsyncStore, StoreError> {
        match self.is_off.load(Ordering::Relaxed) {
            true => Err(StoreError::new("the store is off")),
            false => Ok(&self.store),
        }
    }
}

impl AsyncStore for SwitchedStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(async move { self.inner()?.load(key).await })
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(async move {
            // As the stores of `valetkey-stores` do.
            if entry.is_some_and(|entry| entry.bytes().expose().is_empty()) {
                return Err(StoreError::new("the record to write is empty, and a record must not be"));
            }
            let replaced = self.inner()?.replace(key, expected, entry).await?;
            if replaced.is_done() {
                let mut held = self.held.lock().unwrap();
                match entry {
                    Some(entry) => held.insert(key.clone(), entry.lifetime().map(|time| time.until())),
                    None => held.remove(key),
                };
            }
            Ok(replaced)
        })
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        Box::pin(async move { self.inner()?.find(index, after).await })
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move { self.inner()?.lease(key, ttl, now).await })
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.inner()?.release(key, lease).await })
    }
}
