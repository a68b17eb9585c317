//! WA-5: what a program may send beside a token. A header that decides where the request goes, where it ends, or with whose
//! credential, is refused, and nothing is sent.

use http::{HeaderName, HeaderValue};
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::session::{Call, CallStep, Credential, RequestHead};
use valetkey_core::{AccessToken, Client, Dpop, Error, Grant, Quirk, Request, Rule, Session, Step, Subject};
use valetkey_tests::jose::key_pair;
use valetkey_tests::{NOW, SECRET, client, entropy, get, json};

fn permanent(api: &str) -> Session {
    let token = AccessToken::new(SECRET).unwrap();
    Session::from_permanent_token(api, token, Subject::User).unwrap().admit(Quirk::LoopbackHttp)
}

fn post(url: &str, headers: &[(&str, &str)]) -> Request {
    let mut request = http::Request::post(url).body(b"body".to_vec()).unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request.headers_mut().append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
    }
    request
}

/// The three ways in which a request meets a token: a call of one's own, a call of a session, and a signature by hand.
fn refusals(request: &Request) -> [Option<Error>; 3] {
    let uri = request.uri();
    let session = permanent(&format!("{}://{}", uri.scheme_str().unwrap(), uri.authority().unwrap()));
    let credential = session.shared().current().unwrap();
    [
        Call::new(session.shared(), request).err(),
        permanent(&format!("{}://{}", uri.scheme_str().unwrap(), uri.authority().unwrap()))
            .call(request.clone())
            .err(),
        credential.sign(&mut request.clone(), NOW).err(),
    ]
}

fn assert_refused(request: &Request, named: &str) {
    for error in refusals(request) {
        let error = error.unwrap_or_else(|| panic!("taken: {:?}", request.headers()));
        assert_eq!(error.rule(), Some(Rule::Wa5), "{error}");
        assert!(matches!(error, Error::Misuse(_)), "{error}");
        assert!(
            error.to_string().to_ascii_lowercase().contains(&named.to_ascii_lowercase()),
            "{named}: {error}"
        );
    }
}

fn assert_taken(request: &Request) {
    assert!(
        refusals(request).iter().all(Option::is_none),
        "{:?}: {:?}",
        request.headers(),
        refusals(request)
    );
}

/// S6, WA-5, RFC 9110 §7.2: a `Host` is the authority of the URI, or the token is for somebody else.
#[test]
fn s6_a_foreign_host_header_is_refused() {
    for (url, host) in [
        ("https://api.example/x", "evil.example"),
        ("https://api.example/x", "api.example."),
        ("https://api.example/x", "api.example:8443"),
        ("https://api.example/x", "api.example:80"),
        ("https://api.example/x", "api.example:0443"),
        ("https://api.example/x", "api.example:+443"),
        ("https://api.example/x", "api.example:"),
        ("https://api.example/x", "user@api.example"),
        ("https://api.example/x", "api.example:443@evil.example"),
        ("https://api.example/x", "api.example, evil.example"),
        ("https://api.example/x", "api.example/x"),
        ("https://api.example/x", "https://api.example"),
        ("https://api.example/x", " api.example"),
        ("https://api.example/x", "api.example "),
        ("https://api.example/x", "api.exämple"),
        ("https://api.example/x", ""),
        ("https://api.example:8443/x", "api.example"),
        ("https://api.example:8443/x", "api.example:443"),
        ("http://127.0.0.1:9/x", "127.0.0.1"),
        ("http://127.0.0.1:9/x", "localhost:9"),
        ("http://127.0.0.1/x", "127.0.0.1:443"),
        ("http://[::1]:9/x", "[::1]"),
        ("http://[::1]:9/x", "::1:9"),
    ] {
        assert_refused(&post(url, &[("host", host)]), "Host");
    }
    assert_refused(
        &post("https://api.example/x", &[("host", "api.example"), ("host", "api.example")]),
        "Host",
    );
    assert_refused(
        &post("https://api.example/x", &[("host", "api.example"), ("host", "evil.example")]),
        "Host",
    );
}

