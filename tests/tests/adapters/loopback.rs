//! LB: waiting for a browser on a loopback port. The browser's part is played by plain sockets, beside the one that waits.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, BrowserUrl, Error as CoreError, PendingAuthorization,
};
use valetkey_tests::{client, entropy};

use crate::face::{Adapter, Failed, Place};
use crate::for_both;
use crate::wire::say;

/// No test waits for so long: each ends by what the browser does, or else fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a browser is sent, as an address and the response's query.
#[derive(Clone)]
struct Browser {
    address: SocketAddr,
    authority: String,
    path: String,
    query: String,
}

impl Browser {
    fn of(pending: &PendingAuthorization) -> Self {
        let (authority, path) =
            pending.redirect_uri().strip_prefix("http://").unwrap().split_once('/').unwrap();
        Self {
            address: authority.replace("localhost", "127.0.0.1").parse().unwrap(),
            authority: authority.to_owned(),
            path: format!("/{path}"),
            // The client's server has an issuer, and a response names it.
            query: format!("code=planted-code&state={}&iss=https%3A%2F%2Fas.example", pending.state()),
        }
    }

    fn get(&self, target: &str) -> String {
        self.say(&format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", self.authority))
    }

    fn say(&self, bytes: &str) -> String {
        say(self.address, bytes.as_bytes())
    }

    fn response(&self) -> String {
        format!("{}?{}", self.path, self.query)
    }

    /// Brings the response and opens the page that it is sent to.
    fn arrive(&self) -> (String, String) {
        (self.get(&self.response()), self.get(&self.path))
    }
}

/// How many connections are heard at a time.
const PLACES: usize = valetkey_core::authorize::receiver::MAX_CONNECTIONS;

/// A browser's request that comes in two parts.
struct Slow {
    stream: TcpStream,
    rest: String,
}

impl Slow {
    /// Sends the first part, which is heard before this returns.
    fn begin(browser: &Browser, length: usize) -> Self {
        let head = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", browser.response(), browser.authority);
        let (part, rest) = head.split_at(length);
        let mut stream = TcpStream::connect(browser.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(part.as_bytes()).unwrap();
        browser.get("/favicon.ico");
        Self { stream, rest: rest.to_owned() }
    }

    /// Sends the rest, once everybody who came meanwhile has been let in; what is answered.
    fn end(mut self, browser: &Browser) -> String {
        browser.get("/favicon.ico");
        let mut answer = String::new();
        let _ = self.stream.write_all(self.rest.as_bytes());
        let _ = self.stream.read_to_string(&mut answer);
        if !answer.is_empty() {
            browser.get(&browser.path);
        }
        answer
    }
}

/// Whether the connection was closed at the other end, or is within the time that any test has.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    matches!(stream.read(&mut [0; 1]).map_err(|error| error.kind()), Ok(0) | Err(ErrorKind::ConnectionReset))
}

fn begin(redirect_uri: String) -> (BrowserUrl, PendingAuthorization) {
    let request = AuthorizationRequest::new(&client(), redirect_uri).unwrap();
    request.begin_unbound(entropy(1), valetkey_blocking::now()).unwrap()
}

/// What the browser saw, and what was received: `browse` runs on a thread of its own while the adapter waits.
fn receive<A: Adapter, T: Send>(
    adapter: &A,
    loopback: A::Loopback,
    browse: impl FnOnce(&Browser) -> T + Send,
) -> (T, Result<AuthorizationResponse, Failed>) {
    let (_, pending) = begin(A::redirect_uri(&loopback));
    let browser = Browser::of(&pending);
    thread::scope(|scope| {
        let browsing = scope.spawn(|| browse(&browser));
        let received = adapter.receive(loopback, &pending, PATIENCE);
        (browsing.join().unwrap(), received)
    })
}

/// Whether what was received is the browser's response, and its authorization can be finished with it.
fn is_whole(received: Result<AuthorizationResponse, Failed>, redirect_uri: String) -> bool {
    let (_, mut pending) = begin(redirect_uri);
    pending.finish(&client(), &received.unwrap(), valetkey_blocking::now()).is_ok()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

for_both! {
    /// LB-1: the redirect URI has the literal address and the port that is bound, IPv4 and IPv6.
    fn the_redirect_uri_is_a_literal_address(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let port: u16 = uri.strip_prefix("http://127.0.0.1:").unwrap().strip_suffix("/callback").unwrap().parse().unwrap();
        assert_ne!(port, 0);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
        for path in ["oauth/back", "/oauth/back"] {
            let loopback = A::at_path(adapter.bind(Place::Anywhere).unwrap(), path);
            assert!(A::redirect_uri(&loopback).ends_with("/oauth/back"));
        }
        drop(loopback);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the port is open only while it is needed");
    }

    /// LB-1: \[::1\] too, where the system has it.
    fn ipv6_is_received_on(adapter: A) {
        if TcpListener::bind("[::1]:0").is_err() {
            // A system without IPv6 refuses with the same error as a port that is taken.
            assert!(adapter.bind(Place::AnywhereIpv6).unwrap_err().is_loopback);
            return;
        }
        let loopback = adapter.bind(Place::AnywhereIpv6).unwrap();
        let uri = A::redirect_uri(&loopback);
        assert!(uri.starts_with("http://[::1]:"), "{uri}");
        let (_, received) = receive(&adapter, loopback, Browser::arrive);
        assert!(is_whole(received, uri));

        let taken = TcpListener::bind("[::1]:0").unwrap().local_addr().unwrap().port();
        let loopback = adapter.bind(Place::FirstIpv6(&[taken])).unwrap();
        assert_eq!(A::redirect_uri(&loopback), format!("http://[::1]:{taken}/callback"));
    }

    /// F35: where a server registers `http://localhost` and no address, both addresses are listened at, for a browser takes
    /// either, and the redirect URI has the name.
    fn localhost_is_received_on_at_both_addresses(adapter: A) {
        let has_ipv6 = TcpListener::bind("[::1]:0").is_ok();
        for address in ["127.0.0.1", "[::1]"] {
            if address == "[::1]" && !has_ipv6 {
                continue;
            }
            let loopback = adapter.bind(Place::Localhost).unwrap();
            let uri = A::redirect_uri(&loopback);
            let port = uri.strip_prefix("http://localhost:").unwrap().strip_suffix("/callback").unwrap().to_owned();
            let (_, received) = receive(&adapter, loopback, |browser| {
                Browser { address: format!("{address}:{port}").parse().unwrap(), ..browser.clone() }.arrive()
            });
            assert!(is_whole(received, uri), "{address}");
        }
        // A port that somebody has at either address is not taken at the other alone (LB-4).
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(taken) = TcpListener::bind(address) else { continue };
            let port = taken.local_addr().unwrap().port();
            let failed = adapter.bind(Place::FirstLocalhost(&[port])).unwrap_err();
            assert!(failed.is_loopback && failed.shown.contains(&port.to_string()), "{address}: {}", failed.shown);
            drop(taken);
            assert_eq!(
                A::redirect_uri(&adapter.bind(Place::FirstLocalhost(&[port])).unwrap()),
                format!("http://localhost:{port}/callback")
            );
        }
    }

    /// F50: a browser that reaches the port by another, `ssh -L` for example, comes by the redirect URI of the request.
    fn a_forwarded_port_is_that_of_the_request(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let address: SocketAddr = A::redirect_uri(&loopback)
            .strip_prefix("http://")
            .unwrap()
            .strip_suffix("/callback")
            .unwrap()
            .parse()
            .unwrap();
        let elsewhere = "http://localhost:8765/callback".to_owned();
        let (_, pending) = begin(elsewhere.clone());
        let browser = Browser { address, ..Browser::of(&pending) };
        let received = thread::scope(|scope| {
            scope.spawn(|| browser.arrive());
            adapter.receive(loopback, &pending, PATIENCE)
        });
        assert!(is_whole(received, elsewhere));
    }

    /// LB-1: a port that is registered, the first of them that is free; none free is an error that names the last.
    fn the_first_free_port_is_taken(adapter: A) {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = (taken.local_addr().unwrap().port(), taken);
        let free = free_port();
        let loopback = adapter.bind(Place::First(&[taken.0, free])).unwrap();
        assert_eq!(A::redirect_uri(&loopback), format!("http://127.0.0.1:{free}/callback"));

        let failed = adapter.bind(Place::First(&[taken.0, free])).unwrap_err();
        assert!(failed.is_loopback && !failed.is_transient);
        assert!(failed.shown.contains(&free.to_string()), "{}", failed.shown);
        assert!(adapter.bind(Place::First(&[])).unwrap_err().is_loopback);
    }

    /// S25, LB-4: the port is held alone: nobody else listens there too, however they ask for it. On Windows, where
    /// `SO_REUSEADDR` takes a port that is in use, it does not take one from who has not set it as well.
    fn s25_nobody_else_listens_at_the_port(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let address: SocketAddr =
            uri.strip_prefix("http://").unwrap().strip_suffix("/callback").unwrap().parse().unwrap();
        assert!(TcpListener::bind(address).is_err());
        let listens = |is_shared: bool| {
            let socket = tokio::net::TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            #[cfg(all(unix, not(target_os = "solaris"), not(target_os = "illumos")))]
            socket.set_reuseport(is_shared)?;
            let _ = is_shared;
            socket.bind(address)?;
            socket.listen(1)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        for is_shared in [false, true] {
            assert!(runtime.block_on(async { listens(is_shared) }).is_err(), "the port was shared");
        }
        drop(loopback);
        assert!(runtime.block_on(async { listens(true) }).is_ok(), "it was the port's holder who kept others out");
    }

    /// LB-3: after the response the browser is sent to a clean URL; its page holds nothing of the response, no script,
    /// nothing of others, and is not kept.
    fn the_browser_ends_on_a_clean_page(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let ((redirect, page), received) = receive(&adapter, loopback, Browser::arrive);
        assert!(redirect.starts_with("HTTP/1.1 303 ") && redirect.contains("\r\nLocation: /callback\r\n"), "{redirect}");
        assert!(page.starts_with("HTTP/1.1 200 ") && page.ends_with("</html>\n"), "{page}");
        for answer in [&redirect, &page] {
            for header in ["Cache-Control: no-store", "Referrer-Policy: no-referrer", "Content-Security-Policy: default-src 'none'"] {
                assert!(answer.contains(header), "{header}: {answer}");
            }
            for leak in ["planted-code", "state", "as.example", "<script"] {
                assert!(!answer.contains(leak), "{leak}: {answer}");
            }
        }
        assert!(is_whole(received, uri));
    }

    /// LB-2: icons, probes, other paths, hosts and methods, a wrong state, garbage: each is refused, and the waiting
    /// goes on until the response.
    fn whatever_is_not_the_response_is_refused(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let (_, received) = receive(&adapter, loopback, |browser| {
            let response = browser.response();
            let host = &browser.authority;
            let port = browser.address.port();
            for refused in [
                browser.get("/favicon.ico"),
                browser.get("/"),
                browser.get("/callback"),
                browser.get("/callback/?code=a&state=b"),
                browser.get(&response.replace("/callback", "/other")),
                browser.get("/callback?error=access_denied&error_description=forged"),
                browser.get("/callback?code=forged&state=forged"),
                browser.get(&response.replace("planted-code&", "planted-code&state=forged&")),
                browser.get(&format!("http://{host}{response}")),
                browser.say(&format!("GET {response} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n")),
                browser.say(&format!("GET {response} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")),
                browser.say(&format!("GET {response} HTTP/1.1\r\n\r\n")),
                browser.say(&format!("GET {response} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n")),
                browser.say(&format!("POST {response} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n")),
                browser.say(&format!("HEAD {response} HTTP/1.1\r\nHost: {host}\r\n\r\n")),
                browser.say(&format!("OPTIONS {response} HTTP/1.1\r\nHost: {host}\r\n\r\n")),
            ] {
                assert!(refused.starts_with("HTTP/1.1 404 "), "{refused}");
                assert!(!refused.contains("forged") && !refused.contains("planted"), "{refused}");
            }
            for garbage in ["\0\0\0\r\n\r\n", "\x16\x03\x01\x02\0\x01\0", "SSH-2.0-x\r\n\r\n", "GET\r\n\r\n"] {
                assert!(browser.say(garbage).starts_with("HTTP/1.1 400 "), "{garbage:?}");
            }
            let long = format!("GET {response} HTTP/1.1\r\nHost: {host}\r\nX: {}", "x".repeat(32 * 1024));
            let answer = browser.say(&long);
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
            browser.arrive()
        });
        assert!(is_whole(received, uri));
    }

    /// LB-2: connections that say nothing, half a request, or leave at once hold nobody up, though they are more than
    /// are heard at a time.
    fn silent_connections_hold_nobody_up(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let ((redirect, _), received) = receive(&adapter, loopback, |browser| {
            let mut silent = Vec::new();
            for number in 0..40 {
                let mut stream = TcpStream::connect(browser.address).unwrap();
                match number % 4 {
                    0 => stream.write_all(b"GET /callb").unwrap(),
                    1 => stream.write_all(b"GET /callback HTTP/1.1\r\nHost: ").unwrap(),
                    _ => {}
                }
                // Some leave again, the others stay until the end.
                if number % 5 != 0 {
                    silent.push(stream);
                }
            }
            for _ in 0..40 {
                silent.push(TcpStream::connect(browser.address).unwrap());
            }
            // A full house makes room by whoever came first of those that have said nothing.
            assert!(is_closed(&mut silent[1]));
            browser.arrive()
        });
        assert!(redirect.starts_with("HTTP/1.1 303 "), "{redirect}");
        assert!(is_whole(received, uri));
    }

    /// S14: who has said nothing makes room before a browser that is in the middle of its request, wherever that is cut.
    fn s14_a_slow_browser_among_silent_connections_is_answered(adapter: A) {
        for cut in [1, 9, 20, 60, 100] {
            let loopback = adapter.bind(Place::Anywhere).unwrap();
            let uri = A::redirect_uri(&loopback);
            let (answer, received) = receive(&adapter, loopback, |browser| {
                let slow = Slow::begin(browser, cut);
                let _silent: Vec<TcpStream> =
                    (0..3 * PLACES).map(|_| TcpStream::connect(browser.address).unwrap()).collect();
                slow.end(browser)
            });
            assert!(answer.starts_with("HTTP/1.1 303 "), "cut after {cut}: {answer:?}");
            assert!(is_whole(received, uri), "cut after {cut}");
        }
    }

    /// S14: nor do those who send something, a byte at a time, whether they came before the browser or after, push it out.
    fn s14_senders_byte_by_byte_do_not_push_out_the_browser(adapter: A) {
        let guess = "GET /callback?code=x&state=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&iss=x HTTP/1.1";
        let begun = "GET /callback?code=planted-code&state=";
        for (says, cut) in
            [("G", 9), ("GET /", 9), ("POST /callback", 9), ("\0", 9), (begun, 60), ("x", 100), (guess, 100)]
        {
            let loopback = adapter.bind(Place::Anywhere).unwrap();
            let uri = A::redirect_uri(&loopback);
            let (answer, received) = receive(&adapter, loopback, |browser| {
                let mut senders = Vec::new();
                let mut crowd = || {
                    let begun = senders.len();
                    for _ in 0..PLACES {
                        let stream = TcpStream::connect(browser.address).unwrap();
                        stream.set_nodelay(true).unwrap();
                        senders.push(stream);
                    }
                    // Each says it once: who repeats it has soon sent as much as the browser, and is as good.
                    for byte in says.as_bytes() {
                        // One that has been closed already cannot be written to any more.
                        senders[begun..].iter_mut().for_each(|sender| drop(sender.write_all(&[*byte])));
                    }
                };
                crowd();
                let slow = Slow::begin(browser, cut);
                for _ in 0..3 {
                    crowd();
                    // Everybody who came has been let in, and what they said was heard.
                    browser.get("/favicon.ico");
                }
                slow.end(browser)
            });
            assert!(answer.starts_with("HTTP/1.1 303 "), "{says:?}, cut after {cut}: {answer:?}");
            assert!(is_whole(received, uri), "{says:?}, cut after {cut}");
        }
    }

    /// S14: however many are at the port, there is always room for one more.
    fn s14_a_crowd_keeps_nobody_out(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let (answer, received) = receive(&adapter, loopback, |browser| {
            let mut crowd = Vec::new();
            for _ in 0..3 * PLACES {
                let mut stream = TcpStream::connect(browser.address).unwrap();
                let _ = stream.write_all(b"GET /callback?code=");
                crowd.push(stream);
            }
            assert!(is_closed(&mut crowd[0]));
            browser.arrive().0
        });
        assert!(answer.starts_with("HTTP/1.1 303 "), "{answer:?}");
        assert!(is_whole(received, uri));
    }

    /// A request that comes in pieces is put together.
    fn a_request_may_come_in_pieces(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let (_, received) = receive(&adapter, loopback, |browser| {
            let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", browser.response(), browser.authority);
            let mut stream = TcpStream::connect(browser.address).unwrap();
            stream.set_nodelay(true).unwrap();
            for piece in request.as_bytes().chunks(7) {
                stream.write_all(piece).unwrap();
                // Somebody else comes in between.
                browser.get("/favicon.ico");
            }
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
            browser.get(&browser.path)
        });
        assert!(is_whole(received, uri));
    }

    /// The person's refusal is a response too, and it is the server's word once its `state` is right.
    fn a_denial_is_received(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let (_, received) = receive(&adapter, loopback, |browser| {
            browser.get(&browser.response().replace("code=planted-code", "error=access_denied"));
            browser.get(&browser.path)
        });
        let (_, mut pending) = begin(uri);
        let error = pending.finish(&client(), &received.unwrap(), valetkey_blocking::now()).unwrap_err();
        assert!(error.is_access_denied());
    }

    /// LB-4: the deadline ends the waiting, whoever is connected by then.
    fn the_deadline_ends_the_waiting(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let (_, pending) = begin(A::redirect_uri(&loopback));
        let address = pending.redirect_uri().strip_prefix("http://").unwrap().strip_suffix("/callback").unwrap().to_owned();
        let silent = TcpStream::connect(&address).unwrap();
        let failed = adapter.receive(loopback, &pending, Duration::from_millis(20)).unwrap_err();
        assert!(failed.is_authorization_required);
        assert!(matches!(
            failed.core,
            Some(CoreError::AuthorizationRequired(required)) if matches!(required.cause(), Cause::TooLate)
        ));
        drop(silent);
        assert!(TcpStream::connect(&address).is_err(), "the port is closed");
        // No time at all is over at once.
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let (_, pending) = begin(A::redirect_uri(&loopback));
        assert!(adapter.receive(loopback, &pending, Duration::ZERO).unwrap_err().is_authorization_required);
    }

    /// A deadline so far away that no clock will see it is none.
    fn the_deadline_may_be_never(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let (_, pending) = begin(A::redirect_uri(&loopback));
        let browser = Browser::of(&pending);
        thread::scope(|scope| {
            scope.spawn(|| browser.arrive());
            assert!(adapter.receive(loopback, &pending, Duration::MAX).is_ok());
        });
    }

    /// A browser that does not open the clean page is not waited for long, and the response is received all the same.
    fn the_page_need_not_be_opened(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let uri = A::redirect_uri(&loopback);
        let (_, received) = receive(&adapter, loopback, |browser| browser.get(&browser.response()));
        assert!(is_whole(received, uri));
    }

    /// LB-1: what no loopback port can receive is the program's fault, at once.
    fn another_redirect_uri_cannot_be_waited_for(adapter: A) {
        for uri in ["https://app.example/callback", "com.example.app:/callback", "http://127.0.0.1/callback"] {
            let (_, pending) = begin(uri.to_owned());
            let failed = adapter.receive(adapter.bind(Place::Anywhere).unwrap(), &pending, PATIENCE).unwrap_err();
            assert!(matches!(failed.core, Some(CoreError::Misuse(_))), "{uri}");
        }
    }
}
