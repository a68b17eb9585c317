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
    let Some(expected) = left_half(algorithm, value.as_bytes()) else {
        let what = format!("{name} of the ID token cannot be checked: its algorithm names no hash");
        return Err(malformed(Rule::Id39, what));
    };
    // Compared as bytes, so that neither padding nor a longer text passes (ID-42).
    let is_same = URL_SAFE_NO_PAD.decode(hash).is_ok_and(|hash| hash.ct_eq(&expected).into());
    if is_same {
        return Ok(());
    }
    Err(malformed(rule, format!("{name} of the ID token is not that of what came beside it")))
}

/// The left half of the hash that belongs to a signature algorithm ([ID-39](crate::Rule::Id39)).
fn left_half(algorithm: &str, value: &[u8]) -> Option<Vec<u8>> {
    let hash = match algorithm {
        "RS256" | "PS256" | "ES256" | "HS256" => Sha256::digest(value).to_vec(),
        "RS384" | "PS384" | "ES384" | "HS384" => Sha384::digest(value).to_vec(),
        // Ed25519 hashes by SHA-512 itself.
        "RS512" | "PS512" | "ES512" | "HS512" | "EdDSA" | "Ed25519" => Sha512::digest(value).to_vec(),
        _ => return None,
    };
    hash.get(..hash.len() / 2).map(<[u8]>::to_vec)
}
