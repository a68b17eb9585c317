//! The memory store beyond the contract: what it drops, when a lease of it ends, and that it keeps nothing of what is gone.

use std::time::Duration;

use valetkey_core::store::{Entry, Index, Lease, MemoryStore, Replaced, Store, StoreKey, StoreVersion};
use valetkey_core::{Flow as _, Grant, Session, Step};
use valetkey_tests::{NOW, client, get, json};

use super::{MINUTE, key, secret};

/// From so many records on it looks for those that are over.
const MANY: usize = 64;

fn moment() -> Duration {
    Duration::from_millis(1)
}

fn mark(number: usize) -> StoreKey {
    StoreKey::of_mark(&[&number.to_string()])
}

fn short() -> Entry {
    Entry::new(secret()).kept_for(MINUTE, NOW)
}

/// A memory with so many records that are over in a minute.
fn with_records(number: usize) -> MemoryStore {
    let store = MemoryStore::new();
    for number in 0..number {
        assert!(store.insert_if_absent(&mark(number), &short()).unwrap());
    }
    store
}

/// Another record is written so long after the others, with a lifetime of its own.
fn write(store: &MemoryStore, later: Duration) {
    let entry = Entry::new(secret()).kept_for(MINUTE, NOW.after(later));
    assert!(store.insert_if_absent(&StoreKey::of_mark(&["another"]), &entry).unwrap());
}

fn are_there(store: &MemoryStore) -> usize {
    (0..MANY).filter(|number| store.load(&mark(*number)).unwrap().is_some()).count()
}

/// To the moment, and once there are many.
#[test]
fn a_memory_drops_what_is_over_and_nothing_before() {
    let store = with_records(MANY);
    write(&store, MINUTE);
    assert_eq!(are_there(&store), 0);
    let store = with_records(MANY);
    write(&store, MINUTE - moment());
    assert_eq!(are_there(&store), MANY);
}

/// RF-1: a key that somebody has is not dropped, record or no record: another would have it too.
#[test]
fn a_memory_that_drops_what_is_over_keeps_its_leases() {
    for has_record in [true, false] {
        let store = with_records(MANY - 1);
        if has_record {
            assert!(store.insert_if_absent(&key(), &short()).unwrap());
        }
        let lease = store.lease(&key(), MINUTE + moment(), NOW).unwrap().unwrap();
        write(&store, MINUTE);
        assert_eq!(are_there(&store), 0);
        let now = NOW.after(MINUTE);
        assert_eq!(store.lease(&key(), MINUTE, now).unwrap(), None, "somebody has it");
        store.release(&key(), &lease).unwrap();
        assert!(store.lease(&key(), MINUTE, now).unwrap().is_some());
    }
}

/// A lease that has just ended holds nothing any more.
#[test]
fn a_memory_drops_what_is_over_with_a_lease_that_is_over_too() {
    let store = with_records(MANY - 1);
    assert!(store.insert_if_absent(&key(), &short()).unwrap());
    assert!(store.lease(&key(), MINUTE, NOW).unwrap().is_some());
    write(&store, MINUTE);
    assert_eq!(store.load(&key()).unwrap(), None);
}

#[test]
fn a_lease_of_a_memory_ends_to_the_moment() {
    let store = MemoryStore::new();
    assert!(store.lease(&key(), MINUTE, NOW).unwrap().is_some());
    let end = NOW.after(MINUTE);
    assert_eq!(store.lease(&key(), MINUTE, end.before(moment())).unwrap(), None);
    assert!(store.lease(&key(), MINUTE, end).unwrap().is_some());
}

/// What was refused is not found, and what it would have replaced is.
#[test]
fn a_write_that_a_memory_refuses_leaves_its_indexes() {
    let (store, user, login) = (MemoryStore::new(), Index::of_name("alice"), Index::of_name("login"));
    let written = store.replace(&key(), None, Some(&Entry::new(secret()).indexed([user.clone()]))).unwrap();
    assert!(written.is_done());
    let other = Entry::new(secret()).indexed([login.clone()]);
    for expected in [None, Some(&StoreVersion::new("another"))] {
        for entry in [Some(&other), None] {
            assert_eq!(store.replace(&key(), expected, entry).unwrap(), Replaced::Conflict);
            assert_eq!(store.find(&user, None).unwrap().keys, [key()]);
            assert!(store.find(&login, None).unwrap().keys.is_empty());
        }
    }
}

/// Whoever asks for keys of which nothing is left fills no memory.
#[test]
fn a_memory_keeps_nothing_of_a_key_that_has_nothing() {
    let store = MemoryStore::new();
    let is_kept = || format!("{store:?}").contains(key().as_str());
    assert!(store.load(&key()).unwrap().is_none());
    store.release(&key(), &Lease::new("none of its own")).unwrap();
    assert!(store.replace(&key(), None, None).unwrap().is_done());
    assert_eq!(
        store.replace(&key(), Some(&StoreVersion::new("1")), Some(&short())).unwrap(),
        Replaced::Conflict
    );
    assert!(!is_kept(), "{store:?}");

    let lease = store.lease(&key(), MINUTE, NOW).unwrap().unwrap();
    assert!(is_kept());
    store.release(&key(), &lease).unwrap();
    assert!(!is_kept(), "{store:?}");

    let index = Index::of_name("alice");
    let entry = Entry::new(secret()).indexed([index.clone()]);
    assert!(store.insert_if_absent(&key(), &entry).unwrap());
    assert!(is_kept() && format!("{store:?}").contains(index.as_str()));
    assert!(store.take(&key()).unwrap().is_some());
    assert!(!is_kept() && !format!("{store:?}").contains(index.as_str()), "{store:?}");
}

/// RF-1: a session that one task has for itself waits for nobody: a renewal that it dropped holds it up no longer.
#[test]
fn a_call_that_was_dropped_while_it_renewed_does_not_hold_up_the_next() {
    let mut session = Session::from_grant(&client(), Grant::client_credentials());
    let request = || get("https://api.example/me");
    for _ in 0..3 {
        let mut dropped = session.call(request()).unwrap();
        let Step::Send(asked) = dropped.step(None, NOW).unwrap() else { panic!("it asks for a token") };
        assert_eq!(asked.uri(), "https://as.example/token");
    }
    let mut call = session.call(request()).unwrap();
    let Step::Send(_) = call.step(None, NOW).unwrap() else { panic!("it asks for a token") };
    let answer = json(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#);
    let Step::Send(sent) = call.step(Some(answer), NOW).unwrap() else { panic!("it asks the API") };
    assert_eq!(sent.uri(), "https://api.example/me");
    let Step::Done(_) = call.step(Some(json(200, "{}")), NOW).unwrap() else { panic!("it has its answer") };
}
