//! Client Credentials, Password, permanent tokens, pushed refresh tokens, and the token endpoint's own manners.

use serde_json::Value;
use valetkey_sandbox::{Application, Dialect, Endpoint, Failure, FlowKind, Rights, Subject};

use crate::support::*;

const PASSWORD: Pairs<'static> = &[
    ("grant_type", "password"),
    ("username", "alice"),
    ("password", "correct horse battery staple"),
    ("scope", "**"),
];

#[test]
fn client_credentials_bring_a_token_and_no_refresh_token() {
    let mut sandbox = demo();
    for scope in ["", "**", "global:Profile.Absences.View"] {
        let pairs = with(&[("grant_type", "client_credentials")], &[("scope", scope)]);
        let answer = token(&mut sandbox, By::Basic("chatbot"), &pairs, NOW);
        assert_eq!(answer.status, 200, "{scope}");
        let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
        assert_eq!(members, ["access_token", "expires_in"]);
        assert_eq!(answer.body["expires_in"], 600);
    }
    let wide = [("grant_type", "client_credentials"), ("scope", ISSUES)];
    assert_eq!(token(&mut sandbox, By::Basic("chatbot"), &wide, NOW).error(), (400, "invalid_scope"));
}

#[test]
fn the_password_brings_all_that_the_user_may_do() {
    let mut sandbox = demo();
    let answer = token(&mut sandbox, By::Basic("web"), PASSWORD, NOW);
    assert_eq!(answer.body.as_object().unwrap().len(), 2, "no refresh token unless offline");
    assert_eq!(profile(&mut sandbox, answer.text("access_token"), NOW).text("username"), "alice");
    let offline = with(PASSWORD, &[("access_type", "offline")]);
    let answer = token(&mut sandbox, By::Basic("web"), &offline, NOW);
    let refreshed = refresh(&mut sandbox, answer.text("refresh_token"), NOW);
    assert_eq!(profile(&mut sandbox, refreshed.text("access_token"), NOW).text("username"), "alice");
    let table: &[(Pairs<'_>, &str)] = &[
        (&[("password", "wrong")], "invalid_grant"),
        (&[("username", "nobody")], "invalid_grant"),
        (&[("username", "")], "invalid_request"),
        (&[("password", "")], "invalid_request"),
        (&[("scope", "")], "invalid_scope"),
        (&[("scope", "a  b")], "invalid_scope"),
        (&[("access_type", "sometimes")], "invalid_request"),
    ];
    for (changes, expected) in table {
        let answer = token(&mut sandbox, By::Basic("web"), &with(PASSWORD, changes), NOW);
        assert_eq!(answer.error(), (400, *expected), "{changes:?}");
    }
}

/// Each flow, switched off, is refused with the documented code, and switched on again is not.
#[test]
fn a_flow_that_is_switched_off_is_refused() {
    let mut sandbox = demo();
    let base = || {
        Application::confidential("app", "s")
            .flow(FlowKind::AuthorizationCode)
            .flow(FlowKind::Implicit)
            .redirect_uri(WEB)
            .may_request(Rights::All)
            .authorized(Rights::of(["global:Profile.View"]))
    };
    sandbox.add_application(base());
    let app = [("client_id", "app")];
    let code = code(&mut sandbox, "alice", &app);
    let implicit = [("client_id", "app"), ("response_type", "token"), ("code_challenge", "")];
    assert_eq!(ask(&mut sandbox, &with(REQUEST, &implicit)).status(), 200);

    for (flow, pairs) in [
        (FlowKind::AuthorizationCode, redeeming(&code)),
        (FlowKind::ClientCredentials, vec![("grant_type", "client_credentials")]),
        (FlowKind::Password, PASSWORD.to_vec()),
    ] {
        sandbox.add_application(base().without_flow(flow));
        let answer = token(&mut sandbox, By::Basic("app"), &pairs, NOW);
        assert_eq!(answer.error(), (400, "unauthorized_client"), "{flow:?}");
        sandbox.add_application(base());
        assert_eq!(token(&mut sandbox, By::Basic("app"), &pairs, NOW).status, 200, "{flow:?}");
    }
    for (flow, changes) in [(FlowKind::AuthorizationCode, &app[..]), (FlowKind::Implicit, &implicit[..])] {
        sandbox.add_application(base().without_flow(flow));
        let response = ask(&mut sandbox, &with(REQUEST, changes));
        let arrival = valetkey_sandbox::Arrival::after(&response).unwrap();
        assert_eq!(arrival.parameter("error").as_deref(), Some("unauthorized_client"), "{flow:?}");
    }
}

/// As in Space: Client Credentials and Password are on from the start, the others are not.
#[test]
fn new_applications_have_the_flows_that_space_gives_them() {
    let mut sandbox = demo();
    let rights = Rights::of(["global:Profile.View"]);
    sandbox.add_application(Application::confidential("new", "s").authorized(rights).redirect_uri(WEB));
    let credentials = [("grant_type", "client_credentials")];
    assert_eq!(token(&mut sandbox, By::Basic("new"), &credentials, NOW).status, 200);
    assert_eq!(token(&mut sandbox, By::Basic("new"), PASSWORD, NOW).status, 200);
    for response_type in ["code", "token"] {
        let response =
            ask(&mut sandbox, &with(REQUEST, &[("client_id", "new"), ("response_type", response_type)]));
        let arrival = valetkey_sandbox::Arrival::after(&response).unwrap();
        assert_eq!(arrival.parameter("error").as_deref(), Some("unauthorized_client"));
    }
}

#[test]
fn permanent_tokens_never_expire_unless_dated_and_can_be_revoked() {
    let mut sandbox = demo();
    let of_user = sandbox.permanent_token_of_user("alice");
    let of_application = sandbox.permanent_token_of_application("chatbot");
    let in_a_century = after(100 * 365 * 86_400);
    assert_eq!(profile(&mut sandbox, &of_user, in_a_century).text("username"), "alice");
    assert_eq!(api(&mut sandbox, "GET", "absences", &of_application, "", in_a_century).status, 200);
    sandbox.expire_all();
    assert_eq!(profile(&mut sandbox, &of_user, NOW).status, 200);
    assert_eq!(sandbox.expiry(&of_user), None);

    let dated = sandbox.permanent_token_until(Subject::User("alice".to_owned()), Rights::All, after(10));
    assert_eq!(profile(&mut sandbox, &dated, after(9)).status, 200);
    let late = profile(&mut sandbox, &dated, after(10));
    assert_eq!((late.status, late.text("error_description")), (401, "Access token has expired"));
    assert_eq!(sandbox.expiry(&dated), Some(after(10)));

    assert!(sandbox.revoke_token(&of_user));
    assert!(!sandbox.revoke_token("unknown"));
    assert_eq!(profile(&mut sandbox, &of_user, NOW).status, 401);
    sandbox.revoke_application("chatbot");
    assert_eq!(api(&mut sandbox, "GET", "absences", &of_application, "", NOW).status, 401);
}

/// Access tokens last 600 seconds, and the API says in Space's words when they are over.
#[test]
fn access_tokens_last_ten_minutes() {
    let mut sandbox = demo();
    let answer = tokens(&mut sandbox, "alice", &[]);
    let access_token = answer.text("access_token").to_owned();
    assert_eq!(profile(&mut sandbox, &access_token, after(599)).status, 200);
    let late = profile(&mut sandbox, &access_token, after(600));
    assert_eq!(late.error(), (401, "authentication-required"));
    assert_eq!(late.text("error_description"), "Access token has expired");
    assert_eq!(late.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    sandbox.expire_all();
    assert_eq!(profile(&mut sandbox, &access_token, NOW).status, 401);
}

/// `RefreshTokenPayload`: the server hands over a refresh token unasked, and it works like any other.
#[test]
fn a_pushed_refresh_token_is_adopted() {
    let mut sandbox = demo();
    let pushed = sandbox.push_refresh_token("web", "bob", &Rights::All).unwrap();
    let payload: Value = serde_json::from_str(&pushed.to_json()).unwrap();
    assert_eq!(payload["className"], "RefreshTokenPayload");
    assert_eq!(payload["refreshToken"], pushed.refresh_token.as_str());
    assert_eq!(payload["clientId"], "web");
    assert_eq!(payload["userId"], sandbox.user_id("bob").as_str());
    assert_eq!(payload["scope"], "global:Profile.Absences.View global:Profile.View", "what bob has");
    assert!(!format!("{pushed:?}").contains(&pushed.refresh_token));
    let answer = refresh(&mut sandbox, &pushed.refresh_token, NOW);
    let me = profile(&mut sandbox, answer.text("access_token"), NOW);
    assert_eq!((me.text("username"), me.text("id")), ("bob", pushed.user_id.as_str()));
    for (client_id, username, scope) in
        [("nobody", "bob", Rights::All), ("web", "nobody", Rights::All), ("web", "bob", Rights::of([ISSUES]))]
    {
        assert!(sandbox.push_refresh_token(client_id, username, &scope).is_none());
    }
}

/// The documented error table of the token endpoint.
#[test]
fn the_token_endpoint_refuses_by_the_table() {
    let mut sandbox = demo();
    let table: &[(&str, Pairs<'_>)] = &[
        ("invalid_request", &[]),
        ("invalid_request", &[("grant_type", "refresh_token")]),
        ("unsupported_grant_type", &[("grant_type", "urn:example:none")]),
        ("invalid_grant", &[("grant_type", "refresh_token"), ("refresh_token", "unknown")]),
        ("unauthorized_client", &[("grant_type", "client_credentials")]),
    ];
    for (expected, pairs) in table {
        let answer = token(&mut sandbox, By::Basic("web"), pairs, NOW);
        assert_eq!(answer.error(), (400, *expected), "{pairs:?}");
        assert!(!answer.text("error_description").is_empty());
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let twice = [("grant_type", "password"), ("grant_type", "password")];
    assert_eq!(token(&mut sandbox, By::Basic("web"), &twice, NOW).error(), (400, "invalid_request"));
    let query = Answer::of(sandbox.answer(&get("/oauth/token?grant_type=password"), NOW));
    assert_eq!((query.error(), query.header("allow")), ((405, "invalid_request"), "POST"));
    let mut json = post("/oauth/token", PASSWORD);
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    assert_eq!(Answer::of(sandbox.answer(&json, NOW)).error(), (400, "invalid_request"));
}

#[test]
fn what_is_too_large_is_refused_whole() {
    let mut sandbox = demo();
    let large = http::Request::post("/oauth/token").body(vec![b'a'; 64 * 1024 + 1]).unwrap();
    assert_eq!(Answer::of(sandbox.answer(&large, NOW)).error(), (413, "payload-too-large"));
    let long = get(&format!("/oauth/auth?state={}", "a".repeat(16 * 1024)));
    assert_eq!(Answer::of(sandbox.answer(&long, NOW)).error(), (413, "payload-too-large"));
}

/// RFC 6749 to the letter, for clients that were not written for Space.
#[test]
fn the_standard_dialect_answers_type_and_scope_and_defaults_to_offline() {
    let mut sandbox = demo();
    sandbox.settings_mut().dialect = Dialect::Standard;
    let answer = tokens(&mut sandbox, "bob", &[("scope", ""), ("access_type", "")]);
    assert_eq!(answer.text("token_type"), "Bearer");
    assert_eq!(answer.text("scope"), "global:Profile.Absences.View global:Profile.View");
    assert!(answer.body["refresh_token"].is_string());
}

/// ER-5, ER-6: a failure happens before anything is done, so that the same code still works afterwards.
#[test]
fn failures_come_once_and_spend_nothing() {
    let mut sandbox = demo();
    let code = code(&mut sandbox, "alice", &[]);
    sandbox.fail_next(Endpoint::Token, Failure::unavailable(7));
    sandbox.fail_next(Endpoint::Token, Failure::rate_limited(3));
    sandbox.fail_next(Endpoint::Token, Failure::internal());
    let redeem = |sandbox: &mut _| token(sandbox, By::Basic("web"), &redeeming(&code), NOW);
    let answer = redeem(&mut sandbox);
    assert_eq!((answer.error(), answer.header("retry-after")), ((503, "temporarily_unavailable"), "7"));
    let answer = redeem(&mut sandbox);
    assert_eq!((answer.error(), answer.header("retry-after")), ((429, "rate-limited"), "3"));
    assert_eq!(redeem(&mut sandbox).error(), (500, "internal-server-error"));
    let answer = redeem(&mut sandbox);
    assert_eq!(answer.status, 200);
    let made = Failure::new(http::StatusCode::CONFLICT, "duplicated-entity");
    sandbox.fail_next(Endpoint::Api, made);
    let access_token = answer.text("access_token");
    assert_eq!(issue(&mut sandbox, access_token).error(), (409, "duplicated-entity"));
    assert!(sandbox.created().is_empty());
    assert_eq!(issue(&mut sandbox, access_token).status, 200);
}
