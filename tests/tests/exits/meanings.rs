//! Refusals in other words: what they mean is data, and decides.

use std::time::Duration;

use valetkey_core::error::Retry;
use valetkey_core::session::SessionRecord;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, DeviceAuthorizationRequest, DevicePoll,
    Error, RefreshToken, Response, Session, TokenResponse,
};
use valetkey_tests::script::play;
use valetkey_tests::world::World;
use valetkey_tests::{NOW, client_of, entropy, json, server};

use crate::whole;

fn meaning(member: &str, value: &str, code: &str) -> AuthorizationServer {
    server().refusal_means(member, value, code).unwrap()
}

fn refused(server: &AuthorizationServer, response: Response) -> Error {
    TokenResponse::parse(response, NOW, server).unwrap_err()
}

/// HubSpot, Atlassian, Slack, GitHub, Withings, Google's APIs: a member, a value, and what it means.
#[test]
fn a_dead_refresh_token_is_known_in_any_words() {
    for (member, value, status, body) in [
        (
            "status",
            "BAD_REFRESH_TOKEN",
            400,
            r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid"}"#,
        ),
        (
            "error_description",
            "refresh_token is invalid",
            403,
            r#"{"error":"unauthorized_client","error_description":"refresh_token is invalid"}"#,
        ),
        ("error", "bad_refresh_token", 200, r#"{"error":"bad_refresh_token"}"#),
        ("/error/status", "INVALID_ARGUMENT", 400, r#"{"error":{"code":400,"status":"INVALID_ARGUMENT"}}"#),
        ("/error/code", "190", 400, r#"{"error":{"code":190,"message":"Expired."}}"#),
        ("status", "401", 200, r#"{"status":401,"body":{}}"#),
        ("ok", "false", 200, r#"{"ok":false}"#),
        (
            "/errors/0/errorType",
            "invalid_grant",
            401,
            r#"{"errors":[{"errorType":"invalid_grant"}],"success":false}"#,
        ),
    ] {
        let error = refused(&meaning(member, value, "invalid_grant"), json(status, body));
        assert!(error.is_invalid_grant(), "{body}: {error}");
        assert_eq!(error.refused().unwrap().meaning(), Some("invalid_grant"));
        assert!(error.to_string().contains("which means invalid_grant"), "{error}");
        // Nothing is decided by it that was not said.
        if let Err(error) = TokenResponse::parse(json(status, body), NOW, &server()) {
            assert!(!error.is_invalid_grant(), "{body}");
        }
    }
}

/// The code stays as it came, another value means nothing, and of several that fit the first counts.
#[test]
fn only_what_was_said_has_a_meaning() {
    let server = meaning("error", "a", "invalid_grant").refusal_means("error", "a", "access_denied").unwrap();
    let error = refused(&server, json(400, r#"{"error":"a"}"#));
    assert!(*error.refused().unwrap().code().unwrap() == "a" && error.is_invalid_grant());
    for body in [
        r#"{"error":"A"}"#,
        r#"{"error":"aa"}"#,
        r#"{"error":["a"]}"#,
        r#"{"error":{"a":"a"}}"#,
        r#"{"x":"a"}"#,
        "a",
    ] {
        assert_eq!(refused(&server, json(400, body)).refused().unwrap().meaning(), None, "{body}");
    }
    // A server in trouble is believed to be so, whatever it says.
    assert!(!refused(&server, json(503, r#"{"error":"a"}"#)).is_invalid_grant());
    // And what is a token is one.
    let good = json(200, r#"{"access_token":"a","token_type":"Bearer","state":"a"}"#);
    assert!(TokenResponse::parse(good, NOW, &server).is_ok());
}

/// ER-5: what may pass is tried again, and what may not is not.
#[test]
fn a_meaning_decides_what_is_tried_again() {
    let server = meaning("status", "601", "temporarily_unavailable");
    let error = refused(&server, json(200, r#"{"status":601,"body":{},"message":"Too many requests"}"#));
    assert!(error.is_transient());
    let refused = error.refused().unwrap();
    assert_eq!(refused.retry(), Retry::Later(None));
    assert_eq!(refused.description(), Some("Too many requests"));
}

/// AR-6: a person's no, under another name.
#[test]
fn a_denial_in_a_redirect_is_known_in_any_words() {
    let denied = |server: AuthorizationServer, parameters: &str| {
        let client = client_of(server);
        let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let back = format!("https://app.example/callback?{parameters}&state={}", pending.state());
        pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).err().unwrap()
    };
    assert!(!denied(server(), "error=user_denied").is_access_denied());
    let error = denied(meaning("error", "user_denied", "access_denied"), "error=user_denied");
    assert!(error.is_access_denied() && *error.refused().unwrap().code().unwrap() == "user_denied");
    let by_number = meaning("error_code", "200", "access_denied");
    assert!(denied(by_number, "error=permissions_error&error_code=200").is_access_denied());
}

/// DV-3, DV-4: Twitch's device flow, and the ends of it.
#[test]
fn a_device_goes_on_and_ends_by_the_meaning() {
    let server = [
        ("authorization_pending", "authorization_pending"),
        ("Slow Down!", "slow_down"),
        ("invalid device code", "expired_token"),
        ("no", "access_denied"),
    ]
    .into_iter()
    .fold(server(), |server, (message, code)| server.refusal_means("message", message, code).unwrap());
    let client = whole(server);
    let begun = || {
        let answer = r#"{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","expires_in":600,"interval":5}"#;
        play(DeviceAuthorizationRequest::new(&client).unwrap(), [Some(json(200, answer))]).outcome.unwrap()
    };
    let says = |message: &str| Some(json(400, &format!(r#"{{"status":400,"message":"{message}"}}"#)));
    let tokens = || Some(json(200, r#"{"access_token":"a","token_type":"bearer"}"#));
    let poll = |answers: Vec<Option<Response>>| play(DevicePoll::new(&client, begun()).unwrap(), answers);
    let played = poll(vec![says("authorization_pending"), says("Slow Down!"), tokens()]);
    assert!(played.outcome.is_ok());
    assert_eq!(played.waits, [5, 5, 10].map(Duration::from_secs));
    assert!(poll(vec![says("invalid device code")]).outcome.unwrap_err().is_authorization_required());
    assert!(poll(vec![says("no")]).outcome.unwrap_err().is_access_denied());
    assert_eq!(poll(vec![says("something else")]).sent.len(), 1);
}

/// ER-7, RF-1: a session asks no more with a token that is dead, and the next process is told why.
#[test]
fn a_session_ends_by_the_meaning_and_its_record_keeps_it() {
    let server = meaning("status", "BAD_REFRESH_TOKEN", "invalid_grant");
    let client = client_of(server);
    let session = Session::from_refresh_token(&client, RefreshToken::new("dead").unwrap());
    let mut world = World::of(session);
    world.answers(400, r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}"#);
    let error = world.call().unwrap_err();
    assert!(error.is_authorization_required(), "{error}");
    assert_eq!(world.sent(), ["renew refresh_token=dead"]);
    for _ in 0..5 {
        world.pass(3600);
        assert!(world.call().unwrap_err().is_authorization_required());
    }
    assert!(world.sent().is_empty(), "it asks again");
    let kept = serde_json::to_string(&world.session.record().unwrap()).unwrap();
    let record: SessionRecord = serde_json::from_str(&kept).unwrap();
    let told = World::of(Session::from_record(&client, record).unwrap()).call().unwrap_err();
    assert!(told.is_authorization_required() && told.is_invalid_grant(), "{told}");
    assert_eq!(told.refused().unwrap().meaning(), Some("invalid_grant"));
    // In the server's words, as the first process heard them.
    assert_eq!(told.to_string(), error.to_string());
}

/// A number below 0 is compared as it is written, as any other is.
#[test]
fn a_number_below_zero_has_a_meaning_too() {
    let told = |value| {
        let server = server().refusal_means("errcode", value, "invalid_grant").unwrap();
        let answer = valetkey_tests::json(400, r#"{"errcode":-1}"#);
        valetkey_core::TokenResponse::parse(answer, NOW, &server).unwrap_err().is_invalid_grant()
    };
    assert!(told("-1"));
    assert!(!told("1") && !told("-2") && !told("-1.0"));
}

#[test]
fn what_cannot_be_meant_is_misuse() {
    for (member, value, code) in
        [("", "a", "invalid_grant"), ("/~3", "a", "invalid_grant"), ("error", "a", "nonsense")]
    {
        assert!(
            matches!(server().refusal_means(member, value, code), Err(Error::Misuse(_))),
            "{member} {code}"
        );
    }
}
