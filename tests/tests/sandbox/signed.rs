//! AQ-12 and JM: authorization requests that the client signs, and responses that the server signs.

use serde_json::{Value, json};
use valetkey_sandbox::{Application, Arrival, FlowKind, Rights, Sandbox};

use crate::key::Key;
use crate::metadata::{ISSUER, modern};
use crate::support::*;

fn with_signer() -> Sandbox {
    let mut sandbox = modern();
    let signer = Application::confidential("signer", "s").flow(FlowKind::AuthorizationCode).redirect_uri(WEB);
    let keys = json!({ "keys": [Key::es256().public()] });
    sandbox.add_application(signer.may_request(Rights::All).keys(&keys));
    sandbox
}

fn object() -> Value {
    let mut object =
        json!({ "iss": "signer", "aud": ISSUER, "exp": NOW.as_secs() + 60, "iat": NOW.as_secs() });
    for (name, value) in with(REQUEST, &[("client_id", "signer")]) {
        object[name] = json!(value);
    }
    object
}

fn with_claim(name: &str, value: Value) -> Value {
    let mut object = object();
    object[name] = value;
    object
}

fn sign(claims: &Value) -> String {
    Key::es256().sign("oauth-authz-req+jwt", claims, |_| {})
}

fn ask_with(sandbox: &mut Sandbox, object: &str) -> valetkey_core::Response {
    // What stands beside the object counts for nothing.
    ask(sandbox, &[("client_id", "signer"), ("request", object), ("state", "tampered"), ("scope", "a  b")])
}

#[test]
fn a_signed_request_says_it_all() {
    let mut sandbox = with_signer();
    sandbox.sign_in("alice");
    for audience in [json!(ISSUER), json!([ISSUER, "https://other.example"])] {
        let response = ask_with(&mut sandbox, &sign(&with_claim("aud", audience)));
        let arrival = Arrival::after(&response).unwrap();
        assert_eq!(arrival.parameter("state").as_deref(), Some("xyz"));
        let code = arrival.parameter("code").unwrap();
        assert_eq!(token(&mut sandbox, By::Basic("signer"), &redeeming(&code), NOW).status, 200);
    }
    let details = json!([{ "type": "rights", "rights": [ISSUES] }]);
    let response = ask_with(&mut sandbox, &sign(&with_claim("authorization_details", details)));
    assert!(Arrival::after(&response).unwrap().parameter("code").is_some(), "details are JSON in JSON");
}

#[test]
fn a_request_object_is_good_for_a_day_and_its_clock_a_minute_ahead() {
    let now = NOW.as_secs();
    for (name, time, is_good) in [
        ("exp", now + 1, true),
        ("exp", now, false),
        ("exp", now + 86_400, true),
        ("exp", now + 86_401, false),
        ("iat", now + 60, true),
        ("iat", now + 61, false),
        ("nbf", now + 60, true),
        ("nbf", now + 61, false),
    ] {
        let mut sandbox = with_signer();
        sandbox.sign_in("alice");
        let status = ask_with(&mut sandbox, &sign(&with_claim(name, json!(time)))).status();
        assert_eq!(status.as_u16(), if is_good { 302 } else { 400 }, "{name} {}", time - now);
    }
}

#[test]
fn a_request_object_that_is_not_to_be_trusted_redirects_nobody() {
    let mut sandbox = with_signer();
    sandbox.sign_in("alice");
    let now = NOW.as_secs();
    let mut objects: Vec<String> = [
        ("iss", json!("web")),
        ("iss", Value::Null),
        ("client_id", json!("web")),
        ("sub", json!("signer")),
        ("aud", json!("https://other.example")),
        ("aud", Value::Null),
        ("exp", json!(now)),
        ("exp", Value::Null),
        ("nbf", json!(now + 61)),
        ("request", json!("a.b.c")),
        ("request_uri", json!("urn:x")),
    ]
    .into_iter()
    .map(|(name, value)| sign(&with_claim(name, value)))
    .collect();
    objects.push(Key::other().sign("oauth-authz-req+jwt", &object(), |_| {}));
    objects.push(Key::es256().sign("JWT", &object(), |_| {}));
    objects.push(Key::secret("s").sign("oauth-authz-req+jwt", &object(), |_| {}));
    objects.push("a.b.c".to_owned());
    for object in objects {
        let response = ask_with(&mut sandbox, &object);
        assert_eq!(response.status(), 400, "{object}");
        assert!(response.headers().get("location").is_none());
        let secret = post("/oauth/par", &[("request", &object)]);
        let pushed = Answer::of(sandbox.answer(&basic(secret, "signer", "s"), NOW));
        assert_eq!(pushed.error(), (400, "invalid_request_object"), "{object}");
    }
    let both = [("client_id", "signer"), ("request", &*sign(&object())), ("request_uri", "urn:x")];
    assert_eq!(ask(&mut sandbox, &both).status(), 400);
}

