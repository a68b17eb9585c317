//! What waits for the browser's return after a log-out: [`PendingLogout`] ([LO-6](crate::Rule::Lo6)).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ground::error::{Error, response_refused};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::logout::response::LogoutResponse;
use crate::store::entry::{Entry, StoredBytes};
use crate::store::key::StoreKey;
use crate::store::{AsyncStore, Store, StoreError};
use crate::terms::secret::{State, exposed};
use crate::wire::received_form::Form;
use crate::wire::version::Version;

/// What the program keeps while the person is at the server to log out: it says whether their return is the answer.
///
/// Nothing hangs on it. The program's own session has ended before the browser went, and stays ended, whatever comes back
/// or does not ([LO-6](crate::Rule::Lo6)).
///
/// A web application puts it [into a store](Self::put_in), or writes it elsewhere under its [`state`](Self::state): it
/// serializes. The JSON form is versioned and has the members `version` (1), `post_logout_redirect_uri`,
/// `state`, `expires_at` (milliseconds since 1970).
#[derive(Serialize, Deserialize)]
pub struct PendingLogout {
    version: Version,
    post_logout_redirect_uri: String,
    #[serde(with = "exposed")]
    state: State,
    expires_at: UnixTime,
}

impl PendingLogout {
    pub(super) fn new(uri: &str, state: State, expires_at: UnixTime) -> Self {
        Self { version: Version, post_logout_redirect_uri: uri.to_owned(), state, expires_at }
    }

    /// Confirms that the browser's return is the answer to this log-out. It is used up by that.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([LO-6](crate::Rule::Lo6)) if it came elsewhere than where it was told to, without its `state`, with
    /// another, with several, or more than an hour later. The return is then unconfirmed, and no more than that: whether the
    /// login at the server has ended is not known, and the log-out here stands.
    pub fn confirm(self, response: &LogoutResponse, now: UnixTime) -> Result<(), Error> {
        let no = |what: &'static str| Err(response_refused(Rule::Lo6, what));
        if now >= self.expires_at {
            return no("the browser came back from the log-out too late to say which one it was");
        }
        let uri = self.post_logout_redirect_uri.as_str();
        let (base, own) = uri.split_once('?').map_or((uri, ""), |(base, own)| (base, own));
        if response.base() != base {
            return no("the browser came back from the log-out to another place than it was told to");
        }
        let (Some(own), Some(parameters)) = (Form::read(own), response.parameters()) else {
            return no("a parameter of the return from the log-out comes twice, or there are too many");
        };
        if !own.are_within(&parameters) {
            return no("the browser came back from the log-out without what its address had in its query");
        }
        match parameters.get("state") {
            Some(state) if self.state.matches(state) => Ok(()),
            Some(_) => no("state of the return from the log-out is another than was sent"),
            None => no("the return from the log-out has no state, so that it may be the answer to another"),
        }
    }

    /// `state`, under which a web application may store this value.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.expose()
    }

    /// Where the browser is to come back.
    #[must_use]
    pub fn return_to(&self) -> &str {
        &self.post_logout_redirect_uri
    }

    /// Until when a return is confirmed.
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// Puts it into a store under its `state`, for as long as it is of use.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store failed.
    pub fn put_in(self, store: &dyn Store, now: UnixTime) -> Result<(), Error> {
        let (key, entry) = self.entry(now)?;
        store.insert_if_absent(&key, &entry).map(drop).map_err(Error::Store)
    }

    /// The same for a store for tasks.
    ///
    /// # Errors
    ///
    /// As for [`put_in`](Self::put_in).
    pub async fn put_in_async(self, store: &dyn AsyncStore, now: UnixTime) -> Result<(), Error> {
        let (key, entry) = self.entry(now)?;
        store.insert_if_absent(&key, &entry).await.map(drop).map_err(Error::Store)
    }

    /// Takes the one that a return claims to answer out of a store, for [`confirm`](Self::confirm). `None` if none waits, or it
    /// was answered before.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store failed, or holds something else there.
    pub fn take_from(store: &dyn Store, response: &LogoutResponse) -> Result<Option<Self>, Error> {
        let Some(state) = response.state() else { return Ok(None) };
        read(store.take(&key(&state)).map_err(Error::Store)?)
    }

    /// The same for a store for tasks.
    ///
    /// # Errors
    ///
    /// As for [`take_from`](Self::take_from).
    pub async fn take_from_async(
        store: &dyn AsyncStore,
        response: &LogoutResponse,
    ) -> Result<Option<Self>, Error> {
        let Some(state) = response.state() else { return Ok(None) };
        read(store.take(&key(&state)).await.map_err(Error::Store)?)
    }

    fn entry(&self, now: UnixTime) -> Result<(StoreKey, Entry), Error> {
        let bytes = serde_json::to_vec(self)
            .map_err(|_| Error::Store(StoreError::new("a pending log-out cannot be written")))?;
        let entry = Entry::new(StoredBytes::new(bytes)).kept_for(self.expires_at.since(now), now);
        Ok((key(self.state()), entry))
    }
}

/// Apart from the pending authorizations: by a `state` of one of these, which somebody may have seen, no login is taken away.
fn key(state: &str) -> StoreKey {
    StoreKey::of_pending(&format!("log-out {state}"))
}

fn read(taken: Option<StoredBytes>) -> Result<Option<PendingLogout>, Error> {
    let Some(bytes) = taken else { return Ok(None) };
    // serde_json's message may quote the input.
    serde_json::from_slice(bytes.expose()).map(Some).map_err(|_| {
        Error::Store(StoreError::new("the stored record is not a pending log-out that can be read"))
    })
}

impl fmt::Debug for PendingLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogout")
            .field("return_to", &self.post_logout_redirect_uri)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
