//! The Concat KDF: from what ECDH agreed on to a key (RFC 7518 §4.6.2, NIST SP 800-56A §5.8.1).

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Derives `length` bytes. `algorithm` is the id of `enc` where the key is that of the content, and of `alg` where it wraps
/// one ([ID-47](crate::Rule::Id47)).
pub(crate) fn derive(
    secret: &[u8],
    algorithm: &str,
    apu: &[u8],
    apv: &[u8],
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let prefix = |data: &[u8]| u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes();
    let bits = u32::try_from(8 * length).unwrap_or(u32::MAX);
    // As long as it gets from the start, so that no smaller copy stays behind.
    let mut key = Zeroizing::new(Vec::with_capacity(length + 32));
    for round in 1_u32.. {
        if key.len() >= length {
            break;
        }
        let mut hash = Sha256::new_with_prefix(round.to_be_bytes());
        hash.update(secret);
        for field in [algorithm.as_bytes(), apu, apv] {
            hash.update(prefix(field));
            hash.update(field);
        }
        hash.update(bits.to_be_bytes());
        key.extend_from_slice(&hash.finalize());
    }
    key.truncate(length);
    key
}
