//! A server's public keys, fetched when they are needed and no more often: [`JwksCache`] (RFC 7517 §5, OpenID Connect
//! Core §10.1.1).
//!
//! ```text
//!  program                                            server
//!     │ JwksCache::refresh: nothing held, or no longer fresh
//!     ├── GET jwks_uri ─────────────────────────────────▶│
//!     │◀─ 200 {"keys": […]}, Cache-Control ──────────────┤
//!     │ JwksCache::settle                                │
//!     │ … a signature by a key that is not among them    │
//!     │ JwksCache::refresh_for_unknown_key: once a minute at most
//!     ├── GET jwks_uri ─────────────────────────────────▶│
//! ```
//!
//! The cache is a value that decides and never sends, like a session: those who share it send what it says is due, one at
//! a time. What a document is parsed into is the program's choice.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::ground::error::Error;
use crate::ground::quirk::{Quirks, admits};
use crate::ground::refused::{LONGEST_OBEYED, Refused, Retry};
use crate::ground::short::Short;
use crate::ground::time::UnixTime;
use crate::server::jwks_fetch::{Held, JwksFetch, Parse};
use crate::wire::round::Round;
use crate::wire::uri;

/// How often an unknown key may cause a fetch, and when a fetch that was never settled is given up.
const PAUSE: Duration = Duration::from_secs(60);
/// How long keys that are no longer fresh may be used while they cannot be fetched.
const GRACE: Duration = Duration::from_secs(60 * 60);

/// The keys of one `jwks_uri`, parsed once for each time they are fetched.
///
/// ```
/// use valetkey_core::{AuthorizationServer, Flow, Step, UnixTime};
/// use valetkey_core::server::{Endpoint, JwksCache};
///
/// let now = UnixTime::from_secs(1_700_000_000);
/// let server = AuthorizationServer::new().endpoint(Endpoint::Jwks, "https://as.example/jwks")?;
/// let mut cache = JwksCache::new(&server, |document| Ok(document.to_vec()))?;
/// if let Some(mut fetch) = cache.refresh(now) {
///     let Step::Send(request) = fetch.step(None, now)? else { unreachable!() };
///     assert_eq!(request.uri(), "https://as.example/jwks");
///     // … carry it out to its end, and then:
///     let _ = cache.settle(fetch, now);
/// }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct JwksCache<K> {
    place: String,
    quirks: Quirks,
    parse: Parse<K>,
    held: Option<Held<K>>,
    /// The fetch that was handed out last, by its number, and when; `None` when it was settled.
    under_way: Option<(u64, UnixTime)>,
    fetches: u64,
    failure: Option<Failure>,
    /// When an unknown key caused a fetch last.
    unknown_at: Option<UnixTime>,
}

/// A fetch that failed, the last of so many in a row.
#[derive(Clone, Copy)]
struct Failure {
    at: UnixTime,
    count: u32,
    /// What the server asked for.
    asked: Duration,
}

impl<K> JwksCache<K> {
    /// A cache of the keys at this place, an API's for example.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)) if it is not an https URL. Plain http on loopback is refused when the
    /// keys are fetched, unless it is [admitted](Self::admit).
    pub fn at(
        place: &str,
        parse: impl Fn(&[u8]) -> Result<K, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        uri::endpoint(place, Quirks::WHEN_NAMED)?;
        Ok(Self {
            place: place.to_owned(),
            quirks: Quirks::STRICT,
            parse: Arc::new(parse),
            held: None,
            under_way: None,
            fetches: 0,
            failure: None,
            unknown_at: None,
        })
    }

    admits! {
        /// Admits one departure from the RFCs: [`Quirk::LoopbackHttp`](crate::Quirk::LoopbackHttp) for the place,
        /// [`Quirk::AnyContentType`](crate::Quirk::AnyContentType) for what it answers.
    }

    /// Whether the address may be asked, with these quirks beside its own.
    pub(crate) fn require_admitted(&self, quirks: Quirks) -> Result<(), Error> {
        uri::endpoint(&self.place, self.quirks.and(quirks)).map(drop)
    }

    /// The keys that may be used at `now`: fresh ones, or ones that were fresh an hour ago at most, should the server not
    /// be reached. See to [`refresh`](Self::refresh) first.
    #[must_use]
    pub fn keys(&self, now: UnixTime) -> Option<Arc<K>> {
        let held = self.held.as_ref()?;
        (now < held.fresh_until.after(GRACE)).then(|| Arc::clone(&held.keys))
    }

