//! The certificate that a client shows (RFC 8705): what a token is bound to, [`CertificateThumbprint`].
//!
//! ```text
//!  program                                   authorization server            API
//!     ├── TLS with the certificate ─────────────────▶│                          │
//!     ├── POST token endpoint (its alias) ──────────▶│                          │
//!     │◀─ 200 access_token, token_type Bearer ───────┤                          │
//!     ├── TLS with the same certificate, the token ─────────────────────────────▶│
//!     │                                              │◀─ introspection ──────────┤
//!     │                                              ├─ cnf {"x5t#S256": …} ────▶│ compares it with the
//!     │                                                                          │ certificate it was shown
//! ```
//!
//! Core sees no certificate: the HTTP client that sends shows it, and [`Client`](crate::Client) says that it does.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::terms::confirmation::Confirmation;

/// The thumbprint of a certificate: `x5t#S256`, the SHA-256 hash of its DER in base64url (RFC 8705 §3.1).
///
/// An API compares the certificate of a TLS connection with what the token says that came over it, whether that was told
/// by an introspection or stands in the token, a JWT:
///
/// ```
/// use valetkey_core::terms::{CertificateThumbprint, Confirmation};
///
/// # let der = [0x30, 0x03, 0x02, 0x01, 0x00];
/// let shown = CertificateThumbprint::of_der(&der)?;
/// let cnf = format!(r#"{{"x5t#S256":"{}"}}"#, shown.as_str());
/// let bound: Confirmation = serde_json::from_str(&cnf).unwrap();
/// assert!(shown.confirms(&bound));
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificateThumbprint(String);

impl CertificateThumbprint {
    /// The thumbprint of this certificate in DER, as TLS libraries hand it over. It is not verified here: TLS has done
    /// that, here or at a proxy.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([CA-6](crate::Rule::Ca6)) if this is not one element of DER, PEM for example, whose hash would fit
    /// no token.
    pub fn of_der(der: &[u8]) -> Result<Self, Error> {
        if !is_one_sequence(der) {
            return Err(misuse_of(Rule::Ca6, "the certificate is not in DER: convert a PEM file first"));
        }
        Ok(Self(URL_SAFE_NO_PAD.encode(Sha256::digest(der))))
    }

    /// The text, 43 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a token is bound to this certificate, and to nothing else that would have to be proven too.
    #[must_use]
    pub fn confirms(&self, bound: &Confirmation) -> bool {
        bound.is_exactly(None, Some(self.as_str()))
    }
}

/// Whether these bytes are a SEQUENCE from the first to the last (X.690 §8.1.3, §8.9).
fn is_one_sequence(der: &[u8]) -> bool {
    let (length, content) = match der {
        [0x30, length @ 0..=0x7f, content @ ..] => (usize::from(*length), content),
        [0x30, 0x81, length, content @ ..] => (usize::from(*length), content),
        [0x30, 0x82, high, low, content @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), content),
        _ => return false,
    };
    length == content.len()
}
