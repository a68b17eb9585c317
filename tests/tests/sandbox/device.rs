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
    assert_eq!(sandbox.answer(&get("/oauth/device"), NOW).status(), 404);
    assert_eq!(poll(&mut sandbox, "x", 0).error(), (400, "unsupported_grant_type"));
}

/// RFC 8628 §3.3: by the address that is the same for every device, the person enters the code; by the complete one it is there.
#[test]
fn a_person_enters_the_code_and_decides_on_the_page() {
    let mut sandbox = modern();
    let answer = begin(&mut sandbox, &[("scope", ISSUES)]);
    let page = Answer::of(sandbox.answer(&get(answer.text("verification_uri")), NOW));
    let html = text(&page);
    assert!(html.contains(r#"<form method="get" action="/oauth/device">"#), "{html}");
    assert!(html.contains(r#"name="user_code""#) && !html.contains("password"), "{html}");

    // As a person types it.
    let typed = answer.text("user_code").to_lowercase().replace('-', " ");
    let by_hand = format!("/oauth/device?{}", encode(&[("user_code", &typed)]));
    for url in [answer.text("verification_uri_complete"), &by_hand] {
        let html = text(&Answer::of(sandbox.answer(&get(url), NOW)));
        assert!(html.contains(answer.text("user_code")) && html.contains("Native application"), "{html}");
        assert!(html.contains(ISSUES), "{html}");
    }

    let code = answer.text("device_code");
    assert_eq!(poll(&mut sandbox, code, 0).error(), (400, "authorization_pending"));
    let url = answer.text("verification_uri_complete");
    let done = on_page(&mut sandbox, url, |url, html| person("alice").consent(url, html).unwrap());
    assert!(text(&done).contains("allowed"), "{}", text(&done));
    assert_eq!(poll(&mut sandbox, code, 5).text("scope"), ISSUES);
    // It is decided once.
    let again = text(&Answer::of(sandbox.answer(&get(url), NOW)));
    assert!(again.contains("No device waits with this code"), "{again}");
}

/// DV-4: the person's no.
#[test]
fn a_person_denies_on_the_page() {
    let mut sandbox = modern();
    let answer = begin(&mut sandbox, &[]);
    let url = answer.text("verification_uri_complete");
    let done = on_page(&mut sandbox, url, |url, html| person("alice").deny(url, html).unwrap());
    assert!(text(&done).contains("told no"), "{}", text(&done));
    assert_eq!(poll(&mut sandbox, answer.text("device_code"), 0).error(), (400, "access_denied"));
}

#[test]
fn the_page_decides_nothing_for_a_wrong_password_a_wrong_code_or_a_late_person() {
    let mut sandbox = modern();
    let answer = begin(&mut sandbox, &[]);
    let url = answer.text("verification_uri_complete");
    let stranger = valetkey_sandbox::Person::new("alice", "wrong");
    let page = on_page(&mut sandbox, url, |url, html| stranger.consent(url, html).unwrap());
    assert!(text(&page).contains("password is wrong") && text(&page).contains(answer.text("user_code")));

    let wrong = text(&Answer::of(sandbox.answer(&get("/oauth/device?user_code=%3Cb%3EWRNG"), NOW)));
    assert!(wrong.contains("No device waits") && wrong.contains("&lt;b&gt;WRNG") && !wrong.contains("<b>"));
    let late = text(&Answer::of(sandbox.answer(&get(url), after(600))));
    assert!(late.contains("No device waits"), "{late}");
    for form in [&[("decision", "allow")][..], &[("user_code", answer.text("user_code"))]] {
        let page = Answer::of(sandbox.answer(&post("/oauth/device", form), NOW));
        assert!(!text(&page).contains("allowed in"));
    }
    assert_eq!(poll(&mut sandbox, answer.text("device_code"), 0).error(), (400, "authorization_pending"));
    let put = http::Request::put("/oauth/device").body(Vec::new()).unwrap();
    assert_eq!(sandbox.answer(&put, NOW).status(), 405);
}

/// No script, nothing from elsewhere, no frame, nothing kept; and no page of another origin reads it.
#[test]
fn the_page_is_as_guarded_as_the_consent_page() {
    let mut sandbox = modern();
    sandbox.settings_mut().allowed_origins.push("https://app.example".to_owned());
    let consent = ask(&mut sandbox, REQUEST);
    let answer = begin(&mut sandbox, &[]);
    for url in [answer.text("verification_uri"), answer.text("verification_uri_complete")] {
        let page = sandbox.answer(&with_header(get(url), "origin", "https://app.example"), NOW);
        assert_eq!(page.headers(), consent.headers());
        assert!(!String::from_utf8_lossy(page.body()).contains("<script"));
    }
}

fn text(page: &Answer) -> String {
    String::from_utf8(page.response.body().clone()).unwrap()
}

/// Opens the page and sends its form back.
fn on_page(
    sandbox: &mut Sandbox,
    url: &str,
    decide: impl FnOnce(&str, &str) -> valetkey_core::Request,
) -> Answer {
    let html = text(&Answer::of(sandbox.answer(&get(url), NOW)));
    Answer::of(sandbox.answer(&decide(url, &html), NOW))
}
