//! The crypto provider in pure Rust: [`RustCrypto`].

pub(crate) mod encryption;
pub(crate) mod refused;
pub(crate) mod rsa;

use std::sync::Arc;

use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use p256::ecdsa::signature::Verifier as _;

use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::{CryptoProvider, EncryptionProvider, KeyRejected, PrivateKey, Sign, Verify};
use crate::jose::jwk;
use crate::jose::public_key::Curve;
use crate::jose::public_key::PublicKey;
use crate::jose::rust_crypto::refused::{failed, rejected};

/// The RustCrypto and dalek crates: pure Rust, also for `wasm32-unknown-unknown`, and without any source of randomness.
///
/// ECDSA and Ed25519 signatures are functions of the key and the message (RFC 6979, RFC 8032), and so are PSS salts and
/// the blinding of RSA here: a keyed hash of the message stands where randomness would. So signing repeats exactly.
///
/// It encrypts by RSA-OAEP and does not decrypt by it. Its RSA is several times slower than AWS-LC's, and does not claim to resist an attacker who measures, on the same
/// machine, how long it takes. Prefer `AwsLc` where it compiles, or ES256 and EdDSA.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

const ALGORITHMS: &[Algorithm] = &[
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
    Algorithm::Ed25519,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
];

impl CryptoProvider for RustCrypto {
    fn algorithms(&self) -> &[Algorithm] {
        ALGORITHMS
    }

    fn verifier(&self, algorithm: Algorithm, key: &PublicKey) -> Result<Verify, KeyRejected> {
        jwk::check(key).map_err(KeyRejected::new)?;
        match key {
            _ if !algorithm.fits(key) => Err(KeyRejected::unfit()),
            PublicKey::Ec { curve: Curve::P256, x, y } => p256_verifier(x, y),
            PublicKey::Ec { curve: Curve::P384, x, y } => p384_verifier(x, y),
            PublicKey::Ed25519 { x } => ed25519_verifier(x),
            PublicKey::Rsa { n, e } => rsa::verifier(algorithm, n, e),
            PublicKey::Ec { curve: Curve::P521, .. } | PublicKey::X25519 { .. } => Err(KeyRejected::unfit()),
        }
    }

    fn signer(&self, algorithm: Algorithm, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
        match algorithm {
            Algorithm::Es256 => p256_signer(key),
            Algorithm::Es384 => p384_signer(key),
            Algorithm::EdDsa | Algorithm::Ed25519 => ed25519_signer(key),
            // HMAC is core's own. An RSA key would sign by something else under its name.
            _ if algorithm.is_symmetric() => Err(KeyRejected::unfit()),
            _ => rsa::signer(algorithm, key),
        }
    }

    fn encryption(&self) -> Option<Arc<dyn EncryptionProvider>> {
        Some(Arc::new(Self))
    }
}

// The two curves differ by their crate alone, and the crates' traits in common would say more than the code does.
macro_rules! ecdsa {
    ($krate:ident, $curve:path, $verifier:ident, $signer:ident) => {
        fn $verifier(x: &[u8], y: &[u8]) -> Result<Verify, KeyRejected> {
            let point = [&[4], x, y].concat();
            let key = $krate::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(rejected)?;
            Ok(Box::new(move |message, signature| {
                $krate::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }))
        }

        fn $signer(key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
            let (pair, named) = match key {
                PrivateKey::Ec { curve: $curve, d, public } => {
                    ($krate::ecdsa::SigningKey::from_slice(d).map_err(rejected)?, public)
                }
                PrivateKey::Pkcs8(der) => {
                    ($krate::ecdsa::SigningKey::from_pkcs8_der(der).map_err(rejected)?, None)
                }
                _ => return Err(KeyRejected::unfit()),
            };
            let point = pair.verifying_key().to_sec1_point(false);
            let (Some(x), Some(y)) = (point.x(), point.y()) else {
                return Err(KeyRejected::new("its public point is at infinity"));
            };
            let public = PublicKey::Ec { curve: $curve, x: x.to_vec(), y: y.to_vec() };
            let sign: Sign = Box::new(move |message| {
                let signature: $krate::ecdsa::Signature = pair.try_sign(message).map_err(failed)?;
                Ok(signature.to_bytes().to_vec())
            });
            consistent(named, &public)?;
            Ok((sign, public))
        }
    };
}

ecdsa!(p256, Curve::P256, p256_verifier, p256_signer);
ecdsa!(p384, Curve::P384, p384_verifier, p384_signer);

fn ed25519_verifier(x: &[u8; 32]) -> Result<Verify, KeyRejected> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(x).map_err(rejected)?;
    // A key of small order verifies signatures of messages that nobody signed.
    if key.is_weak() {
        return Err(KeyRejected::new("its point is of small order"));
    }
    Ok(Box::new(move |message, signature| {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
    }))
}

fn ed25519_signer(key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
    let (pair, named) = match key {
        PrivateKey::Ed25519 { d, public } => (ed25519_dalek::SigningKey::from_bytes(d), public),
        PrivateKey::Pkcs8(der) => (ed25519_dalek::SigningKey::from_pkcs8_der(der).map_err(rejected)?, None),
        _ => return Err(KeyRejected::unfit()),
    };
    let public = PublicKey::Ed25519 { x: pair.verifying_key().to_bytes() };
    let sign: Sign = Box::new(move |message| {
        let signature = pair.try_sign(message).map_err(failed)?;
        Ok(signature.to_bytes().to_vec())
    });
    consistent(named, &public)?;
    Ok((sign, public))
}

/// A key whose source names another public key than its own is a mistake, or somebody's trick.
fn consistent(named: Option<&PublicKey>, public: &PublicKey) -> Result<(), KeyRejected> {
    match named {
        Some(named) if named != public => {
            Err(KeyRejected::new("its private and public parts do not belong together"))
        }
        _ => Ok(()),
    }
}
