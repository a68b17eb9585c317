//! Stores that find by an index what they should not, or not what they should.

use valetkey_core::store::{Entry, Found, Index, Replaced, StoreKey};

use super::{Altered, Place, breaks};

const FOUND: &str = "every record is found by the index that it was last written with";

fn lost(key: &StoreKey) -> String {
    format!("lost {}", key.as_str())
}

fn gone(index: &Index) -> String {
    format!("gone {}", index.as_str())
}

/// Finds only those of which this is so.
fn finding(is_found: impl Fn(&Place, &Index, &StoreKey) -> bool + Send + Sync + 'static) -> Altered {
    Altered::new().finding(move |place, index, after| {
        let mut found = place.find(index, after);
        found.keys.retain(|key| is_found(place, index, key));
        found
    })
}

/// Loses what this says, until it is written again, of what comes of a write over a record or of none.
fn losing(is_lost: fn(was_there: bool, replaced: &Replaced) -> bool, is_found_again: bool) -> Altered {
    finding(|place, _, key| place.noted(&lost(key)).is_none()).replacing(
        move |place, key, expected, entry| {
            let was_there = place.load(key).is_some();
            let replaced = place.replace(key, expected, entry);
            if is_lost(was_there, &replaced) {
                place.note(&lost(key), "");
            } else if replaced.is_done() && is_found_again {
                place.forget(&lost(key));
            }
            replaced
        },
    )
}

#[test]
fn the_suite_sees_an_index_that_does_not_find() {
    breaks(FOUND, Altered::new().finding(|_, _, _| Found::default()));
    let by_the_first_alone = Altered::new().replacing(|place, key, expected, entry| {
        let first = entry.map(|entry| entry.clone().indexed(entry.indexes().first().cloned()));
        place.replace(key, expected, first.as_ref())
    });
    breaks(FOUND, by_the_first_alone);
    let the_last_alone = finding(|place, _, key| place.noted("last").as_deref() == Some(key.as_str()));
    let the_last_alone = the_last_alone.replacing(|place, key, expected, entry| {
        place.note("last", key.as_str());
        place.replace(key, expected, entry)
    });
    breaks(FOUND, the_last_alone);
    let four_at_most = Altered::new().finding(|place, index, after| {
        let mut found = place.find(index, after);
        found.keys.truncate(4);
        Found::new(found.keys, false)
    });
    breaks(FOUND, four_at_most);
}

#[test]
fn the_suite_sees_an_index_that_loses_a_record_by_what_happens_to_it() {
    let by_a_write_that_is_refused = losing(|_, replaced| *replaced == Replaced::Conflict, true);
    breaks(FOUND, by_a_write_that_is_refused);
    let by_a_renewal =
        losing(|was_there, replaced| was_there && matches!(replaced, Replaced::Written(_)), true);
    breaks(FOUND, by_a_renewal);
    let by_a_deletion_for_ever = losing(|_, replaced| *replaced == Replaced::Deleted, false);
    breaks(FOUND, by_a_deletion_for_ever);
    let by_the_end_of_a_lease = losing(|_, _| false, true).releasing(|place, key, lease| {
        place.release(key, lease);
        place.note(&lost(key), "");
    });
    breaks(FOUND, by_the_end_of_a_lease);
}

#[test]
fn the_suite_sees_an_index_that_is_not_that_of_the_last_write() {
    let that_of_the_first = Altered::new().replacing(|place, key, expected, entry| {
        let first = place.load(key).and_then(|_| place.remembered(key));
        let indexed = entry.map(|entry| match &first {
            Some(first) => entry.clone().indexed(first.indexes().to_vec()),
            None => entry.clone(),
        });
        let replaced = place.replace(key, expected, indexed.as_ref());
        if replaced.is_done() {
            place.remember(key, indexed.as_ref());
        }
        replaced
    });
    breaks(FOUND, that_of_the_first);
    let none_once_another_has_gone = finding(|place, index, _| place.noted(&gone(index)).is_none());
    let none_once_another_has_gone = none_once_another_has_gone.replacing(|place, key, expected, entry| {
        let former = place.remembered(key);
        let replaced = place.replace(key, expected, entry);
        if replaced.is_done() {
            place.remember(key, entry);
            let indexes = |entry: Option<&Entry>| entry.map(Entry::indexes).unwrap_or_default().to_vec();
            for index in indexes(former.as_ref()) {
                place.note(&gone(&index), "");
            }
            for index in indexes(entry) {
                place.forget(&gone(&index));
            }
        }
        replaced
    });
    breaks(FOUND, none_once_another_has_gone);
}

#[test]
fn the_suite_sees_an_index_that_finds_what_is_not_there() {
    let whatever_there_is = Altered::new().finding(|place, index, after| match place.find(index, after) {
        found if found.keys.is_empty() => Found::new(vec![StoreKey::of_mark(&["any"])], false),
        found => found,
    });
    breaks("where nothing was indexed, nothing is found", whatever_there_is);
}

#[test]
fn the_suite_sees_records_with_an_index_that_are_kept_otherwise_than_those_without() {
    let is_indexed = |place: &Place, key: &StoreKey| {
        place.remembered(key).is_some_and(|entry| !entry.indexes().is_empty())
    };
    let is_written_over_by_a_new_one = Altered::new().replacing(move |place, key, expected, entry| {
        let replaced = match (expected, entry) {
            (None, Some(_)) if is_indexed(place, key) => place.overwrite(key, entry),
            _ => place.replace(key, expected, entry),
        };
        if replaced.is_done() {
            place.remember(key, entry);
        }
        replaced
    });
    breaks("no record is not expected where there is one", is_written_over_by_a_new_one);
    let is_not_deleted = Altered::new().replacing(move |place, key, expected, entry| {
        if entry.is_none() && is_indexed(place, key) {
            return Replaced::Conflict;
        }
        let replaced = place.replace(key, expected, entry);
        if replaced.is_done() {
            place.remember(key, entry);
        }
        replaced
    });
    breaks("who expects the right version deletes", is_not_deleted);
}
