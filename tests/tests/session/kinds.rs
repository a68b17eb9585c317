//! Where a session's tokens come from: a person's hand, the client's own grant, a refresh token.

use std::time::Duration;

use valetkey_core::session::{Call, SessionRecord};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, Error, Flow, Grant, RefreshToken, Rule, Session, Step, Subject,
    TokenRequest, TokenResponse,
};
use valetkey_tests::renewing::assertion;
use valetkey_tests::world::{World, token};
use valetkey_tests::{NOW, client, client_of, get, json, server};

fn permanent() -> Session {
    let token = AccessToken::new("p").unwrap();
    Session::from_permanent_token("https://api.example", token, Subject::User).unwrap()
}

fn refreshing(token: &str) -> Session {
    Session::from_refresh_token(&client(), RefreshToken::new(token).unwrap())
}

fn renewing() -> Session {
    Session::from_grant(&client(), Grant::client_credentials().scope("read").unwrap())
}

fn issued(body: &str) -> Session {
    let mut flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
    let _ = flow.step(None, NOW).unwrap();
    let Step::Done(tokens) = flow.step(Some(json(200, body)), NOW).unwrap() else { panic!("no tokens") };
    Session::from_tokens(&client(), &tokens)
}

#[test]
fn a_permanent_token_signs_every_call_and_is_never_renewed() {
    let mut world = World::of(permanent());
    world.calls(1);
    world.pass(100 * 365 * 86_400);
    world.calls(1);
    assert_eq!(world.sent(), ["call p", "call p"]);
    // WA-3: a refused one is the API's answer, for there is nothing to repeat the call with.
    world.api_answers(401);
    assert_eq!(world.call().unwrap(), 401);
    assert_eq!(world.sent(), ["call p"]);
    assert!(world.session.record().is_none());
    assert!(world.session.credential().unwrap().is_fresh(NOW));
}

#[test]
fn a_clients_own_grant_gets_each_token_when_it_is_needed() {
    let mut world = World::of(renewing());
    assert!(world.session.credential().is_none());
    world.grants("a1", 600);
    world.calls(3);
    world.pass(600);
    world.grants("a2", 600);
    world.calls(2);
    assert_eq!(
        world.sent(),
        [
            "renew client_credentials&scope=read",
            "call a1",
            "call a1",
            "call a1",
            "renew client_credentials&scope=read",
            "call a2",
            "call a2",
        ]
    );
}

/// TR-13: a rotated refresh token is adopted, and the old one kept if none comes.
#[test]
fn a_new_refresh_token_replaces_the_old_one_and_none_leaves_it_in_place() {
    let mut world = World::of(refreshing("r0"));
    world.rotates("a1", 600, "r1");
    world.calls(1);
    assert_eq!(world.session.refresh_token().unwrap().expose(), "r1");
    world.pass(600);
    world.grants("a2", 600);
    world.calls(1);
    assert_eq!(world.session.refresh_token().unwrap().expose(), "r1");
    world.pass(600);
    world.rotates("a3", 600, "r3");
    world.calls(1);
    let expected = [
        "renew refresh_token=r0",
        "call a1",
        "renew refresh_token=r1",
        "call a2",
        "renew refresh_token=r1",
        "call a3",
    ];
    assert_eq!(world.sent(), expected);
    assert_eq!(world.session.refresh_token().unwrap().expose(), "r3");
}

