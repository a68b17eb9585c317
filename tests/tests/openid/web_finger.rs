//! DI-13: from what a person types to an issuer that the program admits.

use serde_json::{Value, json};
use valetkey_core::openid::WebFinger;
use valetkey_core::{Discovery, Error, Flow, Quirk, Response, Rule, Step};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, json as plain};

use crate::world::rule;

const ISSUER_REL: &str = "http://openid.net/specs/connect/1.0/issuer";

pub(crate) fn finger(identifier: &str) -> Result<WebFinger, Error> {
    WebFinger::new(identifier, |issuer| issuer == "https://as.example")
}

fn jrd(body: &Value) -> Response {
    let mut answer = plain(200, &body.to_string());
    answer.headers_mut().insert("content-type", "application/jrd+json".parse().unwrap());
    answer
}

fn leading_to(href: &str) -> Value {
    json!({"subject": "acct:joe@example.com", "links": [{"rel": ISSUER_REL, "href": href}]})
}

fn outcome(answer: Response) -> Result<String, Error> {
    play(finger("joe@example.com").unwrap(), [Some(answer)]).outcome
}

/// DI-13: an identifier has 1 KiB, and an answer 256 links.
#[test]
fn an_identifier_and_its_answer_have_a_size() {
    let typed = |length: usize| finger(&format!("{}@example.com", "a".repeat(length - "@example.com".len())));
    assert!(typed(1024).is_ok());
    assert_eq!(rule(typed(1025)), Rule::Di13);
    let answered = |links: usize| {
        let mut body = leading_to("https://as.example");
        let others = (1..links).map(|_| json!({ "rel": "other" }));
        body["links"].as_array_mut().unwrap().extend(others);
        outcome(jrd(&body))
    };
    assert_eq!(answered(256).unwrap(), "https://as.example");
    assert_eq!(rule(answered(257)), Rule::Di13);
}

/// OpenID Connect Discovery §2.2: what is typed, where it is asked, and about what.
#[test]
fn an_identifier_is_normalized() {
    for (typed, host, resource) in [
        ("joe@example.com", "example.com", "acct:joe@example.com"),
        ("  joe@example.com ", "example.com", "acct:joe@example.com"),
        ("acct:joe@example.com", "example.com", "acct:joe@example.com"),
        ("ACCT:joe@example.com", "example.com", "acct:joe@example.com"),
        (
            "acct:juliet%40capulet.example@shop.example",
            "shop.example",
            "acct:juliet%40capulet.example@shop.example",
        ),
        ("example.com", "example.com", "https://example.com/"),
        ("example.com:8080", "example.com:8080", "https://example.com:8080/"),
        ("example.com:8080/joe", "example.com:8080", "https://example.com:8080/joe"),
        ("https://example.com/joe", "example.com", "https://example.com/joe"),
        ("HTTPS://example.com/joe?a=b#c", "example.com", "https://example.com/joe?a=b"),
        ("example.com/joe@home", "example.com", "https://example.com/joe@home"),
    ] {
        let mut flow = finger(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
        let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("{typed}") };
        let uri = request.uri();
        assert_eq!((uri.scheme_str(), uri.path()), (Some("https"), "/.well-known/webfinger"), "{typed}");
        assert_eq!(uri.authority().unwrap().as_str(), host, "{typed}");
        let query: Vec<_> = form_urlencoded::parse(uri.query().unwrap().as_bytes()).collect();
        assert_eq!(
            query,
            [("resource".into(), resource.into()), ("rel".into(), ISSUER_REL.into())],
            "{typed}"
        );
        assert!(request.headers()["accept"].to_str().unwrap().starts_with("application/jrd+json"));
        assert!(!request.headers().contains_key("authorization"));
        assert!(!format!("{flow:?}").contains("joe"));
    }
}

/// DI-13: https alone, no address in numbers, no user, nothing that is read in two ways.
#[test]
fn what_is_no_identifier_is_refused() {
    for typed in [
        "",
        "  ",
        "http://example.com/joe",
        "https:example.com",
        "mailto:joe@example.com",
        "ftp://example.com",
        "=joe",
        "@joe",
        "joe@",
        "@example.com",
        "acct:joe",
        "acct:joe@example.com/path",
        "acct:joe@example.com:8080",
        "joe@example.com:8080",
        "https://joe@example.com/",
        "joe@127.0.0.1",
        "8.8.8.8",
        "https://[2606:4700::1]/",
        "joe@0x7f.1",
        "https://exa mple.com",
        "jöe@example.com",
        "joe@example.com\r\nHost: evil",
        "joe@exam%70le.com",
        "https:///path",
    ] {
        assert_eq!(rule(finger(typed)), Rule::Di13, "{typed}");
    }
    assert_eq!(rule(finger(&format!("{}@example.com", "j".repeat(1024)))), Rule::Di13);
}

