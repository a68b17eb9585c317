//! DV: a device asks, a person approves, and the device waits as it was told to.

use valetkey_sandbox::{Application, Sandbox};

use crate::metadata::modern;
use crate::support::*;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn begin(sandbox: &mut Sandbox, pairs: Pairs<'_>) -> Answer {
    let pairs = with(&[("client_id", "native")], pairs);
    Answer::of(sandbox.answer(&post("/oauth/device_authorization", &pairs), NOW))
}

fn poll(sandbox: &mut Sandbox, device_code: &str, seconds: u64) -> Answer {
    let pairs = [("grant_type", DEVICE), ("device_code", device_code)];
    token(sandbox, By::Public("native"), &pairs, after(seconds))
}

#[test]
fn the_device_is_told_where_to_send_the_person() {
    let mut sandbox = modern();
    let answer = begin(&mut sandbox, &[]);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.text("verification_uri"), "https://as.example/oauth/device");
    let code = answer.text("user_code");
    assert_eq!(
        answer.text("verification_uri_complete"),
        format!("https://as.example/oauth/device?user_code={code}")
    );
    assert_eq!((&answer.body["expires_in"], &answer.body["interval"]), (&600.into(), &5.into()));
    assert!(code.len() == 9 && code.as_bytes()[4] == b'-', "{code}");
    assert_ne!(begin(&mut sandbox, &[]).text("user_code"), code);
}

#[test]
fn approval_brings_tokens_once() {
    let mut sandbox = modern();
    let answer = begin(&mut sandbox, &[("scope", ISSUES)]);
    let code = answer.text("device_code");
    assert_eq!(poll(&mut sandbox, code, 0).error(), (400, "authorization_pending"));
    assert!(!sandbox.approve_device("WRNG-CODE", "alice"));
    assert!(!sandbox.approve_device(answer.text("user_code"), "nobody"));
    assert!(sandbox.approve_device(answer.text("user_code"), "alice"));
    assert!(!sandbox.deny_device(answer.text("user_code")), "it was decided");
    let tokens = poll(&mut sandbox, code, 5);
    assert_eq!(tokens.status, 200);
    assert_eq!(tokens.text("scope"), ISSUES);
    let made = issue(&mut sandbox, tokens.text("access_token"));
    assert_eq!(made.body["createdBy"]["name"], "Alice Archer");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", tokens.text("refresh_token"))];
    assert_eq!(token(&mut sandbox, By::Public("native"), &pairs, NOW).status, 200);
    assert_eq!(poll(&mut sandbox, code, 60).error(), (400, "invalid_grant"));
}

/// DV-3: each early question makes the interval five seconds longer, for good.
#[test]
fn who_asks_too_often_is_slowed_down() {
    let mut sandbox = modern();
    let answer = begin(&mut sandbox, &[]);
    let code = answer.text("device_code");
    let asked: Vec<String> = [0, 4, 13, 27, 32, 52]
        .into_iter()
        .map(|seconds| poll(&mut sandbox, code, seconds).text("error").to_owned())
        .collect();
    // The interval is 5, then 10, 15, 20 and 25, and at last 30.
    let expected = ["authorization_pending", "slow_down", "slow_down", "slow_down", "slow_down", "slow_down"];
    assert_eq!(asked, expected);
    assert_eq!(poll(&mut sandbox, code, 52 + 30).error(), (400, "authorization_pending"));
}

#[test]
fn denial_and_expiry_end_it() {
    let mut sandbox = modern();
    let denied = begin(&mut sandbox, &[]);
    assert!(sandbox.deny_device(denied.text("user_code")));
    assert_eq!(poll(&mut sandbox, denied.text("device_code"), 0).error(), (400, "access_denied"));
    let late = begin(&mut sandbox, &[]);
    assert_eq!(poll(&mut sandbox, late.text("device_code"), 600).error(), (400, "expired_token"));
}

#[test]
fn a_device_code_is_bound_to_its_client_and_its_user_has_the_last_word() {
    let mut sandbox = modern();
    let answer = begin(&mut sandbox, &[("scope", ISSUES)]);
    let pairs = [("grant_type", DEVICE), ("device_code", answer.text("device_code"))];
    assert_eq!(token(&mut sandbox, By::Basic("web"), &pairs, NOW).error(), (400, "unauthorized_client"));
    sandbox.add_application(Application::public("other").flow(valetkey_sandbox::FlowKind::Device));
    assert_eq!(token(&mut sandbox, By::Public("other"), &pairs, NOW).error(), (400, "invalid_grant"));
    assert!(sandbox.approve_device(answer.text("user_code"), "bob"));
    assert_eq!(poll(&mut sandbox, answer.text("device_code"), 0).error(), (400, "access_denied"));
    let missing = token(&mut sandbox, By::Public("native"), &[("grant_type", DEVICE)], NOW);
    assert_eq!(missing.error(), (400, "invalid_request"));
    let refused = as_web(&mut sandbox, post("/oauth/device_authorization", &[]));
    assert_eq!(refused.error(), (400, "unauthorized_client"));
}

#[test]
fn space_has_no_devices() {
    let mut sandbox = demo();
    assert_eq!(begin(&mut sandbox, &[]).status, 404);
    assert_eq!(poll(&mut sandbox, "x", 0).error(), (400, "unsupported_grant_type"));
}
