//! What an answer may be, how much is read of it, and what is told of it.

use valetkey_core::store::StoredBytes;
use valetkey_stores::{LARGEST_RECORD, RedisStore};
use valetkey_tests::SECRET;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::in_time;
use super::{Asked, LONG, OnTokio, SHORT, errors, record};

for_both! {
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
}
