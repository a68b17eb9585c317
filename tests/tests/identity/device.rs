//! A device is logged in too: the ID token that comes with its tokens is verified, without a nonce.

use serde_json::json;
use valetkey_core::jose::Algorithm;
use valetkey_core::server::{Endpoint, ServerKeys};
use valetkey_core::{Client, DeviceAuthorizationRequest, DevicePoll, Response, Rule, TokenResponse};
use valetkey_tests::openid::{claims, id_token, publishing, tokens};
use valetkey_tests::script::{Played, play};
use valetkey_tests::{client_of, json as answer};

fn client() -> Client {
    use std::sync::Arc;
    use valetkey_core::jose::RustCrypto;

    let server = publishing().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap();
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    client_of(server.keys(keys))
}

fn jwks() -> Response {
    use valetkey_core::jose::{JwkSet, RustCrypto, Signer};

    let key = valetkey_tests::jose::key_pair(&RustCrypto, Algorithm::Es256);
    answer(200, &serde_json::to_string(&JwkSet::of(key.public_key().cloned())).unwrap())
}

fn poll(client: &Client, answers: Vec<Option<Response>>) -> Played<TokenResponse> {
    let body = r#"{"device_code":"d-e-v","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","expires_in":1800,"interval":5}"#;
    let request = DeviceAuthorizationRequest::new(client).unwrap().scope("openid").unwrap();
    let authorization = play(request, [Some(answer(200, body))]).outcome.unwrap();
    play(DevicePoll::new(client, authorization).unwrap(), answers)
}

#[test]
fn a_device_ends_with_who_logged_in() {
    let good = tokens(&id_token(Algorithm::Es256, &claims(None)));
    let pending = answer(400, r#"{"error":"authorization_pending"}"#);
    let played = poll(&client(), vec![Some(pending), Some(good), Some(jwks())]);
    assert_eq!(played.outcome.unwrap().login().unwrap().identity().subject(), "248289761001");
    let mut other = claims(None);
    other["aud"] = json!("other");
    let played = poll(&client(), vec![Some(tokens(&id_token(Algorithm::Es256, &other))), Some(jwks())]);
    assert_eq!(played.outcome.unwrap_err().rule(), Some(Rule::Id10));
    let played =
        poll(&client(), vec![Some(tokens(&id_token(Algorithm::Es256, &claims(Some("n"))))), Some(jwks())]);
    assert_eq!(played.outcome.unwrap_err().rule(), Some(Rule::Id15));
}

/// DV-4: the code has been used up when its tokens have come: whatever becomes of the keys, it is not sent again.
#[test]
fn a_code_is_not_polled_with_after_its_tokens_have_come() {
    let good = || Some(tokens(&id_token(Algorithm::Es256, &claims(None))));
    for keys in [Some(answer(503, "{}")), Some(answer(429, "{}")), None] {
        let played = poll(&client(), vec![good(), keys]);
        let sent: Vec<&str> = played.sent.iter().map(|(_, request)| request.uri().path()).collect();
        assert_eq!(sent, ["/token", "/jwks"]);
        assert!(played.outcome.is_err());
    }
}

/// ID-8: told before a user code is shown to anybody.
#[test]
fn a_device_that_cannot_verify_does_not_begin() {
    let server = publishing().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap();
    let client = client_of(server);
    let request = DeviceAuthorizationRequest::new(&client).unwrap().scope("openid").unwrap();
    let played = play(request, Vec::<Option<Response>>::new());
    assert_eq!(played.outcome.unwrap_err().rule(), Some(Rule::Id8));
    assert!(played.sent.is_empty());
}
