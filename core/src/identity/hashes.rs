//! The hashes that tie an ID token to what came beside it: `at_hash` (OpenID Connect Core §3.1.3.6), `c_hash` (§3.3.2.11) and
//! `s_hash` (FAPI 1.0 Advanced §5.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;

/// Whether a hash in an ID token that is signed by this algorithm is that of `value`. `name` is what it is called.
pub(crate) fn require(rule: Rule, name: &str, hash: &str, value: &str, algorithm: &str) -> Result<(), Error> {
    let is_same = match algorithm {
        "RS256" | "PS256" | "ES256" | "HS256" => is_left_half(hash, &Sha256::digest(value)),
        "RS384" | "PS384" | "ES384" | "HS384" => is_left_half(hash, &Sha384::digest(value)),
        // Ed25519 hashes by SHA-512 itself.
        "RS512" | "PS512" | "ES512" | "HS512" | "EdDSA" | "Ed25519" => {
            is_left_half(hash, &Sha512::digest(value))
        }
        _ => {
            let what = format!("{name} of the ID token cannot be checked: its algorithm names no hash");
            return Err(malformed(Rule::Id39, what));
        }
    };
    if is_same {
        return Ok(());
    }
    Err(malformed(rule, format!("{name} of the ID token is not that of what came beside it")))
}

/// Whether it is the left half of the hash that belongs to the algorithm ([ID-39](crate::Rule::Id39)). Compared as bytes, so
/// that neither padding nor a longer text passes ([ID-42](crate::Rule::Id42)).
fn is_left_half(hash: &str, expected: &[u8]) -> bool {
    let mut room = [0; 64];
    let length = URL_SAFE_NO_PAD.decode_slice(hash, &mut room);
    let hash = length.ok().and_then(|length| room.get(..length));
    hash.zip(expected.get(..expected.len() / 2)).is_some_and(|(hash, half)| hash.ct_eq(half).into())
}
