//! How large a record may be, to the byte: 16 MiB, its file a kilobyte more; and 256 KiB where a store says nothing of it.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    Entry, Found, Index, Lease, MemoryStore, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored,
    StoredBytes,
};
use valetkey_stores::{FileStore, suite};

use super::{Folder, key, secret};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

#[test]
fn a_record_has_at_most_16_mib() {
    for (length, is_kept) in [(16 * MIB, true), (16 * MIB + 1, false)] {
        let folder = Folder::new();
        let store = FileStore::open(&folder).unwrap();
        let record = StoredBytes::new(vec![b'x'; length]);
        assert_eq!(store.replace(&key(), None, Some(&record.clone().into())).is_ok(), is_kept, "{length}");
        let there = store.load(&key()).unwrap().map(|stored| stored.bytes);
        assert!(there == is_kept.then_some(record), "{length}");
    }
}

/// What a store says of a record before it may be a kilobyte, with words of a later version too. What is longer was not written by a
/// store, and is not read.
#[test]
fn a_file_has_a_kilobyte_more_than_its_record() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let version = store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    let path = folder.at(&format!("{}.session", key().as_str()));
    let mut head = format!("{} later:", version.as_str());
    head.push_str(&"x".repeat(KIB - head.len() - 1));
    head.push('\n');
    let load_of = |length: usize| {
        fs::write(&path, [head.as_bytes(), &vec![b'x'; length]].concat()).unwrap();
        store.load(&key())
    };
    let largest = load_of(16 * MIB).unwrap().unwrap();
    assert_eq!((largest.bytes.expose().len(), largest.version), (16 * MIB, version));
    let error = load_of(16 * MIB + 1).unwrap_err().to_string();
    assert!(
        error.contains("it has 16778241 bytes, and no file of a session has more than 16778240"),
        "{error}"
    );
}

/// A place for records of 256 KiB, that refuses larger ones; and the largest that it was given to keep.
#[derive(Default)]
struct Narrow(MemoryStore, AtomicUsize);

impl Store for Narrow {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        Store::load(&self.0, key)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        let length = entry.map_or(0, |entry| entry.bytes().expose().len());
        if length > 256 * KIB {
            return Err(StoreError::new("the record is too large"));
        }
        self.1.fetch_max(length, Ordering::Relaxed);
        Store::replace(&self.0, key, expected, entry)
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        Store::find(&self.0, index, after)
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError> {
        Store::lease(&self.0, key, ttl, now)
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        Store::release(&self.0, key, lease)
    }
}

/// More than the tokens of any server need.
#[test]
fn the_suite_holds_a_store_to_records_of_256_kib_and_no_more() {
    let place = Narrow::default();
    suite::blocking(&place).unwrap();
    assert_eq!(place.1.into_inner(), 256 * KIB);
}
