//! How often a keyring is asked, and how much is believed of what it has: each look takes its time, and may ask the person.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, Entry, Error, Result};
use valetkey_core::store::{Replaced, Store, StoredBytes};
use valetkey_stores::{KeyringStore, LARGEST_RECORD};

use super::fake_keyring::FakeKeyring;
use super::{Folder, key, secret};

/// The smallest entry, and what a part has besides its bytes.
const SMALLEST: usize = 256;
const TAG: usize = 32;

/// The most bytes that a record has, with what the store writes before it, and the most parts that they are in.
const LONGEST: usize = LARGEST_RECORD + 1024;
const MOST: usize = LONGEST.div_ceil(SMALLEST - TAG);

/// Where entries have no limit there are no parts. Where they have one, the first part of each side is looked for if there may be any.
#[test]
fn a_keyring_is_asked_no_more_often_than_it_must() {
    for (size, asked) in [(usize::MAX, [1, 2, 1, 2]), (SMALLEST, [3, 6, 1, 4])] {
        let (keyring, locks) = (FakeKeyring::new(usize::MAX), Folder::new());
        let store = KeyringStore::over(keyring.shared(), "tests", &locks).unwrap();
        let store = store.with_entry_size(size).unwrap();
        assert_eq!(store.load(&key()).unwrap(), None);
        let absent = keyring.asked();
        let version = store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
        let written = keyring.asked();
        store.load(&key()).unwrap().unwrap();
        let read = keyring.asked();
        assert_eq!(store.replace(&key(), Some(&version), None).unwrap(), Replaced::Deleted);
        assert_eq!([absent, written, read, keyring.asked()], asked, "{size}");
    }
}

/// However often it is written, there is one head and the parts of one side, and nothing once it is deleted.
#[test]
fn f58_a_record_in_parts_is_there_once() {
    let (keyring, locks) = (FakeKeyring::new(SMALLEST), Folder::new());
    let store = KeyringStore::over(keyring.shared(), "tests", &locks).unwrap();
    let store = store.with_entry_size(SMALLEST).unwrap();
    let mut version = None;
    for number in 1..=4 {
        let record = StoredBytes::new(vec![number; 1_000]);
        version = store.replace(&key(), version.as_ref(), Some(&record.clone().into())).unwrap().written();
        assert_eq!(store.load(&key()).unwrap().unwrap().bytes, record);
        assert_eq!(keyring.names().len(), 6, "{:?}", keyring.names());
    }
    assert_eq!(store.replace(&key(), version.as_ref(), None).unwrap(), Replaced::Deleted);
    assert_eq!(keyring.names(), Vec::<String>::new());
}

/// The largest record, in the smallest entries, is what a head may announce. What it announces beyond that is not looked for.
#[test]
fn f58_a_head_announces_as_much_as_a_record_may_have() {
    for (parts, length, is_believed) in
        [(1, LONGEST, true), (1, LONGEST + 1, false), (MOST, 1, true), (MOST + 1, 1, false)]
    {
        let (keyring, locks) = (FakeKeyring::new(usize::MAX), Folder::new());
        let store = KeyringStore::over(keyring.shared(), "tests", &locks).unwrap();
        assert!(store.replace(&key(), None, Some(&secret().into())).unwrap().is_done());
        let head = format!("valetkey parts a {} {parts} {length}", "0".repeat(TAG));
        keyring.tamper(key().as_str(), |bytes| *bytes = head.into_bytes());
        let _ = keyring.asked();
        let error = store.load(&key()).unwrap_err().to_string();
        let told = if is_believed { "a part of the record is missing" } else { "not written by this store" };
        assert!(error.contains(told), "{parts} {length}: {error}");
        assert_eq!(keyring.asked(), 1 + usize::from(is_believed));
    }
}

/// A keyring that has every part that it is asked for, and counts those that it deletes.
#[derive(Clone)]
struct Endless(Arc<AtomicUsize>);

struct EndlessEntry(Endless, String);

impl CredentialApi for EndlessEntry {
    fn set_secret(&self, _: &[u8]) -> Result<()> {
        Ok(())
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        if self.1.contains(".a.") { Ok(Vec::new()) } else { Err(Error::NoEntry) }
    }

    fn delete_credential(&self) -> Result<()> {
        self.0.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        self.get_secret().map(|_| None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndlessEntry")
    }
}

impl CredentialStoreApi for Endless {
    fn vendor(&self) -> String {
        "a keyring without end".to_owned()
    }

    fn id(&self) -> String {
        "the only one".to_owned()
    }

    fn build(&self, _: &str, name: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(EndlessEntry(self.clone(), name.to_owned()))))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endless")
    }
}

/// What was left behind is counted from the first on, and the count ends where no record has a part any more.
#[test]
fn s5_parts_without_end_are_not_counted_for_ever() {
    let (deleted, locks) = (Arc::new(AtomicUsize::new(0)), Folder::new());
    let keyring = Arc::new(Endless(Arc::clone(&deleted)));
    let store = KeyringStore::over(keyring, "tests", &locks).unwrap().with_entry_size(SMALLEST).unwrap();
    assert_eq!(store.load(&key()).unwrap(), None);
    assert_eq!(deleted.load(Ordering::Relaxed), MOST);
}
