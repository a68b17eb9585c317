//! Stores that are right as long as nobody else asks: on the thread that made them.

use valetkey_core::store::{Lease, Replaced, StoreVersion};

use super::{Altered, breaks};

#[test]
fn the_suite_sees_a_race_that_all_win_and_one_that_nobody_wins() {
    let one = "of those who replace one version at the same time, exactly one does";
    let all = Altered::new().replacing(|place, key, expected, entry| {
        let replaced = place.replace(key, expected, entry);
        match place.is_elsewhere() && expected.is_some() {
            true => Replaced::Written(StoreVersion::new("mine")),
            false => replaced,
        }
    });
    breaks(one, all);
    let nobody = Altered::new().replacing(|place, key, expected, entry| match place.is_elsewhere() {
        true => Replaced::Conflict,
        false => place.replace(key, expected, entry),
    });
    breaks(one, nobody);
    let made_by_all = Altered::new().replacing(|place, key, expected, entry| {
        let replaced = place.replace(key, expected, entry);
        match place.is_elsewhere() && expected.is_none() {
            true => Replaced::Written(StoreVersion::new("mine")),
            false => replaced,
        }
    });
    let one = "of those who write the first record at the same time, exactly one does";
    breaks(one, made_by_all);
    let inserted_by_all =
        Altered::new().inserting(|place, key, entry| place.insert(key, entry) || place.is_elsewhere());
    breaks(one, inserted_by_all);
    let leased_by_all = Altered::new().leasing(|place, key, ttl, now| {
        let lease = place.lease(key, ttl, now);
        lease.or_else(|| place.is_elsewhere().then(|| Lease::new("mine")))
    });
    breaks("of those who ask for a lease at the same time, exactly one has it", leased_by_all);
    let taken_by_all = Altered::new().taking(|place, key| match place.is_elsewhere() {
        true => place.load(key).map(|stored| stored.bytes),
        false => place.take(key),
    });
    breaks("of those who take a record at the same time, exactly one gets it", taken_by_all);
}

#[test]
fn the_suite_sees_what_a_race_leaves_undeletable() {
    let deletes = "who expects the right version deletes";
    let once_it_was_leased_elsewhere = Altered::new()
        .leasing(|place, key, ttl, now| {
            if place.is_elsewhere() {
                place.note(key.as_str(), "");
            }
            place.lease(key, ttl, now)
        })
        .replacing(|place, key, expected, entry| match place.noted(key.as_str()) {
            Some(_) if entry.is_none() => Replaced::Conflict,
            _ => place.replace(key, expected, entry),
        });
    breaks(deletes, once_it_was_leased_elsewhere);
    let once_it_was_made_elsewhere = Altered::new().replacing(|place, key, expected, entry| {
        if place.is_elsewhere() && expected.is_none() {
            place.note(key.as_str(), "");
        }
        match place.noted(key.as_str()) {
            Some(_) if entry.is_none() => Replaced::Conflict,
            _ => place.replace(key, expected, entry),
        }
    });
    breaks(deletes, once_it_was_made_elsewhere);
}
