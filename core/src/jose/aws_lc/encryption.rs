//! The encryption of AWS-LC.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{
    self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey as AgreementKey, UnparsedPublicKey, X25519,
};
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
    PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    KeyPair as RsaKeyPair, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey, PublicKeyComponents,
};
use aws_lc_rs::signature::KeyPair as _;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::jose::aws_lc::{AwsLc, components, uncompressed};
use crate::jose::crypto::{
    Agree, EncryptionProvider, KeyRejected, OaepDecrypt, OaepEncrypt, OaepHash, PrivateKey, RsaPrivateKey,
};
use crate::jose::der;
use crate::jose::public_key::{Curve, PublicKey};

impl EncryptionProvider for AwsLc {
    fn agreement(&self, key: PrivateKey<'_>) -> Result<(Agree, PublicKey), KeyRejected> {
        let (algorithm, d) = match key {
            PrivateKey::Ec { curve: Curve::P256, d, .. } => (&ECDH_P256, d),
            PrivateKey::Ec { curve: Curve::P384, d, .. } => (&ECDH_P384, d),
            PrivateKey::Ec { curve: Curve::P521, d, .. } => (&ECDH_P521, d),
            PrivateKey::X25519 { d, .. } => (&X25519, d.as_slice()),
            _ => return Err(KeyRejected::unfit()),
        };
        let pair = AgreementKey::from_private_key(algorithm, d).map_err(rejected)?;
        let point = pair.compute_public_key().map_err(rejected)?;
        let point = point.as_ref();
        let public = match key {
            PrivateKey::Ec { curve, .. } => {
                let (Some(x), Some(y)) = (point.get(1..=curve.size()), point.get(1 + curve.size()..)) else {
                    return Err(KeyRejected::new("its public point has an unknown form"));
                };
                PublicKey::Ec { curve, x: x.to_vec(), y: y.to_vec() }
            }
            _ => PublicKey::X25519 { x: point.try_into().map_err(|_| KeyRejected::unfit())? },
        };
        let agree: Agree = Box::new(move |peer| {
            let point = match peer {
                PublicKey::Ec { x, y, .. } => uncompressed(x, y),
                PublicKey::X25519 { x } => x.to_vec(),
                _ => return None,
            };
            let peer = UnparsedPublicKey::new(algorithm, point);
            agreement::agree(&pair, peer, (), |secret| Ok(Zeroizing::new(secret.to_vec()))).ok()
        });
        Ok((agree, public))
    }

    fn oaep_decrypter(&self, key: RsaPrivateKey<'_>) -> Result<(OaepDecrypt, PublicKey), KeyRejected> {
        let pair = RsaKeyPair::from_components(&components(&key)).map_err(rejected)?;
        let (n, e) = der::rsa_public_key(pair.public_key().as_ref())
            .ok_or_else(|| KeyRejected::new("its public numbers have an unknown form"))?;
        let der: Pkcs8V1Der<'static> = pair.as_der().map_err(rejected)?;
        let key = PrivateDecryptingKey::from_pkcs8(der.as_ref()).map_err(rejected)?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(rejected)?;
        let decrypt: OaepDecrypt = Box::new(move |hash, ciphertext| {
            let mut plaintext = Zeroizing::new(vec![0; key.min_output_size()]);
            let length = key.decrypt(oaep(hash), ciphertext, &mut plaintext, None).ok()?.len();
            plaintext.truncate(length);
            Some(plaintext)
        });
        Ok((decrypt, PublicKey::Rsa { n, e }))
    }

    /// The padding is of AWS-LC's own generator; the seed is left out.
    fn oaep_encrypter(&self, key: &PublicKey) -> Result<OaepEncrypt, KeyRejected> {
        let PublicKey::Rsa { n, e } = key else { return Err(KeyRejected::unfit()) };
        let der: PublicKeyX509Der<'static> = PublicKeyComponents { n, e }.as_der().map_err(rejected)?;
        let key = PublicEncryptingKey::from_der(der.as_ref()).map_err(rejected)?;
        let key = OaepPublicEncryptingKey::new(key).map_err(rejected)?;
        Ok(Box::new(move |hash, plaintext, _| {
            let mut ciphertext = vec![0; key.ciphertext_size()];
            let length = key.encrypt(oaep(hash), plaintext, &mut ciphertext, None).ok()?.len();
            ciphertext.truncate(length);
            Some(ciphertext)
        }))
    }

    fn wrap_key(&self, kek: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        let kek = EncryptingKey::ecb(block_key(kek)?).ok()?;
        wrap(key, |block| kek.less_safe_encrypt(block, EncryptionContext::None).is_ok())
    }

    fn unwrap_key(&self, kek: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let kek = DecryptingKey::ecb(block_key(kek)?).ok()?;
        unwrap(wrapped, |block| kek.decrypt(block, DecryptionContext::None).is_ok())
    }

