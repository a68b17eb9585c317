//! The tokens of one session, shared by threads and kept in a store: [`Tokens`].

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::Agent;
use valetkey_core::host::MAX_BODY;
use valetkey_core::session::{
    AwaitedCredential, Call, Credential, Readiness, Renewal, RenewalAnswer, RenewalStep, RequestHead,
    SharedCredential,
};
use valetkey_core::store::{MemoryStore, Store, StoreKey};
use valetkey_core::{self as core, Session, UnixTime};

use crate::exchange::exchange;
use crate::host::{Http, HttpKind};
use crate::run::sleep;
use crate::{Error, entropy, now};

/// How long a caller waits for a credential unless said otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whoever has a good token for an API: one method, for people who only want a token.
pub trait TokenSource: Send + Sync {
    /// A credential that is good now, renewed if need be.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] if a person must authorize again, or the renewal was refused, or its store failed;
    /// [`Error::Http`] if no answer came in time.
    fn credential(&self) -> Result<Credential, Error>;
}

/// The tokens of one [`Session`]. A clone shares them; give one to each thread.
///
/// A credential that is good costs an atomic load and a look at the clock. One that is about to expire is renewed in the
/// background, by a thread that ends with the renewal; one that has expired is waited for. Whoever waits shares the one
/// renewal and its outcome, a failure too. When the last clone is dropped, a renewal that only waits is stopped; one that
/// has sent its request is carried to its end, so that no token is lost.
#[derive(Clone)]
pub struct Tokens {
    shared: Arc<Shared>,
    _stop: Arc<StopOnDrop>,
}

struct Shared {
    agent: Agent,
    store: Arc<dyn Store>,
    key: StoreKey,
    credential: SharedCredential,
    session: Mutex<Session>,
    renewing: Mutex<Renewing>,
    changed: Condvar,
}

/// The renewal that is under way. Locked before the session, where both are.
struct Renewing {
    is_running: bool,
    is_stopped: bool,
    patience: Duration,
    /// Why the last one got no answer.
    trouble: Option<Http>,
}

impl Tokens {
    /// The tokens of this session, kept in memory.
    #[must_use]
    pub fn new(agent: Agent, session: Session) -> Self {
        Self::build(agent, session, Arc::new(MemoryStore::new()))
    }

    /// The tokens of this session, kept in a store under a key that says whose they are. Those of a login are in it when
    /// this returns, in the place of what was there; of any other session, what the store has is preferred to what the
    /// session holds.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] as for [`Session::in_store`]: a user's tokens under the application's key, for example (ST-4); and
    /// if the tokens of a login cannot be stored.
    pub fn stored(
        agent: Agent,
        session: Session,
        key: StoreKey,
        store: impl Store + 'static,
    ) -> Result<Self, Error> {
        let tokens = Self::build(agent, session.in_store(key)?, Arc::new(store));
        if lock(&tokens.shared.session).is_unsaved() {
            tokens.credential()?;
        }
        Ok(tokens)
    }

    fn build(agent: Agent, session: Session, store: Arc<dyn Store>) -> Self {
        let session = session.with_spread(spread());
        let shared = Arc::new(Shared {
            agent,
            store,
            key: session.key().cloned().unwrap_or_else(StoreKey::in_memory),
            credential: session.shared().clone(),
            session: Mutex::new(session),
            renewing: Mutex::new(Renewing {
                is_running: false,
                is_stopped: false,
                patience: PATIENCE,
                trouble: None,
            }),
            changed: Condvar::new(),
        });
        Self { _stop: Arc::new(StopOnDrop(Arc::clone(&shared))), shared }
    }

    /// Lets nobody wait longer than this for a credential; 60 seconds unless said.
    #[must_use]
    pub fn with_patience(self, time: Duration) -> Self {
        lock(&self.shared.renewing).patience = time;
        self
    }

    /// The credential, if it is fresh now: a look at the clock, an atomic load and a counted pointer. No lock, no
    /// allocation, and nothing is renewed: `None` says that [`credential`](Self::credential) is to be asked.
    #[must_use]
    pub fn fresh(&self) -> Option<Credential> {
        self.shared.credential.fresh(now())
    }

    /// A credential that is good now, renewed if need be. While it is fresh this costs what [`fresh`](Self::fresh) does.
    /// One that is bound to a key is of use with a proof only: see [`Credential::sign`].
    ///
    /// # Errors
    ///
    /// As for [`TokenSource::credential`].
    pub fn credential(&self) -> Result<Credential, Error> {
        if let Some(credential) = self.fresh() {
            return Ok(credential);
        }
        let mut awaited = AwaitedCredential::new();
        self.shared.wait_until_ready(|session, now| session.provide(&mut awaited, now))?;
        awaited.take().ok_or(Error::Core(core::Error::Unanswered))
    }

