//! What ID tokens claim.

use std::sync::LazyLock;

use form_urlencoded::Serializer;
use serde_json::Value;
use valetkey_core::authorize::ResponseType;
use valetkey_core::identity::{IdTokenVerification, Login};
use valetkey_core::jose::{Algorithm, RustCrypto, VerificationKeys};
use valetkey_core::terms::IdToken;
use valetkey_core::{AccessToken, AuthorizationResponse, Client, Error, Flow, Quirk, Step};

use super::{by_secret, filled};
use crate::jose::verification_keys;
use crate::openid::{CALLBACK, begun, half_hash};
use crate::{NOW, client_of, server};

const NONCE: &str = "n-0S6_WzA2Mj";
const ACCESS_TOKEN: &str = "SlAV32hkKG";
const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";

static KEYS: LazyLock<VerificationKeys> = LazyLock::new(|| verification_keys(&RustCrypto, Algorithm::Hs256));

/// The claims of an ID token, which are signed here with the secret that was agreed on. After a line `front` they come through
/// the browser, beside a code, and `{nonce}` and `{state}` stand for what was sent; otherwise they come beside an access token,
/// in answer to a nonce that the corpus knows.
///
/// Only claims that are in order by an oracle of its own make a login, which tells of them what they say. Whatever is
/// claimed, it answers no other request, and strictness only refuses more.
pub fn id_token(data: &[u8]) {
    let strict = client_of(server().keys(KEYS.clone()));
    if let Some(claims) = data.strip_prefix(b"front\n") {
        return front(&strict, claims);
    }
    let Some(jwt) = by_secret(br#"{"alg":"HS256","typ":"JWT"}"#, data) else { return };
    let lax = Quirk::ALL.iter().fold(server().keys(KEYS.clone()), |server, quirk| server.admit(*quirk));
    let Ok(login) = verified(&strict, &jwt, Some(NONCE)) else { return };
    let claims: Value = serde_json::from_slice(data).unwrap_or_default();
    is_in_order(&login, &claims, NONCE);
    assert!(is_absent_or(&claims, "at_hash", &half_hash(ACCESS_TOKEN)), "ID-19");
    assert!(
        verified(&client_of(lax), &jwt, Some(NONCE)).is_ok(),
        "a relaxation refuses what the rules admit"
    );
    for other in [None, Some("another")] {
        assert!(verified(&strict, &jwt, other).is_err(), "ID-15");
    }
}

fn verified(client: &Client, jwt: &str, nonce: Option<&str>) -> Result<Login, Error> {
    let mut flow =
        IdTokenVerification::new(client, &IdToken::new(jwt)?)?.beside(&AccessToken::new(ACCESS_TOKEN)?);
    if let Some(nonce) = nonce {
        flow = flow.nonce(nonce)?;
    }
    match flow.step(None, NOW)? {
        Step::Done(login) => Ok(login),
        _ => panic!("keys that are known are not fetched"),
    }
}

fn front(client: &Client, claims: &[u8]) {
    let Ok(mut begun) = begun(client, |request| request.response_type(ResponseType::CodeIdToken)) else {
        unreachable!("a login by both")
    };
    let state = begun.pending.state().to_owned();
    let nonce = begun.nonce().to_owned();
    let claims = filled(&filled(claims, b"{state}", &state), b"{nonce}", &nonce);
    let Some(jwt) = by_secret(br#"{"alg":"HS256"}"#, &claims) else { return };
    let fragment = Serializer::new(String::new())
        .extend_pairs([("code", CODE), ("id_token", &*jwt), ("state", &*state)])
        .finish();
    let Ok(response) = AuthorizationResponse::from_url(&format!("{CALLBACK}#{fragment}")) else { return };
    let Ok(mut opening) = begun.pending.open(client, &response) else { return };
    let opened = match opening.step(None, NOW) {
        Ok(Step::Done(opened)) => opened,
        Ok(_) => panic!("keys that are known are not fetched"),
        Err(_) => return,
    };
    assert!(begun.pending.finish(client, &opened, NOW).is_ok());
    let claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
    is_about_us(&claims, &nonce);
    assert_eq!(claims["c_hash"], half_hash(CODE), "ID-20, ID-40");
    assert!(is_absent_or(&claims, "s_hash", &half_hash(&state)), "ID-41");
}

fn is_absent_or(claims: &Value, name: &str, value: &str) -> bool {
    claims.get(name).is_none_or(|claim| claim == value)
}

/// What every ID token says that is taken.
fn is_about_us(claims: &Value, nonce: &str) {
    assert_eq!(claims["iss"], "https://as.example", "ID-9");
    let is_us = |audience: &Value| audience == "s6BhdRkqt3";
    let only_us = claims["aud"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_us));
    assert!(is_us(&claims["aud"]) || only_us, "ID-10");
    assert!(is_absent_or(claims, "azp", "s6BhdRkqt3"), "ID-11");
    let subject = claims["sub"].as_str().unwrap_or_default();
    assert!((1..=255).contains(&subject.len()) && subject.is_ascii(), "ID-18");
    assert_eq!(claims["nonce"], nonce, "ID-15");
    // The clocks may be five minutes apart, and an ID token ten minutes old when it was asked for.
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^53")]
    let now = NOW.as_secs() as f64;
    assert!(claims["exp"].as_f64().is_some_and(|end| end > now - 301.0), "ID-12");
    assert!(claims["iat"].as_f64().is_some_and(|issued| issued < now + 301.0), "ID-13");
    assert!(
        claims.get("nbf").is_none_or(|from| from.as_f64().is_some_and(|from| from < now + 301.0)),
        "ID-14"
    );
    assert!(claims.get("events").is_none() && claims.get("sub_jwk").is_none(), "ID-36, ID-38");
}

fn is_in_order(login: &Login, claims: &Value, nonce: &str) {
    is_about_us(claims, nonce);
    assert_eq!(claims["sub"], login.identity().subject());
    assert_eq!(claims["iss"], login.identity().issuer());
    assert!(login.expires_at() > login.issued_at() || login.checks().iter().next().is_some());
    for (name, told) in [("acr", login.acr()), ("sid", login.session_id())] {
        assert_eq!(claims.get(name).and_then(Value::as_str), told, "{name}");
    }
    assert_eq!(claims.get("auth_time").is_some(), login.auth_time().is_some());
    let amr = claims.get("amr").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(login.amr().len(), amr);
    let standard = login.standard_claims();
    if let Some(name) = standard.name() {
        assert_eq!(claims["name"], name);
    }
    if standard.verified_email().is_some() {
        assert_eq!(claims["email_verified"], true);
    }
    for (name, value) in claims.as_object().into_iter().flatten() {
        // A name that the JSON library keeps for itself is refused.
        if let Ok(told) = login.claim::<Value>(name) {
            assert_eq!(told.as_ref(), Some(value).filter(|value| !value.is_null()), "{name}");
        }
    }
    let shown = format!("{login:?}");
    assert!(!shown.contains(nonce));
}
