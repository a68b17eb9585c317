//! Is there a credential good at `now`, and what does this 401 mean: what a [`Session`] says to a call.
//!
//! ```text
//!  good, and the store not seen for a while ────────▶ Wait, for one look
//!  fresh ───────────────────────────────────────────▶ Ready
//!  good, within its margin ─▶ something renews it ──▶ Due: ready, and renewed beside it
//!  expired, or refused ─────▶ something renews it ──▶ Wait, for one renewal; then Ready, or what that failed with
//!  nothing renews it, or not yet again: Ready while it is good, and then an error
//! ```

use crate::ground::error::{Error, ended, expired};
use crate::ground::quirk::Quirk;
use crate::ground::time::UnixTime;
use crate::session::Session;
use crate::session::call::Call;
use crate::session::call_step::Readiness;
use crate::session::credential::{AwaitedCredential, Credential};
use crate::session::record::SessionRecord;

impl Session {
    /// Gives a call what it goes on with, or says what the session needs first.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if no credential is good and nothing renews one; what the last renewal failed
    /// with, where no credential is good; that the session has ended, from the moment its [end](Session::end) begins.
    pub fn authorize(&mut self, call: &mut Call, now: UnixTime) -> Result<Readiness, Error> {
        self.meet(call, now, true)
    }

    /// The same for a caller that renews by itself.
    pub(crate) fn authorize_owned(&mut self, call: &mut Call, now: UnixTime) -> Result<Readiness, Error> {
        self.meet(call, now, false)
    }

    fn meet(&mut self, call: &mut Call, now: UnixTime, in_background: bool) -> Result<Readiness, Error> {
        if let Some(refused) = call.refused()
            && !self.discard(refused, now)
        {
            call.rest();
            return Ok(Readiness::Ready);
        }
        let readiness = self.find(&mut call.awaited, now, in_background)?;
        if let Some(credential) = call.awaited.take() {
            call.take(credential, now);
        }
        Ok(readiness)
    }

    /// Provides a credential alone, without a call, or says what the session needs first.
    ///
    /// # Errors
    ///
    /// As for [`authorize`](Self::authorize).
    pub fn provide(&self, awaited: &mut AwaitedCredential, now: UnixTime) -> Result<Readiness, Error> {
        self.find(awaited, now, true)
    }

    fn find(
        &self,
        awaited: &mut AwaitedCredential,
        now: UnixTime,
        in_background: bool,
    ) -> Result<Readiness, Error> {
        let ready = if awaited.is_new {
            let after = *awaited.after.get_or_insert(self.renewed);
            self.ready_anew(after, awaited.wanted, now)
        } else {
            let looked = awaited.looks.map_or(0, |looks| self.looks.count.saturating_sub(looks));
            self.ready(awaited.wanted, looked, now)
        };
        match ready? {
            Ready::Use(credential) => {
                awaited.looks = None;
                awaited.credential = Some(credential);
                Ok(Readiness::Ready)
            }
            Ready::Renew(Some(credential)) if in_background => {
                awaited.looks = None;
                awaited.credential = Some(credential);
                Ok(Readiness::Due)
            }
            Ready::Look => {
                awaited.looks.get_or_insert(self.looks.count);
                Ok(Readiness::Wait)
            }
            Ready::Renew(_) => {
                awaited.wanted.get_or_insert(self.settled);
                Ok(Readiness::Wait)
            }
        }
    }

    /// Forgets a credential that the API refused, unless a newer one is held by now; whether there is another, something
    /// to get one by, or a reason to give.
    fn discard(&mut self, refused: &Credential, now: UnixTime) -> bool {
        match self.shared.current() {
            Some(held) if held.generation() == refused.generation() => {
                if !self.renews() || !self.rejections.admit(now) {
                    return false;
                }
                self.refused = Some(refused.access_token().clone());
                self.shared.set(None, None);
                true
            }
            Some(_) => true,
            None => self.renews() || self.failure.is_some(),
        }
    }

