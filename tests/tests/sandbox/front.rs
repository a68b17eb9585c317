//! The loopback fronts, over real sockets of this machine alone.

#![expect(clippy::disallowed_methods, reason = "a test of a server is a client with a socket")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use valetkey_sandbox::{Endpoint, Front, RawAnswer, RawFront};

use crate::support::*;

/// Sends a request, `HOST` in it being where it goes.
fn exchange(url: &str, request: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.replace("HOST", host).as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

const PROFILE: &str =
    "GET /api/http/team-directory/profiles/me HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n";

#[test]
fn the_front_serves_keeps_the_log_and_stops_when_dropped() {
    let front = Front::start_with_clock(demo(), || NOW).unwrap();
    let url = front.url().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"));
    let token = front.sandbox().permanent_token_of_user("alice");
    let answer = exchange(&url, &format!("{PROFILE}Authorization: Bearer {token}\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"alice\""), "{answer}");
    let refused = exchange(&url, &format!("{PROFILE}\r\n"));
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    {
        let sandbox = front.sandbox();
        let kept: Vec<_> = sandbox
            .log()
            .iter()
            .map(|it| (it.endpoint(), it.at(), it.response().status().as_u16()))
            .collect();
        assert_eq!(kept, [(Endpoint::Api, NOW, 200), (Endpoint::Api, NOW, 401)]);
    }
    drop(front);
    let gone = TcpStream::connect(url.strip_prefix("http://").unwrap());
    assert!(gone.is_err(), "nobody listens any more");
}

/// A page elsewhere whose name was made to resolve to this computer gets nothing, and is not in the log.
#[test]
fn s20_the_front_answers_to_its_own_names_only() {
    let front = Front::start_with_clock(demo(), || NOW).unwrap();
    let port = front.url().rsplit(':').next().unwrap();
    let other: u16 = port.parse::<u16>().unwrap() ^ 1;
    let ask = |target: &str, hosts: &[String]| {
        let hosts: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
        let request = format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        exchange(front.url(), &request)
    };
    for own in ["127.0.0.1", "localhost", "LocalHost", "[::1]"] {
        let answer = ask("/oauth/jwks.json", &[format!("{own}:{port}")]);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{own}: {answer}");
    }
    let log = front.sandbox().log().len();
    let own = format!("127.0.0.1:{port}");
    let refused = [
        ask("/oauth/jwks.json", &[]),
        ask("/oauth/jwks.json", &[format!("evil.example:{port}")]),
        ask("/oauth/jwks.json", &["evil.example".to_owned()]),
        ask("/oauth/jwks.json", &["127.0.0.1".to_owned()]),
        ask("/oauth/jwks.json", &[format!("127.0.0.1:{other}")]),
        ask("/oauth/jwks.json", &[format!("localhost.:{port}")]),
        ask("/oauth/jwks.json", &[format!("127.0.0.1.evil.example:{port}")]),
        ask("/oauth/jwks.json", &[format!("evil.localhost:{port}")]),
        ask("/oauth/jwks.json", &[format!("user@127.0.0.1:{port}")]),
        ask("/oauth/jwks.json", &[format!("0.0.0.0:{port}")]),
        ask("/oauth/jwks.json", &[String::new()]),
        ask("/oauth/jwks.json", &[own.clone(), format!("evil.example:{port}")]),
        ask("/oauth/jwks.json", &[own.clone(), own.clone()]),
        ask(&format!("http://evil.example:{port}/oauth/jwks.json"), std::slice::from_ref(&own)),
        exchange(front.url(), "GET /oauth/jwks.json HTTP/1.0\r\n\r\n"),
    ];
    for (number, answer) in refused.iter().enumerate() {
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(["400", "421"].contains(&status), "{number}: {answer}");
        assert!(!answer.contains("keys"), "{number}: {answer}");
    }
    assert!(
        refused[1].starts_with("HTTP/1.1 421 ") && refused[1].contains("its own address"),
        "{}",
        refused[1]
    );
    assert_eq!(front.sandbox().log().len(), log, "what is not for it is not logged");
    // The whole address as a target is as good as its path.
    assert!(
        ask(&format!("http://{own}/oauth/jwks.json"), std::slice::from_ref(&own))
            .starts_with("HTTP/1.1 200 ")
    );
}

/// DI-4: the front is its own issuer, and says so where it is looked for.
#[test]
fn the_front_publishes_itself() {
    let front = Front::start_with_clock(demo(), || NOW).unwrap();
    front.publish();
    let request =
        "GET /.well-known/oauth-authorization-server HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    let answer = exchange(front.url(), request);
    assert!(answer.contains(&format!("\"issuer\":\"{}\"", front.url())), "{answer}");
    assert!(answer.contains(&format!("\"token_endpoint\":\"{}/oauth/token\"", front.url())), "{answer}");
}

/// Nobody shows a certificate without TLS: the header that would say so is taken out.
#[test]
fn the_front_believes_no_header_about_certificates() {
    let mut sandbox = crate::metadata::modern();
    sandbox.add_application(valetkey_sandbox::Application::with_certificate("certified", "abc"));
    let front = Front::start_with_clock(sandbox, || NOW).unwrap();
    let body = "grant_type=client_credentials&client_id=certified";
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{}: abc\r\n\r\n{body}",
        body.len(),
        valetkey_sandbox::CERTIFICATE_THUMBPRINT,
    );
    assert!(exchange(front.url(), &request).starts_with("HTTP/1.1 401"));
}

#[test]
fn the_front_takes_as_much_of_a_body_as_the_sandbox() {
    let front = Front::start(demo()).unwrap();
    let status = |bytes: usize| {
        let request = format!(
            "POST /nowhere HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Length: {bytes}\r\n\r\n{}",
            "a".repeat(bytes)
        );
        exchange(front.url(), &request).split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(status(64 * 1024), "404");
    assert_eq!(status(64 * 1024 + 1), "413");
}

/// A client that never ends its request has its answer all the same, and one whose request is long is heard to its end.
#[test]
fn the_raw_front_hears_a_quarter_of_a_mebibyte_and_then_answers() {
    let front = RawFront::start([RawAnswer::new("answer")]).unwrap();
    let mut stream = TcpStream::connect(front.url().strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n").unwrap();
    stream.write_all(&[b'x'; 256 * 1024]).unwrap();
    let mut begun = [0; 6];
    stream.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"answer");
    let body = "x".repeat(200 * 1024);
    let request = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    assert_eq!(exchange(front.url(), &request), "answer");
}

#[test]
fn the_raw_front_answers_its_script_byte_for_byte() {
    let script = [RawAnswer::new("one"), RawAnswer::new("two").then_repeat("!", 3)];
    let front = RawFront::start(script).unwrap();
    let answers: Vec<String> = (0..3).map(|_| exchange(front.url(), "GET / HTTP/1.1\r\n\r\n")).collect();
    assert_eq!(answers, ["one", "two!!!", "two!!!"]);
    assert_eq!(front.connections(), 3);
    for (name, answer) in RawAnswer::catalogue() {
        assert_eq!(RawAnswer::named(name), Some(answer));
    }
}