    /// The fetch that is due, because no keys are held or they are no longer fresh. Run it, then
    /// [`settle`](Self::settle) it. `None` while another is under way, and for a while after one that failed: a second at
    /// first, twice as long each time, a minute at most.
    pub fn refresh(&mut self, now: UnixTime) -> Option<JwksFetch<K>> {
        let is_due = self.held.as_ref().is_none_or(|held| !held.is_fresh(now));
        self.begin(is_due, now)
    }

    /// The fetch that is due because a signature names a key that is not among those held, or fails by one that is: once a
    /// minute ([JK-2](crate::Rule::Jk2)), so that nobody makes us fetch by naming keys that never were. A server may change its
    /// keys right after they were fetched ([JK-3](crate::Rule::Jk3)), so how old the keys are makes no difference.
    pub fn refresh_for_unknown_key(&mut self, now: UnixTime) -> Option<JwksFetch<K>> {
        let is_over = |at: UnixTime| !now.is_within(at, at.after(PAUSE));
        let fetch = self.begin(self.unknown_at.is_none_or(is_over), now)?;
        self.unknown_at = Some(now);
        Some(fetch)
    }

    /// Nobody waits for this fetch any more. That says nothing of the server, so that the next one may begin at once.
    pub(crate) fn abandon(&mut self, fetch: &JwksFetch<K>) {
        if self.under_way.is_some_and(|(number, _)| number == fetch.number) {
            self.under_way = None;
        }
    }

    /// Takes a fetch's outcome over, and says how it went. One that got no answer is settled too. A failure leaves the
    /// keys in use; what comes after a newer fetch was settled changes nothing.
    ///
    /// # Errors
    ///
    /// The failure of the fetch; [`Error::Unanswered`] if no answer came.
    pub fn settle(&mut self, fetch: JwksFetch<K>, now: UnixTime) -> Result<(), Error> {
        if self.under_way.is_some_and(|(number, _)| number == fetch.number) {
            self.under_way = None;
        }
        match fetch.outcome.unwrap_or(Err(Error::Unanswered)) {
            Ok(fetched) => {
                if self.held.as_ref().is_none_or(|held| held.fetch < fetched.fetch) {
                    self.held = Some(fetched);
                }
                self.failure = None;
                Ok(())
            }
            Err(error) => {
                self.failure = Some(Failure::after(self.failure, &error, now));
                Err(error)
            }
        }
    }

    /// The same, with keys that were never fresh: a set without any, that knows what to expect of one.
    pub(crate) fn beginning_with(mut self, keys: K) -> Self {
        let never = UnixTime::default();
        self.held = Some(Held { keys: Arc::new(keys), fetch: 0, fetched_at: never, fresh_until: never });
        self
    }

    /// The keys that were held last, however old.
    pub(crate) fn latest(&self) -> Option<&K> {
        self.held.as_ref().map(|held| &*held.keys)
    }

    /// Whether a fetch is being run.
    pub(crate) fn is_under_way(&self, now: UnixTime) -> bool {
        self.under_way.is_some_and(|(_, since)| now.is_within(since, since.after(PAUSE)))
    }

    fn begin(&mut self, is_due: bool, now: UnixTime) -> Option<JwksFetch<K>> {
        let may = self.failure.as_ref().is_none_or(|failure| failure.is_over(now));
        if !is_due || self.is_under_way(now) || !may {
            return None;
        }
        self.fetches += 1;
        self.under_way = Some((self.fetches, now));
        Some(JwksFetch {
            place: self.place.clone(),
            quirks: self.quirks,
            parse: Arc::clone(&self.parse),
            number: self.fetches,
            round: Round::New,
            outcome: None,
        })
    }
}

impl Failure {
    fn after(earlier: Option<Self>, error: &Error, now: UnixTime) -> Self {
        let asked = match error.refused().map(Refused::retry) {
            Some(Retry::Later(Some(time))) => time.min(LONGEST_OBEYED),
            _ => Duration::ZERO,
        };
        Self { at: now, count: earlier.map_or(0, |earlier| earlier.count.saturating_add(1)), asked }
    }

    /// Whether it is time to try again: after a second, twice as long each time, a minute at most, or as long as the
    /// server asked for, an hour at most ([`LONGEST_OBEYED`]). A clock that was set back does not make the wait longer.
    fn is_over(&self, now: UnixTime) -> bool {
        let doubled = Duration::from_secs(1 << self.count.min(6)).min(PAUSE);
        !now.is_within(self.at, self.at.after(doubled.max(self.asked)))
    }
}

/// Without the keys: whether they are public is their document's matter.
impl<K> fmt::Debug for JwksCache<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksCache")
            .field("place", &Short(&self.place))
            .field("fresh_until", &self.held.as_ref().map(|held| held.fresh_until))
            .finish_non_exhaustive()
    }
}
