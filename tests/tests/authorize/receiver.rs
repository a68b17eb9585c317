//! LB-2, LB-3: the loopback receiver as a parser: what it takes, what it waits through, and what it shows.

use std::io::{Error as IoError, ErrorKind};
use std::time::Duration;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::authorize::receiver::{
    Heard, Incoming, MAX_CONNECTIONS, MAX_HEAD, Next, Receiver, is_without_ipv6,
};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Error, PendingAuthorization, Rule, UnixTime,
};
use valetkey_tests::{NOW, client, entropy};

const CALLBACK: &str = "http://127.0.0.1:4711/callback";
const MINUTE: Duration = Duration::from_secs(60);

fn pending_at(redirect_uri: &str) -> PendingAuthorization {
    AuthorizationRequest::new(&client(), redirect_uri).unwrap().begin_unbound(entropy(1), NOW).unwrap().1
}

fn listening(pending: &PendingAuthorization) -> Receiver {
    Receiver::new(pending, NOW.after(MINUTE)).unwrap()
}

fn request(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nAccept: text/html\r\n\r\n")
}

/// The status of what is written back; 0 if it reads on.
fn status(heard: &Heard) -> u16 {
    match heard {
        Heard::Answer(bytes) => text(bytes).split(' ').nth(1).unwrap().parse().unwrap(),
        _ => 0,
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn hear(receiver: &mut Receiver, request: &str) -> u16 {
    status(&receiver.hear(request.as_bytes(), NOW))
}

/// The whole conversation: the response, a redirect to a clean address, the page, and it is over.
#[test]
fn the_response_is_taken_and_its_parameters_leave_the_address_bar() {
    let mut pending = pending_at(CALLBACK);
    let mut receiver = listening(&pending);
    let target = format!("/callback?code=c0de&state={}", pending.state());
    let Heard::Answer(answer) = receiver.hear(request(&target).as_bytes(), NOW) else { panic!("no answer") };
    assert!(text(&answer).starts_with("HTTP/1.1 303 See Other\r\nLocation: /callback\r\n"));
    assert_eq!(receiver.wait(NOW), Some(Duration::from_secs(2)), "it lingers for the page");

    let Heard::Answer(page) = receiver.hear(request("/callback").as_bytes(), NOW) else { panic!("no page") };
    assert_eq!(status(&Heard::Answer(page.clone())), 200);
    assert_eq!(receiver.wait(NOW), None);
    for shown in [text(&answer), text(&page)] {
        assert!(!shown.contains("c0de") && !shown.contains(pending.state()));
        for header in [
            "Cache-Control: no-store\r\n",
            "Referrer-Policy: no-referrer\r\n",
            "X-Content-Type-Options: nosniff\r\n",
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
            "Connection: close\r\n",
        ] {
            assert!(shown.contains(header), "{header}");
        }
        let (head, body) = shown.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
        assert!(!body.contains("<script") && !body.contains("src=") && !body.contains("href="));
    }
    let response = receiver.finish().unwrap();
    assert!(pending.finish(&client(), &response, NOW).is_ok());
}

/// LB-2: whatever is not the response is answered with a refusal, and the receiver waits on.
#[test]
fn what_is_not_the_response_is_refused_and_waited_through() {
    let pending = pending_at(CALLBACK);
    let state = pending.state().to_owned();
    let target = format!("/callback?code=a&state={state}");
    let head = |head: &str| head.replace("TARGET", &target);
    for (expected, request) in [
        (404, request("/favicon.ico")),
        (404, request("/")),
        (404, request("/callback")),
        (404, request("/callback?code=a")),
        (404, request("/callback?code=a&state=forged")),
        (404, request("/callback?error=access_denied&state=forged")),
        (404, request(&format!("/callback?code=a&state={state}&state={state}"))),
        (404, request(&format!("/callback/?code=a&state={state}"))),
        (404, request(&format!("/CALLBACK?code=a&state={state}"))),
        (404, request(&format!("//callback?code=a&state={state}"))),
        (404, request(&format!("/x/../callback?code=a&state={state}"))),
        (404, request(&format!("/%63allback?code=a&state={state}"))),
        (404, request(&format!("http://127.0.0.1:4711/callback?code=a&state={state}"))),
        (404, request(&format!("/callback?code={}&state={state}&state=x", "<script>"))),
        (404, head("POST TARGET HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n")),
        (404, head("HEAD TARGET HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n")),
        (404, head("OPTIONS TARGET HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n")),
        (404, head("GET TARGET HTTP/1.1\r\n\r\n")),
        (404, head("GET TARGET HTTP/1.1\r\nHost: evil.example\r\n\r\n")),
        (404, head("GET TARGET HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")),
        (404, head("GET TARGET HTTP/1.1\r\nHost: 127.0.0.1:4712\r\n\r\n")),
        (404, head("GET TARGET HTTP/1.1\r\nHost: localhost:4711\r\n\r\n")),
        (404, head("GET TARGET HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nHost: evil.example\r\n\r\n")),
        (400, head("GET TARGET HTTP/1.1\r\nHost 127.0.0.1:4711\r\n\r\n")),
        (400, "\u{0}\u{0}\r\n\r\n".to_owned()),
        (400, "GET\r\n\r\n".to_owned()),
        (400, "\u{16}\u{3}\u{1} TLS \r\n\r\n".to_owned()),
        (400, "GET / HTTP/9.9\r\n\r\n".to_owned()),
        (400, format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(65))),
    ] {
        let mut receiver = listening(&pending);
        assert_eq!(hear(&mut receiver, &request), expected, "{request:?}");
        assert_eq!(receiver.wait(NOW), Some(MINUTE), "{request:?}");
        // The right one may still come.
        assert_eq!(hear(&mut receiver, &head("GET TARGET HTTP/1.1\r\nhost: 127.0.0.1:4711\r\n\r\n")), 303);
    }
}

/// LB-3: a refusal shows nothing of what was asked.
#[test]
fn a_refusal_shows_nothing_of_the_request() {
    let mut receiver = listening(&pending_at(CALLBACK));
    let nothing = "\r\n\r\n<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Nothing here</title></head>\
                   <body><h1>Nothing here</h1><p>A program waits here for a login, and this is not its response.</p></body>\
                   </html>\n";
    for target in ["/<script>alert(1)</script>", "/callback?error=<b>&state=x", "/%0d%0aSet-Cookie:%20a=b"] {
        let Heard::Answer(answer) = receiver.hear(request(target).as_bytes(), NOW) else {
            panic!("no answer")
        };
        let shown = text(&answer);
        assert!(shown.ends_with(nothing), "{shown}");
        assert!(
            !shown.contains("alert") && !shown.contains("Set-Cookie") && !shown.contains("<b>"),
            "{shown}"
        );
    }
}

#[test]
fn a_head_is_read_as_it_comes_and_within_its_limit() {
    let pending = pending_at(CALLBACK);
    let request = request(&format!("/callback?code=a&state={}", pending.state()));
    let mut receiver = listening(&pending);
    for end in 0..request.len() {
        assert_eq!(receiver.hear(&request.as_bytes()[..end], NOW), Heard::More, "{end}");
    }
    // What comes after the head is not looked at.
    assert_eq!(hear(&mut receiver, &format!("{request}GET / HTTP/1.1\r\n")), 303);

    let mut receiver = listening(&pending);
    let endless = format!("GET /callback?{}", "x".repeat(MAX_HEAD));
    assert_eq!(receiver.hear(&endless.as_bytes()[..MAX_HEAD - 1], NOW), Heard::More);
    assert_eq!(hear(&mut receiver, &endless), 431);
    assert_eq!(receiver.wait(NOW), Some(MINUTE));
}

/// LB-2: 32 KiB, to the byte. A browser sends all cookies of the host with the response.
#[test]
fn a_head_has_at_most_32_kib() {
    let pending = pending_at(CALLBACK);
    let of_length = |length: usize| {
        let target = format!("/callback?code=c0de&state={}", pending.state());
        let begin = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nCookie: ");
        format!("{begin}{}\r\n\r\n", "x".repeat(length - begin.len() - 4))
    };
    let mut receiver = listening(&pending);
    let largest = of_length(32 * 1024);
    assert_eq!(receiver.hear(&largest.as_bytes()[..32 * 1024 - 1], NOW), Heard::More);
    assert_eq!(hear(&mut receiver, &of_length(32 * 1024 + 1)), 431);
    assert_eq!(hear(&mut receiver, &largest), 303);
    assert!(receiver.finish().is_ok());
}

/// A person who says no ends it too: the error is the response, and is told by the checks.
#[test]
fn an_error_with_the_right_state_is_the_response() {
    let mut pending = pending_at(CALLBACK);
    let mut receiver = listening(&pending);
    let target = format!("/callback?error=access_denied&state={}", pending.state());
    assert_eq!(hear(&mut receiver, &request(&target)), 303);
    let response = receiver.finish().unwrap();
    assert!(pending.finish(&client(), &response, NOW).unwrap_err().is_access_denied());
}

/// The first response stays the one: a second changes nothing, and without the page it is over in a moment.
#[test]
fn the_first_response_is_the_one() {
    let mut pending = pending_at(CALLBACK);
    let mut receiver = listening(&pending);
    let target = |code: &str| format!("/callback?code={code}&state={}", pending.state());
    assert_eq!(hear(&mut receiver, &request(&target("first"))), 303);
    assert_eq!(hear(&mut receiver, &request(&target("second"))), 404);
    assert_eq!(receiver.wait(NOW.after(Duration::from_secs(2))), None);
    let shown = format!("{receiver:?}");
    assert!(shown.contains("has_response: true") && !shown.contains("first"), "{shown}");
    let response = receiver.finish().unwrap();
    let flow = pending.finish(&client(), &response, NOW).unwrap();
    assert!(format!("{flow:?}").contains("authorization_code"));
}

/// F49: the same URL once more, by a reload or after a prefetch, is told from an error: the login has come back already.
#[test]
fn the_response_that_comes_again_is_told_that_it_has_come() {
    let pending = pending_at(CALLBACK);
    let mut receiver = listening(&pending);
    let target = format!("/callback?code=c0de&state={}", pending.state());
    assert_eq!(hear(&mut receiver, &request(&target)), 303);
    for _ in 0..2 {
        let Heard::Answer(again) = receiver.hear(request(&target).as_bytes(), NOW) else { panic!("no page") };
        let shown = text(&again);
        assert!(shown.starts_with("HTTP/1.1 200 OK\r\n"), "{shown}");
        assert!(
            shown.contains("has come back already") && shown.contains("You can close this page"),
            "{shown}"
        );
        assert!(
            !shown.contains("c0de") && !shown.contains(pending.state()) && !shown.contains("<script"),
            "{shown}"
        );
    }
    // What only looks like it is still an error, and the page is still waited for.
    assert_eq!(hear(&mut receiver, &request("/callback?code=c0de&state=forged")), 404);
    assert_eq!(hear(&mut receiver, &request("/favicon.ico")), 404);
    assert_eq!(receiver.wait(NOW), Some(Duration::from_secs(2)));
    assert_eq!(hear(&mut receiver, &request("/callback")), 200);
    assert_eq!(receiver.wait(NOW), None);
}

/// F49: a browser that fetches ahead is not the person who comes: nothing is taken from it, and the person sees no error.
#[test]
fn a_prefetch_takes_nothing_from_the_person() {
    let pending = pending_at(CALLBACK);
    let mut receiver = listening(&pending);
    let target = format!("/callback?code=a&state={}", pending.state());
    for purpose in ["Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "Purpose: prefetch"] {
        let ahead = request(&target).replace("Accept: text/html", purpose);
        assert_eq!(hear(&mut receiver, &ahead), 503, "{purpose}");
        assert_eq!(receiver.wait(NOW), Some(MINUTE), "{purpose}");
    }
    assert_eq!(hear(&mut receiver, &request(&target)), 303);
    assert_eq!(
        hear(&mut receiver, &request("/callback").replace("Accept: text/html", "Purpose: prefetch")),
        503
    );
    assert_eq!(hear(&mut receiver, &request("/callback")), 200);
}

/// F49: another purpose is a person's, and so is a prefetch that another header tells of.
#[test]
fn what_is_no_prefetch_is_taken() {
    for header in ["Sec-Purpose: preview", "Purpose: fetch", "X-Purpose: prefetch", "Accept: prefetch"] {
        let pending = pending_at(CALLBACK);
        let mut receiver = listening(&pending);
        let target = format!("/callback?code=a&state={}", pending.state());
        let here = request(&target).replace("Accept: text/html", header);
        assert_eq!(hear(&mut receiver, &here), 303, "{header}");
    }
}

/// AR-10, AR-13: an error says which redirect URI it was, and nothing of its query.
#[test]
fn an_error_names_the_redirect_uri_without_its_query() {
    let pending = pending_at("http://127.0.0.1:4711/callback?own=planted");
    let late = listening(&pending).finish().unwrap_err().to_string();
    let elsewhere = AuthorizationResponse::from_url("http://127.0.0.1:4711/other?code=a").unwrap();
    let mut pending = pending;
    let elsewhere = pending.finish(&client(), &elsewhere, NOW).unwrap_err().to_string();
    for text in [late, elsewhere] {
        assert!(text.contains("http://127.0.0.1:4711/callback") && !text.contains("planted"), "{text}");
    }
}

/// F66: a browser that sends more cookies than fit is told so, and so is the program, unless the person clears them in time.
#[test]
fn too_many_cookies_are_told_on_the_page_and_to_the_program() {
    let pending = pending_at(CALLBACK);
    let long = |state: &str| {
        let cookies = "planted-cookie=1; ".repeat(2000);
        format!("GET /callback?code=c0de&state={state} HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\n\r\n")
    };
    let mut receiver = listening(&pending);
    let Heard::Answer(page) = receiver.hear(long(pending.state()).as_bytes(), NOW) else { panic!("no page") };
    let shown = text(&page);
    assert!(shown.starts_with("HTTP/1.1 431 ") && shown.contains("Clear the cookies"), "{shown}");
    assert!(!shown.contains("c0de") && !shown.contains("planted"), "{shown}");
    assert_eq!(receiver.wait(NOW), Some(MINUTE));
    let error = receiver.finish().unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ar13));
    let told = error.to_string();
    assert!(
        told.contains("more than 32 KiB") && told.contains("clear the browser's cookies for 127.0.0.1"),
        "{told}"
    );
    assert!(!told.contains("c0de") && !told.contains("planted"), "{told}");

    // Somebody else's long head is not taken for the browser's, and one that was cleared in time is forgotten.
    let mut receiver = listening(&pending);
    assert_eq!(hear(&mut receiver, &long("forged")), 431);
    assert!(!receiver.finish().unwrap_err().to_string().contains("cookies"));
    let mut receiver = listening(&pending);
    assert_eq!(hear(&mut receiver, &long(pending.state())), 431);
    assert_eq!(hear(&mut receiver, &request(&format!("/callback?code=a&state={}", pending.state()))), 303);
    assert!(receiver.finish().is_ok());
}

