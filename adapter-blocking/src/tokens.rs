//! The tokens of one session, shared by threads and kept in a store: [`Tokens`].
//!
//! Longer than most files: who waits for a renewal and who carries it out are read beside each other.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use valetkey_core::host::MAX_BODY;
use valetkey_core::session::{
    AwaitedCredential, Call, Credential, Readiness, RenewalAnswer, RenewalStep, RequestHead, SharedRenewal,
    SharedSession,
};
use valetkey_core::store::{MemoryStore, Store, StoreKey};
use valetkey_core::{self as core, Session, UnixTime};

use crate::host::{TransportError, TransportErrorKind};
use crate::system::spread;
use crate::transport::exchange;
use crate::{Error, HttpClient, now};

/// How long a caller waits for a credential by default.
const PATIENCE: Duration = Duration::from_secs(60);

/// A source of valid access tokens: one method.
pub trait TokenSource: Send + Sync {
    /// A credential that is good now, renewed if need be.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] if a person must authorize again, or the renewal was refused, or its store failed;
    /// [`Error::Transport`] if no answer came in time.
    fn credential(&self) -> Result<Credential, Error>;
}

/// The tokens of one [`Session`]. A clone shares them; give one to each thread.
///
/// A credential that is good costs an atomic load and a look at the clock. Its store is [looked at](Session::with_look_after)
/// every five seconds, so that a log-out elsewhere stops it. One that is about to expire is renewed in the background, by a
/// thread that ends with the renewal; one that has expired is waited for. All who wait share the one renewal and its outcome, a failure
/// too. When the last clone is dropped, a renewal that only waits is stopped; one that has sent its request goes on to its end.
#[derive(Clone)]
pub struct Tokens {
    // Dropped in this order: a renewal that is woken since this was the last clone finds that nobody needs it.
    pub(crate) session: SharedSession,
    pub(crate) host: Arc<WakeOnDrop>,
    patience: Duration,
}

/// What sends, keeps and wakes.
pub(crate) struct Host {
    pub(crate) http: HttpClient,
    pub(crate) store: Arc<dyn Store>,
    /// Changes are counted, so that one is noticed that falls between asking and waiting.
    pub(crate) changes: Mutex<u64>,
    pub(crate) changed: Condvar,
}

impl Host {
    /// Wakes all who wait for a change.
    pub(crate) fn wake(&self) {
        *lock(&self.changes) += 1;
        self.changed.notify_all();
    }
}

/// Wakes all who wait for a change: a renewal has ended, or the last clone is gone.
pub(crate) struct WakeOnDrop(pub(crate) Arc<Host>);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        self.0.wake();
    }
}

impl Tokens {
    /// The tokens of this session, kept in memory.
    #[must_use]
    pub fn new(http: HttpClient, session: Session) -> Self {
        Self::build(http, session, Arc::new(MemoryStore::new()))
    }

    /// The tokens of this session, kept in a store under a key that says whose they are. Those of a login are in it when
    /// this returns, in the place of what was there; of any other session, what the store has is preferred to what the
    /// session holds.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] as for [`Session::in_store`]: a user's tokens under the application's key, for example
    /// ([ST-4](crate::Rule::St4)); and if the tokens of a login cannot be stored.
    pub fn stored(
        http: HttpClient,
        session: Session,
        key: StoreKey,
        store: impl Store + 'static,
    ) -> Result<Self, Error> {
        let tokens = Self::build(http, session.in_store(key)?, Arc::new(store));
        if tokens.look(Session::is_unsaved) {
            tokens.credential()?;
        }
        Ok(tokens)
    }

    pub(crate) fn build(http: HttpClient, session: Session, store: Arc<dyn Store>) -> Self {
        #[cfg(feature = "tracing")]
        let session = session.with_observer(Arc::new(crate::traced::Traced::default()));
        let host = Host { http, store, changes: Mutex::new(0), changed: Condvar::new() };
        Self {
            session: SharedSession::new(session.with_spread(spread())),
            host: Arc::new(WakeOnDrop(Arc::new(host))),
            patience: PATIENCE,
        }
    }

    /// Waits no longer than this for a credential, through this and the clones that are made of it; 60 seconds by default.
    #[must_use]
    pub fn with_patience(self, time: Duration) -> Self {
        Self { patience: time, ..self }
    }

    /// The credential, if it is fresh now: a look at the clock, an atomic load and a clone of an `Arc`. No lock, no
    /// allocation, and nothing is renewed: `None` says that [`credential`](Self::credential) is to be asked.
    #[must_use]
    #[inline]
    pub fn fresh(&self) -> Option<Credential> {
        self.session.fresh(now())
    }

    /// A credential that is good now, renewed if need be. While it is fresh this costs what [`fresh`](Self::fresh) does.
    /// One that is bound to a key is of use with a proof only: see [`Credential::sign`].
    ///
    /// # Errors
    ///
    /// As for [`TokenSource::credential`].
    #[inline]
    pub fn credential(&self) -> Result<Credential, Error> {
        if let Some(credential) = self.fresh() {
            return Ok(credential);
        }
        self.wait_for(AwaitedCredential::new())
    }

    /// Takes a credential for one that is no good, where no 401 tells: all who refuse it wait for one renewal. Returns whether
    /// it was the one that is held; nothing is done otherwise, as [`Session::refuse`] says.
    pub fn refuse(&self, credential: &Credential) -> bool {
        self.session.refuse(credential, now())
    }

