//! Signed answers: their header and claims, or the token as a whole.

use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

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

/// What describes a token has the token's own audience.
pub(crate) fn for_the_tokens_api(_: &mut Members, claims: &mut Members) {
    let audience = claims.get("token_introspection").and_then(|token| token.get("aud")).cloned();
    claims.insert("aud".to_owned(), audience.unwrap_or_else(|| json!("https://api.example")));
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
