//! Identifiers of JWTs, each given once: [`JtiSource`].

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ground::entropy::Entropy;

/// Gives a `jti` that nobody gave before and nobody can guess: 128 bits as 22 characters (RFC 7519 §4.1.7; RFC 9449 §4.2
/// asks for 96).
///
/// A key signs for as long as the program runs, and core asks nobody for randomness: so the entropy that the key was
/// given at birth and a counter make each value. Shared, never copied, between the clones of a key.
pub(crate) struct JtiSource {
    entropy: Entropy,
    given: AtomicUsize,
}

impl JtiSource {
    pub(crate) const fn new(entropy: Entropy) -> Self {
        Self { entropy, given: AtomicUsize::new(0) }
    }

    pub(crate) fn next(&self) -> String {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let value = self.entropy.derive(&format!("jti {number}"));
        URL_SAFE_NO_PAD.encode(value.first_chunk::<16>().unwrap_or(&[0; 16]))
    }
}

impl fmt::Debug for JtiSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JtiSource(<secret>)")
    }
}