#[test]
fn a_signed_request_can_be_pushed_and_required() {
    let mut sandbox = with_signer();
    sandbox.sign_in("alice");
    let request = basic(post("/oauth/par", &[("request", &sign(&object()))]), "signer", "s");
    let pushed = Answer::of(sandbox.answer(&request, NOW));
    assert_eq!(pushed.status, 201, "{:?}", pushed.body);
    let by_name = [("client_id", "signer"), ("request_uri", pushed.text("request_uri"))];
    assert!(Arrival::after(&ask(&mut sandbox, &by_name)).unwrap().parameter("code").is_some());

    let strict = Application::confidential("signer", "s").flow(FlowKind::AuthorizationCode).redirect_uri(WEB);
    let keys = json!({ "keys": [Key::es256().public()] });
    sandbox.add_application(strict.may_request(Rights::All).keys(&keys).require_signed_request());
    let plain = ask(&mut sandbox, &with(REQUEST, &[("client_id", "signer")]));
    assert_eq!(Arrival::after(&plain).unwrap().parameter("error").as_deref(), Some("invalid_request"));
    let signed = ask_with(&mut sandbox, &sign(&object()));
    assert!(Arrival::after(&signed).unwrap().parameter("code").is_some());
}

/// JARM §2.1: the response is the claims of a JWT, in each response mode, errors too.
#[test]
fn a_response_is_signed_on_demand() {
    let mut sandbox = modern();
    sandbox.sign_in("alice");
    for (mode, separator) in [("jwt", '?'), ("query.jwt", '?'), ("fragment.jwt", '#'), ("form_post.jwt", ' ')]
    {
        let arrival = Arrival::after(&ask(&mut sandbox, &with(REQUEST, &[("response_mode", mode)]))).unwrap();
        if let Some(url) = arrival.url() {
            assert!(url.starts_with(&format!("{WEB}{separator}response=")), "{url}");
        }
        assert_eq!(arrival.parameter("code"), None);
        let (_, claims) = verified(&mut sandbox, &arrival.parameter("response").unwrap());
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!("web")), "{mode}");
        assert_eq!((&claims["exp"], &claims["state"]), (&json!(NOW.as_secs() + 600), &json!("xyz")));
        let code = claims["code"].as_str().unwrap().to_owned();
        assert_eq!(token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW).status, 200);
    }
    let bad = with(REQUEST, &[("response_mode", "jwt"), ("scope", "a  b")]);
    let arrival = Arrival::after(&ask(&mut sandbox, &bad)).unwrap();
    let (_, claims) = verified(&mut sandbox, &arrival.parameter("response").unwrap());
    assert_eq!(claims["error"], "invalid_scope");
}

#[test]
fn nobody_signs_without_an_issuer_or_for_space() {
    let mut nameless = modern();
    nameless.settings_mut().issuer = None;
    for sandbox in [&mut demo(), &mut nameless] {
        let arrival = Arrival::after(&ask(sandbox, &with(REQUEST, &[("response_mode", "jwt")]))).unwrap();
        assert_eq!(arrival.parameter("error").as_deref(), Some("invalid_request"));
    }
    let legacy = [
        ("response_type", "token"),
        ("client_id", "legacy"),
        ("redirect_uri", "https://legacy.example/callback"),
        ("response_mode", "query.jwt"),
    ];
    let mut sandbox = modern();
    let arrival = Arrival::after(&ask(&mut sandbox, &with(REQUEST, &legacy))).unwrap();
    let (_, claims) = verified(&mut sandbox, &arrival.parameter("response").unwrap());
    assert_eq!(claims["error"], "invalid_request", "a token never comes in a query");
}
