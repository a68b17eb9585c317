//! WA-5, AQ-8, DI-5: addresses that look like an API's, or like a loopback address, and are another's.

use http::Uri;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use url::Url;
use valetkey_core::session::{Call, CallStep, Readiness};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationServer, Quirk, Quirks, Request, Rule, Session, Subject,
};
use valetkey_tests::{NOW, SECRET, client};

/// How many addresses are tried in the suite, and in the slow run.
const FEW: u32 = 4_000;
const MANY: u32 = 200_000;

const API: &str = "https://api.example";

/// What is sent to this address with a token for the API: nothing, if a session would not send there.
fn signed(uri: &Uri) -> Option<Request> {
    let token = AccessToken::new(SECRET).unwrap();
    let mut session = Session::from_permanent_token(API, token, Subject::User).unwrap();
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = uri.clone();
    let mut call = match Call::new(session.shared(), &request) {
        Ok(call) => call,
        Err(error) => {
            assert_eq!(error.rule(), Some(Rule::Wa5), "{uri}: {error}");
            return None;
        }
    };
    assert_eq!(session.authorize(&mut call, NOW).unwrap(), Readiness::Ready);
    match call.step(None).unwrap() {
        CallStep::Send(authorization) => {
            authorization.apply(request.headers_mut());
            Some(request)
        }
        step => panic!("{step:?}"),
    }
}

/// Look-alikes of the API's address, by scheme, user, host, port and separator: none gets the token.
#[test]
fn held_a_look_alike_gets_no_token() {
    let look_alikes = [
        // Another scheme.
        "http://api.example/",
        "http://api.example:443/",
        "ws://api.example/",
        "wss://api.example/",
        "ftp://api.example/",
        "httpss://api.example/",
        "https+x://api.example/",
        "javascript://api.example/",
        // A user before the host, or what looks like one.
        "https://api.example@evil.example/",
        "https://api.example:443@evil.example/",
        "https://api.example%40evil.example/",
        "https://api.example;@evil.example/",
        "https://user@api.example/",
        "https://user:pw@api.example/",
        "https://@api.example/",
        "https://:@api.example/",
        "https://evil.example@api.example/",
        // Another host.
        "https://api.example.evil.example/",
        "https://api.examplex/",
        "https://xapi.example/",
        "https://sub.api.example/",
        "https://example/",
        "https://api/",
        "https://api.example./",
        "https://api.example../",
        "https://.api.example/",
        "https://api..example/",
        "https://api-example/",
        "https://api.example,evil.example/",
        "https://api%2eexample/",
        "https://api.example%2eevil.example/",
        "https://api.example%00.evil.example/",
        "https://api.example%2f.evil.example/",
        "https://api.example%5c.evil.example/",
        "https://api.example%09/",
        "https://api.example%20/",
        "https://xn--pi-example-3fa/",
        "https://xn--api-.example/",
        "https://аpi.example/",
        "https://api。example/",
        "https://api．example/",
        "https://ａpi.example/",
        "https://api.ex\u{ad}ample/",
        "https://[api.example]/",
        "https://[::ffff:93.184.216.34]/",
        "https://93.184.216.34/",
        // The name elsewhere in the address.
        "https://evil.example/api.example",
        "https://evil.example/@api.example/",
        "https://evil.example//api.example/",
        "https://evil.example?@api.example/",
        "https://evil.example/?https://api.example/",
        "https://evil.example#@api.example/",
        "https://evil.example\\@api.example/",
        "https://evil.example\\.api.example/",
        "https://api.example\\.evil.example/",
        "https://api.example\t.evil.example/",
        "https://api.example\n.evil.example/",
        // Another port, or what is none.
        "https://api.example:/",
        "https://api.example:0/",
        "https://api.example:80/",
        "https://api.example:44/",
        "https://api.example:4433/",
        "https://api.example:8443/",
        "https://api.example:65979/",
        "https://api.example:99999/",
        "https://api.example:18446744073709552059/",
        "https://api.example:-443/",
        "https://api.example:443x/",
        "https://api.example:0x1bb/",
        "https://api.example:443:443/",
        "https://api.example:443,80/",
        "https://api.example:４４３/",
        // No absolute address.
        "//api.example/",
        "/api.example",
        "api.example",
        "api.example:443",
        "https:api.example/",
        "https:/api.example/",
        "https:///api.example/",
        "https:\\\\api.example/",
        "https//api.example/",
        "*",
        "/",
    ];
    assert!(look_alikes.len() >= 39);
    for text in look_alikes {
        // Some cannot be written as a request's address at all.
        if let Ok(uri) = text.parse::<Uri>() {
            assert!(signed(&uri).is_none(), "{text}");
        }
    }
}

