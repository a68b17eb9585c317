//! Authorization responses that the server signs (JARM).

use std::sync::LazyLock;

use form_urlencoded::Serializer;
use serde_json::Value;
use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::{Algorithm, RustCrypto, VerificationKeys};
use valetkey_core::{AuthorizationRequest, AuthorizationResponse, Client, Flow, Step};

use super::front_channel::redeems;
use super::{by_secret, with_state};
use crate::jose::verification_keys;
use crate::{NOW, client_of, entropy, server};

const REDIRECT_URI: &str = "https://app.example/callback";

static KEYS: LazyLock<VerificationKeys> = LazyLock::new(|| verification_keys(&RustCrypto, Algorithm::Hs256));

/// What comes as `response`: either a text as it is, or, if there is a line break, a header on the first line and claims
/// behind it, which are signed here with the secret that was agreed on. `{state}` is the state that was sent.
///
/// A text that was not signed here is never opened. Of what is signed, only claims that are in order by an oracle of its
/// own become a token request, which carries the code as it came; what is not the server's word uses nothing up and is not
/// told. Whatever it is, a program that asked for a plain response refuses it.
pub fn signed_response(data: &[u8]) {
    let client = client_of(server().keys(KEYS.clone()));
    let Ok(request) = AuthorizationRequest::new(&client, REDIRECT_URI) else { return };
    let signed = request.clone().response_mode(ResponseMode::Jwt);
    let Ok((_, pending)) = signed.begin_unbound(entropy(1), NOW) else { return };
    let data = with_state(data, pending.state());
    let (jwt, payload) = match data.iter().position(|byte| *byte == b'\n') {
        None => (String::from_utf8_lossy(&data).into_owned(), None),
        Some(end) => {
            let (header, payload) = data.split_at(end);
            let payload = payload.get(1..).unwrap_or_default();
            let Some(jwt) = by_secret(header, payload) else { return };
            (jwt, Some(payload))
        }
    };
    let query = Serializer::new(String::new()).append_pair("response", &jwt).finish();
    let Ok(response) = AuthorizationResponse::from_url(&format!("{REDIRECT_URI}?{query}")) else { return };
    respond(&client, &signed, &response, payload);

    let Ok((_, mut plain)) = request.begin_unbound(entropy(1), NOW) else { return };
    assert!(plain.open(&client, &response).is_err() && plain.finish(&client, &response, NOW).is_err());
    assert!(!plain.is_spent());
}

fn respond(
    client: &Client,
    request: &AuthorizationRequest,
    response: &AuthorizationResponse,
    payload: Option<&[u8]>,
) {
    let Ok((_, mut pending)) = request.begin_unbound(entropy(1), NOW) else { return };
    assert!(pending.finish(client, response, NOW).is_err(), "it is opened first");
    let recognized = pending.recognizes(response);
    let Ok(mut opening) = pending.open(client, response) else { return };
    let opened = match opening.step(None, NOW) {
        Ok(Step::Done(opened)) => opened,
        Ok(_) => panic!("keys that are known are not fetched"),
        Err(_) => return,
    };
    let Some(payload) = payload else { panic!("a forgery was opened") };
    match pending.finish(client, &opened, NOW) {
        Ok(mut flow) => {
            let claims: Value = serde_json::from_slice(payload).unwrap_or_default();
            is_in_order(&claims, pending.state());
            redeems(&mut flow, claims["code"].as_str().unwrap_or_default());
        }
        Err(error) if !pending.is_spent() => assert!(error.refused().is_none(), "AR-6"),
        Err(_) => {}
    }
    assert!(recognized || !pending.is_spent());
    if pending.is_spent() {
        assert!(pending.finish(client, &opened, NOW).is_err(), "it is used up (AR-12)");
    }
}

fn is_in_order(claims: &Value, state: &str) {
    assert_eq!(claims["iss"], "https://as.example", "JM-2");
    let is_us = |audience: &Value| audience == "s6BhdRkqt3";
    let several = claims["aud"].as_array().is_some_and(|all| all.iter().any(is_us));
    assert!(is_us(&claims["aud"]) || several, "JM-3");
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^53")]
    let now = NOW.as_secs() as f64;
    assert!(claims["exp"].as_f64().is_some_and(|end| end > now), "JM-4");
    assert_eq!(claims["state"], state, "AR-5");
    let code = claims["code"].as_str().unwrap_or_default();
    assert!(!code.is_empty() && code.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "AR-8");
    for never in ["error", "access_token", "id_token", "token_type"] {
        assert!(claims.get(never).is_none(), "AR-7, AR-9");
    }
}
