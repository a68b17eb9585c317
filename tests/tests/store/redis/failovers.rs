//! What is asked again while one server takes another's place, and what is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use valetkey_core::store::{Entry, Lease, Replaced, StoreVersion};
use valetkey_stores::RedisStore;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::{in_time, secret};
use super::{Asked, ENOUGH, LONG, OnTokio, Operation, all_at, count, record, scripts};

/// A cluster of one server, which answers the scripts by their number.
fn alone(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> FakeRedis {
    let (own, asked) = (Arc::new(AtomicU16::new(0)), AtomicUsize::new(0));
    let told = Arc::clone(&own);
    let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
        "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
        _ => reply(asked.fetch_add(1, Ordering::SeqCst)),
    });
    own.store(fake.port(), Ordering::SeqCst);
    fake
}

/// Over a version, which is where a renewal writes.
fn over(store: &impl Asked) -> Result<Replaced, String> {
    let version = StoreVersion::new("0123456789abcdef0123456789abcdef");
    let entry = Entry::new(secret());
    store.replace_entry(Some(&version), Some(&entry)).map_err(|error| error.to_string())
}

for_both! {
    /// Nothing was done, as the server says: so what changes something is sent again too.
    fn what_a_cluster_cannot_do_just_now_is_asked_again<S>() {
        let codes = ["CLUSTERDOWN", "LOADING", "MASTERDOWN", "NOREPLICAS", "READONLY", "TRYAGAIN"];
        let fake = alone(move |asked| match codes.get(asked) {
            Some(code) => send(format!("-{code} wait\r\n")),
            None => send(":1\r\n"),
        });
        let store = S::cluster(&[fake.url()], LONG).unwrap();
        assert!(matches!(store.replace(Some(&secret())).unwrap(), Replaced::Written(_)));
        let scripts = scripts(&fake);
        assert_eq!(scripts.len(), codes.len() + 1);
        assert!(scripts.iter().all(|script| *script == scripts[0]), "one and the same");
        assert_eq!(fake.connections(), 1 + count(&fake, "CLUSTER"));
    }

    fn what_a_cluster_refuses_is_not_asked_again<S>() {
        for code in ["NOPERM", "OOM", "ERR", "WRONGTYPE", "MISCONF"] {
            let fake = alone(move |_| send(format!("-{code} no\r\n")));
            let error = S::cluster(&[fake.url()], LONG).unwrap().load().unwrap_err().to_string();
            assert!(error.contains(code) && count(&fake, "EVAL") == 1, "{error}");
        }
    }

    /// It is told what was met, not only that it took too long.
    fn what_stays_so_is_told_when_the_time_is_over<S>() {
        let fake = alone(|_| send("-CLUSTERDOWN the cluster is down\r\n"));
        let store = S::cluster(&[fake.url()], ENOUGH).unwrap();
        let error = in_time(move || store.replace(Some(&secret()))).unwrap_err().to_string();
        assert!(error.contains("CLUSTERDOWN") && count(&fake, "EVAL") > 1, "{error}");
        // After ten milliseconds, twenty, and so on up to two hundred: so many fit the time, if nothing else took any.
        assert!(count(&fake, "EVAL") <= 15, "{}", count(&fake, "EVAL"));
    }

    /// Its record is new, or goes: somebody may have taken it out, or put another there, before it came a second time.
    fn a_change_that_would_not_know_itself_is_sent_once<S>() {
        let changes: [Operation<S>; 2] = [
            |store| store.replace(Some(&secret())).map(drop),
            |store| {
                let version = StoreVersion::new("0123456789abcdef0123456789abcdef");
                store.replace_entry(Some(&version), None).map(drop)
            },
        ];
        for change in changes {
            let fake = alone(|_| Reply::Close);
            let store = S::cluster(&[fake.url()], LONG).unwrap();
            let error = change(&store).unwrap_err().to_string();
            assert!(error.contains("connection to Redis failed"), "{error}");
            assert_eq!(count(&fake, "EVAL"), 1);
        }
    }

    /// As often on a connection that had been idle, on which what changes nothing is sent again at once.
    fn s5_a_change_that_would_not_know_itself_is_sent_once_on_an_idle_connection<S>() {
        let fake = alone(|asked| if asked == 1 { Reply::Close } else { send(record(b"there")) });
        let store = S::cluster(&[fake.url()], LONG).unwrap();
        store.load().unwrap().unwrap();
        let error = store.replace(Some(&secret())).unwrap_err().to_string();
        assert!(error.contains("connection to Redis failed"), "{error}");
        assert_eq!(count(&fake, "EVAL"), 2);
    }

    /// It deletes what has its name, and nobody else gives that.
    fn a_lease_is_given_back_again_if_the_answer_was_lost<S>() {
        let fake = alone(|asked| if asked < 1 { Reply::Close } else { send(":1\r\n") });
        S::cluster(&[fake.url()], LONG).unwrap().release(&Lease::new("its name")).unwrap();
        let scripts = scripts(&fake);
        assert!(scripts.len() == 2 && scripts[0] == scripts[1]);
    }

    /// The server that was asked first may have it.
    fn s5_a_lease_that_may_have_been_taken_is_given_back_whatever_came_of_asking_again<S>() {
        let fake = alone(|asked| match asked {
            0 => Reply::Close,
            1 => send("-NOPERM no\r\n"),
            _ => send(":1\r\n"),
        });
        let error = S::cluster(&[fake.url()], LONG).unwrap().lease().unwrap_err().to_string();
        assert!(error.contains("NOPERM"), "{error}");
        let scripts = scripts(&fake);
        let [first, again, given_back] = &scripts[..] else { panic!("{scripts:?}") };
        assert!(first == again && given_back[1].contains("DEL") && given_back[4] == first[5], "{scripts:?}");
    }

    /// Where the login was refused, nothing was sent that somebody could have carried out.
    fn a_conflict_after_a_login_that_was_refused_is_one<S>() {
        let (own, logins) = (Arc::new(AtomicU16::new(0)), AtomicUsize::new(0));
        let told = Arc::clone(&own);
        let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" => all_at(told.load(Ordering::SeqCst)),
            // The first is that of who asks who has what.
            "AUTH" if logins.fetch_add(1, Ordering::SeqCst) == 1 => send("-LOADING soon\r\n"),
            "AUTH" => send("+OK\r\n"),
            _ => send(":0\r\n"),
        });
        own.store(fake.port(), Ordering::SeqCst);
        let url = fake.url().replace("redis://", "redis://user:word@");
        assert_eq!(over(&S::cluster(&[url], LONG).unwrap()).unwrap(), Replaced::Conflict);
        assert_eq!(count(&fake, "EVAL"), 1);
    }

    /// Before the next question is asked, though the change itself is over. Who answers, however strangely, still has what it has.
    fn after_a_failure_the_next_learns_who_has_what<S>() {
        for (reply, learned) in [(Reply::Close, 2), (send("HTTP/1.1 400\r\n"), 1)] {
            let fake = alone(move |asked| if asked == 0 { reply.clone() } else { send(record(b"there")) });
            let store = S::cluster(&[fake.url()], LONG).unwrap();
            store.replace(Some(&secret())).unwrap_err();
            store.load().unwrap().unwrap();
            assert_eq!(count(&fake, "CLUSTER"), learned);
        }
    }

    /// A record in the place of another has a name that nobody else gives: sent again, it is done once.
    fn s5_a_change_that_knows_itself_is_sent_again<S>() {
        let fake = alone(|asked| if asked < 2 { Reply::Close } else { send(":1\r\n") });
        let store = S::cluster(&[fake.url()], LONG).unwrap();
        let Ok(Replaced::Written(version)) = over(&store) else { panic!("it is written") };
        let scripts = scripts(&fake);
        assert!(scripts.len() == 3 && scripts.iter().all(|script| *script == scripts[0]));
        assert!(scripts[0].contains(&version.as_str().to_owned()));

        let fake = alone(|asked| if asked < 1 { Reply::Close } else { send(":1\r\n") });
        assert!(S::cluster(&[fake.url()], LONG).unwrap().lease().unwrap());
        let scripts = super::scripts(&fake);
        assert!(scripts.len() == 2 && scripts[0] == scripts[1]);
    }

    /// The first may have been done, and somebody have written since: that is no conflict, in which nothing was written.
    fn a_change_that_is_not_known_again_is_not_taken_for_a_conflict<S>() {
        let fake = alone(|asked| if asked < 1 { Reply::Close } else { send(":0\r\n") });
        let error = over(&S::cluster(&[fake.url()], LONG).unwrap()).unwrap_err();
        assert!(error.contains("connection to Redis failed"), "{error}");
        // A conflict is one where nothing was lost before.
        let fake = alone(|asked| send(if asked < 1 { "-LOADING wait\r\n" } else { ":0\r\n" }));
        assert_eq!(over(&S::cluster(&[fake.url()], LONG).unwrap()).unwrap(), Replaced::Conflict);
    }

    /// One that is silent has half of the time at most, if what it was asked may be asked again; then the others say who has taken over.
    fn s5_a_silent_server_does_not_use_up_all_of_the_time<S>() {
        let heir = FakeRedis::speaking(|_| send(record(b"there")));
        let (silent, port) = (FakeRedis::start(|_, _| Reply::Hold(Vec::new())), heir.port());
        let (asked, before) = (AtomicUsize::new(0), silent.port());
        let other = FakeRedis::speaking(move |_| {
            all_at(if asked.fetch_add(1, Ordering::SeqCst) == 0 { before } else { port })
        });
        let store = S::cluster(&[other.url()], Duration::from_secs(4)).unwrap();
        let loaded = in_time(move || store.load().unwrap().unwrap());
        assert_eq!(loaded.bytes.expose(), b"there");
        assert_eq!(count(&silent, "EVAL"), 1);
    }

    /// Who has a table that may be wrong asks one server for a better one, and not for long, and then goes on by it: those who would know may
    /// be the ones that are dead.
    fn s5_nobody_waits_for_a_better_table_who_has_one<S>() {
        let heir = FakeRedis::speaking(|command| match command[0].as_str() {
            "CLUSTER" => Reply::Hold(Vec::new()),
            _ => send(record(b"there")),
        });
        let (port, own, asked) = (heir.port(), Arc::new(AtomicU16::new(0)), AtomicUsize::new(0));
        let told = Arc::clone(&own);
        let old = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" if asked.fetch_add(1, Ordering::SeqCst) == 0 => all_at(told.load(Ordering::SeqCst)),
            "CLUSTER" => Reply::Hold(Vec::new()),
            _ => send(format!("-MOVED 1 127.0.0.1:{port}\r\n")),
        });
        own.store(old.port(), Ordering::SeqCst);
        let store = S::cluster(&[old.url()], LONG).unwrap();
        let loaded = in_time(move || [(); 3].map(|()| store.load().unwrap().unwrap()));
        assert!(loaded.iter().all(|stored| stored.bytes.expose() == b"there"));
        assert_eq!((count(&old, "EVAL"), count(&heir, "EVAL")), (1, 3));
    }

    /// Who waits for its server asks nobody who has what; one does so for all.
    fn one_asks_for_all_who_has_what<S>() {
        let own = Arc::new(AtomicU16::new(0));
        let told = Arc::clone(&own);
        let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
            "CLUSTER" => {
                std::thread::sleep(Duration::from_millis(100));
                all_at(told.load(Ordering::SeqCst))
            }
            _ => send(record(b"there")),
        });
        own.store(fake.port(), Ordering::SeqCst);
        let store = Arc::new(S::cluster(&[fake.url()], LONG).unwrap());
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| store.load().unwrap().unwrap());
            }
        });
        assert_eq!((count(&fake, "CLUSTER"), count(&fake, "EVAL")), (1, 16));
    }
}
