//! Where in a cluster a record and its names are, which are rarely at one server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use valetkey_core::store::{Entry, Index, Lease};
use valetkey_stores::RedisStore;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::{key, secret};
use super::{Asked, LONG, OnTokio, all_at, count, record, scripts, slots};

/// A server that has whatever it is asked for.
fn answer(command: &[String]) -> Reply {
    match command[1].as_str() {
        script if script.contains("HSTRLEN") => send(record(b"there")),
        script if script.contains("table.concat") => send("$0\r\n\r\n"),
        _ => send(":1\r\n"),
    }
}

/// CRC-16 by the polynomial, bit by bit, as the specification of Redis Cluster has it.
fn slot_of(tag: &str) -> u16 {
    let mut sum = 0_u32;
    for byte in tag.bytes() {
        for bit in (0..8).rev() {
            let is_set = (sum >> 15) & 1 != u32::from(byte >> bit) & 1;
            sum = (sum << 1) & 0xffff;
            if is_set {
                sum ^= 0x1021;
            }
        }
    }
    u16::try_from(sum % 16_384).unwrap()
}

/// A server that has all but this slot, and one that has it.
fn split(slot: u16) -> (FakeRedis, FakeRedis) {
    let (own, other) = (Arc::new(AtomicU16::new(0)), FakeRedis::speaking(answer));
    let (told, port) = (Arc::clone(&own), other.port());
    let one = FakeRedis::speaking(move |command| match command[0].as_str() {
        "CLUSTER" => {
            let (host, own) = ("127.0.0.1", told.load(Ordering::SeqCst));
            slots(&[(0, slot - 1, host, own), (slot, slot, host, port), (slot + 1, 16_383, host, own)])
        }
        _ => answer(command),
    });
    own.store(one.port(), Ordering::SeqCst);
    (one, other)
}

for_both! {
    /// All of an index are at one server, and the record is where its key is; each server is asked on one connection, in turns.
    fn an_index_is_where_its_slot_is<S>() {
        let index = Index::of_name("a server");
        let slot = slot_of(&format!("index-{}", index.as_str()));
        assert!(slot > 1 && slot < 16_383 && slot != slot_of(key().as_str()));
        let (one, other) = split(slot);
        let store = S::cluster(&[one.url()], LONG).unwrap();
        let entry = Entry::new(secret()).indexed([index.clone()]);
        for _ in 0..2 {
            assert!(store.replace_entry(None, Some(&entry)).unwrap().is_done());
            assert!(store.find(&index, None).unwrap().keys.is_empty());
            assert!(store.lease().unwrap());
        }
        let kinds = |fake: &FakeRedis| {
            let told = ["ZRANGEBYLEX", "LRANGE", "PEXPIREAT"];
            scripts(fake).iter().map(|script| told.map(|told| script[1].contains(told))).collect::<Vec<_>>()
        };
        let (page, list, name) = ([true, false, false], [false, true, false], [false, false, true]);
        assert_eq!(kinds(&other), [name, page, list, name, page, list]);
        assert_eq!(kinds(&one), [[false; 3]; 4]);
        assert_eq!((other.connections(), one.connections()), (1, 2), "one more for the table");
    }

    /// What was learned of one slot is not forgotten over another.
    fn each_slot_that_has_moved_is_remembered<S>() {
        let heir = FakeRedis::speaking(|command| match command[0].as_str() {
            "CLUSTER" => send("-LOADING soon\r\n"),
            _ => answer(command),
        });
        let (port, own, asked) = (heir.port(), Arc::new(AtomicU16::new(0)), AtomicUsize::new(0));
        let told = Arc::clone(&own);
        let old = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" if asked.fetch_add(1, Ordering::SeqCst) == 0 => all_at(told.load(Ordering::SeqCst)),
            "CLUSTER" => send("-LOADING soon\r\n"),
            _ => send(format!("-MOVED 1 127.0.0.1:{port}\r\n")),
        });
        own.store(old.port(), Ordering::SeqCst);
        let store = S::cluster(&[old.url()], LONG).unwrap();
        for _ in 0..2 {
            store.load().unwrap().unwrap();
            assert!(store.find(&Index::of_name("a server"), None).unwrap().keys.is_empty());
        }
        assert_eq!((count(&old, "EVAL"), count(&heir, "EVAL")), (2, 6));
    }

    /// A lease is given back by a name that nobody else has: sent again, it is given back once.
    fn s5_what_gives_a_lease_back_is_sent_again<S>() {
        let (own, asked) = (Arc::new(AtomicU16::new(0)), AtomicUsize::new(0));
        let told = Arc::clone(&own);
        let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
            _ if asked.fetch_add(1, Ordering::SeqCst) == 0 => Reply::Close,
            _ => send(":1\r\n"),
        });
        own.store(fake.port(), Ordering::SeqCst);
        S::cluster(&[fake.url()], LONG).unwrap().release(&Lease::new("its name")).unwrap();
        let scripts = scripts(&fake);
        assert!(scripts.len() == 2 && scripts[0] == scripts[1], "{scripts:?}");
    }
}
