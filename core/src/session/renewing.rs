//! What renews a [`Session`], and what it makes of how that went.

use crate::ground::error::{Error, ended, expired};
use crate::ground::required::Cause;
use crate::ground::time::UnixTime;
use crate::session::Session;
use crate::session::credential::Credential;
use crate::session::renewal::failure::Failure;
use crate::session::renewal::machine::Renewal;
use crate::session::renewal::plan::Plan;
use crate::token::granted::other_resources;

impl Session {
    /// Begins a renewal. Run it to its end, then [`settle`](Self::settle) it. At most one should be under way at a
    /// time: a [`SharedSession`](crate::session::SharedSession) hands out one.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if nothing ever renews this session: its token is a permanent one; [`Error::Misuse`]
    /// ([TR-22](crate::Rule::Tr22)) if it was given other [resources](Self::with_resources) than its login was asked for.
    pub fn renewal(&self) -> Result<Renewal, Error> {
        let Some(client) = self.client.clone() else { return Err(expired()) };
        if self.is_widened {
            return Err(other_resources());
        }
        let (margin, spread, lease) = (self.margin, self.spread, self.lease);
        let (grant, purpose) = (self.grant.as_deref().cloned(), self.purpose.clone());
        let (ends, begin) = (self.ends, self.begin);
        let (refusals, refresh_parameters) = (self.refusals, self.refresh_parameters.clone());
        let plan =
            Plan { client, grant, purpose, margin, spread, lease, refusals, refresh_parameters, ends, begin };
        Ok(Renewal::new(plan, self.record.clone(), self.refused.clone(), self.unsaved.clone()))
    }

    /// Begins a renewal that brings a new token, however long the one that the store has is good: for an
    /// [`AwaitedCredential::renewed`](crate::session::AwaitedCredential::renewed).
    ///
    /// # Errors
    ///
    /// As for [`renewal`](Self::renewal).
    pub fn forced_renewal(&self) -> Result<Renewal, Error> {
        Ok(self.renewal()?.forced())
    }

    /// The same over this session's own memory, where a lease can only be that of a renewal that was dropped.
    pub(crate) fn renewal_alone(&mut self) -> Result<Renewal, Error> {
        if let Some(memory) = &mut self.memory {
            memory.free();
        }
        self.renewal()
    }

    /// Takes a renewal's outcome over, and says how it went. One that was dropped before its end is settled too.
    ///
    /// Any failure leaves a still-good access token in use, unless a [look](Self::with_look_after) at the store is due and fails, and the next renewal waits: a second at first, twice as long
    /// each time, a minute at most (five seconds if the store failed), or as long as the server asked for.
    ///
    /// # Errors
    ///
    /// The failure of the renewal: [`Error::Unanswered`] if no answer came, [`Error::AuthorizationRequired`] if the
    /// server refused the grant for good and nothing else renews, [`Error::Store`] if the store failed.
    pub fn settle(&mut self, renewal: Renewal, now: UnixTime) -> Result<(), Error> {
        if renewal.only_looks() {
            return self.settle_look(renewal, now);
        }
        self.settled += 1;
        let is_forced = renewal.is_forced();
        // It began before the session was ended, and knows nothing of that.
        if renewal.ends() != self.ends {
            return self.fail(ended(), None, now);
        }
        let Some(outcome) = renewal.into_outcome() else {
            return self.fail(Error::Unanswered, None, now);
        };
        self.looked_by_renewal(&outcome, now);
        self.unsaved = outcome.unsaved;
        let told = outcome.record.as_ref().and_then(|record| record.failure.as_deref().cloned());
        if let Some(record) = outcome.record {
            self.saw(outcome.seen_at);
            // A look may have brought them already: who has asked for new ones since then waits for the next.
            let was_seen = self
                .record
                .as_ref()
                .is_some_and(|held| held.generation == record.generation && held.same_tokens(&record));
            self.renewed += u64::from((outcome.granted || is_forced) && !was_seen);
            if outcome.granted && !was_seen {
                // The server has just said that it is good, whatever the API said of it before. What a look had brought already may have
                // been refused since.
                self.refused = None;
            }
            let renewed = self
                .record
                .as_ref()
                .is_none_or(|held| !held.same_tokens(&record) || held.expires_at != record.expires_at);
            self.record = Some(record);
            // A token that was just written is held for the first time, however the record compares.
            if renewed || (outcome.result.is_ok() && self.shared.current().is_none()) {
                self.hold();
            } else {
                self.hold_seen();
            }
        }
        match outcome.result {
            Ok(()) => {
                self.failure = None;
                Ok(())
            }
            Err(error) => self.fail(error, told, now),
        }
    }

    pub(super) fn fail(&mut self, error: Error, told: Option<Failure>, now: UnixTime) -> Result<(), Error> {
        // A store that has nothing of use yet is looked at again and again: somebody may log in.
        let looks_again = matches!(&error, Error::AuthorizationRequired(why)
            if matches!(why.cause(), Cause::Expired | Cause::OwnerUnknown | Cause::OtherResources | Cause::Ended));
        let earlier = self.failure.as_deref().map(|(failure, _)| failure).filter(|_| !looks_again);
        let failure = told.unwrap_or_else(|| Failure::after(earlier, &error, None, self.spread, now));
        self.failure = Some(Box::new((failure, error.clone())));
        Err(error)
    }

    /// Makes the record's access token the credential, unless it is one that the API refused or that is to be stored first, or
    /// a log-out is under way.
    pub(super) fn hold(&mut self) {
        if !self.endings.are_over() {
            return;
        }
        let Some(record) = &self.record else { return };
        if self.unsaved.as_ref().is_some_and(|unsaved| unsaved.record().same_tokens(record)) {
            return;
        }
        let Some(token) = record.access_token.clone() else {
            self.shared.set(None, None);
            return;
        };
        if self.refused.as_ref() == Some(&token) {
            return;
        }
        let Some(Ok(key)) = self.client.as_ref().map(|client| record.key(client)) else {
            self.shared.set(None, None);
            return;
        };
        self.credentials += 1;
        let fresh_until = self.margin.fresh_until(record.issued_at, record.expires_at, self.spread);
        // A token that was admitted is printable, so it fits a header.
        let (expires_at, apis) = (record.expires_at, self.shared.apis().clone());
        let held = Credential::new(token, key, expires_at, fresh_until, self.credentials, apis).ok();
        if let (Some(record), Some(held)) = (&mut self.record, &held) {
            // The same token, whose text both share then.
            record.access_token = Some(held.access_token().clone());
        }
        self.shared.set(held, self.seen_until());
        self.refused = None;
    }

    /// When a credential stops being fresh is a part of it, so that one that is held follows a setting.
    pub(super) fn hold_anew(&mut self) {
        if self.shared.current().is_some() {
            self.hold();
        }
    }
}
