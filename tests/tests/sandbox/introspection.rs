//! IN and RV: what a token is worth, and giving one back.

use valetkey_sandbox::{Rotation, Sandbox};

use crate::metadata::{ISSUER, modern};
use crate::support::*;

pub(crate) fn introspect(sandbox: &mut Sandbox, token: &str) -> Answer {
    as_web(sandbox, post("/oauth/introspect", &[("token", token)]))
}

fn revoke(sandbox: &mut Sandbox, token: &str) -> Answer {
    as_web(sandbox, post("/oauth/revoke", &[("token", token)]))
}

#[test]
fn a_good_token_is_described_and_any_other_is_not() {
    let mut sandbox = modern();
    let answer = tokens(&mut sandbox, "alice", &[("scope", ISSUES)]);
    let about = introspect(&mut sandbox, answer.text("access_token"));
    assert_eq!(about.status, 200);
    assert_eq!(about.body["active"], true);
    for (member, expected) in [
        ("scope", ISSUES),
        ("client_id", "web"),
        ("username", "alice"),
        ("token_type", "Bearer"),
        ("iss", ISSUER),
        ("sub", &*sandbox.user_id("alice")),
    ] {
        assert_eq!(about.text(member), expected, "{member}");
    }
    assert_eq!(about.body["iat"], NOW.as_secs());
    assert_eq!(about.body["exp"], NOW.as_secs() + 600);
    let refresh_token = introspect(&mut sandbox, answer.text("refresh_token"));
    assert_eq!((&refresh_token.body["active"], refresh_token.text("token_type")), (&true.into(), ""));
    let permanent = sandbox.permanent_token_of_application("chatbot");
    assert_eq!(introspect(&mut sandbox, &permanent).text("sub"), "chatbot");
    for token in [answer.text("access_token"), "unknown"] {
        sandbox.expire_all();
        let about = introspect(&mut sandbox, token);
        assert_eq!((about.status, about.body), (200, serde_json::json!({ "active": false })));
    }
}

#[test]
fn a_refresh_token_that_was_replaced_or_given_back_is_worth_nothing() {
    let mut sandbox = modern();
    sandbox.settings_mut().rotation = Rotation::On;
    let active = |sandbox: &mut Sandbox, token: &str| introspect(sandbox, token).body["active"].clone();
    let first = tokens(&mut sandbox, "alice", &[]).text("refresh_token").to_owned();
    assert_eq!(active(&mut sandbox, &first), true);
    let second = refresh(&mut sandbox, &first, NOW).text("refresh_token").to_owned();
    assert_ne!(first, second);
    assert_eq!((active(&mut sandbox, &first), active(&mut sandbox, &second)), (false.into(), true.into()));
    // It was not replaced.
    assert_eq!(revoke(&mut sandbox, &second).status, 200);
    assert_eq!(active(&mut sandbox, &second), false);
}

/// IN-2, RFC 9701 §5: signed by the server's key, for the client that asked.
#[test]
fn introspection_is_signed_on_demand() {
    let mut sandbox = modern();
    let answer = tokens(&mut sandbox, "alice", &[]);
    let request = post("/oauth/introspect", &[("token", answer.text("access_token"))]);
    let signed = as_web(&mut sandbox, with_header(request, "accept", "application/token-introspection+jwt"));
    assert_eq!(signed.header("content-type"), "application/token-introspection+jwt");
    let token = String::from_utf8(signed.response.into_body()).unwrap();
    let (header, claims) = verified(&mut sandbox, &token);
    assert_eq!(header.typ.as_deref(), Some("token-introspection+jwt"));
    assert_eq!((&claims["iss"], &claims["aud"]), (&ISSUER.into(), &"web".into()));
    assert_eq!(claims["iat"], NOW.as_secs());
    assert_eq!(claims["token_introspection"]["username"], "alice");
    assert!(claims.get("sub").is_none() && claims.get("exp").is_none());
}

#[test]
fn only_a_client_with_a_secret_may_ask() {
    let mut sandbox = modern();
    let request = post("/oauth/introspect", &[("token", "x"), ("client_id", "native")]);
    assert_eq!(Answer::of(sandbox.answer(&request, NOW)).error(), (401, "invalid_client"));
    let nobody = post("/oauth/introspect", &[("token", "x")]);
    assert_eq!(Answer::of(sandbox.answer(&nobody, NOW)).error(), (401, "invalid_client"));
    let bare = as_web(&mut sandbox, post("/oauth/introspect", &[]));
    assert_eq!(bare.error(), (400, "invalid_request"));
    assert_eq!(Answer::of(sandbox.answer(&get("/oauth/introspect"), NOW)).status, 405);
}

/// RV-1, RFC 7009 §2.
#[test]
fn a_token_is_given_back_by_its_own_client() {
    let mut sandbox = modern();
    let one = tokens(&mut sandbox, "alice", &[]);
    let answer = revoke(&mut sandbox, one.text("access_token"));
    assert_eq!((answer.status, answer.response.body().len()), (200, 0));
    assert_eq!(profile(&mut sandbox, one.text("access_token"), NOW).status, 401);
    let again = refresh(&mut sandbox, one.text("refresh_token"), NOW);
    assert_eq!(again.status, 200, "an access token goes alone");
    assert_eq!(revoke(&mut sandbox, one.text("refresh_token")).status, 200);
    assert_eq!(
        profile(&mut sandbox, again.text("access_token"), NOW).status,
        401,
        "a refresh token does not"
    );
    assert_eq!(revoke(&mut sandbox, "unknown").status, 200);

    let two = tokens(&mut sandbox, "alice", &[]);
    let pairs = [("token", two.text("access_token")), ("client_id", "native")];
    let stranger = Answer::of(sandbox.answer(&post("/oauth/revoke", &pairs), NOW));
    assert_eq!(stranger.error(), (400, "invalid_grant"));
    assert_eq!(profile(&mut sandbox, two.text("access_token"), NOW).status, 200);
    let permanent = sandbox.permanent_token_of_user("alice");
    assert_eq!(revoke(&mut sandbox, &permanent).error(), (400, "unsupported_token_type"));
    assert_eq!(as_web(&mut sandbox, post("/oauth/revoke", &[])).error(), (400, "invalid_request"));
}

#[test]
fn space_has_neither() {
    let mut sandbox = demo();
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        assert_eq!(as_web(&mut sandbox, post(path, &[("token", "x")])).status, 404);
    }
}
