//! `ApiClient::stream`: bodies that come and go piece by piece, and the short forms of `ApiClient`.

use std::time::Duration;

use valetkey_core::{Error as CoreError, Request, Rule};
use valetkey_sandbox::{Endpoint, Front, Misbehaviour, RawAnswer, RawFront};

use crate::face::{Adapter, Body};
use crate::for_both;
use crate::wire::{LONG, chatbot, client_at, front, permanent, stalling, token_request};

fn post(front: &Front, body: &str) -> Request {
    http::Request::post(format!("{}/api/http/absences", front.url())).body(body.as_bytes().to_vec()).unwrap()
}

/// The requests that came to this endpoint.
fn sent(front: &Front, endpoint: Endpoint) -> Vec<Request> {
    let sandbox = front.sandbox();
    let of_it = sandbox.log().iter().filter(|exchange| exchange.endpoint() == endpoint);
    of_it.map(|exchange| exchange.request().clone()).collect()
}

fn bodies(front: &Front) -> Vec<Vec<u8>> {
    sent(front, Endpoint::Api).iter().map(|request| request.body().clone()).collect()
}

/// An answer of so many bytes, which are never in memory at once.
fn large(bytes: u64) -> RawAnswer {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\nConnection: close\r\n\r\n");
    RawAnswer::new(head).then_repeat(vec![b'x'; 1 << 16], bytes >> 16)
}