/// F50: a person who pastes the URL at which the browser ended is told what is wrong with another, and nothing is used up.
#[test]
fn a_pasted_url_is_told_why_it_is_not_the_one() {
    let mut pending = pending_at(CALLBACK);
    let state = pending.state().to_owned();
    for (url, rule) in [
        (format!("{CALLBACK}?code=c0de&state=forged"), Rule::Ar5),
        (format!("{CALLBACK}?code=c0de"), Rule::Ar5),
        (format!("https://as.example/authorize?state={state}"), Rule::Ar10),
        (format!("http://127.0.0.1:4712/callback?code=c0de&state={state}"), Rule::Ar10),
        (format!("{CALLBACK}?code=c0de&state={state}&state={state}"), Rule::Ar1),
    ] {
        let response = AuthorizationResponse::from_url(&url).unwrap();
        let error = pending.require_recognized(&response).unwrap_err();
        assert_eq!(error.rule(), Some(rule), "{url}: {error}");
        assert!(!pending.recognizes(&response));
        assert!(!error.to_string().contains("c0de") && !error.to_string().contains(&state), "{error}");
    }
    let right = AuthorizationResponse::from_url(&format!("{CALLBACK}?code=c0de&state={state}")).unwrap();
    assert!(pending.require_recognized(&right).is_ok() && !pending.is_spent());
    assert!(pending.finish(&client(), &right, NOW).is_ok());
    // The state is right: it is for `finish` to say what else is.
    assert!(pending.require_recognized(&right).is_ok());
}

