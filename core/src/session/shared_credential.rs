//! The credential that a session holds now, for all who share it: [`SharedCredential`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::{array, fmt};

use arc_swap::ArcSwapOption;

use crate::client::apis::Apis;
use crate::ground::quirk::Quirks;
use crate::ground::time::UnixTime;
use crate::session::credential::Credential;

/// The credential that a session holds now, for all who share the session: read without a lock, and replaced by the
/// session alone. Cloning is cheap (an `Arc`).
#[derive(Clone)]
pub struct SharedCredential(Arc<Shared>);

struct Shared {
    /// Where it may go.
    apis: Apis,
    current: ArcSwapOption<Copies>,
}

impl SharedCredential {
    pub(crate) fn new(apis: Apis) -> Self {
        Self(Arc::new(Shared { apis, current: ArcSwapOption::empty() }))
    }

    /// The credential, if it is fresh at `now`: one atomic load, a comparison, and a clone of an `Arc`.
    #[must_use]
    #[inline]
    pub fn fresh(&self, now: UnixTime) -> Option<Credential> {
        let current = self.0.current.load();
        let copies = current.as_ref()?;
        copies.is_fresh(now).then(|| copies.of_this_thread().clone())
    }

    /// The credential, good or not.
    #[must_use]
    pub fn current(&self) -> Option<Credential> {
        Some(self.0.current.load().as_ref()?.of_this_thread().clone())
    }

    /// `seen_until` is until when the last look at the store is good; `None` for ever.
    pub(crate) fn set(&self, credential: Option<Credential>, seen_until: Option<UnixTime>) {
        self.0.current.store(credential.map(|credential| Arc::new(Copies::of(credential, seen_until))));
    }

    /// The same credential, which may go where these quirks admit it too.
    pub(crate) fn admitting(&self, quirks: Quirks) -> Self {
        let apis = self.apis().clone();
        let quirks = apis.quirks().and(quirks);
        let admitted = Self::new(apis.admitting(quirks));
        let seen_until = self.0.current.load().as_ref().and_then(|copies| copies.seen_until);
        admitted.set(self.current().map(|credential| credential.admitting(admitted.apis())), seen_until);
        admitted
    }

    pub(crate) fn apis(&self) -> &Apis {
        &self.0.apis
    }
}

impl fmt::Debug for SharedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedCredential").field(&self.current()).finish()
    }
}

/// One credential, counted apart for each of a few threads. Were it counted as one, every clone would take its count from
/// the processor that made the last, which costs more than all else that is done here.
struct Copies {
    /// When it stops being fresh, or the look at its store does, whichever is earlier: where it is found without another look.
    fresh_until: Option<UnixTime>,
    seen_until: Option<UnixTime>,
    first: Credential,
    /// Made when a thread with its number first asks: most sessions are used by few threads.
    others: [OnceLock<Credential>; COPIES - 1],
}

/// More than threads that clone at the same moment, and few enough to be kept for each token: 128 bytes each.
const COPIES: usize = 8;

impl Copies {
    fn of(credential: Credential, seen_until: Option<UnixTime>) -> Self {
        Self {
            fresh_until: credential.fresh_until().into_iter().chain(seen_until).min(),
            seen_until,
            first: credential,
            others: array::from_fn(|_| OnceLock::new()),
        }
    }

    #[inline]
    fn is_fresh(&self, now: UnixTime) -> bool {
        self.fresh_until.is_none_or(|time| now < time)
    }

    #[inline]
    fn of_this_thread(&self) -> &Credential {
        let number = THREAD.try_with(|number| *number).unwrap_or_default();
        match (number % COPIES).checked_sub(1).and_then(|place| self.others.get(place)) {
            Some(copy) => copy.get_or_init(|| self.first.counted_apart()),
            None => &self.first,
        }
    }
}

/// How many threads have ever looked, which numbers them.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static THREAD: usize = THREADS.fetch_add(1, Ordering::Relaxed);
}
