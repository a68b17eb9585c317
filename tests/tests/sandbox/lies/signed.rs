//! What the server signs: its header, its claims, and its signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::Response;
use valetkey_sandbox::Sandbox;

use super::{Ask, body, header, lie, server, truth};
use crate::support::*;

fn part(token: &str, place: usize) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token.split('.').nth(place).unwrap()).unwrap()).unwrap()
}

fn head(token: &str) -> Value {
    serde_json::from_str(&part(token, 0)).unwrap()
}

pub(super) fn claims(token: &str) -> Value {
    serde_json::from_str(&part(token, 1)).unwrap()
}

pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

/// The answer to a code, with an ID token in it.
fn login(sandbox: &mut Sandbox) -> Response {
    let asked = [("scope", "openid profile email"), ("nonce", "n"), ("max_age", "600")];
    let code = code(sandbox, "alice", &asked);
    token(sandbox, By::Basic("web"), &redeeming(&code), NOW).response
}

fn introspection(sandbox: &mut Sandbox) -> Response {
    let alice = sandbox.permanent_token_of_user("alice");
    let question = post("/oauth/introspect", &[("token", &alice)]);
    as_web(sandbox, with_header(question, "accept", "application/token-introspection+jwt")).response
}

fn jarm(sandbox: &mut Sandbox) -> Response {
    ask(sandbox, &with(REQUEST, &[("response_mode", "jwt")]))
}

/// The token that is the body, in it, or in the redirect.
fn token_of(response: &Response) -> String {
    if let Some(location) = header(response, "location") {
        let (_, query) = location.split_once('?').unwrap();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        return pairs.find(|(name, _)| name == "response").unwrap().1.into_owned();
    }
    match serde_json::from_slice::<Value>(response.body()) {
        Ok(members) => text(&members, "id_token").to_owned(),
        Err(_) => String::from_utf8(response.body().clone()).unwrap(),
    }
}

/// Holds the token to be the right one after this change of its header and claims, signed by the server.
#[track_caller]
fn says(name: &str, ask: Ask, change: impl FnOnce(&mut Value, &mut Value)) {
    let right = token_of(&truth(ask));
    let wrong = token_of(&lie(name, ask));
    let (mut header, mut expected) = (head(&right), claims(&right));
    change(&mut header, &mut expected);
    assert_eq!((head(&wrong), claims(&wrong)), (header, expected), "{name}");
    assert_ne!(wrong, right, "{name}");
    let (_, verified) = verified(&mut server(), &wrong);
    assert_eq!(verified, claims(&wrong), "{name}");
}

fn take(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name).unwrap_or_else(|| panic!("{name} was not there"));
}

#[test]
fn an_id_token_says_something_else_and_is_signed_all_the_same() {
    says("id-token-iss-foreign", login, |_, it| it["iss"] = "https://attacker.example".into());
    says("id-token-iss-bare", login, |_, it| it["iss"] = "as.example".into());
    says("id-token-of-tenant", login, |_, it| {
        let tenant = "11111111-2222-3333-4444-555555555555";
        it["iss"] = format!("https://as.example/{tenant}/v2.0").into();
        it["tid"] = tenant.into();
    });
    says("id-token-nonce-unknown", login, |_, it| {
        take(it, "nonce");
        it["nonce_supported"] = false.into();
    });
    says("id-token-nonce-missing", login, |_, it| take(it, "nonce"));
    says("id-token-aud-beside", login, |_, it| it["aud"] = json!(["web", "another"]));
    says("id-token-aud-list", login, |_, it| it["aud"] = json!(["web"]));
    says("id-token-sub-long", login, |_, it| it["sub"] = "s".repeat(256).into());
    says("id-token-self-issued", login, |_, it| {
        it["iss"] = "https://self-issued.me".into();
        it["sub_jwk"] = json!({ "kty": "EC", "crv": "P-256" });
    });
    says("id-token-logout-type", login, |header, _| header["typ"] = "logout+jwt".into());
    says("id-token-huge", login, |_, it| it["padding"] = "p".repeat(64 * 1024).into());
}

#[test]
fn the_times_of_an_id_token_are_far_off_as_is_said() {
    let issued = NOW.as_secs();
    says("id-token-iat-old", login, |_, it| it["iat"] = (issued - 7 * 24 * 60 * 60).into());
    says("id-token-expired", login, |_, it| it["exp"] = (issued - 5 * 60).into());
    says("id-token-auth-time-future", login, |_, it| it["auth_time"] = (issued + 60 * 60).into());
    says("id-token-auth-time-old", login, |_, it| it["auth_time"] = (issued - 24 * 60 * 60).into());
    says("id-token-auth-time-missing", login, |_, it| take(it, "auth_time"));
}

