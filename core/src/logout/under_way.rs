//! A log-out and a login that is under way when it comes: [`LoginUnderWay`] ([LO-16](crate::Rule::Lo16)).
//!
//! ```text
//!  login     the session is stored ─────────▶ the marks are looked at ──▶ one concerns it: it ends again
//!  log-out   a mark is written ─────────────▶ the sessions are looked for
//! ```
//!
//! Each writes first and looks afterwards. Whichever of the two writes comes later in the store, its writer's look comes later
//! still, and finds what the other has written. So it holds for a token with `sid` and for one with `sub` alone, in
//! whatever process each of them runs, and needs nothing of the store but what it promises anyway.
//!
//! A process that dies between the two steps of a login has told nobody the session's name yet.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::ground::error::{Error, ended};
use crate::ground::time::UnixTime;
use crate::logout::notice::LogoutNotice;
use crate::store::StoreError;
use crate::store::entry::{Entry, Stored, StoredBytes};
use crate::store::key::StoreKey;
use crate::token::response::TokenResponse;

/// How long a mark is kept: more than the longest time between a token request and the storing of what it brought, with all
/// that a network and a store are waited for.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// How far apart the clocks of two computers are at most.
const A_MINUTE: Duration = Duration::from_secs(60);

/// A login whose session was just stored: did a log-out come meanwhile, which could not find it? The adapters' `Sessions` ask
/// this at each login; it is for a program that stores sessions by itself.
///
/// Look at the marks under all of its [`keys`](Self::keys) **after** the session is in the store, and ask
/// [`require_going_on`](Self::require_going_on) of each. If one says that it has ended, [end](crate::Session::end) the session and log
/// nobody in.
///
/// A log-out concerns a login whose ID token is older than the logout token, by the server's clock, or whose tokens were asked for
/// before the log-out came, by our own. So who logs in anew after it stays logged in. Marks are kept for an hour: tokens that
/// a program keeps for longer before it stores them are not looked after.
#[derive(Clone)]
pub struct LoginUnderWay {
    keys: Vec<StoreKey>,
    issued_at: UnixTime,
    asked_at: UnixTime,
}

impl LoginUnderWay {
    /// The login that brought these tokens; `None` if they came without an ID token, so that no log-out can name it.
    #[must_use]
    pub fn of(client: &Client, tokens: &TokenResponse) -> Option<Self> {
        let login = tokens.login()?;
        let (issuer, subject) = (login.identity().issuer(), login.identity().subject());
        let key = |session_id, subject| mark_of(issuer, client.id(), session_id, subject);
        let mut keys = vec![key(None, Some(subject))];
        if let Some(session_id) = login.session_id() {
            keys.extend([key(Some(session_id), None), key(Some(session_id), Some(subject))]);
        }
        Some(Self { keys, issued_at: login.issued_at(), asked_at: tokens.issued_at() })
    }

    /// Where the marks of log-outs are that may concern it.
    #[must_use]
    pub fn keys(&self) -> &[StoreKey] {
        &self.keys
    }

    /// Refuses a login that a log-out has ended, by what the store has under one of its keys.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] ([`Ended`](crate::error::Cause::Ended)) if it has ended; [`Error::Store`] if the mark
    /// cannot be read: it is not known then.
    pub fn require_going_on(&self, mark: Option<&Stored>) -> Result<(), Error> {
        let Some(stored) = mark else { return Ok(()) };
        let mark = Mark::read(stored).map_err(Error::Store)?;
        // The server's times are whole seconds: in the same one somebody may have logged in anew, and our own clock decides.
        if self.issued_at < mark.issued_at || self.asked_at <= mark.came_at { Err(ended()) } else { Ok(()) }
    }
}

/// Says nothing about the person.
impl fmt::Debug for LoginUnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginUnderWay")
            .field("issued_at", &self.issued_at)
            .field("asked_at", &self.asked_at)
            .finish_non_exhaustive()
    }
}

/// That such logins have ended: of several log-outs the latest counts.
#[derive(Serialize, Deserialize)]
struct Mark {
    /// The logout token's `iat`, by the server's clock.
    issued_at: UnixTime,
    /// When it came here.
    came_at: UnixTime,
}

impl Mark {
    fn read(stored: &Stored) -> Result<Self, StoreError> {
        serde_json::from_slice(stored.bytes.expose())
            .map_err(|_| StoreError::new("the mark of a log-out cannot be read"))
    }
}

impl LogoutNotice {
    /// Where logins that are under way look for this log-out. Its key has what the token names and no more, so that a `sid` with
    /// a `sub` concerns no other person's login.
    pub(super) fn mark_key(&self) -> StoreKey {
        mark_of(&self.issuer, &self.client_id, self.session_id.as_deref(), self.subject.as_deref())
    }

    /// What they find there, in the place of what there is.
    pub(super) fn mark(&self, there: Option<&Stored>, now: UnixTime) -> Result<Entry, StoreError> {
        // One that nobody can read concerns no login any more than the new one does.
        let there = there.and_then(|stored| Mark::read(stored).ok());
        let latest =
            |ours: UnixTime, theirs: Option<UnixTime>| theirs.map_or(ours, |theirs| ours.max(theirs));
        let mark = Mark {
            issued_at: latest(self.issued_at, there.as_ref().map(|mark| mark.issued_at)),
            // A computer whose clock is ahead would refuse the person's logins until then.
            came_at: latest(now, there.map(|mark| mark.came_at).filter(|at| *at <= now.after(A_MINUTE))),
        };
        let bytes = serde_json::to_vec(&mark)
            .map_err(|_| StoreError::new("the mark of a log-out cannot be written as a record"))?;
        Ok(Entry::new(StoredBytes::new(bytes)).kept_for(KEPT, now))
    }
}

fn mark_of(issuer: &str, client_id: &str, session_id: Option<&str>, subject: Option<&str>) -> StoreKey {
    // What is absent differs from whatever is present.
    let named = match (session_id, subject) {
        (Some(_), Some(_)) => "sid and sub",
        (Some(_), None) => "sid",
        (None, _) => "sub",
    };
    let (session_id, subject) = (session_id.unwrap_or_default(), subject.unwrap_or_default());
    StoreKey::of_mark(&["login ended", named, issuer, client_id, session_id, subject])
}
