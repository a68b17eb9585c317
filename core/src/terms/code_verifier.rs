//! Proof Key for Code Exchange, S256 only (RFC 7636).

use std::fmt;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use zeroize::Zeroizing;

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::wiped::Wiped;
use crate::terms::secret::exposed;

/// What proves, at the token endpoint, that the code is redeemed by the client that asked for it (RFC 7636 §4.1).
///
/// There is no `plain` here: a challenge is always S256 ([AQ-2](crate::Rule::Aq2)). Prints `<secret>`.
#[derive(Clone)]
pub struct CodeVerifier(Wiped);

impl CodeVerifier {
    /// A fresh verifier: 256 bits of the entropy as 43 characters.
    #[must_use]
    pub fn generate(entropy: Entropy) -> Self {
        Self::of(&entropy)
    }

    /// The verifier of a conversation that needs its entropy for more.
    pub(crate) fn of(entropy: &Entropy) -> Self {
        Self::of_bytes(Zeroizing::new(entropy.derive("code_verifier")))
    }

    /// The verifier that these bytes, which are nothing else, make: 43 characters.
    pub(crate) fn of_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(Wiped::new(URL_SAFE_NO_PAD.encode(*bytes)))
    }

    /// Takes a verifier that was made elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-2](crate::Rule::Aq2)) unless it has 43 to 128 unreserved characters.
    pub fn new(verifier: impl Into<String>) -> Result<Self, Error> {
        let verifier = Wiped::new(verifier.into());
        let unreserved = verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        if !(43..=128).contains(&verifier.len()) || !unreserved {
            return Err(misuse_of(
                Rule::Aq2,
                "the code verifier is not 43 to 128 letters, digits, '-', '.', '_', '~'",
            ));
        }
        Ok(Self(verifier))
    }

    /// The challenge that goes into the authorization request: BASE64URL(SHA256(verifier)) (RFC 7636 §4.2).
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes()))
    }

    /// The same digest in hexadecimal, for servers that want it so.
    pub(crate) fn challenge_in_hex(&self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(self.0.as_bytes()) {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }

    /// The verifier itself, for the token request.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl exposed::Stored for CodeVerifier {
    fn expose(&self) -> &str {
        &self.0
    }

    fn restore(text: String) -> Result<Self, Error> {
        Self::new(text)
    }
}
