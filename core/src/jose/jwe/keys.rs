//! The private keys of a client, to which servers encrypt: [`DecryptionKeys`].

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::{Choice, ConditionallySelectable as _};
use zeroize::Zeroizing;

use crate::ground::error::{Error, malformed, misuse, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::jose::crypto::{Agree, CryptoProvider, EncryptionProvider, OaepDecrypt, PrivateKey};
use crate::jose::jwe::algorithm::{AgreementCurve, KeyAlgorithm};
use crate::jose::jwe::fresh;
use crate::jose::jwk::Jwk;
use crate::jose::jwk_set::JwkSet;
use crate::jose::private_jwk::PrivateJwk;

/// The private keys that this program decrypts with, parsed once; and, beside them, the public set that its servers are to
/// read ([`published`](Self::published)). Cheap to clone. It prints the names of its keys and nothing else of them.
///
/// # Rotation
///
/// A server picks the key itself, from the set that it read last. So a key is replaced in two steps, and no token is lost
/// (OpenID Connect Core §10.2.1, [JK-4](crate::Rule::Jk4)):
///
/// 1. The new key is announced, and the old one kept as retired: it is in the published set no more, and still decrypts.
/// 2. The retired key goes when every token made for it may have arrived: after the `max-age` of the published set, and the
///    time that the slowest message of a server is on its way.
///
/// Each key has a `kid` of its own, which no other key ever has again.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// use valetkey_core::Entropy;
/// use valetkey_core::jose::jwe::{AgreementCurve, DecryptionKeys};
/// use valetkey_core::jose::{PrivateJwk, RustCrypto};
///
/// let key = |kid: &str, seed| {
///     let entropy = Entropy::from_seed(seed);
///     PrivateJwk::generate_for_encryption(&RustCrypto, AgreementCurve::X25519, entropy)
///         .map(|key| key.with_key_id(kid))
/// };
/// let (old, new) = (key("2026-10", [1; 32])?, key("2026-11", [2; 32])?);
/// let keys = DecryptionKeys::new(&RustCrypto, &[new], &[old])?;
///
/// let published = serde_json::to_value(keys.published()).unwrap();
/// assert_eq!(published["keys"].as_array().unwrap().len(), 1);
/// assert_eq!((&published["keys"][0]["kid"], &published["keys"][0]["use"]), (&"2026-11".into(), &"enc".into()));
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct DecryptionKeys(Arc<Inner>);

struct Inner {
    provider: Arc<dyn EncryptionProvider>,
    /// Those that are announced come first.
    keys: Vec<DecryptionKey>,
    announced: usize,
}

/// One private key.
pub(crate) struct DecryptionKey {
    public: Jwk,
    opens: Opens,
    substitutes: Hmac<Sha256>,
}

/// What the key does, by its kind.
pub(crate) enum Opens {
    Agreeing(AgreementCurve, Agree),
    Oaep(OaepDecrypt),
}

impl DecryptionKeys {
    /// Parses the keys: those that are announced, the newest first, and those that are retired and still decrypt.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if there is no key to announce, if one is for signatures, contradicts itself or is of a kind that
    /// the provider does not decrypt with: the pure-Rust provider has no decryption by RSA. With
    /// [JK-4](crate::Rule::Jk4), if two keys have one `kid`, or one of several has none.
    pub fn new(
        provider: &dyn CryptoProvider,
        announced: &[PrivateJwk],
        retired: &[PrivateJwk],
    ) -> Result<Self, Error> {
        if announced.is_empty() {
            return Err(misuse("no private JWK was given to announce: without one, no server can encrypt"));
        }
        let provider = provider.encryption().ok_or_else(fresh::lacking)?;
        let mut keys: Vec<DecryptionKey> = Vec::with_capacity(announced.len() + retired.len());
        let is_one_of_several = announced.len() + retired.len() > 1;
        for key in announced.iter().chain(retired) {
            let key_id = key.key_id();
            if is_one_of_several && key_id.is_none() {
                return Err(misuse_of(
                    Rule::Jk4,
                    "one of several private JWKs has no kid: give each one of its own",
                ));
            }
            if keys.iter().any(|known| is_one_of_several && known.public.key_id() == key_id) {
                return Err(misuse_of(
                    Rule::Jk4,
                    "two private JWKs have the same kid: a kid is never used again",
                ));
            }
            keys.push(parsed(&*provider, key)?);
        }
        Ok(Self(Arc::new(Inner { provider, keys, announced: announced.len() })))
    }

    /// The public keys that are announced, each with `"use":"enc"`: what goes into the client's published set, beside the
    /// keys that it signs with. It never has a private member.
    #[must_use]
    pub fn published(&self) -> JwkSet {
        JwkSet::of(self.0.keys.iter().take(self.0.announced).map(|key| key.public.clone()))
    }

    /// Whether a server can encrypt to one of them by this algorithm.
    pub(crate) fn announces(&self, algorithm: KeyAlgorithm) -> bool {
        self.0.keys.iter().take(self.0.announced).any(|key| key.public.encrypts(algorithm))
    }

    pub(crate) fn provider(&self) -> &dyn EncryptionProvider {
        &*self.0.provider
    }

    /// The key that a JWE is for ([ID-49](crate::Rule::Id49)): the one that it names, if it names one. No other is tried.
    pub(crate) fn find(
        &self,
        algorithm: KeyAlgorithm,
        key_id: Option<&str>,
    ) -> Result<&DecryptionKey, Error> {
        let is_named = |key: &&DecryptionKey| key_id.is_none() || key.public.key_id() == key_id;
        let mut keys = self.0.keys.iter().filter(|key| key.public.encrypts(algorithm)).filter(is_named);
        match (keys.next(), keys.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => {
                Err(malformed(Rule::Id49, "the JWE is for none of the private keys that are known here"))
            }
            _ => Err(malformed(
                Rule::Id49,
                "the JWE does not say by kid which of several private keys it is for",
            )),
        }
    }
}

impl fmt::Debug for DecryptionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<&str> = self.0.keys.iter().filter_map(|key| key.public.key_id()).collect();
        f.debug_struct("DecryptionKeys")
            .field("announced", &self.0.announced)
            .field("keys", &self.0.keys.len())
            .field("named", &short::list(&named))
            .finish()
    }
}

