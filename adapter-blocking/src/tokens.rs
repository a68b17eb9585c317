//! The tokens of one session, shared by threads and kept in a store: [`Tokens`].

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use valetkey_core::store::{MemoryStore, Store, StoreKey};
use valetkey_core::{
    self as core, AwaitedCredential, Call, CallStep, Credential, MAX_BODY, Readiness, RenewalAnswer,
    RenewalStep, Request, Response, Session, SharedCredential, UnixTime,
};

use crate::exchange::exchange;
use crate::{Agent, Error, Http, HttpKind, entropy, now};

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
    key: Option<StoreKey>,
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

    /// The tokens of this session, kept in a store. Those of a login are in it when this returns, in the place of what
    /// was there; of any other session, what the store has is preferred to what the session holds.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] if the tokens of a login cannot be stored.
    pub fn stored(agent: Agent, session: Session, store: impl Store + 'static) -> Result<Self, Error> {
        let tokens = Self::build(agent, session.in_store(), Arc::new(store));
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
            key: session.key().cloned(),
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

    /// The session, for a look at its subject, its scope, or [its record](Session::record). Renewals wait while it is
    /// held.
    pub fn session(&self) -> MutexGuard<'_, Session> {
        lock(&self.shared.session)
    }

    /// A call of the session's API.
    pub(crate) fn call(&self, request: Request) -> Result<Call, Error> {
        Ok(Call::new(&self.shared.credential, request)?)
    }

    /// Moves a call on to its next request, or to its answer.
    pub(crate) fn step(&self, call: &mut Call, mut response: Option<Response>) -> Result<Asked, Error> {
        loop {
            match call.step(response.take())? {
                CallStep::Send(request) => return Ok(Asked::Send(request)),
                CallStep::Done(response) => return Ok(Asked::Done(response)),
                CallStep::Authorize if call.use_fresh(&self.shared.credential, now()) => {}
                CallStep::Authorize => {
                    self.shared.wait_until_ready(|session, now| session.authorize(call, now))?;
                }
            }
        }
    }
}

/// What is left of a call's steps when a credential is seen to.
pub(crate) enum Asked {
    Send(Request),
    Done(Response),
}

impl TokenSource for Tokens {
    fn credential(&self) -> Result<Credential, Error> {
        if let Some(credential) = self.shared.credential.fresh(now()) {
            return Ok(credential);
        }
        let mut awaited = AwaitedCredential::new();
        self.shared.wait_until_ready(|session, now| session.provide(&mut awaited, now))?;
        awaited.take().ok_or(Error::Core(core::Error::Unanswered))
    }
}

impl Shared {
    /// Asks the session until it is ready, and sees to its renewal meanwhile.
    fn wait_until_ready(
        self: &Arc<Self>,
        mut ask: impl FnMut(&mut Session, UnixTime) -> Result<Readiness, core::Error>,
    ) -> Result<(), Error> {
        let mut renewing = lock(&self.renewing);
        let deadline = now().after(renewing.patience);
        loop {
            let readiness = ask(&mut lock(&self.session), now()).map_err(|error| told(error, &renewing))?;
            if readiness != Readiness::Ready && !renewing.is_running {
                renewing.is_running = true;
                renewing = self.start(renewing);
            }
            if readiness != Readiness::Wait {
                return Ok(());
            }
            let left = deadline.since(now());
            if left.is_zero() {
                return Err(Error::Http(Http::new(HttpKind::Timeout)));
            }
            let woken = self.changed.wait_timeout_while(renewing, left, |renewing| renewing.is_running);
            renewing = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Renews on a thread of its own, so that a token that was sent for is received, whoever stops waiting for it.
    fn start<'a>(self: &'a Arc<Self>, renewing: MutexGuard<'a, Renewing>) -> MutexGuard<'a, Renewing> {
        let shared = Arc::clone(self);
        let thread = thread::Builder::new().name("valetkey-renewal".to_owned());
        if thread.spawn(move || shared.renew_and_tell()).is_ok() {
            return renewing;
        }
        // A system that has no thread to give has this one.
        drop(renewing);
        self.renew_and_tell();
        lock(&self.renewing)
    }

    fn renew_and_tell(&self) {
        let done = RunningUntilDropped(self);
        let trouble = self.renew();
        lock(&self.renewing).trouble = trouble;
        drop(done);
    }

    /// Runs a renewal to its end; why it got no answer, if it got none.
    fn renew(&self) -> Option<Http> {
        let (Ok(mut renewal), Some(key)) = (lock(&self.session).renewal(), &self.key) else { return None };
        let (mut answer, mut trouble) = (None, None);
        while let Ok(step) = renewal.step(answer.take(), now()) {
            answer = match step {
                RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(&*self.store, key, now()))),
                RenewalStep::Send(request) => Some(match exchange(&self.agent, request, MAX_BODY) {
                    Ok(response) => RenewalAnswer::Response(response),
                    Err(error) => {
                        trouble = error.http().cloned();
                        RenewalAnswer::NoResponse
                    }
                }),
                RenewalStep::Wait(time) => {
                    if self.pause(time) && renewal.may_be_abandoned() {
                        break;
                    }
                    None
                }
                RenewalStep::Done => break,
            };
        }
        // What it came to, the session tells every caller that waits.
        let _ = lock(&self.session).settle(renewal, now());
        trouble
    }

    /// Waits; whether the last clone was dropped.
    fn pause(&self, time: Duration) -> bool {
        let renewing = lock(&self.renewing);
        let woken = self.changed.wait_timeout_while(renewing, time, |renewing| !renewing.is_stopped);
        woken.unwrap_or_else(PoisonError::into_inner).0.is_stopped
    }
}

/// Says that no renewal is running any more, also after a panic in a store.
struct RunningUntilDropped<'a>(&'a Shared);

impl Drop for RunningUntilDropped<'_> {
    fn drop(&mut self) {
        lock(&self.0.renewing).is_running = false;
        self.0.changed.notify_all();
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
