//! What a logout token decides: [`LogoutNotice`], and by what a login is found: [`indexes_of`].

use std::fmt;

use crate::ground::error::{Error, malformed};
use crate::ground::quirk::Quirks;
use crate::ground::rule::{Checks, Rule};
use crate::ground::short::Short;
use crate::ground::time::UnixTime;
use crate::identity::login::{Identity, Login};
use crate::session::record::SessionRecord;
use crate::store::entry::{Entry, StoredBytes};
use crate::store::index::Index;
use crate::store::key::StoreKey;

/// By what a login is found when its server says that it has ended ([LO-19](crate::Rule::Lo19)): whose it is, and its session at
/// the server, where the ID token names one. For [`Session::with_indexes`](crate::Session::with_indexes).
///
/// ```
/// use valetkey_core::logout::indexes_of;
/// use valetkey_core::{Client, Session, TokenResponse};
///
/// fn session(client: &Client, tokens: &TokenResponse) -> Session {
///     let indexes = tokens.login().map(indexes_of).unwrap_or_default();
///     Session::from_tokens(client, tokens).with_indexes(indexes)
/// }
/// # let _ = session;
/// ```
#[must_use]
pub fn indexes_of(login: &Login) -> Vec<Index> {
    let issuer = login.identity().issuer();
    let user = Index::of_user(issuer, login.identity().subject());
    let at = login.session_id().map(|session_id| Index::of_login(issuer, session_id));
    [user].into_iter().chain(at).collect()
}

/// The server has said that a login ended there; nothing but a verified logout token makes one. It decides which sessions end
/// ([LO-15](crate::Rule::Lo15)):
///
/// | the token names | what ends |
/// |---|---|
/// | `sid` | the sessions of that login |
/// | `sub` | all sessions of that person |
/// | both | the sessions of that login, if they are that person's |
///
/// A [`RemoteLogout`](crate::logout::RemoteLogout) ends those that are kept in a store of this library's. A program with sessions of its own ends them by
/// [`ends`](Self::ends), and remembers which tokens it has [used](Self::used).
///
/// Its `Debug` shows nothing about the person.
#[derive(Clone)]
pub struct LogoutNotice {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) subject: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) jti: String,
    pub(super) issued_at: UnixTime,
    pub(super) used_until: UnixTime,
    pub(super) checks: Checks,
    pub(super) quirks: Quirks,
}

impl LogoutNotice {
    /// The issuer, as in the [`Identity`] of those who logged in there.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whose login it is, `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Which login it is, `sid`.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// The token's own identifier, `jti`.
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.jti
    }

    /// When the token was issued, `iat`.
    #[must_use]
    pub const fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// The checks that the token passed.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.checks
    }

    /// What was admitted of the token that departs from the specification.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// By what the sessions are looked up. There may be more among those that are found: [`ends`](Self::ends) tells.
    #[must_use]
    pub fn index(&self) -> Index {
        match &self.session_id {
            Some(session_id) => Index::of_login(&self.issuer, session_id),
            None => Index::of_user(&self.issuer, self.subject.as_deref().unwrap_or_default()),
        }
    }

    /// Whether the session ends that this person has by the login with this `sid`.
    #[must_use]
    pub fn ends(&self, identity: &Identity, session_id: Option<&str>) -> bool {
        identity.issuer() == self.issuer
            && self.subject.as_deref().is_none_or(|subject| subject == identity.subject())
            && self.session_id.as_deref().is_none_or(|own| session_id == Some(own))
    }

    pub(super) fn ends_record(&self, record: &SessionRecord) -> bool {
        record.identity().is_some_and(|identity| self.ends(identity, record.session_id()))
    }

    /// The mark that the token was used, for a store that all processes share ([LO-14](crate::Rule::Lo14)). It is written by
    /// [`insert_if_absent`](crate::store::Store::insert_if_absent) when all sessions that are meant have ended, and not before: where that
    /// fails, the server is told so and may send the token again. A token whose mark is there already is
    /// [refused](Self::used_before). Each client has marks of its own: a token may be for several, each of which ends its own
    /// sessions.
    #[must_use]
    pub fn used(&self, now: UnixTime) -> (StoreKey, Entry) {
        let key = StoreKey::of_mark(&["logout token", &self.issuer, &self.client_id, &self.jti]);
        let entry = Entry::new(StoredBytes::new(b"used".to_vec()));
        (key, entry.kept_for(self.used_until.since(now), now))
    }

    /// What is said of a token that was used before ([LO-14](crate::Rule::Lo14)).
    #[must_use]
    pub fn used_before(&self) -> Error {
        malformed(Rule::Lo14, "the logout token was used before")
    }
}

impl fmt::Debug for LogoutNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutNotice")
            .field("issuer", &Short(&self.issuer))
            .field("has_subject", &self.subject.is_some())
            .field("has_session_id", &self.session_id.is_some())
            .field("issued_at", &self.issued_at)
            .finish_non_exhaustive()
    }
}
