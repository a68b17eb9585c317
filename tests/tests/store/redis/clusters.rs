//! A cluster: who is asked for what, and where its servers may lead.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use valetkey_core::store::{Entry, Index};
use valetkey_stores::RedisStore;
use valetkey_tests::SECRET;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::{in_time, secret};
use super::{Asked, ENOUGH, LONG, OnTokio, SHORT, all_at, count, record, slot_of, slots};

/// A port where nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("redis://127.0.0.1:{}", listener.local_addr().unwrap().port())
}

/// A server that has everything of its cluster, which is the second, and what the first says of it.
fn pair(said: impl Fn(u16) -> Reply + Send + Sync + 'static) -> (FakeRedis, FakeRedis) {
    let master = FakeRedis::speaking(|command| match command[0].as_str() {
        "EVAL" => send(record(b"there")),
        "CLUSTER" => send("-ERR not asked\r\n"),
        _ => send("+OK\r\n"),
    });
    let port = master.port();
    let other = FakeRedis::speaking(move |command| match command[0].as_str() {
        "CLUSTER" => said(port),
        "EVAL" => send(format!("-MOVED 1 127.0.0.1:{port}\r\n")),
        _ => send("+OK\r\n"),
    });
    (other, master)
}

for_both! {
    /// Of those that are named one answers, and says who has the key. The password is theirs alike.
    fn a_cluster_is_asked_who_has_a_key<S>() {
        let (other, master) = pair(all_at);
        let urls = [nobody(), other.url()].map(|url| url.replace("redis://", "redis://user:word@"));
        let store = S::cluster(&urls, LONG).unwrap();
        for _ in 0..3 {
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        }
        assert_eq!(other.commands(), [vec!["AUTH", "user", "word"], vec!["CLUSTER", "SLOTS"]]);
        assert_eq!((count(&master, "AUTH"), count(&master, "EVAL"), master.connections()), (1, 3, 1));
    }

    /// Each slot at its own: the key's is the same for whoever reckons it.
    fn a_key_is_asked_for_where_its_slot_is<S>() {
        let other = FakeRedis::speaking(|_| send(record(b"other")));
        let port = other.port();
        let own = Arc::new(AtomicU16::new(0));
        let (said, from) = (Arc::clone(&own), Arc::new(AtomicUsize::new(0)));
        let first = Arc::clone(&from);
        let one = FakeRedis::speaking(move |command| match command[0].as_str() {
            "EVAL" => send(record(b"one")),
            _ => {
                let from = u16::try_from(first.load(Ordering::SeqCst)).unwrap();
                let own = said.load(Ordering::SeqCst);
                if from == 0 { return all_at(own) }
                slots(&[(0, from - 1, "127.0.0.1", own), (from, 16_383, "127.0.0.1", port)])
            }
        });
        own.store(one.port(), Ordering::SeqCst);
        // CRC-16 of `key()`, halved until one slot is left.
        let (mut low, mut high) = (0, 16_384);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            from.store(middle, Ordering::SeqCst);
            let store = S::cluster(&[one.url()], LONG).unwrap();
            let is_below = store.load().unwrap().unwrap().bytes.expose() == b"one";
            if is_below { high = middle } else { low = middle }
        }
        assert_eq!(low, usize::from(slot_of(super::super::key().as_str())));
    }

    /// An index has a slot of its own, where it is written and where it is found.
    fn an_index_is_asked_for_where_its_slot_is<S>() {
        let index = Index::of_name("a server");
        let slot = slot_of(&format!("index-{}", index.as_str()));
        let names = FakeRedis::speaking(|command| {
            send(if command[1].contains("ZADD") { ":1\r\n" } else { "$0\r\n\r\n" })
        });
        let (port, own) = (names.port(), Arc::new(AtomicU16::new(0)));
        let told = Arc::clone(&own);
        let records = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" => {
                let (host, own) = ("127.0.0.1", told.load(Ordering::SeqCst));
                slots(&[(0, slot - 1, host, own), (slot, slot, host, port), (slot + 1, 16_383, host, own)])
            }
            _ => send(":1\r\n"),
        });
        own.store(records.port(), Ordering::SeqCst);
        let store = S::cluster(&[records.url()], LONG).unwrap();
        assert!(store.find(&index, None).unwrap().keys.is_empty());
        let entry = Entry::new(secret()).indexed([index]);
        assert!(store.replace_entry(None, Some(&entry)).unwrap().is_done());
        assert_eq!((count(&names, "EVAL"), count(&records, "EVAL")), (3, 1));
    }

    fn a_slot_that_has_moved_is_followed_and_learned<S>() {
        let own = Arc::new(AtomicU16::new(0));
        let (told, is_moved) = (Arc::clone(&own), Arc::new(AtomicUsize::new(0)));
        let (other, master) = pair(move |port| {
            let asked = is_moved.fetch_add(1, Ordering::SeqCst);
            all_at(if asked == 0 { told.load(Ordering::SeqCst) } else { port })
        });
        own.store(other.port(), Ordering::SeqCst);
        let store = S::cluster(&[other.url()], LONG).unwrap();
        for _ in 0..3 {
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        }
        assert_eq!((count(&other, "EVAL"), count(&master, "EVAL")), (1, 3));
        assert_eq!(count(&other, "CLUSTER") + count(&master, "CLUSTER"), 2, "before the second load");
    }

    /// One that is on its way is asked for with `ASKING`, on that connection, and the next time where it was before.
    fn a_slot_on_its_way_is_asked_for_there_once<S>() {
        let master = FakeRedis::speaking(|command| match command[0].as_str() {
            "ASKING" => send("+OK\r\n"),
            _ => send(record(b"there")),
        });
        let (port, own) = (master.port(), Arc::new(AtomicU16::new(0)));
        let told = Arc::clone(&own);
        let other = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
            _ => send(format!("-ASK 1 127.0.0.1:{port}\r\n")),
        });
        own.store(other.port(), Ordering::SeqCst);
        let store = S::cluster(&[other.url()], LONG).unwrap();
        for _ in 0..2 {
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        }
        let names: Vec<_> = master.commands().iter().map(|command| command[0].clone()).collect();
        assert_eq!(names, ["ASKING", "EVAL", "ASKING", "EVAL"]);
        assert_eq!((count(&other, "EVAL"), count(&other, "CLUSTER")), (2, 1));
    }

    /// There is time for ten minutes; it is the number that ends it.
    fn s5_servers_that_send_each_other_on_are_not_followed_for_ever<S>() {
        for code in ["MOVED", "ASK"] {
            let own = Arc::new(AtomicU16::new(0));
            let told = Arc::clone(&own);
            let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
                "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
                "ASKING" => send("+OK\r\n"),
                _ => send(format!("-{code} 1 127.0.0.1:{}\r\n", told.load(Ordering::SeqCst))),
            });
            own.store(fake.port(), Ordering::SeqCst);
            let store = S::cluster(&[fake.url()], LONG).unwrap();
            let error = in_time(move || store.load()).unwrap_err().to_string();
            assert!(error.contains(code), "{error}");
            // Each row is who was asked first, and five more.
            assert_eq!(count(&fake, "EVAL"), 20 * 6, "{code}");
        }
    }

    /// Neither by its table nor by a redirect: nothing is sent there, and the error says what to do. It names no host, which may be any text.
    fn a_cluster_leads_only_to_hosts_that_are_named_or_allowed<S>() {
        let (other, master) = pair(|port| slots(&[(0, 16_383, "localhost", port)]));
        let url = other.url().replace("redis://", &format!("redis://:{SECRET}@"));
        let urls = [url];
        let error = S::cluster(&urls, LONG).unwrap().load().unwrap_err().to_string();
        assert!(error.contains("with_node_hosts") && !error.contains("localhost"), "{error}");
        let error = S::cluster(&urls, LONG).unwrap().allowing("elsewhere").load().unwrap_err().to_string();
        assert!(error.contains("with_node_hosts"), "{error}");
        assert_eq!(master.connections(), 0);
        let allowed = S::cluster(&urls, LONG).unwrap().allowing("localhost");
        assert_eq!(allowed.load().unwrap().unwrap().bytes.expose(), b"there");
        assert_eq!(master.commands()[0], ["AUTH", SECRET]);

        for code in ["MOVED", "ASK"] {
            let (master, own) = (FakeRedis::speaking(|_| send(record(b"there"))), Arc::new(AtomicU16::new(0)));
            let (port, told) = (master.port(), Arc::clone(&own));
            let other = FakeRedis::speaking(move |command| match command[0].as_str() {
                "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
                "EVAL" => send(format!("-{code} 1 localhost:{port}\r\n")),
                _ => send("+OK\r\n"),
            });
            own.store(other.port(), Ordering::SeqCst);
            let error = S::cluster(&[other.url()], LONG).unwrap().load().unwrap_err().to_string();
            assert!(error.contains("with_node_hosts") && master.connections() == 0, "{error}");
        }
    }

    /// One that is at home where the one is that was asked says so by no host, or by none that is known.
    fn a_server_without_a_host_is_where_the_one_is_that_was_asked<S>() {
        for host in ["$-1\r\n", "$0\r\n\r\n"] {
            let (other, _master) = pair(move |port| {
                send(format!("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n{host}:{port}\r\n+id\r\n"))
            });
            let store = S::cluster(&[other.url()], LONG).unwrap();
            assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
        }
    }

    /// While a slot is on its way, a question is refused whose keys are not all there: so each names those that it uses.
    fn a_question_names_no_key_but_those_it_uses<S>() {
        let fake = FakeRedis::speaking(|command| match command[1].contains("HSTRLEN") {
            true => send(record(b"there")),
            false => send(":1\r\n"),
        });
        let store = S::connect(&fake.url(), LONG).unwrap();
        store.load().unwrap().unwrap();
        let entry = Entry::new(secret()).indexed([Index::of_name("a server")]);
        assert!(store.replace_entry(None, Some(&entry)).unwrap().is_done());
        assert!(store.lease().unwrap());
        let keys: Vec<Vec<String>> = fake
            .commands()
            .into_iter()
            .map(|command| command[3..3 + command[2].parse::<usize>().unwrap()].to_vec())
            .collect();
        let [load, index, replace, lease] = &keys[..] else { panic!("{keys:?}") };
        let ([record], [names, until]) = (&load[..], &index[..]) else { panic!("{keys:?}") };
        assert!(names.ends_with("}:names") && until.ends_with("}:until"));
        assert_eq!(replace, load);
        assert_eq!(*lease, [record.clone(), format!("{record}:lease")]);
    }

    fn a_server_of_no_cluster_is_told_so<S>() {
        let fake = FakeRedis::speaking(|_| send("-ERR This instance has cluster support disabled\r\n"));
        let error = S::cluster(&[fake.url()], LONG).unwrap().load().unwrap_err().to_string();
        assert!(error.contains("not one of a cluster") && error.contains("connect"), "{error}");
        assert_eq!(count(&fake, "CLUSTER"), 1, "nothing is hoped for from asking once more");
        let fake = FakeRedis::speaking(|_| send(format!("-NOPERM {SECRET}\r\n")));
        let error = S::cluster(&[fake.url()], LONG).unwrap().load().unwrap_err().to_string();
        assert!(error.contains("NOPERM") && !error.contains(SECRET), "{error}");
    }

    fn a_cluster_is_named_by_urls_that_are_alike<S>() {
        let refused = |urls: &[&str], says: &str| {
            let urls: Vec<_> = urls.iter().map(|url| (*url).to_owned()).collect();
            let error = S::cluster(&urls, SHORT).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("hush"), "{error}");
        };
        refused(&[], "no server of the cluster is named");
        refused(&["redis://a", "redis://:hush@b"], "differ");
        refused(&["redis://:word@a", "redis://:hush@b"], "differ");
        refused(&["redis://one:hush@a", "redis://other:hush@b"], "differ");
        refused(&["redis://a:1", "redis://a:2", "redis://b/3"], "differ");
        refused(&["redis://a:1/3"], "database");
        refused(&["http://a"], "redis://HOST:PORT");
        refused(&["unix:///a"], "scheme");
        let store = S::cluster(&[format!("redis://user:{SECRET}@127.0.0.1:1")], ENOUGH).unwrap();
        assert!(!store.shown().contains(SECRET) && !store.shown().contains("127"));
        let error = in_time(move || store.replace(Some(&secret()))).unwrap_err();
        assert!(error.to_string().contains("refused") && !format!("{error:?}").contains(SECRET), "{error}");
    }
}
