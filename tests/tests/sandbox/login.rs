//! AQ-11 and WA-3: how and when a user logged in, and the API that wants more of it.

use std::time::Duration;

use valetkey_sandbox::{Arrival, Sandbox};

use crate::introspection::introspect;
use crate::metadata::modern;
use crate::support::*;

fn shows_the_form(sandbox: &mut Sandbox, changes: Pairs<'_>) -> bool {
    ask(sandbox, &with(REQUEST, changes)).status() == 200
}

/// RFC 9470 §3 and §4: what the challenge asks for becomes the next request, and then the API is content.
#[test]
fn the_api_asks_for_a_login_and_gets_it() {
    let mut sandbox = modern();
    sandbox.sign_in("alice");
    let silent = Arrival::after(&ask(&mut sandbox, REQUEST)).unwrap().parameter("code").unwrap();
    let answer = token(&mut sandbox, By::Basic("web"), &redeeming(&silent), NOW);
    let old = answer.text("access_token").to_owned();
    sandbox.settings_mut().api_acr_values = Some("mfa".to_owned());
    sandbox.settings_mut().api_max_age = Some(Duration::from_secs(100));
    let refused = profile(&mut sandbox, &old, NOW);
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate");
    let expected =
        "Bearer error=\"insufficient_user_authentication\", acr_values=\"mfa\", max_age=\"100\", resource_";
    assert!(challenge.starts_with(expected), "{challenge}");

    let fresh = tokens(&mut sandbox, "alice", &[("acr_values", "mfa pwd"), ("max_age", "100")]);
    let access_token = fresh.text("access_token").to_owned();
    assert_eq!(profile(&mut sandbox, &access_token, after(100)).status, 200);
    assert_eq!(profile(&mut sandbox, &access_token, after(101)).status, 401);
    let about = introspect(&mut sandbox, &access_token);
    assert_eq!((about.text("acr"), &about.body["auth_time"]), ("mfa", &NOW.as_secs().into()));
    let plain = tokens(&mut sandbox, "alice", &[("acr_values", "unheard-of"), ("max_age", "100")]);
    assert_eq!(
        profile(&mut sandbox, plain.text("access_token"), NOW).status,
        401,
        "a password is not enough"
    );
    let bot = sandbox.permanent_token_of_application("chatbot");
    assert_eq!(api(&mut sandbox, "GET", "absences", &bot, "", NOW).status, 200, "applications do not log in");
}

#[test]
fn a_request_can_want_a_fresh_login() {
    let mut sandbox = modern();
    sandbox.sign_in("alice");
    let table: &[(Pairs<'_>, bool)] = &[
        (&[], false),
        (&[("prompt", "login")], true),
        (&[("prompt", "login consent")], true),
        (&[("max_age", "60")], true),
        (&[("acr_values", "mfa")], true),
        (&[("acr_values", "mfa pwd")], false),
    ];
    for (changes, form) in table {
        assert_eq!(shows_the_form(&mut sandbox, changes), *form, "{changes:?}");
    }
    let error = |sandbox: &mut Sandbox, changes: Pairs<'_>| {
        Arrival::after(&ask(sandbox, &with(REQUEST, changes))).unwrap().parameter("error")
    };
    let silent = [("prompt", "none"), ("max_age", "60")];
    assert_eq!(error(&mut sandbox, &silent).as_deref(), Some("login_required"));
    assert_eq!(error(&mut sandbox, &[("prompt", "none")]), None);
    assert_eq!(error(&mut modern(), &[("prompt", "none")]).as_deref(), Some("login_required"));
    for bad in [("max_age", "-1"), ("max_age", "+1"), ("max_age", "soon"), ("prompt", "perhaps")] {
        assert_eq!(error(&mut sandbox, &[bad]).as_deref(), Some("invalid_request"), "{bad:?}");
    }
}
