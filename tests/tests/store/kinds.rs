//! Records of all kinds in one store: pending authorizations that are taken once, marks, indexes, and what is over.

#![expect(clippy::disallowed_methods, reason = "what a crash or an earlier version leaves is written here")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use valetkey_core::store::{AsyncStore, Entry, Index, MemoryStore, RecordKind, Store, StoreKey, StoredBytes};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, PendingAuthorization,
    Rule, UnixTime,
};
use valetkey_stores::{Blocking, FileStore, Sealed};
use valetkey_tests::{NOW, client, client_of, entropy, server};

const CALLBACK: &str = "https://app.example/callback";
const MINUTE: Duration = Duration::from_secs(60);

/// A folder that ends with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("valetkey-kinds-{}-{number}", std::process::id())))
    }

    fn files(&self, end: &str) -> Vec<String> {
        let names =
            fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(end)).collect()
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

fn app() -> Client {
    let server: AuthorizationServer =
        server().authorization_endpoint("https://as.example/authorize").unwrap();
    client_of(server)
}

/// A login that was begun, and the response to it.
fn begun(number: u8) -> (PendingAuthorization, AuthorizationResponse) {
    let request = AuthorizationRequest::new(&app(), CALLBACK).unwrap();
    let (_, pending) = request.begin("the browser's session", entropy(number), NOW).unwrap();
    let url = format!("{CALLBACK}?code=SplxlOBeZQQYbYS6WxSbIA&state={}", pending.state());
    (pending, AuthorizationResponse::from_url(&url).unwrap().received_in("the browser's session"))
}

fn entry(text: &str) -> Entry {
    Entry::new(StoredBytes::new(text.as_bytes().to_vec()))
}

/// AR-12: of two tabs one goes on, and a page that is loaded again finds nothing; in every store, and in a shared one.
#[test]
fn a_pending_authorization_is_taken_once() {
    let folder = Folder::new();
    let stores: [Arc<dyn Store>; 3] = [
        Arc::new(MemoryStore::new()),
        Arc::new(FileStore::open(&folder).unwrap()),
        Arc::new(Sealed::new(MemoryStore::new(), [1; 32])),
    ];
    for store in stores {
        let (pending, response) = begun(1);
        pending.put_in(&store, NOW).unwrap();
        let taken = std::thread::scope(|scope| {
            let tabs =
                [(); 4].map(|()| scope.spawn(|| PendingAuthorization::take_from(&store, &response).unwrap()));
            tabs.map(|tab| tab.join().unwrap())
        });
        let mut taken: Vec<_> = taken.into_iter().flatten().collect();
        assert_eq!(taken.len(), 1, "one of four tabs goes on");
        assert!(taken.remove(0).finish(&app(), &response, NOW).is_ok());
        assert!(PendingAuthorization::take_from(&store, &response).unwrap().is_none());
    }
}

/// The same for tasks; and without a `state`, or with one that nobody has begun with, there is nothing to take.
#[tokio::test]
async fn a_pending_authorization_is_taken_once_by_tasks() {
    let folder = Folder::new();
    let store: Arc<dyn AsyncStore> = Arc::new(Blocking::new(FileStore::open(&folder).unwrap()));
    let (pending, response) = begun(1);
    pending.put_in_async(&store, NOW).await.unwrap();
    let mut taken = PendingAuthorization::take_from_async(&store, &response).await.unwrap().unwrap();
    assert!(taken.finish(&app(), &response, NOW).is_ok());
    for query in ["code=c", "code=c&state=", "code=c&state=another", "state=a&state=b"] {
        let response = AuthorizationResponse::from_url(&format!("{CALLBACK}?{query}")).unwrap();
        assert!(PendingAuthorization::take_from_async(&store, &response).await.unwrap().is_none(), "{query}");
    }
}

/// AR-14: who knows the `state` and is not the browser that began takes nothing, and the login goes on where it was begun.
#[tokio::test]
async fn ar14_a_response_of_another_browser_takes_nothing() {
    let memory = Arc::new(MemoryStore::new());
    let tasks: Arc<dyn AsyncStore> = Arc::new(Blocking::new(Arc::clone(&memory)));
    let (pending, response) = begun(1);
    let url = format!("{CALLBACK}?code=forged&state={}", pending.state());
    pending.put_in(&memory, NOW).unwrap();
    let forged = || AuthorizationResponse::from_url(&url).unwrap();
    for forged in [forged().received_in("another browser's session"), forged()] {
        let refused = PendingAuthorization::take_from(&memory, &forged).unwrap_err();
        assert_eq!(refused.rule(), Some(Rule::Ar14), "{refused}");
        let refused = PendingAuthorization::take_from_async(&*tasks, &forged).await.unwrap_err();
        assert_eq!(refused.rule(), Some(Rule::Ar14), "{refused}");
    }
    let mut taken = PendingAuthorization::take_from(&memory, &response).unwrap().unwrap();
    assert!(taken.finish(&app(), &response, NOW).is_ok());
}

