//! What signs: [`Signer`], and the keys this process holds itself: [`KeyPair`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::rule::Rule;
use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::{CryptoProvider, PrivateKey, Sign, SignerError};
use crate::jose::hmac;
use crate::jose::jwk::Jwk;
use crate::jose::kind;
use crate::jose::private_jwk::PrivateJwk;

/// One key that signs with one algorithm, wherever the key is: in this process, in an HSM, in a cloud's key service.
///
/// Three functions are enough; a key in a hardware module is a struct with a session and these three. A key that
/// cannot answer at once returns [`Signed::Pending`]; see [the module](crate::jose#keys-that-answer-later).
pub trait Signer: Send + Sync {
    /// The algorithm it signs with.
    fn algorithm(&self) -> Algorithm;

    /// The public key, with the identifier that the server knows it by; `None` for a secret.
    fn public_key(&self) -> Option<&Jwk>;

    /// Signs the message, in JOSE's form of a signature (RFC 7518 §3.4: for ECDSA both numbers, big-endian).
    ///
    /// Asked again with the same message, it gives a signature of that message, or the same outcome of the first
    /// asking: a flow that was stepped twice asks twice.
    ///
    /// # Errors
    ///
    /// [`SignerError`] if the key will not sign this.
    fn sign(&self, message: &[u8]) -> Result<Signed<Vec<u8>>, SignerError>;
}

/// What came of asking for a signature. There are no other arms, so that a host which handles both handles all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a signature may be pending"]
pub enum Signed<T> {
    /// It is here.
    Ready(T),
    /// It is being made: ask again, with the same message, after this time.
    Pending(Duration),
}

impl<T> Signed<T> {
    /// How long to wait for it, if it is not here.
    pub(crate) fn pending(&self) -> Option<Duration> {
        match self {
            Self::Ready(_) => None,
            Self::Pending(time) => Some(*time),
        }
    }

    /// The signed value of a key that answers at once.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is pending: this place cannot wait.
    pub fn ready(self) -> Result<T, Error> {
        match self {
            Self::Ready(signed) => Ok(signed),
            Self::Pending(_) => Err(misuse(
                "the key answers later, and its signature is needed at once here: use a key that signs at \
                 once",
            )),
        }
    }
}

/// A key in this process's memory: an asymmetric one of a [`CryptoProvider`], or a secret for HMAC.
///
/// Cheap to clone. The provider that parsed it wipes it from memory when the last clone is dropped; prints its algorithm
/// and public key only.
#[derive(Clone)]
pub struct KeyPair(Arc<Inner>);

struct Inner {
    algorithm: Algorithm,
    public: Option<Jwk>,
    sign: Sign,
}

impl KeyPair {
    /// Parses a private key for one algorithm.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the key is for encryption, is bound to another algorithm, does not fit it, or contradicts itself.
    pub fn new(provider: &dyn CryptoProvider, algorithm: Algorithm, key: &PrivateJwk) -> Result<Self, Error> {
        if !key.may_sign() {
            return Err(misuse("the private JWK is for encryption, and a key for signatures is needed"));
        }
        if let Some(bound) = key.algorithm().filter(|bound| *bound != algorithm) {
            return Err(misuse(format!("the private JWK is for {bound}, and {algorithm} was asked for")));
        }
        Self::import(provider, algorithm, key.numbers()?, key.key_id())
    }

    /// Parses an unencrypted private key in PKCS#8's DER (RFC 5208, RFC 5958).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is of another form, or does not fit the algorithm.
    pub fn from_pkcs8(
        provider: &dyn CryptoProvider,
        algorithm: Algorithm,
        der: &[u8],
    ) -> Result<Self, Error> {
        Self::import(provider, algorithm, PrivateKey::Pkcs8(der), None)
    }

    /// Parses an unencrypted private key in PEM, `-----BEGIN PRIVATE KEY-----` (RFC 7468 §10).
    ///
    /// # Errors
    ///
    /// As [`from_pkcs8`](Self::from_pkcs8), and [`Error::Misuse`] for any other label: a key in an older form is
    /// converted with `openssl pkcs8 -topk8 -nocrypt`.
    pub fn from_pem(provider: &dyn CryptoProvider, algorithm: Algorithm, pem: &str) -> Result<Self, Error> {
        let base64 = pem
            .split_once("-----BEGIN PRIVATE KEY-----")
            .and_then(|(_, rest)| rest.split_once("-----END PRIVATE KEY-----"))
            .map(|(base64, _)| base64)
            .ok_or_else(|| misuse(kind::no_private_key(pem)))?;
        // As long as it can get from the start, so that no smaller copy stays behind.
        let mut text = Zeroizing::new(String::with_capacity(base64.len()));
        base64.split_ascii_whitespace().for_each(|line| text.push_str(line));
        let der = STANDARD
            .decode(text.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| misuse("the PEM is not base64"))?;
        Self::from_pkcs8(provider, algorithm, &der)
    }

    /// Takes a secret as the key of an HMAC. For `client_secret_jwt` it is the UTF-8 of the client secret (OpenID
    /// Connect Core §10.1).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the algorithm is not an HMAC, and ([CA-5](crate::Rule::Ca5)) if the secret has fewer bytes than
    /// the hash.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Error> {
        let key = hmac::key(algorithm, secret)?;
        let sign: Sign = Box::new(move |message| Ok(key.tag(message)));
        Ok(Self(Arc::new(Inner { algorithm, public: None, sign })))
    }

    /// The same key under the identifier that the server knows it by. A secret has none.
    #[must_use]
    pub fn with_key_id(self, key_id: impl Into<String>) -> Self {
        let Inner { algorithm, public, sign } = match Arc::try_unwrap(self.0) {
            Ok(inner) => inner,
            Err(shared) => Inner {
                algorithm: shared.algorithm,
                public: shared.public.clone(),
                sign: Box::new(move |message| (shared.sign)(message)),
            },
        };
        let public = public.map(|jwk| jwk.with_key_id(key_id));
        Self(Arc::new(Inner { algorithm, public, sign }))
    }

    fn import(
        provider: &dyn CryptoProvider,
        algorithm: Algorithm,
        key: PrivateKey<'_>,
        key_id: Option<&str>,
    ) -> Result<Self, Error> {
        let mismatch = kind::mismatch(algorithm, &key);
        let (sign, public) = provider
            .signer(algorithm, key)
            .map_err(|error| misuse(mismatch.unwrap_or_else(|| error.to_string())))?;
        if !algorithm.fits(&public) {
            return Err(misuse(format!("the key does not fit {algorithm}")));
        }
        crate::jose::jwk::check(&public).map_err(|what| misuse_of(Rule::Id7, what))?;
        let mut jwk = Jwk::new(public).with_algorithm(algorithm);
        if let Some(key_id) = key_id {
            jwk = jwk.with_key_id(key_id);
        }
        Ok(Self(Arc::new(Inner { algorithm, public: Some(jwk), sign })))
    }
}

impl Signer for KeyPair {
    fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    fn public_key(&self) -> Option<&Jwk> {
        self.0.public.as_ref()
    }

    fn sign(&self, message: &[u8]) -> Result<Signed<Vec<u8>>, SignerError> {
        (self.0.sign)(message).map(Signed::Ready)
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("algorithm", &self.0.algorithm)
            .field("public", &self.0.public)
            .finish_non_exhaustive()
    }
}
