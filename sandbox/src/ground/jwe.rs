//! What is encrypted to applications, and what they encrypt to the server (RFC 7516), by ECDH-ES on P-256.
//!
//! ```text
//!  signed ──▶ Envelope ──▶ header . encrypted key . vector . ciphertext . tag
//! ```
//!
//! Written over the crates of RustCrypto, and not with the code of `valetkey-core`.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::aes::Aes128;
use aes_gcm::{Aes256Gcm, Nonce};
use aes_kw::KwAes256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use hmac::{Hmac, Mac as _};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::keys::{sha256, thumbprint};
use super::random::Random;

/// How the key of an encrypted message reaches its reader (RFC 7518 §4.6), on P-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyEncryption {
    /// What is agreed on is the key.
    EcdhEs,
    /// What is agreed on wraps the key.
    EcdhEsA256Kw,
}

impl KeyEncryption {
    pub(crate) const ALL: [Self; 2] = [Self::EcdhEs, Self::EcdhEsA256Kw];

    /// As `alg` spells it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }
}

/// How a message is encrypted (RFC 7518 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-CBC with 128 bits and HMAC with SHA-256.
    A128CbcHs256,
    /// AES-GCM with 256 bits.
    A256Gcm,
}

impl ContentEncryption {
    pub(crate) const ALL: [Self; 2] = [Self::A128CbcHs256, Self::A256Gcm];

    /// As `enc` spells it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::A128CbcHs256 => Self::A256Gcm,
            Self::A256Gcm => Self::A128CbcHs256,
        }
    }

    /// The ciphertext and the tag.
    fn encrypt(self, key: &[u8; 32], iv: &[u8], aad: &[u8], message: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        match self {
            Self::A256Gcm => {
                let payload = Payload { msg: message, aad };
                let mut sealed =
                    Aes256Gcm::new(key.into()).encrypt(&Nonce::try_from(iv).ok()?, payload).ok()?;
                let tag = sealed.split_off(sealed.len().checked_sub(16)?);
                Some((sealed, tag))
            }
            Self::A128CbcHs256 => {
                let cipher = cbc::Encryptor::<Aes128>::new_from_slices(key.get(16..)?, iv).ok()?;
                let ciphertext = cipher.encrypt_padded_vec::<Pkcs7>(message);
                let tag = mac(key, aad, iv, &ciphertext)?;
                Some((ciphertext, tag))
            }
        }
    }

    fn decrypt(
        self,
        key: &[u8; 32],
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Option<Vec<u8>> {
        match self {
            Self::A256Gcm => {
                let sealed = [ciphertext, tag].concat();
                let payload = Payload { msg: &sealed, aad };
                Aes256Gcm::new(key.into()).decrypt(&Nonce::try_from(iv).ok()?, payload).ok()
            }
            Self::A128CbcHs256 if mac(key, aad, iv, ciphertext)? == tag => {
                let cipher = cbc::Decryptor::<Aes128>::new_from_slices(key.get(16..)?, iv).ok()?;
                cipher.decrypt_padded_vec::<Pkcs7>(ciphertext).ok()
            }
            Self::A128CbcHs256 => None,
        }
    }
}

/// The tag of A128CBC-HS256 (RFC 7518 §5.2.2.1).
fn mac(key: &[u8; 32], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let bits = 8 * u64::try_from(aad.len()).ok()?;
    let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.get(..16)?).ok()?;
    let mac =
        mac.chain_update(aad).chain_update(iv).chain_update(ciphertext).chain_update(bits.to_be_bytes());
    Some(mac.finalize().into_bytes().get(..16)?.to_vec())
}

/// The key that both sides have (RFC 7518 §4.6.2), of 256 bits, which is one hash.
fn agreed(secret: &p256::SecretKey, public: &p256::PublicKey, algorithm: &str) -> Option<[u8; 32]> {
    let shared = secret.diffie_hellman(public);
    let length = u32::try_from(algorithm.len()).ok()?;
    let mut hash = Sha256::new();
    hash.update(1_u32.to_be_bytes());
    hash.update(shared.raw_secret_bytes());
    hash.update(length.to_be_bytes());
    hash.update(algorithm);
    hash.update([0_u8; 8]);
    hash.update(256_u32.to_be_bytes());
    Some(hash.finalize().into())
}

/// A private key of P-256 for every 32 bytes: odd and below 2^255, so neither zero nor beyond the order of the curve.
fn private(mut scalar: [u8; 32]) -> Option<p256::SecretKey> {
    scalar[0] &= 0x7f;
    scalar[31] |= 1;
    p256::SecretKey::from_slice(&scalar).ok()
}

fn public(jwk: &Value) -> Option<p256::PublicKey> {
    if jwk.get("crv")? != "P-256" {
        return None;
    }
    let coordinate = |name| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
    p256::PublicKey::from_sec1_bytes(&[vec![4], coordinate("x")?, coordinate("y")?].concat()).ok()
}

fn as_jwk(key: &p256::PublicKey) -> Value {
    let point = key.to_sec1_point(false);
    let [x, y] = [point.x(), point.y()].map(|number| URL_SAFE_NO_PAD.encode(number.map_or(&[][..], |n| n)));
    json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
}

/// The key of the server's to which applications encrypt.
pub(crate) struct ServerKey(Option<p256::SecretKey>);

impl ServerKey {
    pub(crate) fn of(random: &Random) -> Self {
        Self(private(random.bytes("encryption key")))
    }

