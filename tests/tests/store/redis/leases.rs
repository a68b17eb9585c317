//! A lease of which nobody was told is given back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use valetkey_stores::RedisStore;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::in_time;
use super::{Asked, ENOUGH, LONG, OnTokio, all_at};

/// A server that keeps a lease as the scripts do, answers the first that is asked for it by this, and has this many replicas.
fn keeping(first: Reply, replicas: &'static str) -> (FakeRedis, Arc<Mutex<Option<String>>>) {
    let held = Arc::new(Mutex::new(None));
    let (kept, first) = (Arc::clone(&held), Mutex::new(Some(first)));
    let own = Arc::new(Mutex::new(0));
    let told = Arc::clone(&own);
    let fake = FakeRedis::speaking(move |command| match command[0].as_str() {
        "CLUSTER" => all_at(*told.lock().unwrap()),
        "WAIT" => send(replicas),
        _ if command[1].contains("DEL") => {
            assert!(command[2] == "1" && command[3].ends_with("}:lease"));
            let mut kept = kept.lock().unwrap();
            if kept.as_ref() == Some(&command[4]) {
                *kept = None;
            }
            send(":1\r\n")
        }
        _ => {
            let mut kept = kept.lock().unwrap();
            let name = &command[5];
            let is_free = kept.as_ref().is_none_or(|kept| kept == name);
            if is_free {
                *kept = Some(name.clone());
            }
            first.lock().unwrap().take().unwrap_or_else(|| send(if is_free { ":1\r\n" } else { ":0\r\n" }))
        }
    });
    *own.lock().unwrap() = fake.port();
    (fake, held)
}

for_both! {
    /// Nobody else knows its name: the session would be without a renewal until the lease's time is over.
    fn a_lease_that_replicas_do_not_have_is_given_back<S>() {
        let (fake, held) = keeping(send(":1\r\n"), ":0\r\n");
        let store = S::connect(&fake.url(), ENOUGH).unwrap().with_replicas(1);
        let error = store.lease().unwrap_err().to_string();
        assert!(error.contains("0 of the 1"), "{error}");
        assert_eq!(*held.lock().unwrap(), None);

        let (fake, held) = keeping(send(":1\r\n"), ":0\r\n");
        let store = S::cluster(&[fake.url()], ENOUGH).unwrap().with_replicas(1);
        store.lease().unwrap_err();
        assert_eq!(*held.lock().unwrap(), None);
    }

    /// Closed, or silent: what came of it is not known, and it may have been taken.
    fn s5_a_lease_whose_answer_was_lost_is_given_back<S>() {
        for first in [Reply::Close, Reply::Hold(Vec::new())] {
            let (fake, held) = keeping(first, ":1\r\n");
            let store = S::connect(&fake.url(), ENOUGH).unwrap();
            let store = in_time(move || {
                store.lease().unwrap_err();
                store
            });
            assert_eq!(*held.lock().unwrap(), None);
            assert!(store.lease().unwrap());
        }
    }

    /// It was taken, whatever is said of its replicas; and it may have been, where the answer could not be read.
    fn s5_a_lease_is_given_back_whatever_the_answer_was<S>() {
        for said in ["-ERR unknown command\r\n", "-NOPERM no\r\n", "-LOADING soon\r\n", "+OK\r\n", "HTTP/1.1 400\r\n"] {
            let (fake, held) = keeping(send(":1\r\n"), said);
            S::connect(&fake.url(), LONG).unwrap().with_replicas(1).lease().unwrap_err();
            assert_eq!(*held.lock().unwrap(), None, "{said}");
        }
        for said in ["HTTP/1.1 400\r\n", "$1025\r\n", ":1\r\n:1\r\n"] {
            let (fake, held) = keeping(send(said), ":1\r\n");
            S::connect(&fake.url(), LONG).unwrap().lease().unwrap_err();
            assert_eq!(*held.lock().unwrap(), None, "{said}");
        }
    }

    /// Nor is it asked for where nothing was sent: the login was refused, or has come to nothing.
    fn a_lease_that_was_not_asked_for_is_not_given_back<S>() {
        for reply in [send("-LOADING soon\r\n"), send("+PONG\r\n"), Reply::Close] {
            let fake = FakeRedis::speaking(move |_| reply.clone());
            let url = fake.url().replace("redis://", "redis://user:word@");
            S::connect(&url, LONG).unwrap().lease().unwrap_err();
            assert_eq!(fake.commands().len(), 1, "the login alone");
        }
    }

    /// An eighth of the time at most, however little of it the lease has used.
    fn s5_a_lease_is_not_given_back_for_ever<S>() {
        let fake = FakeRedis::speaking(|command| match command[1].contains("DEL") {
            true => Reply::Trickle(b":".to_vec(), b'0'),
            false => Reply::Close,
        });
        let store = S::connect(&fake.url(), Duration::from_secs(8)).unwrap();
        in_time(move || store.lease()).unwrap_err();
        // A byte every twenty milliseconds at most: fifty in a second, and four hundred in all of the time.
        assert!((1..=80).contains(&fake.sent()), "{}", fake.sent());
    }

    /// The error is that of the lease, whatever comes of giving it back.
    fn what_comes_of_giving_it_back_is_told_to_nobody<S>() {
        let fake = FakeRedis::speaking(|command| match command[0].as_str() {
            "WAIT" => send(":0\r\n"),
            _ if command[1].contains("DEL") => send("-NOPERM no\r\n"),
            _ => send(":1\r\n"),
        });
        let error = S::connect(&fake.url(), ENOUGH).unwrap().with_replicas(1).lease().unwrap_err().to_string();
        assert!(error.contains("0 of the 1"), "{error}");
        // And one that was certainly not taken is not given back.
        let fake = FakeRedis::speaking(|_| send("-NOPERM no\r\n"));
        S::connect(&fake.url(), LONG).unwrap().lease().unwrap_err();
        assert_eq!(fake.commands().len(), 1);
    }
}
