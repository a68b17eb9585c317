//! Codes: short-lived, used once, bound to their client, their redirect URI and their challenge.

use valetkey_sandbox::{Application, FlowKind, Rights, Sandbox};

use crate::support::*;

fn redeem(sandbox: &mut Sandbox, code: &str, changes: Pairs<'_>) -> Answer {
    token(sandbox, By::Basic("web"), &with(&redeeming(code), changes), NOW)
}

#[test]
fn the_answer_is_exactly_the_documented_one() {
    let mut sandbox = demo();
    let answer = tokens(&mut sandbox, "alice", &[]);
    let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "refresh_token"]);
    assert_eq!(answer.body["expires_in"], 600);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let online = tokens(&mut sandbox, "alice", &[("access_type", "online")]);
    assert_eq!(online.body.as_object().unwrap().len(), 2, "no refresh token unless offline");
    let default = tokens(&mut sandbox, "alice", &[("access_type", "")]);
    assert!(default.body["refresh_token"].is_null(), "online is the default");
}

/// TR-18: a second use is refused, and revokes what the first one brought (RFC 6749 §4.1.2).
#[test]
fn a_replayed_code_revokes_what_was_issued() {
    let mut sandbox = demo();
    let code = code(&mut sandbox, "alice", &[]);
    let first = redeem(&mut sandbox, &code, &[]);
    let access_token = first.text("access_token").to_owned();
    assert_eq!(profile(&mut sandbox, &access_token, NOW).status, 200);
    assert_eq!(redeem(&mut sandbox, &code, &[]).error(), (400, "invalid_grant"));
    let refused = profile(&mut sandbox, &access_token, NOW);
    assert_eq!(refused.error(), (401, "authentication-required"));
    let refresh_token = first.text("refresh_token").to_owned();
    assert_eq!(refresh(&mut sandbox, &refresh_token, NOW).error(), (400, "invalid_grant"));
}

#[test]
fn a_code_is_bound_to_its_client_and_redirect_uri_and_expires() {
    let mut sandbox = demo();
    let other = Application::confidential("other", "s").flow(FlowKind::AuthorizationCode).redirect_uri(WEB);
    sandbox.add_application(other.may_request(Rights::All));
    let one = code(&mut sandbox, "alice", &[]);
    let stolen = token(&mut sandbox, By::Basic("other"), &redeeming(&one), NOW);
    assert_eq!(stolen.error(), (400, "invalid_grant"));
    assert_eq!(redeem(&mut sandbox, &one, &[]).status, 200, "a stranger's attempt spends nothing");

    let two = code(&mut sandbox, "alice", &[]);
    let wrong = redeem(&mut sandbox, &two, &[("redirect_uri", "http://127.0.0.1:1/callback")]);
    assert_eq!(wrong.error(), (400, "invalid_grant"));
    assert_eq!(redeem(&mut sandbox, &two, &[]).error(), (400, "invalid_grant"), "its own client spends it");

    let three = code(&mut sandbox, "alice", &[]);
    let late = token(&mut sandbox, By::Basic("web"), &redeeming(&three), after(60));
    assert_eq!(late.error(), (400, "invalid_grant"));
    let four = code(&mut sandbox, "alice", &[]);
    assert_eq!(token(&mut sandbox, By::Basic("web"), &redeeming(&four), after(59)).status, 200);
    for missing in ["code", "redirect_uri"] {
        let five = code(&mut sandbox, "alice", &[]);
        assert_eq!(
            redeem(&mut sandbox, &five, &[(missing, "")]).error(),
            (400, "invalid_request"),
            "{missing}"
        );
    }
    assert_eq!(redeem(&mut sandbox, "never-issued", &[]).error(), (400, "invalid_grant"));
}