/// Addresses put together of an API's pieces and others.
fn addresses() -> impl Strategy<Value = String> {
    let schemes = select(vec!["https://", "HTTPS://", "https:", "https:/", "http://", "//", "", "wss://"]);
    let pieces = select(vec![
        "api.example",
        "api",
        ".",
        "example",
        "API.Example",
        "evil.example",
        "@",
        ":",
        ":443",
        ":0443",
        ":80",
        ":0",
        "443",
        "/",
        "//",
        "\\",
        "?",
        "#",
        "%2e",
        "%40",
        "%2f",
        "%00",
        ";",
        ",",
        "&",
        "=",
        "[",
        "]",
        "[::1]",
        "..",
        "/../",
        "x",
        "-",
        "_",
        "~",
        "!",
        "$",
        "'",
        "(",
        "*",
        "xn--",
        "0x7f.1",
    ]);
    let rest = prop_oneof![
        3 => vec(pieces.clone(), 1..6).prop_map(|pieces| pieces.concat()),
        2 => vec(pieces, 0..4).prop_map(|pieces| format!("api.example{}", pieces.concat())),
    ];
    (prop_oneof![4 => Just("https://"), 1 => schemes], rest)
        .prop_map(|(scheme, rest)| format!("{scheme}{rest}"))
}

/// The host ends at the first colon, and what is between it and the port is no part of an address.
#[test]
fn s19_a_port_after_brackets_is_no_port() {
    let odd = [
        "https://api.example:[::1]:443/",
        "https://api.example:443[::1]:443/",
        "https://api.example:[x]:443/",
    ];
    let is_signed = |text: &&str| text.parse::<Uri>().is_ok_and(|uri| signed(&uri).is_some());
    assert_eq!(odd.iter().copied().filter(is_signed).collect::<Vec<_>>(), [""; 0]);
}

/// Whatever is signed goes, as the URL standard reads its address, to the API's origin, and names no user.
fn what_is_signed_goes_home(cases: u32) {
    let home = Url::parse(API).unwrap().origin();
    let count = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&addresses(), |text| {
        let Ok(uri) = text.parse::<Uri>() else { return Ok(()) };
        let Some(request) = signed(&uri) else { return Ok(()) };
        count.set(count.get() + 1);
        let url = Url::parse(&request.uri().to_string());
        let url = url.map_err(|error| TestCaseError::fail(format!("{text} is no URL: {error}")))?;
        prop_assert_eq!(url.origin(), home.clone(), "{}", text);
        prop_assert!(url.username().is_empty() && url.password().is_none(), "{text}");
        Ok(())
    });
    outcome.unwrap();
    assert!(count.get() > cases / 50, "{} of {cases} were signed", count.get());
}

/// Addresses of an API's pieces: what is signed goes to the same origin by the URL standard's parser too.
#[test]
fn held_what_is_signed_goes_to_its_origin_by_the_url_standard() {
    what_is_signed_goes_home(FEW);
}

/// The same, at length.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_what_is_signed_goes_to_its_origin_by_the_url_standard_at_length() {
    what_is_signed_goes_home(MANY);
}

/// Whether plain http may go to this host: as an endpoint, as an API, as a redirect URI.
fn is_loopback(host: &str) -> [bool; 3] {
    let quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);
    let url = format!("http://{host}:4711/callback");
    let token = AccessToken::new(SECRET).unwrap();
    [
        AuthorizationServer::new().admit(Quirk::LoopbackHttp).token_endpoint(&url).is_ok(),
        Session::from_permanent_token(&url, token, Subject::User)
            .map(|session| session.admit_all(quirks))
            .is_ok(),
        AuthorizationRequest::new(&client(), url).is_ok(),
    ]
}

/// Plain http is for `127.0.0.0/8`, `::1` and `localhost`, and not for what only some systems take for these.
#[test]
fn held_loopback_is_its_addresses_and_one_name() {
    for host in [
        "127.0.0.1",
        "127.0.0.0",
        "127.0.0.2",
        "127.1.2.3",
        "127.255.255.255",
        "[::1]",
        "localhost",
        "LocalHost",
    ] {
        assert_eq!(is_loopback(host), [true; 3], "{host}");
    }
    for host in [
        "127.1",
        "127.0.1",
        "127",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "127.0.0.0x1",
        "127.0.0.256",
        "127.0.0.1.",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io",
        "127-0-0-1",
        "127.0.0.1%00",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[64:ff9b::7f00:1]",
        "[::]",
        "[::2]",
        "[fe80::1]",
        "[::1%25lo]",
        "[::1",
        "::1",
        "0.0.0.0",
        "0",
        "126.255.255.255",
        "128.0.0.1",
        "10.0.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "localhost.",
        "localhost.localdomain",
        "x.localhost",
        "localhost.evil.example",
        "ip6-localhost",
        "loopback",
        "l0calhost",
        "localhost%2e",
        "user@localhost",
        "localhost@evil.example",
    ] {
        assert_eq!(is_loopback(host), [false; 3], "{host}");
    }
}
