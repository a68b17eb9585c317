//! The bodies of the fuzz targets: plain functions, so that every build compiles them and `cargo test` replays their
//! corpora. Each begins with how its input is written, so that a seed can be read and made by hand.

mod answers;
mod challenge;
mod documents;
mod front_channel;
mod id_token;
mod jose;
mod jwe;
mod logout_token;
mod odd_answers;
mod openid;
mod operations;
mod persisted_state;
mod signed_response;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderName, HeaderValue, StatusCode};
use valetkey_core::Response;
use valetkey_core::jose::{Algorithm, RustCrypto, Signer as _};

use crate::jose::key_pair;

pub use answers::{error_response, token_response};
pub use challenge::challenge;
pub use documents::{device, introspection, metadata};
pub use front_channel::{loopback_request, redirect};
pub use id_token::id_token;
pub use jose::{jwk_set, jwt};
pub use jwe::jwe;
pub use logout_token::logout_token;
pub use odd_answers::{form_answer, gzip, tokens_elsewhere};
pub use openid::{user_info, web_finger};
pub use operations::operations;
pub use persisted_state::persisted_state;
pub use signed_response::signed_response;

/// A target: it panics if an invariant is broken.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also its corpus's.
pub const TARGETS: [(&str, Target); 21] = [
    ("token_response", token_response),
    ("error_response", error_response),
    ("redirect", redirect),
    ("challenge", challenge),
    ("persisted_state", persisted_state),
    ("loopback_request", loopback_request),
    ("operations", operations),
    ("metadata", metadata),
    ("introspection", introspection),
    ("device", device),
    ("jwt", jwt),
    ("jwe", jwe),
    ("jwk_set", jwk_set),
    ("signed_response", signed_response),
    ("id_token", id_token),
    ("logout_token", logout_token),
    ("user_info", user_info),
    ("web_finger", web_finger),
    ("gzip", gzip),
    ("form_answer", form_answer),
    ("tokens_elsewhere", tokens_elsewhere),
];

/// An answer as it is written in a corpus: a status, header lines, an empty line, the body.
///
/// ```text
/// 429 Too Many Requests
/// Retry-After: 120
///
/// {"error":"slow_down"}
/// ```
///
/// What does not begin with a status is a body alone, and `labelled` says how it is sent.
fn answer(data: &[u8], labelled: impl FnOnce(&[u8]) -> Response) -> Response {
    let Some(status) = data.get(..3).and_then(|status| StatusCode::from_bytes(status).ok()) else {
        return labelled(data);
    };
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = data.split_at(end.unwrap_or(data.len()));
    let mut response = Response::new(body.get(2..).unwrap_or_default().to_vec());
    *response.status_mut() = status;
    for line in head.split(|byte| *byte == b'\n').skip(1).take(64) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The body, in an answer that is labelled as JSON and not to be cached.
fn json(status: u16, body: &[u8]) -> Response {
    let mut response = crate::json(status, "");
    *response.body_mut() = body.to_vec();
    response
}

/// The text, with `{state}` wherever it stands replaced.
fn with_state(data: &[u8], state: &str) -> Vec<u8> {
    filled(data, b"{state}", state)
}

/// The text, with a place wherever it stands replaced: a corpus cannot know what was sent.
fn filled(data: &[u8], place: &[u8], text: &str) -> Vec<u8> {
    let mut filled = Vec::with_capacity(data.len() + text.len());
    let mut rest = data;
    while let Some(start) = rest.windows(place.len()).position(|window| window == place) {
        filled.extend_from_slice(&rest[..start]);
        filled.extend_from_slice(text.as_bytes());
        rest = &rest[start + place.len()..];
    }
    filled.extend_from_slice(rest);
    filled
}

/// A JWT of this header and this payload, whatever they are, signed with the secret of the tests.
fn by_secret(header: &[u8], payload: &[u8]) -> Option<String> {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key_pair(&RustCrypto, Algorithm::Hs256).sign(input.as_bytes()).ok()?.ready().ok()?;
    Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
