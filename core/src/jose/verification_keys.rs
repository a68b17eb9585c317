//! Parsed keys that verify: [`VerificationKeys`].

use std::fmt;
use std::sync::Arc;

use crate::ground::error::{Error, malformed, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::{CryptoProvider, EncryptionProvider, Verify};
use crate::jose::jwe::encrypted::no_recipient;
use crate::jose::jwe::{Encryption, EncryptionKey, KeyAlgorithm};
use crate::jose::jwk::Jwk;
use crate::jose::jwk_set::JwkSet;
use crate::jose::{hmac, jwk};

/// The keys of one issuer, parsed once for the algorithms that were agreed on with it, and used for any number of
/// JWTs. Cheap to clone.
///
/// The algorithms are pinned here ([ID-4](crate::Rule::Id4)): what a JWT says of its own algorithm only chooses among them.
#[derive(Clone)]
pub struct VerificationKeys {
    algorithms: Arc<[Algorithm]>,
    keys: Arc<[VerificationKey]>,
    /// The keys of the same issuer to which others encrypt, and what encrypts.
    recipients: Option<Arc<Recipients>>,
}

struct Recipients {
    provider: Arc<dyn EncryptionProvider>,
    set: JwkSet,
}

/// One key, parsed for one algorithm.
pub(crate) struct VerificationKey {
    key_id: Option<String>,
    issuer: Option<Arc<str>>,
    algorithm: Algorithm,
    verify: Verify,
}

impl VerificationKey {
    /// Whose it is, where it says so.
    pub(crate) const fn issuer(&self) -> Option<&Arc<str>> {
        self.issuer.as_ref()
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        (self.verify)(message, signature)
    }
}

impl VerificationKeys {
    /// Parses what fits out of a published set. A key that the provider rejects (a point off its curve) is left out, as
    /// [`JwkSet`] leaves out what is malformed ([JK-1](crate::Rule::Jk1)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ID-4](crate::Rule::Id4)) for an algorithm of HMAC, whose key nobody publishes, or one that the
    /// provider lacks.
    pub fn new(provider: &dyn CryptoProvider, algorithms: &[Algorithm], set: &JwkSet) -> Result<Self, Error> {
        let algorithms = pinned(provider, algorithms)?;
        let keys = algorithms
            .iter()
            .flat_map(|algorithm| set.keys().iter().map(move |jwk| (*algorithm, jwk)))
            .filter(|(algorithm, jwk)| jwk.verifies(*algorithm))
            .filter_map(|(algorithm, jwk)| parsed(provider, algorithm, jwk).ok())
            .collect();
        let recipients = Recipients::of(provider, set).map(Arc::new);
        Ok(Self { algorithms: algorithms.into(), keys, recipients })
    }

    /// Parses one key that was come by some other way.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Error::Malformed`]: [ID-6](crate::Rule::Id6) if the key does not verify by any of the
    /// algorithms, [ID-7](crate::Rule::Id7) if the provider rejects it.
    pub fn one(provider: &dyn CryptoProvider, algorithms: &[Algorithm], jwk: &Jwk) -> Result<Self, Error> {
        let algorithms = pinned(provider, algorithms)?;
        let keys = algorithms
            .iter()
            .filter(|algorithm| jwk.verifies(**algorithm))
            .map(|algorithm| parsed(provider, *algorithm, jwk))
            .collect::<Result<Arc<[_]>, _>>()?;
        if keys.is_empty() {
            return Err(malformed(Rule::Id6, "the key is not for verifying by any of the algorithms"));
        }
        Ok(Self { algorithms: algorithms.into(), keys, recipients: None })
    }

    /// Takes a secret, for what was registered to be signed with it: the UTF-8 of the client secret (OpenID Connect Core
    /// §10.1). Nothing but this makes HMAC acceptable ([ID-4](crate::Rule::Id4)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the algorithm is not an HMAC ([ID-4](crate::Rule::Id4)) or the secret is too short for it
    /// ([CA-5](crate::Rule::Ca5)).
    pub fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Error> {
        let key = hmac::key(algorithm, secret)?;
        let verify: Verify = Box::new(move |message, tag| key.verify(message, tag));
        let key = VerificationKey { key_id: None, issuer: None, algorithm, verify };
        Ok(Self { algorithms: Arc::new([algorithm]), keys: Arc::new([key]), recipients: None })
    }

    /// Whether one of the issuer's keys is for what is encrypted so.
    pub(crate) fn receives(&self, encryption: Encryption) -> bool {
        let set = self.recipients.as_ref().map(|recipients| recipients.set.keys());
        set.is_some_and(|keys| keys.iter().any(|key| key.encrypts(encryption.key())))
    }

    /// The issuer's key for what is encrypted to it so ([AQ-29](crate::Rule::Aq29)).
    pub(crate) fn recipient(&self, encryption: Encryption) -> Result<EncryptionKey, Error> {
        let Some(Recipients { provider, set }) = self.recipients.as_deref() else {
            return Err(no_recipient(encryption));
        };
        EncryptionKey::chosen(Arc::clone(provider), encryption, set)
    }

    pub(crate) fn expected(&self, name: &str) -> Result<Algorithm, Error> {
        let expected = self.algorithms.iter().copied().find(|algorithm| algorithm.name() == name);
        expected.ok_or_else(|| malformed(Rule::Id4, "the algorithm of the JWT is not one of those agreed on"))
    }

    /// The key that fits ([ID-6](crate::Rule::Id6)): the one that is named, or else the one without a name. A type, curve,
    /// use and operations that do not fit have kept a key out of this value.
    pub(crate) fn find(
        &self,
        algorithm: Algorithm,
        key_id: Option<&str>,
    ) -> Result<Option<&VerificationKey>, Error> {
        let only = |fits: &dyn Fn(&VerificationKey) -> bool| {
            let mut keys = self.keys.iter().filter(|key| key.algorithm == algorithm && fits(key));
            match (keys.next(), keys.next()) {
                (_, Some(_)) => Err(malformed(Rule::Id6, "several keys fit the JWT")),
                (key, None) => Ok(key),
            }
        };
        let Some(key_id) = key_id else {
            return only(&|_| true);
        };
        match only(&|key| key.key_id.as_deref() == Some(key_id))? {
            Some(key) => Ok(Some(key)),
            None => only(&|key| key.key_id.is_none()),
        }
    }
}

impl Recipients {
    /// Those keys of a set that are for encryption; `None` if there are none, or nothing here encrypts.
    fn of(provider: &dyn CryptoProvider, set: &JwkSet) -> Option<Self> {
        let encrypts = |key: &&Jwk| KeyAlgorithm::ALL.iter().any(|algorithm| key.encrypts(*algorithm));
        let set = JwkSet::of(set.keys().iter().filter(encrypts).cloned());
        if set.keys().is_empty() { None } else { Some(Self { provider: provider.encryption()?, set }) }
    }
}

impl fmt::Debug for VerificationKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<&str> = self.keys.iter().filter_map(|key| key.key_id.as_deref()).collect();
        f.debug_struct("VerificationKeys")
            .field("algorithms", &self.algorithms)
            .field("keys", &self.keys.len())
            .field("named", &short::list(&named))
            .finish()
    }
}

