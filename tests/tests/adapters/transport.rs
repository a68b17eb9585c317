//! HT: what the adapters send, and what they make of whatever comes back.

use http::header::{ACCEPT, CONTENT_LENGTH, LOCATION, TRANSFER_ENCODING, USER_AGENT as USER_AGENT_NAME};
use http::{Method, StatusCode};
use valetkey_core::host::MAX_BODY;
use valetkey_core::{Request, Response};
use valetkey_sandbox::{Endpoint, RawAnswer, RawFront};
use valetkey_tests::get;

use crate::face::{Adapter, Failed, USER_AGENT};
use crate::for_both;
use crate::wire::{LONG, SHORT, chatbot, front, nobody, permanent, stalling, token_request};

/// What each answer of the sandbox's catalogue comes to: a status, or a kind of error; the HTTP libraries may differ in
/// whether what they gave up on was broken or too large.
const HOSTILE: &[(&str, &[&str])] = &[
    ("closed-at-once", &["Connection"]),
    ("not-http", &["Broken"]),
    ("head-cut-short", &["Connection"]),
    ("body-cut-short", &["Connection"]),
    ("chunked-cut-short", &["Connection"]),
    ("chunk-size-huge", &["Connection"]),
    ("chunk-size-overflowing", &["Broken"]),
    ("content-length-huge", &["Connection", "Broken"]),
    ("content-length-negative", &["Broken"]),
    ("content-length-twice", &["Broken"]),
    ("header-huge", &["TooLarge", "Broken"]),
    ("headers-many", &["TooLarge", "Broken"]),
    ("date-before-1970", &["200 OK"]),
    ("date-day-zero", &["200 OK"]),
    ("body-huge", &["TooLarge"]),
    ("body-endless", &["TooLarge"]),
];

/// Asks a server of its own that answers so, by its URL; it must be asked once.
fn asked_once<T>(answer: &RawAnswer, ask: impl FnOnce(&str) -> T) -> T {
    let server = RawFront::start([answer.clone()]).unwrap();
    let told = ask(server.url());
    assert_eq!(server.connections(), 1);
    told
}

fn told(sent: Result<Response, Failed>) -> String {
    sent.map_or_else(|failed| failed.http.unwrap_or_default(), |answer| answer.status().to_string())
}

/// A 200 with a body of this many bytes, announced or in chunks.
fn body_of(bytes: usize, is_chunked: bool) -> RawAnswer {
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    match is_chunked {
        false => RawAnswer::new(format!("{json}Content-Length: {bytes}\r\n\r\n{}", " ".repeat(bytes))),
        true => RawAnswer::new(format!(
            "{json}Transfer-Encoding: chunked\r\n\r\n{bytes:x}\r\n{}\r\n0\r\n\r\n",
            " ".repeat(bytes)
        )),
    }
}

fn request(method: &str, url: &str, body: &str) -> Request {
    http::Request::builder().method(method).uri(url).body(body.into()).unwrap()
}