    /// The public half, for `jwks_uri`.
    pub(crate) fn jwk(&self) -> Option<Value> {
        let mut jwk = as_jwk(&self.0.as_ref()?.public_key());
        let kid = thumbprint(&jwk)?;
        if let Some(members) = jwk.as_object_mut() {
            members.insert("use".to_owned(), Value::from("enc"));
            members.insert("kid".to_owned(), Value::from(kid));
        }
        Some(jwk)
    }

    /// What is inside a message to the server, if it opens.
    pub(crate) fn open(&self, message: &str) -> Option<String> {
        let parts: Vec<&str> = message.split('.').take(6).collect();
        let [aad, encrypted_key, iv, ciphertext, tag] = parts.as_slice() else { return None };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let header: Value = serde_json::from_slice(&decode(aad)?).ok()?;
        let is = |name: &str, value: &str| header.get(name).and_then(Value::as_str) == Some(value);
        if header.get("crit").is_some() || header.get("zip").is_some() || !is("cty", "JWT") {
            return None;
        }
        let key = KeyEncryption::ALL.into_iter().find(|known| is("alg", known.name()))?;
        let content = ContentEncryption::ALL.into_iter().find(|known| is("enc", known.name()))?;
        let (secret, theirs) = (self.0.as_ref()?, public(header.get("epk")?)?);
        let content_key = match key {
            KeyEncryption::EcdhEs if encrypted_key.is_empty() => agreed(secret, &theirs, content.name())?,
            KeyEncryption::EcdhEs => return None,
            KeyEncryption::EcdhEsA256Kw => {
                let wraps = KwAes256::new(&agreed(secret, &theirs, key.name())?.into());
                let mut unwrapped = [0; 32];
                wraps.unwrap_key(&decode(encrypted_key)?, &mut unwrapped).ok()?;
                unwrapped
            }
        };
        let [iv, ciphertext, tag] = [decode(iv)?, decode(ciphertext)?, decode(tag)?];
        let inside = content.decrypt(&content_key, &iv, aad.as_bytes(), &ciphertext, &tag)?;
        String::from_utf8(inside).ok()
    }
}

/// How one kind of answer is encrypted, if it is.
pub(crate) type Agreed = Option<(KeyEncryption, ContentEncryption)>;

/// How each kind of an application's answers is encrypted, if it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EncryptedAnswers {
    pub(crate) id_tokens: Agreed,
    pub(crate) userinfo: Agreed,
    pub(crate) responses: Agreed,
    pub(crate) introspections: Agreed,
}

/// To whom what is signed is encrypted, and how. It travels with an answer until that is finished, so that what is signed can
/// still be spoilt.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) jwk: Value,
    pub(crate) key: KeyEncryption,
    pub(crate) content: ContentEncryption,
    /// Another `alg` than the true one, for the header.
    pub(crate) said: Option<&'static str>,
    /// Whether the claims are in it without a signature.
    pub(crate) unsigned: bool,
    /// Whether the tag is another's.
    pub(crate) tampered: bool,
}

impl Envelope {
    pub(crate) const fn new(jwk: Value, key: KeyEncryption, content: ContentEncryption) -> Self {
        Self { jwk, key, content, said: None, unsigned: false, tampered: false }
    }

    /// To a key that is nobody's, under the name of the right one if there is one.
    pub(crate) fn readdress(&mut self) {
        let kid = self.jwk.get("kid").cloned();
        let nobody = private([1; 32]).map(|secret| as_jwk(&secret.public_key()));
        self.jwk = nobody.unwrap_or_default();
        if let (Some(kid), Some(members)) = (kid, self.jwk.as_object_mut()) {
            members.insert("kid".to_owned(), kid);
        }
    }

    /// What is signed, encrypted; `None` if the key is not one of P-256.
    pub(crate) fn seal(&self, random: &Random, signed: &str) -> Option<String> {
        let of = |what: &str| random.bytes(&format!("{what} {}", sha256(signed)));
        let (secret, theirs) = (private(of("ephemeral key"))?, public(&self.jwk)?);
        let (content_key, encrypted_key) = match self.key {
            KeyEncryption::EcdhEs => (agreed(&secret, &theirs, self.content.name())?, Vec::new()),
            KeyEncryption::EcdhEsA256Kw => {
                let content_key = of("content key");
                let mut wrapped = vec![0; 40];
                let wraps = KwAes256::new(&agreed(&secret, &theirs, self.key.name())?.into());
                wraps.wrap_key(&content_key, &mut wrapped).ok()?;
                (content_key, wrapped)
            }
        };
        let mut header = json!({
            "alg": self.said.unwrap_or(self.key.name()),
            "enc": self.content.name(),
            "epk": as_jwk(&secret.public_key()),
            "cty": "JWT",
        });
        if let (Some(kid), Some(header)) = (self.jwk.get("kid"), header.as_object_mut()) {
            header.insert("kid".to_owned(), kid.clone());
        }
        let payload = signed.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
        let message = payload.filter(|_| self.unsigned).unwrap_or_else(|| signed.as_bytes().to_vec());
        let aad = URL_SAFE_NO_PAD.encode(header.to_string());
        let iv = of("vector");
        let iv = match self.content {
            ContentEncryption::A256Gcm => iv.get(..12)?,
            ContentEncryption::A128CbcHs256 => iv.get(..16)?,
        };
        let (ciphertext, mut tag) = self.content.encrypt(&content_key, iv, aad.as_bytes(), &message)?;
        if let Some(last) = tag.last_mut().filter(|_| self.tampered) {
            *last ^= 1;
        }
        let parts = [&*encrypted_key, iv, &ciphertext, &tag].map(|part| URL_SAFE_NO_PAD.encode(part));
        Some(format!("{aad}.{}", parts.join(".")))
    }
}
