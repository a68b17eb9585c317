//! How far a server's clock may be from ours.

use std::time::Duration;

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::server::AuthorizationServer;

/// How far a server's clock may be from ours, usually and at most ([ID-32](crate::Rule::Id32)).
const USUAL_SKEW: Duration = Duration::from_secs(60);
const MOST_SKEW: Duration = Duration::from_secs(5 * 60);

impl AuthorizationServer {
    /// How far the server's clock may be from ours, in either direction: one minute by default. It counts for whatever the server
    /// signs and dates: ID tokens, UserInfo, authorization responses, introspections.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ID-32](crate::Rule::Id32)) if it is more than five minutes: set the clocks right instead.
    pub fn clock_skew(mut self, skew: Duration) -> Result<Self, Error> {
        if skew > MOST_SKEW {
            let what = "a skew of clocks of more than five minutes lets in what has long expired: set the clocks right";
            return Err(misuse_of(Rule::Id32, what));
        }
        self.skew = Some(skew);
        Ok(self)
    }

    pub(crate) fn skew(&self) -> Duration {
        self.skew.unwrap_or(USUAL_SKEW)
    }
}