/// LB-4, AR-13: a receiver listens until its deadline, wherever the clock goes.
#[test]
fn a_deadline_ends_the_waiting() {
    let receiver = listening(&pending_at(CALLBACK));
    assert_eq!(receiver.wait(NOW.after(MINUTE / 2)), Some(MINUTE / 2));
    assert_eq!(receiver.wait(NOW.after(MINUTE)), None);
    assert_eq!(receiver.wait(UnixTime::from_millis(u64::MAX)), None);
    assert_eq!(receiver.wait(NOW.before(MINUTE)), Some(2 * MINUTE));
    let error = receiver.finish().unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ar13));
    assert!(error.is_authorization_required());
}

/// LB-1: only a loopback address with a port, in the response mode that reaches a server by GET.
#[test]
fn a_receiver_is_for_loopback_addresses_only() {
    for good in [CALLBACK, "http://[::1]:4711/callback", "http://localhost:1/", "http://127.0.0.1:4711"] {
        let mut pending = pending_at(good);
        let mut receiver = listening(&pending);
        let authority = good.strip_prefix("http://").unwrap().split('/').next().unwrap();
        let path = good.strip_prefix("http://").unwrap().strip_prefix(authority).unwrap();
        let path = if path.is_empty() { "/" } else { path };
        let head =
            format!("GET {path}?code=a&state={} HTTP/1.1\r\nHost: {authority}\r\n\r\n", pending.state());
        assert_eq!(hear(&mut receiver, &head), 303, "{good}");
        assert!(pending.finish(&client(), &receiver.finish().unwrap(), NOW).is_ok(), "{good}");
    }
    for bad in
        ["https://127.0.0.1:4711/cb", "https://app.example/cb", "http://127.0.0.1/cb", "com.example.app:/cb"]
    {
        let error = Receiver::new(&pending_at(bad), NOW).unwrap_err();
        assert!(matches!(error, Error::Misuse(_)) && error.rule() == Some(Rule::Lb2), "{bad}");
    }
    let everywhere = AuthorizationRequest::new(&client(), "http://0.0.0.0:4711/callback");
    assert_eq!(everywhere.unwrap_err().rule(), Some(Rule::Aq8), "whoever is on the network would hear it");
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    for mode in [ResponseMode::Fragment, ResponseMode::FormPost] {
        let (_, pending) = request.clone().response_mode(mode).begin_unbound(entropy(1), NOW).unwrap();
        assert_eq!(Receiver::new(&pending, NOW).unwrap_err().rule(), Some(Rule::Lb2));
    }
}

