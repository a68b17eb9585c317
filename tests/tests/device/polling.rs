//! DV-3, DV-4: how a device polls, in virtual time.

use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::server::Endpoint;
use valetkey_core::terms::CodeVerifier;
use valetkey_core::{
    AuthorizationServer, DeviceAuthorization, DeviceAuthorizationRequest, DevicePoll, Error, Flow, Response,
    Rule, Step, TokenResponse, UnixTime,
};
use valetkey_tests::script::{Played, play};
use valetkey_tests::{NOW, client_of, entropy, json, server};

fn devices() -> AuthorizationServer {
    server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap()
}

fn device(members: &str) -> DeviceAuthorization {
    let body = format!(
        r#"{{"device_code":"d-e-v","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device",{members}}}"#
    );
    let request = DeviceAuthorizationRequest::new(&client_of(devices())).unwrap();
    play(request.scope("a b").unwrap(), [Some(json(200, &body))]).outcome.unwrap()
}

fn poll_of(members: &str) -> DevicePoll {
    DevicePoll::new(&client_of(devices()), device(members)).unwrap()
}

fn error(code: &str) -> Option<Response> {
    Some(json(400, &format!(r#"{{"error":"{code}"}}"#)))
}

fn tokens() -> Option<Response> {
    Some(json(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#))
}

fn labelled(status: u16, retry_after: &str) -> Option<Response> {
    let mut answer = json(status, "<html>");
    answer.headers_mut().insert("retry-after", retry_after.parse().unwrap());
    Some(answer)
}

fn seconds<T>(played: &Played<T>) -> Vec<u64> {
    played.waits.iter().map(Duration::as_secs).collect()
}

fn poll(answers: Vec<Option<Response>>) -> Played<TokenResponse> {
    play(poll_of(r#""expires_in":1800,"interval":5"#), answers)
}

/// DV-3: the interval is between the answer and the next request.
#[test]
fn a_device_waits_before_each_poll() {
    let pending = || error("authorization_pending");
    let played = poll(vec![pending(), pending(), tokens()]);
    assert_eq!(seconds(&played), [5, 5, 5]);
    let tokens = played.outcome.unwrap();
    // The scope that was asked for with the code; a poll does not repeat it.
    assert_eq!(tokens.scope().unwrap().as_str(), "a b");
    assert!(
        played.sent.iter().all(|(_, request)| { !String::from_utf8_lossy(request.body()).contains("scope") })
    );
}

/// DV-3: RFC 8628 §3.5, for good.
#[test]
fn a_device_polls_slower_when_told() {
    let (pending, slower) = (|| error("authorization_pending"), || error("slow_down"));
    let played = poll(vec![pending(), slower(), pending(), slower(), pending(), tokens()]);
    assert_eq!(seconds(&played), [5, 5, 10, 10, 15, 15]);
}

/// DV-3.
#[test]
fn the_longest_interval_stays_bounded_when_told_to_slow_down() {
    let slower = || error("slow_down");
    let played = play(
        poll_of(r#""expires_in":86400,"interval":18446744073709551615"#),
        [slower(), slower(), tokens()],
    );
    assert_eq!(seconds(&played), [3600, 3600, 3600]);
}

/// DV-3: neither a server in trouble nor a lost answer ends polling, and each makes it slower.
#[test]
fn trouble_backs_off_and_an_answer_ends_the_trouble() {
    let html = |status| Some(json(status, "<html>"));
    let played = poll(vec![
        None,
        html(502),
        Some(json(503, r#"{"error":"invalid_grant"}"#)),
        Some(json(500, r#"{"error":5}"#)),
        error("authorization_pending"),
        error("temporarily_unavailable"),
        error("slow_down"),
        None,
        tokens(),
    ]);
    assert_eq!(seconds(&played), [5, 10, 20, 40, 80, 5, 10, 10, 20]);
    assert!(played.outcome.is_ok());
    let many = std::iter::repeat_n(None, 12).chain([tokens()]);
    let played = poll(many.collect());
    assert_eq!(seconds(&played), [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 285]);
}

/// DV-3.
#[test]
fn retry_after_is_honoured_where_it_is_longer() {
    let played = poll(vec![labelled(429, "60"), labelled(503, "1"), labelled(400, "9")]);
    // The last is a 400 without a code: it ends the polling.
    assert_eq!(seconds(&played), [5, 60, 120]);
    assert!(matches!(played.outcome, Err(Error::Refused(_))));

    let mut pending = json(400, r#"{"error":"authorization_pending"}"#);
    pending.headers_mut().insert("retry-after", "11".parse().unwrap());
    let played = poll(vec![Some(pending), error("authorization_pending"), tokens()]);
    assert_eq!(seconds(&played), [5, 11, 5]);
}

/// DV-3: an error under status 200 is the error it says.
#[test]
fn a_pending_answer_with_status_200_is_pending() {
    let pending = || Some(json(200, r#"{"error":"authorization_pending"}"#));
    assert_eq!(seconds(&poll(vec![pending(), pending(), tokens()])), [5, 5, 5]);
}

/// DV-4.
#[test]
fn any_other_error_ends_the_polling() {
    for code in ["invalid_grant", "invalid_client", "unauthorized_client", "no-such-code"] {
        let played = poll(vec![error("authorization_pending"), error(code)]);
        let error = played.outcome.expect_err(code);
        assert_eq!(error.refused().unwrap().code().unwrap().as_str(), code);
        assert_eq!(played.sent.len(), 2);
    }
    let denied = poll(vec![error("access_denied")]).outcome.expect_err("the person said no");
    assert!(denied.is_access_denied());
    let expired = poll(vec![error("expired_token")]).outcome.expect_err("too late");
    assert!(expired.is_authorization_required());
    assert_eq!(poll(vec![Some(json(200, "{}"))]).rule(), Rule::Tr5);
    assert_eq!(poll(vec![Some(json(302, ""))]).rule(), Rule::Tr1);
}

/// DV-4: without a request, and when it expires.
#[test]
fn an_expired_code_is_not_polled_with() {
    let played = play(
        poll_of(r#""expires_in":12,"interval":5"#),
        [error("authorization_pending"), error("authorization_pending")],
    );
    assert_eq!(seconds(&played), [5, 5, 2]);
    assert_eq!(played.rule(), Rule::Dv4);
    assert_eq!(played.sent.len(), 2);
    match played.outcome {
        Err(Error::AuthorizationRequired(required)) => assert!(matches!(required.cause(), Cause::TooLate)),
        _ => panic!("somebody must begin again"),
    }
    // Taken up long after it expired: not a single request.
    let mut late = poll_of(r#""expires_in":12"#);
    assert_eq!(late.step(None, NOW.after(Duration::from_secs(12))).err().unwrap().rule(), Some(Rule::Dv4));
}

/// DV-3: early timers do no harm.
#[test]
fn asking_early_sends_nothing() {
    let mut poll = poll_of(r#""expires_in":1800,"interval":5"#);
    for millis in [0, 1, 2500, 4999] {
        match poll.step(None, NOW.after(Duration::from_millis(millis))) {
            Ok(Step::Wait(time)) => assert_eq!(time, Duration::from_millis(5000 - millis)),
            _ => panic!("it is too early"),
        }
    }
    assert!(matches!(poll.step(None, NOW.after(Duration::from_secs(5))), Ok(Step::Send(_))));
}

#[test]
fn a_clock_that_is_set_back_makes_no_wait_longer() {
    let mut poll = poll_of(r#""expires_in":1800,"interval":5"#);
    let long_ago = UnixTime::from_secs(5);
    let Ok(Step::Wait(time)) = poll.step(None, long_ago) else { panic!("it waits") };
    assert_eq!(time, Duration::from_secs(5));
    assert!(matches!(poll.step(None, long_ago.after(time)), Ok(Step::Send(_))));
}

/// Rule 8 of the design: it outlives the process, what the server asked for by then included.
#[test]
fn a_device_authorization_is_stored_and_taken_up_again() {
    let mut poll = poll_of(r#""expires_in":1800,"interval":5"#);
    let then = NOW.after(Duration::from_secs(5));
    assert!(matches!(poll.step(None, then), Ok(Step::Send(_))));
    assert!(matches!(poll.step(error("slow_down"), then), Ok(Step::Wait(_))));
    let stored = serde_json::to_string(poll.authorization()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&stored).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["interval"], 10);
    assert_eq!(value["user_code"], "WDJB-MJHT");

    let restored: DeviceAuthorization = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&restored).unwrap(), stored);
    let mut poll = DevicePoll::new(&client_of(devices()), restored).unwrap();
    assert!(matches!(poll.step(None, then), Ok(Step::Wait(time)) if time == Duration::from_secs(10)));

    assert!(
        serde_json::from_str::<DeviceAuthorization>(&stored.replace("\"version\":1", "\"version\":2"))
            .is_err()
    );
    // An interval that was tampered with makes no busy loop.
    let tampered: DeviceAuthorization =
        serde_json::from_str(&stored.replace("\"interval\":10", "\"interval\":0")).unwrap();
    assert_eq!(tampered.interval(), Duration::from_secs(1));
}

/// TR-17.
#[test]
fn a_device_code_goes_to_its_own_server_only() {
    let elsewhere = devices().token_endpoint("https://evil.example/token").unwrap();
    let error = DevicePoll::new(&client_of(elsewhere), device(r#""expires_in":9"#)).expect_err("another");
    assert_eq!(error.rule(), Some(Rule::Tr17));
}

/// AQ-3: a server that wants a PKCE challenge of a device too gets one where the program says so, and the polls carry the verifier,
/// after a restart as well; otherwise there is none.
#[test]
fn a_challenge_is_sent_to_a_server_that_wants_one() {
    let client = client_of(devices());
    let begin = |request: DeviceAuthorizationRequest| {
        let body = r#"{"device_code":"d-e-v","user_code":"W","verification_uri":"https://example.com/d","expires_in":600}"#;
        let played = play(request, [Some(json(200, body))]);
        let sent = String::from_utf8(played.sent[0].1.body().clone()).unwrap();
        let device = played.outcome.unwrap();
        assert!(!format!("{device:?}").contains("verifier"));
        let stored = serde_json::to_string(&device).unwrap();
        let device: DeviceAuthorization = serde_json::from_str(&stored).unwrap();
        let played = play(DevicePoll::new(&client, device).unwrap(), [tokens()]);
        played.outcome.unwrap();
        (sent, String::from_utf8(played.sent[0].1.body().clone()).unwrap())
    };
    let request = || DeviceAuthorizationRequest::new(&client).unwrap();
    let (sent, polled) = begin(request().code_challenge(entropy(1)).unwrap());
    let verifier = CodeVerifier::generate(entropy(1));
    assert_eq!(sent, format!("code_challenge={}&code_challenge_method=S256", verifier.challenge()));
    let expected =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d-e-v&code_verifier=";
    assert_eq!(polled, format!("{expected}{}", verifier.expose()));
    let (sent, polled) = begin(request());
    assert!(sent.is_empty() && !polled.contains("code_verifier"), "{sent} {polled}");

    let plain = client_of(devices().list("code_challenge_methods_supported", ["plain"]));
    let refused = DeviceAuthorizationRequest::new(&plain).unwrap().code_challenge(entropy(1));
    assert_eq!(refused.err().and_then(|error| error.rule()), Some(Rule::Aq3));
    for name in ["code_challenge", "code_challenge_method", "code_verifier"] {
        let taken = request().parameter(name, "x");
        assert_eq!(taken.err().and_then(|error| error.rule()), Some(Rule::Aq6), "{name}");
    }
}
