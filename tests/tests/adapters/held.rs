//! HT-3: servers that answer more than they were asked, without end, or a byte at a time; and hosts that are none.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use valetkey_core::{Request, Response};
use valetkey_sandbox::{RawAnswer, RawFront};
use valetkey_tests::get;

use crate::face::{Adapter, Blocking, Failed};
use crate::for_both;
use crate::wire::{LONG, permanent, token_request};

/// What a test's server and its adapter are waited for, and far more than either takes.
const A_WHILE: Duration = Duration::from_millis(500);
const SOON: Duration = Duration::from_secs(20);

/// How long one connection may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// The right answer, and what must not be taken for one.
const RIGHT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright";
const PLANTED: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted";

/// A server that answers its first request with these bytes and leaves the connection open; every later request, on
/// whatever connection, gets the right answer.
struct Smuggling {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Smuggling {
    fn start(first: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let requests = Arc::new(AtomicUsize::new(0));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (first, requests) = (first.clone(), Arc::clone(&requests));
                thread::spawn(move || {
                    let mut stream = stream?;
                    // A client that waits for more of the first answer is not waited for.
                    stream.set_read_timeout(Some(A_WHILE))?;
                    while hear(&mut stream)? {
                        let is_first = requests.fetch_add(1, Ordering::SeqCst) == 0;
                        stream.write_all(if is_first { first.as_bytes() } else { RIGHT.as_bytes() })?;
                    }
                    Ok::<_, std::io::Error>(())
                });
            }
        });
        Self { address, stopped, thread: Some(thread) }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Smuggling {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The connection that lets the thread look at the flag.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads the head of a request that has no body; whether there was one.
fn hear(stream: &mut TcpStream) -> std::io::Result<bool> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(false);
        }
        head.push(byte[0]);
    }
    Ok(true)
}

fn head(url: &str) -> Request {
    http::Request::head(url).body(Vec::new()).unwrap()
}

/// Answers that have more behind them than they announce, or that announce two lengths.
fn smuggling() -> Vec<(&'static str, String)> {
    let ok = "HTTP/1.1 200 OK\r\n";
    vec![
        ("two answers", format!("{ok}Content-Length: 2\r\n\r\n{{}}{PLANTED}")),
        ("three answers", format!("{ok}Content-Length: 0\r\n\r\n{PLANTED}{PLANTED}")),
        ("an answer and garbage", format!("{ok}Content-Length: 2\r\n\r\n{{}}\r\n\r\n{PLANTED}")),
        (
            "204 with a body",
            format!("HTTP/1.1 204 No Content\r\nContent-Length: {}\r\n\r\n{PLANTED}", PLANTED.len()),
        ),
        ("204 and another", format!("HTTP/1.1 204 No Content\r\n\r\n{PLANTED}")),
        ("204 in chunks", format!("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n{PLANTED}")),
        (
            "304 with a body",
            format!("HTTP/1.1 304 Not Modified\r\nContent-Length: {}\r\n\r\n{PLANTED}", PLANTED.len()),
        ),
        ("304 and another", format!("HTTP/1.1 304 Not Modified\r\n\r\n{PLANTED}")),
        (
            "a length and chunks",
            format!("{ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{PLANTED}"),
        ),
        (
            "chunks and a length",
            format!("{ok}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{PLANTED}"),
        ),
        ("chunks twice", format!("{ok}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n{PLANTED}")),
        (
            "chunks that are not last",
            format!(
                "{ok}Transfer-Encoding: chunked, identity\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{PLANTED}"
            ),
        ),
        (
            "chunks by another name",
            format!("{ok}Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{PLANTED}"),
        ),
        (
            "chunks after a space",
            format!("{ok}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{PLANTED}"),
        ),
        ("an answer in the trailer", format!("{ok}Transfer-Encoding: chunked\r\n\r\n0\r\n{PLANTED}")),
        ("one length twice", format!("{ok}Content-Length: 0\r\nContent-Length: 0\r\n\r\n{PLANTED}")),
        ("a list of lengths", format!("{ok}Content-Length: 0, 48\r\n\r\n{PLANTED}")),
        ("a length with a sign", format!("{ok}Content-Length: +0\r\n\r\n{PLANTED}")),
        ("a length in hexadecimal", format!("{ok}Content-Length: 0x0\r\n\r\n{PLANTED}")),
        (
            "hints first",
            format!("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{ok}Content-Length: 0\r\n\r\n{PLANTED}"),
        ),
        (
            "a switch of protocols",
            format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n{PLANTED}"),
        ),
    ]
}

/// Asks until the right answer has come three times. What cannot be used any more is found out by use, and is an error;
/// any other answer is one that nobody asked for.
fn require_right(name: &str, ask: impl Fn() -> Result<Response, Failed>) {
    let mut right = 0;
    for _ in 0..50 {
        match ask() {
            Ok(answer) => {
                assert_eq!(String::from_utf8_lossy(answer.body()), "right", "{name}");
                right += 1;
            }
            Err(failed) => assert!(failed.http.is_some(), "{name}: {}", failed.shown),
        }
        if right == 3 {
            return;
        }
    }
    panic!("{name}: the server is not heard any more");
}

/// What is no answer yet.
pub(crate) const HINTS: [&str; 3] = [
    "HTTP/1.1 103 Early Hints\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
];

/// A flood of hints, as fast as they can be read, is an error of the blocking adapter's at once. (The async adapter's reader
/// lets its timers wait while it reads: see `slow`.)
#[test]
fn held_a_flood_of_hints_is_an_error_blocking() {
    let adapter = Blocking::of_the_users_own(SOON);
    for hint in HINTS {
        let server = RawFront::start([RawAnswer::default().then_repeat(hint, u64::MAX)]).unwrap();
        let begun = Instant::now();
        let failed = adapter.send(get(server.url())).unwrap_err();
        assert!(failed.http.is_some(), "{hint:?}: {}", failed.shown);
        assert!(begun.elapsed() < SOON, "{hint:?}: {:?}", begun.elapsed());
    }
}

