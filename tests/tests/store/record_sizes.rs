//! How large a record may be, to the byte: 16 MiB, and its file a kilobyte more.

use std::fs;

use valetkey_core::store::{Store, StoredBytes};
use valetkey_stores::FileStore;

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
