//! JWTs that this program encrypts to somebody: [`EncryptionKey`], [`EncryptedJwt`].

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, malformed, misuse, misuse_of};
use crate::ground::rule::Rule;
use crate::jose::crypto::{CryptoProvider, EncryptionProvider, OaepEncrypt};
use crate::jose::jwe::algorithm::{AgreementCurve, Encryption};
use crate::jose::jwe::{content, fresh, kdf};
use crate::jose::jwk;
use crate::jose::jwk::Jwk;
use crate::jose::jwk_set::JwkSet;
use crate::jose::jwt::SignedJwt;

/// A public key of a recipient, parsed once for the algorithms that it wants. Cheap to clone.
///
/// A request object is encrypted with it after it is signed ([AQ-29](crate::Rule::Aq29), RFC 9101 §4).
#[derive(Clone)]
pub struct EncryptionKey(Arc<Inner>);

struct Inner {
    provider: Arc<dyn EncryptionProvider>,
    encryption: Encryption,
    jwk: Jwk,
    way: Way,
}

/// How the key of the content reaches the recipient.
enum Way {
    Agreeing(AgreementCurve),
    Oaep(OaepEncrypt),
}

impl EncryptionKey {
    /// Takes the first key of a recipient's published set that is for encryption and fits the algorithm.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([AQ-29](crate::Rule::Aq29)) if no key does: one that does not say that it is for encryption,
    /// by `use` or `alg`, is for signatures. Otherwise as [`new`](Self::new).
    pub fn choose(
        provider: &dyn CryptoProvider,
        encryption: Encryption,
        set: &JwkSet,
    ) -> Result<Self, Error> {
        Self::chosen(provider.encryption().ok_or_else(fresh::lacking)?, encryption, set)
    }

    /// Parses one key.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the provider does not encrypt, and ([AQ-29](crate::Rule::Aq29)) if the key is not for
    /// encryption by this algorithm. [`Error::Malformed`] ([ID-7](crate::Rule::Id7)) if its numbers are not those of a key.
    pub fn new(provider: &dyn CryptoProvider, encryption: Encryption, jwk: &Jwk) -> Result<Self, Error> {
        let provider = provider.encryption().ok_or_else(fresh::lacking)?;
        if !jwk.encrypts(encryption.key()) {
            return Err(misuse_of(
                Rule::Aq29,
                format!("the key is not for encryption (\"use\":\"enc\") by {}", encryption.key()),
            ));
        }
        Self::parsed(provider, encryption, jwk)
    }

    pub(crate) fn chosen(
        provider: Arc<dyn EncryptionProvider>,
        encryption: Encryption,
        set: &JwkSet,
    ) -> Result<Self, Error> {
        let key = set.keys().iter().find(|key| key.encrypts(encryption.key()));
        Self::parsed(provider, encryption, key.ok_or_else(|| no_recipient(encryption))?)
    }

    fn parsed(
        provider: Arc<dyn EncryptionProvider>,
        encryption: Encryption,
        jwk: &Jwk,
    ) -> Result<Self, Error> {
        jwk::check(jwk.key()).map_err(|what| malformed(Rule::Id7, what))?;
        let way = match AgreementCurve::of(jwk.key()) {
            Some(curve) => Way::Agreeing(curve),
            None => Way::Oaep(provider.oaep_encrypter(jwk.key()).map_err(|_| no_key())?),
        };
        Ok(Self(Arc::new(Inner { provider, encryption, jwk: jwk.clone(), way })))
    }

    /// The recipient's key.
    #[must_use]
    pub fn public_key(&self) -> &Jwk {
        &self.0.jwk
    }

    /// Encrypts what was signed, and says so in the header (`"cty":"JWT"`, RFC 7519 §5.2).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([ID-7](crate::Rule::Id7)) if the recipient's key is not on its curve, or of small order.
    /// [`Error::Misuse`] if the provider fails otherwise.
    pub fn encrypt(&self, signed: &SignedJwt, entropy: Entropy) -> Result<EncryptedJwt, Error> {
        self.encrypt_bytes(signed.expose().as_bytes(), Some("JWT"), entropy)
    }

