//! An issuer's keys for verifying its JWTs: a [`JwksCache`] of [`VerificationKeys`], and what it has for a JWT.
//!
//! ```text
//! JwksCache ── look_up(jws) ──▶ Keys ──▶ verify                                  (nothing to fetch)
//!                          ├──▶ Fetch ──▶ GET jwks_uri ──▶ settle ──▶ look_up again
//!                          ├──▶ UnderWay: somebody else's fetch ──▶ look_up again when it is settled
//!                          └──▶ an error: unknown, and looked for a moment ago
//! ```

use std::sync::Arc;

use crate::ground::error::{Error, malformed};
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::CryptoProvider;
use crate::jose::jwk_set::JwkSet;
use crate::jose::jws::Jws;
use crate::jose::verification_keys::VerificationKeys;
use crate::server::jwks_cache::JwksCache;
use crate::server::jwks_fetch::JwksFetch;

/// What a cache has for a JWT.
#[derive(Debug)]
#[must_use = "the keys may have to be fetched"]
#[non_exhaustive]
pub enum LookUp {
    /// The keys; one of them is for the JWT.
    Keys(Arc<VerificationKeys>),
    /// Run this, once for all who want it, hand it to [`JwksCache::settle`], and look up again.
    Fetch(JwksFetch<VerificationKeys>),
    /// Another fetch is being run: look up again when it has been settled.
    UnderWay,
}

/// An issuer's keys, and when to look for new ones ([JK-2](crate::Rule::Jk2)): shared behind a lock that nobody holds while
/// a fetch runs.
impl JwksCache<VerificationKeys> {
    /// An empty cache of the keys at this address, for the algorithms agreed on with their issuer.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as [`at`](Self::at) for the address and [`VerificationKeys::new`] for the algorithms.
    pub fn verifying(
        provider: Arc<dyn CryptoProvider>,
        algorithms: &[Algorithm],
        jwks_uri: &str,
    ) -> Result<Self, Error> {
        // What a set that is yet to come would be refused for is refused now.
        let none = VerificationKeys::new(&*provider, algorithms, &JwkSet::default())?;
        let algorithms: Arc<[Algorithm]> = algorithms.into();
        let parse =
            move |document: &[u8]| VerificationKeys::new(&*provider, &algorithms, &JwkSet::parse(document)?);
        Ok(Self::at(jwks_uri, parse)?.beginning_with(none))
    }

    /// What there is for this JWT. Keys that are no longer fresh are fetched again; while they cannot be, the old ones
    /// serve for an hour.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-4](crate::Rule::Id4) if its algorithm is not expected; [ID-6](crate::Rule::Id6) if several
    /// keys fit; [JK-2](crate::Rule::Jk2) if none does, and it was looked for a moment ago. [`Error::Misuse`]
    /// ([DI-5](crate::Rule::Di5)) for an address under plain http that is not [admitted](Self::admit).
    pub fn look_up(&mut self, jws: &Jws<'_>, now: UnixTime) -> Result<LookUp, Error> {
        self.look_for(&|keys| keys.knows(jws), Quirks::STRICT, now)
    }

    /// The same of whatever is looked for among the keys, fetched with these quirks beside the cache's own.
    pub(crate) fn look_for(
        &mut self,
        fits: &dyn Fn(&VerificationKeys) -> Result<bool, Error>,
        quirks: Quirks,
        now: UnixTime,
    ) -> Result<LookUp, Error> {
        self.require_admitted(quirks)?;
        // No fetch makes an algorithm one of those that were agreed on.
        let known = self.latest().map_or(Ok(false), fits)?;
        if let Some(fetch) = self.refresh(now) {
            return Ok(LookUp::Fetch(fetch.admitting(quirks)));
        }
        if let Some(keys) = self.keys(now).filter(|_| known) {
            return Ok(LookUp::Keys(keys));
        }
        match self.refresh_for_unknown_key(now) {
            Some(fetch) => Ok(LookUp::Fetch(fetch.admitting(quirks))),
            None if self.is_under_way(now) => Ok(LookUp::UnderWay),
            None => Err(unknown()),
        }
    }
}

/// No key fits, and there are no newer ones to be looked for.
pub(crate) fn unknown() -> Error {
    malformed(Rule::Jk2, "none of the server's keys fits the JWT, and new ones were looked for a moment ago")
}
