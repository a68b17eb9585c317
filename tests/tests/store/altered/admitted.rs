//! Stores that keep the contract in another way than a memory does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use valetkey_core::store::{Entry, Found, MOST_FOUND, StoreError};
use valetkey_stores::{LARGEST_RECORD, suite};

use super::Altered;

fn is_admitted(store: &Altered) {
    suite::blocking(store).unwrap();
}

#[test]
fn the_suite_admits_a_store_that_refuses_large_records() {
    is_admitted(&Altered::new().trying(|place, key, expected, entry| match entry {
        Some(entry) if entry.bytes().expose().len() > LARGEST_RECORD => {
            Err(StoreError::new("the record is too large"))
        }
        entry => Ok(place.replace(key, expected, entry)),
    }));
}

/// More than the tokens of any server need.
#[test]
fn the_suite_holds_a_store_to_records_of_256_kib_and_no_more() {
    let largest = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&largest);
    let narrow = Altered::new().trying(move |place, key, expected, entry| {
        let length = entry.map_or(0, |entry| entry.bytes().expose().len());
        if length > 256 * 1024 {
            return Err(StoreError::new("the record is too large"));
        }
        seen.fetch_max(length, Ordering::Relaxed);
        Ok(place.replace(key, expected, entry))
    });
    is_admitted(&narrow);
    assert_eq!(largest.load(Ordering::Relaxed), 256 * 1024);
}

/// A store may show fewer at once, say that there may be more where nothing is, and name records that are gone.
#[test]
fn lo_15_the_suite_admits_small_pages_and_names_of_what_is_gone() {
    for size in [2, 7, MOST_FOUND] {
        is_admitted(&Altered::new().finding(move |place, index, after| {
            let mut found = place.find(index, after);
            let is_full = found.keys.len() >= size;
            found.keys.truncate(size);
            Found::new(found.keys, is_full)
        }));
    }
    let forgets_no_name = Altered::new()
        .replacing(|place, key, expected, entry| {
            let replaced = place.replace(key, expected, entry);
            let indexes = entry.map(Entry::indexes).unwrap_or_default().iter();
            let former = place.noted(key.as_str()).unwrap_or_default();
            place.note(key.as_str(), &indexes.fold(former, |names, index| names + index.as_str()));
            replaced
        })
        .finding(|place, index, after| {
            let named = place.noted_with(index.as_str());
            Found::page(named.iter().map(String::as_str), after)
        });
    is_admitted(&forgets_no_name);
}

/// One that drops what is over as soon as it sees a clock that says so.
#[test]
fn the_suite_admits_a_store_that_drops_what_is_over_at_once() {
    let remembering = Altered::new().replacing(|place, key, expected, entry| {
        let replaced = place.replace(key, expected, entry);
        if replaced.is_done() {
            place.remember(key, entry);
        }
        replaced
    });
    is_admitted(&remembering.leasing(|place, key, ttl, now| {
        for over in place.that_are_over(true, now) {
            let _ = place.overwrite(&over, None);
        }
        place.lease(key, ttl, now)
    }));
}

/// One whose leases end by a clock of its own, whatever its callers' clocks say. This one goes on by a millisecond
/// with each question.
#[test]
fn the_suite_admits_a_store_that_has_a_clock_of_its_own() {
    is_admitted(&Altered::new().leasing(|place, key, ttl, _| {
        let passed = place.noted("passed").map_or(0, |passed| passed.parse().unwrap()) + 1;
        place.note("passed", &passed.to_string());
        place.lease(key, ttl, valetkey_tests::NOW.after(Duration::from_millis(passed)))
    }));
}
