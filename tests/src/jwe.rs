//! Encrypted JWTs for tests: private keys of every kind, and JWEs that are made by hand, whatever the library would write.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_core::jose::jwe::{
    AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, EncryptionKey, Jwe, KeyAlgorithm,
};
use valetkey_core::jose::{
    Algorithm, AwsLc, CryptoProvider, EncryptionProvider, KeyPair, OaepHash, PrivateJwk, Signer as _,
};
use valetkey_core::{Error, Rule};

use crate::entropy;
use crate::jose::RSA;

/// A private key of ECDH, the same for any provider, under the name of its curve.
#[must_use]
pub fn agreeing(curve: AgreementCurve) -> PrivateJwk {
    let key = PrivateJwk::generate_for_encryption(&AwsLc, curve, entropy(40 + curve as u8)).unwrap();
    key.with_key_id(format!("{curve:?}"))
}

/// A private RSA key, under the name `rsa`.
#[must_use]
pub fn rsa() -> PrivateJwk {
    PrivateJwk::parse(RSA.as_bytes()).unwrap().with_key_id("rsa")
}

/// A key for each kind that the algorithm has.
#[must_use]
pub fn private_keys(algorithm: KeyAlgorithm) -> Vec<PrivateJwk> {
    match algorithm {
        KeyAlgorithm::RsaOaep | KeyAlgorithm::RsaOaep256 => vec![rsa()],
        _ => AgreementCurve::ALL.iter().map(|curve| agreeing(*curve)).collect(),
    }
}

/// Whether the provider decrypts by the algorithm: RSA is not decrypted in pure Rust.
#[must_use]
pub fn decrypts(provider: &str, algorithm: KeyAlgorithm) -> bool {
    provider == "aws-lc" || !matches!(algorithm, KeyAlgorithm::RsaOaep | KeyAlgorithm::RsaOaep256)
}

/// The one key alone.
#[must_use]
pub fn keys_of(provider: &dyn CryptoProvider, key: PrivateJwk) -> DecryptionKeys {
    DecryptionKeys::new(provider, &[key], &[]).unwrap()
}

/// Something encrypted to the owner of the keys, as a server does it.
#[must_use]
pub fn encrypted(
    provider: &dyn CryptoProvider,
    keys: &DecryptionKeys,
    encryption: Encryption,
    plaintext: &[u8],
) -> String {
    let key = EncryptionKey::choose(provider, encryption, &keys.published()).unwrap();
    key.encrypt_bytes(plaintext, None, entropy(50)).unwrap().expose().to_owned()
}

/// What the keys make of it.
///
/// # Errors
///
/// As [`Jwe::parse`] and [`Jwe::decrypt`].
pub fn decrypted(text: &str, keys: &DecryptionKeys, encryption: Encryption) -> Result<Vec<u8>, Error> {
    Ok(Jwe::parse(text)?.decrypt(keys, encryption)?.expose().to_vec())
}

/// The id of the rule, or a word that is none.
pub fn rule(error: &Error) -> &'static str {
    error.rule().map_or("none", Rule::id)
}

/// The text with one part replaced: 0 is the header, 4 the tag.
#[must_use]
pub fn with_part(text: &str, place: usize, part: &[u8]) -> String {
    let mut parts: Vec<String> = text.split('.').map(str::to_owned).collect();
    parts[place] = URL_SAFE_NO_PAD.encode(part);
    parts.join(".")
}

/// The bytes of one part.
#[must_use]
pub fn part(text: &str, place: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.split('.').nth(place).unwrap()).unwrap()
}

/// A JWE to the RSA key, by a sender who writes what it likes.
pub struct ByHand<'a> {
    /// The header, as JSON.
    pub header: &'a str,
    /// The hash of RSA-OAEP.
    pub hash: OaepHash,
    /// The key that is encrypted.
    pub content_key: &'a [u8],
}

impl ByHand<'_> {
    /// The text, with AES-GCM.
    #[must_use]
    pub fn gcm(&self, plaintext: &[u8]) -> String {
        let (aad, key, iv) = (self.aad(), self.encrypted_key(), [7; 12]);
        let mut sealed = aws_lc().gcm_encrypt(self.content_key, &iv, aad.as_bytes(), plaintext).unwrap();
        let tag = sealed.split_off(sealed.len() - 16);
        compact(&aad, &[&key, &iv, &sealed, &tag])
    }

    /// The text, with this ciphertext as that of AES-CBC, under an HMAC that is right.
    #[must_use]
    pub fn cbc(&self, ciphertext: &[u8]) -> String {
        let (aad, key, iv) = (self.aad(), self.encrypted_key(), [7; 16]);
        let bits = (8 * aad.len() as u64).to_be_bytes();
        let mac = [aad.as_bytes(), &iv, ciphertext, &bits].concat();
        let half = self.content_key.len() / 2;
        // An HMAC fills its key up with zeros, so that a longer one with zeros is the same.
        let secret = [&self.content_key[..half], &vec![0; half]].concat();
        let algorithm = match half {
            16 => Algorithm::Hs256,
            24 => Algorithm::Hs384,
            _ => Algorithm::Hs512,
        };
        let key_of_the_mac = KeyPair::from_secret(algorithm, &secret).unwrap();
        let mut tag = key_of_the_mac.sign(&mac).unwrap().ready().unwrap();
        tag.truncate(half);
        compact(&aad, &[&key, &iv, ciphertext, &tag])
    }

    fn aad(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.header)
    }

    fn encrypted_key(&self) -> Vec<u8> {
        let encrypt = aws_lc().oaep_encrypter(rsa().public().key()).unwrap();
        encrypt(self.hash, self.content_key, &[0; 32]).unwrap()
    }
}

/// A JWE of these parts.
#[must_use]
pub fn compact(aad: &str, parts: &[&[u8]; 4]) -> String {
    let parts = parts.map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{aad}.{}", parts.join("."))
}

/// A JWE with this header, whose other parts have the right lengths and nothing in them.
#[must_use]
pub fn empty(header: &str, encrypted_key: usize, content: ContentAlgorithm) -> String {
    let (iv, tag) = match content {
        ContentAlgorithm::A128CbcHs256 => (16, 16),
        ContentAlgorithm::A192CbcHs384 => (16, 24),
        ContentAlgorithm::A256CbcHs512 => (16, 32),
        _ => (12, 16),
    };
    compact(&URL_SAFE_NO_PAD.encode(header), &[&vec![0; encrypted_key], &vec![0; iv], &[], &vec![0; tag]])
}

fn aws_lc() -> std::sync::Arc<dyn EncryptionProvider> {
    AwsLc.encryption().unwrap()
}
