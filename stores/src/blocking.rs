//! A store for threads, used by tasks: [`Blocking`].

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use valetkey_core::UnixTime;
use valetkey_core::store::{
    AsyncStore, Lease, Replaced, Store, StoreError, StoreFuture, StoreKey, StoreVersion, Stored, StoredBytes,
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
            done.unwrap_or_else(|_| Err(StoreError::new("the operation was not carried to its end")))
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
        record: Option<&'a StoredBytes>,
    ) -> StoreFuture<'a, Option<Replaced>> {
        let (key, expected, record) = (key.clone(), expected.cloned(), record.cloned());
        self.run(move |store| store.replace(&key, expected.as_ref(), record.as_ref()))
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
