//! Slots of a real cluster on their way from one server to another, and what is asked about them meanwhile.

use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{Entry, Index, Replaced, Store, StoreKey, StoredBytes};
use valetkey_stores::RedisStore;
use valetkey_tests::NOW;
use valetkey_tests::processes::redis_at;

use crate::servers::Fleet;

const MINUTE: Duration = Duration::from_secs(60);

/// Long enough for whatever is answered, and short for what waits for the slot.
const DEADLINE: Duration = Duration::from_secs(4);

/// A slot that is open: it is still the first one's, and the second takes it over.
struct Open<'a> {
    fleet: &'a Fleet,
    slot: String,
    servers: [usize; 2],
    ids: [String; 2],
}

impl<'a> Open<'a> {
    /// That of this key.
    fn of(fleet: &'a Fleet, key: &str) -> Self {
        let masters = fleet.masters();
        let has = |server: &usize| fleet.ask::<i64>(*server, &["EXISTS", key]).is_some();
        let from = *masters.iter().find(|server| has(server)).expect("somebody has the slot");
        let to = *masters.iter().find(|server| !has(server)).expect("and somebody does not");
        let slot = fleet.ask::<i64>(from, &["CLUSTER", "KEYSLOT", key]).unwrap().to_string();
        let ids = [from, to].map(|server| fleet.ask::<String>(server, &["CLUSTER", "MYID"]).unwrap());
        let open = Self { fleet, slot, servers: [from, to], ids };
        open.set(to, "IMPORTING", 0);
        open.set(from, "MIGRATING", 1);
        open
    }

    fn set(&self, server: usize, what: &str, whose: usize) {
        let words = ["CLUSTER", "SETSLOT", &self.slot, what, &self.ids[whose]];
        assert_eq!(self.fleet.ask::<String>(server, &words).as_deref(), Some("OK"), "{what}");
    }

    /// What is there of the slot goes on.
    fn send_all(&self) {
        let words = ["CLUSTER", "GETKEYSINSLOT", &self.slot, "100"];
        let keys: Vec<String> = self.fleet.ask(self.servers[0], &words).unwrap();
        keys.iter().for_each(|key| self.fleet.send_on(key, self.servers));
    }

    fn close(self) {
        let [from, to] = self.servers;
        self.set(to, "NODE", 1);
        self.set(from, "NODE", 1);
    }
}

fn entry(text: &str) -> Entry {
    Entry::new(StoredBytes::new(text.as_bytes().to_vec()))
}

fn text(store: &RedisStore, key: &StoreKey) -> Option<Vec<u8>> {
    store.load(key).unwrap().map(|stored| stored.bytes.expose().to_vec())
}

/// Writes over what is there, and reads it.
fn rewrite(store: &RedisStore, key: &StoreKey, new: &str) {
    let stored = store.load(key).unwrap().unwrap();
    let replaced = store.replace(key, Some(&stored.version), Some(&entry(new))).unwrap();
    assert!(matches!(replaced, Replaced::Written(_)));
    assert_eq!(text(store, key).as_deref(), Some(new.as_bytes()));
}

/// A record is read and written before it goes, after it has gone, and where there was none; a lease is given back. What is of two keys waits.
#[test]
#[ignore = "needs Redis; run by tests/interop/cluster/run"]
fn a_record_is_used_while_its_slot_is_on_its_way() {
    let fleet = Fleet::cluster().unwrap();
    let store = redis_at(&fleet.place()).unwrap().with_deadline(DEADLINE);
    let key = StoreKey::of_mark(&["on its way"]);
    let place = format!("valetkey:{{{}}}", key.as_str());
    assert!(store.insert_if_absent(&key, &entry("before")).unwrap());
    let lease = store.lease(&key, MINUTE, NOW).unwrap().expect("nobody has it");

    let open = Open::of(&fleet, &place);
    rewrite(&store, &key, "at the old");
    // Each of the two at another server: neither a load nor a change of the one needs the other.
    fleet.send_on(&place, open.servers);
    rewrite(&store, &key, "at the new");
    store.release(&key, &lease).unwrap();
    let error = store.clone().with_deadline(Duration::from_secs(1)).lease(&key, MINUTE, NOW).unwrap_err();
    assert!(error.to_string().contains("TRYAGAIN"), "{error}");
    let stored = store.load(&key).unwrap().unwrap();
    assert_eq!(store.replace(&key, Some(&stored.version), None).unwrap(), Replaced::Deleted);
    assert_eq!(text(&store, &key), None);
    assert!(store.insert_if_absent(&key, &entry("anew")).unwrap());
    open.send_all();
    open.close();

    assert_eq!(text(&store, &key).as_deref(), Some(&b"anew"[..]));
    let lease = store.lease(&key, MINUTE, UnixTime::from_secs(NOW.as_secs())).unwrap();
    store.release(&key, &lease.expect("it was given back")).unwrap();
}

/// An index that is there is written and found; one that is not is found empty.
#[test]
#[ignore = "needs Redis; run by tests/interop/cluster/run"]
fn an_index_is_used_while_its_slot_is_on_its_way() {
    let fleet = Fleet::cluster().unwrap();
    let store = redis_at(&fleet.place()).unwrap().with_deadline(DEADLINE);
    let index = Index::of_name("on its way");
    let place = format!("valetkey:{{index-{}}}", index.as_str());
    let keys = ["one", "two", "three"].map(|name| StoreKey::of_mark(&["indexed", name]));
    let write = |number: usize| {
        let entry = entry("there").indexed([index.clone()]);
        store.insert_if_absent(&keys[number], &entry).unwrap()
    };
    let found = || store.find(&index, None).unwrap().keys.len();

    let open = Open::of(&fleet, &place);
    assert_eq!(found(), 0);
    open.close();
    assert!(write(0));
    let open = Open::of(&fleet, &place);
    assert_eq!(found(), 1);
    assert!(write(1));
    open.send_all();
    assert_eq!(found(), 2);
    assert!(write(2));
    assert_eq!(found(), 3);
    open.close();
    assert_eq!(found(), 3);
}
