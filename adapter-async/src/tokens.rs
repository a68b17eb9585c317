//! The tokens of one session, shared by tasks and kept in a store: [`Tokens`].

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use valetkey_core::host::MAX_BODY;
use valetkey_core::session::{
    AwaitedCredential, Call, Credential, Readiness, RenewalAnswer, RenewalStep, RequestHead, SharedRenewal,
    SharedSession,
};
use valetkey_core::store::{AsyncStore, MemoryStore, StoreAnswer, StoreError, StoreKey};
use valetkey_core::{self as core, Session, UnixTime};

use crate::host::{TransportError, TransportErrorKind};
use crate::system::spread;
use crate::transport::exchange;
use crate::{Error, HttpClient, Tasks, now};

/// How long a caller waits for a credential by default.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a look at the store may take.
const LOOK: Duration = Duration::from_secs(10);

/// What [`TokenSource::credential`] returns.
pub type CredentialFuture<'a> = Pin<Box<dyn Future<Output = Result<Credential, Error>> + Send + 'a>>;

/// A source of valid access tokens: one method.
pub trait TokenSource: Send + Sync {
    /// A credential that is good now, renewed if need be.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] if a person must authorize again, or the renewal was refused, or its store failed;
    /// [`Error::Transport`] if no answer came in time.
    fn credential(&self) -> CredentialFuture<'_>;
}

/// The tokens of one [`Session`]. A clone shares them; give one to each task.
///
/// A credential that is good costs an atomic load and a look at the clock. Its store is [looked at](Session::with_look_after)
/// every five seconds, so that a log-out elsewhere stops it. One that is about to expire is renewed in the background, by a
/// task that ends with the renewal; one that has expired is waited for. All who wait share the one
/// renewal and its outcome, a failure too; a caller that stops waiting stops nothing. When the last clone is dropped, a renewal
/// that only waits is stopped; one that has sent its request is carried to its end, so that no token is lost.
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
    pub(crate) store: Arc<dyn AsyncStore>,
    pub(crate) changed: Notify,
    pub(crate) tasks: Tasks,
}

impl Host {
    /// Wakes all who wait for a change.
    pub(crate) fn wake(&self) {
        self.changed.notify_waiters();
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
        Self::build(http, session, Arc::new(MemoryStore::new()), Tasks::new())
    }

    /// The tokens of this session, kept in a store under a key that says whose they are. Those of a login are in it when
    /// this returns, in the place of what was there; of any other session, what the store has is preferred to what the
    /// session holds.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] as for [`Session::in_store`]: a user's tokens under the application's key, for example
    /// ([ST-4](crate::Rule::St4)); and if the tokens of a login cannot be stored.
    pub async fn stored(
        http: HttpClient,
        session: Session,
        key: StoreKey,
        store: impl AsyncStore + 'static,
    ) -> Result<Self, Error> {
        Self::build(http, session.in_store(key)?, Arc::new(store), Tasks::new()).saved().await
    }

    /// The same, once what is in no store yet is in its own.
    pub(crate) async fn saved(self) -> Result<Self, Error> {
        if self.look(Session::is_unsaved) {
            self.credential().await?;
        }
        Ok(self)
    }

