//! When a token is to be renewed: [`Margin`].

use std::time::Duration;

use crate::ground::time::UnixTime;

/// How long before its expiry a token is renewed: a fixed time, or a tenth of the token's lifetime if that is less,
/// so that a token of 600 seconds is not renewed on every call.
///
/// The default is what is known of the server
/// ([`AuthorizationServer::renewed_before_expiry`](crate::AuthorizationServer::renewed_before_expiry)), else 60 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin(Duration);

impl Margin {
    /// At most this long.
    #[must_use]
    pub const fn of(time: Duration) -> Self {
        Self(time)
    }

    /// When a token that was asked for at `from` and expires at `expiry` is to be renewed. `spread`, of a thousand, makes
    /// the margin up to a quarter longer, so that programs which share a token do not all renew it at once.
    pub(crate) fn fresh_until(
        self,
        from: Option<UnixTime>,
        expiry: Option<UnixTime>,
        spread: u16,
    ) -> Option<UnixTime> {
        let expiry = expiry?;
        let lifetime = from.map_or(Duration::MAX, |from| expiry.since(from));
        let margin = self.0.min(lifetime / 10);
        Some(expiry.before(margin.saturating_add(margin / 4000 * u32::from(spread.min(1000)))))
    }
}

impl Default for Margin {
    fn default() -> Self {
        Self(Duration::from_secs(60))
    }
}
