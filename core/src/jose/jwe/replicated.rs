//! Claims that stand in the header of a JWE too, before it is decrypted (RFC 7519 §5.3).

use serde_json::{Map, Value};

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;

/// The members of a header that say something of the JWE itself (RFC 7515 §4.1, RFC 7516 §4.1, RFC 7518 §4.6.1), which the
/// JWS inside may say of itself in another way.
const OF_THE_JWE: [&str; 15] = [
    "alg", "enc", "zip", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "epk", "apu",
    "apv",
];

/// Whether each claim that the header has is in the payload, the same ([ID-52](crate::Rule::Id52)). `iss`, `sub` and
/// `aud` in a header are claims in any case; any other member is one if the payload has its name.
pub(crate) fn check(header: &[u8], payload: &[u8]) -> Result<(), Error> {
    let read = |json: &[u8]| serde_json::from_slice::<Map<String, Value>>(json).unwrap_or_default();
    let mut header = read(header);
    header.retain(|name, _| !OF_THE_JWE.contains(&name.as_str()));
    // Most headers have no claim, and the claims inside are then not read for it.
    if header.is_empty() {
        return Ok(());
    }
    let claims = read(payload);
    let agrees = |(name, value): (&String, &Value)| match claims.get(name) {
        Some(claim) => claim == value,
        None => !matches!(name.as_str(), "iss" | "sub" | "aud"),
    };
    if header.iter().all(agrees) {
        return Ok(());
    }
    Err(malformed(Rule::Id52, "a claim in the header of the JWE is not the same as the one inside"))
}
