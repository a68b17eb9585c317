//! AQ-9, AQ-10, TR-15: which resource a token is for, and what was granted in detail.

use serde_json::{Value, json};
use valetkey_sandbox::{Arrival, Sandbox};

use crate::introspection::introspect;
use crate::metadata::modern;
use crate::support::*;

const PROFILES: &str = "https://as.example/api/http/team-directory";
const API: &str = "https://as.example/api/http";

fn absences(sandbox: &mut Sandbox, token: &str) -> u16 {
    api(sandbox, "GET", "absences", token, "", NOW).status
}

/// RFC 8707 §2: the token is good at its resource and refused elsewhere.
#[test]
fn a_token_is_for_the_resource_that_was_named() {
    let mut sandbox = modern();
    let answer = tokens(&mut sandbox, "alice", &[("resource", PROFILES)]);
    let token = answer.text("access_token").to_owned();
    assert_eq!(introspect(&mut sandbox, &token).text("aud"), PROFILES);
    assert_eq!(profile(&mut sandbox, &token, NOW).status, 200);
    assert_eq!(absences(&mut sandbox, &token), 401);
    let renewed = refresh(&mut sandbox, answer.text("refresh_token"), NOW).text("access_token").to_owned();
    assert_eq!((profile(&mut sandbox, &renewed, NOW).status, absences(&mut sandbox, &renewed)), (200, 401));
}

/// A refusal spends nothing: the refresh token is still good.
#[test]
fn a_refused_resource_does_not_use_up_the_refresh_token() {
    let mut sandbox = modern();
    sandbox.settings_mut().rotation = valetkey_sandbox::Rotation::On;
    let refresh_token = tokens(&mut sandbox, "alice", &[]).text("refresh_token").to_owned();
    let other = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token), ("resource", "x:y")];
    assert_eq!(token(&mut sandbox, By::Basic("web"), &other, NOW).error(), (400, "invalid_target"));
    assert_eq!(refresh(&mut sandbox, &refresh_token, NOW).status, 200);
}