    /// The session, for a look at its subject, its scope, or [its record](Session::record). Renewals wait while it is
    /// held.
    pub fn session(&self) -> MutexGuard<'_, Session> {
        lock(&self.shared.session)
    }

    /// A call of the session's API, to be run by the one who sends it: [`authorize`](Self::authorize) it when it asks.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] as for [`Call::new`]: a request to another origin than the session's APIs, or with a header that
    /// leads it elsewhere (WA-5).
    pub fn call<'a>(&self, head: impl Into<RequestHead<'a>>) -> Result<Call, Error> {
        Ok(Call::new(&self.shared.credential, head)?)
    }

    /// Gives a call what it goes on with: a credential, renewed if need be.
    ///
    /// # Errors
    ///
    /// As for [`TokenSource::credential`].
    pub fn authorize(&self, call: &mut Call) -> Result<(), Error> {
        if call.use_fresh(&self.shared.credential, now()) {
            return Ok(());
        }
        self.shared.wait_until_ready(|session, now| session.authorize(call, now))
    }
}

impl TokenSource for Tokens {
    fn credential(&self) -> Result<Credential, Error> {
        self.credential()
    }
}

impl Shared {
    /// Asks the session until it is ready, and sees to its renewal meanwhile.
    fn wait_until_ready(
        self: &Arc<Self>,
        mut ask: impl FnMut(&mut Session, UnixTime) -> Result<Readiness, core::Error>,
    ) -> Result<(), Error> {
        let since = moment();
        let mut renewing = lock(&self.renewing);
        loop {
            let mut session = lock(&self.session);
            let readiness = ask(&mut session, now()).map_err(|error| told(error, &renewing))?;
            if readiness != Readiness::Ready && !renewing.is_running {
                renewing.is_running = true;
                let renewal = session.renewal().ok();
                drop((session, renewing));
                Running { shared: Arc::clone(self), renewal, trouble: None }.start();
                renewing = lock(&self.renewing);
            } else {
                drop(session);
            }
            if readiness != Readiness::Wait {
                return Ok(());
            }
            let left = renewing.patience.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Err(Error::Http(Http::new(HttpKind::Timeout)));
            }
            let woken = self.changed.wait_timeout_while(renewing, left, |renewing| renewing.is_running);
            renewing = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits; whether the last clone was dropped.
    fn stopped_within(&self, time: Duration) -> bool {
        let renewing = lock(&self.renewing);
        let woken = self.changed.wait_timeout_while(renewing, time, |renewing| !renewing.is_stopped);
        woken.unwrap_or_else(PoisonError::into_inner).0.is_stopped
    }
}

/// A renewal under way. It is settled when it is dropped: at its end, or before it by a panic in a store, so that nobody
/// waits for it in vain.
struct Running {
    shared: Arc<Shared>,
    renewal: Option<Renewal>,
    /// Why it got no answer.
    trouble: Option<Http>,
}

impl Running {
    /// Renews on a thread of its own, so that a token that was sent for is received, whoever stops waiting for it.
    fn start(self) {
        // A system that has no thread to give drops what it was to run; so this is kept aside, and run on this one.
        let running = Arc::new(Mutex::new(Some(self)));
        let renew = |running: &Mutex<Option<Self>>| lock(running).take().map(Self::renew);
        let theirs = Arc::clone(&running);
        let thread = thread::Builder::new().name("valetkey-renewal".to_owned());
        if thread.spawn(move || renew(&theirs)).is_err() {
            renew(&running);
        }
    }

    fn renew(mut self) {
        let Some(renewal) = &mut self.renewal else { return };
        let key = &self.shared.key;
        let mut answer = None;
        while let Ok(step) = renewal.step(answer.take(), now()) {
            answer = match step {
                RenewalStep::Store(step) => {
                    Some(RenewalAnswer::Store(step.on(&*self.shared.store, key, now())))
                }
                RenewalStep::Send(request) => Some(match exchange(&self.shared.agent, request, MAX_BODY) {
                    Ok(response) => RenewalAnswer::Response(response),
                    Err(error) => {
                        self.trouble = error.http().cloned();
                        RenewalAnswer::NoResponse
                    }
                }),
                RenewalStep::Wait(time) => {
                    if !renewal.may_be_abandoned() {
                        sleep(time);
                    } else if self.shared.stopped_within(time) {
                        return;
                    }
                    None
                }
                RenewalStep::Done => return,
            };
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut renewing = lock(&self.shared.renewing);
        renewing.is_running = false;
        renewing.trouble = self.trouble.take();
        if let Some(renewal) = self.renewal.take() {
            // What it came to, the session tells every caller that waits.
            let _ = lock(&self.shared.session).settle(renewal, now());
        }
        drop(renewing);
        self.shared.changed.notify_all();
    }
}

struct StopOnDrop(Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        lock(&self.0.renewing).is_stopped = true;
        self.0.changed.notify_all();
    }
}

/// Core knows that no answer came; this client knows why.
fn told(error: core::Error, renewing: &Renewing) -> Error {
    match error {
        core::Error::Unanswered => renewing.trouble.clone().map_or(Error::Core(error), Error::Http),
        error => Error::Core(error),
    }
}

/// A moment by a clock that nobody sets.
#[expect(clippy::disallowed_methods, reason = "patience ends, whatever is done to the system's clock")]
fn moment() -> Instant {
    Instant::now()
}

/// A number up to 1000, so that processes which share tokens do not renew them at the same moment.
fn spread() -> u16 {
    let [high, low, ..] = entropy().map_or([0; 32], |entropy| entropy.derive("spread"));
    u16::from_be_bytes([high, low]) % 1001
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("session", &*self.session()).finish_non_exhaustive()
    }
}

/// A panic elsewhere leaves a session as it was before a step: it can be used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
