//! Pages of other origins (CORS): who may ask, who may read, and what stays closed to all of them.

use valetkey_core::{Request, Response};
use valetkey_sandbox::{Endpoint, Failure, Misbehaviour, Sandbox};

use crate::metadata::modern;
use crate::support::*;

const PAGE: &str = "https://app.example";

/// What a client calls by itself, with the method that a page asks for.
const SHARED: [(&str, &str); 9] = [
    ("/oauth/token", "POST"),
    ("/oauth/par", "POST"),
    ("/oauth/device_authorization", "POST"),
    ("/oauth/introspect", "POST"),
    ("/oauth/revoke", "POST"),
    ("/.well-known/oauth-authorization-server", "GET"),
    ("/.well-known/oauth-protected-resource/api/http", "GET"),
    ("/oauth/jwks.json", "GET"),
    ("/api/http/absences", "GET"),
];

fn open_to(origins: &[&str]) -> Sandbox {
    let mut sandbox = modern();
    sandbox.settings_mut().allowed_origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
    sandbox
}

fn preflight(target: &str, origin: &str, method: &str) -> Request {
    http::Request::options(target)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization,dpop")
        .body(Vec::new())
        .unwrap()
}

/// The values of the headers that are for browsers, and of `Vary`.
fn told(response: &Response) -> Vec<(String, String)> {
    let headers = response.headers().iter();
    let about = headers.filter(|(name, _)| name.as_str().starts_with("access-control") || *name == "vary");
    about.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// Fetch §3.2.2: by its method, its origin, and the method that is to follow, and by none of them alone.
#[test]
fn what_does_not_ask_whether_it_may_ask_is_answered_as_ever() {
    let mut sandbox = open_to(&[PAGE]);
    let asks = [("origin", PAGE), ("access-control-request-method", "POST")];
    for (method, headers) in
        [("OPTIONS", &asks[..0]), ("OPTIONS", &asks[..1]), ("OPTIONS", &asks[1..]), ("GET", &asks)]
    {
        let request = headers
            .iter()
            .fold(http::Request::builder().method(method).uri("/oauth/token"), |it, (name, value)| {
                it.header(*name, *value)
            });
        let response = sandbox.answer(&request.body(Vec::new()).unwrap(), NOW);
        assert_eq!(response.status(), 405, "{method} {headers:?}");
        assert_eq!(header(&response, "access-control-allow-methods"), None, "{method} {headers:?}");
    }
}

#[test]
fn a_page_of_an_allowed_origin_may_ask_every_endpoint_that_clients_call() {
    let mut sandbox = open_to(&["https://other.example", PAGE]);
    for (target, method) in SHARED {
        let response = sandbox.answer(&preflight(target, PAGE, method), NOW);
        assert_eq!(response.status(), 204, "{target}");
        assert!(response.body().is_empty(), "{target}");
        assert_eq!(header(&response, "access-control-allow-origin"), Some(PAGE), "{target}");
        assert!(header(&response, "access-control-allow-methods").unwrap().contains(method), "{target}");
        let headers = header(&response, "access-control-allow-headers").unwrap();
        assert_eq!(headers, "authorization, content-type, dpop", "{target}");
        assert_eq!(header(&response, "access-control-allow-credentials"), None, "{target}");
        assert_eq!(header(&response, "vary"), Some("Origin"), "{target}");
    }
}

/// A refusal is read as a success is: a page must learn what was wrong, and the nonce that is asked for.
#[test]
fn a_page_reads_every_answer_and_the_headers_that_a_client_needs() {
    let mut sandbox = open_to(&[PAGE]);
    for (target, method) in SHARED {
        let request = http::Request::builder().method(method).uri(target).header("origin", PAGE);
        let response = sandbox.answer(&request.body(Vec::new()).unwrap(), NOW);
        let exposed = header(&response, "access-control-expose-headers");
        assert_eq!(exposed, Some("DPoP-Nonce, WWW-Authenticate, Retry-After"), "{target}");
        assert_eq!(header(&response, "access-control-allow-origin"), Some(PAGE), "{target}");
        assert_eq!(header(&response, "access-control-allow-credentials"), None, "{target}");
        assert_eq!(header(&response, "vary"), Some("Origin"), "{target}");
    }
    sandbox.fail_next(Endpoint::Token, Failure::unavailable(5));
    let response = sandbox.answer(&with_header(post("/oauth/token", &[]), "origin", PAGE), NOW);
    assert_eq!((response.status().as_u16(), header(&response, "vary")), (503, Some("Origin")));
    assert_eq!(header(&response, "access-control-allow-origin"), Some(PAGE));
}

#[test]
fn no_other_origin_may_ask_or_read() {
    let mut sandbox = open_to(&[PAGE, "null", "*"]);
    for origin in [
        "https://evil.example",
        "https://app.example.evil.example",
        "https://app.example:443",
        "https://app.example/",
        "https://APP.example",
        "http://app.example",
        "null",
        "*",
    ] {
        for (target, method) in SHARED {
            let refused = sandbox.answer(&preflight(target, origin, method), NOW);
            assert_eq!(refused.status(), 403, "{origin} {target}");
            let answer = sandbox.answer(&with_header(get(target), "origin", origin), NOW);
            for response in [refused, answer] {
                // A cache must not give one origin's answer to another.
                assert_eq!(told(&response), [("vary".to_owned(), "Origin".to_owned())], "{origin} {target}");
            }
        }
    }
    let twice = with_header(with_header(get("/oauth/jwks.json"), "origin", PAGE), "origin", PAGE);
    assert_eq!(header(&sandbox.answer(&twice, NOW), "access-control-allow-origin"), None);
    let response = sandbox.answer(&get("/oauth/jwks.json"), NOW);
    assert_eq!(told(&response), [("vary".to_owned(), "Origin".to_owned())], "who is no page");
}

/// RFC 9700 §2.6: a browser is sent to the authorization endpoint, and no page reads what is there.
#[test]
fn the_authorization_endpoint_is_open_to_no_page() {
    let mut closed = modern();
    let mut sandbox = open_to(&[PAGE]);
    for sandbox in [&mut closed, &mut sandbox] {
        sandbox.sign_in("alice");
    }
    let url = authorization_url(&sandbox, REQUEST);
    for target in [url.as_str(), "/oauth/auth", "/nowhere"] {
        let requests = [
            preflight(target, PAGE, "GET"),
            preflight(target, PAGE, "POST"),
            with_header(get(target), "origin", PAGE),
            with_header(post(target, &[]), "origin", PAGE),
        ];
        for request in requests {
            let response = sandbox.answer(&request, NOW);
            assert_eq!(told(&response), [], "{request:?}");
            assert_eq!(response.status(), closed.answer(&request, NOW).status(), "{request:?}");
        }
    }
}

#[test]
fn nothing_is_said_of_origins_as_long_as_none_is_allowed() {
    let mut sandbox = modern();
    for (target, method) in SHARED {
        let response = sandbox.answer(&preflight(target, PAGE, method), NOW);
        assert_ne!(response.status(), 204, "{target}");
        assert_eq!(told(&response), [], "{target}");
        let response = sandbox.answer(&with_header(get(target), "origin", PAGE), NOW);
        assert_eq!(told(&response), [], "{target}");
    }
}

/// A browser asks by itself: what a test has planned for the next answer is for the page's own request.
#[test]
fn a_preflight_uses_up_nothing_that_is_due_to_go_wrong() {
    let mut sandbox = open_to(&[PAGE]);
    sandbox.misbehave_once(Misbehaviour::ExpiresInText);
    let code = code(&mut sandbox, "alice", &[]);
    sandbox.fail_next(Endpoint::Token, Failure::unavailable(5));
    assert_eq!(sandbox.answer(&preflight("/oauth/token", PAGE, "POST"), NOW).status(), 204);
    assert_eq!(token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW).status, 503);
    assert_eq!(sandbox.answer(&preflight("/oauth/token", PAGE, "POST"), NOW).status(), 204);
    let answer = token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW);
    assert_eq!(answer.body["expires_in"], "3600");
    // It is in the log, as any other request.
    assert!(sandbox.log().iter().any(|entry| entry.request().method() == http::Method::OPTIONS));
}