    /// Encrypts anything, for a recipient that takes what nobody signed; `content_type` is the header's `cty`. A client has
    /// no use for it: it signs first.
    ///
    /// # Errors
    ///
    /// As [`encrypt`](Self::encrypt).
    pub fn encrypt_bytes(
        &self,
        plaintext: &[u8],
        content_type: Option<&str>,
        entropy: Entropy,
    ) -> Result<EncryptedJwt, Error> {
        let Inner { provider, encryption, jwk, way } = &*self.0;
        let (algorithm, content) = (encryption.key(), encryption.content());
        let (mut epk, mut encrypted_key) = (None, Vec::new());
        let mut content_key = random(&entropy, "jwe content key", content.key_len());
        match way {
            Way::Oaep(encrypt) => {
                let seed = Zeroizing::new(entropy.derive("jwe oaep"));
                let encrypted = algorithm.oaep().and_then(|hash| encrypt(hash, &content_key, &seed));
                encrypted_key = encrypted.ok_or_else(failed)?;
            }
            Way::Agreeing(curve) => {
                let ephemeral = fresh::key(&**provider, *curve, &entropy, "jwe ephemeral key")
                    .map_err(|rejected| misuse(rejected.to_string()))?;
                let secret =
                    (ephemeral.agree)(jwk.key()).filter(|secret| secret.iter().any(|byte| *byte != 0));
                let secret = secret.ok_or_else(no_key)?;
                if let Some(kek_len) = algorithm.kek_len() {
                    let kek = kdf::derive(&secret, algorithm.name(), &[], &[], kek_len);
                    encrypted_key = provider.wrap_key(&kek, &content_key).ok_or_else(failed)?;
                } else {
                    content_key = kdf::derive(&secret, content.name(), &[], &[], content.key_len());
                }
                epk = Some(Jwk::new(ephemeral.public).required_members());
            }
        }
        let mut header = format!(r#"{{"alg":"{algorithm}","enc":"{content}""#);
        // Writing into a text does not fail.
        for (name, text) in [("cty", content_type), ("kid", jwk.key_id())] {
            let _ = text.map(|text| write!(header, r#","{name}":{}"#, Value::from(text)));
        }
        let _ = epk.map(|epk| write!(header, r#","epk":{epk}"#));
        header.push('}');
        let header = URL_SAFE_NO_PAD.encode(header);
        let iv = random(&entropy, "jwe iv", content.iv_len());
        let sealed = content::encrypt(&**provider, content, &content_key, &iv, header.as_bytes(), plaintext);
        let (ciphertext, tag) = sealed.ok_or_else(failed)?;
        let mut text = header;
        for part in [&encrypted_key, &*iv, &ciphertext, &tag] {
            text.push('.');
            URL_SAFE_NO_PAD.encode_string(part, &mut text);
        }
        Ok(EncryptedJwt(text))
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("encryption", &self.0.encryption)
            .field("jwk", &self.0.jwk)
            .finish_non_exhaustive()
    }
}

/// An encrypted JWT in compact form. Nobody but its recipient can read it; it still proves who sent it, so it prints
/// `<secret>`.
#[derive(Clone)]
pub struct EncryptedJwt(String);

impl EncryptedJwt {
    /// The text, for the message that it is for. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EncryptedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// As many bytes as are asked for, at most 64.
fn random(entropy: &Entropy, label: &str, length: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64));
    for half in 0..2 {
        bytes.extend_from_slice(&*Zeroizing::new(entropy.derive(&format!("{label} {half}"))));
    }
    bytes.truncate(length);
    bytes
}

/// The recipient has no key to encrypt to.
pub(crate) fn no_recipient(encryption: Encryption) -> Error {
    let what =
        format!("the key set has no key for encryption (\"use\":\"enc\") that fits {}", encryption.key());
    malformed(Rule::Aq29, what)
}

fn no_key() -> Error {
    malformed(Rule::Id7, "the numbers of the recipient's key are not those of a key")
}

fn failed() -> Error {
    misuse("the crypto provider did not encrypt")
}