/// S6, WA-5: the same authority is no other, however its case and the scheme's own port are written.
#[test]
fn s6_the_host_of_the_uri_is_taken() {
    for (url, host) in [
        ("https://api.example/x", "api.example"),
        ("https://api.example/x", "API.Example"),
        ("https://api.example/x", "api.example:443"),
        ("https://api.example:443/x", "api.example"),
        ("https://API.example:8443/x", "api.example:8443"),
        ("http://127.0.0.1/x", "127.0.0.1:80"),
        ("http://127.0.0.1:9/x", "127.0.0.1:9"),
        ("http://[::1]:9/x", "[::1]:9"),
    ] {
        assert_taken(&post(url, &[("host", host)]));
    }
    // A path by itself says nothing to compare with: where it is sent is known to whoever signs by hand, and to nobody else.
    let credential = permanent("https://api.example").shared().current().unwrap();
    let mut request = get("/x");
    request.headers_mut().insert("host", HeaderValue::from_static("api.example"));
    credential.sign(&mut request.clone(), NOW).unwrap();
    assert!(Call::new(permanent("https://api.example").shared(), &request).is_err());
}

/// S6, WA-5, RFC 9112 §6: where the request ends is said once, and truly.
#[test]
fn s6_a_header_that_frames_the_request_is_refused() {
    for (name, value) in [
        ("transfer-encoding", "chunked"),
        ("transfer-encoding", "identity"),
        ("transfer-encoding", " chunked"),
        ("transfer-encoding", "\tchunked, x"),
        ("content-length", "100"),
        ("content-length", "3"),
        ("content-length", "+4"),
        ("content-length", "04"),
        ("content-length", "4, 4"),
        ("content-length", "4 "),
        ("content-length", "0x4"),
        ("content-length", ""),
        ("content-length", "18446744073709551620"),
        ("trailer", "authorization"),
        ("te", "gzip"),
        ("te", "trailers, chunked;q=0.5"),
        ("expect", "200-ok"),
        ("expect", "y 100-continue"),
        ("upgrade", "h2c"),
        ("upgrade", "websocket"),
        ("http2-settings", "AAMAAABkAAQAAP__"),
        ("connection", "authorization"),
        ("connection", "close, Authorization"),
        ("connection", "DPoP"),
        ("connection", "host, content-length"),
        ("connection", "upgrade"),
        ("proxy-connection", "authorization"),
    ] {
        let named = if name == "proxy-connection" { "connection" } else { name };
        assert_refused(&post("https://api.example/x", &[(name, value)]), named);
    }
    for name in ["content-length", "expect"] {
        let value = if name == "expect" { "100-continue" } else { "4" };
        assert_refused(&post("https://api.example/x", &[(name, value), (name, value)]), name);
    }
    assert_refused(
        &post("https://api.example/x", &[("connection", "close"), ("connection", "authorization")]),
        "connection",
    );
    // A server that takes one sign for the other, as CGI does with `_` (RFC 3875 §4.1.18) and some servers with any.
    for name in [
        "content_length",
        "transfer_encoding",
        "proxy_authorization",
        "http2_settings",
        "proxy_connection",
        "content.length",
        "transfer!encoding",
        "transfer~encoding",
        "proxy|authorization",
        "proxy+connection",
    ] {
        assert_refused(&post("https://api.example/x", &[(name, "4")]), name);
    }
    for headers in [
        &[("content-length", "4")][..],
        &[("connection", "close"), ("proxy-connection", "Keep-Alive")],
        &[("connection", "keep-alive, Close")],
        &[("te", "trailers"), ("expect", "100-Continue")],
        // RFC 9110 §10.1.4: who sends TE names it in Connection; §5.6.1.2: empty elements are passed over.
        &[("te", "trailers"), ("connection", "TE, close")],
        &[("te", ", trailers ,,"), ("connection", ",close, ,"), ("proxy-connection", "")],
        &[("content-type", "text/plain"), ("content-encoding", "gzip"), ("keep-alive", "timeout=5")],
        &[
            ("forwarded", "host=evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("cookie", "a=b"),
            ("x_api_key", "k"),
        ],
    ] {
        assert_taken(&post("https://api.example/x", headers));
    }
    let mut bare = get("https://api.example/x");
    bare.headers_mut().insert("content-length", HeaderValue::from_static("0"));
    assert_taken(&bare);
    assert!(HeaderName::from_bytes(b":authority").is_err(), "a pseudo-header is no header");
}

/// S6, WA-5: with whose credential a request goes is the session's matter.
#[test]
fn s6_a_credential_of_the_callers_is_refused() {
    assert_refused(
        &post("https://api.example/x", &[("proxy-authorization", "Basic eDp5")]),
        "Proxy-Authorization",
    );
    assert_refused(&post("https://api.example/x", &[("dpop", "forged")]), "dpop");
    assert_refused(
        &post("https://api.example/x", &[("authorization", "Basic eDp5"), ("authorization", "Basic eDp5")]),
        "authorization",
    );
    let one = post("https://api.example/x", &[("authorization", "Basic eDp5")]);
    let [call, of_session, by_hand] = refusals(&one);
    assert_eq!(call.unwrap().rule(), Some(Rule::Wa5));
    assert_eq!(of_session.unwrap().rule(), Some(Rule::Wa5));
    assert!(by_hand.is_none(), "whoever signs by hand may sign again");
    for method in ["TRACE", "CONNECT", "TRACK", "PRI", "trace", "connect", "Trace", "track", "pri"] {
        let mut request = get("https://api.example/x");
        *request.method_mut() = method.parse().unwrap();
        assert_refused(&request, method);
    }
}

fn bound() -> Credential {
    let key = Dpop::of(key_pair(&AwsLc, Algorithm::Es256), entropy(3)).unwrap();
    let client: Client = client().dpop(key).unwrap();
    let mut session = Session::from_grant(&client, Grant::client_credentials());
    let mut call = session.call(get("https://api.example/x")).unwrap();
    let Step::Send(_) = valetkey_core::Flow::step(&mut call, None, NOW).unwrap() else {
        panic!("a token is asked for")
    };
    let tokens = json(200, r#"{"access_token":"a","token_type":"DPoP","expires_in":60}"#);
    let Step::Send(_) = valetkey_core::Flow::step(&mut call, Some(tokens), NOW).unwrap() else {
        panic!("a call")
    };
    drop(call);
    session.shared().current().unwrap()
}

/// S6, WA-5: a bound token's own proof may be put in the place of an earlier one, and of no other.
#[test]
fn s6_a_bound_credential_signs_again_and_replaces_its_own() {
    let credential = bound();
    let mut request = get("https://api.example/x");
    credential.sign(&mut request, NOW).unwrap();
    let first = request.headers()["dpop"].clone();
    credential.sign(&mut request, NOW).unwrap();
    assert_eq!(request.headers().get_all("dpop").iter().count(), 1);
    assert_ne!(request.headers()["dpop"], first);
    request.headers_mut().append("dpop", HeaderValue::from_static("forged"));
    assert_eq!(credential.sign(&mut request, NOW).unwrap_err().rule(), Some(Rule::Wa5));
}

/// S6, WA-5: where another client carries the body, how it is framed is that client's, and all else is as ever.
#[test]
fn s6_a_head_is_framed_by_whoever_carries_its_body() {
    let session = permanent("https://api.example");
    let head = |headers: &[(&str, &str)], length| {
        let request = post("https://api.example/x", headers);
        let head = RequestHead::new(request.method(), request.uri(), request.headers());
        Call::new(session.shared(), head.with_length(length))
    };
    for (headers, length) in [
        (&[("content-length", "100")][..], None),
        (&[("content-length", "100")], Some(100)),
        (&[("transfer-encoding", "chunked")], None),
        (&[("transfer-encoding", "Chunked"), ("trailer", "digest")], None),
        (&[("upgrade", "websocket"), ("connection", "Upgrade")], Some(0)),
        (&[("te", "trailers"), ("host", "api.example:443")], None),
    ] {
        let mut call = head(headers, length).unwrap_or_else(|error| panic!("{headers:?}: {error}"));
        assert!(call.use_fresh(session.shared(), NOW));
        let CallStep::Send(authorization) = call.step(None).unwrap() else { panic!("{headers:?}") };
        let mut signed = post("https://api.example/x", headers);
        authorization.apply(signed.headers_mut());
        assert_eq!(signed.headers()["authorization"], format!("Bearer {SECRET}"));
        assert!(signed.headers()["authorization"].is_sensitive());
        for (name, value) in headers {
            assert_eq!(signed.headers()[*name], value);
        }
    }
    for (headers, length) in [
        (&[("content-length", "100")][..], Some(4)),
        (&[("content-length", "+100")], None),
        (&[("content-length", "18446744073709551616")], None),
        (&[("content-length", "4"), ("content-length", "4")], None),
        (&[("content-length", "4"), ("transfer-encoding", "chunked")], None),
        (&[("transfer-encoding", "gzip, chunked")], None),
        (&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], None),
        (&[("upgrade", "h2c")], None),
        (&[("upgrade", "websocket, h2c")], None),
        (&[("connection", "upgrade, http2-settings")], None),
        (&[("connection", "authorization")], None),
        (&[("host", "evil.example")], None),
        (&[("authorization", "Bearer x")], None),
        (&[("dpop", "x")], None),
        (&[("proxy-authorization", "x")], None),
        (&[("transfer_encoding", "chunked")], None),
        (&[("content-length", "02")], None),
        (&[("content-length", "02")], Some(2)),
    ] {
        assert_eq!(head(headers, length).unwrap_err().rule(), Some(Rule::Wa5), "{headers:?}");
    }
    assert_eq!(
        Call::new(session.shared(), &get("https://evil.example/")).unwrap_err().rule(),
        Some(Rule::Wa5)
    );
}

/// WA-5: a request whose URI is a path alone goes where its `Host` says, and that is one of the session's APIs.
#[test]
fn wa5_a_path_alone_is_signed_for_the_host_of_an_api_only() {
    let sign = |api: &str, hosts: &[&str]| {
        let mut request = get("/me");
        for host in hosts {
            request.headers_mut().append("host", HeaderValue::from_str(host).unwrap());
        }
        let signed = permanent(api).credential().unwrap().sign(&mut request, NOW);
        assert_eq!(signed.is_ok(), request.headers().contains_key("authorization"));
        signed.map_err(|error| error.rule().unwrap())
    };
    let api = "https://api.example";
    for host in ["api.example", "API.example", "api.example:443"] {
        assert_eq!(sign(api, &[host]), Ok(()), "{host}");
    }
    assert_eq!(sign("https://api.example:8443", &["api.example:8443"]), Ok(()));
    assert_eq!(sign("http://127.0.0.1:80", &["127.0.0.1"]), Ok(()));
    // Only where nothing says where it goes does the caller have to know.
    assert_eq!(sign(api, &[]), Ok(()));
    for hosts in [
        &["evil.example"][..],
        &["api.example:80"],
        &["api.example:8443"],
        &["user@api.example"],
        &["api.example", "evil.example"],
        &["api.example.evil.example"],
        &[""],
    ] {
        assert_eq!(sign(api, hosts), Err(Rule::Wa5), "{hosts:?}");
    }
}
