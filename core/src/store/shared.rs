//! A store behind a pointer is a store.

use std::sync::Arc;
use std::time::Duration;

use crate::ground::time::UnixTime;
use crate::store::entry::{Entry, Lease, Replaced, StoreVersion, Stored, StoredBytes};
use crate::store::found::Found;
use crate::store::index::Index;
use crate::store::key::StoreKey;
use crate::store::{AsyncStore, Store, StoreError, StoreFuture};

/// Each method by the store that is pointed to, the provided ones too: a store may have its own.
macro_rules! pointers_to_stores {
    ($($pointer:ty),*) => {$(
        impl<S: Store + ?Sized> Store for $pointer {
            fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
                (**self).load(key)
            }

            fn replace(
                &self,
                key: &StoreKey,
                expected: Option<&StoreVersion>,
                entry: Option<&Entry>,
            ) -> Result<Replaced, StoreError> {
                (**self).replace(key, expected, entry)
            }

            fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
                (**self).find(index, after)
            }

            fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError> {
                (**self).lease(key, ttl, now)
            }

            fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
                (**self).release(key, lease)
            }

            fn insert_if_absent(&self, key: &StoreKey, entry: &Entry) -> Result<bool, StoreError> {
                (**self).insert_if_absent(key, entry)
            }

            fn take(&self, key: &StoreKey) -> Result<Option<StoredBytes>, StoreError> {
                (**self).take(key)
            }
        }

        impl<S: AsyncStore + ?Sized> AsyncStore for $pointer {
            fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
                (**self).load(key)
            }

            fn replace<'a>(
                &'a self,
                key: &'a StoreKey,
                expected: Option<&'a StoreVersion>,
                entry: Option<&'a Entry>,
            ) -> StoreFuture<'a, Replaced> {
                (**self).replace(key, expected, entry)
            }

            fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
                (**self).find(index, after)
            }

            fn lease<'a>(
                &'a self,
                key: &'a StoreKey,
                ttl: Duration,
                now: UnixTime,
            ) -> StoreFuture<'a, Option<Lease>> {
                (**self).lease(key, ttl, now)
            }

            fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
                (**self).release(key, lease)
            }

            fn insert_if_absent<'a>(&'a self, key: &'a StoreKey, entry: &'a Entry) -> StoreFuture<'a, bool> {
                (**self).insert_if_absent(key, entry)
            }

            fn take<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<StoredBytes>> {
                (**self).take(key)
            }
        }
    )*};
}

pointers_to_stores!(Arc<S>, Box<S>, &S);
