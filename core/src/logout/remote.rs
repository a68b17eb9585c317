//! The end of the sessions that a logout token names, in every process: [`RemoteLogout`].
//!
//! ```text
//!  Load the token's mark ──▶ it is there: LO-14
//!    ▼
//!  Load, Replace: the mark for logins that are under way (LO-16) ──▶ somebody wrote since ──▶ Load …
//!    ▼
//!  Find a page of the sessions ──▶ for each: Load, Replace by a tombstone ◀──┐
//!    │        └◀─ another page                                               │ more than a thousand have ended, and there is
//!    ▼                                                                       │ another page
//!  Replace: the mark, once the last has ended ──▶ the server may be answered: has_ended
//!    ▼                                                                       │
//!  Send: the revocations of what was in them ────────────────────────────────┘
//!    ▼
//!  Done
//! ```
//!
//! The store is tried again for half a minute where it fails. If it fails for longer, what has ended by then is revoked all the
//! same, since a tombstone holds no tokens that a second try could revoke; then comes the failure.
//!
//! Longer than most files: it is one state machine, and each of its arms is read beside the others.
//!
//! The tombstones come before the first revocation, so that a thousand sessions end without waiting for a server, and no more tokens than
//! theirs and a page's are in memory at once. A session that is there from before the first page is asked for is on one
//! of them ([`Store::find`](crate::store::Store::find)): a renewal that writes it meanwhile does not move it. One that comes later is
//! of a login that finds the mark.

use std::collections::VecDeque;
use std::time::Duration;
use std::{fmt, mem};

use crate::client::Client;
use crate::ground::error::{Error, misuse};
use crate::ground::time::UnixTime;
use crate::logout::ended::LoggedOut;
use crate::logout::notice::LogoutNotice;
use crate::logout::step::{LogoutAnswer, LogoutStep};
use crate::session::end::SessionEnd;
use crate::session::ended::Ended;
use crate::session::record::SessionRecord;
use crate::session::renewal::pause::Pause;
use crate::session::renewal::step::{RenewalAnswer, RenewalStep};
use crate::store::StoreError;
use crate::store::entry::{Replaced, Stored};
use crate::store::found::Found;
use crate::store::key::{RecordKind, StoreKey};
use crate::store::step::{StoreAnswer, StoreStep};

const RESTLESS: &str = "the mark of the log-out is written again and again: try again";

/// From how many sessions on their tokens are revoked before others end.
const MANY: usize = 1000;

/// Ends the sessions that a [`LogoutNotice`] decides on, wherever they are held: they are found in their store by
/// [what they are found by](crate::logout::indexes_of), and a tombstone is written in the place of each, which no renewal
/// replaces ([a log-out wins](crate::store#a-log-out-wins)). Then their tokens are revoked, but for those that were granted
/// `offline_access` ([LO-7](crate::Rule::Lo7)).
///
/// A login that is under way is not among them yet. It is told by a mark, for a [`LoginUnderWay`](crate::logout::LoginUnderWay) to
/// find ([LO-16](crate::Rule::Lo16)).
///
/// It is stepped as a [`SessionEnd`] is. Once [`has_ended`](Self::has_ended) says so, the server can be
/// answered; what is left are revocations. If it is dropped before, the log-out is as good as not asked for: the server is
/// told that it failed, and sends it again.
///
/// A server that revokes slowly is waited for half a minute from then on, and what is not revoked by that time is left to expire.
/// A record that nobody can read, or that is of another kind or of another client, is left as it is. A process that holds an
/// access token in memory uses it until it looks into the store again, or the token expires.
#[must_use = "the sessions end only when this is stepped"]
pub struct RemoteLogout {
    client: Client,
    notice: LogoutNotice,
    revokes_all: bool,
    state: State,
    pause: Pause,
    /// What it ends with, if it fails: once the tokens of what has ended are revoked.
    failure: Option<Error>,
    /// Whether the mark may have been written without our knowing.
    is_unsure: bool,
    /// What the page has and is still to be looked at.
    found: VecDeque<StoreKey>,
    /// Where the page ended, for the next to begin after; and whether there may be a next one.
    after: Option<StoreKey>,
    has_more: bool,
    /// The sessions that have ended, and whose tokens are to be revoked.
    to_revoke: VecDeque<Box<SessionEnd>>,
    is_marked: bool,
    came: LoggedOut,
}

enum State {
    /// Whether the token was used before.
    Look,
    /// The mark for logins that are under way: what is there?
    LookForMark,
    Announce(Option<Stored>),
    Find,
    Ending(Box<StoreKey>, Box<SessionEnd>),
    Mark,
    /// The store failed at this.
    Later(Box<State>),
    Revoking(Box<SessionEnd>),
    Done,
}

