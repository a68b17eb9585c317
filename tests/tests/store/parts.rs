//! Records that are longer than an entry of a keyring takes: the tokens of Entra and Keycloak, in the Credential Manager of
//! Windows.

use valetkey_core::store::{Replaced, Store, StoreVersion, StoredBytes};
use valetkey_stores::{KeyringStore, suite};
use valetkey_tests::{NOW, SECRET};

use super::fake_keyring::{FakeKeyring, WINDOWS};
use super::{Folder, MINUTE, key, secret};

fn open(keyring: &FakeKeyring, locks: &Folder, entry: usize) -> KeyringStore {
    KeyringStore::over(keyring.shared(), "tests", locks).unwrap().with_entry_size(entry).unwrap()
}

/// A record of this length, which no other number's is like.
fn record(number: u8, length: usize) -> StoredBytes {
    StoredBytes::new((0..length).map(|place| number ^ u8::try_from(place % 251).unwrap()).collect())
}

/// How many entries of 256 bytes a record takes, with its version, and a tag in each part.
fn entries(length: usize) -> usize {
    match length + 33 {
        bytes if bytes <= 256 => 1,
        bytes => 1 + bytes.div_ceil(256 - 32),
    }
}

fn put(store: &KeyringStore, record: &StoredBytes) -> StoreVersion {
    let former = store.load(&key()).unwrap().map(|stored| stored.version);
    match store.replace(&key(), former.as_ref(), Some(&record.clone().into())).unwrap() {
        Replaced::Written(version) => version,
        other => panic!("{other:?}"),
    }
}

#[test]
fn f58_the_keyring_store_keeps_the_contract_in_small_entries() {
    for entry in [256, WINDOWS] {
        let (keyring, locks) = (FakeKeyring::new(entry), Folder::new());
        suite::blocking(&open(&keyring, &locks, entry)).unwrap();
        assert_eq!(keyring.names(), Vec::<String>::new(), "nothing is left of what was deleted");
    }
}

#[test]
fn f58_the_keyring_store_keeps_the_contract_in_one_entry_each() {
    let (keyring, locks) = (FakeKeyring::new(usize::MAX), Folder::new());
    suite::blocking(&KeyringStore::over(keyring.shared(), "tests", &locks).unwrap()).unwrap();
    assert_eq!(keyring.names(), Vec::<String>::new());
}

/// Three tokens of 1.5 KiB each are kept where an entry takes 2,560 bytes.
#[test]
fn f58_a_record_that_is_longer_than_an_entry_is_kept() {
    let (keyring, locks) = (FakeKeyring::new(WINDOWS), Folder::new());
    let store = open(&keyring, &locks, WINDOWS);
    let tokens = record(1, 3 * 1536 + 400);
    put(&store, &tokens);
    assert_eq!(store.load(&key()).unwrap().unwrap().bytes, tokens);
    assert!(keyring.sizes().iter().all(|size| *size <= WINDOWS));
    // Each renewal takes a lease and writes.
    for number in 2..6 {
        let lease = store.lease(&key(), MINUTE, NOW).unwrap().unwrap();
        assert_eq!(store.load(&key()).unwrap().unwrap().bytes, record(number - 1, 3 * 1536 + 400));
        put(&store, &record(number, 3 * 1536 + 400));
        store.release(&key(), &lease).unwrap();
        assert_eq!(keyring.names().len(), 3, "{:?}", keyring.names());
    }
}

/// At the borders of what fits one entry, two entries, and so on.
#[test]
fn f58_every_length_is_kept() {
    let (keyring, locks) = (FakeKeyring::new(256), Folder::new());
    let store = open(&keyring, &locks, 256);
    for length in (0..40).chain(180..300).chain(400..470).chain([0, 1000, 1]) {
        put(&store, &record(3, length));
        assert_eq!(store.load(&key()).unwrap().unwrap().bytes, record(3, length), "{length}");
    }
    assert_eq!(keyring.names().len(), 1, "a record that fits one entry again is in one");
}

