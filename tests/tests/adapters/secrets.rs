//! Nothing that an adapter shows or logs holds a secret, or a URL's query.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::{self, ThreadId};

use log::{Level, Metadata};
use valetkey_core::host::{Network, ProxyRules};
use valetkey_core::{Flow as _, Request, Step};
use valetkey_sandbox::{Front, Misbehaviour, RawAnswer, RawFront, Sandbox};
use valetkey_tests::SECRET;
use valetkey_tests::secrets::base64;

use crate::face::{Adapter, Async, Blocking, Failed, Place};
use crate::for_both;
use crate::peers::Peer;
use crate::wire::{LONG, SHORT, nobody, permanent, stalling, token_request};

/// One line of the log.
struct Line {
    thread: ThreadId,
    target: String,
    level: Level,
    text: String,
}

/// Everything that was logged, by any test of this program.
static LOGGED: Mutex<Vec<Line>> = Mutex::new(Vec::new());

fn logged() -> MutexGuard<'static, Vec<Line>> {
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a program lets through, as a filter such as `RUST_LOG` says it.
type Filter = fn(&Metadata<'_>) -> bool;

thread_local! {
    /// What this thread's lines are let through by. ureq logs where it is called.
    static FILTER: Cell<Filter> = const { Cell::new(|_| true) };
}

struct Log;

impl log::Log for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        FILTER.get()(metadata)
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            logged().push(Line {
                thread: thread::current().id(),
                target: record.target().to_owned(),
                level: record.level(),
                text: record.args().to_string(),
            });
        }
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

/// The filter that the documentation advises: `trace,ureq=debug,ureq_proto=debug`.
fn advised(metadata: &Metadata<'_>) -> bool {
    !metadata.target().starts_with("ureq") || metadata.level() <= Level::Debug
}

/// Secrets in answers, wherever a server puts one.
const PLANTED: [&str; 6] = [
    "planted-ACCESS-0123456789-access",
    "planted-REFRESH-0123456789-refresh",
    "planted-ID-0123456789-id",
    "planted-CODE-0123456789-code",
    "planted-ERROR-0123456789-error",
    "planted-COOKIE-0123456789-cookie",
];

/// Everything that must not be logged: what was planted, what the requests authenticate with, and both in base64.
fn secrets() -> Vec<String> {
    let mut secrets: Vec<_> = PLANTED.map(str::to_owned).into();
    secrets.push(SECRET.to_owned());
    secrets.push(basic("http://127.0.0.1:1"));
    secrets.extend(PLANTED.map(|secret| base64(secret.as_bytes(), b"+/", false)));
    secrets
}

