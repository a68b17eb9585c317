//! Key sets. Each says whether there was anything to spoil.

use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

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

pub(crate) fn nameless(members: &mut Members) -> bool {
    each_key(members, |key| drop(key.remove("kid")))
}

pub(crate) fn many_keys(members: &mut Members) -> bool {
    let Some(keys) = keys(members) else { return false };
    let decoy = json!({ "kty": "OKP", "crv": "Ed25519", "x": "A".repeat(43) });
    keys.extend((0..10_000).map(|_| decoy.clone()));
    true
}

/// A decoy of the same name before each key, of another kind and for another algorithm.
pub(crate) fn decoys(members: &mut Members) -> bool {
    let Some(keys) = keys(members) else { return false };
    let decoy = |key: &Value| {
        let kid = key.get("kid")?;
        // The Ed25519 key of RFC 8037, and the P-256 key of RFC 7515: valid keys, and not the server's.
        Some(if key.get("kty")? == "EC" {
            json!({ "kty": "OKP", "crv": "Ed25519", "x": RFC_8037, "alg": "EdDSA", "use": "sig", "kid": kid })
        } else {
            let [x, y] = RFC_7515;
            json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "use": "sig", "kid": kid })
        })
    };
    *keys = keys.iter().flat_map(|key| decoy(key).into_iter().chain([key.clone()])).collect();
    true
}

/// The same keys a second time under other names, but for the P-256 and the Ed25519 keys: these are others.
pub(crate) fn another_key(members: &mut Members) -> bool {
    let Some(keys) = keys(members) else { return false };
    let mut others = keys.clone();
    for key in others.iter_mut().filter_map(Value::as_object_mut) {
        key.insert("kid".to_owned(), Value::from("another"));
        let coordinates = match key.get("kty").and_then(Value::as_str) {
            Some("EC") => vec![("x", RFC_7515[0]), ("y", RFC_7515[1])],
            Some("OKP") => vec![("x", RFC_8037)],
            _ => Vec::new(),
        };
        key.extend(coordinates.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))));
    }
    keys.splice(0..0, others);
    true
}

/// The public key of RFC 8037 Appendix A.2.
const RFC_8037: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// The coordinates of the public key of RFC 7515 Appendix A.3.1.
const RFC_7515: [&str; 2] =
    ["f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"];
