//! What a session makes of a renewal that fails: what it keeps, what it gives up, and how long it waits.

use valetkey_core::error::Cause;
use valetkey_core::{Error, Grant, Quirk, RefreshToken, Rule, Session};
use valetkey_tests::world::World;
use valetkey_tests::{client, client_of, json};

fn refreshing() -> World {
    World::of(Session::from_refresh_token(&client(), RefreshToken::new("r0").unwrap()))
}

fn renewing() -> World {
    World::of(Session::from_grant(&client(), Grant::client_credentials()))
}

/// A world whose token is good for a moment more, and due for renewal.
fn about_to_expire() -> World {
    let mut world = refreshing();
    world.rotates("a1", 3600, "r1");
    world.calls(1);
    world.pass(3600 - 10);
    world.sent();
    world
}

fn holds(world: &World, token: &str) -> bool {
    world.session.refresh_token().is_some_and(|held| held.expose() == token)
}

/// RF-1: a renewal that fails while the old token is still good changes nothing for callers, and is not tried on every
/// call.
#[test]
fn a_token_that_is_still_good_is_used_while_renewal_fails() {
    for (status, body) in [
        (503, "<html>down</html>"),
        (500, ""),
        (500, r#"{"error":"invalid_grant"}"#),
        (429, ""),
        (400, r#"{"error":"temporarily_unavailable"}"#),
        (400, r#"{"error":"invalid_grant"}"#),
        (401, r#"{"error":"invalid_client"}"#),
        (200, "not JSON"),
        (302, ""),
    ] {
        let mut world = about_to_expire();
        world.answers(status, body);
        world.calls(5);
        let sent = world.sent();
        assert_eq!(sent[..2], ["renew refresh_token=r1", "call a1"], "{status} {body}");
        assert_eq!(sent.len(), 6, "{status} {body}");
    }
}

#[test]
fn a_renewal_without_an_answer_leaves_a_good_token_in_use() {
    let mut world = about_to_expire();
    world.stays_silent();
    world.calls(2);
    assert_eq!(world.sent(), ["renew refresh_token=r1", "call a1", "call a1"]);
    assert!(holds(&world, "r1"));
}

/// Nobody knows whether the refresh token was used up: it is kept, and the failure may pass by itself.
#[test]
fn a_renewal_without_an_answer_keeps_the_refresh_token() {
    let mut world = refreshing();
    world.stays_silent();
    let error = world.call().unwrap_err();
    assert!(error.is_transient() && !error.is_authorization_required(), "{error}");
    assert!(holds(&world, "r0"));
    world.pass(3600);
    world.grants("a1", 600);
    world.calls(1);
}

/// ER-7, WA-3: the API refuses the token, and the server the renewal, for good. The very call that met it says that a
/// person must authorize again; it does not leave that to the next one.
#[test]
fn a_call_whose_renewal_is_refused_for_good_says_so() {
    let mut world = refreshing();
    world.rotates("a1", 600, "r1");
    world.calls(1);
    world.api_answers(401);
    world.answers(400, r#"{"error":"invalid_grant"}"#);
    assert!(matches!(world.call(), Err(Error::AuthorizationRequired(_))));
    assert!(matches!(world.call(), Err(Error::AuthorizationRequired(_))));
}

/// ER-5, ER-7: only the server's plain word that the grant is no good ends it; a 5xx with that word does not.
#[test]
fn only_invalid_grant_gives_a_refresh_token_up() {
    for (status, body, transient, gone) in [
        (503, "", true, false),
        (500, r#"{"error":"invalid_grant"}"#, true, false),
        (502, r#"{"error":"invalid_client"}"#, true, false),
        (429, r#"{"error":"slow_down"}"#, true, false),
        (408, "", true, false),
        (400, r#"{"error":"temporarily_unavailable"}"#, true, false),
        (400, r#"{"error":"server_error"}"#, true, false),
        (401, r#"{"error":"invalid_client"}"#, false, false),
        (400, r#"{"error":"invalid_scope"}"#, false, false),
        (400, r#"{"error":"invalid_request"}"#, false, false),
        (404, "<html>", false, false),
        (200, r#"{"error":"invalid_grant"}"#, false, true),
        (400, r#"{"error":"invalid_grant"}"#, false, true),
        (401, r#"{"error":"invalid_grant"}"#, false, true),
    ] {
        let mut world = refreshing();
        world.answers(status, body);
        let error = world.call().unwrap_err();
        assert_eq!(error.is_transient(), transient, "{status} {body}: {error}");
        assert_eq!(error.is_authorization_required(), gone, "{status} {body}: {error}");
        assert_eq!(error.is_invalid_grant(), gone, "{status} {body}: {error}");
        assert_eq!(!holds(&world, "r0"), gone, "{status} {body}");
    }
}

#[test]
fn who_must_authorize_again_is_told_so_and_no_request_is_made_for_it() {
    let mut world = refreshing();
    world.answers(400, r#"{"error":"invalid_grant","error_description":"revoked by its owner"}"#);
    for _ in 0..3 {
        let Err(Error::AuthorizationRequired(required)) = world.call() else { panic!("a person is needed") };
        let Cause::Refused(refused) = required.cause() else { panic!("the server refused") };
        assert_eq!(refused.description(), Some("revoked by its owner"));
        world.pass(86_400);
    }
    assert_eq!(world.sent().len(), 1);
}

/// Nothing renews it, and nothing was ever refused: the error says so, and no request goes out.
#[test]
fn a_session_that_has_expired_and_that_nothing_renews_needs_a_person() {
    let mut world = renewing();
    world.grants("a1", 600);
    world.calls(1);
    let stored = world.session.record().unwrap();
    let mut world = World::of(Session::from_record(&client(), stored).unwrap());
    world.calls(1);
    world.sent();
    world.pass(600);
    let Err(Error::AuthorizationRequired(required)) = world.call() else { panic!("a person is needed") };
    assert!(matches!(required.cause(), Cause::Expired));
    assert!(world.sent().is_empty());
}

/// A refusal that is not for good poisons nothing: the next attempt, in its time, may succeed.
#[test]
fn a_failure_is_remembered_for_a_moment_and_then_tried_again() {
    for (status, body) in [
        (503, ""),
        (400, r#"{"error":"invalid_scope"}"#),
        (401, r#"{"error":"invalid_client"}"#),
        (200, "{}"),
    ] {
        let mut world = renewing();
        world.answers(status, body);
        for _ in 0..50 {
            assert!(world.call().is_err());
        }
        assert_eq!(world.sent().len(), 1, "one request for fifty callers");
        world.pass(3600);
        world.grants("a1", 600);
        world.calls(1);
    }
}

/// The wait grows with each failure, and stays below what would look like a hang.
#[test]
fn the_wait_between_attempts_grows_and_is_bounded() {
    let mut world = renewing();
    let mut attempts = Vec::new();
    for second in 0..600_u64 {
        world.answers(503, "");
        assert!(world.call().is_err());
        if !world.sent().is_empty() {
            attempts.push(second);
        }
        world.pass(1);
    }
    let waits: Vec<u64> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.is_sorted(), "{waits:?}");
    assert!((6..40).contains(&attempts.len()), "{attempts:?}");
    assert!(waits.iter().all(|wait| *wait <= 120), "{waits:?}");
}

/// After a success the next failure is the first one again, and waits a moment only.
#[test]
fn a_success_ends_the_growing_of_the_wait() {
    let mut world = renewing();
    for _ in 0..6 {
        world.answers(503, "");
        assert!(world.call().is_err());
        world.pass(3600);
    }
    world.grants("a1", 600);
    world.calls(1);
    world.pass(600);
    world.answers(503, "");
    assert!(world.call().is_err());
    world.pass(4);
    world.grants("a2", 600);
    world.calls(1);
}

#[test]
fn a_server_that_says_when_to_come_back_is_not_asked_before() {
    let mut world = renewing();
    let mut busy = json(503, "");
    busy.headers_mut().insert("retry-after", "300".parse().unwrap());
    world.answers_with(busy);
    assert!(world.call().is_err());
    world.pass(299);
    assert!(world.call().unwrap_err().is_transient());
    assert_eq!(world.sent().len(), 1);
    world.pass(1);
    world.grants("a1", 600);
    world.calls(1);
}

/// TR-1, TR-2: a broken answer to a renewal is told with its rule, and the refresh token is kept.
#[test]
fn a_broken_answer_is_told_with_its_rule() {
    for (rule, status, body) in [
        (Rule::Tr1, 302, ""),
        (Rule::Tr2, 200, "[]"),
        (Rule::Tr5, 200, "{}"),
        (Rule::Er1, 200, r#"{"error":7}"#),
    ] {
        let mut world = refreshing();
        world.answers(status, body);
        assert_eq!(world.call().unwrap_err().rule(), Some(rule));
        assert!(holds(&world, "r0"));
    }
}

/// TR-6: what a quirk of the server admits by now is no reason to wait.
#[test]
fn a_failure_whose_quirk_is_admitted_since_is_not_waited_for() {
    let mut world = refreshing();
    world.answers(200, r#"{"access_token":"a1","expires_in":600}"#);
    let error = world.call().unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr6), Some(Quirk::NoTokenType)));
    // As another process reads it.
    let record = serde_json::to_value(world.session.record().unwrap()).unwrap();
    let taken_up = |quirk: Quirk| {
        let client = client_of(client().server().clone().admit(quirk));
        let mut world = World::of(
            Session::from_record(&client, serde_json::from_value(record.clone()).unwrap()).unwrap(),
        );
        world.answers(200, r#"{"access_token":"a1","expires_in":600}"#);
        world.call()
    };
    assert_eq!(taken_up(Quirk::EmptyScope).unwrap_err().rule(), Some(Rule::Tr6));
    assert_eq!(taken_up(Quirk::NoTokenType).unwrap(), 200);
}
