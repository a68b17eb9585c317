//! A store's `Debug` says where it keeps what it keeps, and nothing of that.

use std::time::Duration;

use valetkey_core::store::Store;
use valetkey_stores::{AsyncRedisStore, FileStore, KeyringStore, RedisStore, Sealed};
use valetkey_tests::SECRET;

use super::fake_keyring::FakeKeyring;
use super::{Folder, key, secret};

#[test]
fn a_store_in_a_folder_says_which() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    assert!(store.replace(&key(), None, Some(&secret().into())).unwrap().is_done());
    let path = format!("({:?})", folder.0);
    assert_eq!(format!("{store:?}"), format!("FileStore{path}"));
    let keyring = KeyringStore::over(FakeKeyring::store(usize::MAX), "tests", &folder).unwrap();
    assert_eq!(format!("{keyring:?}"), format!("KeyringStore{path}"));
    let sealed = Sealed::new(store, [7; 32]);
    assert_eq!(format!("{sealed:?}"), format!("Sealed {{ store: FileStore{path}, .. }}"));
}

#[test]
fn a_store_in_redis_says_how_it_asks_and_no_password() {
    let url = format!("redis://user:{SECRET}@127.0.0.1:1");
    let (time, wait) = (Duration::from_secs(7), Duration::from_secs(1));
    let told = |name: &str, [prefix, deadline, replicas]: [&str; 3]| {
        format!("{name} {{ prefix: {prefix:?}, deadline: {deadline}, replicas: {replicas}, .. }}")
    };
    let (given, other) = (["valetkey:", "5s", "0"], ["other:", "7s", "2"]);
    let threads = RedisStore::connect(&url).unwrap();
    assert_eq!(format!("{threads:?}"), told("RedisStore", given));
    let threads = threads.with_deadline(time).with_replicas(2, wait).with_prefix("other:").unwrap();
    assert_eq!(format!("{threads:?}"), told("RedisStore", other));
    let tasks = AsyncRedisStore::connect(&url).unwrap();
    assert_eq!(format!("{tasks:?}"), told("AsyncRedisStore", given));
    let tasks = tasks.with_deadline(time).with_replicas(2, wait).with_prefix("other:").unwrap();
    assert_eq!(format!("{tasks:?}"), told("AsyncRedisStore", other));
}