/// One `state` is one login: entropy that was used twice is an error, and the first is not lost.
#[test]
fn a_pending_authorization_is_not_put_over_another() {
    let store = MemoryStore::new();
    begun(1).0.put_in(&store, NOW).unwrap();
    let error = begun(1).0.put_in(&store, NOW).unwrap_err();
    assert!(matches!(&error, Error::Store(_)) && error.to_string().contains("entropy"), "{error}");
    assert!(PendingAuthorization::take_from(&store, &begun(1).1).unwrap().is_some());
}

/// AR-13: one that a store still has when it is over is refused all the same.
#[test]
fn a_pending_authorization_that_is_over_is_of_no_use() {
    let store = MemoryStore::new();
    let (pending, response) = begun(1);
    let late = pending.expires_at().after(Duration::from_secs(1));
    pending.put_in(&store, NOW).unwrap();
    if let Some(mut taken) = PendingAuthorization::take_from(&store, &response).unwrap() {
        assert_eq!(taken.finish(&app(), &response, late).unwrap_err().rule(), Some(Rule::Ar13));
    }
}

/// Whoever begins logins and never comes back fills neither memory nor disk.
#[test]
fn what_is_over_is_dropped() {
    let folder = Folder::new();
    let (memory, files) = (MemoryStore::new(), FileStore::open(&folder).unwrap());
    let stores: [&dyn Store; 2] = [&memory, &files];
    for store in stores {
        for number in 0..300_u32 {
            let now: UnixTime = NOW.after(MINUTE * number);
            let key = StoreKey::of_pending(&number.to_string());
            assert!(store.insert_if_absent(&key, &entry("pending").kept_for(MINUTE * 10, now)).unwrap());
        }
        let there = |number: u32| store.load(&StoreKey::of_pending(&number.to_string())).unwrap().is_some();
        assert!((290..300).all(there), "what is not over is kept");
        assert!((0..300).filter(|number| there(*number)).count() < 150);
    }
    assert!(folder.files(".session").len() < 20, "{}", folder.files(".session").len());
    assert!(folder.files(".lock").len() <= 64, "locks stay, so they are shared");
}

/// A tombstone is dropped as anything else is, and a session without a lifetime is not.
#[test]
fn a_session_is_not_dropped_with_what_is_over() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let key = |user: &str| StoreKey::of_user(&client(), user);
    assert!(store.insert_if_absent(&key("alice"), &entry("kept")).unwrap());
    assert!(store.insert_if_absent(&key("bob"), &entry("ended").kept_for(MINUTE, NOW)).unwrap());
    // Whose clock is ahead by some minutes drops nothing of what others have.
    assert!(
        store
            .insert_if_absent(&key("dora"), &entry("ended").kept_for(MINUTE, NOW.after(MINUTE * 5)))
            .unwrap()
    );
    assert!(store.load(&key("bob")).unwrap().is_some());
    let later = NOW.after(MINUTE * 6);
    assert!(store.insert_if_absent(&key("carol"), &entry("ended").kept_for(MINUTE, later)).unwrap());
    assert!(store.load(&key("alice")).unwrap().is_some());
    assert!(store.load(&key("bob")).unwrap().is_none());
    assert!(store.load(&key("carol")).unwrap().is_some());
}

/// A session of days is left alone by a clock that is ahead by hours, whatever short record is written by it.
#[test]
fn a_clock_that_is_ahead_drops_no_session_of_days() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let key = |user: &str| StoreKey::of_user(&client(), user);
    let days = MINUTE * 60 * 24 * 10;
    assert!(store.insert_if_absent(&key("alice"), &entry("live").kept_for(days, NOW)).unwrap());
    let ahead = [(days + MINUTE * 60, true), (days + days / 5 - MINUTE, true), (days + days / 5, false)];
    for (passed, is_there) in ahead {
        let other = entry("short").kept_for(MINUTE, NOW.after(passed));
        assert!(store.insert_if_absent(&key(&format!("{passed:?}")), &other).unwrap());
        assert_eq!(store.load(&key("alice")).unwrap().is_some(), is_there, "{passed:?}");
    }
}

