//! Who is asked who has what, and how often.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use valetkey_core::store::Index;
use valetkey_stores::RedisStore;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::in_time;
use super::{Asked, LONG, OnTokio, all_at, count, record, slot_of, slots};

/// A server that breaks when it is asked for a record, and does not say who has it.
fn failing() -> FakeRedis {
    FakeRedis::speaking(|command| match command[0].as_str() {
        "CLUSTER" => Reply::Hold(Vec::new()),
        _ => Reply::Close,
    })
}

for_both! {
    /// It is its turn, and the other knows.
    fn who_has_failed_is_asked_last_who_has_what<S>() {
        let (failed, heir) = (failing(), FakeRedis::speaking(|_| send(record(b"there"))));
        let (asked, [before, after]) = (AtomicUsize::new(0), [failed.port(), heir.port()]);
        let other = FakeRedis::speaking(move |_| {
            all_at(if asked.fetch_add(1, Ordering::SeqCst) == 0 { before } else { after })
        });
        let store = S::cluster(&[failed.url(), other.url()], LONG).unwrap();
        assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        assert_eq!((count(&failed, "CLUSTER"), count(&other, "CLUSTER")), (0, 2));
        assert_eq!((count(&failed, "EVAL"), count(&heir, "EVAL")), (1, 1));
    }

    /// One after the other, until one knows.
    fn after_a_failure_all_others_are_asked_before_it_is_asked_again<S>() {
        let (failed, heir) = (failing(), FakeRedis::speaking(|_| send(record(b"there"))));
        let (asked, [before, after]) = (Arc::new(AtomicUsize::new(0)), [failed.port(), heir.port()]);
        let others = [(); 2].map(|()| {
            let asked = Arc::clone(&asked);
            FakeRedis::speaking(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
                0 => all_at(before),
                1 => send("-LOADING soon\r\n"),
                _ => all_at(after),
            })
        });
        let store = S::cluster(&others.map(|other| other.url()), LONG).unwrap();
        assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        assert_eq!((count(&failed, "EVAL"), count(&heir, "EVAL")), (1, 1));
        assert_eq!(asked.load(Ordering::SeqCst), 3);
    }

    /// Who failed by what was known before goes by what another has found out since, though somebody doubts that too.
    fn what_another_has_found_out_is_not_asked_for_again<S>() {
        let index = Index::of_name("a server");
        let slot = slot_of(&format!("index-{}", index.as_str()));
        let names = FakeRedis::speaking(|_| send("$0\r\n\r\n"));
        let (port, own, learned) = (names.port(), Arc::new(AtomicU16::new(0)), Arc::new(AtomicUsize::new(0)));
        let (other, asked) = (Arc::new(OnceLock::<S>::new()), AtomicUsize::new(0));
        let (told, counted, another) = (Arc::clone(&own), Arc::clone(&learned), Arc::clone(&other));
        let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" => {
                counted.fetch_add(1, Ordering::SeqCst);
                let (host, own) = ("127.0.0.1", told.load(Ordering::SeqCst));
                // The index is at the same server by a name of its own, so that both can be asked at once.
                slots(&[(0, slot - 1, host, own), (slot, slot, "localhost", own), (slot + 1, 16_383, host, own)])
            }
            _ if !command[1].contains("HSTRLEN") => send(format!("-MOVED {slot} 127.0.0.1:{port}\r\n")),
            _ if asked.fetch_add(1, Ordering::SeqCst) == 0 => {
                // Meanwhile another asks for the index: it learns who has it, and meets what is wrong about that once more.
                let other = another.get().expect("it is there before it is asked for");
                assert!(other.find(&index, None).unwrap().keys.is_empty());
                send("-TRYAGAIN soon\r\n")
            }
            _ => send(record(b"there")),
        });
        own.store(fake.port(), Ordering::SeqCst);
        let store = S::cluster(&[fake.url()], LONG).unwrap().allowing("localhost");
        assert!(other.set(store.within(LONG)).is_ok());
        let loaded = in_time(move || store.load()).unwrap().unwrap();
        assert_eq!(loaded.bytes.expose(), b"there");
        assert_eq!((learned.load(Ordering::SeqCst), count(&names, "EVAL")), (2, 2));
    }

    /// Neither for who has a record nor for the record: there is time for ten minutes, and it is the number that ends it.
    fn s5_a_thousand_servers_are_asked_at_most<S>() {
        let fake = FakeRedis::speaking(|_| send("-LOADING soon\r\n"));
        let store = S::cluster(&vec![fake.url(); 1100], LONG).unwrap();
        let error = in_time(move || store.load()).unwrap_err().to_string();
        assert!(error.contains("LOADING"), "{error}");
        assert_eq!(fake.commands().len(), 1000);

        // The last but two knows, and sends everybody on to itself.
        let (own, asked) = (Arc::new(AtomicU16::new(0)), AtomicUsize::new(1));
        let told = Arc::clone(&own);
        let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" if asked.fetch_add(1, Ordering::SeqCst) < 998 => send("-LOADING soon\r\n"),
            "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
            _ => send(format!("-MOVED 1 127.0.0.1:{}\r\n", told.load(Ordering::SeqCst))),
        });
        own.store(fake.port(), Ordering::SeqCst);
        let store = S::cluster(&vec![fake.url(); 1000], LONG).unwrap();
        in_time(move || store.load()).unwrap_err();
        assert_eq!((count(&fake, "CLUSTER"), count(&fake, "EVAL")), (998, 2));
    }
}
