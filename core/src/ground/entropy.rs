//! Randomness as an argument: [`Entropy`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Thirty-two random bytes, from which everything unpredictable in one conversation is derived.
///
/// Core never asks the operating system; the adapters' `entropy()` does. The same seed gives the same values,
/// which is what makes a flow replayable in a test, and why a seed must be used for one conversation only:
/// `Entropy` is neither `Clone` nor `Copy`, is taken by value wherever a conversation begins, and prints nothing of itself.
/// So this does not compile, and gives no two people the same `state`:
///
/// ```compile_fail,E0382
/// # use valetkey_core::{AuthorizationRequest, Entropy, Error, UnixTime};
/// # fn two_people(request: &AuthorizationRequest, entropy: Entropy, now: UnixTime) -> Result<(), Error> {
/// let alice = request.begin_unbound(entropy, now)?;
/// let bob = request.begin_unbound(entropy, now)?;
/// # Ok(())
/// # }
/// ```
pub struct Entropy(Zeroizing<[u8; 32]>);

impl Entropy {
    /// Takes 32 bytes from a cryptographically secure generator.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Zeroizing::new(seed))
    }

    /// Thirty-two bytes of their own for `label`: HKDF-Expand with SHA-256 (RFC 5869 §2.3; the seed is uniform,
    /// so by §3.3 the extract step is left out). Different labels give independent values.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the lengths are fixed here: a seed and a value of one hash each")]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        let mut value = [0; 32];
        let hkdf = Hkdf::<Sha256>::from_prk(&*self.0).expect("a 32-byte key is long enough for SHA-256");
        hkdf.expand(label.as_bytes(), &mut value).expect("32 bytes are one block of SHA-256");
        value
    }

    /// A value of its own for `label` as 43 characters of base64url: 256 bits.
    #[must_use]
    pub fn text(&self, label: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.derive(label))
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(<secret>)")
    }
}