/// A redirect URI may have a query of its own, which the response must bring back.
#[test]
fn a_redirect_uri_keeps_its_own_query() {
    let mut pending = pending_at("http://127.0.0.1:4711/callback?tenant=7");
    let mut receiver = listening(&pending);
    let state = pending.state().to_owned();
    assert_eq!(hear(&mut receiver, &request(&format!("/callback?code=a&state={state}"))), 404);
    assert_eq!(hear(&mut receiver, &request(&format!("/callback?tenant=7&code=a&state={state}"))), 303);
    let response: AuthorizationResponse = receiver.finish().unwrap();
    assert!(pending.finish(&client(), &response, NOW).is_ok());
}

/// Who makes room, of these and as many silent ones before and after them that the house is full.
fn first_to_go(receiver: &Receiver, these: &[&str]) -> Option<usize> {
    let newer = [""; 8];
    let before = vec!["GET /favicon.ico"; MAX_CONNECTIONS + 1 - these.len() - newer.len()];
    let heard = these.iter().chain(&before).chain(&newer);
    receiver.one_too_many(heard.map(|text| text.as_bytes()))
}

/// LB-2: of more connections than are heard at a time the one goes that promises least.
#[test]
fn s14_who_promises_least_makes_room() {
    let pending = pending_at(CALLBACK);
    let receiver = listening(&pending);
    let state = pending.state();
    assert_eq!(receiver.one_too_many([b"".as_slice(); MAX_CONNECTIONS]), None, "there is room for all");
    assert_eq!(receiver.one_too_many([b"".as_slice(); MAX_CONNECTIONS + 1]), Some(0), "who came first");

    // Silence, then what is something else, then the less of the beginning; among equals who came first.
    assert_eq!(first_to_go(&receiver, &["POST /", "", ""]), Some(1));
    assert_eq!(first_to_go(&receiver, &["G", "GET /callback/?", "GET /callback HTTP/1.1"]), Some(1));
    let beginnings = [
        "GET /callback?code=abcdefghijklmnopqrstuvwxyz1234567890",
        "GET /call",
        "GET /callback?co",
        "GET /callbac",
        "GET /callback?",
    ];
    let all = vec![beginnings[0]; MAX_CONNECTIONS - 4].into_iter().chain(beginnings);
    assert_eq!(receiver.one_too_many(all.map(str::as_bytes)), Some(0), "the newest are let be");
    let all = beginnings.into_iter().chain(vec![beginnings[0]; MAX_CONNECTIONS - 4]);
    assert_eq!(receiver.one_too_many(all.map(str::as_bytes)), Some(1), "it has said less");

    // Who has the state stays until there is nobody else, and a part of it counts for nothing.
    let known = format!("GET /callback?state={state}&code=a");
    let partly = format!("GET /callback?code=a&state={}", &state[..42]);
    let crowd = vec![
        "GET /callback?code=a&state=guessed&iss=x HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n";
        MAX_CONNECTIONS
    ];
    let with =
        |first: &str| receiver.one_too_many([first].into_iter().chain(crowd.clone()).map(str::as_bytes));
    assert_eq!(with(&known), Some(1));
    assert_eq!(with(&format!("{known} HTTP/1.1\r\nHost: 127")), Some(1));
    assert_eq!(
        with(&partly),
        Some(0),
        "a guess is as good as a part: nobody learns the state by who is closed"
    );
    let known = vec![known.as_str(); MAX_CONNECTIONS + 1];
    assert_eq!(receiver.one_too_many(known.into_iter().map(str::as_bytes)), Some(0));
}