/// AQ-2 as the server sees it, RFC 7636 §4.6, and the downgrade of RFC 9700 §4.8.
#[test]
fn the_verifier_must_answer_the_challenge() {
    let mut sandbox = demo();
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "plain")];
    let by_default = [("code_challenge", VERIFIER), ("code_challenge_method", "")];
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let table: &[(Pairs<'_>, &str, u16)] = &[
        (&[], VERIFIER, 200),
        (&[], CHALLENGE, 400),
        (&[], "", 400),
        (&[], "short", 400),
        (&plain, VERIFIER, 200),
        (&plain, CHALLENGE, 400),
        (&plain, "", 400),
        // The documented default of the method is `plain`.
        (&by_default, VERIFIER, 200),
        (&none, "", 200),
        (&none, VERIFIER, 400),
    ];
    for (changes, verifier, status) in table {
        let code = code(&mut sandbox, "alice", changes);
        let answer = redeem(&mut sandbox, &code, &[("code_verifier", verifier)]);
        assert_eq!(answer.status, *status, "{changes:?} {verifier} {:?}", answer.body);
        if *status == 400 {
            assert_eq!(answer.text("error"), "invalid_grant");
        }
    }
}

#[test]
fn a_public_client_needs_pkce_and_no_secret() {
    let mut sandbox = demo();
    let native = [("client_id", "native"), ("redirect_uri", NATIVE)];
    let without = with(&with(REQUEST, &native), &[("code_challenge", ""), ("code_challenge_method", "")]);
    let arrival = valetkey_sandbox::Arrival::after(&ask(&mut sandbox, &without)).unwrap();
    assert_eq!(arrival.parameter("error").as_deref(), Some("invalid_request"));

    let code = code(&mut sandbox, "alice", &native);
    let pairs = with(&redeeming(&code), &[("redirect_uri", NATIVE)]);
    let answer = token(&mut sandbox, By::Public("native"), &pairs, NOW);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let refreshed = [("grant_type", "refresh_token"), ("refresh_token", answer.text("refresh_token"))];
    assert_eq!(token(&mut sandbox, By::Public("native"), &refreshed, NOW).status, 200);
}

#[test]
fn a_confidential_client_may_be_public_where_that_is_allowed() {
    let mut sandbox = demo();
    let both = Application::confidential("both", "s").flow(FlowKind::AuthorizationCode).redirect_uri(WEB);
    sandbox.add_application(both.may_request(Rights::All).allow_public_clients());
    let named = [("client_id", "both")];
    let bound = code(&mut sandbox, "alice", &named);
    assert_eq!(token(&mut sandbox, By::Public("both"), &redeeming(&bound), NOW).status, 200);
    let unbound = code(
        &mut sandbox,
        "alice",
        &[("client_id", "both"), ("code_challenge", ""), ("code_challenge_method", "")],
    );
    let pairs = with(&redeeming(&unbound), &[("code_verifier", "")]);
    assert_eq!(token(&mut sandbox, By::Public("both"), &pairs, NOW).error(), (400, "invalid_grant"));
    // A grant that was made with the secret is renewed with it.
    let proven = code(&mut sandbox, "alice", &named);
    let answer = token(&mut sandbox, By::Basic("both"), &redeeming(&proven), NOW);
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", answer.text("refresh_token"))];
    assert_eq!(token(&mut sandbox, By::Public("both"), &pairs, NOW).error(), (401, "invalid_client"));
    assert_eq!(token(&mut sandbox, By::Basic("both"), &pairs, NOW).status, 200);
}

#[test]
fn pkce_can_be_required_of_a_confidential_client() {
    let mut sandbox = demo();
    let strict = Application::confidential("strict", "s").flow(FlowKind::AuthorizationCode).require_pkce();
    sandbox.add_application(strict.redirect_uri(WEB).may_request(Rights::All));
    let without = [("client_id", "strict"), ("code_challenge", ""), ("code_challenge_method", "")];
    let response = ask(&mut sandbox, &with(REQUEST, &without));
    let arrival = valetkey_sandbox::Arrival::after(&response).unwrap();
    assert_eq!(arrival.parameter("error").as_deref(), Some("invalid_request"));
    let code = code(&mut sandbox, "alice", &[("client_id", "strict")]);
    assert_eq!(token(&mut sandbox, By::Basic("strict"), &redeeming(&code), NOW).status, 200);
}
