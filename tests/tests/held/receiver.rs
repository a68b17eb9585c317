//! LB-2: requests to the loopback receiver that are not the one it waits for.

use std::time::Duration;

use valetkey_core::authorize::receiver::{Heard, Receiver};
use valetkey_core::{AuthorizationRequest, PendingAuthorization};
use valetkey_tests::{NOW, client, entropy};

const MINUTE: Duration = Duration::from_secs(60);

fn waiting() -> (PendingAuthorization, Receiver) {
    let request = AuthorizationRequest::new(&client(), "http://127.0.0.1:4711/callback").unwrap();
    let pending = request.begin_unbound(entropy(1), NOW).unwrap().1;
    let receiver = Receiver::new(&pending, NOW.after(MINUTE)).unwrap();
    (pending, receiver)
}

/// What is written back to this head.
fn answer(receiver: &mut Receiver, head: &[u8]) -> String {
    match receiver.hear(head, NOW) {
        Heard::Answer(answer) => String::from_utf8(answer).unwrap(),
        _ => panic!("the head is whole: {:?}", String::from_utf8_lossy(head)),
    }
}

/// Names that were made to lead here (rebinding), the absolute form, two hosts, other methods, versions and paths,
/// escapes, too many headers, NUL and TLS: each is refused, nothing of it is on the page, and the right one is still heard.
#[test]
fn held_a_request_that_is_not_the_one_is_refused_and_waited_through() {
    let hosts = [
        "evil.example",
        "evil.example:4711",
        "127.0.0.1.evil.example:4711",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:80",
        "127.0.0.1:47110",
        "127.0.0.1:04711",
        "127.0.0.1:+4711",
        "127.0.0.1.:4711",
        "127.0.0.1:4711.",
        "127.0.0.1:4711, evil.example",
        "127.0.0.1:4711@evil.example",
        "user@127.0.0.1:4711",
        "http://127.0.0.1:4711",
        "127.1:4711",
        "0x7f.1:4711",
        "2130706433:4711",
        "[::ffff:127.0.0.1]:4711",
        "[::1]:4711",
        "localhost:4711",
        "0.0.0.0:4711",
        "",
        "127.0.0.1\u{0}:4711",
    ];
    let mut heads: Vec<String> =
        hosts.iter().map(|host| format!("GET TARGET HTTP/1.1\r\nHost: {host}\r\n\r\n")).collect();
    for head in [
        "GET TARGET HTTP/1.1\r\n\r\n",
        "GET TARGET HTTP/1.0\r\n\r\n",
        "GET TARGET HTTP/1.1\r\nOWN\r\nHost: evil.example\r\n\r\n",
        "GET TARGET HTTP/1.1\r\nHost: evil.example\r\nOWN\r\n\r\n",
        "GET TARGET HTTP/1.1\r\nOWN\r\nOWN\r\n\r\n",
        "GET TARGET HTTP/1.1\r\nX-Forwarded-Host: 127.0.0.1:4711\r\nHost: evil.example\r\n\r\n",
        "GET http://127.0.0.1:4711TARGET HTTP/1.1\r\nOWN\r\n\r\n",
        "GET http://evil.example/callback HTTP/1.1\r\nOWN\r\n\r\n",
        "GET //127.0.0.1:4711TARGET HTTP/1.1\r\nOWN\r\n\r\n",
        "CONNECT 127.0.0.1:4711 HTTP/1.1\r\nOWN\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nOWN\r\n\r\n",
        "HEAD TARGET HTTP/1.1\r\nOWN\r\n\r\n",
        "POST TARGET HTTP/1.1\r\nOWN\r\nContent-Length: 0\r\n\r\n",
        "PUT TARGET HTTP/1.1\r\nOWN\r\n\r\n",
        "get TARGET HTTP/1.1\r\nOWN\r\n\r\n",
        "GETTARGET HTTP/1.1\r\nOWN\r\n\r\n",
        "GET TARGET\r\nOWN\r\n\r\n",
        "GET TARGET HTTP/2.0\r\nOWN\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /callback HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /callback?code=planted&state=STATEx HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /callback?code=planted&state= HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /callback?code=planted&STATE=STATE HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /callback?code=planted&state=STATE&state=STATE HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /callback?code=planted&state=STATE&%73tate=x HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /callback;?code=planted&state=STATE HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /callback%2f?code=planted&state=STATE HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /call%62ack?code=planted&state=STATE HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /./callback?code=planted&state=STATE HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /x/..TARGET HTTP/1.1\r\nOWN\r\n\r\n",
        "GET /callback\\?code=planted&state=STATE HTTP/1.1\r\nOWN\r\n\r\n",
        "GET TARGET HTTP/1.1\r\nOWN\r\nBroken\r\n\r\n",
        "GET TARGET HTTP/1.1\r\nOWN\r\n X: folded\r\n\r\n",
        "GET TARGET HTTP/1.1\r\nOWN\r\nX\u{0}: y\r\n\r\n",
        "GET TARGET\u{0} HTTP/1.1\r\nOWN\r\n\r\n",
        "\u{0}GET TARGET HTTP/1.1\r\nOWN\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n",
    ] {
        heads.push(head.to_owned());
    }
    heads.push(format!("GET TARGET HTTP/1.1\r\nOWN\r\n{}\r\n", "X: y\r\n".repeat(64)));
    assert!(heads.len() >= 36);
    for head in heads {
        let (pending, mut receiver) = waiting();
        let target = format!("/callback?code=planted&state={}", pending.state());
        let fill = |text: &str| {
            text.replace("OWN", "Host: 127.0.0.1:4711")
                .replace("TARGET", &target)
                .replace("STATE", pending.state())
        };
        let refused = answer(&mut receiver, fill(&head).as_bytes());
        let is_refusal =
            ["HTTP/1.1 400 ", "HTTP/1.1 404 ", "HTTP/1.1 431 "].iter().any(|line| refused.starts_with(line));
        assert!(is_refusal, "{head:?}: {refused}");
        for shown in ["planted", pending.state(), "evil", "Location"] {
            assert!(!refused.contains(shown), "{head:?}: {refused}");
        }
        assert_eq!(receiver.wait(NOW), Some(MINUTE), "{head:?}");
        let right = answer(&mut receiver, fill("GET TARGET HTTP/1.1\r\nOWN\r\n\r\n").as_bytes());
        assert!(right.starts_with("HTTP/1.1 303 "), "{head:?}: {right}");
    }
}
