//! What one API request is authorized with: [`Credential`], and when it is to be renewed: [`Margin`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

use crate::error::{Error, misuse};
use crate::secret::AccessToken;
use crate::{Request, UnixTime};

/// An access token, ready for use: its header is prepared once. A clone is a counted pointer.
#[derive(Clone)]
pub struct Credential(Arc<Prepared>);

struct Prepared {
    token: AccessToken,
    header: HeaderValue,
    /// Good until then without a thought; later it is time to renew it.
    fresh_until: Option<UnixTime>,
    expires_at: Option<UnixTime>,
    generation: u64,
}

impl Credential {
    pub(crate) fn new(
        token: AccessToken,
        expires_at: Option<UnixTime>,
        fresh_until: Option<UnixTime>,
        generation: u64,
    ) -> Result<Self, Error> {
        let value = Zeroizing::new(format!("Bearer {}", token.expose()));
        let mut header =
            HeaderValue::from_str(&value).map_err(|_| misuse("an access token does not fit a header"))?;
        header.set_sensitive(true);
        Ok(Self(Arc::new(Prepared { token, header, fresh_until, expires_at, generation })))
    }

    /// Whether it is good at `now` and not yet within its [`Margin`]: nothing needs to be done before using it.
    #[must_use]
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        self.0.fresh_until.is_none_or(|time| now < time)
    }

    /// Whether it has not expired at `now`.
    #[must_use]
    pub fn is_valid(&self, now: UnixTime) -> bool {
        self.0.expires_at.is_none_or(|time| now < time)
    }

    /// When it expires; none if it does not, or the server did not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.0.expires_at
    }

    /// The access token.
    #[must_use]
    pub fn access_token(&self) -> &AccessToken {
        &self.0.token
    }

    pub(crate) fn fresh_until(&self) -> Option<UnixTime> {
        self.0.fresh_until
    }

    /// Which one it is of its session, so that a refused one is not taken for a newer one.
    pub(crate) fn generation(&self) -> u64 {
        self.0.generation
    }

    /// Puts the token into the request's `Authorization` (RFC 6750 §2.1), marked as sensitive.
    pub(crate) fn sign(&self, request: &mut Request) {
        request.headers_mut().insert(AUTHORIZATION, self.0.header.clone());
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("expires_at", &self.0.expires_at).finish_non_exhaustive()
    }
}

/// How long before its expiry a token is renewed: a fixed time, or a tenth of the token's lifetime if that is less,
/// so that a token of 600 seconds is not renewed on every call.
///
/// The default is 60 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin(Duration);

impl Margin {
    /// At most this long.
    #[must_use]
    pub const fn of(time: Duration) -> Self {
        Self(time)
    }

    /// When a token that was asked for at `from` and expires at `expiry` is to be renewed.
    pub(crate) fn before(self, from: UnixTime, expiry: UnixTime) -> UnixTime {
        expiry.before(self.0.min(expiry.since(from) / 10))
    }
}

impl Default for Margin {
    fn default() -> Self {
        Self(Duration::from_secs(60))
    }
}