impl DecryptionKey {
    pub(crate) const fn opens(&self) -> &Opens {
        &self.opens
    }

    /// What was unwrapped, if it is a key of this length, and else one that nobody knows; with one path for both, so that
    /// only the tag of the content tells them apart, and that tells nothing of the unwrapping
    /// ([ID-46](crate::Rule::Id46), RFC 7516 §11.5).
    ///
    /// The key that nobody knows is a keyed hash of the encrypted key, under a secret of this private key, and is made
    /// every time. Against randomness that a program hands over this has three advantages: no program can hand over the
    /// same twice; the same JWE fails in the same way however often it is sent, so that repeating it teaches nothing; and
    /// decrypting asks for no argument that honest input never uses.
    pub(crate) fn unwrapped(
        &self,
        unwrapped: Option<Zeroizing<Vec<u8>>>,
        encrypted: &[u8],
        length: usize,
    ) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new(Vec::with_capacity(64));
        for block in 0_u8..2 {
            let mac = self.substitutes.clone().chain_update([block]).chain_update(encrypted);
            key.extend_from_slice(&mac.finalize().into_bytes());
        }
        key.truncate(length);
        let unwrapped = unwrapped.unwrap_or_default();
        let is_right = Choice::from(u8::from(unwrapped.len() == length));
        // Where the lengths differ, what is looked at does not matter, as long as it is as much.
        for (place, byte) in key.iter_mut().enumerate() {
            let unwrapped = unwrapped.get(place).copied().unwrap_or_default();
            byte.conditional_assign(&unwrapped, is_right);
        }
        key
    }
}

fn parsed(provider: &dyn EncryptionProvider, key: &PrivateJwk) -> Result<DecryptionKey, Error> {
    if !key.may_decrypt() {
        return Err(misuse("the private JWK is for signatures, and a key for encryption is needed"));
    }
    let numbers = key.numbers()?;
    let rejected = |error: crate::jose::crypto::KeyRejected| misuse(error.to_string());
    let (opens, public) = if let PrivateKey::Rsa(numbers) = numbers {
        let (decrypt, public) = provider.oaep_decrypter(numbers).map_err(rejected)?;
        (Opens::Oaep(decrypt), public)
    } else {
        let (agree, public) = provider.agreement(numbers).map_err(rejected)?;
        let curve = AgreementCurve::of(&public).ok_or_else(|| {
            misuse("the private JWK is of a kind that only signs, and a key for encryption is needed")
        })?;
        (Opens::Agreeing(curve, agree), public)
    };
    let jwk = key.public().for_encryption(key.key_algorithm());
    if *jwk.key() != public {
        return Err(misuse("the private and public parts of the private JWK do not belong together"));
    }
    if key.key_algorithm().is_some_and(|algorithm| !algorithm.fits(&public)) {
        return Err(misuse("the private JWK is bound to an algorithm that needs another kind of key"));
    }
    // A uniform seed of its own, so that the private number itself keys one hash only.
    let seed = Hmac::<Sha256>::new_from_slice(key.d()).map(|mac| {
        mac.chain_update("jwe: in the place of a key that does not unwrap").finalize().into_bytes()
    });
    let substitutes = seed.and_then(|seed| Hmac::new_from_slice(&Zeroizing::new(seed.to_vec())));
    let substitutes =
        substitutes.map_err(|_| misuse("the private JWK cannot be used as the key of an HMAC"))?;
    Ok(DecryptionKey { public: jwk, opens, substitutes })
}
