//! An encrypted JWT that came from elsewhere: [`Jwe`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::jose::jwe::algorithm::{AgreementCurve, ContentAlgorithm, Encryption, KeyAlgorithm};
use crate::jose::jwe::decrypted::Decrypted;
use crate::jose::jwe::header::{Agreement, Header};
use crate::jose::jwe::keys::{DecryptionKey, DecryptionKeys, Opens};
use crate::jose::jwe::{content, kdf};

/// The longest JWE that is read, in bytes ([ID-27](crate::Rule::Id27)).
pub const MAX_JWE: usize = 1 << 16;

/// A JWE in compact form, taken apart and not decrypted yet (RFC 7516 §7.1).
pub struct Jwe<'a> {
    /// The header as it came, which the tag covers too.
    aad: &'a str,
    json: Vec<u8>,
    header: Header,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Jwe<'a> {
    /// Takes a JWE apart. No key is asked for yet: what is refused here, anybody can see in the text.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-27](crate::Rule::Id27) if it is longer than [`MAX_JWE`] or has a character that a compact
    /// JWT does not have, as JSON has; [ID-43](crate::Rule::Id43) if it has not five parts; [ID-2](crate::Rule::Id2) if one
    /// is not strict base64url; [ID-52](crate::Rule::Id52) if the header is not one strict JSON object with strings in
    /// `alg` and `enc`, or has `crit`; [ID-50](crate::Rule::Id50) if it has `zip`; [ID-45](crate::Rule::Id45) for an `alg`
    /// that is never taken, and [ID-44](crate::Rule::Id44) for an unknown `enc`; [ID-47](crate::Rule::Id47) for ECDH-ES
    /// without a public `epk`, or with an `apu` or `apv` that is not base64url; [ID-48](crate::Rule::Id48) if a part has
    /// another length than the algorithms say.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        if text.len() > MAX_JWE {
            return Err(malformed(Rule::Id27, "the JWE is longer than 64 KiB"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
            return Err(malformed(Rule::Id27, "the JWE is not in compact form: it has other characters"));
        }
        let parts: Vec<&str> = text.split('.').take(6).collect();
        let &[aad, encrypted_key, iv, ciphertext, tag] = parts.as_slice() else {
            return Err(malformed(
                Rule::Id43,
                "what was agreed to be encrypted does not have five parts, as a JWE has",
            ));
        };
        let json = decode(aad)?;
        let header = Header::read(&json)?;
        let jwe = Self {
            aad,
            json,
            header,
            encrypted_key: decode(encrypted_key)?,
            iv: decode(iv)?,
            ciphertext: decode(ciphertext)?,
            tag: decode(tag)?,
        };
        jwe.has_its_lengths()?;
        Ok(jwe)
    }

    /// The header's `alg`.
    #[must_use]
    pub const fn key_algorithm(&self) -> KeyAlgorithm {
        self.header.key
    }

    /// The header's `enc`.
    #[must_use]
    pub const fn content_algorithm(&self) -> ContentAlgorithm {
        self.header.content
    }

    /// The header's `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.key_id.as_deref()
    }

    /// Decrypts it by the one key that it is for, if it is encrypted as was agreed.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-44](crate::Rule::Id44) if `alg` or `enc` is another one than was agreed on;
    /// [ID-49](crate::Rule::Id49) if it is for no key of these, or may be for several; [ID-47](crate::Rule::Id47) if `epk`
    /// is on another curve than our key, not on it at all, or of small order. For everything else, whatever it was,
    /// [ID-46](crate::Rule::Id46) in the same words.
    pub fn decrypt(self, keys: &DecryptionKeys, expected: Encryption) -> Result<Decrypted, Error> {
        if (self.header.key, self.header.content) != (expected.key(), expected.content()) {
            return Err(malformed(
                Rule::Id44,
                "the JWE is encrypted by other algorithms than were agreed on",
            ));
        }
        let key = keys.find(self.header.key, self.key_id())?;
        let content_key = self.content_key(keys, key)?;
        let plaintext = content::decrypt(
            keys.provider(),
            self.header.content,
            &content_key,
            &self.iv,
            self.aad.as_bytes(),
            &self.ciphertext,
            &self.tag,
        );
        let Some(plaintext) = plaintext else { return Err(does_not_open()) };
        Ok(Decrypted::new(self.json, self.header.content_type, plaintext))
    }

    /// The key of the content; or one that nobody knows, if what came does not unwrap.
    fn content_key(&self, keys: &DecryptionKeys, key: &DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (algorithm, content) = (self.header.key, self.header.content);
        let unwrapped = match (key.opens(), &self.header.agreement) {
            (Opens::Oaep(decrypt), None) => {
                algorithm.oaep().and_then(|hash| decrypt(hash, &self.encrypted_key))
            }
            (Opens::Agreeing(curve, agree), Some(Agreement { epk, apu, apv })) => {
                if AgreementCurve::of(epk) != Some(*curve) {
                    return Err(malformed(Rule::Id47, "epk of the JWE is on another curve than our key"));
                }
                let secret = agree(epk).filter(|secret| secret.iter().any(|byte| *byte != 0));
                let Some(secret) = secret else {
                    return Err(malformed(
                        Rule::Id47,
                        "epk of the JWE is not on its curve, or of small order",
                    ));
                };
                let Some(kek_len) = algorithm.kek_len() else {
                    return Ok(kdf::derive(&secret, content.name(), apu, apv, content.key_len()));
                };
                let kek = kdf::derive(&secret, algorithm.name(), apu, apv, kek_len);
                keys.provider().unwrap_key(&kek, &self.encrypted_key)
            }
            // A key of another kind was not found for this algorithm, so nothing comes here.
            _ => None,
        };
        Ok(key.unwrapped(unwrapped, &self.encrypted_key, content.key_len()))
    }

    /// Whether each part is as long as the algorithms say, which needs no key ([ID-48](crate::Rule::Id48)).
    fn has_its_lengths(&self) -> Result<(), Error> {
        let (key, content) = (self.header.key, self.header.content);
        if self.iv.len() != content.iv_len() || self.tag.len() != content.tag_len() {
            return Err(malformed(
                Rule::Id48,
                "the initialization vector or the tag of the JWE has another length than its enc says",
            ));
        }
        let encrypted = self.encrypted_key.len();
        let fits = match (key, key.kek_len()) {
            (KeyAlgorithm::EcdhEs, _) => encrypted == 0,
            (_, Some(_)) => encrypted == content.key_len() + 8,
            (_, None) => encrypted != 0,
        };
        if fits {
            return Ok(());
        }
        Err(malformed(Rule::Id48, "the encrypted key of the JWE has another length than its alg says"))
    }
}

impl fmt::Debug for Jwe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwe")
            .field("key_algorithm", &self.header.key)
            .field("content_algorithm", &self.header.content)
            .field("key_id", &short::option(self.key_id()))
            .finish_non_exhaustive()
    }
}

/// The one error of everything that depends on a private key ([ID-46](crate::Rule::Id46)).
fn does_not_open() -> Error {
    malformed(Rule::Id46, "the JWE does not open by its key")
}

fn decode(part: &str) -> Result<Vec<u8>, Error> {
    // This engine takes no padding, no white space and no bits left over.
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| malformed(Rule::Id2, "a part of the JWE is not strict base64url"))
}
