//! What is shown of the sandbox for a log: which it is, and no secret. One that shows nothing at all would pass every test of what it
//! must not show.

use std::fmt::Debug;

use valetkey_sandbox::{Arrival, Front, Persona, Provider, RawAnswer, RawFront, Stage};

use crate::support::*;

#[track_caller]
fn shows(value: &dyn Debug, texts: &[&str], secrets: &[&str]) {
    let shown = format!("{value:?}");
    for text in texts {
        assert!(shown.contains(text), "{shown} says nothing of {text}");
    }
    for secret in secrets {
        assert!(!shown.contains(secret), "{shown} says {secret}");
    }
}

#[test]
fn a_server_says_how_much_there_is_of_everything() {
    let mut sandbox = demo();
    let answer = tokens(&mut sandbox, "alice", &[]);
    let secret = sandbox.client_secret("web").unwrap().to_owned();
    let secrets = [answer.text("access_token"), answer.text("refresh_token"), &secret];
    let log = format!("log: {}", sandbox.log().len());
    let texts = [
        "Sandbox { settings: Settings",
        "users: ",
        "applications: ",
        "access_tokens: 1",
        "refresh_tokens: 1",
        &log,
    ];
    shows(&sandbox, &texts, &secrets);
    let entry = sandbox.log().last().unwrap();
    shows(entry, &["LogEntry(", "/oauth/token"], &secrets);
}

#[test]
fn a_person_and_where_they_arrive_are_shown_without_what_is_secret() {
    let alice = person("alice");
    shows(&alice, &["Person { username: \"alice\""], &[valetkey_sandbox::DEMO_USERS[0].1]);
    let mut sandbox = demo();
    let by_query = arrive(&mut sandbox, "alice", REQUEST);
    let code = by_query.parameter("code").unwrap();
    assert_eq!(format!("{by_query:?}"), format!("Get({WEB}..)"));
    assert!(!format!("{by_query:?}").contains(&code));
    let by_fragment = arrive(&mut sandbox, "alice", &with(REQUEST, &[("response_mode", "fragment")]));
    assert_eq!(format!("{by_fragment:?}"), format!("Get({WEB}..)"));
    let posted = arrive(&mut sandbox, "alice", &with(REQUEST, &[("response_mode", "form_post")]));
    assert!(matches!(posted, Arrival::Post(_)));
    assert_eq!(format!("{posted:?}"), "Post(/callback..)");
}

#[test]
fn what_listens_says_where_and_what_is_played_says_which() {
    let front = Front::start(demo()).unwrap();
    shows(&front, &["Front { ", front.url()], &[]);
    let raw = RawFront::start([RawAnswer::default()]).unwrap();
    shows(&raw, &["RawFront { ", raw.url()], &[]);
    let stage = Stage::start().unwrap();
    shows(&stage, &["Stage { ", "proxy: \"http://127.0.0.1:"], &[]);
    let apple = Provider::new(&Persona::named("apple").unwrap(), [7; 32]);
    shows(&apple, &["Provider { ", "apple", "token_requests: 0"], &[]);
    let written = apple.written_secret().unwrap();
    shows(&written, &["WrittenSecret { issuer: ", written.issuer], &["\"d\""]);
}
