//! Stores that let happen twice what may happen once, bring back what has ended, and drop what is of use.

use valetkey_core::store::{Entry, RecordKind, Replaced, StoreVersion, StoredBytes};

use super::records::sharing;
use super::{Altered, breaks};

fn another() -> StoredBytes {
    StoredBytes::new(b"another".to_vec())
}

#[test]
fn the_suite_sees_what_is_inserted_twice() {
    let one = "of those who insert the same key at the same time, exactly one does";
    let says_always_that_it_did = Altered::new().inserting(|place, key, entry| {
        place.insert(key, entry);
        true
    });
    breaks(one, says_always_that_it_did);
    breaks(one, Altered::new().inserting(|_, _, _| false));
    let over_what_was_looked_at = Altered::new()
        .loading(|place, key| {
            place.note("looked at", key.as_str());
            place.load(key)
        })
        .inserting(|place, key, entry| match place.forget("looked at") {
            Some(_) => place.overwrite(key, Some(entry)).is_done(),
            None => place.insert(key, entry),
        });
    breaks("nothing is inserted where something is", over_what_was_looked_at);
    let writes_and_says_that_it_did_not = Altered::new().inserting(|place, key, entry| {
        let is_first = place.insert(key, entry);
        is_first || !place.overwrite(key, Some(entry)).is_done()
    });
    breaks("an insertion that was refused changes nothing", writes_and_says_that_it_did_not);
}

#[test]
fn the_suite_sees_what_is_taken_twice() {
    let out_of_nothing = Altered::new().taking(|place, key| place.take(key).or_else(|| Some(another())));
    breaks("where nothing is, nothing is taken", out_of_nothing);
    let only_looks = Altered::new().taking(|place, key| place.load(key).map(|stored| stored.bytes));
    breaks("of those who take the same record at the same time, exactly one gets it", only_looks);
    let takes_another = Altered::new().taking(|place, key| place.take(key).map(|_| another()));
    breaks("what is taken is what was there", takes_another);
    let leaves_it = Altered::new().taking(|place, key| {
        let stored = place.load(key)?;
        place.note(key.as_str(), "").is_none().then_some(stored.bytes)
    });
    breaks("what was taken is gone", leaves_it);
    let one_place_for_all_kinds_but_sessions = sharing(|key| key.kind() != RecordKind::Session);
    breaks("kinds of records do not collide", one_place_for_all_kinds_but_sessions);
}

/// A renewal that comes late writes nothing where the session has ended.
#[test]
fn the_suite_sees_what_is_written_over_a_tombstone() {
    let over_what_ends = |is_wrong: fn(Option<&StoreVersion>, Option<&Entry>) -> bool| {
        Altered::new().replacing(move |place, key, expected, entry| {
            let ends = place.remembered(key).is_some_and(|entry| entry.lifetime().is_some());
            let replaced = match ends && is_wrong(expected, entry) {
                true => place.overwrite(key, entry),
                false => place.replace(key, expected, entry),
            };
            if replaced.is_done() {
                place.remember(key, entry);
            }
            replaced
        })
    };
    let not_written_over = "who has not seen a tombstone does not write over it";
    breaks(not_written_over, over_what_ends(|expected, entry| expected.is_none() && entry.is_some()));
    breaks(not_written_over, over_what_ends(|expected, entry| expected.is_some() && entry.is_some()));
    let not_deleted = "who has not seen a tombstone does not delete it";
    breaks(not_deleted, over_what_ends(|expected, entry| expected.is_none() && entry.is_none()));
    breaks(not_deleted, over_what_ends(|expected, entry| expected.is_some() && entry.is_none()));
    let goes_with_the_lease = over_what_ends(|_, _| false).releasing(|place, key, lease| {
        place.release(key, lease);
        if place.remembered(key).is_some_and(|entry| entry.lifetime().is_some()) {
            let _ = place.overwrite(key, None);
        }
    });
    breaks("a tombstone stays while its lifetime lasts", goes_with_the_lease);
    let is_another_version_than_it_says = Altered::new().replacing(|place, key, expected, entry| {
        let ends = place.remembered(key).is_some_and(|entry| entry.lifetime().is_some());
        let replaced = place.replace(key, expected, entry);
        if replaced.is_done() {
            place.remember(key, entry);
        }
        match replaced {
            Replaced::Written(_) if ends => Replaced::Written(StoreVersion::new("the login")),
            replaced => replaced,
        }
    });
    breaks("who has seen a tombstone writes over it", is_another_version_than_it_says);
}

/// Remembers of what has a lifetime how long that is, as this says, and does something when a key is leased.
fn remembering(
    which: fn(former: Option<Entry>, entry: Option<&Entry>) -> Option<Entry>,
    is_over: bool,
) -> Altered {
    let remembering = Altered::new().replacing(move |place, key, expected, entry| {
        let replaced = place.replace(key, expected, entry);
        if replaced.is_done() {
            place.remember(key, which(place.remembered(key), entry).as_ref());
        }
        replaced
    });
    remembering.leasing(move |place, key, ttl, now| {
        for key in place.that_are_over(is_over, now) {
            // What is over is dropped, and what is not is written anew.
            if let Some(stored) = place.load(&key) {
                let _ = place.overwrite(&key, (!is_over).then(|| stored.bytes.into()).as_ref());
            }
        }
        place.lease(key, ttl, now)
    })
}

#[test]
fn the_suite_sees_what_is_dropped_too_early() {
    let by_its_first_lifetime =
        remembering(|former, entry| former.filter(|_| entry.is_some()).or_else(|| entry.cloned()), true);
    breaks("a record is there while its lifetime lasts", by_its_first_lifetime);
    let by_a_lifetime_that_it_has_no_more = remembering(
        |former, entry| match entry {
            Some(entry) if entry.lifetime().is_none() => former,
            entry => entry.cloned(),
        },
        true,
    );
    breaks("a record without a lifetime is kept", by_a_lifetime_that_it_has_no_more);
    let written_anew_by_the_clock = remembering(|_, entry| entry.cloned(), false);
    breaks("nothing but a write or a lease changes a version", written_anew_by_the_clock);
}

#[test]
fn the_suite_sees_what_is_over_and_only_half_gone() {
    let keeps_no_marks =
        Altered::new().inserting(|place, key, entry| entry.lifetime().is_none() && place.insert(key, entry));
    breaks("a mark is inserted", keeps_no_marks);
    let one_or_the_other = "a record whose lifetime is over is there or gone, and nothing in between";
    let is_gone_and_stays =
        Altered::new().inserting(|place, key, entry| place.insert(key, entry) || entry.lifetime().is_some());
    breaks(one_or_the_other, is_gone_and_stays);
    let is_there_and_goes = Altered::new().inserting(|place, key, entry| {
        place.insert(key, entry)
            || (entry.lifetime().is_some() && !place.overwrite(key, Some(entry)).is_done())
    });
    breaks(one_or_the_other, is_there_and_goes);
}
