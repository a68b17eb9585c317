//! Digests that stand for what may not be shown.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A digest of these parts for this purpose: each with its length before it, so that no two lists of parts run together
/// to the same bytes.
pub(crate) fn digest<'a>(purpose: &'a str, parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(Some(purpose)).chain(parts) {
        match part {
            None => hash.update([0]),
            Some(part) => {
                hash.update([1]);
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// The same of texts; `None` if there are none.
pub(crate) fn digest_of_any(purpose: &str, parts: &[String]) -> Option<String> {
    (!parts.is_empty()).then(|| digest(purpose, parts.iter().map(|part| Some(part.as_str()))))
}
