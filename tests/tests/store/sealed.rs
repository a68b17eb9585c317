//! A sealed store does by the store below it what has no secret in it: leases, and what is found.

use std::sync::Arc;

use valetkey_core::store::{AsyncStore, Entry, Index, MemoryStore, Store};
use valetkey_stores::Sealed;
use valetkey_tests::NOW;

use super::{MINUTE, key, secret};

fn entry(index: &Index) -> Entry {
    Entry::new(secret()).indexed([index.clone()])
}

#[test]
fn a_sealed_store_leases_and_finds_by_the_store_below() {
    let below = Arc::new(MemoryStore::new());
    let (sealed, index) = (Sealed::new(Arc::clone(&below), [1; 32]), Index::of_name("alice"));
    let is_free = || Store::lease(&*below, &key(), MINUTE, NOW).unwrap().is_some();
    let lease = Store::lease(&sealed, &key(), MINUTE, NOW).unwrap().unwrap();
    assert!(!is_free(), "it is held below");
    Store::release(&sealed, &key(), &lease).unwrap();
    assert!(is_free(), "it is given back below");
    assert!(Store::lease(&sealed, &key(), MINUTE, NOW).unwrap().is_none());
    assert!(Store::replace(&sealed, &key(), None, Some(&entry(&index))).unwrap().is_done());
    assert_eq!(Store::find(&sealed, &index, None).unwrap().keys, [key()]);
    assert_eq!(Store::find(&sealed, &index, Some(&key())).unwrap().keys, []);
}

#[tokio::test]
async fn a_sealed_store_leases_and_finds_by_the_store_below_for_tasks() {
    let below = Arc::new(MemoryStore::new());
    let (sealed, index) = (Sealed::new(Arc::clone(&below), [1; 32]), Index::of_name("alice"));
    let is_free = || Store::lease(&*below, &key(), MINUTE, NOW).unwrap().is_some();
    let lease = AsyncStore::lease(&sealed, &key(), MINUTE, NOW).await.unwrap().unwrap();
    assert!(!is_free(), "it is held below");
    AsyncStore::release(&sealed, &key(), &lease).await.unwrap();
    assert!(is_free(), "it is given back below");
    assert!(AsyncStore::lease(&sealed, &key(), MINUTE, NOW).await.unwrap().is_none());
    assert!(AsyncStore::replace(&sealed, &key(), None, Some(&entry(&index))).await.unwrap().is_done());
    assert_eq!(AsyncStore::find(&sealed, &index, None).await.unwrap().keys, [key()]);
    assert_eq!(AsyncStore::find(&sealed, &index, Some(&key())).await.unwrap().keys, []);
}
