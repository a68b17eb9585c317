//! The longer of the wrong answers about today's OAuth: documents and challenges that take more than a word to spoil.

use serde_json::{Map, Value, json};

use crate::jws::Jws;
use crate::location::Location;

type Members = Map<String, Value>;

/// Rewrites a text, and says whether there was one.
fn text(members: &mut Members, name: &str, change: impl FnOnce(&str) -> String) -> bool {
    let changed = members.get(name).and_then(Value::as_str).map(change);
    changed.map(|value| members.insert(name.to_owned(), Value::from(value))).is_some()
}

// Metadata.

pub(crate) fn issuer_with_slash(members: &mut Members) -> bool {
    text(members, "issuer", |issuer| format!("{issuer}/"))
}

/// Another spelling of the same host: equal to a browser, and not identical.
pub(crate) fn issuer_in_capitals(members: &mut Members) -> bool {
    text(members, "issuer", str::to_uppercase)
}

pub(crate) fn issuer_with_port(members: &mut Members) -> bool {
    text(members, "issuer", |issuer| match issuer.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) =
                rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
            format!("{scheme}://{host}:443{path}")
        }
        None => format!("{issuer}:443"),
    })
}

pub(crate) fn token_endpoint_with_fragment(members: &mut Members) -> bool {
    text(members, "token_endpoint", |endpoint| format!("{endpoint}#here"))
}

pub(crate) fn without_s256(members: &mut Members) -> bool {
    set(members, "code_challenge_methods_supported", json!(["plain"]))
}

fn set(members: &mut Members, name: &str, value: Value) -> bool {
    members.insert(name.to_owned(), value).is_some()
}

pub(crate) fn token_type_in_odd_case(members: &mut Members) -> bool {
    text(members, "token_type", |it| if it == "DPoP" { "dPOp".to_owned() } else { "bEARER".to_owned() })
}

pub(crate) fn downgraded(members: &mut Members) -> bool {
    let bound = members.get("token_type").is_some_and(|it| it == "DPoP");
    bound && text(members, "token_type", |_| "Bearer".to_owned())
}

// Keys.

fn keys(members: &mut Members) -> Option<&mut Vec<Value>> {
    members.get_mut("keys")?.as_array_mut()
}

fn each_key(members: &mut Members, change: impl Fn(&mut Members)) -> bool {
    let Some(keys) = keys(members) else { return false };
    keys.iter_mut().filter_map(Value::as_object_mut).for_each(change);
    !keys.is_empty()
}

fn one_more_key(members: &mut Members, key: Value) -> bool {
    keys(members).map(|keys| keys.insert(0, key)).is_some()
}

pub(crate) fn private_key(members: &mut Members) -> bool {
    each_key(members, |key| drop(key.insert("d".to_owned(), Value::from("A".repeat(43)))))
}

pub(crate) fn secret_key(members: &mut Members) -> bool {
    one_more_key(members, json!({ "kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0" }))
}

pub(crate) fn unknown_keys(members: &mut Members) -> bool {
    one_more_key(members, json!({ "kty": "AKP", "kid": "quantum", "alg": "ML-DSA-44", "pub": "AA" }))
        && one_more_key(members, json!({ "kty": "EC", "kid": "no-coordinates", "crv": "P-256" }))
        && one_more_key(members, json!(5))
}

pub(crate) fn weak_key(members: &mut Members) -> bool {
    one_more_key(
        members,
        json!({ "kty": "RSA", "kid": "weak", "alg": "RS256", "n": "A".repeat(86), "e": "AQ" }),
    )
}

pub(crate) fn point_off_the_curve(members: &mut Members) -> bool {
    each_key(members, |key| drop(key.insert("y".to_owned(), Value::from("A".repeat(43)))))
}

/// A decoy with the same name: who picks by `kid` alone has two to pick from.
pub(crate) fn same_kid(members: &mut Members) -> bool {
    let Some(mut decoy) = keys(members).and_then(|keys| keys.first().cloned()) else { return false };
    if let Some(decoy) = decoy.as_object_mut() {
        // The generator of P-256: a valid key, and nobody's.
        decoy.insert("x".to_owned(), Value::from("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY"));
        decoy.insert("y".to_owned(), Value::from("T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"));
    }
    one_more_key(members, decoy)
}