#[test]
fn a_signed_introspection_says_it_in_another_place_or_for_another() {
    let right = claims(&token_of(&truth(introspection)));
    assert_eq!(right["token_introspection"]["active"], true);
    says("introspection-type-jwt", introspection, |header, _| header["typ"] = "JWT".into());
    says("introspection-nested", introspection, |_, it| {
        it["token_introspection"] = json!([it["token_introspection"]]);
    });
    says("introspection-at-top-level", introspection, |_, it| {
        let document = it["token_introspection"].clone();
        take(it, "token_introspection");
        it.as_object_mut().unwrap().extend(document.as_object().unwrap().clone());
    });
    says("introspection-signed-for-other", introspection, |_, it| it["aud"] = "another".into());
    says("introspection-signed-for-api", introspection, |_, it| it["aud"] = "https://api.example".into());
    says("introspection-undated", introspection, |_, it| take(it, "iat"));
}

/// Where the token itself is for an API, the answer about it is for that one.
#[test]
fn an_answer_for_the_tokens_api_has_the_tokens_audience() {
    let bound: Ask = |sandbox| {
        let resource = [("resource", "https://as.example/api/http")];
        let tokens = tokens(sandbox, "alice", &resource);
        let question = post("/oauth/introspect", &[("token", tokens.text("access_token"))]);
        as_web(sandbox, with_header(question, "accept", "application/token-introspection+jwt")).response
    };
    let audience = claims(&token_of(&truth(bound)))["token_introspection"]["aud"].clone();
    assert!(audience.is_string(), "{audience}");
    says("introspection-signed-for-api", bound, |_, it| it["aud"] = audience);
}

#[test]
fn a_response_has_a_critical_header_or_a_claim_twice() {
    says("jarm-critical", jarm, |header, _| {
        header["crit"] = json!(["x-unknown"]);
        header["x-unknown"] = true.into();
    });
    let right = claims(&token_of(&truth(jarm)));
    for (name, second) in
        [("jarm-iss-repeated", right["iss"].clone()), ("jarm-iss-twice", "https://attacker.example".into())]
    {
        let payload = part(&token_of(&lie(name, jarm)), 1);
        assert_eq!(payload.matches("\"iss\":").count(), 2, "{payload}");
        assert!(payload.contains(&format!("\"iss\":{}", right["iss"])), "{payload}");
        assert!(payload.ends_with(&format!(",\"iss\":{second}}}")), "{payload}");
    }
}

#[test]
fn a_signature_is_none_or_anothers_and_the_claims_are_the_same() {
    for (kind, ask) in
        [("id-token", login as Ask), ("introspection", introspection as Ask), ("jarm", jarm as Ask)]
    {
        let right = token_of(&truth(ask));
        let [header, payload, signature] = right.split('.').collect::<Vec<_>>()[..] else {
            panic!("{right}")
        };
        let unsigned = token_of(&lie(&format!("{kind}-unsigned"), ask));
        assert_eq!(unsigned.split('.').skip(1).collect::<Vec<_>>(), [payload, ""], "{kind}");
        assert_eq!(head(&unsigned)["alg"], "none", "{kind}");
        let forged = token_of(&lie(&format!("{kind}-forged"), ask));
        assert_eq!(forged, format!("{header}.{payload}.{}", "A".repeat(signature.len())), "{kind}");
    }
    let right = token_of(&truth(jarm));
    let (two, _) = right.rsplit_once('.').unwrap();
    assert_eq!(token_of(&lie("jarm-two-parts", jarm)), two);
    assert_eq!(token_of(&lie("jarm-five-parts", jarm)), format!("{right}.e30.e30"));
    for (name, ask) in [("jarm-dots", jarm as Ask), ("introspection-dots", introspection)] {
        let right = token_of(&truth(ask));
        assert_eq!(token_of(&lie(name, ask)), format!("{right}{}", ".".repeat(1_000_000)), "{name}");
    }
}

#[test]
fn a_signature_is_by_another_algorithm_or_key() {
    let right = token_of(&truth(login));
    let other = token_of(&lie("id-token-other-algorithm", login));
    let mut expected = claims(&right);
    take(&mut expected, "at_hash");
    assert_eq!(claims(&other), expected);
    assert_ne!(head(&other)["alg"], head(&right)["alg"]);
    let (_, verified_claims) = verified(&mut server(), &other);
    assert_eq!(verified_claims, expected);
    let hmac = token_of(&lie("id-token-hmac", login));
    assert_eq!((&head(&hmac)["alg"], claims(&hmac)), (&"HS256".into(), claims(&right)));
    assert_eq!(head(&hmac)["kid"], head(&right)["kid"]);
    // 32 bytes, and not those that were there.
    assert_eq!(hmac.rsplit_once('.').unwrap().1.len(), 43);
    let wrong = token_of(&lie("id-token-wrong-key", login));
    assert_eq!((&head(&wrong)["alg"], claims(&wrong)), (&"ES256".into(), claims(&right)));
    let keys = body(&server().answer(&get("/oauth/jwks.json"), NOW));
    let named = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == head(&wrong)["kid"]);
    assert_eq!(named.unwrap()["alg"], "ES256", "under the name of the server's");
    let key: jsonwebtoken::jwk::Jwk = serde_json::from_value(named.unwrap().clone()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    let key = jsonwebtoken::DecodingKey::from_jwk(&key).unwrap();
    let refused = jsonwebtoken::decode::<Value>(&wrong, &key, &validation).unwrap_err();
    assert!(matches!(refused.kind(), jsonwebtoken::errors::ErrorKind::InvalidSignature), "{refused}");
}
