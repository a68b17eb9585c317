//! The stores that need no server, held to the contract, and what each promises beyond it.

#![expect(clippy::disallowed_methods, reason = "what a crash or another program leaves is written here")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    Entry, Found, Index, Lease, MemoryStore, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored,
    StoredBytes,
};
use valetkey_stores::{Blocking, FileStore, RedisStore, Sealed, suite};
use valetkey_tests::{NOW, SECRET, client};

const MINUTE: Duration = Duration::from_secs(60);

/// A folder that ends with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("valetkey-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn key() -> StoreKey {
    StoreKey::of_user(&client(), "alice")
}

fn secret() -> StoredBytes {
    StoredBytes::new(SECRET.as_bytes().to_vec())
}

#[tokio::test]
async fn the_memory_store_keeps_the_contract() {
    suite::blocking(&MemoryStore::new()).unwrap();
    suite::asynchronous(&MemoryStore::new()).await.unwrap();
}

#[tokio::test]
async fn the_file_store_keeps_the_contract() {
    let folder = Folder::new("file");
    suite::blocking(&FileStore::open(&folder).unwrap()).unwrap();
    suite::asynchronous(&Blocking::new(FileStore::open(&folder).unwrap())).await.unwrap();
}

#[tokio::test]
async fn a_sealed_store_keeps_the_contract() {
    suite::blocking(&Sealed::new(MemoryStore::new(), [1; 32])).unwrap();
    suite::asynchronous(&Sealed::new(MemoryStore::new(), [1; 32])).await.unwrap();
}

/// Two values on one folder are what two processes are.
#[test]
fn two_file_stores_on_one_folder_see_each_other() {
    let folder = Folder::new("two");
    let (one, other) = (FileStore::open(&folder).unwrap(), FileStore::open(&folder).unwrap());
    let lease = one.lease(&key(), MINUTE, NOW).unwrap().unwrap();
    assert_eq!(other.lease(&key(), MINUTE, NOW).unwrap(), None);
    one.release(&key(), &lease).unwrap();
    assert!(other.lease(&key(), MINUTE, NOW).unwrap().is_some());
    one.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    assert_eq!(other.load(&key()).unwrap().unwrap().bytes, secret());
}

/// ST-3: the operating system gives the lock up, so nobody waits for the time to be over.
#[test]
fn the_lease_of_a_file_store_that_is_gone_is_over() {
    let folder = Folder::new("gone");
    let gone = FileStore::open(&folder).unwrap();
    assert!(gone.lease(&key(), MINUTE, NOW).unwrap().is_some());
    drop(gone);
    assert!(FileStore::open(&folder).unwrap().lease(&key(), MINUTE, NOW).unwrap().is_some());
}

#[test]
fn a_lease_is_no_longer_where_a_clock_was_set_back() {
    let folder = Folder::new("clock");
    let store = FileStore::open(&folder).unwrap();
    assert!(store.lease(&key(), MINUTE, NOW).unwrap().is_some());
    assert!(store.lease(&key(), MINUTE, NOW.before(MINUTE * 2)).unwrap().is_some());
}

/// RF-1: who waits for the key's lock has read its clock before the holder did, and does not take the key for that.
#[test]
fn a_lease_is_held_against_a_clock_that_was_read_a_moment_before() {
    let folder = Folder::new("before");
    let store = FileStore::open(&folder).unwrap();
    assert!(store.lease(&key(), MINUTE, NOW).unwrap().is_some());
    let before = NOW.before(Duration::from_millis(1));
    assert!(FileStore::open(&folder).unwrap().lease(&key(), MINUTE, before).unwrap().is_none());
}

/// ST-3: modes 0700 and 0600.
#[cfg(unix)]
#[test]
fn files_are_their_owners_alone_and_others_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("modes");
    let store = FileStore::open(&folder).unwrap();
    store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    let _lease = store.lease(&key(), MINUTE, NOW).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.as_ref()), 0o700);
    for file in fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    let file = folder.0.join(format!("{}.session", key().as_str()));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let error = store.load(&key()).unwrap_err().to_string();
    assert!(error.contains("0600"), "{error}");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o770)).unwrap();
    let error = FileStore::open(&folder).unwrap_err().to_string();
    assert!(error.contains("others may write"), "{error}");
}

