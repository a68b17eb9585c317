//! A key that answers later, for a host that can await it: [`DeferredSigner`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::SignerError;
use crate::jose::jwk::Jwk;
use crate::jose::signer::{Signed, Signer};

/// How many messages wait for a signature at once; further ones are refused.
const MAX_WANTED: usize = 1024;

type Outcome = Result<Vec<u8>, SignerError>;

/// A signer whose signatures somebody else makes: a cloud's key service, WebCrypto, a person with a card.
///
/// A flow that is stepped asks it, gets [`Signed::Pending`] and waits. Meanwhile the host takes the messages that are
/// [`wanted`](Self::wanted), has each signed however it can, hands the signature in by [`fulfil`](Self::fulfil), and
/// steps the flow again. Shared in an `Arc` between the flow and the code that signs.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// use std::sync::Arc;
/// use std::time::Duration;
/// use valetkey_core::Entropy;
/// use valetkey_core::jose::{
///     Algorithm, DeferredSigner, JwtSigner, KeyPair, PrivateJwk, RustCrypto, Signed, Signer,
/// };
///
/// # let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
/// # let key_service = KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?;
/// let public = key_service.public_key().cloned();
/// let signer = Arc::new(DeferredSigner::new(Algorithm::Es256, public, Duration::from_millis(50)));
///
/// let jwt = JwtSigner::new(signer.clone(), None).write(&serde_json::json!({ "jti": "1" }))?;
/// assert!(matches!(jwt.sign()?, Signed::Pending(_)));
///
/// // The host, in its own time:
/// for message in signer.wanted() {
///     let signature = key_service.sign(&message); // awaited, in truth
///     signer.fulfil(&message, signature.map(|signed| signed.ready().unwrap()));
/// }
/// assert!(matches!(jwt.sign()?, Signed::Ready(_)));
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct DeferredSigner {
    algorithm: Algorithm,
    public: Option<Jwk>,
    patience: Duration,
    /// What was asked for, and what came of it, until it is picked up.
    messages: Mutex<BTreeMap<Vec<u8>, Option<Outcome>>>,
}

impl DeferredSigner {
    /// A key of this algorithm and public half; `patience` is how long a flow waits before it asks again.
    #[must_use]
    pub const fn new(algorithm: Algorithm, public: Option<Jwk>, patience: Duration) -> Self {
        Self { algorithm, public, patience, messages: Mutex::new(BTreeMap::new()) }
    }

    /// The messages that wait for a signature.
    #[must_use]
    pub fn wanted(&self) -> Vec<Vec<u8>> {
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.iter().filter(|(_, outcome)| outcome.is_none()).map(|(message, _)| message.clone()).collect()
    }

    /// Hands in what came of one message. It is given out once, to the next who asks for it; one that nobody wants is
    /// dropped.
    pub fn fulfil(&self, message: &[u8], outcome: Result<Vec<u8>, SignerError>) {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wanted) = messages.get_mut(message) {
            *wanted = Some(outcome);
        }
    }
}

impl Signer for DeferredSigner {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> Option<&Jwk> {
        self.public.as_ref()
    }

    fn sign(&self, message: &[u8]) -> Result<Signed<Vec<u8>>, SignerError> {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        match messages.get(message) {
            Some(Some(_)) => match messages.remove(message).flatten() {
                Some(outcome) => outcome.map(Signed::Ready),
                None => Ok(Signed::Pending(self.patience)),
            },
            Some(None) => Ok(Signed::Pending(self.patience)),
            None => {
                // A flow that was dropped never picks its signature up.
                if messages.len() >= MAX_WANTED {
                    messages.retain(|_, outcome| outcome.is_none());
                }
                if messages.len() >= MAX_WANTED {
                    return Err(SignerError::new(
                        "too many messages wait for their signature at once: answer those that wait first",
                    ));
                }
                messages.insert(message.to_vec(), None);
                Ok(Signed::Pending(self.patience))
            }
        }
    }
}

impl fmt::Debug for DeferredSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredSigner")
            .field("algorithm", &self.algorithm)
            .field("public", &self.public)
            .field("wanted", &self.wanted().len())
            .finish_non_exhaustive()
    }
}