/// A login that nobody came back to leaves nothing, neither its record nor the file by which it was found.
#[test]
fn what_is_dropped_is_found_no_more() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let key = |user: &str| StoreKey::of_user(&client(), user);
    let (own, shared) = (Index::of_login("https://as.example", "08a5019c"), Index::of_name("a server"));
    let alice = entry("abandoned").indexed([own.clone(), shared.clone()]).kept_for(MINUTE, NOW);
    assert!(store.insert_if_absent(&key("alice"), &alice).unwrap());
    let bob = entry("live").indexed([shared.clone()]).kept_for(MINUTE * 60, NOW);
    assert!(store.insert_if_absent(&key("bob"), &bob).unwrap());
    assert_eq!((folder.files(".index").len(), store.find(&shared, None).unwrap().keys.len()), (2, 2));
    let carol = entry("another").kept_for(MINUTE, NOW.after(MINUTE * 10));
    assert!(store.insert_if_absent(&key("carol"), &carol).unwrap());
    assert!(store.load(&key("alice")).unwrap().is_none());
    assert!(store.find(&own, None).unwrap().keys.is_empty());
    assert_eq!(store.find(&shared, None).unwrap().keys, [key("bob")]);
    assert_eq!(folder.files(".index").len(), 1);
}

/// What an earlier version of the file store wrote is found under the same name, and read.
#[test]
fn a_record_of_an_earlier_version_is_read() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let key = StoreKey::of_user(&client(), "alice");
    assert!(store.insert_if_absent(&key, &entry("new")).unwrap());
    let version = "0123456789abcdef0123456789abcdef";
    fs::write(folder.0.join(format!("{}.session", key.as_str())), format!("{version}\nold\nrecord")).unwrap();
    let stored = store.load(&key).unwrap().unwrap();
    assert_eq!((stored.bytes.expose(), stored.version.as_str()), (&b"old\nrecord"[..], version));
    assert!(store.replace(&key, Some(&stored.version), Some(&entry("newer"))).unwrap().is_done());
}

/// A crash between an index and its record leaves an index that leads nowhere, which the next write takes away.
#[test]
fn an_index_that_a_crash_left_behind_does_no_harm() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let index = Index::of_login("https://as.example", "08a5019c");
    let [never, alice, bob] = ["never", "alice", "bob"].map(|user| StoreKey::of_user(&client(), user));
    let indexed = |text| entry(text).indexed([index.clone()]);
    assert!(store.insert_if_absent(&alice, &indexed("alice")).unwrap());
    let [file] = &folder.files(".index")[..] else { panic!("one index") };
    let before = fs::read_to_string(folder.0.join(file)).unwrap();
    fs::write(folder.0.join(file), format!("{before}{}\ngarbage\n", never.as_str())).unwrap();
    let mut both = [never.clone(), alice.clone()];
    both.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    assert_eq!(store.find(&index, None).unwrap().keys, both);
    assert_eq!(store.load(&never).unwrap(), None);
    assert!(store.insert_if_absent(&bob, &indexed("bob")).unwrap());
    let mut both = [bob.clone(), alice.clone()];
    both.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    assert_eq!(store.find(&index, None).unwrap().keys, both);
    for key in [&alice, &bob] {
        assert!(store.take(key).unwrap().is_some());
    }
    assert_eq!((store.find(&index, None).unwrap().keys, folder.files(".index").len()), (vec![], 0));
}

/// Keys of different kinds are never equal, whatever they are made of, and each is known again by its name.
#[test]
fn kinds_never_collide() {
    let names = ["", "alice", "pending-alice", "\u{0}"];
    let mut keys: Vec<StoreKey> = Vec::new();
    for name in names {
        keys.push(StoreKey::of_user(&client(), name));
        keys.push(StoreKey::of_pending(name));
        keys.push(StoreKey::of_mark(&[name]));
        keys.push(StoreKey::of_registration(&[name]));
    }
    keys.push(StoreKey::of_mark(&["a", "b"]));
    keys.push(StoreKey::of_mark(&["ab"]));
    let mut texts: Vec<_> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), keys.len());
    for key in &keys {
        let again = StoreKey::from_name(key.as_str()).unwrap();
        assert_eq!((&again, again.kind()), (key, key.kind()));
        assert_eq!(key.as_str().len() == 43, key.kind() == RecordKind::Session, "as before there were kinds");
    }
    for name in [
        "",
        "pending",
        "pending-",
        "session-",
        &"x".repeat(44),
        &"/".repeat(43),
        &format!("session-{}", "x".repeat(43)),
    ] {
        assert_eq!(StoreKey::from_name(name), None, "{name}");
    }
}

/// One store serves many: a pointer to a store is a store, and a clone of a pointer is the same one.
#[test]
fn a_pointer_to_a_store_is_a_store() {
    fn takes(store: impl Store) -> bool {
        store.load(&StoreKey::of_mark(&["there"])).unwrap().is_some()
    }
    let store = Arc::new(MemoryStore::new());
    assert!(Store::insert_if_absent(&store, &StoreKey::of_mark(&["there"]), &entry("mark")).unwrap());
    let (shared, boxed): (Arc<dyn Store>, Box<dyn Store>) = (store.clone(), Box::new(store.clone()));
    assert!(takes(&*store) && takes(store) && takes(shared) && takes(boxed));
}