/// DI-13: a host that the internet does not have is asked only by a program that says so.
#[test]
fn a_private_host_is_not_asked() {
    for typed in ["joe@localhost", "joe@intranet", "https://printer.local/joe", "joe@login.corp"] {
        let mut flow = finger(typed).unwrap();
        assert_eq!(rule(flow.step(None, NOW)), Rule::Di13, "{typed}");
        let mut flow = finger(typed).unwrap().private_hosts();
        assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))), "{typed}");
    }
}

/// The issuer is a string for `Discovery::new`; the first link of the right `rel`, compared exactly, leads there.
#[test]
fn the_first_link_to_an_issuer_is_followed() {
    let body = json!({
        "links": [
            {"rel": "http://webfinger.net/rel/avatar", "href": "https://example.com/joe.png"},
            {"rel": "HTTP://OPENID.NET/specs/connect/1.0/issuer", "href": "https://evil.example"},
            {"rel": format!("{ISSUER_REL}/"), "href": "https://evil.example"},
            {"rel": ISSUER_REL, "href": "https://as.example"},
            {"rel": ISSUER_REL, "href": "https://evil.example"},
        ],
    });
    let issuer = outcome(jrd(&body)).unwrap();
    assert_eq!(issuer, "https://as.example");
    assert!(Discovery::new(&issuer).is_ok());
    assert!(outcome(plain(200, &body.to_string())).is_ok(), "as application/json too");
}

/// DI-13: by whom people may log in is the program's to say, before anything is fetched from there.
#[test]
fn an_issuer_that_the_program_does_not_admit_ends_it() {
    for issuer in ["https://evil.example", "https://as.example/", "https://AS.example"] {
        let refused = outcome(jrd(&leading_to(issuer)));
        let played = play(finger("joe@example.com").unwrap(), [Some(jrd(&leading_to(issuer)))]);
        assert_eq!(played.sent.len(), 1, "nothing is fetched from {issuer}");
        assert!(matches!(rule(refused), Rule::Di13 | Rule::Di1), "{issuer}");
    }
    let error = outcome(jrd(&leading_to("https://evil.example"))).unwrap_err();
    assert!(error.to_string().contains("https://evil.example"), "{error}");
}

/// DI-1.
#[test]
fn what_is_linked_to_is_an_issuer() {
    for href in [
        "http://as.example",
        "https://as.example?x",
        "https://as.example#x",
        "https://a@as.example",
        "as.example",
        "",
    ] {
        let flow = WebFinger::new("joe@example.com", |_| true).unwrap();
        assert_eq!(play(flow, [Some(jrd(&leading_to(href)))]).rule(), Rule::Di1, "{href}");
    }
}

/// DI-13, TR-2, HT-1: a JRD is one strict object.
#[test]
fn a_document_that_is_not_in_order_is_refused() {
    for body in [
        json!({}),
        json!({"links": []}),
        json!({"links": {}}),
        json!({"links": ["https://as.example"]}),
        json!({"links": [{"href": "https://as.example"}]}),
        json!({"links": [{"rel": 1, "href": "https://as.example"}]}),
        json!({"links": [{"rel": ISSUER_REL}]}),
        json!({"links": [{"rel": ISSUER_REL, "href": ["https://as.example"]}]}),
        json!({"links": [{"rel": ISSUER_REL, "href": "https://as.example"}, {"rel": "x", "href": 1}]}),
        json!({"subject": 1, "links": [{"rel": ISSUER_REL, "href": "https://as.example"}]}),
        json!({"links": vec![json!({"rel": ISSUER_REL, "href": "https://as.example"}); 257]}),
    ] {
        assert_eq!(rule(outcome(jrd(&body))), Rule::Di13, "{body}");
    }
    assert_eq!(rule(outcome(plain(200, "[]"))), Rule::Tr2);
    assert_eq!(rule(outcome(plain(201, &leading_to("https://as.example").to_string()))), Rule::Di13);
    let mut moved = plain(301, "");
    moved.headers_mut().insert("location", "https://evil.example/".parse().unwrap());
    assert_eq!(rule(outcome(moved)), Rule::Ht1);
    assert!(outcome(plain(404, "")).unwrap_err().refused().is_some());

    let page = || {
        let mut answer = plain(200, &leading_to("https://as.example").to_string());
        answer.headers_mut().insert("content-type", "text/html".parse().unwrap());
        answer
    };
    let error = outcome(page()).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Di13), Some(Quirk::AnyContentType)));
    let lax = finger("joe@example.com").unwrap().admit(Quirk::AnyContentType);
    assert!(play(lax, [Some(page())]).outcome.is_ok());
    let lost = play(finger("joe@example.com").unwrap(), [None]);
    assert!(lost.outcome.is_err());
}
