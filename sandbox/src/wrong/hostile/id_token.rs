//! ID tokens: their claims, and their signatures.

use serde_json::{Map, Value, json};

use crate::SigningAlgorithm;
use crate::ground::jws::Jws;
use crate::ground::keys::{Claims, SigningKey, SigningKeys};

type Members = Map<String, Value>;

/// Gives a claim another value.
pub(crate) fn set(claims: &mut Members, name: &str, value: impl Into<Value>) {
    claims.insert(name.to_owned(), value.into());
}

/// Sets a time to so many seconds after the ID token was issued, or before.
pub(crate) fn at(claims: &mut Members, name: &str, seconds: i64) {
    let issued = claims.get("iat").and_then(Value::as_i64).unwrap_or_default();
    set(claims, name, issued.saturating_add(seconds));
}

/// Adds to the audience, or makes a list of it.
pub(crate) fn audience(claims: &mut Members, more: &[&str]) {
    let ours = claims.get("aud").and_then(Value::as_str).unwrap_or_default();
    let all: Vec<&str> = std::iter::once(ours).chain(more.iter().copied()).collect();
    let all = json!(all);
    set(claims, "aud", all);
}

/// Leaves the scheme out of the issuer.
pub(crate) fn without_scheme(_: &mut Members, claims: &mut Members) {
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    let bare = issuer.split_once("://").map_or(issuer, |(_, rest)| rest).to_owned();
    set(claims, "iss", bare);
}

/// Makes it one of a tenant.
pub(crate) fn of_tenant(_: &mut Members, claims: &mut Members) {
    const TENANT: &str = "11111111-2222-3333-4444-555555555555";
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    let issuer = format!("{issuer}/{TENANT}/v2.0");
    set(claims, "iss", issuer);
    set(claims, "tid", TENANT);
}

/// Has no nonce, as one from a login without a browser.
pub(crate) fn knows_no_nonce(_: &mut Members, claims: &mut Members) {
    claims.remove("nonce");
    set(claims, "nonce_supported", false);
}

/// What a person's own device would issue (OpenID Connect Core §7.4).
pub(crate) fn self_issued(_: &mut Members, claims: &mut Members) {
    set(claims, "iss", "https://self-issued.me");
    set(claims, "sub_jwk", json!({ "kty": "EC", "crv": "P-256" }));
}

/// By a key of the server's that is for another algorithm, under its right name. The hashes that go with the other algorithm
/// are left out.
pub(crate) fn by_other_algorithm(token: &str, keys: &SigningKeys) -> Option<String> {
    let jws = Jws::read(token)?;
    let other = match jws.header("alg") {
        "EdDSA" => SigningAlgorithm::Es256,
        _ => SigningAlgorithm::EdDsa,
    };
    let mut claims = jws.unverified().clone();
    ["at_hash", "c_hash", "s_hash"].iter().for_each(|hash| drop(claims.remove(*hash)));
    Some(keys.by(other).sign("JWT", &claims))
}

/// By HMAC with the public key for a secret: everybody has it.
pub(crate) fn by_hmac_of_public_key(token: &str, keys: &SigningKeys) -> Option<String> {
    let (mut header, claims, key) = parts(token, keys)?;
    set(&mut header, "alg", "HS256");
    let secret = SigningKey::secret(key.public().to_string().as_bytes());
    Some(secret.sign_as(&Value::from(header), &claims))
}

/// By a key of P-256 that is nobody's, under the name of the server's.
pub(crate) fn by_impostor(token: &str, keys: &SigningKeys) -> Option<String> {
    let claims = Jws::read(token)?.unverified().clone();
    Some(keys.by(SigningAlgorithm::Es256).impostor().sign("JWT", &claims))
}

fn parts<'k>(token: &str, keys: &'k SigningKeys) -> Option<(Members, Claims, &'k SigningKey)> {
    let jws = Jws::read(token)?;
    let algorithm = SigningAlgorithm::named(jws.header("alg"))?;
    Some((jws.header.clone(), jws.unverified().clone(), keys.by(algorithm)))
}
