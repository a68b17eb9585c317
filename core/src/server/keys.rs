//! The keys that an authorization server signs with: [`ServerKeys`].
//!
//! ```text
//!  flow                                               server
//!     │ a JWT came: is there a key for it?
//!     ├── GET jwks_uri, at most once ───────────────────▶│
//!     │◀─ 200 {"keys": […]} ─────────────────────────────┤   the JWT is verified, or no key fits it
//!     │ … or another flow is fetching them: Step::Wait
//! ```

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::jwe::encrypted::no_recipient;
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::jwe::{Encryption, EncryptionKey};
use crate::jose::jws::Verified;
use crate::jose::jwt_type::JwtType;
use crate::jose::verification_keys::VerificationKeys;
use crate::server::jwks_cache::JwksCache;
use crate::server::jwks_fetch::JwksFetch;
use crate::server::look_up::{LookUp, unknown};

/// How long a flow waits before it looks whether another's fetch has ended.
const PATIENCE: Duration = Duration::from_millis(100);

/// The keys by which a server's JWTs are verified: some that are known, or those that it publishes, fetched when they
/// are needed. Clones share what was fetched.
///
/// They are said once, where the [server is described](crate::AuthorizationServer::keys); a flow that has a JWT of the server's
/// fetches them in a round of its own, so that a host has nothing to do for it. The algorithms are pinned here, and HMAC
/// is among them only if [`VerificationKeys::secret`] is what is given.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// use std::sync::Arc;
/// use valetkey_core::jose::{Algorithm, RustCrypto};
/// use valetkey_core::server::ServerKeys;
/// use valetkey_core::AuthorizationServer;
/// use valetkey_core::server::Endpoint;
///
/// let server = AuthorizationServer::new()
///     .issuer("https://as.example")?
///     .endpoint(Endpoint::Jwks, "https://as.example/jwks")?;
/// let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256])?;
/// let server = server.keys(keys);
/// # let _ = server;
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct ServerKeys(Inner);

#[derive(Clone)]
enum Inner {
    Known(Arc<VerificationKeys>),
    Fetched(Arc<Mutex<JwksCache<VerificationKeys>>>),
}

impl ServerKeys {
    /// The search for the key of one JWT, at a server that is met with these quirks.
    pub(crate) fn search(&self, quirks: Quirks) -> KeySearch {
        KeySearch { keys: self.clone(), quirks, fetch: None, has_fetched: false }
    }
}

/// Whether keys are those that are looked for.
type Fits<'a> = dyn Fn(&VerificationKeys) -> Result<bool, Error> + 'a;

/// Keys that were come by some other way.
impl From<VerificationKeys> for ServerKeys {
    fn from(keys: VerificationKeys) -> Self {
        Self(Inner::Known(Arc::new(keys)))
    }
}

/// Keys at an address of the program's choice.
impl From<JwksCache<VerificationKeys>> for ServerKeys {
    fn from(cache: JwksCache<VerificationKeys>) -> Self {
        Self(Inner::Fetched(Arc::new(Mutex::new(cache))))
    }
}

impl fmt::Debug for ServerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Known(keys) => keys.fmt(f),
            Inner::Fetched(cache) => locked(cache).fmt(f),
        }
    }
}

/// The part of a flow in which it finds the keys for a JWT that it has.
pub(crate) struct KeySearch {
    keys: ServerKeys,
    /// What the server is met with by this client: others that share the keys may be stricter.
    quirks: Quirks,
    fetch: Option<JwksFetch<VerificationKeys>>,
    /// Whether it has fetched them: newer ones there are not.
    has_fetched: bool,
}

impl KeySearch {
    /// Verifies the JWT, and fetches keys for it where that is needed: once more if its signature fails by a key that is held,
    /// since a server may have put a new key under an old name, or have none of its keys named ([JK-3](crate::Rule::Jk3)).
    pub(crate) fn verify(
        &mut self,
        jwt: &mut ReceivedJwt,
        expected: JwtType<'_>,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<Step<Verified>, Error> {
        let keys = match self.step(&|keys| keys.has_key_for(jwt.parts()), response, now)? {
            Step::Done(keys) => keys,
            Step::Send(request) => return Ok(Step::Send(request)),
            Step::Wait(time) => return Ok(Step::Wait(time)),
        };
        match jwt.verify(&keys, expected) {
            Ok(verified) => Ok(Step::Done(verified)),
            Err(error) if error.rule() == Some(Rule::Id8) && self.looks_again(now) => {
                self.verify(jwt, expected, None, now)
            }
            Err(error) => Err(error),
        }
    }

