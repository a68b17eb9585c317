//! The end of a session, by a log-out: [`SessionEnd`].
//!
//! ```text
//!  Load ──▶ nothing there, and nothing held, or it was ended before ──▶ Done, Nothing
//!    ▼
//!  Replace: a tombstone ──▶ somebody wrote since ──▶ Load …
//!    │  └──▶ the store failed ──▶ Wait ──▶ Load … for half a minute, and then Error::Store
//!    ▼
//!  Send: the revocation of the refresh token, or of the access token if there is no other
//!    ▼
//!  Done: Revoked, or Forgotten and why not
//! ```
//!
//! The tombstone comes first: a process that dies after it leaves a session that has ended, and one that dies before it a
//! session that goes on. The other way about, a renewal in between would bring tokens that nobody revokes.
//!
//! Longer than most files: it is one state machine, and each of its arms is read beside the others.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::client::Client;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse};
use crate::ground::time::UnixTime;
use crate::session::ended::{Ended, NotRevoked};
use crate::session::purpose::Purpose;
use crate::session::record::SessionRecord;
use crate::session::renewal::pause::Pause;
use crate::session::renewal::revoking::{Revoking, revocation};
use crate::session::renewal::step::{RenewalAnswer, RenewalStep};
use crate::store::StoreError;
use crate::store::entry::{Entry, Replaced, StoreVersion, Stored};
use crate::store::step::{StoreAnswer, StoreStep};
use crate::terms::scope::Scope;

/// A server that revokes slowly is waited for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The end of one session: from [`Session::end`](crate::Session::end) to
/// [`Session::settle_end`](crate::Session::settle_end).
///
/// It is stepped as a [`Renewal`](crate::session::Renewal) is, and wants the same things done: the store's steps under the
/// session's key, and a request. [`of`](Self::of) ends a session of which only the key is known.
#[must_use = "a session ends only when its end is stepped"]
pub struct SessionEnd {
    client: Client,
    /// What the record is for, where that is known.
    pub(super) purpose: Option<Purpose>,
    /// The newest tokens that are held and not in the store, and those that were in the store.
    pub(super) unsaved: Option<SessionRecord>,
    pub(super) held: Option<SessionRecord>,
    state: State,
    pause: Pause,
    /// What is to be revoked, once the tombstone is there.
    tokens: VecDeque<SessionRecord>,
    /// The one that is known to be in the store.
    pub(super) tombstone: Option<SessionRecord>,
    /// By which its session tells it from its other log-outs.
    pub(super) mark: Option<Arc<()>>,
    /// Whether writing it may have succeeded without our knowing.
    is_unsure: bool,
    failure: Option<Error>,
    was_revoked: bool,
    /// Which of the client's records it ends, where that is not whatever there is.
    only: Option<Arc<Concerned>>,
    keeps_offline_access: bool,
    has_kept: bool,
}

/// Whether a record is one that is to end.
type Concerned = dyn Fn(&SessionRecord) -> bool + Send + Sync;

enum State {
    Look,
    Write(Box<SessionRecord>, Option<StoreVersion>),
    Later(StoreError),
    Revoke(Box<Revoking<()>>),
    Done(Outcome),
}

#[derive(Clone)]
enum Outcome {
    Nothing,
    Ended,
    Failed(Error),
}

impl SessionEnd {
    /// Ends whatever session of this client the key holds that its steps are carried out with: one that was
    /// [found](crate::store::Store::find). A record of another client's is left as it is ([`Ended::Nothing`]), and so is one
    /// that cannot be read ([`Error::Store`]). An index may have other [kinds](crate::store::StoreKey::kind) of records too.
    pub fn of(client: &Client) -> Self {
        Self {
            client: client.clone(),
            purpose: None,
            unsaved: None,
            held: None,
            state: State::Look,
            pause: Pause::for_store(),
            tokens: VecDeque::new(),
            tombstone: None,
            mark: None,
            is_unsure: false,
            failure: None,
            was_revoked: false,
            only: None,
            keeps_offline_access: false,
            has_kept: false,
        }
    }

    /// Ends no record but these. What is there is looked at in the same state in which it is replaced.
    pub(crate) fn only(self, ends: impl Fn(&SessionRecord) -> bool + Send + Sync + 'static) -> Self {
        Self { only: Some(Arc::new(ends)), ..self }
    }

    /// Does not revoke tokens that were granted `offline_access`: they are meant to outlive the login
    /// ([LO-7](crate::Rule::Lo7), OpenID Connect Back-Channel Logout §2.7). The session ends all the same.
    pub fn keeping_offline_access(self) -> Self {
        Self { keeps_offline_access: true, ..self }
    }