/// TR-14: the scope of a refresh token is kept, is not asked for again, and is never widened.
#[test]
fn a_refreshed_token_keeps_its_scope() {
    let token = RefreshToken::new("r0").unwrap();
    let session = || Session::from_refresh_token(&client(), token.clone()).with_scope("a b").unwrap();
    let mut world = World::of(session());
    world.grants("a1", 600);
    world.calls(1);
    assert_eq!(world.sent()[0], "renew refresh_token=r0");
    assert_eq!(world.session.scope().unwrap().as_str(), "a b");

    let mut world = World::of(session());
    world.answers(200, r#"{"access_token":"a1","token_type":"Bearer","scope":"a b admin"}"#);
    assert_eq!(world.call().unwrap_err().rule(), Some(Rule::Tr14));
    assert!(world.session.credential().is_none());
    assert_eq!(world.session.refresh_token(), Some(&token));
}

/// TR-11, TR-14: what is said of a refresh token's scope is a scope; what the server itself said of its tokens stays.
#[test]
fn a_scope_is_said_of_a_refresh_token_that_came_from_elsewhere() {
    let token = RefreshToken::new("r0").unwrap();
    let session = || Session::from_refresh_token(&client(), token.clone());
    assert_eq!(session().with_scope("a\"b").unwrap_err().rule(), Some(Rule::Tr11));
    assert_eq!(session().scope(), None);
    assert_eq!(session().with_scope("a b").unwrap().scope().unwrap().as_str(), "a b");
    let login = issued(r#"{"access_token":"a","token_type":"Bearer","refresh_token":"r","scope":"a"}"#)
        .with_scope("a b")
        .unwrap();
    assert_eq!(login.scope().unwrap().as_str(), "a");
    let own = Session::from_grant(&client(), Grant::client_credentials()).with_scope("a b").unwrap();
    assert_eq!(own.scope(), None);
}

#[test]
fn tokens_that_were_issued_are_used_and_renewed_by_their_refresh_token() {
    let mut world = World::of(issued(&token("a0", 600, Some("r0"))));
    world.calls(2);
    world.pass(600);
    world.grants("a1", 600);
    world.calls(1);
    assert_eq!(world.sent(), ["call a0", "call a0", "renew refresh_token=r0", "call a1"]);
}

/// A token whose lifetime nobody knows is used until the API refuses it.
#[test]
fn a_token_without_a_lifetime_is_used_until_it_is_refused() {
    let body = r#"{"access_token":"a0","token_type":"Bearer","refresh_token":"r0"}"#;
    let mut world = World::of(issued(body));
    world.pass(10 * 365 * 86_400);
    world.calls(1);
    world.api_answers(401);
    world.grants("a1", 600);
    world.calls(1);
    assert_eq!(world.sent(), ["call a0", "call a0", "renew refresh_token=r0", "call a1"]);
}

#[test]
fn a_refresh_token_goes_first_and_the_sessions_grant_after_it() {
    let mut world = World::of(refreshing("r0").with_grant(assertion()).unwrap());
    world.answers(400, r#"{"error":"invalid_grant"}"#);
    world.grants("a1", 600);
    world.calls(1);
    assert_eq!(
        world.sent(),
        [
            "renew refresh_token=r0",
            "renew urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=e30.e30.c2ln",
            "call a1"
        ]
    );
}

#[test]
fn the_subject_is_known_and_shown() {
    for (session, subject) in [
        (permanent(), Subject::User),
        (renewing(), Subject::Application),
        (refreshing("r"), Subject::User),
        (issued(&token("a", 600, None)), Subject::Application),
    ] {
        assert_eq!(session.subject(), Some(subject));
        assert!(format!("{session:?}").contains(&format!("{subject:?}")), "{session:?}");
    }
    assert_eq!(
        (Subject::User.to_string(), Subject::Application.to_string()),
        ("user".into(), "application".into())
    );
    // The bare message does not know what was asked for.
    let tokens =
        TokenResponse::parse(json(200, &token("a", 600, None)), NOW, &AuthorizationServer::new()).unwrap();
    assert_eq!((tokens.subject(), Session::from_tokens(&client(), &tokens).subject()), (None, None));
}

/// A lifetime counts from when the token was asked for: a slow answer makes it shorter.
#[test]
fn a_slow_answer_makes_a_lifetime_shorter() {
    let mut session = renewing();
    let mut flow = session.call(get("https://api.example/me")).unwrap();
    let Step::Send(_) = flow.step(None, NOW).unwrap() else { panic!("nothing to send") };
    let late = NOW.after(Duration::from_secs(400));
    let Step::Send(_) = flow.step(Some(json(200, &token("a1", 600, None))), late).unwrap() else {
        panic!("nothing to send")
    };
    drop(flow);
    let expiry = session.credential().unwrap().expires_at();
    assert_eq!(expiry, Some(NOW.after(Duration::from_secs(600))));
}

/// ST-1: a stored session belongs to its client at its server; its expiry and its refresh token survive a restart.
#[test]
fn a_stored_session_is_taken_up_by_its_own_client_only() {
    let mut world = World::of(refreshing("r0"));
    world.rotates("a1", 600, "r1");
    world.calls(1);
    let stored = serde_json::to_string(&world.session.record().unwrap()).unwrap();
    let restore = |client: &Client| {
        let record: SessionRecord = serde_json::from_str(&stored).unwrap();
        assert_eq!(record.belongs_to(client), Session::from_record(client, record.clone()).is_ok());
        Session::from_record(client, record)
    };
    for other in [
        Client::new(server(), "another"),
        client_of(server().issuer("https://other.example").unwrap()),
        client_of(server().token_endpoint("https://other.example/token").unwrap()),
    ] {
        assert_eq!(restore(&other).unwrap_err().rule(), Some(Rule::St1));
    }

    let now = world.now;
    let mut world = World::of(restore(&client()).unwrap());
    world.now = now.after(Duration::from_secs(300));
    assert_eq!(world.session.subject(), Some(Subject::User));
    world.calls(1);
    world.pass(300);
    world.grants("a2", 600);
    world.calls(1);
    assert_eq!(world.sent(), ["call a1", "renew refresh_token=r1", "call a2"]);
}

#[test]
fn a_restored_session_of_a_client_renews_by_the_grant_it_is_given() {
    let mut world = World::of(renewing());
    world.grants("a1", 600);
    world.calls(1);
    let record = world.session.record().unwrap();
    let session =
        Session::from_record(&client(), record).unwrap().with_grant(Grant::client_credentials()).unwrap();
    let mut world = World::of(session);
    world.pass(600);
    world.grants("a2", 600);
    world.calls(1);
    assert_eq!(world.sent(), ["renew client_credentials", "call a2"]);
}

/// WA-5: a session goes to its APIs; what would need two credentials is refused.
#[test]
fn a_call_has_the_sessions_credential_and_no_other() {
    let mut request = get("https://api.example/me");
    request.headers_mut().insert("authorization", "Bearer mine".parse().unwrap());
    assert!(matches!(permanent().call(request).unwrap_err(), Error::Misuse(_)));
    let call = Call::new(permanent().shared(), &get("https://api.example/a?b=c")).unwrap();
    assert_eq!(format!("{call:?}"), r#"Call { method: GET, path: "/a", .. }"#);
}
