//! Both Redis stores, before servers that do not answer as they should. Each test is written once and runs through both.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use valetkey_core::store::{AsyncStore, Replaced, Store, StoreError, Stored, StoredBytes};
use valetkey_stores::{AsyncRedisStore, LARGEST_RECORD, RedisStore};
use valetkey_tests::{NOW, SECRET};

use super::fake_redis::{FakeRedis, Reply, send};
use super::{MINUTE, in_time, key, secret};

/// A deadline that a test waits for, and one that it does not.
const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(600);

/// Either store, asked as one for threads is.
trait Asked: Send + Sync + Sized + 'static {
    fn connect(url: &str, deadline: Duration) -> Result<Self, StoreError>;
    fn load(&self) -> Result<Option<Stored>, StoreError>;
    fn replace(&self, record: Option<&StoredBytes>) -> Result<Option<Replaced>, StoreError>;
    fn lease(&self) -> Result<bool, StoreError>;
}

impl Asked for RedisStore {
    fn connect(url: &str, deadline: Duration) -> Result<Self, StoreError> {
        Ok(RedisStore::connect(url)?.with_deadline(deadline))
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        Store::load(self, &key())
    }

    fn replace(&self, record: Option<&StoredBytes>) -> Result<Option<Replaced>, StoreError> {
        Store::replace(self, &key(), None, record)
    }

    fn lease(&self) -> Result<bool, StoreError> {
        Store::lease(self, &key(), MINUTE, NOW).map(|lease| lease.is_some())
    }
}

/// The store for tasks, with a runtime.
struct OnTokio(AsyncRedisStore, Runtime);

impl OnTokio {
    fn of(store: AsyncRedisStore) -> Self {
        Self(store, Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
    }
}

impl Asked for OnTokio {
    fn connect(url: &str, deadline: Duration) -> Result<Self, StoreError> {
        Ok(Self::of(AsyncRedisStore::connect(url)?.with_deadline(deadline)))
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.1.block_on(self.0.load(&key()))
    }

    fn replace(&self, record: Option<&StoredBytes>) -> Result<Option<Replaced>, StoreError> {
        self.1.block_on(self.0.replace(&key(), None, record))
    }