impl RemoteLogout {
    /// Ends those sessions of this client.
    pub fn new(client: &Client, notice: LogoutNotice) -> Self {
        Self {
            client: client.clone(),
            notice,
            revokes_all: false,
            state: State::Look,
            pause: Pause::for_store(),
            failure: None,
            is_unsure: false,
            found: VecDeque::new(),
            after: None,
            has_more: false,
            to_revoke: VecDeque::new(),
            is_marked: false,
            came: LoggedOut::default(),
        }
    }

    /// Revokes the tokens too that were granted `offline_access`, which are meant to outlive the login
    /// ([LO-7](crate::Rule::Lo7)).
    pub fn revoking_offline_access(self) -> Self {
        Self { revokes_all: true, ..self }
    }

    /// Moves it on. `None` asks "what now?" and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the answer is to something that was not asked. Whatever the store says is told by
    /// [`finish`](Self::finish).
    pub fn step(&mut self, answer: Option<LogoutAnswer>, now: UnixTime) -> Result<LogoutStep, Error> {
        if let Some(answer) = answer {
            self.take(answer, now)?;
        }
        loop {
            match &mut self.state {
                State::Look => {
                    let (key, _) = self.notice.used(now);
                    return Ok(LogoutStep::Store(key, StoreStep::Load));
                }
                State::LookForMark => {
                    return Ok(LogoutStep::Store(self.notice.mark_key(), StoreStep::Load));
                }
                State::Announce(there) => {
                    let entry = self.notice.mark(there.as_ref(), now).map_err(Error::Store)?;
                    let expected = there.as_ref().map(|there| there.version.clone());
                    return Ok(LogoutStep::Store(
                        self.notice.mark_key(),
                        StoreStep::Replace { expected, entry },
                    ));
                }
                State::Find => return Ok(LogoutStep::Find(self.notice.index(), self.after.clone())),
                State::Ending(key, end) => match end.step(None, now)? {
                    RenewalStep::Store(step) => return Ok(LogoutStep::Store((**key).clone(), step)),
                    RenewalStep::Wait(time) => return Ok(LogoutStep::Wait(time)),
                    // Its tombstone is there: the rest can wait until the others have theirs.
                    RenewalStep::Send(_) => self.put_off(),
                    RenewalStep::Done => self.settle(),
                },
                State::Mark => {
                    let (key, entry) = self.notice.used(now);
                    return Ok(LogoutStep::Store(key, StoreStep::Replace { expected: None, entry }));
                }
                State::Later(then) => match self.pause.left(now) {
                    Duration::ZERO => self.state = mem::replace(&mut **then, State::Done),
                    left => return Ok(LogoutStep::Wait(left)),
                },
                State::Revoking(end) => match end.step(None, now)? {
                    RenewalStep::Send(request) => return Ok(LogoutStep::Send(request)),
                    RenewalStep::Wait(time) => return Ok(LogoutStep::Wait(time)),
                    RenewalStep::Store(_) | RenewalStep::Done => self.settle(),
                },
                State::Done => return Ok(LogoutStep::Done),
            }
        }
    }

