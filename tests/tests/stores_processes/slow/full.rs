//! Places that are full: a disk, and a Redis.

use std::fs;

use valetkey_core::store::{Entry, Store as _, StoreKey, StoredBytes};
use valetkey_sandbox::Rotation;
use valetkey_stores::RedisStore;
use valetkey_tests::processes::{Folder, Redis};

use crate::rig::Rig;

/// The session that has expired is not renewed, since what came of it could not be written: the server is not even asked. What was there stays,
/// byte by byte, and when there is room again it goes on.
#[test]
#[ignore = "needs Redis; run by tests/interop/slow/run"]
fn a_session_on_a_full_disk_is_not_lost() {
    let folder = Folder::new();
    let rig = Rig::new(
        folder.path().to_str().unwrap(),
        600,
        Rotation::DetectReuse { grace: std::time::Duration::ZERO },
    );
    rig.log_in("alice");
    rig.expire("alice");
    let session = folder.path().join(format!("{}.session", rig.key("alice").as_str()));
    let (before, asked) = (fs::read(&session).unwrap(), rig.token_requests().len());
    for _ in 0..20 {
        let mut worker = rig.cramped_worker("alice");
        worker.go();
        assert_eq!(worker.outcomes(), ["store"]);
        assert_eq!(fs::read(&session).unwrap(), before);
    }
    assert_eq!(rig.token_requests().len(), asked, "nothing is asked for that could not be kept");
    let mut worker = rig.worker("alice", &[]);
    worker.go();
    assert_eq!(worker.outcomes(), ["ok"]);
    assert_eq!(rig.token_requests().len(), asked + 1);
    // And what is good is good where nothing can be written.
    let mut worker = rig.cramped_worker("alice");
    worker.go();
    assert_eq!(worker.outcomes(), ["ok"]);
}

/// The same of a Redis that takes no more and evicts nothing.
#[test]
#[ignore = "needs Redis; run by tests/interop/slow/run"]
fn a_session_in_a_full_redis_is_not_lost() {
    let redis = Redis::in_memory().unwrap();
    let rig = Rig::new(&redis.url(), 600, Rotation::DetectReuse { grace: std::time::Duration::ZERO });
    rig.log_in("alice");
    rig.expire("alice");
    let mut raw = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let mut limit = |most: &str| {
        let _: () = redis::cmd("CONFIG").arg(&["SET", "maxmemory", most]).query(&mut raw).unwrap();
    };
    limit("1");
    let store = RedisStore::connect(&redis.url()).unwrap();
    let (before, asked) = (rig.record("alice"), rig.token_requests().len());
    for number in 0..20 {
        let key = StoreKey::of_mark(&["full", &number.to_string()]);
        let entry = Entry::new(StoredBytes::new(vec![b'x'; 10_000]));
        let error = store.insert_if_absent(&key, &entry).unwrap_err().to_string();
        assert!(error.contains("OOM"), "{error}");
        assert_eq!(store.load(&key).unwrap(), None);
    }
    for _ in 0..20 {
        let mut worker = rig.worker("alice", &[]);
        worker.go();
        assert_eq!(worker.outcomes(), ["store"]);
    }
    assert_eq!((rig.record("alice"), rig.token_requests().len()), (before, asked));
    limit("0");
    let mut worker = rig.worker("alice", &[]);
    worker.go();
    assert_eq!(worker.outcomes(), ["ok"]);
    assert_eq!(rig.token_requests().len(), asked + 1);
}
