//! What servers say of each other is read within bounds.

use valetkey_stores::RedisStore;
use valetkey_tests::SECRET;

use super::super::fake_redis::{FakeRedis, Reply, send};
use super::super::in_time;
use super::{Asked, LONG, OnTokio, SHORT};

/// What comes of a load at a cluster whose server says this of the others.
fn error<S: Asked>(reply: Reply, deadline: std::time::Duration) -> (String, FakeRedis) {
    let fake = FakeRedis::start(move |_, _| reply.clone());
    let store = S::cluster(&[fake.url()], deadline).unwrap();
    (in_time(move || store.load()).unwrap_err().to_string(), fake)
}

for_both! {
    /// There is ten minutes' time, and the announcement is enough.
    fn s5_a_list_that_is_none_is_refused_at_once<S>() {
        let deep = "*1\r\n".repeat(7);
        let announced = [
            "*9223372036854775807\r\n", "*18446744073709551616\r\n", "*-2\r\n", "*4194305\r\n", "*x\r\n", "*\r\n",
            "*1\n", "*1\r\n$9223372036854775807\r\n", "*1\r\n$4194305\r\n", "*1\r\n%1\r\n", "~1\r\n", "HTTP/1.1 400\r\n",
            "$5\r\nhello\r\n", ":1\r\n", "+OK\r\n", "$-1\r\n", "*-1\r\n", "*1\r\n:1\r\n", "*1\r\n*0\r\n",
            "*1\r\n*2\r\n:0\r\n:16383\r\n", "*1\r\n*3\r\n:0\r\n:16384\r\n*3\r\n$1\r\na\r\n:1\r\n+i\r\n",
            "*1\r\n*3\r\n:0\r\n:-1\r\n*3\r\n$1\r\na\r\n:1\r\n+i\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n*3\r\n$1\r\na\r\n:65536\r\n+i\r\n",
            "*1\r\n*3\r\n:0\r\n:1\r\n*3\r\n$1\r\na\r\n:0\r\n+i\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n*3\r\n$3\r\na b\r\n:1\r\n+i\r\n",
            "*0\r\n*0\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n:2\r\n", &deep,
        ];
        for head in announced {
            let (error, _) = error::<S>(Reply::Hold(head.as_bytes().to_vec()), LONG);
            assert!(error.contains("something else"), "{head:?}: {error}");
        }
    }

    /// The server sends for as long as somebody reads, and counts. What it counts is what the sockets between hold.
    fn s5_a_flood_of_a_list_is_cut_off<S>() {
        const SOCKETS: usize = 24 * 1024 * 1024;
        for (head, again) in [("*4000000\r\n", ":1\r\n"), ("*1\r\n$4000000\r\n", "xxxx"), ("*2\r\n+", "xxxx")] {
            let flood = Reply::Flood(head.as_bytes().to_vec(), again.repeat(16 * 1024).into_bytes());
            let (error, fake) = error::<S>(flood, LONG);
            assert!(error.contains("something else"), "{head:?}: {error}");
            assert!(fake.sent() < SOCKETS, "{head:?}: {}", fake.sent());
        }
    }

    fn s5_a_list_that_is_held_back_is_not_waited_for<S>() {
        for reply in [Reply::Hold(b"*2\r\n:1\r\n".to_vec()), Reply::Trickle(b"*2\r\n:1\r\n:".to_vec(), b'0')] {
            let (error, _) = error::<S>(reply, SHORT);
            assert!(error.contains("within 200ms"), "{error}");
        }
    }

    /// Neither as a host nor as anything else.
    fn s5_no_error_repeats_what_a_server_said_of_others<S>() {
        let host = format!("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${}\r\n{SECRET}\r\n:1\r\n+i\r\n", SECRET.len());
        for said in [host, format!("*1\r\n+{SECRET}\r\n"), format!("-{SECRET}\r\n"), format!("-MOVED 1 {SECRET}\r\n")] {
            let fake = FakeRedis::speaking(move |_| send(&said));
            let store = S::cluster(&[fake.url()], SHORT).unwrap();
            let error = in_time(move || store.load()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
        }
    }
}