    /// Moves it on. `None` asks "what now?" and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the answer is to something that was not asked. Whatever the store and the server say is told
    /// by [`finish`](Self::finish).
    pub fn step(&mut self, answer: Option<RenewalAnswer>, now: UnixTime) -> Result<RenewalStep, Error> {
        match answer {
            None => {}
            Some(RenewalAnswer::Store(answer)) => self.take(answer, now)?,
            Some(RenewalAnswer::Response(response)) => self.revoking()?.received(Some(response), now)?,
            Some(RenewalAnswer::NoResponse) => self.revoking()?.received(None, now)?,
        }
        loop {
            match &mut self.state {
                State::Look => return Ok(RenewalStep::Store(StoreStep::Load)),
                State::Write(tombstone, expected) => {
                    let (entry, expected): (Entry, _) =
                        (tombstone.to_entry(now).map_err(Error::Store)?, expected.clone());
                    return Ok(RenewalStep::Store(StoreStep::Replace { expected, entry }));
                }
                State::Later(_) => match self.pause.left(now) {
                    Duration::ZERO => self.state = State::Look,
                    time => return Ok(RenewalStep::Wait(time)),
                },
                State::Revoke(revoking) if revoking.is_over(now) => self.revoked(now),
                State::Revoke(revoking) => {
                    if let Some(step) = revoking.step(now) {
                        return Ok(step);
                    }
                }
                State::Done(_) => return Ok(RenewalStep::Done),
            }
        }
    }

    /// What became of the session.
    ///
    /// # Errors
    ///
    /// As for [`Session::settle_end`](crate::Session::settle_end).
    pub fn finish(self) -> Result<Ended, Error> {
        match self.state {
            State::Done(Outcome::Nothing) => Ok(Ended::Nothing),
            State::Done(Outcome::Failed(error)) => Err(error),
            State::Done(Outcome::Ended) => Ok(match self.failure {
                Some(error) => Ended::Forgotten(NotRevoked::Failed(error)),
                None if self.was_revoked => Ended::Revoked,
                None if self.has_kept => Ended::Forgotten(NotRevoked::OfflineAccess),
                None if self.tokens.is_empty() => Ended::Forgotten(NotRevoked::NoToken),
                None => Ended::Forgotten(NotRevoked::NoEndpoint),
            }),
            // The tombstone is there already: what is left open is only what became of the tokens.
            State::Revoke(_) => {
                Ok(Ended::Forgotten(NotRevoked::Failed(self.failure.unwrap_or(Error::Unanswered))))
            }
            State::Later(error) => Err(Error::Store(error)),
            State::Look | State::Write(..) => Err(Error::Unanswered),
        }
    }

    fn revoking(&mut self) -> Result<&mut Revoking<()>, Error> {
        match &mut self.state {
            State::Revoke(revoking) => Ok(revoking),
            _ => Err(misuse("an answer came that no request was for: step with `None` first")),
        }
    }

    fn take(&mut self, answer: StoreAnswer, now: UnixTime) -> Result<(), Error> {
        match (&self.state, answer) {
            (State::Look, StoreAnswer::Loaded(stored)) => match self.others(stored.as_ref()) {
                Some(outcome) => self.state = State::Done(outcome),
                None => self.look(stored, now),
            },
            (State::Write(..), StoreAnswer::Replaced(Replaced::Conflict)) => {
                self.later(StoreError::new("the record changes again and again: try again"), now);
            }
            (State::Write(tombstone, _), StoreAnswer::Replaced(_)) => {
                self.tombstone = Some((**tombstone).clone());
                self.revoke(now);
            }
            (State::Look, StoreAnswer::Failed(error)) => self.later(error, now),
            (State::Write(..), StoreAnswer::Failed(error)) => {
                self.is_unsure = true;
                self.later(error, now);
            }
            _ => {
                return Err(misuse("the store's answer is not to the last step"));
            }
        }
        Ok(())
    }

    /// What there is to say of a record that is not this client's session, where only its key is known: it is left as it
    /// is.
    fn others(&self, stored: Option<&Stored>) -> Option<Outcome> {
        let stored = stored.filter(|_| self.purpose.is_none())?;
        match SessionRecord::from_bytes(&stored.bytes) {
            Err(error) => Some(Outcome::Failed(Error::Store(error))),
            Ok(record) if !record.belongs_to(&self.client) => Some(Outcome::Nothing),
            // A tombstone says no more whose it was, and may be the one that was written here.
            Ok(record) if !record.is_ended() && self.only.as_ref().is_some_and(|ends| !ends(&record)) => {
                Some(Outcome::Nothing)
            }
            Ok(_) => None,
        }
    }

