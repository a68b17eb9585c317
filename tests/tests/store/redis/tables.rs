//! What servers say of who has what is taken over only if it says something, and within bounds.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::thread;

use valetkey_core::store::Index;
use valetkey_stores::RedisStore;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::in_time;
use super::{Asked, ENOUGH, LONG, OnTokio, all_at, count, record, slots};

/// A cluster of one server, which says this of itself by its port and the number of the question, and which has the record.
fn alone(said: impl Fn(u16, usize) -> Reply + Send + Sync + 'static) -> FakeRedis {
    let (own, asked) = (Arc::new(AtomicU16::new(0)), AtomicUsize::new(0));
    let told = Arc::clone(&own);
    let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
        "CLUSTER" => said(told.load(Ordering::SeqCst), asked.fetch_add(1, Ordering::SeqCst)),
        _ => send(record(b"there")),
    });
    own.store(fake.port(), Ordering::SeqCst);
    fake
}

/// A range of slots, a master of it, and replicas.
fn range(first: usize, last: usize, servers: &[(&str, u16)]) -> String {
    let mut said = format!("*{}\r\n:{first}\r\n:{last}\r\n", 2 + servers.len());
    for (host, port) in servers {
        write!(said, "*3\r\n${}\r\n{host}\r\n:{port}\r\n+id\r\n", host.len()).unwrap();
    }
    said
}

