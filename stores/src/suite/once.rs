//! What may happen once, what has ended, and what is of use for a while.

use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{AsyncStore, Replaced, StoreKey};

use super::verdict::{
    LONG, NOW, RACERS, SHORT, TRIES, Verdict, Violation, check, delete, entry, held, key, record, there,
    written,
};
use super::waiting;
use crate::name;

/// Of those who insert, one does; of those who take, one gets it.
pub(super) async fn keeps_what_happens_once(store: &dyn AsyncStore) -> Verdict {
    let of_kind: [fn(&str) -> StoreKey; 3] = [
        StoreKey::of_pending,
        |name| StoreKey::of_mark(&["valetkey-stores suite", name]),
        |name| StoreKey::of_registration(&["valetkey-stores suite", name]),
    ];
    let name = name::fresh()?;
    for (number, of_kind) in of_kind.iter().enumerate() {
        let key = &of_kind(&name);
        check(store.take(key).await?.is_none(), "where nothing is, nothing is taken")?;
        let insert = |racer| async move { store.insert_if_absent(key, &entry(racer)).await };
        let inserted = waiting::all((0..RACERS).map(insert)).await;
        let winners = inserted.into_iter().collect::<Result<Vec<_>, _>>()?;
        check(
            winners.iter().filter(|won| **won).count() == 1,
            "of those who insert the same key at the same time, exactly one does",
        )?;
        let before = there(store, key).await?;
        check(!store.insert_if_absent(key, &entry(99)).await?, "nothing is inserted where something is")?;
        check(there(store, key).await? == before, "an insertion that was refused changes nothing")?;
        let take = |_| async move { store.take(key).await };
        let taken = waiting::all((0..RACERS).map(take)).await;
        let taken: Vec<_> = taken.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        check(taken.len() == 1, "of those who take the same record at the same time, exactly one gets it")?;
        check(taken.first() == Some(&before.bytes), "what is taken is what was there")?;
        check(store.load(key).await?.is_none(), "what was taken is gone")?;
        written(store.replace(key, None, Some(&entry(number))).await?)?;
    }
    for (number, of_kind) in of_kind.iter().enumerate() {
        let key = of_kind(&name);
        check(there(store, &key).await?.bytes == record(number), "kinds of records do not collide")?;
        delete(store, &key).await?;
    }
    Ok(())
}

/// A record in the place of another is written over by nobody who has not seen it, with or without a lease.
pub(super) async fn keeps_a_tombstone(store: &dyn AsyncStore) -> Verdict {
    let key = key("tombstone")?;
    let lease = held(store.lease(&key, LONG, NOW).await?)?;
    let intent = written(store.replace(&key, None, Some(&entry(1))).await?)?;
    let tombstone = entry(2).kept_for(LONG, NOW);
    let ended = written(store.replace(&key, Some(&intent), Some(&tombstone)).await?)?;
    for expected in [None, Some(&intent)] {
        let late = store.replace(&key, expected, Some(&entry(3))).await?;
        check(late == Replaced::Conflict, "who has not seen a tombstone does not write over it")?;
        let late = store.replace(&key, expected, None).await?;
        check(late == Replaced::Conflict, "who has not seen a tombstone does not delete it")?;
    }
    store.release(&key, &lease).await?;
    is_there(store, &key, 2, "a tombstone stays while its lifetime lasts").await?;
    let login = written(store.replace(&key, Some(&ended), Some(&entry(4))).await?)?;
    check(there(store, &key).await?.version == login, "who has seen a tombstone writes over it")?;
    delete(store, &key).await
}

/// A record is there while its lifetime lasts, and one without a lifetime for ever.
pub(super) async fn keeps_lifetimes(store: &dyn AsyncStore) -> Verdict {
    let (key, other, clock) = (key("lifetime")?, key("lifetime too")?, key("clock")?);
    let short = entry(1).kept_for(SHORT, NOW);
    let first = written(store.replace(&key, None, Some(&short)).await?)?;
    // One that had a lifetime, and then a longer one, and then none.
    let longer = entry(2).kept_for(LONG, NOW);
    let second = written(store.replace(&key, Some(&first), Some(&longer)).await?)?;
    let version = written(store.replace(&other, None, Some(&short)).await?)?;
    written(store.replace(&other, Some(&version), Some(&entry(3))).await?)?;
    let over = StoreKey::of_mark(&["over", &name::fresh()?]);
    check(store.insert_if_absent(&over, &entry(4).kept_for(SHORT, NOW)).await?, "a mark is inserted")?;
    // By the store's own clock or ours, all that was short is over once a lease is that was as short.
    held(store.lease(&clock, SHORT, NOW).await?)?;
    let later = NOW.after(SHORT + Duration::from_millis(1));
    wait(store, &clock, later).await?;
    is_there(store, &key, 2, "a record is there while its lifetime lasts").await?;
    is_there(store, &other, 3, "a record without a lifetime is kept").await?;
    check(there(store, &key).await?.version == second, "nothing but a write or a lease changes a version")?;
    // Gone or not, it is one or the other.
    let inserted = store.insert_if_absent(&over, &entry(5).kept_for(LONG, later)).await?;
    let bytes = there(store, &over).await?.bytes;
    check(
        bytes == record(if inserted { 5 } else { 4 }),
        "a record whose lifetime is over is there or gone, and nothing in between",
    )?;
    for key in [&key, &other, &over] {
        delete(store, key).await?;
    }
    Ok(())
}

/// The record of this number is there. One that is gone breaks the same sentence as one that has changed.
async fn is_there(store: &dyn AsyncStore, key: &StoreKey, number: usize, sentence: &str) -> Verdict {
    check(store.load(key).await?.is_some_and(|stored| stored.bytes == record(number)), sentence)
}

/// Waits until a lease of this key has ended.
async fn wait(store: &dyn AsyncStore, key: &StoreKey, later: UnixTime) -> Verdict {
    for _ in 0..TRIES {
        if let Some(lease) = store.lease(key, LONG, later).await? {
            return Ok(store.release(key, &lease).await?);
        }
    }
    Err(Violation("not kept: a lease ends when its time is over".to_owned()))
}
