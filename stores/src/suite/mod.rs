//! What a store is held to: every sentence of the contract, for authors of stores.
//!
//! ```
//! use valetkey_core::store::MemoryStore;
//!
//! // In a test of yours, with your store. What is in it already is left alone.
//! valetkey_stores::suite::blocking(&MemoryStore::new())?;
//! # Ok::<(), valetkey_stores::suite::Violation>(())
//! ```
//!
//! [`blocking`] races threads, [`asynchronous`] futures; otherwise they ask the same. Nothing sleeps: a lease of a store
//! that has a clock of its own is asked for until it is over.

mod index;
mod once;
mod pages;
mod size;
mod verdict;
mod waiting;

use std::future::Future as _;
use std::pin::pin;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use valetkey_core::store::{
    AsyncStore, Lease, Replaced, Store, StoreError, StoreKey, StoreVersion, StoredBytes,
};

pub use verdict::Violation;
use verdict::{
    LARGE, LONG, NOW, RACERS, SHORT, TRIES, Verdict, check, delete, entry, held, key, record, there, written,
};
use waiting::{Ready, all};

/// Holds a store for threads to the contract.
///
/// # Errors
///
/// The first [`Violation`].
pub fn blocking(store: &dyn Store) -> Verdict {
    let ready = Ready(store);
    let mut asked = pin!(laws(&ready));
    // Every future of such a store is ready at once, and so is one made of them.
    match asked.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(verdict) => verdict?,
        Poll::Pending => return Err(Violation("a store for threads did not wait".to_owned())),
    }
    for round in 0..10 {
        let (key, version) = begin(store, &format!("race {round}"))?;
        let start = Barrier::new(RACERS);
        let race = |operate: &(dyn Fn(usize) -> Result<bool, StoreError> + Sync)| {
            thread::scope(|scope| {
                let racers: Vec<_> = (0..RACERS)
                    .map(|racer| {
                        let start = &start;
                        scope.spawn(move || {
                            start.wait();
                            operate(racer)
                        })
                    })
                    .collect();
                racers.into_iter().map(|racer| racer.join().unwrap_or(Ok(false))).collect::<Vec<_>>()
            })
        };
        one_of(
            race(&|racer| Ok(store.replace(&key, Some(&version), Some(&entry(racer)))?.is_done())),
            REPLACES,
        )?;
        one_of(race(&|_| Ok(store.lease(&key, LONG, NOW)?.is_some())), LEASES)?;
        let there = store.load(&key)?.map(|stored| stored.version);
        check(store.replace(&key, there.as_ref(), None)?.is_done(), DELETES)?;
        one_of(race(&|racer| Ok(store.replace(&key, None, Some(&entry(racer)))?.is_done())), CREATES)?;
        let there = store.load(&key)?.map(|stored| stored.version);
        check(store.replace(&key, there.as_ref(), None)?.is_done(), DELETES)?;
        let mark = StoreKey::of_mark(&["race", key.as_str()]);
        one_of(race(&|racer| store.insert_if_absent(&mark, &entry(racer))), CREATES)?;
        one_of(race(&|_| Ok(store.take(&mark)?.is_some())), TAKES)?;
    }
    Ok(())
}

/// Holds a store for tasks to the contract. Await it where the store's futures can be awaited.
///
/// # Errors
///
/// The first [`Violation`].
pub async fn asynchronous(store: &dyn AsyncStore) -> Verdict {
    laws(store).await?;
    for round in 0..10 {
        let key = key(&format!("race {round}"))?;
        let version = written(store.replace(&key, None, Some(&entry(0))).await?)?;
        let (key, version) = (&key, &version);
        let replaced = |racer| async move {
            Ok(store.replace(key, Some(version), Some(&entry(racer))).await?.is_done())
        };
        one_of(all((0..RACERS).map(replaced)).await, REPLACES)?;
        let leased = |_| async move { Ok(store.lease(key, LONG, NOW).await?.is_some()) };
        one_of(all((0..RACERS).map(leased)).await, LEASES)?;
        delete(store, key).await?;
        let made = |racer| async move { Ok(store.replace(key, None, Some(&entry(racer))).await?.is_done()) };
        one_of(all((0..RACERS).map(made)).await, CREATES)?;
        delete(store, key).await?;
    }
    Ok(())
}

