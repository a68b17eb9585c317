//! How soon a session that is held in memory learns that its store took a log-out ([LO-16](crate::Rule::Lo16)).
//!
//! ```text
//!  the store was looked at ──── look_after, 5 seconds ────▶ who asks next waits for a look: one, for all who ask
//!     ▲                                                        │ the record goes on ──▶ the credential that is held
//!     └────────────────────────────────────────────────────────┤ a tombstone, or nothing ──▶ it has ended
//!                                                              └ the store failed ──▶ nobody is given a credential
//! ```
//!
//! A store that fails is no consent: it may have taken the log-out. So the bound holds also while it fails, and a program
//! that would rather go on without it says so by a longer time. A look goes on beside a renewal, which may wait for a slow server.
//!
//! Until when the last look is good is kept with the credential, as one time with that at which it is to be renewed: who uses a fresh one
//! pays nothing for it.

use std::time::Duration;

use crate::ground::error::{Error, ended};
use crate::ground::time::UnixTime;
use crate::session::Session;
use crate::session::credential::Credential;
use crate::session::renewal::machine::Renewal;
use crate::session::renewal::outcome::Outcome;

/// How old the last look may be where the session is shared, unless the program says otherwise.
const LOOK_AFTER: Duration = Duration::from_secs(5);

/// A store that failed at a look is looked at again after this time.
const PAUSE: Duration = Duration::from_secs(1);

impl Session {
    /// Looks at its store again before it hands out a credential, where the last look is older than this: so it stops at the
    /// latest so long after the store took a log-out, by whatever process ([LO-16](crate::Rule::Lo16)). Five seconds by default, once it is
    /// [shared](crate::session::SharedSession), by the adapters' `Tokens` for example; a session that is stepped by hand looks only when it
    /// renews, unless this is said. [`Duration::MAX`]: only then, in any case.
    ///
    /// A store that fails at such a look may have taken a log-out, and no credential is handed out: that is
    /// [`Error::Store`]. It is tried again after a second. One that is kept for a [time](Self::with_lifetime) is looked at once in a quarter of
    /// that at least, since a look is what keeps it. A store that is slow adds its own time, and a clock that is set back
    /// what it was set back by. A session that was made [from a record](Self::from_record) looks before its first credential.
    ///
    /// The application's own session, and one that is not [in a store](Self::in_store), has no log-out elsewhere, and never looks.
    #[must_use]
    pub fn with_look_after(mut self, time: Duration) -> Self {
        self.looks.after = (time < Duration::MAX).then_some(time);
        self.looks.is_said = true;
        self.hold_anew();
        self
    }

    pub(super) fn looking_by_default(self) -> Self {
        if self.looks.is_said { self } else { self.with_look_after(LOOK_AFTER) }
    }

    /// Until when the last look is good; `None` for ever. One that was restored from a record has not looked yet, and holds what
    /// somebody has seen at some time: it may have ended in the store since.
    pub(super) fn seen_until(&self) -> Option<UnixTime> {
        let key = self.key.as_deref().filter(|key| !key.owner().is_application());
        let after = key.and(self.looks.after)?;
        // Each look is what keeps it: who looks more rarely than it is kept would lose it in use.
        let kept = self.record.as_ref().and_then(|record| record.kept);
        let after = kept.map_or(after, |kept| after.min(kept.time() / 4));
        Some(self.looks.at.map_or_else(UnixTime::default, |at| at.after(after)))
    }

    /// Whether a look comes before this credential may be used.
    pub(super) fn must_look(&self, held: Option<&Credential>, now: UnixTime) -> bool {
        held.is_some_and(|held| held.is_valid(now)) && self.seen_until().is_some_and(|until| until <= now)
    }

    /// Why no look is tried at `now`: what the last one failed with, a moment ago, or while this caller waited for it.
    pub(super) fn look_failure(&self, looked: u64, now: UnixTime) -> Option<&Error> {
        let (until, error) = self.looks.failure.as_deref()?;
        // A pause that would last longer than it was to is a clock that was set back.
        (looked > 0 || now.is_within(until.before(PAUSE), *until)).then_some(error)
    }

    /// A renewal that looks at the store and asks for nothing.
    pub(super) fn look_at_store(&self) -> Result<Renewal, Error> {
        Ok(self.renewal()?.only_looking(self.settled))
    }

    /// What the session holds from now on is what the store had when it was asked at this time.
    pub(super) fn saw(&mut self, at: Option<UnixTime>) {
        if at.is_some() {
            self.looks.at = at;
            self.looks.failure = None;
        }
    }

    /// A renewal is a look, too: one that the store failed is told to those who wait for a look.
    pub(super) fn looked_by_renewal(&mut self, outcome: &Outcome, now: UnixTime) {
        self.looks.count += 1;
        if outcome.record.is_none()
            && let Err(error @ Error::Store(_)) = &outcome.result
        {
            let _ = self.fail_to_look(error.clone(), now);
        }
    }

    /// Takes a look over. It says nothing of renewals: what the last of them failed with stays, unless there are other tokens.
    pub(super) fn settle_look(&mut self, look: Renewal, now: UnixTime) -> Result<(), Error> {
        self.looks.count += 1;
        // It began before the session was ended, and knows nothing of that.
        if look.ends() != self.ends {
            return Err(ended());
        }
        // A renewal that ended meanwhile has what is newer, but for a log-out.
        let is_late = look.looks_since() != Some(self.settled);
        let came = look.into_outcome();
        let Some(Outcome { result, record, seen_at, .. }) = came else {
            return self.fail_to_look(Error::Unanswered, now);
        };
        let Some(record) = record else {
            return match result {
                Ok(()) => {
                    self.saw(seen_at);
                    self.hold_seen();
                    Ok(())
                }
                Err(error) => self.fail_to_look(error, now),
            };
        };
        if is_late && !record.is_ended() {
            return Ok(());
        }
        self.saw(seen_at);
        let held = self.record.as_ref();
        let is_other = held.is_none_or(|held| !held.same_tokens(&record));
        let is_longer = held.is_none_or(|held| held.expires_at != record.expires_at);
        self.record = Some(record);
        if is_other {
            self.failure = None;
        }
        if is_other || is_longer {
            self.hold();
        }
        self.hold_seen();
        match result {
            Ok(()) => Ok(()),
            Err(error) => self.fail(error, None, now),
        }
    }

    fn fail_to_look(&mut self, error: Error, now: UnixTime) -> Result<(), Error> {
        self.looks.failure = Some(Box::new((now.after(PAUSE), error.clone())));
        Err(error)
    }

    /// The same credential, which the look is good for.
    pub(super) fn hold_seen(&self) {
        if let Some(held) = self.shared.current() {
            self.shared.set(Some(held), self.seen_until());
        }
    }
}
