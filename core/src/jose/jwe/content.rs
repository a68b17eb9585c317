//! The encryption of the content (RFC 7518 §5): AES-GCM as a provider has it, and AES-CBC with an HMAC beside it.

use hmac::{Hmac, Mac as _};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::jose::crypto::EncryptionProvider;
use crate::jose::jwe::algorithm::ContentAlgorithm;

/// Encrypts, and gives the ciphertext and the tag.
pub(crate) fn encrypt(
    provider: &dyn EncryptionProvider,
    algorithm: ContentAlgorithm,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Option<(Vec<u8>, Vec<u8>)> {
    if let Ok(iv) = <&[u8; 12]>::try_from(iv) {
        let mut sealed = provider.gcm_encrypt(key, iv, aad, plaintext)?;
        let tag = sealed.split_off(sealed.len().checked_sub(algorithm.tag_len())?);
        return Some((sealed, tag));
    }
    let iv = iv.try_into().ok()?;
    let (mac_key, key) = key.split_at_checked(key.len() / 2)?;
    let ciphertext = provider.cbc_encrypt(key, iv, plaintext)?;
    let mut tag = match algorithm {
        ContentAlgorithm::A128CbcHs256 => {
            mac::<Hmac<Sha256>>(mac_key, aad, iv, &ciphertext)?.finalize().into_bytes().to_vec()
        }
        ContentAlgorithm::A192CbcHs384 => {
            mac::<Hmac<Sha384>>(mac_key, aad, iv, &ciphertext)?.finalize().into_bytes().to_vec()
        }
        _ => mac::<Hmac<Sha512>>(mac_key, aad, iv, &ciphertext)?.finalize().into_bytes().to_vec(),
    };
    tag.truncate(algorithm.tag_len());
    Some((ciphertext, tag))
}

/// Decrypts, if the tag is right. Beside CBC it is checked before anything is decrypted, in constant time: what the padding
/// is like is found out of nothing but what the sender wrote ([ID-46](crate::Rule::Id46)).
///
/// The lengths of key, vector and tag are those of the algorithm; the caller has checked them
/// ([ID-48](crate::Rule::Id48)).
pub(crate) fn decrypt(
    provider: &dyn EncryptionProvider,
    algorithm: ContentAlgorithm,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    if let Ok(iv) = <&[u8; 12]>::try_from(iv) {
        return provider.gcm_decrypt(key, iv, aad, &[ciphertext, tag].concat());
    }
    let iv = iv.try_into().ok()?;
    let (mac_key, key) = key.split_at_checked(key.len() / 2)?;
    match algorithm {
        ContentAlgorithm::A128CbcHs256 => {
            mac::<Hmac<Sha256>>(mac_key, aad, iv, ciphertext)?.verify_truncated_left(tag)
        }
        ContentAlgorithm::A192CbcHs384 => {
            mac::<Hmac<Sha384>>(mac_key, aad, iv, ciphertext)?.verify_truncated_left(tag)
        }
        _ => mac::<Hmac<Sha512>>(mac_key, aad, iv, ciphertext)?.verify_truncated_left(tag),
    }
    .ok()?;
    provider.cbc_decrypt(key, iv, ciphertext)
}

/// The HMAC of RFC 7518 §5.2.2.1: over the additional data, the vector, the ciphertext, and how many bits the additional
/// data have.
fn mac<M: hmac::Mac + hmac::KeyInit>(key: &[u8], aad: &[u8], iv: &[u8; 16], ciphertext: &[u8]) -> Option<M> {
    let bits = (u64::try_from(aad.len()).ok()?).checked_mul(8)?;
    let mac = <M as hmac::KeyInit>::new_from_slice(key).ok()?;
    Some(mac.chain_update(aad).chain_update(iv).chain_update(ciphertext).chain_update(bits.to_be_bytes()))
}