    /// What is there, and so what is to be written and revoked.
    fn look(&mut self, stored: Option<Stored>, now: UnixTime) {
        let (version, record) = match stored {
            Some(stored) => (Some(stored.version.clone()), Some(self.read(&stored))),
            None => (None, None),
        };
        // A login that is not in the store yet has not ended with the one before it: its own end is written.
        let is_over = |record: &&SessionRecord| {
            let unsaved = self.unsaved.as_ref();
            record.is_ended() && (self.is_unsure || unsaved.is_none_or(|unsaved| record.same_login(unsaved)))
        };
        if let Some(record) = record.as_ref().filter(is_over) {
            self.tombstone = Some(record.clone());
            if self.is_unsure {
                // It may well be ours, written by the step whose answer was lost.
                return self.revoke(now);
            }
            self.tokens = self.unsaved.take().into_iter().collect();
            if self.tokens.is_empty() {
                self.state = State::Done(Outcome::Nothing);
            } else {
                self.revoke(now);
            }
            return;
        }
        let newest = self.unsaved.iter().chain(record.as_ref().or(self.held.as_ref()));
        let mut tokens: VecDeque<SessionRecord> = VecDeque::new();
        for one in newest.filter(|one| one.holds_tokens()) {
            if tokens.iter().all(|other| !other.same_tokens(one)) {
                tokens.push_back(one.clone());
            }
        }
        if self.keeps_offline_access {
            let all = tokens.len();
            tokens.retain(|one| !one.scope.as_ref().is_some_and(is_offline));
            self.has_kept |= tokens.len() < all;
        }
        if record.is_none() && tokens.is_empty() && !self.is_unsure {
            self.state = State::Done(Outcome::Nothing);
            return;
        }
        // What was seen before an answer was lost is not forgotten.
        if !tokens.is_empty() {
            self.tokens = tokens;
        }
        let base =
            record.or_else(|| self.held.clone()).unwrap_or_else(|| SessionRecord::new(&self.client, None));
        let tombstone = match &self.purpose {
            Some(purpose) => purpose.stamp(base.tombstone(now)),
            None => base.tombstone(now),
        };
        // So that the login, should it be written after this, is known for the one that has ended; and so is the one that is there,
        // whose writer may not know it yet.
        let unsaved = self.unsaved.as_ref().filter(|unsaved| !tombstone.same_login(unsaved));
        let tombstone = match unsaved.and_then(|unsaved| unsaved.login.clone()) {
            Some(login) => SessionRecord {
                other_login: tombstone.login.map(String::into_boxed_str),
                login: Some(login),
                ..tombstone
            },
            None => tombstone,
        };
        self.state = State::Write(Box::new(tombstone), version);
    }

    /// The record, or what is left of one that is another's or cannot be read: it is ended too, and nothing of it is
    /// revoked.
    fn read(&self, stored: &Stored) -> SessionRecord {
        let ours = |record: &SessionRecord| {
            record.belongs_to(&self.client)
                && self.purpose.as_ref().is_none_or(|purpose| purpose.require_owner(record).is_ok())
        };
        let record = SessionRecord::from_bytes(&stored.bytes).ok().filter(ours);
        record.unwrap_or_else(|| SessionRecord::replaced(&stored.bytes, &self.client))
    }

    fn later(&mut self, error: StoreError, now: UnixTime) {
        self.state = if self.pause.begin(now) {
            State::Later(error)
        } else {
            State::Done(Outcome::Failed(Error::Store(error)))
        };
    }

    /// Revokes the next of the tokens.
    fn revoke(&mut self, now: UnixTime) {
        while let Some(tokens) = self.tokens.pop_front() {
            if self.client.server().url_of(Endpoint::Revocation).is_none() {
                // That there was one is what is told.
                self.tokens.push_front(tokens);
                break;
            }
            match revocation(&self.client, &tokens) {
                Some(flow) => {
                    self.state = State::Revoke(Box::new(Revoking::new(flow, PATIENCE, (), now)));
                    return;
                }
                None => {
                    self.failure = Some(misuse(
                        "the client cannot authenticate at the revocation_endpoint, so the token was not \
                         revoked there",
                    ));
                }
            }
        }
        self.state = State::Done(Outcome::Ended);
    }

    fn revoked(&mut self, now: UnixTime) {
        if let State::Revoke(revoking) = std::mem::replace(&mut self.state, State::Done(Outcome::Ended)) {
            match revoking.into_result() {
                Ok(()) => self.was_revoked = true,
                Err(error) => self.failure = Some(error),
            }
        }
        self.revoke(now);
    }
}

fn is_offline(scope: &Scope) -> bool {
    scope.iter().any(|token| token == "offline_access")
}

impl fmt::Debug for SessionEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Look => "look",
            State::Write(..) => "write",
            State::Later(_) => "later",
            State::Revoke(_) => "revoke",
            State::Done(_) => "done",
        };
        f.debug_struct("SessionEnd")
            .field("client", &self.client)
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
