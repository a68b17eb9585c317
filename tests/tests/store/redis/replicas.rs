//! Changes that wait for replicas.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use valetkey_core::store::{AsyncStore, Entry, Index, Replaced, StoreError, StoreVersion};
use valetkey_stores::{AsyncRedisStore, RedisStore};

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::{key, secret};
use super::{Asked, ENOUGH, LONG, OnTokio, SHORT, count, record, scripts};

/// A server of which so many replicas have what was written.
fn with(replicas: &'static str) -> FakeRedis {
    FakeRedis::speaking(move |command| match command[0].as_str() {
        "WAIT" => send(replicas),
        _ if command[1].contains("HSTRLEN") => send(record(b"there")),
        _ => send(":1\r\n"),
    })
}

/// A change, and whether it was made.
type Change<S> = fn(&S) -> Result<bool, StoreError>;

for_both! {
    /// After each change, on its connection, within its time: the record, its indexes, a lease. A load waits for nobody.
    fn a_change_waits_for_replicas<S>() {
        let fake = with(":2\r\n");
        let store = S::connect(&fake.url(), LONG).unwrap().with_replicas(2);
        let entry = Entry::new(secret()).indexed([Index::of_name("a server")]);
        assert!(matches!(store.replace_entry(None, Some(&entry)).unwrap(), Replaced::Written(_)));
        assert!(store.lease().unwrap());
        store.load().unwrap().unwrap();
        let names: Vec<_> = fake.commands().iter().map(|command| command[0].clone()).collect();
        assert_eq!(names, ["EVAL", "WAIT", "EVAL", "WAIT", "EVAL", "WAIT", "EVAL"]);
        assert_eq!(fake.connections(), 1);
        let waits: Vec<_> = fake.commands().into_iter().filter(|command| command[0] == "WAIT").collect();
        assert!(waits.iter().all(|wait| wait[1..] == ["2", "200"]), "{waits:?}");
    }

    /// Where there is less than that, what the server says must be here before the deadline. And no time would be all the time there is.
    fn s5_replicas_are_waited_for_within_the_deadline<S>() {
        for (deadline, most) in [(SHORT, 175), (Duration::from_secs(1), 200)] {
            let fake = with(":1\r\n");
            let store = S::connect(&fake.url(), deadline).unwrap().with_replicas(1);
            // It may be late on a busy machine; what it has asked tells.
            let _ = store.lease();
            let waits: Vec<_> = fake.commands().into_iter().filter(|command| command[0] == "WAIT").collect();
            assert!(waits.iter().all(|wait| (1..=most).contains(&wait[2].parse().unwrap())), "{waits:?}");
        }
        let fake = with(":1\r\n");
        assert!(S::connect(&fake.url(), LONG).unwrap().with_replicas(1).lease().unwrap());
        assert_eq!(count(&fake, "WAIT"), 1);
    }

    /// Where the index did not reach them, the record is not written. A record that is new would not know itself, and so is sent once.
    fn a_change_that_replicas_do_not_have_is_not_acknowledged<S>() {
        let fake = with(":1\r\n");
        let store = S::connect(&fake.url(), ENOUGH).unwrap().with_replicas(2);
        let error = store.replace(Some(&secret())).unwrap_err().to_string();
        assert!(error.contains("has made the change") && error.contains("1 of the 2"), "{error}");
        assert_eq!((count(&fake, "EVAL"), count(&fake, "WAIT"), fake.connections()), (1, 1, 1));
        let entry = Entry::new(secret()).indexed([Index::of_name("a server")]);
        let error = store.replace_entry(None, Some(&entry)).unwrap_err().to_string();
        assert!(error.contains("1 of the 2"), "{error}");
        let scripts = scripts(&fake);
        assert!(scripts.len() > 2 && scripts[1..].iter().all(|script| script[1].contains("ZADD")), "no record");
        assert!(store.with_replicas(1).lease().unwrap());
    }

    /// One that knows itself is asked for again until they have it, and nothing that was asked for is another: on the same connection, at a
    /// single server too.
    fn s5_a_change_that_knows_itself_waits_for_replicas_until_the_deadline<S>() {
        let operations: [Change<S>; 2] = [|store| store.lease(), |store| {
            let version = StoreVersion::new("0123456789abcdef0123456789abcdef");
            store.replace_entry(Some(&version), Some(&Entry::new(secret()))).map(|replaced| replaced.is_done())
        }];
        for operation in operations {
            let waits = AtomicUsize::new(0);
            let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
                "WAIT" => send(if waits.fetch_add(1, Ordering::SeqCst) < 3 { ":0\r\n" } else { ":1\r\n" }),
                _ => send(":1\r\n"),
            });
            assert!(operation(&S::connect(&fake.url(), LONG).unwrap().with_replicas(1)).unwrap());
            let scripts = scripts(&fake);
            assert_eq!((scripts.len(), count(&fake, "WAIT"), fake.connections()), (4, 4, 1));
            assert!(scripts.iter().all(|script| *script == scripts[0]), "one and the same");

            let fake = with(":0\r\n");
            let error = operation(&S::connect(&fake.url(), ENOUGH).unwrap().with_replicas(1)).unwrap_err().to_string();
            assert!(error.contains("0 of the 1"), "{error}");
            assert!(count(&fake, "WAIT") > 1);
        }
    }

    /// So it is where the server says nothing more: it has told that the change was made.
    fn what_the_server_has_said_of_replicas_is_told_where_it_is_silent_then<S>() {
        let asked = AtomicUsize::new(0);
        let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
            "WAIT" => send(":0\r\n"),
            _ if asked.fetch_add(1, Ordering::SeqCst) == 0 => send(":1\r\n"),
            _ => Reply::Hold(Vec::new()),
        });
        let store = S::connect(&fake.url(), ENOUGH).unwrap().with_replicas(1);
        let error = store.lease().unwrap_err().to_string();
        assert!(error.contains("0 of the 1"), "{error}");
    }

    /// It was made, and undone by another who came between: that is no conflict.
    fn a_change_that_was_made_and_is_gone_is_not_taken_for_a_conflict<S>() {
        let asked = AtomicUsize::new(0);
        let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
            "WAIT" => send(":0\r\n"),
            _ => send(if asked.fetch_add(1, Ordering::SeqCst) == 0 { ":1\r\n" } else { ":0\r\n" }),
        });
        let version = StoreVersion::new("0123456789abcdef0123456789abcdef");
        let store = S::connect(&fake.url(), LONG).unwrap().with_replicas(1);
        let error = store.replace_entry(Some(&version), Some(&Entry::new(secret()))).unwrap_err().to_string();
        assert!(error.contains("0 of the 1"), "{error}");
    }

    /// A conflict has changed nothing.
    fn a_conflict_waits_for_nobody<S>() {
        let fake = FakeRedis::speaking(|_| send(":0\r\n"));
        let store = S::connect(&fake.url(), LONG).unwrap().with_replicas(1);
        assert_eq!(store.replace(Some(&secret())).unwrap(), Replaced::Conflict);
        assert_eq!(count(&fake, "WAIT"), 0);
    }

    /// One that was a master when the change was made, and is none when it waits: as it goes on after another has taken its place.
    fn a_master_that_is_replaced_meanwhile_has_no_replicas<S>() {
        let replaced = [
            "-ERR WAIT cannot be used with replica instances. Please also note that\r\n",
            "-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)\r\n",
        ];
        for said in replaced {
            let fake = with(said);
            let error = S::connect(&fake.url(), ENOUGH).unwrap().with_replicas(1).lease().unwrap_err().to_string();
            assert!(error.contains("0 of the 1"), "{error}");
        }
    }

    fn what_is_no_number_of_replicas_is_an_error<S>() {
        for (said, says) in [("-ERR unknown command\r\n", "ERR"), ("+OK\r\n", "something else"), ("$-1\r\n", "something else")] {
            let fake = with(said);
            let error = S::connect(&fake.url(), LONG).unwrap().with_replicas(1).lease().unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}

/// A connection of the program's own may send the question elsewhere than the change: nothing is changed.
#[tokio::test]
async fn replicas_are_not_waited_for_over_a_connection_of_the_programs() {
    let fake = with(":2\r\n");
    let connection = redis::Client::open(fake.url()).unwrap();
    let connection = connection.get_multiplexed_async_connection().await.unwrap();
    let store = AsyncRedisStore::over(connection).with_replicas(1, SHORT);
    let error = store.replace(&key(), None, Some(&secret().into())).await.unwrap_err().to_string();
    assert!(error.contains("connection of the program's own"), "{error}");
    assert_eq!(count(&fake, "EVAL"), 0);
    assert!(store.load(&key()).await.unwrap().is_some());
}