const DELETES: &str = "who expects the right version deletes";
const TAKES: &str = "of those who take a record at the same time, exactly one gets it";
const REPLACES: &str = "of those who replace one version at the same time, exactly one does";
const LEASES: &str = "of those who ask for a lease at the same time, exactly one has it";
const CREATES: &str = "of those who write the first record at the same time, exactly one does";

/// What is asked without a race.
async fn laws(store: &dyn AsyncStore) -> Verdict {
    loads_and_replaces(store).await?;
    versions_never_come_again(store).await?;
    keeps_whatever_bytes(store).await?;
    size::keeps_all_of_a_record_or_nothing(store).await?;
    keeps_keys_apart(store).await?;
    leases_exclude(store).await?;
    leases_end(store).await?;
    once::keeps_what_happens_once(store).await?;
    once::keeps_a_tombstone(store).await?;
    once::keeps_lifetimes(store).await?;
    index::finds_what_is_indexed(store).await?;
    pages::finds_page_by_page(store).await
}

async fn loads_and_replaces(store: &dyn AsyncStore) -> Verdict {
    let key = key("replace")?;
    check(store.load(&key).await?.is_none(), "a key that was never written has no record")?;
    let strange = StoreVersion::new("none of yours");
    let refused = store.replace(&key, Some(&strange), Some(&entry(1))).await?;
    check(!refused.is_done(), "where nothing is stored, no version is expected")?;
    check(store.load(&key).await?.is_none(), "what was refused changes nothing")?;

    let first = written(store.replace(&key, None, Some(&entry(1))).await?)?;
    let stored = there(store, &key).await?;
    check(stored.bytes == record(1), "what was written is what is loaded")?;
    check(stored.version == first, "the version that replace returns is the one that load returns")?;
    check(there(store, &key).await? == stored, "a load changes nothing")?;
    let refused = store.replace(&key, None, Some(&entry(2))).await?;
    check(!refused.is_done(), "no record is not expected where there is one")?;
    let refused = store.replace(&key, Some(&strange), Some(&entry(2))).await?;
    check(!refused.is_done(), "a version is written over only if it is the expected one")?;
    let refused = store.replace(&key, Some(&strange), None).await?;
    check(!refused.is_done(), "a version is deleted only if it is the expected one")?;
    check(there(store, &key).await? == stored, "what was refused changes nothing")?;

    let second = written(store.replace(&key, Some(&first), Some(&entry(2))).await?)?;
    check(there(store, &key).await?.bytes == record(2), "the newer record takes the place of the older")?;
    check(second != first, "a new record has a new version")?;
    let refused = store.replace(&key, Some(&first), Some(&entry(3))).await?;
    check(!refused.is_done(), "a version that is over is expected in vain")?;
    let deleted = store.replace(&key, Some(&second), None).await?;
    check(deleted == Replaced::Deleted, "a new record of none deletes, and says so")?;
    check(store.load(&key).await?.is_none(), "what was deleted is gone")?;
    let again = store.replace(&key, Some(&second), Some(&entry(3))).await?;
    check(!again.is_done(), "the version of what was deleted is expected in vain")?;
    check(store.replace(&key, None, None).await?.is_done(), "nothing may be deleted where nothing is")
}

async fn versions_never_come_again(store: &dyn AsyncStore) -> Verdict {
    let key = key("versions")?;
    let mut seen: Vec<StoreVersion> = Vec::new();
    for _ in 0..4 {
        // The same two records again and again, and the key deleted in between.
        for number in [0, 1, 0] {
            let expected = store.load(&key).await?.map(|stored| stored.version);
            let version = written(store.replace(&key, expected.as_ref(), Some(&entry(number))).await?)?;
            check(
                !seen.contains(&version),
                "no two states have the same version, not even of the same bytes",
            )?;
            for old in &seen {
                let refused = store.replace(&key, Some(old), Some(&entry(9))).await?;
                check(!refused.is_done(), "no version ever comes back, not after a delete either")?;
            }
            seen.push(version);
        }
        delete(store, &key).await?;
    }
    Ok(())
}

async fn keeps_whatever_bytes(store: &dyn AsyncStore) -> Verdict {
    let key = key("bytes")?;
    let odd = [
        vec![0],
        b"\n".to_vec(),
        b"\r\n\0\r\n".to_vec(),
        "{\"k\":\"\u{1F511}\"}".into(),
        (0..=255).cycle().take(LARGE).collect(),
    ];
    for bytes in odd {
        let expected = store.load(&key).await?.map(|stored| stored.version);
        written(
            store.replace(&key, expected.as_ref(), Some(&StoredBytes::new(bytes.clone()).into())).await?,
        )?;
        check(there(store, &key).await?.bytes.expose() == bytes, "any bytes are kept, and many of them")?;
    }
    delete(store, &key).await
}

