//! Sentinels, and the master that they name.

use std::sync::atomic::{AtomicUsize, Ordering};

use valetkey_stores::RedisStore;
use valetkey_tests::SECRET;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::in_time;
use super::{Asked, LONG, OnTokio, SHORT, count, record, scripts};

const MASTER: &str =
    "*3\r\n$6\r\nmaster\r\n:3129659\r\n*1\r\n*3\r\n$9\r\n127.0.0.1\r\n$4\r\n9001\r\n$7\r\n3129242\r\n";
const REPLICA: &str = "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:9000\r\n$9\r\nconnected\r\n:3167038\r\n";

/// A Redis that has the record, and says of its role what it says by the number of the question.
fn redis(role: impl Fn(usize) -> &'static str + Send + Sync + 'static) -> FakeRedis {
    let asked = AtomicUsize::new(0);
    FakeRedis::speaking(move |command| match command[0].as_str() {
        "EVAL" => send(record(b"there")),
        "ROLE" => send(role(asked.fetch_add(1, Ordering::SeqCst))),
        _ => send("+OK\r\n"),
    })
}

fn sentinel(host: &'static str, port: u16) -> FakeRedis {
    FakeRedis::speaking(move |command| match command[0].as_str() {
        "SENTINEL" => named(host, port),
        _ => send("+OK\r\n"),
    })
}

fn named(host: &str, port: u16) -> Reply {
    let port = port.to_string();
    send(format!("*2\r\n${}\r\n{host}\r\n${}\r\n{port}\r\n", host.len(), port.len()))
}

for_both! {
    /// The sentinels have a password of their own, and the master its own, and its database.
    fn sentinels_name_the_master<S>() {
        let master = redis(|_| MASTER);
        let gone = FakeRedis::start(|_, _| Reply::Close);
        let sentinel = sentinel("127.0.0.1", master.port());
        let urls = [gone.url(), sentinel.url().replace("redis://", "redis://:theirs@")];
        let store = S::sentinels("redis://user:word@my_master-1/3", &urls, LONG).unwrap();
        for _ in 0..2 {
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        }
        assert_eq!(
            sentinel.commands(),
            [vec!["AUTH", "theirs"], vec!["SENTINEL", "get-master-addr-by-name", "my_master-1"]]
        );
        let commands = master.commands();
        assert_eq!(commands[..3], [vec!["AUTH", "user", "word"], vec!["SELECT", "3"], vec!["ROLE"]]);
        assert_eq!((count(&master, "EVAL"), master.connections()), (2, 1));
    }

    /// It was one just now, or the sentinel has not heard.
    fn a_replica_is_not_taken_for_the_master<S>() {
        let master = redis(|asked| if asked < 2 { REPLICA } else { MASTER });
        let sentinel = sentinel("127.0.0.1", master.port());
        let store = S::sentinels("redis://mymaster", &[sentinel.url()], LONG).unwrap();
        assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        assert_eq!((count(&sentinel, "SENTINEL"), count(&master, "EVAL")), (3, 1));
        let replica = redis(|_| REPLICA);
        let sentinel = self::sentinel("127.0.0.1", replica.port());
        let store = S::sentinels("redis://mymaster", &[sentinel.url()], SHORT * 5).unwrap();
        let error = in_time(move || store.load()).unwrap_err().to_string();
        assert!(error.contains("not the master") && count(&replica, "EVAL") == 0, "{error}");
    }

    /// A new master is asked for when the old one is gone.
    fn a_master_that_is_gone_is_asked_for_again<S>() {
        let (old, new) = (FakeRedis::speaking(|command| match command[0].as_str() {
            "ROLE" => send(MASTER),
            _ => Reply::Close,
        }), redis(|_| MASTER));
        let (asked, ports) = (AtomicUsize::new(0), [old.port(), new.port()]);
        let sentinel = FakeRedis::speaking(move |_| {
            named("127.0.0.1", ports[asked.fetch_add(1, Ordering::SeqCst).min(1)])
        });
        let store = S::sentinels("redis://mymaster", &[sentinel.url()], LONG).unwrap();
        assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        assert_eq!((count(&old, "EVAL"), count(&new, "EVAL")), (1, 1));
    }

    /// One that has no replicas may have been replaced while it was away: it is a master still, as it says, and nobody's.
    fn a_master_without_replicas_is_asked_for_again<S>() {
        let lonely = FakeRedis::speaking(|command| match command[0].as_str() {
            "ROLE" => send(MASTER),
            "WAIT" => send(":0\r\n"),
            _ => send(":1\r\n"),
        });
        let new = FakeRedis::speaking(|command| match command[0].as_str() {
            "ROLE" => send(MASTER),
            _ => send(":1\r\n"),
        });
        let (asked, ports) = (AtomicUsize::new(0), [lonely.port(), new.port()]);
        let sentinel = FakeRedis::speaking(move |_| {
            named("127.0.0.1", ports[asked.fetch_add(1, Ordering::SeqCst).min(1)])
        });
        let store = S::sentinels("redis://mymaster", &[sentinel.url()], LONG).unwrap().with_replicas(1);
        assert!(store.lease().unwrap());
        assert_eq!((count(&lonely, "EVAL"), count(&new, "EVAL")), (1, 1));
        assert_eq!(scripts(&lonely), scripts(&new), "one and the same");
    }

    fn sentinels_lead_only_to_hosts_that_are_named_or_allowed<S>() {
        let master = redis(|_| MASTER);
        let sentinel = sentinel("localhost", master.port());
        let url = format!("redis://:{SECRET}@mymaster");
        let store = S::sentinels(&url, &[sentinel.url()], LONG).unwrap();
        let error = store.load().unwrap_err();
        assert!(error.to_string().contains("with_node_hosts") && master.connections() == 0, "{error}");
        assert!(!format!("{error:?} {}", store.shown()).contains(SECRET));
        assert_eq!(store.allowing("localhost").load().unwrap().unwrap().bytes.expose(), b"there");
    }

    fn a_name_that_no_sentinel_knows_is_told_so<S>() {
        let sentinel = FakeRedis::speaking(|_| send("*-1\r\n"));
        let store = S::sentinels("redis://mymistake", &[sentinel.url()], LONG).unwrap();
        let error = store.load().unwrap_err().to_string();
        assert!(error.contains("know no master of that name"), "{error}");
        let refused = |master: &str, urls: &[String], says: &str| {
            let error = S::sentinels(master, urls, SHORT).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        };
        refused("redis://mymaster", &[], "no sentinel is named");
        refused("redis://mymaster", &["redis://127.0.0.1:26379/2".to_owned()], "names a database");
        refused("unix:///mymaster", &["redis://127.0.0.1:26379".to_owned()], "scheme");
        refused("redis://mymaster:6380", &["redis://127.0.0.1:26379".to_owned()], "names a port");
        refused("mymaster", &["redis://127.0.0.1:26379".to_owned()], "redis://HOST:PORT");
        let fake = FakeRedis::speaking(|_| send("-ERR unknown command 'SENTINEL'\r\n"));
        let error = S::sentinels("redis://mymaster", &[fake.url()], LONG).unwrap().load().unwrap_err().to_string();
        assert!(error.contains("not a sentinel"), "{error}");
    }
}