/// A keyring that takes less than its program says is an error that says what to do, and changes nothing.
#[test]
fn f58_an_entry_that_is_too_long_for_the_keyring_is_told_and_changes_nothing() {
    let (keyring, locks) = (FakeKeyring::new(300), Folder::new());
    let store = KeyringStore::over(keyring.shared(), "tests", &locks).unwrap();
    let version = put(&store, &secret());
    let error = store.replace(&key(), Some(&version), Some(&record(1, 1000).into())).unwrap_err().to_string();
    assert!(error.contains("with_entry_size"), "{error}");
    let wrong = open(&keyring, &locks, 301);
    assert!(wrong.replace(&key(), Some(&version), Some(&record(1, 1000).into())).is_err());
    let stored = store.load(&key()).unwrap().unwrap();
    assert_eq!((stored.bytes, stored.version), (secret(), version));
    assert_eq!(keyring.names().len(), 1);
    let error =
        KeyringStore::over(keyring.shared(), "tests", &locks).unwrap().with_entry_size(255).unwrap_err();
    assert!(error.to_string().contains("256"), "{error}");
}

/// Programs need not agree on the size: the head says where the parts are.
#[test]
fn f58_programs_with_different_sizes_share_a_session() {
    let (keyring, locks) = (FakeKeyring::new(usize::MAX), Folder::new());
    let whole = KeyringStore::over(keyring.shared(), "tests", &locks).unwrap();
    for (number, entry) in [(1, 256), (2, 300), (3, WINDOWS)] {
        let small = open(&keyring, &locks, entry);
        put(&small, &record(number, 5000));
        assert_eq!(whole.load(&key()).unwrap().unwrap().bytes, record(number, 5000));
        put(&whole, &record(number + 10, 5000));
        assert_eq!(keyring.names().len(), 1, "the parts went with the record that they were of");
        assert_eq!(small.load(&key()).unwrap().unwrap().bytes, record(number + 10, 5000));
    }
}

/// The process is killed at each change that a write makes, before and after the keyring made it: there is the old record
/// or the new one, whole, with the version that belongs to it, and what was left behind goes.
#[test]
fn f58_a_process_that_is_killed_while_it_writes_loses_nothing() {
    let sizes = [100, 2_000];
    for (before, after) in [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(a, b)| (sizes[a], sizes[b])) {
        let (former, newer) = (record(1, before), record(2, after));
        for is_last_made in [false, true] {
            for changes in 1.. {
                let (keyring, locks) = (FakeKeyring::new(256), Folder::new());
                let store = open(&keyring, &locks, 256);
                let version = put(&store, &former);
                keyring.kill_after(changes, is_last_made);
                let written = store.replace(&key(), Some(&version), Some(&newer.clone().into()));
                drop(store);
                let was_killed = keyring.live();
                let store = open(&keyring, &locks, 256);
                let stored = store.load(&key()).unwrap().expect("a session is never lost");
                assert!(stored.bytes == former || stored.bytes == newer, "after {changes} changes");
                assert_eq!(stored.bytes == former, stored.version == version);
                match written {
                    Ok(Replaced::Written(version)) => {
                        assert_eq!((stored.bytes, stored.version), (newer.clone(), version));
                    }
                    Ok(other) => panic!("{other:?}"),
                    // It is not known, unless the keyring had not begun with the head.
                    Err(_) => assert!(was_killed),
                }
                // What a killed process left behind is gone, whatever is written next.
                for length in [600, after, 100] {
                    put(&store, &record(3, length));
                    assert_eq!(keyring.names().len(), entries(length), "{:?}", keyring.names());
                }
                if !was_killed {
                    break;
                }
            }
        }
    }
}

#[test]
fn f58_a_process_that_is_killed_while_it_deletes_leaves_no_tokens_behind() {
    for is_last_made in [false, true] {
        for changes in 1.. {
            let (keyring, locks) = (FakeKeyring::new(256), Folder::new());
            let store = open(&keyring, &locks, 256);
            let version = put(&store, &record(1, 2_000));
            keyring.kill_after(changes, is_last_made);
            let deleted = store.replace(&key(), Some(&version), None);
            let was_killed = keyring.live();
            assert_eq!(deleted.is_err(), was_killed);
            if let Some(stored) = open(&keyring, &locks, 256).load(&key()).unwrap() {
                assert_eq!(stored.bytes, record(1, 2_000), "whole, as long as it is there");
                let again = open(&keyring, &locks, 256).replace(&key(), Some(&stored.version), None).unwrap();
                assert_eq!(again, Replaced::Deleted);
            }
            assert_eq!(keyring.names(), Vec::<String>::new());
            if !was_killed {
                break;
            }
        }
    }
}