    /// Whether all sessions that were meant have ended, and the token counts as used: the server can be
    /// [answered](crate::logout::accepted).
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.is_marked
    }

    /// What has come of it so far: for a program that answers the server once the sessions [have ended](Self::has_ended), and
    /// has the tokens revoked afterwards.
    #[must_use]
    pub const fn so_far(&self) -> LoggedOut {
        self.came
    }

    /// What came of it. It may be asked once the sessions [have ended](Self::has_ended): what is then not revoked yet, is not.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([LO-14](crate::Rule::Lo14)) if the token was used before; [`Error::Store`] if the store failed:
    /// sessions may go on, and the server is told that the log-out [failed](crate::logout::refused);
    /// [`Error::Unanswered`] if it was not carried so far.
    pub fn finish(self) -> Result<LoggedOut, Error> {
        match self.failure {
            Some(failure) => Err(failure),
            None if self.is_marked => Ok(self.came),
            None => Err(Error::Unanswered),
        }
    }

    fn take(&mut self, answer: LogoutAnswer, now: UnixTime) -> Result<(), Error> {
        match (&mut self.state, answer) {
            (State::Look, LogoutAnswer::Store(StoreAnswer::Loaded(None))) => self.state = State::LookForMark,
            (State::LookForMark, LogoutAnswer::Store(StoreAnswer::Loaded(there))) => {
                self.state = State::Announce(there);
            }
            (State::Announce(_), LogoutAnswer::Store(StoreAnswer::Replaced(Replaced::Conflict))) => {
                self.again(State::LookForMark, StoreError::new(RESTLESS), now);
            }
            // Only now are the sessions looked for: a login that is stored later finds the mark.
            (State::Announce(_), LogoutAnswer::Store(StoreAnswer::Replaced(_))) => {
                self.state = State::Find;
            }
            (State::LookForMark | State::Announce(_), LogoutAnswer::Store(StoreAnswer::Failed(error))) => {
                self.again(State::LookForMark, error, now);
            }
            (State::Look, LogoutAnswer::Store(StoreAnswer::Loaded(Some(_)))) => {
                self.fail(self.notice.used_before());
            }
            // One that may be our own says what we would have said: that all sessions have ended.
            (State::Mark, LogoutAnswer::Store(StoreAnswer::Replaced(Replaced::Conflict)))
                if !self.is_unsure =>
            {
                self.fail(self.notice.used_before());
            }
            (State::Look, LogoutAnswer::Store(StoreAnswer::Failed(error))) => {
                self.again(State::Look, error, now)
            }
            (State::Find, LogoutAnswer::Found(Err(error))) => self.again(State::Find, error, now),
            (State::Mark, LogoutAnswer::Store(StoreAnswer::Failed(error))) => {
                self.is_unsure = true;
                self.again(State::Mark, error, now);
            }
            (State::Find, LogoutAnswer::Found(Ok(found))) => self.found(found),
            (State::Ending(..), LogoutAnswer::Store(StoreAnswer::Loaded(Some(stored))))
                if SessionRecord::from_bytes(&stored.bytes).is_err() =>
            {
                // Whose it is cannot be known, and it logs nobody in.
                self.came.unreadable += 1;
                self.next();
            }
            (State::Ending(_, end), LogoutAnswer::Store(answer)) => {
                let _ = end.step(Some(RenewalAnswer::Store(answer)), now)?;
            }
            (State::Mark, LogoutAnswer::Store(StoreAnswer::Replaced(_))) => {
                self.is_marked = true;
                self.revoke();
            }
            (State::Revoking(end), LogoutAnswer::Response(response)) => {
                let _ = end.step(Some(RenewalAnswer::Response(response)), now)?;
            }
            (State::Revoking(end), LogoutAnswer::NoResponse) => {
                let _ = end.step(Some(RenewalAnswer::NoResponse), now)?;
            }
            _ => return Err(misuse("the answer is not to the last step of the log-out")),
        }
        Ok(())
    }

    fn found(&mut self, found: Found) {
        let rest = match found.rest_after(self.after.as_ref()) {
            Ok(rest) => rest,
            // Asked again and again it would end nothing, and what is behind the page is never seen.
            Err(error) => return self.fail(Error::Store(error)),
        };
        self.has_more = rest.is_some();
        self.after = rest;
        self.found = found.keys.into_iter().filter(|key| key.kind() == RecordKind::Session).collect();
        self.next();
    }

    /// Tries it once more after a while, if there is patience left.
    fn again(&mut self, then: State, error: StoreError, now: UnixTime) {
        if self.pause.begin(now) {
            self.state = State::Later(Box::new(then));
        } else {
            self.fail(Error::Store(error));
        }
    }

    /// It ends with this, after the revocations of what has ended.
    fn fail(&mut self, failure: Error) {
        self.failure = Some(failure);
        self.revoke();
    }

    /// The next session, or what comes after the last.
    fn next(&mut self) {
        self.state = match self.found.pop_front() {
            Some(key) => {
                let notice = self.notice.clone();
                let end = SessionEnd::of(&self.client).only(move |record| notice.ends_record(record));
                let end = if self.revokes_all { end } else { end.keeping_offline_access() };
                State::Ending(Box::new(key), Box::new(end))
            }
            None if self.has_more && self.to_revoke.len() >= MANY => return self.revoke(),
            None if self.has_more => State::Find,
            None => State::Mark,
        };
    }

    /// What has ended is revoked later.
    fn put_off(&mut self) {
        if let State::Ending(_, end) = mem::replace(&mut self.state, State::Find) {
            self.came.ended += 1;
            self.to_revoke.push_back(end);
        }
        self.next();
    }

    /// The next revocation, or what comes after the last.
    fn revoke(&mut self) {
        self.state = match self.to_revoke.pop_front() {
            Some(end) => State::Revoking(end),
            None if self.is_marked || self.failure.is_some() => State::Done,
            None => State::Find,
        };
    }

    /// A session's end has come to its own.
    fn settle(&mut self) {
        match mem::replace(&mut self.state, State::Find) {
            State::Ending(_, end) => match end.finish() {
                Ok(Ended::Nothing) => self.next(),
                Ok(_) => {
                    self.came.ended += 1;
                    self.next();
                }
                // The store has failed for as long as anybody waits: the others would not fare better.
                Err(error) => self.fail(error),
            },
            State::Revoking(end) => {
                self.came.revoked += usize::from(matches!(end.finish(), Ok(Ended::Revoked)));
                self.revoke();
            }
            other => self.state = other,
        }
    }
}

impl fmt::Debug for RemoteLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Look => "look",
            State::LookForMark | State::Announce(_) => "announce",
            State::Find => "find",
            State::Ending(..) => "ending",
            State::Mark => "mark",
            State::Revoking(..) => "revoking",
            State::Later(_) => "later",
            State::Done => "done",
        };
        f.debug_struct("RemoteLogout")
            .field("client", &self.client)
            .field("notice", &self.notice)
            .field("state", &state)
            .field("came", &self.came)
            .finish_non_exhaustive()
    }
}
