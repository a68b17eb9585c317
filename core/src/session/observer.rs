//! What operators see of a session: [`Observer`], which is told each [`SessionEvent`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::host::transport::TransportError;
use crate::store::key::StoreKey;

/// Is told what becomes of the renewals of a [`SharedSession`](crate::session::SharedSession): for logs, metrics and traces. Any
/// function of these arguments is one.
///
/// It is called by those who ask for a credential and by those who carry out a renewal, in their threads, with no lock
/// held; so it should be quick. If it panics, the session goes on.
///
/// ```
/// use std::sync::Arc;
/// use valetkey_core::UnixTime;
/// use valetkey_core::session::SessionEvent;
/// # use valetkey_core::{AuthorizationServer, Client, Grant, Session};
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3").api("https://api.example")?;
///
/// let session = Session::from_grant(&client, Grant::client_credentials());
/// let session = session.with_observer(Arc::new(|key: &str, event: &SessionEvent<'_>, now: UnixTime| {
///     if let SessionEvent::Paused { until, .. } = event {
///         eprintln!("{key}: no renewal for {:?}", until.since(now));
///     }
/// }));
/// # let _ = session;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub trait Observer: Send + Sync {
    /// Takes notice. `key` is the digest of the session's [`StoreKey`], which is the same for all sessions that were put
    /// in no store; `now` is the time that the host gave with what caused the event.
    fn observe(&self, key: &str, event: &SessionEvent<'_>, now: UnixTime);
}

impl<F: Fn(&str, &SessionEvent<'_>, UnixTime) + Send + Sync> Observer for F {
    fn observe(&self, key: &str, event: &SessionEvent<'_>, now: UnixTime) {
        self(key, event, now);
    }
}

/// What happened to a session. It shows no secret, and the words of a server only where a
/// [`Refused`](crate::error::Refused) does.
///
/// A renewal that has `Begun` ends with one of `Done`, `Refused`, `Failed` and `Ended`; `took` is the time from the one
/// to the other, by the host's clock.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SessionEvent<'a> {
    /// A renewal has begun.
    Begun,
    /// A caller waits for the renewal that is under way, and will be told its result.
    Shared,
    /// Somebody else has written to the store since the renewal read it, in another process for the most part. The renewal
    /// looks again.
    StoreConflict,
    /// There is a credential: a new one, or one that somebody else has renewed.
    #[non_exhaustive]
    Done {
        /// How long the renewal took.
        took: Duration,
    },
    /// The server has refused for now, or an earlier refusal is still to be waited for: see [`Error::Refused`].
    #[non_exhaustive]
    Refused {
        /// What the server said.
        cause: &'a Error,
        /// How long the renewal took.
        took: Duration,
    },
    /// The renewal failed otherwise: no answer came, the answer broke the protocol, the store failed.
    #[non_exhaustive]
    Failed {
        /// What callers are told.
        cause: &'a Error,
        /// Why no answer came, as the host [told](crate::session::SharedRenewal::unanswered).
        why: Option<&'a TransportError>,
        /// How long the renewal took.
        took: Duration,
    },
    /// Nothing is asked of the server until then, because the renewal was refused or failed.
    #[non_exhaustive]
    Paused {
        /// When the next renewal may begin.
        until: UnixTime,
    },
    /// Nothing renews the session before a person has authorized again: see [`Error::AuthorizationRequired`].
    #[non_exhaustive]
    Ended {
        /// Why.
        cause: &'a Error,
        /// How long the renewal took.
        took: Duration,
    },
}

impl SessionEvent<'_> {
    /// Its name for logs and metrics: `begun`, `shared`, `store_conflict`, `done`, `refused`, `failed`, `paused` or `ended`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Shared => "shared",
            Self::StoreConflict => "store_conflict",
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
            Self::Paused { .. } => "paused",
            Self::Ended { .. } => "ended",
        }
    }
}

/// All who observe a session.
#[derive(Clone, Default)]
pub(super) struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    pub(super) fn and(mut self, observer: Arc<dyn Observer>) -> Self {
        self.0.push(observer);
        self
    }

    pub(super) fn tell(&self, key: &StoreKey, event: &SessionEvent<'_>, now: UnixTime) {
        for observer in &self.0 {
            // A renewal is settled while a panic unwinds, too; a second one would end the process.
            let _ = catch_unwind(AssertUnwindSafe(|| observer.observe(key.as_str(), event, now)));
        }
    }
}
