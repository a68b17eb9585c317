//! A store for threads, used by tasks: [`Blocking`].

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use valetkey_core::UnixTime;
use valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, Replaced, Store, StoreError, StoreFuture, StoreKey, StoreVersion,
    Stored, StoredBytes,
};

/// Makes a [`Store`], which waits in place, serve tasks: each operation runs on tokio's threads for that.
///
/// An operation that was begun is carried to its end, also if its future is dropped. Outside a tokio runtime its futures
/// panic, as tokio's own do.
#[derive(Debug)]
pub struct Blocking<S>(Arc<S>);

impl<S: Store + 'static> Blocking<S> {
    /// The same store, for tasks.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self(Arc::new(store))
    }

    fn run<T: Send + 'static>(
        &self,
        operate: impl FnOnce(&S) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'static, T> {
        let store = Arc::clone(&self.0);
        Box::pin(async move {
            let done = spawn_blocking(move || operate(&store)).await;
            done.unwrap_or_else(|_| {
                Err(StoreError::new(
                    "the store's operation was not carried to its end: the runtime was shut down, or the \
                     store panicked",
                ))
            })
        })
    }
}

impl<S: Store + 'static> AsyncStore for Blocking<S> {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        let key = key.clone();
        self.run(move |store| store.load(&key))
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        let (key, expected, entry) = (key.clone(), expected.cloned(), entry.cloned());
        self.run(move |store| store.replace(&key, expected.as_ref(), entry.as_ref()))
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        let (index, after) = (index.clone(), after.cloned());
        self.run(move |store| store.find(&index, after.as_ref()))
    }

    fn insert_if_absent<'a>(&'a self, key: &'a StoreKey, entry: &'a Entry) -> StoreFuture<'a, bool> {
        let (key, entry) = (key.clone(), entry.clone());
        self.run(move |store| store.insert_if_absent(&key, &entry))
    }

    /// In one operation that is carried to its end, so that nothing is lost between its two halves.
    fn take<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<StoredBytes>> {
        let key = key.clone();
        self.run(move |store| store.take(&key))
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        let key = key.clone();
        self.run(move |store| store.lease(&key, ttl, now))
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        let (key, lease) = (key.clone(), lease.clone());
        self.run(move |store| store.release(&key, &lease))
    }
}
