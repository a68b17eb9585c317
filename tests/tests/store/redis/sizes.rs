//! How large an answer may be, to the byte.

use valetkey_core::store::{StoreError, Stored};
use valetkey_stores::{LARGEST_RECORD, RedisStore};

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::{in_time, secret};
use super::{Asked, LONG, OnTokio, record};

/// What comes of a load at a master that says this of its role.
fn load_of_master<S: Asked>(role: Reply) -> Result<Option<Stored>, StoreError> {
    let master = FakeRedis::speaking(move |command| match command[0].as_str() {
        "ROLE" => role.clone(),
        _ => send(record(b"there")),
    });
    let port = master.port().to_string();
    let said = format!("*2\r\n$9\r\n127.0.0.1\r\n${}\r\n{port}\r\n", port.len());
    let sentinel = FakeRedis::speaking(move |_| send(&said));
    let store = S::sentinels("redis://mymaster", &[sentinel.url()], LONG).unwrap();
    in_time(move || store.load())
}

for_both! {
    /// It comes in as many pieces as it likes.
    fn a_record_that_comes_in_pieces_is_read_whole<S>() {
        for length in [0, 1, 16_000, 16_384, 100_000] {
            let bytes: Vec<u8> = (0..length).map(|place| u8::try_from(place % 251).unwrap()).collect();
            let answer = record(&bytes);
            let fake = FakeRedis::speaking(move |_| send(&answer));
            let stored = S::connect(&fake.url(), LONG).unwrap().load().unwrap().unwrap();
            assert_eq!(stored.bytes.expose(), bytes, "{length}");
        }
    }

    /// A script's error may be told at some length.
    fn s5_a_line_has_4096_bytes_at_most<S>() {
        for (length, told) in [(4096, "answered with an error: ERR"), (4097, "something else")] {
            let line = format!("-ERR {}\r\n", "x".repeat(length - "-ERR \r\n".len()));
            let fake = FakeRedis::speaking(move |_| send(&line));
            let error = S::connect(&fake.url(), LONG).unwrap().load().unwrap_err().to_string();
            assert!(error.contains(told), "{length}: {error}");
        }
    }

    /// What a change is answered with has no more than this, whatever it is; and what is more is refused before it is there.
    fn s5_an_answer_without_a_record_has_1024_bytes_at_most<S>() {
        let whole = format!("$1024\r\n{}\r\n", "x".repeat(1024)).into_bytes();
        for (answer, told) in [(send(whole), "something else"), (Reply::Hold(b"$1025\r\n".to_vec()), "more than 16777216")] {
            let fake = FakeRedis::start(move |_, _| answer.clone());
            let store = S::connect(&fake.url(), LONG).unwrap();
            let error = in_time(move || store.replace(Some(&secret()))).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    /// Its version is before the record; and a server that has measured it says so by a number.
    fn s5_an_answer_with_a_record_has_1024_bytes_more_than_it<S>() {
        for answer in [format!("${}\r\n", LARGEST_RECORD + 1025), ":1\r\n".to_owned()] {
            let fake = FakeRedis::start(move |_, _| Reply::Hold(answer.clone().into_bytes()));
            let store = S::connect(&fake.url(), LONG).unwrap();
            let error = in_time(move || store.load()).unwrap_err().to_string();
            assert!(error.contains("more than 16777216"), "{error}");
        }
    }

    /// Lists in lists in lists, and one more.
    fn s5_a_list_is_four_deep_at_most<S>() {
        for (depth, is_read) in [(4, true), (5, false)] {
            let role = format!("*2\r\n+master\r\n{}:1\r\n", "*1\r\n".repeat(depth - 1));
            let loaded = load_of_master::<S>(send(role));
            assert_eq!(loaded.is_ok(), is_read, "{depth}: {loaded:?}");
        }
    }

    /// As elsewhere; and one that is longer is not waited for.
    fn s5_a_line_of_a_list_has_4096_bytes_at_most<S>() {
        let line = |length: usize| format!("*2\r\n+master\r\n+{}", "x".repeat(length - 1));
        let fits = load_of_master::<S>(send(format!("{}\r\n", line(4094))));
        assert!(fits.is_ok(), "{fits:?}");
        for reply in [send(format!("{}\r\n", line(4095))), Reply::Hold(line(4096).into_bytes())] {
            let error = load_of_master::<S>(reply).unwrap_err().to_string();
            assert!(error.contains("something else"), "{error}");
        }
    }

    /// A master tells all of its replicas.
    fn s5_a_role_is_told_in_64_kibibytes_at_most<S>() {
        for (length, told) in [(64 * 1024, None), (64 * 1024 + 1, Some("something else"))] {
            let head = "*3\r\n$6\r\nmaster\r\n:1\r\n$65000\r\n";
            let replicas = length - head.len() - 2;
            let role = format!("{}{}\r\n", head.replace("65000", &replicas.to_string()), "x".repeat(replicas));
            assert_eq!(role.len(), length);
            let loaded = load_of_master::<S>(send(role));
            assert_eq!(loaded.is_ok(), told.is_none(), "{loaded:?}");
            if let (Some(told), Err(error)) = (told, loaded) {
                assert!(error.to_string().contains(told), "{error}");
            }
        }
    }
}
