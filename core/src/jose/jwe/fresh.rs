//! New keys of ECDH, made of the conversation's entropy: one for each JWE that is sent, and those of this program's own.

use zeroize::Zeroizing;

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse};
use crate::jose::crypto::{Agree, CryptoProvider, EncryptionProvider, KeyRejected, PrivateKey};
use crate::jose::jwe::algorithm::AgreementCurve;
use crate::jose::private_jwk::PrivateJwk;
use crate::jose::public_key::{Curve, PublicKey};

/// A key of which everything is known.
pub(crate) struct Fresh {
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) agree: Agree,
    pub(crate) public: PublicKey,
}

/// Makes a key for one purpose, which `label` names.
pub(crate) fn key(
    provider: &dyn EncryptionProvider,
    curve: AgreementCurve,
    entropy: &Entropy,
    label: &str,
) -> Result<Fresh, KeyRejected> {
    let length = match curve {
        AgreementCurve::X25519 | AgreementCurve::P256 => 32,
        AgreementCurve::P384 => 48,
        AgreementCurve::P521 => 66,
    };
    // A number that is not below the curve's order is rejected by the provider, once in 2^32 for P-256: a next one is tried.
    // Reducing it instead would favour small numbers.
    let mut rejected = KeyRejected::unfit();
    for attempt in 0..8 {
        let mut d = Zeroizing::new(Vec::with_capacity(96));
        for third in 0..3 {
            d.extend_from_slice(&*Zeroizing::new(entropy.derive(&format!("{label} {attempt} {third}"))));
        }
        d.truncate(length);
        // 521 bits are 65 bytes and one bit.
        if let (AgreementCurve::P521, Some(first)) = (curve, d.first_mut()) {
            *first &= 1;
        }
        let ec = |curve| PrivateKey::Ec { curve, d: &d, public: None };
        let key = match (curve, d.first_chunk::<32>()) {
            (AgreementCurve::X25519, Some(d)) => PrivateKey::X25519 { d, public: None },
            (AgreementCurve::P384, _) => ec(Curve::P384),
            (AgreementCurve::P521, _) => ec(Curve::P521),
            _ => ec(Curve::P256),
        };
        match provider.agreement(key) {
            Ok((agree, public)) => return Ok(Fresh { d, agree, public }),
            Err(error) => rejected = error,
        }
    }
    Err(rejected)
}

impl PrivateJwk {
    /// A new key for ECDH-ES, derived from the conversation's entropy: the same entropy gives the same key, with any
    /// provider. Give it an identifier by [`with_key_id`](Self::with_key_id).
    ///
    /// A key of RSA is not made here: import one.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the provider does not encrypt, or lacks the curve.
    pub fn generate_for_encryption(
        provider: &dyn CryptoProvider,
        curve: AgreementCurve,
        entropy: Entropy,
    ) -> Result<Self, Error> {
        let provider = provider.encryption().ok_or_else(lacking)?;
        let fresh =
            key(&*provider, curve, &entropy, "jwe key").map_err(|rejected| misuse(rejected.to_string()))?;
        Ok(Self::for_encryption(fresh.d, fresh.public))
    }
}

/// A provider that signs and verifies only.
pub(crate) fn lacking() -> Error {
    misuse("the crypto provider does not encrypt: use AwsLc or RustCrypto")
}
