//! Stores that lend a key wrongly.

use std::time::Duration;

use valetkey_core::store::{Entry, Lease, Replaced, StoreKey, StoreVersion, Stored, StoredBytes};

use super::records::versioned;
use super::{Altered, breaks};

#[test]
fn the_suite_sees_leases_that_exclude_too_much() {
    let one_for_all_keys = Altered::new()
        .leasing(|place, _, ttl, now| place.lease(&StoreKey::of_mark(&["the only lease"]), ttl, now));
    breaks("the lease of one key must not hold another", one_for_all_keys);
    let where_a_record_is = Altered::new()
        .leasing(|place, key, ttl, now| place.load(key).and_then(|_| place.lease(key, ttl, now)));
    breaks("a key that nobody has can be leased", where_a_record_is);
    let keeps_its_holder_from_writing =
        Altered::new().noting_leases().replacing(|place, key, expected, entry| {
            if place.noted(key.as_str()).is_some() && entry.is_some() {
                return Replaced::Conflict;
            }
            place.replace(key, expected, entry)
        });
    breaks("who expects the right version writes", keeps_its_holder_from_writing);
    let shows_its_holder_another_version = Altered::new()
        .noting_leases()
        .loading(|place, key| {
            let stored = place.load(key)?;
            let is_leased = place.noted(key.as_str()).is_some();
            let version = format!("{}{}", stored.version.as_str(), if is_leased { "!" } else { "" });
            Some(Stored::new(stored.bytes, StoreVersion::new(version)))
        })
        .replacing(|place, key, expected, entry| {
            let expected = expected.map(|version| StoreVersion::new(version.as_str().trim_end_matches('!')));
            place.replace(key, expected.as_ref(), entry)
        });
    breaks("a lease lets its holder write", shows_its_holder_another_version);
}

#[test]
fn the_suite_sees_leases_that_two_have() {
    let to_everybody = Altered::new().leasing(|place, key, _, now| place.lease(key, Duration::ZERO, now));
    breaks("a lease has one holder", to_everybody);
    let to_whose_clock_is_behind = Altered::new().leasing(|place, key, ttl, now| {
        let since = place.remembered(key).and_then(|held| held.lifetime()).map(|held| held.now());
        if since.is_some_and(|since| now < since) {
            place.free(key);
        }
        let lease = place.lease(key, ttl, now)?;
        place.note(key.as_str(), lease.as_str());
        place.remember(key, Some(&Entry::new(StoredBytes::new(Vec::new())).kept_for(ttl, now)));
        Some(lease)
    });
    breaks(
        "a lease is not taken by who read the clock before its holder did, and then waited",
        to_whose_clock_is_behind,
    );
    let of_one_name = Altered::new()
        .leasing(|place, key, ttl, now| {
            let lease = place.lease(key, ttl, now)?;
            place.note(key.as_str(), lease.as_str());
            Some(Lease::new("the lease"))
        })
        .releasing(|place, key, lease| {
            if lease.as_str() == "the lease" {
                place.free(key);
            }
        });
    breaks("no lease is given out twice", of_one_name);
}

#[test]
fn the_suite_sees_leases_that_others_end() {
    let by_whom_it_may_be = Altered::new().noting_leases().releasing(|place, key, _| place.free(key));
    breaks("who does not hold a lease releases nothing", by_whom_it_may_be);
    let given = |key: &StoreKey, lease: &Lease| format!("{} {}", key.as_str(), lease.as_str());
    let noting = || {
        Altered::new().leasing(move |place, key, ttl, now| {
            let lease = place.lease(key, ttl, now)?;
            place.note(key.as_str(), lease.as_str());
            place.note(&given(key, &lease), "");
            Some(lease)
        })
    };
    let by_who_ever_had_it = noting().releasing(move |place, key, lease| {
        if place.noted(&given(key, lease)).is_some() {
            place.free(key);
        }
    });
    breaks("a lease that was released releases nothing any more", by_who_ever_had_it);
    let by_who_never_gave_it_back = noting().releasing(move |place, key, lease| {
        if place.forget(&given(key, lease)).is_some() {
            place.free(key);
        }
    });
    breaks("a lease that has ended releases no other", by_who_never_gave_it_back);
}

#[test]
fn the_suite_sees_leases_that_touch_the_record() {
    let makes_one = Altered::new().leasing(|place, key, ttl, now| {
        let lease = place.lease(key, ttl, now)?;
        if place.load(key).is_none() {
            place.insert(key, &StoredBytes::new(Vec::new()).into());
        }
        Some(lease)
    });
    breaks("a lease makes no record", makes_one);
    let shortens_it_at_the_end = Altered::new().releasing(|place, key, lease| {
        place.release(key, lease);
        place.shorten(key);
    });
    breaks("leases leave the record as it is", shortens_it_at_the_end);
    let shortens_it_when_it_is_taken_over = Altered::new()
        .leasing(|place, key, ttl, now| {
            let lease = place.lease(key, ttl, now)?;
            if place.note(key.as_str(), lease.as_str()).is_some() {
                place.shorten(key);
            }
            Some(lease)
        })
        .releasing(super::Place::give_back);
    breaks("taking a lease leaves the record as it is", shortens_it_when_it_is_taken_over);
}

/// RF-1: whoever took the key over is not written over by the former holder.
#[test]
fn the_suite_sees_leases_that_end_unnoticed() {
    breaks(
        "a holder whose lease has ended finds its version stale",
        versioned(|write| write.unique.to_owned()),
    );
}

#[test]
fn the_suite_sees_leases_that_never_end() {
    let until_it_is_given_back = Altered::new()
        .leasing(|place, key, ttl, now| match place.noted(key.as_str()) {
            Some(_) => None,
            None => {
                let lease = place.lease(key, ttl, now)?;
                place.note(key.as_str(), lease.as_str());
                Some(lease)
            }
        })
        .releasing(super::Place::give_back);
    breaks("a lease ends when its time is over, also under its holder", until_it_is_given_back);
    let of_a_key_without_a_record = Altered::new()
        .leasing(|place, key, ttl, now| {
            if place.noted(key.as_str()).is_some() {
                return None;
            }
            let lease = place.lease(key, ttl, now)?;
            if place.load(key).is_none() {
                place.note(key.as_str(), lease.as_str());
            }
            Some(lease)
        })
        .releasing(super::Place::give_back);
    breaks("a lease ends when its time is over", of_a_key_without_a_record);
}