for_both! {
    /// Two answers to one request, bodies after 204 and 304, a length with chunks: what comes after an answer is never
    /// taken for the answer to the next request.
    fn held_nothing_becomes_the_answer_to_the_next_request(adapter: A) {
        drop(adapter);
        for (name, first) in smuggling() {
            let adapter = A::of_the_users_own(SOON);
            let server = Smuggling::start(first);
            let url = server.url();
            // What comes of the first is its own matter, and may be an error.
            let _ = adapter.send(get(&url));
            require_right(name, || adapter.send(get(&url)));
            let api = adapter.api(permanent(&url));
            require_right(name, || adapter.call(&api, get(&url)));
        }
    }

    /// The answer to a HEAD has no body: what comes after it is not the next answer.
    fn held_nothing_after_a_head_becomes_the_next_answer(adapter: A) {
        drop(adapter);
        for first in [
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{PLANTED}", PLANTED.len()),
            format!("HTTP/1.1 200 OK\r\n\r\n{PLANTED}"),
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{PLANTED}"),
        ] {
            let adapter = A::of_the_users_own(SOON);
            let server = Smuggling::start(first.clone());
            if let Ok(answer) = adapter.send(head(&server.url())) {
                assert!(answer.body().is_empty(), "{first:?}");
            }
            require_right(&first, || adapter.send(get(&server.url())));
        }
    }

    /// Hints (103) without end, one after the other, are an error, or end with the deadline.
    fn held_hints_without_end_are_given_up(_default: A) {
        let adapter = A::of_the_users_own(A_WHILE);
        for hint in HINTS {
            let server = Dripping::start("", hint, A_WHILE / 100);
            let (begun, url) = (Instant::now(), server.url());
            for failed in [
                adapter.send(get(&url)).unwrap_err(),
                adapter.run(token_request(&url)).unwrap_err(),
                adapter.call(&adapter.api(permanent(&url)), get(&url)).unwrap_err(),
            ] {
                assert!(failed.http.is_some(), "{hint:?}: {}", failed.shown);
            }
            assert!(begun.elapsed() < SOON, "{hint:?}: {:?}", begun.elapsed());
        }
    }

    /// A byte at a time, in the head, in the body and in chunks: the deadline is the answer's, not a byte's.
    fn held_a_byte_at_a_time_ends_at_the_deadline(_default: A) {
        let adapter = A::of_the_users_own(A_WHILE);
        for (name, beginning, drop) in Dripping::PLACES {
            let server = Dripping::start(beginning, drop, A_WHILE / 10);
            let begun = Instant::now();
            let failed = adapter.send(get(&server.url())).unwrap_err();
            assert_eq!(failed.http.as_deref(), Some("Timeout"), "{name}: {}", failed.shown);
            assert!(begun.elapsed() >= A_WHILE && begun.elapsed() < SOON, "{name}: {:?}", begun.elapsed());
        }
    }

    /// Hosts that are none, or that only some systems know: an error or an answer, and never a panic. None of them is
    /// looked up.
    fn held_odd_hosts_are_errors(_default: A) {
        let adapter = A::of_the_users_own(LONG);
        for host in [
            "", ".", "..", "a..b", "[", "]", "[]", "[::1", "[::1%25lo]", "[v1.x]", "[1]", "[:::]", "[::ffff:127.0.0.1]", "[::]",
            "0.0.0.0", "0", "%00", "%2e", "%", "127.0.0.1%00", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:-1",
            "user@127.0.0.1:1", "@127.0.0.1:1", "127.0.0.1:1:1", "\u{0}", " ", "a b", "ä", "🦀",
        ] {
            for scheme in ["http", "https"] {
                let uri = format!("{scheme}://{host}{}/", if host.contains(':') && !host.starts_with('[') { "" } else { ":1" });
                let Ok(uri) = uri.parse::<http::Uri>() else { continue };
                let mut request = Request::new(Vec::new());
                *request.uri_mut() = uri.clone();
                let failed = adapter.send(request).expect_err(&uri.to_string());
                assert!(failed.http.is_some(), "{uri}: {}", failed.shown);
            }
        }
        let long = format!("http://{}:1/", "a".repeat(64 << 10));
        assert!(long.parse::<http::Uri>().is_err() || adapter.send(get(&long)).is_err());
    }
}

/// A server that begins an answer and goes on with a byte at a time, for as long as the client stays.
pub(crate) struct Dripping {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Dripping {
    /// Where the bytes come: what is said first, and what is said again and again.
    pub(crate) const PLACES: [(&'static str, &'static str, &'static str); 3] = [
        ("head", "HTTP/1.1 200 OK\r\nX: ", "x"),
        ("body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", " "),
        ("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
    ];

    pub(crate) fn start(beginning: &'static str, drop: &'static str, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                thread::spawn(move || {
                    let mut stream = stream?;
                    hear(&mut stream)?;
                    stream.set_nodelay(true)?;
                    stream.set_read_timeout(Some(pause))?;
                    stream.write_all(beginning.as_bytes())?;
                    loop {
                        // Once the request has been heard whole this is over after the pause, or when the client has gone
                        // away.
                        if stream.read(&mut [0; 1024]).is_ok_and(|count| count == 0) {
                            return Ok::<_, std::io::Error>(());
                        }
                        stream.write_all(drop.as_bytes())?;
                    }
                });
            }
        });
        Self { address, stopped, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Dripping {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The connection that lets the thread look at the flag.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
