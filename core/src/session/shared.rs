//! One session for many callers: [`SharedSession`].
//!
//! ```text
//!  fresh ──────────────────────────────────▶ a credential, without a lock
//!  authorize, provide ──▶ Ready ───────────▶ a credential
//!                    ├──▶ Due ─────────────▶ a credential; and for one caller the renewal
//!                    └──▶ Wait ────────────▶ for one caller the renewal; all wait until it has ended, and ask again
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::ground::error::{Error, ended};
use crate::ground::time::UnixTime;
use crate::host::transport::TransportError;
use crate::session::Session;
use crate::session::call::Call;
use crate::session::call_step::Readiness;
use crate::session::credential::{AwaitedCredential, Credential};
use crate::session::end::SessionEnd;
use crate::session::ended::Ended;
use crate::session::held::{Held, Shared, Told};
use crate::session::observer::SessionEvent;
use crate::session::request_head::RequestHead;
use crate::session::shared_credential::SharedCredential;
use crate::session::shared_renewal::SharedRenewal;
use crate::session::sync::{Mutex, lock};
use crate::store::key::StoreKey;

/// A [`Session`] that many tasks or threads use at once. A clone shares it; give one to each of them.
///
/// It decides who renews: of all who ask, one is given the [`SharedRenewal`], and the others its result, a failure too.
/// What is left to the host is to wake, to spawn and to sleep. The host
///
/// - carries a renewal that it is given to its end, in a task of its own, so that a caller who goes away takes no token along;
/// - wakes all who wait when a renewal has ended or was dropped, and when a clone of the session was dropped. A caller
///   listens before it asks, so that no change falls in between.
///
/// While the credential is fresh there is no lock and no allocation.
///
/// ```
/// # use valetkey_core::store::{MemoryStore, Store};
/// # use valetkey_core::{Error, Request, Response};
/// use valetkey_core::UnixTime;
/// use valetkey_core::session::{AwaitedCredential, Credential, RenewalAnswer, RenewalStep, SharedSession};
///
/// /// All that a host with one thread does. `send` is its HTTP client; nobody waits, so nobody is woken.
/// fn credential(
///     session: &SharedSession,
///     store: &dyn Store,
///     send: impl Fn(Request) -> Option<Response>,
///     now: impl Fn() -> UnixTime,
/// ) -> Result<Option<Credential>, Error> {
///     let mut awaited = AwaitedCredential::new();
///     while let (_, Some(mut renewal)) = session.provide(&mut awaited, now())? {
///         let mut answer = None;
///         loop {
///             answer = match renewal.step(answer.take(), now())? {
///                 RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(store, renewal.key(), now()))),
///                 RenewalStep::Send(request) => Some(match send(request) {
///                     Some(response) => RenewalAnswer::Response(response),
///                     None => renewal.unanswered(None),
///                 }),
///                 RenewalStep::Wait(_) => None, // sleep for so long
///                 RenewalStep::Done => break,
///             };
///         }
///     }
///     Ok(awaited.take())
/// }
/// # use valetkey_core::{AuthorizationServer, Client, Grant, Session};
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3").api("https://api.example")?;
/// # let session = SharedSession::new(Session::from_grant(&client, Grant::client_credentials()));
/// # let answer = |_: Request| {
/// #     let body = br#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600}"#;
/// #     http::Response::builder().header("content-type", "application/json").body(body.to_vec()).ok()
/// # };
/// # assert!(credential(&session, &MemoryStore::new(), answer, UnixTime::default)?.is_some());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct SharedSession(Arc<Shared>);

impl SharedSession {
    /// Shares a session, which from now on [looks at its store](Session::with_look_after) every five seconds, if it is used and nothing
    /// else was said. It is in the store that [its key](Session::in_store) is for; one that was put in none is kept in
    /// a [`MemoryStore`](crate::store::memory::MemoryStore) of its own.
    #[must_use]
    pub fn new(session: Session) -> Self {
        let session = session.looking_by_default();
        Self(Arc::new(Shared {
            credential: session.shared().clone(),
            told: Arc::new(Told {
                key: session.key().cloned().unwrap_or_else(StoreKey::in_memory),
                observers: session.observers.clone(),
            }),
            held: Arc::new(Mutex::new(Held {
                session,
                is_renewing: false,
                is_looking: false,
                trouble: None,
            })),
        }))
    }

    /// The credential, if it is fresh at `now`: an atomic load, and no look at the session.
    #[must_use]
    #[inline]
    pub fn fresh(&self, now: UnixTime) -> Option<Credential> {
        self.0.credential.fresh(now)
    }

    /// The credential that is held now, for what needs only that.
    #[must_use]
    pub fn credential(&self) -> &SharedCredential {
        &self.0.credential
    }

    /// What its store keeps it under.
    #[must_use]
    pub fn key(&self) -> &StoreKey {
        &self.0.told.key
    }

