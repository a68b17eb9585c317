//! What cryptography has to do for JOSE, so that an application can pick who does it: [`CryptoProvider`].

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::jose::algorithm::Algorithm;
use crate::jose::public_key::{Curve, PublicKey};

/// Who does the arithmetic of the asymmetric algorithms.
///
/// Core ships two, each behind a feature: `AwsLc` and `RustCrypto`. An application that must use another library, a
/// certified one for instance, implements three functions, and a fourth if it encrypts too. HMAC is core's own: it hashes in
/// any case.
///
/// A key is parsed once, into a function that is called once per signature. Whatever a provider is given has passed
/// core's checks of form: lengths of coordinates, the size of an RSA modulus, the oddness of its exponent, that an Ed25519
/// key is written in its canonical form and is not of small order.
pub trait CryptoProvider: Send + Sync {
    /// The algorithms it has, the preferred one first. None of them is symmetric.
    fn algorithms(&self) -> &[Algorithm];

    /// Parses a public key for one algorithm.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`] for an algorithm it lacks or that does not fit the key, and for a point that is not on its curve
    /// ([ID-7](crate::Rule::Id7)).
    fn verifier(&self, algorithm: Algorithm, key: &PublicKey) -> Result<Verify, KeyRejected>;

    /// Parses a private key for one algorithm, and says what its public key is.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`] for an algorithm it lacks or that does not fit the key, and for a key whose parts contradict
    /// each other.
    fn signer(&self, algorithm: Algorithm, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected>;

    /// What it does for encrypted JWTs, if it does; `None` where it signs and verifies only.
    fn encryption(&self) -> Option<Arc<dyn EncryptionProvider>> {
        None
    }
}

/// The arithmetic of encrypted JWTs ([`jwe`](crate::jose::jwe)). What is made of it, and in which order, is core's: the
/// derivation of keys, HMAC beside CBC, what is checked before what.
///
/// `None` says that something failed, and never what. Every key of AES has 16, 24 or 32 bytes.
pub trait EncryptionProvider: Send + Sync {
    /// Parses a private key of ECDH, on one of the curves or X25519, and says what its public key is.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`] for a key of another kind, or a number that is no key.
    fn agreement(&self, key: PrivateKey<'_>) -> Result<(Agree, PublicKey), KeyRejected>;

    /// Parses a private RSA key, and says what its public key is.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`] for a key whose parts contradict each other, and for any key if the provider cannot decrypt by RSA
    /// in a time that does not depend on the key.
    fn oaep_decrypter(&self, key: RsaPrivateKey<'_>) -> Result<(OaepDecrypt, PublicKey), KeyRejected>;

    /// Parses a public RSA key.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`] for a key of another kind, or numbers that are no key.
    fn oaep_encrypter(&self, key: &PublicKey) -> Result<OaepEncrypt, KeyRejected>;

    /// Wraps a key by AES Key Wrap with its default initial value (RFC 3394 §2.2.1).
    fn wrap_key(&self, kek: &[u8], key: &[u8]) -> Option<Vec<u8>>;

    /// Unwraps a key, if its check value is right (RFC 3394 §2.2.2).
    fn unwrap_key(&self, kek: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>>;

    /// Encrypts by AES-GCM; the tag of 16 bytes comes after the ciphertext (RFC 5116 §5.1).
    fn gcm_encrypt(&self, key: &[u8], iv: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Option<Vec<u8>>;

    /// Decrypts by AES-GCM, if the tag after the ciphertext is right.
    fn gcm_decrypt(
        &self,
        key: &[u8],
        iv: &[u8; 12],
        aad: &[u8],
        ciphertext_and_tag: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>>;

    /// Encrypts by AES-CBC with the padding of PKCS #7 (RFC 5652 §6.3).
    fn cbc_encrypt(&self, key: &[u8], iv: &[u8; 16], plaintext: &[u8]) -> Option<Vec<u8>>;

    /// Decrypts by AES-CBC and takes the padding away. Core has checked the HMAC before it asks.
    fn cbc_decrypt(&self, key: &[u8], iv: &[u8; 16], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>>;
}

/// Agrees with a public key on a secret: the first coordinate of the common point, as long as the curve says, or what
/// X25519 gives. `None` for a key of another curve, or a point that is not on it ([ID-47](crate::Rule::Id47)).
pub type Agree = Box<dyn Fn(&PublicKey) -> Option<Zeroizing<Vec<u8>>> + Send + Sync>;

/// Decrypts by RSAES-OAEP with an empty label. `None` if the padding is not right.
pub type OaepDecrypt = Box<dyn Fn(OaepHash, &[u8]) -> Option<Zeroizing<Vec<u8>>> + Send + Sync>;

/// Encrypts by RSAES-OAEP with an empty label. A provider without a generator of its own makes the padding of the seed,
/// which is new for each call; one that has a generator may leave the seed out.
pub type OaepEncrypt = Box<dyn Fn(OaepHash, &[u8], &[u8; 32]) -> Option<Vec<u8>> + Send + Sync>;

/// The hash function of RSAES-OAEP, for its label and its mask (RFC 7518 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OaepHash {
    /// SHA-1, as in `RSA-OAEP`.
    Sha1,
    /// SHA-256, as in `RSA-OAEP-256`.
    Sha256,
}

/// Whether a signature (second argument) is one of a message (first), made with the key that this function holds.
///
/// ECDSA signatures come as JOSE has them: both numbers in big-endian bytes of the curve's length (RFC 7518 §3.4). A
/// signature of another length is no signature.
pub type Verify = Box<dyn Fn(&[u8], &[u8]) -> bool + Send + Sync>;

/// Signs a message with the private key that this function holds, in JOSE's form of a signature.
pub type Sign = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, SignerError> + Send + Sync>;

/// The numbers of a private key, as a provider is shown them for a moment. Prints its kind alone.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum PrivateKey<'a> {
    /// A number for an elliptic curve.
    Ec {
        /// The curve.
        curve: Curve,
        /// The secret number, as long as the curve says.
        d: &'a [u8],
        /// The point that belongs to it, to be compared, where the key's source names it.
        public: Option<&'a PublicKey>,
    },
    /// An Ed25519 key.
    Ed25519 {
        /// The secret seed.
        d: &'a [u8; 32],
        /// The public key that belongs to it, to be compared, where the key's source names it.
        public: Option<&'a PublicKey>,
    },
    /// An X25519 key.
    X25519 {
        /// The secret number.
        d: &'a [u8; 32],
        /// The public key that belongs to it, to be compared, where the key's source names it.
        public: Option<&'a PublicKey>,
    },
    /// An RSA key of two primes.
    Rsa(RsaPrivateKey<'a>),
    /// A key in PKCS#8's DER (RFC 5208), of whatever kind the algorithm asks for.
    Pkcs8(&'a [u8]),
}

/// The numbers of a private RSA key, big-endian (RFC 7518 §6.3.2). Prints nothing of itself.
#[derive(Clone, Copy)]
pub struct RsaPrivateKey<'a> {
    pub(crate) n: &'a [u8],
    pub(crate) e: &'a [u8],
    pub(crate) d: &'a [u8],
    pub(crate) p: &'a [u8],
    pub(crate) q: &'a [u8],
    pub(crate) dp: &'a [u8],
    pub(crate) dq: &'a [u8],
    pub(crate) qi: &'a [u8],
}

impl<'a> RsaPrivateKey<'a> {
    /// The modulus.
    #[must_use]
    pub const fn n(&self) -> &'a [u8] {
        self.n
    }

    /// The public exponent.
    #[must_use]
    pub const fn e(&self) -> &'a [u8] {
        self.e
    }

    /// The private exponent.
    #[must_use]
    pub const fn d(&self) -> &'a [u8] {
        self.d
    }

    /// The first prime.
    #[must_use]
    pub const fn p(&self) -> &'a [u8] {
        self.p
    }

    /// The second prime.
    #[must_use]
    pub const fn q(&self) -> &'a [u8] {
        self.q
    }

