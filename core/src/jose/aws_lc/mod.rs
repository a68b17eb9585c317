//! The crypto provider over AWS-LC: [`AwsLc`].

pub(crate) mod encryption;

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaParameters,
};

use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::{
    CryptoProvider, EncryptionProvider, KeyRejected, PrivateKey, RsaPrivateKey, Sign, SignerError, Verify,
};
use crate::jose::public_key::{Curve, PublicKey};
use crate::jose::{der, jwk};

/// AWS-LC, through `aws-lc-rs`: what rustls uses by default, so most programs have it already.
///
/// It takes the randomness of an ECDSA or PSS signature, and of RSA-OAEP, from its own generator, inside its C code; nothing
/// of it can be told from outside. For signatures that repeat exactly, use the pure-Rust provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

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

impl CryptoProvider for AwsLc {
    fn algorithms(&self) -> &[Algorithm] {
        ALGORITHMS
    }

    fn verifier(&self, algorithm: Algorithm, key: &PublicKey) -> Result<Verify, KeyRejected> {
        jwk::check(key).map_err(KeyRejected::new)?;
        let parsed = match key {
            PublicKey::Ec { curve, x, y } if algorithm.fits(key) => {
                let parameters = match curve {
                    Curve::P256 => &ECDSA_P256_SHA256_FIXED,
                    Curve::P384 => &ECDSA_P384_SHA384_FIXED,
                    Curve::P521 => return Err(KeyRejected::unfit()),
                };
                ParsedPublicKey::new(parameters, uncompressed(x, y)).map_err(rejected)?
            }
            PublicKey::Ed25519 { x } if algorithm.fits(key) => {
                ParsedPublicKey::new(&ED25519, x).map_err(rejected)?
            }
            PublicKey::Rsa { n, e } => {
                let (parameters, _) = rsa_parameters(algorithm).ok_or_else(KeyRejected::unfit)?;
                PublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(rejected)?
            }
            _ => return Err(KeyRejected::unfit()),
        };
        Ok(Box::new(move |message, signature| parsed.verify_sig(message, signature).is_ok()))
    }

    fn signer(&self, algorithm: Algorithm, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
        match algorithm {
            Algorithm::Es256 => ecdsa(Curve::P256, key),
            Algorithm::Es384 => ecdsa(Curve::P384, key),
            Algorithm::EdDsa | Algorithm::Ed25519 => ed25519(key),
            _ => rsa(rsa_parameters(algorithm).ok_or_else(KeyRejected::unfit)?.1, key),
        }
    }

    fn encryption(&self) -> Option<Arc<dyn EncryptionProvider>> {
        Some(Arc::new(Self))
    }
}

fn ecdsa(curve: Curve, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
    let parameters = match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => return Err(KeyRejected::unfit()),
    };
    let pair = match key {
        PrivateKey::Ec { curve: of, d, public } if of == curve => match public {
            Some(PublicKey::Ec { x, y, .. }) => {
                EcdsaKeyPair::from_private_key_and_public_key(parameters, d, &uncompressed(x, y))
            }
            _ => EcdsaKeyPair::from_private_key_der(parameters, &der::ec_private_key(d)),
        },
        PrivateKey::Pkcs8(der) => EcdsaKeyPair::from_pkcs8(parameters, der),
        _ => return Err(KeyRejected::unfit()),
    }
    .map_err(rejected)?;
    let point = pair.public_key().as_ref();
    let (Some(x), Some(y)) = (point.get(1..=curve.size()), point.get(1 + curve.size()..)) else {
        return Err(KeyRejected::new("its public point has an unknown form"));
    };
    let public = PublicKey::Ec { curve, x: x.to_vec(), y: y.to_vec() };
    let random = SystemRandom::new();
    let sign: Sign = Box::new(move |message| {
        pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(failed)
    });
    Ok((sign, public))
}

fn ed25519(key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
    let pair = match key {
        PrivateKey::Ed25519 { d, public: Some(PublicKey::Ed25519 { x }) } => {
            Ed25519KeyPair::from_seed_and_public_key(d, x)
        }
        PrivateKey::Ed25519 { d, .. } => Ed25519KeyPair::from_seed_unchecked(d),
        PrivateKey::Pkcs8(der) => Ed25519KeyPair::from_pkcs8(der),
        _ => return Err(KeyRejected::unfit()),
    }
    .map_err(rejected)?;
    let x = pair.public_key().as_ref().try_into().map_err(|_| KeyRejected::unfit())?;
    let sign: Sign = Box::new(move |message| {
        pair.try_sign(message).map(|signature| signature.as_ref().to_vec()).map_err(failed)
    });
    Ok((sign, PublicKey::Ed25519 { x }))
}

fn rsa(padding: &'static dyn RsaEncoding, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
    let pair = match key {
        PrivateKey::Rsa(key) => RsaKeyPair::from_components(&components(&key)),
        PrivateKey::Pkcs8(der) => RsaKeyPair::from_pkcs8(der),
        _ => return Err(KeyRejected::unfit()),
    }
    .map_err(rejected)?;
    let (n, e) = der::rsa_public_key(pair.public_key().as_ref())
        .ok_or_else(|| KeyRejected::new("its public numbers have an unknown form"))?;
    let random = SystemRandom::new();
    let sign: Sign = Box::new(move |message| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(padding, &random, message, &mut signature).map_err(failed)?;
        Ok(signature)
    });
    Ok((sign, PublicKey::Rsa { n, e }))
}

/// The numbers of a private RSA key under AWS-LC's names.
fn components<'a>(key: &RsaPrivateKey<'a>) -> KeyPairComponents<&'a [u8], &'a [u8]> {
    let RsaPrivateKey { n, e, d, p, q, dp, dq, qi } = *key;
    KeyPairComponents { public_key: PublicKeyComponents { n, e }, d, p, q, dP: dp, dQ: dq, qInv: qi }
}

fn rsa_parameters(algorithm: Algorithm) -> Option<(&'static RsaParameters, &'static dyn RsaEncoding)> {
    Some(match algorithm {
        Algorithm::Rs256 => (&RSA_PKCS1_2048_8192_SHA256, &RSA_PKCS1_SHA256),
        Algorithm::Rs384 => (&RSA_PKCS1_2048_8192_SHA384, &RSA_PKCS1_SHA384),
        Algorithm::Rs512 => (&RSA_PKCS1_2048_8192_SHA512, &RSA_PKCS1_SHA512),
        Algorithm::Ps256 => (&RSA_PSS_2048_8192_SHA256, &RSA_PSS_SHA256),
        Algorithm::Ps384 => (&RSA_PSS_2048_8192_SHA384, &RSA_PSS_SHA384),
        Algorithm::Ps512 => (&RSA_PSS_2048_8192_SHA512, &RSA_PSS_SHA512),
        _ => return None,
    })
}

/// A point as X9.62 writes it uncompressed.
fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

fn rejected(_: aws_lc_rs::error::KeyRejected) -> KeyRejected {
    KeyRejected::new("its numbers are not those of such a key")
}

fn failed(_: aws_lc_rs::error::Unspecified) -> SignerError {
    SignerError::new("AWS-LC failed")
}
