//! What is asked again, on which connection.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use valetkey_core::store::{AsyncStore, Entry, Index, Lease, Replaced, StoreVersion};
use valetkey_stores::{AsyncRedisStore, RedisStore};

use super::super::fake_redis::{self, FakeRedis, Reply, send};
use super::super::{key, secret};
use super::{Asked, LONG, OnTokio, Operation, all_at, record, scripts};

/// A server that takes a question, or the first byte of one, and closes the connection, which is reset where something is left unread. The
/// first answers some before that. Returns its URL, and how many questions came.
fn breaking(answers: usize, is_reset: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let questions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&questions);
    thread::spawn(move || {
        for (number, mut socket) in listener.incoming().map_while(Result::ok).enumerate() {
            let answers = if number == 0 { answers } else { 0 };
            for _ in 0..answers {
                assert!(fake_redis::read(&mut BufReader::with_capacity(1, &socket)).is_some());
                counted.fetch_add(1, Ordering::SeqCst);
                socket.write_all(&record(b"one")).unwrap();
            }
            let is_asked = match is_reset {
                true => socket.read(&mut [0]).is_ok_and(|read| read == 1),
                false => fake_redis::read(&mut BufReader::new(&socket)).is_some(),
            };
            counted.fetch_add(usize::from(is_asked), Ordering::SeqCst);
        }
    });
    (url, questions)
}

