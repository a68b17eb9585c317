//! A record above [`LARGEST_RECORD`] is refused by every store, before anything is written.

use valetkey_core::UnixTime;
use valetkey_core::store::{
    Entry, Found, Index, Lease, MemoryStore, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored,
    StoredBytes,
};
use valetkey_stores::{FileStore, KeyringStore, LARGEST_RECORD, Sealed, suite};

use super::fake_keyring::FakeKeyring;
use super::{Folder, key, secret};

fn refuses(store: &dyn Store) {
    let large = StoredBytes::new(vec![b'x'; LARGEST_RECORD + 1]);
    let error = store.replace(&key(), None, Some(&large.clone().into())).unwrap_err().to_string();
    for number in [LARGEST_RECORD, LARGEST_RECORD + 1] {
        assert!(error.contains(&number.to_string()), "{error}");
    }
    assert_eq!(store.load(&key()).unwrap(), None);
    let version = store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    store.replace(&key(), Some(&version), Some(&large.clone().into())).unwrap_err();
    let stored = store.load(&key()).unwrap().unwrap();
    assert_eq!((stored.bytes, stored.version), (secret(), version));
}

#[test]
fn s5_a_record_that_is_too_large_is_refused_by_every_store_here() {
    let folder = Folder::new();
    refuses(&FileStore::open(&folder).unwrap());
    refuses(&Sealed::new(MemoryStore::new(), [1; 32]));
    let locks = Folder::new();
    let keyring = KeyringStore::over(FakeKeyring::store(2560), "tests", &locks).unwrap();
    refuses(&keyring.with_entry_size(2560).unwrap());
}

#[test]
fn the_largest_record_is_kept() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let largest = StoredBytes::new(vec![b'x'; LARGEST_RECORD]);
    store.replace(&key(), None, Some(&largest.clone().into())).unwrap().written().unwrap();
    assert!(store.load(&key()).unwrap().unwrap().bytes == largest);
}

/// A store that does with a large record what none may do.
struct Careless(MemoryStore, Fault);

enum Fault {
    /// Keeps as much as fits.
    Truncates,
    /// Has deleted the former record by the time that it finds the new one too large.
    Deletes,
}

impl Store for Careless {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        Store::load(&self.0, key)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        match entry {
            Some(entry) if entry.bytes().expose().len() > LARGEST_RECORD => match self.1 {
                Fault::Truncates => {
                    let half = StoredBytes::new(entry.bytes().expose()[..LARGEST_RECORD].to_vec());
                    Store::replace(&self.0, key, expected, Some(&half.into()))
                }
                Fault::Deletes => {
                    let _ = Store::replace(&self.0, key, expected, None)?;
                    Err(StoreError::new("the record is too large"))
                }
            },
            entry => Store::replace(&self.0, key, expected, entry),
        }
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        Store::find(&self.0, index, after)
    }

    fn lease(
        &self,
        key: &StoreKey,
        ttl: std::time::Duration,
        now: UnixTime,
    ) -> Result<Option<Lease>, StoreError> {
        Store::lease(&self.0, key, ttl, now)
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        Store::release(&self.0, key, lease)
    }
}

#[test]
fn s5_the_suite_finds_a_store_that_keeps_half_a_record() {
    let violation = suite::blocking(&Careless(MemoryStore::new(), Fault::Truncates)).unwrap_err();
    assert!(violation.to_string().contains("kept whole"), "{violation}");
    let violation = suite::blocking(&Careless(MemoryStore::new(), Fault::Deletes)).unwrap_err();
    assert!(violation.to_string().contains("before anything is changed"), "{violation}");
}