    /// Finds the key that a message to the server is encrypted with, and fetches the server's keys if none that is held is for
    /// that.
    pub(crate) fn recipient(
        &mut self,
        encryption: Encryption,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<Step<EncryptionKey>, Error> {
        match self.step(&|keys| Ok(keys.receives(encryption)), response, now) {
            Ok(Step::Done(keys)) => keys.recipient(encryption).map(Step::Done),
            Ok(Step::Send(request)) => Ok(Step::Send(request)),
            Ok(Step::Wait(time)) => Ok(Step::Wait(time)),
            Err(error) if error.rule() == Some(Rule::Jk2) => Err(no_recipient(encryption)),
            Err(error) => Err(error),
        }
    }

    /// The key that a message to the server is encrypted with, if it is held.
    pub(crate) fn held_recipient(&self, encryption: Encryption, now: UnixTime) -> Option<EncryptionKey> {
        let keys = match &self.keys.0 {
            Inner::Known(keys) => Arc::clone(keys),
            Inner::Fetched(cache) => locked(cache).keys(now)?,
        };
        keys.recipient(encryption).ok()
    }

    /// Begins another fetch, if there may be one.
    fn looks_again(&mut self, now: UnixTime) -> bool {
        let Inner::Fetched(cache) = &self.keys.0 else { return false };
        if self.has_fetched {
            return false;
        }
        self.fetch = locked(cache).refresh_for_unknown_key(now).map(|fetch| fetch.admitting(self.quirks));
        self.fetch.is_some()
    }

    /// Moves on, as a flow does; `response` answers what it has sent.
    fn step(
        &mut self,
        fits: &Fits<'_>,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<Step<Arc<VerificationKeys>>, Error> {
        if response.is_some() && self.fetch.is_none() {
            return Err(misuse("an answer came before its request: step the flow with `None` first"));
        }
        let cache = match &self.keys.0 {
            Inner::Known(keys) => return Ok(Step::Done(Arc::clone(keys))),
            Inner::Fetched(cache) => Arc::clone(cache),
        };
        let mut failure = None;
        if let Some(mut fetch) = self.fetch.take() {
            match fetch.step(response, now)? {
                Step::Done(()) => {
                    failure = locked(&cache).settle(fetch, now).err();
                    self.has_fetched = true;
                }
                Step::Send(request) => {
                    self.fetch = Some(fetch);
                    return Ok(Step::Send(request));
                }
                Step::Wait(time) => {
                    self.fetch = Some(fetch);
                    return Ok(Step::Wait(time));
                }
            }
        }
        let mut cache = locked(&cache);
        if self.has_fetched && failure.is_none() && !cache.latest().map_or(Ok(false), fits)? {
            return Err(unknown());
        }
        let found = cache.look_for(fits, self.quirks, now);
        drop(cache);
        match found {
            Ok(LookUp::Keys(keys)) => Ok(Step::Done(keys)),
            Ok(LookUp::UnderWay) => Ok(Step::Wait(PATIENCE)),
            Ok(LookUp::Fetch(fetch)) => {
                self.fetch = Some(fetch);
                self.step(fits, None, now)
            }
            // That the keys could not be fetched is a better reason than that no key fits.
            Err(error) => Err(failure.unwrap_or(error)),
        }
    }

    /// No answer came. It goes on if keys are held that may be used meanwhile.
    pub(crate) fn unanswered(&mut self, now: UnixTime) -> bool {
        let Inner::Fetched(cache) = &self.keys.0 else { return false };
        let mut cache = locked(cache);
        if let Some(fetch) = self.fetch.take() {
            // That there was no answer is known here.
            let _ = cache.settle(fetch, now);
        }
        cache.keys(now).is_some()
    }
}

/// A flow that is dropped in the middle of its fetch keeps no other from fetching: somebody who breaks off their own requests would
/// else keep everybody from logging in.
impl Drop for KeySearch {
    fn drop(&mut self) {
        if let (Inner::Fetched(cache), Some(fetch)) = (&self.keys.0, self.fetch.take()) {
            locked(cache).abandon(&fetch);
        }
    }
}

fn locked<K>(cache: &Mutex<JwksCache<K>>) -> MutexGuard<'_, JwksCache<K>> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}
