//! Stores for tasks that are right as long as nobody else asks: each looks first, lets others go on, and then does what it
//! had in mind.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, Replaced, Store, StoreFuture, StoreKey, StoreVersion, Stored,
    StoredBytes,
};
use valetkey_stores::{Blocking, suite};

use super::{Altered, Place};

#[derive(Clone, Copy, PartialEq)]
enum Torn {
    Nothing,
    Writes,
    FirstWrites,
    Leases,
    Insertions,
    Takings,
}

/// What it is told is torn: a look, a while, and then the deed.
struct Hesitant(Place, Torn);

/// Lets others go on.
async fn a_while() {
    let had = AtomicBool::new(false);
    poll_fn(|context| {
        if had.swap(true, Ordering::Relaxed) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl AsyncStore for Hesitant {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(async move {
            a_while().await;
            Ok(self.0.load(key))
        })
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        let torn = if expected.is_some() { Torn::Writes } else { Torn::FirstWrites };
        Box::pin(async move {
            let now = self.0.load(key).map(|stored| stored.version);
            a_while().await;
            if self.1 == torn && now.as_ref() == expected && entry.is_some() {
                return Ok(self.0.overwrite(key, entry));
            }
            Ok(self.0.replace(key, expected, entry))
        })
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        Box::pin(async move {
            a_while().await;
            Ok(self.0.find(index, after))
        })
    }

    fn insert_if_absent<'a>(&'a self, key: &'a StoreKey, entry: &'a Entry) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let is_absent = self.0.load(key).is_none();
            a_while().await;
            if self.1 == Torn::Insertions && is_absent {
                return Ok(self.0.overwrite(key, Some(entry)).is_done());
            }
            Ok(self.0.insert(key, entry))
        })
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<StoredBytes>> {
        Box::pin(async move {
            let stored = self.0.load(key);
            a_while().await;
            let taken = self.0.take(key);
            Ok(if self.1 == Torn::Takings { stored.map(|stored| stored.bytes) } else { taken })
        })
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            let is_free = self.0.lease(key, ttl, now).inspect(|lease| self.0.release(key, lease)).is_some();
            a_while().await;
            let lease = self.0.lease(key, ttl, now);
            let is_torn = self.1 == Torn::Leases && is_free;
            Ok(lease.or_else(|| is_torn.then(|| Lease::new("mine"))))
        })
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            a_while().await;
            self.0.release(key, lease);
            Ok(())
        })
    }
}

#[tokio::test]
async fn the_suite_sees_tasks_that_are_in_each_others_way() {
    for (torn, sentence) in [
        (Torn::Writes, "of those who replace one version at the same time, exactly one does"),
        (Torn::FirstWrites, "of those who write the first record at the same time, exactly one does"),
        (Torn::Leases, "of those who ask for a lease at the same time, exactly one has it"),
        (Torn::Insertions, "of those who insert the same key at the same time, exactly one does"),
        (Torn::Takings, "of those who take the same record at the same time, exactly one gets it"),
    ] {
        let violation = suite::asynchronous(&Hesitant(Place::default(), torn)).await.unwrap_err();
        assert_eq!(violation.to_string(), format!("not kept: {sentence}"));
    }
    suite::asynchronous(&Hesitant(Place::default(), Torn::Nothing)).await.unwrap();
}

/// A store for tasks is held to all that one for threads is held to.
#[tokio::test]
async fn the_suite_asks_a_store_for_tasks_the_same() {
    let forgetful = || Altered::new().loading(|_, _| None);
    let told = suite::asynchronous(&Blocking::new(forgetful())).await.unwrap_err().to_string();
    assert_eq!(told, suite::blocking(&forgetful()).unwrap_err().to_string());
    let dropping = Altered::new().releasing(|place, key, lease| {
        place.release(key, lease);
        place.shorten(key);
    });
    let told = suite::asynchronous(&Blocking::new(dropping)).await.unwrap_err().to_string();
    assert_eq!(told, "not kept: leases leave the record as it is");
    let same: &dyn Store = &Altered::new();
    suite::blocking(same).unwrap();
}