    /// Looks at the session: at its subject, its scope, or [its record](Session::record). Everybody else who needs more
    /// than a fresh credential waits meanwhile, so ask nothing of this shared session in there: that waits for ever.
    pub fn look<T>(&self, look: impl FnOnce(&Session) -> T) -> T {
        look(&lock(&self.0.held).session)
    }

    /// A call of one of the session's APIs: [`authorize`](Self::authorize) it when it asks.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as for [`Call::new`].
    pub fn call<'a>(&self, head: impl Into<RequestHead<'a>>) -> Result<Call, Error> {
        Call::new(&self.0.credential, head)
    }

    /// Gives a call what it goes on with, or says that it waits for a renewal; and hands the renewal to one caller at a
    /// time, who is to carry it to its end.
    ///
    /// # Errors
    ///
    /// As for [`Session::authorize`]. With [`Error::Unanswered`], [`trouble`](Self::trouble) may know more.
    pub fn authorize(
        &self,
        call: &mut Call,
        now: UnixTime,
    ) -> Result<(Readiness, Option<SharedRenewal>), Error> {
        if call.use_fresh(&self.0.credential, now) {
            return Ok((Readiness::Ready, None));
        }
        let is_first = call.awaited.is_first();
        self.ask((is_first, false), |session| session.authorize(call, now), now)
    }

    /// The same for a caller who needs only a credential.
    ///
    /// # Errors
    ///
    /// As for [`authorize`](Self::authorize).
    pub fn provide(
        &self,
        awaited: &mut AwaitedCredential,
        now: UnixTime,
    ) -> Result<(Readiness, Option<SharedRenewal>), Error> {
        let asks = (awaited.is_first(), awaited.is_new);
        self.ask(asks, |session| session.provide(awaited, now), now)
    }

    /// Takes a credential for one that is no good, as [`Session::refuse`]: of all who refuse the same one and ask for
    /// another, one is given the renewal.
    pub fn refuse(&self, credential: &Credential, now: UnixTime) -> bool {
        lock(&self.0.held).session.refuse(credential, now)
    }

    /// Begins a log-out, as [`Session::end`]. A renewal under way need not be waited for: it finds the session ended.
    ///
    /// # Errors
    ///
    /// As for [`Session::end`].
    pub fn end(&self) -> Result<SessionEnd, Error> {
        lock(&self.0.held).session.end()
    }

    /// Takes the end of the session over, as [`Session::settle_end`]; the observers are told of it. Wake all who wait after
    /// it.
    ///
    /// # Errors
    ///
    /// As for [`Session::settle_end`].
    pub fn settle_end(&self, end: SessionEnd, now: UnixTime) -> Result<Ended, Error> {
        let came = lock(&self.0.held).session.settle_end(end, now)?;
        self.0.told.tell(&SessionEvent::Ended { cause: &ended(), took: Duration::ZERO }, now);
        Ok(came)
    }

    /// Why the last renewal got no answer from the server, as its host [told](SharedRenewal::unanswered).
    #[must_use]
    pub fn trouble(&self) -> Option<TransportError> {
        lock(&self.0.held).trouble.clone()
    }

    /// Whether this caller has not waited yet, and whether it wants a new token.
    fn ask(
        &self,
        (is_first, is_forced): (bool, bool),
        ask: impl FnOnce(&mut Session) -> Result<Readiness, Error>,
        now: UnixTime,
    ) -> Result<(Readiness, Option<SharedRenewal>), Error> {
        let mut held = lock(&self.0.held);
        let readiness = ask(&mut held.session)?;
        // Who waits while what is held is good waits for a look, which goes on beside a renewal: that may take its time.
        let is_look = !is_forced
            && readiness == Readiness::Wait
            && held.session.must_look(held.session.credential().as_ref(), now);
        let is_under_way = if is_look { held.is_looking } else { held.is_renewing };
        if readiness == Readiness::Ready || is_under_way {
            drop(held);
            if readiness == Readiness::Wait && is_first {
                self.0.told.tell(&SessionEvent::Shared, now);
            }
            return Ok((readiness, None));
        }
        let renewal = match (is_forced, is_look) {
            (true, _) => held.session.forced_renewal()?,
            (false, true) => held.session.look_at_store()?,
            (false, false) => held.session.renewal()?,
        };
        if is_look {
            held.is_looking = true;
        } else {
            held.is_renewing = true;
        }
        drop(held);
        let renewal = SharedRenewal::new(renewal, &self.0, now);
        // A look renews nothing, and is told only if it finds that something is wrong.
        if !is_look {
            self.0.told.tell(&SessionEvent::Begun, now);
        }
        Ok((readiness, Some(renewal)))
    }
}

impl fmt::Debug for SharedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without a look at the session, which may be under way where this is printed.
        f.debug_struct("SharedSession")
            .field("key", self.key())
            .field("credential", &self.0.credential.current())
            .finish_non_exhaustive()
    }
}