/// The algorithms, each once: one that is named twice is no second key.
fn pinned(provider: &dyn CryptoProvider, algorithms: &[Algorithm]) -> Result<Vec<Algorithm>, Error> {
    let mut pinned = Vec::with_capacity(algorithms.len());
    for algorithm in algorithms {
        if algorithm.is_symmetric() {
            let what = format!("{algorithm} verifies with a secret, never with a published key");
            return Err(misuse_of(Rule::Id4, what));
        }
        if !provider.algorithms().contains(algorithm) {
            return Err(misuse_of(Rule::Id4, format!("the crypto provider has no {algorithm}")));
        }
        if !pinned.contains(algorithm) {
            pinned.push(*algorithm);
        }
    }
    Ok(pinned)
}

fn parsed(provider: &dyn CryptoProvider, algorithm: Algorithm, jwk: &Jwk) -> Result<VerificationKey, Error> {
    jwk::check(jwk.key()).map_err(|what| malformed(Rule::Id7, what))?;
    let verify = provider
        .verifier(algorithm, jwk.key())
        .map_err(|_| malformed(Rule::Id7, "the numbers of the key are not those of a key"))?;
    let (key_id, issuer) = (jwk.key_id().map(str::to_owned), jwk.issuer().map(Arc::from));
    Ok(VerificationKey { key_id, issuer, algorithm, verify })
}
