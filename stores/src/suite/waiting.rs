//! How the suite waits, without a runtime.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, Replaced, Store, StoreFuture, StoreKey, StoreVersion, Stored,
    StoredBytes,
};

/// Awaits all of them at once, on this task.
pub(super) async fn all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(Box::pin).map(Some).collect();
    let mut done = Vec::with_capacity(running.len());
    poll_fn(move |context| {
        for slot in &mut running {
            if let Some(future) = slot
                && let Poll::Ready(output) = Pin::as_mut(future).poll(context)
            {
                done.push(output);
                *slot = None;
            }
        }
        if running.iter().all(Option::is_none) {
            Poll::Ready(std::mem::take(&mut done))
        } else {
            Poll::Pending
        }
    })
    .await
}

/// A store for threads, asked as one for tasks is: it answers before it returns its future.
pub(super) struct Ready<'s>(pub(super) &'s dyn Store);

impl AsyncStore for Ready<'_> {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(std::future::ready(self.0.load(key)))
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(std::future::ready(self.0.replace(key, expected, entry)))
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        Box::pin(std::future::ready(self.0.find(index, after)))
    }

    fn insert_if_absent<'a>(&'a self, key: &'a StoreKey, entry: &'a Entry) -> StoreFuture<'a, bool> {
        Box::pin(std::future::ready(self.0.insert_if_absent(key, entry)))
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<StoredBytes>> {
        Box::pin(std::future::ready(self.0.take(key)))
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(std::future::ready(self.0.lease(key, ttl, now)))
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(std::future::ready(self.0.release(key, lease)))
    }
}