/// LB-2: a connection is read until it is a request, kept while nothing comes, and closed when it ends or fails.
#[test]
fn a_connection_is_heard_as_its_socket_is_read() {
    let pending = pending_at(CALLBACK);
    let mut receiver = listening(&pending);
    let whole = request(&format!("/callback?code=c0de&state={}", pending.state()));
    let (first, rest) = whole.as_bytes().split_at(20);
    let mut incoming = Incoming::new();
    for (kind, next) in [(ErrorKind::WouldBlock, Next::Wait), (ErrorKind::Interrupted, Next::Read)] {
        assert_eq!(incoming.hear(Err(IoError::from(kind)), &mut receiver, NOW), next);
    }
    assert_eq!(incoming.hear(Ok(first), &mut receiver, NOW), Next::Read);
    assert_eq!(incoming.hear(Err(IoError::from(ErrorKind::WouldBlock)), &mut receiver, NOW), Next::Wait);
    assert_eq!(incoming.bytes(), first);
    assert!(!format!("{incoming:?}").contains("GET"), "{incoming:?}");
    let Next::Answer(answer) = incoming.hear(Ok(rest), &mut receiver, NOW) else { panic!("no answer") };
    assert!(text(&answer).starts_with("HTTP/1.1 303 See Other\r\n"));

    let mut incoming = Incoming::new();
    assert_eq!(incoming.hear(Ok(&[]), &mut receiver, NOW), Next::Close);
    assert_eq!(
        incoming.hear(Err(IoError::from(ErrorKind::ConnectionReset)), &mut receiver, NOW),
        Next::Close
    );
    let endless = vec![b'x'; MAX_HEAD];
    let Next::Answer(refusal) = Incoming::new().hear(Ok(&endless), &mut receiver, NOW) else {
        panic!("no end")
    };
    assert!(text(&refusal).starts_with("HTTP/1.1 4"));
}

