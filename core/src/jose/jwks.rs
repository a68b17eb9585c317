//! Where an issuer's keys come from: [`JwksRequest`] fetches them, [`JwksCache`] says when.
//!
//! ```text
//! JwksCache ── look_up(jws) ──▶ Keys ──▶ verify                                   (nothing to fetch)
//!                          └──▶ Fetch ──▶ JwksRequest ── GET jwks_uri ──▶ JwkSet ──▶ settle ──▶ look_up again
//!                          └──▶ an error: unknown, and looked for a moment ago
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, StatusCode, Uri};

use crate::error::{Error, malformed, misuse};
use crate::jose::{Algorithm, CryptoProvider, JwkSet, Jws, VerificationKeys};
use crate::{Flow, Quirks, Request, Response, Rule, Step, UnixTime, uri};

/// How long a set is good without being asked for.
const LIFETIME: Duration = Duration::from_secs(3600);

/// How long nobody looks again, whatever came of the last look.
const COOL_DOWN: Duration = Duration::from_secs(60);

/// Fetches a key set: one GET of the `jwks_uri` of the issuer's metadata (RFC 8414 §2, RFC 7517 §8.5.2).
pub struct JwksRequest {
    uri: Uri,
    ended: bool,
}

impl JwksRequest {
    /// Takes the address as the metadata has it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DI-5, AQ-6) if it is not an https URL without a fragment;
    /// [`Quirk::LoopbackHttp`](crate::Quirk::LoopbackHttp) admits http on a loopback address.
    pub fn new(jwks_uri: &str, quirks: Quirks) -> Result<Self, Error> {
        Ok(Self { uri: uri::endpoint(jwks_uri, quirks)?, ended: false })
    }
}

impl Flow for JwksRequest {
    type Output = JwkSet;

    /// # Errors
    ///
    /// [`Error::Malformed`] (JK-1) if the answer is not a 200 with `application/json` or `application/jwk-set+json`, or
    /// as [`JwkSet::parse`]; [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, _now: UnixTime) -> Result<Step<JwkSet>, Error> {
        if self.ended {
            return Err(misuse("the key set has been fetched"));
        }
        let Some(response) = response else {
            let mut request = Request::new(Vec::new());
            *request.uri_mut() = self.uri.clone();
            let accepted = HeaderValue::from_static("application/jwk-set+json, application/json");
            request.headers_mut().insert(ACCEPT, accepted);
            return Ok(Step::Send(request));
        };
        self.ended = true;
        if response.status() != StatusCode::OK {
            let status = response.status().as_u16();
            return Err(malformed(Rule::Jk1, format!("a key set has status {status}")));
        }
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !["application/json", "application/jwk-set+json"]
            .iter()
            .any(|json| essence.eq_ignore_ascii_case(json))
        {
            return Err(malformed(Rule::Jk1, "a key set is application/json or application/jwk-set+json"));
        }
        JwkSet::parse(response.body()).map(Step::Done)
    }
}

impl fmt::Debug for JwksRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksRequest").field("uri", &self.uri).field("ended", &self.ended).finish()
    }
}

/// An issuer's keys, and when to look for new ones (JK-2).
///
/// It is a plain value that decides and never sends. Shared behind a lock, it is looked up by everybody and fetched for
/// by one at a time: whoever holds the lock while the fetch runs makes the others wait for its result, and
/// [`settle`](Self::settle) makes them all see it, a failure too.
///
/// - A key that is unknown is looked for once in 60 seconds, whoever asks for it: a stream of JWTs with made-up key
///   identifiers makes one request a minute, not a storm.
/// - A set is good for an hour, unless [`lifetime`](Self::lifetime) says otherwise. Past that it is fetched again; if
///   that fails, the old keys serve until the next look succeeds.
#[derive(Clone)]
pub struct JwksCache {
    provider: Arc<dyn CryptoProvider>,
    algorithms: Arc<[Algorithm]>,
    uri: Uri,
    lifetime: Duration,
    /// None of them before the first fetch.
    keys: VerificationKeys,
    fetched_at: Option<UnixTime>,
    looked_at: Option<UnixTime>,
}

/// What the cache has for a JWT.
#[derive(Debug)]
#[must_use = "the keys may have to be fetched"]
pub enum LookUp {
    /// The keys; one of them is for the JWT.
    Keys(VerificationKeys),
    /// See to it that this is run, once for all who want it, hand its outcome to [`JwksCache::settle`], and look up
    /// again.
    Fetch(JwksRequest),
}

impl JwksCache {
    /// An empty cache of the keys at this address, for the algorithms agreed on with their issuer.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as [`JwksRequest::new`] for the address and [`VerificationKeys::new`] for the algorithms.
    pub fn new(
        provider: Arc<dyn CryptoProvider>,
        algorithms: &[Algorithm],
        jwks_uri: &str,
        quirks: Quirks,
    ) -> Result<Self, Error> {
        // What a set that is yet to come would be refused for is refused now.
        let keys = VerificationKeys::new(&*provider, algorithms, &JwkSet::default())?;
        Ok(Self {
            provider,
            algorithms: algorithms.into(),
            uri: uri::endpoint(jwks_uri, quirks)?,
            lifetime: LIFETIME,
            keys,
            fetched_at: None,
            looked_at: None,
        })
    }

    /// How long a set is good: an hour if this is not said; never less than the 60 seconds between two looks.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime.max(COOL_DOWN);
        self
    }

    /// What there is for this JWT.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: ID-4 if its algorithm is not expected; ID-6 if several keys fit; JK-2 if none does, and it
    /// was looked for less than 60 seconds ago.
    pub fn look_up(&self, jws: &Jws<'_>, now: UnixTime) -> Result<LookUp, Error> {
        let known = self.keys.knows(jws)?;
        let may_look = self.looked_at.is_none_or(|time| now.since(time) >= COOL_DOWN || now < time);
        let old = self.fetched_at.is_none_or(|time| now.since(time) >= self.lifetime);
        if may_look && (old || !known) {
            Ok(LookUp::Fetch(JwksRequest { uri: self.uri.clone(), ended: false }))
        } else if known {
            Ok(LookUp::Keys(self.keys.clone()))
        } else {
            Err(malformed(Rule::Jk2, "no key fits the JWT, and new ones were looked for a moment ago"))
        }
    }

    /// Takes in what came of a fetch: the new keys; or that there are none, in which case the old ones stay.
    pub fn settle(&mut self, outcome: Result<&JwkSet, &Error>, now: UnixTime) {
        self.looked_at = Some(now);
        if let Ok(set) = outcome
            && let Ok(keys) = VerificationKeys::new(&*self.provider, &self.algorithms, set)
        {
            self.keys = keys;
            self.fetched_at = Some(now);
        }
    }
}

impl fmt::Debug for JwksCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksCache")
            .field("uri", &self.uri)
            .field("keys", &self.keys)
            .field("looked_at", &self.looked_at)
            .finish_non_exhaustive()
    }
}