for_both! {
    /// The connection was idle, and the server closed it meanwhile.
    fn s5_a_load_is_repeated_if_an_idle_connection_had_broken<S>() {
        let fake = FakeRedis::start(|connection, command| match (connection, command) {
            (0, 0) | (1, _) => send(record(b"one")),
            _ => Reply::Close,
        });
        let store = S::connect(&fake.url(), LONG).unwrap();
        for _ in 0..3 {
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"one");
        }
        assert_eq!((fake.connections(), fake.commands().len()), (2, 4));
    }

    /// As a load is: nothing is changed by it, or nothing more than by the first. The record itself is sent once.
    fn s5_an_index_is_asked_again_if_an_idle_connection_had_broken<S>() {
        let index = Index::of_name("a server");
        let fake = FakeRedis::start(|connection, command| match (connection, command) {
            (0, 0 | 1) | (1, 0 | 1) => send("$0\r\n\r\n"),
            (2, _) => send(":1\r\n"),
            _ => Reply::Close,
        });
        let store = S::connect(&fake.url(), LONG).unwrap();
        for _ in 0..2 {
            assert!(store.find(&index, None).unwrap().keys.is_empty());
        }
        assert_eq!((fake.connections(), fake.commands().len()), (2, 5));
        let entry = Entry::new(secret()).indexed([index]);
        assert!(store.replace_entry(None, Some(&entry)).unwrap().is_done());
        assert_eq!((fake.connections(), fake.commands().len()), (3, 8));
        let scripts = scripts(&fake);
        assert!(scripts[5] == scripts[6] && scripts[6] != scripts[7]);
    }

    fn s5_a_load_is_repeated_once<S>() {
        let fake = FakeRedis::start(|connection, command| match (connection, command) {
            (0, 0) => send(record(b"one")),
            _ => Reply::Close,
        });
        let store = S::connect(&fake.url(), LONG).unwrap();
        store.load().unwrap().unwrap();
        let error = store.load().unwrap_err().to_string();
        assert!(error.contains("unexpected end of file"), "{error}");
        assert_eq!((fake.connections(), fake.commands().len()), (2, 3));
        // A connection that was never good is no idle one.
        store.load().unwrap_err();
        assert_eq!((fake.connections(), fake.commands().len()), (3, 4));
    }

    fn s5_a_load_that_was_late_is_not_repeated<S>() {
        let fake = FakeRedis::start(|connection, command| match (connection, command) {
            (0, 0) => send(record(b"one")),
            _ => Reply::Hold(Vec::new()),
        });
        let store = S::connect(&fake.url(), Duration::from_secs(1)).unwrap();
        store.load().unwrap().unwrap();
        let error = store.load().unwrap_err().to_string();
        assert!(error.contains("within 1s"), "{error}");
        assert_eq!((fake.connections(), fake.commands().len()), (1, 2));
    }

    /// It may have happened. A lease that may have been taken is given back, on a new connection.
    fn s5_a_change_is_never_repeated<S>() {
        let operations: [(Operation<S>, usize); 3] = [
            (|store| store.replace(Some(&secret())).map(drop), 0),
            (|store| store.replace(None).map(drop), 0),
            (|store| store.lease().map(drop), 1),
        ];
        for (operation, given_back) in operations {
            for is_idle in [true, false] {
                let fake = FakeRedis::start(move |connection, command| match (connection, command) {
                    (0, 0) if is_idle => send(record(b"one")),
                    _ => Reply::Close,
                });
                let store = S::connect(&fake.url(), LONG).unwrap();
                if is_idle {
                    store.load().unwrap().unwrap();
                }
                let error = operation(&store).unwrap_err().to_string();
                assert!(error.contains("connection to Redis failed"), "{error}");
                assert_eq!(fake.connections(), 1 + given_back);
                let scripts = &scripts(&fake)[usize::from(is_idle)..];
                assert_eq!(scripts.len(), 1 + given_back);
                assert!(scripts[1..].iter().all(|script| script[1].contains("DEL") && script[1] != scripts[0][1]));
            }
        }
    }

    /// Whichever change it is, whichever way the connection broke, and whether it had been idle: it may have been carried out. A lease is given
    /// back then, which is another question.
    fn s5_a_single_server_is_sent_a_change_once<S>() {
        fn version() -> StoreVersion {
            StoreVersion::new("0123456789abcdef0123456789abcdef")
        }
        let changes: [(Operation<S>, usize); 6] = [
            (|store| store.replace(Some(&secret())).map(drop), 0),
            (|store| store.replace(None).map(drop), 0),
            (|store| store.replace_entry(Some(&version()), Some(&secret().into())).map(drop), 0),
            (|store| store.replace_entry(Some(&version()), None).map(drop), 0),
            (|store| store.lease().map(drop), 1),
            (|store| store.release(&Lease::new("its name")), 0),
        ];
        for (number, (change, given_back)) in changes.into_iter().enumerate() {
            for (answers, is_reset) in [(0, false), (0, true), (1, false), (1, true)] {
                let (url, questions) = breaking(answers, is_reset);
                let store = S::connect(&url, LONG).unwrap();
                for _ in 0..answers {
                    store.load().unwrap().unwrap();
                }
                let error = change(&store).unwrap_err().to_string();
                assert!(error.contains("connection to Redis failed"), "{number}: {error}");
                let asked = questions.load(Ordering::SeqCst);
                assert_eq!(asked, answers + 1 + given_back, "{number}, {answers}, {is_reset}");
            }
        }
    }

    /// A load is, and once, however the connection broke.
    fn s5_a_load_is_repeated_if_an_idle_connection_was_reset<S>() {
        for (answers, asked) in [(0, 1), (1, 3)] {
            let (url, questions) = breaking(answers, true);
            let store = S::connect(&url, LONG).unwrap();
            for _ in 0..answers {
                store.load().unwrap().unwrap();
            }
            store.load().unwrap_err();
            assert_eq!(questions.load(Ordering::SeqCst), asked);
        }
    }

    /// The server had closed the connection before anything was sent on it. That is seen as soon as the system says so: once in fifty times
    /// at least.
    fn s5_a_change_is_not_sent_on_a_connection_that_was_closed<S>() {
        let is_done = (0..50).any(|_| {
            let fake = FakeRedis::start(|connection, _| match connection {
                0 => Reply::Last(record(b"one")),
                _ => send(":1\r\n"),
            });
            let store = S::connect(&fake.url(), LONG).unwrap();
            store.load().unwrap().unwrap();
            store.replace(Some(&secret())).is_ok_and(|_| fake.connections() == 2 && fake.commands().len() == 2)
        });
        assert!(is_done);
    }

    /// A slot that is on its way is asked for with `ASKING` the second time too: else the server would send it back to where it comes from.
    fn a_slot_on_its_way_is_asked_for_there_again_if_an_idle_connection_had_broken<S>() {
        let heir = FakeRedis::start(|connection, command| match (connection, command) {
            (0, 0) | (1, 0) => send("+OK\r\n"),
            (0, 1) | (1, 1) => send(record(b"there")),
            _ => Reply::Close,
        });
        let (port, own) = (heir.port(), Arc::new(AtomicU16::new(0)));
        let told = Arc::clone(&own);
        let old = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
            _ => send(format!("-ASK 1 127.0.0.1:{port}\r\n")),
        });
        own.store(old.port(), Ordering::SeqCst);
        let store = S::cluster(&[old.url()], LONG).unwrap();
        for _ in 0..2 {
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        }
        let names: Vec<_> = heir.commands().iter().map(|command| command[0].clone()).collect();
        assert_eq!(names, ["ASKING", "EVAL", "ASKING", "ASKING", "EVAL"]);
    }

    /// An answer that came too late is not taken for the next one's.
    fn s5_a_connection_that_was_late_is_not_used_again<S>() {
        let fake = FakeRedis::start(|connection, _| match connection {
            0 => Reply::Hold(record(b"late")[..20].to_vec()),
            _ => send(record(b"now")),
        });
        let store = S::connect(&fake.url(), Duration::from_secs(1)).unwrap();
        assert!(store.load().unwrap_err().to_string().contains("within 1s"));
        assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"now");
    }

    fn a_server_that_answers_is_asked_on_one_connection<S>() {
        let fake = FakeRedis::start(|_, command| match command {
            0 | 1 => send("+OK\r\n"),
            2 => send("$-1\r\n"),
            3 => send("-LOADING soon\r\n"),
            4 => send(":0\r\n"),
            _ => send(":1\r\n"),
        });
        let store = S::connect(&format!("redis://user:word@127.0.0.1:{}/3", fake.port()), LONG).unwrap();
        assert_eq!(store.load().unwrap(), None);
        assert!(store.load().unwrap_err().to_string().contains("LOADING"));
        assert_eq!(store.replace(Some(&secret())).unwrap(), Replaced::Conflict);
        assert!(matches!(store.replace(Some(&secret())).unwrap(), Replaced::Written(_)));
        assert_eq!(store.replace(None).unwrap(), Replaced::Deleted);
        assert!(store.lease().unwrap());
        assert_eq!(fake.connections(), 1);
        let commands = fake.commands();
        assert_eq!(commands[0], ["AUTH", "user", "word"]);
        assert_eq!(commands[1], ["SELECT", "3"]);
    }
}

/// A runtime that does one thing after the other has not heard of it when the next one begins: it asks the system in between.
#[test]
fn s5_a_runtime_of_one_thread_hears_that_a_connection_was_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let ((close, told), (closed, seen)) = (channel(), channel());
    thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        assert!(first.read(&mut [0; 4096]).unwrap() > 0);
        first.write_all(&record(b"one")).unwrap();
        told.recv().unwrap();
        drop(first);
        closed.send(()).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        assert!(second.read(&mut [0; 4096]).unwrap() > 0);
        second.write_all(b":1\r\n").unwrap();
    });
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let store = AsyncRedisStore::connect(&url).unwrap().with_deadline(LONG);
    runtime.block_on(store.load(&key())).unwrap().unwrap();
    close.send(()).unwrap();
    seen.recv().unwrap();
    assert!(runtime.block_on(store.replace(&key(), None, Some(&secret().into()))).unwrap().is_done());
}