/// LB-2: however a head is cut, it is answered with its last byte, and neither before nor later; also one whose lines end with a
/// line feed alone, and one after empty lines.
#[test]
fn a_head_that_comes_byte_by_byte_is_answered_with_its_last() {
    let heads: [fn(String) -> String; 4] = [
        |head| head,
        |head| head.replace("\r\n", "\n"),
        |head| format!("\r\n\n{head}"),
        |head| head.replace("\r\n\r\n", "\n\r\n"),
    ];
    for head in heads {
        for size in [1, 2, 3, 7] {
            let pending = pending_at(CALLBACK);
            let mut receiver = listening(&pending);
            let whole = head(request(&format!("/callback?code=c0de&state={}", pending.state())));
            let mut incoming = Incoming::new();
            let mut parts = whole.as_bytes().chunks(size).peekable();
            while let Some(part) = parts.next() {
                let next = incoming.hear(Ok(part), &mut receiver, NOW);
                match parts.peek() {
                    Some(_) => assert_eq!(next, Next::Read, "{whole:?}"),
                    None => assert!(
                        matches!(&next, Next::Answer(answer) if text(answer).starts_with("HTTP/1.1 303")),
                        "{whole:?}: {next:?}"
                    ),
                }
            }
        }
    }
}

/// LB-2: what is not a request is refused before it has grown to twice its size, and what never ends at the bound.
#[test]
fn bytes_that_are_no_head_are_refused_though_no_line_is_empty() {
    let pending = pending_at(CALLBACK);
    let mut receiver = listening(&pending);
    for (bytes, within) in [(vec![0x16; MAX_HEAD], 1), (vec![b'\n'; MAX_HEAD], MAX_HEAD)] {
        let mut incoming = Incoming::new();
        let mut heard = bytes.iter().map(|byte| incoming.hear(Ok(&[*byte]), &mut receiver, NOW));
        let refused = heard.position(|next| matches!(next, Next::Answer(_))).expect("a refusal");
        assert!(refused < within, "{refused}");
    }
}

