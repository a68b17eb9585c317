//! Who is logged in: [`LoggedIn`].

use std::fmt;
use std::sync::Arc;

use valetkey_core::identity::Identity;
use valetkey_core::session::SessionRecord;

use crate::{ApiClient, HttpClient, Tokens};

/// Somebody who is logged in, as [`Sessions::logged_in`](crate::Sessions::logged_in) found them in the store just now.
///
/// Its `Debug` shows nothing about the person.
#[derive(Clone)]
pub struct LoggedIn {
    record: Arc<SessionRecord>,
    http: HttpClient,
    tokens: Tokens,
}

impl LoggedIn {
    pub(crate) const fn new(record: Arc<SessionRecord>, http: HttpClient, tokens: Tokens) -> Self {
        Self { record, http, tokens }
    }

    /// Who it is: by this an account is found. `None` if their tokens came without an ID token.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.record.identity()
    }

    /// Their session at the authorization server, `sid`, if the ID token named one: what
    /// [`FrontChannel`](crate::logout::FrontChannel) compares.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.record.session_id()
    }

    /// What the store has of the session.
    #[must_use]
    pub fn record(&self) -> &SessionRecord {
        &self.record
    }

    /// Their tokens.
    #[must_use]
    pub const fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The client's APIs, called on their behalf.
    #[must_use]
    pub fn api(&self) -> ApiClient {
        ApiClient::over(self.http.clone(), self.tokens.clone())
    }
}

impl fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedIn").field("identity", &self.identity()).finish_non_exhaustive()
    }
}