    pub(crate) fn build(
        http: HttpClient,
        session: Session,
        store: Arc<dyn AsyncStore>,
        tasks: Tasks,
    ) -> Self {
        #[cfg(feature = "tracing")]
        let session = session.with_observer(Arc::new(crate::traced::Traced::default()));
        let host = Host { http, store, changed: Notify::new(), tasks };
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
    pub fn fresh(&self) -> Option<Credential> {
        self.session.fresh(now())
    }

    /// A credential that is good now, renewed if need be. While it is fresh this costs what [`fresh`](Self::fresh) does;
    /// the same by [`TokenSource`] allocates its future. One that is bound to a key is of use with a proof only: see
    /// [`Credential::sign`].
    ///
    /// # Errors
    ///
    /// As for [`TokenSource::credential`].
    pub async fn credential(&self) -> Result<Credential, Error> {
        if let Some(credential) = self.fresh() {
            return Ok(credential);
        }
        // Boxed, so that the many futures that need not wait are small.
        Box::pin(self.wait_for(AwaitedCredential::new())).await
    }

    /// Takes a credential for one that is no good: the next who asks for one waits for a renewal, one for all who refuse the
    /// same credential. For what no 401 tells: an API that answers otherwise, a token that is used over another protocol, a
    /// person who revoked it. Returns whether it was the one that is held: of an older one, and where nothing renews the
    /// session, nothing is done, as [`Session::refuse`] says.
    pub fn refuse(&self, credential: &Credential) -> bool {
        self.session.refuse(credential, now())
    }

    /// A new credential, however long the one that is held or stored is good. All who ask meanwhile share one renewal; one that
    /// fails takes nothing from those who ask for [any](Self::credential).
    ///
    /// # Errors
    ///
    /// As for [`TokenSource::credential`].
    pub async fn renewed_credential(&self) -> Result<Credential, Error> {
        self.wait_for(AwaitedCredential::renewed()).await
    }

    async fn wait_for(&self, mut awaited: AwaitedCredential) -> Result<Credential, Error> {
        self.wait_until_ready(|session, now| session.provide(&mut awaited, now)).await?;
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
    pub async fn authorize(&self, call: &mut Call) -> Result<(), Error> {
        if call.use_fresh(self.session.credential(), now()) {
            return Ok(());
        }
        Box::pin(self.wait_until_ready(|session, now| session.authorize(call, now))).await
    }

    /// Asks the session until it is ready, and carries out the renewal if the session hands it over.
    async fn wait_until_ready(
        &self,
        mut ask: impl FnMut(&SharedSession, UnixTime) -> Result<(Readiness, Option<SharedRenewal>), core::Error>,
    ) -> Result<(), Error> {
        let ready = async {
            loop {
                // Listened for before the session is asked, so that no change falls in between.
                let mut changed = pin!(self.host.0.changed.notified());
                changed.as_mut().enable();
                let (readiness, renewal) = ask(&self.session, now()).map_err(|error| self.told(error))?;
                if let Some(renewal) = renewal {
                    let running = Running { renewal, host: WakeOnDrop(Arc::clone(&self.host.0)) };
                    // A task of its own: what was sent for is received, even if its caller has stopped waiting.
                    self.host.0.tasks.spawn(running.renew());
                }
                if readiness != Readiness::Wait {
                    return Ok(());
                }
                changed.await;
            }
        };
        timeout(self.patience, ready)
            .await
            .unwrap_or_else(|_| Err(Error::Transport(TransportError::new(TransportErrorKind::Timeout))))
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
    fn credential(&self) -> CredentialFuture<'_> {
        Box::pin(self.credential())
    }
}

/// A renewal under way. Dropped in this order, at its end or when the runtime ends: those who are woken find it settled.
struct Running {
    renewal: SharedRenewal,
    host: WakeOnDrop,
}

impl Running {
    async fn renew(mut self) {
        let host = &*self.host.0;
        let mut answer = None;
        loop {
            // Listened for before the renewal is asked: the last clone may be dropped at any moment.
            let mut changed = pin!(host.changed.notified());
            changed.as_mut().enable();
            let Ok(step) = self.renewal.step(answer.take(), now()) else { return };
            answer = match step {
                RenewalStep::Store(step) => {
                    let answer = step.on_async(&*host.store, self.renewal.key(), now());
                    Some(RenewalAnswer::Store(match self.renewal.only_looks() {
                        // All who use the session wait for it.
                        true => timeout(LOOK, answer).await.unwrap_or_else(|_| no_answer()),
                        false => answer.await,
                    }))
                }
                RenewalStep::Send(request) => Some(match exchange(&host.http, request, MAX_BODY).await {
                    Ok(response) => RenewalAnswer::Response(response),
                    Err(error) => self.renewal.unanswered(error.transport().cloned()),
                }),
                RenewalStep::Wait(time) => {
                    let _ = timeout(time, changed).await;
                    None
                }
                RenewalStep::Done => return,
            };
        }
    }
}

fn no_answer() -> StoreAnswer {
    StoreAnswer::Failed(StoreError::new("the store did not answer within ten seconds"))
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("session", &self.session).finish_non_exhaustive()
    }
}