/// RFC 8707 §2.2: each access token may be for fewer resources than the grant, and never for others.
#[test]
fn the_token_request_narrows_and_never_widens() {
    let mut sandbox = modern();
    let refresh_token = tokens(&mut sandbox, "alice", &[("resource", API)]).text("refresh_token").to_owned();
    let asking = |resource| {
        [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token), ("resource", resource)]
    };
    let narrow =
        token(&mut sandbox, By::Basic("web"), &asking(PROFILES), NOW).text("access_token").to_owned();
    assert_eq!((profile(&mut sandbox, &narrow, NOW).status, absences(&mut sandbox, &narrow)), (200, 401));
    let whole = token(&mut sandbox, By::Basic("web"), &asking(""), NOW).text("access_token").to_owned();
    assert_eq!(absences(&mut sandbox, &whole), 200);

    let narrow = tokens(&mut sandbox, "alice", &[("resource", PROFILES)]).text("refresh_token").to_owned();
    let asking = [("grant_type", "refresh_token"), ("refresh_token", &*narrow), ("resource", API)];
    assert_eq!(token(&mut sandbox, By::Basic("web"), &asking, NOW).error(), (400, "invalid_target"));
    let two: Vec<_> = [("resource", PROFILES), ("resource", "https://as.example/api/http/absences")].into();
    let pairs: Vec<_> = [("grant_type", "client_credentials")].into_iter().chain(two).collect();
    let answer = token(&mut sandbox, By::Basic("chatbot"), &pairs, NOW);
    assert_eq!(
        introspect(&mut sandbox, answer.text("access_token")).body["aud"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn resources_that_are_not_here_are_refused() {
    let mut sandbox = modern();
    for resource in [
        "https://other.example/api/http",
        "https://as.example/",
        "https://as.example/api/httpx",
        "https://as.example/api/http#part",
        "/api/http",
    ] {
        let response = ask(&mut sandbox, &with(REQUEST, &[("resource", resource)]));
        let arrival = Arrival::after(&response).unwrap();
        assert_eq!(arrival.parameter("error").as_deref(), Some("invalid_target"), "{resource}");
        let pairs = [("grant_type", "client_credentials"), ("resource", resource)];
        assert_eq!(token(&mut sandbox, By::Basic("chatbot"), &pairs, NOW).error(), (400, "invalid_target"));
    }
}

/// RFC 9396: what is granted in detail can be done, is answered and can be introspected, and the scope is another.
#[test]
fn rights_are_granted_in_detail() {
    let mut sandbox = modern();
    let details = json!([{ "type": "rights", "rights": [ISSUES] }]);
    let text = details.to_string();
    let changes = [("authorization_details", &*text), ("scope", "global:Profile.View")];
    let page = ask(&mut sandbox, &with(REQUEST, &changes));
    assert!(String::from_utf8(page.into_body()).unwrap().contains(ISSUES), "the person sees it");
    let answer = tokens(&mut sandbox, "alice", &changes);
    assert_eq!(answer.text("scope"), "global:Profile.View");
    assert_eq!(answer.body["authorization_details"], details);
    let token = answer.text("access_token").to_owned();
    assert_eq!(issue(&mut sandbox, &token).status, 200);
    assert_eq!(absences(&mut sandbox, &token), 403);
    assert_eq!(introspect(&mut sandbox, &token).body["authorization_details"], details);

    let alone = tokens(&mut sandbox, "alice", &[("authorization_details", &text), ("scope", "")]);
    assert!(alone.body["scope"].is_null(), "a scope without a token is none (RFC 6749 §3.3)");
    let token = alone.text("access_token").to_owned();
    assert_eq!((issue(&mut sandbox, &token).status, profile(&mut sandbox, &token, NOW).status), (200, 403));
    let bob = with(REQUEST, &[("authorization_details", &*text), ("scope", "")]);
    let refused = arrive(&mut sandbox, "bob", &bob);
    assert_eq!(refused.parameter("error").as_deref(), Some("access_denied"), "bob cannot grant it");
    let both = tokens(&mut sandbox, "bob", &[("authorization_details", &text), ("scope", "**")]);
    assert!(both.body["authorization_details"].is_null(), "nor add it to what he can");
    assert_eq!(issue(&mut sandbox, both.text("access_token")).status, 403);
}

#[test]
fn details_are_narrowed_and_checked() {
    let mut sandbox = modern();
    let both = json!([{ "type": "rights", "rights": [ISSUES] }, { "type": "rights", "rights": ["global:Profile.View"] }]);
    let text = both.to_string();
    let answer = tokens(&mut sandbox, "alice", &[("authorization_details", &text), ("scope", "")]);
    let refresh_token = answer.text("refresh_token").to_owned();
    let renew = |sandbox: &mut Sandbox, details: Value| {
        let details = details.to_string();
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &*refresh_token),
            ("authorization_details", &*details),
        ];
        token(sandbox, By::Basic("web"), &pairs, NOW)
    };
    let narrow = renew(&mut sandbox, json!([both[0]]));
    assert_eq!(narrow.body["authorization_details"], json!([both[0]]), "{:?}", narrow.body);
    let wide = renew(&mut sandbox, json!([{ "type": "rights", "rights": ["global:Other.Right"] }]));
    assert_eq!(wide.error(), (400, "invalid_authorization_details"));
    for bad in [
        json!({ "type": "rights" }),
        json!(["rights"]),
        json!([{ "rights": [ISSUES] }]),
        json!([{ "type": "unknown" }]),
        json!([{ "type": "rights" }]),
        json!([{ "type": "rights", "rights": [] }]),
        json!([{ "type": "rights", "rights": [5] }]),
    ] {
        let text = bad.to_string();
        let response = ask(&mut sandbox, &with(REQUEST, &[("authorization_details", &text)]));
        let error = Arrival::after(&response).unwrap().parameter("error");
        assert_eq!(error.as_deref(), Some("invalid_authorization_details"), "{bad}");
    }
}
