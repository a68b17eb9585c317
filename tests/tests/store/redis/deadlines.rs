//! One deadline is over all that an operation waits for.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use valetkey_core::store::{AsyncStore, Entry, Index, StoredBytes};
use valetkey_stores::{AsyncRedisStore, LARGEST_RECORD, RedisStore};
use valetkey_tests::NOW;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::{Folder, in_time, key, secret};
use super::{Asked, OnTokio, SHORT, errors};

for_both! {
    fn s5_what_trickles_is_not_waited_for<S>() {
        for (head, again) in [("", b'+'), ("+", b'O'), (":", b'0'), ("-ERR ", b'x'), ("$", b'1'), ("$1000\r\n", b'x')] {
            for error in errors::<S>(&Reply::Trickle(head.as_bytes().to_vec(), again), SHORT) {
                // What is not asked for is seen at once, and not only when the time is over.
                let words = ["within 200ms", "something else", "more than"];
                assert!(words.iter().any(|words| error.contains(words)), "{head}: {error}");
            }
        }
        let trickled = errors::<S>(&Reply::Trickle(b"$1000\r\n".to_vec(), b'x'), SHORT);
        assert!(trickled[0].contains("within 200ms"), "{trickled:?}");
        let trickled = errors::<S>(&Reply::Trickle(b":".to_vec(), b'0'), SHORT);
        assert!(trickled.iter().all(|error| error.contains("within 200ms")), "{trickled:?}");
    }

    fn s5_what_is_held_back_is_not_waited_for<S>() {
        for head in ["", "+", "$3\r\nab", "$3\r\nabc", ":1\r", "-ERR"] {
            let errors = errors::<S>(&Reply::Hold(head.as_bytes().to_vec()), SHORT);
            assert!(errors[0].contains("within 200ms"), "{head:?}: {errors:?}");
        }
    }

    /// The login is part of it.
    fn s5_a_login_that_trickles_is_not_waited_for<S>() {
        for commands_before in 0..3 {
            let fake = FakeRedis::start(move |_, command| match command {
                _ if command < commands_before => send("+OK\r\n"),
                _ => Reply::Trickle(b"+O".to_vec(), b'O'),
            });
            let url = format!("redis://user:word@127.0.0.1:{}/3", fake.port());
            let store = S::connect(&url, Duration::from_millis(500)).unwrap();
            let error = in_time(move || store.load()).unwrap_err().to_string();
            assert!(error.contains("within 500ms"), "{error}");
            assert_eq!(fake.connections(), 1);
            let names: Vec<_> = fake.commands().iter().map(|command| command[0].clone()).collect();
            assert_eq!(names, ["AUTH", "SELECT", "EVAL"][..=commands_before]);
        }
    }

    /// A record's indexes are questions of their own, and no operations of their own.
    fn s5_the_indexes_of_a_record_are_in_its_deadline<S>() {
        let fake = FakeRedis::start(|_, _| {
            thread::sleep(Duration::from_millis(300));
            send(":1\r\n")
        });
        let store = S::connect(&fake.url(), Duration::from_secs(1)).unwrap();
        let indexes = ["a", "b", "c", "d"].map(Index::of_name);
        let entry = Entry::new(secret()).indexed(indexes);
        let error = in_time(move || store.replace_entry(None, Some(&entry))).unwrap_err().to_string();
        assert!(error.contains("within 1s"), "{error}");
    }

    /// A server that takes connections and never reads: what is sent is not waited for either.
    fn s5_a_server_that_does_not_read_is_not_waited_for<S>() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("redis://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let store = S::connect(&url, SHORT).unwrap();
        let large = StoredBytes::new(vec![b'x'; LARGEST_RECORD]);
        let error = in_time(move || store.replace(Some(&large))).unwrap_err().to_string();
        assert!(error.contains("within 200ms"), "{error}");
    }

    /// TLS is part of it too: records of it that come byte by byte.
    fn s5_a_handshake_of_tls_that_trickles_is_not_waited_for<S>() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("rediss://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let store = match S::connect(&url, SHORT) {
            Ok(store) => store,
            // As documented, where a system trusts nobody.
            Err(error) => return assert!(error.to_string().contains("no certificates"), "{error}"),
        };
        thread::spawn(move || {
            use std::io::{Read as _, Write as _};
            for mut socket in listener.incoming().map_while(Result::ok) {
                let _ = socket.write_all(&[0x16, 3, 3, 0x40, 0]);
                let _ = socket.set_read_timeout(Some(Duration::from_millis(20)));
                // What the client says, and a byte whenever it says nothing.
                let mut heard = [0; 4096];
                loop {
                    match socket.read(&mut heard) {
                        Ok(0) => break,
                        Ok(_) => {}
                        Err(_) if socket.write_all(&[2]).is_err() => break,
                        Err(_) => {}
                    }
                }
            }
        });
        let error = in_time(move || store.load()).unwrap_err().to_string();
        assert!(error.contains("within 200ms"), "{error}");
    }

    /// Each who waits has a deadline of their own: sixty-four would otherwise wait for a minute.
    fn s5_nobody_waits_behind_another_for_longer_than_their_deadline<S>() {
        let fake = FakeRedis::start(|_, _| Reply::Hold(Vec::new()));
        let store = Arc::new(S::connect(&fake.url(), Duration::from_secs(1)).unwrap());
        let errors = in_time(move || {
            let waiting: Vec<_> = (0..64)
                .map(|_| Arc::clone(&store))
                .map(|store| thread::spawn(move || store.load().unwrap_err().to_string()))
                .collect();
            waiting.into_iter().map(|waiting| waiting.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(errors.iter().all(|error| error.contains("within 1s")), "{errors:?}");
    }
}

/// A socket of this machine is waited for no longer.
#[cfg(unix)]
#[test]
fn s5_a_socket_of_this_machine_has_the_deadline_too() {
    let folder = Folder::new();
    let _listener = std::os::unix::net::UnixListener::bind(folder.at("s")).unwrap();
    let url = format!("unix://{}", folder.at("s").display());
    let threads = RedisStore::connect(&url).unwrap().with_deadline(SHORT);
    let tasks = OnTokio::connect(&url, SHORT).unwrap();
    for error in [in_time(move || Asked::load(&threads)), in_time(move || tasks.load())] {
        assert!(error.unwrap_err().to_string().contains("within 200ms"));
    }
}

/// A connection of the caller's that never answers; it may break when it is first asked.
#[derive(Clone)]
struct Silent(Arc<AtomicBool>);

impl Silent {
    fn that_breaks_first(breaks: bool) -> Self {
        Self(Arc::new(AtomicBool::new(breaks)))
    }
}

impl redis::aio::ConnectionLike for Silent {
    fn req_packed_command<'a>(&'a mut self, _: &'a redis::Cmd) -> redis::RedisFuture<'a, redis::Value> {
        match self.0.swap(false, Ordering::SeqCst) {
            true => Box::pin(std::future::ready(Err(io::Error::from(io::ErrorKind::ConnectionReset).into()))),
            false => Box::pin(std::future::pending()),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        _: &'a redis::Pipeline,
        _: usize,
        _: usize,
    ) -> redis::RedisFuture<'a, Vec<redis::Value>> {
        Box::pin(std::future::pending())
    }

    fn get_db(&self) -> i64 {
        0
    }
}

#[test]
fn s5_a_connection_of_the_callers_has_the_deadline_too() {
    let store = OnTokio::of(AsyncRedisStore::over(Silent::that_breaks_first(false)).with_deadline(SHORT));
    let error = in_time(move || store.load()).unwrap_err().to_string();
    assert!(error.contains("within 200ms"), "{error}");
}

/// A day at most: more would not fit a clock.
#[tokio::test(start_paused = true)]
async fn s5_the_longest_deadline_is_a_day() {
    let day = Duration::from_secs(24 * 60 * 60);
    for (asked, longest) in
        [(day - Duration::from_secs(1), day - Duration::from_secs(1)), (day * 2, day), (Duration::MAX, day)]
    {
        let store = AsyncRedisStore::over(Silent::that_breaks_first(false)).with_deadline(asked);
        let begun = tokio::time::Instant::now();
        store.load(&key()).await.unwrap_err();
        assert_eq!(begun.elapsed(), longest, "{asked:?}");
    }
}

/// A lease that may have been taken is given back in an eighth of the time at most.
#[tokio::test(start_paused = true)]
async fn s5_a_lease_that_may_have_been_taken_is_not_given_back_for_ever() {
    let store = AsyncRedisStore::over(Silent::that_breaks_first(true)).with_deadline(Duration::from_secs(8));
    let begun = tokio::time::Instant::now();
    let error = store.lease(&key(), Duration::from_secs(60), NOW).await.unwrap_err().to_string();
    assert!(error.contains("not connected"), "{error}");
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
}

/// What is late is late also where the clock is the runtime's: at the default deadline, in no time.
#[tokio::test(start_paused = true)]
async fn s5_the_deadline_is_five_seconds_by_default() {
    let store = AsyncRedisStore::over(Silent::that_breaks_first(false));
    let begun = tokio::time::Instant::now();
    store.load(&key()).await.unwrap_err();
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
    assert!(format!("{:?}", RedisStore::connect("redis://127.0.0.1:1").unwrap()).contains("deadline: 5s"));
}
