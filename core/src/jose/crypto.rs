//! What cryptography has to do for JOSE, so that an application can pick who does it: [`CryptoProvider`].

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::jose::algorithm::Algorithm;
use crate::jose::public_key::{Curve, PublicKey};

/// Who does the arithmetic of the asymmetric algorithms.
///
/// Core ships two, each behind a feature: `AwsLc` and `RustCrypto`. An application that must use another library, a
/// certified one for instance, implements these three functions. HMAC is core's own: it hashes in any case.
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

/// The cryptography that the library was built with: AWS-LC if there is a choice, which is the faster.
#[allow(unreachable_code, reason = "each feature has its own answer")]
pub(crate) fn built_in() -> Option<Arc<dyn CryptoProvider>> {
    #[cfg(feature = "aws-lc-rs")]
    return Some(Arc::new(crate::jose::aws_lc::AwsLc));
    #[cfg(feature = "rust-crypto")]
    return Some(Arc::new(crate::jose::rust_crypto::RustCrypto));
    None
}
