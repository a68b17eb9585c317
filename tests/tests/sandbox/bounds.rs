//! How much the sandbox takes and keeps, and for how long: the most that is taken, and the least that is refused.

use valetkey_sandbox::Sandbox;

use crate::metadata::modern;
use crate::support::*;

#[test]
fn a_request_has_64_kib_of_body_and_16_of_path() {
    let mut sandbox = modern();
    let mut status = |target: &str, body: usize| {
        let request = http::Request::post(target).body(vec![b'a'; body]).unwrap();
        sandbox.answer(&request, NOW).status().as_u16()
    };
    let path = |length: usize| format!("/{}", "a".repeat(length - 1));
    assert_eq!((status("/nowhere", 64 * 1024), status("/nowhere", 64 * 1024 + 1)), (404, 413));
    assert_eq!((status(&path(16 * 1024), 0), status(&path(16 * 1024 + 1), 0)), (404, 413));
    // The query counts.
    assert_eq!(status(&format!("/a?{}", "a".repeat(16 * 1024)), 0), 413);
}

#[test]
fn a_form_has_a_hundred_parameters() {
    let mut sandbox = modern();
    let mut error = |more: usize| {
        let others: Vec<String> = (1..more).map(|number| format!("p{number}")).collect();
        let pairs: Vec<(&str, &str)> = others.iter().map(|name| (&**name, "x")).collect();
        let pairs = [&[("grant_type", "unheard-of")], &*pairs].concat();
        as_web(&mut sandbox, post("/oauth/token", &pairs)).text("error").to_owned()
    };
    assert_eq!((&*error(100), &*error(101)), ("unsupported_grant_type", "invalid_request"));
}

#[test]
fn the_log_has_two_thousand_entries_and_then_its_younger_half() {
    let mut sandbox = modern();
    let mut asked = 0;
    let mut ask = |sandbox: &mut Sandbox, times: usize| {
        for _ in 0..times {
            asked += 1;
            sandbox.answer(&get(&format!("/{asked}")), NOW);
        }
    };
    ask(&mut sandbox, 2000);
    assert_eq!(sandbox.log().len(), 2000);
    ask(&mut sandbox, 1);
    let paths: Vec<&str> = sandbox.log().iter().map(|entry| entry.request().uri().path()).collect();
    assert_eq!((paths.len(), paths[0], paths[1000]), (1001, "/1001", "/2001"));
}

#[test]
fn a_form_is_open_for_ten_minutes() {
    let decided = |seconds: u64| {
        let mut sandbox = modern();
        let page = String::from_utf8(ask(&mut sandbox, REQUEST).into_body()).unwrap();
        let (_, rest) = page.split_once("name=\"ticket\" value=\"").unwrap();
        let ticket = rest.split_once('"').unwrap().0;
        let path = sandbox.settings().dialect.authorization_path();
        let form = post(path, &[("ticket", ticket), ("decision", "deny")]);
        sandbox.answer(&form, after(seconds)).status().as_u16()
    };
    assert_eq!((decided(599), decided(600)), (303, 400));
}

#[test]
fn an_access_token_is_worth_something_until_it_expires() {
    let mut sandbox = modern();
    let answer = tokens(&mut sandbox, "alice", &[]);
    assert_eq!(answer.body["expires_in"], 600);
    let token = answer.text("access_token");
    let secret = sandbox.client_secret("web").unwrap().to_owned();
    for (seconds, status, active) in [(599, 200, true), (600, 401, false)] {
        assert_eq!(profile(&mut sandbox, token, after(seconds)).status, status, "{seconds}");
        let question = basic(post("/oauth/introspect", &[("token", token)]), "web", &secret);
        let about = Answer::of(sandbox.answer(&question, after(seconds)));
        assert_eq!(about.body["active"], active, "{seconds}");
    }
}

#[test]
fn a_pushed_request_and_a_code_are_good_until_they_expire() {
    let asked = |early: u64| {
        let mut sandbox = modern();
        sandbox.sign_in("alice");
        let pushed = as_web(&mut sandbox, post("/oauth/par", REQUEST));
        let lifetime = pushed.body["expires_in"].as_u64().unwrap();
        let asked = [("client_id", "web"), ("request_uri", pushed.text("request_uri"))];
        let url = authorization_url(&sandbox, &asked);
        sandbox.answer(&get(&url), after(lifetime - early)).status().as_u16()
    };
    assert_eq!((asked(1), asked(0)), (302, 400));
    let redeemed = |early: u64| {
        let mut sandbox = modern();
        let code = code(&mut sandbox, "alice", &[]);
        let lifetime = sandbox.settings().code_lifetime.as_secs();
        token(&mut sandbox, By::Basic("web"), &redeeming(&code), after(lifetime - early)).status
    };
    assert_eq!((redeemed(1), redeemed(0)), (200, 400));
}

#[test]
fn a_text_has_a_length() {
    let mut sandbox = demo();
    let token = sandbox.permanent_token_of_user("alice");
    let mut said = |length: usize| {
        let body = format!(r#"{{"channel":"id:general","content":{{"text":"{}"}}}}"#, "a".repeat(length));
        let message = api(&mut sandbox, "POST", "chats/messages/send-message", &token, &body, NOW).status;
        let body = format!(r#"{{"title":"{}"}}"#, "a".repeat(length));
        let path = "projects/key:DEMO/planning/issues";
        (message, api(&mut sandbox, "POST", path, &token, &body, NOW).status)
    };
    assert_eq!(
        (said(1), said(MOST), said(0), said(MOST + 1)),
        ((200, 200), (200, 200), (400, 400), (400, 400))
    );
}

/// Of a message, and of an issue's title.
const MOST: usize = 10_000;
