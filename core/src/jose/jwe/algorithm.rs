//! The algorithms of encrypted JWTs: [`KeyAlgorithm`], [`ContentAlgorithm`], and the pair that was agreed on:
//! [`Encryption`].

use std::fmt;

use crate::jose::crypto::OaepHash;
use crate::jose::public_key::{Curve, PublicKey};

/// How the key of the content reaches its recipient: `alg` of a JWE (RFC 7518 §4.1).
///
/// `RSA1_5`, `dir`, AES key wrap by a shared secret and the password-based algorithms are not among them, and cannot be
/// ([ID-45](crate::Rule::Id45)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// ECDH with an ephemeral key; what is agreed on is the key of the content (RFC 7518 §4.6).
    EcdhEs,
    /// ECDH with an ephemeral key, and AES Key Wrap with 128 bits.
    EcdhEsA128Kw,
    /// ECDH with an ephemeral key, and AES Key Wrap with 192 bits.
    EcdhEsA192Kw,
    /// ECDH with an ephemeral key, and AES Key Wrap with 256 bits.
    EcdhEsA256Kw,
    /// RSAES-OAEP with SHA-256 (RFC 7518 §4.3).
    RsaOaep256,
    /// RSAES-OAEP with SHA-1, which servers still use.
    RsaOaep,
}

impl KeyAlgorithm {
    /// Every algorithm, the stronger choice first.
    pub const ALL: &[Self] = &[
        Self::EcdhEs,
        Self::EcdhEsA256Kw,
        Self::EcdhEsA192Kw,
        Self::EcdhEsA128Kw,
        Self::RsaOaep256,
        Self::RsaOaep,
    ];

    /// The registered name, as in a header's `alg`: `ECDH-ES`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA192Kw => "ECDH-ES+A192KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::RsaOaep => "RSA-OAEP",
        }
    }

    /// The algorithm of this name, compared exactly; `None` for one that is unknown, `RSA1_5` and `dir` included.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// Whether a key is of the type and on a curve that this algorithm uses.
    #[must_use]
    pub const fn fits(self, key: &PublicKey) -> bool {
        match self {
            Self::RsaOaep256 | Self::RsaOaep => matches!(key, PublicKey::Rsa { .. }),
            _ => matches!(key, PublicKey::Ec { .. } | PublicKey::X25519 { .. }),
        }
    }

    /// Whether it agrees on a key by ECDH, so that the header has an `epk`.
    pub(crate) const fn agrees(self) -> bool {
        !matches!(self, Self::RsaOaep256 | Self::RsaOaep)
    }

    /// The hash function, where it is RSAES-OAEP.
    pub(crate) const fn oaep(self) -> Option<OaepHash> {
        match self {
            Self::RsaOaep256 => Some(OaepHash::Sha256),
            Self::RsaOaep => Some(OaepHash::Sha1),
            _ => None,
        }
    }

    /// How many bytes the key has that AES Key Wrap takes, where the algorithm wraps by one.
    pub(crate) const fn kek_len(self) -> Option<usize> {
        match self {
            Self::EcdhEsA128Kw => Some(16),
            Self::EcdhEsA192Kw => Some(24),
            Self::EcdhEsA256Kw => Some(32),
            _ => None,
        }
    }
}

/// The registered name.
impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the content is encrypted: `enc` of a JWE (RFC 7518 §5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ContentAlgorithm {
    /// AES-CBC with 128 bits and HMAC with SHA-256: what holds where nothing was registered (OpenID Connect Registration §2).
    #[default]
    A128CbcHs256,
    /// AES-CBC with 192 bits and HMAC with SHA-384.
    A192CbcHs384,
    /// AES-CBC with 256 bits and HMAC with SHA-512.
    A256CbcHs512,
    /// AES-GCM with 128 bits.
    A128Gcm,
    /// AES-GCM with 192 bits.
    A192Gcm,
    /// AES-GCM with 256 bits.
    A256Gcm,
}

impl ContentAlgorithm {
    /// Every algorithm.
    pub const ALL: &[Self] = &[
        Self::A128CbcHs256,
        Self::A192CbcHs384,
        Self::A256CbcHs512,
        Self::A128Gcm,
        Self::A192Gcm,
        Self::A256Gcm,
    ];

    /// The registered name, as in a header's `enc`: `A128CBC-HS256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The algorithm of this name, compared exactly.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// How many bytes the key of the content has (RFC 7518 §5.2.3 to §5.3).
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
        }
    }

    /// How many bytes the initialization vector has.
    pub(crate) const fn iv_len(self) -> usize {
        if self.is_gcm() { 12 } else { 16 }
    }

    /// How many bytes the tag has.
    pub(crate) const fn tag_len(self) -> usize {
        if self.is_gcm() { 16 } else { self.key_len() / 2 }
    }

    const fn is_gcm(self) -> bool {
        matches!(self, Self::A128Gcm | Self::A192Gcm | Self::A256Gcm)
    }
}

/// The registered name.
impl fmt::Display for ContentAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was registered for one kind of message, such as `id_token_encrypted_response_alg` and `…_enc`: both algorithms,
/// exactly ([ID-44](crate::Rule::Id44)).
///
/// ```
/// use valetkey_core::jose::jwe::{ContentAlgorithm, Encryption, KeyAlgorithm};
///
/// // Where only `alg` is registered, `enc` is A128CBC-HS256 (OpenID Connect Registration §2).
/// let registered = Encryption::new(KeyAlgorithm::EcdhEs);
/// assert_eq!(registered.content(), ContentAlgorithm::A128CbcHs256);
/// assert_eq!(registered.with(ContentAlgorithm::A256Gcm).content().name(), "A256GCM");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Encryption {
    key: KeyAlgorithm,
    content: ContentAlgorithm,
}

impl Encryption {
    /// This `alg`, with the `enc` that holds where none is registered: `A128CBC-HS256`.
    #[must_use]
    pub const fn new(key: KeyAlgorithm) -> Self {
        Self { key, content: ContentAlgorithm::A128CbcHs256 }
    }

    /// The same with this `enc`.
    #[must_use]
    pub const fn with(mut self, content: ContentAlgorithm) -> Self {
        self.content = content;
        self
    }

    /// The algorithm of the key, `alg`.
    #[must_use]
    pub const fn key(self) -> KeyAlgorithm {
        self.key
    }

    /// The algorithm of the content, `enc`.
    #[must_use]
    pub const fn content(self) -> ContentAlgorithm {
        self.content
    }
}

/// A curve on which ECDH-ES agrees (RFC 7518 §4.6.1.1, RFC 8037 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AgreementCurve {
    /// X25519.
    X25519,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

impl AgreementCurve {
    /// Every curve.
    pub const ALL: &[Self] = &[Self::X25519, Self::P256, Self::P384, Self::P521];

    /// The curve of a key, if it agrees on keys.
    pub(crate) const fn of(key: &PublicKey) -> Option<Self> {
        match key {
            PublicKey::X25519 { .. } => Some(Self::X25519),
            PublicKey::Ec { curve, .. } => Some(match curve {
                Curve::P256 => Self::P256,
                Curve::P384 => Self::P384,
                Curve::P521 => Self::P521,
            }),
            _ => None,
        }
    }
}