for_both! {
    /// What is sent is authorized, whole, and once.
    fn a_stream_is_sent_with_its_token(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        adapter.stream(&api, post(&front, "{\"a\":1}"), Body::Stream, usize::MAX).unwrap();
        let [request] = &sent(&front, Endpoint::Api)[..] else { panic!("once") };
        assert_eq!(request.body(), b"{\"a\":1}");
        assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Bearer "));
        // The HTTP library frames it: by its length, where the stream knows that.
        let framed = ["transfer-encoding", "content-length"].map(|name| request.headers().contains_key(name));
        assert!(matches!(framed, [true, false] | [false, true]), "{:?}", request.headers());
    }

    /// A stream whose length the program knows goes with that, and not in chunks.
    fn a_stream_may_say_its_length(adapter: A) {
        let front = front();
        let mut request = post(&front, "{\"a\":1}");
        request.headers_mut().insert("content-length", 7.into());
        adapter.stream(&adapter.api(chatbot(&front)), request, Body::Stream, usize::MAX).unwrap();
        let [request] = &sent(&front, Endpoint::Api)[..] else { panic!("once") };
        assert_eq!(request.body(), b"{\"a\":1}");
        assert_eq!(request.headers()["content-length"], "7");
        assert!(!request.headers().contains_key("transfer-encoding"));
    }

    /// WA-3: bytes are had again, so after a 401 the request is repeated.
    fn bytes_are_sent_again_after_a_401(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        adapter.stream(&api, post(&front, "{}"), Body::Bytes, usize::MAX).unwrap();
        front.sandbox().expire_all();
        let (status, _) = adapter.stream(&api, post(&front, "{}"), Body::Bytes, usize::MAX).unwrap();
        assert_ne!(status, 401);
        assert_eq!((bodies(&front), sent(&front, Endpoint::Token).len()), (vec![b"{}".to_vec(); 3], 2));
    }

    /// WA-3: a stream is not, so the 401 is the answer, and the next request has a new token.
    fn a_stream_is_not_sent_again_and_the_next_request_has_a_new_token(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        adapter.stream(&api, post(&front, "{}"), Body::Stream, usize::MAX).unwrap();
        front.sandbox().expire_all();
        let (status, _) = adapter.stream(&api, post(&front, "{}"), Body::Stream, usize::MAX).unwrap();
        assert_eq!(status, 401);
        assert_eq!((bodies(&front).len(), sent(&front, Endpoint::Token).len()), (2, 2));
        let (status, _) = adapter.stream(&api, post(&front, "{}"), Body::Stream, usize::MAX).unwrap();
        assert_ne!(status, 401);
        assert_eq!((bodies(&front), sent(&front, Endpoint::Token).len()), (vec![b"{}".to_vec(); 3], 2));
    }

    /// WA-3: that no new token is to be had, the next request is told. This one has its answer.
    fn a_stream_has_its_answer_though_no_new_token_is_to_be_had(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        adapter.stream(&api, post(&front, "{}"), Body::Stream, usize::MAX).unwrap();
        front.sandbox().expire_all();
        front.sandbox().misbehave(Misbehaviour::InvalidGrantAlways);
        let (status, _) = adapter.stream(&api, post(&front, "{}"), Body::Stream, usize::MAX).unwrap();
        assert_eq!(status, 401);
        assert_eq!((bodies(&front).len(), sent(&front, Endpoint::Token).len()), (2, 2));
        for body in [Body::Stream, Body::Bytes] {
            let failed = adapter.stream(&api, post(&front, "{}"), body, usize::MAX).unwrap_err();
            assert!(failed.is_authorization_required, "{}", failed.shown);
        }
        assert_eq!(bodies(&front).len(), 2);
    }

    /// An answer is read as far as the program wants, whatever the limit of whole answers is.
    fn an_answer_is_read_piece_by_piece(adapter: A) {
        let server = RawFront::start([large(1 << 20)]).unwrap();
        let api = adapter.limited_api(permanent(server.url()), 10);
        let get = || valetkey_tests::get(server.url());
        let (status, all) = adapter.stream(&api, get(), Body::Bytes, usize::MAX).unwrap();
        assert_eq!((status, all.len()), (200, 1 << 20));
        let failed = adapter.call(&api, get()).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("TooLarge"));
    }

    /// HT-3: nothing of an answer is kept that the program does not ask for: one without an end is left in the middle.
    fn an_endless_answer_is_left_in_the_middle(adapter: A) {
        let server = RawFront::start([RawAnswer::named("body-endless").unwrap()]).unwrap();
        let api = adapter.api(permanent(server.url()));
        let get = valetkey_tests::get(server.url());
        let (_, some) = adapter.stream(&api, get, Body::Bytes, 100_000).unwrap();
        assert_eq!(some.len(), 100_000);
    }

    /// An answer that ends too early is an error, which says of whom it was.
    fn an_answer_that_is_cut_short_is_no_whole_one(adapter: A) {
        let server = RawFront::start([RawAnswer::named("body-cut-short").unwrap()]).unwrap();
        let api = adapter.api(permanent(server.url()));
        let failed = adapter.stream(&api, valetkey_tests::get(server.url()), Body::Bytes, usize::MAX).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("Connection"), "{}", failed.shown);
        assert!(failed.shown.contains(server.url()), "{}", failed.shown);
    }

    /// The client's own timeout goes on while the answer is read.
    fn the_timeout_is_for_the_whole_answer(_adapter: A) {
        let url = stalling("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
        let adapter = A::of_the_users_own(Duration::from_millis(300));
        let api = adapter.api(permanent(&url));
        let failed = adapter.stream(&api, valetkey_tests::get(&url), Body::Bytes, usize::MAX).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("Timeout"), "{}", failed.shown);
    }

    /// WA-5: what is refused beside a token is refused beside a stream.
    fn another_origin_gets_no_stream(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        let other = RawFront::start([RawAnswer::default()]).unwrap();
        let elsewhere = http::Request::post(other.url()).body(Vec::new()).unwrap();
        let mut framed = post(&front, "{}");
        framed.headers_mut().insert("content-length", "02".parse().unwrap());
        for request in [elsewhere, framed] {
            let failed = adapter.stream(&api, request, Body::Stream, usize::MAX).unwrap_err();
            assert_eq!(failed.core.and_then(|error| error.rule()), Some(Rule::Wa5), "{}", failed.shown);
        }
        assert_eq!((bodies(&front).len(), other.connections()), (0, 0));
    }

    /// S6, WA-5: bytes go with their length, and nothing else says where they end; a stream may be said to go in chunks.
    fn s6_where_a_body_ends_is_said_once(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        for body in ["", "{}"] {
            for method in ["GET", "POST"] {
                let mut request = post(&front, body);
                *request.method_mut() = method.parse().unwrap();
                request.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
                let failed = adapter.stream(&api, request, Body::Bytes, usize::MAX).unwrap_err();
                assert_eq!(failed.core.and_then(|error| error.rule()), Some(Rule::Wa5), "{method} {body}");
            }
        }
        let mut request = post(&front, "{}");
        request.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
        adapter.stream(&api, request, Body::Stream, usize::MAX).unwrap();
        let [request] = &sent(&front, Endpoint::Api)[..] else { panic!("once") };
        assert_eq!(request.body(), b"{}");
        assert_eq!(request.headers().get_all("transfer-encoding").iter().count(), 1);
        assert!(!request.headers().contains_key("content-length"));
    }

    /// S6, WA-5: a stream that has more than it was said to have adds no second request to the first.
    fn s6_what_is_beyond_a_streams_length_is_not_sent(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        let mut request = post(&front, "{}GET /api/http/absences HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        request.headers_mut().insert("content-length", 2.into());
        let _ = adapter.stream(&api, request, Body::Stream, usize::MAX);
        adapter.get(&api, &format!("{}/api/http/absences", front.url())).unwrap();
        let sent = sent(&front, Endpoint::Api);
        assert!((1..=2).contains(&sent.len()), "{sent:?}");
        assert!(sent.iter().all(|request| request.headers().contains_key("authorization")), "{sent:?}");
        assert!(sent.iter().all(|request| request.body().is_empty() || request.body() == b"{}"), "{sent:?}");
    }

    /// A GET is one word, and a URL that is none is told as what it is.
    fn a_get_is_one_word(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        assert_eq!(adapter.get(&api, &format!("{}/api/http/absences", front.url())).unwrap().status(), 200);
        for (url, begins) in [
            ("/api/http/absences", "misuse: the URL is not absolute: "),
            ("127.0.0.1", "misuse: the URL is not absolute: "),
            ("https://api.example/a b", "misuse: the URL cannot be read: "),
        ] {
            let failed = adapter.get(&api, url).unwrap_err();
            assert!(matches!(failed.core, Some(CoreError::Misuse(_))), "{url}");
            assert!(failed.shown.starts_with(begins), "{url}: {}", failed.shown);
        }
        assert_eq!(sent(&front, Endpoint::Api).len(), 1);
    }

    /// After a login the tokens are an API client, without a word on sessions.
    fn the_tokens_of_a_login_call_the_api(adapter: A) {
        let ok = |body: &str, kind: &str| {
            let length = body.len();
            RawAnswer::new(format!(
                "HTTP/1.1 200 OK\r\n{kind}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            ))
        };
        let json = "Content-Type: application/json\r\nCache-Control: no-store\r\n";
        let server =
            RawFront::start([ok(r#"{"access_token":"a","token_type":"Bearer"}"#, json), ok("hello", "")]).unwrap();
        let adapter_of_own = A::of_the_users_own(LONG);
        let tokens = adapter.run(token_request(server.url())).unwrap();
        let api = adapter_of_own.issued(&client_at(server.url()), &tokens);
        assert_eq!(adapter.get(&api, server.url()).unwrap().body(), b"hello");
    }
}