    fn gcm_encrypt(&self, key: &[u8], iv: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = Vec::with_capacity(plaintext.len() + 16);
        sealed.extend_from_slice(plaintext);
        gcm_key(key)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(*iv), Aad::from(aad), &mut sealed)
            .ok()?;
        Some(sealed)
    }

    fn gcm_decrypt(
        &self,
        key: &[u8],
        iv: &[u8; 12],
        aad: &[u8],
        ciphertext_and_tag: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut opened = Zeroizing::new(ciphertext_and_tag.to_vec());
        let nonce = Nonce::assume_unique_for_key(*iv);
        let length = gcm_key(key)?.open_in_place(nonce, Aad::from(aad), &mut opened).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }

    fn cbc_encrypt(&self, key: &[u8], iv: &[u8; 16], plaintext: &[u8]) -> Option<Vec<u8>> {
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(block_key(key)?).ok()?;
        let mut padded = Vec::with_capacity(plaintext.len() + 16);
        padded.extend_from_slice(plaintext);
        key.less_safe_encrypt(&mut padded, EncryptionContext::Iv128(FixedLength::from(*iv))).ok()?;
        Some(padded)
    }

    fn cbc_decrypt(&self, key: &[u8], iv: &[u8; 16], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(block_key(key)?).ok()?;
        let mut opened = Zeroizing::new(ciphertext.to_vec());
        let length = key.decrypt(&mut opened, DecryptionContext::Iv128(FixedLength::from(*iv))).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }
}

fn gcm_key(key: &[u8]) -> Option<LessSafeKey> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        24 => &AES_192_GCM,
        _ => &AES_256_GCM,
    };
    UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new)
}

fn block_key(key: &[u8]) -> Option<UnboundCipherKey> {
    let algorithm = match key.len() {
        16 => &AES_128,
        24 => &AES_192,
        _ => &AES_256,
    };
    UnboundCipherKey::new(algorithm, key).ok()
}

const fn oaep(hash: OaepHash) -> &'static aws_lc_rs::rsa::OaepAlgorithm {
    match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
    }
}

/// The initial value of AES Key Wrap (RFC 3394 §2.2.3.1).
const INITIAL: [u8; 8] = [0xa6; 8];

// `aws_lc_rs::key_wrap` has no key of 192 bits. So the six rounds are here, for all three, over its block cipher.

/// Wraps (RFC 3394 §2.2.1): at least two blocks of eight bytes.
fn wrap(key: &[u8], encrypt: impl Fn(&mut [u8; 16]) -> bool) -> Option<Vec<u8>> {
    let (parts, []) = key.as_chunks::<8>() else { return None };
    let mut parts = Zeroizing::new(parts.to_vec());
    let mut check = INITIAL;
    let mut step = 0_u64;
    for _ in 0..6 {
        for part in parts.iter_mut() {
            step += 1;
            let mut block = Zeroizing::new([0; 16]);
            block.split_at_mut(8).0.copy_from_slice(&check);
            block.split_at_mut(8).1.copy_from_slice(part);
            if !encrypt(&mut block) {
                return None;
            }
            let (first, second) = (block.first_chunk::<8>()?, block.last_chunk::<8>()?);
            check = (u64::from_be_bytes(*first) ^ step).to_be_bytes();
            *part = *second;
        }
    }
    (parts.len() >= 2).then(|| [&check, parts.as_flattened()].concat())
}

/// Unwraps (RFC 3394 §2.2.2), and compares the check value in constant time.
fn unwrap(wrapped: &[u8], decrypt: impl Fn(&mut [u8; 16]) -> bool) -> Option<Zeroizing<Vec<u8>>> {
    let (check, key) = wrapped.split_first_chunk::<8>()?;
    let (parts, []) = key.as_chunks::<8>() else { return None };
    let mut parts = Zeroizing::new(parts.to_vec());
    let mut check = *check;
    let mut step = 6 * u64::try_from(parts.len()).ok()?;
    for _ in 0..6 {
        for part in parts.iter_mut().rev() {
            let mut block = Zeroizing::new([0; 16]);
            block.split_at_mut(8).0.copy_from_slice(&(u64::from_be_bytes(check) ^ step).to_be_bytes());
            block.split_at_mut(8).1.copy_from_slice(part);
            if !decrypt(&mut block) {
                return None;
            }
            check = *block.first_chunk::<8>()?;
            *part = *block.last_chunk::<8>()?;
            step -= 1;
        }
    }
    let is_right = bool::from(check.ct_eq(&INITIAL)) && parts.len() >= 2;
    is_right.then(|| Zeroizing::new(parts.as_flattened().to_vec()))
}

fn rejected<E>(_: E) -> KeyRejected {
    KeyRejected::new("its numbers are not those of such a key")
}