pub(crate) fn other_kid(members: &mut Members) -> bool {
    each_key(members, |key| drop(key.insert("kid".to_owned(), Value::from("another"))))
}

pub(crate) fn many_keys(members: &mut Members) -> bool {
    let Some(keys) = keys(members) else { return false };
    let decoy = json!({ "kty": "OKP", "crv": "Ed25519", "x": "A".repeat(43) });
    keys.extend((0..10_000).map(|_| decoy.clone()));
    true
}

// Challenges.

/// The challenge with another address for the metadata of the resource.
pub(crate) fn metadata_at(challenge: &str, address: &str) -> String {
    match challenge.split_once("resource_metadata=") {
        Some((before, _)) => format!("{before}resource_metadata=\"{address}\""),
        None => format!("{challenge}, resource_metadata=\"{address}\""),
    }
}

pub(crate) fn in_odd_case(challenge: &str) -> String {
    challenge.replace("Bearer", "bEARER").replace("DPoP", "dPOP").replace("error=", "ERROR=")
}

// Signed answers.

pub(crate) fn set_text(members: &mut Members, name: &str, value: &str) {
    members.insert(name.to_owned(), Value::from(value));
}

pub(crate) fn nested_introspection(_: &mut Members, claims: &mut Members) {
    if let Some(document) = claims.remove("token_introspection") {
        claims.insert("token_introspection".to_owned(), json!([document]));
    }
}

pub(crate) fn top_level_introspection(_: &mut Members, claims: &mut Members) {
    if let Some(Value::Object(document)) = claims.remove("token_introspection") {
        claims.extend(document);
    }
}

/// The same claims, with `none` for an algorithm and no signature.
pub(crate) fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap_or_default();
    // {"alg":"none","typ":"JWT"}
    format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")
}

/// The same token, with another signature of the right length.
pub(crate) fn forged(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    format!("{message}.{}", "A".repeat(signature.len()))
}

pub(crate) fn two_parts(token: &str) -> String {
    token.rsplit_once('.').map_or("", |(message, _)| message).to_owned()
}

pub(crate) fn critical(header: &mut Members, _: &mut Members) {
    header.insert("crit".to_owned(), json!(["x-unknown"]));
    header.insert("x-unknown".to_owned(), json!(true));
}

pub(crate) fn a_million_dots(token: &str) -> String {
    format!("{token}{}", ".".repeat(1_000_000))
}

// Redirects.

/// Rewrites the issuer, and says whether there was one.
fn issuer(to: &mut Location, change: impl FnOnce(&str) -> String) -> bool {
    let changed = to.get("iss").map(change);
    changed.map(|issuer| to.set("iss", &issuer)).is_some()
}

pub(crate) fn iss_in_capitals(to: &mut Location) -> bool {
    issuer(to, str::to_uppercase)
}

/// The same to whoever decodes it twice.
pub(crate) fn iss_escaped(to: &mut Location) -> bool {
    issuer(to, |issuer| issuer.replacen('a', "%61", 1))
}

pub(crate) fn error_twice(to: &mut Location) -> bool {
    to.remove("code");
    to.set("error", "access_denied");
    to.repeat("error")
}

pub(crate) fn id_token_beside_code(to: &mut Location) -> bool {
    let found = to.has("code");
    if found {
        to.add("id_token", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA");
    }
    found
}

pub(crate) fn other_port(to: &mut Location) -> bool {
    let path = to.uri.find("://").and_then(|scheme| Some(scheme + 3 + to.uri.get(scheme + 3..)?.find('/')?));
    path.map(|path| to.uri.insert_str(path, ":8443")).is_some()
}

pub(crate) fn response_unasked(to: &mut Location) -> bool {
    let plain = to.has("code");
    if plain {
        to.add("response", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA");
    }
    plain
}

/// The claims of a signed response as plain parameters, in its place.
pub(crate) fn unpacked(to: &mut Location) -> bool {
    plain_beside(to) && to.remove("response")
}

/// The claims of a signed response as plain parameters, beside it.
pub(crate) fn plain_beside(to: &mut Location) -> bool {
    let packed = to.get("response").map(str::to_owned);
    let Some(jws) = packed.as_deref().and_then(Jws::read) else { return false };
    for name in ["code", "error", "state", "iss"] {
        if let Some(value) = jws.unverified().get(name).and_then(Value::as_str) {
            to.add(name, value);
        }
    }
    true
}
