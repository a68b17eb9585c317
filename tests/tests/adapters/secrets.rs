//! Nothing that an adapter shows or logs holds a secret, or a URL's query.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use valetkey_core::{Flow as _, Network, ProxyRules, Request, Step};
use valetkey_sandbox::{Front, Misbehaviour, RawAnswer, RawFront, Sandbox};
use valetkey_tests::SECRET;

use crate::face::{Adapter, Failed, Place};
use crate::for_both;
use crate::peers::Peer;
use crate::wire::{SHORT, nobody, permanent, stalling, token_request};

/// Everything that was logged, at every level, by any test of this program.
static LOGGED: Mutex<String> = Mutex::new(String::new());

fn logged() -> MutexGuard<'static, String> {
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Log;

impl log::Log for Log {
    fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        logged().push_str(&format!("{}: {}\n", record.target(), record.args()));
    }

    fn flush(&self) {}
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Log).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// What is in a URL's query. No flow puts a secret there, but an API may want one; what the HTTP libraries log of it is
/// between them and the program.
const QUERY: &str = "planted-query-0123456789";

/// As it is written in a proxy's URL.
const PROXY_PASSWORD: &str = "planted-proxy%40password";

/// A request with the secret wherever a program may put one.
fn request(url: &str) -> Request {
    http::Request::post(format!("{url}/x?key={QUERY}"))
        .header("authorization", format!("Bearer {SECRET}"))
        .header("x-api-key", SECRET)
        .body(format!("password={SECRET}").into_bytes())
        .unwrap()
}

/// The client's secret as it is sent.
fn basic(url: &str) -> String {
    let Step::Send(request) = token_request(url).step(None, valetkey_tests::NOW).unwrap() else {
        unreachable!()
    };
    let value = request.headers()["authorization"].to_str().unwrap();
    value.strip_prefix("Basic ").unwrap().to_owned()
}

/// The errors of everything that an adapter does, at this URL.
fn failures<A: Adapter>(adapter: &A, url: &str) -> Vec<Failed> {
    let sent = adapter.send(request(url)).err();
    let run = adapter.run(token_request(url)).err();
    let mut request = request(url);
    request.headers_mut().remove("authorization");
    let api = adapter.limited_api(permanent(url), 1000);
    let called = adapter.call(&api, request).err();
    assert!(!format!("{api:?}").contains(SECRET));
    [sent, run, called].into_iter().flatten().collect()
}

for_both! {
    /// Errors with all their sources, and every line that the HTTP libraries log.
    fn nothing_shown_or_logged_holds_a_secret(_default: A) {
        listen();
        let adapter = A::of_the_users_own(SHORT);
        let mut failed = Vec::new();
        for (_, answer) in RawAnswer::catalogue() {
            failed.extend(failures(&adapter, RawFront::start([answer]).unwrap().url()));
        }
        failed.extend(failures(&adapter, &nobody()));
        failed.extend(failures(&adapter, &stalling("HTTP/1.1 200 OK\r\n")));
        for uri in ["", "ftp://127.0.0.1", "http://127.0.0.1:1"] {
            let mut request = request("http://127.0.0.1:1");
            *request.uri_mut() = format!("{uri}/?code={QUERY}").parse().unwrap();
            failed.extend(adapter.send(request).err());
        }
        assert!(failed.len() > 40, "{}", failed.len());
        for Failed { shown, .. } in failed {
            assert!(!shown.contains(SECRET) && !shown.contains(QUERY), "{shown}");
        }

        let logged = logged();
        assert!(!logged.is_empty(), "the libraries do log");
        for secret in [SECRET, &basic("http://127.0.0.1:1")] {
            let line = logged.lines().find(|line| line.contains(secret));
            assert_eq!(line, None);
        }
    }

    /// F27: neither as it is written, nor as it is, nor as it is sent.
    fn f27_the_password_of_a_proxy_is_not_logged(_default: A) {
        listen();
        let origin = Peer::origin();
        let peers = [
            ("http", Peer::proxy(origin.address)),
            ("http", Peer::refusing("407 No")),
            ("socks5h", Peer::socks(origin.address, true, 0)),
        ];
        for (scheme, peer) in &peers {
            let proxy = format!("{scheme}://user:{PROXY_PASSWORD}@{}", peer.address);
            let network = Network::new(ProxyRules::from_values(|name| (name == "ALL_PROXY").then(|| proxy.clone())));
            let adapter = A::on(&network).unwrap();
            for url in ["http://as.example/", "https://as.example/"] {
                if let Err(failed) = adapter.send(request(url)) {
                    assert!(!failed.shown.contains("planted-proxy"), "{}", failed.shown);
                }
            }
            assert!(!peer.heard().is_empty());
        }
        let logged = logged();
        // user:planted-proxy@password
        for secret in [PROXY_PASSWORD, "planted-proxy@password", "dXNlcjpwbGFudGVkLXByb3h5QHBhc3N3b3Jk"] {
            assert_eq!(logged.lines().find(|line| line.contains(secret)), None);
        }
    }

    /// A server that repeats the request in its refusal does not get the secret into the error.
    fn a_secret_that_is_echoed_is_not_shown(adapter: A) {
        let mut sandbox = Sandbox::demo([3; 32]);
        sandbox.misbehave(Misbehaviour::ErrorDescriptionEcho);
        let front = Front::start(sandbox).unwrap();
        let app = crate::wire::application(&front, "chatbot");
        let secret = front.sandbox().client_secret("chatbot").unwrap().to_owned();
        let scope = "global:Profile.Absences.View".parse().unwrap();
        let api = adapter.api(app.client_credentials(scope));
        let url = format!("{}/api/http/absences", front.url());
        let failed = adapter.call(&api, valetkey_tests::get(&url)).unwrap_err();
        assert!(failed.core.is_some() && !failed.shown.contains(&secret), "{}", failed.shown);
        assert!(!format!("{api:?}").contains(&secret));
    }

    /// A loopback has nothing to hide, and shows where it is.
    fn a_loopback_shows_its_address(adapter: A) {
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        assert!(format!("{loopback:?}").contains("127.0.0.1"));
    }
}