async fn keeps_keys_apart(store: &dyn AsyncStore) -> Verdict {
    // Keys are of one alphabet; that they begin with a dash or a low line is what may be odd to a place.
    let beginnings = ["-", "-", "_", "_", "", "", "", ""];
    let keys = beginnings.into_iter().map(key_that_begins).collect::<Result<Vec<_>, _>>()?;
    for (number, key) in keys.iter().enumerate() {
        written(store.replace(key, None, Some(&entry(number))).await?)?;
        check(store.lease(key, LONG, NOW).await?.is_some(), "the lease of one key must not hold another")?;
    }
    for (number, key) in keys.iter().enumerate() {
        check(there(store, key).await?.bytes == record(number), "each key has its own record")?;
        delete(store, key).await?;
    }
    Ok(())
}

/// A key whose text begins so: of one character, one in 64 does.
fn key_that_begins(with: &str) -> Result<StoreKey, Violation> {
    loop {
        let key = key("../\u{0}{}")?;
        if key.as_str().starts_with(with) {
            return Ok(key);
        }
    }
}

async fn leases_exclude(store: &dyn AsyncStore) -> Verdict {
    let key = key("lease")?;
    let first = held(store.lease(&key, LONG, NOW).await?)?;
    check(store.lease(&key, LONG, NOW).await?.is_none(), "a lease has one holder")?;
    let before = NOW.before(Duration::from_millis(1));
    let what = "a lease is not taken by who read the clock before its holder did, and then waited";
    check(store.lease(&key, LONG, before).await?.is_none(), what)?;
    check(store.load(&key).await?.is_none(), "a lease makes no record")?;
    let version = written(store.replace(&key, None, Some(&entry(1))).await?)?;
    let again = written(store.replace(&key, Some(&version), Some(&entry(2))).await?)?;
    check(there(store, &key).await?.version == again, "a lease lets its holder write")?;
    store.release(&key, &Lease::new("none of yours")).await?;
    check(store.lease(&key, LONG, NOW).await?.is_none(), "who does not hold a lease releases nothing")?;
    store.release(&key, &first).await?;
    let second = held(store.lease(&key, LONG, NOW).await?)?;
    check(second != first, "no lease is given out twice")?;
    store.release(&key, &first).await?;
    check(
        store.lease(&key, LONG, NOW).await?.is_none(),
        "a lease that was released releases nothing any more",
    )?;
    check(there(store, &key).await?.bytes == record(2), "leases leave the record as it is")?;
    store.release(&key, &second).await?;
    delete(store, &key).await
}

async fn leases_end(store: &dyn AsyncStore) -> Verdict {
    let key = key("end")?;
    written(store.replace(&key, None, Some(&entry(1))).await?)?;
    let former = held(store.lease(&key, SHORT, NOW).await?)?;
    let seen = there(store, &key).await?;
    let later = NOW.after(SHORT);
    let mut taken = None;
    for _ in 0..TRIES {
        taken = store.lease(&key, LONG, later).await?;
        if taken.is_some() {
            break;
        }
    }
    check(taken.is_some(), "a lease ends when its time is over, also under its holder")?;
    let refused = store.replace(&key, Some(&seen.version), Some(&entry(2))).await?;
    check(!refused.is_done(), "a holder whose lease has ended finds its version stale")?;
    check(there(store, &key).await?.bytes == record(1), "taking a lease leaves the record as it is")?;
    store.release(&key, &former).await?;
    check(store.lease(&key, LONG, later).await?.is_none(), "a lease that has ended releases no other")?;
    let version = there(store, &key).await?.version;
    written(store.replace(&key, Some(&version), Some(&entry(3))).await?)?;
    store.release(&key, &held(taken)?).await?;
    delete(store, &key).await
}

fn one_of(raced: Vec<Result<bool, StoreError>>, sentence: &str) -> Verdict {
    let mut winners = 0;
    for won in raced {
        winners += usize::from(won?);
    }
    check(winners == 1, sentence)
}

fn begin(store: &dyn Store, what: &str) -> Result<(StoreKey, StoreVersion), Violation> {
    let key = key(what)?;
    let version = written(store.replace(&key, None, Some(&entry(0)))?)?;
    Ok((key, version))
}