/// LB-2: a head is not read again for each byte that comes: what follows a part that was read is looked at when there is as much
/// again, or an empty line.
#[test]
fn a_head_is_read_again_when_it_has_grown() {
    let pending = pending_at(CALLBACK);
    let mut receiver = listening(&pending);
    let first: &[u8] = b"GET /callback?code=c0de HTTP/1.1\r\n";
    let mut incoming = Incoming::new();
    assert_eq!(incoming.hear(Ok(first), &mut receiver, NOW), Next::Read);
    for byte in vec![0; first.len() - 1] {
        assert_eq!(incoming.hear(Ok(&[byte]), &mut receiver, NOW), Next::Read);
    }
    let Next::Answer(refusal) = incoming.hear(Ok(&[0]), &mut receiver, NOW) else { panic!("it is no head") };
    assert!(text(&refusal).starts_with("HTTP/1.1 4"));
}

/// LB-4: `localhost` is 127.0.0.1 alone only where the system has no IPv6; a port at `[::1]` that cannot be had otherwise may be
/// somebody else's.
#[test]
fn only_a_system_without_ipv6_is_taken_for_one() {
    for kind in [ErrorKind::AddrNotAvailable, ErrorKind::Unsupported] {
        assert!(is_without_ipv6(&kind.into()), "{kind}");
    }
    for kind in [ErrorKind::AddrInUse, ErrorKind::PermissionDenied, ErrorKind::OutOfMemory, ErrorKind::Other]
    {
        assert!(!is_without_ipv6(&kind.into()), "{kind}");
    }
    if cfg!(target_os = "linux") {
        let is = |number| is_without_ipv6(&IoError::from_raw_os_error(number));
        let (eafnosupport, eaddrnotavail, eaddrinuse, emfile) = (97, 99, 98, 24);
        assert!(is(eafnosupport) && is(eaddrnotavail) && !is(eaddrinuse) && !is(emfile));
    }
}