for_both! {
    /// Four mebibytes of them would keep a processor busy for minutes, which no deadline ends.
    fn s5_more_servers_than_a_cluster_has_are_refused<S>() {
        let many: Vec<String> = (1..=1024).map(|port| format!("*3\r\n$9\r\n127.0.0.1\r\n:{port}\r\n+id\r\n")).collect();
        let fake = alone(move |port, _| {
            let own = format!("*3\r\n$9\r\n127.0.0.1\r\n:{port}\r\n+id\r\n");
            send(format!("*1\r\n*{}\r\n:0\r\n:16383\r\n{own}{}", 3 + many.len(), many.concat()))
        });
        let store = S::cluster(&[fake.url()], LONG).unwrap();
        let error = in_time(move || store.load()).unwrap_err().to_string();
        assert!(error.contains("something else") && count(&fake, "EVAL") == 0, "{error}");
    }

    /// A thousand and twenty-four with the one that is asked.
    fn s5_as_many_servers_as_a_cluster_has_are_no_trouble<S>() {
        let fake = alone(|port, _| {
            let servers: Vec<_> = [port].into_iter().chain((1..).filter(|other| *other != port).take(1023)).collect();
            let servers: Vec<_> = servers.into_iter().map(|port| ("127.0.0.1", port)).collect();
            send(format!("*1\r\n{}", range(0, 16_383, &servers)))
        });
        let store = S::cluster(&[fake.url()], LONG).unwrap();
        assert_eq!(in_time(move || store.load()).unwrap().unwrap().bytes.expose(), b"there");
    }

    fn s5_more_ranges_than_there_are_slots_are_refused<S>() {
        let fake = alone(|port, _| {
            let range = range(0, 16_383, &[("127.0.0.1", port)]);
            send(format!("*16385\r\n{}", range.repeat(16_385)))
        });
        let store = S::cluster(&[fake.url()], LONG).unwrap();
        let error = in_time(move || store.load()).unwrap_err().to_string();
        assert!(error.contains("something else") && count(&fake, "EVAL") == 0, "{error}");
    }

    /// As many as there may be are no trouble.
    fn s5_a_cluster_may_be_as_large_as_one_can_be<S>() {
        let fake = alone(|port, _| {
            let ranges: String = (0..16_384_usize)
                .map(|slot| {
                    let replica = u16::try_from(1 + slot % 1000).unwrap();
                    range(slot, slot, &[("127.0.0.1", port), ("127.0.0.1", replica)])
                })
                .collect();
            send(format!("*16384\r\n{ranges}"))
        });
        let store = S::cluster(&[fake.url()], LONG).unwrap();
        assert_eq!(in_time(move || store.load()).unwrap().unwrap().bytes.expose(), b"there");
    }

    /// One that was just taken out of the cluster says so. It is asked again in a moment, or another is.
    fn a_table_in_which_nobody_has_anything_is_not_believed<S>() {
        let fake = alone(|port, asked| if asked == 0 { send("*0\r\n") } else { all_at(port) });
        let store = S::cluster(&[fake.url()], LONG).unwrap();
        assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        // And the first that says something is checked, whatever was said before.
        let elsewhere = alone(|port, asked| match asked {
            0 => send("*0\r\n"),
            _ => send(format!("*1\r\n{}", range(0, 16_383, &[("127.0.0.1", port), ("localhost", 1)]))),
        });
        let error = S::cluster(&[elsewhere.url()], LONG).unwrap().load().unwrap_err().to_string();
        assert!(error.contains("with_node_hosts") && count(&elsewhere, "EVAL") == 0, "{error}");

        let nobody = alone(|_, _| send("*0\r\n"));
        let store = S::cluster(&[nobody.url()], ENOUGH).unwrap();
        let error = in_time(move || store.load()).unwrap_err().to_string();
        assert!(error.contains("no server of the Redis Cluster is known"), "{error}");
    }

    /// What a server said tells more than that it said nothing afterwards, until the deadline.
    fn who_says_nothing_in_the_end_takes_nothing_back<S>() {
        let fake = alone(|_, asked| if asked == 0 { send("*0\r\n") } else { Reply::Hold(Vec::new()) });
        let store = S::cluster(&[fake.url()], ENOUGH).unwrap();
        let error = in_time(move || store.load()).unwrap_err().to_string();
        assert!(error.contains("no server of the Redis Cluster is known"), "{error}");
    }

    /// What is known stays.
    fn an_empty_table_takes_nothing_away<S>() {
        let heir = FakeRedis::speaking(|command| match command[0].as_str() {
            "CLUSTER" => send("*0\r\n"),
            _ => send(record(b"there")),
        });
        let (port, own, asked) = (heir.port(), Arc::new(AtomicU16::new(0)), AtomicUsize::new(0));
        let told = Arc::clone(&own);
        let old = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" if asked.fetch_add(1, Ordering::SeqCst) == 0 => all_at(told.load(Ordering::SeqCst)),
            "CLUSTER" => send("*0\r\n"),
            _ => send(format!("-MOVED 1 127.0.0.1:{port}\r\n")),
        });
        own.store(old.port(), Ordering::SeqCst);
        let store = S::cluster(&[old.url()], LONG).unwrap();
        for _ in 0..3 {
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        }
        assert_eq!((count(&old, "EVAL"), count(&heir, "EVAL")), (1, 3));
    }

    /// A replica that does not know its own name is nobody's loss, and a master is that of its slots.
    fn a_server_without_a_name_is_left_out<S>() {
        let fake = alone(|port, _| {
            let (own, nameless) = (("127.0.0.1", port), ("?", 1));
            send(format!("*1\r\n{}", range(0, 16_383, &[own, nameless])))
        });
        assert_eq!(S::cluster(&[fake.url()], LONG).unwrap().load().unwrap().unwrap().bytes.expose(), b"there");

        // The key is in one of the halves: the other is the nameless one's, each in turn.
        let loaded = [true, false].map(|is_first| {
            let fake = alone(move |port, _| {
                let [first, second] = if is_first { ["127.0.0.1", "?"] } else { ["?", "127.0.0.1"] };
                slots(&[(0, 8191, first, port), (8192, 16_383, second, port)])
            });
            let store = S::cluster(&[fake.url()], ENOUGH).unwrap();
            in_time(move || store.load()).map_err(|error| error.to_string())
        });
        let is_there = |loaded: &Result<_, String>| loaded.is_ok();
        assert_eq!(loaded.iter().filter(|loaded| is_there(loaded)).count(), 1, "{loaded:?}");
        let error = loaded.iter().find_map(|loaded| loaded.as_ref().err()).unwrap();
        assert!(error.contains("cluster-announce-hostname"), "{error}");
    }

    /// While nobody says better.
    fn what_single_servers_said_is_remembered_of_several_slots<S>() {
        let heir = FakeRedis::speaking(|command| match command[0].as_str() {
            "CLUSTER" => send("-LOADING soon\r\n"),
            _ if command[1].contains("HSTRLEN") => send(record(b"there")),
            _ => send("$0\r\n\r\n"),
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
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
            assert!(store.find(&Index::of_name("a server"), None).unwrap().keys.is_empty());
        }
        assert_eq!((count(&old, "EVAL"), count(&heir, "EVAL")), (2, 6), "the key's and the index's, once each");
    }

    /// One is kept for each of a thousand and twenty-four. Whoever announces more makes all of them be made anew.
    fn s5_servers_that_announce_ever_others_fill_no_memory<S>() {
        let (others, asked) = ([(); 2].map(|()| FakeRedis::speaking(|_| send("-NOPERM no\r\n"))), AtomicUsize::new(0));
        let (ports, own) = (others.each_ref().map(FakeRedis::port), Arc::new(AtomicU16::new(0)));
        let told = Arc::clone(&own);
        let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
            "AUTH" => send("+OK\r\n"),
            "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
            _ => {
                // Five hundred and twelve ways to write it, at each port.
                let number = asked.fetch_add(1, Ordering::SeqCst);
                let letter = |(place, letter): (usize, char)| {
                    if number >> place & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
                };
                let host: String = "localhost".chars().enumerate().map(letter).collect();
                send(format!("-ASK 1 {host}:{}\r\n", ports[number / 512 % 2]))
            }
        });
        own.store(fake.port(), Ordering::SeqCst);
        let urls = [fake.url(), "redis://localhost:1".to_owned()];
        let store = S::cluster(&urls.map(|url| url.replace("redis://", "redis://user:word@")), LONG).unwrap();
        for _ in 0..1024 {
            let error = store.load().unwrap_err().to_string();
            assert!(error.contains("NOPERM"), "{error}");
        }
        assert_eq!((count(&fake, "EVAL"), count(&fake, "CLUSTER")), (1024, 1));
        assert_eq!(fake.connections(), 2, "the first is who has what");
        store.load().unwrap_err();
        assert_eq!(fake.connections(), 3);
    }

    /// A server that has nothing any more is not connected to for ever.
    fn a_connection_to_a_server_that_has_nothing_is_closed<S>() {
        let heir = FakeRedis::speaking(|command| match command[0].as_str() {
            "CLUSTER" => send("-LOADING soon\r\n"),
            _ => send(record(b"there")),
        });
        let (port, own, asked) = (heir.port(), Arc::new(AtomicU16::new(0)), AtomicUsize::new(0));
        let told = Arc::clone(&own);
        let old = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" if asked.fetch_add(1, Ordering::SeqCst) == 0 => all_at(told.load(Ordering::SeqCst)),
            "CLUSTER" => all_at(port),
            _ => send(format!("-MOVED 1 127.0.0.1:{port}\r\n")),
        });
        own.store(old.port(), Ordering::SeqCst);
        let store = S::cluster(&[old.url()], LONG).unwrap();
        for _ in 0..2 {
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        }
        let seen = old.clone();
        in_time(move || {
            while seen.open() > 0 {
                thread::yield_now();
            }
        });
        assert_eq!((count(&old, "EVAL"), heir.open()), (1, 1));
    }
}