    /// The first prime's exponent, `d` modulo `p - 1`.
    #[must_use]
    pub const fn dp(&self) -> &'a [u8] {
        self.dp
    }

    /// The second prime's exponent, `d` modulo `q - 1`.
    #[must_use]
    pub const fn dq(&self) -> &'a [u8] {
        self.dq
    }

    /// The coefficient: the inverse of `q` modulo `p`.
    #[must_use]
    pub const fn qi(&self) -> &'a [u8] {
        self.qi
    }
}

impl fmt::Debug for PrivateKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ec { .. } => "Ec(<secret>)",
            Self::Ed25519 { .. } => "Ed25519(<secret>)",
            Self::X25519 { .. } => "X25519(<secret>)",
            Self::Rsa(_) => "Rsa(<secret>)",
            Self::Pkcs8(_) => "Pkcs8(<secret>)",
        })
    }
}

impl fmt::Debug for RsaPrivateKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPrivateKey(<secret>)")
    }
}

/// Why a provider does not take a key. Tells nothing of the key's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRejected(Cow<'static, str>);

impl KeyRejected {
    /// A reason in a few lower-case words, without anything of the key.
    #[must_use]
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }

    /// The provider does not support the algorithm, or it does not fit the key.
    #[must_use]
    pub fn unfit() -> Self {
        Self::new("the algorithm does not fit the key, or the provider lacks it")
    }
}

impl std::error::Error for KeyRejected {}

impl fmt::Display for KeyRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key is not usable: {}", self.0)
    }
}

/// Why a key did not sign: the hardware is gone, the service said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerError(Cow<'static, str>);

impl SignerError {
    /// A reason in a few lower-case words, without anything of the key.
    #[must_use]
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}

impl std::error::Error for SignerError {}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key did not sign: {}", self.0)
    }
}