    fn lease(&self) -> Result<bool, StoreError> {
        self.1.block_on(self.0.lease(&key(), MINUTE, NOW)).map(|lease| lease.is_some())
    }
}

/// A test of each store from one body: `fn name(store)`, where `store` connects to a URL with a deadline.
macro_rules! for_both {
    ($($(#[$doc:meta])* fn $name:ident<$type:ident>() $body:block)*) => {
        $($(#[$doc])*
        mod $name {
            use super::*;

            fn test<$type: Asked>() $body

            #[test]
            fn for_threads() {
                test::<RedisStore>();
            }

            #[test]
            fn for_tasks() {
                test::<OnTokio>();
            }
        })*
    };
}

type Operation<S> = fn(&S) -> Result<(), StoreError>;

/// Does each operation at a server that answers all of them like this, and returns what they were told.
fn errors<S: Asked>(reply: &Reply, deadline: Duration) -> Vec<String> {
    let operations: [Operation<S>; 4] = [
        |store| store.load().map(drop),
        |store| store.replace(Some(&secret())).map(drop),
        |store| store.replace(None).map(drop),
        |store| store.lease().map(drop),
    ];
    // All at once, since each waits.
    let asked = operations.map(|operation| {
        let reply = reply.clone();
        let fake = FakeRedis::start(move |_, _| reply.clone());
        let store = S::connect(&fake.url(), deadline).unwrap();
        thread::spawn(move || in_time(move || operation(&store)).unwrap_err().to_string())
    });
    asked.map(|asked| asked.join().unwrap()).into()
}

/// An answer with a record: its version and itself.
fn record(bytes: &[u8]) -> Vec<u8> {
    let version = "0123456789abcdef0123456789abcdef";
    let head = format!("${}\r\n{version}\n", version.len() + 1 + bytes.len());
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

for_both! {
    fn s5_what_trickles_is_not_waited_for<S>() {
        for (head, again) in [("", b'+'), ("+", b'O'), (":", b'0'), ("-ERR ", b'x'), ("$", b'1'), ("$1000\r\n", b'x')] {
            for error in errors::<S>(&Reply::Trickle(head.as_bytes().to_vec(), again), SHORT) {
                // What is not asked for is seen at once, and not only when the time is over.
                assert!(error.contains("within 200ms") || error.contains("something else") || error.contains("more than"), "{head}: {error}");
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
            let store = S::connect(&format!("redis://user:word@127.0.0.1:{}/3", fake.port()), Duration::from_millis(500)).unwrap();
            let error = in_time(move || store.load()).unwrap_err().to_string();
            assert!(error.contains("within 500ms"), "{error}");
            assert_eq!(fake.connections(), 1);
            let names: Vec<_> = fake.commands().iter().map(|command| command[0].clone()).collect();
            assert_eq!(names, ["AUTH", "SELECT", "EVAL"][..=commands_before]);
        }
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

    /// There is ten minutes' time, and the announcement is enough.
    fn s5_an_announcement_of_too_much_is_refused_at_once<S>() {
        let announced = [
            "$9223372036854775807\r\n", "$18446744073709551616\r\n", "$-9223372036854775808\r\n", "$-2\r\n",
            "$16800000\r\n", "$x\r\n", "$\r\n", "$ 1\r\n", "*2147483648\r\n", "*1\r\n", "*-1\r\n", "%2147483648\r\n",
            "~9\r\n", ">3\r\n", "|1\r\n", "=9223372036854775807\r\n", "!9223372036854775807\r\n", "(1\r\n", ",1\r\n",
            "#t\r\n", "_\r\n", "HTTP/1.1 200 OK\r\n", "\r\n", "\n", "+\n", ":\r\n", ":x\r\n", ":2\r\n",
            ":99999999999999999999\r\n",
        ];
        for head in announced {
            for error in errors::<S>(&Reply::Hold(head.as_bytes().to_vec()), LONG) {
                assert!(error.contains("something else") || error.contains("more than 16777216"), "{head:?}: {error}");
            }
        }
    }

    /// What an answer with a record may have, an answer without one may not.
    fn s5_a_record_is_no_answer_to_a_change<S>() {
        let errors = errors::<S>(&Reply::Hold(b"$1000000\r\n".to_vec()), SHORT);
        assert!(errors[0].contains("within 200ms"), "{errors:?}");
        assert!(errors[1..].iter().all(|error| error.contains("more than 16777216")), "{errors:?}");
    }

    /// The server sends for as long as somebody reads, and counts. What it counts is what the sockets between hold.
    fn s5_a_flood_is_cut_off<S>() {
        const SOCKETS: usize = 24 * 1024 * 1024;
        let heads = [
            "", "+", "-", ":", "$", "$9223372036854775807\r\n", "$3\r\nabc\r\n", ":1\r\n", "*4294967296\r\n",
            "$16777249\r\n",
        ];
        for head in heads {
            // One of them announces no more than a record may have.
            let most = if head.starts_with("$16") { SOCKETS + LARGEST_RECORD } else { SOCKETS };
            let again = if head.starts_with('*') { b":1\r\n".repeat(16 * 1024) } else { vec![b'1'; 64 * 1024] };
            let flood = Reply::Flood(head.as_bytes().to_vec(), again);
            let fake = FakeRedis::start(move |_, _| flood.clone());
            let store = S::connect(&fake.url(), LONG).unwrap();
            let error = in_time(move || store.load()).unwrap_err().to_string();
            assert!(error.contains("something else") || error.contains("more than"), "{head:?}: {error}");
            assert!(fake.sent() < most, "{head:?}: {}", fake.sent());
        }
    }

    /// As the script of a load says it, and as it is.
    fn s5_a_record_that_is_too_large_is_refused<S>() {
        let fake = FakeRedis::start(|_, command| match command {
            0 => send(":1\r\n"),
            1 => send(record(&vec![b'x'; LARGEST_RECORD])),
            _ => send(record(&vec![b'x'; LARGEST_RECORD + 1])),
        });
        let store = S::connect(&fake.url(), LONG).unwrap();
        let error = store.load().unwrap_err().to_string();
        assert!(error.contains("more than 16777216 bytes"), "{error}");
        assert_eq!(store.load().unwrap().unwrap().bytes.expose().len(), LARGEST_RECORD);
        assert!(store.load().unwrap_err().to_string().contains("more than 16777216 bytes"));
        let commands = fake.commands();
        assert!(commands[0][1].contains("HSTRLEN") && commands[0].contains(&LARGEST_RECORD.to_string()));
    }

    fn s5_a_record_that_is_too_large_is_not_sent<S>() {
        let fake = FakeRedis::start(|_, _| send(":1\r\n"));
        let store = S::connect(&fake.url(), LONG).unwrap();
        let error = store.replace(Some(&StoredBytes::new(vec![b'x'; LARGEST_RECORD + 1]))).unwrap_err();
        assert!(error.to_string().contains("16777217"), "{error}");
        assert_eq!(fake.connections(), 0);
    }

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

    /// It may have happened.
    fn s5_a_change_is_never_repeated<S>() {
        let operations: [Operation<S>; 3] = [
            |store| store.replace(Some(&secret())).map(drop),
            |store| store.replace(None).map(drop),
            |store| store.lease().map(drop),
        ];
        for operation in operations {
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
                assert_eq!((fake.connections(), fake.commands().len()), (1, 1 + usize::from(is_idle)));
            }
        }
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

    fn s5_two_answers_to_one_question_are_none<S>() {
        let fake = FakeRedis::start(|connection, _| match connection {
            0 => send([record(b"one"), record(b"and another")].concat()),
            _ => send(record(b"now")),
        });
        let store = S::connect(&fake.url(), LONG).unwrap();
        assert!(store.load().unwrap_err().to_string().contains("something else"));
        assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"now");
    }

    /// An error of the server is an answer: the connection is good.
    fn s5_no_error_repeats_what_the_server_said<S>() {
        let said = [
            format!("-{SECRET}\r\n"), format!("-{SECRET} and more\r\n"), format!("-ERR {SECRET}\r\n"),
            format!("-WRONGPASS {SECRET}\r\n"), format!("-MOVED {SECRET}\r\n"), format!("+{SECRET}\r\n"),
            format!("${}\r\n{SECRET}\r\n", SECRET.len()), format!(":{SECRET}\r\n"), format!("{SECRET}\r\n"),
            format!("-\r\n{SECRET}"), "-\u{7f}\r\n".to_owned(), format!("$25\r\n{SECRET}\r"),
        ];
        for said in said {
            let all = errors::<S>(&Reply::Hold(said.clone().into_bytes()), SHORT);
            assert!(all.iter().all(|error| !error.contains(SECRET)), "{said}: {all:?}");
            let fake = FakeRedis::start(move |_, _| send(&said));
            let store = S::connect(&format!("redis://user:{SECRET}@127.0.0.1:{}/1", fake.port()), SHORT).unwrap();
            let error = store.load().unwrap_err();
            assert!(!format!("{error} {error:?}").contains(SECRET));
        }
        let errors = errors::<S>(&send("-WRONGPASS invalid password\r\n"), LONG);
        assert!(errors.iter().all(|error| error.contains("WRONGPASS")), "{errors:?}");
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
        assert_eq!(store.replace(Some(&secret())).unwrap(), None);
        assert!(matches!(store.replace(Some(&secret())).unwrap(), Some(Replaced::Written(_))));
        assert_eq!(store.replace(None).unwrap(), Some(Replaced::Deleted));
        assert!(store.lease().unwrap());
        assert_eq!(fake.connections(), 1);
        let commands = fake.commands();
        assert_eq!((&commands[0][..], &commands[1][..]), (&["AUTH", "user", "word"].map(String::from)[..], &["SELECT", "3"].map(String::from)[..]));
    }
}

/// A socket of this machine is waited for no longer.
#[cfg(unix)]
#[test]
fn s5_a_socket_of_this_machine_has_the_deadline_too() {
    let folder = super::Folder::new();
    let _listener = std::os::unix::net::UnixListener::bind(folder.at("s")).unwrap();
    let url = format!("unix://{}", folder.at("s").display());
    let threads = RedisStore::connect(&url).unwrap().with_deadline(SHORT);
    let tasks = OnTokio::connect(&url, SHORT).unwrap();
    for error in [in_time(move || Asked::load(&threads)), in_time(move || tasks.load())] {
        assert!(error.unwrap_err().to_string().contains("within 200ms"));
    }
}

/// A connection of the caller's that never answers.
#[derive(Clone)]
struct Silent;

impl redis::aio::ConnectionLike for Silent {
    fn req_packed_command<'a>(&'a mut self, _: &'a redis::Cmd) -> redis::RedisFuture<'a, redis::Value> {
        Box::pin(std::future::pending())
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
    let store = OnTokio::of(AsyncRedisStore::over(Silent).with_deadline(SHORT));
    let error = in_time(move || store.load()).unwrap_err().to_string();
    assert!(error.contains("within 200ms"), "{error}");
}

/// What is late is late also where the clock is the runtime's: at the default deadline, in no time.
#[tokio::test(start_paused = true)]
async fn s5_the_deadline_is_five_seconds_by_default() {
    let store = AsyncRedisStore::over(Silent);
    let begun = tokio::time::Instant::now();
    store.load(&key()).await.unwrap_err();
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
    assert!(format!("{:?}", RedisStore::connect("redis://127.0.0.1:1").unwrap()).contains("deadline: 5s"));
}