/// A conversation with a secret in every answer: tokens, a redirect, a refusal.
fn converse<A: Adapter>(adapter: &A) {
    let [access, refresh, id, code, error, cookie] = PLANTED;
    let answer = |status: &str, headers: &str, body: &str| {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
        RawFront::start([RawAnswer::new(head + body)]).unwrap()
    };
    let json = "Content-Type: application/json\r\n";
    let body = format!(
        r#"{{"access_token":"{access}","token_type":"Bearer","refresh_token":"{refresh}","id_token":"{id}"}}"#
    );
    assert!(adapter.run(token_request(answer("200 OK", json, &body).url())).is_ok());
    let refusal = format!(r#"{{"error":"invalid_grant","error_description":"{error}"}}"#);
    let cookie = format!("{json}Set-Cookie: s={cookie}\r\n");
    assert!(adapter.run(token_request(answer("400 Bad Request", &cookie, &refusal).url())).is_err());
    let away = format!("Location: https://app.example/cb?code={code}\r\n");
    let api = answer("302 Found", &away, "");
    let api_of = adapter.api(permanent(api.url()));
    let mut request = request(api.url());
    request.headers_mut().remove("authorization");
    assert_eq!(adapter.call(&api_of, request).unwrap().status(), 302);
}

/// What the blocking adapter logs under a filter while it converses, in a thread of its own.
fn logged_under(filter: Filter) -> Vec<Line> {
    listen();
    let conversation = thread::spawn(move || {
        FILTER.set(filter);
        converse(&Blocking::of_the_users_own(LONG));
        thread::current().id()
    });
    let here = conversation.join().unwrap();
    logged().extract_if(.., |line| line.thread == here).collect()
}

/// The bytes of a hex dump: rows of sixteen, each in hexadecimal and then in ASCII. `--` is where a row has ended.
fn dumped(lines: &[Line]) -> String {
    let rows = lines.iter().filter(|line| line.target == "ureq_proto::util");
    let bytes = rows.flat_map(|row| {
        let hex: String = row.text.chars().filter(|one| *one != ' ').take(32).collect();
        let pairs: Vec<_> = (0..hex.len() / 2)
            .filter_map(|pair| hex.get(2 * pair..2 * pair + 2).map(str::to_owned))
            .collect();
        pairs.into_iter().filter_map(|pair| u8::from_str_radix(&pair, 16).ok())
    });
    String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
}

/// The ASCII columns of a dump, put together as a person reads them.
fn ascii(lines: &[Line]) -> String {
    lines
        .iter()
        .map(|line| {
            line.text.chars().rev().take(16).collect::<Vec<_>>().into_iter().rev().collect::<String>()
        })
        .collect()
}

/// Everything that the lines say: each by itself, all of them put together, and the dump in them.
fn said(lines: &[Line]) -> Vec<String> {
    let texts = || lines.iter().map(|line| line.text.as_str());
    let mut said: Vec<_> = texts().map(str::to_owned).collect();
    said.extend([texts().collect(), dumped(lines), ascii(lines)]);
    said
}

fn assert_silent(lines: &[Line], what: &str) {
    for secret in secrets() {
        for text in said(lines) {
            assert!(!text.contains(&secret), "{what}: {secret} in: {text}");
        }
    }
}

/// S1, CWE-532: the known exception. At level trace the blocking adapter's HTTP library writes down heads and answers, in
/// pieces of sixteen bytes; put together, every secret is there. A filter that leaves `ureq` at trace shows where a
/// redirect points, code and all.
#[test]
fn s1_a_wire_dump_at_level_trace_shows_secrets() {
    let lines = logged_under(|_| true);
    let dump = dumped(&lines);
    for secret in PLANTED.into_iter().chain([SECRET, &*basic("http://127.0.0.1:1")]) {
        assert!(dump.contains(secret), "{secret} is not in the dump: would this test tell?");
    }
    let [.., code, _, _] = PLANTED;
    let pieces = logged_under(|metadata| !metadata.target().starts_with("ureq_proto"));
    assert!(pieces.iter().any(|line| line.level == Level::Debug && line.text.contains(code)));
}

/// S1, CWE-532: at every level below trace, nothing.
#[test]
fn s1_no_level_below_trace_shows_a_secret() {
    let lines = logged_under(|metadata| metadata.level() <= Level::Debug);
    assert!(!lines.is_empty(), "the libraries do log at level debug");
    assert_silent(&lines, "debug");
    assert_silent(&logged_under(|metadata| metadata.level() <= Level::Info), "info");
}

/// S1, CWE-532: nor at level trace of everything else, with the filter that the documentation advises.
#[test]
fn s1_the_advised_filter_shows_no_secret() {
    let lines = logged_under(advised);
    assert!(!lines.is_empty(), "the libraries do log at level debug");
    assert_silent(&lines, "trace,ureq=debug,ureq_proto=debug");
    assert_eq!(dumped(&lines), "");
}

/// S1, CWE-532: the async adapter's libraries log no secret at any level.
#[test]
fn s1_the_async_adapter_logs_no_secret_at_any_level() {
    listen();
    converse(&Async::of_the_users_own(LONG));
    let logged = logged();
    let others: Vec<_> = logged.iter().filter(|line| !line.target.starts_with("ureq")).collect();
    assert!(others.iter().any(|line| line.target.starts_with("reqwest")), "it does log");
    let all: String = others.iter().map(|line| line.text.as_str()).collect();
    for secret in secrets() {
        assert!(!all.contains(&secret), "{secret}");
        assert!(!others.iter().any(|line| line.text.contains(&secret)), "{secret}");
    }
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
            // What is cut in pieces is another test's matter.
            assert!(!logged.iter().any(|line| line.text.contains(secret)));
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
            assert!(!logged.iter().any(|line| line.text.contains(secret)));
        }
    }

    /// A server that repeats the request in its refusal does not get the secret into the error.
    fn a_secret_that_is_echoed_is_not_shown(adapter: A) {
        let mut sandbox = Sandbox::demo([3; 32]);
        sandbox.misbehave(Misbehaviour::ErrorDescriptionEcho);
        let front = Front::start(sandbox).unwrap();
        let app = crate::wire::application(&front, "chatbot");
        let secret = front.sandbox().client_secret("chatbot").unwrap().to_owned();
        let scope = "global:Profile.Absences.View";
        let api = adapter.api(app.client_credentials(scope).unwrap());
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