/// The keyring does not make one change of many, such as one that is full: what was written for nothing is taken back.
#[test]
fn f58_parts_that_no_head_names_are_taken_back() {
    for change in 1..=entries(2_000) {
        let (keyring, locks) = (FakeKeyring::new(256), Folder::new());
        let store = open(&keyring, &locks, 256);
        let version = put(&store, &record(1, 1_000));
        let before = keyring.names();
        keyring.fail_once(change);
        store.replace(&key(), Some(&version), Some(&record(2, 2_000).into())).unwrap_err();
        let stored = store.load(&key()).unwrap().unwrap();
        assert_eq!((stored.bytes, stored.version), (record(1, 1_000), version));
        // The head may have been written although the keyring says otherwise, so what it names stays then.
        assert_eq!(keyring.names() == before, change < entries(2_000), "{change}");
        put(&store, &record(3, 2_000));
        assert_eq!(keyring.names().len(), entries(2_000));
    }
}

/// A keyring that was partly restored from a copy: each part is of the right size, and one is of an older record.
#[test]
fn f58_a_part_of_an_older_record_is_no_part_of_this_one() {
    let (keyring, locks) = (FakeKeyring::new(256), Folder::new());
    let store = open(&keyring, &locks, 256);
    let part = format!("{}.a.1", key().as_str());
    put(&store, &record(1, 1_000));
    let mut older = Vec::new();
    keyring.tamper(&part, |bytes| older.clone_from(bytes));
    put(&store, &record(2, 1_000));
    put(&store, &record(3, 1_000));
    assert_eq!(store.load(&key()).unwrap().unwrap().bytes, record(3, 1_000));
    keyring.tamper(&part, |bytes| *bytes = older);
    let error = store.load(&key()).unwrap_err().to_string();
    assert!(error.contains("another's"), "{error}");
}

/// What another program did to an entry is an error without a word of it, and never half a record.
#[test]
fn f58_parts_that_do_not_belong_together_are_no_record() {
    let names: Vec<String> = {
        let (keyring, locks) = (FakeKeyring::new(256), Folder::new());
        put(&open(&keyring, &locks, 256), &record(1, 1_000));
        keyring.names()
    };
    assert_eq!(names.len(), 6);
    let head = key().as_str().to_owned();
    for name in names {
        let spoil: [fn(&FakeKeyring, &str); 4] = [
            |keyring, name| keyring.forget(name),
            |keyring, name| keyring.tamper(name, |bytes| bytes.truncate(bytes.len() - 1)),
            |keyring, name| keyring.tamper(name, |bytes| bytes.push(b'7')),
            |keyring, name| keyring.tamper(name, |bytes| *bytes = SECRET.repeat(9).into_bytes()),
        ];
        for (number, spoil) in spoil.into_iter().enumerate() {
            let (keyring, locks) = (FakeKeyring::new(256), Folder::new());
            let store = open(&keyring, &locks, 256);
            put(&store, &record(1, 1_000));
            spoil(&keyring, &name);
            match store.load(&key()) {
                // Without its head there is no record.
                Ok(stored) => assert!(stored.is_none() && name == head && number == 0, "{name} {number}"),
                Err(error) => assert!(!format!("{error} {error:?}").contains(SECRET), "{error}"),
            }
        }
    }
}

/// A head that says anything at all is read within bounds.
#[test]
fn f58_a_head_that_announces_too_much_is_refused() {
    let tag = "0".repeat(32);
    for head in [
        format!("valetkey parts a {tag} 18446744073709551615 18446744073709551615"),
        format!("valetkey parts a {tag} 1 99999999999"),
        format!("valetkey parts a {tag} 99999999999 1"),
        format!("valetkey parts c {tag} 1 1"),
        format!("valetkey parts a {tag} 1"),
        format!("valetkey parts a {tag} 1 1 1"),
        "valetkey parts a short 1 1".to_owned(),
        "valetkey parts".to_owned(),
    ] {
        let (keyring, locks) = (FakeKeyring::new(usize::MAX), Folder::new());
        let store = open(&keyring, &locks, 256);
        put(&store, &secret());
        keyring.tamper(key().as_str(), |bytes| *bytes = head.clone().into_bytes());
        assert!(store.load(&key()).is_err(), "{head}");
    }
}
