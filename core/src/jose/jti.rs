//! Identifiers of JWTs, each given once: [`JtiSource`].

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ground::entropy::Entropy;
use crate::jose::base64::Base64;

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

    pub(crate) fn next(&self) -> Base64<22> {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let value = self.entropy.derive(Label::of(number).as_str());
        Base64::of(value.first_chunk::<16>().unwrap_or(&[0; 16]))
    }
}

/// `jti 17`: what the value of this number is derived by.
struct Label {
    /// As long as it can get: a number of 64 bits has 20 digits.
    text: [u8; 24],
    length: usize,
}

impl Label {
    fn of(number: usize) -> Self {
        let mut text = [0; 24];
        let mut left = text.as_mut_slice();
        // It has room for any number.
        let _ = write!(left, "jti {number}");
        let length = 24 - left.len();
        Self { text, length }
    }

    fn as_str(&self) -> &str {
        self.text.get(..self.length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
}