for_both! {
    /// HT-3: each hostile answer is an error or an answer, after one connection: nothing loops, asks again, or reads past
    /// its limit. `run`, `send` and `ApiClient` tell the same.
    fn a_hostile_answer_is_told_at_once(adapter: A) {
        let catalogue = RawAnswer::catalogue();
        assert_eq!(catalogue.len(), HOSTILE.len(), "each has a row");
        for (name, answer) in catalogue {
            let (_, expected) = HOSTILE.iter().find(|(known, _)| *known == name).unwrap();
            let at = |url: &str| match told(adapter.send(get(url))) {
                told if expected.contains(&told.as_str()) => told,
                told => panic!("{name}: {told}"),
            };
            let sent = asked_once(&answer, at);
            let api = |url: &str| adapter.limited_api(permanent(url), MAX_BODY);
            assert_eq!(asked_once(&answer, |url| told(adapter.call(&api(url), get(url)))), sent, "{name}");
            // None of them is a token response: where the transport has no objection, core has one.
            let failed = asked_once(&answer, |url| adapter.run(token_request(url)).unwrap_err());
            assert_eq!(failed.http.unwrap_or("200 OK".to_owned()), sent, "{name}");
        }
    }

    /// HT-3: the largest body is an answer, one byte more is an error, however it is framed.
    fn a_body_is_taken_up_to_its_limit(adapter: A) {
        for is_chunked in [false, true] {
            let send = |bytes| asked_once(&body_of(bytes, is_chunked), |url| adapter.send(get(url)));
            assert_eq!(send(MAX_BODY).unwrap().body().len(), MAX_BODY);
            assert_eq!(told(send(MAX_BODY + 1)), "TooLarge");
            let run = |url: &str| adapter.run(token_request(url)).unwrap_err();
            assert!(asked_once(&body_of(MAX_BODY, is_chunked), run).http.is_none());
            assert_eq!(asked_once(&body_of(MAX_BODY + 1, is_chunked), run).http.as_deref(), Some("TooLarge"));

            let call = |bytes| {
                asked_once(&body_of(bytes, is_chunked), |url| {
                    adapter.call(&adapter.limited_api(permanent(url), 10), get(url))
                })
            };
            assert_eq!(call(10).unwrap().body().len(), 10);
            let failed = call(11).unwrap_err();
            assert_eq!((failed.http.as_deref(), failed.is_transient), (Some("TooLarge"), false));

            // An API's answers may be larger than an authorization server's.
            let call = |url: &str| adapter.call(&adapter.api(permanent(url)), get(url));
            let answer = asked_once(&body_of(2 * MAX_BODY, is_chunked), call).unwrap();
            assert_eq!(answer.body().len(), 2 * MAX_BODY);
        }
    }

    /// HT-1, WA-5: no redirect is followed, with an agent that would follow neither: the other server is never called.
    fn a_redirect_is_an_answer(default: A) {
        let other = RawFront::start([RawAnswer::new("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]).unwrap();
        for adapter in [default, A::of_the_users_own(LONG)] {
            for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
                let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\nLocation: {}/x\r\n\r\n", other.url());
                let server = RawFront::start([RawAnswer::new(head)]).unwrap();
                let answer = adapter.send(get(server.url())).unwrap();
                assert!(status.starts_with(answer.status().as_str()));
                assert_eq!(answer.headers()[LOCATION], format!("{}/x", other.url()));
                let failed = adapter.run(token_request(server.url())).unwrap_err();
                assert!(failed.core.is_some(), "{status}: {}", failed.shown);
                let answer = adapter.call(&adapter.api(permanent(server.url())), get(server.url())).unwrap();
                assert!(status.starts_with(answer.status().as_str()));
            }
        }
        assert_eq!(other.connections(), 0);
    }

    /// Every status is an answer, with an agent that takes a 4xx for an error too.
    fn a_refusal_is_an_answer(default: A) {
        for adapter in [default, A::of_the_users_own(LONG)] {
            for status in [400, 401, 403, 404, 418, 429, 500, 503] {
                let head = format!("HTTP/1.1 {status} No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
                let server = RawFront::start([RawAnswer::new(head)]).unwrap();
                let answer = adapter.send(get(server.url())).unwrap();
                assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (status, &b"no"[..]));
                let api = adapter.api(permanent(server.url()));
                assert_eq!(adapter.call(&api, get(server.url())).unwrap().status(), status);
                assert_eq!(server.connections(), 2, "a permanent token is not renewed");
            }
        }
    }

    /// What the user configured is what sends: a token request, the API's request, any other.
    fn the_users_own_agent_sends(_default: A) {
        let front = front();
        let adapter = A::of_the_users_own(LONG);
        let url = format!("{}/api/http/absences", front.url());
        adapter.send(get(&url)).unwrap();
        adapter.call(&adapter.api(chatbot(&front)), get(&url)).unwrap();
        let sandbox = front.sandbox();
        let names: Vec<_> = sandbox.log().iter().map(|exchange| &exchange.request().headers()[USER_AGENT_NAME]).collect();
        assert_eq!(names, [USER_AGENT; 3]);
    }

    /// HT-2: a body has its length announced and is not chunked, and an answer in JSON is asked for.
    fn a_body_is_announced_with_its_length(adapter: A) {
        let front = front();
        adapter.call(&adapter.api(chatbot(&front)), get(&format!("{}/api/http/absences", front.url()))).unwrap();
        let sandbox = front.sandbox();
        let token = sandbox.log().iter().find(|exchange| exchange.endpoint() == Endpoint::Token).unwrap().request();
        assert_eq!(token.headers()[CONTENT_LENGTH], token.body().len().to_string());
        assert!(!token.headers().contains_key(TRANSFER_ENCODING));
        assert_eq!(token.headers()[ACCEPT], "application/json");
    }

    /// An API's request arrives as it was made: whatever its method, with a body or without one.
    fn a_request_of_any_method_arrives(adapter: A) {
        let front = front();
        let url = format!("{}/api/http/things?a=%20b&c", front.url());
        let sent = [
            ("GET", "", None),
            ("DELETE", "", None),
            ("OPTIONS", "", None),
            ("POST", "", Some("0")),
            ("PUT", "", Some("0")),
            ("POST", "{}", Some("2")),
            ("PATCH", "{\"a\":1}", Some("7")),
            ("DELETE", "[1]", Some("3")),
            ("GET", "{}", Some("2")),
            ("PROPFIND", "<a/>", Some("4")),
            ("SEARCH", "", None),
        ];
        for (method, body, _) in sent {
            adapter.send(request(method, &url, body)).unwrap();
        }
        let sandbox = front.sandbox();
        for ((method, body, length), exchange) in sent.iter().zip(sandbox.log()) {
            let arrived = exchange.request();
            assert_eq!(arrived.method().as_str(), *method);
            assert_eq!(arrived.uri().path_and_query().unwrap(), "/api/http/things?a=%20b&c");
            assert_eq!(arrived.body(), body.as_bytes(), "{method}");
            let announced = arrived.headers().get(CONTENT_LENGTH).map(|length| length.to_str().unwrap());
            assert_eq!(announced, *length, "{method} {body}");
        }
        assert_eq!(sandbox.log().len(), sent.len());
    }

    /// The answer to a HEAD has no body, whatever length it names.
    fn a_head_has_no_body(adapter: A) {
        let server = RawFront::start([RawAnswer::new("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n")]).unwrap();
        let answer = adapter.send(request(Method::HEAD.as_str(), server.url(), "")).unwrap();
        assert_eq!((answer.status(), answer.body().len()), (StatusCode::OK, 0));
    }

    /// HT-3: a server that says nothing, or stops in the middle, is given up by the timeout of the user's own agent.
    fn a_silent_server_is_given_up(_default: A) {
        let adapter = A::of_the_users_own(SHORT);
        for words in ["", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"] {
            let url = stalling(words);
            for failed in [
                adapter.send(get(&url)).unwrap_err(),
                adapter.run(token_request(&url)).unwrap_err(),
                adapter.call(&adapter.api(permanent(&url)), get(&url)).unwrap_err(),
            ] {
                assert_eq!(failed.http.as_deref(), Some("Timeout"), "after {words:?}");
                assert!(failed.is_transient);
            }
        }
    }

    /// Where nobody listens, the error says that it may pass.
    fn a_refused_connection_is_transient(adapter: A) {
        let url = nobody();
        for failed in [
            adapter.send(get(&url)).unwrap_err(),
            adapter.run(token_request(&url)).unwrap_err(),
            adapter.call(&adapter.api(permanent(&url)), get(&url)).unwrap_err(),
        ] {
            assert_eq!(failed.http.as_deref(), Some("Connection"));
            assert!(failed.is_transient && !failed.is_authorization_required);
            assert!(failed.shown.contains("refused"), "{}", failed.shown);
        }
    }

    /// What is no request of HTTP is refused before anything is sent.
    fn what_cannot_be_sent_is_told_as_the_programs_fault(adapter: A) {
        for uri in ["/relative", "ftp://127.0.0.1/", "127.0.0.1:1"] {
            let failed = adapter.send(request("GET", uri, "")).unwrap_err();
            assert_eq!(failed.http.as_deref(), Some("Request"), "{uri}");
            assert!(!failed.is_transient);
        }
    }

    /// Each call gives other randomness, and the clock is the system's.
    fn the_clock_and_the_randomness_are_the_systems(_adapter: A) {
        assert_ne!(A::entropy().derive("a"), A::entropy().derive("a"));
        let system = valetkey_core::UnixTime::from(std::time::SystemTime::now());
        assert!(A::now() >= system);
    }
}