    /// Takes a credential for one that is no good: an API said so by another status than 401, or a server of mail did, or a
    /// person revoked it. The next who asks waits for a renewal, one for all who refuse the same credential and for all
    /// processes of its store; a [call](crate::session::Call) does this by itself after a 401.
    ///
    /// Returns whether it was the credential that is held and is now refused. Nothing is done, and it is `false`:
    ///
    /// - for any other credential, such as one that has been renewed meanwhile;
    /// - if nothing renews the session: what is held is all that there is;
    /// - if one new credential after the other is refused within seconds: it is kept for a second at first, then twice as long
    ///   each time, a minute at most.
    pub fn refuse(&mut self, credential: &Credential, now: UnixTime) -> bool {
        let is_held = self.shared.current().is_some_and(|held| {
            held.generation() == credential.generation() && held.access_token() == credential.access_token()
        });
        is_held && self.discard(credential, now)
    }

    /// The same for one who wants a new credential. `after` is how many renewals had brought something new by then.
    fn ready_anew(&self, after: u64, wanted: Option<u64>, now: UnixTime) -> Result<Ready, Error> {
        if !self.endings.are_over() {
            return Err(ended());
        }
        if !self.renews() {
            return Err(expired());
        }
        let settled_since = wanted.map_or(0, |wanted| self.settled.saturating_sub(wanted));
        let failing = self.failure.as_deref();
        // The first may have begun before, and bring what the store has; the second has not.
        let is_answered = self.renewed > after || settled_since > 1;
        match (failing, self.shared.current()) {
            (Some((failure, error)), _) if settled_since > 0 || is_answered || !failure.is_over(now) => {
                Err(error.clone())
            }
            (_, Some(held)) if is_answered => Ok(Ready::Use(held)),
            // What came was refused meanwhile: one more is waited for, and not another after that.
            (_, None) if settled_since > 1 => Err(expired()),
            _ => Ok(Ready::Renew(None)),
        }
    }

    /// What a call is to do at `now`. `wanted` is how many renewals had been settled when the call first wanted one: one
    /// that was settled since is not asked for again, so that a call ends whatever the clock does. `looked` is how many
    /// looks were settled since the call first wanted one.
    fn ready(&self, wanted: Option<u64>, looked: u64, now: UnixTime) -> Result<Ready, Error> {
        if !self.endings.are_over() {
            return Err(ended());
        }
        let held = self.shared.current();
        if self.must_look(held.as_ref(), now) {
            // What the last look failed with is told to all who waited for it, however long it took.
            if let Some(error) = self.look_failure(looked, now) {
                return Err(error.clone());
            }
            // The first may have begun before this was asked for; the second has not, and is good for it, however long it took.
            if looked < 2 {
                return Ok(Ready::Look);
            }
        }
        let settled_since = wanted.map_or(0, |wanted| self.settled.saturating_sub(wanted));
        let waited = settled_since > 0;
        let failing = self.failure.as_deref();
        // The first may have begun before the token was refused, and bring nothing but that token; the second has not.
        let answered = settled_since > 1 || (waited && (held.is_some() || failing.is_some()));
        let due = self.renews() && !answered && failing.is_none_or(|(failure, _)| failure.is_over(now));
        match held {
            Some(held) if held.is_fresh(now) => Ok(Ready::Use(held)),
            // A token that was renewed for this call is used, however short its lifetime is.
            Some(held) if waited && failing.is_none() => Ok(Ready::Use(held)),
            held if due => Ok(Ready::Renew(held.filter(|held| held.is_valid(now)))),
            Some(held) if held.is_valid(now) => Ok(Ready::Use(held)),
            _ => Err(failing.map_or_else(|| self.expired(), |(_, error)| error.clone())),
        }
    }

    /// That there is no token, or none any more. One that never lived is of a server that may mean something else by it.
    fn expired(&self) -> Error {
        let never_lived =
            |record: SessionRecord| record.issued_at.is_some() && record.expires_at == record.issued_at;
        if self.record().is_some_and(never_lived) {
            return expired().unless_admitted(Quirk::ZeroLifetime);
        }
        expired()
    }
}

/// What a session says to a call.
enum Ready {
    Use(Credential),
    /// The store may have taken a log-out since it was looked at.
    Look,
    /// A renewal is due; the credential is still good meanwhile.
    Renew(Option<Credential>),
}
