//! The one renewal of a shared session that is under way: [`SharedRenewal`].
//!
//! ```text
//!  step … Done ─────▶ settled ──▶ the host wakes all who wait
//!  dropped earlier ─▶ settled as one that got no answer ──▶ likewise
//! ```

use std::fmt;
use std::sync::{Arc, Weak};

use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::host::transport::TransportError;
use crate::session::held::{Held, Shared, Told};
use crate::session::observer::SessionEvent;
use crate::session::renewal::machine::Renewal;
use crate::session::renewal::step::{RenewalAnswer, RenewalStep};
use crate::session::sync::{Mutex, lock};
use crate::store::StoreAnswer;
use crate::store::entry::Replaced;
use crate::store::key::StoreKey;

/// The one renewal of a [`SharedSession`](crate::session::SharedSession) that is under way.
///
/// It is settled when it is done, and when it is dropped before that: by a store that panics, by a runtime that ends. The
/// next caller then gets another one, after the wait that follows any failure. Wake all who wait after it.
#[must_use = "nobody else renews the session until this is carried to its end or dropped"]
pub struct SharedRenewal {
    /// `None` once it is settled.
    renewal: Option<Renewal>,
    told: Arc<Told>,
    held: Arc<Mutex<Held>>,
    /// All who could want its outcome.
    needed: Weak<Shared>,
    begun_at: UnixTime,
    /// When it is settled: there is no clock to ask when it is dropped.
    stepped_at: UnixTime,
    trouble: Option<TransportError>,
}

impl SharedRenewal {
    pub(super) fn new(renewal: Renewal, shared: &Arc<Shared>, now: UnixTime) -> Self {
        Self {
            renewal: Some(renewal),
            told: Arc::clone(&shared.told),
            held: Arc::clone(&shared.held),
            needed: Arc::downgrade(shared),
            begun_at: now,
            stepped_at: now,
            trouble: None,
        }
    }

    /// Moves the renewal on, as [`Renewal::step`] does: `None` asks what is to be done, and may be asked again. After
    /// [`RenewalStep::Done`] it is settled.
    ///
    /// A renewal that only waits is done when the last clone of its session is dropped; one that has sent its request is
    /// carried to its end, so that no token is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the answer is to something that was not asked.
    pub fn step(&mut self, answer: Option<RenewalAnswer>, now: UnixTime) -> Result<RenewalStep, Error> {
        self.stepped_at = now;
        let Some(renewal) = &mut self.renewal else { return Ok(RenewalStep::Done) };
        if matches!(&answer, Some(RenewalAnswer::Store(StoreAnswer::Replaced(Replaced::Conflict)))) {
            self.told.tell(&SessionEvent::StoreConflict, now);
        }
        let step = match renewal.step(answer, now)? {
            RenewalStep::Wait(_) if renewal.may_be_abandoned() && self.needed.strong_count() == 0 => {
                RenewalStep::Done
            }
            step => step,
        };
        if matches!(step, RenewalStep::Done) {
            self.settle();
        }
        Ok(step)
    }

    /// Keeps why no answer came, if the host knows, for
    /// [`SharedSession::trouble`](crate::session::SharedSession::trouble); and makes the answer for the next step.
    #[must_use = "it is the answer for the next step"]
    pub fn unanswered(&mut self, why: Option<TransportError>) -> RenewalAnswer {
        self.trouble = why;
        RenewalAnswer::NoResponse
    }

    /// Whether it is a [look](crate::Session::with_look_after) at the store: it sends nothing to the server, and the caller that began it waits for it.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        self.renewal.as_ref().is_some_and(Renewal::only_looks)
    }

    /// What the session's store keeps it under.
    #[must_use]
    pub fn key(&self) -> &StoreKey {
        &self.told.key
    }

    fn settle(&mut self) {
        let Some(renewal) = self.renewal.take() else { return };
        let is_look = renewal.only_looks();
        let mut held = lock(&self.held);
        if is_look {
            held.is_looking = false;
        } else {
            held.is_renewing = false;
            held.trouble = self.trouble.clone();
        }
        // What it came to, the session tells every caller that waits.
        let settled = held.session.settle(renewal, self.stepped_at);
        let failure = held.session.failure.as_deref().filter(|_| !is_look);
        let paused_until = failure.map(|(failure, _)| failure.until());
        drop(held);
        if !is_look || settled.is_err() {
            self.tell(&settled, paused_until);
        }
    }

    fn tell(&self, settled: &Result<(), Error>, paused_until: Option<UnixTime>) {
        let took = self.stepped_at.since(self.begun_at);
        let why = self.trouble.as_ref();
        let event = match settled {
            Ok(()) => SessionEvent::Done { took },
            Err(cause @ Error::AuthorizationRequired(_)) => SessionEvent::Ended { cause, took },
            Err(cause @ Error::Refused(_)) => SessionEvent::Refused { cause, took },
            Err(cause @ Error::Unanswered) => SessionEvent::Failed { cause, why, took },
            Err(cause) => SessionEvent::Failed { cause, why: None, took },
        };
        self.told.tell(&event, self.stepped_at);
        if let (SessionEvent::Refused { .. } | SessionEvent::Failed { .. }, Some(until)) =
            (event, paused_until)
        {
            self.told.tell(&SessionEvent::Paused { until }, self.stepped_at);
        }
    }
}

impl Drop for SharedRenewal {
    fn drop(&mut self) {
        self.settle();
    }
}

impl fmt::Debug for SharedRenewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedRenewal").field(&self.renewal).finish()
    }
}