    /// A new credential, however long the one that is held or stored is good. All who ask meanwhile share one renewal; one that
    /// fails takes nothing from those who ask for [any](Self::credential).
    ///
    /// # Errors
    ///
    /// As for [`TokenSource::credential`].
    pub fn renewed_credential(&self) -> Result<Credential, Error> {
        self.wait_for(AwaitedCredential::renewed())
    }

    fn wait_for(&self, mut awaited: AwaitedCredential) -> Result<Credential, Error> {
        self.wait_until_ready(|session, now| session.provide(&mut awaited, now))?;
        awaited.take().ok_or(Error::Core(core::Error::Unanswered))
    }

    /// Looks at the session: at its subject, its scope, or [its record](Session::record). Everybody else who needs more
    /// than a fresh credential waits meanwhile, so ask nothing of these tokens in there: that waits for ever.
    pub fn look<T>(&self, look: impl FnOnce(&Session) -> T) -> T {
        self.session.look(look)
    }

    /// A call of the session's API, to be run by the one who sends it: [`authorize`](Self::authorize) it when it asks.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] as for [`Call::new`]: a request to another origin than the session's APIs, or with a header that
    /// leads it elsewhere ([WA-5](crate::Rule::Wa5)).
    pub fn call<'a>(&self, head: impl Into<RequestHead<'a>>) -> Result<Call, Error> {
        Ok(self.session.call(head)?)
    }

    /// Gives a call what it goes on with: a credential, renewed if need be.
    ///
    /// # Errors
    ///
    /// As for [`TokenSource::credential`].
    pub fn authorize(&self, call: &mut Call) -> Result<(), Error> {
        if call.use_fresh(self.session.credential(), now()) {
            return Ok(());
        }
        self.wait_until_ready(|session, now| session.authorize(call, now))
    }

    /// Asks the session until it is ready, and carries out the renewal if the session hands it over.
    fn wait_until_ready(
        &self,
        mut ask: impl FnMut(&SharedSession, UnixTime) -> Result<(Readiness, Option<SharedRenewal>), core::Error>,
    ) -> Result<(), Error> {
        let since = moment();
        loop {
            let changes = self.host.0.changes();
            let (readiness, renewal) = ask(&self.session, now()).map_err(|error| self.told(error))?;
            if let Some(renewal) = renewal {
                let is_look = renewal.only_looks();
                let running = Running { renewal, host: WakeOnDrop(Arc::clone(&self.host.0)) };
                // A look is waited for anyway, so that it needs no thread.
                if is_look { running.renew() } else { running.start() }
            }
            if readiness != Readiness::Wait {
                return Ok(());
            }
            let left = self.patience.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Err(Error::Transport(TransportError::new(TransportErrorKind::Timeout)));
            }
            self.host.0.wait(changes, left);
        }
    }

    /// Core knows that no answer came; what sends knows why.
    fn told(&self, error: core::Error) -> Error {
        match error {
            core::Error::Unanswered => self.session.trouble().map_or(Error::Core(error), Error::Transport),
            error => Error::Core(error),
        }
    }
}

impl TokenSource for Tokens {
    fn credential(&self) -> Result<Credential, Error> {
        self.credential()
    }
}

impl Host {
    /// How many changes there were.
    fn changes(&self) -> u64 {
        *lock(&self.changes)
    }

    /// Waits for a change after so many, but no longer than this.
    fn wait(&self, changes: u64, time: Duration) {
        let held = lock(&self.changes);
        drop(self.changed.wait_timeout_while(held, time, |now| *now == changes));
    }
}

/// A renewal under way. Dropped in this order, at its end or by a panic in a store: those who are woken find it settled.
struct Running {
    renewal: SharedRenewal,
    host: WakeOnDrop,
}

impl Running {
    /// Renews on a thread of its own: what was sent for is received, even if its caller has stopped waiting.
    fn start(self) {
        // A system that has no thread to give drops what it was to run; so this is kept aside, and run on this one.
        let running = Arc::new(Mutex::new(Some(self)));
        let renew = |running: &Mutex<Option<Self>>| {
            let running = lock(running).take();
            running.map(Self::renew)
        };
        let theirs = Arc::clone(&running);
        let thread = thread::Builder::new().name("valetkey-renewal".to_owned());
        if thread.spawn(move || renew(&theirs)).is_err() {
            renew(&running);
        }
    }

    fn renew(mut self) {
        let host = &*self.host.0;
        let mut answer = None;
        loop {
            let changes = host.changes();
            let Ok(step) = self.renewal.step(answer.take(), now()) else { return };
            answer = match step {
                RenewalStep::Store(step) => {
                    Some(RenewalAnswer::Store(step.on(&*host.store, self.renewal.key(), now())))
                }
                RenewalStep::Send(request) => Some(match exchange(&host.http, request, MAX_BODY) {
                    Ok(response) => RenewalAnswer::Response(response),
                    Err(error) => self.renewal.unanswered(error.transport().cloned()),
                }),
                RenewalStep::Wait(time) => {
                    host.wait(changes, time);
                    None
                }
                RenewalStep::Done => return,
            };
        }
    }
}

/// A moment by a clock that nobody sets.
#[expect(clippy::disallowed_methods, reason = "patience ends, whatever is done to the system's clock")]
fn moment() -> Instant {
    Instant::now()
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("session", &self.session).finish_non_exhaustive()
    }
}

/// A panic elsewhere leaves a count as it is.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
