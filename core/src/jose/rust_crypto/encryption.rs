//! The encryption of the pure-Rust provider.

use aes_gcm::aead::{Aead as _, KeyInit, Payload};
use aes_gcm::aes::{Aes128, Aes192, Aes256};
use aes_gcm::{AesGcm, Nonce};
use aes_kw::{KwAes128, KwAes192, KwAes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::consts::U12;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::jose::crypto::{
    Agree, EncryptionProvider, KeyRejected, OaepDecrypt, OaepEncrypt, OaepHash, PrivateKey, RsaPrivateKey,
};
use crate::jose::public_key::{Curve, PublicKey};
use crate::jose::rust_crypto::RustCrypto;
use crate::jose::rust_crypto::refused::rejected;
use crate::jose::rust_crypto::rsa::{Derived, public_key};

/// What of the key's length follows.
macro_rules! by_length {
    ($key:expr, $aes128:ty, $aes192:ty, $aes256:ty, |$cipher:ident| $done:expr) => {
        match $key.len() {
            16 => {
                type $cipher = $aes128;
                $done
            }
            24 => {
                type $cipher = $aes192;
                $done
            }
            32 => {
                type $cipher = $aes256;
                $done
            }
            _ => None,
        }
    };
}

impl EncryptionProvider for RustCrypto {
    fn agreement(&self, key: PrivateKey<'_>) -> Result<(Agree, PublicKey), KeyRejected> {
        match key {
            PrivateKey::Ec { curve: Curve::P256, d, .. } => p256_agreement(d),
            PrivateKey::Ec { curve: Curve::P384, d, .. } => p384_agreement(d),
            PrivateKey::Ec { curve: Curve::P521, d, .. } => p521_agreement(d),
            PrivateKey::X25519 { d, .. } => {
                let secret = x25519_dalek::StaticSecret::from(*d);
                let public = PublicKey::X25519 { x: x25519_dalek::PublicKey::from(&secret).to_bytes() };
                let agree: Agree = Box::new(move |peer| {
                    let PublicKey::X25519 { x } = peer else { return None };
                    let common = secret.diffie_hellman(&x25519_dalek::PublicKey::from(*x));
                    common.was_contributory().then(|| Zeroizing::new(common.as_bytes().to_vec()))
                });
                Ok((agree, public))
            }
            _ => Err(KeyRejected::unfit()),
        }
    }

    /// Never: the time that this arithmetic takes may tell the key to somebody who asks often enough.
    fn oaep_decrypter(&self, _: RsaPrivateKey<'_>) -> Result<(OaepDecrypt, PublicKey), KeyRejected> {
        Err(KeyRejected::new(
            "RSA is not decrypted in pure Rust, since the time that it takes may tell the key: use AwsLc, or ECDH-ES",
        ))
    }

    fn oaep_encrypter(&self, key: &PublicKey) -> Result<OaepEncrypt, KeyRejected> {
        let PublicKey::Rsa { n, e } = key else { return Err(KeyRejected::unfit()) };
        let key = public_key(n, e)?;
        Ok(Box::new(move |hash, plaintext, seed| {
            let random = &mut Derived::of(seed);
            match hash {
                OaepHash::Sha1 => key.oaep_encrypt_with_rng::<Sha1, _>(random, plaintext),
                OaepHash::Sha256 => key.oaep_encrypt_with_rng::<Sha256, _>(random, plaintext),
            }
            .ok()
        }))
    }

    fn wrap_key(&self, kek: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        let mut wrapped = vec![0; key.len() + 8];
        by_length!(kek, KwAes128, KwAes192, KwAes256, |Kw| {
            Kw::new_from_slice(kek).ok()?.wrap_key(key, &mut wrapped).ok()?;
            Some(wrapped)
        })
    }

    fn unwrap_key(&self, kek: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut key = Zeroizing::new(vec![0; wrapped.len().checked_sub(8)?]);
        by_length!(kek, KwAes128, KwAes192, KwAes256, |Kw| {
            Kw::new_from_slice(kek).ok()?.unwrap_key(wrapped, &mut key).ok()?;
            Some(key)
        })
    }

    fn gcm_encrypt(&self, key: &[u8], iv: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        let (nonce, payload) = (Nonce::from(*iv), Payload { msg: plaintext, aad });
        by_length!(key, AesGcm<Aes128, U12>, AesGcm<Aes192, U12>, AesGcm<Aes256, U12>, |Gcm| {
            Gcm::new_from_slice(key).ok()?.encrypt(&nonce, payload).ok()
        })
    }

    fn gcm_decrypt(
        &self,
        key: &[u8],
        iv: &[u8; 12],
        aad: &[u8],
        ciphertext_and_tag: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, payload) = (Nonce::from(*iv), Payload { msg: ciphertext_and_tag, aad });
        by_length!(key, AesGcm<Aes128, U12>, AesGcm<Aes192, U12>, AesGcm<Aes256, U12>, |Gcm| {
            Gcm::new_from_slice(key).ok()?.decrypt(&nonce, payload).ok().map(Zeroizing::new)
        })
    }

    fn cbc_encrypt(&self, key: &[u8], iv: &[u8; 16], plaintext: &[u8]) -> Option<Vec<u8>> {
        by_length!(key, Aes128, Aes192, Aes256, |Aes| {
            let cipher = cbc::Encryptor::<Aes>::new_from_slices(key, iv).ok()?;
            Some(cipher.encrypt_padded_vec::<Pkcs7>(plaintext))
        })
    }

    fn cbc_decrypt(&self, key: &[u8], iv: &[u8; 16], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        by_length!(key, Aes128, Aes192, Aes256, |Aes| {
            let cipher = cbc::Decryptor::<Aes>::new_from_slices(key, iv).ok()?;
            cipher.decrypt_padded_vec::<Pkcs7>(ciphertext).ok().map(Zeroizing::new)
        })
    }
}

/// One curve: the three crates are alike, but not by a common name that says so.
macro_rules! ecdh {
    ($krate:ident, $curve:path, $agreement:ident) => {
        fn $agreement(d: &[u8]) -> Result<(Agree, PublicKey), KeyRejected> {
            let secret = $krate::SecretKey::from_slice(d).map_err(rejected)?;
            let point = secret.public_key().to_sec1_point(false);
            let (Some(x), Some(y)) = (point.x(), point.y()) else {
                return Err(KeyRejected::new("its public point is at infinity"));
            };
            let public = PublicKey::Ec { curve: $curve, x: x.to_vec(), y: y.to_vec() };
            let agree: Agree = Box::new(move |peer| {
                let PublicKey::Ec { curve: $curve, x, y } = peer else { return None };
                // Whether it is on the curve is checked here; the point at infinity has no such form.
                let peer = $krate::PublicKey::from_sec1_bytes(&[&[4], x.as_slice(), y].concat()).ok()?;
                Some(Zeroizing::new(secret.diffie_hellman(&peer).raw_secret_bytes().to_vec()))
            });
            Ok((agree, public))
        }
    };
}

ecdh!(p256, Curve::P256, p256_agreement);
ecdh!(p384, Curve::P384, p384_agreement);
ecdh!(p521, Curve::P521, p521_agreement);
