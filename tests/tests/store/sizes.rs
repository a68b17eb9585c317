//! A record above [`LARGEST_RECORD`] is refused by every store, before anything is written.

use valetkey_core::store::{MemoryStore, Store, StoredBytes};
use valetkey_stores::{FileStore, KeyringStore, LARGEST_RECORD, Sealed};

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
