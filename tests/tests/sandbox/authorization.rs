//! The authorization endpoint: what it asks, whom it sends where.

use valetkey_sandbox::{Application, Arrival, Dialect, FlowKind, Person, PersonError, Rights, Sandbox, User};

use crate::support::*;

fn error(sandbox: &mut Sandbox, changes: Pairs<'_>) -> (String, String) {
    let response = ask(sandbox, &with(REQUEST, changes));
    let arrival = Arrival::after(&response).unwrap();
    assert_eq!(arrival.parameter("state").as_deref(), Some("xyz"));
    assert!(arrival.parameter("error_description").is_some());
    let location = arrival.url().unwrap().to_owned();
    (arrival.parameter("error").unwrap(), location)
}

#[test]
fn the_person_sees_who_asks_for_what_and_nothing_is_granted_before() {
    let mut sandbox = demo();
    let response = ask(&mut sandbox, &with(REQUEST, &[("scope", ISSUES)]));
    assert_eq!(response.status(), 200);
    let html = String::from_utf8(response.body().clone()).unwrap();
    assert!(html.contains("Web application") && html.contains(ISSUES), "{html}");
    assert!(!html.contains("code-") && response.headers().get("location").is_none());
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    assert!(!html.contains("<script"));
}

/// Space knows no `openid`: there it is a right as any other, which the person has or has not.
#[test]
fn who_somebody_is_is_granted_by_a_server_of_todays_alone() {
    let asked = with(REQUEST, &[("scope", "openid profile")]);
    for (mut sandbox, grants) in [(crate::metadata::modern(), true), (demo(), false)] {
        let guest = User::new("guest", "of-the-house").rights(Rights::of(["global:Profile.View"]));
        sandbox.add_user(guest);
        let url = authorization_url(&sandbox, &asked);
        let arrival = sandbox.visit(&url, &Person::new("guest", "of-the-house"), NOW).unwrap();
        assert_eq!(arrival.parameter("code").is_some(), grants);
        assert_eq!(arrival.parameter("error").is_none(), grants);
    }
}

#[test]
fn allowing_redirects_with_the_code_and_the_state() {
    let mut sandbox = demo();
    let arrival = arrive(&mut sandbox, "alice", REQUEST);
    let url = arrival.url().unwrap();
    assert!(url.starts_with("https://app.example/callback?code="), "{url}");
    assert_eq!(arrival.parameter("state").as_deref(), Some("xyz"));
    assert_eq!(arrival.parameter("iss"), None);
    let without_state = arrive(&mut sandbox, "alice", &with(REQUEST, &[("state", "")]));
    assert_eq!(without_state.parameter("state"), None);
}

