//! The tokens that a run holds and has held: [`Held`].

use valetkey_core::{Session, UnixTime};

/// An access token, and the refresh token that was held beside it.
#[derive(Clone)]
pub struct Held {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// When it came.
    pub since: UnixTime,
    /// When it expires; none if it does not, or nobody said.
    pub expires_at: Option<UnixTime>,
    /// What it is for.
    pub scope: Option<String>,
}

impl Held {
    pub(crate) fn of(session: &Session, now: UnixTime) -> Option<Self> {
        let credential = session.credential()?;
        Some(Self {
            access_token: credential.access_token().expose().to_owned(),
            refresh_token: session.refresh_token().map(|token| token.expose().to_owned()),
            since: now,
            expires_at: credential.expires_at(),
            scope: session.scope().map(|scope| scope.as_str().to_owned()),
        })
    }
}

/// Without the tokens.
impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held")
            .field("since", &self.since)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
