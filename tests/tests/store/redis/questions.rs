//! What a server is asked: with which keys, and for how long what is written there is kept.

use std::time::Duration;

use valetkey_core::store::{Entry, Index, Lease, StoreVersion};
use valetkey_stores::RedisStore;
use valetkey_tests::NOW;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::{MINUTE, in_time, key, secret};
use super::{Asked, LONG, OnTokio, SHORT, count, record};

/// In milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

fn days(days: u64) -> Duration {
    Duration::from_millis(days * DAY)
}

for_both! {
    /// Five hundred days at most; and its name a day longer, or 401 days if the record has no time of its own. No time at all would be
    /// none that Redis takes.
    fn a_record_is_kept_for_its_time_and_its_name_a_day_longer<S>() {
        let fake = FakeRedis::speaking(|_| send(":1\r\n"));
        let store = S::connect(&fake.url(), LONG).unwrap();
        let index = Index::of_name("a server");
        let kept = [
            (None, "".to_owned(), 401 * DAY),
            (Some(Duration::ZERO), "1".to_owned(), DAY + 1),
            (Some(MINUTE), "60000".to_owned(), DAY + 60_000),
            (Some(days(500)), (500 * DAY).to_string(), 501 * DAY),
            (Some(days(501)), (500 * DAY).to_string(), 501 * DAY),
        ];
        for (time, record_for, name_for) in kept {
            let entry = Entry::new(secret()).indexed([index.clone()]);
            let entry = match time {
                Some(time) => entry.kept_for(time, NOW),
                None => entry,
            };
            assert!(store.replace_entry(None, Some(&entry)).unwrap().is_done());
            let commands = fake.commands();
            let [.., indexed, written] = &commands[..] else { panic!("{commands:?}") };
            assert_eq!(written.last(), Some(&record_for), "{time:?}");
            let list = format!("valetkey:{{index-{}}}", index.as_str());
            assert_eq!(indexed[2..5], ["2".to_owned(), format!("{list}:names"), format!("{list}:until")]);
            assert_eq!(indexed[5..], [key().as_str(), &name_for.to_string(), "100", "250000"], "{time:?}");
        }
        assert_eq!((fake.commands().len(), fake.connections()), (10, 1));
    }

    /// A day at most.
    fn a_lease_is_asked_for_with_its_time<S>() {
        let fake = FakeRedis::speaking(|_| send(":1\r\n"));
        let store = S::connect(&fake.url(), LONG).unwrap();
        for (time, asked) in [(Duration::ZERO, 1), (MINUTE, 60_000), (days(1), DAY), (days(2), DAY)] {
            let lease = store.lease_for(time).unwrap().unwrap();
            assert_eq!(fake.commands().last().unwrap()[5..], [lease.as_str().to_owned(), asked.to_string()]);
        }
    }

    /// A lease by its name, a record by its version, and a deletion by no record.
    fn what_is_expected_is_named<S>() {
        let fake = FakeRedis::speaking(|_| send(":1\r\n"));
        let store = S::connect(&fake.url(), LONG).unwrap();
        let record = format!("valetkey:{{{}}}", key().as_str());
        store.release(&Lease::new("its name")).unwrap();
        assert_eq!(fake.commands()[0][2..], ["1".to_owned(), format!("{record}:lease"), "its name".to_owned()]);
        let version = StoreVersion::new("its version");
        assert!(store.replace_entry(Some(&version), None).unwrap().is_done());
        let asked = &fake.commands()[1];
        assert_eq!((&asked[2..5], &asked[6..]), (&["1".to_owned(), record, "its version".to_owned()][..], &[String::new(), String::new()][..]));
    }

    fn keys_begin_as_the_program_says<S>() {
        let fake = FakeRedis::speaking(|command| match command[1].contains("HSTRLEN") {
            true => send(record(b"there")),
            false => send(":1\r\n"),
        });
        let store = S::connect(&fake.url(), LONG).unwrap().prefixed("other:");
        store.load().unwrap().unwrap();
        let entry = Entry::new(secret()).indexed([Index::of_name("a server")]);
        assert!(store.replace_entry(None, Some(&entry)).unwrap().is_done());
        assert!(store.lease().unwrap());
        let commands = fake.commands();
        let keys = commands.iter().flat_map(|command| &command[3..3 + command[2].parse::<usize>().unwrap()]);
        assert!(keys.clone().count() == 6 && keys.clone().all(|key| key.starts_with("other:{")), "{commands:?}");
    }

    /// By the code of what it says, and nothing is asked of it.
    fn a_server_that_refuses_the_login_is_told<S>() {
        let refused = [
            (0, "-WRONGPASS invalid username-password pair\r\n", "error: WRONGPASS"),
            (0, "-ERR AUTH called without any password configured\r\n", "error: ERR"),
            (1, "-ERR DB index is out of range\r\n", "error: ERR"),
            (0, "+PONG\r\n", "something else"),
            (1, ":1\r\n", "something else"),
            (1, "$-1\r\n", "something else"),
        ];
        for (number, said, told) in refused {
            let fake = FakeRedis::start(move |_, command| send(if command == number { said } else { "+OK\r\n" }));
            let store = S::connect(&format!("redis://user:word@127.0.0.1:{}/3", fake.port()), LONG).unwrap();
            let error = store.load().unwrap_err().to_string();
            assert!(error.contains(told) && count(&fake, "EVAL") == 0, "{said}: {error}");
        }
    }

    /// Of those that share a connection, each waits on it for as long as it was told.
    fn s5_a_clone_has_its_own_deadline<S>() {
        let fake = FakeRedis::start(|_, command| match command {
            0 => send(record(b"there")),
            _ => Reply::Hold(Vec::new()),
        });
        let store = S::connect(&fake.url(), LONG).unwrap();
        store.load().unwrap().unwrap();
        let hasty = store.within(SHORT);
        let error = in_time(move || hasty.load()).unwrap_err().to_string();
        assert!(error.contains("within 200ms"), "{error}");
        assert_eq!(fake.connections(), 1);
    }

    /// Its name has an address. It is only looked up too slowly, with whatever time there is left by then.
    fn s5_a_name_that_is_looked_up_too_slowly_is_late<S>() {
        let fake = FakeRedis::speaking(|_| send("$-1\r\n"));
        for step in 1..=100 {
            let url = format!("redis://localhost:{}", fake.port());
            let store = S::connect(&url, Duration::from_micros(10 * step)).unwrap();
            if let Err(error) = store.load() {
                assert!(error.to_string().contains("has not answered within"), "{error}");
            }
        }
        assert_eq!(S::connect(&format!("redis://localhost:{}", fake.port()), LONG).unwrap().load().unwrap(), None);
    }
}