#[test]
fn denying_redirects_with_access_denied() {
    let mut sandbox = demo();
    let url = authorization_url(&sandbox, REQUEST);
    let page = sandbox.answer(&get(&url), NOW);
    let html = String::from_utf8(page.into_body()).unwrap();
    let denied = person("alice").deny(&url, &html).unwrap();
    let arrival = Arrival::after(&sandbox.answer(&denied, NOW)).unwrap();
    assert_eq!(arrival.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(arrival.parameter("code"), None);
}

/// No redirect when the client or its redirect URI is not to be trusted (RFC 6749 §4.1.2.1).
#[test]
fn a_bad_client_or_redirect_uri_ends_on_a_page() {
    let mut sandbox = demo();
    for changes in [
        [("client_id", "nobody")],
        [("client_id", "")],
        [("redirect_uri", "")],
        [("redirect_uri", "https://app.example/callback/")],
        [("redirect_uri", "https://app.example.evil/callback")],
        [("redirect_uri", "http://127.0.0.1:1.evil/callback")],
        [("redirect_uri", "http://127.0.0.1:99999/callback")],
        [("redirect_uri", "http://localhost:1/callback")],
    ] {
        let response = ask(&mut sandbox, &with(REQUEST, &changes));
        assert_eq!(response.status(), 400, "{changes:?}");
        assert!(response.headers().get("location").is_none(), "{changes:?}");
    }
    // Where `localhost` is registered too, it is taken with any port.
    let native = |uri| with(REQUEST, &[("client_id", "native"), ("redirect_uri", uri)]);
    assert_eq!(ask(&mut sandbox, &native("http://localhost:1/callback")).status(), 200);
    assert_eq!(ask(&mut sandbox, &native("http://localhost.evil:1/callback")).status(), 400);
    for uri in ["http://127.0.0.1:1/callback", "http://[::1]:65535/callback"] {
        assert_eq!(ask(&mut sandbox, &with(REQUEST, &[("redirect_uri", uri)])).status(), 200, "{uri}");
    }
}

#[test]
fn each_error_of_the_documented_table_reaches_the_application() {
    let mut sandbox = demo();
    let table: &[(&str, Pairs<'_>)] = &[
        ("invalid_request", &[("response_type", "")]),
        ("unsupported_response_type", &[("response_type", "code id_token")]),
        ("unauthorized_client", &[("response_type", "token")]),
        ("invalid_request", &[("request_credentials", "maybe")]),
        ("invalid_request", &[("access_type", "sometimes")]),
        ("invalid_request", &[("response_mode", "carrier-pigeon")]),
        ("invalid_scope", &[("scope", "")]),
        ("invalid_scope", &[("scope", "a  b")]),
        ("invalid_scope", &[("scope", "a\"b")]),
        ("invalid_request", &[("code_challenge_method", "S512")]),
        ("invalid_request", &[("code_challenge", "too-short")]),
        ("invalid_request", &[("code_challenge", "")]),
    ];
    for (expected, changes) in table {
        let (code, location) = error(&mut sandbox, changes);
        assert_eq!(code, *expected, "{changes:?}");
        // An error goes where a token would have gone.
        let has_token =
            changes.iter().any(|(name, value)| *name == "response_type" && value.ends_with("token"));
        let separator = if has_token { '#' } else { '?' };
        assert!(location.starts_with(&format!("https://app.example/callback{separator}")), "{location}");
    }
    let twice: Vec<_> = REQUEST.iter().chain(&[("scope", "**")]).copied().collect();
    let arrival = Arrival::after(&ask(&mut sandbox, &twice)).unwrap();
    assert_eq!(arrival.parameter("error").as_deref(), Some("invalid_request"));
}

#[test]
fn only_registered_rights_can_be_asked_for() {
    let mut sandbox = demo();
    let registered = Application::confidential("narrow", "s").flow(FlowKind::AuthorizationCode);
    let registered = registered.redirect_uri(WEB).may_request(Rights::of(["global:Profile.View"]));
    sandbox.add_application(registered);
    let narrow = with(REQUEST, &[("client_id", "narrow")]);
    let refused = Arrival::after(&ask(&mut sandbox, &with(&narrow, &[("scope", ISSUES)]))).unwrap();
    assert_eq!(refused.parameter("error").as_deref(), Some("invalid_scope"));
    // `**` asks for what is registered; where nothing is, there is nothing to ask for.
    assert_eq!(ask(&mut sandbox, &narrow).status(), 200);
    let empty = Application::confidential("empty", "s").flow(FlowKind::AuthorizationCode).redirect_uri(WEB);
    sandbox.add_application(empty);
    let refused = Arrival::after(&ask(&mut sandbox, &with(REQUEST, &[("client_id", "empty")]))).unwrap();
    assert_eq!(refused.parameter("error").as_deref(), Some("invalid_scope"));
}

/// `request_credentials`: skip, silent, required, default, and none of them.
#[test]
fn request_credentials_decides_who_must_log_in() {
    let mut sandbox = demo();
    for value in ["", "default", "skip", "required"] {
        let response = ask(&mut sandbox, &with(REQUEST, &[("request_credentials", value)]));
        assert_eq!(response.status(), 200, "nobody is logged in, {value}");
    }
    let silent = [("request_credentials", "silent")];
    assert_eq!(error(&mut sandbox, &silent).0, "access_denied");
    sandbox.sign_in("alice");
    for value in ["", "default", "skip", "silent"] {
        let response = ask(&mut sandbox, &with(REQUEST, &[("request_credentials", value)]));
        assert!(
            Arrival::after(&response).unwrap().parameter("code").is_some(),
            "alice is logged in, {value}"
        );
    }
    let response = ask(&mut sandbox, &with(REQUEST, &[("request_credentials", "required")]));
    assert_eq!(response.status(), 200, "required logs out");
    assert_eq!(error(&mut sandbox, &silent).0, "access_denied", "and the user stays logged out");
}

#[test]
fn a_form_is_answered_once_in_time_and_by_its_own_user() {
    let mut sandbox = demo();
    let url = authorization_url(&sandbox, REQUEST);
    let html = String::from_utf8(sandbox.answer(&get(&url), NOW).into_body()).unwrap();
    let consent = person("alice").consent(&url, &html).unwrap();
    let late = sandbox.answer(&consent, after(600));
    assert_eq!(late.status(), 400);

    let html = String::from_utf8(sandbox.answer(&get(&url), NOW).into_body()).unwrap();
    let wrong = valetkey_sandbox::Person::new("alice", "wrong").consent(&url, &html).unwrap();
    let again = sandbox.answer(&wrong, NOW);
    assert_eq!(again.status(), 200);
    assert_eq!(Arrival::after(&again).unwrap_err(), PersonError::Stays);
    let consent = person("alice").consent(&url, &html).unwrap();
    assert!(Arrival::after(&sandbox.answer(&consent, after(599))).is_ok());
    assert_eq!(sandbox.answer(&consent, after(599)).status(), 400, "answered already");
    assert_eq!(sandbox.answer(&post("/oauth/auth", &[("ticket", "x")]), NOW).status(), 400);
    let method = http::Request::delete("/oauth/auth").body(Vec::new()).unwrap();
    assert_eq!(sandbox.answer(&method, NOW).status(), 405);
}

/// AR-11: each response mode brings the parameters where it says, and a token never comes in a query.
#[test]
fn responses_travel_as_asked() {
    let mut sandbox = demo();
    let in_fragment = arrive(&mut sandbox, "alice", &with(REQUEST, &[("response_mode", "fragment")]));
    assert!(in_fragment.url().unwrap().starts_with("https://app.example/callback#code="));
    let posted = arrive(&mut sandbox, "alice", &with(REQUEST, &[("response_mode", "form_post")]));
    let Arrival::Post(request) = &posted else { panic!("{posted:?}") };
    assert_eq!(request.uri().to_string(), WEB);
    assert_eq!(posted.parameter("state").as_deref(), Some("xyz"));
    assert!(posted.parameter("code").is_some());

    let legacy = &[
        ("response_type", "token"),
        ("client_id", "legacy"),
        ("redirect_uri", "https://legacy.example/callback"),
        ("state", "xyz"),
        ("scope", "**"),
    ];
    let arrival = arrive(&mut sandbox, "alice", legacy);
    assert!(arrival.url().unwrap().starts_with("https://legacy.example/callback#access_token="));
    assert_eq!(arrival.parameter("token_type").as_deref(), Some("Bearer"));
    assert_eq!(arrival.parameter("expires_in").as_deref(), Some("600"));
    assert_eq!(arrival.parameter("refresh_token"), None);
    let refused = Arrival::after(&ask(&mut sandbox, &with(legacy, &[("response_mode", "query")]))).unwrap();
    assert_eq!(refused.parameter("error").as_deref(), Some("invalid_request"));
    let me = profile(&mut sandbox, &arrival.parameter("access_token").unwrap(), NOW);
    assert_eq!((me.status, me.text("username")), (200, "alice"));
}

#[test]
fn hub_answers_at_its_own_paths() {
    let mut sandbox = demo();
    sandbox.settings_mut().dialect = Dialect::Hub;
    let arrival = arrive(&mut sandbox, "alice", REQUEST);
    let code = arrival.parameter("code").unwrap();
    assert_eq!(token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW).status, 200);
    for path in ["/oauth/auth", "/oauth/token"] {
        assert_eq!(sandbox.answer(&get(path), NOW).status(), 404, "{path}");
    }
    assert_eq!(Dialect::Hub.authorization_path(), "/api/rest/oauth2/auth");
    assert_eq!(Dialect::Hub.token_path(), "/api/rest/oauth2/token");
}

/// What the page shows is text, whatever it was made from.
#[test]
fn pages_escape_what_they_show() {
    let mut sandbox = demo();
    let evil = Application::confidential("evil", "s").name("<script>alert(1)</script>");
    sandbox
        .add_application(evil.flow(FlowKind::AuthorizationCode).redirect_uri(WEB).may_request(Rights::All));
    let response = ask(&mut sandbox, &with(REQUEST, &[("client_id", "evil"), ("scope", "<b>&'")]));
    let html = String::from_utf8(response.into_body()).unwrap();
    assert!(html.contains("&lt;script&gt;") && html.contains("&lt;b&gt;&amp;"), "{html}");
    assert!(!html.contains("<script>") && !html.contains("<b>"));
}