/// ST-3: what a crash leaves in the middle of a write is not what is read.
#[test]
fn what_a_crash_left_behind_is_written_over() {
    let folder = Folder::new("crash");
    let store = FileStore::open(&folder).unwrap();
    fs::write(folder.0.join(format!("{}.new", key().as_str())), "half").unwrap();
    assert_eq!(store.load(&key()).unwrap(), None);
    store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    assert_eq!(store.load(&key()).unwrap().unwrap().bytes, secret());
}

#[test]
fn a_file_of_another_kind_is_an_error() {
    let folder = Folder::new("foreign");
    let store = FileStore::open(&folder).unwrap();
    store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    fs::write(folder.0.join(format!("{}.session", key().as_str())), SECRET).unwrap();
    let error = store.load(&key()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

/// Puts what is under one key under all, as somebody who may write to the place could.
struct Swapping(MemoryStore);

impl Swapping {
    fn fixed() -> StoreKey {
        key().named("another")
    }
}

impl Store for Swapping {
    fn load(&self, _: &StoreKey) -> Result<Option<Stored>, StoreError> {
        Store::load(&self.0, &Self::fixed())
    }

    fn replace(
        &self,
        _: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        Store::replace(&self.0, &Self::fixed(), expected, entry)
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

#[test]
fn a_sealed_record_opens_for_its_own_session_alone() {
    let store = Sealed::new(Swapping(MemoryStore::new()), [1; 32]);
    Store::replace(&store, &key(), None, Some(&secret().into())).unwrap().written().unwrap();
    assert_eq!(Store::load(&store, &key()).unwrap().unwrap().bytes, secret());
    assert!(Store::load(&store, &key().named("another")).is_err());
}

#[test]
fn a_sealed_record_shows_nothing_and_no_bit_of_it_can_be_changed() {
    let folder = Folder::new("sealed");
    let store = Sealed::new(FileStore::open(&folder).unwrap(), [1; 32]);
    Store::replace(&store, &key(), None, Some(&secret().into())).unwrap().written().unwrap();
    let plain = FileStore::open(&folder).unwrap();
    let sealed = plain.load(&key()).unwrap().unwrap();
    assert!(!sealed.bytes.expose().windows(6).any(|window| SECRET.as_bytes().starts_with(window)));
    let mut version = sealed.version;
    for place in 0..sealed.bytes.expose().len() {
        let mut changed = sealed.bytes.expose().to_vec();
        changed[place] ^= 1;
        let replaced =
            plain.replace(&key(), Some(&version), Some(&StoredBytes::new(changed).into())).unwrap();
        let Replaced::Written(now) = replaced else { panic!("{replaced:?}") };
        version = now;
        assert!(Store::load(&store, &key()).is_err(), "byte {place}");
    }
    assert!(!format!("{store:?}").contains("01, 1"));
}

#[test]
fn a_key_is_changed_by_reading_with_the_old_and_writing_with_the_new() {
    let folder = Folder::new("keys");
    let open = || FileStore::open(&folder).unwrap();
    Store::replace(&Sealed::new(open(), [1; 32]), &key(), None, Some(&secret().into()))
        .unwrap()
        .written()
        .unwrap();
    assert!(Store::load(&Sealed::new(open(), [2; 32]), &key()).is_err());
    let both = Sealed::new(open(), [2; 32]).with_former_key([1; 32]);
    let stored = Store::load(&both, &key()).unwrap().unwrap();
    assert_eq!(stored.bytes, secret());
    Store::replace(&both, &key(), Some(&stored.version), Some(&stored.bytes.into()))
        .unwrap()
        .written()
        .unwrap();
    assert_eq!(Store::load(&Sealed::new(open(), [2; 32]), &key()).unwrap().unwrap().bytes, secret());
}

#[test]
fn a_redis_that_is_not_there_is_an_error_without_its_password() {
    let store = RedisStore::connect(&format!("redis://user:{SECRET}@127.0.0.1:1")).unwrap();
    let error = store.load(&key()).unwrap_err();
    assert!(!format!("{error} {error:?} {store:?}").contains(SECRET));
    assert!(RedisStore::connect(SECRET).is_err_and(|error| !error.to_string().contains(SECRET)));
    assert!(store.with_prefix("a{b}").is_err());
}
