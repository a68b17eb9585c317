//! Randomness from a seed: the same seed gives the same codes, tokens and secrets, in the same order.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;

/// A generator that is a function of its seed and of how often it was asked.
#[derive(Clone)]
pub(crate) struct Random {
    seed: [u8; 32],
    drawn: u64,
}

impl Random {
    pub(crate) const fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The next value of a kind, as `kind-` and 43 characters of base64url. The prefix is for people who read a
    /// log; nothing in the sandbox depends on it.
    pub(crate) fn draw(&mut self, kind: &str) -> String {
        self.drawn = self.drawn.wrapping_add(1);
        format!("{kind}-{}", self.named(&format!("{kind} {}", self.drawn)))
    }

    /// The value that belongs to a label, whenever it is asked for: 43 characters of base64url.
    pub(crate) fn named(&self, label: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes(label))
    }

    /// The bytes that belong to a label.
    pub(crate) fn bytes(&self, label: &str) -> [u8; 32] {
        let mut value = [0; 32];
        // Expanding 32 bytes from a 32-byte key cannot fail; a failure would leave zeros, never a panic.
        if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(&self.seed) {
            let _ = hkdf.expand(label.as_bytes(), &mut value);
        }
        value
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Random(<seed>, drawn {})", self.drawn)
    }
}
